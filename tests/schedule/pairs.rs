//! Pairs that are made so that they just touch or just collide, on the day of a clock change or
//! once a year, and every zone on the days on which its clocks change.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use proptest::prelude::*;
use proptest::sample::select;
use vmlint::schedule::{Collision, Occurrences, overlaps};

use super::walked::{Case, DAY, Field, Plan, civil, compare, search, seconds, timestamp};

/// Zones with clock changes of an hour, half an hour, two hours, at midnight, and around Ramadan,
/// and some without any.
const ZONES: [&str; 14] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Antarctica/Troll",
    "America/Havana",
    "Asia/Beirut",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Europe/Dublin",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "UTC",
];

/// Zones and the days that they left out, as days of the wall clock.
const LEFT_OUT: [(&str, &str); 5] = [
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Fakaofo", "2011-12-30"),
    ("Pacific/Kiritimati", "1994-12-31"),
    ("Pacific/Kanton", "1994-12-31"),
    ("Pacific/Kwajalein", "1993-08-21"),
];

fn rules(zone: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(zone).unwrap()
}

/// What the clock of a zone shows at an instant, without seconds.
fn wall(zone: &str, at: i64) -> i64 {
    let shown = seconds(rules(zone).to_datetime(timestamp(at)));
    shown - shown.rem_euclid(60)
}

fn one(value: i8) -> Field {
    Field {
        text: value.to_string(),
        values: vec![value],
        star: false,
        interval: false,
    }
}

fn every(min: i8, max: i8) -> Field {
    Field {
        text: "*".to_owned(),
        values: (min..=max).collect(),
        star: true,
        interval: true,
    }
}

/// How often a schedule runs that runs at a certain time.
#[derive(Clone, Copy, Debug)]
enum Often {
    Daily,
    Weekly,
    /// On the first, second, … such day of the week of each month.
    Monthly,
    Yearly,
    Once,
}

/// A schedule that starts when the clock of its zone shows what it shows at this instant.
fn starting(at: i64, zone: &str, often: Often, length: i64) -> Case {
    let wall = wall(zone, at);
    let (date, second) = (civil(wall), wall.rem_euclid(DAY));
    let minute = one(date.minute());
    let hour = one(date.hour());
    let cron = |day, month, weekday| Plan::Cron(Box::new([minute, hour, day, month, weekday]));
    let plan = match often {
        Often::Daily => cron(every(1, 31), every(1, 12), every(0, 7)),
        Often::Weekly => cron(
            every(1, 31),
            every(1, 12),
            one(date.weekday().to_sunday_zero_offset()),
        ),
        Often::Yearly => cron(one(date.day()), one(date.month()), every(0, 7)),
        Often::Once => Plan::Once { wall },
        // A window ends by the wall clock, so that its length is that of a day without a change.
        Often::Monthly => Plan::Weekly {
            days: vec![
                ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
                    [usize::try_from(date.weekday().to_sunday_zero_offset()).unwrap()],
            ],
            weeks: vec![(date.day() - 1) / 7 + 1],
            start: second,
            end: (second + length).rem_euclid(DAY),
        },
    };
    Case {
        plan,
        zone: zone.to_owned(),
        length,
    }
}

fn often() -> impl Strategy<Value = Often> {
    select(vec![
        Often::Daily,
        Often::Weekly,
        Often::Monthly,
        Often::Yearly,
        Often::Once,
    ])
}

fn collisions(a: &Case, b: &Case, day: i64) -> Vec<Collision> {
    let [a, b] = [a, b].map(|case| Occurrences::of(&case.schedule(), &search(day)));
    overlaps(&a, &b).collect()
}

/// The change of clocks in a zone from an instant on: when, and by how much they go forward.
fn change(zone: &str, from: i64) -> Option<(i64, i64)> {
    let rules = rules(zone);
    let at = rules
        .following(timestamp(from))
        .next()?
        .timestamp()
        .as_second();
    let offset = |at| i64::from(rules.to_offset(timestamp(at)).seconds());
    Some((at, offset(at) - offset(at - 1)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The second starts when the first ends on the day before a change of clocks, or a minute
    /// to either side, so that whether they collide later is up to that change alone.
    #[test]
    fn windows_that_touch_until_the_clocks_change(
        first in select(ZONES[..11].to_vec()),
        second in select(ZONES.to_vec()),
        year in 0_i64..60,
        before in 0_i64..=360,
        length in 1_i64..=720,
        apart in -1_i64..=1,
        (one, other) in (often(), often()),
    ) {
        let from = year * 365 * DAY + DAY;
        let change = change(first, from);
        prop_assume!(change.is_some(), "some zones keep their clocks from a year on");
        let (change, _) = change.unwrap();
        let day = (change / DAY - 30).max(0);
        let (start, length) = (change - DAY - before * 60, length * 60);
        let a = starting(start, first, one, length);
        let b = starting(start + length + apart * 60, second, other, 3_600);
        compare(&a, &b, day, 0, 400)?;
    }

    /// A backup that takes the same time each night and a window that begins when it is over: in
    /// the night in which the clocks go forward they collide for as long as the gap is.
    #[test]
    fn one_night_of_the_year(
        zone in select(vec!["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll"]),
        year in 40_i64..=90,
        before in 1_i64..=600,
        after in 0_i64..=300,
    ) {
        let mut at = year * 365 * DAY;
        let (change, gap) = loop {
            let (change, forward) = change(zone, at).unwrap();
            if forward > 0 {
                break (change, forward);
            }
            at = change;
        };
        let (before, after) = (before * 60, after * 60);
        let day = change / DAY - 100;
        let begin = change - before - DAY;
        // On days without a change both meet where the clock shows the end of the gap, or later.
        let length = before + gap + after;
        let a = starting(begin, zone, Often::Daily, length);
        let b = starting(begin + length, zone, Often::Daily, 2 * 3_600);
        compare(&a, &b, day, 0, 400)?;
        let found = collisions(&a, &b, day);
        let within = |one: &Collision| (one.start.unix() - change).abs() < 2 * DAY;
        prop_assert!(found.iter().any(within), "{a:?} and {b:?}: {found:?}");
        prop_assert!(found.len() <= 2, "{a:?} and {b:?}: {found:?}");
    }

    /// Yearly schedules, on 29 February among others, that touch or collide by one minute.
    #[test]
    fn one_day_of_the_year(
        leap in any::<bool>(),
        (year, day, minute) in (1_i64..17, 0_i64..365, 0_i64..1440),
        (first, second) in (select(ZONES.to_vec()), select(ZONES.to_vec())),
        length in 1_i64..=1440,
        apart in -1_i64..=1,
        other in often(),
    ) {
        let midnight = match leap {
            true => seconds(jiff::civil::date(1968 + 4 * year as i16, 2, 29).at(0, 0, 0, 0)),
            false => (year * 4 * 365 + day) * DAY,
        };
        let (start, length) = (midnight + minute * 60, length * 60);
        let search = (midnight / DAY - 200).max(0);
        let a = starting(start, first, Often::Yearly, length);
        let b = starting(start + length + apart * 60, second, other, 1_800);
        compare(&a, &b, search, 0, 400)?;
    }
}

#[test]
fn every_zone_on_the_days_on_which_its_clocks_change() {
    let mut visited = 0;
    for (index, zone) in TimeZoneDatabase::bundled().available().enumerate() {
        let zone = zone.as_str();
        visited += 1;
        // From another year for each zone: most have had many rules.
        let from = (1 + index as i64 * 7 % 60) * 365 * DAY;
        let at = change(zone, from).map_or(from, |(at, _)| at);
        let day = at / DAY - 100;
        let length = (10 + index as i64 % 50) * 60;
        let wall_start = wall(zone, at - 1);
        let fixed = starting(at - 1, zone, Often::Daily, length);
        let window = Case {
            plan: Plan::Weekly {
                days: Vec::new(),
                weeks: Vec::new(),
                start: (wall_start + 60 - length).rem_euclid(DAY),
                end: wall_start.rem_euclid(DAY),
            },
            zone: zone.to_owned(),
            length,
        };
        compare(&fixed, &window, day, 98, 5).unwrap_or_else(|error| panic!("{zone}: {error}"));
    }
    assert!(visited > 500, "{visited} zones");
}

#[test]
fn days_that_a_zone_left_out() {
    for (zone, date) in LEFT_OUT {
        let midnight = seconds(date.parse().unwrap());
        let shown = |at: i64| wall(zone, at) / DAY * DAY;
        let around = midnight - 2 * DAY..midnight + 2 * DAY;
        assert!(
            around.step_by(3_600).all(|at| shown(at) != midnight),
            "{zone} did not leave out {date}"
        );
        let noon = |weekday: Field, length: i64| Case {
            plan: Plan::Cron(Box::new([
                one(0),
                one(12),
                every(1, 31),
                every(1, 12),
                weekday,
            ])),
            zone: zone.to_owned(),
            length,
        };
        let weekday = one(civil(midnight).weekday().to_sunday_zero_offset());
        let window = |start: i64, end: i64| Case {
            plan: Plan::Weekly {
                days: Vec::new(),
                weeks: Vec::new(),
                start: start * 3_600,
                end: end * 3_600,
            },
            zone: zone.to_owned(),
            length: 0,
        };
        let hourly = Case {
            plan: Plan::Cron(Box::new([
                one(30),
                every(0, 23),
                every(1, 31),
                every(1, 12),
                every(0, 7),
            ])),
            zone: zone.to_owned(),
            length: 600,
        };
        let all = [
            noon(every(0, 7), 3_600),
            noon(weekday, 13 * 3_600),
            window(22, 2),
            window(0, 6),
            window(18, 12),
            hourly,
        ];
        for a in &all {
            for b in &all {
                compare(a, b, midnight / DAY - 20, 15, 10)
                    .unwrap_or_else(|error| panic!("{zone}: {error}"));
            }
        }
    }
}
