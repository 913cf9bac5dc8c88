//! The one error of everything that people write in a schedule.

use std::fmt;
use std::ops::Range;

/// Why a part of a schedule cannot be read, and where in its text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    /// A sentence without capital and full stop.
    pub message: String,
    /// The bytes of the parsed text that are wrong; empty where something is missing.
    pub range: Range<usize>,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl ParseError {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        ParseError {
            message: message.into(),
            range,
            help: None,
        }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        ParseError {
            help: Some(help.into()),
            ..self
        }
    }

    /// The same error in a text of which the parsed one is the part from byte `by`.
    pub(super) fn shifted(self, by: usize) -> Self {
        ParseError {
            range: self.range.start + by..self.range.end + by,
            ..self
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}
