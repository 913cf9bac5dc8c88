//! Nodes: what KubeVirt's labeller says of their processor, and what keeps machines off them.

use super::mapping;
use crate::formats::Lowered;
use crate::formats::lowering::{self, below, boolean, list, quantity, text};
use crate::formats::manifest::Manifest;
use crate::model::{
    Attr, Host, HostDetails, HostMemory, Item, Kind, Modelled, Processor, State, Taint, Vendor,
};
use crate::yaml::{Entry, Node, Value};

pub(super) fn recognise(root: Node<'_>) -> bool {
    Manifest::of(root).is_some_and(|it| (it.group, it.version, it.kind) == ("", "v1", "Node"))
}

pub(super) fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let Some(manifest) = Manifest::of(root) else {
        return;
    };
    let meta = manifest.meta(Kind::Host, lowered.file, None);
    let spec = Host {
        processor: processor(below(root, &["metadata", "labels"])),
        memory: mapping(below(root, &["status", "capacity"]), |capacity, place| {
            HostMemory {
                place: place.into(),
                capacity: quantity(capacity.get("memory")),
                ..HostMemory::default()
            }
        }),
        details: Some(Box::new(HostDetails {
            taints: list(manifest.spec(&["taints"]), taint),
            unschedulable: boolean(manifest.spec(&["unschedulable"])),
            ..HostDetails::default()
        })),
        ..Host::default()
    };
    lowered.add(meta, spec);
}

fn taint(node: Node<'_>) -> Option<Taint> {
    matches!(node.value(), Value::Mapping(_)).then(|| Taint {
        place: node.place().span.into(),
        key: text(node.get("key")),
        value: text(node.get("value")),
        effect: text(node.get("effect")),
    })
}

/// What labels `<topic>.node.kubevirt.io/<x>: "true"` say.
fn processor(labels: Option<Entry<'_>>) -> Attr<Processor> {
    let said = |topic: &str| -> Vec<(Entry<'_>, String)> {
        let entries = labels.into_iter().flat_map(|labels| labels.value.entries());
        let said = entries.filter_map(|entry| {
            let (prefix, rest) = entry.key.text()?.split_once('/')?;
            let ours = prefix.strip_suffix(".node.kubevirt.io") == Some(topic);
            let holds = entry.value.text() == Some("true");
            (ours && holds && !rest.is_empty()).then(|| (entry, rest.to_owned()))
        });
        said.collect()
    };
    let models = said("cpu-model");
    let mut processor = Processor {
        place: labels
            .map(|labels| labels.key.place().span)
            .unwrap_or_default()
            .into(),
        vendor: single(&said("cpu-vendor"), Vendor::parse),
        generation: single(&said("host-model-cpu"), |model| Some(model.into())),
        ..Processor::default()
    };
    if let Some((first, _)) = models.first() {
        processor.models = lowering::attribute(
            *first,
            State::Known(
                models
                    .iter()
                    .map(|(entry, model)| {
                        Item::new(
                            State::Known(model.as_str().into()),
                            entry.value.place().span,
                        )
                    })
                    .collect(),
            ),
        );
    }
    let silent =
        processor.vendor.is_absent() && processor.generation.is_absent() && models.is_empty();
    match labels {
        Some(labels) if !silent => lowering::attribute(labels, State::Known(processor)),
        _ => Attr::default(),
    }
}

/// What the only label of a topic says; of several nobody knows which holds.
fn single<T: Modelled>(said: &[(Entry<'_>, String)], parse: impl Fn(&str) -> Option<T>) -> Attr<T> {
    match said {
        [] => Attr::default(),
        [(entry, word)] => {
            lowering::attribute(*entry, parse(word).map_or(State::Unknown, State::Known))
        }
        [(first, _), ..] => lowering::attribute(*first, State::Unknown),
    }
}
