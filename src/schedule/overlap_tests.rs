use proptest::prelude::*;

use super::*;

/// An occurrence from one second to another.
fn window(start: i64, end: Option<i64>) -> Occurrence {
    Occurrence {
        start: Instant::from_unix(start),
        end: end.map(Instant::from_unix),
    }
}

fn windows(list: &[(i64, i64)]) -> Occurrences {
    Occurrences::from_list(
        list.iter()
            .map(|(start, end)| window(*start, Some(*end)))
            .collect(),
    )
}

fn starts(list: &[i64]) -> Occurrences {
    Occurrences::from_list(list.iter().map(|start| window(*start, None)).collect())
}

/// The start and end of the first collision, if there is one for certain.
fn first(a: &Occurrences, b: &Occurrences) -> Option<(i64, Option<i64>)> {
    match first_overlap(a, b) {
        Overlap::Collides(found) => Some((found.start.unix(), found.end.map(Instant::unix))),
        Overlap::Never | Overlap::Unknown => None,
    }
}

#[test]
fn windows_that_only_touch_do_not_collide() {
    assert_eq!(
        first_overlap(&windows(&[(0, 10)]), &windows(&[(10, 20)])),
        Overlap::Never
    );
    assert_eq!(
        first(&windows(&[(0, 11)]), &windows(&[(10, 20)])),
        Some((10, Some(11)))
    );
}

#[test]
fn an_empty_window_collides_with_nothing() {
    let empty = windows(&[(5, 5)]);
    assert_eq!(first_overlap(&empty, &windows(&[(0, 10)])), Overlap::Never);
    assert_eq!(first_overlap(&empty, &starts(&[0])), Overlap::Never);
    assert_eq!(first_overlap(&empty, &empty), Overlap::Never);
    assert_eq!(
        self_overlap(&windows(&[(0, 5), (5, 5), (5, 9)])),
        Overlap::Never
    );
}

#[test]
fn a_window_longer_than_its_period_still_collides_first_where_it_must() {
    let a = windows(&[(0, 100), (10, 20), (30, 40)]);
    assert_eq!(first(&a, &windows(&[(25, 27)])), Some((25, Some(27))));
    let all: Vec<i64> = overlaps(&a, &windows(&[(15, 35)]))
        .map(|one| one.start.unix())
        .collect();
    assert_eq!(all, [15], "the short ones add nothing");
}

#[test]
fn an_unknown_end_proves_only_what_its_start_does() {
    assert_eq!(first(&starts(&[5]), &windows(&[(0, 10)])), Some((5, None)));
    assert_eq!(first(&starts(&[5]), &starts(&[5])), Some((5, None)));
    assert_eq!(first(&starts(&[5]), &windows(&[(5, 6)])), Some((5, None)));
    assert_eq!(
        first_overlap(&starts(&[5]), &windows(&[(6, 10)])),
        Overlap::Unknown
    );
    assert_eq!(
        first_overlap(&starts(&[10]), &windows(&[(0, 10)])),
        Overlap::Never
    );
    assert_eq!(
        first_overlap(&starts(&[1]), &starts(&[2])),
        Overlap::Unknown
    );
    assert_eq!(first_overlap(&starts(&[]), &starts(&[2])), Overlap::Never);
    assert_eq!(
        first(&starts(&[0, 7]), &windows(&[(6, 8)])),
        Some((7, None)),
        "past the unknown"
    );
}

#[test]
fn a_window_that_overruns_its_next_one() {
    assert_eq!(self_overlap(&windows(&[(0, 10), (10, 20)])), Overlap::Never);
    let Overlap::Collides(found) = self_overlap(&windows(&[(0, 5), (10, 21), (20, 25)])) else {
        panic!("it overruns");
    };
    assert_eq!(
        (found.start.unix(), found.end.map(Instant::unix)),
        (20, Some(21))
    );
    assert_eq!(self_overlap(&starts(&[0, 10])), Overlap::Unknown);
    assert_eq!(self_overlap(&starts(&[0])), Overlap::Never);
}

/// Whether two occurrences share an instant: yes, no, or that depends.
fn meet(a: &Occurrence, b: &Occurrence) -> Option<bool> {
    if a.is_empty() || b.is_empty() {
        return Some(false);
    }
    let (early, late) = if a.start <= b.start { (a, b) } else { (b, a) };
    match early.end {
        _ if early.start == late.start => Some(true),
        Some(end) => Some(end > late.start),
        None => None,
    }
}

fn any_windows() -> impl Strategy<Value = Occurrences> {
    let window = (
        0_i64..40,
        prop_oneof![3 => (0_i64..12).prop_map(Some), 1 => Just(None)],
    );
    proptest::collection::btree_map(0_i64..40, window.prop_map(|(_, length)| length), 0..8)
        .prop_map(|map| {
            let list = map
                .into_iter()
                .map(|(at, length)| window_of(at, length))
                .collect();
            Occurrences::from_list(list)
        })
}

fn window_of(at: i64, length: Option<i64>) -> Occurrence {
    window(at, length.map(|length| at + length))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_sweep_agrees_with_comparing_all_pairs(a in any_windows(), b in any_windows()) {
        let (mut proven, mut possible) = (None, false);
        for (one, other) in a.iter().flat_map(|x| b.iter().map(move |y| (x, y))) {
            let start = one.start.max(other.start);
            match meet(&one, &other) {
                Some(true) => proven = Some(proven.map_or(start, |found: Instant| found.min(start))),
                Some(false) => {}
                None => possible = true,
            }
        }
        match (first_overlap(&a, &b), proven) {
            (Overlap::Collides(found), Some(start)) => {
                prop_assert_eq!(found.start, start);
                prop_assert_eq!(meet(&found.first, &found.second), Some(true));
            }
            (Overlap::Unknown, None) => prop_assert!(possible),
            (Overlap::Never, None) => prop_assert!(!possible),
            (answer, expected) => prop_assert!(false, "{:?} but {:?}", answer, expected),
        }
    }

    #[test]
    fn the_order_of_the_sides_does_not_matter(a in any_windows(), b in any_windows()) {
        let there: Vec<_> = overlaps(&a, &b).map(|one| (one.start, one.end)).collect();
        let back: Vec<_> = overlaps(&b, &a).map(|one| (one.start, one.end)).collect();
        prop_assert_eq!(there, back);
    }

    #[test]
    fn collisions_cover_exactly_what_both_cover(a in any_windows(), b in any_windows()) {
        let known = |all: &Occurrences| -> Vec<Occurrence> {
            all.iter().filter(|one| one.end.is_some()).collect()
        };
        let (a, b) = (Occurrences::from_list(known(&a)), Occurrences::from_list(known(&b)));
        let all: Vec<Collision> = overlaps(&a, &b).collect();
        for second in 0..60 {
            let now = Instant::from_unix(second);
            let both = a.open_at(now) == Some(true) && b.open_at(now) == Some(true);
            let covered = all.iter().any(|one| one.start <= now && Some(now) < one.end);
            prop_assert_eq!(both, covered, "second {}", second);
        }
    }
}
