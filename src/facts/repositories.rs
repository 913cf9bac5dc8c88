//! How many machines are backed up to a repository at once when a policy's window opens.

use std::collections::{BTreeMap, HashMap};

use super::calendar::Timing;
use super::openings::{Member, TOLD, Takes};
use super::{Facts, fact_record};
use crate::model::State;
use crate::schedule::{Instant, QuarterSums};

/// More than any repository takes: what stands for a number that nobody knows.
const ANY_NUMBER: i64 = 1 << 40;

/// What a repository has to take when the window of a policy opens.
pub(super) struct RepositoryLoad {
    pub(super) policy: u32,
    /// How many backups run at once, for certain.
    pub(super) running: i64,
    /// Whether there may be more.
    pub(super) may_be_more: bool,
    /// Other policies that are open then; of many the first ones.
    pub(super) others: Box<[u32]>,
    /// How many others there are beside these.
    pub(super) more_others: i64,
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
    limit: Option<i64>,
    members: &'f [u32],
    /// Policies that may go to any repository of the scope.
    stray: &'f [u32],
}

/// By policy the load of its repository; none of those that name none that is known, or are over.
pub(super) fn derive(facts: &Facts) -> Vec<RepositoryLoad> {
    let mut loads = of_policies(facts, (0..).take(facts.inventory.policies.len()));
    loads.sort_unstable_by_key(|load| load.policy);
    loads.shrink_to_fit();
    loads
}

/// The same for some policies, with whom nobody else shares their repositories.
pub(super) fn of_policies(
    facts: &Facts,
    policies: impl Iterator<Item = u32>,
) -> Vec<RepositoryLoad> {
    let mut members: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for policy in policies.filter(|policy| facts.may_back_up(*policy)) {
        let repository = &facts.inventory.policies[policy as usize].spec.repository;
        if let Some(repository) = repository.known().and_then(|it| it.target()) {
            members.entry(repository).or_default().push(policy);
        }
    }
    let mut quarters = None;
    let loads = members.iter().flat_map(|(repository, members)| {
        let repository = &facts.inventory.repositories[*repository as usize];
        let limit = repository.spec.maximum_concurrent_tasks.known();
        let stray = facts.stray_policies().get(&repository.meta.scope);
        let share = Share {
            facts,
            limit: limit.map(|limit| limit.get()),
            members,
            stray: stray.map_or(&[], Vec::as_slice),
        };
        share.loads(&mut quarters)
    });
    loads.collect()
}

/// By scope the policies of which nobody knows the repository.
pub(super) fn stray_policies(facts: &Facts) -> HashMap<u32, Vec<u32>> {
    let mut stray: HashMap<u32, Vec<u32>> = HashMap::new();
    for policy in &facts.inventory.policies {
        let meta = &policy.meta;
        if policy.spec.repository.is_unknown() && facts.may_back_up(meta.index) {
            stray.entry(meta.scope).or_default().push(meta.index);
        }
    }
    stray
}

impl Share<'_> {
    /// What there is of each quarter hour is kept in `quarters` for the next repository.
    fn loads(&self, quarters: &mut Option<QuarterSums>) -> Vec<RepositoryLoad> {
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
        let search = self.facts.calendar.search();
        let quarters = quarters.get_or_insert_with(|| QuarterSums::over(search));
        self.open_together(&mut loads, limit, quarters);
        loads
    }

    fn slots(&self, policy: u32) -> Slots {
        self.facts.backup_slots(policy)
    }

    fn alone(
        &self,
        exceeded: impl Fn(Slots) -> Option<bool>,
    ) -> impl Iterator<Item = RepositoryLoad> {
        self.members.iter().map(move |policy| RepositoryLoad {
            policy: *policy,
            running: self.slots(*policy).certain,
            may_be_more: self.slots(*policy).are_open(),
            others: Box::default(),
            more_others: 0,
            exceeded: exceeded(self.slots(*policy)),
            at: None,
        })
    }

    /// Judges those that are not too much alone by what is open with them. Policies with one
    /// schedule are looked at together, and none that is never open in a quarter hour in which there
    /// may be too much.
    fn open_together(&self, loads: &mut [RepositoryLoad], limit: i64, quarters: &mut QuarterSums) {
        let calendar = &self.facts.calendar;
        let timing = |policy: u32| calendar.policies[policy as usize];
        let mut shifts: BTreeMap<Timing, Shift> = BTreeMap::new();
        let mut strays = Takes::default();
        let members = self.members.iter().map(|policy| (*policy, true));
        let stray = self.stray.iter().map(|policy| (*policy, false));
        for (policy, comes_for_certain) in members.chain(stray) {
            let slots = self.slots(policy);
            let Some(timing) = timing(policy) else {
                strays.most += slots.possible;
                continue;
            };
            let shift = shifts.entry(timing).or_default();
            shift.takes.most += slots.possible;
            if comes_for_certain && slots.certain > 0 {
                shift.takes.least += slots.certain;
                shift.takes.takers += 1;
                shift.policies.push(policy);
            }
        }
        let known =
            |timing: &Timing| Some(calendar.occurrences(*timing)).filter(|it| !it.beyond_search());
        quarters.start_with(strays.most);
        for (timing, shift) in &shifts {
            if let Some(occurrences) = known(timing) {
                quarters.add(occurrences, shift.takes.most);
            }
        }
        let full = quarters.above(limit);
        shifts.retain(|timing, _| {
            known(timing)
                .is_none_or(|occurrences| full.as_ref().is_some_and(|full| full.meets(occurrences)))
        });
        let timings: Vec<Timing> = shifts.keys().copied().collect();
        let members = shifts.iter().map(|(timing, shift)| Member {
            timing: Some(*timing),
            takes: shift.takes,
        });
        let without_schedule = Member {
            timing: None,
            takes: strays,
        };
        let members: Vec<Member> = members.chain([without_schedule]).collect();
        let shifts: Vec<Shift> = shifts.into_values().collect();
        let mut crowds: Vec<Crowd> = shifts.iter().map(|_| Crowd::default()).collect();
        calendar.openings(&members, |opening| {
            for index in opening.starting {
                let crowd = &mut crowds[*index];
                crowd.may_exceed |= opening.takes.most > limit;
                if opening.takes.least > limit && crowd.over.is_none() {
                    let taking = opening.open.iter().copied();
                    let taking = taking.filter(|index| shifts[*index].takes.least > 0);
                    crowd.over = Some(Excess {
                        at: opening.at,
                        takes: opening.takes,
                        taking: taking.take(TOLD).collect(),
                    });
                }
            }
        });
        for load in loads.iter_mut().filter(|load| load.exceeded.is_none()) {
            let Some(timing) = timing(load.policy) else {
                continue;
            };
            let shift = timings.binary_search(&timing).ok();
            let crowd = shift.and_then(|shift| crowds.get(shift));
            match crowd.and_then(|crowd| crowd.over.as_ref()) {
                Some(over) => {
                    let taking = over.taking.iter().map(|index| &shifts[*index]);
                    load.may_be_more = taking
                        .clone()
                        .any(|shift| shift.takes.most > shift.takes.least);
                    let policies = taking.flat_map(|shift| &shift.policies);
                    let others = policies.filter(|other| **other != load.policy).take(TOLD);
                    let mut others: Vec<u32> = others.copied().collect();
                    others.sort_unstable();
                    load.others = others.into();
                    load.running = over.takes.least;
                    load.more_others = over.takes.takers
                        - i64::from(self.slots(load.policy).certain > 0)
                        - told(&load.others);
                    load.exceeded = Some(true);
                    load.at = Some(over.at);
                }
                None => {
                    let may_exceed = crowd.is_some_and(|crowd| crowd.may_exceed);
                    let may = may_exceed || self.slots(load.policy).possible > limit;
                    load.exceeded = (!may).then_some(false);
                }
            }
        }
    }
}

fn told(others: &[u32]) -> i64 {
    i64::try_from(others.len()).unwrap_or(i64::MAX)
}

/// The policies with one schedule.
#[derive(Default)]
struct Shift {
    takes: Takes,
    /// Those that take something of the repository for certain.
    policies: Vec<u32>,
}

/// What happens at the starts of one schedule.
#[derive(Default)]
struct Crowd {
    /// The first of them at which it is too much for certain.
    over: Option<Excess>,
    /// Whether it may be too much at one.
    may_exceed: bool,
}

/// A start at which more runs than the repository takes.
struct Excess {
    at: Instant,
    takes: Takes,
    /// The shifts that take something then; of many the first ones.
    taking: Vec<usize>,
}

impl Facts {
    /// How many machines a policy backs up at once: its `concurrency`, at most its targets.
    fn backup_slots(&self, policy: u32) -> Slots {
        let targets = &self.targets[policy as usize];
        let known = i64::try_from(targets.machines.len()).unwrap_or(ANY_NUMBER);
        let most = if targets.open { ANY_NUMBER } else { known };
        match self.inventory.policies[policy as usize]
            .spec
            .concurrency
            .state()
        {
            State::Known(at_once) => Slots {
                certain: known.min(at_once.get()),
                possible: most.min(at_once.get()),
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

    /// Whether a policy is not over and not suspended for certain.
    fn may_back_up(&self, policy: u32) -> bool {
        let timing = self.calendar.policies[policy as usize];
        !self.calendar.is_past(timing) && self.makes_backups(policy) != Some(false)
    }

    /// How many machines a policy backs up at once for certain.
    pub(super) fn certain_backups(&self, policy: u32) -> i64 {
        self.backup_slots(policy).certain
    }

    /// What the repository of a policy has to take when its window opens.
    pub(super) fn repository_load(&self, policy: u32) -> Option<&RepositoryLoad> {
        let loads = self.repository_loads();
        let load = loads.binary_search_by_key(&policy, |load| load.policy);
        loads.get(load.ok()?)
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Facts;
    use crate::facts::mobility_tests::{facts, resource};

    /// A repository that takes three at once, and policies of so many machines, each with its
    /// schedule.
    fn estate(policies: &[(usize, &str)]) -> Facts {
        let mut text = String::new();
        resource(
            &mut text,
            "BackupRepository",
            "r",
            "maximumConcurrentTasks: 3",
        );
        resource(&mut text, "VirtualMachine", "v0", "");
        resource(&mut text, "VirtualMachine", "v1", "");
        for (index, (machines, schedule)) in policies.iter().enumerate() {
            let targets = &["v0", "v1"][..*machines];
            let spec = format!(
                "repository: r, targets: {{ virtualMachines: {targets:?} }}, schedule: {{ {schedule} }}"
            );
            resource(&mut text, "BackupPolicy", &format!("p{index}"), &spec);
        }
        facts(&text)
    }

    /// Of each policy: how many run, with which others, and whether that is too much.
    fn loads(policies: &[(usize, &str)]) -> Vec<(i64, Vec<u32>, Option<bool>)> {
        let facts = estate(policies);
        let load = |policy| facts.repository_load(policy).unwrap();
        let loads = (0..).take(policies.len()).map(load);
        loads
            .map(|load| (load.running, load.others.to_vec(), load.exceeded))
            .collect()
    }

    #[test]
    fn what_ends_at_a_start_is_no_longer_open() {
        let early = "at: '2026-06-01T00:00:00Z', duration: 10h";
        let late = "at: '2026-06-01T10:00:00Z', duration: 10h";
        let within = (2, vec![], Some(false));
        assert_eq!(loads(&[(2, early), (2, late)]), [within.clone(), within]);
    }

    #[test]
    fn the_first_start_that_is_too_much_is_told_with_all_that_takes_something_then() {
        let early = "at: '2026-06-01T00:00:00Z', duration: 10h";
        let none = "at: '2026-06-01T00:00:00Z', duration: 30h";
        let late = "at: '2026-06-01T05:00:00Z', duration: 15h";
        let found = loads(&[(2, early), (0, none), (2, late)]);
        assert_eq!(found[0], (2, vec![], Some(false)), "its window opens first");
        assert_eq!(found[2], (4, vec![0], Some(true)));
    }

    #[test]
    fn a_schedule_that_overlaps_itself_counts_once() {
        let long = "cron: '0 0 * * *', duration: 30h";
        assert_eq!(loads(&[(2, long)]), [(2, vec![], Some(false))]);
        let other = "cron: '0 12 * * *', duration: 30h";
        assert_eq!(loads(&[(2, long), (1, other)])[0].2, Some(false));
    }

    #[test]
    fn an_unknown_end_proves_only_its_start() {
        let endless = "at: '2026-06-01T00:00:00Z'";
        let at_once = "at: '2026-06-01T00:00:00Z', duration: 1h";
        let later = "at: '2026-06-03T00:00:00Z', duration: 1h";
        let found = loads(&[(2, endless), (2, at_once), (2, later)]);
        assert_eq!((found[0].2, found[1].2), (Some(true), Some(true)));
        assert_eq!(found[2].2, None);
    }
}
