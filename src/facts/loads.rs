//! How many live migrations run at once when a plan's window opens, on each host and cluster.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::capacity::of_cluster;
use super::openings::Peak;
use super::{Facts, fact_record};
use crate::model::{Count, State};
use crate::schedule::Instant;

/// A host that a plan touches, at the fullest start of the plan.
#[derive(Clone)]
pub(super) struct HostLoad {
    pub(super) plan: u32,
    pub(super) host: u32,
    /// What the plan puts on it alone.
    pub(super) own: i64,
    pub(super) load: i64,
    /// The other plans that run then.
    pub(super) others: Vec<u32>,
    pub(super) exceeded: Option<bool>,
    /// When, where it takes more than this plan.
    pub(super) at: Option<Instant>,
}

/// A cluster that a plan touches, at the fullest start of the plan.
pub(super) struct ClusterLoad {
    pub(super) plan: u32,
    pub(super) cluster: u32,
    /// What the plan puts on it alone.
    pub(super) own: i64,
    pub(super) load: i64,
    pub(super) capacity: Option<i64>,
    pub(super) capped: bool,
    pub(super) others: Vec<u32>,
    pub(super) exceeded: Option<bool>,
    pub(super) at: Option<Instant>,
}

fact_record!(HostLoad, &super::vocabulary::HOST_LOAD);
fact_record!(ClusterLoad, &super::vocabulary::CLUSTER_LOAD);

/// What plans put on one host or cluster.
#[derive(Default)]
struct Demand {
    /// Live moves of each plan that touch it.
    known: BTreeMap<u32, i64>,
    /// Moves that may be live and may touch it.
    possible: BTreeMap<u32, i64>,
}

/// Every host of every plan.
pub(super) fn on_hosts(facts: &Facts) -> Vec<HostLoad> {
    let mut demands: BTreeMap<u32, Demand> = BTreeMap::new();
    for planned in &facts.moves {
        let mut touched: Vec<u32> = planned
            .source
            .known()
            .into_iter()
            .chain(planned.target.known())
            .copied()
            .collect();
        touched.dedup();
        for host in touched {
            demands
                .entry(host)
                .or_default()
                .add(planned.plan, planned.is_live());
        }
    }
    let mut loads = Vec::new();
    for (host, demand) in &demands {
        let limit = facts.limits[*host as usize].value.known().copied();
        for (plan, own, peak) in demand.peaks(facts, limit, limit) {
            loads.push(HostLoad {
                plan,
                host: *host,
                own,
                load: peak.load,
                others: peak.others,
                exceeded: peak.exceeded,
                at: peak.at,
            });
        }
    }
    loads
}

/// Of each plan the host with the largest excess, first by name; of a plan that is not over the
/// limit, the first one whose limit may be.
pub(super) fn on_worst_hosts(facts: &Facts) -> Vec<HostLoad> {
    let name = |host: u32| &facts.inventory.hosts[host as usize].meta.name;
    let rank = |load: &HostLoad| {
        let limit = facts.limits[load.host as usize].value.known();
        let excess = limit.map_or(0, |limit| load.load - limit);
        let verdict = match load.exceeded {
            Some(true) => 2,
            None => 1,
            Some(false) => 0,
        };
        (verdict, excess, Reverse(name(load.host)))
    };
    let mut worst: BTreeMap<u32, &HostLoad> = BTreeMap::new();
    for load in facts.loads_of_hosts() {
        let known = worst.entry(load.plan).or_insert(load);
        if rank(load) > rank(known) {
            *known = load;
        }
    }
    worst.into_values().cloned().collect()
}

pub(super) fn on_clusters(facts: &Facts) -> Vec<ClusterLoad> {
    let mut demands: BTreeMap<u32, Demand> = BTreeMap::new();
    for planned in &facts.moves {
        let cluster = |host: &u32| {
            facts.placements.hosts[*host as usize]
                .cluster
                .known()
                .copied()
        };
        let mut touched: Vec<u32> = planned
            .source
            .known()
            .into_iter()
            .chain(planned.target.known())
            .filter_map(cluster)
            .collect();
        touched.dedup();
        for cluster in touched {
            demands
                .entry(cluster)
                .or_default()
                .add(planned.plan, planned.is_live());
        }
    }
    let mut loads = Vec::new();
    for (index, demand) in &demands {
        let cluster = &facts.inventory.clusters[*index as usize];
        let Some(capacity) = of_cluster(cluster, &facts.placements, &facts.limits) else {
            continue;
        };
        for (plan, own, peak) in demand.peaks(facts, capacity.at_most, capacity.exact) {
            loads.push(ClusterLoad {
                plan,
                own,
                cluster: *index,
                load: peak.load,
                capacity: capacity.exact.or(capacity.at_most),
                capped: capacity.capped,
                others: peak.others,
                exceeded: peak.exceeded,
                at: peak.at,
            });
        }
    }
    loads.sort_by_key(|load| (load.plan, load.cluster));
    loads
}

impl Demand {
    fn add(&mut self, plan: u32, live: Option<bool>) {
        if live == Some(true) {
            *self.known.entry(plan).or_default() += 1;
        }
        if live != Some(false) {
            *self.possible.entry(plan).or_default() += 1;
        }
    }

    /// What each plan that puts anything on it, or may, puts there, and its fullest start. Over `over` it is too full
    /// for certain where the plan touches it for certain, up to `within` it is certainly not.
    fn peaks(
        &self,
        facts: &Facts,
        over: Option<i64>,
        within: Option<i64>,
    ) -> Vec<(u32, i64, Peak)> {
        let load = |counts: &BTreeMap<u32, i64>, plan: u32, unknown: i64| {
            let moves = counts.get(&plan).copied().unwrap_or(0);
            match &facts.inventory.plans[plan as usize].spec.concurrency.state {
                State::Absent => moves.min(1),
                State::Known(Count { 0: most }) => moves.min(*most),
                State::Unknown => moves.min(unknown),
            }
        };
        let plans: Vec<u32> = self.possible.keys().copied().collect();
        let takes = |plan: &u32| {
            (
                load(&self.known, *plan, 1),
                load(&self.possible, *plan, i64::MAX),
            )
        };
        let takes: Vec<(i64, i64)> = plans.iter().map(takes).collect();
        let verdict = |(own, _): (i64, i64), sum: i64, at_most: i64| match (over, within) {
            (Some(over), _) if sum > over && own > 0 => Some(true),
            (_, Some(within)) if at_most <= within => Some(false),
            _ => None,
        };
        let timings: Vec<_> = plans
            .iter()
            .map(|plan| facts.calendar.plans[*plan as usize])
            .collect();
        let everything = takes
            .iter()
            .fold(0, |sum: i64, (_, possible)| sum.saturating_add(*possible));
        let mut peaks: Vec<Peak> = takes
            .iter()
            .zip(&timings)
            .map(|(own, timing)| {
                let at_most = match timing {
                    Some(_) => own.1,
                    None => everything,
                };
                Peak::alone(own.0, verdict(*own, own.0, at_most))
            })
            .collect();
        facts.calendar.openings(&timings, |opening| {
            let sum: i64 = opening.open.iter().map(|plan| takes[*plan].0).sum();
            let at_most = opening
                .open
                .iter()
                .chain(opening.possible)
                .fold(0, |sum: i64, plan| sum.saturating_add(takes[*plan].1));
            for own in opening.starting {
                let exceeded = verdict(takes[*own], sum, at_most);
                if peaks[*own].is_below(sum, exceeded) {
                    let others = opening.open.iter().filter(|other| *other != own);
                    peaks[*own] = Peak {
                        load: sum,
                        others: others
                            .filter(|other| takes[**other].0 > 0)
                            .map(|other| plans[*other])
                            .collect(),
                        exceeded,
                        at: Some(opening.at),
                    };
                }
            }
        });
        let plans = plans.into_iter().zip(takes).zip(peaks);
        plans
            .map(|((plan, (own, _)), peak)| (plan, own, peak))
            .collect()
    }
}
