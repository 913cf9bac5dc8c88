//! What a base has already: the findings that a change did not make, and the suppressions that it
//! did not bring along.

use std::collections::{HashMap, HashSet};

use super::Suppression;
use crate::diagnostic::{Finding, ResourceName};
use crate::source::Sources;

/// Where a suppression stands, whatever its line.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Node {
    /// A resource, and the path inside it.
    OfResource(ResourceName, String),
    /// A file, and the path in what is no resource of it.
    OfFile(String, String),
}

/// What is said of a base once it is judged, to hold against the estate after the change.
#[derive(Default, Debug)]
pub struct Known {
    findings: HashMap<String, usize>,
    suppressed: HashSet<(String, Node)>,
    trust_head: bool,
}

impl Known {
    /// Nothing yet. With `trust_head` all suppressions count.
    #[must_use]
    pub fn new(trust_head: bool) -> Self {
        Known {
            trust_head,
            ..Self::default()
        }
    }

    /// Adds findings that are shown in the base. `named` is what a file is called, before the
    /// change as after it.
    pub fn add_findings(
        &mut self,
        findings: &[Finding],
        sources: &Sources,
        named: &dyn Fn(&str) -> String,
    ) {
        for finding in findings {
            *self
                .findings
                .entry(fingerprint(finding, sources, named))
                .or_default() += 1;
        }
    }

    /// Adds suppressions of the base.
    pub fn add_suppressions(
        &mut self,
        suppressions: &[Suppression],
        sources: &Sources,
        named: &dyn Fn(&str) -> String,
    ) {
        for suppression in suppressions {
            let file = named(sources.get(suppression.file()).path());
            for node in suppression.nodes(&file) {
                let rules = suppression.rules().iter();
                self.suppressed
                    .extend(rules.map(|rule| (rule.clone(), node.clone())));
            }
        }
    }

    /// Whether a suppression of a finding counts: the base suppresses the rule at the same node.
    pub(super) fn admits(&self, suppression: &Suppression, finding: &Finding, file: &str) -> bool {
        let nodes = suppression.nodes(file);
        let alone = nodes.len() == 1;
        let concerns = |node: &Node| match node {
            Node::OfFile(..) => true,
            Node::OfResource(name, _) => {
                alone || finding.resource.as_ref() == Some(name) || finding.related.contains(name)
            }
        };
        let mut concerned = nodes.into_iter().filter(concerns);
        self.trust_head
            || concerned.any(|node| self.suppressed.contains(&(finding.rule.to_string(), node)))
    }

    /// Takes out what the base has already, as often as it has it; says how much that was.
    pub fn take_out(
        &self,
        findings: &mut Vec<Finding>,
        sources: &Sources,
        named: &dyn Fn(&str) -> String,
    ) -> usize {
        let before = findings.len();
        let mut left = self.findings.clone();
        findings.retain(
            |finding| match left.get_mut(&fingerprint(finding, sources, named)) {
                Some(count @ 1..) => {
                    *count -= 1;
                    false
                }
                _ => true,
            },
        );
        before - findings.len()
    }
}

fn fingerprint(finding: &Finding, sources: &Sources, named: &dyn Fn(&str) -> String) -> String {
    finding.fingerprint(&named(sources.get(finding.location.file).path()))
}
