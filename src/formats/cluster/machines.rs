//! Copies of single machines: snapshots and backups on demand.

use crate::formats::Lowered;
use crate::formats::lowering::{self, below, boolean, text};
use crate::formats::manifest::Manifest;
use crate::model::{Attr, Kind, Ref, Seconds, Snapshot, SnapshotProduct, VirtualMachine};
use crate::schedule::parse_go_duration;
use crate::yaml::{Entry, Node};

fn product(manifest: &Manifest<'_>) -> Option<SnapshotProduct> {
    Some(match (manifest.group, manifest.kind) {
        ("snapshot.kubevirt.io", "VirtualMachineSnapshot") => SnapshotProduct::KubeVirtSnapshot,
        ("backup.kubevirt.io", "VirtualMachineBackup") => SnapshotProduct::KubeVirtBackup,
        ("harvesterhci.io", "VirtualMachineBackup") => SnapshotProduct::Harvester,
        _ => return None,
    })
}

pub(super) fn recognise(root: Node<'_>) -> bool {
    Manifest::of(root).is_some_and(|manifest| product(&manifest).is_some())
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let Some(product) = product(&manifest) else {
        return;
    };
    let meta = manifest.meta(Kind::Snapshot, lowered.file, None);
    let mut spec = Snapshot {
        vm: machine(manifest.spec(&["source"])),
        ..Snapshot::default()
    };
    spec.product = lowering::known(product, meta.name_span());
    match product {
        SnapshotProduct::KubeVirtSnapshot => {
            spec.failure_deadline = lowering::read(manifest.spec(&["failureDeadline"]), |node| {
                whole_seconds(node.text()?).map(Seconds)
            });
        }
        SnapshotProduct::KubeVirtBackup => {
            spec.skip_quiesce = boolean(manifest.spec(&["skipQuiesce"]));
            spec.mode = text(manifest.spec(&["mode"]));
            spec.claim = text(manifest.spec(&["pvcName"]));
            spec.token_secret = text(manifest.spec(&["tokenSecretRef"]));
        }
        SnapshotProduct::Harvester => {}
    }
    lowered.add(meta, spec);
}

/// The machine that a source names; a source of another kind leads to one that is not known.
fn machine(source: Option<Entry<'_>>) -> Attr<Ref<VirtualMachine>> {
    let Some(source) = source else {
        return Attr::default();
    };
    let name = below(source.value, &["name"]);
    let kind = source.value.get("kind").and_then(|kind| kind.value.text());
    lowering::read(name, |name| match kind {
        Some("VirtualMachine" | "VirtualMachineInstance") => name.text().map(Ref::to),
        _ => None,
    })
}

/// A length of time as Go writes it, in whole seconds, rounded up: `5m`, `1h30m`, `0s`, `0`.
fn whole_seconds(text: &str) -> Option<i64> {
    let seconds = parse_go_duration(text).filter(|seconds| !seconds.is_sign_negative())?;
    #[allow(clippy::cast_possible_truncation)]
    Some(seconds.ceil() as i64)
}

#[cfg(test)]
mod tests {
    use super::whole_seconds;

    #[test]
    fn lengths_of_time_are_read_as_go_does() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("0s", Some(0)),
            ("0m0s", Some(0)),
            ("5m", Some(300)),
            ("1h30m", Some(5400)),
            ("1.5h", Some(5400)),
            ("10ms", Some(1)),
            ("5", None),
            ("", None),
            ("-1s", None),
            ("1d", None),
        ] {
            assert_eq!(whole_seconds(text), seconds, "{text}");
        }
    }
}
