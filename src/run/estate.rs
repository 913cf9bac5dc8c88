//! The estate that a subcommand shows something of: from paths to facts, judged by no rule.

use std::path::{Path, PathBuf};

use super::configure::{self, Reach};
use super::{Outside, Stop, Trouble, console};
use crate::cli::{ConfigArgs, EstateArgs};
use crate::discover::{self, Candidate, Outcome, Request, plain};
use crate::facts::Facts;
use crate::formats;
use crate::inventory::{Inventory, World};
use crate::progress::Progress;
use crate::road::{Placed, Road};
use crate::schedule::Search;
use crate::settings::Scopes;
use crate::source::Sources;

/// What follows from an estate, and the text it was read from.
pub(super) struct Estate {
    pub(super) facts: Facts,
    pub(super) sources: Sources,
}

/// Reads the estate, and says on standard error what of it is not known.
pub(super) fn read(args: &EstateArgs, outside: &mut Outside<'_>) -> Result<Estate, Stop> {
    let (road, inventory) = survey(&Wanted::from(args), outside)?;
    note(&road, outside)?;
    let as_of = args.as_of.unwrap_or(outside.today);
    Ok(Estate {
        facts: Facts::derive(inventory, &Search::new(as_of)),
        sources: road.into_sources(),
    })
}

/// What is to be read.
pub(super) struct Wanted<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) no_ignore: bool,
    pub(super) hidden: bool,
    pub(super) config: &'a ConfigArgs,
}

impl<'a> From<&'a EstateArgs> for Wanted<'a> {
    fn from(args: &'a EstateArgs) -> Self {
        Wanted {
            paths: &args.paths,
            no_ignore: args.no_ignore,
            hidden: args.hidden,
            config: &args.config,
        }
    }
}

/// Reads what is declared.
pub(super) fn survey(
    wanted: &Wanted<'_>,
    outside: &mut Outside<'_>,
) -> Result<(Road, Inventory), Stop> {
    let from_stdin = |path: &PathBuf| path == Path::new("-");
    let reads_stdin = wanted.paths.iter().any(from_stdin);
    let mut paths = wanted.paths.to_vec();
    paths.retain(|path| !from_stdin(path));
    let here = outside.working_directory.clone();
    let start = paths.first().map_or(here.clone(), |path| here.join(path));
    let settings = configure::settings(wanted.config, &start, outside)?;
    let roots: Vec<PathBuf> = paths.iter().map(|path| plain(&here.join(path))).collect();
    let found = find(paths, wanted.no_ignore, wanted.hidden, outside)?;
    if found.is_empty() && !reads_stdin {
        return Err(nothing_below(wanted.paths).into());
    }
    let reach = Reach {
        settings: &settings,
        roots: &roots,
        quiet: false,
        discovered: configure::discovers(wanted.config),
    };
    let found = reach.narrow(found, outside)?;
    let bar = Progress::new(found.len(), outside.stderr_is_terminal);
    let mut outcomes: Vec<Outcome> = found.into_iter().map(Outcome::Waiting).collect();
    if reads_stdin {
        let bytes = read_stdin(outside)?;
        let name = "<stdin>".to_owned();
        outcomes.push(discover::decode(name, &bytes, formats::concerns_us));
    }
    let world = world(wanted.paths, outside);
    let placed = Placed::new(&settings);
    let scopes = &mut Scopes::default();
    let surveyed = crate::survey(outcomes, world, placed, scopes, &|| bar.step(), false);
    bar.done();
    Ok(surveyed)
}

/// Says what is left out, and what may be unknown.
pub(super) fn note(road: &Road, outside: &mut Outside<'_>) -> Result<(), Stop> {
    if let [first, rest @ ..] = road.unread().as_slice() {
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            outside.stderr,
            "warning: left out {}{more}, which cannot be read; `vmlint check` says why",
            console::plain(first)
        )?;
    }
    match road.errors() {
        0 => {}
        1 => writeln!(
            outside.stderr,
            "warning: what one mistake says is not known here; `vmlint check` shows it"
        )?,
        errors => writeln!(
            outside.stderr,
            "warning: what {errors} mistakes say is not known here; `vmlint check` shows them"
        )?,
    }
    if road.resources() == 0 {
        writeln!(
            outside.stderr,
            "warning: none of these files declares a resource that vmlint knows"
        )?;
    }
    Ok(())
}

/// The files below paths.
pub(super) fn find(
    paths: Vec<PathBuf>,
    no_ignore: bool,
    hidden: bool,
    outside: &Outside<'_>,
) -> Result<Vec<Candidate>, Trouble> {
    discover::find(&Request {
        paths,
        gone: Vec::new(),
        working_directory: outside.working_directory.clone(),
        no_ignore,
        hidden,
    })
    .map_err(|error| Trouble::new(error.to_string()))
}

/// What is said when nothing is found.
pub(super) fn nothing_below(paths: &[PathBuf]) -> Trouble {
    let paths: Vec<_> = paths
        .iter()
        .map(|path| format!("`{}`", path.display()))
        .collect();
    Trouble::new(format!("there is no YAML file below {}", paths.join(", ")))
        .help("files are read whose names end in .yaml or .yml, unless .gitignore hides them")
}

/// All of standard input.
pub(super) fn read_stdin(outside: &mut Outside<'_>) -> Result<Vec<u8>, Trouble> {
    discover::read_stream(outside.stdin)
        .map_err(|error| Trouble::new(format!("cannot read standard input: {error}")))
}

/// Whether all that exists is declared in what is read: not when only single files are.
pub(super) fn world(paths: &[PathBuf], outside: &Outside<'_>) -> World {
    let is_file =
        |path: &PathBuf| path == Path::new("-") || outside.working_directory.join(path).is_file();
    match paths.iter().all(is_file) {
        true => World::Open,
        false => World::Closed,
    }
}
