//! Backups that meet migrations, maintenance or each other, machine by machine.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::calendar::{Calendar, Timing};
use super::meetings::{First, Side, meetings};
use super::{Facts, fact_record};
use crate::model::reflect::{Moment, Value};
use crate::model::{Schedule, WindowProduct};
use crate::schedule::{Overlap, format_duration};

/// A policy and something else that concern the same machines; the calendar knows whether they
/// collide.
pub(super) struct Meeting {
    pub(super) policy: u32,
    pub(super) other: u32,
    /// The machines both concern, ascending.
    pub(super) machines: Arc<[u32]>,
    /// How many others the policy collides with as well that are not told: with the last that is.
    pub(super) untold: usize,
    pub(super) policy_timing: Option<Timing>,
    pub(super) other_timing: Option<Timing>,
}

/// A backup and a plan that moves its targets.
pub(super) struct MigrationCollision(pub(super) Meeting);
/// A backup and a maintenance window on the hosts of its targets.
pub(super) struct MaintenanceCollision(pub(super) Meeting);
/// Two backups of the same machines; `other` comes first by path and position.
pub(super) struct BackupOverlap(pub(super) Meeting);

fact_record!(MigrationCollision, &super::vocabulary::MIGRATION_COLLISION);
fact_record!(
    MaintenanceCollision,
    &super::vocabulary::MAINTENANCE_COLLISION
);
fact_record!(BackupOverlap, &super::vocabulary::BACKUP_OVERLAP);

pub(super) fn with_migrations(facts: &Facts) -> Vec<MigrationCollision> {
    with_moves_of(facts, (0..).take(facts.moves_of.len()))
}

/// The collisions with plans that move some machines, which come in ascending order.
pub(super) fn with_moves_of(
    facts: &Facts,
    machines: impl Iterator<Item = u32>,
) -> Vec<MigrationCollision> {
    let mut of_plans: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for machine in machines {
        let moves = facts.moves_of[machine as usize].iter();
        for planned in moves.map(|index| &facts.moves[*index as usize]) {
            if planned.counts() == Some(true) {
                let moved = of_plans.entry(planned.plan).or_default();
                if moved.last() != Some(&machine) {
                    moved.push(machine);
                }
            }
        }
    }
    let mut sides: Vec<Side> = Vec::new();
    let mut known: HashMap<Vec<u32>, usize> = HashMap::new();
    for (plan, machines) in of_plans {
        let side = *known.entry(machines).or_insert_with_key(|machines| {
            sides.push(Side::of(facts, machines.iter().copied()));
            sides.len() - 1
        });
        sides[side].add(plan);
    }
    let found = meetings(facts, &facts.calendar.plans, &sides, First::ByMachine);
    found.into_iter().map(MigrationCollision).collect()
}

pub(super) fn with_maintenance(facts: &Facts) -> Vec<MaintenanceCollision> {
    with_windows(facts, (0..).take(facts.calendar.windows.len()))
}

/// The collisions with some maintenance windows, which come in ascending order.
pub(super) fn with_windows(
    facts: &Facts,
    windows: impl Iterator<Item = u32>,
) -> Vec<MaintenanceCollision> {
    let timings = &facts.calendar.windows;
    let mut sides: Vec<Side> = Vec::new();
    let mut known: HashMap<_, usize> = HashMap::new();
    for window in windows.filter(|window| !facts.calendar.is_past(timings[*window as usize])) {
        let on_need = facts.acts_on_need(window);
        let unnamed = facts.machines_of_unnamed_cluster(window).first();
        let (cluster, (hosts, _)) = (
            facts.cluster_of_window(window),
            facts.hosts_of_window(window),
        );
        let side = *known
            .entry((hosts, cluster, unnamed, on_need))
            .or_insert_with(|| {
                let mut machines = facts.machines_under(window);
                machines.retain(|machine| !on_need || facts.runs(*machine) == Some(true));
                sides.push(Side::of(facts, machines));
                sides.len() - 1
            });
        sides[side].add(window);
    }
    let found = meetings(facts, timings, &sides, First::ByItself);
    found.into_iter().map(MaintenanceCollision).collect()
}

/// By scope the machines of a Kubernetes cluster that nothing describes: all of the scope.
pub(super) fn machines_of_unnamed_clusters(facts: &Facts) -> HashMap<u32, Vec<u32>> {
    let mut by_scope: HashMap<u32, Vec<u32>> = HashMap::new();
    for machine in &facts.inventory.machines {
        let meta = &machine.meta;
        if meta.is_of_kubernetes() && meta.is_related() && machine.spec.cluster.is_absent() {
            by_scope.entry(meta.scope).or_default().push(meta.index);
        }
    }
    by_scope
}

/// The policies that back a machine up, are not over and not suspended.
pub(super) fn current_policies(facts: &Facts, machine: u32) -> impl Iterator<Item = u32> {
    let covering = facts.covering_policies(machine);
    covering.filter(|policy| facts.makes_backups(*policy) == Some(true))
}

impl Facts {
    /// Which of these policies have a length that nobody but the settings says, for messages: empty,
    /// or `, as settings assume 1h for `nightly``.
    pub(super) fn assumption(&self, policies: impl IntoIterator<Item = u32>) -> String {
        let mut names = Vec::new();
        let mut length = None;
        for policy in policies {
            let policy = &self.inventory.policies[policy as usize];
            let schedule = policy.spec.schedule.known();
            if let Some(seconds) = schedule.and_then(Schedule::assumed) {
                length = Some(seconds);
                names.push(format!("`{}`", policy.meta.name));
            }
        }
        match (length, names.as_slice()) {
            (Some(seconds), [names @ .., last]) => {
                let others = match names {
                    [] => String::new(),
                    names => names.join(", ") + " and ",
                };
                let length = format_duration(seconds);
                format!(", as settings assume {length} for {others}{last}")
            }
            _ => String::new(),
        }
    }

    /// The hosts that a maintenance window takes down.
    pub(super) fn hosts_of_window(&self, window: u32) -> (Vec<u32>, bool) {
        let spec = &self.inventory.windows[window as usize].spec;
        let mut hosts = Vec::new();
        let mut open = false;
        if let Some(cluster) = spec.cluster.said(&mut open) {
            match cluster.target() {
                Some(cluster) => {
                    let members = &self.placements.clusters[cluster as usize];
                    hosts.extend(&members.hosts);
                    open |= members.open;
                }
                None => open = true,
            }
        }
        for item in spec.hosts.said(&mut open).into_iter().flatten() {
            match item.known().and_then(|host| host.target()) {
                Some(host) => hosts.push(host),
                None => open = true,
            }
        }
        hosts.sort_unstable();
        hosts.dedup();
        (hosts, open)
    }

    /// The cluster that a maintenance window takes down as a whole, if it is known.
    fn cluster_of_window(&self, window: u32) -> Option<u32> {
        let spec = &self.inventory.windows[window as usize].spec;
        spec.cluster.known().and_then(|cluster| cluster.target())
    }

    /// Whether a window only says when hosts may go down that need to.
    pub(super) fn acts_on_need(&self, window: u32) -> bool {
        let product = self.inventory.windows[window as usize].spec.product.known();
        matches!(
            product,
            Some(WindowProduct::Kured | WindowProduct::UpgradeController)
        )
    }

    /// The machines of the Kubernetes cluster of a window where nothing describes it.
    pub(super) fn machines_of_unnamed_cluster(&self, window: u32) -> &[u32] {
        let window = &self.inventory.windows[window as usize];
        let unnamed = window.meta.is_of_kubernetes()
            && window.meta.is_related()
            && window.spec.cluster.is_absent()
            && window.spec.hosts.is_absent();
        if !unnamed {
            return &[];
        }
        let machines = self.machines_of_unnamed_clusters().get(&window.meta.scope);
        machines.map_or(&[], Vec::as_slice)
    }

    /// The machines on the hosts that a maintenance window takes down, and those of its cluster of
    /// which nobody says on which host they are.
    pub(super) fn machines_under(&self, window: u32) -> Vec<u32> {
        let on_hosts = self.machines_on_hosts_of(window);
        let unnamed = self.machines_of_unnamed_cluster(window);
        let somewhere = self
            .cluster_of_window(window)
            .into_iter()
            .flat_map(|cluster| {
                let machines = &self.placements.clusters[cluster as usize].machines;
                machines.iter().filter(|machine| {
                    self.placements.machines[**machine as usize]
                        .host
                        .known()
                        .is_none()
                })
            });
        let mut machines: Vec<u32> = on_hosts
            .into_iter()
            .chain(somewhere.copied())
            .chain(unnamed.iter().copied())
            .collect();
        machines.sort_unstable();
        machines.dedup();
        machines
    }
}

impl Meeting {
    /// The first time that they collide, if any.
    pub(super) fn overlap(&self, calendar: &Calendar) -> Overlap {
        calendar.overlap(self.policy_timing, self.other_timing)
    }

    pub(super) fn overlaps(&self, calendar: &Calendar) -> Option<bool> {
        match self.overlap(calendar) {
            Overlap::Never => Some(false),
            Overlap::Unknown => None,
            Overlap::Collides(_) => Some(true),
        }
    }

    /// The first collision, on the clocks of the policy.
    pub(super) fn first<'a>(&self, calendar: &'a Calendar) -> Value<'a> {
        match (self.overlap(calendar), self.policy_timing) {
            (Overlap::Collides(collision), Some(timing)) => {
                let at = Moment {
                    at: collision.start,
                    zone: calendar.zone(timing),
                };
                Value::Window(at, collision.end)
            }
            _ => Value::Unknown,
        }
    }

    /// How often they collide, and for how long, in words.
    pub(super) fn recurs(&self, calendar: &Calendar) -> Option<String> {
        calendar.recurrence(self.policy_timing?, self.other_timing?)
    }

    /// The first collision in words, on the clocks of both.
    pub(super) fn when(&self, calendar: &Calendar) -> Option<String> {
        let Overlap::Collides(collision) = self.overlap(calendar) else {
            return None;
        };
        let here = calendar.zone(self.policy_timing?);
        let there = calendar.zone(self.other_timing?);
        let mut text = here.show_window(collision.start, collision.end);
        if here.wall_clock(collision.start) != there.wall_clock(collision.start) {
            text += ", which is ";
            text += &there.show_window(collision.start, collision.end);
        }
        Some(text)
    }
}
