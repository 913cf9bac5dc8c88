//! The examples in rule files, run through the same road as everything else.

use std::sync::Arc;

use jiff::civil::{Date, date};

use crate::discover::{self, Outcome};
use crate::inventory::World;
use crate::mend::mend;
use crate::rules::examples::{Example, Mismatch, Promise, Seen, judge, judge_fixed};
use crate::rules::{Rule, RuleMutation, RuleSet};
use crate::settings::{FILE_NAME, Invalid, Settings};
use crate::verdict::Levels;
use crate::{Before, Checked, Options, formats};

/// The as-of date of an example that states none.
const AS_OF: Date = date(2026, 1, 1);

/// Holds prepared rules against the estate of an example, from which the marks are taken out, and
/// compares it with its base, where it has one.
#[must_use]
pub fn check(example: &Example, rules: &RuleSet) -> Checked {
    let example = example.unmarked();
    let options = options(&example, rules);
    let found = estate(&example.files);
    if example.base.is_empty() {
        return crate::check(found, rules, &options, &|| {});
    }
    let before = Before {
        found: estate(&example.base),
        world: World::Closed,
        root: String::new(),
        root_after: String::new(),
        trust_head: false,
        revision: None,
    };
    crate::check_change(found, before, rules, &options, &|| {})
}

/// The files of an example when everything that a rule finds there is fixed, safely or not.
fn fixed(example: &Example, rules: &RuleSet, rule: &str) -> Vec<(String, String)> {
    let example = example.unmarked();
    let options = options(&example, rules);
    let lint = |files| {
        let mut checked = crate::check(files, rules, &options, &|| {});
        checked.findings.retain(|finding| *finding.rule == *rule);
        checked
    };
    let files = estate(&example.files);
    let checked = lint(files.clone());
    let mended = mend(files, checked, &lint, &|_| true);
    let files = mended.outcomes.into_iter();
    files
        .filter_map(|outcome| match outcome {
            Outcome::Read(file) => Some((file.path().to_owned(), file.text().to_owned())),
            _ => None,
        })
        .collect()
}

fn options(example: &Example, rules: &RuleSet) -> Options {
    let as_of = example.as_of.as_deref().and_then(|text| text.parse().ok());
    let of_form = FORM.map(|id| (Arc::from(id), "integrity".to_owned()));
    let settings = Arc::new(settings(example).unwrap_or_default());
    Options {
        as_of: as_of.unwrap_or(AS_OF),
        levels: Levels::new(rules.names().chain(of_form)).configured(settings.clone()),
        settings,
        baseline: None,
        world: World::Closed,
        explain_skips: false,
        fingerprints: false,
    }
}

/// The settings of an example.
fn settings(example: &Example) -> Result<Settings, Invalid> {
    let file = example.files.iter().find(|(path, _)| path == FILE_NAME);
    file.map_or_else(
        || Ok(Settings::default()),
        |(_, text)| Settings::of_example(text),
    )
}

/// The files of an estate, in the order of their paths.
fn estate(files: &[(String, String)]) -> Vec<Outcome> {
    let mut files: Vec<_> = files.iter().filter(|(path, _)| path != FILE_NAME).collect();
    files.sort();
    let decode = |(path, text): &(String, String)| {
        discover::decode(path.clone(), text.as_bytes(), formats::concerns_us)
    };
    files.into_iter().map(decode).collect()
}

/// Rules about the form of documents, which examples of other rules must not break: what passes
/// because of a misspelt key proves nothing.
const FORM: [&str; 4] = [
    "yaml-syntax",
    "input-limit",
    "duplicate-key",
    "schema-violation",
];

/// What came of an example.
#[derive(Debug)]
pub struct Trial<'r> {
    /// What it promises.
    pub promise: Promise,
    /// The example.
    pub example: &'r Example,
    /// What the rule found in it.
    pub seen: Vec<Seen>,
    /// What is not as promised.
    pub mismatches: Vec<Mismatch>,
}

/// Runs an example of a rule. Of the rules that are prepared, others may be there as well.
#[must_use]
pub fn try_one<'r>(
    rule: &Rule,
    promise: Promise,
    example: &'r Example,
    rules: &RuleSet,
) -> Trial<'r> {
    let checked = check(example, rules);
    let of_rule = checked
        .findings
        .iter()
        .filter(|finding| finding.rule == rule.id);
    let seen: Vec<Seen> = of_rule
        .map(|finding| {
            let file = checked.sources.get(finding.location.file);
            Seen {
                path: file.path().to_owned(),
                line: file.position(finding.location.span.start).line,
                message: finding.message.clone(),
                severity: finding.severity,
            }
        })
        .collect();
    let passes = checked.passed.get(&rule.id).copied().unwrap_or(0);
    let passes = (!rule.is_builtin()).then_some(passes);
    let mut mismatches = judge(promise, example, &seen, passes);
    // What breaks the form is unknown, so that a `skip` example may show it.
    if !rule.is_builtin() && promise != Promise::Skip {
        mismatches.extend(flaws(&checked));
    }
    mismatches.extend(wrong_settings(example));
    if example.fixed.is_some() {
        mismatches.extend(judge_fixed(
            promise,
            example,
            &fixed(example, rules, &rule.id),
        ));
    }
    Trial {
        promise,
        example,
        seen,
        mismatches,
    }
}

/// What is wrong with the settings of an example.
fn wrong_settings(example: &Example) -> Vec<Mismatch> {
    let Err(Invalid { findings, sources }) = settings(&example.unmarked()) else {
        return Vec::new();
    };
    let mismatches = findings.into_iter().map(|finding| {
        let file = sources.get(finding.location.file);
        let line = file.position(finding.location.span.start).line;
        Mismatch {
            place: Some((FILE_NAME.to_owned(), line)),
            message: format!("the settings of the example are wrong: {}", finding.message),
        }
    });
    mismatches.collect()
}

/// What is wrong with the files of an example as documents.
fn flaws(checked: &Checked) -> impl Iterator<Item = Mismatch> {
    let of_form = checked
        .findings
        .iter()
        .filter(|finding| FORM.contains(&&*finding.rule));
    of_form.map(|finding| {
        let file = checked.sources.get(finding.location.file);
        let line = file.position(finding.location.span.start).line;
        Mismatch {
            place: Some((file.path().to_owned(), line)),
            message: format!("the example itself is wrong: {}", finding.message),
        }
    })
}

/// The changes to the conditions of a rule that none of its examples notices. `rules` is left
/// without a prepared rule.
pub fn unnoticed(id: &str, rules: &mut RuleSet) -> Vec<RuleMutation> {
    let Some(rule) = rules.get(id).cloned() else {
        return Vec::new();
    };
    let mut mutations = rule.mutations(rules.sources().get(rule.file));
    mutations.retain(|mutation| {
        if !rules.prepare_mutated(id, mutation) {
            return false;
        }
        let mut trials = rule
            .examples
            .iter()
            .map(|(promise, example)| try_one(&rule, promise, example, rules));
        trials.all(|trial| trial.mismatches.is_empty())
    });
    rules.unprepare();
    mutations
}
