use proptest::prelude::*;

use super::*;
use crate::schedule::{Cron, TimeOfDay, Weekly, Zone, parse_duration};

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect(name)
}

fn cron(text: &str, zone_name: &str) -> Schedule {
    Schedule::new(
        Recurrence::Cron(Cron::parse(text).expect(text).0),
        zone(zone_name),
    )
}

fn once(at: &str, zone_name: &str) -> Schedule {
    Schedule::new(Recurrence::Once(At::parse(at).expect(at)), zone(zone_name))
}

fn search() -> Search {
    Search::new(jiff::civil::date(2026, 1, 1))
}

fn longest(schedules: &[Schedule]) -> Option<Gap> {
    let search = search();
    let all: Vec<Occurrences> = schedules
        .iter()
        .map(|schedule| Occurrences::of(schedule, &search))
        .collect();
    let pairs: Vec<(&Schedule, &Occurrences)> = schedules.iter().zip(&all).collect();
    longest_gap(&pairs, &search)
}

/// The length of the longest gap, and when it ends on the clock of the schedule that ends it.
fn shown(schedules: &[Schedule]) -> Option<(i64, String)> {
    longest(schedules).map(|gap| {
        let zone = schedules[gap.ended_by].zone();
        (gap.length, zone.show(gap.to))
    })
}

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[test]
fn a_daily_backup_leaves_a_day_whatever_the_clocks_do() {
    for time in ["30 2", "0 2", "30 1", "0 3", "0 22"] {
        let daily = cron(&format!("{time} * * *"), "Europe/Berlin");
        let gap = longest(&[daily]).expect("a gap");
        assert_eq!(gap.length, DAY, "{time}");
    }
    // At 02:00 and 02:30, of which a gap makes one, and once more in the evening.
    let often = cron("0,30 2,14 * * *", "Europe/Berlin");
    assert_eq!(
        longest(&[often]).map(|gap| gap.length),
        Some(12 * HOUR - 1800)
    );
}

#[test]
fn the_first_of_the_longest_gaps_is_told() {
    let (length, end) = shown(&[cron("0 22 * * MON-FRI", "UTC")]).expect("a gap");
    assert_eq!(
        (length, end.as_str()),
        (3 * DAY, "Mon 2026-01-05 22:00 (UTC)")
    );
}

#[test]
fn backups_of_several_policies_count_together() {
    let nightly = cron("0 22 * * MON-FRI", "Europe/Berlin");
    let weekend = cron("0 10 * * SAT", "Europe/Berlin");
    let (length, end) = shown(&[nightly, weekend]).expect("a gap");
    assert_eq!(
        (length, end.as_str()),
        (2 * DAY + 12 * HOUR, "Mon 2026-01-05 22:00 (Europe/Berlin)")
    );
}

#[test]
fn the_zone_of_the_policy_that_ends_the_gap_measures_it() {
    // The clocks of New York go forward on 8 March, those of Berlin on 29 March.
    let berlin = cron("0 0 7 3 *", "Europe/Berlin");
    let new_york = cron("0 0 9 3 *", "America/New_York");
    let gap = longest(&[berlin, new_york]).expect("a gap");
    // 18:00 on 6 March in New York to 00:00 on 9 March; an hour less elapses.
    assert_eq!(gap.length, 2 * DAY + 6 * HOUR);
    assert_eq!(gap.to.since(gap.from), 2 * DAY + 5 * HOUR);
}

#[test]
fn where_two_end_it_at_once_the_smaller_gap_counts() {
    let search = |schedules: &[Schedule]| longest(schedules).expect("a gap");
    // 04:00 UTC on 9 March is midnight in New York and 05:00 in Berlin.
    let before = cron("0 0 7 3 *", "Europe/Berlin");
    let new_york = cron("0 0 9 3 *", "America/New_York");
    let berlin = cron("0 5 9 3 *", "Europe/Berlin");
    assert_eq!(
        search(&[before.clone(), new_york.clone()]).length,
        2 * DAY + 6 * HOUR
    );
    let both = search(&[before, new_york, berlin]);
    assert_eq!((both.length, both.ended_by), (2 * DAY + 5 * HOUR, 2));
}

#[test]
fn a_single_time_with_an_offset_is_measured_in_elapsed_time() {
    let before = cron("0 12 28 3 *", "Europe/Berlin");
    let wall = once("2026-03-29T12:00:00", "Europe/Berlin");
    let instant = once("2026-03-29T12:00:00+02:00", "Europe/Berlin");
    assert_eq!(
        longest(&[before.clone(), wall]).map(|gap| gap.length),
        Some(DAY)
    );
    assert_eq!(
        longest(&[before, instant.clone()]).map(|gap| gap.length),
        Some(DAY - HOUR)
    );
    // Where it begins the gap, the clock of what ends it counts.
    let after = cron("0 12 30 3 *", "Europe/Berlin");
    assert_eq!(longest(&[instant, after]).map(|gap| gap.length), Some(DAY));
}

#[test]
fn fewer_than_two_starts_leave_no_gap() {
    assert_eq!(longest(&[]), None);
    assert_eq!(longest(&[once("2026-12-05T22:00:00", "UTC")]), None);
    assert_eq!(longest(&[cron("0 0 30 2 *", "UTC")]), None);
    let same = once("2026-12-05T22:00:00Z", "UTC");
    let twin = once("2026-12-05T23:00:00", "Europe/Berlin");
    assert_eq!(longest(&[same, twin]), None, "two at once are one instant");
}

/// The longest gap of some schedules whether or not others count.
fn certain(schedules: &[Schedule], perhaps: &[Schedule]) -> Option<Gap> {
    let search = search();
    let occurrences = |schedules: &[Schedule]| -> Vec<Occurrences> {
        let all = schedules.iter();
        all.map(|schedule| Occurrences::of(schedule, &search))
            .collect()
    };
    let (known, maybe) = (occurrences(schedules), occurrences(perhaps));
    let known: Vec<_> = schedules.iter().zip(&known).collect();
    let maybe: Vec<_> = perhaps.iter().zip(&maybe).collect();
    longest_certain_gap(&known, &maybe, &search)
}

#[test]
fn what_may_count_shortens_a_gap_and_makes_none() {
    let weekly = cron("0 1 * * MON", "UTC");
    let tuesdays = cron("0 5 * * TUE", "UTC");
    let gap = certain(&[weekly], std::slice::from_ref(&tuesdays)).expect("a gap");
    assert_eq!((gap.length, gap.ended_by), (5 * DAY + 20 * HOUR, 0));
    let single = once("2026-02-01T00:00:00", "UTC");
    assert_eq!(certain(std::slice::from_ref(&single), &[tuesdays]), None);
    assert_eq!(certain(&[], &[single]), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// On one clock that never changes no choice of what counts has a shorter longest gap.
    #[test]
    fn no_choice_of_what_counts_has_less(
        sure in prop::collection::vec(0_usize..6, 1..3),
        perhaps in prop::collection::vec(0_usize..6, 0..4),
    ) {
        let crons = ["30 2 5 * *", "0 3 * * SUN", "15 1 1 * *", "0 22 * * MON-FRI", "0 2 1 1 *", "0 7 */9 * *"];
        let schedules = |picks: &[usize]| -> Vec<Schedule> {
            picks.iter().map(|pick| cron(crons[*pick], "UTC")).collect()
        };
        let lower = certain(&schedules(&sure), &schedules(&perhaps)).map_or(0, |gap| gap.length);
        for chosen in 0..1_usize << perhaps.len() {
            let mut picks = sure.clone();
            let counting = perhaps.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
            picks.extend(counting.map(|(_, pick)| *pick));
            let gap = longest(&schedules(&picks)).map_or(0, |gap| gap.length);
            prop_assert!(gap >= lower);
        }
    }
}

#[test]
fn starts_outside_of_the_search_do_not_count() {
    let inside = once("2026-12-05T22:00:00", "UTC");
    let beyond = once("2028-12-05T22:00:00", "UTC");
    let going_on = once("2025-12-31T22:00:00", "UTC").lasting(4 * HOUR);
    assert_eq!(longest(&[inside, beyond, going_on]), None);
}

#[test]
fn an_occurrence_that_a_clock_change_left_empty_does_not_count() {
    let start = TimeOfDay::parse("02:15").expect("a time");
    let end = TimeOfDay::parse("02:45").ok();
    let nightly = Schedule::new(
        Recurrence::Weekly(Weekly::new([], [], start, end)),
        zone("Europe/Berlin"),
    );
    let (length, end) = shown(&[nightly]).expect("a gap");
    assert_eq!(
        (length, end.as_str()),
        (2 * DAY, "Mon 2026-03-30 02:15 (Europe/Berlin)")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Every start is asked for the latest one before it, on every pair of clocks.
    #[test]
    fn agrees_with_asking_every_pair(
        picks in prop::collection::vec((0_usize..6, 0_usize..4), 1..4)
    ) {
        let crons = ["30 2 * * *", "0 3 * * SUN", "15 1 1 * *", "0 22 * * MON-FRI", "0,30 2 * * *", "0 */7 * * SUN"];
        let zones = ["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe"];
        let schedules: Vec<Schedule> = picks
            .iter()
            .map(|(cron_index, zone_index)| {
                let length = parse_duration("1h").expect("a duration");
                cron(crons[*cron_index], zones[*zone_index]).lasting(length)
            })
            .collect();
        let search = search();
        let all: Vec<Vec<(Instant, Written)>> = schedules
            .iter()
            .map(|schedule| {
                let all = Occurrences::of(schedule, &search);
                let written = (0..all.len()).filter_map(|index| all.written(index));
                all.iter().map(|one| one.start).zip(written).collect()
            })
            .collect();
        let mut instants: Vec<Instant> = all.iter().flatten().map(|one| one.0).collect();
        instants.sort();
        instants.dedup();
        let mut naive: Option<i64> = None;
        for pair in instants.windows(2) {
            let mut measures = Vec::new();
            for (ends, list) in schedules.iter().zip(&all) {
                for end in list.iter().filter(|one| one.0 == pair[1]) {
                    for (begins, list) in schedules.iter().zip(&all) {
                        for begin in list.iter().filter(|one| one.0 == pair[0]) {
                            let from = match begins.zone() == ends.zone() {
                                true => begin.1.last,
                                false => ends.zone().wall_clock(pair[0]),
                            };
                            let length = end.1.first.duration_since(from).as_secs();
                            measures.push(length);
                        }
                    }
                }
            }
            naive = naive.max(measures.into_iter().min());
        }
        let found = longest(&schedules);
        prop_assert_eq!(found.map(|gap| gap.length), naive);
        if let Some(gap) = found {
            prop_assert!(instants.windows(2).any(|pair| pair == [gap.from, gap.to]));
        }
    }
}
