//! Findings as text for people and as data for programs, one file an output.
//!
//! Reads findings and sources only: which findings there are, in which order, and whether
//! anything is coloured is decided before. Text for people has all control characters made
//! visible and paths as [`Sources`] has them; data for programs has both unchanged in meaning,
//! with paths from [`Report::machine_path`].
//!
//! A new output is a variant of [`Format`], a line in [`write()`] and a file.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use crate::diagnostic::Finding;
use crate::source::Sources;

mod concise;
mod excerpt;
mod json;
mod line;
mod machine;
mod paint;
mod pretty;
mod summary;
mod visible;

pub use summary::{Fixing, Summary, closing_line};
pub use visible::line as visible_line;

/// An output.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// Source excerpts with labels, for people at a terminal.
    Pretty,
    /// One line a finding, for people reading logs.
    Concise,
    /// Everything, as one JSON object.
    Json,
}

impl Format {
    /// All outputs, in the order of the documentation.
    pub const ALL: [Format; 3] = [Format::Pretty, Format::Concise, Format::Json];

    /// The word for it on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Pretty => "pretty",
            Format::Concise => "concise",
            Format::Json => "json",
        }
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
    /// The address of the page about a rule.
    pub page: &'a dyn Fn(&str) -> Option<String>,
    /// Whether text for people ends with how to learn more about a rule.
    pub hint: bool,
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
    }?;
    out.flush()
}
