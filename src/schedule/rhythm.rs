//! How often something recurs, for how long, and whether only because clocks change.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::{Date, Weekday};

use super::offsets::Offsets;
use super::{Instant, Occurrence, Search, Zone, format_duration};

const DAY: i64 = 86_400;

/// When and for how long something recurs in a search; shown as a part of a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rhythm {
    days: Days,
    /// How often on each of these days, where it is more than once.
    times_a_day: usize,
    /// The shortest and longest time in seconds, where all are known.
    lengths: Option<(i64, i64)>,
    because: Option<Because>,
}

/// The days on which something happens.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Days {
    /// These of every week from the first on, but for so many.
    Weekly { on: Vec<Weekday>, but: usize },
    /// That day of the week, in these weeks of every month: 1 to 5.
    Monthly { on: Weekday, weeks: Vec<i8> },
    /// That day of every month.
    MonthDay(i8),
    /// So many times in all.
    Times(usize),
}

/// What clocks have to do with it.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Because {
    /// It happens only around the changes of this zone.
    Change(String),
    /// It happens only while the clocks of two zones are so many seconds apart.
    Apart(String, String, i64),
}

impl Rhythm {
    /// Of what happens at these times, as the clocks of a zone, and of another that has a part in
    /// it, show them. None where nothing happens.
    #[must_use]
    pub fn of(times: &[Occurrence], zone: &Zone, other: &Zone, search: &Search) -> Option<Self> {
        let first = times.first()?;
        let dates: BTreeSet<Date> = times
            .iter()
            .map(|one| zone.wall_clock(one.start).date())
            .collect();
        let length = |one: &Occurrence| Some(one.end?.since(one.start));
        let lengths: Option<Vec<i64>> = times.iter().map(length).collect();
        let lengths = lengths.and_then(|all| Some((*all.iter().min()?, *all.iter().max()?)));
        let last = zone.wall_clock(search.until()).date().yesterday().ok();
        let last = last.filter(|_| search.contains(first.start));
        let days = last
            .and_then(|last| Days::of(&dates, last))
            .unwrap_or(Days::Times(times.len()));
        let times_a_day = match days {
            Days::Times(_) => 1,
            _ => times.len().div_ceil(dates.len()),
        };
        let regular = matches!(&days, Days::Weekly { but: 0, .. } | Days::Monthly { .. });
        Some(Rhythm {
            because: match regular {
                true => None,
                false => Because::of(times, zone, other, search),
            },
            days,
            times_a_day,
            lengths,
        })
    }
}

impl Days {
    fn of(dates: &BTreeSet<Date>, last: Date) -> Option<Self> {
        let first = *dates.first()?;
        if dates.len() < 3 {
            return None;
        }
        let all = || {
            std::iter::successors(Some(first), |date| date.tomorrow().ok())
                .take_while(|date| *date <= last)
        };
        let missing = |belongs: &dyn Fn(Date) -> bool| {
            let expected = all().filter(|date| belongs(*date));
            expected.filter(|date| !dates.contains(date)).count()
        };
        let weekdays: BTreeSet<i8> = dates
            .iter()
            .map(|date| date.weekday().to_monday_zero_offset())
            .collect();
        let on = |date: Date| weekdays.contains(&date.weekday().to_monday_zero_offset());
        let week = |date: Date| (date.day() - 1) / 7 + 1;
        let but = missing(&on);
        if but == 0 {
            return Some(Days::weekly(&weekdays, 0));
        }
        let weeks: BTreeSet<i8> = dates.iter().map(|date| week(*date)).collect();
        if let (1, Some(day)) = (weekdays.len(), weekdays.first())
            && missing(&|date| on(date) && weeks.contains(&week(date))) == 0
        {
            return Some(Days::Monthly {
                on: Weekday::from_monday_zero_offset(*day).ok()?,
                weeks: weeks.into_iter().collect(),
            });
        }
        let days: BTreeSet<i8> = dates.iter().map(|date| date.day()).collect();
        if let (1, Some(day)) = (days.len(), days.first())
            && missing(&|date| date.day() == *day) == 0
        {
            return Some(Days::MonthDay(*day));
        }
        (but * 10 <= dates.len()).then(|| Days::weekly(&weekdays, but))
    }

    fn weekly(weekdays: &BTreeSet<i8>, but: usize) -> Self {
        let on = weekdays.iter();
        let on = on.filter_map(|day| Weekday::from_monday_zero_offset(*day).ok());
        Days::Weekly {
            on: on.collect(),
            but,
        }
    }
}

impl Because {
    fn of(times: &[Occurrence], zone: &Zone, other: &Zone, search: &Search) -> Option<Self> {
        let (from, until) = (search.from().unix(), search.until().unix());
        let zones = [zone, other].map(|zone| (zone, Offsets::over(zone, from, until)));
        for (zone, offsets) in &zones {
            let changes: Vec<i64> = offsets.changes().collect();
            let near = |one: &Occurrence| {
                let end = one.end.unwrap_or(one.start).unix();
                let near = |change: &i64| one.start.unix() - DAY < *change && *change < end + DAY;
                changes.iter().any(near)
            };
            if times.iter().all(near) {
                return Some(Because::Change(zone.city()));
            }
        }
        let [(zone, here), (other, there)] = &zones;
        let apart = |at: Instant| here.at(at.unix()) - there.at(at.unix());
        let changes = [here, there]
            .into_iter()
            .flat_map(|offsets| offsets.segments());
        let mut all: BTreeSet<i64> = changes
            .map(|segment| {
                apart(Instant::from_unix(
                    segment.instants.start.clamp(from, until),
                ))
            })
            .collect();
        let mut during = times.iter().map(|one| apart(one.start));
        let first = during.next()?;
        if during.any(|apart| apart != first) {
            return None;
        }
        all.remove(&first);
        (!all.is_empty()).then(|| Because::Apart(zone.city(), other.city(), first.abs()))
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.days.fmt(f)?;
        if self.times_a_day > 1 {
            write!(f, ", up to {} times a day", self.times_a_day)?;
        }
        match self.lengths {
            Some((shortest, longest)) if shortest == longest => {
                write!(f, ", for {}", format_duration(shortest))?;
            }
            Some((shortest, longest)) => {
                let (shortest, longest) = (format_duration(shortest), format_duration(longest));
                write!(f, ", for {shortest} to {longest}")?;
            }
            None => {}
        }
        match &self.because {
            Some(Because::Change(city)) => write!(f, ", only when {city} changes clocks"),
            Some(Because::Apart(here, there, seconds)) => {
                let apart = format_duration(*seconds);
                match seconds {
                    0 => write!(f, ", only while {here} and {there} have the same time"),
                    _ => write!(f, ", only while {here} and {there} are {apart} apart"),
                }
            }
            None => Ok(()),
        }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = Search::LENGTH / DAY;
        match self {
            Days::Weekly { on, but } => {
                write!(f, "every {}", listed(on))?;
                match but {
                    0 => Ok(()),
                    1 => write!(f, " but one"),
                    _ => write!(f, " but {but}"),
                }
            }
            Days::Monthly { on, weeks } => {
                let weeks: Vec<&str> = weeks.iter().map(|week| ordinal(*week)).collect();
                write!(f, "on the {} {} of every month", and(&weeks), name(*on))
            }
            Days::MonthDay(day) => write!(f, "on day {day} of every month"),
            Days::Times(1) => write!(f, "once in {days} days"),
            Days::Times(times) => write!(f, "{times} times in {days} days"),
        }
    }
}

fn listed(days: &[Weekday]) -> String {
    const WORKING: [Weekday; 5] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    match days {
        all if all.len() == 7 => "day".to_owned(),
        working if working == WORKING => "day from Monday to Friday".to_owned(),
        days => and(&days.iter().map(|day| name(*day)).collect::<Vec<_>>()),
    }
}

fn and(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn ordinal(week: i8) -> &'static str {
    match week {
        1 => "first",
        2 => "second",
        3 => "third",
        4 => "fourth",
        _ => "fifth",
    }
}

#[cfg(test)]
#[path = "rhythm_tests.rs"]
mod tests;
