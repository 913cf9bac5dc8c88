//! With how many live migrations at once a plan would overfill no host and no cluster.

use std::collections::BTreeMap;

use super::loads::{ClusterLoad, HostLoad};
use super::moves::PlannedMove;
use super::{Facts, State};

/// What a plan that overfills hosts or clusters could do instead.
#[derive(Default)]
pub(super) struct Leeway {
    /// The largest concurrency with which the plan alone overfills nothing; none where it does not
    /// as it is.
    pub(super) alone: Option<Narrow>,
    /// The smallest limit that it exceeds, alone or with others.
    pub(super) together: Option<i64>,
    /// The hosts that it overfills, alone or with others.
    pub(super) hosts: Vec<u32>,
}

/// How many a host or cluster takes, and which it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Narrow {
    pub(super) limit: i64,
    pub(super) of: Taker,
}

/// What takes live migrations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Taker {
    Host(u32),
    Cluster(u32),
}

/// By plan; none for plans that overfill nothing.
pub(super) fn of_plans(facts: &Facts) -> BTreeMap<u32, Leeway> {
    let mut leeways: BTreeMap<u32, Leeway> = BTreeMap::new();
    for load in &facts.host_loads().exceeded {
        if let Some(limit) = facts.limits[load.host as usize].value.known() {
            let leeway = leeways.entry(load.plan).or_default();
            leeway.hosts.push(load.host);
            leeway.narrow(*limit, load.own, Taker::Host(load.host));
        }
    }
    for load in facts.cluster_loads() {
        if let (Some(true), Some(capacity)) = (load.exceeded, load.capacity) {
            let leeway = leeways.entry(load.plan).or_default();
            leeway.narrow(capacity, load.own, Taker::Cluster(load.cluster));
        }
    }
    leeways
}

impl Leeway {
    /// Takes a limit that is exceeded, by a plan that puts so much on it alone.
    fn narrow(&mut self, limit: i64, own: i64, of: Taker) {
        let together = self.together.unwrap_or(limit);
        self.together = Some(together.min(limit));
        if own > limit && self.alone.is_none_or(|known| limit < known.limit) {
            self.alone = Some(Narrow { limit, of });
        }
    }
}

/// How many moves of other plans are told.
const FOREIGN: usize = 10;

impl Facts {
    /// The live moves that touch a host: all of the plan, and the first ones of the plans that run
    /// at the same time.
    pub(super) fn moves_on_host(&self, load: &HostLoad) -> Vec<&PlannedMove> {
        let outbound = self.limits[load.host as usize].is_outbound();
        let mut moves = self.moves_touching(load.plan, &load.others, |host| host == load.host);
        moves.retain(|it| !outbound || it.source.known() == Some(&load.host));
        moves
    }

    /// The same for a cluster.
    pub(super) fn moves_in_cluster(&self, load: &ClusterLoad) -> Vec<&PlannedMove> {
        self.moves_touching(load.plan, &load.others, |host| {
            self.placements.hosts[host as usize].cluster == State::Known(load.cluster)
        })
    }

    fn moves_touching(
        &self,
        plan: u32,
        others: &[u32],
        is_there: impl Fn(u32) -> bool,
    ) -> Vec<&PlannedMove> {
        let touching = |plan: u32| {
            self.moves_of_plan(plan).iter().filter(|planned| {
                let mut ends = [&planned.source, &planned.target].into_iter();
                let touches = |host: &State<u32>| host.known().is_some_and(|host| is_there(*host));
                planned.is_live() == Some(true) && ends.any(touches)
            })
        };
        let foreign = others.iter().flat_map(|other| touching(*other));
        touching(plan).chain(foreign.take(FOREIGN)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_of_all_limits_counts() {
        let mut leeway = Leeway::default();
        leeway.narrow(4, 8, Taker::Host(0));
        leeway.narrow(1, 3, Taker::Host(1));
        leeway.narrow(2, 6, Taker::Cluster(0));
        let tightest = Narrow {
            limit: 1,
            of: Taker::Host(1),
        };
        assert_eq!(leeway.alone, Some(tightest));
        assert_eq!(leeway.together, Some(1));
    }

    #[test]
    fn what_only_others_make_too_much_leaves_the_plan_as_it_is() {
        let mut leeway = Leeway::default();
        leeway.narrow(2, 2, Taker::Host(0));
        assert_eq!(leeway.alone, None);
        assert_eq!(leeway.together, Some(2));
    }
}
