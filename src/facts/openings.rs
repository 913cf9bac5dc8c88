//! Who else is at it when somebody starts: plans or windows that share a host or a cluster.
//!
//! One sweep over all starts in the order of time. Those whose schedule nobody knows start at no
//! instant and may be open at each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::iter::Peekable;

use super::calendar::{Calendar, Timing};
use crate::schedule::{Instant, Occurrence, Occurrences};

/// An instant at which something starts, and what is open then.
pub(super) struct Opening<'a> {
    pub(super) at: Instant,
    /// What starts then; with all others by its position among what was asked about.
    pub(super) starting: &'a [usize],
    /// What is open for certain, what starts included.
    pub(super) open: &'a BTreeSet<usize>,
    /// What else may be open.
    pub(super) possible: &'a BTreeSet<usize>,
}

/// The worst start of a plan or window.
#[derive(Clone, Debug)]
pub(super) struct Peak {
    /// How much there is then for certain.
    pub(super) load: i64,
    /// The others that are open then and have a part in it.
    pub(super) others: Vec<u32>,
    /// Whether that is too much.
    pub(super) exceeded: Option<bool>,
    /// When, where it takes more than this one.
    pub(super) at: Option<Instant>,
}

impl Peak {
    /// Of a plan or window that is alone.
    pub(super) fn alone(load: i64, exceeded: Option<bool>) -> Self {
        Peak {
            load,
            others: Vec::new(),
            exceeded,
            at: None,
        }
    }

    /// Whether another start is worse.
    pub(super) fn is_below(&self, load: i64, exceeded: Option<bool>) -> bool {
        match (self.exceeded, exceeded) {
            (Some(true), Some(true)) => load > self.load,
            (Some(true), _) => false,
            (_, Some(true)) | (Some(false), None) => true,
            _ => load > self.load,
        }
    }
}

impl Calendar {
    /// Visits every instant at which one of these starts. One-offs beyond the search meet only each
    /// other.
    pub(super) fn openings(&self, timings: &[Option<Timing>], mut visit: impl FnMut(&Opening<'_>)) {
        let mut groups: BTreeMap<Timing, Vec<usize>> = BTreeMap::new();
        let mut unscheduled = BTreeSet::new();
        for (index, timing) in timings.iter().enumerate() {
            match timing {
                Some(timing) => groups.entry(*timing).or_default().push(index),
                None => {
                    unscheduled.insert(index);
                }
            }
        }
        for beyond in [false, true] {
            let groups = groups
                .iter()
                .map(|(timing, members)| (self.occurrences(*timing), members.as_slice()))
                .filter(|(occurrences, _)| occurrences.beyond_search() == beyond);
            Sweep::new(groups, unscheduled.clone()).run(&mut visit);
        }
    }
}

/// Members with one schedule.
struct Group<'a, I: Iterator<Item = &'a Occurrence>> {
    members: &'a [usize],
    ahead: Peekable<I>,
    /// How many occurrences are open for certain.
    open: u32,
    /// Whether one has started whose end is not known.
    endless: bool,
}

/// All groups at the instant that the sweep has come to.
struct Sweep<'a, I: Iterator<Item = &'a Occurrence>> {
    groups: Vec<Group<'a, I>>,
    starts: BinaryHeap<Reverse<(Instant, usize)>>,
    ends: BinaryHeap<Reverse<(Instant, usize)>>,
    open: BTreeSet<usize>,
    possible: BTreeSet<usize>,
}

fn lasting(occurrences: &Occurrences) -> impl Iterator<Item = &Occurrence> {
    let all = occurrences.as_slice().iter();
    all.filter(|occurrence| !occurrence.is_empty())
}

impl<'a> Sweep<'a, std::iter::Empty<&'a Occurrence>> {
    fn new(
        groups: impl Iterator<Item = (&'a Occurrences, &'a [usize])>,
        possible: BTreeSet<usize>,
    ) -> Sweep<'a, impl Iterator<Item = &'a Occurrence>> {
        let mut groups: Vec<_> = groups
            .map(|(occurrences, members)| Group {
                members,
                ahead: lasting(occurrences).peekable(),
                open: 0,
                endless: false,
            })
            .collect();
        let starts = groups
            .iter_mut()
            .enumerate()
            .filter_map(|(index, group)| Some(Reverse((group.ahead.peek()?.start, index))))
            .collect();
        Sweep {
            groups,
            starts,
            ends: BinaryHeap::new(),
            open: BTreeSet::new(),
            possible,
        }
    }
}

impl<'a, I: Iterator<Item = &'a Occurrence>> Sweep<'a, I> {
    fn run(mut self, visit: &mut impl FnMut(&Opening<'_>)) {
        while let Some(Reverse((at, _))) = self.starts.peek().copied() {
            while let Some(group) = due(&mut self.ends, at) {
                self.close(group);
            }
            let mut starting = Vec::new();
            let mut instantaneous = Vec::new();
            while let Some(group) = due(&mut self.starts, at) {
                starting.extend_from_slice(self.groups[group].members);
                if self.start(group) {
                    instantaneous.push(group);
                }
            }
            starting.sort_unstable();
            visit(&Opening {
                at,
                starting: &starting,
                open: &self.open,
                possible: &self.possible,
            });
            for group in instantaneous {
                self.groups[group].endless = true;
                self.close(group);
            }
        }
    }

    /// Opens the next occurrence of a group; true where its end is not known.
    fn start(&mut self, index: usize) -> bool {
        let group = &mut self.groups[index];
        let Some(occurrence) = group.ahead.next() else {
            return false;
        };
        if group.open == 0 {
            for member in group.members {
                self.possible.remove(member);
                self.open.insert(*member);
            }
        }
        group.open += 1;
        if let Some(next) = group.ahead.peek() {
            self.starts.push(Reverse((next.start, index)));
        }
        if let Some(end) = occurrence.end {
            self.ends.push(Reverse((end, index)));
        }
        occurrence.end.is_none()
    }

    fn close(&mut self, index: usize) {
        let group = &mut self.groups[index];
        group.open -= 1;
        if group.open == 0 {
            for member in group.members {
                self.open.remove(member);
                if group.endless {
                    self.possible.insert(*member);
                }
            }
        }
    }
}

/// Takes the next group whose time has come.
fn due(heap: &mut BinaryHeap<Reverse<(Instant, usize)>>, now: Instant) -> Option<usize> {
    let Reverse((at, group)) = *heap.peek()?;
    if at > now {
        return None;
    }
    heap.pop();
    Some(group)
}

#[cfg(test)]
#[path = "openings_tests.rs"]
mod tests;
