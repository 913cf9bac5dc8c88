//! How many machines are backed up to a repository at once when a policy's window opens.

use std::collections::{BTreeMap, HashMap};

use super::calendar::Timing;
use super::{Facts, fact_record};
use crate::model::{Count, State};
use crate::schedule::{Demand, Instant, crowds};

/// More than any repository takes: what stands for a number that nobody knows.
const ANY_NUMBER: i64 = 1 << 40;
/// How many of the other policies are told.
const TOLD: usize = 50;

/// What a repository has to take when the window of a policy opens.
pub(super) struct RepositoryLoad {
    pub(super) policy: u32,
    /// How many backups run at once, for certain.
    pub(super) running: i64,
    /// Whether there may be more.
    pub(super) may_be_more: bool,
    /// Other policies that are open then; of many the first ones.
    pub(super) others: Vec<u32>,
    pub(super) exceeded: Option<bool>,
    /// When it is first too much; absent where the policy is too much alone.
    pub(super) at: Option<Instant>,
}

fact_record!(RepositoryLoad, &super::vocabulary::REPOSITORY_LOAD);

/// How many machines a policy backs up at once.
#[derive(Clone, Copy, Default)]
struct Slots {
    certain: i64,
    possible: i64,
}

impl Slots {
    fn are_open(self) -> bool {
        self.possible > self.certain
    }
}

/// The policies of one repository.
struct Share<'f> {
    facts: &'f Facts,
    slots: &'f [Slots],
    limit: Option<i64>,
    members: &'f [u32],
    /// Policies that may go to any repository of the scope.
    stray: &'f [u32],
}

/// For each policy the load of its repository; none where it names none that is known, or is over.
pub(super) fn derive(facts: &Facts) -> Vec<Option<RepositoryLoad>> {
    let slots: Vec<Slots> = (0..)
        .zip(&facts.inventory.policies)
        .map(|(policy, _)| facts.backup_slots(policy))
        .collect();
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let mut stray: HashMap<u32, Vec<u32>> = HashMap::new();
    for (policy, timing) in facts
        .inventory
        .policies
        .iter()
        .zip(&facts.calendar.policies)
    {
        if facts.calendar.is_past(*timing) {
            continue;
        }
        let meta = &policy.meta;
        match &policy.spec.repository.state {
            State::Absent => {}
            State::Known(repository) => {
                if let Some(repository) = repository.target() {
                    members.entry(repository).or_default().push(meta.index);
                }
            }
            State::Unknown => stray.entry(meta.scope).or_default().push(meta.index),
        }
    }
    let mut loads: Vec<Option<RepositoryLoad>> = slots.iter().map(|_| None).collect();
    for (repository, members) in &members {
        let repository = &facts.inventory.repositories[*repository as usize];
        let limit = repository.spec.maximum_concurrent_tasks.known();
        let share = Share {
            facts,
            slots: &slots,
            limit: limit.map(|limit| limit.0),
            members,
            stray: stray.get(&repository.meta.scope).map_or(&[], Vec::as_slice),
        };
        for load in share.loads() {
            let policy = load.policy as usize;
            loads[policy] = Some(load);
        }
    }
    loads
}

impl Share<'_> {
    fn loads(&self) -> Vec<RepositoryLoad> {
        let Some(limit) = self.limit else {
            return self.alone(|_| None).collect();
        };
        let everyone = self.members.iter().chain(self.stray);
        let most: i64 = everyone.map(|policy| self.slots(*policy).possible).sum();
        if most <= limit {
            return self.alone(|_| Some(false)).collect();
        }
        let mut loads: Vec<RepositoryLoad> = self
            .alone(|slots| (slots.certain > limit).then_some(true))
            .collect();
        for beyond in [false, true] {
            self.open_together(&mut loads, limit, beyond);
        }
        loads
    }

    fn slots(&self, policy: u32) -> Slots {
        self.slots[policy as usize]
    }

    fn alone(
        &self,
        exceeded: impl Fn(Slots) -> Option<bool>,
    ) -> impl Iterator<Item = RepositoryLoad> {
        self.members.iter().map(move |policy| RepositoryLoad {
            policy: *policy,
            running: self.slots(*policy).certain,
            may_be_more: self.slots(*policy).are_open(),
            others: Vec::new(),
            exceeded: exceeded(self.slots(*policy)),
            at: None,
        })
    }

    /// Judges those that are not too much alone by what is open with them. One-offs beyond the
    /// search are compared with each other only.
    fn open_together(&self, loads: &mut [RepositoryLoad], limit: i64, beyond: bool) {
        let calendar = &self.facts.calendar;
        let timing = |policy: &u32| calendar.policies[*policy as usize];
        let mut taking: BTreeMap<Timing, Slots> = BTreeMap::new();
        let mut policies: HashMap<Timing, Vec<u32>> = HashMap::new();
        let mut always = 0;
        let note = |slots: &mut Slots, more: Slots| {
            slots.certain += more.certain;
            slots.possible += more.possible;
        };
        for policy in self.members {
            let slots = self.slots(*policy);
            match timing(policy) {
                None => always += slots.possible,
                Some(timing) if calendar.occurrences(timing).beyond_search() == beyond => {
                    note(taking.entry(timing).or_default(), slots);
                    if slots.certain > 0 {
                        policies.entry(timing).or_default().push(*policy);
                    }
                }
                Some(_) => {}
            }
        }
        for policy in self.stray {
            let possible = self.slots(*policy).possible;
            match timing(policy) {
                None => always += possible,
                Some(timing) if calendar.occurrences(timing).beyond_search() == beyond => {
                    let certain = 0;
                    note(
                        taking.entry(timing).or_default(),
                        Slots { certain, possible },
                    );
                }
                Some(_) => {}
            }
        }
        let timings: Vec<Timing> = taking.keys().copied().collect();
        let demands: Vec<Demand<'_>> = taking
            .iter()
            .map(|(timing, slots)| Demand {
                occurrences: calendar.occurrences(*timing),
                certain: slots.certain,
                possible: slots.possible,
            })
            .collect();
        let crowds: HashMap<Timing, _> = timings
            .iter()
            .copied()
            .zip(crowds(&demands, limit, always))
            .collect();
        for load in loads.iter_mut().filter(|load| load.exceeded.is_none()) {
            let Some(crowd) = timing(&load.policy).and_then(|timing| crowds.get(&timing)) else {
                continue;
            };
            match &crowd.over {
                Some(over) => {
                    let open = over.open.iter().filter_map(|index| timings.get(*index));
                    let mut slots = open.clone().filter_map(|timing| taking.get(timing));
                    load.may_be_more = slots.any(|slots| slots.are_open());
                    let open = open.filter_map(|timing| policies.get(timing)).flatten();
                    let others = open.filter(|other| **other != load.policy).take(TOLD);
                    load.others = others.copied().collect();
                    load.others.sort_unstable();
                    load.running = over.taken;
                    load.exceeded = Some(true);
                    load.at = Some(over.at);
                }
                None => {
                    let may = crowd.may_exceed || self.slots(load.policy).possible > limit;
                    load.exceeded = (!may).then_some(false);
                }
            }
        }
    }
}

impl Facts {
    /// How many machines a policy backs up at once: its `concurrency`, at most its targets.
    fn backup_slots(&self, policy: u32) -> Slots {
        let targets = &self.targets[policy as usize];
        let known = i64::try_from(targets.machines.len()).unwrap_or(ANY_NUMBER);
        let most = if targets.open { ANY_NUMBER } else { known };
        match &self.inventory.policies[policy as usize]
            .spec
            .concurrency
            .state
        {
            State::Known(Count { 0: at_once }) => Slots {
                certain: known.min(*at_once),
                possible: most.min(*at_once),
            },
            State::Absent => Slots {
                certain: known,
                possible: most,
            },
            State::Unknown => Slots {
                certain: known.min(1),
                possible: most,
            },
        }
    }

    /// What the repository of a policy has to take when its window opens.
    pub(super) fn repository_load(&self, policy: u32) -> Option<&RepositoryLoad> {
        self.repository_loads().get(policy as usize)?.as_ref()
    }
}
