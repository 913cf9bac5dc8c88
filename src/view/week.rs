//! One week on the clocks of one zone.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{Span, ToSpan};

use crate::facts::Window;
use crate::schedule::{Instant, Zone};

/// The days from Monday to Sunday, on the clocks of a zone.
#[derive(Clone, Debug)]
pub struct Week {
    monday: Date,
    zone: Zone,
}

impl Week {
    /// The week that a day is in.
    #[must_use]
    pub fn of(day: Date, zone: Zone) -> Self {
        let since = day.weekday().since(Weekday::Monday);
        Week {
            monday: day.saturating_sub(Span::new().days(since)),
            zone,
        }
    }

    /// Its zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Its days.
    pub(super) fn days(&self) -> [Date; 7] {
        [0, 1, 2, 3, 4, 5, 6].map(|days: i64| self.monday.saturating_add(days.days()))
    }

    /// Its first instant.
    #[must_use]
    pub fn start(&self) -> Instant {
        self.midnight(self.monday)
    }

    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.midnight(self.monday.saturating_add(7.days()))
    }

    fn midnight(&self, day: Date) -> Instant {
        self.zone.instant(day.to_datetime(Time::midnight()))
    }

    /// The parts of its days, each as long as the others by the clock: the half-open intervals
    /// between instants that follow each other. One that a clock change skips is empty.
    pub(super) fn slots(&self, per_day: u32) -> Vec<Instant> {
        let minutes = 24 * 60 / i64::from(per_day.max(1));
        let of_day = |day: Date| {
            let at = move |slot: u32| {
                let midnight = day.to_datetime(Time::midnight());
                midnight.saturating_add((i64::from(slot) * minutes).minutes())
            };
            (0..per_day).map(at)
        };
        let starts = self.days().into_iter().flat_map(of_day);
        let mut slots: Vec<Instant> = starts.map(|wall| self.zone.instant(wall)).collect();
        slots.push(self.end());
        slots
    }

    /// `2026-W48`.
    pub(super) fn number(&self) -> String {
        let iso = self.monday.iso_week_date();
        format!("{}-W{:02}", iso.year(), iso.week())
    }

    /// A window in words: `Sat 22:00–Sun 01:00`, with dates for what is not in the week.
    pub(super) fn show(&self, window: Window) -> String {
        let start = self.zone.wall_clock(window.start);
        let from = self.clock(start);
        let Some(end) = window.end else {
            return format!("from {from}");
        };
        let end = self.zone.wall_clock(end);
        let next_midnight =
            end.time() == Time::midnight() && end.date() == start.date().saturating_add(1.days());
        if next_midnight {
            return format!("{from}–24:00");
        }
        match end.date() == start.date() {
            true => format!("{from}–{}", time(end)),
            false => format!("{from}–{}", self.clock(end)),
        }
    }

    /// `Sat 22:00`, with the date where the day is not in the week.
    fn clock(&self, wall: DateTime) -> String {
        let in_week = self.days().contains(&wall.date());
        let day = match in_week {
            true => wall.strftime("%a").to_string(),
            false => wall.strftime("%a %F").to_string(),
        };
        format!("{day} {}", time(wall))
    }

    /// A start anywhere in time: `Sun 2026-12-13 03:00`.
    pub(super) fn show_start(&self, start: Instant) -> String {
        let wall = self.zone.wall_clock(start);
        format!("{} {}", wall.strftime("%a %F"), time(wall))
    }

    /// The day on which an instant is.
    pub(super) fn date(&self, at: Instant) -> Date {
        self.zone.wall_clock(at).date()
    }
}

fn time(wall: DateTime) -> String {
    let format = if wall.second() == 0 { "%H:%M" } else { "%T" };
    wall.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn week(day: Date, zone: &str) -> Week {
        Week::of(day, Zone::parse(zone).expect(zone))
    }

    #[test]
    fn a_week_starts_on_monday() {
        for day in 23..30 {
            let week = week(date(2026, 11, day), "Europe/Berlin");
            assert_eq!(week.days()[0], date(2026, 11, 23));
            assert_eq!(week.number(), "2026-W48");
            assert_eq!(week.end().since(week.start()), 7 * 86_400);
        }
        assert_eq!(week(date(2027, 1, 1), "UTC").number(), "2026-W53");
    }

    #[test]
    fn slots_follow_the_clock_through_its_changes() {
        let spring = week(date(2026, 3, 29), "Europe/Berlin").slots(24);
        let lengths = |slots: &[Instant]| -> Vec<i64> {
            slots
                .windows(2)
                .map(|pair| pair[1].since(pair[0]))
                .collect()
        };
        let spring = lengths(&spring);
        assert_eq!(spring.len(), 7 * 24);
        assert_eq!(spring[6 * 24 + 2], 0);
        assert_eq!(spring.iter().sum::<i64>(), 7 * 86_400 - 3600);
        let autumn = lengths(&week(date(2026, 10, 25), "Europe/Berlin").slots(12));
        assert_eq!(autumn[6 * 12 + 1], 3 * 3600);
        assert!(autumn[..6 * 12].iter().all(|length| *length == 7200));
    }

    #[test]
    fn windows_in_words() {
        let week = week(date(2026, 11, 25), "Europe/Berlin");
        let at = |day, hour| week.zone.instant(date(2026, 11, day).at(hour, 0, 0, 0));
        let show = |start, end| week.show(Window { start, end });
        assert_eq!(show(at(28, 22), Some(at(28, 23))), "Sat 22:00–23:00");
        assert_eq!(show(at(28, 22), Some(at(29, 0))), "Sat 22:00–24:00");
        assert_eq!(show(at(28, 22), Some(at(29, 1))), "Sat 22:00–Sun 01:00");
        assert_eq!(
            show(at(22, 22), Some(at(23, 1))),
            "Sun 2026-11-22 22:00–Mon 01:00"
        );
        assert_eq!(show(at(28, 22), None), "from Sat 22:00");
        assert_eq!(week.show_start(at(29, 3)), "Sun 2026-11-29 03:00");
    }
}
