//! Findings in, findings out: which are shown, and how bad they are.
//!
//! Levels from the command line and settings, suppression comments and waivers with their own findings,
//! the baseline, the filter of `--focus`, and what of a change made a finding. What this is not: it
//! judges no estate.

mod baseline;
mod cause;
mod covered;
mod identity;
mod known;
mod levels;
mod suppression;
mod waivers;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jiff::civil::Date;

use crate::diagnostic::Finding;
use crate::settings::Settings;
use crate::source::{FileId, Location, Sources};

use covered::{Coverage, Named};
use waivers::Waivers;

pub use baseline::{Baseline, Entry};
pub use cause::{Declared, Differences, Subject};
pub use identity::identify;
pub use known::Known;
pub use levels::{Levels, Origin, UnknownRule};
pub use suppression::Suppression;
pub use waivers::mistakes;

/// What was suppressed, and what suppressions are wrong.
#[derive(Default, Debug)]
pub struct Judged {
    /// The findings that remain, those about suppressions among them.
    pub findings: Vec<Finding>,
    /// How many were suppressed or waived.
    pub suppressed: usize,
    /// The numbers of the waivers that waived something.
    pub used_waivers: BTreeSet<usize>,
}

/// What a run knows of its rules, for judging suppressions and waivers.
pub struct Evaluated<'r> {
    /// What is set for the run.
    pub settings: &'r Settings,
    /// The day for which it is judged what has expired.
    pub as_of: Date,
    /// What a file is called, seen from the folder of the settings.
    pub seen: &'r dyn Fn(FileId) -> String,
    /// Ids of all rules there are.
    pub rules: &'r [Arc<str>],
    /// Whether a rule ran, and had all it needed, in a file.
    pub certain: &'r dyn Fn(&str, FileId) -> bool,
    /// What the base has, where a change is judged, and what a file of the present is called there.
    pub known: Option<(&'r Known, &'r dyn Fn(FileId) -> String)>,
}

impl Evaluated<'_> {
    /// Whether a suppression of a finding counts.
    fn counts(&self, suppression: &Suppression, finding: &Finding) -> bool {
        self.known.is_none_or(|(known, named)| {
            known.admits(suppression, finding, &named(suppression.file()))
        })
    }
}

/// Applies levels, then suppressions and waivers; adds what is wrong with the suppressions.
#[must_use]
pub fn judge(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
    levels: &Levels,
    evaluated: &Evaluated<'_>,
) -> Judged {
    let mut judged = Judged::default();
    let mut used = Used::default();
    let coverage = Coverage::of(suppressions);
    let waivers = Waivers::new(evaluated.settings, evaluated.as_of);
    let severity = |finding: &Finding| {
        let seen = (evaluated.seen)(finding.location.file);
        levels.severity(&finding.rule, finding.severity, &seen)
    };
    for mut finding in findings {
        let Some(severity) = severity(&finding) else {
            continue;
        };
        finding.severity = severity;
        let mut suppressed = false;
        for (number, named) in coverage.covering(&finding) {
            used.note(number, named);
            // Those of the same text stand at the same node.
            let first = named.first().map(|(index, _)| &suppressions[*index]);
            suppressed |= first.is_some_and(|first| evaluated.counts(first, &finding));
        }
        let waiver = waivers.of(&finding);
        judged.used_waivers.extend(waiver);
        if suppressed || waiver.is_some() {
            judged.suppressed += 1;
        } else {
            judged.findings.push(finding);
        }
    }
    for (index, suppression) in suppressions.iter().enumerate() {
        let is_used = |rule: usize| used.named.contains(&(index, rule));
        for mut finding in suppression.findings(evaluated, &is_used) {
            if let Some(severity) = severity(&finding) {
                finding.severity = severity;
                judged.findings.push(finding);
            }
        }
    }
    judged
}

/// The suppressions that cover something, noted once a group.
#[derive(Default)]
struct Used {
    groups: HashSet<usize>,
    named: HashSet<Named>,
}

impl Used {
    fn note(&mut self, number: usize, named: &[Named]) {
        if self.groups.insert(number) {
            self.named.extend(named);
        }
    }
}

/// Where suppressions stand that would hide one of these findings, had the base had them.
#[must_use]
pub fn unheeded(findings: &[Finding], suppressions: &[Suppression]) -> Vec<Location> {
    let coverage = Coverage::of(suppressions);
    let mut used = Used::default();
    for finding in findings {
        for (number, named) in coverage.covering(finding) {
            used.note(number, named);
        }
    }
    let found: BTreeSet<usize> = used.named.into_iter().map(|(index, _)| index).collect();
    let places = found.into_iter().map(|index| suppressions[index].place());
    places.collect()
}

/// Keeps what has its primary location or a label in one of the files that `shown` accepts.
pub fn focus(findings: &mut Vec<Finding>, sources: &Sources, shown: &dyn Fn(&str) -> bool) {
    findings.retain(|finding| {
        files_of(finding)
            .into_iter()
            .any(|file| shown(sources.get(file).path()))
    });
}

/// The files that a finding speaks of, each once.
fn files_of(finding: &Finding) -> BTreeSet<FileId> {
    let labels = finding.labels.iter().map(|label| label.location.file);
    std::iter::once(finding.location.file)
        .chain(labels)
        .collect()
}
