//! Plans, windows and policies, and whom each must not meet.

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::facts::collisions::current_policies;
use crate::facts::grouped::Grouped;
use crate::model::{Attr, Kind, Meta, Schedule};

/// Something with a schedule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    /// A backup policy, by its number.
    Policy(u32),
    /// A migration plan.
    Plan(u32),
    /// A maintenance window.
    Window(u32),
}

impl Party {
    pub(super) fn is_policy(self) -> bool {
        matches!(self, Party::Policy(_))
    }
}

/// The maintenance windows that are not over, by what they take down.
pub(in crate::facts) struct WindowsOver {
    pub(super) of_host: Grouped,
    /// Those of a whole cluster.
    pub(super) of_cluster: Grouped,
}

impl WindowsOver {
    pub(in crate::facts) fn derive(facts: &Facts) -> Self {
        let inventory = &facts.inventory;
        let windows = (0..)
            .zip(&facts.calendar.windows)
            .filter(|(_, timing)| !facts.calendar.is_past(**timing));
        let windows: Vec<u32> = windows.map(|(window, _)| window).collect();
        let of_host = windows.iter().flat_map(|window| {
            let (hosts, _) = facts.hosts_of_window(*window);
            hosts.into_iter().map(move |host| (host, *window))
        });
        let of_cluster = windows.iter().filter_map(|window| {
            let cluster = &inventory.windows[*window as usize].spec.cluster;
            Some((cluster.known()?.target()?, *window))
        });
        WindowsOver {
            of_host: Grouped::of(inventory.hosts.len(), of_host),
            of_cluster: Grouped::of(inventory.clusters.len(), of_cluster),
        }
    }
}

impl Facts {
    /// The plan, window or policy of that kind and number.
    #[must_use]
    pub fn party(kind: Kind, index: u32) -> Option<Party> {
        match kind {
            Kind::BackupPolicy => Some(Party::Policy(index)),
            Kind::MigrationPlan => Some(Party::Plan(index)),
            Kind::MaintenanceWindow => Some(Party::Window(index)),
            _ => None,
        }
    }

    /// What it has as every resource.
    #[must_use]
    pub fn meta_of(&self, party: Party) -> &Meta {
        match party {
            Party::Policy(index) => &self.inventory.policies[index as usize].meta,
            Party::Plan(index) => &self.inventory.plans[index as usize].meta,
            Party::Window(index) => &self.inventory.windows[index as usize].meta,
        }
    }

    /// Its schedule, as written.
    #[must_use]
    pub fn schedule_of(&self, party: Party) -> &Attr<Schedule> {
        match party {
            Party::Policy(index) => &self.inventory.policies[index as usize].spec.schedule,
            Party::Plan(index) => &self.inventory.plans[index as usize].spec.schedule,
            Party::Window(index) => &self.inventory.windows[index as usize].spec.schedule,
        }
    }

    pub(in crate::facts) fn timing_of(&self, party: Party) -> Option<Timing> {
        match party {
            Party::Policy(index) => self.calendar.policies[index as usize],
            Party::Plan(index) => self.calendar.plans[index as usize],
            Party::Window(index) => self.calendar.windows[index as usize],
        }
    }

    /// The machines that a party backs up, moves, or takes the hosts of down.
    pub(super) fn machines_of(&self, party: Party) -> Vec<u32> {
        match party {
            Party::Policy(policy) => self.targets[policy as usize].machines.to_vec(),
            Party::Plan(plan) => {
                let counting = self.moves_of_plan(plan).iter();
                let counting = counting.filter(|planned| planned.counts() == Some(true));
                let mut machines: Vec<u32> = counting
                    .filter_map(|planned| planned.machine.known().copied())
                    .collect();
                machines.sort_unstable();
                machines.dedup();
                machines
            }
            Party::Window(window) => self.machines_under(window),
        }
    }

    /// Those that a party must not meet for the sake of the machines of both.
    pub(super) fn opponents(&self, party: Party) -> Vec<Party> {
        let machines = self.machines_of(party);
        let mut all = match party {
            Party::Policy(_) => self.concerning(&machines),
            Party::Plan(_) | Party::Window(_) => {
                let crews = self.crews();
                let mut of_machines: Vec<u32> = machines.iter().map(|it| crews.of(*it)).collect();
                of_machines.sort_unstable();
                of_machines.dedup();
                let policies = of_machines
                    .into_iter()
                    .flat_map(|crew| crews.policies(crew));
                let mut all: Vec<Party> = policies.map(|it| Party::Policy(*it)).collect();
                all.sort_unstable();
                all.dedup();
                all
            }
        };
        all.retain(|other| *other != party);
        all
    }

    /// All that backs up, moves or takes the hosts of some machines down.
    pub(super) fn concerning(&self, machines: &[u32]) -> Vec<Party> {
        let windows = self.windows_over();
        let mut all = Vec::new();
        let mut bound = 4096;
        let mut before: &[u32] = &[];
        let mut places: BTreeSet<(Option<u32>, Option<u32>)> = BTreeSet::new();
        for machine in machines {
            // Neighbours mostly have the same policies, and these can be many.
            let policies = &self.policies_of[*machine as usize];
            if policies != before {
                all.extend(current_policies(self, *machine).map(Party::Policy));
                before = policies;
            }
            let moves = self.moves_of[*machine as usize].iter();
            let moves = moves.map(|planned| &self.moves[*planned as usize]);
            let counting = moves.filter(|planned| planned.counts() == Some(true));
            all.extend(counting.map(|planned| Party::Plan(planned.plan)));
            let placement = &self.placements.machines[*machine as usize];
            match (placement.host.known(), placement.cluster.known()) {
                (Some(host), _) => places.insert((Some(*host), None)),
                (None, Some(cluster)) => places.insert((None, Some(*cluster))),
                (None, None) => false,
            };
            if all.len() > bound {
                all.sort_unstable();
                all.dedup();
                bound = 4096 + 2 * all.len();
            }
        }
        for (host, cluster) in places {
            let on_host = host.and_then(|host| windows.of_host.get(host as usize));
            let whole = cluster.and_then(|cluster| windows.of_cluster.get(cluster as usize));
            let over = on_host.into_iter().chain(whole).flatten();
            all.extend(over.copied().map(Party::Window));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}
