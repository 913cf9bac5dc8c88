//! Leaf values of the model.

use std::sync::Arc;

/// A name that stands for another resource, as written: `name` or `namespace/name`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    /// The kind it names.
    pub kind: super::Kind,
    /// As written.
    pub written: Arc<str>,
    /// What it turned out to name.
    pub target: Target,
}

/// What a reference turned out to name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Target {
    /// Nobody has looked yet.
    #[default]
    Unresolved,
    /// Nothing has that name.
    Missing,
    /// The resource of its kind with this number in the inventory.
    Found(u32),
}
