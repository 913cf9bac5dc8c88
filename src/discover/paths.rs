//! Paths as reports print them, and the folders a run belongs to.

use std::path::{Component, Path, PathBuf};

/// `path` relative to `base`, with `/`. Both are absolute; nothing is looked up on disk.
#[must_use]
pub fn relative(path: &Path, base: &Path) -> String {
    let path = normalised(path);
    let base = normalised(base);
    let common = path.iter().zip(&base).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return path.join("/");
    }
    let up = base[common..].iter().map(|_| "..".to_owned());
    let parts: Vec<String> = up.chain(path[common..].iter().cloned()).collect();
    if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    }
}

/// `path`, which is absolute or starts in `base`, as an absolute one with `/`. Nothing is looked up
/// on disk.
#[must_use]
pub fn absolute(path: &str, base: &Path) -> String {
    normalised(&base.join(path)).join("/")
}

/// Whether `path` is `folder` or lies below it. Both are absolute; nothing is looked up on disk.
#[must_use]
pub fn is_within(path: &Path, folder: &Path) -> bool {
    normalised(path).starts_with(&normalised(folder))
}

/// The components of a path, without `.` and with `..` taken back.
fn normalised(path: &Path) -> Vec<String> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                parts.pop();
            }
            Component::RootDir => parts.push(String::new()),
            Component::Prefix(prefix) => {
                parts.push(prefix.as_os_str().to_string_lossy().into_owned());
            }
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
        }
    }
    parts
}

/// A path without `.` and with `..` taken back. Nothing is looked up on disk.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// How files of a run are called as seen from another folder than the working directory.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Viewpoint {
    working_directory: PathBuf,
    folder: PathBuf,
    /// What leads from the folder to the working directory, where that lies in it.
    inside: Option<String>,
}

impl Viewpoint {
    /// Files with paths relative to `working_directory`, seen from `folder`; both are absolute.
    #[must_use]
    pub fn new(working_directory: &Path, folder: &Path) -> Self {
        let (working_directory, folder) = (plain(working_directory), plain(folder));
        let inside = match relative(&working_directory, &folder) {
            way if way.starts_with("..") || !is_within(&working_directory, &folder) => None,
            way if way.is_empty() || way == "." => Some(String::new()),
            way => Some(way + "/"),
        };
        Viewpoint {
            working_directory,
            folder,
            inside,
        }
    }

    /// The name of a file from there.
    #[must_use]
    pub fn name(&self, path: &str) -> String {
        match &self.inside {
            Some(inside) if !path.contains("..") && !Path::new(path).is_absolute() => {
                format!("{inside}{path}")
            }
            _ => relative(&self.working_directory.join(path), &self.folder),
        }
    }
}

/// The name of settings files.
pub const SETTINGS_FILE: &str = ".vmlint.yaml";

/// A folder that a run can belong to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    /// The one with `.vmlint.yaml`.
    Settings,
    /// The one with `.git`.
    Git,
}

/// The nearest folder from `from` upward that is such a root. The search for settings ends at the
/// root of the git repository.
#[must_use]
pub fn above(from: &Path, root: Root) -> Option<PathBuf> {
    for folder in from.ancestors() {
        let git = folder.join(".git").exists();
        let found = match root {
            Root::Settings => folder.join(SETTINGS_FILE).is_file(),
            Root::Git => git,
        };
        if found {
            return Some(folder.to_owned());
        }
        if git {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Viewpoint, absolute, is_within, plain, relative};
    use std::path::Path;

    #[test]
    fn paths_are_printed_relative_to_the_working_directory() {
        let show = |path| relative(Path::new(path), Path::new("/repo/sub"));
        assert_eq!(show("/repo/sub/a/b.yaml"), "a/b.yaml");
        assert_eq!(show("/repo/sub/./a/../b.yaml"), "b.yaml");
        assert_eq!(show("/repo/c.yaml"), "../c.yaml");
        assert_eq!(show("/repo/sub"), ".");
        assert_eq!(show("/elsewhere/c.yaml"), "../../elsewhere/c.yaml");
        let whole = |path| absolute(path, Path::new("/repo/sub"));
        assert_eq!(whole("../c.yaml"), "/repo/c.yaml");
        assert_eq!(whole("/c.yaml"), "/c.yaml");
    }

    #[test]
    fn a_folder_holds_what_is_below_it_however_it_is_written() {
        let within = |path: &str, folder: &str| is_within(Path::new(path), Path::new(folder));
        assert!(within("/repo/sub/a.yaml", "/repo/sub/."));
        assert!(within("/repo/sub/a.yaml", "/repo/sub/.."));
        assert!(within("/repo/sub/../a.yaml", "/repo/a.yaml"));
        assert!(!within("/repo/sub/../a.yaml", "/repo/sub"));
        assert!(!within("/repo/subway/a.yaml", "/repo/sub"));
    }

    #[test]
    fn files_are_seen_from_another_folder() {
        let seen = |folder: &str, path: &str| {
            Viewpoint::new(Path::new("/repo/sub"), Path::new(folder)).name(path)
        };
        assert_eq!(seen("/repo", "a/b.yaml"), "sub/a/b.yaml");
        assert_eq!(seen("/repo/", "../c.yaml"), "c.yaml");
        assert_eq!(seen("/repo/sub", "a/b.yaml"), "a/b.yaml");
        assert_eq!(seen("/repo/sub", "../sub/a.yaml"), "a.yaml");
        assert_eq!(seen("/repo/sub/a", "b.yaml"), "../b.yaml");
        assert_eq!(plain(Path::new("/a/./b/../c")), Path::new("/a/c"));
    }
}
