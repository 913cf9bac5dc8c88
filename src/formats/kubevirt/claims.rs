//! Claims on storage: how the disks on them can be used.

use super::written;
use crate::formats::Lowered;
use crate::formats::join::{Claim, Content};
use crate::formats::lowering::{self, below};
use crate::formats::manifest::Manifest;
use crate::model::{Disk, DiskDetails, Kind, Labels};
use crate::source::Span;
use crate::yaml::Node;

/// A data volume, which becomes a claim of its name.
pub(super) fn data_volume(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let said = of_data_volume(manifest.root);
    piece(manifest, said, false, lowered);
}

pub(super) fn claim(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let mut said = of_claim(manifest.root.get("spec").map(|spec| spec.value));
    said.claim_labels = match below(manifest.root, &["metadata", "labels"]) {
        Some(labels) => lowering::labels(Some(labels)),
        None => lowering::known(Labels::default(), Span::default()),
    };
    piece(manifest, said, true, lowered);
}

fn piece(manifest: &Manifest<'_>, said: Disk, is_claim: bool, lowered: &mut Lowered) {
    let mut meta = manifest.meta(Kind::VirtualMachine, lowered.file, None);
    meta.partial |= lowered.partial;
    if meta.named {
        let claim = Claim {
            meta: Box::new(meta),
            is_claim,
            said: Box::new(said),
        };
        lowered.add_piece(Content::Claim(claim));
    }
}

/// What a data volume, or the template of one, says of the claim that is made for it.
pub(super) fn of_data_volume(root: Node<'_>) -> Disk {
    let spec = root.get("spec").map(|spec| spec.value);
    let below = |key| written(spec?, key).map(|entry| entry.value);
    of_claim(below("pvc").or_else(|| below("storage")))
}

fn of_claim(spec: Option<Node<'_>>) -> Disk {
    let Some(spec) = spec else {
        return Disk::default();
    };
    let details =
        DiskDetails {
            access_modes: lowering::texts(spec.get("accessModes").filter(|modes| {
                modes.value.items().next().is_some() || modes.value.text().is_some()
            })),
            volume_mode: lowering::text(spec.get("volumeMode")),
            storage_class: lowering::reference(spec.get("storageClassName")),
            ..DiskDetails::default()
        };
    Disk {
        size: lowering::quantity(below(spec, &["resources", "requests", "storage"])),
        details: Some(Box::new(details)),
        ..Disk::default()
    }
}
