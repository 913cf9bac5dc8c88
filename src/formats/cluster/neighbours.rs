//! What moves, drains or guards many machines at once.

use super::mapping;
use super::settings::bandwidth;
use crate::formats::Lowered;
use crate::formats::lowering::{
    self, below, boolean, known, labels, reference, text, texts, unknown, whole,
};
use crate::formats::manifest::Manifest;
use crate::model::{
    AnyResource, Attr, DisruptionBudget, EvictionLimits, Host, Item, Kind, MaintenanceWindow,
    MigrationPolicy, PolicySelectors, Rebalancer, Ref, Resource, State, WindowProduct,
};
use crate::source::Span;
use crate::yaml::{Entry, Node};

type Lower = fn(&Manifest<'_>, &Lowered) -> AnyResource;

fn lowering_of(manifest: &Manifest<'_>) -> Option<Lower> {
    Some(match (manifest.group, manifest.kind) {
        ("migrations.kubevirt.io", "MigrationPolicy") => policy,
        (
            "nodemaintenance.medik8s.io" | "nodemaintenance.kubevirt.io" | "kubevirt.io",
            "NodeMaintenance",
        ) => maintenance,
        ("machineconfiguration.openshift.io", "MachineConfigPool") => pool,
        ("operator.openshift.io", "KubeDescheduler") => descheduler,
        ("policy", "PodDisruptionBudget") => budget,
        _ => return None,
    })
}

pub(super) fn recognise(root: Node<'_>) -> bool {
    Manifest::of(root).is_some_and(|manifest| lowering_of(&manifest).is_some())
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    if let Some(manifest) = Manifest::of(root)
        && let Some(lower) = lowering_of(&manifest)
    {
        let resource = lower(&manifest, lowered);
        lowered.resources.push(resource);
    }
}

fn policy(manifest: &Manifest<'_>, lowered: &Lowered) -> AnyResource {
    let spec = MigrationPolicy {
        selectors: mapping(manifest.spec(&["selectors"]), |node, place| {
            PolicySelectors {
                place: place.into(),
                namespace_selector: labels(node.get("namespaceSelector")),
                virtual_machine_instance_selector: labels(
                    node.get("virtualMachineInstanceSelector"),
                ),
            }
        }),
        allow_post_copy: boolean(manifest.spec(&["allowPostCopy"])),
        allow_auto_converge: boolean(manifest.spec(&["allowAutoConverge"])),
        bandwidth_per_migration: bandwidth(manifest.spec(&["bandwidthPerMigration"])),
        completion_timeout_per_gib: whole(manifest.spec(&["completionTimeoutPerGiB"])),
    };
    let meta = manifest.meta(Kind::MigrationPolicy, lowered.file, None);
    Resource { meta, spec }.into()
}

fn maintenance(manifest: &Manifest<'_>, lowered: &Lowered) -> AnyResource {
    let meta = manifest.meta(Kind::MaintenanceWindow, lowered.file, None);
    let node: Attr<Ref<Host>> = reference(manifest.spec(&["nodeName"]));
    let span = node.span();
    let mut spec = MaintenanceWindow {
        hosts: match node.into_state() {
            state @ State::Known(_) => known([Item::new(state, span)].into(), span),
            // It is about some node, whichever that is.
            State::Absent | State::Unknown => unknown(span),
        },
        ..MaintenanceWindow::default()
    };
    spec.product = known(WindowProduct::NodeMaintenance, meta.name_span());
    Resource { meta, spec }.into()
}

fn pool(manifest: &Manifest<'_>, lowered: &Lowered) -> AnyResource {
    let meta = manifest.meta(Kind::MaintenanceWindow, lowered.file, None);
    let mut spec = MaintenanceWindow {
        // Which nodes are in it is said by labels of nodes.
        hosts: unknown(Span::default()),
        concurrent_hosts: whole(manifest.spec(&["maxUnavailable"])),
        ..MaintenanceWindow::default()
    };
    spec.product = known(WindowProduct::MachineConfig, meta.name_span());
    Resource { meta, spec }.into()
}

fn descheduler(manifest: &Manifest<'_>, lowered: &Lowered) -> AnyResource {
    let customisation = |key| manifest.spec(&["profileCustomizations", key]);
    let spec = Rebalancer {
        mode: text(manifest.spec(&["mode"])),
        profiles: texts(manifest.spec(&["profiles"])),
        eviction_limits: mapping(manifest.spec(&["evictionLimits"]), |node, place| {
            EvictionLimits {
                place: place.into(),
                total: whole(node.get("total")),
                node: whole(node.get("node")),
            }
        }),
        background_evictions: boolean(customisation("devEnableEvictionsInBackground")),
        ..Rebalancer::default()
    };
    let meta = manifest.meta(Kind::Rebalancer, lowered.file, None);
    Resource { meta, spec }.into()
}

fn budget(manifest: &Manifest<'_>, lowered: &Lowered) -> AnyResource {
    let spec = DisruptionBudget {
        match_labels: labels(manifest.spec(&["selector", "matchLabels"])),
        further_requirements: expressions(manifest.spec(&["selector"])),
        maximum_unavailable: text(manifest.spec(&["maxUnavailable"])),
        minimum_available: text(manifest.spec(&["minAvailable"])),
    };
    let meta = manifest.meta(Kind::DisruptionBudget, lowered.file, None);
    Resource { meta, spec }.into()
}

/// Whether a selector asks for more than labels.
fn expressions(selector: Option<Entry<'_>>) -> Attr<bool> {
    let expressions = selector.and_then(|selector| below(selector.value, &["matchExpressions"]));
    let Some(entry) = expressions.filter(|entry| !entry.value.is_null()) else {
        return Attr::default();
    };
    let some = entry.value.items().next().is_some() || lowering::is_unknown(entry.value);
    lowering::attribute(entry, State::Known(some))
}
