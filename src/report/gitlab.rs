//! A Code Quality report of GitLab: what the widget of a merge request reads.
//!
//! GitLab keeps one entry of those with the same fingerprint, and refuses a byte-order mark.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::CompactFormatter;

use super::Report;
use super::machine::write_json;
use crate::diagnostic::{Finding, Severity};

/// Writes the array.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_json(out, &Issues(report), CompactFormatter)
}

struct Issues<'a>(&'a Report<'a>);

impl Serialize for Issues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Issues(report) = self;
        let findings = report.findings.iter().zip(report.fingerprints());
        serializer.collect_seq(findings.map(|(each, mark)| Issue::new(each, mark, report)))
    }
}

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

impl<'a> Issue<'a> {
    fn new(finding: &'a Finding, fingerprint: String, report: &Report<'_>) -> Self {
        let place = report.place(finding.location);
        Issue {
            description: &finding.message,
            check_name: &finding.rule,
            fingerprint,
            severity: match finding.severity {
                Severity::Error => "critical",
                Severity::Warning => "major",
                Severity::Info => "info",
            },
            location: Place {
                path: place.path.into_owned(),
                lines: Lines {
                    begin: place.start.line,
                    end: place.end.line,
                },
            },
        }
    }
}
