//! Diagnostics for reviewdog: its `DiagnosticResult`, as JSON (reviewdog, `proto/rdf`).
//!
//! Columns count bytes there, and a suggestion is one replacement in the file of the diagnostic.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::CompactFormatter;

use super::Report;
use super::machine::write_json;
use crate::diagnostic::{Edit, Finding, Severity};
use crate::source::Location;

/// Writes the result.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let result = DiagnosticResult {
        source: Source {
            name: env!("CARGO_PKG_NAME"),
        },
        diagnostics: Diagnostics(report),
    };
    write_json(out, &result, CompactFormatter)
}

#[derive(Serialize)]
struct DiagnosticResult<'a> {
    source: Source,
    diagnostics: Diagnostics<'a>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
}

struct Diagnostics<'a>(&'a Report<'a>);

impl Serialize for Diagnostics<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Diagnostics(report) = self;
        serializer.collect_seq(report.findings.iter().map(|it| Diagnostic::new(it, report)))
    }
}

#[derive(Serialize)]
struct Diagnostic<'a> {
    message: String,
    location: Place,
    severity: &'static str,
    code: Code<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related<'a>>,
}

#[derive(Serialize)]
struct Code<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct Related<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    message: &'a str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    range: Range,
}

#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

impl<'a> Diagnostic<'a> {
    fn new(finding: &'a Finding, report: &Report<'_>) -> Self {
        let labels = finding.labels.iter().map(|label| Related {
            message: &label.text,
            location: place(label.location, report),
        });
        Diagnostic {
            message: match &finding.help {
                Some(help) => format!("{}\nhelp: {help}", finding.message),
                None => finding.message.clone(),
            },
            location: place(finding.location, report),
            severity: match finding.severity {
                Severity::Error => "ERROR",
                Severity::Warning => "WARNING",
                Severity::Info => "INFO",
            },
            code: Code {
                value: &finding.rule,
                url: (report.page)(&finding.rule),
            },
            suggestions: suggestions(finding, report),
            related_locations: labels.collect(),
        }
    }
}

/// The fixes that one replacement makes. Of several, each could be applied without the others.
fn suggestions<'a>(finding: &'a Finding, report: &Report<'_>) -> Vec<Suggestion<'a>> {
    let edits = finding.fixes.iter().filter_map(|fix| match &*fix.edits {
        [edit] if edit.location.file == finding.location.file => Some(edit),
        _ => None,
    });
    let suggestion = |edit: &'a Edit| Suggestion {
        range: range(edit.location, report),
        text: &edit.text,
    };
    edits.map(suggestion).collect()
}

fn place(location: Location, report: &Report<'_>) -> Place {
    Place {
        path: report.path(location).into_owned(),
        range: range(location, report),
    }
}

fn range(location: Location, report: &Report<'_>) -> Range {
    let file = report.sources.get(location.file);
    let point = |byte: u32| {
        let line = file.line_of(byte);
        Point {
            line: line + 1,
            column: (byte - file.line_span(line).start) as usize + 1,
        }
    };
    Range {
        start: point(location.span.start),
        end: point(location.span.end),
    }
}
