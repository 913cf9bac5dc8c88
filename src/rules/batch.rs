//! Rules that are about the same, held against it together.
//!
//! What a resource says lies somewhere in a large memory, and to fetch it takes longer than to look
//! at it. So each object is looked at by several rules while it is at hand.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::builtin::BuiltIn;
use super::compile::Check;
use super::evaluate::{Outcome, Progress};
use crate::model::Meta;
use crate::model::reflect::{Object, Vocabulary, World};

/// How many rules go through a relation together: enough for what they share, and few enough that
/// there is something to do for all threads.
const RULES: usize = 8;
/// How many objects are at hand.
const OBJECTS: usize = 128;

/// A rule that runs.
pub(super) enum Run {
    /// One that is compiled.
    Ready(Box<Check>),
    /// One of the program, compiled when it is first needed.
    Later {
        rule: &'static BuiltIn,
        /// What it goes through.
        relation: &'static str,
        check: OnceLock<Box<Check>>,
    },
}

/// What came of one rule.
#[derive(Debug)]
pub struct RuleOutcome {
    /// The rule's id.
    pub rule: Arc<str>,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it compares with a base, and so finds nothing once the change is made.
    pub of_change: bool,
}

/// Holds rules against a world; what came of them is in their order.
pub(super) fn evaluate(
    runs: &[Run],
    vocabulary: Vocabulary,
    world: &dyn World,
    explain_skips: bool,
) -> Vec<RuleOutcome> {
    let mut of_relations: BTreeMap<&str, Vec<(usize, &Run)>> = BTreeMap::new();
    for (number, run) in runs.iter().enumerate() {
        let of_relation = of_relations.entry(run.relation()).or_default();
        of_relation.push((number, run));
    }
    let all = of_relations.iter();
    let batches = all.flat_map(|(relation, runs)| runs.chunks(RULES).map(|runs| (*relation, runs)));
    let batches: Vec<_> = batches.collect();
    let batches = batches.into_par_iter().with_max_len(1);
    let outcomes = batches.flat_map_iter(|(relation, runs)| {
        let numbers = runs.iter().map(|(number, _)| *number);
        numbers.zip(together(relation, runs, vocabulary, world, explain_skips))
    });
    let mut outcomes: Vec<(usize, RuleOutcome)> = outcomes.collect();
    outcomes.sort_unstable_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Holds rules against the relation that all of them are about.
fn together(
    relation: &str,
    runs: &[(usize, &Run)],
    vocabulary: Vocabulary,
    world: &dyn World,
    explain_skips: bool,
) -> Vec<RuleOutcome> {
    let relation = vocabulary.relation(relation);
    let objects = relation.map_or_else(Vec::new, |relation| (relation.all)(world));
    if objects.is_empty() {
        let untouched = runs.iter().map(|(_, run)| run.untouched());
        return untouched.collect();
    }
    let checks = runs.iter().map(|(_, run)| {
        let judges = run.judges_any(&objects);
        judges.then(|| run.check(vocabulary))
    });
    let checks: Vec<Option<&Check>> = checks.collect();
    let under_way = checks.iter().flatten();
    let under_way = under_way.map(|check| Progress::new(check, world, explain_skips));
    let mut under_way: Vec<Progress<'_>> = under_way.collect();
    for objects in objects.chunks(OBJECTS) {
        for progress in &mut under_way {
            objects.iter().for_each(|object| progress.hold(*object));
        }
    }
    let mut outcomes = under_way.into_iter().map(Progress::outcome);
    let outcome = |(check, (_, run)): (&Option<&Check>, &(usize, &Run))| {
        let held = check.and_then(|check| Some((check, outcomes.next()?)));
        held.map_or_else(
            || {
                let mut untouched = run.untouched();
                untouched.outcome.not_applicable = objects.len();
                untouched
            },
            |(check, outcome)| RuleOutcome {
                rule: check.id.clone(),
                outcome,
                of_change: check.of_change,
            },
        )
    };
    checks.iter().zip(runs).map(outcome).collect()
}

impl Run {
    fn relation(&self) -> &'static str {
        match self {
            Run::Ready(check) => check.relation.name,
            Run::Later { relation, .. } => relation,
        }
    }

    fn check(&self, vocabulary: Vocabulary) -> &Check {
        match self {
            Run::Ready(check) => check,
            Run::Later { rule, check, .. } => {
                check.get_or_init(|| Box::new(Check::of_program(rule, vocabulary)))
            }
        }
    }

    /// Whether it is for any of what it goes through, as far as that is known of it before it is
    /// compiled.
    fn judges_any(&self, objects: &[Object<'_>]) -> bool {
        let Run::Later { rule, .. } = self else {
            return true;
        };
        let origins: Vec<&str> = rule.formats().collect();
        let judges = |owner: &Meta| origins.contains(&owner.origin.as_str());
        origins.is_empty() || objects.iter().any(|it| it.owner.is_none_or(judges))
    }

    /// What comes of it where there is nothing to hold it against.
    fn untouched(&self) -> RuleOutcome {
        let (rule, of_change) = match self {
            Run::Ready(check) => (check.id.clone(), check.of_change),
            Run::Later { rule, .. } => (Arc::from(rule.id), rule.of_change),
        };
        RuleOutcome {
            rule,
            outcome: Outcome::default(),
            of_change,
        }
    }
}
