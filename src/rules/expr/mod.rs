//! The expressions of rules: a typed, total subset of CEL, the Common Expression Language.
//!
//! Text is parsed by the CEL library, or as it would, checked against the vocabulary, and compiled once. What it
//! is not: a general CEL; there are no maps, no null, no dynamic types and nothing that can fail
//! when it is evaluated.

mod check;
mod everyday;
mod functions;
mod guard;
mod lists;
mod mutate;
mod node;
mod operators;
mod ops;
mod parse;
pub(crate) mod print;
#[cfg(test)]
mod properties;
pub mod reference;
mod scan;
#[cfg(test)]
mod tests;
mod times;

pub use check::MAX_COMPREHENSIONS;
pub use mutate::{Mutation, mutations};
pub use node::{FUEL, Frame};
pub use parse::MAX_LENGTH;
pub use scan::MAX_NESTING;

pub(crate) use node::read;

use crate::diagnostic::nearest;
use crate::model::reflect::{Type, Value, Vocabulary};
use crate::source::Span;

/// Something wrong in an expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Issue {
    /// Where in its text.
    pub span: Span,
    /// What, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Issue {
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Issue {
            span,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Moves the span, for text that is part of a longer one.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = Span::new(self.span.start as usize + by, self.span.end as usize + by);
        self
    }
}

/// The names an expression may use, and what is known to be present.
#[derive(Clone)]
pub struct Scope {
    pub(super) vocabulary: Vocabulary,
    pub(super) names: Vec<(String, Type)>,
    guards: Vec<guard::Path>,
}

impl Scope {
    /// A scope with one name.
    #[must_use]
    pub fn new(vocabulary: Vocabulary, name: &str, ty: Type) -> Self {
        Scope {
            vocabulary,
            names: vec![(name.to_owned(), ty)],
            guards: Vec::new(),
        }
    }

    /// The scope with one more name.
    #[must_use]
    pub fn with(&self, name: &str, ty: Type) -> Self {
        let mut scope = self.clone();
        scope.names.push((name.to_owned(), ty));
        scope
    }

    /// Takes a path, and all that leads to it, for present.
    pub fn guard(&mut self, path: impl IntoIterator<Item = impl Into<String>>) {
        self.guards.push(path.into_iter().map(Into::into).collect());
    }

    /// Whether an attribute of the first name is taken for present.
    #[must_use]
    pub fn asks_for(&self, attribute: &str) -> bool {
        let asked = |path: &guard::Path| path.get(1).is_some_and(|step| step == attribute);
        self.guards.iter().any(asked)
    }

    /// Takes what a condition proves for granted.
    pub fn assume(&mut self, condition: &Expression) {
        self.guards.extend(condition.proves.iter().cloned());
    }
}

/// A checked and compiled expression.
pub struct Expression {
    node: node::Node,
    ty: Type,
    /// What is present when it is true.
    proves: Vec<guard::Path>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Expression({})", self.ty)
    }
}

impl Expression {
    /// Checks and compiles an expression, which must have a value where its names have.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, Vec<Issue>> {
        let (tree, source) = parse::parse(text).map_err(|issue| vec![issue])?;
        let (node, ty) = check::check(&tree, &source, scope, false)?;
        let mut proves = Vec::new();
        guard::proven(&tree, true, &mut proves);
        Ok(Expression { node, ty, proves })
    }

    /// Checks and compiles a condition.
    ///
    /// # Errors
    /// Everything that is wrong with it, also when it is no boolean.
    pub fn condition(text: &str, scope: &Scope) -> Result<Self, Vec<Issue>> {
        let condition = Self::compile(text, scope)?;
        if condition.ty == Type::Bool {
            return Ok(condition);
        }
        let message = format!("a condition is a boolean, and this is {}", condition.ty);
        Err(vec![Issue::new(Span::new(0, text.len()), message)])
    }

    /// Checks and compiles a path that may lead to nothing, as in `needs`.
    ///
    /// # Errors
    /// Everything that is wrong with it, also when it is not a path.
    pub fn optional_path(text: &str, scope: &Scope) -> Result<(Self, Vec<String>), Vec<Issue>> {
        let (tree, source) = parse::parse(text).map_err(|issue| vec![issue])?;
        let (node, ty) = check::check(&tree, &source, scope, true)?;
        let path = guard::path(&tree).ok_or_else(|| {
            let message = "this is no path such as `vm.memory.minimum`";
            vec![Issue::new(Span::new(0, text.len()), message)]
        })?;
        let proves = vec![path.clone()];
        Ok((Expression { node, ty, proves }, path))
    }

    /// Its static type.
    #[must_use]
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Its value: one of its type, unknown, or (of a path that may lead to nothing) absent.
    pub fn value<'a>(&'a self, frame: &mut Frame<'a>) -> Value<'a> {
        self.node.eval(frame)
    }

    /// Its value as a boolean, `None` where it is unknown.
    pub fn truth<'a>(&'a self, frame: &mut Frame<'a>) -> Option<bool> {
        self.node.truth(frame)
    }
}

/// `did you mean …?` when one of the words is near, whatever its case; else what there is.
pub(crate) fn did_you_mean<'w>(
    written: &str,
    words: impl IntoIterator<Item = &'w str>,
) -> Option<String> {
    let words: Vec<&str> = words.into_iter().collect();
    match nearest(written, words.iter().copied()) {
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if words.is_empty() => None,
        None => Some(format!("there is {}", words.join(", "))),
    }
}
