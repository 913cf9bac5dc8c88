//! What keeps KubeVirt from live-migrating a machine, and whether anybody wants that.
//!
//! The reasons are those for which `virt-handler` calls a machine not live-migratable
//! (`pkg/virt-handler/vm.go`, `pkg/network/vmispec/interface.go` of kubevirt/kubevirt), as far as
//! documents tell.

use arcstr::ArcStr;

use super::Facts;
use super::moves::PlannedMove;
use super::truths::{all, any};
use crate::model::{
    Attr, Cluster, Device, DeviceType, Disk, EvictionStrategy, Item, KubeVirtProduct, List,
    MachineAdapter, MachineState, MaintenanceStrategy, Meta, Modelled, MoveType, Origin, Platform,
    Resource, State, VirtualMachine, Whole,
};
use crate::source::Span;

/// Lets a machine migrate that is connected to the pods by a bridge.
const BRIDGE_ALLOWED: &str = "kubevirt.io/allow-pod-bridge-network-live-migration";

/// The ports of a machine that its own migration needs.
const MIGRATION_PORTS: [i64; 2] = [49152, 49153];

/// How a machine is on the network of the pods by a bridge.
pub(super) enum PodBridge<'a> {
    /// By this adapter.
    Adapter(&'a MachineAdapter),
    /// It lists none, and that is the cluster's default.
    Default,
}

/// How a guest is tied to the processor it runs on.
#[derive(Clone, Copy)]
pub(super) enum GuestMode {
    /// Its memory is encrypted by it.
    LaunchSecurity,
    /// It sees all that the host has for guests of Hyper-V.
    HypervPassthrough,
}

/// Whether an attribute is true, which it is not where nothing is said.
fn is_true(meta: &Meta, attribute: &Attr<bool>) -> Option<bool> {
    match meta.said(attribute) {
        State::Known(value) => Some(*value),
        State::Absent => Some(false),
        State::Unknown => None,
    }
}

/// The first element that passes the test, unknown where none does and one may.
fn first<T: Modelled>(list: State<&List<T>>, test: impl Fn(&T) -> Option<bool>) -> State<&T> {
    let list = match list {
        State::Known(list) => list,
        State::Absent => return State::Absent,
        State::Unknown => return State::Unknown,
    };
    let mut open = false;
    for item in list {
        let Some(element) = item.known() else {
            open = true;
            continue;
        };
        match test(element) {
            Some(true) => return State::Known(element),
            Some(false) => {}
            None => open = true,
        }
    }
    match open {
        true => State::Unknown,
        false => State::Absent,
    }
}

fn found<T>(is_so: Option<bool>, value: T) -> State<T> {
    match is_so {
        Some(true) => State::Known(value),
        Some(false) => State::Absent,
        None => State::Unknown,
    }
}

impl Facts {
    fn machine(&self, machine: u32) -> &Resource<VirtualMachine> {
        &self.inventory.machines[machine as usize]
    }

    /// Whether `KubeVirt` runs the machine, as its format, its cluster or its eviction strategy say.
    pub(super) fn is_on_kubevirt(&self, machine: u32) -> Option<bool> {
        let Resource { meta, spec } = self.machine(machine);
        match (
            meta.origin,
            &self.placements.machines[machine as usize].platform,
        ) {
            (Origin::Kubernetes, _) | (Origin::Native, State::Known(Platform::KubeVirt)) => {
                Some(true)
            }
            (Origin::Windows, _) => Some(false),
            (Origin::Native, _) if !spec.eviction_strategy.is_absent() => Some(true),
            (Origin::Native, State::Unknown) => None,
            (Origin::Native, _) => Some(false),
        }
    }

    /// Whether the machine is known not to run.
    pub(super) fn is_off(&self, machine: u32) -> bool {
        let state = self.placements.machines[machine as usize].state.known();
        state.is_some_and(|state| *state != MachineState::Running)
    }

    /// Whether its own document wants a drain to live-migrate the machine, come what may. Not so of
    /// one that is known to be off, or that Harvester shuts down instead.
    pub(super) fn says_live_migrate(&self, machine: u32) -> Option<bool> {
        if self.is_off(machine) {
            return Some(false);
        }
        let Resource { meta, spec } = self.machine(machine);
        let shut_down = meta.said(&spec.maintenance_strategy);
        if shut_down
            .known()
            .is_some_and(|it| **it != MaintenanceStrategy::Migrate)
        {
            return Some(false);
        }
        match meta.said(&spec.eviction_strategy) {
            State::Known(strategy) => Some(*strategy == EvictionStrategy::LiveMigrate),
            State::Absent => Some(false),
            State::Unknown => None,
        }
    }

    /// The planned live migrations of a machine that is not known to be off.
    pub(super) fn migrations_of(&self, machine: u32) -> Vec<&PlannedMove> {
        if self.is_off(machine) {
            return Vec::new();
        }
        let planned = self.moves_of[machine as usize].iter();
        planned
            .map(|planned| &self.moves[*planned as usize])
            .filter(|planned| planned.written == State::Known(MoveType::Live))
            .collect()
    }

    /// Whether anybody wants `KubeVirt` to live-migrate the machine: its own eviction strategy, or
    /// a migration. Not so of one that is known to be off.
    pub(super) fn is_wanted_to_migrate(&self, machine: u32) -> Option<bool> {
        if self.is_off(machine) {
            return Some(false);
        }
        let asked = match self.migrations_of(machine).is_empty() {
            true => Some(false),
            false => self.is_on_kubevirt(machine),
        };
        any([asked, self.says_live_migrate(machine)])
    }

    /// The first disk on a claim that only one node can use.
    pub(super) fn single_node_disk(&self, machine: u32) -> State<&Disk> {
        let Resource { meta, spec } = self.machine(machine);
        first(meta.said(&spec.disks), |disk| {
            match meta.said(&disk.access_modes) {
                State::Known(modes) if modes.is_empty() => None,
                State::Known(modes) => {
                    let is_shared = |mode: &Item<ArcStr>| Some(&**mode.known()? == "ReadWriteMany");
                    any(modes.iter().map(is_shared)).map(|shared| !shared)
                }
                State::Absent => Some(false),
                State::Unknown => None,
            }
        })
    }

    /// The first disk that is a file of one host.
    pub(super) fn unshared_host_disk(&self, machine: u32) -> State<&Disk> {
        let Resource { meta, spec } = self.machine(machine);
        first(meta.said(&spec.disks), |disk| {
            match disk.host_disk.state() {
                State::Known(file) => is_true(meta, &file.shared).map(|shared| !shared),
                State::Absent => Some(false),
                State::Unknown => None,
            }
        })
    }

    /// How the machine is on the network of the pods by a bridge that does not let it go.
    pub(super) fn pod_bridge(&self, machine: u32) -> State<PodBridge<'_>> {
        let Resource { meta, spec } = self.machine(machine);
        let bound = match meta.said(&spec.pod_annotations) {
            State::Known(annotations) => Some(annotations.get(BRIDGE_ALLOWED).is_none()),
            State::Absent => Some(true),
            State::Unknown => None,
        };
        let adapter = first(meta.said(&spec.network_adapters), |adapter| {
            let is_bridge = match meta.said(&adapter.binding) {
                State::Known(binding) => Some(&**binding == "bridge"),
                State::Absent => Some(false),
                State::Unknown => None,
            };
            all([is_bridge, is_true(meta, &adapter.pod_network), bound])
        });
        match adapter {
            State::Known(adapter) => State::Known(PodBridge::Adapter(adapter)),
            State::Unknown => State::Unknown,
            State::Absent => found(
                all([self.has_default_bridge(machine), bound]),
                PodBridge::Default,
            ),
        }
    }

    /// Whether the machine lists nothing that it is connected to, and `KubeVirt` connects it by a
    /// bridge. A description in the model's own format does not list all there is.
    fn has_default_bridge(&self, machine: u32) -> Option<bool> {
        let Resource { meta, spec } = self.machine(machine);
        if !meta.is_of_kubernetes() {
            return Some(false);
        }
        if meta.partial {
            return None;
        }
        let unconnected = match spec.network_adapters.state() {
            State::Known(adapters) => Some(adapters.is_empty()),
            State::Absent => Some(true),
            State::Unknown => None,
        };
        let attached = match spec.autoattach_pod_interface.state() {
            State::Known(attached) => Some(*attached),
            State::Absent => Some(true),
            State::Unknown => None,
        };
        let unpreferred = Some(spec.preference.is_absent());
        let default = self.of_kubevirt(machine, |cluster| {
            match cluster.default_network_interface.state() {
                State::Known(interface) => Some(&**interface == "bridge"),
                State::Absent => Some(true),
                State::Unknown => None,
            }
        });
        all([unconnected, attached, unpreferred, default])
    }

    /// What is so of the `KubeVirt` that runs a machine; false where no document describes it.
    fn of_kubevirt(&self, machine: u32, is_so: impl Fn(&Cluster) -> Option<bool>) -> Option<bool> {
        let cluster = match &self.placements.machines[machine as usize].cluster {
            State::Known(cluster) => &self.inventory.clusters[*cluster as usize],
            State::Absent => return Some(false),
            State::Unknown => return None,
        };
        let native = cluster.meta.origin == Origin::Native;
        let is_kubevirt = match cluster.spec.product.state() {
            State::Known(product) => Some(*product == KubeVirtProduct::KubeVirt),
            State::Absent if native => match cluster.spec.platform.state() {
                State::Known(platform) => Some(*platform == Platform::KubeVirt),
                State::Absent => Some(false),
                State::Unknown => None,
            },
            State::Absent => Some(false),
            State::Unknown => None,
        };
        all([is_kubevirt, is_so(&cluster.spec)])
    }

    /// The first device that keeps the machine where it is: a host device, one of several graphics
    /// processors, or a single one where the cluster does not migrate it.
    pub(super) fn binding_device(&self, machine: u32) -> State<&Device> {
        let Resource { meta, spec } = self.machine(machine);
        let devices = meta.said(&spec.devices);
        let is_gpu = |device: &Device| match device.device_type.state() {
            State::Known(device_type) => Some(*device_type == DeviceType::Gpu),
            State::Absent | State::Unknown => None,
        };
        let gpus = match &devices {
            State::Known(devices) => {
                let known = devices.iter().filter_map(|device| device.known());
                known.filter(|device| is_gpu(device) == Some(true)).count()
            }
            State::Absent | State::Unknown => 0,
        };
        let bound_alone = || {
            self.of_kubevirt(machine, |cluster| {
                gate(cluster, "VGPULiveMigration").map(|gate| !gate)
            })
        };
        first(devices, |device| match is_gpu(device) {
            Some(false) => Some(true),
            Some(true) if gpus > 1 => Some(true),
            Some(true) => bound_alone(),
            None => None,
        })
    }

    /// How the guest is tied to the processor it runs on.
    pub(super) fn guest_mode(&self, machine: u32) -> State<GuestMode> {
        let Resource { meta, spec } = self.machine(machine);
        let encrypted = is_true(meta, &spec.launch_security);
        let passed_through = is_true(meta, &spec.hyperv_passthrough);
        match (encrypted, passed_through) {
            (Some(true), _) => State::Known(GuestMode::LaunchSecurity),
            (_, Some(true)) => State::Known(GuestMode::HypervPassthrough),
            (Some(false), Some(false)) => State::Absent,
            _ => State::Unknown,
        }
    }

    /// A port that the machine takes from its own migration, and where it is written.
    pub(super) fn migration_port(&self, machine: u32) -> State<(i64, Span)> {
        let Resource { meta, spec } = self.machine(machine);
        let taken = |port: &Whole<0, 1_000_000_000>| MIGRATION_PORTS.contains(&port.get());
        let adapter = first(meta.said(&spec.network_adapters), |adapter| {
            let masquerades = match meta.said(&adapter.binding) {
                State::Known(binding) => Some(&**binding == "masquerade"),
                State::Absent => Some(false),
                State::Unknown => None,
            };
            let port = first(meta.said(&adapter.ports), |port| Some(taken(port)));
            let takes = match port {
                State::Known(_) => Some(true),
                State::Absent => Some(false),
                State::Unknown => None,
            };
            all([masquerades, takes])
        });
        let adapter = match adapter {
            State::Known(adapter) => adapter,
            State::Absent => return State::Absent,
            State::Unknown => return State::Unknown,
        };
        let mut ports = adapter.ports.known().into_iter().flatten();
        let port = ports.find_map(|item| {
            let port = item.known().filter(|port| taken(port))?;
            Some((port.get(), item.span()))
        });
        port.map_or(State::Unknown, State::Known)
    }

    /// The first thing for which `KubeVirt` calls the machine not live-migratable, in words.
    pub(super) fn obstacle(&self, machine: u32) -> State<String> {
        let disk = |disk: &Disk| match disk.claim.known() {
            Some(claim) => format!("one node alone can use its claim `{claim}`"),
            None => "one node alone can use a disk".to_owned(),
        };
        let mut obstacles = [
            self.single_node_disk(machine).map(disk),
            self.unshared_host_disk(machine)
                .map(|_| "a disk is a file of its host".to_owned()),
            self.pod_bridge(machine)
                .map(|_| "it is on the network of the pods by a bridge".to_owned()),
            self.binding_device(machine)
                .map(|_| "it has a device of its host".to_owned()),
            self.guest_mode(machine).map(|mode| mode.words().to_owned()),
        ];
        if let Some(known) = obstacles.iter_mut().find(|it| it.known().is_some()) {
            return std::mem::take(known);
        }
        match obstacles.contains(&State::Unknown) {
            true => State::Unknown,
            false => State::Absent,
        }
    }

    /// The machines that a drain of the cluster waits for, as the cluster wants them live-migrated
    /// and they cannot be; and whether there may be more.
    pub(super) fn machines_holding_drains(&self, cluster: u32) -> (Vec<u32>, bool) {
        let mut open = false;
        let mut holding = Vec::new();
        for machine in &self.placements.clusters[cluster as usize].machines {
            let Resource { meta, spec } = self.machine(*machine);
            if !meta.is_related() || self.is_off(*machine) {
                continue;
            }
            let inherits = match meta.said(&spec.eviction_strategy) {
                State::Absent => self.is_on_kubevirt(*machine),
                State::Known(_) => Some(false),
                State::Unknown => None,
            };
            match (inherits, self.obstacle(*machine)) {
                (Some(false), _) | (_, State::Absent) => {}
                (Some(true), State::Known(_)) => holding.push(*machine),
                _ => open = true,
            }
        }
        (holding, open)
    }
}

impl GuestMode {
    /// The key that says so.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            GuestMode::LaunchSecurity => "launchSecurity",
            GuestMode::HypervPassthrough => "hypervPassthrough",
        }
    }

    fn words(self) -> &'static str {
        match self {
            GuestMode::LaunchSecurity => "the processor of its host encrypts its memory",
            GuestMode::HypervPassthrough => "it sees all that its host has for guests of Hyper-V",
        }
    }
}

/// Whether a feature of `KubeVirt` is switched on.
fn gate(cluster: &Cluster, name: &str) -> Option<bool> {
    let gates = match cluster.feature_gates.state() {
        State::Known(gates) => gates,
        State::Absent => return Some(false),
        State::Unknown => return None,
    };
    any(gates.iter().map(|gate| Some(**gate.known()? == *name)))
}
