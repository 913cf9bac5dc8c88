//! All rules of a run: the built-in ones and those of the user.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::builtin;
use super::compile::Check;
use super::evaluate::Outcome;
use super::load::Rule;
use super::read::INVALID_RULE;
use crate::diagnostic::{Finding, Severity};
use crate::model::reflect::{Vocabulary, World};
use crate::source::{Location, SourceFile, Sources, Span};

/// Rules with their files.
pub struct RuleSet {
    sources: Sources,
    vocabulary: Vocabulary,
    rules: Vec<Rule>,
    checks: Vec<Check>,
}

/// What came of one rule.
#[derive(Debug)]
pub struct RuleOutcome {
    /// The rule's id.
    pub rule: Arc<str>,
    /// What came of it.
    pub outcome: Outcome,
    /// Whether it compares with a base, and so finds nothing once the change is made.
    pub of_change: bool,
}

/// Rule files that cannot be used.
#[derive(Debug)]
pub struct InvalidRules {
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// The files.
    pub sources: Sources,
}

impl RuleSet {
    /// The built-in rules, and those of further files, each with its path and text.
    ///
    /// # Errors
    /// Everything that is wrong with the files but for their expressions.
    pub fn load(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let built_in = builtin::FILES
            .iter()
            .map(|(path, text)| SourceFile::new(format!("rules/{path}"), *text));
        Self::of(vocabulary, built_in.chain(files))
    }

    /// The rules of these files, each with its path and text, and no others.
    ///
    /// # Errors
    /// Everything that is wrong with the files but for their expressions.
    pub fn of(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let mut set = RuleSet {
            sources: Sources::default(),
            vocabulary,
            rules: Vec::new(),
            checks: Vec::new(),
        };
        let mut findings = Vec::new();
        for source in files {
            let file = set.sources.add(source);
            match Rule::load(file, set.sources.get(file)) {
                Ok(rule) => set.rules.push(rule),
                Err(found) => findings.extend(found),
            }
        }
        findings.extend(set.twins());
        if findings.is_empty() {
            Ok(set)
        } else {
            Err(InvalidRules {
                findings,
                sources: set.sources,
            })
        }
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

    /// Checks and compiles the rules that run.
    ///
    /// # Errors
    /// Everything that is wrong with their expressions.
    pub fn prepare(&mut self, runs: impl Fn(&str) -> bool) -> Result<(), Vec<Finding>> {
        let mut findings = Vec::new();
        for rule in self.rules.iter().filter(|rule| runs(&rule.id)) {
            match rule.compile(self.vocabulary, self.sources.get(rule.file)) {
                Ok(check) => self.checks.extend(check),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() {
            Ok(())
        } else {
            Err(findings)
        }
    }

    /// Holds every rule that is prepared against a world. With `explain_skips` it is noted what
    /// was not evaluated, and why.
    #[must_use]
    pub fn evaluate(&self, world: &dyn World, explain_skips: bool) -> Vec<RuleOutcome> {
        self.checks
            .par_iter()
            .map(|check| RuleOutcome {
                rule: check.id.clone(),
                outcome: check.evaluate(world, explain_skips),
                of_change: check.of_change,
            })
            .collect()
    }

    /// All rules, in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.id == *id)
    }

    /// The rule files.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}
