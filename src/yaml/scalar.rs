//! What a scalar means: the core schema of YAML 1.2, and the standard tags that override it.

use granit_parser::Tag;

use super::Style;

/// How the text of a scalar is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reading {
    /// By the core schema: plain and without a tag.
    Core,
    /// As text: quoted, a block, `!!str`, or a tag that means nothing here.
    Text,
    /// `!!null`.
    Null,
    /// `!!bool`.
    Bool,
    /// `!!int`.
    Int,
    /// `!!float`.
    Float,
}

/// The value of a scalar.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Scalar<'t> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'t str),
}

impl Reading {
    pub(super) fn of(style: Style, tag: Option<&Tag>) -> Self {
        match tag {
            None if style == Style::Plain => Reading::Core,
            None => Reading::Text,
            Some(tag) => match tag.core_suffix() {
                Some("null") => Reading::Null,
                Some("bool") => Reading::Bool,
                Some("int") => Reading::Int,
                Some("float") => Reading::Float,
                _ => Reading::Text,
            },
        }
    }

    /// The value of `text`; text that its tag does not fit stays text.
    #[inline]
    pub(super) fn value(self, text: &str) -> Scalar<'_> {
        if self == Reading::Text {
            return Scalar::Text(text);
        }
        if self == Reading::Core {
            return match is_certainly_text(text) {
                true => Scalar::Text(text),
                false => core(text),
            };
        }
        match (self, core(text)) {
            (Reading::Null, value @ Scalar::Null)
            | (Reading::Bool, value @ Scalar::Bool(_))
            | (Reading::Int, value @ Scalar::Int(_))
            | (Reading::Float, value @ Scalar::Float(_)) => value,
            (Reading::Float, Scalar::Int(int)) => Scalar::Float(int as f64),
            _ => Scalar::Text(text),
        }
    }
}

/// Whether a plain scalar starts with a letter with which no constant does.
#[inline]
fn is_certainly_text(text: &str) -> bool {
    let starts_a_word = |byte: &u8| {
        byte.is_ascii_alphabetic() && !matches!(byte.to_ascii_lowercase(), b'n' | b't' | b'f')
    };
    text.as_bytes().first().is_some_and(starts_a_word)
}

/// Resolves a plain scalar. An integer beyond 64 bits becomes the nearest float.
fn core(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Scalar::Float(f64::NAN),
        _ => {}
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(text, digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(text, digits, 8);
    }
    let (sign, body) = match text.as_bytes()[0] {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return Scalar::Float(sign * f64::INFINITY);
    }
    if !is_number(body) {
        return Scalar::Text(text);
    }
    if let Ok(int) = text.parse() {
        return Scalar::Int(int);
    }
    text.parse().map_or(Scalar::Text(text), Scalar::Float)
}

fn radix<'t>(text: &'t str, digits: &str, radix: u32) -> Scalar<'t> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return Scalar::Text(text);
    }
    i64::from_str_radix(digits, radix).map_or_else(
        |_| {
            let digits = digits.chars().filter_map(|digit| digit.to_digit(radix));
            Scalar::Float(digits.fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit)))
        },
        Scalar::Int,
    )
}

/// Whether `body` is `[0-9]+`, or a float of the core schema, without a sign.
fn is_number(body: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match body.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (body, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    !(whole.is_empty() && fraction.is_empty()) && digits(whole) && digits(fraction) && exponent_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        let cases = [
            ("", Scalar::Null),
            ("~", Scalar::Null),
            ("NULL", Scalar::Null),
            ("nULL", Scalar::Text("nULL")),
            ("True", Scalar::Bool(true)),
            ("yes", Scalar::Text("yes")),
            ("on", Scalar::Text("on")),
            ("0", Scalar::Int(0)),
            ("-12", Scalar::Int(-12)),
            ("+7", Scalar::Int(7)),
            ("007", Scalar::Int(7)),
            ("0x1F", Scalar::Int(31)),
            ("0o17", Scalar::Int(15)),
            ("0o8", Scalar::Text("0o8")),
            ("-0x1", Scalar::Text("-0x1")),
            ("0x", Scalar::Text("0x")),
            ("1_000", Scalar::Text("1_000")),
            ("1:30", Scalar::Text("1:30")),
            ("9.0", Scalar::Float(9.0)),
            ("1.", Scalar::Float(1.0)),
            (".5", Scalar::Float(0.5)),
            (".", Scalar::Text(".")),
            ("-", Scalar::Text("-")),
            ("-.e1", Scalar::Text("-.e1")),
            ("1e3", Scalar::Float(1000.0)),
            ("1e", Scalar::Text("1e")),
            ("1e+-3", Scalar::Text("1e+-3")),
            ("-.INF", Scalar::Float(f64::NEG_INFINITY)),
            ("inf", Scalar::Text("inf")),
            ("nan", Scalar::Text("nan")),
            ("9223372036854775807", Scalar::Int(i64::MAX)),
            (
                "9223372036854775808",
                Scalar::Float(9_223_372_036_854_775_808.0),
            ),
            (
                "0xFFFFFFFFFFFFFFFF",
                Scalar::Float(18_446_744_073_709_551_615.0),
            ),
            ("2026-01-01", Scalar::Text("2026-01-01")),
        ];
        for (text, value) in cases {
            assert_eq!(Reading::Core.value(text), value, "{text}");
        }
        assert!(matches!(Reading::Core.value(".nan"), Scalar::Float(nan) if nan.is_nan()));
    }

    #[test]
    fn a_tag_overrides_and_a_text_it_does_not_fit_stays_text() {
        assert_eq!(Reading::Text.value("5"), Scalar::Text("5"));
        assert_eq!(Reading::Int.value("5"), Scalar::Int(5));
        assert_eq!(Reading::Int.value("five"), Scalar::Text("five"));
        assert_eq!(Reading::Float.value("5"), Scalar::Float(5.0));
        assert_eq!(Reading::Bool.value("true"), Scalar::Bool(true));
        assert_eq!(Reading::Null.value(""), Scalar::Null);
    }
}
