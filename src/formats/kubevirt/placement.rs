//! Which nodes a machine may run on.

use super::machine::Source;
use crate::formats::lowering;
use crate::model::{Attr, MachinePlacement, NodeRequirement, NodeTerm, Toleration};
use crate::yaml::{Node, Value};

const REQUIRED_TERMS: [&str; 4] = [
    "affinity",
    "nodeAffinity",
    "requiredDuringSchedulingIgnoredDuringExecution",
    "nodeSelectorTerms",
];

pub(super) fn placement(source: &Source<'_>) -> Attr<MachinePlacement> {
    if !source.has_spec() {
        return Attr::default();
    }
    let place = source.nearest(&[]);
    let placement = MachinePlacement {
        place: place.into(),
        hostname: lowering::text(source.spec(&["nodeSelector", "kubernetes.io/hostname"])),
        node_selector: lowering::labels(source.spec(&["nodeSelector"])),
        required_node_affinity: lowering::list(source.spec(&REQUIRED_TERMS), term),
        tolerations: lowering::list(source.spec(&["tolerations"]), toleration),
    };
    lowering::known(placement, place)
}

/// A term; unknown where it asks for something else than labels.
fn term(node: Node<'_>) -> Option<NodeTerm> {
    if !matches!(node.value(), Value::Mapping(_)) || node.get("matchFields").is_some() {
        return None;
    }
    Some(NodeTerm {
        place: node.place().span.into(),
        match_expressions: lowering::list(node.get("matchExpressions"), requirement),
    })
}

fn requirement(node: Node<'_>) -> Option<NodeRequirement> {
    Some(NodeRequirement {
        place: node.place().span.into(),
        key: lowering::text(Some(node.get("key")?)),
        operator: lowering::text(node.get("operator")),
        values: lowering::texts(node.get("values")),
    })
}

fn toleration(node: Node<'_>) -> Option<Toleration> {
    if !matches!(node.value(), Value::Mapping(_)) {
        return None;
    }
    Some(Toleration {
        place: node.place().span.into(),
        key: lowering::text(node.get("key")),
        operator: lowering::text(node.get("operator")),
        value: lowering::text(node.get("value")),
        effect: lowering::text(node.get("effect")),
    })
}
