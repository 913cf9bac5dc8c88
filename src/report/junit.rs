//! Test results as Ant's JUnit task writes them, for what shows nothing else: a suite for each file
//! in which something was found, a failed case for each finding, and one that passes where nothing
//! was found.
//!
//! Valid by the schema of Ant, which asks for attributes that mean nothing here, and by that of
//! Jenkins. Nothing is taken from the clock.

use std::collections::HashMap;
use std::io::{self, Write};

use super::machine::escaped;
use super::{Report, visible};
use crate::diagnostic::Finding;

/// Writes the document.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    let suites = report
        .findings
        .chunk_by(|a, b| a.location.file == b.location.file);
    for (id, findings) in suites.enumerate() {
        write_suite(id, findings, report, out)?;
    }
    if report.findings.is_empty() {
        open_suite(0, "vmlint", 1, 0, report, out)?;
        writeln!(
            out,
            "    <testcase classname=\"vmlint\" name=\"no findings\" time=\"0\"/>"
        )?;
        close_suite(out)?;
    }
    writeln!(out, "</testsuites>")
}

fn write_suite(
    id: usize,
    findings: &[Finding],
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let [first, ..] = findings else {
        return Ok(());
    };
    let path = report.path(first.location);
    open_suite(id, &path, findings.len(), findings.len(), report, out)?;
    let mut names = HashMap::new();
    for finding in findings {
        let count = names
            .entry(name(finding))
            .and_modify(|count| *count += 1)
            .or_insert(1);
        let name = match count {
            1 => name(finding),
            count => format!("{} ({count})", name(finding)),
        };
        writeln!(
            out,
            "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">",
            xml(&path),
            xml(&name)
        )?;
        let mut lines = vec![format!("{}: {}", finding.severity, finding.message)];
        lines.push(format!("at {}", report.spot(finding.location)));
        lines.extend(report.further(finding));
        let lines: Vec<String> = lines.iter().map(|line| xml(line)).collect();
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{}\">{}</failure>",
            finding.severity,
            xml(&finding.message),
            lines.join("\n")
        )?;
        writeln!(out, "    </testcase>")?;
    }
    close_suite(out)
}

/// What a case is called: the same from run to run while the finding is.
fn name(finding: &Finding) -> String {
    let mut name = finding.rule.to_string();
    if let Some(resource) = &finding.resource {
        name = format!("{name} {resource}");
    }
    match finding.node.is_empty() {
        true => name,
        false => format!("{name} {}", finding.node),
    }
}

fn open_suite(
    id: usize,
    name: &str,
    tests: usize,
    failures: usize,
    report: &Report<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "  <testsuite id=\"{id}\" name=\"{}\" package=\"vmlint\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\" time=\"0\" timestamp=\"{}T00:00:00\" \
         hostname=\"localhost\">",
        xml(name),
        xml(report.as_of)
    )?;
    writeln!(
        out,
        "    <properties><property name=\"version\" value=\"{}\"/></properties>",
        env!("CARGO_PKG_VERSION")
    )
}

fn close_suite(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "    <system-out/>")?;
    writeln!(out, "    <system-err/>")?;
    writeln!(out, "  </testsuite>")
}

/// Text as content or in an attribute. XML has no way to write control characters, so they become
/// symbols.
fn xml(text: &str) -> String {
    escaped(&visible::line(text, true), |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&apos;"),
        '\u{FFFE}' | '\u{FFFF}' => Some("\u{FFFD}"),
        _ => None,
    })
}
