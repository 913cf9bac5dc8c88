//! Time that is taken.

use super::Occurrences;

/// What ends later than this does not end.
const NEVER: i64 = i64::MAX / 4;

/// Time that is taken: intervals that neither overlap nor touch, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Busy {
    list: Vec<(i64, i64)>,
}

impl Busy {
    /// What occurrences take. Where an end is not known it is the first second, in which alone
    /// something is known to be going on.
    #[must_use]
    pub fn of(occurrences: &Occurrences) -> Self {
        let lasting = occurrences.stretches().filter(|one| !one.is_empty());
        let mut busy = Busy::default();
        for one in lasting {
            let end = one.end.unwrap_or(one.start.plus(1));
            busy.push(one.start.unix(), end.unix().min(NEVER));
        }
        busy
    }

    /// All that several take.
    #[must_use]
    pub fn joined<'b>(several: impl IntoIterator<Item = &'b Busy>) -> Self {
        let several = several.into_iter();
        Busy::of_any(several.flat_map(|busy| busy.list.iter().copied()))
    }

    /// What is taken in any of these times, from the first second to the one after the last.
    pub(super) fn of_any(times: impl Iterator<Item = (i64, i64)>) -> Self {
        let mut all: Vec<(i64, i64)> = times.collect();
        all.sort_unstable();
        let mut busy = Busy::default();
        for (from, until) in all {
            busy.push(from, until);
        }
        busy
    }

    /// What is taken from each step at which this is so until the next one at which it is not. Steps
    /// come in order; what does not end is not taken.
    #[must_use]
    pub fn of_steps(steps: impl IntoIterator<Item = (i64, bool)>) -> Self {
        let mut busy = Busy::default();
        let mut since = None;
        for (at, is_taken) in steps {
            match since {
                None if is_taken => since = Some(at),
                Some(from) if !is_taken => {
                    busy.push(from, at);
                    since = None;
                }
                _ => {}
            }
        }
        busy
    }

    /// Takes an interval that does not start before those that are taken.
    pub fn push(&mut self, from: i64, until: i64) {
        match self.list.last_mut() {
            _ if until <= from => {}
            Some(last) if last.1 >= from => last.1 = last.1.max(until),
            _ => self.list.push((from, until)),
        }
    }

    /// From when until when, in seconds since 1970.
    #[must_use]
    pub fn intervals(&self) -> &[(i64, i64)] {
        &self.list
    }

    /// Whether nothing is taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether an instant is taken, in seconds since 1970.
    #[must_use]
    pub fn takes(&self, at: i64) -> bool {
        self.meets(at, at.saturating_add(1)).is_some()
    }

    /// The first interval that something meets from `from` to `until`.
    #[must_use]
    pub fn meets(&self, from: i64, until: i64) -> Option<(i64, i64)> {
        let next = self.list.partition_point(|(_, end)| *end <= from);
        let met = self.list.get(next).copied();
        met.filter(|(start, _)| *start < until && from < until)
    }
}
