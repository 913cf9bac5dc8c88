//! From a schedule to its occurrences in a search.

use jiff::civil::{Date, DateTime, Time};

use super::occurrence::{ClockChange, ClockChangeKind, Occurrences, Written};
use super::offsets::{Fit, Offsets, date, seconds};
use super::{At, Cron, Hours, Instant, Recurrence, Schedule, Search};

/// Further from an instant than this, no wall clock shows its time, gaps included.
pub(super) const MARGIN: i64 = 2 * 86_400;

impl Occurrences {
    /// Those that start in the search, in their full length. A one-off counts when it ends after
    /// the search begins, wherever it starts; one whose end is unknown, when it does not start
    /// before. Nothing happens after the year 9999.
    #[must_use]
    pub fn of(schedule: &Schedule, search: &Search) -> Self {
        match schedule.recurrence() {
            Recurrence::Once(at) => once(*at, schedule, search),
            Recurrence::Cron(cron) if cron.is_interval() => interval(cron, schedule, search),
            Recurrence::Cron(cron) => {
                let times: Vec<Time> = times(cron).collect();
                let all = fixed(schedule, search, |date| cron.runs_on(date), &times);
                match (all.clock_change(), cron.is_exact()) {
                    (Some(change), true) => {
                        interval(cron, schedule, search).with_clock_change(Some(*change))
                    }
                    _ => all,
                }
            }
            Recurrence::Hours(hours) => stretches(hours, schedule, search),
            Recurrence::Weekly(weekly) => fixed(
                schedule,
                search,
                |date| weekly.runs_on(date),
                &[weekly.start.0],
            ),
        }
    }
}

fn once(at: At, schedule: &Schedule, search: &Search) -> Occurrences {
    let (start, written, change) = match at {
        At::Instant(start) => (start, schedule.zone().wall_clock(start), None),
        At::Wall(wall) => {
            let offsets = offsets(schedule, seconds(wall), seconds(wall));
            let (start, change) = resolve(&offsets, wall);
            (start, wall, change)
        }
    };
    let end = schedule.length().map(|length| start.plus(length));
    let past = match end {
        Some(end) => end <= search.from(),
        None => start < search.from(),
    };
    let clocks = offsets(schedule, start.unix(), start.unix());
    let mut list = Occurrences::builder(schedule.length(), clocks);
    if !past {
        list.push(start, end, Written::once(written));
    }
    list.finish()
        .with_clock_change(change.filter(|_| search.contains(start)))
        .one_off(past, start >= search.until())
}

/// Every instant whose wall clock matches.
fn interval(cron: &Cron, schedule: &Schedule, search: &Search) -> Occurrences {
    let (from, until) = (search.from().unix(), search.until().unix());
    let times: Vec<(i64, Time)> = times(cron)
        .map(|time| (seconds(time.on(1970, 1, 1)), time))
        .collect();
    let clocks = offsets(schedule, from, until);
    let mut list = Occurrences::builder(schedule.length(), clocks.clone());
    for segment in clocks.segments() {
        let instants = segment.instants.start.max(from)..segment.instants.end.min(until);
        if instants.is_empty() {
            continue;
        }
        let (first, last) = (
            instants.start + segment.offset,
            instants.end + segment.offset,
        );
        for date in days(date(first), date(last)).filter(|date| cron.runs_on(*date)) {
            let midnight = seconds(date.to_datetime(Time::midnight())) - segment.offset;
            for (after_midnight, time) in &times {
                let at = midnight + after_midnight;
                if instants.contains(&at) {
                    let start = Instant::from_unix(at);
                    let end = schedule.length().map(|length| start.plus(length));
                    list.push(start, end, Written::once(date.to_datetime(*time)));
                }
            }
        }
    }
    list.finish()
}

/// Hours of days, as the clock shows them.
fn stretches(hours: &Hours, schedule: &Schedule, search: &Search) -> Occurrences {
    let (from, until) = (search.from().unix() - MARGIN, search.until().unix());
    let clocks = offsets(schedule, from, until);
    let mut list = Occurrences::builder(schedule.usual_length(), clocks.clone());
    for day in days(date(from), date(until)) {
        let midnight = seconds(day.to_datetime(Time::midnight()));
        for (first, end) in hours.of(day) {
            let start = Instant::from_unix(clocks.resolve(midnight + first).0);
            let end = Instant::from_unix(clocks.resolve(midnight + end).0).max(start);
            if search.contains(start) {
                list.push(start, Some(end), Written::once(clocks.wall_clock(start)));
            }
        }
    }
    list.finish()
}

/// Fixed times of the wall clock on the days that match.
fn fixed(
    schedule: &Schedule,
    search: &Search,
    runs_on: impl Fn(Date) -> bool,
    times: &[Time],
) -> Occurrences {
    let (from, until) = (
        search.from().unix() - MARGIN,
        search.until().unix() + MARGIN,
    );
    let clocks = offsets(schedule, from, until);
    let mut clock_change = None;
    let mut starts: Vec<(Instant, Option<Instant>, Written)> = Vec::new();
    for date in days(date(from), date(until)).filter(|date| runs_on(*date)) {
        for time in times {
            let written = date.to_datetime(*time);
            let (start, change) = resolve(&clocks, written);
            if search.contains(start) {
                let end = end(schedule, &clocks, start, written);
                clock_change = clock_change.or(change);
                starts.push((start, end, Written::once(written)));
            }
        }
    }
    starts.sort_by_key(|(start, ..)| *start);
    starts.dedup_by(|(next, next_end, next_written), (kept, end, written)| {
        let same = next == kept;
        if same {
            written.last = next_written.last;
            *end = (*end).max(*next_end);
        }
        same
    });
    let mut list = Occurrences::builder(schedule.usual_length(), clocks);
    for (start, end, written) in starts {
        list.push(start, end, written);
    }
    list.finish().with_clock_change(clock_change)
}

fn times(cron: &Cron) -> impl Iterator<Item = Time> {
    cron.times()
        .filter_map(|(hour, minute)| Time::new(hour, minute, 0, 0).ok())
}

/// All days from `first` to `last`, both included.
pub(super) fn days(first: Date, last: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |date| date.tomorrow().ok())
        .take_while(move |day| *day <= last)
}

/// What is needed to resolve times around these instants.
fn offsets(schedule: &Schedule, from: i64, until: i64) -> Offsets {
    Offsets::over(schedule.zone(), from - MARGIN, until + MARGIN)
}

fn resolve(offsets: &Offsets, written: DateTime) -> (Instant, Option<ClockChange>) {
    let (start, fit) = offsets.resolve(seconds(written));
    let start = Instant::from_unix(start);
    let kind = match fit {
        Fit::Once => None,
        Fit::Skipped => Some(ClockChangeKind::Skipped),
        Fit::Repeated => Some(ClockChangeKind::Repeated),
    };
    (
        start,
        kind.map(|kind| ClockChange {
            kind,
            written,
            start,
        }),
    )
}

/// When an occurrence ends that is written to start then.
fn end(
    schedule: &Schedule,
    offsets: &Offsets,
    start: Instant,
    written: DateTime,
) -> Option<Instant> {
    let Recurrence::Weekly(weekly) = schedule.recurrence() else {
        return schedule.length().map(|length| start.plus(length));
    };
    let Some(end) = weekly.end else {
        return schedule.length().map(|length| start.plus(length));
    };
    let days = if end <= weekly.start { 86_400 } else { 0 };
    let end = seconds(end.0.to_datetime(written.date())) + days;
    Some(Instant::from_unix(offsets.resolve(end).0).max(start))
}

#[cfg(test)]
#[path = "unfold_tests.rs"]
mod tests;
