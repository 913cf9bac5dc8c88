//! Who else is at it when somebody starts: plans, windows or policies that share a host, a cluster
//! or a repository.
//!
//! One sweep over everything that begins and ends, in the order of time. Those whose schedule
//! nobody knows start at no instant and may be open at each. What starts while it is still open, or
//! just when it ends, is looked at again only where something else has begun or ended in between:
//! an every-minute cron that lasts a day is one long stretch, not half a million starts.
//!
//! Schedules whose quarter hours of the week tell that they never meet are swept apart; of one that
//! meets no other its first start is all there is to see.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::iter::Peekable;

use super::calendar::{Calendar, Timing};
use crate::schedule::{Instant, Occurrence, Occurrences, companies};

/// How many of the others that are at it at the same time are told.
pub(super) const TOLD: usize = 50;

/// Something that is open at times and takes some of what is shared.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Member {
    /// When; nobody knows where there is none.
    pub(super) timing: Option<Timing>,
    pub(super) takes: Takes,
}

/// How much is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Takes {
    /// For certain.
    pub(super) least: i64,
    /// At most, whatever is unknown.
    pub(super) most: i64,
    /// By how many that take something for certain.
    pub(super) takers: i64,
}

impl Takes {
    pub(super) fn add(&mut self, other: Takes) {
        self.least = self.least.saturating_add(other.least);
        self.most = self.most.saturating_add(other.most);
        self.takers = self.takers.saturating_add(other.takers);
    }

    fn remove(&mut self, other: Takes) {
        self.least = self.least.saturating_sub(other.least);
        self.most = self.most.saturating_sub(other.most);
        self.takers = self.takers.saturating_sub(other.takers);
    }
}

/// An instant at which something starts, and what is open then.
pub(super) struct Opening<'a> {
    pub(super) at: Instant,
    /// What starts then; with all others by its position among the members.
    pub(super) starting: &'a [usize],
    /// What is open for certain, what starts included.
    pub(super) open: &'a BTreeSet<usize>,
    /// What else may be open.
    pub(super) possible: &'a BTreeSet<usize>,
    /// All of which it may be another of these, or neither, than at the opening shown before.
    pub(super) changed: &'a [usize],
    /// What all of that takes: at least by what is open, at most with what may be.
    pub(super) takes: Takes,
}

impl Calendar {
    /// Visits the instants at which one of these starts and finds other company than at its start
    /// before. One-offs beyond the search meet only each other.
    pub(super) fn openings(&self, members: &[Member], mut visit: impl FnMut(&Opening<'_>)) {
        let mut groups: BTreeMap<Timing, Vec<usize>> = BTreeMap::new();
        let mut unscheduled = BTreeSet::new();
        for (index, member) in members.iter().enumerate() {
            match member.timing {
                Some(timing) => groups.entry(timing).or_default().push(index),
                None => {
                    unscheduled.insert(index);
                }
            }
        }
        let mut changed: Vec<usize> = unscheduled.iter().copied().collect();
        for beyond in [false, true] {
            let groups = groups
                .iter()
                .map(|(timing, group)| (self.occurrences(*timing), group.as_slice()))
                .filter(|(occurrences, _)| occurrences.beyond_search() == beyond);
            let mut possible = unscheduled.clone();
            for company in companies(groups.collect(), |(occurrences, _)| occurrences.week()) {
                match company.as_slice() {
                    [(occurrences, alone)] if !occurrences.week().is_everything() => {
                        start_alone(
                            members,
                            occurrences,
                            alone,
                            &possible,
                            &mut changed,
                            &mut visit,
                        );
                    }
                    _ => {
                        let company = company.into_iter();
                        let mut sweep = Sweep::new(members, company, possible, changed);
                        sweep.run(&mut visit);
                        possible = sweep.possible;
                        changed = sweep.changed;
                        changed.extend(sweep.open);
                    }
                }
            }
            changed.extend(possible);
        }
    }
}

/// Shows the first start of members with one schedule that meet no others: so it is at each.
fn start_alone(
    members: &[Member],
    occurrences: &Occurrences,
    alone: &[usize],
    possible: &BTreeSet<usize>,
    changed: &mut Vec<usize>,
    visit: &mut impl FnMut(&Opening<'_>),
) {
    let Some(first) = lasting(occurrences).next() else {
        return;
    };
    let mut takes = taken_perhaps(members, possible);
    for member in alone {
        takes.add(members[*member].takes);
    }
    changed.extend(alone);
    visit(&Opening {
        at: first.start,
        starting: alone,
        open: &alone.iter().copied().collect(),
        possible,
        changed,
        takes,
    });
    changed.clear();
    changed.extend(alone);
}

/// What all that may be open takes at most.
fn taken_perhaps(members: &[Member], possible: &BTreeSet<usize>) -> Takes {
    let most = possible.iter().map(|index| members[*index].takes.most);
    Takes {
        most: most.fold(0, i64::saturating_add),
        ..Takes::default()
    }
}

/// Members with one schedule.
struct Group<'a, I: Iterator<Item = Occurrence>> {
    members: &'a [usize],
    occurrences: &'a Occurrences,
    ahead: Peekable<I>,
    is_open: bool,
    /// Whether one has started whose end is not known.
    endless: bool,
}

/// All groups at the instant that the sweep has come to.
struct Sweep<'a, I: Iterator<Item = Occurrence>> {
    members: &'a [Member],
    groups: Vec<Group<'a, I>>,
    starts: BinaryHeap<Reverse<(Instant, usize)>>,
    ends: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Open groups that start again before they end.
    restarting: BTreeSet<usize>,
    open: BTreeSet<usize>,
    possible: BTreeSet<usize>,
    /// Since something was shown.
    changed: Vec<usize>,
    takes: Takes,
}

fn lasting(occurrences: &Occurrences) -> impl Iterator<Item = Occurrence> {
    occurrences.stretches().filter(|one| !one.is_empty())
}

impl<'a> Sweep<'a, std::iter::Empty<Occurrence>> {
    fn new(
        members: &'a [Member],
        groups: impl Iterator<Item = (&'a Occurrences, &'a [usize])>,
        possible: BTreeSet<usize>,
        changed: Vec<usize>,
    ) -> Sweep<'a, impl Iterator<Item = Occurrence>> {
        let mut groups: Vec<_> = groups
            .map(|(occurrences, members)| Group {
                members,
                occurrences,
                ahead: lasting(occurrences).peekable(),
                is_open: false,
                endless: false,
            })
            .collect();
        let starts = groups
            .iter_mut()
            .enumerate()
            .filter_map(|(index, group)| Some(Reverse((group.ahead.peek()?.start, index))))
            .collect();
        let takes = taken_perhaps(members, &possible);
        Sweep {
            members,
            groups,
            starts,
            ends: BinaryHeap::new(),
            restarting: BTreeSet::new(),
            open: BTreeSet::new(),
            possible,
            changed,
            takes,
        }
    }
}

impl<'a, I: Iterator<Item = Occurrence>> Sweep<'a, I> {
    /// Goes through all events.
    fn run(&mut self, visit: &mut impl FnMut(&Opening<'_>)) {
        while let Some(at) = self.next_event() {
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
            for group in &self.restarting {
                let group = &self.groups[*group];
                if group.occurrences.next_start(at) == Some(at) {
                    starting.extend_from_slice(group.members);
                }
            }
            self.show(at, starting, visit);
            for group in instantaneous {
                self.groups[group].endless = true;
                self.close(group);
            }
            let until = self.next_event();
            let restarts: Vec<(Instant, &[usize])> = self
                .restarting
                .iter()
                .filter_map(|group| {
                    let group = &self.groups[*group];
                    let next = group.occurrences.next_start(at.plus(1));
                    let next = next.filter(|next| until.is_none_or(|until| *next < until))?;
                    Some((next, group.members))
                })
                .collect();
            for (next, members) in restarts {
                self.show(next, members.to_vec(), visit);
            }
        }
    }

    /// The next instant at which something begins, or ends where that is looked at.
    fn next_event(&self) -> Option<Instant> {
        let next =
            |heap: &BinaryHeap<Reverse<(Instant, usize)>>| heap.peek().map(|Reverse((at, _))| *at);
        let start = next(&self.starts);
        match self.restarting.is_empty() {
            true => start,
            false => start.into_iter().chain(next(&self.ends)).min(),
        }
    }

    fn show(
        &mut self,
        at: Instant,
        mut starting: Vec<usize>,
        visit: &mut impl FnMut(&Opening<'_>),
    ) {
        if starting.is_empty() {
            return;
        }
        starting.sort_unstable();
        starting.dedup();
        visit(&Opening {
            at,
            starting: &starting,
            open: &self.open,
            possible: &self.possible,
            changed: &self.changed,
            takes: self.takes,
        });
        self.changed.clear();
    }

    /// Opens the next stretch of a group; true where its end is not known.
    fn start(&mut self, index: usize) -> bool {
        let group = &mut self.groups[index];
        let Some(stretch) = group.ahead.next() else {
            return false;
        };
        if !group.is_open {
            group.is_open = true;
            self.changed.extend_from_slice(group.members);
            for member in group.members {
                let takes = self.members[*member].takes;
                if self.possible.remove(member) {
                    self.takes.most = self.takes.most.saturating_sub(takes.most);
                }
                self.open.insert(*member);
                self.takes.add(takes);
            }
        }
        if let Some(next) = group.ahead.peek() {
            self.starts.push(Reverse((next.start, index)));
        }
        if let Some(end) = stretch.end {
            self.ends.push(Reverse((end, index)));
            if group.occurrences.start_within_stretches() {
                self.restarting.insert(index);
            }
        }
        stretch.end.is_none()
    }

    fn close(&mut self, index: usize) {
        let group = &mut self.groups[index];
        self.restarting.remove(&index);
        if !std::mem::take(&mut group.is_open) {
            return;
        }
        self.changed.extend_from_slice(group.members);
        for member in group.members {
            let takes = self.members[*member].takes;
            self.open.remove(member);
            self.takes.remove(takes);
            if group.endless {
                self.possible.insert(*member);
                self.takes.most = self.takes.most.saturating_add(takes.most);
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
