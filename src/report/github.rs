//! Workflow commands of GitHub Actions, which become annotations in the files of a pull request.

use std::io::{self, Write};

use super::machine::escaped;
use super::{Report, visible};
use crate::diagnostic::{Finding, Severity};

/// How many annotations of a kind GitHub shows of a step
/// (actions/toolkit, `docs/problem-matchers.md`).
const SHOWN: usize = 10;

/// Writes a command for each finding, the worst ones first, and one that counts those that are not
/// shown.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let order = report.worst_first();
    let mild = |index: &usize| report.findings[*index].severity == Severity::Info;
    let (bad, mild) = order.split_at(order.partition_point(|index| !mild(index)));
    for index in bad {
        write_finding(&report.findings[*index], report, out)?;
    }
    // It is a notice itself, so behind ten others it would not be shown.
    if let Some(hidden) = hidden(report) {
        let text = format!(
            "{hidden} of {} findings are in the log only: GitHub shows {SHOWN} errors, {SHOWN} \
             warnings and {SHOWN} notices of a step",
            report.findings.len()
        );
        writeln!(out, "::notice title=vmlint::{}", message(&text))?;
    }
    for index in mild {
        write_finding(&report.findings[*index], report, out)?;
    }
    Ok(())
}

/// How many findings GitHub does not show, if there are any.
fn hidden(report: &Report<'_>) -> Option<usize> {
    let count = |severity| {
        let findings = report.findings.iter();
        findings.filter(|it| it.severity == severity).count()
    };
    let over = |severity, shown| count(severity).saturating_sub(shown);
    let bad = over(Severity::Error, SHOWN) + over(Severity::Warning, SHOWN);
    match bad + over(Severity::Info, SHOWN) {
        0 => None,
        _ => Some(bad + over(Severity::Info, SHOWN - 1)),
    }
}

fn write_finding(finding: &Finding, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let place = report.place(finding.location);
    let mut lines = vec![visible::line(&finding.message, true).into_owned()];
    lines.extend(report.further(finding));
    write!(
        out,
        "::{} file={},line={},",
        word(finding.severity),
        property(&place.path),
        place.start.line
    )?;
    // Columns are refused where there are several lines.
    match place.end.line == place.start.line {
        true => write!(
            out,
            "endLine={},col={},endColumn={},",
            place.end.line, place.start.column, place.end.column
        )?,
        false => write!(out, "endLine={},", place.end.line)?,
    }
    writeln!(
        out,
        "title={}::{}",
        property(&finding.rule),
        message(&lines.join("\n"))
    )
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

/// The text of a command.
fn message(text: &str) -> String {
    escaped(text, |c| match c {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    })
}

/// The value of a property. Line breaks stay what they are; other control characters could only be
/// shown by a terminal.
fn property(text: &str) -> String {
    let escape = |c| match c {
        '%' => Some("%25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        ':' => Some("%3A"),
        ',' => Some("%2C"),
        _ => None,
    };
    let parts = text.split_inclusive(['\r', '\n']).map(|part| {
        let body = part.trim_end_matches(['\r', '\n']);
        let shown = visible::line(body, true);
        escaped(&shown, escape) + &escaped(&part[body.len()..], escape)
    });
    parts.collect()
}
