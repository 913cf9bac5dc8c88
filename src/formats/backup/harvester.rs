//! `harvesterhci.io` ScheduleVMBackup: `spec.cron`, `retain`, `maxFailure`, `suspend` and the machine
//! in `spec.vmbackup.source`. Whether it makes backups or snapshots is not told apart.

use super::{at, is, policy, timing, unknown_part};
use crate::formats::Lowered;
use crate::formats::lowering::{boolean, known, read, whole};
use crate::formats::manifest::Manifest;
use crate::model::{BackupProduct, Item, Kind, Ref, Targets};
use crate::yaml::Node;

const SKIPS_CRON_CHECK: &str = "harvesterhci.io/svmbackupSkipCronCheck";

pub(super) fn recognise(root: Node<'_>) -> bool {
    is(root, "harvesterhci.io", "ScheduleVMBackup")
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let meta = manifest.meta(Kind::BackupPolicy, lowered.file, None);
    let mut spec = policy(BackupProduct::Harvester, meta.name_span());
    spec.schedule = timing::schedule(manifest.spec(&["cron"]));
    spec.retain = whole(manifest.spec(&["retain"]));
    spec.maximum_failures = whole(manifest.spec(&["maxFailure"]));
    spec.suspended = boolean(manifest.spec(&["suspend"]));
    let mut skips = meta.annotations.iter();
    if skips.any(|(key, value)| key == SKIPS_CRON_CHECK && !value.is_empty()) {
        spec.skips_cron_check = known(true, meta.name_span());
    }
    let source = manifest.spec(&["vmbackup", "source"]);
    let name = source.and_then(|it| it.value.get("name"));
    let machine = read(name, |node| node.text().map(Ref::to));
    spec.targets = at(name, meta.name_span(), |place| match machine.is_absent() {
        true => unknown_part(place),
        false => Targets {
            place: place.into(),
            virtual_machines: known(
                [Item::new(machine.state().cloned(), machine.span())].into(),
                machine.span(),
            ),
            ..Targets::default()
        },
    });
    lowered.add(meta, spec);
}
