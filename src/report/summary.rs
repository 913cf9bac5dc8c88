//! What a run counted, and the line that says so.

use std::time::Duration;

use serde::Serialize;

use crate::diagnostic::{Finding, Severity};

/// Counts of a run. Serialised, it is the `summary` of the JSON output, which leaves out what
/// differs between equal runs.
#[derive(Serialize, Clone, PartialEq, Eq, Default, Debug)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Files that were read as YAML.
    pub files: usize,
    /// YAML documents in them.
    pub documents: usize,
    /// Resources that some format recognised.
    pub resources: usize,
    /// Findings of severity error.
    pub error: usize,
    /// Findings of severity warning.
    pub warning: usize,
    /// Findings of severity info.
    pub info: usize,
    /// Findings left out by a comment or a waiver.
    pub suppressed: usize,
    /// Findings left out because the baseline has them.
    pub baselined: usize,
    /// Checks that lacked a value they need.
    pub not_evaluated: usize,
    /// Files that are of no known format.
    pub passed_over: usize,
    /// Files skipped for being templates.
    pub templates: usize,
    /// Findings left out because the base has them too.
    #[serde(skip)]
    pub known: usize,
    /// Rules that were run.
    #[serde(skip)]
    pub rules: usize,
    /// How long it took.
    #[serde(skip)]
    pub elapsed: Duration,
    /// What became of fixes, where they were asked for.
    #[serde(skip)]
    pub fixing: Option<Fixing>,
}

/// What became of fixes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Fixing {
    /// How many findings were fixed, or would be.
    pub fixed: usize,
    /// How many more there are that `--unsafe-fixes` would fix.
    pub more: usize,
    /// Whether they were only shown.
    pub only_shown: bool,
}

impl Summary {
    /// Counts findings by severity.
    pub fn tally(&mut self, findings: &[Finding]) {
        let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
        self.error = count(Severity::Error);
        self.warning = count(Severity::Warning);
        self.info = count(Severity::Info);
    }
}

/// The last line of a run: `3 errors, 1 warning in 42 files (310 resources, 57 rules, 18 ms)`,
/// followed by what was left out, if anything was. Without a line break.
#[must_use]
pub fn closing_line(summary: &Summary) -> String {
    let found = found(summary);
    let left_out = list([
        count(
            summary.passed_over,
            "file of another kind passed over",
            "files of other kinds passed over",
        ),
        count(summary.templates, "template skipped", "templates skipped"),
        count(
            summary.suppressed,
            "finding suppressed",
            "findings suppressed",
        ),
        count(
            summary.baselined,
            "finding in the baseline",
            "findings in the baseline",
        ),
        count(
            summary.known,
            "finding that the base has too",
            "findings that the base has too",
        ),
        count(
            summary.not_evaluated,
            "check not evaluated",
            "checks not evaluated",
        ),
    ]);
    let mut line = format!(
        "{} in {} ({}, {}, {})",
        outcome(&found, summary.fixing),
        number(summary.files, "file", "files"),
        number(summary.resources, "resource", "resources"),
        number(summary.rules, "rule", "rules"),
        duration(summary.elapsed),
    );
    if let Some(left_out) = left_out {
        line.push_str("; ");
        line.push_str(&left_out);
    }
    line
}

/// What was found: `3 errors, 1 warning`.
pub(super) fn found(summary: &Summary) -> String {
    let found = list([
        count(summary.error, "error", "errors"),
        count(summary.warning, "warning", "warnings"),
        count(summary.info, "info", "infos"),
    ]);
    found.unwrap_or_else(|| "no findings".to_owned())
}

/// What was found, behind what was fixed.
fn outcome(found: &str, fixing: Option<Fixing>) -> String {
    const FLAG: &str = "`--unsafe-fixes`";
    let Some(fixing) = fixing else {
        return found.to_owned();
    };
    let Fixing { fixed, more, .. } = fixing;
    let more = match (fixed, more) {
        (_, 0) => String::new(),
        (0, more) => format!(" ({more} with {FLAG})"),
        (_, more) => format!(" ({more} more with {FLAG})"),
    };
    match (fixing.only_shown, fixed) {
        (true, 0) => format!("no finding would be fixed{more}"),
        (true, _) => {
            let findings = number(fixed, "finding", "findings");
            format!("{findings} would be fixed{more}")
        }
        (false, 0) if fixing.more == 0 => found.to_owned(),
        (false, _) => format!("{fixed} fixed{more}, {found}"),
    }
}

pub(super) fn number(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn count(count: usize, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| number(count, one, many))
}

fn list<const N: usize>(parts: [Option<String>; N]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn duration(elapsed: Duration) -> String {
    let (milliseconds, seconds) = (elapsed.as_millis(), elapsed.as_secs());
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..60 => format!("{}.{} s", seconds, milliseconds % 1000 / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_found_and_what_was_left_out() {
        let summary = Summary {
            files: 42,
            resources: 310,
            error: 3,
            warning: 1,
            passed_over: 12,
            rules: 57,
            elapsed: Duration::from_millis(18),
            ..Summary::default()
        };
        assert_eq!(
            closing_line(&summary),
            "3 errors, 1 warning in 42 files (310 resources, 57 rules, 18 ms); \
             12 files of other kinds passed over"
        );
    }

    #[test]
    fn counts_of_one_are_singular() {
        let summary = Summary {
            files: 1,
            resources: 1,
            error: 1,
            info: 1,
            suppressed: 1,
            baselined: 1,
            not_evaluated: 1,
            passed_over: 1,
            templates: 1,
            rules: 1,
            elapsed: Duration::from_millis(1250),
            ..Summary::default()
        };
        assert_eq!(
            closing_line(&summary),
            "1 error, 1 info in 1 file (1 resource, 1 rule, 1.2 s); \
             1 file of another kind passed over, 1 template skipped, 1 finding suppressed, \
             1 finding in the baseline, 1 check not evaluated"
        );
    }

    #[test]
    fn says_what_was_fixed_and_what_more_could_be() {
        let line = |fixed, more, only_shown| {
            let summary = Summary {
                files: 1,
                warning: 1,
                fixing: Some(Fixing {
                    fixed,
                    more,
                    only_shown,
                }),
                ..Summary::default()
            };
            let line = closing_line(&summary);
            line.split(" in ").next().unwrap().to_owned()
        };
        assert_eq!(
            line(2, 1, false),
            "2 fixed (1 more with `--unsafe-fixes`), 1 warning"
        );
        assert_eq!(
            line(0, 1, false),
            "0 fixed (1 with `--unsafe-fixes`), 1 warning"
        );
        assert_eq!(line(2, 0, false), "2 fixed, 1 warning");
        assert_eq!(line(0, 0, false), "1 warning");
        assert_eq!(
            line(1, 1, true),
            "1 finding would be fixed (1 more with `--unsafe-fixes`)"
        );
        assert_eq!(line(0, 0, true), "no finding would be fixed");
    }

    #[test]
    fn a_clean_run_says_so() {
        let summary = Summary {
            files: 42,
            resources: 310,
            rules: 57,
            elapsed: Duration::from_secs(125),
            ..Summary::default()
        };
        assert_eq!(
            closing_line(&summary),
            "no findings in 42 files (310 resources, 57 rules, 2 min 5 s)"
        );
    }
}
