//! How much there may be in each quarter hour of a search.

use super::{Occurrences, Search};

const QUARTER: i64 = 15 * 60;

/// How much there may be at most in each quarter hour of a search. What lies outside of it counts
/// in its first or last one.
pub struct QuarterSums {
    from: i64,
    /// By how much there is more than in the quarter hour before.
    changes: Vec<i64>,
}

/// The quarter hours in which there may be too much.
pub struct Overfull {
    from: i64,
    /// How many there are before each quarter hour, and in all.
    before: Vec<u32>,
}

impl QuarterSums {
    /// Nothing in any.
    #[must_use]
    pub fn over(search: &Search) -> Self {
        let (from, until) = (search.from().unix(), search.until().unix());
        let count = (until - from).max(0) / QUARTER + 1;
        QuarterSums {
            from,
            changes: vec![0; usize::try_from(count).unwrap_or(0) + 1],
        }
    }

    /// Takes everything out, and puts so much in each.
    pub fn start_with(&mut self, amount: i64) {
        self.changes.fill(0);
        self.changes[0] = amount;
    }

    /// Adds what takes so much while it goes on. Where no end is known, that is to the end.
    pub fn add(&mut self, occurrences: &Occurrences, amount: i64) {
        let last = self.changes.len() - 2;
        each_touched(occurrences, self.from, last, |first, end| {
            self.changes[first] += amount;
            self.changes[end + 1] -= amount;
            true
        });
    }

    /// Where there may be more than this; none where there is not.
    #[must_use]
    pub fn above(&self, limit: i64) -> Option<Overfull> {
        let quarters = &self.changes[..self.changes.len() - 1];
        let (mut sum, mut most) = (0, i64::MIN);
        for change in quarters {
            sum += change;
            most = most.max(sum);
        }
        if most <= limit {
            return None;
        }
        let mut before = vec![0; quarters.len() + 1];
        let (mut sum, mut count) = (0, 0);
        for (change, before) in quarters.iter().zip(&mut before[1..]) {
            sum += change;
            count += u32::from(sum > limit);
            *before = count;
        }
        Some(Overfull {
            from: self.from,
            before,
        })
    }
}

impl Overfull {
    /// Whether something goes on in one of them.
    #[must_use]
    pub fn meets(&self, occurrences: &Occurrences) -> bool {
        let last = self.before.len() - 2;
        let mut meets = false;
        each_touched(occurrences, self.from, last, |first, end| {
            meets = self.before[end + 1] > self.before[first];
            !meets
        });
        meets
    }
}

/// Visits the first and the last quarter hour of all that lasts any time, until told to stop, or
/// where no end is known.
fn each_touched(
    occurrences: &Occurrences,
    from: i64,
    last: usize,
    mut visit: impl FnMut(usize, usize) -> bool,
) {
    let quarter = |second: i64| {
        let number = (second - from).div_euclid(QUARTER);
        usize::try_from(number.max(0)).unwrap_or(last).min(last)
    };
    if let Some((base, starts, length)) = occurrences.even() {
        let first = base.unix() - from;
        let latest = first + i64::from(starts.last().copied().unwrap_or(0)) + length - 1;
        // Of nearly all: they lie in the search, where a number of seconds is enough.
        let numbers = (u32::try_from(first), u32::try_from(length - 1));
        if let (Ok(first), Ok(to_last)) = numbers
            && latest <= i64::from(u32::MAX)
            && latest / QUARTER <= last as i64
        {
            let quarter = |second: u32| (second / QUARTER as u32) as usize;
            let _ = starts.iter().all(|after| {
                let at = first + after;
                visit(quarter(at), quarter(at + to_last))
            });
            return;
        }
    }
    let mut lasting = occurrences.stretches().filter(|one| !one.is_empty());
    let _ = lasting.all(|one| {
        let end = one.end.map_or(last, |end| quarter(end.unix() - 1));
        visit(quarter(one.start.unix()), end) && one.end.is_some()
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Occurrence;
    use super::*;

    const DAYS: i64 = 400 * 86_400;

    fn search() -> Search {
        Search::new("2026-01-01".parse().unwrap())
    }

    fn occurrence(start: i64, length: Option<i64>) -> Occurrence {
        let start = search().from().plus(start);
        Occurrence {
            start,
            end: length.map(|length| start.plus(length)),
        }
    }

    proptest! {
        #[test]
        fn where_there_is_too_much_is_always_told(
            all in prop::collection::vec(
                ((-DAYS / 4..DAYS * 5 / 4).prop_map(|at| at % 90_000), prop::option::of(0..9_000_i64), 1..4_i64),
                1..6,
            ),
            limit in 0..9_i64,
        ) {
            let lists: Vec<Occurrences> = all
                .iter()
                .map(|(start, length, _)| Occurrences::from_list(vec![occurrence(*start, *length)]))
                .collect();
            let mut sums = QuarterSums::over(&search());
            sums.start_with(1);
            for (occurrences, (_, _, amount)) in lists.iter().zip(&all) {
                sums.add(occurrences, *amount);
            }
            let full = sums.above(limit);
            for (own, (start, ..)) in lists.iter().zip(&all) {
                let at = search().from().plus(*start);
                let there = |(occurrences, (_, _, amount)): (&Occurrences, &(i64, Option<i64>, i64))| {
                    if occurrences.open_at(at) == Some(false) { 0 } else { *amount }
                };
                let sum: i64 = 1 + lists.iter().zip(&all).map(there).sum::<i64>();
                let starts = own.open_at(at) == Some(true);
                prop_assert!(!starts || sum <= limit || full.as_ref().is_some_and(|full| full.meets(own)));
            }
        }
    }

    #[test]
    fn what_only_touches_is_not_too_much() {
        let lists: Vec<Occurrences> = [(0, 900), (900, 900), (1_800, 1)]
            .map(|(start, length)| Occurrences::from_list(vec![occurrence(start, Some(length))]))
            .into();
        let mut sums = QuarterSums::over(&search());
        sums.start_with(0);
        for occurrences in &lists {
            sums.add(occurrences, 2);
        }
        assert!(sums.above(2).is_none());
        assert!(sums.above(1).unwrap().meets(&lists[2]));
        sums.add(&lists[1], 1);
        let full = sums.above(2).unwrap();
        let met: Vec<bool> = lists.iter().map(|it| full.meets(it)).collect();
        assert_eq!(met, [false, true, false]);
    }
}
