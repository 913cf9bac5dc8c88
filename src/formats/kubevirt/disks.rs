//! The disks of a machine: its volumes but for those that carry configuration.

use arcstr::ArcStr;

use super::machine::Source;
use super::{claims, known_text, written};
use crate::formats::lowering::{self, unknown};
use crate::model::{Attr, Disk, HostDisk, Item, List, State};
use crate::yaml::{Entry, Node, Value};

/// Volumes that are disks and on no claim.
const LOCAL: [&str; 3] = ["containerDisk", "emptyDisk", "ephemeral"];

/// Volumes that carry configuration.
const CONFIGURATION: [&str; 8] = [
    "cloudInitNoCloud",
    "cloudInitConfigDrive",
    "configMap",
    "secret",
    "sysprep",
    "serviceAccount",
    "downwardAPI",
    "downwardMetrics",
];

pub(super) fn disks(source: &Source<'_>) -> Attr<List<Disk>> {
    let Some(volumes) = source.spec(&["volumes"]) else {
        return Attr::default();
    };
    let templates = source.declared("dataVolumeTemplates");
    let disk = |node: Node<'_>| {
        let state = match node.value() {
            Value::Mapping(_) if !lowering::is_unknown(node) => disk(node, templates)?,
            _ => State::Unknown,
        };
        Some(Item::new(state, node.place().span))
    };
    let state = match volumes.value.value() {
        Value::Sequence(_) => State::Known(volumes.value.items().filter_map(disk).collect()),
        _ => State::Unknown,
    };
    lowering::attribute(volumes, state)
}

/// A volume as a disk; none where it is configuration.
fn disk(node: Node<'_>, templates: Option<Entry<'_>>) -> Option<State<Disk>> {
    let plain = || Disk {
        place: node.place().span.into(),
        name: lowering::text(node.get("name")),
        ..Disk::default()
    };
    if let Some(claim) = written(node, "persistentVolumeClaim") {
        return Some(State::Known(on_claim(
            plain(),
            claim,
            "claimName",
            templates,
        )));
    }
    if let Some(claim) = written(node, "dataVolume") {
        return Some(State::Known(on_claim(plain(), claim, "name", templates)));
    }
    if let Some(file) = written(node, "hostDisk") {
        let state = match file.value.value() {
            Value::Mapping(_) => State::Known(HostDisk {
                place: file.key.place().span.into(),
                path: lowering::text(file.value.get("path")),
                shared: lowering::boolean(file.value.get("shared")),
            }),
            _ => State::Unknown,
        };
        let mut disk = plain();
        disk.host_disk = lowering::attribute(file, state);
        return Some(State::Known(disk));
    }
    let has = |keys: &[&str]| keys.iter().any(|key| node.get(key).is_some());
    match has(&LOCAL) {
        true => Some(State::Known(plain())),
        false if has(&CONFIGURATION) => None,
        false => Some(State::Unknown),
    }
}

/// A disk on a claim. How that can be used says the template of the same document, else other
/// documents, which are put in later.
fn on_claim(mut disk: Disk, claim: Entry<'_>, key: &str, templates: Option<Entry<'_>>) -> Disk {
    let name: Attr<ArcStr> = match claim.value.get(key) {
        Some(name) => lowering::text(Some(name)),
        None => unknown(claim.key.place().span),
    };
    let template = name.known().and_then(|name| template(templates?, name));
    disk.access_modes = unknown(name.span());
    disk.claim = name;
    if let Some(template) = template {
        let mut said = claims::of_data_volume(template);
        disk.size = std::mem::take(&mut said.size);
        let said = &mut *said;
        if said.access_modes.known().is_some() {
            disk.access_modes = std::mem::take(&mut said.access_modes);
        }
        disk.volume_mode = std::mem::take(&mut said.volume_mode);
        disk.storage_class = std::mem::take(&mut said.storage_class);
    }
    disk
}

/// The template of a data volume with this name.
fn template<'t>(templates: Entry<'t>, name: &str) -> Option<Node<'t>> {
    let mut templates = templates.value.items();
    templates.find(|template| {
        let metadata = template.get("metadata").map(|it| it.value);
        known_text(metadata, "name").as_deref() == Some(name)
    })
}
