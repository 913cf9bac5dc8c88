//! `vmlint check --since` and `--base`: the estate before the change, and what is said about it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::focus_root;
use super::shelf::{Disk, Shelf};
use super::{Outside, Stop, Trouble, console};
use crate::cli::CheckArgs;
use crate::discover::git::{GitError, Revision, Tracked};
use crate::discover::{self, Candidate, Request, is_within, relative};
use crate::inventory::World;
use crate::road::Placed;
use crate::settings::{FILE_NAME, Settings};
use crate::{Before, Comparison, Options, formats};

/// Where a change starts from.
pub(super) enum Past {
    /// A folder or file, as it is written, in place of what is compared.
    Folder { base: PathBuf, compared: PathBuf },
    /// A revision of the repository.
    Revision(Box<Revision>),
}

impl Past {
    /// What a change starts from, where one is judged.
    pub(super) fn of(args: &CheckArgs, outside: &Outside<'_>) -> Result<Option<Self>, Trouble> {
        let here = &outside.working_directory;
        if let Some(revision) = &args.since {
            let folder = match args.paths.first() {
                Some(path) if !args.focus && path != Path::new("-") => here.join(path),
                _ => here.clone(),
            };
            let revision = Revision::merge_base(revision, &folder)?;
            return Ok(Some(Past::Revision(Box::new(revision))));
        }
        Ok(args.base.as_ref().map(|base| Past::Folder {
            base: base.clone(),
            compared: compared(args, outside),
        }))
    }

    /// Whether it is a revision with files at or below a path.
    pub(super) fn has(&self, path: &Path) -> bool {
        match self {
            Past::Folder { .. } => false,
            Past::Revision(revision) => revision.has(path).unwrap_or(false),
        }
    }

    /// The folder that a focused run from `here` read, where it was a revision.
    pub(super) fn focus_root(&self, here: &Path) -> Option<PathBuf> {
        let Past::Revision(_) = self else {
            return None;
        };
        let is_root =
            |folder: &&Path| self.has(&folder.join(FILE_NAME)) || folder.join(".git").exists();
        here.ancestors().find(is_root).map(Path::to_owned)
    }

    /// Adds committed files that the change hides from being read.
    pub(super) fn add_newly_ignored(
        &self,
        request: &Request,
        found: &mut Vec<Candidate>,
    ) -> Result<(), Trouble> {
        if let Past::Revision(revision) = self {
            found.extend(revision.newly_ignored(request, found)?);
            found.sort();
        }
        Ok(())
    }

    /// Where files that say how to lint are read: as they were, if they are part of what changes.
    pub(super) fn shelf<'p>(&'p self, disk: &'p Disk, here: &'p Path) -> PastShelf<'p> {
        PastShelf {
            past: self,
            disk,
            here,
            texts: RefCell::default(),
        }
    }

    /// Whether a file or folder that says how to lint is part of the change, and so does not count;
    /// says so.
    pub(super) fn lacks(&self, path: &Path, outside: &mut Outside<'_>) -> Result<bool, Stop> {
        let there = outside.working_directory.join(path);
        let is_there = match self {
            Past::Revision(revision) => revision.has(&there).unwrap_or(true),
            Past::Folder { .. } => self
                .moved(&there, &outside.working_directory)
                .is_none_or(|moved| moved.exists()),
        };
        let lacks = !is_there && there.exists();
        if lacks {
            let base = match self {
                Past::Folder { .. } => "the base".to_owned(),
                Past::Revision(revision) => format!("`{}`", revision.name),
            };
            let shown = path.to_string_lossy();
            writeln!(
                outside.stderr,
                "note: `{}` does not count, as {} does not have it; `--trust-head` lets it",
                console::plain(&shown),
                console::plain(&base)
            )?;
        }
        Ok(lacks)
    }

    /// Where a folder has what is at `path` now, if it has its place there at all.
    fn moved(&self, path: &Path, here: &Path) -> Option<PathBuf> {
        let Past::Folder { base, compared } = self else {
            return None;
        };
        let below = relative(path, compared);
        let moved = here.join(base);
        is_within(path, compared).then(|| match below.as_str() {
            "." => moved,
            below => moved.join(below),
        })
    }
}

/// The past, as a place for files that say how to lint. What has no past is read from the disk.
pub(super) struct PastShelf<'p> {
    past: &'p Past,
    disk: &'p Disk,
    here: &'p Path,
    /// What was read with its folder.
    texts: RefCell<HashMap<PathBuf, Vec<u8>>>,
}

impl Shelf for PastShelf<'_> {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if let Some(text) = self.texts.borrow().get(path) {
            return Ok(text.clone());
        }
        match self.past {
            Past::Revision(revision) if revision.holds(path) => {
                let text = revision
                    .read(path)
                    .map_err(|it| io::Error::other(it.message))?;
                text.ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            past => match past.moved(path, self.here) {
                Some(moved) => self.disk.read(&moved),
                None => self.disk.read(path),
            },
        }
    }

    fn files(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        match self.past {
            Past::Revision(revision) if revision.holds(folder) => {
                let found = revision.read_below(folder);
                let found = found.map_err(|error| io::Error::other(error.message))?;
                if found.is_empty() {
                    return Err(io::ErrorKind::NotFound.into());
                }
                let mut texts = self.texts.borrow_mut();
                let paths = found.into_iter().map(|(path, text)| {
                    texts.insert(path.clone(), text);
                    path
                });
                Ok(paths.collect())
            }
            past => match past.moved(folder, self.here) {
                Some(moved) => {
                    let found = self.disk.files(&moved)?.into_iter();
                    let back = |path: PathBuf| match path.strip_prefix(&moved) {
                        Ok(below) if below.as_os_str().is_empty() => folder.to_owned(),
                        Ok(below) => folder.join(below),
                        Err(_) => path,
                    };
                    Ok(found.map(back).collect())
                }
                None => self.disk.files(folder),
            },
        }
    }
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        let message = format!("there is no base to compare with: {}", error.message);
        match error.help {
            Some(help) => Trouble::new(message).help(help),
            None => Trouble::new(message),
        }
    }
}

/// The files of a base, before they are read.
pub(super) struct Base<'p> {
    files: Files<'p>,
    world: World,
    root: String,
    root_after: String,
    trust_head: bool,
}

enum Files<'p> {
    OfFolder(Vec<Candidate>),
    OfRevision(&'p Revision, Vec<Tracked>),
}

impl Base<'_> {
    /// How many files it has.
    pub(super) fn len(&self) -> usize {
        match &self.files {
            Files::OfFolder(files) => files.len(),
            Files::OfRevision(_, files) => files.len(),
        }
    }

    /// Reads the files.
    pub(super) fn read(self, progress: &(dyn Fn() + Sync)) -> Result<Before, Trouble> {
        let concern = formats::concerns_us;
        let (found, revision) = match &self.files {
            Files::OfFolder(files) => (discover::read(files, concern, progress), None),
            Files::OfRevision(revision, files) => {
                let Revision { name, commit, .. } = revision;
                let called = match name.starts_with(commit.as_str()) {
                    true => format!("`{commit}`"),
                    false => format!("`{name}`, {commit}"),
                };
                (revision.outcomes(files, concern, progress)?, Some(called))
            }
        };
        Ok(Before {
            found,
            world: self.world,
            root: self.root,
            root_after: self.root_after,
            trust_head: self.trust_head,
            revision,
        })
    }
}

/// Finds the files of the base; `found` are those of the present.
pub(super) fn find<'p>(
    past: &'p Past,
    request: &Request,
    found: &[Candidate],
    options: &Options,
    args: &CheckArgs,
) -> Result<Base<'p>, Trouble> {
    let here = &request.working_directory;
    let settings = &options.settings;
    match past {
        Past::Revision(revision) => {
            let mut files = revision.find(request, found)?;
            let named = |file: &Tracked| {
                let is_it = |path: &PathBuf| relative(&here.join(path), here) == file.display;
                request.paths.iter().chain(&request.gone).any(is_it)
            };
            files.retain(|file| !settings.excludes(&settings.seen(&file.display)) || named(file));
            Ok(Base {
                files: Files::OfRevision(revision, files),
                world: options.world,
                root: ".".to_owned(),
                root_after: ".".to_owned(),
                trust_head: args.trust_head,
            })
        }
        Past::Folder { base, compared } => {
            let there = here.join(base);
            let (root, root_after) = (relative(&there, here), relative(compared, here));
            Ok(Base {
                files: Files::OfFolder(files_of_folder(
                    base,
                    request,
                    settings,
                    &root,
                    &root_after,
                )?),
                world: match there.is_file() {
                    true => World::Open,
                    false => World::Closed,
                },
                root,
                root_after,
                trust_head: args.trust_head,
            })
        }
    }
}

fn files_of_folder(
    path: &Path,
    request: &Request,
    settings: &Arc<Settings>,
    root: &str,
    root_after: &str,
) -> Result<Vec<Candidate>, Trouble> {
    let mut files = discover::find(&Request {
        paths: vec![path.to_owned()],
        ..request.clone()
    })
    .map_err(|error| Trouble::new(format!("there is no base to compare with: {error}")))?;
    if files.is_empty() {
        let message = format!(
            "there is no base to compare with: no YAML file below `{}`",
            path.display()
        );
        return Err(Trouble::new(message).help(
            "files are read whose names end in .yaml or .yml, unless .gitignore hides them",
        ));
    }
    let placed = Placed::new(settings).moved(root, root_after);
    files.retain(|file| !settings.excludes(&placed.seen(&file.display)));
    Ok(files)
}

/// What takes the place of the base after the change: the one PATH, else the working directory.
fn compared(args: &CheckArgs, outside: &Outside<'_>) -> PathBuf {
    let here = &outside.working_directory;
    match args.paths.as_slice() {
        _ if args.focus => focus_root(outside),
        [path] if path != Path::new("-") => here.join(path),
        _ => here.clone(),
    }
}

/// Leaves out the files of a base that lies in a folder which is checked.
pub(super) fn without_base(
    mut found: Vec<Candidate>,
    args: &CheckArgs,
    outside: &Outside<'_>,
) -> Vec<Candidate> {
    let here = &outside.working_directory;
    if let Some(base) = args.base.as_ref().map(|base| here.join(base)) {
        let within = |path: &PathBuf| is_within(&here.join(path), &base);
        let inside_out = match args.focus {
            true => within(&focus_root(outside)),
            false => args.paths.iter().any(within),
        };
        if !inside_out {
            found.retain(|file| !is_within(&here.join(&file.display), &base));
        }
    }
    found
}

/// Says what the base lacks, and what does not count for its sake.
pub(super) fn explain(
    args: &CheckArgs,
    comparison: &Comparison,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    const NAMED: usize = 5;
    let Comparison {
        unread,
        empty,
        unheeded,
    } = comparison;
    if let Some((place, more)) = first(unread) {
        writeln!(
            outside.stderr,
            "warning: {place}{more} in the base cannot be read: what it declared is unknown, and findings that rest on it count as new",
        )?;
    }
    if *empty && unread.is_empty() {
        writeln!(
            outside.stderr,
            "warning: the base declares no resource that vmlint knows, so every finding is new"
        )?;
    }
    if args.quiet {
        return Ok(());
    }
    let shown = if args.verbose { unheeded.len() } else { NAMED };
    for place in unheeded.iter().take(shown) {
        writeln!(
            outside.stderr,
            "note: the suppression in {} does not count, as the base does not have it; `--trust-head` lets it",
            console::plain(place)
        )?;
    }
    if unheeded.len() > shown {
        writeln!(
            outside.stderr,
            "note: {} more suppressions do not count",
            unheeded.len() - shown
        )?;
    }
    Ok(())
}

/// The first of several places, and how many more there are.
fn first(places: &[String]) -> Option<(String, String)> {
    let (place, rest) = places.split_first()?;
    let more = match rest.len() {
        0 => String::new(),
        more => format!(" and {more} more files"),
    };
    Some((console::plain(place).into_owned(), more))
}
