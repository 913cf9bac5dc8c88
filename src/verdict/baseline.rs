//! The baseline: findings that were there when vmlint was switched on, one a line.
//!
//! A line is a JSON object, and the lines are in the order of their bytes, the header first. So a new
//! finding is a new line beside others of its file, two branches seldom touch the same place, and
//! `merge=union` of git or `sort -u` put them together. Nothing is in a line that changes when
//! other objects, days or words of messages do.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Finding, Severity};
use crate::discover::Viewpoint;
use crate::source::{FileId, Location, SourceFile, Sources, Span};

/// The version of the format.
const VERSION: u32 = 1;

/// A finding of the baseline.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Entry {
    /// The file, from the root of the repository; for people.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// The resource, as `Kind/name`; none for findings about a file.
    pub resource: Option<String>,
    /// What tells the finding from others.
    pub fingerprint: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    baseline: u32,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Entry(Entry),
    Header(Header),
}

/// Findings that are recorded.
#[derive(Clone, Default, Debug)]
pub struct Baseline {
    entries: Vec<Entry>,
    /// Files as seen from the root of the repository.
    seen: Viewpoint,
}

/// What became of findings that were held against a baseline.
#[derive(Default, Debug)]
pub struct Recorded {
    /// How many of them it has.
    pub count: usize,
    /// What it has beside them.
    pub stale: Vec<Entry>,
}

impl Baseline {
    /// A baseline of findings that are complete with their nodes.
    #[must_use]
    pub fn of(findings: &[Finding], sources: &Sources, seen: Viewpoint) -> Self {
        let entries = findings.iter().map(|finding| {
            let path = seen.name(sources.get(finding.location.file).path());
            Entry {
                rule: finding.rule.to_string(),
                resource: finding.resource.as_ref().map(ToString::to_string),
                fingerprint: finding.fingerprint(&path),
                path,
            }
        });
        Baseline {
            entries: entries.collect(),
            seen,
        }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// The lines that are none of a baseline.
    pub fn parse(file: FileId, source: &SourceFile, seen: Viewpoint) -> Result<Self, Vec<Finding>> {
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        let mut has_header = false;
        for number in 0..source.line_count() {
            let span = source.line_span(number);
            let text = source.slice(span).trim();
            if text.is_empty() {
                continue;
            }
            let error = match serde_json::from_str(text) {
                Ok(Line::Entry(entry)) if has_header => {
                    entries.push(entry);
                    continue;
                }
                Ok(Line::Header(Header { baseline: VERSION })) => {
                    has_header = true;
                    continue;
                }
                Ok(Line::Header(_)) => "this baseline is of another version of vmlint",
                Ok(Line::Entry(_)) => "the first line of this baseline is missing",
                Err(_) => "this is no line of a baseline",
            };
            errors.push(refuse(file, span, error, text));
            if errors.len() == MOST_ERRORS {
                break;
            }
            has_header = true;
        }
        match errors.is_empty() {
            true => Ok(Baseline { entries, seen }),
            false => Err(errors),
        }
    }

    /// Takes out the findings that are recorded, each as often as it stands here.
    pub fn take_out(&self, findings: &mut Vec<Finding>, sources: &Sources) -> Recorded {
        let mut left: HashMap<&str, Vec<&Entry>> = HashMap::new();
        for entry in self.entries.iter().rev() {
            left.entry(&entry.fingerprint).or_default().push(entry);
        }
        let before = findings.len();
        findings.retain(|finding| {
            let path = self.seen.name(sources.get(finding.location.file).path());
            let recorded = left.get_mut(finding.fingerprint(&path).as_str());
            recorded.and_then(Vec::pop).is_none()
        });
        let mut stale: Vec<Entry> = left.into_values().flatten().cloned().collect();
        stale.sort();
        Recorded {
            count: before - findings.len(),
            stale,
        }
    }

    /// Leaves out entries, each as often as it is given.
    #[must_use]
    pub fn without(mut self, entries: &[Entry]) -> Self {
        let mut out: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in entries {
            *out.entry(entry).or_default() += 1;
        }
        self.entries.retain(|entry| match out.get_mut(entry) {
            Some(count @ 1..) => {
                *count -= 1;
                false
            }
            _ => true,
        });
        self
    }

    /// All that either of two has, as often as the one that has it more often.
    #[must_use]
    pub fn merged(self, other: Baseline) -> Self {
        let mut groups: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        for mut own in [grouped(self.entries), grouped(other.entries)] {
            while let Some((fingerprint, entries)) = own.pop_first() {
                let known = groups.entry(fingerprint).or_default();
                let rank = |it: &Vec<Entry>| (it.len(), it.clone());
                if rank(&entries) > rank(known) {
                    *known = entries;
                }
            }
        }
        Baseline {
            entries: groups.into_values().flatten().collect(),
            seen: self.seen,
        }
    }

    /// How many findings are recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The text of the file.
    #[must_use]
    pub fn render(&self) -> String {
        let line = |entry| serde_json::to_string(entry).unwrap_or_default();
        let mut lines: Vec<String> = self.entries.iter().map(line).collect();
        lines.sort_unstable();
        let header = serde_json::to_string(&Header { baseline: VERSION }).unwrap_or_default();
        lines.insert(0, header);
        lines.join("\n") + "\n"
    }
}

/// How many lines are told that are wrong.
const MOST_ERRORS: usize = 5;

fn grouped(entries: Vec<Entry>) -> BTreeMap<String, Vec<Entry>> {
    let mut groups: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in entries {
        let group = groups.entry(entry.fingerprint.clone()).or_default();
        group.push(entry);
    }
    groups.values_mut().for_each(|group| group.sort());
    groups
}

fn refuse(file: FileId, span: Span, message: &str, text: &str) -> Finding {
    let marker = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    let help = match marker.iter().any(|it| text.starts_with(it)) {
        true => "a merge stopped here: remove the lines with marks, and keep all others",
        false => "`--write-baseline` writes it anew",
    };
    let location = Location { file, span };
    Finding::new("baseline", Severity::Error, location, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(number: u8) -> Entry {
        Entry {
            path: format!("vms/{}.yaml", number % 3),
            rule: "cross-vendor-move".to_owned(),
            resource: number
                .is_multiple_of(2)
                .then(|| format!("VirtualMachine/\u{e9}{number}")),
            fingerprint: format!("{:032x}", number / 2),
        }
    }

    fn baseline(numbers: &[u8]) -> Baseline {
        Baseline {
            entries: numbers.iter().copied().map(entry).collect(),
            seen: Viewpoint::default(),
        }
    }

    fn parse(text: &str) -> Result<Baseline, Vec<Finding>> {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("baseline", text));
        Baseline::parse(file, sources.get(file), Viewpoint::default())
    }

    #[test]
    fn one_finding_is_one_line() {
        assert_eq!(
            baseline(&[1, 0]).render(),
            "{\"baseline\":1}\n\
             {\"path\":\"vms/0.yaml\",\"rule\":\"cross-vendor-move\",\
             \"resource\":\"VirtualMachine/\u{e9}0\",\"fingerprint\":\"00000000000000000000000000000000\"}\n\
             {\"path\":\"vms/1.yaml\",\"rule\":\"cross-vendor-move\",\
             \"resource\":null,\"fingerprint\":\"00000000000000000000000000000000\"}\n"
        );
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        let message = |text: &str| parse(text).unwrap_err()[0].message.clone();
        assert!(message("{\"baseline\":2}\n").contains("another version"));
        let lines = baseline(&[1]).render();
        let (_, entries) = lines.split_once('\n').unwrap();
        assert!(message(entries).contains("first line"));
        let torn = lines.replace("\n{\"path", "\n<<<<<<< HEAD\n{\"path");
        let error = &parse(&torn).unwrap_err()[0];
        assert!(error.help.as_ref().unwrap().contains("merge"), "{error:?}");
        assert!(parse(&"[".repeat(50_000)).is_err());
        assert!(parse(&lines.replace('\n', "\r\n")).is_ok());
        assert!(parse("").unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in proptest::collection::vec(0..12_u8, 0..20)) {
            let text = baseline(&numbers).render();
            let again = parse(&text).unwrap();
            prop_assert_eq!(again.render(), text.clone());
            let mut lines: Vec<_> = text.lines().collect();
            lines.sort_unstable();
            prop_assert_eq!(lines.join("\n") + "\n", text);
        }

        #[test]
        fn merging_has_no_order_and_keeps_the_larger_count(
            a in proptest::collection::vec(0..12_u8, 0..20),
            b in proptest::collection::vec(0..12_u8, 0..20),
        ) {
            let merged = baseline(&a).merged(baseline(&b));
            prop_assert_eq!(merged.render(), baseline(&b).merged(baseline(&a)).render());
            let count = |baseline: &Baseline, fingerprint: &str| {
                baseline.entries.iter().filter(|it| it.fingerprint == fingerprint).count()
            };
            for number in 0..12 {
                let fingerprint = entry(number).fingerprint;
                let most = count(&baseline(&a), &fingerprint).max(count(&baseline(&b), &fingerprint));
                prop_assert_eq!(count(&merged, &fingerprint), most);
            }
        }
    }
}
