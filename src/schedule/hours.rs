//! Hours of some days, where each instant counts for the day on which it lies, as in the windows of
//! kured: `sat 22:00–02:00` is Saturday from 22:00 to midnight, and Saturday from midnight to two.

use jiff::civil::{Date, Weekday};

use super::TimeOfDay;

const DAY: i64 = 86_400;

/// Hours of some days of the week.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Hours {
    /// A bit for each day from Sunday.
    days: u8,
    /// The first second of the day that is in.
    from: i64,
    /// The first second after the last one that is in, from 1 to 86 400.
    until: i64,
}

impl Hours {
    /// From the start to the end of that last second on each of these days; where `last` is before
    /// `from`, from midnight to `last` and from `from` to midnight.
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = Weekday>, from: TimeOfDay, last: TimeOfDay) -> Self {
        let days = days.into_iter();
        Hours {
            days: days.fold(0, |bits, day| bits | 1 << day.to_sunday_zero_offset()),
            from: from.seconds(),
            until: last.seconds() + 1,
        }
    }

    /// From the first to the last second on the wall clock, over midnight where it wraps.
    pub(super) fn usual_length(&self) -> i64 {
        match self.wraps() {
            true => DAY - self.from + self.until,
            false => self.until - self.from,
        }
    }

    fn wraps(&self) -> bool {
        self.until <= self.from
    }

    fn holds_on(&self, date: Date) -> bool {
        self.days >> date.weekday().to_sunday_zero_offset() & 1 == 1
    }

    /// The stretches that begin on a day, as seconds after its midnight. An evening goes on in the
    /// morning after it where that is in, and that morning is no stretch of its own.
    pub(super) fn of(&self, date: Date) -> impl Iterator<Item = (i64, i64)> {
        let on = |date: Option<Date>| date.is_some_and(|date| self.holds_on(date));
        let (today, wraps) = (self.holds_on(date), self.wraps());
        let alone = today && wraps && !on(date.yesterday().ok());
        let morning = alone.then_some((0, self.until));
        let end = match (wraps, wraps && on(date.tomorrow().ok())) {
            (false, _) => self.until,
            (true, false) => DAY,
            (true, true) => DAY + self.until,
        };
        let rest = today.then_some((self.from, end));
        morning.into_iter().chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Time, date};
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::{Instant, Occurrences, Recurrence, Schedule, Search, Zone};

    /// What kured asks of an instant, on a day without a clock change: is it on one of the days,
    /// and between the times, of which the last counts to the end of its second?
    fn contains(days: &[Weekday], from: Time, last: Time, at: jiff::civil::DateTime) -> bool {
        let time = at.time();
        let between = match from <= last {
            true => from <= time && time <= last,
            false => from <= time || time <= last,
        };
        days.contains(&at.weekday()) && between
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn each_second_counts_for_its_own_day(
            days in prop::collection::vec(0..7_i8, 0..7),
            from in 0..86_400_i64,
            last in 0..86_400_i64,
            instants in prop::collection::vec(2 * 86_400..300 * 86_400_i64, 40),
            near in prop::collection::vec((2..300_i64, -2..3_i64), 40),
            zone in prop::sample::select(vec!["UTC", "Europe/Berlin"]),
        ) {
            let days: Vec<Weekday> = days.into_iter().map(|day| Weekday::from_sunday_zero_offset(day).unwrap()).collect();
            let time = |second: i64| Time::midnight().wrapping_add(jiff::SignedDuration::from_secs(second));
            let zone = Zone::parse(zone).unwrap();
            let hours = Hours::new(days.iter().copied(), TimeOfDay(time(from)), TimeOfDay(time(last)));
            let search = Search::new(date(2026, 2, 20));
            let schedule = Schedule::new(Recurrence::Hours(hours), zone.clone());
            let all = Occurrences::of(&schedule, &search);
            let edges = near.into_iter().flat_map(|(day, off)| [from, last, 0].map(|edge| day * 86_400 + edge + off));
            for after in instants.into_iter().chain(edges) {
                let at = Instant::from_unix(search.from().unix() + after);
                let wall = zone.wall_clock(at);
                let changes = [date(2026, 3, 29), date(2026, 10, 25)].contains(&wall.date());
                if !changes {
                    let expected = contains(&days, time(from), time(last), wall);
                    prop_assert_eq!(all.open_at(at), Some(expected), "{} {:?}", wall, hours);
                }
            }
        }
    }

    #[test]
    fn a_night_is_one_stretch_where_both_of_its_days_are_in() {
        let time = |hour| TimeOfDay(Time::constant(hour, 0, 0, 0));
        let hours = Hours::new([Weekday::Friday, Weekday::Saturday], time(22), time(2));
        let of = |day| hours.of(date(2026, 1, day)).collect::<Vec<_>>();
        assert_eq!(of(2), [(0, 7_201), (79_200, 93_601)], "Friday");
        assert_eq!(of(3), [(79_200, 86_400)], "Saturday");
        assert_eq!(of(4), []);
    }
}
