//! Who belongs where: hosts to clusters, machines to hosts, and where machines can go.

use std::collections::{HashMap, HashSet};

use super::nodes::{self, Nodes};
use super::truths::{any, decide};
use crate::inventory::{Inventory, processors};
use crate::model::{
    Cluster, Host, MachineState, Platform, PlatformVersion, Resource, State, Vendor, VirtualMachine,
};

/// Where every host and machine belongs.
pub(super) struct Placements {
    pub(super) hosts: Vec<HostPlacement>,
    pub(super) machines: Vec<MachinePlacement>,
    pub(super) clusters: Vec<Members>,
    sets: Vec<HostSet>,
}

/// What a host inherits or has by the table of processors.
pub(super) struct HostPlacement {
    /// Its cluster; absent where it has none or is claimed by two, unknown where it may be one of
    /// those that a cluster does not name.
    pub(super) cluster: State<u32>,
    pub(super) platform: State<Platform>,
    pub(super) version: State<PlatformVersion>,
    pub(super) vendor: State<Vendor>,
    pub(super) generation: State<String>,
    /// The machines on it.
    pub(super) machines: Vec<u32>,
}

/// Where a machine is and can be.
pub(super) struct MachinePlacement {
    pub(super) host: State<u32>,
    pub(super) cluster: State<u32>,
    pub(super) highly_available: State<bool>,
    pub(super) platform: State<Platform>,
    pub(super) state: State<MachineState>,
    possible: Option<u32>,
}

/// Hosts and machines of a cluster.
#[derive(Default)]
pub(super) struct Members {
    pub(super) hosts: Vec<u32>,
    /// How many hosts more there may be than are known; no number where nobody knows.
    pub(super) more: Option<u32>,
    /// Whether there may be hosts that are not known.
    pub(super) open: bool,
    pub(super) machines: Vec<u32>,
    /// Whether it has nodes of which no document says more than the name.
    nameless_nodes: bool,
}

impl Members {
    /// Whether documents describe the nodes of a Kubernetes cluster.
    fn is_told_by_nodes(&self) -> bool {
        !self.hosts.is_empty() && !self.nameless_nodes
    }
}

/// Hosts that a machine can run on, shared by all machines with the same ones.
pub(super) struct HostSet {
    pub(super) hosts: Vec<u32>,
    /// Whether there may be more.
    pub(super) open: bool,
    pub(super) vendors_differ: Option<bool>,
    /// Whether two hosts of one vendor are of different generations.
    pub(super) generations_differ: Option<bool>,
    pub(super) same_processor: Option<bool>,
}

impl Placements {
    pub(super) fn derive(inventory: &Inventory) -> Self {
        let mut placements = Placements {
            hosts: Vec::with_capacity(inventory.hosts.len()),
            machines: Vec::with_capacity(inventory.machines.len()),
            clusters: inventory
                .clusters
                .iter()
                .map(|_| Members::default())
                .collect(),
            sets: Vec::new(),
        };
        let open = open_clusters(inventory);
        let mut lookup = processors::Lookup::default();
        for (host, claims) in inventory.hosts.iter().zip(&inventory.claims) {
            let claims = claims.iter().map(|(cluster, _)| *cluster);
            let open = open.get(&host.meta.scope);
            placements.add_host(inventory, host, claims, open, processor(host, &mut lookup));
        }
        let drifting = drifting_hosts(inventory);
        for (members, cluster) in placements.clusters.iter_mut().zip(&inventory.clusters) {
            let drifting = drifting.get(&cluster.meta.scope).copied().unwrap_or(0);
            members.more = unnamed(&cluster.spec).map(|unnamed| unnamed.saturating_add(drifting));
            if cluster.meta.is_of_kubernetes() {
                members.more = members.more.filter(|_| members.is_told_by_nodes());
            }
            members.open = members.more != Some(0);
        }
        let mut interned = HashMap::new();
        let nodes = Nodes::of(inventory);
        for machine in &inventory.machines {
            placements.add_machine(inventory, machine, &nodes, &mut interned);
        }
        placements
    }

    /// The hosts a machine can run on; none where that is unknown.
    pub(super) fn possible(&self, machine: u32) -> Option<&HostSet> {
        Some(self.possible_set(machine)?.1)
    }

    /// The same, with the number that all machines with the same ones share.
    pub(super) fn possible_set(&self, machine: u32) -> Option<(u32, &HostSet)> {
        let set = self.machines[machine as usize].possible?;
        Some((set, &self.sets[set as usize]))
    }

    /// Whether a host that is in no known cluster may belong to a cluster of its scope.
    pub(super) fn may_belong(inventory: &Inventory, host: u32, cluster: u32) -> bool {
        let host = &inventory.hosts[host as usize];
        let cluster = &inventory.clusters[cluster as usize];
        let may = match host.spec.cluster.state() {
            State::Absent => unnamed(&cluster.spec) != Some(0),
            _ => true,
        };
        may && host.meta.scope == cluster.meta.scope
    }

    fn add_host(
        &mut self,
        inventory: &Inventory,
        host: &Resource<Host>,
        mut claims: impl Iterator<Item = u32>,
        open: Option<&Inherited>,
        (vendor, generation): (State<Vendor>, State<String>),
    ) {
        let unclaimed = || match host.spec.cluster.state() {
            State::Absent if open.is_none() => State::Absent,
            _ => State::Unknown,
        };
        let cluster = match claims.next() {
            Some(first) if claims.all(|other| other == first) => State::Known(first),
            Some(_) => State::Absent,
            None => unclaimed(),
        };
        if let State::Known(cluster) = cluster {
            let members = &mut self.clusters[cluster as usize];
            match host.meta.is_of_kubernetes() && !nodes::is_node(&host.meta) {
                true => members.nameless_nodes = true,
                false => members.hosts.push(host.meta.index),
            }
        }
        let (platform, inherited) = match cluster {
            State::Known(index) => inherited(&inventory.clusters[index as usize].spec),
            _ if host.meta.is_of_kubernetes() => ON_KUBERNETES,
            State::Absent => ALONE,
            State::Unknown => match open {
                Some(open) if host.spec.cluster.is_absent() => *open,
                _ => (State::Unknown, State::Unknown),
            },
        };
        let version = match host.meta.said(&host.spec.platform_version) {
            State::Absent => inherited,
            own => own.map(Clone::clone),
        };
        self.hosts.push(HostPlacement {
            cluster,
            platform,
            version,
            vendor,
            generation,
            machines: Vec::new(),
        });
    }

    fn add_machine<'i>(
        &mut self,
        inventory: &'i Inventory,
        machine: &Resource<VirtualMachine>,
        nodes: &Nodes<'i>,
        interned: &mut HashMap<(Vec<u32>, bool), u32>,
    ) {
        let (meta, spec) = (&machine.meta, &machine.spec);
        let unsaid = |absent| if meta.partial { State::Unknown } else { absent };
        let host = match spec.host.state() {
            State::Absent => unsaid(State::Absent),
            State::Unknown => State::Unknown,
            State::Known(host) => host.target().map_or(State::Unknown, State::Known),
        };
        let cluster = match (spec.cluster.state(), &host) {
            (State::Known(cluster), _) => cluster.target().map_or(State::Unknown, State::Known),
            (State::Absent, State::Known(host)) => self.hosts[*host as usize].cluster,
            (State::Absent, State::Absent) => State::Absent,
            _ => State::Unknown,
        };
        let platform = match (&cluster, &host) {
            (State::Known(cluster), _) => inherited(&inventory.clusters[*cluster as usize].spec).0,
            _ if meta.is_of_kubernetes() => State::Known(Platform::KubeVirt),
            (State::Absent, _) => State::Known(Platform::HyperV),
            (State::Unknown, State::Known(host)) if spec.cluster.is_absent() => {
                self.hosts[*host as usize].platform
            }
            (State::Unknown, _) => State::Unknown,
        };
        let of_cluster = cluster.as_ref();
        let of_cluster = of_cluster.map(|index| &inventory.clusters[*index as usize].spec);
        let eviction_strategy = nodes::eviction_strategy(machine, &of_cluster);
        let highly_available = match (spec.highly_available.state(), &cluster) {
            (State::Absent, _) if meta.is_of_kubernetes() => {
                nodes::is_moved_by_drain(&eviction_strategy)
            }
            (State::Absent, State::Known(_)) => State::Known(true),
            (State::Absent, State::Absent) => State::Known(false),
            (State::Absent, State::Unknown) => State::Unknown,
            (state, _) => state.cloned(),
        };
        if let State::Known(host) = host {
            self.hosts[host as usize].machines.push(meta.index);
        }
        if let State::Known(cluster) = cluster {
            self.clusters[cluster as usize].machines.push(meta.index);
        }
        let hosts = match (&highly_available, &cluster, &host) {
            _ if meta.is_of_kubernetes() => nodes.candidates(inventory, machine),
            (State::Known(false), _, State::Known(host)) => Some((vec![*host], false)),
            (State::Known(true), State::Known(cluster), _) => {
                self.owners(spec, *cluster).map(|(owners, open)| {
                    let (fitting, perhaps) = nodes.fitting(inventory, machine, owners);
                    (fitting, open || perhaps)
                })
            }
            _ => None,
        };
        let possible = hosts.map(|key| {
            let next = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
            *interned.entry(key).or_insert_with_key(|(hosts, open)| {
                self.sets
                    .push(HostSet::of(&self.hosts, hosts.clone(), *open));
                next
            })
        });
        self.machines.push(MachinePlacement {
            host,
            cluster,
            highly_available,
            platform,
            state: machine_state(machine),
            possible,
        });
    }

    /// The hosts of a cluster that a machine may run on, and whether there may be more.
    fn owners(&self, machine: &VirtualMachine, cluster: u32) -> Option<(Vec<u32>, bool)> {
        let members = &self.clusters[cluster as usize];
        match machine.possible_owners.state() {
            State::Absent => Some((members.hosts.clone(), members.open)),
            State::Unknown => None,
            State::Known(owners) => {
                let named = owners.iter().filter_map(|owner| owner.known());
                let named: HashSet<u32> = named.filter_map(|owner| owner.target()).collect();
                let homeless = |owner: u32| self.hosts[owner as usize].cluster.known().is_none();
                let unclear = owners.iter().any(|owner| match owner.known() {
                    Some(owner) => members.open && owner.target().is_some_and(homeless),
                    None => true,
                });
                Some((
                    members
                        .hosts
                        .iter()
                        .copied()
                        .filter(|host| named.contains(host))
                        .collect(),
                    unclear,
                ))
            }
        }
    }
}

/// Platform and release, which hosts have of their cluster.
type Inherited = (State<Platform>, State<PlatformVersion>);

/// What a host in no cluster inherits.
const ALONE: Inherited = (State::Known(Platform::HyperV), State::Absent);

/// What a node inherits where nobody knows its cluster.
const ON_KUBERNETES: Inherited = (State::Known(Platform::KubeVirt), State::Absent);

fn inherited(cluster: &Cluster) -> Inherited {
    let platform = match cluster.platform.state() {
        State::Absent => State::Known(Platform::HyperV),
        state => state.cloned(),
    };
    (platform, cluster.platform_version.state().cloned())
}

/// What is so either way, if both ways are equal.
fn agreed<T: PartialEq>(one: &mut State<T>, other: &State<T>) {
    if one != other {
        *one = State::Unknown;
    }
}

/// How many hosts a cluster lists without saying which; none where nobody knows.
fn unnamed(cluster: &Cluster) -> Option<u32> {
    match cluster.hosts.state() {
        State::Absent => Some(0),
        State::Unknown => None,
        State::Known(hosts) => {
            let unnamed = hosts.iter().filter(|host| host.known().is_none());
            u32::try_from(unnamed.count()).ok()
        }
    }
}

/// For each scope with clusters that do not name all of their hosts, what a host inherits that may
/// belong to one of them or to none.
fn open_clusters(inventory: &Inventory) -> HashMap<u32, Inherited> {
    let mut open = HashMap::new();
    for cluster in &inventory.clusters {
        if unnamed(&cluster.spec) != Some(0) {
            let (platform, version) = inherited(&cluster.spec);
            let either = open.entry(cluster.meta.scope).or_insert(ALONE);
            agreed(&mut either.0, &platform);
            agreed(&mut either.1, &version);
        }
    }
    open
}

/// For each scope, how many of its hosts belong to a cluster that nobody knows.
fn drifting_hosts(inventory: &Inventory) -> HashMap<u32, u32> {
    let mut drifting = HashMap::new();
    for (host, claims) in inventory.hosts.iter().zip(&inventory.claims) {
        let apart = !host.meta.is_related();
        if claims.is_empty() && !apart && host.spec.cluster.is_unknown() {
            *drifting.entry(host.meta.scope).or_default() += 1;
        }
    }
    drifting
}

/// The state of a machine, with its default.
fn machine_state(machine: &Resource<VirtualMachine>) -> State<MachineState> {
    match machine.meta.said(&machine.spec.state) {
        State::Absent => State::Known(MachineState::Running),
        state => state.map(Clone::clone),
    }
}

/// Vendor and generation of a host: as written, else by the table of models.
fn processor<'h>(
    host: &'h Resource<Host>,
    lookup: &mut processors::Lookup<'h>,
) -> (State<Vendor>, State<String>) {
    let processor = match host.meta.said(&host.spec.processor) {
        State::Known(processor) => processor,
        State::Absent => return (State::Absent, State::Absent),
        State::Unknown => return (State::Unknown, State::Unknown),
    };
    let model = processor.model.state();
    let identified = model.or_unknown(|model| lookup.identify(model));
    let vendor = match (processor.vendor.state(), &identified) {
        (State::Absent, State::Known(model)) => State::Known(model.vendor),
        (State::Absent, State::Unknown) => State::Unknown,
        (written, _) => written.cloned(),
    };
    let generation = match (processor.generation.state(), &identified) {
        (State::Known(written), _) if host.meta.is_of_kubernetes() => {
            State::Known(written.to_string())
        }
        (State::Known(written), _) => State::Known(processors::normalise_generation(written)),
        (State::Absent, State::Known(model)) => State::Known(model.generation.to_owned()),
        (State::Absent, State::Absent) => State::Absent,
        _ => State::Unknown,
    };
    (vendor, generation)
}

impl HostSet {
    fn of(all: &[HostPlacement], hosts: Vec<u32>, open: bool) -> Self {
        let placed = || hosts.iter().map(|host| &all[*host as usize]);
        let alone = !open && hosts.len() < 2;
        let first = placed().find_map(|host| host.vendor.known());
        let vendors_known = placed().all(|host| host.vendor.known().is_some());
        let vendors_differ = decide(
            placed().any(|host| {
                host.vendor
                    .known()
                    .is_some_and(|vendor| Some(vendor) != first)
            }),
            alone || (vendors_known && !open),
        );
        let mut of_vendor: [Option<&String>; 2] = [None, None];
        let mut generations_clash = false;
        let mut all_known = true;
        for host in placed() {
            let (Some(vendor), Some(generation)) = (host.vendor.known(), host.generation.known())
            else {
                all_known = false;
                continue;
            };
            let seen = &mut of_vendor[*vendor as usize];
            generations_clash |= seen.is_some_and(|seen| seen != generation);
            seen.get_or_insert(generation);
        }
        let generations_differ = decide(generations_clash, alone || (all_known && !open));
        let same_processor = any([vendors_differ, generations_differ]).map(|differ| !differ);
        HostSet {
            hosts,
            open,
            vendors_differ,
            generations_differ,
            same_processor,
        }
    }
}
