//! vmlint: policy as code for virtual machine estates.
//!
//! Reads the YAML in which clusters, hosts, virtual machines, migrations, maintenance windows and
//! backups are declared, and says what would fail at two in the morning, on the exact line.
//!
//! The road, which [`check`] walks:
//!
//! ```text
//! paths ─discover→ sources ─yaml→ documents ─formats→ resources
//!       ─inventory→ inventory ─facts→ facts ─rules→ findings ─verdict→ findings ─edit→ fixes
//!       ─report→ text
//! ```
//!
//! Each step is a room of its own and uses only rooms that come before it: [`source`],
//! [`diagnostic`], [`discover`], [`yaml`], [`schedule`], [`model`], [`formats`], [`inventory`],
//! [`facts`], [`rules`], [`verdict`], [`edit`], [`report`].

pub mod cli;
pub mod diagnostic;
pub mod discover;
pub mod edit;
pub mod example;
pub mod facts;
pub mod formats;
pub mod inventory;
pub mod mend;
pub mod model;
mod progress;

mod reading;
pub mod report;
mod road;
pub mod rules;
pub mod run;

pub mod schedule;
pub mod settings;
pub mod source;
pub mod verdict;
pub mod view;
pub mod yaml;

pub use road::{Before, Checked, Comparison, Options, Skipped};

use jiff::civil::Date;

use discover::Outcome;
use facts::Facts;
use inventory::{Inventory, World};
use road::Road;
use rules::RuleSet;
use schedule::Search;

/// Holds rules against what was found: the whole road from sources to findings. `progress` is
/// called for each file that is read.
#[must_use]
pub fn check(
    found: Vec<Outcome>,
    rules: &RuleSet,
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Checked {
    let (road, facts) = walk(found, options.world, options.as_of, progress);
    let outcomes = rules.evaluate(&facts, true);
    with_fixes(road.judge(outcomes, rules, options, None))
}

/// The same for the estate after a change: findings are those that the change made, and rules see
/// what every resource was before it.
#[must_use]
pub fn check_change(
    found: Vec<Outcome>,
    before: Before,
    rules: &RuleSet,
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Checked {
    let (road, past) = walk(before.found, before.world, options.as_of, progress);
    let outcomes = rules.evaluate(&past, true);
    let folders = (&*before.root, before.root_after, before.trust_head);
    let base = road.judge_base(outcomes, rules, options, folders);
    let (road, present) = walk(found, options.world, options.as_of, progress);
    let facts = present.compared_with(past, base.is_complete());
    let outcomes = rules.evaluate(&facts, true);
    with_fixes(road.judge(outcomes, rules, options, Some(base)))
}

/// Makes edits for the findings that are left: not for those of a base, nor what a base has too.
fn with_fixes(mut checked: Checked) -> Checked {
    edit::complete(&mut checked.findings, &checked.sources);
    checked
}

/// From sources to what follows from them.
fn walk(
    found: Vec<Outcome>,
    world: World,
    as_of: Date,
    progress: &(dyn Fn() + Sync),
) -> (Road, Facts) {
    let (road, inventory) = survey(found, world, progress);
    let facts = Facts::derive(inventory, &Search::new(as_of));
    (road, facts)
}

/// From sources to what they declare.
fn survey(found: Vec<Outcome>, world: World, progress: &(dyn Fn() + Sync)) -> (Road, Inventory) {
    let mut road = Road::new(found);
    let resources = road.read(progress);
    let inventory = road.note(Inventory::build(resources, world));
    (road, inventory)
}
