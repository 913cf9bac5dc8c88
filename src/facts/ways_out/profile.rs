//! How much of something there is over time.

use std::collections::BTreeMap;

use super::crowds::Seat;
use super::parties::Party;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::schedule::Busy;

/// How many steps of a [`Profile`] are kept in one list at most: few enough to put one between them.
const TOGETHER: usize = 1024;

/// How much there is over time.
#[derive(Default)]
pub(super) struct Profile {
    /// From when on there is how much, until the next. No list is empty.
    steps: Vec<Vec<(i64, i64)>>,
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
        let lists = steps.chunks(TOGETHER / 2).map(<[_]>::to_vec);
        Profile {
            steps: lists.collect(),
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

    /// The place of the first step at or after an instant: its list, and its number there.
    fn place(&self, at: i64) -> (usize, usize) {
        let is_before = |(from, _): &(i64, i64)| *from < at;
        let list = self
            .steps
            .partition_point(|list| list.last().is_some_and(is_before));
        let steps = self.steps.get(list).map_or(&[][..], Vec::as_slice);
        (list, steps.partition_point(is_before))
    }

    /// The steps from the one on that an instant lies in.
    fn since(&self, at: i64) -> impl Iterator<Item = &(i64, i64)> {
        let (list, index) = match self.place(at.saturating_add(1)) {
            (0, 0) => (0, 0),
            (list, 0) => (list - 1, self.steps[list - 1].len() - 1),
            (list, index) => (list, index - 1),
        };
        let mut lists = self.steps[list..].iter();
        let first = lists.next().map_or(&[][..], |steps| &steps[index..]);
        first.iter().chain(lists.flatten())
    }

    /// How often it changes how much there is.
    pub(super) fn changes(&self) -> usize {
        self.steps.iter().map(Vec::len).sum()
    }

    pub(super) fn add(&mut self, busy: &Busy, weight: i64) {
        for (from, until) in busy.intervals() {
            self.cut(*from);
            self.cut(*until);
            let (list, index) = self.place(*from);
            let mut skipped = index;
            for steps in self.steps.iter_mut().skip(list) {
                let own = steps.iter_mut().skip(std::mem::take(&mut skipped));
                for (_, load) in own.take_while(|(at, _)| at < until) {
                    *load += weight;
                }
                if steps.last().is_some_and(|(at, _)| at >= until) {
                    break;
                }
            }
        }
    }

    /// Makes a step begin at an instant.
    fn cut(&mut self, at: i64) {
        let (list, index) = self.place(at);
        let step = self.steps.get(list).and_then(|steps| steps.get(index));
        if step.is_some_and(|(from, _)| *from == at) {
            return;
        }
        let before = match index.checked_sub(1) {
            Some(before) => self.steps.get(list).and_then(|steps| steps.get(before)),
            None => self.steps[..list].last().and_then(|steps| steps.last()),
        };
        let step = (at, before.map_or(0, |(_, load)| *load));
        let count = self.steps.len();
        match self.steps.get_mut(list.min(count.saturating_sub(1))) {
            None => self.steps.push(vec![step]),
            Some(steps) if list == count => steps.push(step),
            Some(steps) => steps.insert(index, step),
        }
        let list = list.min(count.saturating_sub(1));
        if self.steps[list].len() > TOGETHER {
            let rest = self.steps[list].split_off(TOGETHER / 2);
            self.steps.insert(list + 1, rest);
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
            let mut steps = self.since(*from).take_while(|(at, _)| at < until);
            steps.all(|(at, load)| {
                let is_own = || own.takes(*(at.max(from)));
                *load <= limit || *load - weight <= limit && is_own()
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
        let mut busy = Busy::default();
        let mut since = None;
        for (at, load) in self.steps.iter().flatten() {
            let is_above = *load > limit && load - missing(*at) > limit;
            match since {
                None if is_above => since = Some(*at),
                Some(from) if !is_above => {
                    busy.push(from, *at);
                    since = None;
                }
                _ => {}
            }
        }
        busy
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, Profile};

    #[test]
    fn what_is_added_is_there_as_if_it_always_had_been() {
        let busy = |number: i64| {
            let mut busy = Busy::default();
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
        assert!(grown.steps.len() > 3);
    }
}
