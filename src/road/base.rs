//! The estate before a change, and what is asked of it once it is judged.

use super::{Comparison, Options, Road, below};
use crate::diagnostic::Finding;
use crate::discover::Outcome;
use crate::formats::Piece;
use crate::model::AnyResource;
use crate::rules::{RuleOutcome, RuleSet};
use crate::source::Sources;
use crate::verdict::{Declared, Differences, Known, Subject};

/// What is kept of a base.
pub(crate) struct Base {
    pub(super) known: Known,
    pub(super) comparison: Comparison,
    root: String,
    pub(super) root_after: String,
    declared: Declared,
    sources: Sources,
}

impl Base {
    /// Whether all of it could be read.
    pub(crate) fn is_complete(&self) -> bool {
        self.comparison.unread.is_empty()
    }

    /// What tells findings of the estate after the change apart.
    pub(crate) fn key(&self, finding: &Finding, sources: &Sources) -> String {
        let path = sources.get(finding.location.file).path();
        finding.fingerprint(&below(&self.root_after, path))
    }
}

impl Road {
    /// Notes where resources are declared.
    pub(crate) fn declare(&mut self, resources: &[AnyResource]) {
        for resource in resources {
            let meta = resource.meta();
            self.declared.add(self.scope(meta.file), meta);
        }
    }

    /// Reads all files, with one resource as the base has it.
    pub(crate) fn read_with(
        &mut self,
        subject: &Subject,
        base: &Base,
    ) -> (Vec<AnyResource>, Vec<Piece>) {
        let first = self.found.len();
        if let Some(file) = base.declared.file_of(subject) {
            let file = base.sources.get(file);
            let inside = below(&base.root, file.path());
            let file = file.clone().called(after(&base.root_after, inside));
            self.found.push(Outcome::Read(file));
        }
        let (mut resources, pieces) = self.read(&|| {});
        resources.retain(|resource| {
            let meta = resource.meta();
            let is_it = meta.named
                && meta.resource_name() == subject.name
                && self.scope(meta.file) == subject.scope;
            is_it == (meta.file.index() >= first)
        });
        (resources, pieces)
    }

    /// How it differs from a base.
    pub(crate) fn differences(&self, base: &Base, revision: Option<String>) -> Differences {
        let before = (&base.declared, &base.sources);
        Differences::between(before, (&self.declared, &self.sources), revision)
    }

    /// Judges an estate that is the base of another.
    pub(crate) fn judge_base(
        mut self,
        outcomes: Vec<RuleOutcome>,
        rules: &RuleSet,
        options: &Options,
        (root, root_after, trust_head): (&str, String, bool),
    ) -> Base {
        let named = |path: &str| below(root, path);
        let unread = self.unread();
        let mut known = Known::new(trust_head);
        known.add_suppressions(&self.suppressions, &self.sources, &named);
        let options = Options {
            fingerprints: true,
            baseline: None,
            ..options.clone()
        };
        let declared = std::mem::take(&mut self.declared);
        let checked = self.judge(outcomes, rules, &options, None);
        known.add_findings(&checked.findings, &checked.sources, &named);
        Base {
            known,
            comparison: Comparison {
                unread,
                empty: checked.summary.resources == 0,
                unheeded: Vec::new(),
            },
            root: root.to_owned(),
            root_after,
            declared,
            sources: checked.sources,
        }
    }
}

/// What a file is called that lies so in a folder.
fn after(root: &str, inside: String) -> String {
    match root {
        "." => inside,
        root if inside.is_empty() => root.to_owned(),
        root => format!("{root}/{inside}"),
    }
}
