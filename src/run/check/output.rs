//! What a check says: its reports, and what stands beside them on standard error.

use std::io::Write;

use crate::cli::{CheckArgs, Output};
use crate::discover::{Root, above, absolute, relative};
use crate::report::{self, Format, Report, closing_line};
use crate::rules::RuleSet;
use crate::run::service::{self, Service};
use crate::run::{Outside, Stop, Trouble, compare, console, fix, shelf};
use crate::{Checked, Options};

/// The formats asked for, else the one that suits standard output.
pub(super) fn outputs(args: &CheckArgs, outside: &Outside<'_>) -> Result<Vec<Output>, Trouble> {
    let mut outputs = args.format.clone();
    if outputs
        .iter()
        .filter(|output| output.file.is_none())
        .count()
        > 1
    {
        return Err(Trouble::new("only one format can go to standard output")
            .help("send the others to files: `--format json=vmlint.json`"));
    }
    if args.diff && outputs.iter().any(|output| output.file.is_none()) {
        return Err(Trouble::new("the diff goes to standard output")
            .help("send the findings to a file: `--format json=vmlint.json`"));
    }
    if outputs.is_empty() && !args.diff {
        let terminal = match fix::prints_text(args) {
            true => outside.stderr_is_terminal,
            false => outside.stdout_is_terminal,
        };
        let format = match terminal {
            true => Format::Pretty,
            false => Format::Concise,
        };
        let beside = Service::all(outside.env).map(Service::format);
        let formats = std::iter::once(format).chain(beside);
        outputs.extend(formats.map(|format| Output { format, file: None }));
    }
    Ok(outputs)
}

pub(super) fn write(
    args: &CheckArgs,
    outputs: &[Output],
    checked: &Checked,
    rules: &RuleSet,
    options: &Options,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    let root = above(&outside.working_directory, Root::Git);
    let working_directory = outside.working_directory.clone();
    let as_of = options.as_of.to_string();
    let mut report = Report {
        findings: &checked.findings,
        sources: &checked.sources,
        summary: &checked.summary,
        as_of: &as_of,
        machine_path: &|path| match &root {
            Some(root) => relative(&working_directory.join(path), root).into(),
            None => path.into(),
        },
        absolute_path: &|path| absolute(path, &working_directory),
        rules: Some(rules),
        page: &|rule| rules.url(rule),
        fails_from: args.fail_on.threshold(),
        digest_file: None,
        hint: !args.quiet,
    };
    let formats: Vec<Format> = outputs.iter().map(|output| output.format).collect();
    let digest_file = service::hand_over_digest(&formats, &report, outside)?;
    report.digest_file = digest_file.as_deref();
    // The fixed text of standard input takes the place of the findings.
    let beside = fix::prints_text(args);
    let style = match beside {
        true => console::error_style(args.color.color, outside),
        false => console::style(args.color.color, outside),
    };
    for Output { format, file } in outputs {
        match file {
            Some(file) => {
                let path = outside.working_directory.join(file);
                let style = report::Style {
                    color: false,
                    ..style
                };
                shelf::create(&path)
                    .and_then(|mut out| report::write(*format, &report, &style, &mut out))
                    .map_err(|error| {
                        Trouble::new(format!("cannot write `{}`: {error}", file.display()))
                    })?;
            }
            None => {
                let out = match beside {
                    true => &mut *outside.stderr,
                    false => &mut *outside.stdout,
                };
                match format.is_text() && args.statistics {
                    true => statistics(checked, out)?,
                    false => report::write(*format, &report, &style, out)?,
                }
            }
        }
    }
    Ok(())
}

/// How often each rule found something, most often first.
fn statistics(checked: &Checked, out: &mut dyn Write) -> Result<(), Stop> {
    let mut counts = std::collections::BTreeMap::new();
    for finding in &checked.findings {
        *counts
            .entry((&finding.rule, finding.severity))
            .or_insert(0_usize) += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    for ((rule, severity), count) in counts {
        writeln!(out, "{count:>6} {severity}[{rule}]")?;
    }
    Ok(())
}

/// What is said on standard error behind the findings.
pub(super) fn afterwards(
    args: &CheckArgs,
    checked: &Checked,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    let Checked {
        summary,
        templates,
        passed_over,
        skipped,
        ..
    } = checked;
    if args.explain_skips {
        for skip in skipped {
            let resource = console::plain(&skip.resource);
            let reason = console::plain(&skip.reason);
            let place = console::plain(&skip.place);
            writeln!(
                outside.stderr,
                "not evaluated: {} on {resource} ({place}): {reason}",
                skip.rule
            )?;
        }
    }
    if let Some(comparison) = &checked.comparison {
        compare::explain(args, comparison, outside)?;
    }
    if args.quiet {
        return Ok(());
    }
    if args.unsafe_fixes && !args.fix && !args.diff {
        let note = "note: `--unsafe-fixes` does nothing without `--fix` or `--diff`";
        writeln!(outside.stderr, "{note}")?;
    }
    if let [first, rest @ ..] = templates.as_slice() {
        let more = match rest.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        writeln!(
            outside.stderr,
            "note: skipped `{}`{more}: templates are not YAML until they are filled in",
            console::plain(first)
        )?;
        for path in rest.iter().filter(|_| args.verbose) {
            writeln!(outside.stderr, "note: skipped `{}`", console::plain(path))?;
        }
    }
    for path in passed_over.iter().filter(|_| args.verbose) {
        writeln!(
            outside.stderr,
            "note: passed over `{}`: it mentions no known format",
            console::plain(path)
        )?;
    }
    if summary.resources == 0 {
        writeln!(
            outside.stderr,
            "warning: none of these files declares a resource that vmlint knows"
        )?;
    }
    if let Some(hint) = fix::hint(checked).filter(|_| summary.fixing.is_none()) {
        writeln!(outside.stderr, "{hint}")?;
    }
    writeln!(outside.stderr, "{}", closing_line(summary))?;
    Ok(())
}
