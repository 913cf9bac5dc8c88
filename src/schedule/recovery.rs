//! How far apart the starts of schedules are that serve one purpose together.

use jiff::civil::DateTime;

use super::offsets::seconds;
use super::{At, Instant, Occurrences, Recurrence, Schedule, Search, Written};

/// The time between two successive starts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gap {
    /// The start before it.
    pub from: Instant,
    /// The start that ends it.
    pub to: Instant,
    /// Which of the schedules ends it.
    pub ended_by: usize,
    /// How long it is in seconds, on the wall clock of the schedule that ends it.
    pub length: i64,
}

/// The longest gap between successive starts of some schedules together, the first of several;
/// none with fewer than two starts.
///
/// It is measured on the wall clock of the schedule that ends it, from and to the times that are
/// written, so that clock changes make no daily schedule miss a day; up to a single time with an
/// offset it is the time that elapses. Where two schedules end a gap at once the smaller measure
/// counts. Only starts in the search count, and no occurrences that a clock change left empty.
#[must_use]
pub fn longest_gap(schedules: &[(&Schedule, &Occurrences)], search: &Search) -> Option<Gap> {
    longest_certain_gap(schedules, &[], search)
}

/// The longest gap that is there whether or not some more schedules count: [`longest_gap`] of all
/// of them, between the first and the last start of those that do. What lies beyond may be no gap.
#[must_use]
pub fn longest_certain_gap(
    schedules: &[(&Schedule, &Occurrences)],
    perhaps: &[(&Schedule, &Occurrences)],
    search: &Search,
) -> Option<Gap> {
    let mut starts: Vec<Start<'_>> = Vec::new();
    let mut certain = 0;
    for (index, (schedule, occurrences)) in schedules.iter().chain(perhaps).enumerate() {
        let counting = occurrences
            .iter()
            .enumerate()
            .filter(|(_, one)| search.contains(one.start) && !one.is_empty());
        starts.extend(counting.map(|(position, one)| Start {
            at: one.start,
            index,
            position,
            schedule,
            occurrences,
        }));
        if index < schedules.len() {
            certain = starts.len();
        }
    }
    let instants = starts.iter().take(certain).map(|it| it.at);
    let (first, last) = (instants.clone().min()?, instants.max()?);
    starts.retain(|it| (first..=last).contains(&it.at));
    starts.sort_by_key(|start| (start.at, start.index));
    let mut at_once = starts.chunk_by(|a, b| a.at == b.at);
    let mut before = at_once.next()?;
    let mut longest: Option<Gap> = None;
    for after in at_once {
        let gaps = after.iter().map(|start| start.gap_since(before));
        let gap = gaps.min_by_key(|gap| gap.length);
        if longest.map(|gap| gap.length) < gap.map(|gap| gap.length) {
            longest = gap;
        }
        before = after;
    }
    longest
}

struct Start<'a> {
    at: Instant,
    /// Of which schedule it is.
    index: usize,
    /// Which of its occurrences it begins.
    position: usize,
    schedule: &'a Schedule,
    occurrences: &'a Occurrences,
}

impl Start<'_> {
    /// The gap that this start ends and other starts, all at one instant, begin.
    fn gap_since(&self, before: &[Start<'_>]) -> Gap {
        let to = self.at;
        let from = before.first().map_or(to, |start| start.at);
        let length = match self.schedule.recurrence() {
            Recurrence::Once(At::Instant(_)) => to.since(from),
            _ => {
                let shown = before.iter().map(|start| start.on_the_clock_of(self));
                let written = self.written().first;
                let latest = shown.max().unwrap_or(written);
                seconds(written) - seconds(latest)
            }
        };
        Gap {
            from,
            to,
            ended_by: self.index,
            length,
        }
    }

    fn written(&self) -> Written {
        let shown = || Written::once(self.schedule.zone().wall_clock(self.at));
        self.occurrences
            .written(self.position)
            .unwrap_or_else(shown)
    }

    /// The time that is written for it in the zone of another start, else what the clock shows.
    fn on_the_clock_of(&self, other: &Start<'_>) -> DateTime {
        let zone = other.schedule.zone();
        if zone == self.schedule.zone() {
            self.written().last
        } else {
            zone.wall_clock(self.at)
        }
    }
}

#[cfg(test)]
#[path = "recovery_tests.rs"]
mod tests;
