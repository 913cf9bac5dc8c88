//! Storage classes, and single copies of machines.

use arcstr::ArcStr;

use super::amount::Seconds;
use super::machine::VirtualMachine;
use super::read::{choice, record};
use super::reference::Ref;

record! {
    /// What claims on storage are served from.
    pub struct StorageClass for StorageClass {
        /// What makes its volumes.
        provisioner "provisioner": ArcStr,
        /// Whether its volumes can be attached to two nodes while a machine moves (Longhorn).
        migratable "migratable": bool,
        /// Whether that is written as something else than a text, which Kubernetes refuses.
        migratable_unquoted "migratableUnquoted": bool = false,
    }
}

choice! {
    /// Who makes a copy of a machine.
    SnapshotProduct {
        /// A snapshot by KubeVirt.
        KubeVirtSnapshot = "kubevirtSnapshot",
        /// A backup by KubeVirt.
        KubeVirtBackup = "kubevirtBackup",
        /// A backup by Harvester.
        Harvester = "harvester",
    }
}

record! {
    /// A single copy of a machine.
    pub struct Snapshot for Snapshot {
        /// The machine.
        vm "vm": Ref<VirtualMachine>,
        /// Who makes it.
        product "product": SnapshotProduct,
        /// How long it may take before it counts as failed; none where it may take forever.
        failure_deadline "failureDeadline": Seconds,
        /// Whether the guest is not asked to write its data to disk first.
        skip_quiesce "skipQuiesce": bool = false,
        /// `Push` where the copy goes to a claim, `Pull` where somebody fetches it.
        mode "mode": ArcStr,
        /// The claim that takes the copy.
        claim "pvcName": ArcStr,
        /// The secret that lets somebody fetch it.
        token_secret "tokenSecretRef": ArcStr,
    }
}
