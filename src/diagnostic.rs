//! What vmlint says about an estate: findings, their order and their fingerprint.
//!
//! Formatting lives in `report`, making findings in `rules` and `inventory`.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arcstr::ArcStr;
use sha2::{Digest, Sha256};

use crate::source::{Location, Sources, Span};

/// How bad a finding is, mildest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Slow, degraded or risky.
    Warning,
    /// Fails, or stops a machine.
    Error,
}

impl Severity {
    /// All severities, mildest first.
    pub const ALL: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Error];

    /// The word for it in rule files, settings and outputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }

    /// The severity of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str() == word)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A resource as outputs name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ResourceName {
    /// `VirtualMachine`, `Host`, …
    pub kind: &'static str,
    /// Empty where there is none.
    pub namespace: ArcStr,
    /// `metadata.name`.
    pub name: ArcStr,
}

impl fmt::Display for ResourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/", self.kind)?;
        if !self.namespace.is_empty() {
            write!(f, "{}/", self.namespace)?;
        }
        f.write_str(&self.name)
    }
}

/// A further place that a finding speaks of, in any file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is said there; may be empty.
    pub text: String,
}

/// One replacement of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty to insert.
    pub location: Location,
    /// The new text.
    pub text: String,
}

/// A way to mend a finding by editing text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether applying it cannot change what the estate does.
    pub safe: bool,
    /// The edits; all or none are applied.
    pub edits: Vec<Edit>,
}

/// A value that would mend a finding, and where it belongs. A [`Fix`] is made of it where its edits
/// are certain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remedy {
    /// What it does, as an imperative.
    pub title: String,
    /// Whether applying it cannot change what the estate does.
    pub safe: bool,
    /// The node from which [`Remedy::steps`] lead on, by its exact span.
    pub at: Location,
    /// The keys that lead to the value from there, whether they are written or not.
    pub steps: Vec<String>,
    /// The value, as YAML.
    pub value: String,
}

/// One thing wrong, at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's id.
    pub rule: Arc<str>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The primary location.
    pub location: Location,
    /// The other places that take part.
    pub labels: Vec<Label>,
    /// The resource in which the primary location lies; none for findings about a file.
    pub resource: Option<ResourceName>,
    /// The other resources that take part.
    pub related: Vec<ResourceName>,
    /// The scope the finding belongs to, empty for the one that holds the rest.
    pub scope: Arc<str>,
    /// Path of the node inside the resource, with names for list elements.
    pub node: String,
    /// Names of the entities that tell this finding from others at the same node.
    pub key: Vec<String>,
    /// What would mend it, for which edits are still to be made.
    pub remedy: Option<Box<Remedy>>,
    /// Edits that would mend it.
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// A finding about a file, with nothing but the essentials.
    #[must_use]
    pub fn new(
        rule: impl Into<Arc<str>>,
        severity: Severity,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        Finding {
            rule: rule.into(),
            severity,
            message: message.into(),
            help: None,
            location,
            labels: Vec::new(),
            resource: None,
            related: Vec::new(),
            scope: Arc::from(""),
            node: String::new(),
            key: Vec::new(),
            remedy: None,
            fixes: Vec::new(),
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn with_label(mut self, location: Location, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            location,
            text: text.into(),
        });
        self
    }

    /// What stays the same about a finding when lines move, messages are reworded and other
    /// objects change: 32 hexadecimal digits.
    ///
    /// Made of rule, scope, resource (else `path`, the file's path from the root of the repository),
    /// path of the node and [`Finding::key`].
    #[must_use]
    pub fn fingerprint(&self, path: &str) -> String {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        part(&self.rule);
        part(&self.scope);
        match &self.resource {
            Some(resource) => {
                part(resource.kind);
                part(&resource.namespace);
                part(&resource.name);
            }
            None => part(path),
        }
        part(&self.node);
        for key in &self.key {
            part(key);
        }
        hash.finalize()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Puts findings in the order of every output: path as a string, line, column, rule, then what
/// is left to tell equal ones apart.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    findings.sort_by(|a, b| {
        let place = |finding: &Finding| {
            let Span { start, end } = finding.location.span;
            (start, end)
        };
        let path = |finding: &Finding| sources.get(finding.location.file).path();
        path(a)
            .cmp(path(b))
            .then_with(|| place(a).0.cmp(&place(b).0))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.message.cmp(&b.message))
    });
}

/// How many mistakes in the form of one file are told.
pub const MAX_MISTAKES: usize = 10_000;

/// A text from a file as messages quote it: cut where it is longer than anybody reads.
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The word of `words` that `written` was probably meant to be, for "did you mean".
pub fn nearest<'w>(written: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    const LONGEST: usize = 64;
    let folded = written.to_lowercase();
    let most = match folded.chars().count() {
        0..=2 => return None,
        3..=5 => 1,
        6..=LONGEST => 2,
        _ => return None,
    };
    words
        .into_iter()
        .map(|word| {
            (
                strsim::damerau_levenshtein(&folded, &word.to_lowercase()),
                word,
            )
        })
        .filter(|(distance, word)| *distance <= most || word.to_lowercase().starts_with(&folded))
        .min()
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_word() {
        let kinds = ["Cluster", "Host", "VirtualMachine"];
        assert_eq!(nearest("VirtualMachin", kinds), Some("VirtualMachine"));
        assert_eq!(nearest("hots", kinds), Some("Host"));
        assert_eq!(nearest("Service", kinds), None);
        assert_eq!(nearest(&"x".repeat(1 << 20), kinds), None);
    }

    #[test]
    fn quoted_text_is_cut_at_a_character() {
        assert_eq!(shortened("2019"), "2019");
        let long = "é".repeat(3 << 20);
        assert_eq!(shortened(&long).chars().count(), 81);
    }
}
