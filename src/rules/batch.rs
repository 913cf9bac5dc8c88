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

/// Holds rules against worlds, those of each relation against one of their own, which is let go with
/// what was kept there for them; what came of them is in their order.
pub(super) fn evaluate<W: World + Send>(
    runs: &[Run],
    vocabulary: Vocabulary,
    world: impl Fn() -> W,
    explain_skips: bool,
) -> Vec<RuleOutcome> {
    let mut of_relations: BTreeMap<&str, Vec<(usize, &Run)>> = BTreeMap::new();
    for (number, run) in runs.iter().enumerate() {
        let of_relation = of_relations.entry(run.relation()).or_default();
        of_relation.push((number, run));
    }
    let batches = of_relations.iter().flat_map(|(relation, runs)| {
        let world = Arc::new(world());
        let batches = runs.chunks(RULES);
        batches.map(move |runs| (*relation, runs, Arc::clone(&world)))
    });
    let batches: Vec<_> = batches.collect();
    let batches = batches.into_par_iter().with_max_len(1);
    let outcomes = batches.flat_map_iter(|(relation, runs, world)| {
        let numbers = runs.iter().map(|(number, _)| *number);
        numbers.zip(together(relation, runs, vocabulary, &*world, explain_skips))
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
    let mut objects = relation.into_iter().flat_map(|it| (it.all)(world));
    let mut at_hand = Vec::with_capacity(OBJECTS);
    let mut under_way: Vec<UnderWay<'_>> = runs.iter().map(|_| UnderWay::default()).collect();
    loop {
        at_hand.clear();
        at_hand.extend(objects.by_ref().take(OBJECTS));
        if at_hand.is_empty() {
            break;
        }
        for ((_, run), under_way) in runs.iter().zip(&mut under_way) {
            if under_way.progress.is_none() && run.judges_any(&at_hand) {
                let check = run.check(vocabulary);
                under_way.progress = Some(Progress::new(check, world, explain_skips));
            }
            match &mut under_way.progress {
                Some(progress) => at_hand.iter().for_each(|object| progress.hold(*object)),
                None => under_way.passed_by += at_hand.len(),
            }
        }
    }
    let outcomes = runs.iter().zip(under_way);
    outcomes
        .map(|((_, run), under_way)| {
            let mut outcome = under_way
                .progress
                .map_or_else(Outcome::default, Progress::outcome);
            outcome.not_applicable += under_way.passed_by;
            run.with(outcome)
        })
        .collect()
}

/// A rule on its way, once there is something that it is for.
#[derive(Default)]
struct UnderWay<'a> {
    progress: Option<Progress<'a>>,
    /// How many objects came before that.
    passed_by: usize,
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

    fn with(&self, outcome: Outcome) -> RuleOutcome {
        let (rule, of_change) = match self {
            Run::Ready(check) => (check.id.clone(), check.of_change),
            Run::Later { rule, .. } => (Arc::from(rule.id), rule.of_change),
        };
        RuleOutcome {
            rule,
            outcome,
            of_change,
        }
    }
}
