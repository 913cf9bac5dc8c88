//! A single migration, asked for now: a plan of one move, without a schedule.

use super::nearest;
use crate::formats::Lowered;
use crate::formats::lowering::{below, known, reference, unknown};
use crate::formats::manifest::Manifest;
use crate::model::{Item, Kind, MigrationPlan, Move, State};

pub(super) fn lower(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let root = manifest.root;
    let phase = below(root, &["status", "phase"]).and_then(|phase| phase.value.text());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return;
    }
    let meta = manifest.meta(Kind::MigrationPlan, lowered.file, None);
    let place = nearest(root, &["spec"]).unwrap_or(root.place().span);
    let vm = reference(manifest.spec(&["vmiName"]));
    let to = reference(manifest.spec(&["addedNodeSelector", "kubernetes.io/hostname"]));
    let planned = Move {
        place: place.into(),
        vm: match vm.is_absent() {
            true => unknown(place),
            false => vm,
        },
        to: match to.is_absent() {
            true => unknown(place),
            false => to,
        },
        ..Move::default()
    };
    let spec = MigrationPlan {
        moves: known([Item::new(State::Known(planned), place)].into(), place),
        ..MigrationPlan::default()
    };
    lowered.add(meta, spec);
}
