use jiff::civil::{Weekday, date};
use proptest::prelude::*;

use super::*;
use crate::schedule::{
    At, Cron, Occurrences, Overlap, Schedule, Weekly, first_overlap, parse_weekday, self_overlap,
};

/// Zones whose clocks do something unusual around the days that are searched.
const ZONES: [(&str, (i16, i8, i8)); 8] = [
    ("UTC", (2026, 1, 1)),
    ("Europe/Berlin", (2026, 3, 1)),
    ("Australia/Lord_Howe", (2026, 3, 1)),
    ("Africa/Casablanca", (2026, 2, 1)),
    ("Pacific/Apia", (2011, 12, 1)),
    ("America/New_York", (2026, 10, 20)),
    ("Antarctica/Troll", (2026, 3, 1)),
    ("Africa/Monrovia", (1971, 12, 1)),
];

fn schedule() -> impl Strategy<Value = (u8, u8, u8, i64, u8)> {
    (0..4_u8, 0..24_u8, 0..60_u8, 1..40_i64, any::<u8>())
}

/// A schedule of four forms: a cron on some days, a cron on days of the month, a weekly window with
/// an end, and a cron of unknown length.
fn made(zone: &Zone, (form, hour, minute, quarters, days): (u8, u8, u8, i64, u8)) -> Schedule {
    let length = quarters * 2_777;
    let cron = |text: &str| Recurrence::Cron(Cron::parse(text).unwrap().0);
    let of_week = days % 6;
    match form {
        0 => Schedule::new(
            cron(&format!("{minute} {hour} * * 0,{of_week}")),
            zone.clone(),
        )
        .lasting(length),
        1 => Schedule::new(cron(&format!("{minute} {hour} * * *")), zone.clone()).lasting(length),
        2 => {
            let start = TimeOfDay::parse(&format!("{hour:02}:{minute:02}")).unwrap();
            let day = parse_weekday(["Mon", "Tue", "Sun"][usize::from(days % 3)]).unwrap();
            let end = start.after(length.min(86_400)).unwrap();
            let days = [day, Weekday::Saturday];
            Schedule::new(
                Recurrence::Weekly(Weekly::new(days, [], start, Some(end))),
                zone.clone(),
            )
        }
        _ => Schedule::new(cron(&format!("{minute} {hour} 1-9,30 * *")), zone.clone()),
    }
}

fn all_times() -> impl Iterator<Item = TimeOfDay> {
    (0..96).filter_map(|index| time_of_day(index * QUARTER))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_time_is_free_where_the_moved_schedule_meets_nothing(
        zone in 0..ZONES.len(),
        other_zone in 0..ZONES.len(),
        own in schedule(),
        other in schedule(),
    ) {
        let (zone, (year, month, day)) = ZONES[zone];
        let search = Search::new(date(year, month, day));
        let own = made(&Zone::parse(zone).unwrap(), own);
        let other = made(&Zone::parse(ZONES[other_zone].0).unwrap(), other);
        let taken = Occurrences::of(&other, &search);
        let days = Days::of(&own, Extent::of(&own), &search).unwrap();
        let (meeting, itself) = (days.meeting(&Busy::of(&taken)), days.meeting_itself());
        let changes = days.in_clock_changes();
        for time in all_times() {
            let moved = Occurrences::of(&own.starting_at(time).unwrap(), &search);
            let collides = matches!(first_overlap(&moved, &taken), Overlap::Collides(_));
            prop_assert_eq!(meeting.contains(time), collides, "{}", time);
            let overruns = matches!(self_overlap(&moved), Overlap::Collides(_));
            prop_assert_eq!(itself.contains(time), overruns, "{} after itself", time);
            prop_assert_eq!(changes.contains(time), moved.clock_change().is_some(), "{}", time);
        }
    }

    #[test]
    fn the_nearest_instant_is_that_of_trying_every_quarter(
        zone in 0..ZONES.len(),
        now in 0..30_i64 * 96,
        length in 1..200_i64,
        other in schedule(),
    ) {
        let (zone, (year, month, day)) = ZONES[zone];
        let zone = Zone::parse(zone).unwrap();
        let search = Search::new(date(year, month, day));
        let busy = Busy::of(&Occurrences::of(&made(&zone, other), &search));
        let until = search.from().plus(40 * DAY);
        let now = search.from().plus(now * QUARTER + 60);
        let length = length * 500;
        let found = nearest_instant(&busy, now, length, &(search.from()..until), &zone);
        let walls = days(date_of(&zone, search.from()), date_of(&zone, until))
            .flat_map(|date| all_times().map(move |time| date.to_datetime(time.0)));
        let free = walls.filter_map(|wall| {
            let once = Schedule::new(Recurrence::Once(At::Wall(wall)), zone.clone()).lasting(length);
            let occurrences = Occurrences::of(&once, &search);
            let start = occurrences.first()?.start;
            let taken = busy.intervals().iter().any(|(from, to)| {
                *from < start.unix() + length && start.unix() < *to
            });
            let within = (search.from()..until).contains(&start);
            (within && !taken && occurrences.clock_change().is_none()).then_some(start)
        });
        let distance = |at: &Instant| (at.since(now).abs(), *at < now);
        prop_assert_eq!(found, free.min_by_key(distance));
    }

    #[test]
    fn a_text_that_is_rewritten_means_the_schedule_that_is_moved(
        text in prop::sample::select(vec![
            "0 22 * * SAT", "@daily", "CRON_TZ=Europe/Berlin  5\t4 1-7 JAN,6 *", "@WEEKLY", " TZ=UTC @yearly ",
            "30 5 * * MON-FRI", "7 3 */2 * *",
        ]),
        quarter in 0..96_i64,
    ) {
        let time = time_of_day(quarter * QUARTER).unwrap();
        let (cron, zone) = Cron::parse(text).unwrap();
        let (new, new_zone) = Cron::parse(&Cron::rewritten(text, time).unwrap()).unwrap();
        prop_assert_eq!(new, cron.at(time));
        prop_assert_eq!(new_zone.map(|it| it.zone), zone.map(|it| it.zone));
    }
}

fn date_of(zone: &Zone, at: Instant) -> Date {
    zone.wall_clock(at).date()
}

#[test]
fn what_stays_of_a_text() {
    let time = TimeOfDay::parse("04:30").unwrap();
    for (text, new) in [
        ("0 22 * * SAT", "30 4 * * SAT"),
        ("@daily", "30 4 * * *"),
        ("@monthly", "30 4 1 * *"),
        (
            "CRON_TZ=Europe/Berlin 0  23   1-7 * *",
            "CRON_TZ=Europe/Berlin 30 4   1-7 * *",
        ),
    ] {
        assert_eq!(Cron::rewritten(text, time).as_deref(), Some(new));
    }
    assert_eq!(Cron::rewritten("0 22 * *", time), None);
    let berlin = Zone::parse("Europe/Berlin").unwrap();
    let start = Instant::from_unix(1_796_504_400 + 6 * 3_600);
    for (text, new) in [
        ("2026-12-05T22:00:00+01:00", "2026-12-06T04:00:00+01:00"),
        ("2026-12-05 21:00Z", "2026-12-06 03:00Z"),
        ("2026-12-05T22:00", "2026-12-06T04:00"),
        ("2026-12-05t22:00:30.5-05:30", "2026-12-05t21:30:00-05:30"),
    ] {
        assert_eq!(
            At::rewritten(text, start, &berlin).as_deref(),
            Some(new),
            "{text}"
        );
    }
}

#[test]
fn what_takes_longer_than_anybody_counts_is_no_trouble() {
    let search = Search::new(date(2026, 1, 1));
    let cron = Recurrence::Cron(Cron::parse("0 6 1 * *").unwrap().0);
    let endless = Schedule::new(cron, Zone::utc()).lasting(i64::MAX);
    let once = Recurrence::Once(At::Wall(date(2026, 3, 1).at(7, 0, 0, 0)));
    let once = Schedule::new(once, Zone::utc()).lasting(60);
    let of = |schedule: &Schedule| Busy::of(&Occurrences::of(schedule, &search));
    let days = Days::of(&endless, Extent::of(&endless), &search).unwrap();
    assert!(days.meeting(&of(&once)).others().is_empty());
    assert!(days.meeting(&of(&endless)).others().is_empty());
    assert!(days.meeting_itself().others().is_empty());
    let within = search.from()..search.until();
    let now = search.from().plus(58 * DAY);
    let nearest = |busy: &Busy, length| nearest_instant(busy, now, length, &within, &Zone::utc());
    assert_eq!(
        nearest(&of(&once), Extent::of(&endless).seconds()),
        Some(search.from().plus(59 * DAY + 7 * 3_600 + 900))
    );
    assert_eq!(
        nearest(&of(&endless), 60),
        Some(search.from().plus(6 * 3_600 - 900))
    );
}

#[test]
fn near_is_what_is_near_on_the_days() {
    let mut starts = Starts::default();
    starts.mark(4..5);
    starts.mark(76..77);
    let near = |to: &str, around| {
        let time = starts.nearest(TimeOfDay::parse(to).unwrap(), around);
        time.map(|time| time.to_string()).unwrap()
    };
    assert_eq!(near("23:30", true), "01:00");
    assert_eq!(near("23:30", false), "19:00");
    assert_eq!(near("22:00", true), "01:00", "the later of two");
    assert_eq!(near("10:00", false), "19:00", "the later of two");
    assert_eq!(near("09:45", false), "01:00");
}
