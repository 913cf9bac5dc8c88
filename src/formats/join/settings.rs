//! All that a document says about a cluster: also what is no attribute of the model tells two
//! clusters of one name apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::formats::MOST_NODES;
use crate::source::Span;
use crate::yaml::{Node, Value};

/// What the settings of a cluster come to.
#[derive(Clone, Copy, Debug)]
pub(in crate::formats) struct Settings {
    /// The document.
    pub(super) extent: Span,
    /// The same for documents that say the same, in whatever order and form.
    pub(super) digest: u64,
}

impl Settings {
    pub(in crate::formats) fn of(root: Node<'_>) -> Self {
        let said = root.get("spec").or(root.get("data"));
        Settings {
            extent: root.place().span,
            digest: said.map_or(0, |said| digest(said.value, &mut MOST_NODES.clone())),
        }
    }
}

/// Beyond so many nodes all are alike.
fn digest(node: Node<'_>, left: &mut u32) -> u64 {
    *left = left.saturating_sub(1);
    if *left == 0 {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    match node.value() {
        Value::Mapping(entries) => {
            let pair = |(key, value): (u64, u64)| {
                let mut hasher = DefaultHasher::new();
                (key, value).hash(&mut hasher);
                hasher.finish()
            };
            let pairs = entries.map(|it| pair((digest(it.key, left), digest(it.value, left))));
            let mut pairs: Vec<u64> = pairs.collect();
            pairs.sort_unstable();
            ("mapping", pairs).hash(&mut hasher);
        }
        Value::Sequence(items) => {
            let items: Vec<u64> = items.map(|item| digest(item, left)).collect();
            ("sequence", items).hash(&mut hasher);
        }
        _ => node.text().hash(&mut hasher),
    }
    hasher.finish()
}
