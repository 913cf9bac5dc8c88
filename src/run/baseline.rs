//! The baseline of a run: written, told what is stale in it, pruned and merged.

use std::path::{Path, PathBuf};

use super::configure::{Reach, from_root, read_baseline};
use super::shelf::{self, Disk};
use super::{Exit, Outside, Stop, Trouble, check, console};
use crate::cli::{BaselineCommand, CheckArgs, PruneArgs};
use crate::discover::{Outcome, Root, above, is_within, plain};
use crate::inventory::World;
use crate::verdict::{Baseline, Entry};
use crate::{Checked, Options};

pub(super) fn run(command: &BaselineCommand, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    match command {
        BaselineCommand::Prune(args) => prune(args, outside),
        BaselineCommand::Merge { files, output } => merge(files, output.as_deref(), outside),
    }
}

/// Writes all findings of a run to a file, and takes them out of what is reported.
pub(super) fn record(
    file: &Path,
    checked: &mut Checked,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    let baseline = Baseline::of(&checked.findings, &checked.sources, from_root(outside));
    write(file, &baseline, outside)?;
    checked.findings.clear();
    checked.summary.tally(&[]);
    checked.summary.baselined = baseline.len();
    Ok(())
}

fn write(file: &Path, baseline: &Baseline, outside: &Outside<'_>) -> Result<(), Trouble> {
    let path = outside.working_directory.join(file);
    shelf::put(&path, baseline.render().as_bytes()).map_err(|error| {
        let shown = file.display();
        Trouble::new(format!("cannot write the baseline `{shown}`: {error}"))
    })
}

/// Says which entries of the baseline are stale, at a run that reads what they are for.
pub(super) fn note_stale(
    args: &CheckArgs,
    reach: &Reach<'_>,
    options: &Options,
    checked: &Checked,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    const NAMED: usize = 5;
    let Some(file) = args.baseline.as_ref().filter(|_| !args.quiet) else {
        return Ok(());
    };
    let stale = stale(reach, options, checked, outside);
    if stale.is_empty() {
        return Ok(());
    }
    let shown = if args.verbose { stale.len() } else { NAMED };
    for entry in stale.iter().take(shown) {
        writeln!(
            outside.stderr,
            "info: stale in the baseline: {}",
            told(entry)
        )?;
    }
    if stale.len() > shown {
        let more = stale.len() - shown;
        writeln!(
            outside.stderr,
            "info: {more} more entries of the baseline are stale"
        )?;
    }
    writeln!(
        outside.stderr,
        "info: `vmlint baseline prune {}` removes what is no longer found",
        file.display()
    )?;
    Ok(())
}

fn told(entry: &Entry) -> String {
    let text = match &entry.resource {
        Some(resource) => format!("{} of `{resource}` ({})", entry.rule, entry.path),
        None => format!("{} ({})", entry.rule, entry.path),
    };
    console::plain(&text).into_owned()
}

/// The entries that no finding has, although their files were read with all that exists, and their
/// rules ran and had all they needed.
fn stale(
    reach: &Reach<'_>,
    options: &Options,
    checked: &Checked,
    outside: &Outside<'_>,
) -> Vec<Entry> {
    let here = &outside.working_directory;
    let root = above(here, Root::Git).unwrap_or_else(|| here.clone());
    let entries = checked.leftovers.baseline.iter();
    let certain = |entry: &&Entry| {
        let path = plain(&root.join(&entry.path));
        let unsure = checked.skipped.iter().any(|skip| {
            *skip.rule == *entry.rule && Some(&skip.resource) == entry.resource.as_ref()
        });
        let levels = &options.levels;
        let runs = !levels.has(&entry.rule) || levels.runs(&entry.rule);
        options.world == World::Closed
            && runs
            && !unsure
            && reach.roots.iter().any(|root| is_within(&path, root))
    };
    entries.filter(certain).cloned().collect()
}

/// Removes stale entries from a baseline.
fn prune(args: &PruneArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let check = args.check();
    let (rules, options) = check::prepare(&check, None, outside)?;
    let request = check::request(&check, None, outside);
    let roots = check::roots(&request);
    let reach = Reach {
        settings: &options.settings,
        roots: &roots,
        quiet: true,
        discovered: false,
    };
    let found = reach.narrow(check::find(&check, &request)?, outside)?;
    let outcomes = found.into_iter().map(Outcome::Waiting).collect();
    let checked = crate::check(outcomes, &rules, &options, &|| {});
    let stale = stale(&reach, &options, &checked, outside);
    let baseline = read_baseline(&Disk::default(), &args.file, outside)?.without(&stale);
    for entry in &stale {
        writeln!(outside.stdout, "{}", told(entry))?;
    }
    if !stale.is_empty() {
        write(&args.file, &baseline, outside)?;
    }
    writeln!(
        outside.stderr,
        "removed {}, kept {}",
        entries(stale.len()),
        baseline.len()
    )?;
    Ok(Exit::Clean)
}

fn entries(count: usize) -> String {
    match count {
        1 => "1 entry".to_owned(),
        count => format!("{count} entries"),
    }
}

/// Puts baselines together.
fn merge(
    files: &[PathBuf],
    output: Option<&Path>,
    outside: &mut Outside<'_>,
) -> Result<Exit, Stop> {
    let mut merged = Baseline::default();
    for file in files {
        merged = merged.merged(read_baseline(&Disk::default(), file, outside)?);
    }
    match output {
        Some(file) => write(file, &merged, outside)?,
        None => outside.stdout.write_all(merged.render().as_bytes())?,
    }
    Ok(Exit::Clean)
}
