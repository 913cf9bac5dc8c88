//! `volsync.backube` ReplicationSource: the claim in `spec.sourcePVC`, `spec.trigger.schedule`, and how
//! the mover gets its copy. Triggers by hand are policies without a schedule.

use super::{at, is, policy, timing, unknown_part};
use crate::formats::Lowered;
use crate::formats::lowering::{boolean, known, text};
use crate::formats::manifest::Manifest;
use crate::model::{BackupProduct, Item, Kind, Targets};
use crate::yaml::Node;

/// What moves the copy.
const MOVERS: [&str; 6] = [
    "restic",
    "rsyncTLS",
    "rsync",
    "rclone",
    "kopia",
    "syncthing",
];

pub(super) fn recognise(root: Node<'_>) -> bool {
    is(root, "volsync.backube", "ReplicationSource")
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let meta = manifest.meta(Kind::BackupPolicy, lowered.file, None);
    let mut spec = policy(BackupProduct::VolSync, meta.name_span());
    spec.schedule = timing::schedule(manifest.spec(&["trigger", "schedule"]));
    spec.suspended = boolean(manifest.spec(&["paused"]));
    let methods = MOVERS.iter();
    let mut methods = methods.filter_map(|mover| manifest.spec(&[mover, "copyMethod"]));
    spec.copy_method = text(methods.next());
    let source = manifest.spec(&["sourcePVC"]);
    let claim = text(source);
    spec.targets = at(source, meta.name_span(), |place| {
        if claim.is_absent() {
            return unknown_part(place);
        }
        let mut targets = Targets {
            place: place.into(),
            ..Targets::default()
        };
        let item = Item::new(claim.state().cloned(), claim.span());
        targets.claims = known([item].into(), claim.span());
        targets
    });
    lowered.add(meta, spec);
}
