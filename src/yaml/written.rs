//! A document as it is written: aliases are nodes of their own, merge keys are entries like
//! others, repeated keys are all there. For edits of the text.

use std::collections::HashSet;

use super::node::{Document, Node, Style};
use super::tree::{NodeData, Shape, Tree};
use crate::source::Span;

/// A node as it is written.
#[derive(Clone, Copy)]
pub struct Written<'t> {
    document: &'t Document<'t>,
    id: u32,
}

/// A node on the way to another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stop<'t> {
    /// Its key, where it is the value of an entry.
    pub key: Option<Written<'t>>,
    /// The node.
    pub node: Written<'t>,
}

/// What a node is written as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Form<'t> {
    /// A scalar, or nothing at all.
    Scalar,
    /// `*name`.
    Alias,
    /// A list, with its items.
    Sequence(Vec<Written<'t>>),
    /// A map, with its keys and values.
    Mapping(Vec<(Written<'t>, Written<'t>)>),
}

impl PartialEq for Written<'_> {
    /// Nodes of one document are equal when they are the same one.
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Written<'_> {}

impl std::fmt::Debug for Written<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.span())
    }
}

impl<'t> Document<'t> {
    /// The outermost node.
    #[must_use]
    pub fn written(&'t self) -> Written<'t> {
        Written {
            document: self,
            id: 0,
        }
    }

    /// Whether another document has the same text and the same nodes in it, wherever it stands.
    #[must_use]
    pub fn reads_as(&self, other: &Document<'_>) -> bool {
        let same_text = self.text.get(self.span.range()) == other.text.get(other.span.range());
        let place = |at: u32, it: &Document<'_>| at.wrapping_sub(it.span.start);
        let same_node = |(a, b): (&NodeData, &NodeData)| {
            place(a.span.start, self) == place(b.span.start, other)
                && place(a.span.end, self) == place(b.span.end, other)
                && a.shape == b.shape
        };
        let (old, new) = (&self.tree, &other.tree);
        same_text
            && self.problems.len() == other.problems.len()
            && old.nodes.len() == new.nodes.len()
            && old.children == new.children
            && old.nodes.iter().zip(&new.nodes).all(same_node)
    }

    /// The nodes from the outermost one to the first whose span is exactly this.
    #[must_use]
    pub fn way_to(&'t self, span: Span) -> Option<Vec<Stop<'t>>> {
        let tree = &self.tree;
        let node = |id: u32| Written { document: self, id };
        let mut id = 0;
        let mut way = vec![Stop {
            key: None,
            node: node(id),
        }];
        while tree.data(id).span != span {
            let before = tree.parts_before(id, span.start.saturating_add(1));
            let part = tree.part(id, before.checked_sub(1)?)?;
            let holds = |node: &&u32| tree.data(**node).span.contains(span);
            id = *part.iter().find(holds)?;
            let key = part.first().filter(|key| **key != id);
            way.push(Stop {
                key: key.map(|key| node(*key)),
                node: node(id),
            });
        }
        Some(way)
    }

    /// The numbers of the nodes that aliases stand for.
    #[must_use]
    pub fn shared(&self) -> HashSet<u32> {
        let targets = self.tree.nodes.iter().filter_map(|data| match data.shape {
            Shape::Alias { target } => Some(target),
            _ => None,
        });
        targets.collect()
    }
}

impl<'t> Written<'t> {
    fn tree(self) -> &'t Tree {
        &self.document.tree
    }

    /// Its number in the document, in the order of the text.
    #[must_use]
    pub fn number(self) -> u32 {
        self.id
    }

    /// What it is written as.
    #[must_use]
    pub fn form(self) -> Form<'t> {
        let node = |id: &u32| Written {
            document: self.document,
            id: *id,
        };
        let children = self.tree().children(self.id);
        match self.tree().data(self.id).shape {
            Shape::Scalar { .. } => Form::Scalar,
            Shape::Alias { .. } => Form::Alias,
            Shape::Sequence { .. } => Form::Sequence(children.iter().map(node).collect()),
            Shape::Mapping { .. } => {
                let pairs = children.as_chunks().0.iter();
                Form::Mapping(pairs.map(|[key, value]| (node(key), node(value))).collect())
            }
        }
    }

    /// What it stands for, aliases followed.
    #[must_use]
    pub fn node(self) -> Node<'t> {
        self.document.node(self.id, None)
    }

    /// How it is written.
    #[must_use]
    pub fn style(self) -> Style {
        match self.tree().data(self.id).shape {
            Shape::Alias { .. } => Style::Plain,
            _ => self.node().style(),
        }
    }

    /// Where it is written, without anchor and tag.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree().data(self.id).span
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn aliases_and_merge_keys_are_as_written() {
        let text = "a: &a {b: 1}\nc: {<<: *a, d: *a}\n";
        let documents = parse(text).documents;
        let root = documents[0].written();
        let Form::Mapping(pairs) = root.form() else {
            panic!("no mapping");
        };
        let shared = documents[0].shared();
        assert_eq!(shared.len(), 1);
        assert!(shared.contains(&pairs[0].1.number()));
        let Form::Mapping(inner) = pairs[1].1.form() else {
            panic!("no mapping");
        };
        let forms: Vec<_> = inner.iter().map(|(_, value)| value.form()).collect();
        assert_eq!(forms, [Form::Alias, Form::Alias]);
    }

    #[test]
    fn the_way_to_a_place_is_found_by_its_exact_span() {
        let text = "items:\n- - x: 1\n- {y: {z: 2}}\n";
        let documents = parse(text).documents;
        let way = |needle: &str| {
            let start = text.find(needle).unwrap();
            let way = documents[0].way_to(Span::new(start, start + needle.len()));
            way.map(|way| way.len())
        };
        assert_eq!(way("{z: 2}"), Some(4));
        assert_eq!(way("x: 1"), Some(4));
        assert_eq!(way("2"), Some(5));
        assert_eq!(way("z: 2"), None);
    }
}
