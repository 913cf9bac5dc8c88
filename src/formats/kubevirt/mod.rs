//! KubeVirt: virtual machines in all their shapes, migrations of them, and what fills machines in:
//! instancetypes, preferences, and the claims on storage that their disks are on.

mod claims;
mod devices;
mod disks;
mod machine;
mod migration;
mod placement;
mod sizes;

use arcstr::ArcStr;

use super::manifest::Manifest;
use super::{Format, Lowered, lowering};
use crate::source::Span;
use crate::yaml::{Entry, Node};
use machine::Shape;

pub(super) use sizes::common;

/// `KubeVirt`'s machines and what belongs to them.
pub(super) const FORMAT: Format = Format {
    name: "kubevirt",
    title: "KubeVirt: machines, migrations, instancetypes, and the claims that disks are on",
    recognised_by: "apiVersion: kubevirt.io/…, pool.kubevirt.io/…, instancetype.kubevirt.io/…, cdi.kubevirt.io/…",
    markers: &["kubevirt.io"],
    helpers: &["PersistentVolumeClaim"],
    recognise: |root| Manifest::of(root).is_some_and(|it| document(&it).is_some()),
    lower,
};

/// What is read of a document.
#[derive(Clone, Copy)]
enum Document {
    Machine(Shape),
    Migration,
    DataVolume,
    Claim,
    Instancetype,
    Preference,
}

fn document(manifest: &Manifest<'_>) -> Option<Document> {
    Some(match (manifest.group, manifest.kind) {
        ("kubevirt.io", "VirtualMachine") => Document::Machine(Shape::Machine),
        ("kubevirt.io", "VirtualMachineInstance") => Document::Machine(Shape::Instance),
        ("kubevirt.io", "VirtualMachineInstanceReplicaSet") => Document::Machine(Shape::ReplicaSet),
        ("pool.kubevirt.io", "VirtualMachinePool") => Document::Machine(Shape::Pool),
        ("kubevirt.io", "VirtualMachineInstanceMigration") => Document::Migration,
        ("cdi.kubevirt.io", "DataVolume") => Document::DataVolume,
        ("", "PersistentVolumeClaim") => Document::Claim,
        (
            "instancetype.kubevirt.io",
            "VirtualMachineInstancetype" | "VirtualMachineClusterInstancetype",
        ) => Document::Instancetype,
        (
            "instancetype.kubevirt.io",
            "VirtualMachinePreference" | "VirtualMachineClusterPreference",
        ) => Document::Preference,
        _ => return None,
    })
}

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    match document(&manifest) {
        Some(Document::Machine(shape)) => machine::lower(&manifest, shape, lowered),
        Some(Document::Migration) => migration::lower(&manifest, lowered),
        Some(Document::DataVolume) => claims::data_volume(&manifest, lowered),
        Some(Document::Claim) => claims::claim(&manifest, lowered),
        Some(Document::Instancetype) => sizes::instancetype(&manifest, lowered),
        Some(Document::Preference) => sizes::preference(&manifest, lowered),
        None => {}
    }
}

/// The key nearest to where these keys lead, of those that are written.
fn nearest(root: Node<'_>, keys: &[&str]) -> Option<Span> {
    let mut node = root;
    let mut found = None;
    for key in keys {
        let Some(entry) = node.get(key) else { break };
        found = Some(entry.key.place().span);
        node = entry.value;
    }
    found
}

/// The entry of a map whose value is not null.
fn written<'t>(node: Node<'t>, key: &str) -> Option<Entry<'t>> {
    node.get(key).filter(|entry| !entry.value.is_null())
}

/// A text that is known.
fn known_text(node: Option<Node<'_>>, key: &str) -> Option<ArcStr> {
    lowering::text(node?.get(key)).known().cloned()
}
