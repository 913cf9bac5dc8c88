//! A single migration, asked for now: a plan of one move, without a schedule.

use std::sync::Arc;

use super::placement::node;
use super::{nearest, unknown};
use crate::formats::Lowered;
use crate::formats::lowering::{self, below};
use crate::formats::manifest::Manifest;
use crate::model::{AnyResource, Attr, Item, Kind, MigrationPlan, Move, Ref, Resource, State};

pub(super) fn lower(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let root = manifest.root;
    let phase = below(root, &["status", "phase"]).and_then(|phase| phase.value.text());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return;
    }
    let meta = manifest.meta(Kind::MigrationPlan, lowered.file, None);
    let place = nearest(root, &["spec"]).unwrap_or(root.place().span);
    let name: Attr<Arc<str>> = lowering::text(manifest.spec(&["vmiName"]));
    let vm = match name.state {
        State::Known(vm) => Attr {
            state: State::Known(Ref::to(vm)),
            span: name.span,
        },
        State::Absent | State::Unknown => unknown(name.place().unwrap_or(place)),
    };
    let to = node(manifest.spec(&["addedNodeSelector", "kubernetes.io/hostname"]));
    let planned = Move {
        place,
        vm,
        to: match to.state {
            State::Absent => unknown(place),
            _ => to,
        },
        ..Move::default()
    };
    let spec = MigrationPlan {
        place,
        moves: Attr {
            state: State::Known(vec![Item {
                state: State::Known(planned),
                span: place,
            }]),
            span: place,
        },
        ..MigrationPlan::default()
    };
    let plan = Resource { meta, spec };
    lowered
        .resources
        .push(AnyResource::MigrationPlan(Box::new(plan)));
}
