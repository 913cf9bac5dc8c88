use proptest::prelude::*;

use super::*;

fn windows(list: &[(i64, Option<i64>)]) -> Occurrences {
    let mut list: Vec<Occurrence> = list
        .iter()
        .map(|(start, end)| Occurrence {
            start: Instant::from_unix(*start),
            end: end.map(Instant::from_unix),
            written: jiff::civil::DateTime::default(),
            last_written: jiff::civil::DateTime::default(),
        })
        .collect();
    list.sort_by_key(|one| one.start);
    list.dedup_by_key(|one| one.start);
    Occurrences::from_list(list)
}

fn demand(occurrences: &Occurrences, slots: i64) -> Demand<'_> {
    Demand {
        occurrences,
        certain: slots,
        possible: slots,
    }
}

#[test]
fn what_ends_at_a_start_is_no_longer_open() {
    let early = windows(&[(0, Some(10))]);
    let late = windows(&[(10, Some(20))]);
    let crowds = crowds(&[demand(&early, 2), demand(&late, 2)], 3, 0);
    assert_eq!(crowds, [Crowd::default(), Crowd::default()]);
}

#[test]
fn the_first_start_that_is_too_much_is_told_with_all_that_is_open() {
    let early = windows(&[(0, Some(10))]);
    let none = windows(&[(0, Some(30))]);
    let late = windows(&[(5, Some(20)), (9, Some(12))]);
    let crowds = crowds(
        &[demand(&early, 2), demand(&none, 0), demand(&late, 2)],
        3,
        0,
    );
    assert_eq!(crowds[0].over, None, "its window opens first");
    assert!(!crowds[0].may_exceed);
    let over = Excess {
        at: Instant::from_unix(5),
        taken: 4,
        open: vec![0, 2],
    };
    assert_eq!(crowds[2].over, Some(over));
}

#[test]
fn a_schedule_that_overlaps_itself_counts_once() {
    let long = windows(&[(0, Some(100)), (10, Some(110))]);
    assert_eq!(
        crowds(&[demand(&long, 2)], 3, 0),
        [Crowd::default()],
        "two of its own"
    );
}

#[test]
fn an_unknown_end_proves_only_its_start() {
    let endless = windows(&[(0, None)]);
    let at_once = windows(&[(0, Some(1))]);
    let later = windows(&[(50, Some(60))]);
    let crowds = crowds(
        &[demand(&endless, 2), demand(&at_once, 2), demand(&later, 2)],
        3,
        0,
    );
    assert!(crowds[0].over.is_some() && crowds[1].over.is_some());
    assert_eq!((&crowds[2].over, crowds[2].may_exceed), (&None, true));
}

fn schedule() -> impl Strategy<Value = (Vec<(i64, i64)>, bool, i64, i64)> {
    let occurrences = prop::collection::vec((0_i64..40, -1_i64..15), 0..6);
    (occurrences, any::<bool>(), 0_i64..4, 0_i64..3)
}

proptest! {
    #[test]
    fn the_sweep_agrees_with_asking_every_schedule_at_every_start(
        schedules in prop::collection::vec(schedule(), 0..6),
        limit in 0_i64..8,
        always in 0_i64..3,
    ) {
        let lists: Vec<(Occurrences, i64, i64)> = schedules
            .iter()
            .map(|(list, endless, certain, more)| {
                let list: Vec<(i64, Option<i64>)> = list
                    .iter()
                    .map(|(start, length)| (*start, (!endless).then_some(start + length)))
                    .collect();
                (windows(&list), *certain, certain + more)
            })
            .collect();
        let demands: Vec<Demand<'_>> = lists
            .iter()
            .map(|(occurrences, certain, possible)| Demand {
                occurrences,
                certain: *certain,
                possible: *possible,
            })
            .collect();
        let found = crowds(&demands, limit, always);
        for (demand, crowd) in demands.iter().zip(&found) {
            let mut naive = Crowd::default();
            for one in demand.occurrences.as_slice().iter().filter(|one| !one.is_empty()) {
                let at = one.start;
                let is_open = |other: &Demand<'_>| {
                    let opens: Vec<_> = other
                        .occurrences
                        .as_slice()
                        .iter()
                        .filter(|one| !one.is_empty())
                        .map(|one| one.open_at(at))
                        .collect();
                    (opens.contains(&Some(true)), opens.iter().any(|open| *open != Some(false)))
                };
                let taken: i64 = demands.iter().filter(|it| is_open(it).0).map(|it| it.certain).sum();
                let most: i64 = demands.iter().filter(|it| is_open(it).1).map(|it| it.possible).sum();
                naive.may_exceed |= most + always > limit;
                if taken > limit && naive.over.is_none() {
                    let open = (0..demands.len())
                        .filter(|index| is_open(&demands[*index]).0 && demands[*index].certain > 0);
                    naive.over = Some(Excess { at, taken, open: open.collect() });
                }
            }
            prop_assert_eq!(&naive, crowd);
        }
    }
}
