//! Schedules against a second implementation that knows only definitions: it walks the clock of a
//! zone step by step and looks what it shows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use vmlint::schedule::{
    At, Collision, Cron, Instant, Occurrences, Overlap, Recurrence, Schedule, Search, TimeOfDay,
    WeekOfMonth, Weekly, Zone, first_overlap, overlaps, parse_weekday, self_overlap,
};

const DAY: i64 = 86_400;
const LONGEST: i64 = 3 * DAY;

/// A field of a cron: its text, and what it selects by that text.
#[derive(Clone, Debug)]
struct Field {
    text: String,
    values: Vec<i8>,
    star: bool,
    interval: bool,
}

/// A schedule as a generator makes it up.
#[derive(Clone, Debug)]
enum Plan {
    Cron(Box<[Field; 5]>),
    Weekly {
        days: Vec<&'static str>,
        weeks: Vec<i8>,
        start: i64,
        end: i64,
    },
    Once {
        wall: i64,
    },
}

#[derive(Clone, Debug)]
struct Case {
    plan: Plan,
    zone: String,
    length: i64,
}

/// What the clock of a zone shows at each step of a span, in seconds since 1970 on the wall.
struct Clock {
    from: i64,
    step: i64,
    walls: Vec<i64>,
}

impl Clock {
    fn over(zone: &TimeZone, from: i64, until: i64) -> Self {
        // All clock changes since 1970 are at full minutes of the wall clock. Monrovia was 44:30
        // behind UTC until 1972, where steps of a minute would miss them.
        let offset = zone.to_offset(timestamp(from)).seconds();
        let step = if offset % 60 == 0 { 60 } else { 30 };
        let walls = (from..until)
            .step_by(usize::try_from(step).unwrap())
            .map(|at| seconds(zone.to_datetime(timestamp(at))))
            .collect();
        Clock { from, step, walls }
    }

    fn steps(&self) -> impl Iterator<Item = (i64, i64)> {
        self.walls
            .iter()
            .enumerate()
            .map(|(index, wall)| (self.from + index as i64 * self.step, *wall))
    }

    /// The first instant that shows this time, else the first that shows a later one just after
    /// an earlier one.
    fn resolve(&self, wall: i64) -> Option<i64> {
        let near = usize::try_from((wall - 2 * DAY - self.from).max(0) / self.step).unwrap();
        let far = usize::try_from((wall + 2 * DAY - self.from).max(0) / self.step).unwrap();
        let near = &self.walls[near.min(self.walls.len())..far.min(self.walls.len())];
        let base = (wall - 2 * DAY - self.from).max(0) / self.step * self.step + self.from;
        let shown = near.iter().position(|shown| *shown == wall);
        let index = shown.or_else(|| {
            near.windows(2)
                .position(|pair| pair[0] < wall && wall < pair[1])
                .map(|before| before + 1)
        })?;
        Some(base + index as i64 * self.step)
    }
}

fn timestamp(unix: i64) -> Timestamp {
    Timestamp::from_second(unix).unwrap()
}

fn seconds(wall: DateTime) -> i64 {
    wall.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
        .as_secs()
}

fn civil(seconds: i64) -> DateTime {
    DateTime::constant(1970, 1, 1, 0, 0, 0, 0) + SignedDuration::from_secs(seconds)
}

impl Plan {
    /// Whether the schedule says this minute of the wall clock.
    fn matches(&self, wall: i64) -> bool {
        let at = civil(wall);
        match self {
            Plan::Cron(fields) => {
                let [minute, hour, day, month, weekday] = fields.as_ref();
                let of_month = day.values.contains(&at.day());
                let sunday = at.weekday() == Weekday::Sunday;
                let of_week = weekday
                    .values
                    .contains(&at.weekday().to_sunday_zero_offset())
                    || sunday && weekday.values.contains(&7);
                let days = match day.star || weekday.star {
                    true => of_month && of_week,
                    false => of_month || of_week,
                };
                wall % 60 == 0
                    && days
                    && minute.values.contains(&at.minute())
                    && hour.values.contains(&at.hour())
                    && month.values.contains(&at.month())
            }
            Plan::Weekly {
                days, weeks, start, ..
            } => {
                let name = at.strftime("%a").to_string();
                wall.rem_euclid(DAY) == *start
                    && (days.is_empty() || days.contains(&name.as_str()))
                    && (weeks.is_empty() || weeks.contains(&((at.day() - 1) / 7 + 1)))
            }
            Plan::Once { wall: once } => wall == *once,
        }
    }

    fn interval(&self) -> bool {
        matches!(self, Plan::Cron(fields) if fields[..2].iter().any(|field| field.interval))
    }
}

impl Case {
    /// The starts in a span with their ends, by definition.
    fn by_definition(&self, from: i64, until: i64) -> Vec<(i64, i64)> {
        let zone = TimeZoneDatabase::bundled().get(&self.zone).unwrap();
        let clock = Clock::over(&zone, from - 4 * DAY, until + 6 * DAY);
        let inside = |start: &i64| (from..until).contains(start);
        if self.plan.interval() {
            return clock
                .steps()
                .filter(|(at, wall)| inside(at) && self.plan.matches(*wall))
                .map(|(at, _)| (at, at + self.length))
                .collect();
        }
        let mut found: BTreeMap<i64, i64> = BTreeMap::new();
        for wall in (from - 3 * DAY..until + 3 * DAY).step_by(60) {
            if !self.plan.matches(wall) {
                continue;
            }
            let start = clock.resolve(wall).unwrap();
            let end = match self.plan {
                Plan::Weekly {
                    start: written,
                    end,
                    ..
                } => {
                    let days = if end <= written { DAY } else { 0 };
                    clock.resolve(wall - written + days + end).unwrap()
                }
                _ => start + self.length,
            };
            if inside(&start) {
                let known = found.entry(start).or_insert(end);
                *known = end.max(*known);
            }
        }
        found.into_iter().collect()
    }

    fn schedule(&self) -> Schedule {
        let zone = Zone::parse(&self.zone).unwrap();
        let time = |seconds: i64| civil(seconds).strftime("%H:%M").to_string();
        let recurrence = match &self.plan {
            Plan::Cron(fields) => {
                let text = fields
                    .iter()
                    .map(|field| field.text.as_str())
                    .collect::<Vec<_>>();
                Recurrence::Cron(Cron::parse(&text.join(" ")).unwrap().0)
            }
            Plan::Weekly {
                days,
                weeks,
                start,
                end,
            } => Recurrence::Weekly(Weekly::new(
                days.iter().map(|day| parse_weekday(day).unwrap()),
                weeks
                    .iter()
                    .map(|week| WeekOfMonth::parse(&week.to_string()).unwrap()),
                TimeOfDay::parse(&time(*start)).unwrap(),
                Some(TimeOfDay::parse_end(&time(*end)).unwrap()),
            )),
            Plan::Once { wall } => {
                let text = civil(*wall).strftime("%FT%H:%M").to_string();
                Recurrence::Once(At::parse(&text).unwrap())
            }
        };
        Schedule::new(recurrence, zone).lasting(self.length)
    }
}

fn pairs(list: &Occurrences) -> Vec<(i64, i64)> {
    list.iter()
        .map(|one| (one.start.unix(), one.end.unwrap().unix()))
        .collect()
}

/// Whether each minute of a span lies in one of the windows.
fn open(list: &[(i64, i64)], from: i64, until: i64) -> Vec<bool> {
    let mut minutes = vec![false; usize::try_from((until - from) / 30).unwrap()];
    for (start, end) in list {
        for at in ((*start).max(from)..(*end).min(until)).step_by(30) {
            minutes[usize::try_from((at - from) / 30).unwrap()] = true;
        }
    }
    minutes
}

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

fn search(day: i64) -> Search {
    Search::new(civil(day * DAY).date())
}

/// Compares everything that can be asked about two schedules in a span of the search.
fn compare(a: &Case, b: &Case, day: i64, near: i64, days: i64) -> Result<(), TestCaseError> {
    let search = search(day);
    let (from, until) = ((day + near) * DAY, (day + near + days).min(day + 400) * DAY);
    let early = (from - LONGEST).max(search.from().unix());
    let windows = [a, b].map(|case| Occurrences::of(&case.schedule(), &search));
    let mut expected = Vec::new();
    for (case, found) in [a, b].iter().zip(&windows) {
        // A one-off counts from before the search on too, so that it is looked for there.
        let once = matches!(case.plan, Plan::Once { .. });
        let early = if once { from - LONGEST } else { early };
        let found = pairs(found);
        let mut wanted = case.by_definition(early, until);
        if once {
            wanted.retain(|(_, end)| *end > search.from().unix());
        }
        let inside: Vec<_> = found
            .iter()
            .filter(|one| early <= one.0 && one.0 < until)
            .copied()
            .collect();
        prop_assert_eq!(&inside, &wanted, "occurrences of {:?}", case);
        expected.push(wanted);
    }
    let minutes = [&expected[0], &expected[1]].map(|list| open(list, from, until));
    for (found, minutes) in windows.iter().zip(&minutes) {
        for (index, open) in minutes.iter().enumerate().step_by(7) {
            let at = Instant::from_unix(from + 30 * index as i64);
            prop_assert_eq!(found.open_at(at), Some(*open), "open at {:?}", at);
        }
    }
    if !windows[0].comparable(&windows[1]) {
        return Ok(());
    }
    let both: Vec<bool> = minutes[0]
        .iter()
        .zip(&minutes[1])
        .map(|(a, b)| *a && *b)
        .collect();
    let all: Vec<Collision> = overlaps(&windows[0], &windows[1]).collect();
    let covered: Vec<(i64, i64)> = all
        .iter()
        .map(|one| (one.start.unix(), one.end.unwrap().unix()))
        .collect();
    prop_assert!(
        both == open(&covered, from, until),
        "collisions of {:?} and {:?}",
        a,
        b
    );
    let first = match first_overlap(&windows[0], &windows[1]) {
        Overlap::Collides(first) => Some(first),
        Overlap::Never => None,
        Overlap::Unknown => return Err(TestCaseError::fail("all ends are known")),
    };
    prop_assert_eq!(
        first.map(|first| first.start),
        all.first().map(|first| first.start)
    );
    if from == search.from().unix() && until == search.until().unix() {
        let expected = both
            .iter()
            .position(|both| *both)
            .map(|at| from + 30 * at as i64);
        let found = first.map(|one| one.start.max(search.from()).unix());
        prop_assert_eq!(found.filter(|at| *at < until), expected);
    }
    Ok(())
}

/// Whether a window runs into the next one of its schedule.
fn overruns(list: &[(i64, i64)]) -> bool {
    let lasting: Vec<_> = list.iter().filter(|one| one.0 < one.1).collect();
    lasting.windows(2).any(|pair| pair[1].0 < pair[0].1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_few_days_agree_with_the_definitions((a, b, day, near) in two()) {
        compare(&a, &b, day, near, 5)?;
    }

    #[test]
    fn an_overrun_is_found_where_one_is(((case, _, day, _), near) in (two(), 0_i64..=395)) {
        let all = Occurrences::of(&case.schedule(), &search(day + near));
        let found = matches!(self_overlap(&all), Overlap::Collides(_));
        prop_assert_eq!(found, overruns(&pairs(&all)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn whole_searches_agree_with_the_definitions((a, b, day, _) in two()) {
        compare(&a, &b, day, 0, 400)?;
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
