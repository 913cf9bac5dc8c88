//! Documents that lie in others: items of lists, objects of templates and policies, manifests written
//! as text into a `ConfigMap`, and values of charts written as text into an `Application`.

use super::Concern;
use super::manifest::Manifest;
use crate::yaml::{self, Document, Node, Room};

/// How deep documents may lie in each other.
const DEEPEST: usize = 8;

/// What is done with the documents that are found.
pub(super) trait Visitor {
    /// Takes a document, and whether it is a part of an object only.
    fn document(&mut self, node: Node<'_>, partial: bool);
    /// Takes what a text held, whose documents were all taken before.
    fn text(&mut self, _: &Document<'_>) {}
}

/// Hands every document in `root` to `visitor`: `root` itself, where it wraps none. `room` is what may be
/// read of texts.
pub(super) fn each(root: Node<'_>, room: &mut Room, visitor: &mut dyn Visitor) {
    descend(root, false, 0, room, visitor);
}

fn descend(
    node: Node<'_>,
    partial: bool,
    depth: usize,
    room: &mut Room,
    visitor: &mut dyn Visitor,
) {
    let mut deeper = |inner: Node<'_>, partial: bool, visitor: &mut dyn Visitor| {
        if depth < DEEPEST {
            descend(inner, partial, depth + 1, room, visitor);
        }
    };
    let Some(manifest) = Manifest::of(node) else {
        return visitor.document(node, partial);
    };
    match (manifest.group, manifest.kind) {
        (_, "List") => {
            for item in below(node, &["items"]).into_iter().flat_map(Node::items) {
                deeper(item, partial, visitor);
            }
        }
        ("template.openshift.io" | "", "Template") if node.get("objects").is_some() => {
            for item in below(node, &["objects"]).into_iter().flat_map(Node::items) {
                deeper(item, partial, visitor);
            }
        }
        ("work.open-cluster-management.io", "ManifestWork" | "ManifestWorkReplicaSet") => {
            let direct = below(node, &["spec", "workload", "manifests"]);
            let replicated = below(
                node,
                &["spec", "manifestWorkTemplate", "workload", "manifests"],
            );
            for item in direct.or(replicated).into_iter().flat_map(Node::items) {
                deeper(item, partial, visitor);
            }
        }
        ("policy.open-cluster-management.io", "Policy") => {
            let templates = below(node, &["spec", "policy-templates"]);
            for template in templates.into_iter().flat_map(Node::items) {
                if let Some(inner) = template.get("objectDefinition") {
                    deeper(inner.value, partial, visitor);
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
                    deeper(inner.value, partial || word != "mustonlyhave", visitor);
                }
            }
        }
        ("", "ConfigMap") | ("argoproj.io", "Application") => {
            visitor.document(node, partial);
            for scalar in texts(node).filter(|_| depth < DEEPEST) {
                for document in in_text(scalar, room) {
                    descend(document.root(), partial, depth + 1, room, visitor);
                    visitor.text(&document);
                }
            }
        }
        _ => visitor.document(node, partial),
    }
}

/// The texts of a `ConfigMap`, and the values of charts that an `Application` of Argo CD has as text.
fn texts(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let data = below(node, &["data"]).into_iter().flat_map(Node::entries);
    let single = below(node, &["spec", "source"]).into_iter();
    let several = below(node, &["spec", "sources"]).into_iter();
    let sources = single.chain(several.flat_map(Node::items));
    let values = sources.filter_map(|source| below(source, &["helm", "values"]));
    data.map(|it| it.value).chain(values)
}

/// The node that these keys lead to.
pub(super) fn below<'t>(node: Node<'t>, keys: &[&str]) -> Option<Node<'t>> {
    let mut keys = keys.iter();
    keys.try_fold(node, |node, key| Some(node.get(key)?.value))
}

/// The documents in the text of a block scalar, where it has a word of ours.
fn in_text<'t>(scalar: Node<'t>, room: &mut Room) -> Vec<Document<'t>> {
    let text = scalar.text().unwrap_or_default();
    match Concern::of(text.as_bytes()) {
        Concern::Ours => yaml::parse_inside(scalar, room).map_or_else(Vec::new, |it| it.documents),
        _ => Vec::new(),
    }
}
