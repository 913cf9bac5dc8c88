//! Five-field cron expressions, read with the rules of Vixie's cron.

use std::ops::Range;

use jiff::civil::{Date, Time};

use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MINUTE, MONTH};
use super::{ParseError, TimeOfDay, Zone};

const ALIASES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The minutes of the wall clock at which something starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Cron {
    minute: Field,
    hour: Field,
    day_of_month: Field,
    month: Field,
    day_of_week: Field,
    /// Whether a time that the clocks skip does not come, and one that they show twice comes twice.
    exact: bool,
}

/// The fields of a cron that select days.
pub(super) struct Days {
    pub(super) of_month: Field,
    pub(super) month: Field,
    pub(super) of_week: Field,
}

/// A time zone that a cron names itself: `CRON_TZ=Europe/Berlin 0 22 * * *`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CronZone {
    /// The zone.
    pub zone: Zone,
    /// The bytes of the prefix, without the blank behind it.
    pub range: Range<usize>,
}

impl Cron {
    /// Reads minute, hour, day of month, month and day of week, or an alias such as `@daily`, and
    /// the zone that may stand before them as `CRON_TZ=` or `TZ=`. Names and aliases are read in
    /// any case; a step that is longer than its range selects the first value, as in Vixie's cron.
    ///
    /// # Errors
    /// Anything else, Quartz's `?`, `L`, `W`, `#`, seconds and years among it.
    pub fn parse(text: &str) -> Result<(Self, Option<CronZone>), ParseError> {
        let mut words = words(text).peekable();
        let mut zone = None;
        if let Some((at, word)) = words.next_if(|(_, word)| word.contains('=')) {
            zone = Some(prefix(at, word)?);
        }
        let words: Vec<(usize, &str)> = words.collect();
        let cron = match words.as_slice() {
            [(at, alias), rest @ ..] if alias.starts_with('@') => {
                let fields = expand(alias).map_err(|error| error.shifted(*at))?;
                if let Some((at, extra)) = rest.first() {
                    return Err(ParseError::new(
                        *at..text.trim_ascii_end().len(),
                        format!("`{alias}` stands alone, without `{extra}`"),
                    ));
                }
                Self::from_fields(&self::words(fields).collect::<Vec<_>>())?
            }
            fields => Self::from_fields(fields)?,
        };
        Ok((cron, zone))
    }

    fn from_fields(words: &[(usize, &str)]) -> Result<Self, ParseError> {
        let [minute, hour, day_of_month, month, day_of_week] = words else {
            return Err(wrong_count(words));
        };
        Ok(Cron {
            minute: Field::parse(&MINUTE, minute.1, minute.0)?,
            hour: Field::parse(&HOUR, hour.1, hour.0)?,
            day_of_month: Field::parse(&DAY_OF_MONTH, day_of_month.1, day_of_month.0)?,
            month: Field::parse(&MONTH, month.1, month.0)?,
            day_of_week: Field::parse(&DAY_OF_WEEK, day_of_week.1, day_of_week.0)?
                .with_one_sunday(),
            exact: false,
        })
    }

    /// A cron with the rules of robfig/cron.
    pub(super) fn standard(minute: Field, hour: Field, days: Days) -> Self {
        Cron {
            minute,
            hour,
            day_of_month: days.of_month,
            month: days.month,
            day_of_week: days.of_week,
            exact: true,
        }
    }

    /// Whether it starts whenever the clock shows one of its times: not at all where the clock
    /// skips it, and twice where it shows it twice.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.exact
    }

    /// Whether it runs when either its day of the month or its day of the week matches, which is
    /// rarely meant. A field that counts as not set leaves the choice to the other one.
    #[must_use]
    pub fn days_either_match(&self) -> bool {
        !self.day_of_month.star() && !self.day_of_week.star()
    }

    /// Whether both its day of the month and its day of the week match a day.
    #[must_use]
    pub fn both_days_match(&self, date: Date) -> bool {
        let of_week = date.weekday().to_sunday_zero_offset();
        self.day_of_month.contains(date.day()) && self.day_of_week.contains(of_week)
    }

    /// Whether a date is one of its days of the month.
    #[must_use]
    pub fn day_of_month_matches(&self, date: Date) -> bool {
        self.day_of_month.contains(date.day())
    }

    /// The weekly window that is meant by a cron that is to run where both days match: days of the
    /// week in whole weeks of the month, such as `8-14 * SAT` for the second Saturday, once a day
    /// in every month. None where no window says the same.
    #[must_use]
    pub fn weekly_window(&self) -> Option<String> {
        const DAYS: [(i8, &str); 7] = [
            (1, "Mon"),
            (2, "Tue"),
            (3, "Wed"),
            (4, "Thu"),
            (5, "Fri"),
            (6, "Sat"),
            (0, "Sun"),
        ];
        let days: Vec<&str> = DAYS
            .into_iter()
            .filter(|(day, _)| self.day_of_week.contains(*day))
            .map(|(_, name)| name)
            .collect();
        let mut weeks = Vec::new();
        for week in 1..=5 {
            let (first, last) = (7 * week - 6, (7 * week).min(31));
            let selected = (first..=last).filter(|day| self.day_of_month.contains(*day));
            match selected.count() {
                0 => {}
                all if all == (first..=last).count() => weeks.push(week.to_string()),
                _ => return None,
            }
        }
        let every_month = (1..=12).all(|month| self.month.contains(month));
        let mut times = self.times();
        let (Some((hour, minute)), None, true) = (times.next(), times.next(), every_month) else {
            return None;
        };
        Some(format!(
            "days: [{}], weeksOfMonth: [{}], start: \"{hour:02}:{minute:02}\"",
            days.join(", "),
            weeks.join(", ")
        ))
    }

    /// Whether it is an interval, with a star or a step in its minutes or hours, and so follows
    /// the clock through its changes, other than a fixed time of day.
    #[must_use]
    pub fn is_interval(&self) -> bool {
        self.minute.interval() || self.hour.interval()
    }

    /// The one time of the day at which it starts; none where there are several, or it is an
    /// interval.
    pub(super) fn time_of_day(&self) -> Option<TimeOfDay> {
        let mut times = self.times();
        match (times.next(), times.next()) {
            (Some((hour, minute)), None) if !self.is_interval() => {
                Time::new(hour, minute, 0, 0).ok().map(TimeOfDay)
            }
            _ => None,
        }
    }

    /// The same on its days at another time, to the minute.
    pub(super) fn at(&self, time: TimeOfDay) -> Self {
        Cron {
            minute: Field::one(time.0.minute()),
            hour: Field::one(time.0.hour()),
            ..*self
        }
    }

    /// The text of a cron that starts at another time, to the minute; all but its minutes and hours
    /// stays as it is written, and an alias becomes the fields it stands for. None where the text is
    /// no cron.
    #[must_use]
    pub fn rewritten(text: &str, time: TimeOfDay) -> Option<String> {
        Self::parse(text).ok()?;
        let all: Vec<(usize, &str)> = words(text).collect();
        let fields = usize::from(all.first()?.1.contains('='));
        let (start, first) = all.get(fields)?;
        let time = format!("{} {}", time.0.minute(), time.0.hour());
        let before = text.get(..*start)?;
        if first.starts_with('@') {
            let mut days = expand(first).ok()?.splitn(3, ' ');
            return Some(format!("{before}{time} {}", days.nth(2)?));
        }
        let (hour, last) = all.get(fields + 1)?;
        let behind = text.get(hour + last.len()..)?;
        Some(format!("{before}{time}{behind}"))
    }

    /// Whether it runs on this day at all.
    pub(super) fn runs_on(&self, date: Date) -> bool {
        let of_month = self.day_of_month.contains(date.day());
        let of_week = self
            .day_of_week
            .contains(date.weekday().to_sunday_zero_offset());
        let day = match self.days_either_match() {
            true => of_month || of_week,
            false => of_month && of_week,
        };
        day && self.month.contains(date.month())
    }

    /// The hours and minutes of a day on which it runs, ascending.
    pub(super) fn times(&self) -> impl Iterator<Item = (i8, i8)> {
        let minute = self.minute;
        self.hour
            .iter()
            .flat_map(move |hour| minute.iter().map(move |minute| (hour, minute)))
    }
}

/// The words of a text with the bytes they start at.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive(|c: char| c.is_ascii_whitespace())
        .filter_map(move |piece| {
            let start = at;
            at += piece.len();
            let word = piece.trim_ascii_end();
            (!word.is_empty()).then_some((start, word))
        })
}

fn prefix(at: usize, word: &str) -> Result<CronZone, ParseError> {
    let range = at..at + word.len();
    let (key, name) = word.split_once('=').unwrap_or((word, ""));
    if !matches!(key, "CRON_TZ" | "TZ") {
        return Err(
            ParseError::new(at..at + key.len(), format!("a cron has no setting `{key}`"))
                .help("only CRON_TZ= or TZ= with a time zone may stand before a cron"),
        );
    }
    let zone = Zone::parse(name).map_err(|error| error.shifted(at + key.len() + 1))?;
    Ok(CronZone { zone, range })
}

/// The fields that an alias stands for.
fn expand(alias: &str) -> Result<&'static str, ParseError> {
    let lower = alias.to_ascii_lowercase();
    if let Some((_, fields)) = ALIASES.iter().find(|(name, _)| *name == lower) {
        return Ok(fields);
    }
    let range = 0..alias.len();
    match lower.as_str() {
        "@reboot" => return Err(ParseError::new(range, "`@reboot` names no time")),
        "@every" => {
            return Err(
                ParseError::new(range, "`@every` counts from an unknown start")
                    .help("write the hours, such as 0 */6 * * * for every six hours"),
            );
        }
        _ => {}
    }
    let error = ParseError::new(range, format!("there is no `{alias}`"));
    let near = ALIASES
        .iter()
        .map(|(name, _)| (strsim::levenshtein(name, &lower), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= 2);
    Err(match near {
        Some((_, name)) => error.help(format!("did you mean {name}?")),
        None => error.help("write five fields, or @hourly, @daily, @weekly, @monthly or @yearly"),
    })
}

fn wrong_count(words: &[(usize, &str)]) -> ParseError {
    let range = match (words.first(), words.last()) {
        (Some((start, _)), Some((end, last))) => *start..end + last.len(),
        _ => 0..0,
    };
    let (message, help) = match words.len() {
        0 => (
            "the cron is empty".to_owned(),
            "write five fields, such as 0 22 * * SAT",
        ),
        6 => (
            "a cron has five fields, not six".to_owned(),
            "leave out the seconds, which come first in Quartz, or the year, which comes last",
        ),
        7 => (
            "a cron has five fields, not seven".to_owned(),
            "leave out the seconds, the first field, and the year, the last one",
        ),
        count => (
            format!("a cron has five fields, not {count}"),
            "the fields are minute, hour, day of month, month and day of week",
        ),
    };
    ParseError::new(range, message).help(help)
}

#[cfg(test)]
#[path = "cron_tests.rs"]
mod tests;
