//! A [`Rule`] → a [`Check`]: every expression, path and text of it, checked against the vocabulary.

use std::sync::{Arc, OnceLock};

use super::builtin::BuiltIn;
use super::expr::{self, Expression, Issue, Mutation, Scope, did_you_mean};
use super::fix::FixTemplate;
use super::later::Later;
use super::load::{Logic, Rule};
use super::path::PlacePath;
use super::read::{INVALID_RULE, Reader, Written};
use super::template::Template;
use crate::diagnostic::{Finding, Severity};
use crate::model::Origin;
use crate::model::reflect::{BASE, Relation, Type, Vocabulary};
use crate::source::{FileId, Location, SourceFile, Span};

/// A rule that is ready to be held against an estate.
#[derive(Debug)]
pub struct Check {
    /// The rule's id.
    pub id: Arc<str>,
    /// The severity of its findings, unless a case of `severityWhen` holds.
    pub severity: Severity,
    /// Whether it compares with a base.
    pub of_change: bool,
    pub(super) relation: &'static Relation,
    pub(super) needs: Vec<(String, Expression)>,
    pub(super) when: Option<Expression>,
    /// What it judges, by where that was read from; everything where there are none.
    pub(super) origins: Vec<Origin>,
    pub(super) deny: OnceLock<Expression>,
    pub(super) at: OnceLock<Vec<PlacePath>>,
    pub(super) wording: OnceLock<Wording>,
    /// What the last three are made of, where that is left until they are needed.
    pub(super) later: Option<Later>,
}

/// What a rule says when it finds something, and does about it.
#[derive(Debug)]
pub(super) struct Wording {
    pub(super) key: Vec<Expression>,
    pub(super) message: Template,
    pub(super) labels: Vec<LabelTemplate>,
    pub(super) help: Template,
    pub(super) severity_when: Vec<(Expression, Severity)>,
    pub(super) fixes: Vec<FixTemplate>,
}

/// One label, or one for each element of a list.
#[derive(Debug)]
pub(super) struct LabelTemplate {
    pub(super) each: Option<Expression>,
    pub(super) at: PlacePath,
    pub(super) text: Option<Template>,
}

impl Rule {
    /// Checks and compiles the conditions of the rule, which `source` is the file of.
    /// `None` for a rule without conditions.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn compile(
        &self,
        vocabulary: Vocabulary,
        source: &SourceFile,
    ) -> Result<Option<Check>, Vec<Finding>> {
        self.compile_with(vocabulary, source, None)
    }

    /// The changes to the conditions of the rule that its examples should notice, each dropping
    /// an operand or turning a comparison round.
    #[must_use]
    pub fn mutations(&self, source: &SourceFile) -> Vec<RuleMutation> {
        let Some(logic) = &self.logic else {
            return Vec::new();
        };
        let when = logic.when.iter().map(|when| (Condition::When, when));
        let conditions = when.chain([(Condition::Deny, &logic.deny)]);
        let of_condition = |(condition, written): (Condition, &Written)| {
            let mutations = expr::mutations(&written.text).into_iter();
            let in_file = mutations.map(|mutation| RuleMutation {
                location: Location {
                    file: self.file,
                    span: written.locate(mutation.span, source.text()),
                },
                condition,
                mutation,
            });
            in_file.collect::<Vec<_>>()
        };
        conditions.flat_map(of_condition).collect()
    }

    /// The rule with one of its conditions changed; none where that makes no sense, as when what
    /// guards an attribute is dropped.
    #[must_use]
    pub fn compile_mutated(
        &self,
        vocabulary: Vocabulary,
        source: &SourceFile,
        mutation: &RuleMutation,
    ) -> Option<Check> {
        self.compile_with(vocabulary, source, Some(mutation)).ok()?
    }

    fn compile_with(
        &self,
        vocabulary: Vocabulary,
        source: &SourceFile,
        mutation: Option<&RuleMutation>,
    ) -> Result<Option<Check>, Vec<Finding>> {
        let Some(logic) = &self.logic else {
            return Ok(None);
        };
        let mut compiler = Compiler::new(vocabulary, source, self.file, mutation);
        match compiler.check(&self.id, self.severity, logic, None) {
            Some(check) if compiler.reader.findings.is_empty() => Ok(Some(check)),
            _ => Err(compiler.reader.findings),
        }
    }
}

/// A condition of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Condition {
    When,
    Deny,
}

/// One change to a condition of a rule.
#[derive(Clone, Debug)]
pub struct RuleMutation {
    /// Where what is changed stands in the rule file.
    pub location: Location,
    /// What is changed.
    pub mutation: Mutation,
    condition: Condition,
}

pub(super) struct Compiler<'s> {
    vocabulary: Vocabulary,
    source: &'s SourceFile,
    mutation: Option<&'s RuleMutation>,
    pub(super) reader: Reader<'s>,
}

impl<'s> Compiler<'s> {
    pub(super) fn new(
        vocabulary: Vocabulary,
        source: &'s SourceFile,
        file: FileId,
        mutation: Option<&'s RuleMutation>,
    ) -> Self {
        let reader = Reader {
            file,
            text: source.text(),
            rule: INVALID_RULE,
            findings: Vec::new(),
        };
        Compiler {
            vocabulary,
            source,
            mutation,
            reader,
        }
    }

    /// What the words of `formats` stand for.
    fn origins(&mut self, formats: &[Written]) -> Option<Vec<Origin>> {
        let origins = formats.iter().map(|written| {
            let word = written.text.trim();
            let found = Origin::ALL.iter().find(|(name, _)| *name == word);
            if found.is_none() {
                let words = Origin::ALL.map(|(name, _)| name);
                let help = did_you_mean(word, words)
                    .unwrap_or_else(|| format!("write one of {}", words.join(", ")));
                let message = format!("`{word}` is nothing that is read");
                self.reader.error(written.span, message).help = Some(help);
            }
            found.map(|(_, origin)| *origin)
        });
        let origins: Vec<_> = origins.collect();
        origins.into_iter().collect()
    }

    pub(super) fn check(
        &mut self,
        id: &Arc<str>,
        severity: Severity,
        logic: &Logic,
        later: Option<&'static BuiltIn>,
    ) -> Option<Check> {
        let (variable, relation) = self.subject(&logic.subject)?;
        let mut scope = Scope::new(self.vocabulary, &variable, Type::Record(relation.of));
        let mut needs = Vec::new();
        for written in &logic.needs {
            let found = self.part(written, &scope, Expression::optional_path);
            needs.extend(found.map(|(need, path)| {
                scope.guard(path);
                (written.text.trim().to_owned(), need)
            }));
        }
        let origins = self.origins(&logic.formats);
        let when = logic.when.as_ref();
        let when = when.map(|when| self.condition(Condition::When, when, &scope));
        if let Some(Some(when)) = &when {
            scope.assume(when);
        }
        let when = flipped(when);
        if let Some(rule) = later {
            return Some(Check {
                id: id.clone(),
                severity,
                of_change: rule.of_change,
                relation,
                origins: origins?,
                needs,
                when: when?,
                deny: OnceLock::new(),
                at: OnceLock::new(),
                wording: OnceLock::new(),
                later: Some(Later { rule, scope }),
            });
        }
        let deny = self.condition(Condition::Deny, &logic.deny, &scope);
        let mut asked = scope.clone();
        if let Some(deny) = &deny {
            asked.assume(deny);
        }
        let at = self.parts(&logic.at, &scope, PlacePath::compile);
        let wording = self.wording(logic, &scope)?;
        Some(Check {
            id: id.clone(),
            severity,
            of_change: asked.asks_for(BASE)
                || relation.of.attributes.iter().any(|it| it.name == BASE),
            relation,
            origins: origins?,
            needs,
            when: when?,
            deny: deny?.into(),
            at: at?.into(),
            wording: wording.into(),
            later: None,
        })
    }

    pub(super) fn wording(&mut self, logic: &Logic, scope: &Scope) -> Option<Wording> {
        let key = self.parts(&logic.key, scope, Expression::compile);
        let message = self.part(&logic.message, scope, Template::compile);
        let labels: Vec<_> = logic
            .labels
            .iter()
            .map(|label| {
                let (scope, each) = match &label.each {
                    None => (scope.clone(), None),
                    Some(each) => self.each(each, scope)?,
                };
                let at = self.part(&label.at, &scope, PlacePath::compile);
                let text = label.text.as_ref();
                let text = text.map(|text| self.part(text, &scope, Template::compile));
                Some(LabelTemplate {
                    each,
                    at: at?,
                    text: flipped(text)?,
                })
            })
            .collect();
        let help = self.part(&logic.help, scope, Template::compile);
        let severity_when: Vec<_> = logic
            .severity_when
            .iter()
            .map(|(when, severity)| {
                Some((self.part(when, scope, Expression::condition)?, *severity))
            })
            .collect();
        let fixes = logic.fixes.iter().map(|fix| {
            let set = self.part(&fix.set, scope, FixTemplate::target);
            let to = self.part(&fix.to, scope, Template::compile);
            let when = fix.when.as_ref();
            let when = when.map(|when| self.part(when, scope, Expression::condition));
            let template = FixTemplate {
                set: set?,
                to: to?,
                safe: fix.safe,
                when: flipped(when)?,
            };
            if let Some(issue) = template.misfit() {
                self.fail(&fix.to, issue);
            }
            Some(template)
        });
        let fixes: Vec<_> = fixes.collect();
        Some(Wording {
            key: key?,
            message: message?,
            labels: labels.into_iter().collect::<Option<_>>()?,
            help: help?,
            severity_when: severity_when.into_iter().collect::<Option<_>>()?,
            fixes: fixes.into_iter().collect::<Option<_>>()?,
        })
    }

    fn fail(&mut self, written: &Written, issue: Issue) {
        let span = written.locate(issue.span, self.source.text());
        self.reader.error(span, issue.message).help = issue.help;
    }

    fn condition(
        &mut self,
        condition: Condition,
        written: &Written,
        scope: &Scope,
    ) -> Option<Expression> {
        match self.mutation {
            Some(changed) if changed.condition == condition => {
                Expression::mutated(&written.text, &changed.mutation, scope)
            }
            _ => self.part(written, scope, Expression::condition),
        }
    }

    fn part<T>(
        &mut self,
        written: &Written,
        scope: &Scope,
        compile: impl Fn(&str, &Scope) -> Result<T, Vec<Issue>>,
    ) -> Option<T> {
        if written.text.is_empty() {
            return None;
        }
        match compile(&written.text, scope) {
            Ok(part) => Some(part),
            Err(issues) => {
                for issue in issues {
                    self.fail(written, issue);
                }
                None
            }
        }
    }

    fn parts<T>(
        &mut self,
        written: &[Written],
        scope: &Scope,
        compile: impl Fn(&str, &Scope) -> Result<T, Vec<Issue>>,
    ) -> Option<Vec<T>> {
        let parts: Vec<_> = written
            .iter()
            .map(|written| self.part(written, scope, &compile))
            .collect();
        parts.into_iter().collect()
    }

    /// `vm in vms`
    fn subject(&mut self, written: &Written) -> Option<(String, &'static Relation)> {
        if written.text.is_empty() {
            return None;
        }
        let (variable, at, name) = self.binding(written)?;
        let name = name.trim();
        let relation = self.vocabulary.relation(name);
        if relation.is_none() {
            let span = Span::new(at, at + name.len());
            let mut issue = Issue::new(span, format!("there is no relation `{name}`"));
            let known = self.vocabulary.relations.iter();
            issue.help = did_you_mean(name, known.map(|relation| relation.name));
            self.fail(written, issue);
        }
        Some((variable, relation?))
    }

    /// `vm in collision.vms`
    fn each(&mut self, written: &Written, scope: &Scope) -> Option<(Scope, Option<Expression>)> {
        let (variable, at, list) = self.binding(written)?;
        let whole = Span::new(0, written.text.len());
        if scope.names.iter().any(|(known, _)| *known == variable) {
            let span = Span::new(0, variable.len());
            let issue = Issue::new(span, format!("the name `{variable}` is taken"));
            self.fail(written, issue);
            return None;
        }
        match Expression::compile(list, scope) {
            Ok(list) => match list.ty() {
                Type::List(element) if matches!(**element, Type::Record(_)) => {
                    Some((scope.with(&variable, (**element).clone()), Some(list)))
                }
                ty => {
                    let message = format!("labels go through a list of records, and this is {ty}");
                    self.fail(written, Issue::new(whole, message));
                    None
                }
            },
            Err(issues) => {
                for issue in issues {
                    self.fail(written, issue.shifted(at));
                }
                None
            }
        }
    }

    /// Name, and offset and text of what stands behind `in`.
    fn binding<'w>(&mut self, written: &'w Written) -> Option<(String, usize, &'w str)> {
        let text = written.text.as_str();
        let name = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match text.split_once(" in ") {
            Some((variable, rest)) if name(variable.trim()) => {
                let blank = rest.len() - rest.trim_start().len();
                let at = variable.len() + " in ".len() + blank;
                Some((variable.trim().to_owned(), at, rest.trim_start()))
            }
            _ => {
                let issue = Issue::new(Span::new(0, text.len()), "here belongs `name in …`");
                self.fail(written, issue.with_help("as in `vm in vms`"));
                None
            }
        }
    }
}

/// `Some(None)` is a part that is there and wrong.
fn flipped<T>(part: Option<Option<T>>) -> Option<Option<T>> {
    match part {
        None => Some(None),
        Some(part) => part.map(Some),
    }
}
