//! The occurrences of a schedule in a search, kept small: their starts, and of the rest only what
//! few of them do not have in common.

use jiff::civil::DateTime;

use super::Instant;
use super::mask::WeekMask;
use super::offsets::Offsets;

/// One time that a schedule comes true: the half-open interval from `start` to `end`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Occurrence {
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it; unknown, but later than the start, where there is none.
    pub end: Option<Instant>,
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

/// The times of the wall clock of a schedule's zone that are written for one start: other than what
/// the clock shows where a gap moved the start. For an `at` with an offset it is what the clock
/// shows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Written {
    /// The first of those that a gap moved to this start.
    pub first: DateTime,
    /// The last of them; the same if it is but one.
    pub last: DateTime,
}

impl Written {
    pub(super) fn once(time: DateTime) -> Self {
        Written {
            first: time,
            last: time,
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
    base: Instant,
    /// Seconds from the base to each start. They fit, as a search is 400 days long.
    starts: Vec<u32>,
    /// The length of all but the odd ones.
    length: Option<i64>,
    /// The ends of those of another length, by their positions.
    odd_ends: Vec<(u32, Option<Instant>)>,
    /// The written times of those that a gap moved, by their positions.
    moved: Vec<(u32, Written)>,
    clocks: Offsets,
    stretches: Option<Vec<Occurrence>>,
    mask: WeekMask,
    /// The longest known length in seconds.
    reach: i64,
    past: bool,
    beyond: bool,
    clock_change: Option<ClockChange>,
}

/// Puts occurrences together, by ascending starts.
pub(super) struct Builder(Occurrences);

impl Builder {
    /// Adds the next one.
    pub(super) fn push(&mut self, start: Instant, end: Option<Instant>, written: Written) {
        let list = &mut self.0;
        if list.starts.is_empty() {
            list.base = start;
        }
        let index = position(list.starts.len());
        let after = u32::try_from(start.since(list.base)).unwrap_or(u32::MAX);
        list.starts.push(after);
        if end != list.length.map(|length| start.plus(length)) {
            list.odd_ends.push((index, end));
        }
        if written != Written::once(list.clocks.wall_clock(start)) {
            list.moved.push((index, written));
        }
        let length = end.map_or(0, |end| end.since(start));
        list.reach = list.reach.max(length);
    }

    pub(super) fn finish(mut self) -> Occurrences {
        self.0.stretches = merged(&self.0);
        self.0.mask = WeekMask::of(self.0.stretches());
        self.0.starts.shrink_to_fit();
        self.0
    }
}

fn position(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// The time that they cover without interruption, where that takes fewer pieces than they are.
fn merged(all: &Occurrences) -> Option<Vec<Occurrence>> {
    let lasting = || all.iter().filter(|one| !one.is_empty());
    let mut until = None;
    let touching = lasting().any(|one| {
        let touches = until >= Some(one.start);
        until = until.max(one.end);
        touches
    });
    if !touching {
        return None;
    }
    let mut pieces: Vec<Occurrence> = Vec::new();
    for one in lasting() {
        let end = one.end?;
        match pieces.last_mut().filter(|last| last.end >= Some(one.start)) {
            Some(last) => last.end = last.end.max(Some(end)),
            None => pieces.push(one),
        }
    }
    Some(pieces)
}

impl Occurrences {
    pub(super) fn builder(length: Option<i64>, clocks: Offsets) -> Builder {
        Builder(Occurrences {
            length,
            clocks,
            ..Occurrences::default()
        })
    }

    pub(super) fn with_clock_change(self, clock_change: Option<ClockChange>) -> Self {
        Occurrences {
            clock_change,
            ..self
        }
    }

    pub(super) fn one_off(self, past: bool, beyond: bool) -> Self {
        Occurrences {
            past,
            beyond,
            ..self
        }
    }

    /// Occurrences as a test states them.
    #[cfg(test)]
    pub(super) fn from_list(list: Vec<Occurrence>) -> Self {
        let mut builder = Occurrences::builder(None, Offsets::default());
        for one in list {
            let written = Written::once(builder.0.clocks.wall_clock(one.start));
            builder.push(one.start, one.end, written);
        }
        builder.finish()
    }

    /// How many there are, those included that a clock change left empty.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether nothing starts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The occurrence at a position.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Occurrence> {
        let start = self.base.plus(i64::from(*self.starts.get(index)?));
        let odd = self
            .odd_ends
            .binary_search_by_key(&position(index), |(odd, _)| *odd);
        let end = match odd {
            Ok(odd) => self.odd_ends[odd].1,
            Err(_) => self.length.map(|length| start.plus(length)),
        };
        Some(Occurrence { start, end })
    }

    /// The occurrences by their starts. Those that a clock change left empty are among them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Occurrence> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The times that are written for the start of the occurrence at a position.
    #[must_use]
    pub fn written(&self, index: usize) -> Option<Written> {
        let start = self.get(index)?.start;
        let moved = self
            .moved
            .binary_search_by_key(&position(index), |(moved, _)| *moved);
        Some(match moved {
            Ok(moved) => self.moved[moved].1,
            Err(_) => Written::once(self.clocks.wall_clock(start)),
        })
    }

    /// The time they cover: the occurrences, those in one that overlap or touch. Where ends are
    /// unknown it is the occurrences as they are.
    pub fn stretches(&self) -> impl Iterator<Item = Occurrence> {
        let stretches = self.stretches.iter().flatten().copied();
        let single = match self.stretches {
            Some(_) => 0,
            None => self.len(),
        };
        stretches.chain((0..single).filter_map(|index| self.get(index)))
    }

    /// Where all last equally long and none touches another: the base, the seconds from it to each
    /// start, and the length.
    pub(super) fn even(&self) -> Option<(Instant, &[u32], i64)> {
        let length = self.length.filter(|length| *length > 0)?;
        let is_even = self.stretches.is_none() && self.odd_ends.is_empty();
        is_even.then_some((self.base, &self.starts, length))
    }

    /// Whether occurrences overlap or touch each other, so that some start in the middle of a
    /// stretch.
    #[must_use]
    pub fn start_within_stretches(&self) -> bool {
        self.stretches.is_some()
    }

    /// The first start at or after an instant.
    #[must_use]
    pub fn next_start(&self, instant: Instant) -> Option<Instant> {
        Some(self.get(self.started_before(instant))?.start)
    }

    /// How many start before an instant.
    fn started_before(&self, instant: Instant) -> usize {
        let after = instant.since(self.base);
        self.starts
            .partition_point(|start| i64::from(*start) < after)
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Option<Occurrence> {
        self.get(0)
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

    /// Whether their times of the week alone tell that two schedules never meet.
    #[must_use]
    pub fn keep_apart(&self, other: &Occurrences) -> bool {
        !self.comparable(other) || !self.mask.meets(&other.mask)
    }

    /// The quarter hours of the week that they touch.
    #[must_use]
    pub fn week(&self) -> &WeekMask {
        &self.mask
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
        let mut answer = Some(false);
        for occurrence in self.possibly_open_at(instant) {
            match occurrence.open_at(instant) {
                Some(true) => return Some(true),
                Some(false) => {}
                None => answer = None,
            }
        }
        answer
    }

    /// Of those that are going on at an instant the one that ends last, the first to start of
    /// several; one that starts then where no end is known.
    pub(super) fn lasting_longest_at(&self, instant: Instant) -> Option<Occurrence> {
        let open = |one: &Occurrence| one.open_at(instant) == Some(true);
        let all = self.possibly_open_at(instant).filter(open);
        all.max_by_key(|one| (one.end, std::cmp::Reverse(one.start)))
    }

    /// Those that have started at an instant, back to the last that can still be going on.
    fn possibly_open_at(&self, instant: Instant) -> impl Iterator<Item = Occurrence> {
        let started = self.started_before(instant.plus(1));
        let all = (0..started).rev().filter_map(|index| self.get(index));
        let mut over = false;
        all.take_while(move |one| {
            let before = over;
            over = instant.since(one.start) >= self.reach;
            !before
        })
    }
}
