use proptest::prelude::*;

use super::*;
use crate::schedule::{At, Cron, Recurrence, Schedule, Search, Zone};

fn search() -> Search {
    Search::new("2026-01-01".parse().expect("a day"))
}

fn once(hour: i64, hours: Option<i64>) -> Schedule {
    let start = search().from().plus(hour * 3600);
    let once = Schedule::new(Recurrence::Once(At::Instant(start)), Zone::utc());
    match hours {
        Some(hours) => once.lasting(hours * 3600),
        None => once,
    }
}

fn cron(text: &str, hours: Option<i64>) -> Schedule {
    let (cron, _) = Cron::parse(text).expect("a cron");
    let cron = Schedule::new(Recurrence::Cron(cron), Zone::utc());
    match hours {
        Some(hours) => cron.lasting(hours * 3600),
        None => cron,
    }
}

/// When, what starts, what is open, what may be.
type Seen = (i64, Vec<usize>, Vec<usize>, Vec<usize>);

fn seen(calendar: &Calendar, timings: &[Option<Timing>]) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut standings = vec![(false, false); timings.len()];
    let takes = |index: usize| Takes {
        least: 1 << index,
        most: 3 << index,
        takers: 1,
    };
    let members: Vec<Member> = timings
        .iter()
        .enumerate()
        .map(|(index, timing)| Member {
            timing: *timing,
            takes: takes(index),
        })
        .collect();
    calendar.openings(&members, |opening| {
        let mut sum = Takes::default();
        opening.open.iter().for_each(|index| sum.add(takes(*index)));
        for index in opening.possible {
            sum.most += takes(*index).most;
        }
        assert_eq!(opening.takes, sum);
        let standing = |index| {
            (
                opening.open.contains(&index),
                opening.possible.contains(&index),
            )
        };
        for index in opening.changed {
            standings[*index] = standing(*index);
        }
        assert!((0..timings.len()).all(|index| standings[index] == standing(index)));
        seen.push((
            opening.at.since(search().from()) / 3600,
            opening.starting.to_vec(),
            opening.open.iter().copied().collect(),
            opening.possible.iter().copied().collect(),
        ));
    });
    seen
}

/// When, what is open, what may be.
type Company = (i64, Vec<usize>, Vec<usize>);

/// Of each one the starts at which something is different from the start before.
fn with_other_company(seen: Vec<Seen>, count: usize) -> Vec<Vec<Company>> {
    let of_one = |index: usize| {
        let own = seen
            .iter()
            .filter(|(_, starting, ..)| starting.contains(&index));
        let mut own: Vec<_> = own
            .map(|(at, _, open, possible)| (*at, open.clone(), possible.clone()))
            .collect();
        own.sort_by_key(|(at, ..)| *at);
        own.dedup_by(|next, kept| (&next.1, &next.2) == (&kept.1, &kept.2));
        own
    };
    (0..count).map(of_one).collect()
}

/// Each start of each one, held against every other one.
fn naive(calendar: &Calendar, timings: &[Option<Timing>]) -> Vec<Seen> {
    let mut openings = BTreeMap::new();
    let each = |occurrences: &Occurrences| -> Vec<Occurrence> {
        occurrences.iter().filter(|one| !one.is_empty()).collect()
    };
    for own in timings
        .iter()
        .flatten()
        .map(|own| calendar.occurrences(*own))
    {
        for start in each(own).iter().map(|occurrence| occurrence.start) {
            let open = |timing: &Option<Timing>| {
                let other = calendar.occurrences((*timing)?);
                if own.comparable(other) {
                    other.open_at(start)
                } else {
                    Some(false)
                }
            };
            let starts = |timing: &Option<Timing>| {
                timing.is_some_and(|timing| {
                    let other = calendar.occurrences(timing);
                    own.comparable(other) && each(other).iter().any(|one| one.start == start)
                })
            };
            let those = |wanted: &dyn Fn(&Option<Timing>) -> bool| -> Vec<usize> {
                (0..timings.len())
                    .filter(|index| wanted(&timings[*index]))
                    .collect()
            };
            let at = start.since(search().from()) / 3600;
            let opening = (
                at,
                those(&starts),
                those(&|timing| open(timing) == Some(true)),
                those(&|timing| open(timing).is_none()),
            );
            openings.insert((own.beyond_search(), at), opening);
        }
    }
    openings.into_values().collect()
}

#[test]
fn what_ends_when_another_starts_is_not_open() {
    let (calendar, timings) = Calendar::of(
        &[once(1, Some(2)), once(3, Some(1)), once(2, None)],
        &search(),
    );
    let timings: Vec<_> = timings.into_iter().map(Some).chain([None]).collect();
    assert_eq!(
        seen(&calendar, &timings),
        [
            (1, vec![0], vec![0], vec![3]),
            (2, vec![2], vec![0, 2], vec![3]),
            (3, vec![1], vec![1], vec![2, 3]),
        ]
    );
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let hours = prop::option::of(1..6_i64);
    let crons = prop::sample::select(vec![
        "0 1 1 1 *",
        "0 */3 1 1 *",
        "0 2,4 1 1 *",
        "0 */2 1 1 *",
        "0 * 1 1 *",
    ]);
    prop_oneof![
        (prop_oneof![-3..8_i64, 9_598..9_603_i64], hours.clone())
            .prop_map(|(hour, hours)| once(hour, hours)),
        (crons, hours).prop_map(|(text, hours)| cron(text, hours)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sweep_sees_what_a_look_at_each_start_sees(
        schedules in prop::collection::vec(schedules(), 1..5),
        picks in prop::collection::vec(prop::option::of(any::<prop::sample::Index>()), 1..7),
    ) {
        let (calendar, timings) = Calendar::of(&schedules, &search());
        let timings: Vec<_> = picks
            .iter()
            .map(|pick| pick.map(|pick| *pick.get(&timings)))
            .collect();
        prop_assert_eq!(
            with_other_company(seen(&calendar, &timings), timings.len()),
            with_other_company(naive(&calendar, &timings), timings.len())
        );
    }
}
