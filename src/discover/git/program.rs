//! The `git` program, asked for nothing but objects and references: no hook, filter, text conversion,
//! external diff or file-system monitor of a repository takes part in that.

use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use super::GitError;
use crate::source::MAX_BYTES;

/// Variables by which git, when it runs a hook, leads its children to another repository, index or
/// folder than the one they are in.
const MISLEADING: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_EXTERNAL_DIFF",
];

/// The `git` program in a folder.
#[derive(Clone, Debug)]
pub(super) struct Git {
    folder: PathBuf,
}

impl Git {
    pub(super) fn within(folder: &Path) -> Self {
        Git {
            folder: folder.to_owned(),
        }
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new("git");
        for variable in MISLEADING {
            command.env_remove(variable);
        }
        command
            .current_dir(&self.folder)
            .env("LC_ALL", "C")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(["--no-pager", "--no-replace-objects"])
            .args(["-c", "core.fsmonitor=", "-c", "core.hooksPath=/dev/null"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What it answers, whether it succeeds or not.
    pub(super) fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Output, GitError> {
        self.command(args)
            .output()
            .map_err(|error| no_program(&error))
    }

    /// Its answer.
    pub(super) fn bytes<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, GitError> {
        let output = self.run(args)?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(refused(&output.stderr)),
        }
    }

    /// Its answer of one line; none where it fails without a word.
    pub(super) fn line<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Option<String>, GitError> {
        let output = self.run(args)?;
        if !output.status.success() && output.stderr.is_empty() {
            return Ok(None);
        }
        if !output.status.success() {
            return Err(refused(&output.stderr));
        }
        let line = output.stdout.split(|byte| *byte == b'\n').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default());
        Ok(Some(line.trim_end_matches('\r').to_owned()).filter(|line| !line.is_empty()))
    }

    /// Hands the text of each object to `take`, with its number among `objects`, from one process:
    /// none where it is larger than what is read. Says how many objects are not there.
    pub(super) fn blobs(
        &self,
        objects: &[&str],
        mut take: impl FnMut(usize, Option<&[u8]>),
    ) -> Result<usize, GitError> {
        if objects.is_empty() {
            return Ok(0);
        }
        let mut child = self
            .command(&["cat-file", "--batch", "--buffer"])
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| no_program(&error))?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(mut stdin), Some(stdout), Some(mut stderr)) = (stdin, stdout, stderr) else {
            return Err(GitError::new("git has no pipes to talk through"));
        };
        let (read, complaint) = thread::scope(|scope| {
            scope.spawn(move || {
                // A git that ended early says why on its own.
                let _ = stdin.write_all((objects.join("\n") + "\n").as_bytes());
            });
            let complaint = scope.spawn(move || {
                let mut complaint = Vec::new();
                let _ = stderr.read_to_end(&mut complaint);
                complaint
            });
            let read = read_batch(&mut BufReader::new(stdout), objects.len(), &mut take);
            (read, complaint.join().unwrap_or_default())
        });
        let status = child.wait().map_err(|error| no_program(&error))?;
        match read {
            Ok(missing) if status.success() => Ok(missing),
            Err(error) if complaint.is_empty() => {
                Err(GitError::new(format!("git stopped in between: {error}")))
            }
            _ => Err(refused(&complaint)),
        }
    }
}

/// Reads what `cat-file --batch` prints of `count` objects; says how many are missing.
fn read_batch(
    from: &mut impl BufRead,
    count: usize,
    take: &mut impl FnMut(usize, Option<&[u8]>),
) -> io::Result<usize> {
    let (mut header, mut text, mut missing) = (Vec::new(), Vec::new(), 0);
    for number in 0..count {
        header.clear();
        from.read_until(b'\n', &mut header)?;
        let header = String::from_utf8_lossy(&header);
        let Some(size) = header.trim_end().rsplit(' ').next() else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        if size == "missing" {
            missing += 1;
            continue;
        }
        let size: usize = size
            .parse()
            .map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let mut object = from.by_ref().take(size as u64 + 1);
        text.clear();
        if size > MAX_BYTES {
            io::copy(&mut object, &mut io::sink())?;
            take(number, None);
            continue;
        }
        if object.read_to_end(&mut text)? != size + 1 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        text.pop();
        take(number, Some(&text));
    }
    Ok(missing)
}

fn no_program(error: &io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => {
            GitError::new("`--since` needs git, and there is none on the PATH")
                .help("install git, or compare with a folder: `--base PATH`")
        }
        _ => GitError::new(format!("git cannot be run: {error}")),
    }
}

/// An error in git's own words: the first line is what is wrong, the rest what to do about it.
fn refused(complaint: &[u8]) -> GitError {
    let complaint = String::from_utf8_lossy(complaint);
    let mut lines = complaint
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("nothing, and it failed");
    let first = first.strip_prefix("fatal: ").unwrap_or(first);
    let error = GitError::new(format!("git says: {first}"));
    let rest: Vec<&str> = lines.collect();
    match rest.is_empty() {
        true => error,
        false => error.help(rest.join(" ")),
    }
}
