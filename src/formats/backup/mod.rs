//! Products that back up on a schedule. None of them says how long a backup takes.

mod harvester;
mod longhorn;
mod timing;
mod velero;
mod volsync;

use super::Format;
use super::lowering::{attribute, is_unknown, known, unknown};
use super::manifest::Manifest;
use crate::model::{
    Attr, BackupPolicy, BackupProduct, Item, Labels, Modelled, Selector, State, Targets,
};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// Velero, and OADP.
pub(super) const VELERO: Format = Format {
    name: "velero",
    title: "Schedules of Velero and OADP",
    recognised_by: "kind Schedule of velero.io",
    markers: &["velero.io"],
    helpers: &[],
    recognise: velero::recognise,
    lower: velero::lower,
};

/// Longhorn.
pub(super) const LONGHORN: Format = Format {
    name: "longhorn",
    title: "Backup jobs and storage classes of Longhorn",
    recognised_by: "kind RecurringJob of longhorn.io with a task of backups, StorageClass with driver.longhorn.io",
    markers: &["longhorn.io"],
    helpers: &["StorageClass"],
    recognise: longhorn::recognise,
    lower: longhorn::lower,
};

/// Harvester.
pub(super) const HARVESTER: Format = Format {
    name: "harvester",
    title: "Backup schedules of Harvester",
    recognised_by: "kind ScheduleVMBackup of harvesterhci.io",
    markers: &["harvesterhci.io"],
    helpers: &[],
    recognise: harvester::recognise,
    lower: harvester::lower,
};

/// `VolSync`.
pub(super) const VOLSYNC: Format = Format {
    name: "volsync",
    title: "Replication sources of VolSync",
    recognised_by: "kind ReplicationSource of volsync.backube",
    markers: &["volsync.backube"],
    helpers: &[],
    recognise: volsync::recognise,
    lower: volsync::lower,
};

fn is(root: Node<'_>, group: &str, kind: &str) -> bool {
    Manifest::of(root).is_some_and(|it| (it.group, it.kind) == (group, kind))
}

/// A policy of which everything is unknown that no format says.
fn policy(product: BackupProduct, name: Span) -> BackupPolicy {
    let nowhere = Span::default();
    let mut policy = BackupPolicy {
        method: unknown(nowhere),
        backup_type: unknown(nowhere),
        retries: unknown(nowhere),
        ..BackupPolicy::default()
    };
    policy.product = known(product, name);
    policy
}

/// A part of the targets that nobody can tell.
fn unknown_part(place: Span) -> Targets {
    Targets {
        place: place.into(),
        virtual_machines: unknown(Span::default()),
        ..Targets::default()
    }
}

/// A selector of Kubernetes: what `matchLabels` says of it; what expressions ask for is unknown.
fn selector(node: Node<'_>) -> Selector {
    let mut selector = Selector {
        open: is_unknown(node),
        ..Selector::default()
    };
    let expressions = node.get("matchExpressions").map(|it| it.value);
    selector.open |= expressions.is_some_and(|it| !it.is_null() && !is_empty(it));
    let labels = node.get("matchLabels").map(|it| it.value);
    let Some(labels) = labels.filter(|it| !it.is_null()) else {
        return selector;
    };
    selector.open |= !matches!(labels.value(), Value::Mapping(_)) || is_unknown(labels);
    let mut known = Vec::new();
    for entry in labels.entries() {
        match (entry.key.text(), entry.value.text()) {
            (Some(_), _) if is_unknown(entry.key) => selector.open = true,
            (Some(key), Some(value)) if !is_unknown(entry.value) => {
                known.push((key, value));
            }
            (Some(key), _) => selector.valueless.push(key.into()),
            (None, _) => selector.open = true,
        }
    }
    selector.labels = known.into_iter().collect();
    selector
}

fn is_empty(node: Node<'_>) -> bool {
    matches!(node.value(), Value::Sequence(_)) && node.items().next().is_none()
}

/// A selector that asks for labels.
fn of_labels(labels: Labels) -> Selector {
    Selector {
        labels,
        ..Selector::default()
    }
}

fn item<T: Modelled>(value: T, span: Span) -> Item<T> {
    Item::new(State::Known(value), span)
}

/// Targets, at the place of an entry.
fn at(
    entry: Option<Entry<'_>>,
    otherwise: Span,
    targets: impl FnOnce(Span) -> Targets,
) -> Attr<Targets> {
    match entry {
        Some(entry) => attribute(entry, State::Known(targets(entry.key.place().span))),
        None => known(targets(otherwise), otherwise),
    }
}
