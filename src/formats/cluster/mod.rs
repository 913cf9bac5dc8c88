//! A Kubernetes cluster with KubeVirt, apart from its machines: its settings, its nodes, and what
//! drains, rebalances and copies machines.

mod machines;
mod neighbours;
mod node;
mod settings;

use super::Format;
use super::lowering;
use crate::model::{Modelled, State};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// The settings of a cluster. (Its marker `kubevirt.io` is in the documents of the others, too.)
pub(super) const SETTINGS: Format = Format {
    name: "kubevirt-cluster",
    title: "Settings of KubeVirt: a KubeVirt or HyperConverged, or the ConfigMap `kubevirt-config`",
    recognised_by: "kind KubeVirt of kubevirt.io, HyperConverged of hco.kubevirt.io, ConfigMap kubevirt-config with migrations",
    markers: &["kubevirt.io", "kubevirt-config"],
    helpers: &[],
    recognise: settings::recognise,
    lower: settings::lower,
};

/// Nodes.
pub(super) const NODES: Format = Format {
    name: "kubernetes-node",
    title: "Nodes of Kubernetes: processor by their labels, memory, taints",
    recognised_by: "apiVersion: v1, kind: Node",
    markers: &[],
    helpers: &["kind: Node"],
    recognise: node::recognise,
    lower: node::lower,
};

/// What acts on many machines at once.
pub(super) const NEIGHBOURS: Format = Format {
    name: "kubevirt-neighbours",
    title: "What moves or drains machines: MigrationPolicy, NodeMaintenance, MachineConfigPool, KubeDescheduler, PodDisruptionBudget",
    recognised_by: "their kinds, each of its own group",
    markers: &[
        "medik8s.io",
        "KubeDescheduler",
        "machineconfiguration.openshift.io",
    ],
    helpers: &["PodDisruptionBudget"],
    recognise: neighbours::recognise,
    lower: neighbours::lower,
};

/// Copies of single machines.
pub(super) const SNAPSHOTS: Format = Format {
    name: "kubevirt-snapshot",
    title: "Single copies of machines: VirtualMachineSnapshot and VirtualMachineBackup",
    recognised_by: "kind VirtualMachineSnapshot of snapshot.kubevirt.io, VirtualMachineBackup of backup.kubevirt.io or harvesterhci.io",
    markers: &["harvesterhci.io"],
    helpers: &[],
    recognise: machines::recognise,
    lower: machines::lower,
};

/// What is known of a mapping, with the place of its key.
fn mapping<T: Modelled>(
    entry: Option<Entry<'_>>,
    read: impl FnOnce(Node<'_>, Span) -> T,
) -> crate::model::Attr<T> {
    let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else {
        return crate::model::Attr::default();
    };
    let state = match entry.value.value() {
        Value::Mapping(_) if !entry.value.is_template() => {
            State::Known(read(entry.value, entry.key.place().span))
        }
        _ => State::Unknown,
    };
    lowering::attribute(entry, state)
}
