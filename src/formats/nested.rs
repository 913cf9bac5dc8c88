//! Documents that lie in others: items of lists, objects of templates and policies, and manifests
//! written as text into a `ConfigMap`.

use super::Concern;
use super::manifest::Manifest;
use crate::yaml::{self, Document, Node};

/// How deep documents may lie in each other.
const DEEPEST: usize = 8;

/// Hands every document in `root` to `visit`, with whether it is a part of an object only: `root`
/// itself, where it wraps none.
pub(super) fn each(root: Node<'_>, visit: &mut dyn FnMut(Node<'_>, bool)) {
    descend(root, false, 0, visit);
}

fn descend(node: Node<'_>, partial: bool, depth: usize, visit: &mut dyn FnMut(Node<'_>, bool)) {
    let deeper = |inner: Node<'_>, partial: bool, visit: &mut dyn FnMut(Node<'_>, bool)| {
        if depth < DEEPEST {
            descend(inner, partial, depth + 1, visit);
        }
    };
    let Some(manifest) = Manifest::of(node) else {
        return visit(node, partial);
    };
    match (manifest.group, manifest.kind) {
        (_, "List") => {
            for item in below(node, &["items"]).into_iter().flat_map(Node::items) {
                deeper(item, partial, visit);
            }
        }
        ("template.openshift.io" | "", "Template") if node.get("objects").is_some() => {
            for item in below(node, &["objects"]).into_iter().flat_map(Node::items) {
                deeper(item, partial, visit);
            }
        }
        ("work.open-cluster-management.io", "ManifestWork" | "ManifestWorkReplicaSet") => {
            let direct = below(node, &["spec", "workload", "manifests"]);
            let replicated = below(
                node,
                &["spec", "manifestWorkTemplate", "workload", "manifests"],
            );
            for item in direct.or(replicated).into_iter().flat_map(Node::items) {
                deeper(item, partial, visit);
            }
        }
        ("policy.open-cluster-management.io", "Policy") => {
            let templates = below(node, &["spec", "policy-templates"]);
            for template in templates.into_iter().flat_map(Node::items) {
                if let Some(inner) = template.get("objectDefinition") {
                    deeper(inner.value, partial, visit);
                }
            }
        }
        ("policy.open-cluster-management.io", "ConfigurationPolicy") => {
            let templates = below(node, &["spec", "object-templates"]);
            for template in templates.into_iter().flat_map(Node::items) {
                let word = template
                    .get("complianceType")
                    .and_then(|it| it.value.text());
                let word = word.unwrap_or_default().to_ascii_lowercase();
                if let Some(inner) = template.get("objectDefinition")
                    && word != "mustnothave"
                {
                    deeper(inner.value, partial || word != "mustonlyhave", visit);
                }
            }
        }
        ("", "ConfigMap") => {
            visit(node, partial);
            for scalar in texts(node) {
                for document in in_text(scalar) {
                    deeper(document.root(), partial, visit);
                }
            }
        }
        _ => visit(node, partial),
    }
}

/// The texts of a `ConfigMap`.
pub(super) fn texts(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let data = below(node, &["data"]);
    data.into_iter().flat_map(Node::entries).map(|it| it.value)
}

/// The node that these keys lead to.
pub(super) fn below<'t>(node: Node<'t>, keys: &[&str]) -> Option<Node<'t>> {
    let mut keys = keys.iter();
    keys.try_fold(node, |node, key| Some(node.get(key)?.value))
}

/// Documents that are written as text into a `ConfigMap`.
pub(super) fn written_inside<'t>(root: Node<'t>) -> Vec<Document<'t>> {
    let is_map = Manifest::of(root).is_some_and(|it| (it.group, it.kind) == ("", "ConfigMap"));
    match is_map {
        true => texts(root).flat_map(in_text).collect(),
        false => Vec::new(),
    }
}

/// The documents in the text of a block scalar, where it has a word of ours.
pub(super) fn in_text<'t>(scalar: Node<'t>) -> Vec<Document<'t>> {
    let text = scalar.text().unwrap_or_default();
    match Concern::of(text.as_bytes()) {
        Concern::Ours => yaml::parse_inside(scalar).map_or_else(Vec::new, |it| it.documents),
        _ => Vec::new(),
    }
}
