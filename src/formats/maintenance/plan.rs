//! `upgrade.cattle.io` Plan with `spec.drain`: when and how it drains nodes. Which nodes it selects,
//! and to what it upgrades them, is not read.

use super::add;
use super::hours::{self, Written, is_said};
use crate::formats::Lowered;
use crate::formats::lowering::{boolean, read, whole};
use crate::formats::manifest::Manifest;
use crate::model::{Attr, Kind, MaintenanceWindow, Nanoseconds, State, WindowProduct};
use crate::yaml::{Node, Value};

pub(super) fn recognise(root: Node<'_>) -> bool {
    let drain = |manifest: &Manifest<'_>| {
        let drain = manifest.spec(&["drain"]).map(|it| it.value);
        drain.is_some_and(|drain| !drain.is_null())
    };
    let manifest = Manifest::of(root);
    manifest.is_some_and(|it| (it.group, it.kind) == ("upgrade.cattle.io", "Plan") && drain(&it))
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let meta = manifest.meta(Kind::MaintenanceWindow, lowered.file, None);
    let timeout = manifest.spec(&["drain", "timeout"]);
    let mut spec = MaintenanceWindow {
        concurrent_hosts: whole(manifest.spec(&["concurrency"])),
        ..MaintenanceWindow::default()
    };
    spec.disable_eviction = boolean(manifest.spec(&["drain", "disableEviction"]));
    if timeout.is_some_and(|it| matches!(it.value.value(), Value::Int(_))) {
        spec.drain_timeout_nanoseconds = read(timeout, |node| match node.value() {
            Value::Int(number) => Nanoseconds::of(number),
            _ => None,
        });
    }
    if let Some(window) = manifest.spec(&["window"]).filter(|it| !it.value.is_null()) {
        let field = |key: &str| window.value.get(key);
        let written = Written {
            days: field("days"),
            start: field("startTime"),
            end: field("endTime"),
            zone: field("timeZone"),
        };
        let whole = [written.days, written.start, written.end]
            .into_iter()
            .all(is_said);
        let place = window.key.place().span;
        if whole || !matches!(window.value.value(), Value::Mapping(_)) {
            spec.schedule = Attr::new(
                match whole {
                    true => State::Known(hours::schedule(written, place)),
                    false => State::Unknown,
                },
                place,
            );
        }
    }
    add(meta, WindowProduct::UpgradeController, spec, lowered);
}
