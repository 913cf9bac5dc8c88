//! The rules that come with the program: every file in `rules/<topic>/`.
//!
//! What is known of each when the program starts was read from its file when it was built. The
//! rest, which is most of it, is read when somebody wants to see it.

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
    /// The part of it that decides whether something is found, and where.
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

    /// The part of its file that is held against an estate.
    pub(super) fn conditions(&self) -> SourceFile {
        SourceFile::new(format!("rules/{}", self.path), self.conditions)
    }

    /// The part of its file that makes findings.
    pub(super) fn logic(&self) -> SourceFile {
        SourceFile::new(format!("rules/{}", self.path), self.logic)
    }
}
