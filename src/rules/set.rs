//! All rules of a run: the built-in ones and those of the user.

use std::collections::HashMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::builtin;
use super::compile::{Check, RuleMutation};
use super::evaluate::Outcome;
use super::load::Rule;
use super::read::INVALID_RULE;
use crate::diagnostic::{Finding, Severity};
use crate::model::reflect::{Vocabulary, World};
use crate::source::{Location, SourceFile, Sources, Span};

/// Where the pages about built-in rules are.
const HOME: &str = "https://vmlint.dev/rules";

/// Rules with their files.
pub struct RuleSet {
    sources: Sources,
    vocabulary: Vocabulary,
    rules: Vec<Rule>,
    /// How many of the rules, which come first, are built in.
    built_in: usize,
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

impl RuleSet {
    /// The built-in rules, and those of further files, each with its path and text.
    ///
    /// # Errors
    /// Everything that is wrong with the files. While nothing but expressions is, that is left to
    /// [`RuleSet::prepare`].
    pub fn load(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let built_in = builtin::FILES
            .iter()
            .map(|(path, text)| SourceFile::new(format!("rules/{path}"), *text));
        Self::collect(vocabulary, built_in, files)
    }

    /// The rules of these files, each with its path and text, and no others.
    ///
    /// # Errors
    /// As those of [`RuleSet::load`].
    pub fn of(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        Self::collect(vocabulary, files, [])
    }

    fn collect(
        vocabulary: Vocabulary,
        built_in: impl IntoIterator<Item = SourceFile>,
        of_user: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let mut set = RuleSet::empty(vocabulary);
        let mut findings = Vec::new();
        for source in built_in {
            findings.extend(set.add(source));
        }
        set.built_in = set.rules.len();
        for source in of_user {
            findings.extend(set.add(source));
        }
        findings.extend(set.of_user().iter().filter_map(without_conditions));
        findings.extend(set.twins());
        if findings.is_empty() {
            return Ok(set);
        }
        if let Err(further) = set.prepare(|_| true) {
            findings.extend(further);
        }
        findings.sort_by_key(|finding| finding.location);
        Err(InvalidRules {
            findings,
            sources: set.sources,
        })
    }

    fn empty(vocabulary: Vocabulary) -> Self {
        RuleSet {
            sources: Sources::default(),
            vocabulary,
            rules: Vec::new(),
            built_in: 0,
            checks: Vec::new(),
        }
    }

    fn add(&mut self, source: SourceFile) -> Vec<Finding> {
        let file = self.sources.add(source);
        let (rule, findings) = Rule::load(file, self.sources.get(file));
        self.rules.extend(rule);
        findings
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

    /// Checks and compiles one rule, with one of its conditions changed, and no other; false where
    /// the change makes no sense.
    pub fn prepare_mutated(&mut self, rule: &str, mutation: &RuleMutation) -> bool {
        let rule = self.rules.iter().find(|it| *it.id == *rule);
        let check = rule.and_then(|rule| {
            rule.compile_mutated(self.vocabulary, self.sources.get(rule.file), mutation)
        });
        self.checks = check.into_iter().collect();
        !self.checks.is_empty()
    }

    /// Takes back what was prepared.
    pub fn unprepare(&mut self) {
        self.checks.clear();
    }

    /// The rule of that id with its file, and no other; empty where there is none.
    #[must_use]
    pub fn alone(&self, id: &str) -> Self {
        let mut set = RuleSet::empty(self.vocabulary);
        if let Some(rule) = self.get(id) {
            let source = self.sources.get(rule.file);
            let file = set
                .sources
                .add(SourceFile::new(source.path(), source.text()));
            set.rules.push(Rule {
                file,
                ..rule.clone()
            });
        }
        set
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

    /// The built-in rules, in the order of their files.
    #[must_use]
    pub fn built_in(&self) -> &[Rule] {
        self.rules.get(..self.built_in).unwrap_or_default()
    }

    /// The rules of the user, in the order of their files.
    #[must_use]
    pub fn of_user(&self) -> &[Rule] {
        self.rules.get(self.built_in..).unwrap_or_default()
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.id == *id)
    }

    /// The page about a rule: of a built-in rule on our site, else the first reference that the
    /// rule gives.
    #[must_use]
    pub fn url(&self, id: &str) -> Option<String> {
        if self.built_in().iter().any(|rule| *rule.id == *id) {
            return Some(format!("{HOME}/{id}"));
        }
        let reference = self.get(id)?.references.first()?;
        Some(reference.url.clone())
    }

    /// The rule files.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }
}
