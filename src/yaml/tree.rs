//! The tree of a document: an arena of what is written.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::node::Style;
use super::scalar::Reading;
use crate::source::Span;

/// What is written, in the order of the text: node 0 is the root, children follow parents.
#[derive(PartialEq, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<NodeData>,
    /// Items of sequences, and keys and values in turn of mappings.
    pub(super) children: Vec<u32>,
    /// Texts of scalars whose source has escapes, folds or indentation.
    pub(super) cooked: Vec<Box<str>>,
    /// Entries of mappings whose entries are not just what is written.
    pub(super) effective: HashMap<u32, Box<[EntryIds]>>,
}

#[derive(PartialEq)]
pub(super) struct NodeData {
    pub(super) span: Span,
    /// Where the element starts: its dash in a block sequence, else the node itself.
    pub(super) lead: u32,
    pub(super) shape: Shape,
}

#[derive(PartialEq)]
pub(super) enum Shape {
    Scalar {
        style: Style,
        reading: Reading,
        cooked: Option<NonZeroU32>,
    },
    Sequence {
        style: Style,
        children: Children,
    },
    Mapping {
        style: Style,
        children: Children,
        as_written: bool,
    },
    Alias {
        target: u32,
    },
}

/// A range of [`Tree::children`].
#[derive(Clone, Copy, PartialEq, Default)]
pub(super) struct Children {
    pub(super) first: u32,
    pub(super) count: u32,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) struct EntryIds {
    pub(super) key: u32,
    pub(super) value: u32,
    /// The alias by which the entry was merged in.
    pub(super) via: Option<u32>,
}

impl Tree {
    /// An empty tree with room for as much as another has.
    pub(super) fn like(other: &Tree) -> Tree {
        Tree {
            nodes: Vec::with_capacity(other.nodes.len()),
            children: Vec::with_capacity(other.children.len()),
            ..Tree::default()
        }
    }

    /// Keeps the text of a scalar that is not what is written.
    pub(super) fn keep(&mut self, cooked: Box<str>) -> Option<NonZeroU32> {
        self.cooked.push(cooked);
        NonZeroU32::new(self.cooked.len() as u32)
    }

    #[inline]
    pub(super) fn data(&self, id: u32) -> &NodeData {
        &self.nodes[id as usize]
    }

    /// The node that `id` is or, as an alias, stands for.
    pub(super) fn followed(&self, id: u32) -> u32 {
        match self.data(id).shape {
            Shape::Alias { target } => target,
            _ => id,
        }
    }

    /// What is written inside of a collection; of mappings keys and values in turn.
    #[inline]
    pub(super) fn children(&self, id: u32) -> &[u32] {
        match self.data(id).shape {
            Shape::Sequence { children, .. } | Shape::Mapping { children, .. } => {
                &self.children[children.first as usize..][..children.count as usize]
            }
            Shape::Scalar { .. } | Shape::Alias { .. } => &[],
        }
    }

    /// The entry (key and value) or element of that index, as written.
    pub(super) fn part(&self, id: u32, index: usize) -> Option<&[u32]> {
        let width = match self.data(id).shape {
            Shape::Mapping { .. } => 2,
            _ => 1,
        };
        self.children(id).get(index * width..(index + 1) * width)
    }

    /// How many entries or elements of a collection start in front of byte `at`.
    pub(super) fn parts_before(&self, id: u32, at: u32) -> usize {
        let is_before = |part: &u32| self.data(*part).lead < at;
        let children = self.children(id);
        match self.data(id).shape {
            Shape::Mapping { .. } => children
                .as_chunks()
                .0
                .partition_point(|[key, _]| is_before(key)),
            _ => children.partition_point(is_before),
        }
    }

    /// From the key or dash of an entry or element to its end.
    pub(super) fn extent(&self, part: &[u32]) -> Span {
        let start = part.first().map_or(0, |id| self.data(*id).lead);
        let end = part.last().map_or(start, |id| self.data(*id).span.end);
        Span { start, end }
    }

    /// The text of a scalar in `text`, the source.
    #[inline]
    pub(super) fn text<'a>(&'a self, id: u32, text: &'a str) -> Option<&'a str> {
        let NodeData {
            span, ref shape, ..
        } = *self.data(id);
        match shape {
            Shape::Scalar {
                cooked: Some(index),
                ..
            } => Some(&self.cooked[index.get() as usize - 1]),
            Shape::Scalar {
                style,
                cooked: None,
                ..
            } => Some(verbatim(*style, span, text)),
            _ => None,
        }
    }
}

/// The text of a scalar without escapes, folds and indentation.
#[inline]
pub(super) fn verbatim(style: Style, span: Span, text: &str) -> &str {
    let written = text.get(span.range()).unwrap_or_default();
    match style {
        Style::SingleQuoted | Style::DoubleQuoted => written
            .get(1..written.len().saturating_sub(1))
            .unwrap_or_default(),
        _ => written,
    }
}
