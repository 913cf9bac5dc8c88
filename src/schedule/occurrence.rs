//! What a schedule means in a search: its occurrences.

use jiff::civil::{Date, DateTime, Time};

use super::offsets::{Fit, Offsets, date, seconds};
use super::{At, Cron, Instant, Recurrence, Schedule, Search};

/// Further from an instant than this, no wall clock shows its time, gaps included.
pub(super) const MARGIN: i64 = 2 * 86_400;

/// One time that a schedule comes true: the half-open interval from `start` to `end`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Occurrence {
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it; unknown, but later than the start, where there is none.
    pub end: Option<Instant>,
    /// The time that is written for the start, on the wall clock of the schedule's zone; other
    /// than what the clock shows where a gap moved the start. For an `at` with an offset it is
    /// what the clock shows.
    pub written: DateTime,
    /// The last of the written times that a gap moved to this start; `written` if it is but one.
    pub last_written: DateTime,
}

impl Occurrence {
    /// Whether a clock change left nothing of it. Such a one collides with nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.end.is_some_and(|end| end <= self.start)
    }

    /// Whether it is going on at an instant; unknown where it has started and its end is unknown.
    #[must_use]
    pub fn open_at(&self, instant: Instant) -> Option<bool> {
        match self.end {
            _ if instant < self.start => Some(false),
            Some(end) => Some(instant < end),
            None => (instant == self.start).then_some(true),
        }
    }
}

/// What a zone does to a time of its wall clock when the clock changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ClockChangeKind {
    /// The clock never shows it.
    Skipped,
    /// The clock shows it twice.
    Repeated,
}

/// A fixed start that falls into a clock change.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ClockChange {
    /// What happens to the time.
    pub kind: ClockChangeKind,
    /// The time that is written, on the wall clock of the schedule's zone.
    pub written: DateTime,
    /// When it starts instead, or the first time of two.
    pub start: Instant,
}

/// The occurrences of a schedule in a search, by their starts, of which no two are equal.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Occurrences {
    list: Vec<Occurrence>,
    /// The longest known length in seconds.
    reach: i64,
    past: bool,
    beyond: bool,
    clock_change: Option<ClockChange>,
}

impl Occurrences {
    /// Those that start in the search, in their full length. A one-off counts when it ends after
    /// the search begins, wherever it starts; one whose end is unknown, when it does not start
    /// before. Nothing happens after the year 9999.
    #[must_use]
    pub fn of(schedule: &Schedule, search: &Search) -> Self {
        match schedule.recurrence() {
            Recurrence::Once(at) => Self::once(*at, schedule, search),
            Recurrence::Cron(cron) if cron.is_interval() => Self::interval(cron, schedule, search),
            Recurrence::Cron(cron) => {
                let times: Vec<Time> = times(cron).collect();
                Self::fixed(schedule, search, |date| cron.runs_on(date), &times)
            }
            Recurrence::Weekly(weekly) => Self::fixed(
                schedule,
                search,
                |date| weekly.runs_on(date),
                &[weekly.start.0],
            ),
        }
    }

    fn once(at: At, schedule: &Schedule, search: &Search) -> Self {
        let (start, written, change) = match at {
            At::Instant(start) => (start, schedule.zone().wall_clock(start), None),
            At::Wall(wall) => {
                let offsets = offsets(schedule, seconds(wall), seconds(wall));
                let (start, change) = resolve(&offsets, wall);
                (start, wall, change)
            }
        };
        let end = schedule.length.map(|length| start.plus(length));
        let past = match end {
            Some(end) => end <= search.from(),
            None => start < search.from(),
        };
        let mut occurrences = Occurrences {
            past,
            beyond: start >= search.until(),
            clock_change: change.filter(|_| search.contains(start)),
            ..Occurrences::default()
        };
        if !past {
            occurrences.list.push(Occurrence {
                start,
                end,
                written,
                last_written: written,
            });
        }
        occurrences.measured()
    }

    /// Every instant whose wall clock matches.
    fn interval(cron: &Cron, schedule: &Schedule, search: &Search) -> Self {
        let (from, until) = (search.from().unix(), search.until().unix());
        let times: Vec<(i64, Time)> = times(cron)
            .map(|time| (seconds(time.on(1970, 1, 1)), time))
            .collect();
        let mut list = Vec::new();
        for segment in offsets(schedule, from, until).segments() {
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
                        let written = date.to_datetime(*time);
                        let start = Instant::from_unix(at);
                        let end = schedule.length.map(|length| start.plus(length));
                        list.push(Occurrence {
                            start,
                            end,
                            written,
                            last_written: written,
                        });
                    }
                }
            }
        }
        Occurrences {
            list,
            ..Occurrences::default()
        }
        .measured()
    }

    /// Fixed times of the wall clock on the days that match.
    fn fixed(
        schedule: &Schedule,
        search: &Search,
        runs_on: impl Fn(Date) -> bool,
        times: &[Time],
    ) -> Self {
        let (from, until) = (
            search.from().unix() - MARGIN,
            search.until().unix() + MARGIN,
        );
        let offsets = offsets(schedule, from, until);
        let mut occurrences = Occurrences::default();
        for date in days(date(from), date(until)).filter(|date| runs_on(*date)) {
            for time in times {
                let written = date.to_datetime(*time);
                let (start, change) = resolve(&offsets, written);
                if search.contains(start) {
                    let end = end(schedule, &offsets, start, written);
                    occurrences.clock_change = occurrences.clock_change.or(change);
                    occurrences.list.push(Occurrence {
                        start,
                        end,
                        written,
                        last_written: written,
                    });
                }
            }
        }
        occurrences.list.sort_by_key(|occurrence| occurrence.start);
        occurrences.list.dedup_by(|next, kept| {
            let same = next.start == kept.start;
            if same {
                kept.last_written = next.last_written;
                kept.end = kept.end.max(next.end);
            }
            same
        });
        occurrences.measured()
    }

    /// Occurrences as a test states them.
    #[cfg(test)]
    pub(super) fn from_list(list: Vec<Occurrence>) -> Self {
        Occurrences {
            list,
            ..Occurrences::default()
        }
        .measured()
    }

    fn measured(mut self) -> Self {
        let length = |occurrence: &Occurrence| Some(occurrence.end?.since(occurrence.start));
        self.reach = self
            .list
            .iter()
            .filter_map(length)
            .max()
            .unwrap_or_default();
        self
    }

    /// The occurrences by their starts. Those that a clock change left empty are among them.
    #[must_use]
    pub fn as_slice(&self) -> &[Occurrence] {
        &self.list
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Option<Occurrence> {
        self.as_slice().first().copied()
    }

    /// Whether it is a one-off that was over when the search began. Rules leave such a one out.
    #[must_use]
    pub fn ended_before(&self) -> bool {
        self.past
    }

    /// Whether it is a one-off that starts after the search.
    #[must_use]
    pub fn beyond_search(&self) -> bool {
        self.beyond
    }

    /// Whether questions about both have a meaning: a one-off beyond the search is compared with
    /// another such and nothing else.
    #[must_use]
    pub fn comparable(&self, other: &Occurrences) -> bool {
        self.beyond == other.beyond
    }

    /// The first fixed start in the search that the zone skips or repeats. Intervals and starts
    /// with an offset of their own have none.
    #[must_use]
    pub fn clock_change(&self) -> Option<&ClockChange> {
        self.clock_change.as_ref()
    }

    /// Whether one is going on at an instant; unknown where that depends on an unknown end.
    #[must_use]
    pub fn open_at(&self, instant: Instant) -> Option<bool> {
        let started = self
            .list
            .partition_point(|occurrence| occurrence.start <= instant);
        let mut answer = Some(false);
        for occurrence in self.list[..started].iter().rev() {
            match occurrence.open_at(instant) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
            if instant.since(occurrence.start) >= self.reach {
                break;
            }
        }
        answer
    }
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
        return schedule.length.map(|length| start.plus(length));
    };
    let Some(end) = weekly.end else {
        return schedule.length.map(|length| start.plus(length));
    };
    let days = if end <= weekly.start { 86_400 } else { 0 };
    let end = seconds(end.0.to_datetime(written.date())) + days;
    Some(Instant::from_unix(offsets.resolve(end).0).max(start))
}

#[cfg(test)]
#[path = "occurrence_tests.rs"]
mod tests;
