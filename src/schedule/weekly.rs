//! Windows on days of the week, and the parts that people write them with.

use std::fmt;

use jiff::civil::{Date, Time, Weekday};

use super::ParseError;

/// A time of day on the wall clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TimeOfDay(pub(super) Time);

impl TimeOfDay {
    /// Reads `22:00`, `9:30` or `22:00:00`.
    ///
    /// # Errors
    /// Anything else, `24:00` and `10pm` among it.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let form = "write hours and minutes of a day of 24 hours, such as \"22:00\"";
        clock(text, 0)
            .map(TimeOfDay)
            .map_err(|error| match (text, error.help.is_some()) {
                ("24:00" | "24:00:00", _) => error.help("write 00:00 of the day that starts then"),
                (_, true) => error,
                (_, false) => error.help(form),
            })
    }

    /// Reads the end of a window: like [`TimeOfDay::parse`], and `24:00` for the end of the day,
    /// which is `00:00` of the next.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse_end(text: &str) -> Result<Self, ParseError> {
        match text {
            "24:00" | "24:00:00" => Ok(TimeOfDay(Time::midnight())),
            _ => Self::parse(text),
        }
    }

    /// The second of the day that it is.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.duration_since(Time::midnight()).as_secs()
    }

    /// The time of day so many seconds later, on this day or the next; `None` where that is more
    /// than a day away, or none at all.
    #[must_use]
    pub fn after(self, seconds: i64) -> Option<Self> {
        let within = (1..=86_400).contains(&seconds);
        within.then(|| {
            TimeOfDay(
                self.0
                    .wrapping_add(jiff::SignedDuration::from_secs(seconds)),
            )
        })
    }
}

impl fmt::Display for TimeOfDay {
    /// Writes `22:00`, with seconds where there are some.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.0.second() == 0 {
            "%H:%M"
        } else {
            "%H:%M:%S"
        };
        write!(f, "{}", self.0.strftime(form))
    }
}

/// Reads the hours, minutes and perhaps seconds that start at byte `at` of a text.
pub(super) fn clock(text: &str, at: usize) -> Result<Time, ParseError> {
    if text.is_empty() {
        return Err(ParseError::new(at..at, "the time of day is missing"));
    }
    let malformed = || {
        ParseError::new(
            at..at + text.len(),
            format!("`{text}` is not a time of day"),
        )
    };
    let mut numbers = [0_i8; 3];
    let mut start = at;
    let mut count = 0;
    for part in text.split(':') {
        let range = start..start + part.len();
        let (name, last) = match count {
            0 => ("an hour", 23),
            1 => ("a minute", 59),
            2 => ("a second", 59),
            _ => return Err(malformed()),
        };
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let length = if count == 0 { 1..=2 } else { 2..=2 };
        if !digits || !length.contains(&part.len()) {
            return Err(malformed());
        }
        numbers[count] = part.parse().unwrap_or(i8::MAX);
        if numbers[count] > last {
            return Err(ParseError::new(
                range,
                format!("{part} is not {name}: 0 to {last}"),
            ));
        }
        count += 1;
        start += part.len() + 1;
    }
    match Time::new(numbers[0], numbers[1], numbers[2], 0) {
        Ok(time) if count > 1 => Ok(time),
        _ => Err(malformed()),
    }
}

/// Reads a day of the week: its English name or the first three letters of it, in any case.
///
/// # Errors
/// Anything else.
pub fn parse_weekday(text: &str) -> Result<Weekday, ParseError> {
    const DAYS: [(&str, Weekday); 7] = [
        ("Monday", Weekday::Monday),
        ("Tuesday", Weekday::Tuesday),
        ("Wednesday", Weekday::Wednesday),
        ("Thursday", Weekday::Thursday),
        ("Friday", Weekday::Friday),
        ("Saturday", Weekday::Saturday),
        ("Sunday", Weekday::Sunday),
    ];
    let found = DAYS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(text) || name[..3].eq_ignore_ascii_case(text));
    if let Some((_, day)) = found {
        return Ok(*day);
    }
    let error = ParseError::new(0..text.len(), format!("`{text}` is not a day of the week"));
    let lower = text.to_ascii_lowercase();
    let near = DAYS
        .iter()
        .map(|(name, _)| {
            let full = name.to_ascii_lowercase();
            (
                strsim::levenshtein(&full, &lower).min(strsim::levenshtein(&full[..3], &lower)),
                name,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2 && lower.len() > 2);
    Err(match near {
        Some((_, name)) => error.help(format!("did you mean {}?", &name[..3])),
        None => error.help("the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun"),
    })
}

/// Which seven days of a month: 1 for the 1st to the 7th, 5 for the 29th to the 31st.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WeekOfMonth(u8);

impl WeekOfMonth {
    /// Reads a number from 1 to 5.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        match text.as_bytes() {
            [digit @ b'1'..=b'5'] => Ok(WeekOfMonth(digit - b'0')),
            _ => Err(
                ParseError::new(0..text.len(), format!("`{text}` is not a week of a month"))
                    .help("write 1 for the 1st to the 7th, up to 5 for the 29th to the 31st"),
            ),
        }
    }
}

/// A window on some days of the week, in some weeks of the month.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Weekly {
    /// A bit for each day from Sunday.
    days: u8,
    /// A bit for each week from 1.
    weeks: u8,
    pub(super) start: TimeOfDay,
    pub(super) end: Option<TimeOfDay>,
}

impl Weekly {
    /// A window that starts on these days in these weeks; none means every one. It ends at the
    /// next `end` on the wall clock, on the next day where `end` is not later than `start`.
    #[must_use]
    pub fn new(
        days: impl IntoIterator<Item = Weekday>,
        weeks: impl IntoIterator<Item = WeekOfMonth>,
        start: TimeOfDay,
        end: Option<TimeOfDay>,
    ) -> Self {
        let days = days
            .into_iter()
            .fold(0, |bits, day| bits | 1 << day.to_sunday_zero_offset());
        let weeks = weeks.into_iter().fold(0, |bits, week| bits | 1 << week.0);
        Weekly {
            days: if days == 0 { u8::MAX } else { days },
            weeks: if weeks == 0 { u8::MAX } else { weeks },
            start,
            end,
        }
    }

    /// The same on its days at another time, as long on the wall clock.
    pub(super) fn at(&self, start: TimeOfDay) -> Self {
        Weekly {
            start,
            end: self.usual_length().and_then(|length| start.after(length)),
            ..*self
        }
    }

    /// From start to end on a day without a clock change, in seconds; `None` without an end.
    #[must_use]
    pub fn usual_length(&self) -> Option<i64> {
        let length = self.end?.seconds() - self.start.seconds();
        Some(if length > 0 { length } else { length + 86_400 })
    }

    pub(super) fn runs_on(&self, date: Date) -> bool {
        let week = (date.day() + 6) / 7;
        self.days >> date.weekday().to_sunday_zero_offset() & 1 == 1 && self.weeks >> week & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    #[test]
    fn times_of_day() {
        for (text, expected) in [
            ("22:00", time(22, 0, 0, 0)),
            ("9:30", time(9, 30, 0, 0)),
            ("00:00", time(0, 0, 0, 0)),
            ("23:59:59", time(23, 59, 59, 0)),
        ] {
            assert_eq!(TimeOfDay::parse(text), Ok(TimeOfDay(expected)), "{text}");
            assert_eq!(
                TimeOfDay::parse_end(text),
                Ok(TimeOfDay(expected)),
                "{text}"
            );
        }
        assert_eq!(TimeOfDay::parse_end("24:00"), TimeOfDay::parse("00:00"));
    }

    #[test]
    fn a_time_of_day_later() {
        let later = |text: &str, seconds| {
            let start = TimeOfDay::parse(text).expect(text);
            start.after(seconds).map(|time| time.to_string())
        };
        assert_eq!(later("02:30", 3_600).as_deref(), Some("03:30"));
        assert_eq!(later("22:00", 4 * 3_600).as_deref(), Some("02:00"));
        assert_eq!(later("9:30", 15).as_deref(), Some("09:30:15"));
        assert_eq!(later("22:00", 86_400).as_deref(), Some("22:00"));
        assert_eq!(later("22:00", 86_401), None);
        assert_eq!(later("22:00", 0), None);
    }

    #[test]
    fn what_is_no_time_of_day_says_where() {
        for (text, range, message) in [
            ("", 0..0, "the time of day is missing"),
            ("22", 0..2, "`22` is not a time of day"),
            ("2200", 0..4, "`2200` is not a time of day"),
            ("24:00", 0..2, "24 is not an hour: 0 to 23"),
            ("22:60", 3..5, "60 is not a minute: 0 to 59"),
            ("22:00:99", 6..8, "99 is not a second: 0 to 59"),
            ("22:0", 0..4, "`22:0` is not a time of day"),
            ("-1:00", 0..5, "`-1:00` is not a time of day"),
            ("10:00 pm", 0..8, "`10:00 pm` is not a time of day"),
            ("22:00:00:00", 0..11, "`22:00:00:00` is not a time of day"),
            ("22:ü", 0..5, "`22:ü` is not a time of day"),
        ] {
            let error = TimeOfDay::parse(text).expect_err(text);
            assert_eq!(
                (error.range, error.message.as_str()),
                (range, message),
                "{text}"
            );
            assert!(error.help.is_some(), "{text}");
        }
        let help = TimeOfDay::parse("24:00").expect_err("a start").help;
        assert_eq!(
            help.as_deref(),
            Some("write 00:00 of the day that starts then")
        );
    }

    #[test]
    fn weekdays_in_both_lengths_and_any_case() {
        for text in ["Sat", "saturday", "SAT", "Saturday"] {
            assert_eq!(parse_weekday(text), Ok(Weekday::Saturday), "{text}");
        }
        for (text, help) in [
            ("Saturdy", "did you mean Sat?"),
            ("Thurs", "did you mean Thu?"),
            ("Sa", "the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun"),
            ("", "the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun"),
            (
                "weekend",
                "the days are Mon, Tue, Wed, Thu, Fri, Sat and Sun",
            ),
        ] {
            let error = parse_weekday(text).expect_err(text);
            assert_eq!(error.message, format!("`{text}` is not a day of the week"));
            assert_eq!(error.help.as_deref(), Some(help), "{text}");
        }
    }

    #[test]
    fn weeks_of_a_month_are_seven_days_each() {
        let week = |text: &str| WeekOfMonth::parse(text).expect(text);
        let start = TimeOfDay::parse("22:00").expect("a time");
        let days = |days: &[Weekday], weeks: &[WeekOfMonth]| -> Vec<i8> {
            let weekly = Weekly::new(days.iter().copied(), weeks.iter().copied(), start, None);
            (1..=31)
                .filter(|day| weekly.runs_on(date(2026, 8, *day)))
                .collect()
        };
        assert_eq!(days(&[], &[]).len(), 31);
        assert_eq!(days(&[], &[week("2")]), [8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(days(&[Weekday::Saturday], &[week("1"), week("5")]), [1, 29]);
        assert_eq!(days(&[Weekday::Friday], &[week("5")]), [] as [i8; 0]);
        for text in ["0", "6", "-1", "last", "", "22"] {
            assert!(WeekOfMonth::parse(text).is_err(), "{text}");
        }
    }
}
