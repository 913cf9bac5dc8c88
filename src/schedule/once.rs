//! A single time, as `at` states it.

use jiff::civil::{Date, DateTime};

use super::offsets::seconds;
use super::weekly::clock;
use super::{Instant, ParseError, Zone};

/// When something starts that happens once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum At {
    /// Written with an offset, so that no time zone matters.
    Instant(Instant),
    /// Written without one: on the wall clock of the schedule's zone.
    Wall(DateTime),
}

const FORM: &str = "write a date and time such as 2026-12-05T22:00 or 2026-12-05T22:00:00+01:00";

impl At {
    /// Reads a time of RFC 3339, such as `2026-12-05T22:00:00+01:00` or `2026-12-05T22:00:00Z`, or
    /// one without an offset. Seconds may be left out, a fraction of them is dropped, and a blank
    /// may stand for the `T`.
    ///
    /// # Errors
    /// Anything else, and dates that the calendar does not have.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let whole = || ParseError::new(0..text.len(), format!("`{text}` is not a date and time"));
        let Some(split) = text.find(['T', 't', ' ']).filter(|split| *split > 0) else {
            return Err(match date(text) {
                Ok(_) => ParseError::new(0..text.len(), format!("`{text}` has no time of day")),
                Err(_) => whole(),
            }
            .help(FORM));
        };
        let date = date(&text[..split]).map_err(|error| error.help(FORM))?;
        let start = split + 1;
        let offset_start = text[start..]
            .find(['Z', 'z', '+', '-'])
            .map_or(text.len(), |at| start + at);
        let time = &text[start..offset_start];
        let time = match time.split_once('.') {
            Some((time, fraction))
                if time.len() == 8
                    && !fraction.is_empty()
                    && fraction.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                time
            }
            _ => time,
        };
        if time.find(':') == Some(1) {
            return Err(whole().help(FORM));
        }
        let time = clock(time, start).map_err(|error| error.help(FORM))?;
        let wall = date.to_datetime(time);
        if offset_start == text.len() {
            return Ok(At::Wall(wall));
        }
        let offset = offset(&text[offset_start..], offset_start)?;
        Ok(At::Instant(Instant::from_unix(seconds(wall) - offset)))
    }
}

impl At {
    /// The text of an `at` that means another instant, written in the same way: with the offset it
    /// has, or on the wall clock of the zone. None where the text is no `at`.
    #[must_use]
    pub fn rewritten(text: &str, start: Instant, zone: &Zone) -> Option<String> {
        Self::parse(text).ok()?;
        let split = text.find(['T', 't', ' '])?;
        let blank = text.get(split..=split)?;
        let behind = text.get(split + 1..)?;
        let offset = behind
            .find(['Z', 'z', '+', '-'])
            .and_then(|at| behind.get(at..));
        let wall = match offset {
            Some(offset) => {
                let seconds = self::offset(offset, 0).ok()?;
                Zone::utc().wall_clock(start.plus(seconds))
            }
            None => zone.wall_clock(start),
        };
        let time = behind.strip_suffix(offset.unwrap_or_default())?;
        let form = match time.len() > 5 || wall.second() != 0 {
            true => "%H:%M:%S",
            false => "%H:%M",
        };
        let (date, time) = (wall.strftime("%F"), wall.strftime(form));
        Some(format!("{date}{blank}{time}{}", offset.unwrap_or_default()))
    }
}

/// Reads `2026-12-05`.
fn date(text: &str) -> Result<Date, ParseError> {
    let range = 0..text.len();
    let malformed = || ParseError::new(range.clone(), format!("`{text}` is not a date"));
    let bytes = text.as_bytes();
    let digits = |range: std::ops::Range<usize>| {
        let part = bytes.get(range)?;
        let number = |value: i16, byte: &u8| {
            byte.is_ascii_digit()
                .then(|| value * 10 + i16::from(byte - b'0'))
        };
        part.iter().try_fold(0, number)
    };
    let (Some(year), Some(month), Some(day), 10, Some(b'-'), Some(b'-')) = (
        digits(0..4),
        digits(5..7),
        digits(8..10),
        bytes.len(),
        bytes.get(4),
        bytes.get(7),
    ) else {
        return Err(malformed());
    };
    let small = |number: i16| i8::try_from(number).unwrap_or_default();
    Date::new(year, small(month), small(day))
        .map_err(|_| ParseError::new(range.clone(), format!("there is no {text} in the calendar")))
}

/// Reads the seconds east of UTC that `Z`, `+01:00` or `-05:30` means.
fn offset(text: &str, at: usize) -> Result<i64, ParseError> {
    if matches!(text, "Z" | "z") {
        return Ok(0);
    }
    let malformed = || {
        ParseError::new(at..at + text.len(), format!("`{text}` is not an offset"))
            .help("write Z, or hours and minutes such as +01:00")
    };
    let time = text
        .get(1..)
        .filter(|rest| rest.len() == 5)
        .ok_or_else(malformed)?;
    let time = clock(time, at + 1).map_err(|_| malformed())?;
    let seconds = i64::from(time.hour()) * 3_600 + i64::from(time.minute()) * 60;
    Ok(if text.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn without_an_offset_it_is_the_wall_clock() {
        let expected = At::Wall(datetime(2026, 12, 5, 22, 0, 0, 0));
        for text in [
            "2026-12-05T22:00:00",
            "2026-12-05T22:00",
            "2026-12-05 22:00",
            "2026-12-05t22:00",
        ] {
            assert_eq!(At::parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn with_an_offset_it_is_an_instant() {
        for text in [
            "2026-12-05T22:00:00+01:00",
            "2026-12-05T22:00+01:00",
            "2026-12-05T21:00:00Z",
            "2026-12-05 21:00:00.250z",
            "2026-12-05T15:30:00-05:30",
            "2026-12-06T20:59:00+23:59",
            "2026-12-05T21:00:00-00:00",
        ] {
            assert_eq!(
                At::parse(text),
                Ok(At::Instant(Instant::from_unix(1_796_504_400))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_time_says_where() {
        for (text, range, message) in [
            ("", 0..0, "`` is not a date and time"),
            ("tomorrow", 0..8, "`tomorrow` is not a date and time"),
            ("2026-12-05", 0..10, "`2026-12-05` has no time of day"),
            (
                "2026-02-30T22:00",
                0..10,
                "there is no 2026-02-30 in the calendar",
            ),
            ("99999-01-01T00:00", 0..11, "`99999-01-01` is not a date"),
            ("05.12.2026 22:00", 0..10, "`05.12.2026` is not a date"),
            ("2026-12-05T", 11..11, "the time of day is missing"),
            ("2026-12-05T24:00", 11..13, "24 is not an hour: 0 to 23"),
            (
                "2026-12-05T9:00",
                0..15,
                "`2026-12-05T9:00` is not a date and time",
            ),
            (
                "2026-12-05T22:00:60Z",
                17..19,
                "60 is not a second: 0 to 59",
            ),
            (
                "2026-12-05T22:00.5Z",
                11..18,
                "`22:00.5` is not a time of day",
            ),
            (
                "2026-12-05T22:00:00+0100",
                19..24,
                "`+0100` is not an offset",
            ),
            (
                "2026-12-05T22:00:00+24:00",
                19..25,
                "`+24:00` is not an offset",
            ),
            (
                "2026-12-05T22:00:00Z[UTC]",
                19..25,
                "`Z[UTC]` is not an offset",
            ),
            (
                "2026-12-05T22:00:00+üü:0",
                19..26,
                "`+üü:0` is not an offset",
            ),
            (
                "2026-12-05T22:00 Europe/Berlin",
                11..30,
                "`22:00 Europe/Berlin` is not a time of day",
            ),
        ] {
            let error = At::parse(text).expect_err(text);
            assert_eq!(
                (error.range, error.message.as_str()),
                (range, message),
                "{text}"
            );
            assert!(error.help.is_some(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_jiff(second in 0_i64..253_402_200_000, minutes in -1439_i32..=1439) {
            let offset = jiff::tz::Offset::from_seconds(minutes * 60).unwrap();
            let timestamp = jiff::Timestamp::from_second(second).unwrap();
            let zoned = timestamp.to_zoned(offset.to_time_zone());
            let text = zoned.strftime("%FT%T%:z").to_string();
            prop_assert_eq!(At::parse(&text), Ok(At::Instant(Instant::from_unix(second))));
        }

        #[test]
        fn no_text_panics(text in "[0-9T:+Z. ü-]{0,24}") {
            if let Err(error) = At::parse(&text) {
                prop_assert!(text.get(error.range).is_some());
            }
        }
    }
}
