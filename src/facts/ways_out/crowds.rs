//! What takes only so much at once: repositories, hosts, clusters and the votes of a cluster.
//!
//! How much there is rises at starts only, so that nobody meets too much at a start where there
//! is at no time too much.

use std::collections::HashMap;
use std::rc::Rc;

use super::ballots::Ballots;
use super::islands::{About, Island};
use super::parties::Party;
use super::profile::Profile;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::facts::downtimes::Downtime;
use crate::facts::loads::{ClusterLoad, HostLoad};
use crate::facts::quorum::WindowQuorum;
use crate::model::{Platform, State};
use crate::schedule::Busy;

/// What takes only so much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Crowd {
    /// A backup repository, and the backups that run at once.
    Repository(u32),
    /// A host, and its live migrations.
    Host(u32),
    /// A cluster, and its live migrations.
    Cluster(u32),
    /// A cluster, and its hosts that are down.
    Votes(u32),
}

/// What a party takes of a crowd.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Seat {
    pub(super) crowd: Crowd,
    pub(super) weight: i64,
    /// How much the crowd takes in all.
    pub(super) limit: i64,
}

impl Seat {
    /// Whether it is too much for the crowd alone, whenever it starts.
    pub(super) fn is_hopeless(&self) -> bool {
        self.weight > self.limit
    }
}

/// The crowds of an island, with what is in them at present and what is proposed.
pub(super) struct Crowds<'f> {
    facts: &'f Facts,
    members: HashMap<Crowd, Vec<(Party, Seat)>>,
    seats_of_plans: HashMap<u32, Vec<Seat>>,
    profiles: HashMap<Crowd, Profile>,
    /// With proposals, by cluster.
    ballots: HashMap<u32, Ballots<'f>>,
    /// By cluster and voter when the cluster would lose its quorum, with how often something had
    /// been proposed then.
    broken: HashMap<(u32, usize), (u32, Busy)>,
    own: Option<(Party, Rc<Busy>)>,
    /// How often something was proposed.
    versions: HashMap<Crowd, u32>,
    pub(super) loads_of_hosts: About<'f, HostLoad>,
    pub(super) cluster_loads: About<'f, ClusterLoad>,
    /// By window and cluster.
    pub(super) quorums: About<'f, WindowQuorum>,
}

impl<'f> Crowds<'f> {
    pub(super) fn on(facts: &'f Facts, island: Island<'f>) -> Self {
        let mut crowds = Crowds {
            facts,
            loads_of_hosts: island.loads_of_hosts(),
            cluster_loads: island.cluster_loads(),
            quorums: island.quorums(),
            members: HashMap::new(),
            seats_of_plans: HashMap::new(),
            profiles: HashMap::new(),
            ballots: HashMap::new(),
            broken: HashMap::new(),
            own: None,
            versions: HashMap::new(),
        };
        let of_hosts = crowds.loads_of_hosts.iter().map(|load| {
            let limit = facts.limits[load.host as usize].value.known();
            (load.plan, Crowd::Host(load.host), load.own, limit.copied())
        });
        let of_clusters = crowds.cluster_loads.iter().map(|load| {
            let crowd = Crowd::Cluster(load.cluster);
            (load.plan, crowd, load.own, load.capacity)
        });
        let of_plans: Vec<_> = of_hosts.chain(of_clusters).collect();
        for (plan, crowd, weight, limit) in of_plans {
            crowds.seat(plan, crowd, weight, limit);
        }
        for party in island.policies().map(Party::Policy) {
            for seat in crowds.seats(party) {
                crowds
                    .members
                    .entry(seat.crowd)
                    .or_default()
                    .push((party, seat));
            }
        }
        crowds
    }

    fn seat(&mut self, plan: u32, crowd: Crowd, weight: i64, limit: Option<i64>) {
        if let Some(limit) = limit.filter(|_| weight > 0) {
            let seat = Seat {
                crowd,
                weight,
                limit,
            };
            self.seats_of_plans.entry(plan).or_default().push(seat);
            let members = self.members.entry(crowd).or_default();
            members.push((Party::Plan(plan), seat));
        }
    }

    /// What a party takes for certain of crowds of which it is known how much they take.
    pub(super) fn seats(&self, party: Party) -> Vec<Seat> {
        let facts = self.facts;
        match party {
            Party::Policy(policy) => facts.seat_of_policy(policy).into_iter().collect(),
            Party::Plan(plan) => self.seats_of_plans.get(&plan).cloned().unwrap_or_default(),
            Party::Window(window) => self.seats_of_window(window),
        }
    }

    fn seats_of_window(&self, window: u32) -> Vec<Seat> {
        let all = &self.quorums;
        let first = all.partition_point(|quorum| quorum.window < window);
        let own = all[first..].iter().take_while(|it| it.window == window);
        own.filter_map(|quorum| {
            let cluster = *quorum.cluster.known()?;
            let platform = &self.facts.inventory.clusters[cluster as usize]
                .spec
                .platform;
            let counts = matches!(
                platform.state(),
                State::Absent | State::Known(Platform::HyperV)
            );
            (counts && quorum.own_down > 0).then(|| Seat {
                crowd: Crowd::Votes(cluster),
                weight: quorum.own_down,
                limit: quorum.electorate.tolerates(),
            })
        })
        .collect()
    }

    /// The members of a crowd that are not over, in the order of their numbers.
    pub(super) fn members(&self, crowd: Crowd) -> &[(Party, Seat)] {
        self.members.get(&crowd).map_or(&[], Vec::as_slice)
    }

    /// When a crowd would be too much with a party, beside all that is in it now and is proposed.
    pub(super) fn full(&mut self, party: Party, seat: &Seat) -> Busy {
        self.full_without(party, seat, &[(party, *seat)])
    }

    /// The same where some of its members are at it together; `seat` is what they all take.
    pub(super) fn full_without(
        &mut self,
        party: Party,
        seat: &Seat,
        together: &[(Party, Seat)],
    ) -> Busy {
        if let Crowd::Votes(cluster) = seat.crowd {
            return self.broken_with(cluster, party, together);
        }
        let facts = self.facts;
        let own = together.iter().filter_map(|(one, own)| {
            let timing = facts.timing_of(*one)?;
            Some((facts.busy(timing), own.weight))
        });
        let own: Vec<(Busy, i64)> = own.collect();
        let most = seat.limit - seat.weight;
        self.profile(seat.crowd).above_without(most, &own)
    }

    fn profile(&mut self, crowd: Crowd) -> &Profile {
        let (facts, members) = (self.facts, &self.members);
        self.profiles.entry(crowd).or_insert_with(|| {
            let members = members.get(&crowd).into_iter().flatten();
            Profile::of_members(facts, members)
        })
    }

    /// Whether a crowd would be too much at no time of something that a party could take instead.
    pub(super) fn has_room(&mut self, party: Party, seat: &Seat, instead: &Busy) -> bool {
        if let Crowd::Votes(_) = seat.crowd {
            return true;
        }
        let own = self.own(party);
        let most = seat.limit - seat.weight;
        let profile = self.profile(seat.crowd);
        profile.is_within_without(instead, most, &own, seat.weight)
    }

    /// What a party takes now, which is asked for many times of one before the next.
    fn own(&mut self, party: Party) -> Rc<Busy> {
        match &self.own {
            Some((last, own)) if *last == party => Rc::clone(own),
            _ => {
                let timing = self.facts.timing_of(party);
                let own = timing.map_or_else(Busy::default, |timing| self.facts.busy(timing));
                let own = Rc::new(own);
                self.own = Some((party, Rc::clone(&own)));
                own
            }
        }
    }

    /// How often it changes how much there is of a crowd; nothing is kept of votes.
    pub(super) fn changes(&mut self, crowd: Crowd) -> usize {
        match crowd {
            Crowd::Votes(_) => 0,
            _ => self.profile(crowd).changes(),
        }
    }

    /// How often something was proposed for a crowd.
    pub(super) fn version(&self, crowd: Crowd) -> u32 {
        self.versions.get(&crowd).copied().unwrap_or_default()
    }

    /// Takes in that a party may be in a crowd at other times, too.
    pub(super) fn propose(&mut self, party: Party, seat: &Seat, busy: &Busy) {
        *self.versions.entry(seat.crowd).or_default() += 1;
        match seat.crowd {
            Crowd::Votes(cluster) => {
                let downtime = self.facts.downtime(party, cluster);
                let ballots = self.ballots_of(cluster);
                if let Some(downtime) = downtime {
                    ballots.propose(downtime, busy);
                }
            }
            crowd => {
                self.profile(crowd);
                if let Some(profile) = self.profiles.get_mut(&crowd) {
                    profile.add(busy, seat.weight);
                }
            }
        }
    }

    fn ballots_of(&mut self, cluster: u32) -> &mut Ballots<'f> {
        let facts = self.facts;
        let ballots = self.ballots.entry(cluster);
        ballots.or_insert_with(|| Ballots::of(facts, cluster, |_| true))
    }

    /// The cluster of votes of which more is to be looked at than anybody waits for.
    pub(super) fn tedious(&mut self, seat: &Seat) -> Option<u32> {
        let Crowd::Votes(cluster) = seat.crowd else {
            return None;
        };
        self.ballots_of(cluster).is_tedious().then_some(cluster)
    }

    /// When a cluster would lose its quorum with a window, beside all others that are not at it
    /// together with that.
    fn broken_with(&mut self, cluster: u32, party: Party, together: &[(Party, Seat)]) -> Busy {
        let Some(own) = self.facts.downtime(party, cluster) else {
            return Busy::default();
        };
        let version = self.version(Crowd::Votes(cluster));
        let ballots = self.ballots_of(cluster);
        let without: Vec<usize> = together
            .iter()
            .filter_map(|(one, _)| ballots.voter(*one))
            .collect();
        let alone = match (together, &*without) {
            ([(one, _)], [voter]) if *one == party => Some((cluster, *voter)),
            _ => None,
        };
        let known = alone.and_then(|key| self.broken.get(&key));
        if let Some((_, busy)) = known.filter(|(then, _)| *then == version) {
            return busy.clone();
        }
        let busy = self.ballots_of(cluster).broken(own, without);
        if let Some(key) = alone {
            self.broken.insert(key, (version, busy.clone()));
        }
        busy
    }
}

impl Facts {
    /// What a schedule takes of the search; nothing where it starts after it.
    pub(in crate::facts) fn busy(&self, timing: Timing) -> Busy {
        let occurrences = self.calendar.occurrences(timing);
        match occurrences.beyond_search() {
            true => Busy::default(),
            false => Busy::of(occurrences),
        }
    }

    fn seat_of_policy(&self, policy: u32) -> Option<Seat> {
        if self
            .calendar
            .is_past(self.calendar.policies[policy as usize])
        {
            return None;
        }
        let spec = &self.inventory.policies[policy as usize].spec;
        let repository = spec.repository.known()?.target()?;
        let takes = &self.inventory.repositories[repository as usize].spec;
        let seat = Seat {
            crowd: Crowd::Repository(repository),
            weight: self.certain_backups(policy),
            limit: takes.maximum_concurrent_tasks.known()?.get(),
        };
        (seat.weight > 0).then_some(seat)
    }

    pub(super) fn downtime(&self, party: Party, cluster: u32) -> Option<&Downtime> {
        let Party::Window(window) = party else {
            return None;
        };
        let all = self.downtimes().of_cluster(cluster);
        let found = all.binary_search_by_key(&window, |downtime| downtime.window);
        found.ok().map(|index| &all[index])
    }
}
