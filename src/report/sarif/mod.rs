//! SARIF 2.1.0, as GitHub's code scanning takes it.
//!
//! GitHub refuses a report over its limits, so what is beyond them is left out, the mildest first,
//! and a notification says so (docs.github.com, "SARIF results exceed one or more limits"). Of a
//! result it shows the first location and those others that the message links.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::CompactFormatter;
use serde_json::{Value, json};

use super::Report;
use super::line_hash::line_hashes;
use super::machine::write_json;
use crate::diagnostic::{Finding, Fix, Label, Severity};
use crate::source::{FileId, Location};

mod rule;
mod text;

use text::{linked, message, uri};

/// How many results of a run GitHub takes.
const RESULTS: usize = 25_000;
/// How many locations of a result GitHub takes, the primary one included.
const LOCATIONS: usize = 1_000;
/// How many related locations GitHub shows: so many are linked from the message.
const LINKS: usize = 100;
/// Bytes of results. GitHub takes 10 MB of a compressed file, and reports shrink to about a sixth.
const BYTES: usize = 48 << 20;

/// Writes the log.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let limits = Limits {
        results: RESULTS,
        locations: LOCATIONS,
        bytes: BYTES,
    };
    write_json(out, &Log::new(report, &limits), CompactFormatter)
}

struct Limits {
    results: usize,
    locations: usize,
    bytes: usize,
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    artifacts: Vec<Value>,
    results: Results<'a>,
}

impl<'a> Log<'a> {
    fn new(report: &'a Report<'a>, limits: &Limits) -> Self {
        let results = Results::new(report, limits);
        let rules: Vec<Value> = results
            .rules
            .iter()
            .map(|id| rule::descriptor(id, report))
            .collect();
        let notices = results.notices(limits);
        Log {
            schema: "https://json.schemastore.org/sarif-2.1.0.json",
            version: "2.1.0",
            runs: [Run {
                tool: json!({ "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": "https://vmlint.dev",
                    "rules": rules,
                } }),
                column_kind: "unicodeCodePoints",
                invocations: json!([{
                    "executionSuccessful": true,
                    "toolExecutionNotifications": notices,
                }]),
                artifacts: results.artifacts(),
                results,
            }],
        }
    }
}

/// The results that are written. Each is made when it is, so that only one is held at a time.
struct Results<'a> {
    report: &'a Report<'a>,
    fingerprints: Vec<String>,
    /// Where in the findings they are, the worst ones first.
    kept: Vec<usize>,
    related: usize,
    /// Ids of their rules.
    rules: Vec<&'a str>,
    /// The addresses of files they speak of.
    files: Vec<String>,
    hashes: RefCell<HashMap<FileId, Vec<String>>>,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.kept.iter().map(|index| self.result(*index)))
    }
}

impl<'a> Results<'a> {
    fn new(report: &'a Report<'a>, limits: &Limits) -> Self {
        let mut kept = report.worst_first();
        kept.truncate(limits.results);
        let findings = kept.iter().map(|index| &report.findings[*index]);
        let rules: BTreeSet<&str> = findings.map(|finding| &*finding.rule).collect();
        let mut results = Results {
            report,
            fingerprints: report.fingerprints(),
            kept,
            related: limits.locations.saturating_sub(1),
            rules: rules.into_iter().collect(),
            files: Vec::new(),
            hashes: RefCell::default(),
        };
        results.note_files();
        results.limit_bytes(limits.bytes);
        results
    }

    /// Notes the files that results speak of. Two of them can be one, read by two names.
    fn note_files(&mut self) {
        let mut files = BTreeSet::new();
        for index in &self.kept {
            let finding = &self.report.findings[*index];
            files.insert(finding.location.file);
            files.extend(self.labels(finding).map(|label| label.location.file));
            let edits = finding.fixes.iter().flat_map(|fix| &fix.edits);
            files.extend(edits.map(|edit| edit.location.file));
        }
        let files: BTreeSet<String> = files.into_iter().map(|file| self.uri(file)).collect();
        self.files = files.into_iter().collect();
    }

    fn uri(&self, file: FileId) -> String {
        uri(&(self.report.machine_path)(
            self.report.sources.get(file).path(),
        ))
    }

    /// Leaves out the last results where all together are too long.
    fn limit_bytes(&mut self, most: usize) {
        let mut left = most;
        let fitting = self.kept.iter().take_while(|index| {
            let length = self.result(**index).to_string().len();
            let fits = length <= left;
            left = left.saturating_sub(length);
            fits
        });
        let fitting = fitting.count();
        self.kept.truncate(fitting);
    }

    fn labels<'f>(&self, finding: &'f Finding) -> impl Iterator<Item = &'f Label> {
        finding.labels.iter().take(self.related)
    }

    fn artifacts(&self) -> Vec<Value> {
        let artifact = |uri| json!({ "location": { "uri": uri }, "sourceLanguage": "yaml" });
        self.files.iter().map(artifact).collect()
    }

    /// What was left out.
    fn notices(&self, limits: &Limits) -> Vec<Value> {
        let findings = self.report.findings;
        let mut notices = Vec::new();
        if self.kept.len() < findings.len() {
            notices.push(format!(
                "{} of {} findings are left out, the mildest ones: GitHub takes {} results and \
                 10 MB of a run.",
                findings.len() - self.kept.len(),
                findings.len(),
                limits.results
            ));
        }
        let cut = self.kept.iter().filter(|index| {
            let labels = findings[**index].labels.len();
            labels > self.related
        });
        match cut.count() {
            0 => {}
            cut => notices.push(format!(
                "{cut} results have more than {} locations, of which the further ones are left out.",
                limits.locations
            )),
        }
        let notice = |text| json!({ "level": "warning", "message": { "text": text } });
        notices.into_iter().map(notice).collect()
    }

    fn result(&self, index: usize) -> Value {
        let finding = &self.report.findings[index];
        let rule = self.rules.binary_search(&&*finding.rule);
        let mut result = json!({
            "ruleId": &*finding.rule,
            "ruleIndex": rule.unwrap_or_default(),
            "level": level(finding.severity),
            "message": { "text": self.message(finding) },
            "locations": [self.primary(finding)],
        });
        let related: Vec<Value> = self
            .labels(finding)
            .enumerate()
            .map(|(index, label)| self.related(index + 1, label))
            .collect();
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        let mut fingerprints = json!({ "vmlint/v1": self.fingerprints[index] });
        if let Some(hash) = self.line_hash(finding.location) {
            fingerprints["primaryLocationLineHash"] = hash.into();
        }
        result["partialFingerprints"] = fingerprints;
        let fixes: Vec<Value> = finding.fixes.iter().map(|fix| self.fix(fix)).collect();
        if !fixes.is_empty() {
            result["fixes"] = fixes.into();
        }
        result
    }

    /// What is wrong, what to do, and a link to each place that takes part. Of what is wrong GitHub
    /// makes the title of an alert, up to the full stop.
    fn message(&self, finding: &Finding) -> String {
        let mut text = format!("{}.", message(&finding.message));
        if let Some(help) = &finding.help {
            text = format!("{text}\nHelp: {}.", message(help));
        }
        for (index, label) in self.labels(finding).take(LINKS).enumerate() {
            let at = self.report.start(label.location);
            let spot = format!("{}:{}", self.report.path(label.location), at.line);
            text += &match label.text.as_str() {
                "" => format!("\nSee {}.", linked(&spot, index + 1)),
                said => format!(
                    "\n{} ({}).",
                    linked(said, index + 1),
                    linked(&spot, index + 1)
                ),
            };
        }
        match finding.labels.len().saturating_sub(LINKS) {
            0 => text,
            more => format!("{text}\nAnd {more} more."),
        }
    }

    fn primary(&self, finding: &Finding) -> Value {
        let file = self.report.sources.get(finding.location.file);
        let location = Location {
            span: file.first_line(finding.location.span),
            ..finding.location
        };
        let mut primary = json!({ "physicalLocation": self.physical(location) });
        if let Some(resource) = &finding.resource {
            primary["logicalLocations"] = json!([{
                "name": &*resource.name,
                "fullyQualifiedName": resource.to_string(),
                "kind": "resource",
            }]);
        }
        primary
    }

    fn related(&self, id: usize, label: &Label) -> Value {
        let mut related = json!({
            "id": id,
            "physicalLocation": self.physical(label.location),
        });
        if !label.text.is_empty() {
            related["message"] = json!({ "text": message(&label.text) });
        }
        related
    }

    fn physical(&self, location: Location) -> Value {
        json!({
            "artifactLocation": self.artifact(location.file),
            "region": self.region(location),
        })
    }

    fn artifact(&self, file: FileId) -> Value {
        let uri = self.uri(file);
        let index = self.files.binary_search(&uri).unwrap_or_default();
        json!({ "uri": uri, "index": index })
    }

    fn region(&self, location: Location) -> Value {
        let place = self.report.place(location);
        json!({
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        })
    }

    fn fix(&self, fix: &Fix) -> Value {
        let safety = if fix.safe { "" } else { " (not safe)" };
        let files: BTreeSet<FileId> = fix.edits.iter().map(|edit| edit.location.file).collect();
        let change = |file: FileId| {
            let edits = fix.edits.iter().filter(|edit| edit.location.file == file);
            let replacements: Vec<Value> = edits
                .map(|edit| {
                    json!({
                        "deletedRegion": self.region(edit.location),
                        "insertedContent": { "text": edit.text },
                    })
                })
                .collect();
            json!({ "artifactLocation": self.artifact(file), "replacements": replacements })
        };
        json!({
            "description": { "text": format!("{}{safety}.", message(&fix.title)) },
            "artifactChanges": files.into_iter().map(change).collect::<Vec<_>>(),
        })
    }

    /// None where the file could not be read, which GitHub may be able to.
    fn line_hash(&self, location: Location) -> Option<String> {
        let file = self.report.sources.get(location.file);
        if file.text().is_empty() {
            return None;
        }
        let mut hashes = self.hashes.borrow_mut();
        let hashes = hashes
            .entry(location.file)
            .or_insert_with(|| line_hashes(&file.encode()));
        hashes.get(file.line_of(location.span.start)).cloned()
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests;
