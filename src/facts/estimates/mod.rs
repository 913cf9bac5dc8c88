//! How long plans take, and how long it takes to empty the hosts of maintenance windows.
//!
//! Only live migrations count, and of those only the memory. What is unknown leaves bounds: a
//! window that is too short for what is known is too short, whatever the rest turns out to be.

mod lane;
mod time;

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use super::bandwidth::Narrowest;
use super::calendar::Timing;
use super::moves::PlannedMove;
use super::{Facts, fact_record};
use crate::model::{
    Attr, Bandwidth, Cluster, Host, Item, List, MachineState, MigrationPlan, Priority, Ref,
    Resource, Schedule, State, Strategy, VirtualMachine,
};

pub(super) use lane::Copying;

use lane::{Bounds, Lane};
pub(super) use time::Time;

/// How long something takes, and whether that is longer than its window.
pub(super) struct Estimate {
    pub(super) least: Time,
    pub(super) most: Option<Time>,
    /// How long its window usually is, in seconds.
    pub(super) window: Option<i64>,
    pub(super) exceeded: Option<bool>,
}

/// How long the live migrations of a plan take.
pub(super) struct PlanEstimate {
    pub(super) plan: u32,
    pub(super) estimate: Estimate,
    /// What adds up; only of those that somebody asks for it, as it may be much.
    lane: OnceLock<Box<Lane>>,
}

/// How long it takes to empty the hosts of a maintenance window.
pub(super) struct EvacuationEstimate {
    pub(super) window: u32,
    /// In the order in which they go down.
    pub(super) hosts: Vec<u32>,
    /// How many go down at once, in groups in that order, for the most time it can take.
    pub(super) at_once: usize,
    pub(super) estimate: Estimate,
}

/// How long it takes to empty a host.
pub(super) struct HostEvacuation {
    pub(super) host: u32,
    link: Option<Narrowest>,
    /// Whether there may be machines on it that are not known.
    open: bool,
    pub(super) least: Time,
    most: Option<Time>,
    /// What adds up; only of those that somebody asks for it, as it may be much.
    lane: OnceLock<Box<Lane>>,
}

fact_record!(Copying, &super::vocabulary::MIGRATION_ESTIMATE);
fact_record!(PlanEstimate, &super::vocabulary::PLAN_ESTIMATE);
fact_record!(EvacuationEstimate, &super::vocabulary::EVACUATION_ESTIMATE);
fact_record!(HostEvacuation, &super::vocabulary::HOST_EVACUATION);

/// An estimate, and what it is made of.
pub(super) trait Estimated {
    fn estimate(&self) -> &Estimate;
    /// What adds up, or happens at the same time in groups.
    fn lanes<'a>(&'a self, facts: &'a Facts) -> Vec<&'a Lane>;
    /// How many lanes form a group, for the most time it can take.
    fn at_once(&self) -> usize;

    /// The least bandwidth of all hosts with which it fits into its window.
    fn sufficient_bandwidth(&self, facts: &Facts) -> Option<i64> {
        let window = self.estimate().window_of_all()?;
        lane::sufficient_bandwidth(&self.lanes(facts), self.at_once(), window)
    }

    /// The largest number of migrations at once, less than now, with which it fits into its window.
    fn sufficient_sharing(&self, facts: &Facts) -> Option<i64> {
        let window = self.estimate().window_of_all()?;
        lane::sufficient_sharing(&self.lanes(facts), self.at_once(), window)
    }
}

impl Estimated for PlanEstimate {
    fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    fn lanes<'a>(&'a self, facts: &'a Facts) -> Vec<&'a Lane> {
        let plan = &facts.inventory.plans[self.plan as usize];
        let lane = self.lane.get_or_init(|| Box::new(facts.moving(plan)));
        vec![lane]
    }

    fn at_once(&self) -> usize {
        1
    }
}

impl Estimated for EvacuationEstimate {
    fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    fn lanes<'a>(&'a self, facts: &'a Facts) -> Vec<&'a Lane> {
        let hosts = &facts.evacuations().hosts;
        let lane = |host: &u32| hosts[*host as usize].lane(facts);
        self.hosts.iter().map(lane).collect()
    }

    fn at_once(&self) -> usize {
        self.at_once
    }
}

/// Maintenance windows, and the hosts they empty.
#[derive(Default)]
pub(super) struct Evacuations {
    /// For every host, whether a window is on it or not.
    pub(super) hosts: Vec<HostEvacuation>,
    pub(super) windows: Vec<EvacuationEstimate>,
}

impl HostEvacuation {
    /// What adds up.
    pub(super) fn lane(&self, facts: &Facts) -> &Lane {
        let emptying = || Box::new(facts.emptying(self.host, self.link, self.open));
        self.lane.get_or_init(emptying)
    }
}

impl Estimate {
    fn new(
        schedule: &Attr<Schedule>,
        timing: Option<Timing>,
        least: Time,
        most: Option<Time>,
    ) -> Self {
        let schedule = schedule.known();
        let window = schedule.and_then(Schedule::usual_length);
        let happens = timing.is_some() || schedule.is_some_and(Schedule::recurs);
        let exceeded = match window {
            _ if !happens => None,
            Some(window) if least.exceeds(window) => Some(true),
            Some(window) if most.is_some_and(|most| !most.exceeds(window)) => Some(false),
            // However long its window is, it has an end.
            None if least == Time::ENDLESS => Some(true),
            _ => None,
        };
        Estimate {
            least,
            most,
            window,
            exceeded,
        }
    }

    /// The window, where it is known what has to fit into it.
    fn window_of_all(&self) -> Option<i64> {
        self.most.and(self.window)
    }
}

/// Every plan that is not over and has live migrations, or may have.
pub(super) fn of_plans(facts: &Facts) -> Vec<PlanEstimate> {
    let mut estimates = Vec::new();
    for (plan, timing) in facts.inventory.plans.iter().zip(&facts.calendar.plans) {
        if facts.calendar.is_past(*timing) {
            continue;
        }
        let lane = facts.moving(plan);
        if lane.is_nothing() {
            continue;
        }
        estimates.push(PlanEstimate {
            plan: plan.meta.index,
            estimate: Estimate::new(&plan.spec.schedule, *timing, lane.least, lane.most),
            lane: OnceLock::new(),
        });
    }
    estimates
}

/// How many of its moves a plan runs at once.
fn wanted_at_once(plan: &Resource<MigrationPlan>) -> Bounds {
    match plan.spec.concurrency.state() {
        State::Absent => Bounds::exactly(1),
        State::Known(concurrency) => Bounds::exactly(concurrency.get()),
        State::Unknown => Bounds::from(1),
    }
}

/// How many live migrations leave each host.
fn leaving(moves: &[&PlannedMove], open: bool) -> BTreeMap<u32, Bounds> {
    let anywhere = moves
        .iter()
        .filter(|planned| planned.source.known().is_none());
    let more = if open {
        i64::MAX
    } else {
        i64::try_from(anywhere.count()).unwrap_or(i64::MAX)
    };
    let mut leaving = BTreeMap::new();
    for planned in moves {
        if let Some(source) = planned.source.known() {
            let bounds = leaving.entry(*source).or_insert(Bounds {
                least: 0,
                most: more,
            });
            bounds.least += i64::from(planned.is_live() == Some(true));
            bounds.most = bounds.most.saturating_add(1);
        }
    }
    leaving
}

/// Every maintenance window that is not over and may evacuate its hosts.
pub(super) fn of_windows(facts: &Facts) -> Evacuations {
    let windows: Vec<_> = facts
        .inventory
        .windows
        .iter()
        .zip(&facts.calendar.windows)
        .filter(|(window, timing)| {
            !facts.calendar.is_past(**timing)
                && window.spec.strategy.known() != Some(&Strategy::SaveState)
        })
        .collect();
    if windows.is_empty() {
        return Evacuations::default();
    }
    let clusters = &facts.placements.clusters;
    let slowest: Vec<Option<Narrowest>> = clusters
        .iter()
        .map(|members| {
            let hosts = members.hosts.iter().copied();
            facts.narrowest(hosts).filter(|_| !members.open)
        })
        .collect();
    let anywhere: Vec<bool> = clusters
        .iter()
        .map(|members| {
            let machines = members.machines.iter();
            machines.copied().any(|machine| {
                let host = &facts.placements.machines[machine as usize].host;
                host.known().is_none() && facts.leaves(machine) != Some(false)
            })
        })
        .collect();
    let hosts: Vec<HostEvacuation> = (0..)
        .zip(&facts.placements.hosts)
        .map(|(host, placement)| {
            let cluster = placement.cluster.known().map(|cluster| *cluster as usize);
            let link = cluster.and_then(|cluster| slowest[cluster]);
            let open = cluster.is_some_and(|cluster| anywhere[cluster]);
            let lane = facts.emptying(host, link, open);
            HostEvacuation {
                host,
                link,
                open,
                least: lane.least,
                most: lane.most,
                lane: OnceLock::new(),
            }
        })
        .collect();
    let windows = windows
        .into_iter()
        .map(|(window, timing)| {
            let (affected, open) = facts.hosts_in_order(window.meta.index);
            let lanes = affected.iter().map(|host| &hosts[*host as usize]);
            let lanes: Vec<&HostEvacuation> = lanes.collect();
            let at_once = match window.spec.concurrent_hosts.state() {
                State::Absent => Bounds::exactly(1),
                State::Known(hosts) => Bounds::exactly(hosts.get()),
                State::Unknown => Bounds::from(1),
            };
            // Where hosts may be missing in the order, nobody knows which go down together.
            let fewest = groups(at_once.least);
            let most = match groups(at_once.most) {
                1 => 1,
                _ if open => usize::MAX,
                most => most,
            };
            let shortest = lane::in_groups(&lanes, most, |lane| Some(lane.least));
            let longest = lane::in_groups(&lanes, fewest, |lane| lane.most);
            EvacuationEstimate {
                window: window.meta.index,
                hosts: affected,
                at_once: fewest,
                estimate: Estimate::new(
                    &window.spec.schedule,
                    *timing,
                    shortest.unwrap_or(Time::ZERO),
                    longest.filter(|_| !open),
                ),
            }
        })
        .collect();
    Evacuations { hosts, windows }
}

fn groups(hosts: i64) -> usize {
    usize::try_from(hosts).unwrap_or(usize::MAX)
}

impl Facts {
    /// The machines of a plan that write memory as fast as it is copied when as many leave a host
    /// at once as the plan wants, whatever the host takes.
    pub(super) fn endless_without_limits(&self, plan: u32) -> Vec<u32> {
        let moves = self.moves_of_plan(plan).iter();
        let live: Vec<&PlannedMove> = moves.filter(|it| it.is_live() == Some(true)).collect();
        let leaving = leaving(&live, false);
        let wanted = wanted_at_once(&self.inventory.plans[plan as usize]).least;
        let endless = |planned: &&PlannedMove| {
            let source = planned.source.known();
            let at_once = source.map_or(1, |source| leaving[source].least.min(wanted));
            let link = self.between(&planned.source, &planned.target);
            let machine = planned.machine.known().copied()?;
            let copying = self.copying(Some(machine), true, link, Bounds::exactly(at_once));
            (copying.converges() == Some(false)).then_some(machine)
        };
        live.iter().filter_map(endless).collect()
    }

    /// How many live migrations a host takes at once; one that takes place is one.
    fn limit_of(&self, host: u32) -> Bounds {
        match self.limits[host as usize].value.known() {
            Some(limit) => Bounds::exactly((*limit).max(1)),
            None => Bounds::from(1),
        }
    }

    /// The migration of a machine over a link that so many share.
    fn copying(
        &self,
        machine: Option<u32>,
        certain: bool,
        link: Option<Narrowest>,
        sharing: Bounds,
    ) -> Copying {
        let resource = machine.map(|machine| &self.inventory.machines[machine as usize]);
        let unsaid = |absent| resource.filter(|it| !it.meta.partial).and(absent);
        let (memory, dirty_rate) = match resource.map(|machine| machine.spec.memory.state()) {
            Some(State::Known(memory)) => {
                let dirty_rate = match memory.dirty_rate.state() {
                    State::Known(&Bandwidth(rate)) => Some(rate),
                    State::Absent => unsaid(Some(0)),
                    State::Unknown => None,
                };
                (memory.startup.known().map(|memory| memory.0), dirty_rate)
            }
            Some(State::Absent) => (None, unsaid(Some(0))),
            Some(State::Unknown) | None => (None, None),
        };
        Copying {
            machine,
            certain,
            memory,
            dirty_rate,
            link,
            sharing: Bounds {
                least: sharing.least.max(1),
                most: sharing.most.max(1),
            },
        }
    }

    /// Whether a machine is live-migrated away when its host is drained: it runs, it is highly
    /// available, and its priority is at least medium.
    fn leaves(&self, machine: u32) -> Option<bool> {
        let placement = &self.placements.machines[machine as usize];
        let resource: &Resource<VirtualMachine> = &self.inventory.machines[machine as usize];
        let runs = placement
            .state
            .known()
            .map(|state| *state == MachineState::Running);
        let priority = match resource.spec.priority.state() {
            State::Known(priority) => Some(matches!(priority, Priority::High | Priority::Medium)),
            State::Absent if !resource.meta.partial => Some(true),
            State::Absent | State::Unknown => None,
        };
        let conditions = [runs, placement.highly_available.known().copied(), priority];
        if conditions.contains(&Some(false)) {
            return Some(false);
        }
        conditions
            .iter()
            .all(|it| *it == Some(true))
            .then_some(true)
    }

    /// The live migrations of a plan.
    fn moving(&self, plan: &Resource<MigrationPlan>) -> Lane {
        let open = match plan.spec.moves.state() {
            State::Known(moves) => moves.iter().any(|item| item.known().is_none()),
            State::Unknown => true,
            State::Absent => plan.meta.partial,
        };
        let moves = self.moves_of_plan(plan.meta.index).iter();
        let moves: Vec<&PlannedMove> = moves.filter(|it| it.is_live() != Some(false)).collect();
        let concurrency = wanted_at_once(plan);
        let leaving = leaving(&moves, open);
        let copying = |planned: &&PlannedMove| {
            let sharing = match planned.source.known() {
                Some(source) => self.limit_of(*source).min(leaving[source]),
                None => Bounds::from(1),
            };
            let link = self.between(&planned.source, &planned.target);
            let certain = planned.is_live() == Some(true);
            let machine = planned.machine.known().copied();
            self.copying(machine, certain, link, concurrency.min(sharing))
        };
        Lane::new(moves.iter().map(copying).collect(), open)
    }

    /// What it takes to empty a host; `open` where there may be machines on it that are not known.
    fn emptying(&self, host: u32, link: Option<Narrowest>, open: bool) -> Lane {
        let machines: Vec<(u32, bool)> = self.placements.hosts[host as usize]
            .machines
            .iter()
            .filter_map(|machine| match self.leaves(*machine) {
                Some(false) => None,
                leaves => Some((*machine, leaves == Some(true))),
            })
            .collect();
        let certain = machines.iter().filter(|(_, certain)| *certain).count();
        let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let leaving = Bounds {
            least: count(certain),
            most: if open {
                i64::MAX
            } else {
                count(machines.len())
            },
        };
        let sharing = self.limit_of(host).min(leaving);
        let copying = |&(machine, certain): &_| self.copying(Some(machine), certain, link, sharing);
        Lane::new(machines.iter().map(copying).collect(), open)
    }

    /// The hosts that a maintenance window takes down, in the order given: those of its cluster as
    /// the cluster names them, then those that only name the cluster.
    fn hosts_in_order(&self, window: u32) -> (Vec<u32>, bool) {
        let spec = &self.inventory.windows[window as usize].spec;
        let (all, mut open) = self.hosts_of_window(window);
        open |= spec.cluster.is_absent() && spec.hosts.is_absent();
        let cluster = spec.cluster.known().and_then(|cluster| cluster.target());
        let cluster: Option<&Resource<Cluster>> =
            cluster.map(|cluster| &*self.inventory.clusters[cluster as usize]);
        let of_cluster = cluster.and_then(|cluster| cluster.spec.hosts.known());
        let members = cluster.map(|cluster| &self.placements.clusters[cluster.meta.index as usize]);
        let named = |hosts: Option<&List<Ref<Host>>>| -> Vec<u32> {
            let items = hosts.into_iter().flatten();
            items.filter_map(target).collect()
        };
        let ordered = named(of_cluster)
            .into_iter()
            .chain(
                members
                    .into_iter()
                    .flat_map(|members| &members.hosts)
                    .copied(),
            )
            .chain(named(spec.hosts.known()));
        let mut left: HashSet<u32> = all.into_iter().collect();
        (ordered.filter(|host| left.remove(host)).collect(), open)
    }
}

fn target(item: &Item<Ref<Host>>) -> Option<u32> {
    item.known()?.target()
}

#[cfg(test)]
mod tests;
