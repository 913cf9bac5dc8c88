//! `vmlint check --fix` and `--diff`: what fixes make of files, written or shown.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use super::check::{Stdin, reads_stdin};
use super::console::Reader;
use super::service::Service;
use super::{Exit, Outside, Stop, Trouble, console};
use crate::Checked;
use crate::cli::CheckArgs;
use crate::diagnostic::Fix;
use crate::discover::{Candidate, Outcome};
use crate::edit::{self, Refusal};
use crate::mend::{Change, Mended, mend};
use crate::report::Fixing;
use crate::source::{FileId, MAX_BYTES};

/// What was read, and how to check it again.
pub(super) struct Estate<'e> {
    /// The files, in the order of `outcomes`.
    pub(super) found: &'e [Candidate],
    /// Standard input, the last of `outcomes`.
    pub(super) stdin: Option<&'e Stdin>,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) lint: &'e dyn Fn(Vec<Outcome>) -> Checked,
    /// Whether a file belongs to what the run is about.
    pub(super) shown: &'e dyn Fn(&str) -> bool,
}

impl Estate<'_> {
    fn mend(&mut self, args: &CheckArgs, checked: Checked) -> Mended {
        let files = checked.sources.iter();
        let shown: HashSet<FileId> = files
            .filter(|(_, file)| (self.shown)(file.path()))
            .map(|(id, _)| id)
            .collect();
        let wanted = |fix: &Fix| {
            let mut files = fix.edits.iter().map(|edit| edit.location.file);
            (fix.safe || args.unsafe_fixes) && files.all(|file| shown.contains(&file))
        };
        mend(
            std::mem::take(&mut self.outcomes),
            checked,
            self.lint,
            &wanted,
        )
    }
}

/// Whether standard output gets the fixed text of standard input.
pub(super) fn prints_text(args: &CheckArgs) -> bool {
    args.fix && !args.diff && reads_stdin(args)
}

/// Applies fixes to the files. What is left is of the files as they are then.
pub(super) fn fix(
    args: &CheckArgs,
    mut estate: Estate<'_>,
    checked: Checked,
    outside: &mut Outside<'_>,
) -> Result<(Checked, Exit), Stop> {
    if estate
        .stdin
        .is_some_and(|stdin| stdin.bytes.len() > MAX_BYTES)
    {
        let trouble = Trouble::new("standard input is larger than 64 MiB");
        return Err(trouble
            .help("what was not read cannot be printed again")
            .into());
    }
    let mut mended = estate.mend(args, checked);
    let mut exit = Exit::Clean;
    let refused = write_files(&mended, estate.found);
    if !refused.is_empty() {
        exit = Exit::Trouble;
        for (index, refusal) in &refused {
            let name = estate.found.get(*index).map(|file| file.display.as_str());
            let name = console::plain(name.unwrap_or_default());
            writeln!(outside.stderr, "vmlint: cannot fix `{name}`: {refusal}")?;
        }
        let refused: Vec<usize> = refused.into_iter().map(|(index, _)| index).collect();
        mended = mended.without(&refused, estate.lint);
    }
    if let Some(stdin) = estate.stdin {
        let is_stdin = |change: &&Change| change.index >= estate.found.len();
        let change = mended.changes.iter().find(is_stdin);
        match change.and_then(|change| mended.after(change)) {
            Some(file) => outside.stdout.write_all(&file.encode())?,
            None => outside.stdout.write_all(&stdin.bytes)?,
        }
    }
    Ok((summed_up(mended, args), exit))
}

/// Shows what fixes would make of the files.
pub(super) fn show(
    args: &CheckArgs,
    mut estate: Estate<'_>,
    checked: Checked,
    outside: &mut Outside<'_>,
) -> Result<(Checked, Exit), Stop> {
    let mended = estate.mend(args, checked);
    let style = console::style(args.color.color, outside);
    let reader = match Service::all(outside.env).next() {
        _ if outside.stdout_is_terminal => Reader::Terminal,
        Some(_) => Reader::Service,
        None => Reader::Other,
    };
    for change in &mended.changes {
        let after = mended.after(change).map_or("", |file| file.text());
        let path = console::plain(change.before.path());
        let diff = edit::unified(&path, change.before.text(), after);
        let diff = console::diff(&diff, &style, reader);
        outside.stdout.write_all(diff.as_bytes())?;
    }
    let exit = match mended.changes.is_empty() {
        true => Exit::Clean,
        false => Exit::Findings,
    };
    Ok((summed_up(mended, args), exit))
}

/// Writes the files that changed; hands out those that could not be written, and why.
fn write_files(mended: &Mended, found: &[Candidate]) -> Vec<(usize, Refusal)> {
    let mut refused = Vec::new();
    let mut written: HashMap<PathBuf, Vec<u8>> = HashMap::new();
    for change in &mended.changes {
        let Some(path) = found.get(change.index).map(Candidate::path) else {
            continue;
        };
        let Some(after) = mended.after(change).map(|file| file.encode()) else {
            continue;
        };
        // One file can be read by two names.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if written.get(&target) == Some(&after) {
            continue;
        }
        match edit::replace(path, &change.before.encode(), &after) {
            Ok(()) => {
                written.insert(target, after);
            }
            Err(refusal) => refused.push((change.index, refusal)),
        }
    }
    refused
}

/// What is left, with the number of what was fixed.
fn summed_up(mended: Mended, args: &CheckArgs) -> Checked {
    let fixed = mended.fixed();
    let mut checked = mended.checked;
    let (_, more) = fixable(&checked);
    checked.summary.fixing = Some(Fixing {
        fixed,
        more: if args.unsafe_fixes { 0 } else { more },
        only_shown: args.diff,
    });
    checked
}

/// How many findings can be fixed: safely, and otherwise.
fn fixable(checked: &Checked) -> (usize, usize) {
    let with_fix = checked.findings.iter().filter(|it| !it.fixes.is_empty());
    let (safe, others): (Vec<_>, Vec<_>) =
        with_fix.partition(|finding| finding.fixes.iter().any(|fix| fix.safe));
    (safe.len(), others.len())
}

/// How findings can be fixed, if they can.
pub(super) fn hint(checked: &Checked) -> Option<String> {
    match fixable(checked) {
        (0, 0) => None,
        (safe, 0) => Some(format!("{safe} fixable with `--fix`")),
        (0, more) => Some(format!("{more} fixable with `--fix --unsafe-fixes`")),
        (safe, more) => Some(format!(
            "{safe} fixable with `--fix`, {more} more with `--unsafe-fixes`"
        )),
    }
}
