//! The examples in rule files, run through the same road as everything else.

use jiff::civil::{Date, date};

use crate::discover::{self, Outcome};
use crate::inventory::World;
use crate::rules::RuleSet;
use crate::rules::examples::Example;
use crate::verdict::Levels;
use crate::{Before, Checked, Options, formats};

/// The as-of date of an example that states none.
const AS_OF: Date = date(2026, 1, 1);

/// Holds prepared rules against the estate of an example, from which the marks are taken out, and
/// compares it with its base, where it has one.
#[must_use]
pub fn check(example: &Example, rules: &RuleSet) -> Checked {
    let example = example.unmarked();
    let as_of = example.as_of.as_deref().and_then(|text| text.parse().ok());
    let options = Options {
        as_of: as_of.unwrap_or(AS_OF),
        levels: Levels::new(
            rules
                .iter()
                .map(|rule| (rule.id.clone(), rule.topic.clone())),
        ),
        world: World::Closed,
        fingerprints: false,
    };
    let found = read(&example.files);
    if example.base.is_empty() {
        return crate::check(found, rules, &options, &|| {});
    }
    let before = Before {
        found: read(&example.base),
        world: World::Closed,
        root: String::new(),
        root_after: String::new(),
        trust_head: false,
    };
    crate::check_change(found, before, rules, &options, &|| {})
}

/// The files of an estate, in the order of their paths.
fn read(files: &[(String, String)]) -> Vec<Outcome> {
    let mut files: Vec<_> = files.iter().collect();
    files.sort();
    let decode = |(path, text): &(String, String)| {
        discover::decode(path.clone(), text.as_bytes(), formats::concerns_us)
    };
    files.into_iter().map(decode).collect()
}
