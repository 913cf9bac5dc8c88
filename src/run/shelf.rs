//! Where settings, rule packs and baselines are read from.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::discover::{is_within, leads_out};
use crate::source::read_file;

/// A place for files that say how to lint. Paths are absolute.
pub(super) trait Shelf {
    /// The bytes of a file: all of them, or one more than what any reader takes.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// All files below a folder by name, or the file of that name.
    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// The disk.
#[derive(Default)]
pub(super) struct Disk {
    /// The folder out of which no link may lead; without one, each path has to stay in the
    /// repositories that it lies in by its name.
    pub(super) boundary: Option<PathBuf>,
}

impl Disk {
    fn guard(&self, path: &Path) -> io::Result<()> {
        let stays = match &self.boundary {
            Some(boundary) => is_within(&fs::canonicalize(path)?, &fs::canonicalize(boundary)?),
            None => fs::metadata(path).is_err() || !leads_out(path),
        };
        match stays {
            true => Ok(()),
            false => Err(io::Error::other(LEADS_OUT)),
        }
    }
}

impl Shelf for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // Most paths lead to nothing, which is seen at once.
        fs::metadata(path)?;
        self.guard(path)?;
        let mut bytes = Vec::new();
        read_file(path, &mut bytes)?;
        Ok(bytes)
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.guard(folder)?;
        let mut files = Vec::new();
        for entry in WalkDir::new(folder).sort_by_file_name() {
            let entry = entry.map_err(io::Error::from)?;
            let is_linked = entry.depth() == 0 && entry.path().is_dir();
            // Links and devices are told from files when they are read.
            if !entry.file_type().is_dir() && !is_linked {
                files.push(entry.into_path());
            }
        }
        Ok(files)
    }
}

/// Why a path is neither read nor written.
const LEADS_OUT: &str = "it leads out of the repository";

/// Opens a file to be written, anew.
///
/// # Errors
/// When its name is in a repository, but a link leads out of it; what the system reports.
pub(super) fn create(path: &Path) -> io::Result<File> {
    match leads_out(path) {
        true => Err(io::Error::other(LEADS_OUT)),
        false => File::create(path),
    }
}

/// Writes a file that is not there yet, with the folders above it.
///
/// # Errors
/// Those of [`create`], and when the file is there.
pub(super) fn begin(path: &Path, text: &str) -> io::Result<()> {
    // A link in its own place is one that is there already.
    if !path.is_symlink() && leads_out(path) {
        return Err(io::Error::other(LEADS_OUT));
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

/// Writes a file, as [`create`] does.
///
/// # Errors
/// Those of [`create`].
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    create(path)?.write_all(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn no_link_leads_out_of_the_boundary() {
        let temp = tempfile::tempdir().unwrap();
        let (inside, outside) = (temp.path().join("in"), temp.path().join("out"));
        for folder in [&inside, &outside] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("a.yaml"), "a: 1\n").unwrap();
        }
        symlink(outside.join("a.yaml"), inside.join("file")).unwrap();
        symlink(&outside, inside.join("folder")).unwrap();
        let bounded = Disk {
            boundary: Some(inside.clone()),
        };
        let (bounded, free): (&dyn Shelf, &dyn Shelf) = (&bounded, &Disk::default());
        assert!(bounded.read(&inside.join("a.yaml")).is_ok());
        let names = ["a.yaml", "file", "folder"].map(|name| inside.join(name));
        assert_eq!(bounded.files(&inside).unwrap(), names);
        for link in ["file", "folder/a.yaml"] {
            assert!(bounded.read(&inside.join(link)).is_err());
            assert!(free.read(&inside.join(link)).is_ok());
        }
        assert!(bounded.files(&inside.join("folder")).is_err());
        assert_eq!(free.files(&inside.join("folder")).unwrap().len(), 1);
        assert!(free.read(&inside).is_err());
    }
}
