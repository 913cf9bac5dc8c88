//! Whether the other hosts of a cluster have the memory for its machines while a window has some
//! hosts down.
//!
//! Needed is what the running highly available machines start with, there is what is built into
//! the other hosts less what the machines cannot have. That is necessary and not sufficient: a
//! machine fits on one host or not at all.

use std::cmp::Reverse;
use std::sync::OnceLock;

use super::downtimes::Downtime;
use super::memory::reserve;
use super::packing::Packing;
use super::{Facts, fact_record};
use crate::model::{MachineState, Memory, State};

/// What is left of a cluster's memory when a window has its largest hosts down.
pub(super) struct EvacuationCapacity {
    pub(super) window: u32,
    /// Unknown where nobody knows which hosts the window takes down.
    pub(super) cluster: State<u32>,
    /// The hosts of the window that are down at once: the largest ones.
    pub(super) down: Vec<u32>,
    /// Whether it is these for certain.
    pub(super) down_certain: bool,
    /// What the machines need at least.
    pub(super) needed: i64,
    /// What the rest has at most; nobody knows where none.
    pub(super) available: Option<i64>,
    pub(super) lacking: Option<bool>,
    /// The most hosts that can be down at once, where it is fewer than the window says.
    pub(super) feasible: Option<i64>,
    pub(super) packing: OnceLock<Packing>,
}

fact_record!(EvacuationCapacity, &super::vocabulary::EVACUATION_CAPACITY);

/// An amount of memory in bytes: at least, and at most where that is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Amount {
    pub(super) least: i64,
    pub(super) most: Option<i64>,
}

impl Amount {
    const UNKNOWN: Amount = Amount {
        least: 0,
        most: None,
    };

    fn of(bytes: i64) -> Self {
        Amount {
            least: bytes,
            most: Some(bytes),
        }
    }
}

/// What the machines of a cluster need and its hosts have.
#[derive(Debug)]
pub(super) struct Balance {
    needed: Amount,
    /// What machines can have of each host.
    hosts: Vec<(u32, Amount)>,
    /// Whether there may be hosts that nobody knows.
    open: bool,
}

pub(super) fn of_windows(facts: &Facts) -> Vec<EvacuationCapacity> {
    let downtimes = facts.downtimes();
    let mut capacities = Vec::new();
    for cluster in &facts.inventory.clusters {
        let cluster = cluster.meta.index;
        let own = downtimes.of_cluster(cluster);
        if !own.is_empty() {
            let balance = Balance::of(facts, cluster);
            capacities.extend(own.iter().map(|downtime| balance.during(cluster, downtime)));
        }
    }
    capacities.extend(
        downtimes
            .without_cluster()
            .map(|window| EvacuationCapacity {
                window,
                cluster: State::Unknown,
                down: Vec::new(),
                down_certain: false,
                needed: 0,
                available: None,
                lacking: None,
                feasible: None,
                packing: OnceLock::new(),
            }),
    );
    capacities.sort_by_key(|capacity| (capacity.window, capacity.cluster.known().copied()));
    capacities
}

impl Balance {
    fn of(facts: &Facts, cluster: u32) -> Self {
        let members = &facts.placements.clusters[cluster as usize];
        let hosts = members.hosts.iter();
        Balance {
            needed: needed(facts, cluster),
            hosts: hosts.map(|host| (*host, usable(facts, *host))).collect(),
            open: members.open,
        }
    }

    fn during(&self, cluster: u32, downtime: &Downtime) -> EvacuationCapacity {
        let at_once = downtime.least();
        let (down, available) = self.at_most_left(&downtime.hosts, at_once);
        let lacks = |available: Option<i64>| available.is_some_and(|it| self.needed.least > it);
        let lacking = if at_once > 0 && lacks(available) {
            Some(true)
        } else {
            let left = self.at_least_left(downtime);
            let enough = self.needed.most.is_some_and(|needed| needed <= left);
            (enough || self.needed.most == Some(0)).then_some(false)
        };
        let fewer = (1..at_once).rev();
        let mut feasible =
            fewer.filter(|fewer| !lacks(self.at_most_left(&downtime.hosts, *fewer).1));
        EvacuationCapacity {
            window: downtime.window,
            cluster: State::Known(cluster),
            feasible: feasible.next().filter(|_| lacking == Some(true)),
            down_certain: self.is_certain(downtime, &down),
            packing: OnceLock::new(),
            down,
            needed: self.needed.least,
            available,
            lacking,
        }
    }

    /// The largest of these hosts, and what the rest has at most without them.
    fn at_most_left(&self, hosts: &[u32], count: i64) -> (Vec<u32>, Option<i64>) {
        let among = |host: u32| hosts.binary_search(&host).is_ok();
        let mut largest: Vec<&(u32, Amount)> =
            self.hosts.iter().filter(|(host, _)| among(*host)).collect();
        largest.sort_by_key(|(host, memory)| (Reverse(memory.most.unwrap_or(i64::MAX)), *host));
        largest.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        let mut down: Vec<u32> = largest.iter().map(|(host, _)| *host).collect();
        down.sort_unstable();
        let rest = self
            .hosts
            .iter()
            .filter(|(host, _)| down.binary_search(host).is_err());
        let mut left = rest.map(|(_, memory)| memory.most);
        let left = left.try_fold(0_i64, |sum, memory| Some(sum.saturating_add(memory?)));
        (down, left.filter(|_| !self.open))
    }

    /// Whether no other hosts of the window can turn out to be the largest.
    fn is_certain(&self, downtime: &Downtime, down: &[u32]) -> bool {
        let known = |host: &u32| {
            let memory = self.hosts.iter().find(|(it, _)| it == host);
            memory.is_some_and(|(_, memory)| memory.most == Some(memory.least))
        };
        let all = down.len() == downtime.hosts.len();
        downtime.least() == downtime.most() && (all || downtime.hosts.iter().all(known))
    }

    /// What is left at least, whatever is unknown.
    fn at_least_left(&self, downtime: &Downtime) -> i64 {
        let may_go_down =
            |host: u32| downtime.more > 0 || downtime.hosts.binary_search(&host).is_ok();
        let candidates = self.hosts.iter().filter(|(host, _)| may_go_down(*host));
        let mut largest: Vec<i64> = candidates.map(|(_, memory)| memory.least).collect();
        largest.sort_unstable_by_key(|memory| Reverse(*memory));
        let most = usize::try_from(downtime.most()).unwrap_or(usize::MAX);
        let stay = largest.iter().skip(most);
        let others = self.hosts.iter().filter(|(host, _)| !may_go_down(*host));
        let left = stay.chain(others.map(|(_, memory)| &memory.least));
        left.fold(0, |sum: i64, memory| sum.saturating_add(*memory))
    }
}

/// What the running highly available machines of a cluster start with.
fn needed(facts: &Facts, cluster: u32) -> Amount {
    let mut needed = Amount::of(0);
    let scope = facts.inventory.clusters[cluster as usize].meta.scope;
    let own = facts.placements.clusters[cluster as usize].machines.iter();
    let adrift = facts.adrift_machines(scope).iter();
    for (machine, certain) in own.map(|it| (it, true)).chain(adrift.map(|it| (it, false))) {
        let placement = &facts.placements.machines[*machine as usize];
        let runs = match &placement.state {
            State::Known(state) => Some(*state == MachineState::Running),
            _ => None,
        };
        let moves = placement.highly_available.known().copied();
        if runs == Some(false) || moves == Some(false) {
            continue;
        }
        let memory = facts.inventory.machines[*machine as usize]
            .spec
            .memory
            .known();
        let startup = memory.and_then(|memory| memory.startup.known());
        match startup {
            Some(&Memory(startup)) => {
                if certain && runs.is_some() && moves.is_some() {
                    needed.least = needed.least.saturating_add(startup);
                }
                needed.most = needed.most.map(|most| most.saturating_add(startup));
            }
            None => needed.most = None,
        }
    }
    needed
}

/// What machines can have of a host.
pub(super) fn usable(facts: &Facts, host: u32) -> Amount {
    let memory = facts.inventory.hosts[host as usize].spec.memory.known();
    let Some(memory) = memory else {
        return Amount::UNKNOWN;
    };
    match (memory.capacity.known(), reserve(facts, host, memory)) {
        (Some(&Memory(capacity)), State::Known(reserve)) => Amount::of(capacity - reserve),
        (Some(&Memory(capacity)), _) => Amount {
            least: 0,
            most: Some(capacity),
        },
        (None, _) => Amount::UNKNOWN,
    }
}

#[cfg(test)]
#[path = "evacuation_tests.rs"]
mod tests;
