//! Documents, and handles on their nodes that see through aliases.

use std::fmt;
use std::iter::FusedIterator;
use std::slice;
use std::sync::OnceLock;

use super::scalar::Scalar;
use super::tree::{EntryIds, NodeData, Shape, Tree};
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
    /// Whether a `{` may stand in the text.
    pub(super) has_braces: bool,
    pub(super) tree: Tree,
    pub(super) ordinals: OnceLock<Vec<u32>>,
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

    /// Where its block scalars are, in the order of the text.
    pub fn block_scalars(&self) -> impl Iterator<Item = Span> {
        let block = |data: &&NodeData| {
            let Shape::Scalar { style, .. } = data.shape else {
                return false;
            };
            matches!(style, Style::Literal | Style::Folded)
        };
        self.tree.nodes.iter().filter(block).map(|data| data.span)
    }

    #[inline]
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

impl PartialEq for Document<'_> {
    /// Documents are equal when every node is, with its kind, its place and its text.
    fn eq(&self, other: &Self) -> bool {
        let whole = |it: &Self| (it.text.as_ptr(), it.text.len(), it.span);
        whole(self) == whole(other)
            && self.tree == other.tree
            && self.comments == other.comments
            && self.problems == other.problems
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

impl<'t> Node<'t> {
    #[inline]
    fn data(self) -> &'t NodeData {
        self.document.tree.data(self.id)
    }

    /// The value.
    #[inline]
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
    #[inline]
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

    /// Whether it is a list or a map.
    #[must_use]
    pub fn is_collection(self) -> bool {
        !matches!(self.data().shape, Shape::Scalar { .. })
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

    /// The text of the file where it is defined.
    #[must_use]
    pub fn written(self) -> &'t str {
        let text = self.document.text.get(self.span().range());
        text.unwrap_or_default()
    }

    /// What to point at, aliases taken into account.
    #[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
    #[must_use]
    pub fn is_template(self) -> bool {
        let is_cooked = || {
            let shape = &self.data().shape;
            matches!(shape, Shape::Scalar { cooked, .. } if cooked.is_some())
        };
        if !self.document.has_braces && !is_cooked() {
            return false;
        }
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

    #[inline]
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
impl FusedIterator for Items<'_> {}

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

    #[inline]
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
impl FusedIterator for Entries<'_> {}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

/// Whether text has a part that is filled in later.
#[must_use]
pub fn is_template_text(text: &str) -> bool {
    memchr::memchr(b'{', text.as_bytes()).is_some() && (text.contains("{{") || text.contains("${"))
}
