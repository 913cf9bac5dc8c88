//! Islands: plans, windows and policies that share machines, hosts, clusters or repositories, if only
//! by others between them.
//!
//! Who is on one island is in nobody's way on another, whenever they start: so a way out is looked
//! for on one island only.

use std::collections::HashSet;
use std::ops::Deref;

use super::parties::Party;
use crate::facts::collisions::{self, MaintenanceCollision, MigrationCollision};
use crate::facts::loads::{self, ClusterLoad, HostLoad};
use crate::facts::moves::PlannedMove;
use crate::facts::quorum::{self, WindowQuorum};
use crate::facts::repositories::{self, RepositoryLoad};
use crate::facts::{Facts, overlapping};
use crate::model::State;

/// All plans, windows and policies, by island.
pub(in crate::facts) struct Islands {
    /// In the order of the islands, on each in that of all parties.
    parties: Vec<Party>,
    /// Where each island begins, and the end of the last.
    begins: Vec<u32>,
    /// By number of the party, policies first, then plans, then windows.
    of_party: Vec<u32>,
    policies: u32,
    plans: u32,
}

/// Some plans, windows and policies that share nothing with others.
#[derive(Clone, Copy)]
pub(super) struct Island<'i> {
    facts: &'i Facts,
    /// Ascending.
    parties: &'i [Party],
    /// Whether the facts about all are asked, which rules ask for, too.
    is_large: bool,
}

/// An island with one party in so many is large.
const LARGE: usize = 8;

/// Facts about an island.
pub(super) enum About<'i, T> {
    /// About nobody else.
    Island(Vec<T>),
    /// About all parties.
    All(&'i [T]),
}

impl<T> Deref for About<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            About::Island(own) => own,
            About::All(all) => all,
        }
    }
}

impl Islands {
    pub(in crate::facts) fn derive(facts: &Facts) -> Self {
        let inventory = &facts.inventory;
        let mut islands = Islands {
            parties: all_parties(facts),
            begins: Vec::new(),
            of_party: Vec::new(),
            policies: count(inventory.policies.len()),
            plans: count(inventory.plans.len()),
        };
        let mut shared = Shared::by_all(facts);
        // The root of each is its first party.
        for number in (0..).take(islands.parties.len()) {
            let root = shared.root(number);
            let island = match root == number {
                true => {
                    islands.begins.push(0);
                    count(islands.begins.len() - 1)
                }
                false => islands.of_party[root as usize],
            };
            islands.of_party.push(island);
            islands.begins[island as usize] += 1;
        }
        let mut end = 0;
        for size in &mut islands.begins {
            end += std::mem::replace(size, end);
        }
        islands.begins.push(end);
        let numbers = &islands.of_party;
        let mut sorted: Vec<(u32, Party)> = numbers.iter().copied().zip(islands.parties).collect();
        sorted.sort_by_key(|(island, _)| *island);
        islands.parties = sorted.into_iter().map(|(_, party)| party).collect();
        islands
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.begins.len() - 1
    }

    /// The number of the island that a party is on.
    pub(super) fn of(&self, party: Party) -> u32 {
        let number = match party {
            Party::Policy(index) => index,
            Party::Plan(index) => self.policies + index,
            Party::Window(index) => self.policies + self.plans + index,
        };
        self.of_party[number as usize]
    }

    /// Those on an island, ascending.
    pub(super) fn parties(&self, island: u32) -> &[Party] {
        let island = island as usize;
        &self.parties[self.begins[island] as usize..self.begins[island + 1] as usize]
    }
}

impl<'i> Island<'i> {
    /// Parties that share nothing with others, ascending.
    pub(super) fn of(facts: &'i Facts, parties: &'i [Party]) -> Self {
        let all = facts.islands().of_party.len();
        Island {
            facts,
            parties,
            is_large: parties.len() >= all / LARGE,
        }
    }

    /// The same, which counts as large or not.
    #[cfg(test)]
    pub(super) fn sized(self, is_large: bool) -> Self {
        Island { is_large, ..self }
    }

    /// Whether a party is on it.
    pub(super) fn has(self, party: Party) -> bool {
        self.parties.binary_search(&party).is_ok()
    }

    fn about<T>(
        self,
        own: impl FnOnce(&Facts) -> Vec<T>,
        all: impl FnOnce(&'i Facts) -> &'i [T],
    ) -> About<'i, T> {
        match self.is_large {
            true => About::All(all(self.facts)),
            false => About::Island(own(self.facts)),
        }
    }

    pub(super) fn migration_collisions(self) -> About<'i, MigrationCollision> {
        let machines = || self.moved_machines().into_iter();
        self.about(
            |facts| collisions::with_moves_of(facts, machines()),
            |facts| facts.migration_collisions(),
        )
    }

    pub(super) fn maintenance_collisions(self) -> About<'i, MaintenanceCollision> {
        self.about(
            |facts| collisions::with_windows(facts, self.windows()),
            |facts| facts.maintenance_collisions(),
        )
    }

    /// The policies that collide with one that comes before them.
    pub(super) fn later_policies(self) -> Vec<u32> {
        let facts = self.facts;
        if !self.is_large {
            return overlapping::later_ones(facts, self.shared_machines().into_iter());
        }
        let all = facts.backup_overlaps().iter().map(|overlap| &overlap.0);
        let colliding = all.filter(|meeting| meeting.overlaps(&facts.calendar) == Some(true));
        colliding.map(|meeting| meeting.policy).collect()
    }

    pub(super) fn loads_of_hosts(self) -> About<'i, HostLoad> {
        self.about(
            |facts| loads::on_hosts(facts, self.moves()).collect(),
            |facts| facts.loads_of_hosts(),
        )
    }

    pub(super) fn cluster_loads(self) -> About<'i, ClusterLoad> {
        self.about(
            |facts| loads::on_clusters_by(facts, self.moves()),
            |facts| facts.cluster_loads(),
        )
    }

    /// By window and cluster.
    pub(super) fn quorums(self) -> About<'i, WindowQuorum> {
        let clusters = || self.clusters_of_windows().into_iter();
        self.about(
            |facts| quorum::of_clusters(facts, clusters()),
            |facts| facts.quorums(),
        )
    }

    /// The policies of repositories that are too much with others, with their repositories.
    pub(super) fn crowded_policies(self) -> Vec<(u32, u32)> {
        let facts = self.facts;
        let crowded = |load: &RepositoryLoad| {
            let policy = &facts.inventory.policies[load.policy as usize];
            let repository = policy.spec.repository.known()?.target()?;
            let is_crowded = load.exceeded == Some(true) && load.at.is_some();
            is_crowded.then_some((load.policy, repository))
        };
        match self.is_large {
            true => {
                let loads = facts.repository_loads().iter();
                loads.filter_map(crowded).collect()
            }
            false => {
                let loads = repositories::of_policies(facts, self.policies());
                loads.iter().filter_map(crowded).collect()
            }
        }
    }

    pub(super) fn policies(self) -> impl Iterator<Item = u32> {
        self.parties.iter().filter_map(|party| match party {
            Party::Policy(policy) => Some(*policy),
            Party::Plan(_) | Party::Window(_) => None,
        })
    }

    fn windows(self) -> impl Iterator<Item = u32> {
        self.parties.iter().filter_map(|party| match party {
            Party::Window(window) => Some(*window),
            Party::Policy(_) | Party::Plan(_) => None,
        })
    }

    fn moves(self) -> impl Iterator<Item = &'i PlannedMove> {
        let moves_of = |party: &Party| match party {
            Party::Plan(plan) => self.facts.moves_of_plan(*plan),
            Party::Policy(_) | Party::Window(_) => &[],
        };
        self.parties.iter().flat_map(moves_of)
    }

    /// The machines that are moved, ascending.
    fn moved_machines(self) -> Vec<u32> {
        let machines = self.moves().filter_map(|planned| planned.machine.known());
        sorted(machines.copied().collect())
    }

    /// The machines that several policies back up, ascending.
    fn shared_machines(self) -> Vec<u32> {
        let facts = self.facts;
        let machines = self
            .policies()
            .flat_map(|policy| &facts.targets[policy as usize].machines);
        let is_shared = |machine: &&u32| facts.policies_of[**machine as usize].len() > 1;
        sorted(machines.filter(is_shared).copied().collect())
    }

    /// The clusters whose hosts windows take down that are not over, ascending.
    fn clusters_of_windows(self) -> Vec<u32> {
        let facts = self.facts;
        let is_ahead = |window: &u32| {
            let timing = facts.calendar.windows[*window as usize];
            !facts.calendar.is_past(timing)
        };
        let clusters = self.windows().filter(is_ahead).flat_map(|window| {
            let cluster = &facts.inventory.windows[window as usize].spec.cluster;
            let whole = cluster.known().and_then(|cluster| cluster.target());
            let hosts = facts.hosts_of_window(window).0.into_iter();
            hosts
                .filter_map(|host| cluster_of(facts, host))
                .chain(whole)
        });
        sorted(clusters.collect())
    }
}

/// All plans, windows and policies, ascending.
pub(super) fn all_parties(facts: &Facts) -> Vec<Party> {
    let inventory = &facts.inventory;
    let numbers = |resources: usize| (0..).take(resources);
    let policies = numbers(inventory.policies.len()).map(Party::Policy);
    let plans = numbers(inventory.plans.len()).map(Party::Plan);
    let windows = numbers(inventory.windows.len()).map(Party::Window);
    policies.chain(plans).chain(windows).collect()
}

fn cluster_of(facts: &Facts, host: u32) -> Option<u32> {
    match facts.placements.hosts[host as usize].cluster {
        State::Known(cluster) => Some(cluster),
        State::Absent | State::Unknown => None,
    }
}

fn count(resources: usize) -> u32 {
    u32::try_from(resources).unwrap_or(u32::MAX)
}

fn sorted(mut numbers: Vec<u32>) -> Vec<u32> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Parties and what they share, joined where one takes part in the other (Galler and Fischer, "An
/// improved equivalence algorithm", 1964). Policies come first, then plans, windows, machines,
/// hosts, clusters and repositories.
struct Shared {
    /// What each is joined with that comes before it; itself where there is nothing.
    before: Vec<u32>,
    plans: u32,
    windows: u32,
    machines: u32,
    hosts: u32,
    clusters: u32,
    repositories: u32,
}

impl Shared {
    fn by_all(facts: &Facts) -> Self {
        let inventory = &facts.inventory;
        let mut all = 0;
        let mut after = |resources: usize| {
            let first = all;
            all += count(resources);
            first
        };
        after(inventory.policies.len());
        let mut shared = Shared {
            plans: after(inventory.plans.len()),
            windows: after(inventory.windows.len()),
            machines: after(inventory.machines.len()),
            hosts: after(inventory.hosts.len()),
            clusters: after(inventory.clusters.len()),
            repositories: after(inventory.repositories.len()),
            before: Vec::new(),
        };
        shared.before = (0..all).collect();
        shared.by_policies(facts);
        shared.by_plans(facts);
        shared.by_windows(facts);
        shared
    }

    fn by_policies(&mut self, facts: &Facts) {
        let policies = facts.inventory.policies.iter().zip(&facts.targets);
        for (policy, targets) in policies {
            let number = policy.meta.index;
            if facts
                .calendar
                .is_past(facts.calendar.policies[number as usize])
            {
                continue;
            }
            for machine in &targets.machines {
                self.join(number, self.machines + machine);
            }
            let repository = policy.spec.repository.known();
            if let Some(repository) = repository.and_then(|it| it.target()) {
                self.join(number, self.repositories + repository);
            }
        }
    }

    fn by_plans(&mut self, facts: &Facts) {
        for planned in &facts.moves {
            let plan = self.plans + planned.plan;
            if let Some(machine) = planned.machine.known() {
                self.join(plan, self.machines + machine);
            }
            for host in [&planned.source, &planned.target] {
                if let Some(host) = host.known() {
                    self.join(plan, self.hosts + host);
                    self.join_cluster(facts, *host);
                }
            }
        }
    }

    fn by_windows(&mut self, facts: &Facts) {
        let over = facts.windows_over();
        for (host, windows) in (0..).zip(over.of_host.iter()) {
            if self.join_windows(windows, self.hosts + host) {
                self.join_cluster(facts, host);
                for machine in &facts.placements.hosts[host as usize].machines {
                    self.join(self.hosts + host, self.machines + machine);
                }
            }
        }
        for (cluster, windows) in (0..).zip(over.of_cluster.iter()) {
            if self.join_windows(windows, self.clusters + cluster) {
                for machine in &facts.placements.clusters[cluster as usize].machines {
                    let placement = &facts.placements.machines[*machine as usize];
                    if placement.host.known().is_none() {
                        self.join(self.clusters + cluster, self.machines + machine);
                    }
                }
            }
        }
        let mut scopes = HashSet::new();
        for window in &facts.inventory.windows {
            let machines = facts.machines_of_unnamed_cluster(window.meta.index);
            let Some(first) = machines.first() else {
                continue;
            };
            self.join(self.windows + window.meta.index, self.machines + first);
            if scopes.insert(window.meta.scope) {
                for machine in machines {
                    self.join(self.machines + first, self.machines + machine);
                }
            }
        }
    }

    /// Joins windows with what they take down; false where there are none.
    fn join_windows(&mut self, windows: &[u32], down: u32) -> bool {
        for window in windows {
            self.join(self.windows + window, down);
        }
        !windows.is_empty()
    }

    fn join_cluster(&mut self, facts: &Facts, host: u32) {
        if let Some(cluster) = cluster_of(facts, host) {
            self.join(self.hosts + host, self.clusters + cluster);
        }
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        self.before[one.max(other) as usize] = one.min(other);
    }

    /// The first of those that something is joined with.
    fn root(&mut self, mut number: u32) -> u32 {
        loop {
            let before = self.before[number as usize];
            if before == number {
                return number;
            }
            // Halves the way for the next one.
            self.before[number as usize] = self.before[before as usize];
            number = before;
        }
    }
}
