//! The settings of KubeVirt, wherever they are written: in a KubeVirt, in a HyperConverged that makes
//! one, or in the `ConfigMap` of old.

use super::mapping;
use crate::formats::join::{Content, Settings};
use crate::formats::lowering::{self, below, boolean, text, texts, whole, word};
use crate::formats::manifest::Manifest;
use crate::formats::{Lowered, nested};
use crate::model::{
    Attr, Bandwidth, Cluster, ClusterMigration, EvictionStrategy, Kind, KubeVirtProduct, Platform,
    State,
};
use crate::source::Span;
use crate::yaml::{self, Entry, Node, Room};

/// The documents that say how KubeVirt is set.
#[derive(Clone, Copy)]
enum Source {
    KubeVirt,
    /// Everything lies in `spec`.
    HyperConverged,
    /// The same since version 1: in `spec.virtualization`.
    Virtualization,
    ConfigMap,
}

fn source(root: Node<'_>) -> Option<(Manifest<'_>, Source)> {
    let manifest = Manifest::of(root)?;
    let source = match (manifest.group, manifest.version, manifest.kind) {
        ("kubevirt.io", _, "KubeVirt" | "Kubevirt") => Source::KubeVirt,
        ("hco.kubevirt.io", "v1", "HyperConverged") => Source::Virtualization,
        ("hco.kubevirt.io", _, "HyperConverged") => Source::HyperConverged,
        ("", "v1", "ConfigMap") => {
            let name = nested::below(root, &["metadata", "name"])?.text()?;
            below(root, &["data", "migrations"])?;
            (name == "kubevirt-config").then_some(Source::ConfigMap)?
        }
        _ => return None,
    };
    Some((manifest, source))
}

pub(super) fn recognise(root: Node<'_>) -> bool {
    source(root).is_some()
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some((manifest, source)) = source(root) else {
        return;
    };
    let of = match source {
        Source::ConfigMap => root.get("data"),
        _ => None,
    };
    let meta = manifest.meta(Kind::Cluster, lowered.file, of);
    let mut spec = match source {
        Source::KubeVirt => kubevirt(&manifest),
        Source::HyperConverged => hyper_converged(&manifest, &[]),
        Source::Virtualization => hyper_converged(&manifest, &["virtualization"]),
        Source::ConfigMap => config_map(below(root, &["data", "migrations"])),
    };
    spec.platform = lowering::known(Platform::KubeVirt, meta.name_span());
    spec.product = Attr::new(spec.product.into_state(), meta.name_span());
    lowered.add_piece(Content::Settings(Settings::of(root)));
    lowered.add(meta, spec);
}

fn kubevirt(manifest: &Manifest<'_>) -> Cluster {
    let configuration = |keys: &[&str]| manifest.spec(&[&["configuration"], keys].concat());
    let mut spec = Cluster::default();
    spec.product.set(State::Known(KubeVirtProduct::KubeVirt));
    migrations(configuration(&["migrations"]), &mut spec);
    spec.eviction_strategy = word(
        configuration(&["evictionStrategy"]),
        EvictionStrategy::parse,
    );
    spec.processor_model = text(configuration(&["cpuModel"]));
    spec.default_network_interface = text(configuration(&["network", "defaultNetworkInterface"]));
    spec.feature_gates = texts(configuration(&["developerConfiguration", "featureGates"]));
    spec.workload_update_methods = texts(manifest.spec(UPDATE_METHODS));
    spec
}

const UPDATE_METHODS: &[&str] = &["workloadUpdateStrategy", "workloadUpdateMethods"];

fn hyper_converged(manifest: &Manifest<'_>, within: &[&str]) -> Cluster {
    let at = |keys: &[&str]| manifest.spec(&[within, keys].concat());
    let mut spec = Cluster::default();
    spec.product
        .set(State::Known(KubeVirtProduct::HyperConverged));
    migrations(at(&["liveMigrationConfig"]), &mut spec);
    spec.eviction_strategy = word(at(&["evictionStrategy"]), EvictionStrategy::parse);
    spec.processor_model = text(match within {
        [] => at(&["defaultCPUModel"]),
        _ => at(&["virtualMachineOptions", "defaultCPUModel"]),
    });
    spec.workload_update_methods = texts(at(UPDATE_METHODS));
    spec
}

fn config_map(entry: Option<Entry<'_>>) -> Cluster {
    let mut spec = Cluster::default();
    // Three settings need no aliases to speak of.
    let mut room = Room {
        expansion: 1_000,
        ..Room::default()
    };
    let stream = entry.and_then(|entry| yaml::parse_inside(entry.value, &mut room));
    let documents = stream.iter().flat_map(|stream| &stream.documents);
    if let (Some(entry), Some(document)) = (entry, documents.into_iter().next()) {
        let place = entry.key.place().span;
        spec.migration = Attr::new(State::Known(migration(document.root(), place)), place);
        limits(document.root(), &mut spec);
        return spec;
    }
    spec.migration.set(State::Unknown);
    spec.parallel_migrations_per_cluster.set(State::Unknown);
    spec.maximum_outbound_migrations.set(State::Unknown);
    spec
}

/// What a mapping says about migrations.
fn migrations(entry: Option<Entry<'_>>, spec: &mut Cluster) {
    let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else {
        return;
    };
    spec.migration = mapping(Some(entry), migration);
    if spec.migration.is_unknown() {
        spec.parallel_migrations_per_cluster.set(State::Unknown);
        spec.maximum_outbound_migrations.set(State::Unknown);
    } else {
        limits(entry.value, spec);
    }
}

fn limits(node: Node<'_>, spec: &mut Cluster) {
    spec.parallel_migrations_per_cluster = whole(node.get("parallelMigrationsPerCluster"));
    spec.maximum_outbound_migrations = whole(node.get("parallelOutboundMigrationsPerNode"));
}

fn migration(node: Node<'_>, place: Span) -> ClusterMigration {
    ClusterMigration {
        place: place.into(),
        bandwidth_per_migration: bandwidth(node.get("bandwidthPerMigration")),
        completion_timeout_per_gib: whole(node.get("completionTimeoutPerGiB")),
        disable_tls: boolean(node.get("disableTLS")),
        unsafe_migration_override: boolean(node.get("unsafeMigrationOverride")),
        allow_post_copy: boolean(node.get("allowPostCopy")),
        allow_auto_converge: boolean(node.get("allowAutoConverge")),
    }
}

/// Bytes in a second as a quantity; zero is without limit.
pub(super) fn bandwidth(entry: Option<Entry<'_>>) -> Attr<Bandwidth> {
    lowering::read(entry, |node| {
        let bytes = lowering::bytes_of(node.text()?)?;
        Some(Bandwidth(bytes.checked_mul(8)?))
    })
}
