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
    /// Whether it compares with a base.
    pub of_change: bool,
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

    /// The part of its file that makes findings.
    pub(super) fn logic(&self) -> SourceFile {
        SourceFile::new(format!("rules/{}", self.path), self.logic)
    }

    /// What decides whether something is found, and where: keys with a text each, in the order of
    /// the keys above.
    fn lines(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = self.conditions.lines();
        lines.filter_map(|line| line.split_once(' '))
    }

    /// What it judges, by where it was read from; everything where there are none.
    pub(super) fn formats(&self) -> impl Iterator<Item = &'static str> {
        let lines = self.lines().skip_while(|(key, _)| *key != "formats");
        lines
            .take_while(|(key, _)| *key == "formats")
            .map(|(_, word)| word)
    }

    /// The same as its file has it. Nothing of it has a place, as nothing of it can be wrong.
    pub(super) fn conditions(&self) -> (Severity, Logic) {
        let (mut severity, mut logic) = (Severity::Error, Logic::default());
        for (key, text) in self.lines() {
            match key {
                "severity" => severity = Severity::parse(text).unwrap_or(severity),
                "for" => logic.subject = placeless(text),
                "formats" => logic.formats.push(placeless(text)),
                "needs" => logic.needs.push(placeless(text)),
                "when" => logic.when = Some(placeless(text)),
                "deny" => logic.deny = placeless(text),
                "at" => logic.at.push(placeless(text)),
                _ => {}
            }
        }
        (severity, logic)
    }
}

fn placeless(text: &str) -> Written {
    Written {
        text: text.to_owned(),
        ..Written::default()
    }
}
