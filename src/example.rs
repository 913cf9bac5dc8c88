//! The examples in rule files, run through the same road as everything else.

use jiff::civil::{Date, date};

use crate::discover::{self, Outcome};
use crate::inventory::World;
use crate::rules::RuleSet;
use crate::rules::examples::Example;
use crate::verdict::Levels;
use crate::{Checked, Options, formats};

/// The as-of date of an example that states none.
const AS_OF: Date = date(2026, 1, 1);

/// Holds prepared rules against the estate of an example, from which the marks are taken out.
#[must_use]
pub fn check(example: &Example, rules: &RuleSet) -> Checked {
    let example = example.unmarked();
    let mut files: Vec<_> = example.files.iter().collect();
    files.sort();
    let found: Vec<Outcome> = files
        .into_iter()
        .map(|(path, text)| discover::decode(path.clone(), text.as_bytes(), formats::concerns_us))
        .collect();
    let as_of = example.as_of.as_deref().and_then(|text| text.parse().ok());
    crate::check(
        found,
        rules,
        &Options {
            as_of: as_of.unwrap_or(AS_OF),
            levels: Levels::new(
                rules
                    .iter()
                    .map(|rule| (rule.id.clone(), rule.topic.clone())),
            ),
            world: World::Closed,
            fingerprints: false,
        },
        &|| {},
    )
}
