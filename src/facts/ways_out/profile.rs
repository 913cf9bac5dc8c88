//! How much of something there is over time.

use std::collections::BTreeMap;

use super::crowds::Seat;
use super::parties::Party;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::schedule::Busy;

/// How many steps of a [`Profile`] are kept in one list at most: few enough to put one between them.
const TOGETHER: usize = 256;

/// How much there is over time.
#[derive(Default)]
pub(super) struct Profile {
    /// In order.
    lists: Vec<Steps>,
    changes: usize,
}

/// Some steps that follow each other.
struct Steps {
    /// When the first one begins.
    from: i64,
    /// From when on there is how much beside `more`, until the next; never none.
    steps: Vec<(i64, i64)>,
    /// How much there is in all of them beside what each says.
    more: i64,
    /// The most that one of them says.
    most: i64,
}

impl Steps {
    /// The steps of a list that is not empty.
    fn of(steps: Vec<(i64, i64)>, more: i64) -> Option<Self> {
        let (from, _) = *steps.first()?;
        let mut steps = Steps {
            from,
            steps,
            more,
            most: 0,
        };
        steps.measure();
        Some(steps)
    }

    fn measure(&mut self) {
        let loads = self.steps.iter().map(|(_, load)| *load);
        self.most = loads.max().unwrap_or_default();
    }

    /// Whether there is more than this in none of them.
    fn is_within(&self, limit: i64) -> bool {
        self.most + self.more <= limit
    }

    /// From when on there is how much.
    fn iter(&self) -> impl Iterator<Item = (i64, i64)> {
        self.steps.iter().map(|(at, load)| (*at, load + self.more))
    }

    /// Adds to what there is from one instant to another, at both of which a step begins, if not
    /// before or after all of these. It never takes anything away.
    fn add(&mut self, from: i64, until: i64, weight: i64) {
        let is_last = |last: &(i64, i64)| last.0 < until;
        if from <= self.from && self.steps.last().is_some_and(is_last) {
            self.more += weight;
            return;
        }
        let first = self.steps.partition_point(|(at, _)| *at < from);
        let steps = self.steps[first..].iter_mut();
        for (_, load) in steps.take_while(|(at, _)| *at < until) {
            *load += weight;
            self.most = self.most.max(*load);
        }
    }
}

impl Profile {
    /// How much all of these are together.
    fn of(parts: impl Iterator<Item = (Busy, i64)>) -> Self {
        let mut changes: Vec<(i64, i64)> = Vec::new();
        for (busy, weight) in parts {
            let intervals = busy.intervals().iter();
            changes
                .extend(intervals.flat_map(|(from, until)| [(*from, weight), (*until, -weight)]));
        }
        // Each part is in order, of which this sort makes use.
        changes.sort_by_key(|(at, _)| *at);
        let mut load = 0;
        let steps = changes.chunk_by(|a, b| a.0 == b.0).filter_map(|at_once| {
            load += at_once.iter().map(|(_, by)| by).sum::<i64>();
            Some((at_once.first()?.0, load))
        });
        let steps: Vec<_> = steps.collect();
        let lists = steps.chunks(TOGETHER / 2);
        Profile {
            lists: lists.filter_map(|it| Steps::of(it.to_vec(), 0)).collect(),
            changes: steps.len(),
        }
    }

    /// What members take of a crowd at present.
    pub(super) fn of_members<'m>(
        facts: &Facts,
        members: impl Iterator<Item = &'m (Party, Seat)>,
    ) -> Self {
        let mut weights: BTreeMap<Timing, i64> = BTreeMap::new();
        for (party, seat) in members {
            if let Some(timing) = facts.timing_of(*party) {
                *weights.entry(timing).or_default() += seat.weight;
            }
        }
        let weights = weights.into_iter();
        Profile::of(weights.map(|(timing, weight)| (facts.busy(timing), weight)))
    }

    /// The list of the step that an instant lies in; the first one before all steps.
    fn list(&self, at: i64) -> usize {
        let after = self.lists.partition_point(|list| list.from <= at);
        after.saturating_sub(1)
    }

    /// How often it changes how much there is.
    pub(super) fn changes(&self) -> usize {
        self.changes
    }

    pub(super) fn add(&mut self, busy: &Busy, weight: i64) {
        for (from, until) in busy.intervals() {
            self.cut(*from);
            self.cut(*until);
            let list = self.list(*from);
            let lists = self.lists[list..].iter_mut();
            for list in lists.take_while(|list| list.from < *until) {
                list.add(*from, *until, weight);
            }
        }
    }

    /// Makes a step begin at an instant.
    fn cut(&mut self, at: i64) {
        let number = self.list(at);
        let Some(list) = self.lists.get_mut(number) else {
            self.lists.extend(Steps::of(vec![(at, 0)], 0));
            self.changes += 1;
            return;
        };
        let index = list.steps.partition_point(|(from, _)| *from < at);
        if list.steps.get(index).is_some_and(|(from, _)| *from == at) {
            return;
        }
        let before = index.checked_sub(1).and_then(|it| list.steps.get(it));
        let load = before.map_or(-list.more, |(_, load)| *load);
        list.steps.insert(index, (at, load));
        list.from = list.from.min(at);
        list.most = list.most.max(load);
        self.changes += 1;
        if list.steps.len() > TOGETHER {
            let rest = Steps::of(list.steps.split_off(TOGETHER / 2), list.more);
            list.measure();
            self.lists.splice(number + 1..number + 1, rest);
        }
    }

    /// Whether there is at no time of some intervals more than this.
    pub(super) fn is_within(&self, busy: &Busy, limit: i64) -> bool {
        self.is_within_without(busy, limit, &Busy::default(), 0)
    }

    /// The same where so much is not there that is now at some times, which are among its steps.
    pub(super) fn is_within_without(
        &self,
        busy: &Busy,
        limit: i64,
        own: &Busy,
        weight: i64,
    ) -> bool {
        busy.intervals().iter().all(|(from, until)| {
            let lists = self.lists[self.list(*from).min(self.lists.len())..].iter();
            let mut lists = lists.take_while(|list| list.from < *until);
            lists.all(|list| {
                list.is_within(limit) || {
                    // The first of them is the one that the interval begins in.
                    let first = list.steps.partition_point(|(at, _)| at <= from);
                    let steps = list.iter().skip(first.saturating_sub(1));
                    let mut steps = steps.take_while(|(at, _)| at < until);
                    steps.all(|(at, load)| {
                        let is_own = || own.takes(at.max(*from));
                        load <= limit || load - weight <= limit && is_own()
                    })
                }
            })
        })
    }

    /// When there is more than this.
    #[cfg(test)]
    fn above(&self, limit: i64) -> Busy {
        self.above_without(limit, &[])
    }

    /// The same where so much is not there that is now at some times, which are among its steps.
    pub(super) fn above_without(&self, limit: i64, own: &[(Busy, i64)]) -> Busy {
        let ahead = own.iter().map(|(busy, weight)| (busy.intervals(), *weight));
        let mut ahead: Vec<(&[(i64, i64)], i64)> = ahead.collect();
        // Instants come in order, so that what is over by one is over by all that follow.
        let mut missing = |at: i64| {
            let weights = ahead.iter_mut().map(|(intervals, weight)| {
                while let [(_, until), rest @ ..] = *intervals
                    && *until <= at
                {
                    *intervals = rest;
                }
                match intervals.first() {
                    Some((from, _)) if *from <= at => *weight,
                    _ => 0,
                }
            });
            weights.sum::<i64>()
        };
        let steps = self.lists.iter().flat_map(|list| {
            // Nothing is above in these, so that the first tells of all.
            let seen = match list.is_within(limit) {
                true => 1,
                false => list.steps.len(),
            };
            list.iter().take(seen)
        });
        Busy::of_steps(steps.map(|(at, load)| (at, load > limit && load - missing(at) > limit)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, Profile};

    #[test]
    fn what_is_added_is_there_as_if_it_always_had_been() {
        let busy = |number: i64| {
            let mut busy = Busy::default();
            // Some last as long as many lists of steps.
            if number % 10 == 9 {
                busy.push(number, 39_000 + number);
                return busy;
            }
            for day in 0..40 {
                let from = day * 1_000 + number * 37 % 900;
                busy.push(from, from + 20 + number % 90);
            }
            busy
        };
        let mut grown = Profile::default();
        for count in 0..120 {
            let all = (0..count).map(|number| (busy(number), 1 + number % 3));
            let whole = Profile::of(all);
            let limits = || [0, 1, 5, 20, 60];
            for limit in limits() {
                assert_eq!(grown.above(limit), whole.above(limit), "{count} {limit}");
                let next = busy(count);
                let met = grown.above(limit);
                let mut met = next
                    .intervals()
                    .iter()
                    .map(|(from, until)| met.meets(*from, *until));
                let is_within = met.all(|met| met.is_none());
                assert_eq!(grown.is_within(&next, limit), is_within, "{count} {limit}");
            }
            grown.add(&busy(count), 1 + count % 3);
            // All of them are there without what comes last, and without what comes first and last.
            let weighed = |number: i64| (busy(number), 1 + number % 3);
            for limit in limits() {
                let found = grown.above_without(limit, &[weighed(count)]);
                assert_eq!(found, whole.above(limit), "{count} {limit}");
                if count > 0 {
                    let rest = Profile::of((1..count).map(weighed));
                    let found = grown.above_without(limit, &[weighed(0), weighed(count)]);
                    assert_eq!(found, rest.above(limit), "{count} {limit}");
                }
            }
        }
        assert!(grown.lists.len() > 3);
        assert!(grown.lists.iter().any(|list| list.more > 0));
    }
}
