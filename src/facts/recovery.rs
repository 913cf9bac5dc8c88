//! What backs a machine up, and how far apart its backups start.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::calendar::{Calendar, Timing};
use super::collisions::current_policies;
use super::{Facts, fact_record};
use crate::model::reflect::{Moment, Value};
use crate::model::{BackupType, State};
use crate::schedule::{self, Instant};

/// The longest time between successive backups of some machines.
pub(super) struct BackupGap {
    pub(super) gap: schedule::Gap,
    /// The schedule that ends it.
    pub(super) timing: Timing,
}

fact_record!(BackupGap, &super::vocabulary::BACKUP_GAP);

/// The longest gap of every machine. Machines with the same schedules share it.
#[derive(Default)]
pub(super) struct Recovery {
    /// For each machine its schedules; none where nobody knows them all.
    of_machine: Vec<Option<u32>>,
    gaps: Vec<Option<BackupGap>>,
}

pub(super) fn derive(facts: &Facts) -> Recovery {
    let mut sets: HashMap<Vec<Timing>, u32> = HashMap::new();
    let of_machine = (0..)
        .zip(&facts.policies_of)
        .map(|(machine, _)| {
            let timings = facts.backup_timings(machine)?;
            let next = u32::try_from(sets.len()).unwrap_or(u32::MAX);
            Some(*sets.entry(timings).or_insert(next))
        })
        .collect();
    let mut in_order: Vec<(Vec<Timing>, u32)> = sets.into_iter().collect();
    in_order.sort_by_key(|(_, number)| *number);
    let longest = |(timings, _): &(Vec<Timing>, u32)| BackupGap::of(timings, &facts.calendar);
    Recovery {
        of_machine,
        gaps: in_order.par_iter().map(longest).collect(),
    }
}

impl BackupGap {
    fn of(timings: &[Timing], calendar: &Calendar) -> Option<Self> {
        let schedules: Vec<_> = timings
            .iter()
            .map(|timing| (calendar.schedule(*timing), calendar.occurrences(*timing)))
            .collect();
        let gap = schedule::longest_gap(&schedules, calendar.search())?;
        Some(BackupGap {
            timing: *timings.get(gap.ended_by)?,
            gap,
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
        let shown = zone.wall_clock(due).duration_since(zone.wall_clock(from));
        due.plus(objective.saturating_sub(shown.as_secs()).min(0))
    }
}

/// The scopes in which a policy is declared that is not over.
pub(super) fn scopes_with_backups(facts: &Facts) -> HashSet<u32> {
    let policies = facts.inventory.policies.iter();
    policies
        .zip(&facts.calendar.policies)
        .filter(|(_, timing)| !facts.calendar.is_past(**timing))
        .map(|(policy, _)| policy.meta.scope)
        .collect()
}

impl Facts {
    /// The longest gap between the starts of successive backups of a machine; absent where it has
    /// fewer than two in the search.
    pub(super) fn backup_gap(&self, machine: u32) -> State<&BackupGap> {
        let recovery = self.recovery();
        match recovery.of_machine[machine as usize] {
            None => State::Unknown,
            Some(set) => match &recovery.gaps[set as usize] {
                None => State::Absent,
                Some(gap) => State::Known(gap),
            },
        }
    }

    /// The schedules of the policies that count for a machine, ascending: copies do not. None
    /// where one of them is unknown, or may be.
    fn backup_timings(&self, machine: u32) -> Option<Vec<Timing>> {
        let counts = |policy: &u32| {
            let spec = &self.inventory.policies[*policy as usize].spec;
            spec.backup_type.state != State::Known(BackupType::Copy)
        };
        if self.unclear_policies(machine).any(|policy| counts(&policy)) {
            return None;
        }
        let mut timings = Vec::new();
        for policy in current_policies(self, machine).filter(counts) {
            let spec = &self.inventory.policies[policy as usize].spec;
            if spec.backup_type.state == State::Unknown {
                return None;
            }
            timings.push(self.calendar.policies[policy as usize]?);
        }
        timings.sort_unstable();
        timings.dedup();
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
        if current_policies(self, machine).next().is_some() {
            return Some(true);
        }
        let may_be = self.is_open() || self.unclear_policies(machine).next().is_some();
        (!may_be).then_some(false)
    }

    /// Whether anything is backed up in the scope of a machine.
    pub(super) fn scope_has_backups(&self, machine: u32) -> Option<bool> {
        let scope = self.inventory.machines[machine as usize].meta.scope;
        if self.scopes_with_backups().contains(&scope) {
            return Some(true);
        }
        (!self.is_open()).then_some(false)
    }

    /// Policies that back up other machines of the host of a machine, else of its cluster.
    pub(super) fn neighbouring_policies(&self, machine: u32) -> Vec<u32> {
        const TOLD: usize = 5;
        const ASKED: usize = 1_000;
        let placement = &self.placements.machines[machine as usize];
        let neighbours = match (&placement.host, &placement.cluster) {
            (State::Known(host), _) => &self.placements.hosts[*host as usize].machines,
            (State::Absent, State::Known(cluster)) => {
                &self.placements.clusters[*cluster as usize].machines
            }
            _ => return Vec::new(),
        };
        let mut policies = Vec::new();
        for neighbour in neighbours.iter().take(ASKED) {
            for policy in current_policies(self, *neighbour) {
                if policies.len() < TOLD && !policies.contains(&policy) {
                    policies.push(policy);
                }
            }
        }
        policies.sort_unstable();
        policies
    }

    fn is_open(&self) -> bool {
        self.inventory.world == crate::inventory::World::Open
    }
}
