//! `vmlint check --since` and `--base`: the estate before the change, and what is said about it.

use std::path::{Path, PathBuf};

use super::check::focus_root;
use super::{Outside, Stop, Trouble, console};
use crate::cli::CheckArgs;
use crate::discover::git::{GitError, Revision, Tracked};
use crate::discover::{self, Candidate, Request, is_within, relative};
use crate::inventory::World;
use crate::{Before, Comparison, formats};

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
                _ if args.focus => focus_root(outside),
                Some(path) if path != Path::new("-") => here.join(path),
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

    /// Whether it has files at or below a path, where it can have any.
    pub(super) fn has(&self, path: &Path) -> bool {
        match self {
            Past::Folder { .. } => false,
            Past::Revision(revision) => revision.has(path).unwrap_or(false),
        }
    }

    /// Where rule files of a folder of the present are read.
    pub(super) fn rules_of(&self, folder: &Path, here: &Path) -> Result<RulesOf, Trouble> {
        match self {
            Past::Revision(revision) if revision.holds(folder) => {
                Ok(RulesOf::Texts(revision.read_below(folder)?))
            }
            Past::Folder { base, compared } if is_within(folder, compared) => {
                let below = relative(folder, compared);
                Ok(RulesOf::Folder(here.join(base).join(below)))
            }
            _ => Ok(RulesOf::Present),
        }
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Past::Folder { .. } => "the base".to_owned(),
            Past::Revision(revision) => format!("`{}`", revision.name),
        }
    }
}

/// Where rule files are read.
pub(super) enum RulesOf {
    /// Where they are: they are no part of what changes.
    Present,
    /// In the folder that has their place in the base.
    Folder(PathBuf),
    /// In the texts of a revision, by their absolute paths.
    Texts(Vec<(PathBuf, Vec<u8>)>),
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        let trouble = Trouble::new(format!("there is nothing to compare with: {}", error.message));
        match error.help {
            Some(help) => trouble.help(help),
            None => trouble,
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

/// Finds the files of the base. `found` are those of the present; committed ones are added to them
/// that the change hides from being read.
pub(super) fn find<'p>(
    past: &'p Past,
    request: &Request,
    found: &mut Vec<Candidate>,
    world: World,
    args: &CheckArgs,
) -> Result<Base<'p>, Trouble> {
    let here = &request.working_directory;
    let base = |files, world, root, root_after| Base {
        files,
        world,
        root,
        root_after,
        trust_head: args.trust_head,
    };
    match past {
        Past::Revision(revision) => {
            let files = revision.find(request, found)?;
            if !args.trust_head {
                found.extend(revision.newly_ignored(request, found)?);
                found.sort();
            }
            let files = Files::OfRevision(revision, files);
            Ok(base(files, world, String::new(), String::new()))
        }
        Past::Folder { base: path, compared } => {
            let files = files_of_folder(path, request)?;
            let there = here.join(path);
            let world = match there.is_file() {
                true => World::Open,
                false => World::Closed,
            };
            let (root, root_after) = (relative(&there, here), relative(compared, here));
            Ok(base(Files::OfFolder(files), world, root, root_after))
        }
    }
}

fn files_of_folder(path: &Path, request: &Request) -> Result<Vec<Candidate>, Trouble> {
    let files = discover::find(&Request {
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
