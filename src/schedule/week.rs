//! The week as it is in all weeks of a search: when something could start.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use super::slots::{Days, Extent, time_of_day};
use super::{Busy, Instant, Search, TimeOfDay, Zone};

const MINUTES_OF_DAY: usize = 1_440;
const MINUTES: usize = 7 * MINUTES_OF_DAY;

/// The minutes of a week of the wall clock, from Monday on, at which something could start.
pub struct Week {
    days: Days,
    /// Of each minute the weeks in which something is met that starts then, as bits.
    taken: Vec<u64>,
    /// The day of the search that week and weekday of a day are counted from.
    first: Date,
    length: i64,
}

/// A time of the week that could be taken by what starts at some successive minutes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stretch {
    /// The day on which it begins.
    pub day: Weekday,
    /// The time of the day at which it begins.
    pub from: TimeOfDay,
    /// How long it is in seconds, on the wall clock of a week without a clock change.
    pub length: i64,
    /// The days on which it begins and is not free.
    pub except: Vec<Date>,
    /// The first of the starts, and how many there are.
    first: usize,
    minutes: usize,
    /// So many minutes after the first start it begins.
    lead: usize,
}

impl Stretch {
    /// Whether it is the whole week.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.minutes == MINUTES
    }

    /// The day on which it begins of which a start lies on a date; none where that is no start of
    /// it.
    fn day_of(&self, minute: usize, date: Date) -> Option<Date> {
        let after = (minute + MINUTES - self.first) % MINUTES;
        let midnight = self.first % MINUTES_OF_DAY;
        let back = (midnight + after) / MINUTES_OF_DAY;
        let ahead = (midnight + self.lead) / MINUTES_OF_DAY;
        let days = i64::try_from(ahead).ok()? - i64::try_from(back).ok()?;
        let day = date.saturating_add(jiff::Span::new().days(days));
        (after < self.minutes).then_some(day)
    }
}

impl Week {
    /// That of something that takes so long and must not meet what is taken.
    #[must_use]
    pub fn of(zone: &Zone, extent: Extent, search: &Search, busy: &Busy) -> Self {
        let days = Days::on(zone, extent, search, 60, |_| true);
        let first = days.dates().next().unwrap_or_default();
        let mut week = Week {
            days,
            taken: vec![0; MINUTES],
            first,
            length: extent.seconds(),
        };
        let mut taken = std::mem::take(&mut week.taken);
        week.each_meeting(busy, |minute, number, _| taken[minute] |= 1 << number);
        week.taken = taken;
        week
    }

    /// Visits the minutes at which something is met, with the number of the week and the day.
    fn each_meeting(&self, busy: &Busy, mut visit: impl FnMut(usize, u32, Date)) {
        let dates: Vec<Date> = self.days.dates().collect();
        self.days.each_meeting(busy, |day, range| {
            let date = dates[day];
            let since = (date - self.first).get_days();
            let number = u32::try_from(since / 7).unwrap_or(0).min(63);
            let weekday = date.weekday().to_monday_zero_offset();
            let midnight = usize::try_from(weekday).unwrap_or(0) * MINUTES_OF_DAY;
            for minute in range {
                visit(midnight + minute, number, date);
            }
        });
    }

    /// When it could start in every week.
    #[must_use]
    pub fn free(&self) -> Vec<Stretch> {
        self.stretches(|taken| taken == 0)
    }

    /// What is free in most weeks but not in all: in no more than some something is met. It is what
    /// is free beside [`Week::free`] on all other days.
    #[must_use]
    pub fn mostly_free(&self, at_most: u32) -> Vec<Stretch> {
        let is_rare = |taken: u64| (1..=at_most).contains(&taken.count_ones());
        let mut stretches = self.stretches(is_rare);
        let is_never_free = |minute: usize| self.taken[minute % MINUTES].count_ones() > at_most;
        for stretch in &mut stretches {
            let Some(last) = stretch.minutes.checked_sub(1) else {
                continue;
            };
            let length = usize::try_from(self.length / 60).unwrap_or(0);
            let from = match is_never_free(stretch.first + MINUTES - 1) {
                false if length > 0 => length - 1,
                _ => 0,
            };
            let until = match is_never_free(stretch.first + stretch.minutes) {
                true => last + length,
                false => last + 1,
            };
            // What cannot begin later ends with what starts last.
            let (from, until) = match from < until {
                true => (from, until),
                false => (0, last + length),
            };
            if let Some(shown) = self.shown(stretch, from, until - from) {
                *stretch = shown;
            }
            stretch.except = self.exceptions(stretch);
        }
        stretches
    }

    /// The days on which a stretch begins that meets something.
    #[must_use]
    pub fn met_by(&self, stretch: &Stretch, busy: &Busy) -> Vec<Date> {
        let mut dates = BTreeSet::new();
        self.each_meeting(busy, |minute, _, date| {
            dates.extend(stretch.day_of(minute, date))
        });
        dates.into_iter().collect()
    }

    fn exceptions(&self, stretch: &Stretch) -> Vec<Date> {
        let mut dates = BTreeSet::new();
        for date in self.days.dates() {
            let since = (date - self.first).get_days();
            let number = u32::try_from(since / 7).unwrap_or(0).min(63);
            let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
            let midnight = weekday * MINUTES_OF_DAY;
            for minute in midnight..midnight + MINUTES_OF_DAY {
                if self.taken[minute] >> number & 1 == 1 {
                    dates.extend(stretch.day_of(minute, date));
                }
            }
        }
        dates.into_iter().collect()
    }

    fn stretches(&self, passes: impl Fn(u64) -> bool) -> Vec<Stretch> {
        let fits = |minute: usize| passes(self.taken[minute % MINUTES]);
        if (0..MINUTES).all(fits) {
            return self.stretch(0, MINUTES).into_iter().collect();
        }
        let starts = (0..MINUTES).filter(|minute| fits(*minute) && !fits(minute + MINUTES - 1));
        starts
            .filter_map(|start| {
                let minutes = (start..).take_while(|minute| fits(*minute)).count();
                self.stretch(start, minutes)
            })
            .collect()
    }

    /// From the first start to the end of what starts last.
    fn stretch(&self, first: usize, minutes: usize) -> Option<Stretch> {
        let (day, minute) = (first / MINUTES_OF_DAY, first % MINUTES_OF_DAY);
        Some(Stretch {
            day: Weekday::from_monday_zero_offset(i8::try_from(day).ok()?).ok()?,
            from: time_of_day(i64::try_from(minute * 60).ok()?)?,
            length: i64::try_from((minutes - 1) * 60).ok()? + self.length,
            except: Vec::new(),
            first,
            minutes,
            lead: 0,
        })
    }

    /// The same starts, of which a part of the week is told.
    fn shown(&self, stretch: &Stretch, lead: usize, minutes: usize) -> Option<Stretch> {
        let begins = self.stretch((stretch.first + lead) % MINUTES, 1)?;
        Some(Stretch {
            length: i64::try_from(minutes * 60).ok()?,
            first: stretch.first,
            minutes: stretch.minutes,
            lead,
            ..begins
        })
    }

    /// The first time in the search that a stretch begins, and when what starts then ends.
    #[must_use]
    pub fn first(&self, stretch: &Stretch) -> Option<(Instant, Instant)> {
        let minute = stretch.first % MINUTES_OF_DAY;
        let days = self.days.dates().enumerate();
        let mut days = days.filter(|(_, date)| date.weekday() == stretch.day);
        let (start, end) = days.find_map(|(day, _)| self.days.lasting(day, minute))?;
        Some((Instant::from_unix(start), Instant::from_unix(end)))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Time, date};
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::{At, Cron, Occurrences, Recurrence, Schedule, overlaps};

    const ZONES: [&str; 4] = [
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "America/New_York",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_minute_is_free_where_no_single_start_of_all_weeks_meets_anything(
            zone in prop::sample::select(&ZONES[..]),
            other in prop::sample::select(&ZONES[..]),
            cron in prop::sample::select(vec!["30 2 * * SUN", "15 22 8-14 * *", "0 0 31 * *", "50 5 * * 1-5"]),
            taken in 1..900_i64,
            length in 1..500_i64,
            minutes in prop::collection::vec(0..MINUTES, 3),
        ) {
            let search = Search::new(date(2026, 2, 20));
            let zone = Zone::parse(zone).unwrap();
            let cron = Recurrence::Cron(Cron::parse(cron).unwrap().0);
            let other = Schedule::new(cron, Zone::parse(other).unwrap()).lasting(taken * 60);
            let other = Occurrences::of(&other, &search);
            let extent = Extent::Elapsed(length * 60);
            let week = Week::of(&zone, extent, &search, &Busy::of(&other));
            let free = week.free();
            for minute in minutes {
                let time = time_of_day(i64::try_from(minute % MINUTES_OF_DAY).unwrap() * 60).unwrap();
                let weekday = i8::try_from(minute / MINUTES_OF_DAY).unwrap();
                let dates = week.days.dates().filter(|it| it.weekday().to_monday_zero_offset() == weekday);
                let meets = |date: &Date| {
                    let once = At::Wall(date.to_datetime(time.0));
                    let once = Schedule::new(Recurrence::Once(once), zone.clone()).lasting(length * 60);
                    let once = Occurrences::of(&once, &search);
                    let within = once.first().is_some_and(|one| search.contains(one.start));
                    within && overlaps(&once, &other).next().is_some()
                };
                let met: Vec<Date> = dates.filter(meets).collect();
                let listed = free.iter().any(|it| (minute + MINUTES - it.first) % MINUTES < it.minutes);
                prop_assert_eq!(listed, met.is_empty(), "{} {:?}", minute, met);
                let alone = week.stretch(minute, 1).unwrap();
                prop_assert_eq!(week.exceptions(&alone), met.clone());
                prop_assert_eq!(week.met_by(&alone, &Busy::of(&other)), met);
            }
        }
    }

    #[test]
    fn a_stretch_goes_on_over_midnight_and_from_sunday_to_monday() {
        let search = Search::new(date(2026, 1, 1));
        let cron = Recurrence::Cron(Cron::parse("0 6 * * WED").unwrap().0);
        let taken = Schedule::new(cron, Zone::utc()).lasting(3_600);
        let busy = Busy::of(&Occurrences::of(&taken, &search));
        let week = Week::of(&Zone::utc(), Extent::Elapsed(7_200), &search, &busy);
        let [free] = week.free().try_into().unwrap();
        assert_eq!(
            (free.day, free.from.0, free.length),
            (
                Weekday::Wednesday,
                Time::constant(7, 0, 0, 0),
                (7 * 24 - 1) * 3_600
            )
        );
        assert!(week.mostly_free(14).is_empty());
        let rare = Recurrence::Cron(Cron::parse("30 23 8-14 * *").unwrap().0);
        let rare = Schedule::new(rare, Zone::utc()).lasting(3_600);
        let both = Busy::joined([&busy, &Busy::of(&Occurrences::of(&rare, &search))]);
        let week = Week::of(&Zone::utc(), Extent::Elapsed(7_200), &search, &both);
        let mostly = week.mostly_free(14);
        let [first, ..] = mostly.as_slice() else {
            panic!("{mostly:?}");
        };
        assert_eq!((first.day, first.length), (Weekday::Monday, 3_600));
        assert_eq!(
            first.from.0,
            Time::constant(23, 30, 0, 0),
            "what is taken on some days"
        );
        assert_eq!(first.except[..2], [date(2026, 1, 12), date(2026, 2, 9)]);
        assert_eq!(mostly.len(), 7);
        let nothing = Week::of(&Zone::utc(), Extent::Elapsed(60), &search, &Busy::default());
        assert!(nothing.free()[0].is_everything());
    }
}
