//! Rules of the program, compiled as far as they are needed: most rules do not apply to most of what
//! they go through, and find nothing in the rest.

use std::fmt;

use super::builtin::BuiltIn;
use super::compile::{Check, Compiler, Wording};
use super::expr::{Expression, Scope};
use super::library::Library;
use super::path::PlacePath;
use crate::model::reflect::Vocabulary;
use crate::source::{SourceFile, Sources};

/// A rule of the program of which parts are not compiled yet; tests prove that they compile.
pub(super) struct Later {
    pub(super) rule: &'static BuiltIn,
    /// What all its parts may use.
    pub(super) scope: Scope,
}

impl fmt::Debug for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Later({})", self.rule.id)
    }
}

impl Later {
    fn deny(&self) -> Option<Expression> {
        let (_, logic) = self.rule.conditions();
        Expression::condition(&logic.deny.text, &self.scope).ok()
    }

    fn at(&self) -> Option<Vec<PlacePath>> {
        let (_, logic) = self.rule.conditions();
        let paths = logic.at.iter();
        paths
            .map(|at| PlacePath::compile(&at.text, &self.scope).ok())
            .collect()
    }

    fn wording(&self) -> Option<Wording> {
        let (library, _) = Library::read([self.rule.logic()], []);
        let rule = library.rules.first()?;
        let source = library.sources.get(rule.file);
        let mut compiler = Compiler::new(self.scope.vocabulary, source, rule.file, None);
        compiler.wording(rule.logic.as_ref()?, &self.scope)
    }
}

impl Check {
    /// A rule of the program. What it denies is compiled where it applies, and what it says when
    /// it finds something where it does.
    ///
    /// # Panics
    /// Where it does not compile, which tests rule out.
    pub(super) fn of_program(rule: &'static BuiltIn, vocabulary: Vocabulary) -> Self {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new(rule.path, ""));
        let mut compiler = Compiler::new(vocabulary, sources.get(file), file, None);
        let (severity, logic) = rule.conditions();
        let check = compiler.check(&rule.id.into(), severity, &logic, Some(rule));
        let findings = compiler.reader.findings;
        match check {
            Some(check) if findings.is_empty() => check,
            _ => unreachable!("the rule `{}` does not compile: {findings:?}", rule.id),
        }
    }

    /// What is wrong where this holds.
    ///
    /// # Panics
    /// Where that was left for later and does not compile, which tests rule out.
    pub(super) fn deny(&self) -> &Expression {
        self.deny.get_or_init(|| self.left(Later::deny))
    }

    /// Where it finds something: the first of these that leads anywhere.
    ///
    /// # Panics
    /// As [`Check::deny`].
    pub(super) fn at(&self) -> &[PlacePath] {
        self.at.get_or_init(|| self.left(Later::at))
    }

    /// What it says when it finds something.
    ///
    /// # Panics
    /// As [`Check::deny`].
    pub(super) fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| self.left(Later::wording))
    }

    fn left<T>(&self, compile: impl Fn(&Later) -> Option<T>) -> T {
        let part = self.later.as_ref().and_then(compile);
        part.unwrap_or_else(|| unreachable!("the rule `{}` does not compile", self.id))
    }
}
