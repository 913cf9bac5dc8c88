//! Whether and when occurrences of two schedules collide.
//!
//! Both sides are swept once in the order of their starts; of the occurrences of a side that are
//! open, only the one that ends last matters from then on.

use std::iter::Peekable;
use std::slice::Iter;

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
    let mut answer = Overlap::Never;
    for meeting in sweep(first, second) {
        match meeting {
            Meeting::Proven(collision) => return Overlap::Collides(collision),
            Meeting::Possible => answer = Overlap::Unknown,
        }
    }
    answer
}

/// All collisions that are certain, by their starts. Together they are all the time at which both
/// are open; where occurrences of one schedule overlap each other, those that add nothing to that
/// are left out.
pub fn overlaps(first: &Occurrences, second: &Occurrences) -> impl Iterator<Item = Collision> {
    sweep(first, second).filter_map(|meeting| match meeting {
        Meeting::Proven(collision) => Some(collision),
        Meeting::Possible => None,
    })
}

/// The first collision of an occurrence with the next one of its own schedule.
#[must_use]
pub fn self_overlap(occurrences: &Occurrences) -> Overlap {
    let mut lasting = occurrences.as_slice().iter().filter(|one| !one.is_empty());
    let Some(mut before) = lasting.next() else {
        return Overlap::Never;
    };
    for next in lasting {
        match before.end {
            None => return Overlap::Unknown,
            Some(end) if end > next.start => return Overlap::Collides(collision(before, next)),
            Some(_) => before = next,
        }
    }
    Overlap::Never
}

fn collision(first: &Occurrence, second: &Occurrence) -> Collision {
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

/// What a start of one side meets on the other side.
enum Meeting {
    Proven(Collision),
    Possible,
}

/// One schedule, up to the instant that a sweep has come to.
struct Side<'a> {
    ahead: Peekable<Iter<'a, Occurrence>>,
    /// Of those that have started and whose end is known, the one that ends last.
    longest: Option<&'a Occurrence>,
    /// The latest of those that have started and whose end is unknown.
    endless: Option<&'a Occurrence>,
}

enum State<'a> {
    Open(&'a Occurrence),
    Unknown,
    Closed,
}

impl<'a> Side<'a> {
    fn new(occurrences: &'a Occurrences) -> Self {
        Side {
            ahead: occurrences.as_slice().iter().peekable(),
            longest: None,
            endless: None,
        }
    }

    /// Takes in what starts at an instant and says whether the side is open then.
    fn advance(&mut self, now: Instant) -> State<'a> {
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

fn sweep(first: &Occurrences, second: &Occurrences) -> impl Iterator<Item = Meeting> {
    let mut sides = first
        .comparable(second)
        .then(|| (Side::new(first), Side::new(second)));
    std::iter::from_fn(move || {
        let (first, second) = sides.as_mut()?;
        loop {
            let starts = [first.ahead.peek(), second.ahead.peek()];
            let now = starts.into_iter().flatten().map(|next| next.start).min()?;
            match (first.advance(now), second.advance(now)) {
                (State::Closed, _) | (_, State::Closed) => {}
                (State::Open(first), State::Open(second)) => {
                    let collision = collision(first, second);
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
