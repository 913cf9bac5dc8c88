//! Bytes of files.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use super::MAX_BYTES;

/// Reads a regular file, and no more of it than tells that it has more than [`MAX_BYTES`].
///
/// # Errors
/// When it is another kind of file, or cannot be opened or read.
pub(crate) fn read_file(path: &Path, bytes: &mut Vec<u8>) -> io::Result<()> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let most = MAX_BYTES + 1;
    let length = usize::try_from(metadata.len()).unwrap_or(most);
    let mut file = File::open(path)?;
    // One more than there are, so that the end is seen without a larger buffer.
    bytes.clear();
    bytes.resize(length.min(most) + 1, 0);
    let mut end = 0;
    loop {
        match file.read(&mut bytes[end..]) {
            Ok(0) => break,
            Ok(read) => end += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if end >= most {
            break;
        }
        if end == bytes.len() {
            bytes.resize((2 * end).min(most), 0);
        }
    }
    bytes.truncate(end.min(most));
    Ok(())
}
