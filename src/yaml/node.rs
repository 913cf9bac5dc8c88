//! The tree of a document: an arena of what is written, and handles that see through aliases.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::slice;
use std::sync::OnceLock;

use super::scalar::{Reading, Scalar};
use super::{Comment, Problem};
use crate::source::Span;

/// A document of a stream, as a tree.
pub struct Document<'t> {
    /// From its `---` or first comment to its last content or comment.
    pub span: Span,
    /// Its comments in the order of the text, with those between it and the document before.
    pub comments: Vec<Comment<'t>>,
    /// Its duplicate keys in the order of the text.
    pub problems: Vec<Problem>,
    pub(super) text: &'t str,
    pub(super) tree: Tree,
    pub(super) ordinals: OnceLock<Vec<u32>>,
}

/// What is written, in the order of the text: node 0 is the root, children follow parents.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<NodeData>,
    /// Items of sequences, and keys and values in turn of mappings.
    pub(super) children: Vec<u32>,
    /// Texts of scalars whose source has escapes, folds or indentation.
    pub(super) cooked: Vec<Box<str>>,
    /// Entries of mappings whose entries are not just what is written.
    pub(super) effective: HashMap<u32, Box<[EntryIds]>>,
}

pub(super) struct NodeData {
    pub(super) span: Span,
    /// Where the element starts: its dash in a block sequence, else the node itself.
    pub(super) lead: u32,
    pub(super) shape: Shape,
}

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
#[derive(Clone, Copy, Default)]
pub(super) struct Children {
    pub(super) first: u32,
    pub(super) count: u32,
}

#[derive(Clone, Copy)]
pub(super) struct EntryIds {
    pub(super) key: u32,
    pub(super) value: u32,
    /// The alias by which the entry was merged in.
    pub(super) via: Option<u32>,
}

/// How a node is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Style {
    /// A scalar without quotes, or nothing at all.
    Plain,
    /// A scalar in `'…'`.
    SingleQuoted,
    /// A scalar in `"…"`.
    DoubleQuoted,
    /// A block scalar behind `|`.
    Literal,
    /// A block scalar behind `>`.
    Folded,
    /// A collection by indentation.
    Block,
    /// A collection in `[…]` or `{…}`, or a single pair inside of `[…]`.
    Flow,
}

/// A value by the core schema of YAML 1.2. Only `true` and `false` are booleans, quoted scalars
/// are text, an integer beyond 64 bits is the nearest float.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer: decimal, `0x…` or `0o…`.
    Int(i64),
    /// Any other number, `.inf` and `.nan` included.
    Float(f64),
    /// Any other scalar.
    Text(&'t str),
    /// A list.
    Sequence(Items<'t>),
    /// A map.
    Mapping(Entries<'t>),
}

/// Where a node is: what to point at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// The node itself, or the alias (`*name`) by which it or a node around it was reached.
    pub span: Span,
    /// For a node behind an alias, where it is defined.
    pub anchor: Option<Span>,
}

/// A node of a [`Document`]. Aliases are followed: a node is never an alias itself, but it knows
/// the outermost one that led to it.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    pub(super) document: &'t Document<'t>,
    pub(super) id: u32,
    via: Option<u32>,
}

/// A key with its value.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    /// The key.
    pub key: Node<'t>,
    /// The value.
    pub value: Node<'t>,
}

impl Document<'_> {
    /// The outermost node; null in an empty document.
    #[must_use]
    pub fn root(&self) -> Node<'_> {
        self.node(0, None)
    }

    pub(super) fn node(&self, id: u32, via: Option<u32>) -> Node<'_> {
        let (id, via) = match self.tree.data(id).shape {
            Shape::Alias { target } => (target, via.or(Some(id))),
            _ => (id, via),
        };
        Node {
            document: self,
            id,
            via,
        }
    }
}

impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("span", &self.span)
            .field("root", &self.root())
            .field("problems", &self.problems)
            .field("comments", &self.comments)
            .finish()
    }
}

impl Tree {
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
pub(super) fn verbatim(style: Style, span: Span, text: &str) -> &str {
    let written = text.get(span.range()).unwrap_or_default();
    match style {
        Style::SingleQuoted | Style::DoubleQuoted => written
            .get(1..written.len().saturating_sub(1))
            .unwrap_or_default(),
        _ => written,
    }
}

impl<'t> Node<'t> {
    fn data(self) -> &'t NodeData {
        self.document.tree.data(self.id)
    }

    /// The value.
    #[must_use]
    pub fn value(self) -> Value<'t> {
        match self.data().shape {
            Shape::Scalar { reading, .. } => match reading.value(self.text().unwrap_or_default()) {
                Scalar::Null => Value::Null,
                Scalar::Bool(bool) => Value::Bool(bool),
                Scalar::Int(int) => Value::Int(int),
                Scalar::Float(float) => Value::Float(float),
                Scalar::Text(text) => Value::Text(text),
            },
            Shape::Mapping { .. } => Value::Mapping(self.entries()),
            Shape::Sequence { .. } | Shape::Alias { .. } => Value::Sequence(self.items()),
        }
    }

    /// The text of a scalar whatever its type, with escapes and folds resolved: `9.0` for an
    /// unquoted 9.0, nothing for a null that is not written. None for collections.
    #[must_use]
    pub fn text(self) -> Option<&'t str> {
        self.document.tree.text(self.id, self.document.text)
    }

    /// How it is written.
    #[must_use]
    pub fn style(self) -> Style {
        match self.data().shape {
            Shape::Scalar { style, .. }
            | Shape::Sequence { style, .. }
            | Shape::Mapping { style, .. } => style,
            Shape::Alias { .. } => Style::Plain,
        }
    }

    /// Whether it is a scalar without quotes, or nothing at all.
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.style() == Style::Plain
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self.value(), Value::Null)
    }

    /// The node as written, where it is defined: scalars with their quotes or block header,
    /// collections from their first indicator or key to the end of their last content. Anchors
    /// and tags are left out. Empty for a null that is not written.
    #[must_use]
    pub fn span(self) -> Span {
        self.data().span
    }

    /// What to point at, aliases taken into account.
    #[must_use]
    pub fn place(self) -> Place {
        match self.via {
            Some(alias) => Place {
                span: self.document.tree.data(alias).span,
                anchor: Some(self.span()),
            },
            None => Place {
                span: self.span(),
                anchor: None,
            },
        }
    }

    /// The entry of a mapping whose key is the scalar `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Entry<'t>> {
        self.entries().find(|entry| entry.key.text() == Some(key))
    }

    /// The entries of a mapping, in the order of the text: its own ones, then those it merges in
    /// with `<<`. Where a key stands twice the first one is given. Nothing for other nodes.
    #[must_use]
    pub fn entries(self) -> Entries<'t> {
        let Document { tree, .. } = self.document;
        let pairs = match self.data().shape {
            Shape::Mapping {
                as_written: true, ..
            } => Pairs::Written(tree.children(self.id).as_chunks().0.iter()),
            _ => {
                let merged = tree.effective.get(&self.id);
                Pairs::Merged(merged.map(|ids| &**ids).unwrap_or_default().iter())
            }
        };
        Entries {
            document: self.document,
            via: self.via,
            pairs,
        }
    }

    /// The items of a sequence; nothing for other nodes.
    #[must_use]
    pub fn items(self) -> Items<'t> {
        let ids = match self.data().shape {
            Shape::Sequence { .. } => self.document.tree.children(self.id),
            _ => &[],
        };
        Items {
            document: self.document,
            via: self.via,
            ids: ids.iter(),
        }
    }

    /// Whether a template engine has yet to fill this in: a scalar with `{{` or `${` in it, or
    /// an unquoted `{{ x }}`, which YAML reads as a mapping whose only key is a mapping.
    #[must_use]
    pub fn is_template(self) -> bool {
        if let Some(text) = self.text() {
            return is_template_text(text);
        }
        let mut entries = self.entries();
        match (entries.next(), entries.next()) {
            (Some(Entry { key, value }), None) => {
                let is_flow_mapping = |node: Node<'_>| {
                    matches!(
                        node.data().shape,
                        Shape::Mapping {
                            style: Style::Flow,
                            ..
                        }
                    )
                };
                is_flow_mapping(self) && is_flow_mapping(key) && value.is_null()
            }
            _ => false,
        }
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value() {
            Value::Sequence(items) => f.debug_list().entries(items).finish(),
            Value::Mapping(entries) => f
                .debug_map()
                .entries(entries.map(|entry| (entry.key, entry.value)))
                .finish(),
            scalar => write!(f, "{scalar:?}@{:?}", self.span()),
        }
    }
}

/// The items of a sequence.
#[derive(Clone)]
pub struct Items<'t> {
    document: &'t Document<'t>,
    via: Option<u32>,
    ids: slice::Iter<'t, u32>,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.document.node(*self.ids.next()?, self.via))
    }

    fn nth(&mut self, n: usize) -> Option<Self::Item> {
        Some(self.document.node(*self.ids.nth(n)?, self.via))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

impl ExactSizeIterator for Items<'_> {}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// The entries of a mapping.
#[derive(Clone)]
pub struct Entries<'t> {
    document: &'t Document<'t>,
    via: Option<u32>,
    pairs: Pairs<'t>,
}

#[derive(Clone)]
enum Pairs<'t> {
    Written(slice::Iter<'t, [u32; 2]>),
    Merged(slice::Iter<'t, EntryIds>),
}

impl<'t> Iterator for Entries<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        let (key, value, via) = match &mut self.pairs {
            Pairs::Written(ids) => {
                let [key, value] = *ids.next()?;
                (key, value, self.via)
            }
            Pairs::Merged(ids) => {
                let EntryIds { key, value, via } = *ids.next()?;
                (key, value, self.via.or(via))
            }
        };
        Some(Entry {
            key: self.document.node(key, via),
            value: self.document.node(value, via),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.pairs {
            Pairs::Written(ids) => ids.size_hint(),
            Pairs::Merged(ids) => ids.size_hint(),
        }
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Whether text has a part that is filled in later.
#[must_use]
pub fn is_template_text(text: &str) -> bool {
    text.contains("{{") || text.contains("${")
}
