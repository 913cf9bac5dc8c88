//! The votes of a cluster: which of its hosts windows take down over time, and when that is too much.

use std::collections::HashMap;

use super::MOST_CHANGES;
use super::parties::Party;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::facts::downtimes::Downtime;
use crate::facts::quorum::Electorate;
use crate::schedule::Busy;

/// The windows of a cluster. Those that take the same hosts down at the same times are one voter.
pub(super) struct Ballots<'f> {
    electorate: Electorate,
    /// The hosts of the cluster that windows name, ascending.
    hosts: Vec<u32>,
    voters: Vec<Voter<'f>>,
    of_window: HashMap<u32, usize>,
    /// When voters open and close, in order.
    changes: Vec<(i64, usize, bool)>,
}

/// Windows that take the same hosts down at the same times.
struct Voter<'f> {
    downtime: &'f Downtime,
    /// Which of the hosts of all windows these are.
    hosts: Vec<usize>,
    /// How many windows count.
    count: i64,
}

/// By which windows are one voter.
type Ballot<'f> = (Timing, &'f [u32], (i64, i64), i64);

impl<'f> Ballots<'f> {
    /// The windows of a cluster, of which some count.
    pub(super) fn of(facts: &'f Facts, cluster: u32, counts: impl Fn(Party) -> bool) -> Self {
        let downtimes = facts.downtimes().of_cluster(cluster);
        let hosts = downtimes.iter().flat_map(|downtime| &downtime.hosts);
        let mut hosts: Vec<u32> = hosts.copied().collect();
        hosts.sort_unstable();
        hosts.dedup();
        let mut ballots = Ballots {
            electorate: Electorate::of(facts, cluster),
            hosts,
            voters: Vec::new(),
            of_window: HashMap::new(),
            changes: Vec::new(),
        };
        let mut known: HashMap<Ballot<'f>, usize> = HashMap::new();
        for downtime in downtimes {
            let party = Party::Window(downtime.window);
            let Some(timing) = facts.timing_of(party) else {
                continue;
            };
            let ballot = (timing, &*downtime.hosts, downtime.at_once, downtime.more);
            let voter = known
                .entry(ballot)
                .or_insert_with(|| ballots.enter(downtime, &facts.busy(timing)));
            ballots.of_window.insert(downtime.window, *voter);
            ballots.voters[*voter].count += i64::from(counts(party));
        }
        ballots.changes.sort_unstable();
        ballots
    }

    /// Takes in a voter of whom nobody counts yet; returns its number.
    fn enter(&mut self, downtime: &'f Downtime, busy: &Busy) -> usize {
        let number = self.voters.len();
        let hosts = self.places(downtime);
        self.voters.push(Voter {
            downtime,
            hosts,
            count: 0,
        });
        for (from, until) in busy.intervals() {
            let change = [(*from, number, true), (*until, number, false)];
            self.changes.extend(change);
        }
        number
    }

    fn places(&self, downtime: &Downtime) -> Vec<usize> {
        let place = |host: &u32| self.hosts.binary_search(host).ok();
        downtime.hosts.iter().filter_map(place).collect()
    }

    /// Whether more changes would be looked at for all windows than [`MOST_CHANGES`].
    pub(super) fn is_tedious(&self) -> bool {
        self.voters.len().saturating_mul(self.changes.len()) > MOST_CHANGES
    }

    /// The voter that a window belongs to.
    pub(super) fn voter(&self, party: Party) -> Option<usize> {
        match party {
            Party::Window(window) => self.of_window.get(&window).copied(),
            Party::Policy(_) | Party::Plan(_) => None,
        }
    }

    /// Makes one more window of a voter count.
    pub(super) fn count_one(&mut self, voter: usize) {
        self.voters[voter].count += 1;
    }

    /// Takes in that a window may be open at other times, too.
    pub(super) fn propose(&mut self, downtime: &'f Downtime, busy: &Busy) {
        let voter = self.enter(downtime, busy);
        self.voters[voter].count = 1;
        // Both parts are in order, of which this sort makes use.
        self.changes.sort();
    }

    /// When the cluster would lose its quorum with a window beside those that count but for one of
    /// each of these voters.
    pub(super) fn broken(&self, own: &Downtime, without: impl IntoIterator<Item = usize>) -> Busy {
        let mut counts: Vec<i64> = self.voters.iter().map(|voter| voter.count).collect();
        for voter in without {
            counts[voter] -= 1;
        }
        let mut down = Down::of(self.hosts.len());
        down.change(&self.places(own), 1, own.least());
        let mut open = 0;
        let changes = self.changes.chunk_by(|one, next| one.0 == next.0);
        Busy::of_steps(changes.map(|at_once| {
            for (_, number, opens) in at_once.iter().filter(|(_, it, _)| counts[*it] > 0) {
                let voter = &self.voters[*number];
                let by = if *opens { 1 } else { -1 };
                open += by;
                let least = voter.downtime.least().saturating_mul(counts[*number]);
                down.change(&voter.hosts, by, least);
            }
            let at = at_once.first().map_or(0, |(at, ..)| *at);
            let down = down.least();
            (
                at,
                open > 0 && self.electorate.broken((down, down)) == Some(true),
            )
        }))
    }
}

/// How many hosts are down for certain.
struct Down {
    /// By how many voters each host is named.
    named: Vec<i64>,
    distinct: i64,
    /// How many the voters take down at once, one by one.
    sum: i64,
}

impl Down {
    fn of(hosts: usize) -> Self {
        Down {
            named: vec![0; hosts],
            distinct: 0,
            sum: 0,
        }
    }

    fn change(&mut self, hosts: &[usize], by: i64, least: i64) {
        self.sum += by * least;
        for host in hosts {
            let named = &mut self.named[*host];
            self.distinct -= i64::from(*named > 0);
            *named += by;
            self.distinct += i64::from(*named > 0);
        }
    }

    fn least(&self) -> i64 {
        self.distinct.min(self.sum)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::mobility_tests::{facts, resource, two_hosts};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn a_cluster_loses_its_quorum_when_those_that_are_open_take_too_much(
            windows in prop::collection::vec((1..16_u8, 0..4_usize, 1..4_usize, 1..3_usize), 1..8),
        ) {
            let mut text = String::new();
            resource(&mut text, "Cluster", "c", "platformVersion: '2022', hosts: [h0, h1, h2, h3]");
            for host in 0..4 {
                resource(&mut text, "Host", &format!("h{host}"), "");
            }
            for (number, (mask, start, length, at_once)) in windows.iter().enumerate() {
                let hosts = (0..4).filter(|host| mask >> host & 1 == 1);
                let hosts: Vec<String> = hosts.map(|host| format!("h{host}")).collect();
                let spec = format!(
                    "hosts: [{}], concurrentHosts: {at_once}, \
                     schedule: {{ cron: '0 {start} * * *', duration: {length}h }}",
                    hosts.join(", ")
                );
                resource(&mut text, "MaintenanceWindow", &format!("w{number}"), &spec);
            }
            let facts = facts(&text);
            let all = facts.downtimes().of_cluster(0);
            let electorate = Electorate::of(&facts, 0);
            let busy = |downtime: &Downtime| {
                let timing = facts.timing_of(Party::Window(downtime.window));
                timing.map_or_else(Busy::default, |timing| facts.busy(timing))
            };
            let ballots = Ballots::of(&facts, 0, |_| true);
            for own in all {
                let others: Vec<(&Downtime, Busy)> = all
                    .iter()
                    .filter(|other| other.window != own.window)
                    .map(|other| (other, busy(other)))
                    .collect();
                let voter = ballots.voter(Party::Window(own.window));
                let found = ballots.broken(own, voter);
                let changes = others.iter().flat_map(|(_, busy)| busy.intervals());
                for at in changes.flat_map(|(from, until)| [*from, *until]) {
                    let open = others.iter().filter(|(_, busy)| busy.takes(at));
                    let open: Vec<&Downtime> = open.map(|(other, _)| *other).collect();
                    let down = electorate.down(open.iter().copied().chain([own]), []);
                    let expected = !open.is_empty() && electorate.broken(down) == Some(true);
                    prop_assert_eq!(found.takes(at), expected, "{} at {}", own.window, at);
                }
            }
        }
    }

    #[test]
    fn windows_that_take_the_same_down_at_the_same_times_are_one_voter() {
        let mut text = two_hosts();
        for number in 0..30 {
            let spec = format!(
                "hosts: [h{}], schedule: {{ cron: '0 22 * * *', duration: 1h }}",
                number % 2
            );
            resource(&mut text, "MaintenanceWindow", &format!("w{number}"), &spec);
        }
        let facts = facts(&text);
        let ballots = Ballots::of(&facts, 0, |_| true);
        assert_eq!(ballots.voters.len(), 2);
        assert_eq!(ballots.of_window.len(), 30);
        assert!(!ballots.is_tedious());
    }

    #[test]
    fn of_a_cluster_that_changes_too_often_it_is_said_that_nobody_looked() {
        let mut text = two_hosts();
        for number in 0..420 {
            let spec = format!(
                "hosts: [h{}], schedule: {{ cron: '{} {} * * *', duration: 10m }}",
                number % 2,
                number % 60,
                number / 60
            );
            resource(&mut text, "MaintenanceWindow", &format!("w{number}"), &spec);
        }
        let facts = facts(&text);
        assert!(Ballots::of(&facts, 0, |_| true).is_tedious());
        let way = facts
            .way_out(Party::Window(7))
            .expect("it breaks the quorum");
        assert!(!way.moves && !way.found.is_some());
        let said = "no other time was looked for, as the maintenance windows of `c` open and close too often";
        assert_eq!(way.sentence(&facts).as_deref(), Some(said));
    }
}
