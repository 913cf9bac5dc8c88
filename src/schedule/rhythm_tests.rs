use super::super::{At, Cron, Occurrences, Recurrence, Schedule, overlaps, parse_duration};
use super::*;

fn search() -> Search {
    Search::new("2026-01-01".parse().expect("a day"))
}

/// `cron, zone, duration`.
fn occurrences((cron, zone, duration): (&str, &str, &str)) -> (Occurrences, Zone) {
    let zone = Zone::parse(zone).expect("a zone");
    let recurrence = match cron.starts_with("20") {
        true => Recurrence::Once(At::parse(cron).expect("a time")),
        false => Recurrence::Cron(Cron::parse(cron).expect("a cron").0),
    };
    let length = parse_duration(duration).expect("a duration");
    let schedule = Schedule::new(recurrence, zone.clone()).lasting(length);
    (Occurrences::of(&schedule, &search()), zone)
}

fn rhythm(first: (&str, &str, &str), second: (&str, &str, &str)) -> String {
    let ((first, zone), (second, other)) = (occurrences(first), occurrences(second));
    let times: Vec<Occurrence> = overlaps(&first, &second)
        .map(|collision| Occurrence {
            start: collision.start,
            end: collision.end,
        })
        .collect();
    let rhythm = Rhythm::of(&times, &zone, &other, &search());
    rhythm.map_or_else(|| "never".to_owned(), |rhythm| rhythm.to_string())
}

const UTC: &str = "UTC";
const BERLIN: &str = "Europe/Berlin";
const NEW_YORK: &str = "America/New_York";

#[test]
fn what_recurs_is_told_by_its_days() {
    let nightly = ("0 22 * * *", UTC, "4h");
    for (other, told) in [
        (("0 0 * * SUN", UTC, "1h"), "every Sunday, for 1h"),
        (
            ("0 23 * * SAT,SUN", UTC, "30m"),
            "every Saturday and Sunday, for 30m",
        ),
        (
            ("0 23 * * MON-FRI", UTC, "4h"),
            "every day from Monday to Friday, for 3h",
        ),
        (("30 1 * * *", UTC, "1h"), "every day, for 30m"),
        (
            ("0,30 22,23 * * *", UTC, "10m"),
            "every day, up to 4 times a day, for 10m",
        ),
        (("* * * * *", UTC, "1d"), "every day, for 4h"),
        (("0 23 1 * *", UTC, "1h"), "on day 1 of every month, for 1h"),
        (("0 23 29 2 *", UTC, "1h"), "never"),
        (("0 23 24 12 *", UTC, "1h"), "once in 400 days, for 1h"),
        (("0 23 6,7 1 *", UTC, "2h"), "4 times in 400 days, for 2h"),
        (("2026-05-01T00:00", UTC, "10h"), "once in 400 days, for 2h"),
    ] {
        assert_eq!(rhythm(nightly, other), told, "{other:?}");
    }
}

#[test]
fn weeks_of_the_month_are_told() {
    let zone = Zone::utc();
    let times: Vec<Occurrence> = ["2026-01-10", "2026-02-14", "2026-03-14", "2026-04-11"]
        .iter()
        .map(|day| Search::new(day.parse().expect("a day")).from())
        .map(|start| Occurrence { start, end: None })
        .collect();
    let short = Search {
        from: search().from().plus(-272 * DAY),
    };
    let told = Rhythm::of(&times, &zone, &zone, &short).expect("a rhythm");
    assert_eq!(told.to_string(), "on the second Saturday of every month");
}

#[test]
fn what_only_clock_changes_cause_is_told_so() {
    let before = ("30 0 * * *", BERLIN, "90m");
    assert_eq!(
        rhythm(before, ("0 0 * * *", UTC, "30m")),
        "189 times in 400 days, for 30m, only while Berlin and UTC are 1h apart"
    );
    assert_eq!(
        rhythm(("30 1 * * *", BERLIN, "60m"), ("0 3 * * *", BERLIN, "1h")),
        "once in 400 days, for 30m, only when Berlin changes clocks"
    );
    assert_eq!(
        rhythm(
            ("0 12 * * *", BERLIN, "1h"),
            ("0 7 * * SUN", NEW_YORK, "1h")
        ),
        "4 times in 400 days, for 1h, only while Berlin and New York are 5h apart"
    );
}
