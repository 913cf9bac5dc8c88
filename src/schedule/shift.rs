//! The hours of the day in which a zone changes its clocks.

use std::ops::Range;

use jiff::civil::{DateTime, Time};

use super::offsets::Offsets;
use super::{Search, Zone};

const DAY: i64 = 86_400;

/// The hours of the day around a time of the wall clock of which the zone skips or repeats some in
/// the search: what starts before the first or not before the second of the two times is safe.
/// None where no clock change touches that time of day, or only one that takes a whole day, of
/// which no hour is safe.
#[must_use]
pub fn hours_of_change(zone: &Zone, search: &Search, time: DateTime) -> Option<(Time, Time)> {
    let offsets = Offsets::over(zone, search.from().unix(), search.until().unix());
    let changes: Vec<Range<i64>> = offsets
        .segments()
        .windows(2)
        .filter_map(|pair| match pair {
            [before, after] => {
                let at = after.instants.start;
                let (from, until) = (at + before.offset, at + after.offset);
                let length = (from - until).abs();
                let start = from.min(until).rem_euclid(DAY);
                (length < DAY).then_some(start..start + length)
            }
            _ => None,
        })
        .collect();
    let mut touched = around(&changes, seconds_of_day(time.time()))?;
    while let Some(wider) = changes.iter().find_map(|change| widened(&touched, change)) {
        touched = wider;
    }
    Some((time_of_day(touched.start)?, time_of_day(touched.end)?))
}

fn seconds_of_day(time: Time) -> i64 {
    time.duration_since(Time::midnight()).as_secs()
}

fn time_of_day(seconds: i64) -> Option<Time> {
    let seconds = seconds.rem_euclid(DAY);
    let part = |value: i64| i8::try_from(value).ok();
    let (hour, minute) = (seconds / 3_600, seconds / 60 % 60);
    Time::new(part(hour)?, part(minute)?, part(seconds % 60)?, 0).ok()
}

/// The change that touches a second of the day, as it lies around that second.
fn around(changes: &[Range<i64>], second: i64) -> Option<Range<i64>> {
    changes.iter().find_map(|change| {
        [-DAY, 0, DAY]
            .map(|by| change.start + by..change.end + by)
            .into_iter()
            .find(|change| change.contains(&second))
    })
}

/// What both cover, where they meet and the change adds something; changes wider than a day add
/// nothing.
fn widened(touched: &Range<i64>, change: &Range<i64>) -> Option<Range<i64>> {
    [-DAY, 0, DAY].into_iter().find_map(|by| {
        let change = change.start + by..change.end + by;
        let meet = change.start <= touched.end && touched.start <= change.end;
        let both = touched.start.min(change.start)..touched.end.max(change.end);
        (meet && both != *touched && both.end - both.start < DAY).then_some(both)
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn hours(zone: &str, hour: i8, minute: i8) -> Option<(String, String)> {
        let zone = Zone::parse(zone).expect(zone);
        let search = Search::new(date(2026, 1, 1));
        let time = date(2026, 3, 29).at(hour, minute, 0, 0);
        let show = |time: Time| time.strftime("%H:%M").to_string();
        hours_of_change(&zone, &search, time).map(|(from, until)| (show(from), show(until)))
    }

    fn between(from: &str, until: &str) -> Option<(String, String)> {
        Some((from.to_owned(), until.to_owned()))
    }

    #[test]
    fn a_day_that_was_left_out_has_no_safe_hours() {
        let apia = Zone::parse("Pacific/Apia").expect("a zone");
        let search = Search::new(date(2011, 12, 1));
        let noon = date(2011, 12, 30).at(12, 0, 0, 0);
        assert_eq!(hours_of_change(&apia, &search, noon), None);
    }

    #[test]
    fn the_hour_that_is_skipped_in_spring_is_repeated_in_autumn() {
        assert_eq!(hours("Europe/Berlin", 2, 30), between("02:00", "03:00"));
        assert_eq!(hours("Europe/Berlin", 2, 0), between("02:00", "03:00"));
        assert_eq!(hours("Europe/Berlin", 3, 0), None);
        assert_eq!(hours("Europe/Berlin", 1, 59), None);
        assert_eq!(hours("UTC", 2, 30), None);
    }

    #[test]
    fn what_is_skipped_and_what_is_repeated_may_lie_side_by_side() {
        // New York skips 02:00 to 03:00 and repeats 01:00 to 02:00.
        assert_eq!(hours("America/New_York", 1, 30), between("01:00", "03:00"));
        assert_eq!(hours("America/New_York", 2, 30), between("01:00", "03:00"));
        // Santiago skips 00:00 to 01:00 and repeats 23:00 to 00:00.
        assert_eq!(hours("America/Santiago", 0, 30), between("23:00", "01:00"));
        assert_eq!(hours("America/Santiago", 23, 30), between("23:00", "01:00"));
    }
}
