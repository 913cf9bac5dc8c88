use jiff::Timestamp;
use jiff::civil::{Weekday, datetime};

use super::*;
use crate::schedule::{
    Occurrence, Overlap, TimeOfDay, Weekly, Zone, first_overlap, parse_duration, self_overlap,
};

fn zone(name: &str) -> Zone {
    Zone::parse(name).expect(name)
}

fn search(as_of: &str) -> Search {
    Search::new(as_of.parse().expect(as_of))
}

fn instant(text: &str) -> Instant {
    Instant::from_unix(text.parse::<Timestamp>().expect(text).as_second())
}

fn cron(text: &str, zone_name: &str, duration: &str) -> Schedule {
    let cron = Cron::parse(text).expect(text).0;
    let schedule = Schedule::new(Recurrence::Cron(cron), zone(zone_name));
    schedule.lasting(parse_duration(duration).expect(duration))
}

fn daily(start: &str, end: &str, zone_name: &str) -> Schedule {
    let start = TimeOfDay::parse(start).expect(start);
    let end = TimeOfDay::parse_end(end).expect(end);
    Schedule::new(
        Recurrence::Weekly(Weekly::new([], [], start, Some(end))),
        zone(zone_name),
    )
}

fn once(at: &str, zone_name: &str) -> Schedule {
    Schedule::new(Recurrence::Once(At::parse(at).expect(at)), zone(zone_name))
}

/// The occurrences that start on some UTC days, as `day hour:minute`, then `/` and the end.
fn on(schedule: &Schedule, days: &[&str]) -> Vec<String> {
    let show = |at: Instant| Zone::utc().wall_clock(at).strftime("%d %H:%M").to_string();
    let from = instant(&format!("{}T00:00Z", days[0]));
    let until = instant(&format!("{}T00:00Z", days[days.len() - 1])).plus(86_400);
    let all = Occurrences::of(schedule, &search(days[0]));
    all.iter()
        .filter(|one| from <= one.start && one.start < until)
        .map(|one| {
            format!(
                "{}/{}",
                show(one.start),
                one.end.map(show).unwrap_or_default()
            )
        })
        .collect()
}

fn first_start(all: &Occurrences) -> Instant {
    all.get(0).expect("a first occurrence").start
}

#[test]
fn a_fixed_start_that_is_skipped_runs_right_after_the_gap() {
    for (start, zone, days, expected) in [
        // Berlin goes from 02:00 +01 to 03:00 +02 at 01:00 UTC.
        (
            "30 2",
            "Europe/Berlin",
            ["2026-03-28", "2026-03-30"],
            ["28 01:30", "29 01:00", "30 00:30"],
        ),
        (
            "0 2",
            "Europe/Berlin",
            ["2026-03-28", "2026-03-30"],
            ["28 01:00", "29 01:00", "30 00:00"],
        ),
        (
            "0 3",
            "Europe/Berlin",
            ["2026-03-28", "2026-03-30"],
            ["28 02:00", "29 01:00", "30 01:00"],
        ),
        // Lord Howe goes from 02:00 +10:30 to 02:30 +11 at 15:30 UTC.
        (
            "15 2",
            "Australia/Lord_Howe",
            ["2026-10-02", "2026-10-04"],
            ["02 15:45", "03 15:30", "04 15:15"],
        ),
        // Havana goes from 00:00 -05 to 01:00 -04 at 05:00 UTC.
        (
            "0 0",
            "America/Havana",
            ["2024-03-09", "2024-03-11"],
            ["09 05:00", "10 05:00", "11 04:00"],
        ),
        // Beirut goes from 00:00 +02 to 01:00 +03 at 22:00 UTC of the day before.
        (
            "30 0",
            "Asia/Beirut",
            ["2026-03-27", "2026-03-29"],
            ["27 22:30", "28 22:00", "29 21:30"],
        ),
        // Dublin goes from 01:00 +00 to 02:00 +01 at 01:00 UTC, and calls its winter the exception.
        (
            "30 1",
            "Europe/Dublin",
            ["2026-03-28", "2026-03-30"],
            ["28 01:30", "29 01:00", "30 00:30"],
        ),
    ] {
        let starts = on(&cron(&format!("{start} * * *"), zone, "1m"), &days);
        let starts: Vec<&str> = starts.iter().map(|one| &one[..8]).collect();
        assert_eq!(starts, expected, "{start} {zone}");
    }
}

#[test]
fn a_fixed_start_that_is_repeated_runs_once_at_the_first() {
    for (start, zone, days, expected) in [
        // Berlin goes from 03:00 +02 to 02:00 +01 at 01:00 UTC.
        (
            "30 2",
            "Europe/Berlin",
            ["2026-10-24", "2026-10-26"],
            ["24 00:30", "25 00:30", "26 01:30"],
        ),
        (
            "0 3",
            "Europe/Berlin",
            ["2026-10-24", "2026-10-26"],
            ["24 01:00", "25 02:00", "26 02:00"],
        ),
        // Lord Howe goes from 02:00 +11 to 01:30 +10:30 at 15:00 UTC.
        (
            "45 1",
            "Australia/Lord_Howe",
            ["2026-04-03", "2026-04-05"],
            ["03 14:45", "04 14:45", "05 15:15"],
        ),
        // Havana goes from 01:00 -04 to 00:00 -05 at 05:00 UTC.
        (
            "0 0",
            "America/Havana",
            ["2024-11-02", "2024-11-04"],
            ["02 04:00", "03 04:00", "04 05:00"],
        ),
    ] {
        let starts = on(&cron(&format!("{start} * * *"), zone, "1m"), &days);
        let starts: Vec<&str> = starts.iter().map(|one| &one[..8]).collect();
        assert_eq!(starts, expected, "{start} {zone}");
    }
}

#[test]
fn an_interval_follows_the_clock() {
    let count = |text: &str, day: &str| on(&cron(text, "Europe/Berlin", "1m"), &[day]).len();
    assert_eq!(count("*/30 2 * * *", "2026-03-28"), 2);
    assert_eq!(count("*/30 2 * * *", "2026-03-29"), 0, "nothing in a gap");
    assert_eq!(
        count("*/30 2 * * *", "2026-10-25"),
        4,
        "both times in a repeat"
    );
    assert_eq!(count("0 * * * *", "2026-10-25"), 24);
    assert_eq!(
        on(
            &cron("0-30/30 2 * * *", "Europe/Berlin", "1h"),
            &["2026-10-25"]
        ),
        [
            "25 00:00/25 01:00",
            "25 00:30/25 01:30",
            "25 01:00/25 02:00",
            "25 01:30/25 02:30"
        ]
    );
}

#[test]
fn a_skipped_day_leaves_one_start_with_both_written_times() {
    // Apia went from the end of 29 December to 31 December 2011 at 10:00 UTC.
    let midnight = cron("0 0 * * *", "Pacific/Apia", "1h");
    let all = Occurrences::of(&midnight, &search("2011-12-29"));
    let gap = all.get(1).expect("a start in the gap");
    assert_eq!(gap.start, instant("2011-12-30T10:00Z"));
    let written = all.written(1).expect("a written time");
    assert_eq!(written.first, datetime(2011, 12, 30, 0, 0, 0, 0));
    assert_eq!(written.last, datetime(2011, 12, 31, 0, 0, 0, 0));
    assert_eq!(
        on(
            &cron("0 22 * * *", "Pacific/Apia", "1h"),
            &["2011-12-29", "2011-12-31"]
        ),
        [
            "29 08:00/29 09:00",
            "30 08:00/30 09:00",
            "30 10:00/30 11:00",
            "31 08:00/31 09:00"
        ]
    );
    assert_eq!(
        on(&daily("00:00", "04:00", "Pacific/Apia"), &["2011-12-30"]),
        ["30 10:00/30 14:00"],
        "the one of the skipped day is empty, and one with the next"
    );
}

#[test]
fn two_starts_that_a_gap_moves_together_are_one() {
    assert_eq!(
        on(
            &cron("0 2,3 * * *", "Europe/Berlin", "30m"),
            &["2026-03-29"]
        ),
        ["29 01:00/29 01:30"]
    );
}

#[test]
fn an_elapsed_length_ignores_the_clock_and_a_weekly_end_follows_it() {
    let days = ["2026-03-28", "2026-03-28"];
    assert_eq!(
        on(&cron("0 22 * * *", "Europe/Berlin", "6h"), &days),
        ["28 21:00/29 03:00"]
    );
    assert_eq!(
        on(&daily("22:00", "04:00", "Europe/Berlin"), &days),
        ["28 21:00/29 02:00"]
    );
    assert_eq!(
        on(&daily("22:00", "02:30", "Europe/Berlin"), &days),
        ["28 21:00/29 01:00"]
    );
    let autumn = ["2026-10-24", "2026-10-24"];
    assert_eq!(
        on(&daily("22:00", "02:30", "Europe/Berlin"), &autumn),
        ["24 20:00/25 00:30"]
    );
    assert_eq!(
        on(&daily("22:00", "22:00", "Europe/Berlin"), &autumn),
        ["24 20:00/25 21:00"]
    );
    assert_eq!(
        on(&daily("22:00", "24:00", "Europe/Berlin"), &autumn),
        ["24 20:00/24 22:00"]
    );
}

#[test]
fn a_window_inside_a_gap_is_empty() {
    let gap = daily("02:00", "03:00", "Europe/Berlin");
    assert_eq!(on(&gap, &["2026-03-29"]), ["29 01:00/29 01:00"]);
    let other = once("2026-03-29T00:30Z", "UTC").lasting(3_600);
    let search = search("2026-03-29");
    let (gap, other) = (
        Occurrences::of(&gap, &search),
        Occurrences::of(&other, &search),
    );
    assert_eq!(first_overlap(&gap, &other), Overlap::Never);
    assert_eq!(gap.open_at(instant("2026-03-29T01:00Z")), Some(false));
}

#[test]
fn weekly_windows_keep_to_their_days() {
    let start = TimeOfDay::parse("22:00").expect("a time");
    let week = crate::schedule::WeekOfMonth::parse("2").expect("a week");
    let weekly = Weekly::new([Weekday::Saturday], [week], start, None);
    let schedule = Schedule::new(Recurrence::Weekly(weekly), zone("America/New_York"));
    let all = Occurrences::of(&schedule, &search("2026-01-01"));
    assert_eq!(all.len(), 13);
    assert_eq!(
        first_start(&all),
        instant("2026-01-11T03:00Z"),
        "Saturday there"
    );
    assert_eq!(all.get(0).expect("a first").end, None);
}

#[test]
fn the_search_holds_starts_from_its_first_instant_to_before_its_end() {
    let all = Occurrences::of(&cron("0 0 * * *", "UTC", "2d"), &search("2026-01-01"));
    assert_eq!(all.len(), 400);
    assert_eq!(first_start(&all), instant("2026-01-01T00:00Z"));
    assert_eq!(
        all.get(399).expect("a last").end,
        Some(instant("2027-02-06T00:00Z")),
        "in its full length"
    );
    assert_eq!(
        Occurrences::of(&cron("* * * * *", "UTC", "1m"), &search("2026-01-01")).len(),
        576_000
    );
    assert!(Occurrences::of(&cron("0 0 30 2 *", "UTC", "1h"), &search("2026-01-01")).is_empty());
}

#[test]
fn a_one_off_counts_when_it_ends_after_the_search_begins() {
    let search = search("2026-12-05");
    let of = |at: &str, seconds: i64| {
        let all = Occurrences::of(&once(at, "Europe/Berlin").lasting(seconds), &search);
        (all.len(), all.ended_before(), all.beyond_search())
    };
    assert_eq!(
        of("2026-12-05T00:30", 1_800),
        (0, true, false),
        "ends as the search begins"
    );
    assert_eq!(of("2026-12-05T00:30", 1_801), (1, false, false));
    assert_eq!(of("2020-01-01T00:00", i64::MAX), (1, false, false));
    assert_eq!(of("2030-01-01T00:00", 60), (1, false, true));
    assert_eq!(of("9999-12-31T23:59:59-23:59", 60), (1, false, true));
    assert_eq!(of("0000-01-01T00:00:00+23:59", 60), (0, true, false));
    let unknown = |at: &str| Occurrences::of(&once(at, "UTC"), &search).ended_before();
    assert!(unknown("2026-12-04T23:59:59"));
    assert!(!unknown("2026-12-05T00:00:00"));
}

#[test]
fn one_offs_beyond_the_search_meet_only_each_other() {
    let search = search("2026-12-05");
    let of = |schedule: Schedule| Occurrences::of(&schedule.lasting(86_400), &search);
    let far = of(once("2028-02-29T12:00Z", "UTC"));
    assert!(matches!(
        first_overlap(&far, &of(once("2028-03-01T00:00Z", "UTC"))),
        Overlap::Collides(_)
    ));
    let edge = of(once("2028-01-09T12:00Z", "UTC"));
    assert_eq!(
        first_overlap(&edge, &of(cron("0 0 * * *", "UTC", "30d"))),
        Overlap::Never
    );
}

#[test]
fn a_clock_change_is_found_for_fixed_starts_only() {
    let change = |schedule: &Schedule| {
        let all = Occurrences::of(schedule, &search("2026-01-01"));
        all.clock_change()
            .map(|change| (change.kind, change.written, change.start))
    };
    let skipped = (
        ClockChangeKind::Skipped,
        datetime(2026, 3, 29, 2, 30, 0, 0),
        instant("2026-03-29T01:00Z"),
    );
    let repeated = (
        ClockChangeKind::Repeated,
        datetime(2026, 10, 25, 2, 30, 0, 0),
        instant("2026-10-25T00:30Z"),
    );
    assert_eq!(
        change(&cron("30 2 * * *", "Europe/Berlin", "1h")),
        Some(skipped)
    );
    assert_eq!(
        change(&daily("02:30", "04:00", "Europe/Berlin")),
        Some(skipped)
    );
    assert_eq!(
        change(&cron("30 2 25 10 *", "Europe/Berlin", "1h")),
        Some(repeated)
    );
    assert_eq!(
        change(&once("2026-03-29T02:30", "Europe/Berlin")),
        Some(skipped)
    );
    assert_eq!(
        change(&once("2026-10-25T02:30+01:00", "Europe/Berlin")),
        None
    );
    assert_eq!(
        change(&once("2029-03-25T02:30", "Europe/Berlin")),
        None,
        "beyond the search"
    );
    assert_eq!(change(&cron("*/30 2 * * *", "Europe/Berlin", "1h")), None);
    assert_eq!(change(&cron("30 3 * * *", "Europe/Berlin", "1h")), None);
    assert_eq!(change(&cron("30 2 * * *", "UTC", "1h")), None);
}

#[test]
fn whether_it_is_open_then() {
    let all = Occurrences::of(&cron("0 22 * * *", "UTC", "4h"), &search("2026-01-01"));
    for (at, open) in [
        ("2026-01-01T21:59:59Z", false),
        ("2026-01-01T22:00Z", true),
        ("2026-01-02T01:59:59Z", true),
        ("2026-01-02T02:00Z", false),
    ] {
        assert_eq!(all.open_at(instant(at)), Some(open), "{at}");
    }
    let unknown = Occurrences::of(&daily("22:00", "02:00", "UTC"), &search("2026-01-01"));
    assert_eq!(unknown.open_at(instant("2026-01-02T02:00Z")), Some(false));
    let start = Recurrence::Cron(Cron::parse("0 22 * * *").expect("a cron").0);
    let unknown = Occurrences::of(&Schedule::new(start, Zone::utc()), &search("2026-01-01"));
    assert_eq!(unknown.open_at(instant("2026-01-01T21:00Z")), Some(false));
    assert_eq!(unknown.open_at(instant("2026-01-01T22:00Z")), Some(true));
    assert_eq!(unknown.open_at(instant("2026-01-01T22:01Z")), None);
}

#[test]
fn a_day_long_daily_window_overruns_itself_only_where_the_clock_jumps() {
    let daily = |zone: &str| {
        let all = Occurrences::of(&cron("0 12 * * *", zone, "24h"), &search("2026-01-01"));
        self_overlap(&all)
    };
    assert_eq!(daily("UTC"), Overlap::Never);
    let Overlap::Collides(found) = daily("Europe/Berlin") else {
        panic!("23 hours from noon to noon");
    };
    assert_eq!(found.start, instant("2026-03-29T10:00Z"));
}

#[test]
fn a_length_that_is_known_is_never_assumed() {
    let known = daily("22:00", "02:00", "UTC");
    assert!(known.has_end());
    assert_eq!(known.clone().lasting(60), known);
    assert_eq!(
        cron("0 0 * * *", "UTC", "1h").lasting(60),
        cron("0 0 * * *", "UTC", "1h")
    );
    assert!(!once("2026-12-05T22:00", "UTC").has_end());
}

#[test]
fn the_ends_of_the_calendar_do_not_panic() {
    for as_of in [Date::MIN, Date::MAX, Date::constant(9998, 12, 1)] {
        let search = Search::new(as_of);
        for zone in [
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
            "Europe/Berlin",
            "UTC",
        ] {
            for text in ["30 2 * * *", "0 * * * *", "*/15 2 1 * MON"] {
                let all = Occurrences::of(&cron(text, zone, "9000000000000h"), &search);
                assert!(all.iter().all(|one| search.contains(one.start)));
                let _ = self_overlap(&all);
            }
            let _ = Occurrences::of(&daily("22:00", "02:00", zone), &search);
            let _ = Occurrences::of(&once("9999-12-31T23:59", zone), &search);
        }
    }
}

#[test]
fn the_usual_length_is_that_of_most_occurrences() {
    for (start, end, hours) in [
        ("22:00", "02:00", 4),
        ("01:00", "05:00", 4),
        ("02:00", "02:00", 24),
        ("00:00", "24:00", 24),
        ("03:00", "02:00", 23),
    ] {
        let schedule = daily(start, end, "Europe/Berlin");
        let all = Occurrences::of(&schedule, &search("2026-01-01"));
        let usual = |one: &Occurrence| one.end == Some(one.start.plus(hours * 3600));
        assert!(all.iter().filter(usual).count() > 395, "{start}");
        assert_eq!(schedule.usual_length(), Some(hours * 3600), "{start}");
    }
    assert_eq!(cron("0 22 * * *", "UTC", "90m").usual_length(), Some(5_400));
    assert_eq!(once("2026-03-29T01:00", "UTC").usual_length(), None);
    let start = TimeOfDay::parse("22:00").expect("a time");
    let endless = Schedule::new(
        Recurrence::Weekly(Weekly::new([], [], start, None)),
        Zone::utc(),
    );
    assert_eq!(endless.usual_length(), None);
    assert_eq!(endless.lasting(60).usual_length(), Some(60));
}
