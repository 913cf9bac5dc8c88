//! What documents say about each other: put together once all of them are read.

mod kustomize;
pub(super) mod machines;
mod variants;

use std::sync::Arc;

use crate::model::AnyResource;
use crate::source::FileId;

pub(super) use kustomize::FORMAT as KUSTOMIZE;
use kustomize::Kustomization;

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
    Windows(machines::Said),
}

/// Puts pieces where they belong. `path` tells where a file is.
pub fn join(
    resources: &mut Vec<AnyResource>,
    pieces: Vec<Piece>,
    path: &dyn Fn(FileId) -> Arc<str>,
) {
    if pieces.is_empty() && !resources.iter().any(is_foreign) {
        return;
    }
    kustomize::settle(resources, &pieces, path);
    machines::unite(resources, &pieces, path);
    variants::unite(resources);
}

fn is_foreign(resource: &AnyResource) -> bool {
    resource.meta().origin != crate::model::Origin::Native
}
