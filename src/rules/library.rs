//! Rules with their files, read in full.

use std::collections::HashMap;

use super::load::Rule;
use super::read::INVALID_RULE;
use crate::diagnostic::{Finding, Severity};
use crate::source::{Location, SourceFile, Sources, Span};

/// Rules with their files.
#[derive(Default)]
pub(super) struct Library {
    pub(super) sources: Sources,
    pub(super) rules: Vec<Rule>,
    /// How many of the rules, which come first, are built in.
    built_in: usize,
}

impl Library {
    /// Reads rule files; beside the rules there is everything that is wrong with them but for
    /// their expressions.
    pub(super) fn read(
        built_in: impl IntoIterator<Item = SourceFile>,
        of_user: impl IntoIterator<Item = SourceFile>,
    ) -> (Self, Vec<Finding>) {
        let mut library = Library::default();
        let mut findings = Vec::new();
        for source in built_in {
            findings.extend(library.add(source));
        }
        library.built_in = library.rules.len();
        for source in of_user {
            findings.extend(library.add(source));
        }
        findings.extend(library.of_user().iter().filter_map(without_conditions));
        findings.extend(library.twins());
        (library, findings)
    }

    fn add(&mut self, source: SourceFile) -> Vec<Finding> {
        let file = self.sources.add(source);
        let (rule, findings) = Rule::load(file, self.sources.get(file));
        self.rules.extend(rule);
        findings
    }

    /// The rule of that id with its file, and no other; empty where there is none.
    pub(super) fn alone(&self, id: &str) -> Self {
        let mut library = Library::default();
        if let Some(rule) = self.get(id) {
            let source = self.sources.get(rule.file);
            let file = library
                .sources
                .add(SourceFile::new(source.path(), source.text()));
            library.rules.push(Rule {
                file,
                ..rule.clone()
            });
        }
        library
    }

    /// The rule of that id.
    pub(super) fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.id == *id)
    }

    pub(super) fn built_in(&self) -> &[Rule] {
        self.rules.get(..self.built_in).unwrap_or_default()
    }

    pub(super) fn of_user(&self) -> &[Rule] {
        self.rules.get(self.built_in..).unwrap_or_default()
    }

    /// Rules of one id.
    fn twins(&self) -> Vec<Finding> {
        let mut seen = HashMap::new();
        let mut findings = Vec::new();
        for rule in &self.rules {
            let location = Location {
                file: rule.file,
                span: Span::default(),
            };
            if let Some(first) = seen.insert(rule.id.clone(), location) {
                let message = format!("there are two rules `{}`", rule.id);
                findings.push(
                    Finding::new(INVALID_RULE, Severity::Error, location, message)
                        .with_label(first, "the other one")
                        .with_help("give one of them another `id`, and its file the same name"),
                );
            }
        }
        findings
    }
}

/// What is wrong with a rule of the user that leaves its conditions to the program.
fn without_conditions(rule: &Rule) -> Option<Finding> {
    let location = Location {
        file: rule.file,
        span: Span::default(),
    };
    rule.is_builtin().then(|| {
        let message = format!(
            "`{}` has no conditions, so that it would find nothing",
            rule.id
        );
        Finding::new(INVALID_RULE, Severity::Error, location, message).with_help(
            "`builtin: true` is for rules of the program: write `for` and `deny` instead",
        )
    })
}
