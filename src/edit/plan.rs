//! A remedy → the node it changes, and the edits of the text that change it.

use std::collections::{HashMap, HashSet};

use super::layout;
use crate::diagnostic::Remedy;
use crate::source::Span;
use crate::yaml::{self, Form, Node, Stop, Stream, Style, Value, Written};

/// A file that is edited.
pub(super) struct Page<'t> {
    pub(super) text: &'t str,
    pub(super) stream: &'t Stream<'t>,
    /// Of each document that was asked for, the nodes that aliases stand for.
    shared: HashMap<usize, HashSet<u32>>,
}

/// A change of a tree, with the edits that make it.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Plan<'t> {
    /// The index of the document.
    pub(super) document: usize,
    /// What is changed: a scalar that is replaced, or what gets `missing`.
    pub(super) node: Written<'t>,
    /// The keys that are added, each in the one before; none to replace.
    pub(super) missing: Vec<String>,
    /// The value.
    pub(super) value: Constant,
    /// What is replaced in the text, by what; in its order.
    pub(super) edits: Vec<(Span, String)>,
}

/// A scalar that stands for itself.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
}

impl Constant {
    /// The value of a scalar.
    pub(super) fn of(node: Node<'_>) -> Option<Self> {
        Some(match node.value() {
            Value::Null => Constant::Null,
            Value::Bool(bool) => Constant::Bool(bool),
            Value::Int(int) => Constant::Int(int),
            Value::Float(float) => Constant::Float(float),
            Value::Text(text) => Constant::Text(text.to_owned()),
            Value::Sequence(_) | Value::Mapping(_) => return None,
        })
    }

    /// What a text means, when it is one scalar and nothing else.
    fn parse(text: &str) -> Option<Self> {
        let stream = yaml::parse(text);
        match stream.documents.as_slice() {
            [document] if stream.failure.is_none() && document.comments.is_empty() => {
                let whole = document.root().span() == Span::new(0, text.len());
                Constant::of(document.root()).filter(|_| whole)
            }
            _ => None,
        }
    }
}

impl<'t> Page<'t> {
    /// A file with its text as it was parsed.
    pub(super) fn new(text: &'t str, stream: &'t Stream<'t>) -> Self {
        Page {
            text,
            stream,
            shared: HashMap::new(),
        }
    }

    /// What a remedy changes; `None` where it is not certain that nothing else would change.
    pub(super) fn plan(&mut self, remedy: &Remedy) -> Option<Plan<'t>> {
        let documents = &self.stream.documents;
        let at = remedy.at.span;
        let index = documents.partition_point(|document| document.span.start <= at.start);
        let index = index.checked_sub(1)?;
        let document = documents.get(index)?;
        let mut way = document.way_to(at)?;
        let missing = walk(&mut way, &remedy.steps)?;
        let shared = self
            .shared
            .entry(index)
            .or_insert_with(|| document.shared());
        let certain = |stop: &Stop<'t>| {
            !shared.contains(&stop.node.number())
                && !stop.node.node().is_template()
                && !stop.key.is_some_and(|key| is_merge(key))
        };
        if !way.iter().all(certain) {
            return None;
        }
        let value = remedy.value.trim();
        let constant = Constant::parse(value).filter(|_| !value.contains(['\n', '\r']))?;
        let site = layout::Site {
            text: self.text,
            way: &way,
        };
        let edits = match missing.as_slice() {
            [] => site.replace(value, &constant),
            missing => site.add(missing, value, &constant),
        }?;
        Some(Plan {
            document: index,
            node: way.last()?.node,
            missing,
            value: constant,
            edits,
        })
    }
}

/// Follows keys as far as they are written, and hands out those that are not. `None` where the
/// text does not say what stands there.
fn walk(way: &mut Vec<Stop<'_>>, steps: &[String]) -> Option<Vec<String>> {
    for (index, step) in steps.iter().enumerate() {
        let node = way.last()?.node;
        let missing = || Some(steps.get(index..)?.to_vec());
        match node.form() {
            Form::Mapping(pairs) => {
                let own = pairs
                    .iter()
                    .find(|(key, _)| key.node().text() == Some(step));
                match own {
                    Some((key, value)) => way.push(Stop {
                        key: Some(*key),
                        node: *value,
                    }),
                    None => {
                        let inherited = node.node().get(step).is_some();
                        let open = pairs.iter().any(|(key, _)| key.node().is_template());
                        return if inherited || open { None } else { missing() };
                    }
                }
            }
            Form::Scalar if node.node().is_null() => return missing(),
            _ => return None,
        }
    }
    match way.last()?.node.form() {
        Form::Scalar => Some(Vec::new()),
        _ => None,
    }
}

/// Whether a key merges in what stands behind it.
fn is_merge(key: Written<'_>) -> bool {
    key.style() == Style::Plain && key.node().text() == Some("<<")
}
