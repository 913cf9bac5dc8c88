//! Planned migrations and maintenance windows.

use arcstr::ArcStr;

use super::attribute::List;
use super::cluster::Cluster;
use super::host::Host;
use super::machine::VirtualMachine;
use super::read::{choice, record};
use super::reference::Ref;
use super::schedule::Schedule;
use super::value::{Count, Nanoseconds, Whole};

choice! {
    /// How a machine is moved.
    MoveType {
        /// Live migration: it runs on.
        Live = "live",
        /// Quick migration: saved, moved, resumed.
        Quick = "quick",
        /// Only its disks move.
        Storage = "storage",
        /// Shut down, moved, started.
        Offline = "offline",
    }
}

choice! {
    /// What becomes of the machines on a host that goes down.
    Strategy {
        /// They are live-migrated away.
        Evacuate = "evacuate",
        /// Their memory is saved to disk; they are down until the host is back.
        SaveState = "saveState",
    }
}

record! {
    /// One move of a plan.
    pub struct Move (rare: MoveDetails) {
        /// The machine.
        vm "vm" required: Ref<VirtualMachine>,
        /// The host it leaves; default: the machine's host.
        from "from": Ref<Host>,
        /// The host it goes to; may be left out for type storage.
        to "to": Ref<Host>,
        /// How it is moved.
        move_type "type": MoveType = MoveType::Live,
        /// The volume its disks go to.
        to_storage "toStorage" rare: ArcStr,
        /// Whether the disks move along (shared-nothing live migration).
        include_storage "includeStorage" rare: bool = false,
    }
}

record! {
    /// Moves of virtual machines, planned for a window.
    pub struct MigrationPlan for MigrationPlan {
        /// The cluster it is about.
        cluster "cluster": Ref<Cluster>,
        /// When it runs.
        schedule "schedule": Schedule,
        /// How many of the moves run at once.
        concurrency "concurrency": Count = Whole(1),
        /// The moves, in order.
        moves "moves": List<Move>,
    }
}

choice! {
    /// What opens a window.
    WindowProduct {
        /// Kured, which reboots nodes that ask for it.
        Kured = "kured",
        /// The system upgrade controller.
        UpgradeController = "upgradeController",
        /// A `NodeMaintenance`: the node is drained now.
        NodeMaintenance = "nodeMaintenance",
        /// The machine config operator of OpenShift.
        MachineConfig = "machineConfig",
        /// A maintenance of a Windows failover cluster.
        FailoverCluster = "failoverCluster",
    }
}

record! {
    /// A window in which hosts go down.
    pub struct MaintenanceWindow (rare: WindowDetails) for MaintenanceWindow {
        /// The cluster all of whose hosts go down, one group after the other.
        cluster "cluster": Ref<Cluster>,
        /// The hosts that go down.
        hosts "hosts": List<Ref<Host>>,
        /// When it is open.
        schedule "schedule": Schedule,
        /// What becomes of the machines on a host that goes down.
        strategy "strategy": Strategy = Strategy::Evacuate,
        /// How many hosts are down at once.
        concurrent_hosts "concurrentHosts": Count = Whole(1),
        /// What opens it.
        product "product" rare: WindowProduct,
        /// Whether machines are deleted instead of evicted, so that none is live-migrated (upgrade controller).
        disable_eviction "disableEviction" rare: bool = false,
        /// Whether a host is rebooted where its drain fails (Kured).
        force_reboot "forceReboot" rare: bool = false,
        /// Whether hosts are emptied before they go down.
        drain "drain" rare: bool = true,
        /// How long a drain may take, where it is written as a bare number: nanoseconds (upgrade controller).
        drain_timeout_nanoseconds "drainTimeoutNanoseconds" rare: Nanoseconds,
        /// Whether its hosts restart while it is open.
        reboot "reboot": bool = false,
    }
}
