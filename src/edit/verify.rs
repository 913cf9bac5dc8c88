//! Whether a text that was edited says what it said before, but for what was to be changed.

use std::collections::HashMap;

use super::plan::{Constant, Page, Plan};
use crate::yaml::{self, Form, Stream, Written};

/// Whether `edited` is the text of `page` with exactly these changes: the same documents, nodes,
/// aliases and comments otherwise.
pub(super) fn is_as_planned(page: &Page<'_>, plans: &[&Plan<'_>], edited: &str) -> bool {
    let after = yaml::parse(edited);
    let (old, new) = (&page.stream.documents, &after.documents);
    let same_frame = after.failure.is_none()
        && old.len() == new.len()
        && comments(page.stream) == comments(&after);
    let mut of_document: HashMap<usize, HashMap<u32, &Plan<'_>>> = HashMap::new();
    for plan in plans {
        let changes = of_document.entry(plan.document).or_default();
        changes.insert(plan.node.number(), plan);
    }
    let none = HashMap::new();
    same_frame
        && old.iter().zip(new).enumerate().all(|(index, (old, new))| {
            let changes = of_document.get(&index).unwrap_or(&none);
            if changes.is_empty() && old.reads_as(new) {
                return true;
            }
            let comparison = Comparison {
                old: page.text,
                new: edited,
                changes,
            };
            old.problems.len() == new.problems.len()
                && comparison.matches(old.written(), new.written())
        })
}

/// The texts of all comments, each with the number of its document.
fn comments<'t>(stream: &Stream<'t>) -> Vec<(usize, &'t str)> {
    let documents = stream.documents.iter().enumerate();
    let inside = documents.flat_map(|(index, document)| {
        let comments = document.comments.iter();
        comments.map(move |comment| (index, comment.text))
    });
    let rest = stream.comments.iter();
    inside
        .chain(rest.map(|comment| (stream.documents.len(), comment.text)))
        .collect()
}

struct Comparison<'c, 't> {
    old: &'c str,
    new: &'c str,
    changes: &'c HashMap<u32, &'c Plan<'t>>,
}

impl Comparison<'_, '_> {
    /// Whether two nodes are the same, but for the changes.
    fn matches(&self, old: Written<'_>, new: Written<'_>) -> bool {
        if let Some(plan) = self.changes.get(&old.number()) {
            return self.is_changed(plan, old, new);
        }
        match (old.form(), new.form()) {
            (Form::Scalar, Form::Scalar) => {
                old.style() == new.style()
                    && old.node().text() == new.node().text()
                    && Constant::of(old.node()) == Constant::of(new.node())
            }
            (Form::Alias, Form::Alias) => {
                self.old.get(old.span().range()) == self.new.get(new.span().range())
            }
            (Form::Sequence(old), Form::Sequence(new)) => {
                old.len() == new.len()
                    && old
                        .iter()
                        .zip(&new)
                        .all(|(old, new)| self.matches(*old, *new))
            }
            (Form::Mapping(old), Form::Mapping(new)) => {
                old.len() == new.len() && self.all_match(&old, &new)
            }
            _ => false,
        }
    }

    fn all_match(
        &self,
        old: &[(Written<'_>, Written<'_>)],
        new: &[(Written<'_>, Written<'_>)],
    ) -> bool {
        old.iter()
            .zip(new)
            .all(|(old, new)| self.matches(old.0, new.0) && self.matches(old.1, new.1))
    }

    /// Whether a node became what a plan says.
    fn is_changed(&self, plan: &Plan<'_>, old: Written<'_>, new: Written<'_>) -> bool {
        match (old.form(), new.form(), plan.missing.as_slice()) {
            (Form::Scalar, _, missing) => is_new(new, missing, &plan.value),
            (Form::Mapping(old), Form::Mapping(new), [first, missing @ ..]) => {
                let Some(((key, value), before)) = new.split_last() else {
                    return false;
                };
                old.len() == before.len()
                    && self.all_match(&old, before)
                    && key.node().text() == Some(first)
                    && is_new(*value, missing, &plan.value)
            }
            _ => false,
        }
    }
}

/// Whether a node is what was added: keys, each alone in the one before, and the value.
fn is_new(node: Written<'_>, missing: &[String], value: &Constant) -> bool {
    match (node.form(), missing) {
        (Form::Scalar, []) => Constant::of(node.node()).as_ref() == Some(value),
        (Form::Mapping(pairs), [first, missing @ ..]) => match pairs.as_slice() {
            [(key, inner)] => key.node().text() == Some(first) && is_new(*inner, missing, value),
            _ => false,
        },
        _ => false,
    }
}
