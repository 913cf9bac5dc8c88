//! The quarter hours of a week in which a schedule has anything at all.

use super::Occurrence;

const QUARTER: i64 = 15 * 60;
const WEEK: i64 = 7 * 86_400;
/// 672 quarters of an hour.
const WORDS: usize = 11;

/// The quarter hours of the week, in UTC, that some occurrence touches. Where those of two
/// schedules have none in common, no two of their occurrences meet, whatever the days and zones.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct WeekMask([u64; WORDS]);

impl WeekMask {
    /// Of occurrences; one whose end is unknown may last into any quarter.
    pub(super) fn of(occurrences: impl Iterator<Item = Occurrence>) -> Self {
        let mut mask = WeekMask::default();
        for one in occurrences {
            match one.end {
                Some(end) if one.is_empty() => debug_assert!(end <= one.start),
                Some(end) if end.since(one.start) < WEEK => {
                    mask.add(one.start.unix(), end.unix());
                }
                _ => return WeekMask([u64::MAX; WORDS]),
            }
        }
        mask
    }

    /// Takes in the seconds from `start` to before `end`, less than a week.
    fn add(&mut self, start: i64, end: i64) {
        let quarter = |second: i64| second.rem_euclid(WEEK) / QUARTER;
        let (first, last) = (quarter(start), quarter(end - 1));
        if first <= last && end - start <= WEEK - QUARTER {
            self.fill(first, last);
        } else {
            self.fill(first, WEEK / QUARTER - 1);
            self.fill(0, last);
        }
    }

    /// Sets the quarters from `first` to `last`.
    fn fill(&mut self, first: i64, last: i64) {
        for (word, start) in self.0.iter_mut().zip((0..).step_by(64)) {
            let (from, to) = (first.max(start) - start, last.min(start + 63) - start);
            if from <= to {
                *word |= (u64::MAX >> (63 - (to - from))) << from;
            }
        }
    }

    /// Whether it is every quarter hour, as that of what lasts nobody knows how long.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.quarters().count() >= (WEEK / QUARTER) as usize
    }

    /// The numbers of its quarter hours.
    pub fn quarters(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(index, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = rest.trailing_zeros() as usize;
                rest &= rest.wrapping_sub(1);
                (bit < 64).then_some(index * 64 + bit)
            })
        })
    }

    /// Whether both have a quarter hour in common.
    #[must_use]
    pub fn meets(&self, other: &WeekMask) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a & b != 0)
    }
}

/// Puts together what may meet, directly or by way of others, in the order of the first of each;
/// without what has no quarter hour at all.
#[must_use]
pub fn companies<T>(all: Vec<T>, week: impl Fn(&T) -> &WeekMask) -> Vec<Vec<T>> {
    let mut first_in: [Option<usize>; WORDS * 64] = [None; WORDS * 64];
    let mut leaders: Vec<usize> = (0..all.len()).collect();
    for (index, one) in all.iter().enumerate() {
        for quarter in week(one).quarters() {
            match first_in[quarter] {
                Some(first) => join(&mut leaders, first, index),
                None => first_in[quarter] = Some(index),
            }
        }
    }
    let mut companies: Vec<Vec<T>> = Vec::new();
    let mut place_of = vec![usize::MAX; all.len()];
    for (index, one) in all.into_iter().enumerate() {
        if week(&one).quarters().next().is_none() {
            continue;
        }
        let place = &mut place_of[leader(&mut leaders, index)];
        if *place == usize::MAX {
            *place = companies.len();
            companies.push(Vec::new());
        }
        companies[*place].push(one);
    }
    companies
}

/// The first one that something goes together with.
fn leader(leaders: &mut [usize], mut index: usize) -> usize {
    while leaders[index] != index {
        leaders[index] = leaders[leaders[index]];
        index = leaders[index];
    }
    index
}

fn join(leaders: &mut [usize], one: usize, other: usize) {
    let (one, other) = (leader(leaders, one), leader(leaders, other));
    leaders[one.max(other)] = one.min(other);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Instant;
    use super::*;

    proptest! {
        #[test]
        fn every_quarter_of_an_occurrence_is_in_it(start in -2 * WEEK..2 * WEEK, length in 1..WEEK) {
            let occurrence = |start: i64, length: i64| Occurrence {
                start: Instant::from_unix(start),
                end: Some(Instant::from_unix(start + length)),
            };
            let mask = WeekMask::of(std::iter::once(occurrence(start, length)));
            for quarter in 0..WEEK / QUARTER {
                let at = quarter * QUARTER;
                let covered = (-3..4).any(|week| {
                    let (from, until) = (at + week * WEEK, at + week * WEEK + QUARTER);
                    from < start + length && start < until
                });
                let probe = WeekMask::of(std::iter::once(occurrence(at, QUARTER)));
                prop_assert_eq!(mask.meets(&probe), covered, "quarter {}", quarter);
            }
        }
    }

    fn daily(from: i64, until: i64) -> WeekMask {
        let day = |day: i64| Occurrence {
            start: Instant::from_unix(day * 86_400 + from * QUARTER),
            end: Some(Instant::from_unix(day * 86_400 + until * QUARTER)),
        };
        WeekMask::of((0..7).map(day))
    }

    #[test]
    fn what_meets_by_way_of_others_goes_together() {
        let all = vec![
            (0, daily(0, 4)),
            (1, daily(8, 9)),
            (2, WeekMask::default()),
            (3, daily(6, 8)),
            (4, daily(3, 7)),
        ];
        let found = companies(all, |(_, week)| week);
        let numbers = |company: &Vec<(i32, _)>| company.iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(
            found.iter().map(numbers).collect::<Vec<_>>(),
            [vec![0, 3, 4], vec![1]]
        );
    }

    #[test]
    fn what_lasts_a_week_or_nobody_knows_how_long_is_everywhere() {
        for end in [Some(Instant::from_unix(WEEK)), None] {
            let start = Instant::from_unix(0);
            let mask = WeekMask::of(std::iter::once(Occurrence { start, end }));
            assert_eq!(mask, WeekMask([u64::MAX; WORDS]));
        }
    }
}
