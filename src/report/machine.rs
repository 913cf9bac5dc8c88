//! What the outputs for programs share: places with machine paths, and JSON that a terminal can
//! show unharmed.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::{Report, visible};
use crate::source::{Location, Position};

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
