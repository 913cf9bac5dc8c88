//! How many live migrations a host and a cluster take at once, and who says so.
//!
//! A cluster's `MaximumParallelMigrations` overrides what its hosts say. Where nobody says
//! anything the platform's default holds: one for Windows Server 2008 R2, two from 2012 to 2019,
//! and from 2022 on one in a cluster and two alone (Microsoft, "New Cluster-Wide Control For VM
//! Live Migrations", 2023; Windows Server documentation, "Set up hosts for live migration without
//! Failover Clustering").
//!
//! KubeVirt counts at the source only: what `maximumOutboundMigrations` says, or the default of the
//! product.

use super::defaults;
use super::placement::{HostPlacement, Members, Placements};
use crate::inventory::Inventory;
use crate::model::reflect::Place;
use crate::model::{
    Attr, Cluster, CountOrNone, Host, Meta, Platform, PlatformVersion, Resource, State,
};
use crate::source::Span;

/// How many live migrations a host takes at once.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub(super) value: State<i64>,
    pub(super) origin: Origin,
}

impl Limit {
    /// Whether only those count that leave the host.
    pub(super) fn is_outbound(&self) -> bool {
        matches!(
            self.origin,
            Origin::OutboundOfHost | Origin::OutboundOfCluster(_) | Origin::Product(_)
        )
    }
}

/// Who says how many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// `maximumParallelMigrations` of this cluster.
    Cluster(u32),
    /// `maximumVirtualMachineMigrations` of the host.
    Host,
    /// `maximumOutboundMigrations` of the host.
    OutboundOfHost,
    /// `maximumOutboundMigrations` of this cluster.
    OutboundOfCluster(u32),
    /// The default of the product of this cluster.
    Product(u32),
    /// The default of this release; in a cluster or alone.
    Release(PlatformVersion),
    /// The release is not known.
    Fallback,
}

pub(super) fn limits(inventory: &Inventory, placements: &Placements) -> Vec<Limit> {
    let limit = |(host, placement): (&Resource<Host>, &HostPlacement)| {
        outbound(inventory, host, placement)
            .unwrap_or_else(|| at_both_ends(inventory, host, placement))
    };
    inventory
        .hosts
        .iter()
        .map(|host| &**host)
        .zip(&placements.hosts)
        .map(limit)
        .collect()
}

/// The limit that holds for those that leave a host; none where there is none such.
fn outbound(
    inventory: &Inventory,
    host: &Resource<Host>,
    placement: &HostPlacement,
) -> Option<Limit> {
    let said = |attribute: &Attr<CountOrNone>, origin| {
        let value = number(attribute.state());
        (!value.is_absent()).then_some(Limit { value, origin })
    };
    let own = said(
        &host.spec.maximum_outbound_migrations,
        Origin::OutboundOfHost,
    );
    let index = placement.cluster.known().copied();
    let cluster = index.map(|index| (index, &inventory.clusters[index as usize].spec));
    let of_cluster = || {
        let (index, cluster) = cluster?;
        let origin = Origin::OutboundOfCluster(index);
        said(&cluster.maximum_outbound_migrations, origin)
    };
    let by_default = || {
        let (index, cluster) = cluster?;
        let product = *defaults::of(cluster).known()?;
        let unsaid = cluster.maximum_parallel_migrations.is_absent()
            && of_host(host, placement).origin != Origin::Host;
        unsaid.then_some(Limit {
            value: State::Known(product.outbound),
            origin: Origin::Product(index),
        })
    };
    own.or_else(of_cluster).or_else(by_default)
}

/// The limit that holds for those that leave a host and those that arrive together.
fn at_both_ends(inventory: &Inventory, host: &Resource<Host>, placement: &HostPlacement) -> Limit {
    match &placement.cluster {
        State::Known(index) => {
            let cluster = &inventory.clusters[*index as usize];
            match number(cluster.spec.maximum_parallel_migrations.state()) {
                State::Absent => of_host(host, placement),
                value => Limit {
                    value,
                    origin: Origin::Cluster(*index),
                },
            }
        }
        State::Absent => of_host(host, placement),
        State::Unknown => Limit {
            value: State::Unknown,
            origin: Origin::Fallback,
        },
    }
}

fn number(state: State<&CountOrNone>) -> State<i64> {
    state.as_ref().map(|number| number.get())
}

fn of_host(host: &Resource<Host>, placement: &HostPlacement) -> Limit {
    let migration = host.meta.said(&host.spec.migration);
    let own = migration.and_then(|it| host.meta.said(&it.maximum_virtual_machine_migrations));
    let own = own.map(|number| number.get());
    if !own.is_absent() {
        return Limit {
            value: own,
            origin: Origin::Host,
        };
    }
    if placement.platform != State::Known(Platform::HyperV) {
        return Limit {
            value: State::Unknown,
            origin: Origin::Fallback,
        };
    }
    match &placement.version {
        State::Known(version) => {
            let clustered = placement.cluster.known().is_some();
            let value = match version {
                PlatformVersion::V2008R2 => 1,
                PlatformVersion::V2022 | PlatformVersion::V2025 if clustered => 1,
                _ => 2,
            };
            Limit {
                value: State::Known(value),
                origin: Origin::Release(*version),
            }
        }
        State::Unknown if host.meta.partial => Limit {
            value: State::Unknown,
            origin: Origin::Fallback,
        },
        State::Absent | State::Unknown => Limit {
            value: State::Known(1),
            origin: Origin::Fallback,
        },
    }
}

impl Limit {
    /// Who says so, in words that follow a number.
    pub(super) fn origin_text(&self, inventory: &Inventory, placement: &HostPlacement) -> String {
        let company = if placement.cluster.known().is_some() {
            "in a cluster"
        } else {
            "alone"
        };
        match self.origin {
            Origin::Cluster(cluster) => {
                let name = &inventory.clusters[cluster as usize].meta.name;
                format!("`maximumParallelMigrations` of cluster `{name}`")
            }
            Origin::Host => "the host's `maximumVirtualMachineMigrations`".to_owned(),
            Origin::OutboundOfHost => {
                "the host's `maximumOutboundMigrations`, for those that leave it".to_owned()
            }
            Origin::OutboundOfCluster(cluster) => {
                let meta = &inventory.clusters[cluster as usize].meta;
                let (key, name) = (outbound_key(meta), &meta.name);
                format!("`{key}` of `{name}`, for those that leave it")
            }
            Origin::Product(cluster) => {
                let name = product_name(inventory, cluster);
                format!("the default of {name}, for those that leave a node")
            }
            Origin::Release(version @ (PlatformVersion::V2022 | PlatformVersion::V2025)) => {
                format!(
                    "the default of Windows Server {} {company}",
                    spelled(version)
                )
            }
            Origin::Release(version) => {
                format!("the default of Windows Server {}", spelled(version))
            }
            Origin::Fallback => {
                "what is assumed where the platform's version is not known".to_owned()
            }
        }
    }

    /// Whether the cluster is the place to set it: it does so, or its release takes it from there.
    pub(super) fn is_set_by_cluster(&self, placement: &HostPlacement) -> bool {
        match self.origin {
            Origin::Cluster(_) | Origin::OutboundOfCluster(_) | Origin::Product(_) => true,
            Origin::Release(PlatformVersion::V2022 | PlatformVersion::V2025) => {
                placement.cluster.known().is_some()
            }
            _ => false,
        }
    }

    /// The setting that decides, or would if it were written, and where it belongs.
    pub(super) fn setting(
        &self,
        inventory: &Inventory,
        placement: &HostPlacement,
        host: &Resource<Host>,
    ) -> String {
        match placement.cluster.known() {
            Some(cluster) if self.is_set_by_cluster(placement) => {
                let meta = &inventory.clusters[*cluster as usize].meta;
                let key = match self.is_outbound() {
                    true => outbound_key(meta),
                    false => "maximumParallelMigrations",
                };
                format!("`{key}` of `{}`", meta.name)
            }
            _ if self.is_outbound() => {
                format!("`maximumOutboundMigrations` of `{}`", host.meta.name)
            }
            _ => {
                let name = &host.meta.name;
                format!("`migration.maximumVirtualMachineMigrations` of `{name}`")
            }
        }
    }

    /// Where it is said; where nothing is, what the default depends on.
    pub(super) fn place<'a>(
        &self,
        inventory: &'a Inventory,
        placement: &HostPlacement,
        host: &'a Resource<Host>,
    ) -> Place<'a> {
        const VERSION: &str = "platformVersion";
        let own = |span: Option<Span>, name| span.map(|span| Place::of(&host.meta, span, name));
        let cluster = |index: u32, span: fn(&Cluster) -> Option<Span>, name| {
            let cluster = &inventory.clusters[index as usize];
            Some(Place::of(&cluster.meta, span(&cluster.spec)?, name))
        };
        let said = match self.origin {
            Origin::Cluster(index) => cluster(
                index,
                |spec| spec.maximum_parallel_migrations.place(),
                "maximumParallelMigrations",
            ),
            Origin::Host => {
                let migration = host.spec.migration.known();
                let limit = migration
                    .and_then(|migration| migration.maximum_virtual_machine_migrations.place());
                own(limit, "maximumVirtualMachineMigrations")
            }
            Origin::OutboundOfHost => own(
                host.spec.maximum_outbound_migrations.place(),
                "maximumOutboundMigrations",
            ),
            Origin::OutboundOfCluster(index) => cluster(
                index,
                |spec| spec.maximum_outbound_migrations.place(),
                "maximumOutboundMigrations",
            ),
            Origin::Product(index) => {
                let meta = &inventory.clusters[index as usize].meta;
                Some(Place::of(meta, meta.name_span(), "name"))
            }
            Origin::Release(_) => own(host.spec.platform_version.place(), VERSION).or_else(|| {
                let index = *placement.cluster.known()?;
                cluster(index, |spec| spec.platform_version.place(), VERSION)
            }),
            Origin::Fallback => None,
        };
        let unsaid = host.meta.spec_span().unwrap_or(host.meta.name_span());
        said.unwrap_or(Place::of(&host.meta, unsaid, "spec"))
    }
}

/// What the limit of those that leave a host is called where its cluster is declared.
pub(super) fn outbound_key(cluster: &Meta) -> &'static str {
    match cluster.origin {
        crate::model::Origin::Native => "maximumOutboundMigrations",
        _ => "parallelOutboundMigrationsPerNode",
    }
}

/// The product of a cluster, for messages.
pub(super) fn product_name(inventory: &Inventory, cluster: u32) -> &'static str {
    let product = defaults::of(&inventory.clusters[cluster as usize].spec);
    product.known().map_or("KubeVirt", |it| it.name)
}

/// A release as its maker spells it: `2012 R2`.
pub(super) fn spelled(version: PlatformVersion) -> String {
    version.as_str().replace('R', " R")
}

/// How many live migrations a cluster takes at once: each takes a slot at both ends, and the
/// cluster may be capped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Capacity {
    /// The number; unknown where a host's limit is.
    pub(super) exact: Option<i64>,
    /// What it is at most, from the cap and the hosts of which the limit is known.
    pub(super) at_most: Option<i64>,
    /// Whether the cap decides.
    pub(super) capped: bool,
    /// Whether a migration takes a slot at its source alone.
    pub(super) outbound: bool,
}

/// The capacity of a cluster; none with fewer than two hosts.
pub(super) fn of_cluster(
    cluster: &Resource<Cluster>,
    placements: &Placements,
    limits: &[Limit],
) -> Option<Capacity> {
    let members = &placements.clusters[cluster.meta.index as usize];
    if members.hosts.len() < 2 && !members.open {
        return None;
    }
    let cap = number(cluster.spec.parallel_migrations_per_cluster.state());
    let outbound = |host: &u32| limits[*host as usize].is_outbound();
    let product = defaults::of(&cluster.spec);
    let of_product = product.known().filter(|_| {
        let written = cluster.spec.maximum_parallel_migrations.state();
        written.is_absent()
    });
    if of_product.is_some() || members.hosts.iter().any(outbound) {
        let cap = match cap {
            State::Absent => of_product.map_or(State::Absent, |it| State::Known(it.per_cluster)),
            cap => cap,
        };
        return Some(of_sources(&cap, members, limits));
    }
    let known: Vec<i64> = members
        .hosts
        .iter()
        .filter_map(|host| limits[*host as usize].value.known().copied())
        .collect();
    let unknown = members.hosts.len() - known.len();
    let of_hosts = (unknown == 0 && !members.open).then(|| pairs(&known));
    // Each migration that the one unknown host takes needs a slot of another host.
    let most_of_hosts = match unknown {
        1 if !members.open => Some(known.iter().sum()),
        _ => of_hosts,
    };
    let exact = match (of_hosts, &cap) {
        (Some(of_hosts), State::Known(cap)) => Some(of_hosts.min(*cap)),
        (Some(of_hosts), State::Absent) => Some(of_hosts),
        _ => None,
    };
    let cap = cap.known().copied();
    let capped = match (most_of_hosts, cap) {
        (Some(hosts), Some(cap)) => cap < hosts,
        (None, Some(_)) => true,
        (_, None) => false,
    };
    // One that is known and others that may be the same are not two.
    let at_most = most_of_hosts.into_iter().chain(cap).min();
    Some(Capacity {
        exact,
        at_most: at_most.filter(|_| members.hosts.len() >= 2),
        capped,
        outbound: false,
    })
}

/// The same where a migration takes a slot at its source alone.
fn of_sources(cap: &State<i64>, members: &Members, limits: &[Limit]) -> Capacity {
    let each = members
        .hosts
        .iter()
        .map(|host| limits[*host as usize].value.known());
    let of_hosts: Option<i64> = each.map(|limit| limit.copied()).sum();
    let of_hosts = of_hosts.filter(|_| !members.open);
    let most = cap.known().copied().into_iter().chain(of_hosts).min();
    let is_certain = of_hosts.is_some() || cap.known().is_some();
    Capacity {
        exact: most.filter(|_| is_certain && !matches!(cap, State::Unknown)),
        at_most: most,
        capped: match (cap.known(), of_hosts) {
            (Some(cap), Some(of_hosts)) => *cap < of_hosts,
            (cap, _) => cap.is_some(),
        },
        outbound: true,
    }
}

/// How many pairs of slots can be formed, each from two different hosts.
fn pairs(limits: &[i64]) -> i64 {
    let sum: i64 = limits.iter().sum();
    let largest = limits.iter().copied().max().unwrap_or(0);
    (sum / 2).min(sum - largest)
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn four_hosts_with_one_slot_move_two_at_once() {
        assert_eq!(pairs(&[1, 1, 1, 1]), 2);
        assert_eq!(pairs(&[1; 16]), 8);
    }

    #[test]
    fn one_host_with_many_slots_does_not_help() {
        assert_eq!(pairs(&[10, 1, 1]), 2);
        assert_eq!(pairs(&[2, 2]), 2);
        assert_eq!(pairs(&[0, 4]), 0);
    }

    /// A move takes a slot at two different hosts, and the fullest two first leaves most for the
    /// rest: the formula must agree with handing slots out so.
    #[test]
    fn the_formula_agrees_with_handing_out_slots() {
        for code in 0..5_i64.pow(4) {
            let limits: Vec<i64> = (0..4).map(|digit| code / 5_i64.pow(digit) % 5).collect();
            let mut left = limits.clone();
            let mut handed_out = 0;
            loop {
                left.sort_unstable();
                let [.., second, first] = left.as_mut_slice() else {
                    break;
                };
                if *second == 0 {
                    break;
                }
                *first -= 1;
                *second -= 1;
                handed_out += 1;
            }
            assert_eq!(pairs(&limits), handed_out, "{limits:?}");
        }
    }
}
