//! Amounts with a unit, and versions: what people write, and what it means.

use std::borrow::Cow;
use std::fmt;

use arcstr::ArcStr;
use serde_json::{Value as Json, json};

use super::Meta;
use super::attribute::State;
use super::place::Place;
use super::read::{Modelled, Reader, parsed};
use super::reflect::{Type, Value};
use super::shared::shared;
use crate::yaml::{self, Node};

/// An amount of memory or storage, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(Rust, packed(4))]
pub struct Memory(pub i64);

/// A bandwidth or dirty rate, in bits per second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(Rust, packed(4))]
pub struct Bandwidth(pub i64);

/// A length of time, in seconds; always more than none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(Rust, packed(4))]
pub struct Seconds(pub i64);

/// A product version, read by its source text so that `9.0` and `"9.0"` are the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Version(pub ArcStr);

/// `number` in decimal with an optional fraction, times `unit`, rounded; `None` when it overflows.
fn scaled(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || number.ends_with('.') {
        return None;
    }
    let whole = whole.parse::<i128>().ok()?.checked_mul(i128::from(unit))?;
    let mut part = 0_i128;
    let mut weight = i128::from(unit);
    for digit in fraction.bytes().take(12) {
        weight *= 10;
        part = part * 10 + i128::from(digit - b'0') * i128::from(unit);
        if weight > i128::from(i64::MAX) * 1_000_000_000_000 {
            return None;
        }
    }
    let scale = weight / i128::from(unit);
    i64::try_from(whole.checked_add((part + scale / 2) / scale)?).ok()
}

/// Splits `16GiB` into number and unit.
fn number_and_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

impl Memory {
    /// What to write, for help.
    pub const FORM: &str =
        "write bytes as a whole number, or an amount such as 512MiB, 16GiB or 16Gi";

    /// Reads `512MiB`, `16Gi`, `16GB` (binary, as in PowerShell) or plain bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = number_and_unit(text);
        let exponent = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "ki" | "kib" => 1,
            "m" | "mb" | "mi" | "mib" => 2,
            "g" | "gb" | "gi" | "gib" => 3,
            "t" | "tb" | "ti" | "tib" => 4,
            "p" | "pb" | "pi" | "pib" => 5,
            _ => return None,
        };
        scaled(number, 1_i64 << (10 * exponent)).map(Memory)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["PiB", "TiB", "GiB", "MiB", "KiB"];
        for (power, unit) in (1..=5).rev().zip(units) {
            let size = 1_i64 << (10 * power);
            if self.0 >= size {
                return write!(f, "{} {unit}", Decimal(self.0 as f64 / size as f64));
            }
        }
        let unit = if self.0 == 1 { "byte" } else { "bytes" };
        write!(f, "{} {unit}", { self.0 })
    }
}

impl Bandwidth {
    /// Units to show it in, of which the first wins that takes no more than one digit behind the
    /// point: a rate that was written in binary bytes is shown in them.
    const UNITS: [(&str, i64); 6] = [
        ("Tbps", 1_000_000_000_000),
        ("Gbps", 1_000_000_000),
        ("Mbps", 1_000_000),
        ("GiB/s", 8 << 30),
        ("MiB/s", 8 << 20),
        ("kbps", 1_000),
    ];

    /// What to write, for help.
    pub const FORM: &str = "write it as 10Gbps, 800Mbps, 750MB/s or 715MiB/s";

    /// Reads `10Gbps`, `800Mbps` (bits), `750MB/s` (decimal bytes) or `715MiB/s` (binary bytes).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = number_and_unit(text);
        let bits_per_second = match unit.to_ascii_lowercase().as_str() {
            "bps" => 1,
            "kbps" | "kbit/s" => 1_000,
            "mbps" | "mbit/s" => 1_000_000,
            "gbps" | "gbit/s" => 1_000_000_000,
            "tbps" | "tbit/s" => 1_000_000_000_000,
            "b/s" => 8,
            "kb/s" => 8_000,
            "mb/s" => 8_000_000,
            "gb/s" => 8_000_000_000,
            "kib/s" => 8 << 10,
            "mib/s" => 8 << 20,
            "gib/s" => 8 << 30,
            _ => return None,
        };
        scaled(number, bits_per_second).map(Bandwidth)
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = Self::UNITS.iter().find(|(_, size)| {
            let tenths = i128::from(self.0) * 10;
            self.0 >= *size && tenths % i128::from(*size) == 0
        });
        let large = || Self::UNITS.iter().find(|(_, size)| self.0 >= *size);
        match exact.or_else(large) {
            Some((unit, size)) => write!(f, "{} {unit}", Decimal(self.0 as f64 / *size as f64)),
            None => write!(f, "{} bps", { self.0 }),
        }
    }
}

/// A number with at most one digit behind the point, and none where it is 0.
struct Decimal(f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        if rounded.fract() == 0.0 {
            write!(f, "{rounded:.0}")
        } else {
            write!(f, "{rounded:.1}")
        }
    }
}

impl Seconds {
    /// What to write, for help.
    pub const FORM: &str = "write it as 45s, 90m, 2h30m, 1d or PT2H30M";

    /// Reads `2h30m` or ISO 8601 `PT2H30M`.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        crate::schedule::parse_duration(text)
            .map(Seconds)
            .map_err(|error| error.message)
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::schedule::format_duration(self.0))
    }
}

impl Version {
    /// The parts between the dots as numbers, so that 10.0 comes after 9.0.
    #[must_use]
    pub fn parts(&self) -> Vec<u64> {
        self.0
            .split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect()
    }
}

impl Modelled for Version {
    type Beside = Place;

    fn ty() -> Type {
        Type::Text
    }

    fn schema() -> Json {
        json!({ "type": ["string", "number"], "pattern": r"^[0-9]+(\.[0-9]+)*$" })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        let valid = |text: &str| {
            let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            text.split('.').all(part).then(|| Version(shared(text)))
        };
        parsed(
            node,
            reader,
            "a version",
            "write numbers with dots, such as 9.0",
            valid,
        )
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Text(Cow::Borrowed(&self.0))
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Modelled for Memory {
    type Beside = Place;

    fn ty() -> Type {
        Type::Memory
    }

    fn schema() -> Json {
        json!({
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtTpP]([iI]?[bB]?)?|[bB])?\s*$",
            "examples": ["16GiB", "512MiB"],
        })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Int(bytes) => {
                if bytes >= 0 {
                    State::Known(Memory(bytes))
                } else {
                    State::Unknown
                }
            }
            _ => {
                reader.wants_text(node);
                parsed(
                    node,
                    reader,
                    "an amount of memory",
                    Memory::FORM,
                    Memory::parse,
                )
            }
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Memory(self.0)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Modelled for Bandwidth {
    type Beside = Place;

    fn ty() -> Type {
        Type::Bandwidth
    }

    fn schema() -> Json {
        json!({
            "type": "string",
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*([kKmMgGtT]?[bB]ps|[kKmMgG]?[iI]?[bB]/s|[kKmMgGtT]bit/s)\s*$",
            "examples": ["10Gbps", "200MiB/s"],
        })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        reader.wants_text(node);
        parsed(
            node,
            reader,
            "a bandwidth",
            Bandwidth::FORM,
            Bandwidth::parse,
        )
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Bandwidth(self.0)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Modelled for Seconds {
    type Beside = Place;

    fn ty() -> Type {
        Type::Duration
    }

    fn schema() -> Json {
        json!({
            "type": "string",
            "pattern": r"^\s*(([0-9]+[dhms])+|[pP][0-9dDtThHmMsSwW]+)\s*$",
            "examples": ["4h", "2h30m"],
        })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Text(text) => match Seconds::parse(text) {
                Ok(seconds) => State::Known(seconds),
                Err(message) => {
                    reader.violation(node, message, Some(Seconds::FORM.to_owned()));
                    State::Unknown
                }
            },
            yaml::Value::Int(number) => {
                let message = format!("`{number}` has no unit");
                reader.violation(node, message, Some(Seconds::FORM.to_owned()));
                State::Unknown
            }
            _ => State::Unknown,
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Duration(self.0)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}
