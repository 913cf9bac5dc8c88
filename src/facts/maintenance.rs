//! What only rules about maintenance need to know of machines.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Facts;
use super::grouped::Grouped;
use crate::model::{Platform, Priority, State};

/// The windows that are not over, by machine.
pub(super) struct WindowsOfMachines {
    known: Grouped,
    /// Scopes that have windows.
    scopes: HashSet<u32>,
    /// Scopes that have windows of which not all hosts are known.
    unclear_scopes: HashSet<u32>,
}

impl WindowsOfMachines {
    pub(super) fn derive(facts: &Facts) -> Self {
        let mut scopes = HashSet::new();
        let mut unclear_scopes = HashSet::new();
        let mut pairs = Vec::new();
        for (window, timing) in facts.inventory.windows.iter().zip(&facts.calendar.windows) {
            if facts.calendar.is_past(*timing) {
                continue;
            }
            let index = window.meta.index;
            scopes.insert(window.meta.scope);
            if facts.hosts_of_window(index).1 {
                unclear_scopes.insert(window.meta.scope);
            }
            let machines = facts.machines_on_hosts_of(index).into_iter();
            pairs.extend(machines.map(|machine| (machine, index)));
        }
        WindowsOfMachines {
            known: Grouped::of(facts.inventory.machines.len(), pairs.into_iter()),
            scopes,
            unclear_scopes,
        }
    }
}

impl Facts {
    /// The machines that are declared on the hosts that a maintenance window takes down.
    pub(super) fn machines_on_hosts_of(&self, window: u32) -> Vec<u32> {
        let (hosts, _) = self.hosts_of_window(window);
        let mut machines: Vec<u32> = hosts
            .iter()
            .flat_map(|host| &self.placements.hosts[*host as usize].machines)
            .copied()
            .collect();
        machines.sort_unstable();
        machines
    }

    /// The windows that take down the host of a machine, and whether there may be more.
    pub(super) fn windows_of_machine(&self, machine: u32) -> (&[u32], bool) {
        let windows = self.windows_of_machines();
        let scope = self.inventory.machines[machine as usize].meta.scope;
        let placement = &self.placements.machines[machine as usize];
        let open = match (&placement.host, &placement.cluster) {
            (State::Absent, State::Absent) => false,
            (State::Known(_), _) => windows.unclear_scopes.contains(&scope),
            _ => windows.scopes.contains(&scope),
        };
        (&windows.known[machine as usize], open)
    }

    /// The hosts of a machine's cluster that could be possible owners and are none: those whose
    /// processor is not known to be of another vendor than that of its possible hosts.
    pub(super) fn failover_candidates(&self, machine: u32) -> Vec<u32> {
        let cluster = self.placements.machines[machine as usize].cluster.known();
        let (Some(cluster), Some(set)) = (cluster, self.placements.possible(machine)) else {
            return Vec::new();
        };
        let vendor = |host: u32| self.placements.hosts[host as usize].vendor.known();
        let clashes = |host: u32| {
            let others = set.hosts.iter().filter_map(|other| vendor(*other));
            vendor(host).is_some_and(|own| others.into_iter().any(|other| other != own))
        };
        let hosts = self.placements.clusters[*cluster as usize].hosts.iter();
        hosts
            .copied()
            .filter(|host| !set.hosts.contains(host) && !clashes(*host))
            .collect()
    }

    /// The machines of which nobody knows on which host they are, where that may be one that a
    /// window takes down.
    pub(super) fn machines_perhaps_under(&self, window: u32) -> Vec<u32> {
        let (hosts, _) = self.hosts_of_window(window);
        let clusters: BTreeSet<u32> = hosts
            .iter()
            .filter_map(|host| self.placements.hosts[*host as usize].cluster.known())
            .copied()
            .collect();
        let scope = self.inventory.windows[window as usize].meta.scope;
        let machines = clusters
            .iter()
            .flat_map(|cluster| &self.placements.clusters[*cluster as usize].machines)
            .chain(self.adrift_machines(scope));
        let homeless = |machine: &u32| {
            let placement = &self.placements.machines[*machine as usize];
            placement.host.known().is_none()
        };
        machines.copied().filter(homeless).collect()
    }

    /// The machines of a scope of which nobody knows whether and to which cluster they belong.
    pub(super) fn adrift_machines(&self, scope: u32) -> &[u32] {
        let adrift = self.adrift();
        adrift.get(&scope).map_or(&[], Vec::as_slice)
    }

    /// Whether a drain saves a machine, moves and resumes it, instead of live-migrating it: one of
    /// low priority (Microsoft, "Configuring How VMs Are Moved when a Node is Drained", 2013).
    pub(super) fn is_quick_migrated_by_drain(&self, machine: u32) -> Option<bool> {
        let low = match self.inventory.machines[machine as usize]
            .spec
            .priority
            .state()
        {
            State::Absent => Some(false),
            State::Known(priority) => Some(*priority == Priority::Low),
            State::Unknown => None,
        };
        let platform = &self.placements.machines[machine as usize].platform;
        match (platform, low) {
            (State::Known(Platform::HyperV), low) => low,
            (State::Unknown | State::Absent, Some(false)) => Some(false),
            _ => None,
        }
    }
}

/// By scope the machines of which nobody knows whether and to which cluster they belong.
pub(super) fn adrift(facts: &Facts) -> HashMap<u32, Vec<u32>> {
    let mut adrift: HashMap<u32, Vec<u32>> = HashMap::new();
    let placements = &facts.placements.machines;
    for (machine, placement) in facts.inventory.machines.iter().zip(placements) {
        if placement.cluster == State::Unknown && machine.meta.is_related() {
            let machines = adrift.entry(machine.meta.scope).or_default();
            machines.push(machine.meta.index);
        }
    }
    adrift
}
