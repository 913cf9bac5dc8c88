use croner::Cron as Croner;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

fn cron(text: &str) -> Cron {
    Cron::parse(text)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .0
}

fn times(text: &str) -> Vec<(i8, i8)> {
    cron(text).times().collect()
}

/// The days of January 2026, whose first is a Thursday, on which a cron runs.
fn january(text: &str) -> Vec<i8> {
    let cron = cron(text);
    (1..=31)
        .filter(|day| cron.runs_on(date(2026, 1, *day)))
        .collect()
}

#[test]
fn lists_ranges_and_steps() {
    assert_eq!(times("5 4 * * *"), [(4, 5)]);
    assert_eq!(times("0,30 1-2 * * *"), [(1, 0), (1, 30), (2, 0), (2, 30)]);
    assert_eq!(times("*/20 0 * * *"), [(0, 0), (0, 20), (0, 40)]);
    assert_eq!(times("10-30/15 00 * * *"), [(0, 10), (0, 25)]);
    assert_eq!(
        times("*/90 0 * * *"),
        [(0, 0)],
        "Vixie's cron runs hourly then"
    );
    assert_eq!(times("59 23-23/5 * * *"), [(23, 59)]);
    assert_eq!(times("* * * * *").len(), 1440);
}

#[test]
fn days_and_months() {
    assert_eq!(january("0 0 1,15 * *"), [1, 15]);
    assert_eq!(january("0 0 1 feb-apr *"), [] as [i8; 0]);
    assert_eq!(january("0 0 31 Jan,MAR *"), [31]);
    assert_eq!(january("0 0 * * SAT"), [3, 10, 17, 24, 31]);
    assert_eq!(january("0 0 * * 0"), january("0 0 * * 7"));
    assert_eq!(january("0 0 * * 6-7"), january("0 0 * * SUN,sat"));
    assert_eq!(january("0 0 * * 0-7").len(), 31);
    assert_eq!(january("0 0 * * 5-7/2"), january("0 0 * * FRI,SUN"));
}

#[test]
fn both_days_set_means_either_unless_one_leads_with_a_star() {
    assert_eq!(january("0 0 13 * FRI"), [2, 9, 13, 16, 23, 30]);
    assert!(cron("0 0 13 * FRI").days_either_match());
    assert_eq!(january("0 0 */2 * FRI"), [9, 23]);
    assert!(!cron("0 0 */2 * FRI").days_either_match());
    assert_eq!(january("0 0 9-15 * */5"), [9, 11], "Friday or Sunday");
    assert_eq!(
        january("0 0 1,* * FRI").len(),
        31,
        "a star that does not lead"
    );
    assert!(!cron("0 0 *,1 * FRI").days_either_match());
    assert!(!cron("0 0 13 * *").days_either_match());
}

#[test]
fn a_star_or_step_in_minutes_or_hours_makes_an_interval() {
    for text in [
        "* 2 * * *",
        "0 * * * *",
        "*/15 2 * * *",
        "0-30/10 2 * * *",
        "0 1-5/1 * * *",
    ] {
        assert!(cron(text).is_interval(), "{text}");
    }
    for text in ["0 2 * * *", "0,30 1-5 * * *", "0 2 */2 * *"] {
        assert!(!cron(text).is_interval(), "{text}");
    }
    assert!(cron("@hourly").is_interval());
    assert!(!cron("@daily").is_interval());
}

#[test]
fn aliases_are_their_fields() {
    for (alias, fields) in ALIASES {
        assert_eq!(cron(alias), cron(fields), "{alias}");
    }
    assert_eq!(cron("@Daily"), cron(" 0\t0  * * * "));
}

#[test]
fn a_zone_may_stand_before() {
    let (fields, zone) = Cron::parse(" CRON_TZ=europe/berlin  0 22 * * SAT").unwrap();
    let zone = zone.unwrap();
    assert_eq!(fields, cron("0 22 * * SAT"));
    assert_eq!((zone.zone.name(), zone.range), ("Europe/Berlin", 1..22));
    assert_eq!(
        Cron::parse("TZ=UTC @daily").unwrap().1.unwrap().zone,
        Zone::utc()
    );
    assert_eq!(Cron::parse("0 22 * * SAT").unwrap().1, None);
}

#[test]
fn what_is_no_cron_says_where_and_what_to_write() {
    for (text, range, message, help) in [
        (
            "",
            0..0,
            "the cron is empty",
            "write five fields, such as 0 22 * * SAT",
        ),
        (
            "TZ=UTC ",
            0..0,
            "the cron is empty",
            "write five fields, such as 0 22 * * SAT",
        ),
        (
            "0 22 * *",
            0..8,
            "a cron has five fields, not 4",
            "the fields are minute, hour, day of month, month and day of week",
        ),
        (
            "0 0 22 * * SAT",
            0..14,
            "a cron has five fields, not six",
            "leave out the seconds, which come first in Quartz, or the year, which comes last",
        ),
        (
            "0 0 22 ? * SAT 2026",
            0..19,
            "a cron has five fields, not seven",
            "leave out the seconds, the first field, and the year, the last one",
        ),
        ("60 0 * * *", 0..2, "60 is not a minute: 0 to 59", ""),
        ("0 24 * * *", 2..4, "24 is not an hour: 0 to 23", ""),
        (
            "0 0 0 * *",
            4..5,
            "0 is not a day of the month: 1 to 31",
            "",
        ),
        (
            "0 0 1-32 * *",
            6..8,
            "32 is not a day of the month: 1 to 31",
            "",
        ),
        ("0 0 * 13 *", 6..8, "13 is not a month: 1 to 12", ""),
        ("0 0 * * 8", 8..9, "8 is not a day of the week: 0 to 7", ""),
        (
            "0 99999999999 * * *",
            2..13,
            "99999999999 is not an hour: 0 to 23",
            "",
        ),
        ("-5 0 * * *", 0..0, "a minute is missing here", ""),
        ("5- 0 * * *", 2..2, "a minute is missing here", ""),
        ("x 0 * * *", 0..1, "`x` is not a minute", ""),
        ("ü 0 * * *", 0..2, "`ü` is not a minute", ""),
        (
            "0 1,,2 * * *",
            2..6,
            "the list `1,,2` has an empty element",
            "",
        ),
        (
            "*/0 0 * * *",
            2..3,
            "the step `0` is not a number above zero",
            "",
        ),
        (
            "*/x 0 * * *",
            2..3,
            "the step `x` is not a number above zero",
            "",
        ),
        (
            "*/2/2 0 * * *",
            2..5,
            "the step `2/2` is not a number above zero",
            "",
        ),
        (
            "5/15 0 * * *",
            0..4,
            "`5/15` is a step without a range",
            "write 5-59/15",
        ),
        (
            "0 0 * * MON/2",
            8..13,
            "`MON/2` is a step without a range",
            "write 1-6/2",
        ),
        (
            "0 0 * * 7/2",
            8..11,
            "`7/2` is a step without a range",
            "write 0-6/2",
        ),
        (
            "0 0 ? * SAT",
            4..5,
            "`?` is not a day of the month",
            "write *",
        ),
        ("0 0 1 * ?", 8..9, "`?` is not a day of the week", "write *"),
        (
            "0 0 * * 6#2",
            8..11,
            "`6#2` is not a day of the week",
            "use days: [Sat], weeksOfMonth: [2] instead of cron",
        ),
        (
            "0 0 * * mon#1",
            8..13,
            "`mon#1` is not a day of the week",
            "use days: [Mon], weeksOfMonth: [1] instead of cron",
        ),
        (
            "0 0 * * 6L",
            8..10,
            "`6L` is not a day of the week",
            "cron has no last Sat: use days: [Sat], weeksOfMonth: [4], which every month has",
        ),
        (
            "0 0 L * *",
            4..5,
            "`L` is not a day of the month",
            "cron has no last day: write 28, which every month has",
        ),
        (
            "0 0 15W * *",
            4..7,
            "`15W` is not a day of the month",
            "cron has no nearest weekday: write the day, 15",
        ),
        (
            "0 0 * * FRI-MON",
            8..15,
            "the range `FRI-MON` runs backwards",
            "write FRI,SAT,SUN,MON",
        ),
        (
            "0 0 * * Fri-Sun",
            8..15,
            "the range `Fri-Sun` runs backwards",
            "write FRI,SAT,SUN",
        ),
        (
            "0 0 * * 5-1",
            8..11,
            "the range `5-1` runs backwards",
            "write 5-6,0-1",
        ),
        (
            "0 0 * * 7-2",
            8..11,
            "the range `7-2` runs backwards",
            "write 0-2",
        ),
        (
            "0 22-2 * * *",
            2..6,
            "the range `22-2` runs backwards",
            "write 22-23,0-2",
        ),
        (
            "0 22-4/3 * * *",
            2..8,
            "the range `22-4` runs backwards",
            "write 22,1,4",
        ),
        (
            "0 0 * NOV-FEB *",
            6..13,
            "the range `NOV-FEB` runs backwards",
            "write NOV,DEC,JAN,FEB",
        ),
        (
            "0 0 31-1 * *",
            4..8,
            "the range `31-1` runs backwards",
            "write 31,1",
        ),
        (
            "0 0 * * SATURDAY",
            8..16,
            "`SATURDAY` is not a day of the week",
            "write SAT",
        ),
        (
            "0 0 * * SST",
            8..11,
            "`SST` is not a day of the week",
            "write SAT",
        ),
        ("0 0 * SEPT *", 6..10, "`SEPT` is not a month", "write SEP"),
        (
            "@dayly",
            0..6,
            "there is no `@dayly`",
            "did you mean @daily?",
        ),
        ("@reboot", 0..7, "`@reboot` names no time", ""),
        (
            "TZ=UTC @fortnightly",
            7..19,
            "there is no `@fortnightly`",
            "write five fields, or @hourly, @daily, @weekly, @monthly or @yearly",
        ),
        (
            "@daily 5 4 ",
            7..10,
            "`@daily` stands alone, without `5`",
            "",
        ),
        (
            "ZONE=UTC 0 0 * * *",
            0..4,
            "a cron has no setting `ZONE`",
            "only CRON_TZ= or TZ= with a time zone may stand before a cron",
        ),
        (
            "TZ=Europe/Berlim 0 0 * * *",
            3..16,
            "there is no time zone `Europe/Berlim`",
            "did you mean Europe/Berlin?",
        ),
    ] {
        let error = Cron::parse(text).expect_err(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(error.range, range, "{text}");
        assert_eq!(error.help.unwrap_or_default(), help, "{text}");
    }
}

#[test]
fn every_is_told_to_be_hours() {
    let error = Cron::parse("@every 6h").unwrap_err();
    assert_eq!(error.message, "`@every` counts from an unknown start");
}

/// A field as croner and Vixie's cron read alike.
fn field(min: u32, max: u32) -> impl Strategy<Value = String> {
    let range = (min..=max, min..=max).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let element = prop_oneof![
        (min..=max).prop_map(|value| value.to_string()),
        range
            .clone()
            .prop_map(|(low, high)| format!("{low}-{high}")),
        (range, 1..=max).prop_map(|((low, high), step)| format!("{low}-{high}/{step}")),
    ];
    prop_oneof![
        1 => Just("*".to_owned()),
        2 => proptest::collection::vec(element, 1..4).prop_map(|list| list.join(",")),
    ]
}

fn any_cron() -> impl Strategy<Value = String> {
    (
        field(0, 59),
        field(0, 23),
        field(1, 31),
        field(1, 12),
        field(0, 7),
    )
        .prop_map(|(a, b, c, d, e)| format!("{a} {b} {c} {d} {e}"))
}

proptest! {
    #[test]
    fn agrees_with_croner_where_both_read_alike(
        text in any_cron(),
        (year, month, day) in (1970_i16..2100, 1_i8..=12, 1_i8..=28),
        hour in 0_i8..24,
        minute in 0_i8..60,
    ) {
        let theirs: Croner = text.parse().unwrap();
        let ours = cron(&text);
        let instant = Date::new(year, month, day).unwrap().at(hour, minute, 0, 0)
            .in_tz("UTC").unwrap();
        let runs = ours.runs_on(instant.date()) && ours.times().any(|at| at == (hour, minute));
        prop_assert_eq!(runs, theirs.is_time_matching(&instant).unwrap());
    }

    #[test]
    fn no_text_panics(text in "[*/,0-9A-Z?#@= üL-]{0,24}") {
        if let Err(error) = Cron::parse(&text) {
            prop_assert!(text.get(error.range).is_some());
        }
    }
}

#[test]
fn a_cron_for_a_weekday_in_whole_weeks_of_the_month_is_a_weekly_window() {
    let window = |text: &str| Cron::parse(text).expect(text).0.weekly_window();
    assert_eq!(
        window("0 22 8-14 * SAT").as_deref(),
        Some("days: [Sat], weeksOfMonth: [2], start: \"22:00\"")
    );
    assert_eq!(
        window("5 3 1-7,29-31 * 7,1").as_deref(),
        Some("days: [Mon, Sun], weeksOfMonth: [1, 5], start: \"03:05\"")
    );
    for text in [
        "0 22 1 * SAT",
        "0 22 8-14 6 SAT",
        "0,30 22 8-14 * SAT",
        "0 22 8-15 * SAT",
    ] {
        assert_eq!(window(text), None, "{text}");
    }
}

#[test]
fn a_day_on_which_both_fields_match() {
    let cron = Cron::parse("0 22 1-7 * SAT").expect("a cron").0;
    assert!(cron.both_days_match(date(2026, 1, 3)));
    assert!(!cron.both_days_match(date(2026, 1, 10)), "another week");
    assert!(!cron.both_days_match(date(2026, 1, 4)), "another day");
}
