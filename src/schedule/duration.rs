//! Lengths of time as people write them.

use super::ParseError;

const SHORT: &[(char, i64)] = &[('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
const ISO_DATE: &[(char, i64)] = &[('W', 604_800), ('D', 86_400)];
const ISO_TIME: &[(char, i64)] = &[('H', 3_600), ('M', 60), ('S', 1)];

/// The seconds, at least one, of a duration such as `45s`, `90m`, `2h30m`, `1d`, or ISO 8601
/// `PT2H30M`, `P1DT2H`, `P2W`. A day is 24 hours.
///
/// # Errors
/// Anything else: blanks, fractions, units that are unknown, repeated or not from largest to
/// smallest, years and months (their length varies), zero, and more seconds than an `i64` holds.
pub fn parse_duration(text: &str) -> Result<i64, ParseError> {
    let whole = 0..text.len();
    let seconds = match text.strip_prefix('P') {
        None => sum(text, 0, SHORT)?,
        Some(iso) => {
            let (date, time) = match iso.split_once('T') {
                Some((date, time)) => (date, Some(time)),
                None => (iso, None),
            };
            if time.unwrap_or(date).is_empty() {
                return Err(ParseError::new(whole, format!("`{text}` names no length"))
                    .help("write a duration such as PT2H30M or P1D"));
            }
            let days = sum(date, 1, ISO_DATE)?;
            let rest = sum(time.unwrap_or_default(), 2 + date.len(), ISO_TIME)?;
            days.checked_add(rest).ok_or_else(|| too_long(text, 0))?
        }
    };
    match seconds {
        0 if text.is_empty() => {
            Err(ParseError::new(whole, "the duration is empty").help("write one such as 2h30m"))
        }
        0 => Err(ParseError::new(whole, "a duration is longer than zero")),
        _ => Ok(seconds),
    }
}

/// The seconds of a length of time as Go writes it: `5m`, `1h30m`, `1.5h`, `-10ms`, `0`. None where
/// it is none, or longer than the 290 years that fit into nanoseconds.
#[must_use]
pub fn parse_go_duration(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut seconds = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let (number, unit) = rest.split_at(digits);
        let end = unit.find(|it: char| it.is_ascii_digit() || it == '.');
        let (unit, further) = unit.split_at(end.unwrap_or(unit.len()));
        let factor = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            _ => return None,
        };
        let bare = number.strip_suffix('.').unwrap_or(number);
        seconds += bare.parse::<f64>().ok()? * factor;
        rest = further;
    }
    (seconds < 9.2e9).then_some(sign * seconds)
}

/// Adds up the components of `text`, which starts at byte `at` of the duration.
fn sum(text: &str, at: usize, units: &[(char, i64)]) -> Result<i64, ParseError> {
    let mut total = 0_i64;
    let mut units_left = units;
    let mut rest = text;
    while !rest.is_empty() {
        let start = at + text.len() - rest.len();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next();
        let (Some(unit), false) = (unit, number.is_empty()) else {
            return Err(malformed(rest, start, units));
        };
        let component = start..start + digits + unit.len_utf8();
        let Some(index) = units_left.iter().position(|known| known.0 == unit) else {
            let error = if units.iter().any(|known| known.0 == unit) {
                ParseError::new(
                    component,
                    format!("`{unit}` comes after a smaller unit or twice"),
                )
                .help("write each unit once, the largest first")
            } else {
                malformed(tail, start + digits, units)
            };
            return Err(error);
        };
        total = number
            .parse::<i64>()
            .ok()
            .and_then(|number| number.checked_mul(units_left[index].1))
            .and_then(|seconds| total.checked_add(seconds))
            .ok_or_else(|| too_long(rest, start))?;
        units_left = &units_left[index + 1..];
        rest = &tail[unit.len_utf8()..];
    }
    Ok(total)
}

/// The error for `rest`, which starts with neither a number nor a unit as it should.
fn malformed(rest: &str, start: usize, units: &[(char, i64)]) -> ParseError {
    let first = rest.chars().next().unwrap_or_default();
    let range = start..start + first.len_utf8();
    let error = |message: String, help: &str| ParseError::new(range.clone(), message).help(help);
    match first {
        '.' | ',' => error("a duration has no fractions".into(), "write 1h30m for 1.5h"),
        '-' | '+' => error("a duration has no sign".into(), "write one such as 2h30m"),
        ' ' | '\t' => error("a duration has no blanks".into(), "write 2h30m"),
        'Y' | 'M' if units == ISO_DATE => error(
            format!("`{first}` has no fixed length"),
            "write days, such as P30D; minutes stand behind a T",
        ),
        '0'..='9' => ParseError::new(start..start + rest.len(), format!("`{rest}` has no unit"))
            .help("write seconds as 45s, minutes as 90m, hours as 2h, days as 1d"),
        _ => {
            let known: Vec<String> = units.iter().map(|unit| unit.0.to_string()).collect();
            error(
                format!("a duration has no `{first}` here"),
                &format!("the units are {}, each behind a number", known.join(", ")),
            )
        }
    }
}

fn too_long(text: &str, at: usize) -> ParseError {
    ParseError::new(
        at..at + text.len(),
        "the duration is too long to count in seconds",
    )
}

/// Seconds for people: `2h 30m`, `2d`, `45s`; one day is `24h`, as it is mostly written.
#[must_use]
pub fn format_duration(seconds: i64) -> String {
    if seconds == 86_400 {
        return "24h".to_owned();
    }
    let mut left = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (unit, length) in SHORT {
        let count = left / length.unsigned_abs();
        left %= length.unsigned_abs();
        if count > 0 {
            parts.push(format!("{count}{unit}"));
        }
    }
    if parts.is_empty() {
        parts.push("0s".to_owned());
    }
    let sign = if seconds < 0 { "-" } else { "" };
    format!("{sign}{}", parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_both_spellings() {
        for (text, seconds) in [
            ("45s", 45),
            ("90m", 5_400),
            ("2h30m", 9_000),
            ("2h90m", 12_600),
            ("1d", 86_400),
            ("1d2h3m4s", 93_784),
            ("PT2H30M", 9_000),
            ("P1DT2H", 93_600),
            ("P1D", 86_400),
            ("P2W", 1_209_600),
            ("PT45S", 45),
            ("0h30m", 1_800),
        ] {
            assert_eq!(parse_duration(text), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_says_why_and_where() {
        for (text, range, message) in [
            ("", 0..0, "the duration is empty"),
            ("0s", 0..2, "a duration is longer than zero"),
            ("PT0S", 0..4, "a duration is longer than zero"),
            ("90", 0..2, "`90` has no unit"),
            ("2h30", 2..4, "`30` has no unit"),
            ("h", 0..1, "a duration has no `h` here"),
            ("1.5h", 1..2, "a duration has no fractions"),
            ("-2h", 0..1, "a duration has no sign"),
            ("2h 30m", 2..3, "a duration has no blanks"),
            ("2H", 1..2, "a duration has no `H` here"),
            ("30m2h", 3..5, "`h` comes after a smaller unit or twice"),
            ("1h1h", 2..4, "`h` comes after a smaller unit or twice"),
            ("1w", 1..2, "a duration has no `w` here"),
            ("100ms", 4..5, "a duration has no `s` here"),
            ("1ü", 1..3, "a duration has no `ü` here"),
            ("P", 0..1, "`P` names no length"),
            ("PT", 0..2, "`PT` names no length"),
            ("P1DT", 0..4, "`P1DT` names no length"),
            ("P1M", 2..3, "`M` has no fixed length"),
            ("PT1D", 3..4, "a duration has no `D` here"),
            (
                "9223372036854775808s",
                0..20,
                "the duration is too long to count in seconds",
            ),
            (
                "200000000000000d",
                0..16,
                "the duration is too long to count in seconds",
            ),
            (
                "P106751991167300DT100H",
                0..22,
                "the duration is too long to count in seconds",
            ),
        ] {
            let error = parse_duration(text).expect_err(text);
            assert_eq!(
                (error.range, error.message.as_str()),
                (range, message),
                "{text}"
            );
        }
    }

    #[test]
    fn durations_for_people() {
        for (seconds, text) in [
            (0, "0s"),
            (45, "45s"),
            (9_000, "2h 30m"),
            (86_400, "24h"),
            (90_000, "1d 1h"),
            (172_800, "2d"),
            (-90, "-1m 30s"),
            (i64::MIN, "-106751991167300d 15h 30m 8s"),
        ] {
            assert_eq!(format_duration(seconds), text);
        }
    }
}
