//! How many live migrations run at once when a plan's window opens, on each host and cluster.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::calendar::{Calendar, Timing};
use super::capacity::of_cluster;
use super::moves::PlannedMove;
use super::openings::{Member, TOLD, Takes};
use super::{Facts, fact_record};
use crate::model::State;
use crate::schedule::Instant;

/// A host that a plan touches, at the fullest start of the plan.
#[derive(Clone)]
pub(super) struct HostLoad {
    pub(super) plan: u32,
    pub(super) host: u32,
    /// What the plan puts on it alone.
    pub(super) own: i64,
    pub(super) load: i64,
    /// The other plans that run then; of many the first ones.
    pub(super) others: Box<[u32]>,
    /// How many others there are beside these.
    pub(super) more_others: u32,
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
    /// Whether a migration takes a slot at its source alone.
    pub(super) outbound: bool,
    pub(super) others: Box<[u32]>,
    pub(super) more_others: u32,
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

/// For each host that plans touch, what each of them puts there.
pub(super) fn shares_of_hosts(facts: &Facts) -> BTreeMap<u32, Vec<(u32, Takes)>> {
    let demands = demands_on_hosts(facts, &facts.moves).into_iter();
    demands
        .map(|(host, demand)| (host, demand.shares(facts)))
        .collect()
}

fn demands_on_hosts<'m>(
    facts: &Facts,
    moves: impl IntoIterator<Item = &'m PlannedMove>,
) -> BTreeMap<u32, Demand> {
    let mut demands: BTreeMap<u32, Demand> = BTreeMap::new();
    for planned in moves {
        let arrives = |host: &&u32| !facts.limits[**host as usize].is_outbound();
        let mut touched: Vec<u32> = planned
            .source
            .known()
            .into_iter()
            .chain(planned.target.known().filter(arrives))
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
    demands
}

/// Every host of some moves, which nobody else touches.
pub(super) fn on_hosts<'m>(
    facts: &Facts,
    moves: impl IntoIterator<Item = &'m PlannedMove>,
) -> impl Iterator<Item = HostLoad> {
    let demands = demands_on_hosts(facts, moves).into_iter();
    demands.flat_map(|(host, demand)| {
        let limit = facts.limits[host as usize].value.known().copied();
        let peaks = demand.peaks(facts, limit, limit).into_iter();
        peaks.map(move |(plan, own, peak)| HostLoad {
            plan,
            host,
            own,
            load: peak.load,
            others: peak.others,
            more_others: peak.more_others,
            exceeded: peak.exceeded,
            at: peak.at,
        })
    })
}

/// The hosts of all plans, as far as rules ask for them.
pub(super) struct HostLoads {
    /// Of each plan the host with the largest excess, first by name; of a plan that is not over the
    /// limit, the first one whose limit may be.
    pub(super) worst: Vec<HostLoad>,
    /// Those that are over their limit.
    pub(super) exceeded: Vec<HostLoad>,
}

pub(super) fn on_worst_hosts(facts: &Facts) -> HostLoads {
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
    let mut worst: BTreeMap<u32, HostLoad> = BTreeMap::new();
    let mut exceeded = Vec::new();
    for load in on_hosts(facts, &facts.moves) {
        if load.exceeded == Some(true) {
            exceeded.push(load.clone());
        }
        match worst.entry(load.plan) {
            Entry::Vacant(plan) => {
                plan.insert(load);
            }
            Entry::Occupied(mut known) if rank(&load) > rank(known.get()) => {
                known.insert(load);
            }
            Entry::Occupied(_) => {}
        }
    }
    HostLoads {
        worst: worst.into_values().collect(),
        exceeded,
    }
}

pub(super) fn on_clusters(facts: &Facts) -> Vec<ClusterLoad> {
    on_clusters_by(facts, &facts.moves)
}

/// Every cluster of some moves, in which nobody else moves anything.
pub(super) fn on_clusters_by<'m>(
    facts: &Facts,
    moves: impl IntoIterator<Item = &'m PlannedMove>,
) -> Vec<ClusterLoad> {
    let mut demands: BTreeMap<u32, Demand> = BTreeMap::new();
    for planned in moves {
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
                outbound: capacity.outbound,
                others: peak.others,
                more_others: peak.more_others,
                exceeded: peak.exceeded,
                at: peak.at,
            });
        }
    }
    loads.sort_by_key(|load| (load.plan, load.cluster));
    loads.shrink_to_fit();
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

    /// What each plan puts on it, or may.
    fn shares(&self, facts: &Facts) -> Vec<(u32, Takes)> {
        let load = |counts: &BTreeMap<u32, i64>, plan: u32, unknown: i64| {
            let moves = counts.get(&plan).copied().unwrap_or(0);
            match facts.inventory.plans[plan as usize]
                .spec
                .concurrency
                .state()
            {
                State::Absent => moves.min(1),
                State::Known(most) => moves.min(most.get()),
                State::Unknown => moves.min(unknown),
            }
        };
        let takes = |plan: u32| {
            let least = load(&self.known, plan, 1);
            Takes {
                least,
                most: load(&self.possible, plan, i64::MAX),
                takers: i64::from(least > 0),
            }
        };
        self.possible.keys().map(|it| (*it, takes(*it))).collect()
    }

    /// What each plan that puts anything on it, or may, puts there, and its fullest start. Over `over` it is too full
    /// for certain where the plan touches it for certain, up to `within` it is certainly not.
    fn peaks(
        &self,
        facts: &Facts,
        over: Option<i64>,
        within: Option<i64>,
    ) -> Vec<(u32, i64, Peak)> {
        let plans = self.shares(facts);
        let mut shifts: BTreeMap<Option<Timing>, Shift> = BTreeMap::new();
        let mut everything = Takes::default();
        for (plan, takes) in &plans {
            let shift = shifts
                .entry(facts.calendar.plans[*plan as usize])
                .or_default();
            shift.takes.add(*takes);
            everything.add(*takes);
            if takes.least > 0 {
                shift.plans.push(*plan);
            }
        }
        let fullest = fullest_starts(&facts.calendar, &shifts);
        let shifts: Vec<(Option<Timing>, Shift)> = shifts.into_iter().collect();
        let peak = |plan: u32, own: Takes| {
            let timing = facts.calendar.plans[plan as usize];
            let shift = shifts.binary_search_by_key(&timing, |(timing, _)| *timing);
            let fullest = shift.ok().and_then(|shift| fullest[shift].as_ref());
            let at_most = match (timing, fullest) {
                (None, _) => everything.most,
                (_, None) => own.most,
                (_, Some(fullest)) => fullest.most.max(own.most),
            };
            let fullest = fullest.filter(|fullest| fullest.takes.least > own.least);
            let sum = fullest.map_or(own.least, |fullest| fullest.takes.least);
            let exceeded = match (over, within) {
                (Some(over), _) if sum > over && own.least > 0 => Some(true),
                (_, Some(within)) if at_most <= within => Some(false),
                _ => None,
            };
            let (others, more_others) = match fullest {
                Some(fullest) => fullest.others(plan, own, &shifts),
                None => (Box::default(), 0),
            };
            Peak {
                load: sum,
                others,
                more_others,
                exceeded,
                at: fullest.map(|fullest| fullest.at),
            }
        };
        plans
            .iter()
            .map(|(plan, own)| (*plan, own.least, peak(*plan, *own)))
            .collect()
    }
}

/// The plans with one schedule.
#[derive(Default)]
struct Shift {
    takes: Takes,
    /// Those that take something for certain.
    plans: Vec<u32>,
}

/// The fullest start of a schedule, the first of several.
struct Fullest {
    at: Instant,
    takes: Takes,
    /// The most there may be at any of its starts.
    most: i64,
    /// The shifts that take something then; of many the first ones.
    taking: Vec<usize>,
}

/// The fullest start of a plan.
struct Peak {
    load: i64,
    others: Box<[u32]>,
    more_others: u32,
    exceeded: Option<bool>,
    /// When, where it takes more than this plan.
    at: Option<Instant>,
}

/// For each of these schedules its fullest start; none for what never starts.
fn fullest_starts(
    calendar: &Calendar,
    shifts: &BTreeMap<Option<Timing>, Shift>,
) -> Vec<Option<Fullest>> {
    let members: Vec<Member> = shifts
        .iter()
        .map(|(timing, shift)| Member {
            timing: *timing,
            takes: shift.takes,
        })
        .collect();
    let mut fullest: Vec<Option<Fullest>> = shifts.iter().map(|_| None).collect();
    calendar.openings(&members, |opening| {
        for own in opening.starting {
            let known = &mut fullest[*own];
            let most = opening.takes.most;
            match known {
                Some(known) if known.takes.least >= opening.takes.least => {
                    known.most = known.most.max(most);
                }
                _ => {
                    let taking = opening.open.iter().copied();
                    let taking = taking.filter(|index| members[*index].takes.least > 0);
                    *known = Some(Fullest {
                        at: opening.at,
                        takes: opening.takes,
                        most: known.as_ref().map_or(most, |known| known.most.max(most)),
                        taking: taking.take(TOLD + 1).collect(),
                    });
                }
            }
        }
    });
    fullest
}

impl Fullest {
    /// The other plans that take something then, and how many more there are.
    fn others(
        &self,
        plan: u32,
        own: Takes,
        shifts: &[(Option<Timing>, Shift)],
    ) -> (Box<[u32]>, u32) {
        let taking = self.taking.iter().flat_map(|shift| &shifts[*shift].1.plans);
        let mut others: Vec<u32> = taking
            .copied()
            .filter(|other| *other != plan)
            .take(TOLD)
            .collect();
        others.sort_unstable();
        let told = i64::try_from(others.len()).unwrap_or(i64::MAX);
        let more = self.takes.takers - own.takers - told;
        (others.into(), u32::try_from(more).unwrap_or_default())
    }
}
