//! The whole result as one JSON object, for programs.
//!
//! A stable format: `version` rises when a reader of the old one would break.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::PrettyFormatter;

use super::machine::{Place, write_json};
use super::{Report, Summary};
use crate::diagnostic::{Edit, Finding, Fix, Label, ResourceName};

/// Writes the object.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        as_of: report.as_of,
        findings: Findings(report),
        summary: report.summary,
    };
    write_json(out, &document, PrettyFormatter::new())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    version: u32,
    tool: Tool,
    as_of: &'a str,
    findings: Findings<'a>,
    summary: &'a Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// Makes each entry when it is written, so that only one is held at a time.
struct Findings<'a>(&'a Report<'a>);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Findings(report) = self;
        let findings = report.findings.iter().zip(report.fingerprints());
        serializer.collect_seq(findings.map(|(each, mark)| Entry::new(each, mark, report)))
    }
}

#[derive(Serialize)]
struct Entry<'a> {
    rule: &'a str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    url: Option<String>,
    resource: Option<Resource<'a>>,
    related: Vec<Resource<'a>>,
    location: Place<'a>,
    labels: Vec<Marked<'a>>,
    fingerprint: String,
    fixes: Vec<FixEntry<'a>>,
}

impl<'a> Entry<'a> {
    fn new(finding: &'a Finding, fingerprint: String, report: &Report<'a>) -> Self {
        Entry {
            rule: &finding.rule,
            severity: finding.severity.as_str(),
            message: &finding.message,
            help: finding.help.as_deref(),
            url: (report.page)(&finding.rule),
            resource: finding.resource.as_ref().map(Resource::new),
            related: finding.related.iter().map(Resource::new).collect(),
            location: report.place(finding.location),
            labels: finding
                .labels
                .iter()
                .map(|Label { location, text }| Marked {
                    place: report.place(*location),
                    text,
                })
                .collect(),
            fingerprint,
            fixes: finding
                .fixes
                .iter()
                .map(|fix| FixEntry::new(fix, report))
                .collect(),
        }
    }
}

#[derive(Serialize)]
struct Resource<'a> {
    kind: &'static str,
    namespace: &'a str,
    name: &'a str,
}

impl<'a> Resource<'a> {
    fn new(of: &'a ResourceName) -> Self {
        Resource {
            kind: of.kind,
            namespace: &of.namespace,
            name: &of.name,
        }
    }
}

/// A label.
#[derive(Serialize)]
struct Marked<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    text: &'a str,
}

/// All edits of a fix belong together.
#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    safe: bool,
    edits: Vec<Replaced<'a>>,
}

/// A place, empty for an insertion, and what is to stand there.
#[derive(Serialize)]
struct Replaced<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: &'a str,
}

impl<'a> FixEntry<'a> {
    fn new(fix: &'a Fix, report: &Report<'a>) -> Self {
        FixEntry {
            title: &fix.title,
            safe: fix.safe,
            edits: fix
                .edits
                .iter()
                .map(|Edit { location, text }| Replaced {
                    place: report.place(*location),
                    replacement: text,
                })
                .collect(),
        }
    }
}
