//! The estate that a subcommand shows something of: from paths to facts, judged by no rule.

use std::path::{Path, PathBuf};

use super::configure::{self, Reach};
use super::{Outside, Stop, Trouble, console};
use crate::cli::EstateArgs;
use crate::discover::{self, Candidate, Request, plain};
use crate::facts::Facts;
use crate::formats;
use crate::inventory::World;
use crate::progress::Progress;
use crate::road::{Placed, Road};
use crate::settings::Scopes;
use crate::source::Sources;

/// What follows from an estate, and the text it was read from.
pub(super) struct Estate {
    pub(super) facts: Facts,
    pub(super) sources: Sources,
}

/// Reads the estate, and says on standard error what of it is not known.
pub(super) fn read(args: &EstateArgs, outside: &mut Outside<'_>) -> Result<Estate, Stop> {
    let from_stdin = |path: &PathBuf| path == Path::new("-");
    let reads_stdin = args.paths.iter().any(from_stdin);
    let mut paths = args.paths.clone();
    paths.retain(|path| !from_stdin(path));
    let here = outside.working_directory.clone();
    let from = paths.first().map_or(here.clone(), |path| here.join(path));
    let settings = configure::settings(&args.config, &from, outside)?;
    let roots: Vec<PathBuf> = paths.iter().map(|path| plain(&here.join(path))).collect();
    let found = find(paths, args.no_ignore, args.hidden, outside)?;
    if found.is_empty() && !reads_stdin {
        return Err(nothing_below(&args.paths).into());
    }
    let reach = Reach {
        settings: &settings,
        roots: &roots,
        quiet: false,
        discovered: configure::discovers(&args.config),
    };
    let found = reach.narrow(found, outside)?;
    let bar = Progress::new(found.len(), outside.stderr_is_terminal);
    let mut outcomes = discover::read(&found, formats::concerns_us, &|| bar.step());
    if reads_stdin {
        let bytes = read_stdin(outside)?;
        let name = "<stdin>".to_owned();
        outcomes.push(discover::decode(name, &bytes, formats::concerns_us));
    }
    let as_of = args.as_of.unwrap_or(outside.today);
    let world = world(&args.paths, outside);
    let placed = Placed::new(&settings);
    let scopes = &mut Scopes::default();
    let (road, facts) = crate::walk(
        outcomes,
        world,
        as_of,
        placed,
        scopes,
        &|| bar.step(),
        false,
    );
    bar.done();
    note(&road, outside)?;
    Ok(Estate {
        facts,
        sources: road.into_sources(),
    })
}

/// Says what is left out, and what may be unknown.
fn note(road: &Road, outside: &mut Outside<'_>) -> Result<(), Stop> {
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
