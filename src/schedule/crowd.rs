//! How much is taken at once when windows open.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::{Instant, Occurrence, Occurrences};

/// A schedule that takes slots while it is open.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// When.
    pub occurrences: &'a Occurrences,
    /// How many slots it takes at least.
    pub certain: i64,
    /// How many it may take.
    pub possible: i64,
}

/// What happens at the starts of one schedule among others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Crowd {
    /// The first of its starts at which more is taken than there is, for certain.
    pub over: Option<Excess>,
    /// Whether at some start more may be taken than there is.
    pub may_exceed: bool,
}

/// A start at which more is taken than there is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excess {
    /// When.
    pub at: Instant,
    /// How much is taken then for certain.
    pub taken: i64,
    /// The schedules that are open then and take something, ascending; of many the first ones.
    pub open: Vec<usize>,
}

/// How many of the schedules that are open at once are told.
const TOLD: usize = 50;

/// For each demand what happens at its starts when there are `limit` slots, of which others may
/// take `always` at any time. Each schedule counts once, however many of its own occurrences are
/// open. Demands have to be [comparable](Occurrences::comparable).
#[must_use]
pub fn crowds(demands: &[Demand<'_>], limit: i64, always: i64) -> Vec<Crowd> {
    let mut starts: Vec<(Instant, usize, &Occurrence)> = Vec::new();
    for (index, demand) in demands.iter().enumerate() {
        let all = demand.occurrences.as_slice().iter();
        let lasting = all.filter(|one| !one.is_empty());
        starts.extend(lasting.map(|one| (one.start, index, one)));
    }
    starts.sort_by_key(|(at, index, _)| (*at, *index));
    let mut sweep = Sweep {
        demands,
        open: vec![0; demands.len()],
        endless: vec![false; demands.len()],
        taking: BTreeSet::new(),
        ends: BinaryHeap::new(),
        certain: 0,
        possible: always,
    };
    let mut crowds = vec![Crowd::default(); demands.len()];
    for now in starts.chunk_by(|a, b| a.0 == b.0) {
        let Some((at, ..)) = now.first() else {
            continue;
        };
        sweep.close_until(*at);
        for (_, index, occurrence) in now {
            sweep.start(*index, occurrence);
        }
        for (_, index, _) in now {
            let crowd = &mut crowds[*index];
            crowd.may_exceed |= sweep.possible > limit;
            if sweep.certain > limit && crowd.over.is_none() {
                crowd.over = Some(Excess {
                    at: *at,
                    taken: sweep.certain,
                    open: sweep.taking.iter().copied().take(TOLD).collect(),
                });
            }
        }
        for (_, index, occurrence) in now {
            if occurrence.end.is_none() {
                sweep.end(*index);
            }
        }
    }
    crowds
}

/// What is open at the instant that a sweep has come to.
struct Sweep<'a> {
    demands: &'a [Demand<'a>],
    /// How many occurrences of each schedule are open.
    open: Vec<u32>,
    /// Which schedules have started without a known end, so that they may be open ever after.
    endless: Vec<bool>,
    /// The open schedules that take something for certain.
    taking: BTreeSet<usize>,
    ends: BinaryHeap<Reverse<(Instant, usize)>>,
    certain: i64,
    possible: i64,
}

impl Sweep<'_> {
    fn start(&mut self, index: usize, occurrence: &Occurrence) {
        let demand = self.demands[index];
        if self.open[index] == 0 {
            self.certain += demand.certain;
            if demand.certain > 0 {
                self.taking.insert(index);
            }
            if !self.endless[index] {
                self.possible += demand.possible;
            }
        }
        self.open[index] += 1;
        match occurrence.end {
            Some(end) => self.ends.push(Reverse((end, index))),
            None => self.endless[index] = true,
        }
    }

    fn end(&mut self, index: usize) {
        let demand = self.demands[index];
        self.open[index] -= 1;
        if self.open[index] == 0 {
            self.certain -= demand.certain;
            self.taking.remove(&index);
            if !self.endless[index] {
                self.possible -= demand.possible;
            }
        }
    }

    fn close_until(&mut self, now: Instant) {
        while let Some(Reverse((end, index))) = self.ends.peek().copied() {
            if end > now {
                break;
            }
            self.ends.pop();
            self.end(index);
        }
    }
}

#[cfg(test)]
#[path = "crowd_tests.rs"]
mod tests;
