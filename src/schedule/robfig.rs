//! Crons as `ParseStandard` of robfig/cron reads them, which Velero, Longhorn, Harvester and VolSync
//! use. It differs from Vixie's cron in what it takes and in what that means: `?` is a star, `N/S`
//! runs to the end of the range, a star anywhere in a field leaves the choice to the other day
//! field and `*/2` does not, there is no day 7, and a time that the clocks skip or show twice does
//! not come or comes twice.

use std::ops::Range;

use super::cron::{Cron, Days};
use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, Kind, MINUTE, MONTH};
use super::{ParseError, Zone, parse_go_duration};

/// What a cron says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Robfig {
    /// When it starts.
    pub starts: RobfigStarts,
    /// Whose clock it follows.
    pub zone: RobfigZone,
}

/// When it starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RobfigStarts {
    /// Whenever the clock shows it.
    Cron(Cron),
    /// So many seconds after the last time, counted from when its program started.
    Every(i64),
}

/// Whose clock it follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RobfigZone {
    /// That of the program, which is UTC in a container.
    Unsaid,
    /// The one that it names.
    Named(Zone),
    /// `Local`: that of the machine, whichever it is.
    Local,
}

impl Robfig {
    /// Reads five fields, or a descriptor such as `@daily` or `@every 6h`, and the zone that may
    /// stand before them as `CRON_TZ=` or `TZ=`.
    ///
    /// # Errors
    /// What `ParseStandard` refuses.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let (zone, at) = zone(text)?;
        let rest = text.get(at..).unwrap_or_default();
        let rest = match zone {
            RobfigZone::Unsaid => rest,
            _ => rest.trim_end(),
        };
        let starts = match rest.starts_with('@') {
            true => descriptor(rest).map_err(|error| error.shifted(at))?,
            false => RobfigStarts::Cron(fields(rest, at)?),
        };
        Ok(Robfig { starts, zone })
    }
}

/// The zone at the start of a cron, and the byte at which the rest begins.
fn zone(text: &str) -> Result<(RobfigZone, usize), ParseError> {
    let Some(name) = ["CRON_TZ=", "TZ="]
        .iter()
        .find_map(|prefix| text.strip_prefix(prefix))
    else {
        return Ok((RobfigZone::Unsaid, 0));
    };
    let start = text.len() - name.len();
    let Some(length) = name.find(' ') else {
        let error = ParseError::new(0..text.len(), "nothing follows the time zone");
        return Err(error.help("write five fields behind it: CRON_TZ=Europe/Berlin 0 2 * * *"));
    };
    let (name, rest) = name.split_at(length);
    let at = text.len() - rest.trim_start().len();
    let zone = match name {
        "" => RobfigZone::Named(Zone::utc()),
        "Local" => RobfigZone::Local,
        _ => {
            let zone = Zone::parse(name).map_err(|error| error.shifted(start))?;
            if zone.name() != name {
                let error = ParseError::new(
                    start..start + length,
                    format!("there is no time zone `{name}`: their names have capitals"),
                );
                return Err(error.help(format!("write {}", zone.name())));
            }
            RobfigZone::Named(zone)
        }
    };
    Ok((zone, at))
}

fn descriptor(text: &str) -> Result<RobfigStarts, ParseError> {
    let fields = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => return every(text),
    };
    self::fields(fields, 0).map(RobfigStarts::Cron)
}

fn every(text: &str) -> Result<RobfigStarts, ParseError> {
    let range = 0..text.len();
    let Some(length) = text.strip_prefix("@every ") else {
        let error = ParseError::new(range, format!("there is no `{text}`"));
        return Err(error.help(
            "write five fields, or @hourly, @daily, @weekly, @monthly, @yearly or @every with a length",
        ));
    };
    match parse_go_duration(length) {
        #[allow(clippy::cast_possible_truncation)]
        Some(seconds) => Ok(RobfigStarts::Every((seconds as i64).max(1))),
        None => {
            let error = ParseError::new(range, format!("`{length}` is no length of time"));
            Err(error.help("write hours, minutes and seconds, such as 12h or 1h30m"))
        }
    }
}

/// Five fields, of which the text starts at byte `at` of the cron.
fn fields(text: &str, at: usize) -> Result<Cron, ParseError> {
    let words: Vec<(usize, &str)> = words(text, at).collect();
    let [minute, hour, day_of_month, month, day_of_week] = words.as_slice() else {
        return Err(wrong_count(text, at, words.len()));
    };
    let field = |kind: &Kind, (at, text): (usize, &str)| field(kind, text, at);
    Ok(Cron::standard(
        field(&MINUTE, *minute)?,
        field(&HOUR, *hour)?,
        Days {
            of_month: field(&DAY_OF_MONTH, *day_of_month)?,
            month: field(&MONTH, *month)?,
            of_week: field(&DAY_OF_WEEK, *day_of_week)?,
        },
    ))
}

fn words(text: &str, at: usize) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    text.split_whitespace()
        .map(move |word| (at + (word.as_ptr() as usize - start), word))
}

fn wrong_count(text: &str, at: usize, count: usize) -> ParseError {
    let range = at..at + text.trim_end().len();
    let (message, help) = match count {
        0 => (
            "the cron is empty".to_owned(),
            "write five fields, such as 0 2 * * SAT",
        ),
        6 => (
            "a cron has five fields, not six".to_owned(),
            "leave out the seconds, which come first in Quartz, or the year, which comes last",
        ),
        _ => (
            format!("a cron has five fields, not {count}"),
            "the fields are minute, hour, day of month, month and day of week",
        ),
    };
    ParseError::new(range, message).help(help)
}

/// A field: a list of ranges. Between two commas there may be nothing.
fn field(kind: &Kind, text: &str, at: usize) -> Result<Field, ParseError> {
    let (mut values, mut star, mut start) = (0, false, at);
    for element in text.split(',') {
        if !element.is_empty() {
            let (bits, is_star) = element_of(kind, element, start)?;
            values |= bits;
            star |= is_star;
        }
        start += element.len() + 1;
    }
    Ok(Field::new(values, star, text.contains(['*', '?', '/'])))
}

/// The values of a range as bits, and whether it counts as a star.
fn element_of(kind: &Kind, text: &str, at: usize) -> Result<(u64, bool), ParseError> {
    let range: Range<usize> = at..at + text.len();
    let wrong = |message: String| ParseError::new(range.clone(), message);
    let mut parts = text.split('/');
    let base = parts.next().unwrap_or_default();
    let step = parts.next();
    if parts.next().is_some() {
        return Err(wrong(format!("`{text}` has two steps")));
    }
    let ends: Vec<&str> = base.split('-').collect();
    let is_star = matches!(ends.first(), Some(&("*" | "?")));
    let (low, mut high) = match ends.as_slice() {
        _ if is_star => (u64::from(kind.min), u64::from(kind.last)),
        [one] => {
            let value = value(kind, one, at)?;
            (value, value)
        }
        [low, high] => (
            value(kind, low, at)?,
            value(kind, high, at + low.len() + 1)?,
        ),
        _ => return Err(wrong(format!("the range `{base}` has three ends"))),
    };
    let step = match step {
        None => 1,
        Some(step) => {
            if ends.len() == 1 {
                high = u64::from(kind.last);
            }
            number(step).filter(|step| *step > 0).ok_or_else(|| {
                let at = at + base.len() + 1;
                let message = format!("the step `{step}` is not a number above zero");
                ParseError::new(at..at + step.len(), message)
            })?
        }
    };
    for value in [low, high] {
        if !(u64::from(kind.min)..=u64::from(kind.last)).contains(&value) {
            let (min, last) = (kind.min, kind.last);
            let error = wrong(format!("{value} is not {}: {min} to {last}", kind.name));
            return Err(match (value, last) {
                (7, 6) => error.help("write 0 for Sunday"),
                _ => error,
            });
        }
    }
    if low > high {
        let error = wrong(format!("the range `{base}` runs backwards"));
        return Err(match backwards(kind, ends[0], low, high, step) {
            Some(list) => error.help(format!("write {list}")),
            None => error,
        });
    }
    let step_by = usize::try_from(step).unwrap_or(usize::MAX);
    let values = (low..=high).step_by(step_by);
    let bits = values.fold(0, |bits, value| bits | 1 << value);
    Ok((bits, is_star && step == 1))
}

/// A backward range as a list that says the same.
fn backwards(kind: &Kind, written: &str, low: u64, high: u64, step: u64) -> Option<String> {
    let step = match step {
        1 => None,
        step => Some(u32::try_from(step).ok()?),
    };
    let (low, high) = (u8::try_from(low).ok()?, u8::try_from(high).ok()?);
    Some(kind.unwound(written, low, high, step))
}

fn value(kind: &Kind, text: &str, at: usize) -> Result<u64, ParseError> {
    let named = kind.named(text).map(u64::from);
    named.or_else(|| number(text)).ok_or_else(|| {
        let range = at..at + text.len();
        let message = match text {
            "" => format!("{} is missing here", kind.name),
            _ => format!("`{text}` is not {}", kind.name),
        };
        let error = ParseError::new(range, message);
        let upper = text.to_ascii_uppercase();
        match upper.as_str() {
            "L" | "LW" | "WL" => {
                error.help("a cron has no last day: write 28, which every month has")
            }
            _ if upper.contains(['#', 'L', 'W']) && kind.named(text).is_none() => {
                error.help("`L`, `W` and `#` are Quartz's: write numbers, names and ranges")
            }
            _ => error,
        }
    })
}

/// A number as Go reads it, with a sign or without.
fn number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number
        .then(|| digits.parse::<i64>().ok())
        .flatten()
        .and_then(|number| u64::try_from(number).ok())
}

#[cfg(test)]
#[path = "robfig_tests.rs"]
mod tests;
