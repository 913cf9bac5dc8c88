//! The rules that come with the program: every file in `rules/<topic>/`.
//!
//! What is known of each when the program starts was read from its file when it was built. The
//! rest, which is most of it, is read when somebody wants to see it.

use super::load::Logic;
use super::read::Written;
use crate::diagnostic::Severity;
use crate::source::SourceFile;

/// A rule of the program, as far as its file was read by the build.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its name.
    pub id: &'static str,
    /// Its topic.
    pub topic: &'static str,
    /// What it goes through; none where the program itself finds what it is about.
    pub relation: Option<&'static str>,
    /// Its file: `<topic>/<id>.yaml`.
    pub path: &'static str,
    /// The text of the file.
    pub text: &'static str,
    /// What decides whether something is found, and where: a line for each text, with its key
    /// before it.
    pub conditions: &'static str,
    /// All of it but what only people read, such as its examples.
    pub logic: &'static str,
}

/// Every built-in rule, in the order of the paths.
pub static RULES: &[BuiltIn] = &include!(concat!(env!("OUT_DIR"), "/builtin_rules.rs"));

impl BuiltIn {
    /// Its file as reports name it.
    #[must_use]
    pub fn file(&self) -> SourceFile {
        SourceFile::new(format!("rules/{}", self.path), self.text)
    }

    /// The texts of one key, of those that decide whether something is found.
    pub(super) fn texts(&self, key: &str) -> impl Iterator<Item = &'static str> {
        let lines = self.conditions.lines();
        lines.filter_map(move |line| line.strip_prefix(key)?.strip_prefix(' '))
    }

    /// The severity of its findings.
    pub(super) fn severity(&self) -> Severity {
        let mut written = self.texts("severity");
        let severity = written.next().and_then(Severity::parse);
        severity.unwrap_or(Severity::Error)
    }

    /// What decides whether something is found, and where. Nothing of it has a place, as nothing
    /// of it can be wrong.
    pub(super) fn conditions(&self) -> Logic {
        let all = |key| self.texts(key).map(placeless).collect();
        let one = |key| self.texts(key).next().map(placeless);
        Logic {
            subject: one("for").unwrap_or_default(),
            formats: all("formats"),
            needs: all("needs"),
            when: one("when"),
            deny: one("deny").unwrap_or_default(),
            at: all("at"),
            ..Logic::default()
        }
    }

    /// The part of its file that makes findings.
    pub(super) fn logic(&self) -> SourceFile {
        SourceFile::new(format!("rules/{}", self.path), self.logic)
    }
}

fn placeless(text: &str) -> Written {
    Written {
        text: text.to_owned(),
        ..Written::default()
    }
}
