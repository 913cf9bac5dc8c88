use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::schedule::{Instant, Occurrences, Recurrence, Schedule, Search};

/// `getField` and `getRange` of robfig/cron's parser, step by step: the bits, the top one for a star.
fn get_field(text: &str, min: i64, max: i64, names: &[&str]) -> Option<u64> {
    let number = |text: &str| -> Option<i64> {
        let lower = text.to_lowercase();
        if let Some(index) = names.iter().position(|name| *name == lower) {
            return Some(min + i64::try_from(index).unwrap());
        }
        text.parse::<i64>().ok().filter(|number| *number >= 0)
    };
    let mut bits = 0;
    for range in text.split(',').filter(|range| !range.is_empty()) {
        let with_step: Vec<&str> = range.split('/').collect();
        let ends: Vec<&str> = with_step[0].split('-').collect();
        let mut extra = 0;
        let (start, mut end);
        if ends[0] == "*" || ends[0] == "?" {
            (start, end, extra) = (min, max, 1 << 63);
        } else {
            start = number(ends[0])?;
            end = match ends.len() {
                1 => start,
                2 => number(ends[1])?,
                _ => return None,
            };
        }
        let step = match with_step.len() {
            1 => 1,
            2 => {
                let step: i64 = with_step[1].parse().ok().filter(|step| *step >= 0)?;
                if ends.len() == 1 {
                    end = max;
                }
                if step > 1 {
                    extra = 0;
                }
                step
            }
            _ => return None,
        };
        if start < min || end > max || start > end || step == 0 {
            return None;
        }
        let mut value = start;
        while value <= end {
            bits |= 1 << value;
            value += step;
        }
        bits |= extra;
    }
    Some(bits)
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The five fields as bits.
fn spec(text: &str) -> Option<[u64; 5]> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, dom, month, dow] = words.as_slice() else {
        return None;
    };
    Some([
        get_field(minute, 0, 59, &[])?,
        get_field(hour, 0, 23, &[])?,
        get_field(dom, 1, 31, &[])?,
        get_field(month, 1, 12, &MONTHS)?,
        get_field(dow, 0, 6, &WEEKDAYS)?,
    ])
}

/// The minutes of the search at which all fields match what the clock shows.
fn starts(spec: [u64; 5], zone: &Zone, search: &Search) -> Vec<i64> {
    let [minutes, hours, dom, months, dow] = spec;
    let set = |bits: u64, value: i8| bits >> value & 1 == 1;
    let star = |bits: u64| bits >> 63 == 1;
    let (from, until) = (search.from().unix(), search.until().unix());
    let matches = |at: &i64| {
        let wall = zone.wall_clock(Instant::from_unix(*at));
        let of_month = set(dom, wall.day());
        let of_week = set(dow, wall.weekday().to_sunday_zero_offset());
        let day = match star(dom) || star(dow) {
            true => of_month && of_week,
            false => of_month || of_week,
        };
        day && set(months, wall.month()) && set(hours, wall.hour()) && set(minutes, wall.minute())
    };
    (from..until).step_by(60).filter(matches).collect()
}

fn element() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        4 => (0..8_u8).prop_map(|value| value.to_string()),
        2 => (0..70_u8).prop_map(|value| value.to_string()),
        1 => prop::sample::select(vec!["*", "?", "mon", "SAT", "Feb", "7", "L", "", "+5", "15W", "5#2"])
            .prop_map(str::to_owned),
    ];
    let base = prop_oneof![
        2 => Just("*".to_owned()),
        1 => Just("?".to_owned()),
        4 => value.clone(),
        3 => (value.clone(), value).prop_map(|(low, high)| format!("{low}-{high}")),
    ];
    (base, prop::option::weighted(0.4, 0..40_u8)).prop_map(|(base, step)| match step {
        Some(step) => format!("{base}/{step}"),
        None => base,
    })
}

fn field_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just("*".to_owned()),
        3 => (1..7_u8).prop_map(|value| value.to_string()),
        4 => prop::collection::vec(element(), 1..3).prop_map(|elements| elements.join(",")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn takes_and_refuses_what_the_parser_does(
        fields in prop::collection::vec(field_text(), 5),
        extra in prop::option::weighted(0.05, field_text()),
    ) {
        let text = fields.into_iter().chain(extra).collect::<Vec<_>>().join(" ");
        let read = Robfig::parse(&text);
        let naive = spec(&text);
        prop_assert_eq!(read.is_ok(), naive.is_some(), "{} {:?}", text, read);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn starts_whenever_the_clock_matches(
        minute in prop::sample::select(vec!["0", "30", "*/20", "5/25", "?", "0,59"]),
        hour in prop::sample::select(vec!["2", "1-3", "*/6", "22/1", "*", "0"]),
        dom in prop::sample::select(vec!["*", "?", "*/2", "1", "8-14", "29/1", "*/1", "1,*"]),
        month in prop::sample::select(vec!["*", "3,10", "MAR", "*/5"]),
        dow in prop::sample::select(vec!["*", "?", "*/2", "0", "SAT", "5/1", "1-5"]),
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
    ) {
        let text = format!("{minute} {hour} {dom} {month} {dow}");
        let search = Search::new(date(2026, 2, 20));
        let zone = Zone::parse(zone).unwrap();
        let RobfigStarts::Cron(cron) = Robfig::parse(&text).unwrap().starts else { panic!() };
        let schedule = Schedule::new(Recurrence::Cron(cron), zone.clone());
        let read: Vec<i64> = Occurrences::of(&schedule, &search).iter().map(|one| one.start.unix()).collect();
        prop_assert_eq!(read, starts(spec(&text).unwrap(), &zone, &search), "{} {}", text, zone);
    }
}

fn cron(text: &str) -> Cron {
    match Robfig::parse(text).map(|it| it.starts) {
        Ok(RobfigStarts::Cron(cron)) => cron,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn descriptors_and_zones() {
    assert_eq!(cron("@daily"), cron("0 0 * * *"));
    assert_eq!(cron("TZ=UTC  @weekly "), cron("0 0 * * SUN"));
    assert_eq!(cron("@hourly"), cron("0 * ? * *"));
    let zone = |text: &str| Robfig::parse(text).unwrap().zone;
    assert_eq!(zone("0 2 * * *"), RobfigZone::Unsaid);
    assert_eq!(zone("TZ=Local 0 2 * * *"), RobfigZone::Local);
    assert_eq!(
        zone("CRON_TZ=Europe/Berlin 0 2 * * *"),
        RobfigZone::Named(Zone::parse("Europe/Berlin").unwrap())
    );
    let every = |text: &str| match Robfig::parse(text).unwrap().starts {
        RobfigStarts::Every(seconds) => seconds,
        RobfigStarts::Cron(_) => panic!("{text}"),
    };
    assert_eq!(every("@every 6h"), 21_600);
    assert_eq!(every("@every 1h30m10s"), 5_410);
    assert_eq!(every("@every 1.5h"), 5_400);
    assert_eq!(every("@every 10ms"), 1);
}

#[test]
fn both_days_set_means_either_unless_one_has_a_star() {
    for (text, either) in [
        ("0 2 1 * MON", true),
        ("0 2 */2 * MON", true),
        ("0 2 1 * */2", true),
        ("0 2 */1 * MON", false),
        ("0 2 1,* * MON", false),
        ("0 2 ? * MON", false),
        ("0 2 1 * ?", false),
    ] {
        assert_eq!(cron(text).days_either_match(), either, "{text}");
    }
}

#[test]
fn what_is_refused_says_where_and_what_to_write() {
    for (text, range, message, help) in [
        (
            "",
            0..0,
            "the cron is empty",
            "write five fields, such as 0 2 * * SAT",
        ),
        (
            "0 0 2 * * *",
            0..11,
            "a cron has five fields, not six",
            "leave out the seconds, which come first in Quartz, or the year, which comes last",
        ),
        (
            "0 2 * * 7",
            8..9,
            "7 is not a day of the week: 0 to 6",
            "write 0 for Sunday",
        ),
        (
            "0 2 * * FRI-MON",
            8..15,
            "the range `FRI-MON` runs backwards",
            "write FRI,SAT,SUN,MON",
        ),
        (
            "0 2 L * *",
            4..5,
            "`L` is not a day of the month",
            "a cron has no last day: write 28, which every month has",
        ),
        (
            "0 2 * * 6#2",
            8..11,
            "`6#2` is not a day of the week",
            "`L`, `W` and `#` are Quartz's: write numbers, names and ranges",
        ),
        (
            "0 */0 * * *",
            4..5,
            "the step `0` is not a number above zero",
            "",
        ),
        (
            "@Daily",
            0..6,
            "there is no `@Daily`",
            "write five fields, or @hourly, @daily, @weekly, @monthly, @yearly or @every with a length",
        ),
        (
            "@every 1d",
            0..9,
            "`1d` is no length of time",
            "write hours, minutes and seconds, such as 12h or 1h30m",
        ),
        (
            "@every",
            0..6,
            "there is no `@every`",
            "write five fields, or @hourly, @daily, @weekly, @monthly, @yearly or @every with a length",
        ),
        (
            "CRON_TZ=Europe/Berlin",
            0..21,
            "nothing follows the time zone",
            "write five fields behind it: CRON_TZ=Europe/Berlin 0 2 * * *",
        ),
        (
            "CRON_TZ=Europe/Berln 0 2 * * *",
            8..20,
            "there is no time zone `Europe/Berln`",
            "did you mean Europe/Berlin?",
        ),
        (
            "TZ=europe/berlin 0 2 * * *",
            3..16,
            "there is no time zone `europe/berlin`: their names have capitals",
            "write Europe/Berlin",
        ),
        (
            "TZ=UTC 0 2 * *",
            7..14,
            "a cron has five fields, not 4",
            "the fields are minute, hour, day of month, month and day of week",
        ),
        (
            "5-",
            0..2,
            "a cron has five fields, not 1",
            "the fields are minute, hour, day of month, month and day of week",
        ),
        ("5- 1 * * *", 2..2, "a minute is missing here", ""),
        (
            "0 2 * * 1-2-3",
            8..13,
            "the range `1-2-3` has three ends",
            "",
        ),
        ("0 2/1/1 * * *", 2..7, "`2/1/1` has two steps", ""),
    ] {
        let error = Robfig::parse(text).expect_err(text);
        assert_eq!(
            (error.range, error.message.as_str()),
            (range, message),
            "{text}"
        );
        assert_eq!(error.help.unwrap_or_default(), help, "{text}");
    }
}
