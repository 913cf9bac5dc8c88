//! What the outputs for programs share: places with machine paths, and JSON that a terminal can
//! show unharmed.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::{Report, visible};
use crate::diagnostic::{Finding, Label};
use crate::source::{Location, Position};

/// How many labels are told in text before the rest is counted.
const LABELS: usize = 5;

/// A location as programs want it; the end is exclusive.
#[derive(Serialize, Clone, PartialEq, Eq, Debug)]
pub(super) struct Place<'a> {
    pub(super) path: Cow<'a, str>,
    pub(super) start: Point,
    pub(super) end: Point,
}

/// A [`Position`] with its fields as programs read them.
#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Point {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) byte: usize,
}

impl From<Position> for Point {
    fn from(Position { line, column, byte }: Position) -> Self {
        Point { line, column, byte }
    }
}

impl<'a> Report<'a> {
    /// Where a location lies, with the path that programs want.
    pub(super) fn place(&self, location: Location) -> Place<'a> {
        let file = self.sources.get(location.file);
        Place {
            path: (self.machine_path)(file.path()),
            start: file.position(location.span.start).into(),
            end: file.position(location.span.end).into(),
        }
    }
}

impl Report<'_> {
    /// The path that programs want of the file in which a location lies.
    pub(super) fn path(&self, location: Location) -> Cow<'_, str> {
        (self.machine_path)(self.sources.get(location.file).path())
    }

    /// `path:line:column` as programs want it, on one line.
    pub(super) fn spot(&self, location: Location) -> String {
        let at = self.start(location);
        let path = self.path(location);
        let path = visible::line(&path, true);
        format!("{path}:{}:{}", at.line, at.column)
    }

    /// Where a location starts.
    pub(super) fn start(&self, location: Location) -> Position {
        let file = self.sources.get(location.file);
        file.position(location.span.start)
    }

    /// Where in [`Report::findings`] the worst ones are, then the others; in order within a severity.
    pub(super) fn worst_first(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.findings.len()).collect();
        order.sort_by_key(|index| Reverse(self.findings[*index].severity));
        order
    }

    /// The fingerprints of all findings, in their order. No two are equal: where findings cannot be
    /// told apart, the further ones have a number.
    pub(super) fn fingerprints(&self) -> Vec<String> {
        let mut seen: HashMap<String, usize> = HashMap::new();
        let fingerprint = |finding: &Finding| {
            let fingerprint = finding.fingerprint(&self.path(finding.location));
            let count = seen.entry(fingerprint.clone()).or_default();
            *count += 1;
            match count {
                1 => fingerprint,
                count => format!("{fingerprint}-{count}"),
            }
        };
        self.findings.iter().map(fingerprint).collect()
    }

    /// What there is to say about a finding beside its message, each on a line: labels, and what to
    /// do. No line is a command of a build service.
    pub(super) fn further(&self, finding: &Finding) -> Vec<String> {
        let mut lines = Vec::new();
        for Label { location, text } in finding.labels.iter().take(LABELS) {
            let spot = self.spot(*location);
            let text = visible::line(text, true);
            lines.push(match text.is_empty() {
                true => format!("see {spot}"),
                false => format!("see {spot}: {text}"),
            });
        }
        let more = finding.labels.len().saturating_sub(LABELS);
        if more > 0 {
            let places = if more == 1 { "place" } else { "places" };
            lines.push(format!("and {more} more {places}"));
        }
        let help = finding.help.as_deref().unwrap_or_default();
        for (index, line) in help.trim().lines().enumerate() {
            let word = if index == 0 { "help: " } else { "      " };
            let line = format!("{word}{}", visible::line(line, true));
            lines.push(visible::opening(line.into()).into_owned());
        }
        lines
    }
}

/// Text with other text in place of some characters.
pub(super) fn escaped(text: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(other) => out.push_str(other),
            None => out.push(c),
        }
    }
    out
}

/// Writes a value and a line break, laid out by `formatter`. What a terminal would act on is
/// escaped in strings, which JSON allows and readers undo.
pub(super) fn write_json(
    out: &mut dyn Write,
    value: &impl Serialize,
    formatter: impl Formatter,
) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(
        &mut *out,
        Escaping(formatter),
    ))?;
    out.write_all(b"\n")
}

/// A value as JSON, with a line break: on one line, or laid out for reading.
///
/// # Errors
/// What writing fails with.
pub fn json_of(out: &mut dyn Write, value: &impl Serialize, is_pretty: bool) -> io::Result<()> {
    match is_pretty {
        true => write_json(out, value, PrettyFormatter::new()),
        false => write_json(out, value, CompactFormatter),
    }
}

/// A formatter that writes characters which [`visible`] would replace as `\uXXXX`.
struct Escaping<F>(F);

/// Forwards a method of [`Formatter`] to the formatter within.
macro_rules! forward {
    ($($method:ident($($argument:ident: $type:ty)?)),* $(,)?) => {
        $(fn $method<W: ?Sized + Write>(
            &mut self,
            writer: &mut W
            $(, $argument: $type)?
        ) -> io::Result<()> {
            self.0.$method(writer $(, $argument)?)
        })*
    };
}

impl<F: Formatter> Formatter for Escaping<F> {
    forward! {
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        end_object_key(),
        begin_object_value(),
        end_object_value(),
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for (run, hidden) in visible::runs(fragment) {
            writer.write_all(run.as_bytes())?;
            for unit in hidden
                .iter()
                .flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec())
            {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}
