//! What documents say about each other: put together once all of them are read.

mod claims;
mod instances;
mod kustomize;
pub(super) mod machines;
mod settings;
mod sizes;
mod spelling;
mod variants;
mod world;

use arcstr::ArcStr;

use crate::model::{AnyResource, Meta, Origin};
use crate::source::FileId;

pub(super) use claims::Claim;
pub(super) use instances::{INSTANCE, MACHINE};
pub(super) use kustomize::FORMAT as KUSTOMIZE;
use kustomize::{Folders, Kustomization};
pub(super) use settings::Settings;
pub(super) use sizes::{Asked, Size, Sized};

/// What a document says about resources of others.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The file it is in.
    pub file: FileId,
    /// Its scope: a closed world of its own.
    pub scope: u32,
    pub(super) content: Content,
}

/// What it is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Kustomization(Kustomization),
    Claim(Claim),
    Settings(Settings),
    Size(Size),
    Sized(Sized),
    Windows(machines::Said),
}

impl Content {
    /// What a document of Kubernetes has in common with resources.
    fn meta_mut(&mut self) -> Option<&mut Meta> {
        match self {
            Content::Claim(claim) => Some(&mut claim.meta),
            Content::Size(size) => Some(&mut size.meta),
            Content::Kustomization(_)
            | Content::Settings(_)
            | Content::Sized(_)
            | Content::Windows(_) => None,
        }
    }
}

/// Puts pieces where they belong. `path` tells where a file is.
pub fn join(
    resources: &mut Vec<AnyResource>,
    mut pieces: Vec<Piece>,
    path: &dyn Fn(FileId) -> ArcStr,
) {
    if pieces.is_empty() && !resources.iter().any(is_foreign) {
        return;
    }
    let folders = Folders::of(&pieces, path);
    for resource in resources.iter_mut().filter(|it| is_kubernetes(it)) {
        folders.settle(resource.meta_mut(), path);
    }
    for piece in &mut pieces {
        if let Some(meta) = piece.content.meta_mut() {
            folders.settle(meta, path);
            meta.scope = piece.scope;
        }
    }
    sizes::fill_in(resources, &pieces);
    spelling::settle(resources, &mut pieces);
    machines::unite(resources, &pieces, path);
    variants::unite(resources);
    instances::place(resources);
    claims::attach(resources, &pieces);
    world::settle(resources, &pieces);
}

fn is_foreign(resource: &AnyResource) -> bool {
    resource.meta().origin != Origin::Native
}

fn is_kubernetes(resource: &AnyResource) -> bool {
    resource.meta().is_of_kubernetes()
}
