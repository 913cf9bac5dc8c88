//! Which live migrations work between two hosts, as far as the hosts alone tell.
//!
//! Asked of a machine that runs and has nothing of its own in the way. What stops it for the sake
//! of the machine (devices, disks, switches, memory) is for the rules about moves.

use std::collections::HashMap;

use super::Facts;
use super::agenda::{Agenda, place, qualified};
use super::networks;
use crate::model::{Attr, Host, Meta, Modelled, Platform, Resource, State, Vendor};
use crate::source::Location;

/// Whether a live migration from one host to another works.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// Nothing is in the way.
    Works,
    /// It works under a condition.
    Conditional,
    /// Nobody can tell from what is known.
    Unknown,
    /// It does not, whatever is unknown.
    Never,
}

/// What a reason is about, and so the attribute of both hosts to look at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// The hypervisor and the cluster.
    Cluster,
    /// Vendor and generation of the processor.
    Processor,
    /// The release of the platform.
    Release,
    /// Whether live migration is enabled, and its settings.
    Migration,
    /// The networks for live migrations.
    Networks,
}

impl Topic {
    /// All of them.
    pub const ALL: [Topic; 5] = [
        Topic::Cluster,
        Topic::Processor,
        Topic::Release,
        Topic::Migration,
        Topic::Networks,
    ];
}

/// One thing that decides about a pair of hosts, in words that name neither of them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reason {
    /// What it alone comes to.
    pub verdict: Verdict,
    /// What it is about.
    pub topic: Topic,
    /// A sentence without a full stop.
    pub text: String,
}

/// A host, for a table of pairs.
#[derive(Clone, Debug)]
pub struct HostCard {
    /// Its number.
    pub host: u32,
    /// Its name, with its namespace where it has one.
    pub name: String,
    /// Where its name is written.
    pub place: Location,
    /// The name of its cluster.
    pub cluster: Option<String>,
    /// Its processor, such as `Intel cascade-lake`.
    pub processor: Option<String>,
    /// Where each of [`Topic::ALL`] is said of it, where anything is.
    pub places: [Option<Location>; Topic::ALL.len()],
}

impl Agenda<'_> {
    /// All hosts that are declared, in the order of path and position.
    #[must_use]
    pub fn host_cards(&self) -> Vec<HostCard> {
        let declared = self.facts.inventory.hosts.iter();
        let declared = declared.filter(|host| host.meta.is_declared());
        declared.map(|host| self.host_card(host)).collect()
    }

    /// The declared hosts by what [`Agenda::pair`] asks of them: those of one kind have the same
    /// answers. Kinds are in the order of their first hosts.
    #[must_use]
    pub fn kinds_of_hosts(&self) -> Vec<Vec<u32>> {
        let mut kinds: Vec<Vec<u32>> = Vec::new();
        let mut numbers = HashMap::new();
        let declared = self.facts.inventory.hosts.iter();
        for host in declared.filter(|host| host.meta.is_declared()) {
            let next = kinds.len();
            let kind = *numbers.entry(self.kind_of_host(host)).or_insert(next);
            match kinds.get_mut(kind) {
                Some(kind) => kind.push(host.meta.index),
                None => kinds.push(vec![host.meta.index]),
            }
        }
        kinds
    }

    /// Everything that decides about pairs of a host, as text.
    fn kind_of_host(&self, host: &Resource<Host>) -> String {
        let it = &self.facts.placements.hosts[host.meta.index as usize];
        let migration = match host.spec.migration.state() {
            State::Known(it) => {
                let listed = it.networks.known().into_iter().flatten();
                let networks: Vec<_> = listed.map(|network| network.state()).collect();
                let settings = (
                    it.performance_option.state(),
                    it.authentication_type.state(),
                );
                let any = it.use_any_network.state();
                let unclear = it.networks.state() == State::Unknown;
                format!(
                    "{:?}",
                    (it.enabled.state(), settings, any, networks, unclear)
                )
            }
            State::Absent => "absent".to_owned(),
            State::Unknown => "unknown".to_owned(),
        };
        let processor = (&it.vendor, &it.generation);
        format!(
            "{:?}",
            (&it.cluster, &it.platform, &it.version, processor, migration)
        )
    }

    fn host_card(&self, host: &Resource<Host>) -> HostCard {
        let placement = &self.facts.placements.hosts[host.meta.index as usize];
        let vendor = placement.vendor.known().map(|vendor| maker(*vendor));
        let generation = placement.generation.known().map(String::as_str);
        let words: Vec<&str> = vendor.into_iter().chain(generation).collect();
        let (spec, meta) = (&host.spec, &host.meta);
        let migration = spec.migration.known();
        let networks = migration.and_then(|it| at(meta, &it.networks));
        let enabled = migration.and_then(|it| at(meta, &it.enabled));
        let claims = &self.facts.inventory.claims[meta.index as usize];
        HostCard {
            host: meta.index,
            name: qualified(meta),
            place: place(meta),
            cluster: placement.cluster.known().map(|it| self.cluster_name(*it)),
            processor: (!words.is_empty()).then(|| words.join(" ")),
            places: [
                claims.first().map(|(_, location)| *location),
                at(meta, &spec.processor),
                at(meta, &spec.platform_version).or_else(|| self.release_of_cluster(meta.index)),
                enabled.or_else(|| at(meta, &spec.migration)),
                networks.or_else(|| at(meta, &spec.migration)),
            ],
        }
    }

    fn release_of_cluster(&self, host: u32) -> Option<Location> {
        let cluster = *self.facts.placements.hosts[host as usize].cluster.known()?;
        let cluster = &self.facts.inventory.clusters[cluster as usize];
        at(&cluster.meta, &cluster.spec.platform_version)
    }

    /// Whether a live migration from one host to another works, and what decides: the worst first.
    #[must_use]
    pub fn pair(&self, from: u32, to: u32) -> (Verdict, Vec<Reason>) {
        let facts = self.facts;
        let mut reasons = Vec::new();
        reasons.extend(facts.by_cluster(from, to));
        reasons.extend(facts.by_processor(from, to));
        reasons.extend(facts.by_release(from, to));
        reasons.extend(facts.by_setting(from, to));
        reasons.extend(facts.by_network(from, to));
        reasons.sort_by_key(|reason| (std::cmp::Reverse(reason.verdict), reason.topic));
        let worst = reasons.iter().map(|reason| reason.verdict).max();
        (worst.unwrap_or(Verdict::Works), reasons)
    }
}

fn at<T: Modelled>(meta: &Meta, attribute: &Attr<T>) -> Option<Location> {
    attribute.place().map(|span| meta.locate(span))
}

fn maker(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Intel => "Intel",
        Vendor::Amd => "AMD",
    }
}

impl Facts {
    fn by_cluster(&self, from: u32, to: u32) -> Vec<Reason> {
        let (one, other) = self.placed(from, to);
        let reason = |verdict, text: &str| {
            vec![Reason {
                verdict,
                topic: Topic::Cluster,
                text: text.to_owned(),
            }]
        };
        match (one.platform.known(), other.platform.known()) {
            (Some(one), Some(other)) if one != other => {
                return reason(Verdict::Never, "one host runs Hyper-V, the other KubeVirt");
            }
            (Some(_), Some(_)) => {}
            _ => {
                return reason(
                    Verdict::Unknown,
                    "it is not known which hypervisor runs here",
                );
            }
        }
        const DISKS: &str = "the disks move along (shared-nothing), unless both hosts reach them";
        match (&one.cluster, &other.cluster) {
            (State::Known(one), State::Known(other)) if one == other => Vec::new(),
            (State::Unknown, _) | (_, State::Unknown) => reason(
                Verdict::Unknown,
                "it is not known whether they are one cluster",
            ),
            (State::Known(_), _) => {
                let text = format!("it leaves its cluster: its role is removed first, and {DISKS}");
                reason(Verdict::Conditional, &text)
            }
            (State::Absent, _) => reason(Verdict::Conditional, DISKS),
        }
    }

    fn by_processor(&self, from: u32, to: u32) -> Option<Reason> {
        let (one, other) = self.placed(from, to);
        let compared = self.compare(&State::Known(from), &State::Known(to));
        let reason = |verdict, text| {
            Some(Reason {
                verdict,
                topic: Topic::Processor,
                text,
            })
        };
        if let (Some(one), Some(other), Some(false)) = (
            one.vendor.known(),
            other.vendor.known(),
            compared.same_vendor,
        ) {
            let (one, other) = (maker(*one), maker(*other));
            let text = format!("{one} to {other}: no setting makes that possible");
            return reason(Verdict::Never, text);
        }
        match (
            compared.equal,
            one.generation.known(),
            other.generation.known(),
        ) {
            (Some(true), ..) => None,
            (Some(false), Some(one), Some(other)) => {
                let what = match self.placed(from, to).0.platform {
                    State::Known(Platform::KubeVirt) => "a processor model that both offer",
                    _ => "processor compatibility mode",
                };
                let text = format!("{one} to {other}: the machine needs {what}");
                reason(Verdict::Conditional, text)
            }
            _ => {
                let text = "a processor is not known".to_owned();
                reason(Verdict::Unknown, text)
            }
        }
    }

    fn by_release(&self, from: u32, to: u32) -> Option<Reason> {
        let (one, other) = self.placed(from, to);
        let release = |host: &super::placement::HostPlacement| {
            host.version.known().map(|it| super::capacity::spelled(*it))
        };
        let (one, other) = (release(one)?, release(other)?);
        let (verdict, text) = match self.versions_of_both(from, to) {
            State::Absent => (
                Verdict::Never,
                format!("Windows Server {other} accepts no machine that {one} runs"),
            ),
            State::Known((versions, true)) => (
                Verdict::Conditional,
                format!(
                    "Windows Server {one} to {other}: configuration versions {} to {} only",
                    versions[0], versions[1]
                ),
            ),
            _ => return None,
        };
        Some(Reason {
            verdict,
            topic: Topic::Release,
            text,
        })
    }

    fn by_setting(&self, from: u32, to: u32) -> Vec<Reason> {
        let reason = |verdict, text| Reason {
            verdict,
            topic: Topic::Migration,
            text,
        };
        let mut reasons = Vec::new();
        for (host, end) in [(from, "the source"), (to, "the target")] {
            match self.takes_live_migrations(host) {
                Some(true) => {}
                Some(false) => {
                    let text = format!("live migration is disabled on {end}");
                    reasons.push(reason(Verdict::Never, text));
                }
                None => {
                    let text = format!("it is not known whether {end} takes part");
                    reasons.push(reason(Verdict::Unknown, text));
                }
            }
        }
        let migration = |host: u32| self.inventory.hosts[host as usize].spec.migration.known();
        if let (Some(one), Some(other)) = (migration(from), migration(to)) {
            for (name, one, other) in super::settings::differing(one, other) {
                let text = format!("`{name}` differs: {one} here, {other} there");
                reasons.push(reason(Verdict::Conditional, text));
            }
        }
        reasons
    }

    fn by_network(&self, from: u32, to: u32) -> Option<Reason> {
        let host = |host: u32| &self.inventory.hosts[host as usize];
        let any_network = |it: u32| {
            let migration = host(it).spec.migration.known()?;
            migration.use_any_network.known().copied()
        };
        let anyhow = [any_network(from), any_network(to)].contains(&Some(true));
        let (verdict, text) = match networks::shared(host(from), host(to)) {
            State::Known(false) if anyhow => (
                Verdict::Unknown,
                "they list no common network, but one of them uses any",
            ),
            State::Known(false) => (Verdict::Never, "they share no network for live migrations"),
            State::Unknown => (
                Verdict::Unknown,
                "it is not known whether they share a network for live migrations",
            ),
            State::Known(true) | State::Absent => return None,
        };
        Some(Reason {
            verdict,
            topic: Topic::Networks,
            text: text.to_owned(),
        })
    }

    fn placed(
        &self,
        from: u32,
        to: u32,
    ) -> (
        &super::placement::HostPlacement,
        &super::placement::HostPlacement,
    ) {
        let hosts = &self.placements.hosts;
        (&hosts[from as usize], &hosts[to as usize])
    }
}
