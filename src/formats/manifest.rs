//! What all manifests of Kubernetes have in common.

use arcstr::ArcStr;

use super::lowering;
use crate::model::{Kind, Labels, Meta, Origin};
use crate::source::FileId;
use crate::yaml::{Entry, Node};

/// A document with `apiVersion` and `kind`.
#[derive(Clone, Copy)]
pub(super) struct Manifest<'t> {
    pub(super) root: Node<'t>,
    /// The part of `apiVersion` before the slash; empty for the core group.
    pub(super) group: &'t str,
    /// The part behind it.
    pub(super) version: &'t str,
    pub(super) kind: &'t str,
}

impl<'t> Manifest<'t> {
    pub(super) fn of(root: Node<'t>) -> Option<Self> {
        let (group, version) = group_of(root)?;
        let kind = root.get("kind")?.value.text()?;
        Some(Manifest {
            root,
            group,
            version,
            kind,
        })
    }

    /// The value below `spec` that these keys lead to.
    pub(super) fn spec(&self, keys: &[&str]) -> Option<Entry<'t>> {
        lowering::below(self.root.get("spec")?.value, keys)
    }

    /// `metadata.annotations` or `metadata.labels`, with what is known of them.
    pub(super) fn pairs(&self, of: &str) -> (Labels, bool) {
        let metadata = self.root.get("metadata").map(|it| it.value);
        lowering::pairs(metadata.and_then(|metadata| metadata.get(of)))
    }

    /// What every resource has. `spec` is what the attributes lie in, where they are not in `spec`.
    pub(super) fn meta(&self, kind: Kind, file: FileId, spec: Option<Entry<'_>>) -> Meta {
        let metadata = self.root.get("metadata");
        let field = |name| metadata.and_then(|metadata| metadata.value.get(name));
        let text = |name| -> Option<ArcStr> {
            let node = field(name)?.value;
            let text = node.text().filter(|text| !text.is_empty())?;
            (!lowering::is_unknown(node)).then(|| text.into())
        };
        let name = text("name");
        let namespace = text("namespace");
        let nearest: Option<Entry<'_>> = metadata.or(self.root.get("kind"));
        let (labels, labels_open) = self.pairs("labels");
        // A window is for nodes, whatever namespace its document is in.
        let is_of_cluster = kind.is_shared() || kind == Kind::MaintenanceWindow;
        let folder = (namespace.is_none() && !is_of_cluster).then(ArcStr::default);
        let meta = Meta {
            named: name.is_some(),
            origin: Origin::Kubernetes,
            namespace: namespace.filter(|_| !is_of_cluster).unwrap_or_default(),
            labels,
            labels_open,
            annotations: self.pairs("annotations").0,
            name_place: match (field("name"), nearest) {
                (Some(entry), _) => entry.value.place().span.into(),
                (None, Some(entry)) => entry.key.place().span.into(),
                (None, None) => self.root.place().span.into(),
            },
            name: name
                .or_else(|| {
                    let written = field("name").or(field("generateName"))?;
                    written.value.text().map(ArcStr::from)
                })
                .unwrap_or_default(),
            spec_place: spec
                .or(self.root.get("spec"))
                .map(|spec| spec.key.place().span.into()),
            ..Meta::at(kind, file, self.root.place().span)
        };
        meta.of_folder(folder)
    }
}

/// Group and version in `apiVersion`.
pub(super) fn group_of(root: Node<'_>) -> Option<(&str, &str)> {
    let text = root.get("apiVersion")?.value.text()?;
    Some(text.split_once('/').unwrap_or(("", text)))
}
