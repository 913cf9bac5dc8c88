//! What takes only so much at once: repositories, hosts, clusters and the votes of a cluster.
//!
//! How much there is rises at starts only, so that nobody meets too much at a start where there
//! is at no time too much.

use std::collections::{BTreeMap, HashMap};

use super::parties::Party;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::facts::downtimes::Downtime;
use crate::facts::quorum::Electorate;
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

/// How many steps of a [`Profile`] are kept in one list at most: few enough to put one between them.
const TOGETHER: usize = 1024;

/// How much there is over time.
#[derive(Clone, Default)]
pub(super) struct Profile {
    /// From when on there is how much, until the next. No list is empty.
    steps: Vec<Vec<(i64, i64)>>,
}

impl Profile {
    /// How much all of these are together.
    fn of(parts: impl Iterator<Item = (Busy, i64)>) -> Self {
        let mut changes: Vec<(i64, i64)> = Vec::new();
        for (busy, weight) in parts {
            let intervals = busy.intervals().iter();
            changes
                .extend(intervals.flat_map(|(from, until)| [(*from, weight), (*until, -weight)]));
        }
        // Each part is in order, of which this sort makes use.
        changes.sort();
        let mut load = 0;
        let steps = changes.chunk_by(|a, b| a.0 == b.0).filter_map(|at_once| {
            load += at_once.iter().map(|(_, by)| by).sum::<i64>();
            Some((at_once.first()?.0, load))
        });
        let steps: Vec<_> = steps.collect();
        let lists = steps.chunks(TOGETHER / 2).map(<[_]>::to_vec);
        Profile {
            steps: lists.collect(),
        }
    }

    /// What members take of a crowd at present.
    pub(super) fn of_members<'m>(
        facts: &Facts,
        members: impl Iterator<Item = &'m (Party, Seat)>,
    ) -> Self {
        let mut weights: BTreeMap<Timing, i64> = BTreeMap::new();
        for (party, seat) in members {
            if let Some(timing) = facts.timing_of(*party) {
                *weights.entry(timing).or_default() += seat.weight;
            }
        }
        let weights = weights.into_iter();
        Profile::of(weights.map(|(timing, weight)| (facts.busy(timing), weight)))
    }

    /// The place of the first step at or after an instant: its list, and its number there.
    fn place(&self, at: i64) -> (usize, usize) {
        let is_before = |(from, _): &(i64, i64)| *from < at;
        let list = self
            .steps
            .partition_point(|list| list.last().is_some_and(is_before));
        let steps = self.steps.get(list).map_or(&[][..], Vec::as_slice);
        (list, steps.partition_point(is_before))
    }

    /// The steps from the one on that an instant lies in.
    fn since(&self, at: i64) -> impl Iterator<Item = &(i64, i64)> {
        let (list, index) = match self.place(at.saturating_add(1)) {
            (0, 0) => (0, 0),
            (list, 0) => (list - 1, self.steps[list - 1].len() - 1),
            (list, index) => (list, index - 1),
        };
        let mut lists = self.steps[list..].iter();
        let first = lists.next().map_or(&[][..], |steps| &steps[index..]);
        first.iter().chain(lists.flatten())
    }

    pub(super) fn add(&mut self, busy: &Busy, weight: i64) {
        for (from, until) in busy.intervals() {
            self.cut(*from);
            self.cut(*until);
            let (list, index) = self.place(*from);
            let mut skipped = index;
            for steps in self.steps.iter_mut().skip(list) {
                let own = steps.iter_mut().skip(std::mem::take(&mut skipped));
                for (_, load) in own.take_while(|(at, _)| at < until) {
                    *load += weight;
                }
                if steps.last().is_some_and(|(at, _)| at >= until) {
                    break;
                }
            }
        }
    }

    /// Makes a step begin at an instant.
    fn cut(&mut self, at: i64) {
        let (list, index) = self.place(at);
        let step = self.steps.get(list).and_then(|steps| steps.get(index));
        if step.is_some_and(|(from, _)| *from == at) {
            return;
        }
        let before = match index.checked_sub(1) {
            Some(before) => self.steps.get(list).and_then(|steps| steps.get(before)),
            None => self.steps[..list].last().and_then(|steps| steps.last()),
        };
        let step = (at, before.map_or(0, |(_, load)| *load));
        let count = self.steps.len();
        match self.steps.get_mut(list.min(count.saturating_sub(1))) {
            None => self.steps.push(vec![step]),
            Some(steps) if list == count => steps.push(step),
            Some(steps) => steps.insert(index, step),
        }
        let list = list.min(count.saturating_sub(1));
        if self.steps[list].len() > TOGETHER {
            let rest = self.steps[list].split_off(TOGETHER / 2);
            self.steps.insert(list + 1, rest);
        }
    }

    /// Whether there is at no time of some intervals more than this.
    pub(super) fn is_within(&self, busy: &Busy, limit: i64) -> bool {
        self.is_within_without(busy, limit, &Busy::default(), 0)
    }

    /// The same where so much is not there that is now at some times, which are among its steps.
    fn is_within_without(&self, busy: &Busy, limit: i64, own: &Busy, weight: i64) -> bool {
        busy.intervals().iter().all(|(from, until)| {
            let mut steps = self.since(*from).take_while(|(at, _)| at < until);
            steps.all(|(at, load)| {
                let is_own = || own.takes(*(at.max(from)));
                *load <= limit || *load - weight <= limit && is_own()
            })
        })
    }

    /// When there is more than this.
    pub(super) fn above(&self, limit: i64) -> Busy {
        let mut busy = Busy::default();
        let mut since = None;
        for (at, load) in self.steps.iter().flatten() {
            match since {
                None if *load > limit => since = Some(*at),
                Some(from) if *load <= limit => {
                    busy.push(from, *at);
                    since = None;
                }
                _ => {}
            }
        }
        busy
    }
}

/// A window that takes hosts of a cluster down.
type Voter<'f> = (&'f Downtime, Busy);

/// All crowds, with what is in them at present and what is proposed.
pub(super) struct Crowds<'f> {
    facts: &'f Facts,
    members: HashMap<Crowd, Vec<(Party, Seat)>>,
    seats_of_plans: HashMap<u32, Vec<Seat>>,
    profiles: HashMap<Crowd, Profile>,
    /// Proposals of windows, by cluster.
    voters: HashMap<u32, Vec<Voter<'f>>>,
    /// How often something was proposed.
    versions: HashMap<Crowd, u32>,
}

impl<'f> Crowds<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let mut crowds = Crowds {
            facts,
            members: HashMap::new(),
            seats_of_plans: HashMap::new(),
            profiles: HashMap::new(),
            voters: HashMap::new(),
            versions: HashMap::new(),
        };
        for host in facts.loads_of_hosts() {
            let limit = facts.limits[host.host as usize].value.known();
            crowds.seat(host.plan, Crowd::Host(host.host), host.own, limit.copied());
        }
        for cluster in facts.cluster_loads() {
            let crowd = Crowd::Cluster(cluster.cluster);
            crowds.seat(cluster.plan, crowd, cluster.own, cluster.capacity);
        }
        for policy in &facts.inventory.policies {
            let party = Party::Policy(policy.meta.index);
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
            Party::Window(window) => facts.seats_of_window(window),
        }
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
            let is_one = |it: Party| together.iter().any(|(one, _)| *one == it);
            let now = self.voters_of(cluster, &|it| !is_one(it));
            let proposed = self.voters.get(&cluster).map_or(&[][..], Vec::as_slice);
            let others: Vec<&Voter<'_>> = now.iter().chain(proposed).collect();
            return self.broken(cluster, party, &others);
        }
        let facts = self.facts;
        let mut profile = self.profile(seat.crowd).clone();
        for (one, own) in together {
            let timing = facts.timing_of(*one);
            let busy = timing.map_or_else(Busy::default, |timing| facts.busy(timing));
            profile.add(&busy, -own.weight);
        }
        profile.above(seat.limit - seat.weight)
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
        let own = self.facts.timing_of(party);
        let own = own.map_or_else(Busy::default, |timing| self.facts.busy(timing));
        let most = seat.limit - seat.weight;
        let profile = self.profile(seat.crowd);
        profile.is_within_without(instead, most, &own, seat.weight)
    }

    /// How often it changes how much there is of a crowd; nothing is kept of votes.
    pub(super) fn changes(&mut self, crowd: Crowd) -> usize {
        match crowd {
            Crowd::Votes(_) => 0,
            _ => self.profile(crowd).steps.iter().map(Vec::len).sum(),
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
                let voter = downtime.map(|downtime| (downtime, busy.clone()));
                self.voters.entry(cluster).or_default().extend(voter);
            }
            crowd => {
                self.profile(crowd);
                if let Some(profile) = self.profiles.get_mut(&crowd) {
                    profile.add(busy, seat.weight);
                }
            }
        }
    }

    /// The windows of a cluster that are wanted.
    pub(super) fn voters_of(&self, cluster: u32, wanted: &dyn Fn(Party) -> bool) -> Vec<Voter<'f>> {
        let facts = self.facts;
        let all = facts.downtimes().of_cluster(cluster).iter();
        all.filter(|downtime| wanted(Party::Window(downtime.window)))
            .filter_map(|downtime| {
                let timing = facts.timing_of(Party::Window(downtime.window))?;
                Some((downtime, facts.busy(timing)))
            })
            .collect()
    }

    /// When a cluster would lose its quorum with a window beside others.
    pub(super) fn broken(&self, cluster: u32, party: Party, others: &[&Voter<'_>]) -> Busy {
        let mut busy = Busy::default();
        let Some(own) = self.facts.downtime(party, cluster) else {
            return busy;
        };
        let electorate = Electorate::of(self.facts, cluster);
        let mut changes: Vec<(i64, usize, bool)> = Vec::new();
        for (index, (_, taken)) in others.iter().enumerate() {
            for (from, until) in taken.intervals() {
                changes.extend([(*from, index, true), (*until, index, false)]);
            }
        }
        changes.sort_unstable();
        let mut open: BTreeMap<usize, &Downtime> = BTreeMap::new();
        let mut since = None;
        for at_once in changes.chunk_by(|a, b| a.0 == b.0) {
            for (_, index, opens) in at_once {
                match opens {
                    true => open.insert(*index, others[*index].0),
                    false => open.remove(index),
                };
            }
            let at = at_once.first().map_or(0, |(at, ..)| *at);
            let down = electorate.down(open.values().copied().chain([own]), []);
            let broken = !open.is_empty() && electorate.broken(down) == Some(true);
            match since {
                None if broken => since = Some(at),
                Some(from) if !broken => {
                    busy.push(from, at);
                    since = None;
                }
                _ => {}
            }
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
            limit: takes.maximum_concurrent_tasks.known()?.0,
        };
        (seat.weight > 0).then_some(seat)
    }

    fn seats_of_window(&self, window: u32) -> Vec<Seat> {
        let all = self.quorums();
        let first = all.partition_point(|quorum| quorum.window < window);
        let own = all[first..].iter().take_while(|it| it.window == window);
        own.filter_map(|quorum| {
            let cluster = *quorum.cluster.known()?;
            let platform = &self.inventory.clusters[cluster as usize].spec.platform;
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

    fn downtime(&self, party: Party, cluster: u32) -> Option<&Downtime> {
        let Party::Window(window) = party else {
            return None;
        };
        let all = self.downtimes().of_cluster(cluster);
        let found = all.binary_search_by_key(&window, |downtime| downtime.window);
        found.ok().map(|index| &all[index])
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, Profile};

    #[test]
    fn what_is_added_is_there_as_if_it_always_had_been() {
        let busy = |number: i64| {
            let mut busy = Busy::default();
            for day in 0..40 {
                let from = day * 1_000 + number * 37 % 900;
                busy.push(from, from + 20 + number % 90);
            }
            busy
        };
        let mut grown = Profile::default();
        for count in 0..120 {
            let all = (0..count).map(|number| (busy(number), 1 + number % 3));
            let whole = Profile::of(all);
            let limits = || [0, 1, 5, 20, 60];
            for limit in limits() {
                assert_eq!(grown.above(limit), whole.above(limit), "{count} {limit}");
                let next = busy(count);
                let met = grown.above(limit);
                let mut met = next
                    .intervals()
                    .iter()
                    .map(|(from, until)| met.meets(*from, *until));
                let is_within = met.all(|met| met.is_none());
                assert_eq!(grown.is_within(&next, limit), is_within, "{count} {limit}");
            }
            grown.add(&busy(count), 1 + count % 3);
        }
        assert!(grown.steps.len() > 3);
    }
}
