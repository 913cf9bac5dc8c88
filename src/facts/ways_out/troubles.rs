//! Who is in each other's way, and who of them should move.
//!
//! Of two that meet it is the backup, of two backups the later one, and of a crowd those that are
//! too much beside the ones before them. So everybody who moves moves away from somebody who stays.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::ballots::Ballots;
use super::crowds::{Crowd, Crowds, Seat};
use super::islands::Island;
use super::parties::Party;
use super::profile::Profile;
use crate::facts::Facts;
use crate::schedule::Busy;

/// Those that are in trouble, and those of them that should move.
#[derive(Default)]
pub(super) struct Troubles {
    pub(super) all: BTreeSet<Party>,
    pub(super) movers: BTreeSet<Party>,
    /// The plans and windows that a backup meets.
    pub(super) met: Vec<(Party, Party)>,
}

impl Troubles {
    pub(super) fn on(facts: &Facts, island: Island<'_>, crowds: &Crowds<'_>) -> Self {
        let mut troubles = Troubles::default();
        let with_plans = island.migration_collisions();
        let with_plans = with_plans.iter().map(|it| (&it.0, Party::Plan(it.0.other)));
        let with_windows = island.maintenance_collisions();
        let with_windows = with_windows.iter();
        let with_windows = with_windows.map(|it| (&it.0, Party::Window(it.0.other)));
        for (meeting, other) in with_plans.chain(with_windows) {
            let policy = Party::Policy(meeting.policy);
            if meeting.overlaps(&facts.calendar) == Some(true) && island.has(policy) {
                troubles.leaves(policy);
                troubles.met.push((policy, other));
            }
        }
        let later = island.later_policies().into_iter().map(Party::Policy);
        for policy in later.filter(|policy| island.has(*policy)) {
            troubles.leaves(policy);
        }
        for (crowd, parties) in crowded(facts, island, crowds) {
            troubles.all.extend(&parties);
            let movers = match crowd {
                Crowd::Votes(cluster) => troubles.of_votes(facts, cluster, &parties),
                crowd => troubles.of_crowd(facts, crowds, crowd, &parties),
            };
            troubles.movers.extend(movers);
        }
        troubles
    }

    fn leaves(&mut self, policy: Party) {
        self.all.insert(policy);
        self.movers.insert(policy);
    }

    /// Those of a crowd that are too much beside those that stay.
    fn of_crowd(
        &self,
        facts: &Facts,
        crowds: &Crowds<'_>,
        crowd: Crowd,
        parties: &BTreeSet<Party>,
    ) -> Vec<Party> {
        let members = crowds.members(crowd);
        let leaves = |party: &Party| self.movers.contains(party);
        let stays = |party: &Party| !parties.contains(party) && !leaves(party);
        let mut staying =
            Profile::of_members(facts, members.iter().filter(|(party, _)| stays(party)));
        let mut movers = Vec::new();
        let mut full = HashSet::new();
        let candidates = members.iter();
        for (party, seat) in candidates.filter(|(party, _)| parties.contains(party)) {
            let Some(timing) = facts.timing_of(*party).filter(|_| !leaves(party)) else {
                continue;
            };
            let own = facts.busy(timing);
            let is_full = full.contains(&(timing, seat.weight))
                || !staying.is_within(&own, seat.limit - seat.weight);
            if is_full {
                full.insert((timing, seat.weight));
                movers.push(*party);
            } else {
                staying.add(&own, seat.weight);
            }
        }
        movers
    }

    /// Those of the windows of a cluster that break its quorum beside those that stay.
    fn of_votes(&self, facts: &Facts, cluster: u32, parties: &BTreeSet<Party>) -> Vec<Party> {
        let mut staying = Ballots::of(facts, cluster, |party| !parties.contains(&party));
        let mut movers = Vec::new();
        // Where no time is looked for, nobody should move to one.
        if staying.is_tedious() {
            return movers;
        }
        let mut breaking = HashSet::new();
        for party in parties {
            let own = facts.downtime(*party, cluster);
            let (Some(own), Some(voter)) = (own, staying.voter(*party)) else {
                continue;
            };
            let is_breaking = breaking.contains(&voter) || {
                let broken = staying.broken(own, []);
                let timing = facts.timing_of(*party);
                let busy = timing.map_or_else(Busy::default, |timing| facts.busy(timing));
                let mut taken = busy.intervals().iter();
                taken.any(|(from, until)| broken.meets(*from, *until).is_some())
            };
            match is_breaking {
                true => {
                    breaking.insert(voter);
                    movers.push(*party);
                }
                false => staying.count_one(voter),
            }
        }
        movers
    }
}

/// Those that are too much for a crowd with others, and would not be alone.
fn crowded(
    facts: &Facts,
    island: Island<'_>,
    crowds: &Crowds<'_>,
) -> BTreeMap<Crowd, BTreeSet<Party>> {
    let mut crowded: BTreeMap<Crowd, BTreeSet<Party>> = BTreeMap::new();
    let mut note = |crowd: Crowd, party: Party| {
        if island.has(party) {
            crowded.entry(crowd).or_default().insert(party);
        }
    };
    for (policy, repository) in island.crowded_policies() {
        note(Crowd::Repository(repository), Party::Policy(policy));
    }
    let alone = |crowd: Crowd, weight: i64, limit: Option<i64>| {
        let seat = limit.map(|limit| Seat {
            crowd,
            weight,
            limit,
        });
        seat.is_none_or(|seat| seat.is_hopeless())
    };
    for load in crowds.loads_of_hosts.iter() {
        let crowd = Crowd::Host(load.host);
        let limit = facts.limits[load.host as usize].value.known().copied();
        if load.exceeded == Some(true) && !alone(crowd, load.own, limit) {
            note(crowd, Party::Plan(load.plan));
        }
    }
    for load in crowds.cluster_loads.iter() {
        let crowd = Crowd::Cluster(load.cluster);
        if load.exceeded == Some(true) && !alone(crowd, load.own, load.capacity) {
            note(crowd, Party::Plan(load.plan));
        }
    }
    for quorum in crowds.quorums.iter() {
        let Some(cluster) = quorum.cluster.known() else {
            continue;
        };
        let crowd = Crowd::Votes(*cluster);
        let limit = Some(quorum.electorate.tolerates());
        if quorum.broken == Some(true) && !alone(crowd, quorum.own_down, limit) {
            note(crowd, Party::Window(quorum.window));
        }
    }
    crowded
}
