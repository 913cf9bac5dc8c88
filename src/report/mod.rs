//! Findings as text for people and as data for programs, one file an output.
//!
//! Reads findings, sources and what rules say of themselves: which findings there are, in which
//! order, and whether anything is coloured is decided before. Text for people has all control
//! characters made visible and paths as [`Sources`] has them; data for programs has both unchanged
//! in meaning, with paths from [`Report::machine_path`].
//!
//! A new output is a variant of [`Format`], a line in [`write()`] and a file.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use crate::diagnostic::{Finding, Severity};
use crate::rules::RuleSet;
use crate::source::Sources;

mod azure;
mod concise;
mod digest;
mod excerpt;
mod github;
mod gitlab;
mod json;
mod junit;
mod line;
mod line_hash;
mod machine;
mod paint;
mod pretty;
mod rdjson;
mod sarif;
mod summary;
mod visible;

pub use digest::digest;
pub use machine::json_of;
pub use summary::{Fixing, Summary, closing_line};
pub use visible::{inert, line as visible_line};

/// An output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// Source excerpts with labels, for people at a terminal.
    Pretty,
    /// One line a finding, for people reading logs.
    Concise,
    /// Everything, as one JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Commands for GitHub Actions.
    Github,
    /// A Code Quality report for GitLab.
    Gitlab,
    /// Commands for Azure Pipelines.
    Azure,
    /// Test results in XML.
    Junit,
    /// Diagnostics for reviewdog.
    Rdjson,
}

impl Format {
    /// All outputs, in the order of the documentation.
    pub const ALL: [Format; 9] = [
        Format::Pretty,
        Format::Concise,
        Format::Json,
        Format::Sarif,
        Format::Github,
        Format::Gitlab,
        Format::Azure,
        Format::Junit,
        Format::Rdjson,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Pretty => "pretty",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Gitlab => "gitlab",
            Format::Azure => "azure",
            Format::Junit => "junit",
            Format::Rdjson => "rdjson",
        }
    }

    /// Whether it is text for people.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Format::Pretty | Format::Concise)
    }

    /// Whether it tells where in its resource a finding is, as fingerprints do.
    #[must_use]
    pub fn tells_nodes(self) -> bool {
        matches!(
            self,
            Format::Json | Format::Sarif | Format::Gitlab | Format::Junit
        )
    }

    /// The output of that name.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// All that an output may tell.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The findings, in the order of [`crate::diagnostic::sort`].
    pub findings: &'a [Finding],
    /// The text they point into.
    pub sources: &'a Sources,
    /// What was counted.
    pub summary: &'a Summary,
    /// The day that counts as today, such as `2026-01-01`.
    pub as_of: &'a str,
    /// Turns a path of [`Report::sources`] into the one that programs want, from the git root.
    pub machine_path: &'a dyn for<'p> Fn(&'p str) -> Cow<'p, str>,
    /// Turns it into an absolute one.
    pub absolute_path: &'a dyn Fn(&str) -> String,
    /// What the findings were made with, where outputs may tell of it.
    pub rules: Option<&'a RuleSet>,
    /// The address of the page about a rule.
    pub page: &'a dyn Fn(&str) -> Option<String>,
    /// The mildest severity that fails the run.
    pub fails_from: Option<Severity>,
    /// The file that the [`digest`] was written to, for the service that runs vmlint to fetch.
    pub digest_file: Option<&'a str>,
    /// Whether text for people ends with how to learn more about a rule.
    pub hint: bool,
}

impl<'a> Report<'a> {
    /// A report of nothing but findings.
    #[must_use]
    pub fn plain(findings: &'a [Finding], sources: &'a Sources, summary: &'a Summary) -> Self {
        Report {
            findings,
            sources,
            summary,
            as_of: "",
            machine_path: &|path| path.into(),
            absolute_path: &|path| path.to_owned(),
            rules: None,
            page: &|_| None,
            fails_from: None,
            digest_file: None,
            hint: false,
        }
    }
}

/// How text for people looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether to write ANSI colours.
    pub color: bool,
    /// Whether frames and symbols may be more than ASCII. Text from files is shown as it is.
    pub unicode: bool,
    /// Columns of the terminal: longer messages are wrapped, longer source lines cut.
    pub width: usize,
}

/// Writes a report.
///
/// # Errors
/// What `out` reports.
pub fn write(
    format: Format,
    report: &Report<'_>,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    match format {
        Format::Pretty => pretty::write(report, style, &mut out),
        Format::Concise => concise::write(report, style, &mut out),
        Format::Json => json::write(report, &mut out),
        Format::Sarif => sarif::write(report, &mut out),
        Format::Github => github::write(report, &mut out),
        Format::Gitlab => gitlab::write(report, &mut out),
        Format::Azure => azure::write(report, &mut out),
        Format::Junit => junit::write(report, &mut out),
        Format::Rdjson => rdjson::write(report, &mut out),
    }?;
    out.flush()
}
