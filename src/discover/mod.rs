//! Paths → sources: which files are read, and their text.
//!
//! The only room that reads linted trees. Walks in the order of the file system, hands out files
//! in the order of their paths, and says of every YAML file what became of it.

pub mod git;
mod guard;
mod paths;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ignore::{DirEntry, WalkBuilder};
use rayon::prelude::*;

use crate::source::{DecodeError, MAX_BYTES, SourceFile, read_file};

pub use guard::{MAX_IGNORE_BYTES, leads_out};
pub use paths::{Root, SETTINGS_FILE, Viewpoint, above, absolute, is_within, plain, relative};

/// What to read.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// More of them that are there no longer, for who looks into the past.
    pub gone: Vec<PathBuf>,
    /// The folder that printed paths are relative to; absolute.
    pub working_directory: PathBuf,
    /// Read what `.gitignore` hides.
    pub no_ignore: bool,
    /// Read files and folders whose name starts with a dot.
    pub hidden: bool,
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Nobody has looked yet: it is read when its turn comes.
    Waiting(Candidate),
    /// It may concern us.
    Read(SourceFile),
    /// It mentions no known format.
    PassedOver {
        /// As reports print it.
        path: String,
    },
    /// It cannot be read.
    Unreadable {
        /// As reports print it.
        path: String,
        /// Why.
        reason: String,
    },
    /// It is larger than what is read.
    TooLarge {
        /// As reports print it.
        path: String,
    },
}

impl Outcome {
    /// What becomes of a file that is waiting; the others are what they are.
    #[must_use]
    pub fn looked_at(self, concern: Concern, buffer: &mut Vec<u8>) -> Self {
        match self {
            Outcome::Waiting(candidate) => read_one(candidate, concern, buffer),
            outcome => outcome,
        }
    }

    /// Keeps what was read, whatever becomes of the file.
    pub fn keep(&mut self) {
        if let Outcome::Read(file) = self {
            file.keep();
        }
    }
}

/// Why a request cannot be met.
#[derive(Debug)]
pub enum Error {
    /// A path that does not exist, or cannot be looked at.
    Path(PathBuf, io::Error),
    /// A path that is neither file nor folder.
    NeitherFileNorFolder(PathBuf),
    /// A path in a repository that leads out of it.
    LeadsOut(PathBuf),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Path(path, error) if error.kind() == io::ErrorKind::NotFound => {
                write!(f, "`{}` does not exist", path.display())
            }
            Error::Path(path, error) => write!(f, "cannot read `{}`: {error}", path.display()),
            Error::NeitherFileNorFolder(path) => {
                write!(f, "`{}` is neither a file nor a folder", path.display())
            }
            Error::LeadsOut(path) => write!(
                f,
                "`{}` leads out of its repository; name the place it leads to",
                path.display()
            ),
        }
    }
}

impl std::error::Error for Error {}

/// A YAML file, by its path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Candidate {
    /// As reports print it: relative to the working directory, with `/`.
    pub display: String,
    path: PathBuf,
    /// Why the walk could not get there, if it could not.
    obstacle: Option<String>,
}

impl Candidate {
    /// Where it is, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// All YAML files of a request in the order of their paths, each once.
///
/// # Errors
/// When a path of the request cannot be read at all.
pub fn find(request: &Request) -> Result<Vec<Candidate>, Error> {
    let mut candidates = Vec::new();
    for path in &request.paths {
        let absolute = request.working_directory.join(path);
        let metadata = fs::metadata(&absolute).map_err(|error| Error::Path(path.clone(), error))?;
        if leads_out(&absolute) {
            return Err(Error::LeadsOut(path.clone()));
        }
        if metadata.is_file() {
            candidates.push((absolute, None));
        } else if metadata.is_dir() {
            walk(&absolute, request, &mut candidates);
        } else {
            return Err(Error::NeitherFileNorFolder(path.clone()));
        }
    }
    let mut candidates: Vec<Candidate> = candidates
        .into_iter()
        .map(|(path, obstacle)| Candidate {
            display: relative(&path, &request.working_directory),
            path,
            obstacle,
        })
        .collect();
    candidates.sort();
    candidates.dedup_by(|a, b| a.display == b.display);
    Ok(candidates)
}

/// Adds the YAML files below a folder, and what cannot be looked into, with the reason.
fn walk(folder: &Path, request: &Request, candidates: &mut Vec<(PathBuf, Option<String>)>) {
    let unusable: Arc<Mutex<Vec<(PathBuf, String)>>> = Arc::default();
    if !request.no_ignore
        && let Some((file, reason)) = guard::bad_ignore_files_around(folder)
    {
        candidates.push((file, Some(reason)));
        return;
    }
    let walk = WalkBuilder::new(folder)
        .hidden(!request.hidden)
        .parents(!request.no_ignore)
        .git_ignore(!request.no_ignore)
        .git_exclude(false)
        .git_global(false)
        .ignore(false)
        .require_git(false)
        .filter_entry(enters(request, &unusable))
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(ignore::Error::WithPath { path, err }) => {
                candidates.push((path, Some(err.to_string())));
                continue;
            }
            Err(error) => {
                candidates.push((folder.to_owned(), Some(error.to_string())));
                continue;
            }
        };
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if !is_folder && is_yaml(entry.path()) {
            let is_out =
                entry.path_is_symlink() && entry.path().exists() && leads_out(entry.path());
            let reason = "it is a link that leads out of the repository";
            candidates.push((entry.into_path(), is_out.then(|| reason.to_owned())));
        }
    }
    if let Ok(mut unusable) = unusable.lock() {
        let unusable = unusable.drain(..);
        candidates.extend(unusable.map(|(file, reason)| (file, Some(reason))));
    }
}

/// Whether the walk looks at an entry; folders whose list of ignored files cannot be used are noted.
fn enters(
    request: &Request,
    unusable: &Arc<Mutex<Vec<(PathBuf, String)>>>,
) -> impl Fn(&DirEntry) -> bool + Send + Sync + 'static {
    let (no_ignore, unusable) = (request.no_ignore, Arc::clone(unusable));
    move |entry| {
        let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
        if no_ignore || !is_folder || entry.file_name() == ".git" {
            return entry.file_name() != ".git";
        }
        let bad = guard::bad_ignore_file(entry.path());
        let is_good = bad.is_none();
        if let Ok(mut unusable) = unusable.lock() {
            unusable.extend(bad);
        }
        is_good
    }
}

fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|it| it.eq_ignore_ascii_case("yaml") || it.eq_ignore_ascii_case("yml"))
}

/// Whether the bytes of a file may concern us; the others are not even decoded.
pub type Concern = fn(&[u8]) -> bool;

/// Reads candidates, on all threads of the current pool; the answers are in their order.
/// `progress` is called for each file with which nothing else happens.
pub fn read(
    candidates: &[Candidate],
    concern: Concern,
    progress: &(dyn Fn() + Sync),
) -> Vec<Outcome> {
    candidates
        .par_iter()
        .map_init(Vec::new, |buffer, candidate| {
            let outcome = read_one(candidate.clone(), concern, buffer);
            if !matches!(outcome, Outcome::Read(_)) {
                progress();
            }
            outcome
        })
        .collect()
}

fn read_one(candidate: Candidate, concern: Concern, buffer: &mut Vec<u8>) -> Outcome {
    let path = candidate.display;
    if let Some(reason) = candidate.obstacle {
        return Outcome::Unreadable { path, reason };
    }
    match read_file(&candidate.path, buffer) {
        Ok(()) => {}
        Err(error) => {
            return Outcome::Unreadable {
                path,
                reason: error.to_string(),
            };
        }
    }
    match decode(path, buffer, concern) {
        Outcome::Read(file) => Outcome::Read(file.kept_in(candidate.path)),
        other => other,
    }
}

/// What becomes of the bytes of a file.
#[must_use]
pub fn decode(path: String, bytes: &[u8], concern: Concern) -> Outcome {
    let utf16 = matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if !utf16 && !concern(bytes) {
        return Outcome::PassedOver { path };
    }
    if bytes.len() > MAX_BYTES {
        return Outcome::TooLarge { path };
    }
    // The path is the one that was found: a copy of it would lie among what is read now and let go.
    match SourceFile::decode("", bytes) {
        Ok(file) if !utf16 || concern(file.text().as_bytes()) => Outcome::Read(file.called(path)),
        Ok(_) => Outcome::PassedOver { path },
        Err(DecodeError::InvalidUtf16) if !concern(&ascii_of_utf16(bytes)) => {
            Outcome::PassedOver { path }
        }
        Err(error) => Outcome::Unreadable {
            path,
            reason: error.to_string(),
        },
    }
}

/// The ASCII characters of what started as UTF-16, to look for markers in.
fn ascii_of_utf16(bytes: &[u8]) -> Vec<u8> {
    let is_ascii = |byte: &u8| (1..128).contains(byte);
    bytes.iter().copied().filter(is_ascii).collect()
}

/// Reads a stream to its end, or to one byte more than the largest file that is read.
///
/// # Errors
/// What the stream reports.
pub fn read_stream(stream: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
