//! Longhorn: `RecurringJob` whose task makes backups, and storage classes of its driver. Snapshots,
//! trims and clean-ups are no backups. Which volumes of a job are a machine's is said by labels of
//! claims; what else may lead to a volume (its own labels, the group `default`, storage classes) is
//! not read, so that other machines may be backed up as well.

use super::{at, is, item, of_labels, policy, timing, unknown_part};
use crate::formats::Lowered;
use crate::formats::lowering::{is_unknown, known, read, text, texts, whole};
use crate::formats::manifest::Manifest;
use crate::model::{Attr, BackupProduct, Kind, Selector, State, StorageClass};
use crate::yaml::{Node, Value};

pub(super) fn recognise(root: Node<'_>) -> bool {
    is_job(root) || is_class(root)
}

fn is_job(root: Node<'_>) -> bool {
    let task = Manifest::of(root).and_then(|it| it.spec(&["task"])?.value.text());
    is(root, "longhorn.io", "RecurringJob") && task.is_some_and(|task| task.starts_with("backup"))
}

fn is_class(root: Node<'_>) -> bool {
    let provisioner = root.get("provisioner").and_then(|it| it.value.text());
    is(root, "storage.k8s.io", "StorageClass") && provisioner == Some("driver.longhorn.io")
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    if let Some(manifest) = Manifest::of(root) {
        match is_class(root) {
            true => class(&manifest, lowered),
            false => job(&manifest, lowered),
        }
    }
}

fn job(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let meta = manifest.meta(Kind::BackupPolicy, lowered.file, None);
    let mut spec = policy(BackupProduct::Longhorn, meta.name_span());
    spec.schedule = timing::schedule(manifest.spec(&["cron"]));
    spec.retain = whole(manifest.spec(&["retain"]));
    let groups = manifest.spec(&["groups"]);
    spec.targets = at(groups, meta.name_span(), |place| {
        let mut selectors = Vec::new();
        if meta.named {
            let job = format!("recurring-job.longhorn.io/{}", meta.name);
            selectors.push(item(enabled(&job), meta.name_span()));
        }
        for group in texts(groups).known().into_iter().flatten() {
            if let Some(name) = group.known() {
                let group_label = format!("recurring-job-group.longhorn.io/{name}");
                selectors.push(item(enabled(&group_label), group.span()));
            }
        }
        let mut targets = unknown_part(place);
        targets.claim_selectors = known(selectors.into(), place);
        targets
    });
    lowered.add(meta, spec);
}

/// What a claim carries that takes its jobs from its own labels.
fn enabled(job: &str) -> Selector {
    let labels = ["recurring-job.longhorn.io/source", job];
    of_labels(labels.map(|label| (label, "enabled")).into_iter().collect())
}

fn class(manifest: &Manifest<'_>, lowered: &mut Lowered) {
    let root = manifest.root;
    let parameters = root.get("parameters");
    let migratable = parameters.and_then(|it| it.value.get("migratable"));
    let meta = manifest.meta(Kind::StorageClass, lowered.file, parameters);
    let mut spec = StorageClass {
        provisioner: text(root.get("provisioner")),
        migratable: read(migratable, |node| match (node.value(), node.text()) {
            (Value::Bool(value), _) => Some(value),
            (_, Some("true" | "True" | "TRUE" | "t" | "T" | "1")) => Some(true),
            (_, Some("false" | "False" | "FALSE" | "f" | "F" | "0")) => Some(false),
            _ => None,
        }),
        ..StorageClass::default()
    };
    spec.migratable_unquoted = unquoted(migratable.map(|it| it.value));
    if parameters.is_some_and(|it| is_unknown(it.value)) {
        spec.migratable.set(State::Unknown);
    }
    lowered.add(meta, spec);
}

/// Whether a value is something else than a text.
fn unquoted(node: Option<Node<'_>>) -> Attr<bool> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Attr::default();
    };
    let state = match node.value() {
        _ if is_unknown(node) => State::Unknown,
        Value::Text(_) => State::Known(false),
        _ => State::Known(true),
    };
    Attr::new(state, node.place().span)
}
