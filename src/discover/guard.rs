//! What in a tree is not to be followed or read: links out of the repository, and lists of ignored
//! files that are none.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Root, above, plain};

/// The largest `.gitignore` that is read: 1 MiB.
pub const MAX_IGNORE_BYTES: u64 = 1 << 20;

/// The name of lists of ignored files.
const IGNORE_FILE: &str = ".gitignore";

/// Whether a path lies in a git repository by its name, but what it leads to, or would be written to
/// by it, does not. Whoever proposes a change to a repository could otherwise have files of the
/// machine read, or written.
#[must_use]
pub fn leads_out(path: &Path) -> bool {
    let named = plain(path);
    let Some(folder) = named.parent() else {
        return false;
    };
    let mut roots = repositories(folder);
    let real = fs::canonicalize(folder);
    roots.extend(real.iter().flat_map(|real| repositories(real)));
    if roots.is_empty() {
        return false;
    }
    let within = |target: PathBuf| roots.iter().all(|root| target.starts_with(root));
    match fs::canonicalize(path) {
        Ok(target) => !within(target),
        Err(_) if path.is_symlink() => true,
        Err(_) => {
            let mut above = path.ancestors().skip(1);
            let nearest = above.find_map(|folder| fs::canonicalize(folder).ok());
            !nearest.is_some_and(within)
        }
    }
}

/// The repositories that a folder lies in by its name, with links in their own names followed.
fn repositories(folder: &Path) -> Vec<PathBuf> {
    let nearest = |folder: &Path| above(folder, Root::Git);
    let roots = std::iter::successors(nearest(folder), |root| nearest(root.parent()?));
    roots
        .filter_map(|root| fs::canonicalize(root).ok())
        .collect()
}

/// The same for a folder that is named, whose own list counts and those of all folders above it.
pub(super) fn bad_ignore_files_around(folder: &Path) -> Option<(PathBuf, String)> {
    let above = || {
        let real = fs::canonicalize(folder).ok()?;
        real.ancestors().skip(1).find_map(bad_ignore_file)
    };
    bad_ignore_file(folder).or_else(above)
}

/// What is wrong with the list of ignored files of a folder, so that nothing below it can be read:
/// a device never ends, and what is very large is no list.
pub(super) fn bad_ignore_file(folder: &Path) -> Option<(PathBuf, String)> {
    let file = folder.join(IGNORE_FILE);
    let metadata = fs::metadata(&file).ok()?;
    let reason = match metadata.len() {
        _ if metadata.is_dir() => return None,
        _ if !metadata.is_file() => "it is not a regular file",
        _ if file.is_symlink() && leads_out(&file) => "it is a link out of the repository",
        0..=MAX_IGNORE_BYTES => return None,
        _ => "it is larger than 1 MiB",
    };
    Some((file, format!("{reason}, so nothing below its folder is")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_out_of_a_repository_are_told_from_others() {
        let temp = tempfile::tempdir().unwrap();
        let (inside, outside) = (temp.path().join("in"), temp.path().join("out"));
        for folder in [&inside, &outside, &inside.join(".git"), &inside.join("sub")] {
            fs::create_dir_all(folder).unwrap();
            fs::write(folder.join("a.yaml"), "a: 1\n").unwrap();
        }
        symlink(outside.join("a.yaml"), inside.join("file.yaml")).unwrap();
        symlink(outside.join("new.yaml"), inside.join("dangling.yaml")).unwrap();
        symlink(&outside, inside.join("sub/folder")).unwrap();
        symlink(inside.join("a.yaml"), inside.join("sub/near.yaml")).unwrap();
        symlink(&inside, outside.join("back")).unwrap();
        for out in [
            "file.yaml",
            "dangling.yaml",
            "sub/folder",
            "sub/folder/new.yaml",
        ] {
            assert!(leads_out(&inside.join(out)), "{out}");
        }
        for within in ["a.yaml", "sub/near.yaml", "sub/new.yaml", "sub", "."] {
            assert!(!leads_out(&inside.join(within)), "{within}");
        }
        assert!(!leads_out(&outside.join("a.yaml")));
        assert!(!leads_out(&outside.join("back/a.yaml")));
    }
}
