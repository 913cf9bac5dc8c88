//! Findings in, findings out: which are shown, and how bad they are.
//!
//! Levels from the command line, suppression comments with their own findings, and the filter of
//! `--focus`. What this is not: it judges no estate.

mod identity;
mod levels;
mod suppression;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::diagnostic::Finding;
use crate::source::{FileId, Sources};

pub use identity::identify;
pub use levels::{Level, Levels, UnknownRule};
pub use suppression::Suppression;

/// What was suppressed, and what suppressions are wrong.
#[derive(Default, Debug)]
pub struct Judged {
    /// The findings that remain, those about suppressions among them.
    pub findings: Vec<Finding>,
    /// How many were suppressed.
    pub suppressed: usize,
}

/// What a run knows of its rules, for judging suppressions.
pub struct Evaluated<'r> {
    /// Ids of all rules there are.
    pub known: &'r [Arc<str>],
    /// Whether a rule ran, and had all it needed, in a file.
    pub certain: &'r dyn Fn(&str, FileId) -> bool,
}

/// Applies levels, then suppressions; adds what is wrong with the suppressions.
#[must_use]
pub fn judge(
    findings: Vec<Finding>,
    suppressions: &[Suppression],
    levels: &Levels,
    evaluated: &Evaluated<'_>,
) -> Judged {
    let mut judged = Judged::default();
    let mut used = HashSet::new();
    let mut by_file: HashMap<FileId, Vec<usize>> = HashMap::new();
    for (index, suppression) in suppressions.iter().enumerate() {
        by_file.entry(suppression.file()).or_default().push(index);
    }
    for mut finding in findings {
        let Some(severity) = levels.severity(&finding.rule, finding.severity) else {
            continue;
        };
        finding.severity = severity;
        let mut suppressed = false;
        for file in files_of(&finding) {
            for index in by_file.get(&file).into_iter().flatten() {
                if let Some(rule) = suppressions[*index].matches(&finding) {
                    used.insert((*index, rule));
                    suppressed = true;
                }
            }
        }
        if suppressed {
            judged.suppressed += 1;
        } else {
            judged.findings.push(finding);
        }
    }
    for (index, suppression) in suppressions.iter().enumerate() {
        let is_used = |rule: usize| used.contains(&(index, rule));
        for mut finding in suppression.findings(evaluated, &is_used) {
            if let Some(severity) = levels.severity(&finding.rule, finding.severity) {
                finding.severity = severity;
                judged.findings.push(finding);
            }
        }
    }
    judged
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
