//! Comments that suppress findings: `# vmlint: ignore[rule] reason` and `ignore-file[rule] reason`.

use std::sync::Arc;

use super::known::Node;
use super::{Evaluated, identity};
use crate::diagnostic::{Finding, ResourceName, Severity, nearest, shortened};
use crate::model::{AnyResource, Meta};
use crate::source::{FileId, Location, Span};
use crate::yaml::{Comment, Document, covered_by};

/// What a comment suppresses.
#[derive(Clone, Debug)]
pub struct Suppression {
    file: FileId,
    comment: Span,
    rules: Vec<String>,
    has_reason: bool,
    /// The text in which findings are suppressed; none for the whole file.
    covered: Option<Span>,
    /// What is wrong with the comment, if it is not a suppression at all.
    malformed: Option<String>,
    /// The resources it covers, or that it stands in.
    resources: Arc<[ResourceName]>,
    /// The path of what it covers in its resource; empty where whole resources are covered.
    path: String,
}

const WORD: &str = "vmlint:";

/// What a comment says that leaves the colon out, and is a suppression but for that.
fn without_colon(text: &str) -> Option<&str> {
    let directive = text.strip_prefix(WORD.trim_end_matches(':'))?.trim_start();
    let is_meant = directive.starts_with("ignore[") || directive.starts_with("ignore-file[");
    is_meant.then_some(directive)
}

impl Suppression {
    /// The suppressions of a document.
    pub fn of_document(document: &Document<'_>, file: FileId) -> Vec<Self> {
        document
            .comments
            .iter()
            .filter_map(|comment| {
                Self::read(comment, file, || {
                    covered_by(document, comment).unwrap_or(comment.span)
                })
            })
            .collect()
    }

    /// The suppressions in comments that belong to no document: only whole files are theirs.
    pub fn of_rest(comments: &[Comment<'_>], file: FileId) -> Vec<Self> {
        comments
            .iter()
            .filter_map(|comment| Self::read(comment, file, || comment.span))
            .collect()
    }

    /// The suppressions of a whole file by comments on lines of their own, for text that cannot be
    /// read as YAML: those of `rule`, as no other one is evaluated there.
    pub fn of_broken(text: &str, rule: &str, file: FileId) -> Vec<Self> {
        let mut found = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            if let Some(comment) = line.trim().strip_prefix('#') {
                let at = start + line.len() - line.trim_start().len();
                let comment = Comment {
                    span: Span::new(at, at + 1 + comment.len()),
                    text: comment,
                };
                found.extend(Self::read(&comment, file, || comment.span));
            }
            start += line.len();
        }
        for suppression in &mut found {
            suppression.rules.retain(|name| name == rule);
        }
        found.retain(|suppression| suppression.is_of_file() && !suppression.rules.is_empty());
        found
    }

    fn read(comment: &Comment<'_>, file: FileId, covered: impl FnOnce() -> Span) -> Option<Self> {
        let text = comment.text.trim();
        let directive = match text.strip_prefix(WORD) {
            Some(directive) => directive.trim(),
            None => without_colon(text)?,
        };
        let mut suppression = Suppression {
            file,
            comment: comment.span,
            rules: Vec::new(),
            has_reason: false,
            covered: None,
            malformed: None,
            resources: Arc::default(),
            path: String::new(),
        };
        let (name, rest) = match directive.find('[') {
            Some(bracket) => directive.split_at(bracket),
            None => (directive.split_whitespace().next().unwrap_or_default(), ""),
        };
        let name = name.trim();
        match name {
            "ignore" => {
                suppression.covered = Some(covered());
            }
            "ignore-file" => {}
            other => {
                suppression.malformed = Some(match nearest(other, ["ignore", "ignore-file"]) {
                    Some(word) => format!("`{other}` means nothing here; did you mean `{word}`?"),
                    None => format!("`{}` means nothing here", shortened(other)),
                });
                return Some(suppression);
            }
        }
        let inner = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((rules, reason)) = inner else {
            suppression.malformed = Some("this suppression names no rule".to_owned());
            return Some(suppression);
        };
        suppression.rules = rules
            .split(',')
            .map(|rule| rule.trim().to_owned())
            .filter(|rule| !rule.is_empty())
            .collect();
        suppression.has_reason = !reason.trim().is_empty();
        if !text.starts_with(WORD) {
            suppression.malformed = Some(format!(
                "this suppresses nothing; write `{WORD} {directive}`"
            ));
        }
        if suppression.rules.is_empty() {
            suppression.malformed = Some("this suppression names no rule".to_owned());
        }
        Some(suppression)
    }

    /// Notes at which node of which resource of its document it stands.
    pub(crate) fn locate(&mut self, document: &Document<'_>, resources: &[AnyResource]) {
        let Some(covered) = self.covered else {
            return;
        };
        let metas = || resources.iter().map(AnyResource::meta);
        let inside = metas().filter(|meta| covered.contains(meta.extent));
        self.resources = names(inside);
        if self.resources.is_empty() {
            let start = Span {
                end: covered.start,
                ..covered
            };
            self.resources = names(metas().filter(|meta| meta.extent.contains(start)));
            self.path = identity::path_in(document, covered);
        }
    }

    /// Notes the resources of its file, all of which it covers.
    pub(crate) fn locate_in_file(suppressions: &mut [Self], resources: &[AnyResource]) {
        let all = names(resources.iter().map(AnyResource::meta));
        for suppression in suppressions.iter_mut().filter(|it| it.is_of_file()) {
            suppression.resources = all.clone();
        }
    }

    /// Where it stands; `file` is what its file is called.
    pub(super) fn nodes(&self, file: &str) -> Vec<Node> {
        let names = self.resources.iter().cloned();
        let mut nodes: Vec<_> = names
            .map(|name| Node::OfResource(name, self.path.clone()))
            .collect();
        if nodes.is_empty() || self.is_of_file() {
            nodes.push(Node::OfFile(file.to_owned(), self.path.clone()));
        }
        nodes
    }

    /// The rules it names.
    pub(super) fn rules(&self) -> &[String] {
        &self.rules
    }

    /// Where the comment is.
    pub(super) fn place(&self) -> Location {
        Location {
            file: self.file,
            span: self.comment,
        }
    }

    /// The file the comment stands in.
    pub(super) fn file(&self) -> FileId {
        self.file
    }

    /// Whether it is for the whole file.
    pub fn is_of_file(&self) -> bool {
        self.covered.is_none() && self.malformed.is_none()
    }

    /// The text in which it suppresses; none for the whole file.
    pub(super) fn text(&self) -> Option<Span> {
        self.covered
    }

    /// What is wrong with it, given which of its rules suppressed something.
    pub(super) fn findings(
        &self,
        evaluated: &Evaluated<'_>,
        is_used: &dyn Fn(usize) -> bool,
    ) -> Vec<Finding> {
        let finding = |rule: &str, message: String| {
            Finding::new(rule, Severity::Warning, self.place(), message)
        };
        if let Some(message) = &self.malformed {
            let help = "write `# vmlint: ignore[rule-id] reason`, or `ignore-file`";
            return vec![finding("unknown-rule", message.clone()).with_help(help)];
        }
        let mut findings = Vec::new();
        let mut unused = Vec::new();
        for (index, rule) in self.rules.iter().enumerate() {
            if !evaluated.rules.iter().any(|known| **known == **rule) {
                let mut unknown = finding(
                    "unknown-rule",
                    format!("there is no rule `{}`", shortened(rule)),
                );
                unknown.key.push(rule.clone());
                let names = evaluated.rules.iter().map(|known| &**known);
                findings.push(unknown.with_help(match nearest(rule, names) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => "`vmlint rules` lists them all".to_owned(),
                }));
            } else if !is_used(index) && (evaluated.certain)(rule, self.file) {
                unused.push(rule.as_str());
            }
        }
        if !unused.is_empty() {
            let names = unused
                .iter()
                .map(|rule| format!("`{rule}`"))
                .collect::<Vec<_>>();
            let mut finding = finding(
                "unused-suppression",
                format!("nothing here is found by {}", names.join(" or ")),
            );
            finding
                .key
                .extend(unused.iter().map(|rule| (*rule).to_owned()));
            findings.push(finding.with_help("remove it, so that it cannot hide what comes later"));
        }
        let only_unknown = self
            .rules
            .iter()
            .all(|rule| !evaluated.rules.iter().any(|known| **known == **rule));
        if !self.has_reason && !only_unknown {
            findings.push(
                finding(
                    "suppression-without-reason",
                    "this suppression gives no reason".to_owned(),
                )
                .with_help("say why behind the bracket: `# vmlint: ignore[…] moved offline`"),
            );
        }
        findings
    }
}

fn names<'m>(metas: impl Iterator<Item = &'m Meta>) -> Arc<[ResourceName]> {
    let named = metas.filter(|meta| meta.named);
    named.map(Meta::resource_name).collect()
}
