//! Which hosts maintenance windows take down, cluster by cluster.

use std::collections::{BTreeMap, HashMap};

use super::Facts;
use crate::model::State;

/// What a window takes down in a cluster.
#[derive(Clone, Debug)]
pub(super) struct Downtime {
    pub(super) window: u32,
    /// The hosts of the cluster that it names.
    pub(super) hosts: Vec<u32>,
    /// How many more there may be.
    pub(super) more: i64,
    /// How many are down at once (`concurrentHosts`): at least and at most.
    pub(super) at_once: (i64, i64),
}

/// The windows that are not over, by the clusters whose hosts they take down.
#[derive(Default)]
pub(super) struct Downtimes {
    of_cluster: Vec<Vec<Downtime>>,
    /// By scope, those that may take down hosts of any cluster.
    adrift: HashMap<u32, Vec<Downtime>>,
}

impl Downtime {
    /// How many hosts of the cluster are down at once for certain.
    pub(super) fn least(&self) -> i64 {
        self.at_once.0.min(self.named())
    }

    /// How many may be.
    pub(super) fn most(&self) -> i64 {
        self.at_once.1.min(self.named().saturating_add(self.more))
    }

    fn named(&self) -> i64 {
        i64::try_from(self.hosts.len()).unwrap_or(i64::MAX)
    }
}

impl Downtimes {
    pub(super) fn derive(facts: &Facts) -> Self {
        let mut downtimes = Downtimes {
            of_cluster: vec![Vec::new(); facts.inventory.clusters.len()],
            adrift: HashMap::new(),
        };
        for (window, timing) in (0..).zip(&facts.calendar.windows) {
            if !facts.calendar.is_past(*timing) {
                downtimes.add(facts, window);
            }
        }
        downtimes
    }

    /// The windows that take down hosts of a cluster.
    pub(super) fn of_cluster(&self, cluster: u32) -> &[Downtime] {
        &self.of_cluster[cluster as usize]
    }

    /// The windows that may take down hosts of a cluster and are not known to.
    pub(super) fn perhaps_of_cluster<'a>(
        &'a self,
        facts: &Facts,
        cluster: u32,
    ) -> impl Iterator<Item = &'a Downtime> {
        let scope = facts.inventory.clusters[cluster as usize].meta.scope;
        let known = self.of_cluster(cluster);
        let adrift = self.adrift.get(&scope).map_or(&[][..], Vec::as_slice);
        adrift.iter().filter(|perhaps| {
            let by_window = known.binary_search_by_key(&perhaps.window, |it| it.window);
            by_window.is_err()
        })
    }

    /// The windows of which no cluster is known, though they may have some.
    pub(super) fn without_cluster(&self) -> impl Iterator<Item = u32> {
        let mut known: Vec<u32> = self
            .of_cluster
            .iter()
            .flatten()
            .map(|it| it.window)
            .collect();
        known.sort_unstable();
        let mut adrift: Vec<u32> = self.adrift.values().flatten().map(|it| it.window).collect();
        adrift.sort_unstable();
        adrift
            .into_iter()
            .filter(move |window| known.binary_search(window).is_err())
    }

    fn add(&mut self, facts: &Facts, window: u32) {
        let resource = &facts.inventory.windows[window as usize];
        let at_once = match resource.spec.concurrent_hosts.state() {
            State::Absent => (1, 1),
            State::Known(hosts) => (hosts.get(), hosts.get()),
            State::Unknown => (1, i64::MAX),
        };
        let mut by_cluster: BTreeMap<u32, Downtime> = BTreeMap::new();
        let unnamed = unnamed_hosts(facts, window);
        let downtime = || Downtime {
            window,
            hosts: Vec::new(),
            more: unnamed,
            at_once,
        };
        let whole = resource.spec.cluster.known();
        if let Some(whole) = whole.and_then(|cluster| cluster.target()) {
            let more = facts.placements.clusters[whole as usize].more;
            let downtime = by_cluster.entry(whole).or_insert_with(downtime);
            downtime.more = more.map_or(i64::MAX, |more| unnamed.saturating_add(more.into()));
        }
        let (hosts, _) = facts.hosts_of_window(window);
        for host in hosts {
            if let State::Known(cluster) = facts.placements.hosts[host as usize].cluster {
                let downtime = by_cluster.entry(cluster).or_insert_with(downtime);
                downtime.hosts.push(host);
            }
        }
        for (cluster, downtime) in by_cluster {
            if downtime.most() > 0 {
                self.of_cluster[cluster as usize].push(downtime);
            }
        }
        if unnamed > 0 {
            let adrift = self.adrift.entry(resource.meta.scope).or_default();
            adrift.push(downtime());
        }
    }
}

/// How many hosts a window may take down that can belong to any cluster.
fn unnamed_hosts(facts: &Facts, window: u32) -> i64 {
    let spec = &facts.inventory.windows[window as usize].spec;
    let cluster_unknown = match spec.cluster.state() {
        State::Absent => false,
        State::Known(cluster) => cluster.target().is_none(),
        State::Unknown => true,
    };
    if cluster_unknown || spec.hosts.is_unknown() {
        return i64::MAX;
    }
    let named = spec.hosts.known().into_iter().flatten();
    let unclear = named.filter(|item| {
        let host = item.known().and_then(|host| host.target());
        host.is_none_or(|host| {
            matches!(
                facts.placements.hosts[host as usize].cluster,
                State::Unknown
            )
        })
    });
    i64::try_from(unclear.count()).unwrap_or(i64::MAX)
}
