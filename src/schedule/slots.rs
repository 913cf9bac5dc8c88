//! Other times of day for something that starts on certain days: at which it would meet nothing.
//!
//! Times of day are tried on a grid. On a day without a clock change nearby what is taken blocks a
//! range of the grid that follows from its ends; on the others every time of the grid is resolved
//! as that of an occurrence is. So the answer is exact for all starts of a search.

use std::ops::Range;

use jiff::civil::{Date, Time};

use super::offsets::{Fit, Offsets, date, seconds};
use super::unfold::{MARGIN, days};
use super::{Busy, Instant, Recurrence, Schedule, Search, TimeOfDay, Zone};

const DAY: i64 = 86_400;
/// What takes longer than this meets all that comes after its start.
const LONGEST: i64 = 2 * Search::LENGTH;
/// A quarter of an hour in seconds: the times of day that are proposed lie so far apart.
pub const QUARTER: i64 = 900;

/// How long something takes that starts at another time of day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Extent {
    /// So many seconds.
    Elapsed(i64),
    /// So many seconds on the wall clock, as from the start to the end of a weekly window.
    Shown(i64),
}

impl Extent {
    /// That of a schedule; its first second where nobody knows its end.
    #[must_use]
    pub fn of(schedule: &Schedule) -> Self {
        match schedule.recurrence() {
            Recurrence::Weekly(weekly) if weekly.end.is_some() => {
                Extent::Shown(schedule.usual_length().unwrap_or(1))
            }
            _ => Extent::Elapsed(schedule.usual_length().unwrap_or(1)),
        }
    }

    /// In seconds, on a day without a clock change; never more than matters in a search.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Extent::Elapsed(seconds) | Extent::Shown(seconds) => seconds.min(LONGEST),
        }
    }
}

/// Times of day, a quarter of an hour apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Starts(u128);

impl Starts {
    const ALL: Starts = Starts((1 << 96) - 1);

    fn mark(&mut self, range: Range<usize>) {
        let below = |end: usize| (1_u128 << end) - 1;
        self.0 |= below(range.end.min(96)) & !below(range.start.min(96));
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, time: TimeOfDay) -> Starts {
        Starts(self.0 | 1 << (time.seconds() / QUARTER))
    }

    /// Those of both.
    #[must_use]
    pub fn and(self, more: Starts) -> Starts {
        Starts(self.0 | more.0)
    }

    /// All others.
    #[must_use]
    pub fn others(self) -> Starts {
        Starts(!self.0 & Self::ALL.0)
    }

    /// All but one.
    #[must_use]
    pub fn without(self, time: TimeOfDay) -> Starts {
        Starts(self.0 & !(1 << (time.seconds() / QUARTER)))
    }

    /// Those of which something is so.
    #[must_use]
    pub fn at_which(is_so: impl FnMut(&TimeOfDay) -> bool) -> Starts {
        let all = (0..DAY / QUARTER).filter_map(|index| time_of_day(index * QUARTER));
        all.filter(is_so).fold(Starts::default(), Starts::with)
    }

    /// How many there are.
    #[must_use]
    pub fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a time of day is one of them.
    #[must_use]
    pub fn contains(self, time: TimeOfDay) -> bool {
        let second = time.seconds();
        second % QUARTER == 0 && self.0 >> (second / QUARTER) & 1 == 1
    }

    /// The one that is nearest to a time of day, the later of two. Where days follow each other the
    /// time before midnight is near to that after it, else both lie a day apart.
    #[must_use]
    pub fn nearest(self, to: TimeOfDay, around: bool) -> Option<TimeOfDay> {
        let to = to.seconds();
        let all = (0..96).filter(|index| self.0 >> index & 1 == 1);
        let nearest = all.min_by_key(|index| {
            let ahead = i64::from(*index) * QUARTER - to;
            match around {
                true => {
                    let after = ahead.rem_euclid(DAY);
                    (after.min(DAY - after), after > DAY / 2)
                }
                false => (ahead.abs(), ahead < 0),
            }
        });
        nearest.and_then(|index| time_of_day(i64::from(index) * QUARTER))
    }
}

/// The time of day at a second of the day.
pub(super) fn time_of_day(second: i64) -> Option<TimeOfDay> {
    let part = |value: i64| i8::try_from(value).ok();
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let time = Time::new(part(hour)?, part(minute)?, part(second % 60)?, 0);
    time.ok().map(TimeOfDay)
}

/// What a time of the grid is on a day with a clock change nearby.
#[derive(Clone, Copy)]
struct Resolved {
    start: i64,
    end: i64,
    fit: Fit,
}

/// A day on which something starts.
struct Day {
    date: Date,
    times: Times,
}

/// What the times of the grid are on a day.
enum Times {
    /// So many seconds after this instant, and as long as usual.
    Even(i64),
    /// One by one; none where it is not part of the search.
    Uneven(Vec<Option<Resolved>>),
}

/// The days of a search on which something starts, with the times of day at which it could.
pub struct Days {
    extent: i64,
    step: i64,
    days: Vec<Day>,
    every_day: bool,
}

impl Days {
    /// Those of a schedule, in quarters of an hour; none where it starts only once, or not at one
    /// fixed time of the day.
    #[must_use]
    pub fn of(schedule: &Schedule, extent: Extent, search: &Search) -> Option<Self> {
        schedule.time_of_day()?;
        let runs_on = |date: Date| match schedule.recurrence() {
            Recurrence::Cron(cron) => cron.runs_on(date),
            Recurrence::Weekly(weekly) => weekly.runs_on(date),
            Recurrence::Hours(_) | Recurrence::Once(_) => false,
        };
        Some(Self::on(schedule.zone(), extent, search, QUARTER, runs_on))
    }

    /// The days of the wall clock of a zone that pass a test. `step` are the seconds between two
    /// times of the grid.
    #[must_use]
    pub fn on(
        zone: &Zone,
        extent: Extent,
        search: &Search,
        step: i64,
        runs_on: impl Fn(Date) -> bool,
    ) -> Self {
        let (from, until) = (search.from().unix(), search.until().unix());
        let length = extent.seconds();
        let offsets = Offsets::over(zone, from - 2 * MARGIN, until + 2 * MARGIN + length);
        let spread = spread(&offsets);
        let mut every_day = true;
        let mut list = Vec::new();
        for date in days(date(from - MARGIN), date(until + MARGIN)) {
            if !runs_on(date) {
                every_day = false;
                continue;
            }
            let midnight = seconds(date.to_datetime(Time::midnight()));
            let even = offsets.segments().iter().find_map(|segment| {
                let at = midnight - segment.offset;
                let certain = at - spread >= segment.instants.start
                    && at + DAY + length + spread < segment.instants.end
                    && (from..=until - DAY).contains(&at);
                certain.then_some(at)
            });
            let times = match even {
                Some(at) => Times::Even(at),
                None => {
                    let resolve = |index| resolved(&offsets, midnight + index * step, extent);
                    let within = |it: &Resolved| (from..until).contains(&it.start);
                    let all = (0..DAY / step).map(|index| Some(resolve(index)).filter(within));
                    let all: Vec<_> = all.collect();
                    if all.iter().all(Option::is_none) {
                        continue;
                    }
                    Times::Uneven(all)
                }
            };
            list.push(Day { date, times });
        }
        Days {
            extent: length,
            step,
            days: list,
            every_day,
        }
    }

    /// Whether it starts on every day.
    #[must_use]
    pub fn is_every_day(&self) -> bool {
        self.every_day
    }

    /// The days, in order.
    pub fn dates(&self) -> impl Iterator<Item = Date> {
        self.days.iter().map(|day| day.date)
    }

    /// The times of day at which it meets what is taken on one of the days.
    #[must_use]
    pub fn meeting(&self, busy: &Busy) -> Starts {
        let mut starts = Starts::default();
        self.each_meeting(busy, |_, range| starts.mark(range));
        starts
    }

    /// Visits the times of the grid at which it meets what is taken, by their day; ranges of one
    /// day may overlap.
    pub fn each_meeting(&self, busy: &Busy, mut visit: impl FnMut(usize, Range<usize>)) {
        let (step, length) = (self.step, self.extent);
        for (number, day) in self.days.iter().enumerate() {
            match &day.times {
                Times::Even(midnight) => {
                    let first = busy
                        .intervals()
                        .partition_point(|(_, until)| until <= midnight);
                    let last = midnight + DAY - step + length;
                    let near = busy.intervals().iter().skip(first);
                    for (from, until) in near.take_while(|(from, _)| *from < last) {
                        let low = (from - length - midnight).div_euclid(step) + 1;
                        let high = (until - midnight + step - 1).div_euclid(step);
                        let bound = |at: i64| usize::try_from(at.clamp(0, DAY / step)).unwrap_or(0);
                        if bound(low) < bound(high) {
                            visit(number, bound(low)..bound(high));
                        }
                    }
                }
                Times::Uneven(times) => {
                    for (index, time) in times.iter().enumerate() {
                        if time.is_some_and(|it| busy.meets(it.start, it.end).is_some()) {
                            visit(number, index..index + 1);
                        }
                    }
                }
            }
        }
    }

    /// What it would take on all its days if it started at a time of the grid.
    #[must_use]
    pub fn taking(&self, time: TimeOfDay) -> Busy {
        let index = usize::try_from(time.seconds() / self.step).unwrap_or(0);
        let days = 0..self.days.len();
        Busy::of_any(days.filter_map(|day| self.lasting(day, index)))
    }

    /// The times of day at which it meets its own next occurrence.
    #[must_use]
    pub fn meeting_itself(&self) -> Starts {
        let mut starts = Starts::default();
        let count = usize::try_from(DAY / self.step).unwrap_or(0);
        for (number, day) in self.days.iter().enumerate() {
            let next = self.days.get(number + 1).map(|next| &next.times);
            match (&day.times, next) {
                (Times::Even(one), Some(Times::Even(next))) if next - one >= self.extent => {}
                (_, None) => {}
                _ => {
                    for index in (0..count).filter(|index| self.overruns(number, *index)) {
                        starts.mark(index..index + 1);
                    }
                }
            }
        }
        starts
    }

    /// Whether what starts on a day meets what starts on the next one on which anything is left of
    /// it.
    fn overruns(&self, day: usize, index: usize) -> bool {
        let Some((start, end)) = self.lasting(day, index) else {
            return false;
        };
        let mut later = (day + 1..self.days.len()).filter_map(|next| self.lasting(next, index));
        later
            .next()
            .is_some_and(|next| next.0 < end && next.0 != start)
    }

    /// From when until when it would take on a day, if that is any time.
    pub(super) fn lasting(&self, day: usize, index: usize) -> Option<(i64, i64)> {
        let (start, end) = match &self.days.get(day)?.times {
            Times::Even(midnight) => {
                let start = midnight + i64::try_from(index).ok()? * self.step;
                (start, start + self.extent)
            }
            Times::Uneven(times) => {
                let time = (*times.get(index)?)?;
                (time.start, time.end)
            }
        };
        (start < end).then_some((start, end))
    }

    /// The times of day that the zone skips or shows twice on one of the days.
    #[must_use]
    pub fn in_clock_changes(&self) -> Starts {
        let mut starts = Starts::default();
        for day in &self.days {
            if let Times::Uneven(times) = &day.times {
                for (index, time) in times.iter().enumerate() {
                    if time.is_some_and(|time| time.fit != Fit::Once) {
                        starts.mark(index..index + 1);
                    }
                }
            }
        }
        starts
    }
}

/// How far apart the offsets of a zone are.
fn spread(offsets: &Offsets) -> i64 {
    let all = offsets.segments().iter().map(|segment| segment.offset);
    let (least, most) = (all.clone().min(), all.max());
    most.unwrap_or(0) - least.unwrap_or(0)
}

fn resolved(offsets: &Offsets, wall: i64, extent: Extent) -> Resolved {
    let (start, fit) = offsets.resolve(wall);
    let end = match extent {
        Extent::Elapsed(_) => start + extent.seconds(),
        Extent::Shown(_) => offsets.resolve(wall + extent.seconds()).0.max(start),
    };
    Resolved { start, end, fit }
}

/// The instant nearest to `now`, the later of two, at which something that takes `length` seconds
/// could start within some instants and meet nothing: on a quarter of an hour of the wall clock of
/// a zone, and not in a clock change of it.
#[must_use]
pub fn nearest_instant(
    busy: &Busy,
    now: Instant,
    length: i64,
    within: &Range<Instant>,
    zone: &Zone,
) -> Option<Instant> {
    let (from, until) = (within.start.unix(), within.end.unix());
    let offsets = Offsets::over(zone, from - 2 * MARGIN, until + 2 * MARGIN);
    let fits = |at: i64| {
        let wall = seconds(zone.wall_clock(Instant::from_unix(at)));
        wall % QUARTER == 0 && offsets.resolve(wall) == (at, Fit::Once)
    };
    let on_the_clock = |at: i64| seconds(zone.wall_clock(Instant::from_unix(at)));
    let mut later = None;
    let mut at = now.unix().max(from);
    while at < until {
        if let Some((_, end)) = busy.meets(at, at + length) {
            at = end;
        } else if fits(at) {
            later = Some(at);
            break;
        } else {
            at += QUARTER - on_the_clock(at).rem_euclid(QUARTER);
        }
    }
    let mut earlier = None;
    let mut at = now.unix().min(until - 1);
    while at >= from {
        if let Some((start, _)) = busy.meets(at, at + length) {
            at = start - length;
        } else if fits(at) {
            earlier = Some(at);
            break;
        } else {
            let past = on_the_clock(at).rem_euclid(QUARTER);
            at -= if past == 0 { QUARTER } else { past };
        }
    }
    let distance = |at: &i64| ((at - now.unix()).abs(), *at < now.unix());
    let nearest = [later, earlier].into_iter().flatten().min_by_key(distance);
    nearest.map(Instant::from_unix)
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
