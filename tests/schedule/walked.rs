//! What schedules mean by definition: the clock of a zone is walked minute by minute, and what it
//! shows is looked at.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use vmlint::schedule::{
    At, Collision, Cron, Instant, Occurrences, Overlap, Recurrence, Schedule, Search, TimeOfDay,
    WeekOfMonth, Weekly, Zone, first_overlap, overlaps, parse_weekday, self_overlap,
};

pub(crate) const DAY: i64 = 86_400;
pub(crate) const LONGEST: i64 = 3 * DAY;

/// A field of a cron: its text, and what it selects by that text.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub(crate) text: String,
    pub(crate) values: Vec<i8>,
    pub(crate) star: bool,
    pub(crate) interval: bool,
}

/// A schedule as a generator makes it up.
#[derive(Clone, Debug)]
pub(crate) enum Plan {
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
pub(crate) struct Case {
    pub(crate) plan: Plan,
    pub(crate) zone: String,
    pub(crate) length: i64,
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
        let shown = |at| seconds(zone.to_datetime(timestamp(at)));
        // No zone changes its clocks twice in an hour: where an hour of the clock is one of time,
        // all its minutes are.
        let mut walls = Vec::new();
        for hour in (from..until).step_by(3_600) {
            let next = (hour + 3_600).min(until);
            let (first, last) = (shown(hour), shown(next));
            let steady = last - first == next - hour;
            for at in (hour..next).step_by(usize::try_from(step).unwrap()) {
                walls.push(if steady { first + at - hour } else { shown(at) });
            }
        }
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

pub(crate) fn timestamp(unix: i64) -> Timestamp {
    Timestamp::from_second(unix).unwrap()
}

pub(crate) fn seconds(wall: DateTime) -> i64 {
    wall.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0))
        .as_secs()
}

pub(crate) fn civil(seconds: i64) -> DateTime {
    DateTime::constant(1970, 1, 1, 0, 0, 0, 0) + SignedDuration::from_secs(seconds)
}

impl Plan {
    /// Whether the schedule says this minute of the wall clock.
    fn matches(&self, wall: i64) -> bool {
        self.matches_time(wall.rem_euclid(DAY)) && self.matches_date(wall)
    }

    fn matches_time(&self, second: i64) -> bool {
        match self {
            Plan::Cron(fields) => {
                let [minute, hour, ..] = fields.as_ref();
                let has = |field: &Field, value: i64| {
                    field.values.iter().any(|one| i64::from(*one) == value)
                };
                second % 60 == 0 && has(minute, second / 60 % 60) && has(hour, second / 3_600)
            }
            Plan::Weekly { start, .. } => second == *start,
            Plan::Once { wall } => second == wall.rem_euclid(DAY),
        }
    }

    fn matches_date(&self, wall: i64) -> bool {
        let at = civil(wall);
        match self {
            Plan::Cron(fields) => {
                let [_, _, day, month, weekday] = fields.as_ref();
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
                days && month.values.contains(&at.month())
            }
            Plan::Weekly { days, weeks, .. } => {
                let name = at.strftime("%a").to_string();
                (days.is_empty() || days.contains(&name.as_str()))
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
    pub(crate) fn by_definition(&self, from: i64, until: i64) -> Vec<(i64, i64)> {
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

    pub(crate) fn schedule(&self) -> Schedule {
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

fn pairs(found: &Occurrences) -> Vec<(i64, i64)> {
    found
        .iter()
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

pub(crate) fn search(day: i64) -> Search {
    Search::new(civil(day * DAY).date())
}

/// Compares everything that can be asked about two schedules in a span of the search.
pub(crate) fn compare(
    a: &Case,
    b: &Case,
    day: i64,
    near: i64,
    days: i64,
) -> Result<(), TestCaseError> {
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

/// Compares what is said of one schedule that runs into itself, in a whole search.
pub(crate) fn compare_with_itself(case: &Case, day: i64) -> Result<(), TestCaseError> {
    let search = search(day);
    let found = match self_overlap(&Occurrences::of(&case.schedule(), &search)) {
        Overlap::Collides(first) => Some((first.start.unix(), first.end.unwrap().unix())),
        Overlap::Never => None,
        Overlap::Unknown => return Err(TestCaseError::fail("all ends are known")),
    };
    let lasting: Vec<_> = case
        .by_definition(search.from().unix(), search.until().unix())
        .into_iter()
        .filter(|one| one.0 < one.1)
        .collect();
    let expected = lasting
        .windows(2)
        .find(|pair| pair[1].0 < pair[0].1)
        .map(|pair| (pair[1].0, pair[0].1.min(pair[1].1)));
    prop_assert_eq!(found, expected, "overrun of {:?}", case);
    Ok(())
}
