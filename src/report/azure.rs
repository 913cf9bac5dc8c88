//! Logging commands of Azure Pipelines, which become issues of a run.

use std::io::{self, Write};

use super::concise::elsewhere;
use super::machine::escaped;
use super::{Report, visible};
use crate::diagnostic::{Finding, Severity};

/// Writes a command for each finding, the worst ones first, then what to make of the task. There is
/// no command for what is mildest, which is a line of the log.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for index in report.worst_first() {
        write_finding(&report.findings[index], report, out)?;
    }
    if let Some(file) = report.digest_file {
        writeln!(out, "##vso[task.uploadsummary]{}", message(file))?;
    }
    let worst = report.findings.iter().map(|it| it.severity).max();
    let fails = report.fails_from.is_some_and(|from| worst >= Some(from));
    let result = match worst {
        _ if fails => "Failed",
        Some(Severity::Error | Severity::Warning) => "SucceededWithIssues",
        Some(Severity::Info) | None => return Ok(()),
    };
    writeln!(out, "##vso[task.complete result={result};]")
}

/// The place is in the text as well, as the list of issues shows nothing else.
fn write_finding(finding: &Finding, report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut text = format!("{}: {}", report.spot(finding.location), finding.message);
    text.push_str(&elsewhere(finding, report));
    if let Some(help) = &finding.help {
        let help: Vec<&str> = help.split_whitespace().collect();
        text = format!("{text}; help: {}", help.join(" "));
    }
    let text = visible::line(&text, true);
    if finding.severity == Severity::Info {
        let rule = visible::line(&finding.rule, true);
        return writeln!(out, "info[{rule}]: {text}");
    }
    let path = (report.absolute_path)(report.sources.get(finding.location.file).path());
    let at = report.start(finding.location);
    writeln!(
        out,
        "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};code={};]{}",
        property(&path),
        at.line,
        at.column,
        property(&finding.rule),
        message(&text)
    )
}

fn message(text: &str) -> String {
    escaped(text, |c| match c {
        '%' => Some("%AZP25"),
        '\r' => Some("%0D"),
        '\n' => Some("%0A"),
        _ => None,
    })
}

fn property(text: &str) -> String {
    let text = visible::line(text, true);
    escaped(&text, |c| match c {
        '%' => Some("%AZP25"),
        ';' => Some("%3B"),
        ']' => Some("%5D"),
        _ => None,
    })
}
