//! Schedules against a second implementation that knows only definitions: it walks the clock of a
//! zone step by step and looks what it shows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod pairs;
mod walked;

use jiff::tz::TimeZoneDatabase;
use proptest::prelude::*;
use proptest::sample::select;
use vmlint::schedule::{
    Cron, Occurrences, Overlap, Recurrence, Schedule, Search, Zone, first_overlap, overlaps,
};
use walked::{Case, DAY, Field, LONGEST, Plan, compare, compare_with_itself, timestamp};

fn field(min: i8, max: i8, sparse: bool) -> BoxedStrategy<Field> {
    let plain = |text: String, values: Vec<i8>, interval: bool| Field {
        star: text.starts_with('*'),
        text,
        values,
        interval,
    };
    let range = (min..=max, min..=max).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let list = proptest::collection::vec(min..=max, 1..=2).prop_map(move |values| {
        let text: Vec<String> = values.iter().map(i8::to_string).collect();
        plain(text.join(","), values, false)
    });
    let stepped = (range.clone(), 1..=max).prop_map(move |((low, high), step)| {
        let values = (low..=high).step_by(step as usize).collect();
        plain(format!("{low}-{high}/{step}"), values, true)
    });
    let starred = (1..=max).prop_map(move |step| {
        plain(
            format!("*/{step}"),
            (min..=max).step_by(step as usize).collect(),
            true,
        )
    });
    let star = Just(plain("*".to_owned(), (min..=max).collect(), true));
    if sparse {
        prop_oneof![6 => list, 1 => stepped, 1 => starred, 1 => star].boxed()
    } else {
        let wide = range.prop_map(move |(low, high)| {
            plain(format!("{low}-{high}"), (low..=high).collect(), false)
        });
        prop_oneof![1 => list, 2 => wide, 1 => stepped, 2 => starred, 6 => star].boxed()
    }
}

/// Fixed hours at which clocks change.
fn hours_of_the_night() -> impl Strategy<Value = Field> {
    (0_i8..=3).prop_map(|hour| Field {
        text: hour.to_string(),
        values: vec![hour],
        star: false,
        interval: false,
    })
}

/// Times of day, more often those at which clocks change.
fn time_of_day() -> impl Strategy<Value = i64> {
    prop_oneof![1 => 0_i64..1440, 3 => (0_i64..=8).prop_map(|half| half * 30)]
        .prop_map(|minute| minute * 60)
}

fn zones() -> Vec<String> {
    TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.to_string())
        .collect()
}

/// A zone, and the first day of a search in which it perhaps changes its clocks on day `near`.
fn place() -> impl Strategy<Value = (String, i64, i64)> {
    let odd = [
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/Havana",
        "Pacific/Apia",
        "Asia/Beirut",
        "Europe/Dublin",
        "Africa/Casablanca",
        "Africa/El_Aaiun",
        "Africa/Monrovia",
        "Pacific/Kwajalein",
        "America/St_Johns",
        "Antarctica/Troll",
        "Africa/Cairo",
    ];
    let zone = prop_oneof![1 => select(zones()), 2 => select(odd.map(str::to_owned).to_vec()),];
    (zone, 0_i64..32_800, 0_i64..400, prop::bool::weighted(0.8)).prop_map(
        |(zone, day, near, changes)| {
            let rules = TimeZoneDatabase::bundled().get(&zone).unwrap();
            let from = day * DAY;
            let change = rules
                .following(timestamp(from))
                .next()
                .map(|change| change.timestamp().as_second())
                .filter(|at| changes && *at < from + 396 * DAY);
            let near = change
                .map_or(near, |at| (at - from) / DAY - 2)
                .clamp(0, 395);
            (zone, day, near)
        },
    )
}

fn plan(from: i64) -> impl Strategy<Value = Plan> {
    let cron = (
        field(0, 59, true),
        prop_oneof![field(0, 23, true), hours_of_the_night()],
        field(1, 31, false),
        field(1, 12, false),
        field(0, 7, false),
    );
    let day = select(vec!["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    let days = prop_oneof![2 => Just(Vec::new()), 1 => proptest::collection::vec(day, 1..4)];
    let weeks = prop_oneof![4 => Just(Vec::new()), 1 => proptest::collection::vec(1_i8..=5, 1..3)];
    prop_oneof![
        4 => cron.prop_map(|(a, b, c, d, e)| Plan::Cron(Box::new([a, b, c, d, e]))),
        4 => (days, weeks, time_of_day(), time_of_day())
            .prop_map(|(days, weeks, start, end)| Plan::Weekly { days, weeks, start, end }),
        1 => (0_i64..5, time_of_day())
            .prop_map(move |(day, time)| Plan::Once { wall: from + day * DAY + time }),
    ]
}

fn length() -> impl Strategy<Value = i64> {
    prop_oneof![1_i64..=240, 1_i64..=LONGEST / 60].prop_map(|minutes| minutes * 60)
}

/// Two schedules in one zone or two, a search, and the day in it to look at.
fn two() -> impl Strategy<Value = (Case, Case, i64, i64)> {
    (place(), place(), any::<bool>()).prop_flat_map(|((zone, day, near), (other, ..), same)| {
        let around = (day + near) * DAY;
        let other = if same { zone.clone() } else { other };
        (plan(around), plan(around), length(), length()).prop_map(move |(a, b, long, short)| {
            let a = Case {
                plan: a,
                zone: zone.clone(),
                length: long,
            };
            let b = Case {
                plan: b,
                zone: other.clone(),
                length: short,
            };
            (a, b, day, near)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_few_days_agree_with_the_definitions((a, b, day, near) in two()) {
        compare(&a, &b, day, near, 5)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whole_searches_agree_with_the_definitions((a, b, day, _) in two()) {
        compare(&a, &b, day, 0, 400)?;
    }

    #[test]
    fn an_overrun_is_found_where_one_is((case, _, day, _) in two()) {
        compare_with_itself(&case, day)?;
    }
}

/// Two daily windows that touch on all days but those on which the clocks change.
#[test]
fn windows_that_collide_on_one_day_of_the_year() {
    let daily = |text: &str, zone: &str, hours: i64| {
        let cron = Recurrence::Cron(Cron::parse(text).unwrap().0);
        Schedule::new(cron, Zone::parse(zone).unwrap()).lasting(hours * 3_600)
    };
    let search = Search::new(jiff::civil::date(2026, 1, 1));
    let of = |schedule: &Schedule| Occurrences::of(schedule, &search);
    let before = of(&daily("0 22 * * *", "Europe/Berlin", 5));
    let after = of(&daily("0 3 * * *", "Europe/Berlin", 1));
    let all: Vec<String> = overlaps(&before, &after)
        .map(|one| Zone::utc().show_window(one.start, one.end))
        .collect();
    assert_eq!(all, ["Sun 2026-03-29 01:00–02:00 (UTC)"]);
    let elsewhere = of(&daily("0 22 * * *", "UTC", 1));
    let there = of(&daily("0 0 * * *", "Europe/Berlin", 1));
    let Overlap::Collides(first) = first_overlap(&elsewhere, &there) else {
        panic!("22:00 UTC is midnight in Berlin in summer");
    };
    assert_eq!(
        Zone::parse("Europe/Berlin")
            .unwrap()
            .show_window(first.start, first.end),
        "Mon 2026-03-30 00:00–01:00 (Europe/Berlin)"
    );
}
