//! `vmlint check --base`: the estate before the change, and what is said about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::check::focus_root;
use super::{Outside, Stop, Trouble, console};
use crate::cli::CheckArgs;
use crate::discover::{self, Candidate, Request, is_within, relative};
use crate::inventory::World;
use crate::road::Placed;
use crate::settings::Settings;
use crate::{Before, Comparison, formats};

/// The files of a base, before they are read.
pub(super) struct Base {
    files: Vec<Candidate>,
    world: World,
    root: String,
    root_after: String,
    trust_head: bool,
}

impl Base {
    /// How many files it has.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Reads the files.
    pub(super) fn read(self, progress: &(dyn Fn() + Sync)) -> Before {
        Before {
            found: discover::read(&self.files, formats::concerns_us, progress),
            world: self.world,
            root: self.root,
            root_after: self.root_after,
            trust_head: self.trust_head,
        }
    }
}

/// Finds the files of the base, where one is asked for.
pub(super) fn find(
    args: &CheckArgs,
    settings: &Arc<Settings>,
    outside: &Outside<'_>,
) -> Result<Option<Base>, Trouble> {
    let Some(path) = &args.base else {
        return Ok(None);
    };
    let here = &outside.working_directory;
    let mut files = discover::find(&Request {
        paths: vec![path.clone()],
        working_directory: here.clone(),
        no_ignore: args.no_ignore,
        hidden: args.hidden,
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
    let root = relative(&here.join(path), here);
    let root_after = relative(&compared(args, outside), here);
    let placed = Placed::new(settings).moved(&root, &root_after);
    files.retain(|file| !settings.excludes(&placed.seen(&file.display)));
    Ok(Some(Base {
        files,
        world: match here.join(path).is_file() {
            true => World::Open,
            false => World::Closed,
        },
        root,
        root_after,
        trust_head: args.trust_head,
    }))
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
