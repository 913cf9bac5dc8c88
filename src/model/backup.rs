//! Backups: which machines, when, how and where to.

use arcstr::ArcStr;

use super::amount::Bandwidth;
use super::attribute::List;
use super::cluster::Cluster;
use super::host::Host;
use super::labels::Selector;
use super::machine::VirtualMachine;
use super::read::{choice, record};
use super::reference::Ref;
use super::schedule::Schedule;
use super::value::{Count, CountOrNone, Whole};

choice! {
    /// How a backup gets a consistent copy.
    BackupMethod {
        /// Volume shadow copy service of host and guest.
        Vss = "vss",
        /// A production checkpoint.
        ProductionCheckpoint = "productionCheckpoint",
        /// Resilient change tracking, since Windows Server 2016.
        Rct = "rct",
        /// A checkpoint with memory.
        StandardCheckpoint = "standardCheckpoint",
        /// The machine is saved while the snapshot is taken.
        SavedState = "savedState",
        /// As after a power cut.
        CrashConsistent = "crashConsistent",
    }
}

choice! {
    /// What a backup copies.
    BackupType {
        /// Everything.
        Full = "full",
        /// What changed since the last one.
        Incremental = "incremental",
        /// Everything, without counting as a backup.
        Copy = "copy",
    }
}

choice! {
    /// How the parts of `targets` go together.
    TargetMatch {
        /// A machine that one of them names.
        Any = "any",
        /// A machine that all of them name.
        All = "all",
    }
}

choice! {
    /// What runs a policy.
    BackupProduct {
        /// Velero, or OADP.
        Velero = "velero",
        /// Longhorn.
        Longhorn = "longhorn",
        /// Harvester.
        Harvester = "harvester",
        /// VolSync.
        VolSync = "volSync",
    }
}

record! {
    /// The machines a policy backs up: the union of what is given, unless `match` says otherwise.
    pub struct Targets (rare: TargetDetails) {
        /// How the parts go together.
        matching "match" rare: TargetMatch = TargetMatch::Any,
        /// Machines in one of these namespaces are none, whatever else names them.
        excluded_namespaces "excludedNamespaces" rare: List<ArcStr>,
        /// These machines.
        virtual_machines "virtualMachines": List<Ref<VirtualMachine>>,
        /// Machines that carry every one of these labels.
        selector "selector" rare: Selector,
        /// Machines in one of these namespaces.
        namespaces "namespaces" rare: List<ArcStr>,
        /// Machines of this cluster.
        cluster "cluster" rare: Ref<Cluster>,
        /// Machines on this host.
        host "host" rare: Ref<Host>,
        /// Machines with a disk on this volume.
        storage "storage" rare: ArcStr,
        /// Machines that carry every label of one of these.
        selectors "selectors" rare: List<Selector>,
        /// Machines with a disk on one of these claims, in the namespace of the policy (Kubernetes).
        claims "claims" rare: List<ArcStr>,
        /// Machines with a disk on a claim that carries every label of one of these (Kubernetes).
        claim_selectors "claimSelectors" rare: List<Selector>,
    }
}

record! {
    /// Which machines are backed up, when and how.
    pub struct BackupPolicy (rare: PolicyDetails) for BackupPolicy {
        /// The machines.
        targets "targets" required: Targets,
        /// When.
        schedule "schedule": Schedule,
        /// How a consistent copy is made.
        method "method": BackupMethod = BackupMethod::Vss,
        /// What is copied.
        backup_type "type": BackupType = BackupType::Full,
        /// How many machines are backed up at once; default: all targets.
        concurrency "concurrency": Count,
        /// Where the copies go.
        repository "repository": Ref<BackupRepository>,
        /// How often a failed backup is tried again.
        retries "retries": CountOrNone = Whole(0),
        /// Whether it makes no backup for now.
        suspended "suspended": bool = false,
        /// What runs it.
        product "product" rare: BackupProduct,
        /// How many backups are kept.
        retain "retain" rare: Whole<-1_000_000_000, 1_000_000_000>,
        /// How many backups may fail before it is suspended (Harvester).
        maximum_failures "maximumFailures" rare: Whole<-1_000_000_000, 1_000_000_000>,
        /// `Snapshot`, `Clone` or `Direct`: what is read while the copy is made (VolSync).
        copy_method "copyMethod" rare: ArcStr,
        /// Whether it may start more often than once an hour (Harvester).
        skips_cron_check "skipsCronCheck" rare: bool,
    }
}

record! {
    /// A place that takes backups.
    pub struct BackupRepository for BackupRepository {
        /// How many machines it takes at once.
        maximum_concurrent_tasks "maximumConcurrentTasks": Count,
        /// What it can take in.
        bandwidth "bandwidth": Bandwidth,
    }
}
