//! Puts new bytes in place of a file, as a whole or not at all.

use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

/// Why a file was not written.
#[derive(Debug)]
pub enum Refusal {
    /// It is not what was read any more.
    Changed,
    /// It may not be written.
    ReadOnly,
    /// Something failed.
    Io(io::Error),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Changed => f.write_str("it was changed meanwhile"),
            Refusal::ReadOnly => f.write_str("it is read-only"),
            Refusal::Io(error) => error.fmt(f),
        }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Io(error)
    }
}

/// Writes `new` in place of a file that still holds `read`.
///
/// Whoever opens the file sees either all of the old or all of the new bytes, whenever this is
/// interrupted: they are written to another file beside it, which then takes its name. A link is
/// kept, and what it leads to is replaced. Permissions are kept; so is the owner, where that may
/// be set.
///
/// # Errors
/// Why the file is as it was.
pub fn replace(path: &Path, read: &[u8], new: &[u8]) -> Result<(), Refusal> {
    let target = fs::canonicalize(path)?;
    let metadata = fs::metadata(&target)?;
    if metadata.permissions().readonly() {
        return Err(Refusal::ReadOnly);
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut file = Builder::new()
        .prefix(".vmlint-")
        .suffix(".tmp")
        .tempfile_in(folder)?;
    file.write_all(new)?;
    keep_owner(&file, &metadata);
    file.as_file().set_permissions(metadata.permissions())?;
    file.as_file().sync_all()?;
    if metadata.len() != read.len() as u64 || fs::read(&target)? != read {
        return Err(Refusal::Changed);
    }
    file.persist(&target).map_err(|error| error.error)?;
    // The new name is on disk when its folder is; not every system can say so.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

#[cfg(unix)]
fn keep_owner(file: &NamedTempFile, metadata: &Metadata) {
    use std::os::unix::fs::{MetadataExt, fchown};
    // Only root may give files away; for others the group is worth a try.
    let given = fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    if given.is_err() {
        let _ = fchown(file.as_file(), None, Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &NamedTempFile, _: &Metadata) {}
