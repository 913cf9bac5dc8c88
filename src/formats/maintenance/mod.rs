//! What reboots or upgrades nodes in a window, when they need it.

mod hours;
mod kured;
mod plan;

use super::{Format, Lowered};
use crate::model::{Attr, MaintenanceWindow, Meta, State, WindowProduct};

/// Kured.
pub(super) const KURED: Format = Format {
    name: "kured",
    title: "Reboots by kured: Helm values, and the arguments of its container",
    recognised_by: "a mapping `configuration` with two of kured's keys (at the top, under `kured`, in a HelmRelease or Application), or a DaemonSet that runs kured",
    markers: &["kured", "rebootSentinel", "rebootDays"],
    helpers: &[],
    recognise: kured::recognise,
    lower: kured::lower,
};

/// The system upgrade controller.
pub(super) const UPGRADE: Format = Format {
    name: "upgrade-plan",
    title: "Plans of the system upgrade controller that drain nodes",
    recognised_by: "kind Plan of upgrade.cattle.io with spec.drain",
    markers: &["upgrade.cattle.io"],
    helpers: &[],
    recognise: plan::recognise,
    lower: plan::lower,
};

/// Adds a window to what a document was lowered to.
fn add(meta: Meta, product: WindowProduct, mut spec: MaintenanceWindow, lowered: &mut Lowered) {
    spec.product = Attr::new(State::Known(product), meta.name_span());
    lowered.add(meta, spec);
}
