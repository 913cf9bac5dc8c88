//! What the level of a rule can be.

use std::fmt;

use crate::diagnostic::Severity;

/// What a level is set to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Findings have this severity, whatever the rule says.
    Severity(Severity),
    /// The rule does not run.
    Off,
}

impl Level {
    /// The words for all levels.
    pub const WORDS: [&str; 4] = ["error", "warning", "info", "off"];

    /// `error`, `warning`, `info` or `off`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Level::Off),
            word => Severity::parse(word).map(Level::Severity),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Level::Severity(severity) => severity.as_str(),
            Level::Off => "off",
        })
    }
}
