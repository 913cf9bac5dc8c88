//! `vmlint check`.

mod output;

use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuilder};

use output::{afterwards, outputs, write};

use super::compare::{self, Past};
use super::configure::{self, Reach};
use super::shelf::{Disk, Shelf};
use super::{Exit, Outside, Stop, Trouble, baseline, console, estate, fix, packs};
use crate::cli::CheckArgs;
use crate::discover::{self, Candidate, Outcome, Request, Root, above, is_within, plain};
use crate::inventory::World;
use crate::progress::Progress;
use crate::rules::RuleSet;
use crate::verdict::{self, Levels, UnknownRule};
use crate::{Options, formats};

pub(super) fn run(args: &CheckArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let started = Instant::now();
    let outputs = outputs(args, outside)?;
    let past = Past::of(args, outside)?;
    let judge = past.as_ref().filter(|_| !args.trust_head);
    let (rules, mut options) = prepare(args, judge, outside)?;
    let tells_nodes = outputs.iter().any(|output| output.format.tells_nodes());
    options.fingerprints = tells_nodes || args.write_baseline.is_some();
    let request = request(args, past.as_ref(), outside);
    let roots = roots(&request);
    let reach = Reach {
        settings: &options.settings,
        roots: &roots,
        quiet: args.quiet,
        discovered: configure::discovers(&args.config),
    };
    let focus = focus(args, outside)?;
    let mut found = compare::without_base(find(args, &request)?, args, outside);
    if let Some(past) = judge {
        past.add_newly_ignored(&request, &mut found)?;
    }
    let mut found = reach.narrow(found, outside)?;
    let jobs = threads(args.jobs, past.is_none() && are_few(&found))?;
    let base = match &past {
        Some(past) => {
            let request = with_stdin(&request, args)?;
            Some(compare::find(past, &request, &found, &options, args)?)
        }
        None => None,
    };
    let bar = Progress::new(
        found.len() + base.as_ref().map_or(0, compare::Base::len),
        outside.stderr_is_terminal && !args.no_progress && !args.quiet,
    );
    let stdin = stdin(args, outside)?;
    let step = || bar.step();
    let before = base.map(|base| jobs.install(|| base.read(&step)));
    let before = before.transpose()?;
    let shown = |path: &str| focus.as_ref().is_none_or(|focus| focus.holds(path));
    let lint = |outcomes: Vec<Outcome>, progress: &(dyn Fn() + Sync)| {
        let mut checked = jobs.install(|| match before.clone() {
            Some(before) => crate::check_change(outcomes, before, &rules, &options, progress),
            None => crate::check(outcomes, &rules, &options, progress),
        });
        if focus.is_some() {
            verdict::focus(&mut checked.findings, &checked.sources, &shown);
            checked.summary.tally(&checked.findings);
        }
        checked
    };
    let to_be_fixed = args.fix || args.diff;
    let mut outcomes: Vec<Outcome> = match to_be_fixed || before.is_some() {
        true => jobs.install(|| discover::read(&found, formats::concerns_us, &step)),
        false => std::mem::take(&mut found)
            .into_iter()
            .map(Outcome::Waiting)
            .collect(),
    };
    outcomes.extend(stdin.as_ref().map(|stdin| stdin.outcome.clone()));
    outcomes.iter_mut().for_each(Outcome::keep);
    let kept = to_be_fixed.then(|| outcomes.clone());
    let mut checked = lint(outcomes, &step);
    bar.done();
    let again = |outcomes| lint(outcomes, &|| {});
    let estate = kept.map(|outcomes| fix::Estate {
        found: &found,
        stdin: stdin.as_ref(),
        outcomes,
        lint: &again,
        shown: &shown,
    });
    let mut exit = Exit::Clean;
    match estate {
        Some(estate) if args.diff => {
            write(args, &outputs, &checked, &rules, &options, outside)?;
            (checked, exit) = fix::show(args, estate, checked, outside)?;
            checked.summary.elapsed = started.elapsed();
            afterwards(args, &checked, outside)?;
            return Ok(exit);
        }
        Some(estate) => (checked, exit) = fix::fix(args, estate, checked, outside)?,
        None => {}
    }
    if let Some(file) = &args.write_baseline {
        baseline::record(file, &mut checked, outside)?;
    }
    checked.summary.elapsed = started.elapsed();
    write(args, &outputs, &checked, &rules, &options, outside)?;
    for file in checked.sources.changed() {
        let path = console::plain(file.path());
        let what = "was changed while it was checked; places in it may be wrong";
        writeln!(outside.stderr, "warning: `{path}` {what}")?;
    }
    if !args.focus && past.is_none() {
        reach.note_leftovers(&checked, outside)?;
        baseline::note_stale(args, &reach, &options, &checked, outside)?;
    }
    afterwards(args, &checked, outside)?;
    if exit == Exit::Trouble {
        return Ok(exit);
    }
    let worst = checked
        .findings
        .iter()
        .map(|finding| finding.severity)
        .max();
    let fails = args
        .fail_on
        .threshold()
        .is_some_and(|from| worst >= Some(from));
    Ok(if fails { Exit::Findings } else { Exit::Clean })
}

/// What a run is asked for, and the rules for it: both as the past has them, where one is given.
pub(super) fn prepare(
    args: &CheckArgs,
    past: Option<&Past>,
    outside: &mut Outside<'_>,
) -> Result<(RuleSet, Options), Stop> {
    let from = start(args, outside);
    let disk = configure::disk(&args.config, &from);
    let mut news = |path: &PathBuf| match past {
        Some(past) => past.lacks(path, outside),
        None => Ok(false),
    };
    let mut config = args.config.clone();
    if let Some(file) = config.config.take_if(|_| past.is_some()) {
        match news(&file)? {
            true => config.no_config = true,
            false => config.config = Some(file),
        }
    }
    let mut folders = Vec::new();
    for folder in &args.rules {
        if !news(folder)? {
            folders.push(folder.clone());
        }
    }
    let baseline = match (&args.baseline, &args.write_baseline) {
        (Some(file), None) if !news(file)? => Some(file),
        _ => None,
    };
    let here = outside.working_directory.clone();
    let anywhere = Disk::default();
    let then = past.map(|past| (past.shelf(&disk, &here), past.shelf(&anywhere, &here)));
    let shelves: (&dyn Shelf, &dyn Shelf) = match &then {
        Some((shelf, named)) => (shelf, named),
        None => (&disk, &anywhere),
    };
    let source = configure::Source::new(shelves, &config, &from);
    let settings = source.settings(outside)?;
    let mut rules = source.rules(&settings, &folders, outside)?;
    let levels = levels(args, &rules)?.configured(settings.clone());
    if let Err(findings) = rules.prepare(|rule| levels.runs(rule)) {
        return Err(packs::explain(&findings, rules.sources(), outside)?);
    }
    let recorded = match baseline {
        Some(file) => Some(source.baseline(file, outside)?.into()),
        None => None,
    };
    let options = Options {
        as_of: args.as_of.unwrap_or(outside.today),
        world: match args.focus {
            true => World::Closed,
            false => estate::world(&args.paths, outside),
        },
        explain_skips: args.explain_skips,
        fingerprints: false,
        settings,
        baseline: recorded,
        levels,
    };
    Ok((rules, options))
}

/// Where settings are looked for from: the first PATH, with `--focus` the working directory.
fn start(args: &CheckArgs, outside: &Outside<'_>) -> PathBuf {
    match args.paths.first() {
        Some(path) if !args.focus && path != Path::new("-") => outside.working_directory.join(path),
        _ => outside.working_directory.clone(),
    }
}

/// What is read, absolute.
pub(super) fn roots(request: &Request) -> Vec<PathBuf> {
    let here = &request.working_directory;
    request
        .paths
        .iter()
        .map(|path| plain(&here.join(path)))
        .collect()
}

/// As many files as one thread reads before another one has started.
const FEW_FILES: usize = 16;
/// As many bytes of them.
const FEW_BYTES: u64 = 64 << 10;

/// Whether files are so few that further threads would not pay.
fn are_few(found: &[Candidate]) -> bool {
    let size = |candidate: &Candidate| candidate.path().metadata().map_or(0, |it| it.len());
    found.len() <= FEW_FILES && found.iter().map(size).sum::<u64>() <= FEW_BYTES
}

/// The threads of a run, of which this one is the first.
fn threads(asked: Option<u16>, few: bool) -> Result<ThreadPool, Trouble> {
    let count = match (asked, few) {
        (Some(count), _) => usize::from(count),
        (None, true) => 1,
        // One for each core.
        (None, false) => 0,
    };
    let others = || ThreadPoolBuilder::new().num_threads(count);
    // A thread is part of one pool only, and had one where it has run something before.
    let pool = others().use_current_thread().build();
    pool.or_else(|_| others().build())
        .map_err(|error| Trouble::new(format!("cannot start threads: {error}")))
}

fn levels(args: &CheckArgs, rules: &RuleSet) -> Result<Levels, Trouble> {
    let unknown = |error: UnknownRule| {
        let trouble = Trouble::new(format!("there is no rule or topic `{}`", error.name));
        trouble.help(match error.nearest {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`vmlint rules` lists them all".to_owned(),
        })
    };
    let mut levels = Levels::new(rules.names());
    levels.select(&args.select).map_err(unknown)?;
    levels.ignore(&args.ignore).map_err(unknown)?;
    for (rule, level) in &args.level {
        levels.set(rule, *level).map_err(unknown)?;
    }
    Ok(levels)
}

/// The files and folders that a report is limited to.
struct Focus {
    working_directory: PathBuf,
    shown: Vec<PathBuf>,
}

impl Focus {
    /// Whether it takes in a file, by the name that sources give it.
    fn holds(&self, path: &str) -> bool {
        let path = self.working_directory.join(path);
        self.shown.iter().any(|shown| is_within(&path, shown))
    }
}

fn focus(args: &CheckArgs, outside: &mut Outside<'_>) -> Result<Option<Focus>, Stop> {
    if !args.focus {
        return Ok(None);
    }
    let mut shown = Vec::new();
    for path in &args.paths {
        let absolute = outside.working_directory.join(path);
        if !absolute.exists() {
            let path = path.to_string_lossy();
            let path = console::plain(&path);
            writeln!(outside.stderr, "warning: `{path}` does not exist")?;
        }
        shown.push(absolute);
    }
    Ok(Some(Focus {
        working_directory: outside.working_directory.clone(),
        shown,
    }))
}

/// The folder a focused run reads: that of `.vmlint.yaml`, else the git root.
pub(super) fn focus_root(outside: &Outside<'_>) -> PathBuf {
    let here = &outside.working_directory;
    above(here, Root::Settings)
        .or_else(|| above(here, Root::Git))
        .unwrap_or_else(|| here.clone())
}

/// What is read. A PATH that the change removed is no mistake.
pub(super) fn request(args: &CheckArgs, past: Option<&Past>, outside: &Outside<'_>) -> Request {
    let here = &outside.working_directory;
    let is_gone = |path: &PathBuf| {
        let there = here.join(path);
        !there.exists() && past.is_some_and(|past| past.has(&there))
    };
    let then = past.filter(|_| !args.trust_head);
    let then = then.and_then(|past| past.focus_root(here));
    let paths = match args.focus {
        true => vec![then.unwrap_or_else(|| focus_root(outside))],
        false => args
            .paths
            .iter()
            .filter(|path| *path != Path::new("-"))
            .cloned()
            .collect(),
    };
    let (gone, paths) = paths.into_iter().partition(is_gone);
    Request {
        paths,
        gone,
        working_directory: here.clone(),
        no_ignore: args.no_ignore,
        hidden: args.hidden,
    }
}

/// The same with the file that standard input takes the place of.
fn with_stdin(request: &Request, args: &CheckArgs) -> Result<Request, Trouble> {
    let mut request = request.clone();
    if reads_stdin(args) && args.since.is_some() {
        let name = args.stdin_filename.as_ref().ok_or_else(|| {
            Trouble::new("standard input has no name, and so no revision to be compared with")
                .help("say which file it takes the place of: `--stdin-filename NAME`")
        })?;
        request.gone.push(name.into());
    }
    Ok(request)
}

pub(super) fn find(args: &CheckArgs, request: &Request) -> Result<Vec<Candidate>, Trouble> {
    let needs_none = request.paths.is_empty();
    let found = discover::find(request).map_err(|error| Trouble::new(error.to_string()))?;
    if found.is_empty() && !needs_none {
        return Err(estate::nothing_below(&args.paths));
    }
    Ok(found)
}

/// Standard input, as it was read and what became of it.
pub(super) struct Stdin {
    pub(super) bytes: Vec<u8>,
    pub(super) outcome: Outcome,
}

/// Whether standard input is read.
pub(super) fn reads_stdin(args: &CheckArgs) -> bool {
    !args.focus && args.paths.iter().any(|path| path == Path::new("-"))
}

fn stdin(args: &CheckArgs, outside: &mut Outside<'_>) -> Result<Option<Stdin>, Stop> {
    if !reads_stdin(args) {
        return Ok(None);
    }
    let name = args
        .stdin_filename
        .clone()
        .unwrap_or_else(|| "<stdin>".to_owned());
    let bytes = estate::read_stdin(outside)?;
    let outcome = discover::decode(name, &bytes, formats::concerns_us);
    Ok(Some(Stdin { bytes, outcome }))
}
