//! Documents that lie in others: items of lists, objects of templates and policies, manifests written
//! as text into a `ConfigMap`, and values of charts written as text into an `Application`.

use super::manifest::{Manifest, group_of};
use super::{Concern, FORMATS};
use crate::yaml::{self, Node, Style};

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
        ("argoproj.io", "Application") => {
            visit(node, partial);
            let single = below(node, &["spec", "source"]);
            let several = below(node, &["spec", "sources"]);
            let sources = single
                .into_iter()
                .chain(several.into_iter().flat_map(Node::items));
            for values in sources.filter_map(|source| below(source, &["helm", "values"])) {
                if values.style() == Style::Literal {
                    in_text(values, |inner| deeper(inner, partial, visit));
                }
            }
        }
        ("", "ConfigMap") => {
            visit(node, partial);
            let data = below(node, &["data"]);
            for entry in data.into_iter().flat_map(Node::entries) {
                if entry.value.style() == Style::Literal {
                    in_text(entry.value, |inner| deeper(inner, partial, visit));
                }
            }
        }
        _ => visit(node, partial),
    }
}

/// The node that these keys lead to.
pub(super) fn below<'t>(node: Node<'t>, keys: &[&str]) -> Option<Node<'t>> {
    let mut keys = keys.iter();
    keys.try_fold(node, |node, key| Some(node.get(key)?.value))
}

/// Reads the text of a block scalar as YAML whose spans are those of the file around it.
fn in_text(scalar: Node<'_>, mut visit: impl FnMut(Node<'_>)) {
    let text = scalar.text().unwrap_or_default();
    if Concern::of(text.as_bytes()) != Concern::Ours {
        return;
    }
    let Some(padded) = scalar.padded() else {
        return;
    };
    let stream = yaml::parse(&padded);
    if stream.failure.is_some() {
        return;
    }
    for document in &stream.documents {
        let known = |node| FORMATS.iter().any(|format| (format.recognise)(node));
        let root = document.root();
        if known(root) || group_of(root).is_some() {
            visit(root);
        }
    }
}
