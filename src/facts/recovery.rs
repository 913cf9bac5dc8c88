//! What backs a machine up, and how far apart its backups start.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::OnceLock;

use super::calendar::{Calendar, Timing};
use super::collisions::current_policies;
use super::{Facts, fact_record};
use crate::model::reflect::{Moment, Value};
use crate::model::{BackupType, Meta, Origin, State};
use crate::schedule::{self, At, Instant, Recurrence};

/// The longest time between successive backups of some machines.
pub(super) struct BackupGap {
    pub(super) gap: schedule::Gap,
    /// The schedule that ends it.
    pub(super) timing: Timing,
    /// Whether there are policies of which nobody knows whether they count, without which it may
    /// be longer.
    pub(super) may_be_longer: bool,
}

/// When a machine is backed up.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Timings {
    /// By policies that count, ascending.
    certain: Vec<Timing>,
    /// By others that may count, ascending.
    perhaps: Vec<Timing>,
}

fact_record!(BackupGap, &super::vocabulary::BACKUP_GAP);

/// The longest gap of every machine. Machines with the same schedules share it.
#[derive(Default)]
pub(super) struct Recovery {
    /// For each machine its schedules; none where nobody knows them all.
    of_machine: Vec<Option<u32>>,
    /// Each of these with its gap, which is looked for when it is first asked for.
    gaps: Vec<(Timings, OnceLock<Option<BackupGap>>)>,
}

pub(super) fn derive(facts: &Facts) -> Recovery {
    let mut sets: HashMap<Timings, u32> = HashMap::new();
    let of_machine = (0..)
        .zip(facts.policies_of.iter())
        .map(|(machine, _)| {
            let timings = facts.backup_timings(machine)?;
            let next = u32::try_from(sets.len()).unwrap_or(u32::MAX);
            Some(*sets.entry(timings).or_insert(next))
        })
        .collect();
    let mut gaps: Vec<(Timings, u32)> = sets.into_iter().collect();
    gaps.sort_by_key(|(_, number)| *number);
    let gaps = gaps
        .into_iter()
        .map(|(timings, _)| (timings, OnceLock::new()));
    Recovery {
        of_machine,
        gaps: gaps.collect(),
    }
}

impl BackupGap {
    fn of(timings: &Timings, calendar: &Calendar) -> Option<Self> {
        let schedules = |timings: &[Timing]| -> Vec<_> {
            let all = timings.iter();
            all.map(|timing| (calendar.schedule(*timing), calendar.occurrences(*timing)))
                .collect()
        };
        let Timings { certain, perhaps } = timings;
        let gap = schedule::longest_certain_gap(
            &schedules(certain),
            &schedules(perhaps),
            calendar.search(),
        )?;
        let mut all = certain.iter().chain(perhaps);
        Some(BackupGap {
            timing: *all.nth(gap.ended_by)?,
            gap,
            may_be_longer: !perhaps.is_empty(),
        })
    }

    /// An instant on the clock of the schedule that ends the gap.
    pub(super) fn moment<'a>(&self, at: Instant, calendar: &'a Calendar) -> Moment<'a> {
        let zone = calendar.zone(self.timing);
        Moment { at, zone }
    }

    /// When the next backup has to start after the one that begins the gap, so that no more than
    /// `objective` seconds lie between them on the clock that measures it.
    pub(super) fn due(&self, objective: i64, calendar: &Calendar) -> Instant {
        let zone = calendar.zone(self.timing);
        let from = self.gap.from;
        let due = from.plus(objective);
        match calendar.schedule(self.timing).recurrence() {
            Recurrence::Once(At::Instant(_)) => due,
            _ => {
                let shown = zone.wall_clock(due).duration_since(zone.wall_clock(from));
                due.plus(objective.saturating_sub(shown.as_secs()))
            }
        }
    }
}

/// The scopes in which a policy is declared that is not over, and whether that is certain: one whose
/// schedule is not known may be.
pub(super) fn scopes_with_backups(facts: &Facts) -> HashMap<u32, bool> {
    let mut scopes = HashMap::new();
    for (policy, timing) in facts
        .inventory
        .policies
        .iter()
        .zip(&facts.calendar.policies)
    {
        let foreign = policy.meta.is_of_kubernetes();
        if foreign && facts.has_target(policy.meta.index) == Some(false) {
            continue;
        }
        if !facts.calendar.is_past(*timing) {
            let recurs = match policy.spec.schedule.state() {
                State::Absent => true,
                State::Known(schedule) => schedule.recurs(),
                State::Unknown => false,
            };
            *scopes.entry(policy.meta.scope).or_insert(false) |= timing.is_some() || recurs;
        }
    }
    scopes
}

/// How often some machines have to be backed up, and by which schedules they are beside one that
/// could be another.
pub(super) struct Objective {
    others: Timings,
    /// How far apart starts may be in seconds: as far as they are now where that is too far.
    longest: i64,
}

impl Objective {
    /// Whether starts are near enough to each other with another schedule beside the others.
    pub(super) fn is_kept_by(
        &self,
        schedule: &schedule::Schedule,
        occurrences: &schedule::Occurrences,
        calendar: &Calendar,
    ) -> bool {
        let Timings { certain, perhaps } = &self.others;
        let with = |timings: &[Timing]| -> Vec<_> {
            let all = timings.iter();
            all.map(|timing| (calendar.schedule(*timing), calendar.occurrences(*timing)))
                .collect()
        };
        let mut certain = with(certain);
        certain.push((schedule, occurrences));
        let gap = schedule::longest_certain_gap(&certain, &with(perhaps), calendar.search());
        gap.is_none_or(|gap| gap.length <= self.longest)
    }
}

impl Facts {
    /// The objectives of the machines that a policy backs up with others; alone it starts as often
    /// at another time. None for copies, which do not count.
    pub(super) fn objectives(&self, policy: u32, timing: Timing) -> Vec<Objective> {
        let kind = &self.inventory.policies[policy as usize].spec.backup_type;
        if !matches!(
            kind.state(),
            State::Absent | State::Known(BackupType::Full | BackupType::Incremental)
        ) {
            return Vec::new();
        }
        let mut objectives: HashMap<Timings, i64> = HashMap::new();
        for machine in &self.targets[policy as usize].machines {
            let spec = &self.inventory.machines[*machine as usize].spec;
            let Some(objective) = spec.recovery_point_objective.known() else {
                continue;
            };
            let Some(mut others) = self.backup_timings(*machine) else {
                continue;
            };
            others.certain.retain(|other| *other != timing);
            if others.certain.is_empty() {
                continue;
            }
            let now = match self.backup_gap(*machine) {
                State::Known(gap) => gap.gap.length,
                State::Absent | State::Unknown => 0,
            };
            let longest = objectives.entry(others).or_insert(i64::MAX);
            *longest = (*longest).min(objective.0.max(now));
        }
        let mut objectives: Vec<Objective> = objectives
            .into_iter()
            .map(|(others, longest)| Objective { others, longest })
            .collect();
        objectives.sort_by_key(|it| it.longest);
        objectives
    }

    /// The longest gap between the starts of successive backups of a machine that is there
    /// whichever of the policies that may back it up do; absent where it has fewer than two starts
    /// in the search.
    pub(super) fn backup_gap(&self, machine: u32) -> State<&BackupGap> {
        let recovery = self.recovery();
        let Some(set) = recovery.of_machine[machine as usize] else {
            return State::Unknown;
        };
        let (timings, gap) = &recovery.gaps[set as usize];
        match gap.get_or_init(|| BackupGap::of(timings, &self.calendar)) {
            Some(gap) => State::Known(gap),
            None if timings.perhaps.is_empty() => State::Absent,
            None => State::Unknown,
        }
    }

    fn is_of_product(&self, policy: u32) -> bool {
        let policy = &self.inventory.policies[policy as usize];
        policy.spec.product.known().is_some()
    }

    /// The schedules of the policies that count for a machine, or may: copies do not, nor does
    /// what never starts. None where one of them is unknown.
    fn backup_timings(&self, machine: u32) -> Option<Timings> {
        let kind = |policy: u32| {
            self.inventory.policies[policy as usize]
                .spec
                .backup_type
                .state()
        };
        let mut timings = Timings {
            certain: Vec::new(),
            perhaps: Vec::new(),
        };
        let known = self.covering_policies(machine).map(|policy| (policy, true));
        let unclear = self.unclear_policies(machine).map(|policy| (policy, false));
        for (policy, covers) in known.chain(unclear) {
            let covers = match self.makes_backups(policy) {
                Some(false) => continue,
                makes => covers && makes == Some(true),
            };
            let list = match kind(policy) {
                State::Known(BackupType::Copy) => continue,
                State::Known(_) | State::Absent if covers => &mut timings.certain,
                // What products of Kubernetes make is never a mere copy.
                State::Unknown if covers && self.is_of_product(policy) => &mut timings.certain,
                _ => &mut timings.perhaps,
            };
            let timing = self.calendar.policies[policy as usize]?;
            if !self.calendar.occurrences(timing).is_empty() {
                list.push(timing);
            }
        }
        for list in [&mut timings.certain, &mut timings.perhaps] {
            list.sort_unstable();
            list.dedup();
        }
        let Timings { certain, perhaps } = &mut timings;
        perhaps.retain(|timing| certain.binary_search(timing).is_err());
        Some(timings)
    }

    /// The policies that back a machine up and are not over, in a list that says whether there may
    /// be more.
    pub(super) fn backup_policies(&self, machine: u32) -> Value<'_> {
        let known = current_policies(self, machine);
        super::list(
            self.objects(crate::model::Kind::BackupPolicy, known),
            self.unclear_policies(machine).next().is_some(),
        )
    }

    /// Whether a machine is backed up; unknown where it is not and its policy may be declared
    /// elsewhere.
    pub(super) fn backed_up(&self, machine: u32) -> Option<bool> {
        if self.covering_policies(machine).next().is_some() {
            return Some(true);
        }
        let apart = !self.inventory.machines[machine as usize].meta.is_related();
        let may_be = apart || self.is_open() || self.unclear_policies(machine).next().is_some();
        (!may_be).then_some(false)
    }

    /// Whether anything is backed up in the scope of a machine.
    pub(super) fn scope_has_backups(&self, machine: u32) -> Option<bool> {
        let Meta { scope, origin, .. } = self.inventory.machines[machine as usize].meta;
        if origin == Origin::Kubernetes {
            return match self.backs_up_others(machine) {
                Some(false) if self.is_open() => None,
                known => known,
            };
        }
        match self.scopes_with_backups().get(&scope) {
            Some(true) => Some(true),
            Some(false) => None,
            None => (!self.is_open()).then_some(false),
        }
    }

    /// The policy that backs up most of the other machines of the cluster of a machine, else of
    /// its host. One that only names machines counts where there is no other.
    pub(super) fn policy_of_neighbours(&self, machine: u32) -> Option<u32> {
        const ASKED: usize = 200;
        let placement = &self.placements.machines[machine as usize];
        let neighbours = match (&placement.cluster, &placement.host) {
            (State::Known(cluster), _) => &self.placements.clusters[*cluster as usize].machines,
            (_, State::Known(host)) => &self.placements.hosts[*host as usize].machines,
            _ => return None,
        };
        let mut covered: HashMap<u32, u32> = HashMap::new();
        for neighbour in neighbours.iter().take(ASKED) {
            for policy in current_policies(self, *neighbour) {
                *covered.entry(policy).or_default() += 1;
            }
        }
        let by_more_than_names = |policy: u32| {
            let targets = self.inventory.policies[policy as usize]
                .spec
                .targets
                .known();
            targets.is_some_and(|targets| {
                let wide = targets.selector.known().is_some()
                    || targets.namespaces.known().is_some()
                    || targets.cluster.known().is_some();
                wide || targets.host.known().is_some() || targets.storage.known().is_some()
            })
        };
        let rank =
            |(policy, count): &(u32, u32)| (by_more_than_names(*policy), *count, Reverse(*policy));
        covered
            .into_iter()
            .max_by_key(rank)
            .map(|(policy, _)| policy)
    }

    /// The targets of a policy that a plan moves, other than offline and to the host that they are
    /// on, and whether there may be more.
    pub(super) fn moved_targets(&self, policy: u32) -> (Vec<u32>, bool) {
        let targets = &self.targets[policy as usize];
        let mut open = targets.open;
        let mut moved = Vec::new();
        for machine in &targets.machines {
            let moves = self.moves_of[*machine as usize].iter();
            let verdicts: Vec<_> = moves
                .map(|planned| self.moves[*planned as usize].leaves_its_place())
                .collect();
            if verdicts.contains(&Some(true)) {
                moved.push(*machine);
            } else {
                open |= verdicts.contains(&None);
            }
        }
        (moved, open)
    }

    fn is_open(&self) -> bool {
        self.inventory.world == crate::inventory::World::Open
    }
}
