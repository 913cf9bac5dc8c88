//! The examples in rule files, run through the same road as everything else.

use jiff::civil::{Date, date};

use crate::discover::{self, Outcome};
use crate::inventory::World;
use crate::mend::mend;
use crate::rules::RuleSet;
use crate::rules::examples::{self, Example, Promise};
use crate::verdict::Levels;
use crate::{Checked, Options, formats};

/// The as-of date of an example that states none.
const AS_OF: Date = date(2026, 1, 1);

/// Holds prepared rules against the estate of an example, from which the marks are taken out.
#[must_use]
pub fn check(example: &Example, rules: &RuleSet) -> Checked {
    crate::check(estate(example), rules, &options(example, rules), &|| {})
}

/// The files of an example when everything that a rule finds there is fixed, safely or not.
#[must_use]
pub fn fixed(example: &Example, rules: &RuleSet, rule: &str) -> Vec<(String, String)> {
    let options = options(example, rules);
    let lint = |files| {
        let mut checked = crate::check(files, rules, &options, &|| {});
        checked.findings.retain(|finding| *finding.rule == *rule);
        checked
    };
    let files = estate(example);
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

/// Whether fixes of a rule do to an example what it promises.
///
/// # Errors
/// What is not as promised, in a sentence.
pub fn judge_fixed(
    promise: Promise,
    example: &Example,
    rules: &RuleSet,
    rule: &str,
) -> Result<(), String> {
    if example.fixed.is_none() {
        return Ok(());
    }
    examples::judge_fixed(promise, example, &fixed(example, rules, rule))
}

fn estate(example: &Example) -> Vec<Outcome> {
    let mut files = example.unmarked().files;
    files.sort();
    files
        .into_iter()
        .map(|(path, text)| discover::decode(path, text.as_bytes(), formats::concerns_us))
        .collect()
}

fn options(example: &Example, rules: &RuleSet) -> Options {
    let as_of = example.as_of.as_deref().and_then(|text| text.parse().ok());
    Options {
        as_of: as_of.unwrap_or(AS_OF),
        levels: Levels::new(
            rules
                .iter()
                .map(|rule| (rule.id.clone(), rule.topic.clone())),
        ),
        world: World::Closed,
        fingerprints: false,
    }
}
