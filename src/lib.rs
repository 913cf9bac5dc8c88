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
//! [`facts`], [`rules`], [`settings`], [`verdict`], [`edit`], [`report`].

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

pub use road::{Before, Checked, Comparison, Leftovers, Options, Skipped};

use std::collections::HashSet;

use jiff::civil::Date;

use discover::Outcome;
use facts::Facts;
use formats::Piece;
use inventory::{Inventory, World};
use model::AnyResource;
use road::{Base, Placed, Road};
use rules::RuleSet;
use schedule::Search;
use settings::Scopes;
use verdict::Subject;

/// Holds rules against what was found: the whole road from sources to findings. `progress` is
/// called for each file that is read.
#[must_use]
pub fn check(
    found: Vec<Outcome>,
    rules: &RuleSet,
    options: &Options,
    progress: &(dyn Fn() + Sync),
) -> Checked {
    let placed = Placed::new(&options.settings);
    let scopes = &mut Scopes::default();
    let (road, facts) = walk(
        found,
        options.world,
        options.as_of,
        placed,
        scopes,
        progress,
        false,
    );
    let outcomes = rules.evaluate(|| facts.of_relation(), options.keeps_skips());
    // What is left is about texts, and there are many.
    drop(facts);
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
    let now = found.clone();
    let placed = Placed::new(&options.settings);
    let scopes = &mut Scopes::default();
    let (road, past) = walk(
        before.found,
        before.world,
        options.as_of,
        placed.clone().moved(&before.root, &before.root_after),
        scopes,
        progress,
        true,
    );
    let outcomes = rules.evaluate(|| past.of_relation(), false);
    let folders = (&*before.root, before.root_after, before.trust_head);
    let base = road.judge_base(outcomes, rules, options, folders);
    let (road, present) = walk(
        found,
        options.world,
        options.as_of,
        placed,
        scopes,
        progress,
        true,
    );
    let facts = present.compared_with(past, base.is_complete());
    let outcomes = rules.evaluate(|| facts.of_relation(), options.keeps_skips());
    let differences = road.differences(&base, before.revision);
    let of_change = outcomes.iter().filter(|it| it.of_change);
    let of_change: HashSet<_> = of_change.map(|it| it.rule.clone()).collect();
    let mut checked = road.judge(outcomes, rules, options, Some(&base));
    let what_if = |subject: &Subject| {
        let (road, facts) = walk_with(subject, &base, &now, options);
        let outcomes = rules.evaluate(|| facts.of_relation(), false);
        road.judge(outcomes, rules, options, Some(&base))
    };
    road::blame::explain(
        &mut checked,
        &differences,
        &what_if,
        &|finding, checked| base.key(finding, &checked.sources),
        &|finding| of_change.contains(&finding.rule),
    );
    with_fixes(checked)
}

/// Makes edits for the findings that are left: not for those of a base, nor what a base has too.
fn with_fixes(mut checked: Checked) -> Checked {
    edit::complete(&mut checked.findings, &checked.sources);
    // By now, the memory of the model is free for more texts.
    checked.find_labels();
    checked
}

/// From sources to what follows from them. `is_compared` says whether anybody asks where resources
/// are declared.
fn walk(
    found: Vec<Outcome>,
    world: World,
    as_of: Date,
    placed: Placed,
    scopes: &mut Scopes,
    progress: &(dyn Fn() + Sync),
    is_compared: bool,
) -> (Road, Facts) {
    let (road, inventory) = survey(found, world, placed, scopes, progress, is_compared);
    derive(road, inventory, as_of)
}

/// The same for the present, with one resource as it was in the base.
fn walk_with(subject: &Subject, base: &Base, now: &[Outcome], options: &Options) -> (Road, Facts) {
    let mut road = Road::new(now.to_vec(), Placed::new(&options.settings));
    let read = road.read_with(subject, base);
    let inventory = take_stock(&mut road, read, options.world, &mut Scopes::default(), true);
    derive(road, inventory, options.as_of)
}

fn derive(road: Road, inventory: Inventory, as_of: Date) -> (Road, Facts) {
    let facts = Facts::derive(inventory, &Search::new(as_of));
    (road, facts)
}

/// From sources to what they declare.
fn survey(
    found: Vec<Outcome>,
    world: World,
    placed: Placed,
    scopes: &mut Scopes,
    progress: &(dyn Fn() + Sync),
    is_compared: bool,
) -> (Road, Inventory) {
    let mut road = Road::new(found, placed);
    let read = road.read(progress);
    let inventory = take_stock(&mut road, read, world, scopes, is_compared);
    (road, inventory)
}

fn take_stock(
    road: &mut Road,
    (mut resources, pieces): (Vec<AnyResource>, Vec<Piece>),
    world: World,
    scopes: &mut Scopes,
    is_compared: bool,
) -> Inventory {
    road.settle(&mut resources, pieces, scopes);
    if is_compared {
        road.declare(&resources);
    }
    road.note(Inventory::build(resources, world))
}
