//! A [`Rule`] → a [`Check`]: every expression, path and text of it, checked against the vocabulary.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::builtin::BuiltIn;
use super::expr::{self, Expression, Issue, Mutation, Scope, did_you_mean};
use super::fix::FixTemplate;
use super::library::Library;
use super::load::{Logic, Rule};
use super::path::PlacePath;
use super::read::{INVALID_RULE, Reader, Written};
use super::template::Template;
use crate::diagnostic::{Finding, Severity};
use crate::model::reflect::{BASE, Relation, Type, Vocabulary};
use crate::source::{Location, SourceFile, Span};

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
    pub(super) deny: Expression,
    pub(super) at: Vec<PlacePath>,
    wording: OnceLock<Wording>,
    /// What the wording is made of, where that is left until something is found.
    written: Option<WrittenWording>,
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

/// A rule of which the wording is not compiled yet.
struct WrittenWording {
    rule: &'static BuiltIn,
    scope: Scope,
}

impl fmt::Debug for WrittenWording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WrittenWording({})", self.rule.id)
    }
}

impl WrittenWording {
    fn compile(&self) -> Option<Wording> {
        let (library, _) = Library::read([self.rule.logic()], []);
        let rule = library.rules.first()?;
        let source = library.sources.get(rule.file);
        let mut compiler = Compiler::new(self.scope.vocabulary, source, rule, None);
        compiler.wording(rule.logic.as_ref()?, &self.scope)
    }
}

impl Check {
    /// What it says when it finds something.
    ///
    /// # Panics
    /// Where that was left for later and does not compile, which tests rule out for the rules of
    /// the program.
    pub(super) fn wording(&self) -> &Wording {
        self.wording.get_or_init(|| {
            let written = self.written.as_ref();
            let wording = written.and_then(WrittenWording::compile);
            wording.unwrap_or_else(|| unreachable!("the rule `{}` does not compile", self.id))
        })
    }
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
        self.compile_with(vocabulary, source, None, None)
    }

    /// The same for the conditions of a rule of the program: what it says when it finds something
    /// is left until it does, which is safe as tests prove that it compiles.
    pub(super) fn compile_conditions(
        &self,
        of: &'static BuiltIn,
        vocabulary: Vocabulary,
        source: &SourceFile,
    ) -> Result<Option<Check>, Vec<Finding>> {
        self.compile_with(vocabulary, source, None, Some(of))
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
        self.compile_with(vocabulary, source, Some(mutation), None)
            .ok()?
    }

    fn compile_with(
        &self,
        vocabulary: Vocabulary,
        source: &SourceFile,
        mutation: Option<&RuleMutation>,
        later: Option<&'static BuiltIn>,
    ) -> Result<Option<Check>, Vec<Finding>> {
        let Some(logic) = &self.logic else {
            return Ok(None);
        };
        let mut compiler = Compiler::new(vocabulary, source, self, mutation);
        match compiler.check(self, logic, later) {
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

struct Compiler<'s> {
    vocabulary: Vocabulary,
    source: &'s SourceFile,
    mutation: Option<&'s RuleMutation>,
    reader: Reader<'s>,
}

impl<'s> Compiler<'s> {
    fn new(
        vocabulary: Vocabulary,
        source: &'s SourceFile,
        rule: &Rule,
        mutation: Option<&'s RuleMutation>,
    ) -> Self {
        let reader = Reader {
            file: rule.file,
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

    fn check(
        &mut self,
        rule: &Rule,
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
        let when = logic.when.as_ref();
        let when = when.map(|when| self.condition(Condition::When, when, &scope));
        if let Some(Some(when)) = &when {
            scope.assume(when);
        }
        let deny = self.condition(Condition::Deny, &logic.deny, &scope);
        let mut asked = scope.clone();
        if let Some(deny) = &deny {
            asked.assume(deny);
        }
        let at = self.parts(&logic.at, &scope, PlacePath::compile);
        let wording = match later {
            Some(_) => OnceLock::new(),
            None => self.wording(logic, &scope).map(OnceLock::from)?,
        };
        Some(Check {
            id: rule.id.clone(),
            severity: rule.severity,
            of_change: asked.asks_for(BASE)
                || relation.of.attributes.iter().any(|it| it.name == BASE),
            relation,
            needs,
            when: flipped(when)?,
            deny: deny?,
            at: at?,
            wording,
            written: later.map(|rule| WrittenWording { rule, scope }),
        })
    }

    fn wording(&mut self, logic: &Logic, scope: &Scope) -> Option<Wording> {
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
