//! Whether and when occurrences of two schedules collide.
//!
//! Times of the week that have nothing in common tell at once that they do not. Otherwise the
//! stretches of time that both sides cover are swept once in the order of their starts.

use std::iter::Peekable;

use super::{Instant, Occurrence, Occurrences};

/// A time at which both schedules have an occurrence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Collision {
    /// The first instant of both.
    pub start: Instant,
    /// The first instant that is not of both; unknown where an end is.
    pub end: Option<Instant>,
    /// The occurrence of the first schedule: of several open ones, the one that ends last.
    pub first: Occurrence,
    /// The same of the second schedule.
    pub second: Occurrence,
}

/// Whether two schedules collide in a search.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Overlap {
    /// They do not, whatever is unknown.
    Never,
    /// That depends on an end which is unknown.
    Unknown,
    /// They do, first here.
    Collides(Collision),
}

/// The first collision of two schedules. It is found where a start lies in a known window of the
/// other one, or both start at once.
#[must_use]
pub fn first_overlap(first: &Occurrences, second: &Occurrences) -> Overlap {
    if first.keep_apart(second) {
        return Overlap::Never;
    }
    let mut answer = Overlap::Never;
    for meeting in sweep(first.stretches(), second.stretches()) {
        match meeting {
            Meeting::Proven(collision) => {
                let at = collision.start;
                let lasting = (first.lasting_longest_at(at), second.lasting_longest_at(at));
                let (Some(first), Some(second)) = lasting else {
                    return Overlap::Collides(collision);
                };
                return Overlap::Collides(Collision::of(&first, &second));
            }
            Meeting::Possible => answer = Overlap::Unknown,
        }
    }
    answer
}

/// All the time at which both are open for certain, in pieces by their starts. Occurrences of one
/// schedule that overlap or touch each other count as one.
pub fn overlaps(first: &Occurrences, second: &Occurrences) -> impl Iterator<Item = Collision> {
    let comparable = !first.keep_apart(second);
    let sweep = comparable.then(|| sweep(first.stretches(), second.stretches()));
    sweep
        .into_iter()
        .flatten()
        .filter_map(|meeting| match meeting {
            Meeting::Proven(collision) => Some(collision),
            Meeting::Possible => None,
        })
}

/// The first collision of an occurrence with the next one of its own schedule.
#[must_use]
pub fn self_overlap(occurrences: &Occurrences) -> Overlap {
    let mut lasting = occurrences.iter().filter(|one| !one.is_empty());
    let Some(mut before) = lasting.next() else {
        return Overlap::Never;
    };
    for next in lasting {
        match before.end {
            None => return Overlap::Unknown,
            Some(end) if end > next.start => {
                return Overlap::Collides(Collision::of(&before, &next));
            }
            Some(_) => before = next,
        }
    }
    Overlap::Never
}

/// All collisions of occurrences with the next ones of their own schedule, by their starts.
pub fn self_overlaps(occurrences: &Occurrences) -> impl Iterator<Item = Collision> {
    let lasting = || occurrences.iter().filter(|one| !one.is_empty());
    let pairs = lasting().zip(lasting().skip(1));
    pairs
        .filter(|(before, next)| before.end > Some(next.start))
        .map(|(before, next)| Collision::of(&before, &next))
}

impl From<Collision> for Occurrence {
    fn from(Collision { start, end, .. }: Collision) -> Self {
        Occurrence { start, end }
    }
}

impl Collision {
    fn of(first: &Occurrence, second: &Occurrence) -> Self {
        Collision {
            start: first.start.max(second.start),
            end: first
                .end
                .zip(second.end)
                .map(|(first, second)| first.min(second)),
            first: *first,
            second: *second,
        }
    }
}

/// The time at which all of these are open for certain, in pieces, and in which the first of them
/// starts: from its first start in each piece on.
#[must_use]
pub fn together(first: &Occurrences, others: &[&Occurrences]) -> Vec<Occurrence> {
    let mut pieces: Vec<Occurrence> = first.stretches().filter(|one| !one.is_empty()).collect();
    for other in others.iter().filter(|other| first.comparable(other)) {
        let meetings = sweep(pieces.into_iter(), other.stretches());
        pieces = meetings
            .filter_map(|meeting| match meeting {
                Meeting::Proven(collision) => Some(Occurrence::from(collision)),
                Meeting::Possible => None,
            })
            .collect();
    }
    let from_start = |piece: Occurrence| {
        let start = first.next_start(piece.start)?;
        let starts_within = start == piece.start || Some(start) < piece.end;
        starts_within.then_some(Occurrence { start, ..piece })
    };
    pieces.into_iter().filter_map(from_start).collect()
}

/// What a start of one side meets on the other side.
enum Meeting {
    Proven(Collision),
    Possible,
}

/// One schedule, up to the instant that a sweep has come to.
struct Side<I: Iterator<Item = Occurrence>> {
    ahead: Peekable<I>,
    /// Of those that have started and whose end is known, the one that ends last.
    longest: Option<Occurrence>,
    /// The latest of those that have started and whose end is unknown.
    endless: Option<Occurrence>,
}

enum State {
    Open(Occurrence),
    Unknown,
    Closed,
}

impl<I: Iterator<Item = Occurrence>> Side<I> {
    fn new(occurrences: I) -> Self {
        Side {
            ahead: occurrences.peekable(),
            longest: None,
            endless: None,
        }
    }

    /// Takes in what starts at an instant and says whether the side is open then.
    fn advance(&mut self, now: Instant) -> State {
        while let Some(started) = self.ahead.next_if(|next| next.start <= now) {
            match started.end {
                None => self.endless = Some(started),
                Some(end) if self.longest.is_none_or(|longest| longest.end < Some(end)) => {
                    self.longest = Some(started);
                }
                Some(_) => {}
            }
        }
        if let Some(longest) = self.longest.filter(|longest| longest.end > Some(now)) {
            return State::Open(longest);
        }
        match self.endless {
            Some(endless) if endless.start == now => State::Open(endless),
            Some(_) => State::Unknown,
            None => State::Closed,
        }
    }
}

fn sweep(
    first: impl Iterator<Item = Occurrence>,
    second: impl Iterator<Item = Occurrence>,
) -> impl Iterator<Item = Meeting> {
    let (mut first, mut second) = (Side::new(first), Side::new(second));
    std::iter::from_fn(move || {
        loop {
            let starts = [first.ahead.peek(), second.ahead.peek()];
            let now = starts.into_iter().flatten().map(|next| next.start).min()?;
            match (first.advance(now), second.advance(now)) {
                (State::Closed, _) | (_, State::Closed) => {}
                (State::Open(first), State::Open(second)) => {
                    let collision = Collision::of(&first, &second);
                    if collision.start == now {
                        return Some(Meeting::Proven(collision));
                    }
                }
                _ => return Some(Meeting::Possible),
            }
        }
    })
}

#[cfg(test)]
#[path = "overlap_tests.rs"]
mod tests;
