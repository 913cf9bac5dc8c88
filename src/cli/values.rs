//! The values of options, and how they are written.

use std::path::PathBuf;

use clap::ValueEnum;
use jiff::civil::Date;

use crate::diagnostic::Severity;
use crate::report::Format;
use crate::schedule::{ParseError, Zone, parse_duration};
use crate::settings::Level;

/// From which severity on a run fails.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum FailOn {
    /// On errors.
    Error,
    /// On warnings and errors.
    #[default]
    Warning,
    /// On any finding.
    Info,
    /// Never.
    Never,
}

impl FailOn {
    /// The mildest severity that fails a run.
    #[must_use]
    pub fn threshold(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }
}

/// When to colour.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Color {
    /// At a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A format, and the file it goes to; none is standard output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Output {
    /// The format.
    pub format: Format,
    /// The file.
    pub file: Option<PathBuf>,
}

pub(super) fn output(text: &str) -> Result<Output, String> {
    let (name, file) = match text.split_once('=') {
        Some((_, "")) => return Err("a file name belongs behind `=`".to_owned()),
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (text, None),
    };
    let names = Format::ALL.map(Format::as_str);
    match Format::parse(name) {
        Some(format) => Ok(Output { format, file }),
        None => Err(meant(name, &names)),
    }
}

pub(super) fn level(text: &str) -> Result<(String, Level), String> {
    let (rule, level) = text.split_once('=').ok_or("write RULE=LEVEL")?;
    match Level::parse(level) {
        Some(level) => Ok((rule.to_owned(), level)),
        None => Err(meant(level, &["error", "warning", "info", "off"])),
    }
}

pub(super) fn duration(text: &str) -> Result<i64, String> {
    parse_duration(text).map_err(told)
}

fn told(error: ParseError) -> String {
    match error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message,
    }
}

pub(super) fn time_zone(text: &str) -> Result<Zone, String> {
    Zone::parse(text).map_err(told)
}

pub(super) fn date(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|_| "write a date such as 2026-01-31".to_owned())
}

fn meant(written: &str, words: &[&str]) -> String {
    match crate::diagnostic::nearest(written, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("it is one of {}", words.join(", ")),
    }
}
