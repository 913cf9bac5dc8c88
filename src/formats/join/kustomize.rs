//! Kustomizations: which files are patches, and which namespace a folder is in.

use std::collections::{HashMap, HashSet};

use arcstr::ArcStr;

use super::{Content, Piece};
use crate::formats::lowering;
use crate::formats::manifest::Manifest;
use crate::formats::{Format, Lowered};
use crate::model::{Meta, Standing};
use crate::source::FileId;
use crate::yaml::Node;

/// Kustomizations.
pub(in crate::formats) const FORMAT: Format = Format {
    name: "kustomize",
    title: "Kustomizations: files that are patches, and the namespace of a folder",
    recognised_by: "apiVersion: kustomize.config.k8s.io/…, or neither apiVersion nor kind, and only keys of a kustomization",
    markers: &[],
    helpers: &[
        "kustomize.config.k8s.io",
        "patchesStrategicMerge:",
        "patches:",
        "resources:",
    ],
    recognise: is_kustomization,
    lower,
};

/// What a kustomization says about the files of its folder.
#[derive(Clone, Debug)]
pub(in crate::formats) struct Kustomization {
    namespace: Option<ArcStr>,
    /// Files that are patches, as written.
    patches: Vec<Box<str>>,
    /// Files and folders that it takes in, as written.
    resources: Vec<Box<str>>,
}

fn is_kustomization(root: Node<'_>) -> bool {
    match root.get("apiVersion").or(root.get("kind")) {
        Some(_) => Manifest::of(root).is_some_and(|it| it.group == "kustomize.config.k8s.io"),
        None => is_one_by_its_keys(root),
    }
}

/// Whether it has what only a kustomization has: one may go without `apiVersion` and `kind`, as the
/// name of its file says what it is.
fn is_one_by_its_keys(root: Node<'_>) -> bool {
    const LISTS: [&str; 6] = [
        "resources",
        "bases",
        "components",
        "patches",
        "patchesStrategicMerge",
        "patchesJson6902",
    ];
    const OTHERS: [&str; 16] = [
        "namespace",
        "namePrefix",
        "nameSuffix",
        "commonLabels",
        "commonAnnotations",
        "labels",
        "images",
        "replicas",
        "configMapGenerator",
        "secretGenerator",
        "generatorOptions",
        "helmCharts",
        "replacements",
        "vars",
        "configurations",
        "crds",
    ];
    let known = |key: &str| LISTS.contains(&key) || OTHERS.contains(&key);
    let lists = |key: &str| {
        let list = root.get(key).map(|entry| entry.value);
        list.is_some_and(|list| list.items().next().is_some())
    };
    LISTS.into_iter().any(lists) && root.entries().all(|it| it.key.text().is_some_and(known))
}

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    let namespace = lowering::text(root.get("namespace"));
    let mut patches = Vec::new();
    for key in ["patchesStrategicMerge", "patches", "patchesJson6902"] {
        let list = root.get(key).map(|entry| entry.value);
        for item in list.into_iter().flat_map(Node::items) {
            let path = match item.get("path") {
                Some(path) => path.value.text(),
                None => item.text(),
            };
            patches.extend(path.filter(|path| !path.contains('\n')).map(Box::from));
        }
    }
    let mut resources = Vec::new();
    for key in ["resources", "bases", "components"] {
        let list = root.get(key).map(|entry| entry.value);
        let taken = list.into_iter().flat_map(Node::items);
        resources.extend(taken.filter_map(Node::text).map(Box::from));
    }
    let kustomization = Kustomization {
        namespace: namespace.known().cloned(),
        patches,
        resources,
    };
    lowered.add_piece(Content::Kustomization(kustomization));
}

/// What kustomizations say about the files of their folders.
pub(super) struct Folders {
    namespaces: HashMap<String, Option<ArcStr>>,
    patches: HashSet<String>,
}

impl Folders {
    pub(super) fn of(pieces: &[Piece], path: &dyn Fn(FileId) -> ArcStr) -> Self {
        let mut namespaces: HashMap<String, Option<ArcStr>> = HashMap::new();
        let mut patches = HashSet::new();
        for piece in pieces {
            let Content::Kustomization(said) = &piece.content else {
                continue;
            };
            let folder = folder_of(&path(piece.file)).to_owned();
            for patch in &said.patches {
                patches.insert(joined(&folder, patch));
            }
            let namespace = namespaces
                .entry(folder)
                .or_insert_with(|| said.namespace.clone());
            if *namespace != said.namespace {
                *namespace = None;
            }
        }
        Self::override_bases(&mut namespaces, pieces, path);
        Folders {
            namespaces,
            patches,
        }
    }

    /// Forgets the namespace of folders that another kustomization takes in and puts into another
    /// one: what is in them is where each overlay says.
    fn override_bases(
        namespaces: &mut HashMap<String, Option<ArcStr>>,
        pieces: &[Piece],
        path: &dyn Fn(FileId) -> ArcStr,
    ) {
        for piece in pieces {
            let Content::Kustomization(said) = &piece.content else {
                continue;
            };
            let folder = folder_of(&path(piece.file)).to_owned();
            let Some(over) = &said.namespace else {
                continue;
            };
            for taken in &said.resources {
                if let Some(base) = namespaces.get_mut(&joined(&folder, taken))
                    && base.as_ref().is_some_and(|base| base != over)
                {
                    *base = None;
                }
            }
        }
    }

    /// Marks what is a patch, and tells the namespace of what does not say it.
    pub(super) fn settle(&self, meta: &mut Meta, path: &dyn Fn(FileId) -> ArcStr) {
        let path = path(meta.file);
        if self.patches.contains(&*path) {
            meta.partial = true;
        }
        if meta.partial {
            meta.standing = Standing::Apart;
        }
        if meta.folder.is_some() {
            let folder = folder_of(&path);
            match self.namespaces.get(folder).cloned().flatten() {
                Some(namespace) => {
                    meta.namespace = namespace;
                    meta.folder = None;
                }
                None => meta.folder = Some(folder.into()),
            }
        }
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path that `relative` is from a folder.
fn joined(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    match folder.starts_with('/') {
        true => format!("/{path}"),
        false => path,
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn patches_are_named_from_the_folder_of_the_kustomization() {
        assert_eq!(joined("apps/vm", "patch.yaml"), "apps/vm/patch.yaml");
        assert_eq!(joined("apps/vm", "./a/patch.yaml"), "apps/vm/a/patch.yaml");
        assert_eq!(joined("apps/vm", "../base/p.yaml"), "apps/base/p.yaml");
        assert_eq!(joined("", "p.yaml"), "p.yaml");
        assert_eq!(joined("..", "../p.yaml"), "../../p.yaml");
        assert_eq!(joined("/srv/vm", "p.yaml"), "/srv/vm/p.yaml");
    }
}
