//! Whether a cluster keeps its quorum when maintenance windows open.
//!
//! Each host has a vote, and a witness one more; a cluster stops when half of its votes or more go
//! at once. One that goes alone is survived whatever the rest, as dynamic quorum takes votes away
//! from hosts that are down (Windows Server documentation, "Configure and manage quorum": nodes
//! that go one after the other, not at the same time).

use hashbrown::HashMap;

use super::downtimes::Downtime;
use super::openings::{Member, TOLD, Takes};
use super::{Facts, fact_record};
use crate::model::{Platform, State, Witness};
use crate::schedule::Instant;

/// What a window does to the quorum of a cluster, at its worst start.
pub(super) struct WindowQuorum {
    pub(super) window: u32,
    /// Unknown where nobody knows which hosts the window takes down.
    pub(super) cluster: State<u32>,
    pub(super) electorate: Electorate,
    /// How many hosts of the cluster are down at once for certain.
    pub(super) down: i64,
    /// How many of them by this window alone.
    pub(super) own_down: i64,
    /// The other windows that take down hosts of the cluster then; of many the first ones.
    pub(super) others: Box<[u32]>,
    /// How many there are beside these.
    pub(super) more_others: u32,
    pub(super) broken: Option<bool>,
    /// When, where it takes more than this window.
    pub(super) at: Option<Instant>,
}

fact_record!(WindowQuorum, &super::vocabulary::WINDOW_QUORUM);

/// Who votes in a cluster: at least and at most.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Electorate {
    pub(super) hosts: (i64, i64),
    pub(super) witness: (i64, i64),
}

pub(super) fn of_windows(facts: &Facts) -> Vec<WindowQuorum> {
    let mut quorums = of_clusters(facts, (0..).take(facts.inventory.clusters.len()));
    quorums.extend(
        facts
            .downtimes()
            .without_cluster()
            .map(|window| WindowQuorum {
                window,
                cluster: State::Unknown,
                electorate: Electorate::unknown(),
                down: 0,
                own_down: 0,
                others: Box::default(),
                more_others: 0,
                broken: None,
                at: None,
            }),
    );
    quorums.sort_by_key(|quorum| (quorum.window, quorum.cluster.known().copied()));
    quorums.shrink_to_fit();
    quorums
}

/// What windows do to the quorums of some clusters, by window and cluster.
pub(super) fn of_clusters(facts: &Facts, clusters: impl Iterator<Item = u32>) -> Vec<WindowQuorum> {
    let mut quorums = Vec::new();
    for cluster in clusters {
        of_cluster(facts, cluster, &mut quorums);
    }
    quorums.sort_by_key(|quorum| (quorum.window, quorum.cluster.known().copied()));
    quorums
}

fn of_cluster(facts: &Facts, cluster: u32, quorums: &mut Vec<WindowQuorum>) {
    let downtimes = facts.downtimes();
    let own = downtimes.of_cluster(cluster);
    if own.is_empty() {
        return;
    }
    let all: Vec<&Downtime> = own
        .iter()
        .chain(downtimes.perhaps_of_cluster(facts, cluster))
        .collect();
    let timings: Vec<_> = all
        .iter()
        .map(|downtime| facts.calendar.windows[downtime.window as usize])
        .collect();
    let electorate = Electorate::of(facts, cluster);
    let members: Vec<Member> = timings
        .iter()
        .map(|timing| Member {
            timing: *timing,
            takes: Takes::default(),
        })
        .collect();
    let mut everything = Tally::default();
    if timings.contains(&None) {
        for window in &all {
            everything.change(window, Standing::Shut, Standing::Possible);
        }
    }
    let mut peaks: Vec<Peak> = all
        .iter()
        .zip(&timings)
        .map(|(own, timing)| {
            let alone = match timing {
                Some(_) => electorate.down([*own], []),
                None => everything.down_with(own, &electorate),
            };
            Peak::alone(alone.0, electorate.broken(alone))
        })
        .collect();
    let mut tally = Tally::default();
    let mut standings = vec![Standing::Shut; all.len()];
    facts.calendar.openings(&members, |opening| {
        for index in opening.changed {
            let standing = match index {
                index if opening.open.contains(index) => Standing::Open,
                index if opening.possible.contains(index) => Standing::Possible,
                _ => Standing::Shut,
            };
            let before = std::mem::replace(&mut standings[*index], standing);
            tally.change(all[*index], before, standing);
        }
        let down = tally.down(&electorate);
        let broken = electorate.broken(down);
        for own in opening.starting {
            if peaks[*own].is_below(down.0, broken) {
                let others = opening.open.iter().filter(|other| *other != own);
                let mut others = others.filter(|other| all[**other].least() > 0);
                let told = others.by_ref().take(TOLD).map(|other| all[*other].window);
                peaks[*own] = Peak {
                    load: down.0,
                    others: told.collect(),
                    more_others: u32::try_from(others.count()).unwrap_or(u32::MAX),
                    exceeded: broken,
                    at: Some(opening.at),
                };
            }
        }
    });
    let platform = &facts.inventory.clusters[cluster as usize]
        .spec
        .platform
        .state();
    for (downtime, peak) in own.iter().zip(peaks) {
        let broken = match platform {
            State::Known(Platform::KubeVirt) => None,
            State::Unknown => peak.exceeded.filter(|broken| !broken),
            _ => peak.exceeded,
        };
        quorums.push(WindowQuorum {
            window: downtime.window,
            cluster: State::Known(cluster),
            electorate,
            down: peak.load,
            own_down: downtime.least(),
            others: peak.others,
            more_others: peak.more_others,
            broken: broken.filter(|broken| !broken || downtime.least() > 0),
            at: peak.at,
        });
    }
}

/// The worst start of a window.
struct Peak {
    /// How many hosts are down then for certain.
    load: i64,
    /// The other windows that take some of them down; of many the first ones.
    others: Box<[u32]>,
    more_others: u32,
    exceeded: Option<bool>,
    /// When, where it takes more than this window.
    at: Option<Instant>,
}

impl Peak {
    /// Of a window that is alone.
    fn alone(load: i64, exceeded: Option<bool>) -> Self {
        Peak {
            load,
            others: Box::default(),
            more_others: 0,
            exceeded,
            at: None,
        }
    }

    /// Whether another start is worse.
    fn is_below(&self, load: i64, exceeded: Option<bool>) -> bool {
        match (self.exceeded, exceeded) {
            (Some(true), Some(true)) => load > self.load,
            (Some(true), _) => false,
            (_, Some(true)) | (Some(false), None) => true,
            _ => load > self.load,
        }
    }
}

/// How a window stands at an instant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Shut,
    Possible,
    Open,
}

/// What windows take down while some of them open and others close.
#[derive(Default)]
struct Tally {
    open: Taken,
    /// What is open, and what may be.
    perhaps: Taken,
}

/// What some windows take down.
#[derive(Default)]
struct Taken {
    /// By host, how many of the windows name it; never none.
    windows_of: HashMap<u32, i64>,
    least: i128,
    most: i128,
    /// Hosts that nobody knows.
    more: i128,
}

impl Tally {
    fn change(&mut self, window: &Downtime, before: Standing, after: Standing) {
        let is_open = |standing| standing == Standing::Open;
        let may_be_open = |standing| standing != Standing::Shut;
        self.open.change(window, is_open(before), is_open(after));
        self.perhaps
            .change(window, may_be_open(before), may_be_open(after));
    }

    /// How many hosts are down when one of those that may be open is.
    fn down_with(&mut self, window: &Downtime, electorate: &Electorate) -> (i64, i64) {
        self.change(window, Standing::Possible, Standing::Open);
        let down = self.down(electorate);
        self.change(window, Standing::Open, Standing::Possible);
        down
    }

    /// How many hosts are down, at least and at most: what each window takes down at once, and no
    /// more than there are.
    fn down(&self, electorate: &Electorate) -> (i64, i64) {
        let named = |taken: &Taken| i128::try_from(taken.windows_of.len()).unwrap_or(i128::MAX);
        let least = self.open.least.min(named(&self.open));
        let there_are = named(&self.perhaps).saturating_add(self.perhaps.more);
        let most = self.perhaps.most.min(there_are);
        let clamp = |hosts: i128| i64::try_from(hosts).unwrap_or(i64::MAX);
        (clamp(least), clamp(most).min(electorate.hosts.1))
    }
}

impl Taken {
    fn change(&mut self, window: &Downtime, before: bool, after: bool) {
        if before == after {
            return;
        }
        let sign: i64 = if after { 1 } else { -1 };
        let signed = |hosts: i64| i128::from(sign) * i128::from(hosts);
        self.least += signed(window.least());
        self.most += signed(window.most());
        self.more += signed(window.more);
        for host in &window.hosts {
            let windows = self.windows_of.entry(*host).or_default();
            *windows += sign;
            if *windows == 0 {
                self.windows_of.remove(host);
            }
        }
    }
}

impl Electorate {
    pub(super) fn of(facts: &Facts, cluster: u32) -> Self {
        let members = &facts.placements.clusters[cluster as usize];
        let hosts = i64::try_from(members.hosts.len()).unwrap_or(i64::MAX);
        let more = members.more.map_or(i64::MAX, i64::from);
        let witness = match &facts.inventory.clusters[cluster as usize]
            .spec
            .witness
            .state()
        {
            State::Absent | State::Known(Witness::None) => (0, 0),
            State::Known(_) => (1, 1),
            State::Unknown => (0, 1),
        };
        Electorate {
            hosts: (hosts, hosts.saturating_add(more)),
            witness,
        }
    }

    fn unknown() -> Self {
        Electorate {
            hosts: (0, i64::MAX),
            witness: (0, 1),
        }
    }

    /// How many votes there are, at least and at most.
    pub(super) fn votes(&self) -> (i64, i64) {
        (
            self.hosts.0.saturating_add(self.witness.0),
            self.hosts.1.saturating_add(self.witness.1),
        )
    }

    /// Whose votes they are, in words.
    pub(super) fn origin(&self) -> String {
        let (hosts, at_most) = self.hosts;
        let hosts = match at_most.saturating_sub(hosts) {
            0 if hosts == 1 => "1 host".to_owned(),
            0 => format!("{hosts} hosts"),
            _ => format!("at most {at_most} hosts"),
        };
        match self.witness {
            (0, 0) => format!("{hosts}, no witness"),
            (1, _) => format!("{hosts} and a witness"),
            _ => format!("{hosts}, and a witness if there is one"),
        }
    }

    /// How many hosts may be down at once, whatever is unknown.
    pub(super) fn tolerates(&self) -> i64 {
        ((self.votes().0 - 1) / 2).max(1)
    }

    /// How many hosts are down, at least and at most, when some windows are open and others may be.
    pub(super) fn down<'a>(
        &self,
        open: impl IntoIterator<Item = &'a Downtime>,
        possible: impl IntoIterator<Item = &'a Downtime>,
    ) -> (i64, i64) {
        let mut tally = Tally::default();
        for downtime in open {
            tally.change(downtime, Standing::Shut, Standing::Open);
        }
        for downtime in possible {
            tally.change(downtime, Standing::Shut, Standing::Possible);
        }
        tally.down(self)
    }

    /// Whether the cluster stops when so many hosts go at once.
    pub(super) fn broken(&self, (least, most): (i64, i64)) -> Option<bool> {
        let stops = |down: i64, votes: i64| down >= 2 && down.saturating_mul(2) >= votes;
        let (fewest, all) = self.votes();
        match (stops(least, all), stops(most, fewest)) {
            (true, _) => Some(true),
            (_, false) => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
#[path = "quorum_tests.rs"]
mod tests;
