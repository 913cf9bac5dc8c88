//! What a calendar is told, held against what one gets by looking at every hour and every pair.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::facts::mobility_tests::{facts, resource};
use crate::facts::{Reason, Topic, Verdict};
use crate::schedule::Overlap;

fn at(day: i8, hour: i8) -> Instant {
    Zone::utc().instant(date(2026, 1, day).at(hour, 0, 0, 0))
}

fn weekly(start: u8, end: u8) -> String {
    format!("schedule: {{ start: '{start:02}:00', end: '{end:02}:00' }}")
}

#[test]
fn entries_say_whom_they_concern_and_when() {
    let mut estate = String::new();
    resource(&mut estate, "Cluster", "c", "hosts: [h0, h1]");
    resource(&mut estate, "Host", "h0", "");
    resource(&mut estate, "Host", "h1", "");
    resource(&mut estate, "Host", "h2", "");
    resource(&mut estate, "VirtualMachine", "m0", "host: h0");
    resource(&mut estate, "VirtualMachine", "m1", "host: h2");
    let targets = "targets: { virtualMachines: [m0, m1] }";
    let zone = "schedule: { start: '02:00', end: '04:00', timeZone: Europe/Berlin }";
    resource(
        &mut estate,
        "BackupPolicy",
        "night",
        &format!("{targets}, {zone}"),
    );
    resource(&mut estate, "BackupPolicy", "never", targets);
    resource(
        &mut estate,
        "BackupPolicy",
        "some",
        &format!("{targets}, schedule: '{{{{ x }}}}'"),
    );
    let once = "schedule: { at: '2025-06-01T00:00Z', duration: 1h }";
    resource(
        &mut estate,
        "MigrationPlan",
        "old",
        &format!("moves: [{{ vm: m0, to: h1 }}], {once}"),
    );
    let plan = format!("moves: [{{ vm: m0, to: h1 }}], {}", weekly(1, 2));
    resource(&mut estate, "MigrationPlan", "plan", &plan);
    let window = format!("cluster: c, {}", weekly(23, 3));
    resource(&mut estate, "MaintenanceWindow", "patch", &window);
    let facts = facts(&estate);
    let agenda = facts.agenda();
    let said: Vec<_> = agenda
        .entries
        .iter()
        .map(|it| (&*it.name, it.when, &*it.machines, &*it.hosts))
        .collect();
    let both: (&[u32], &[u32]) = (&[0, 1], &[0, 2]);
    assert_eq!(
        said,
        [
            ("night", When::Known, both.0, both.1),
            ("never", When::Unscheduled, both.0, both.1),
            ("some", When::Unknown, both.0, both.1),
            ("old", When::Over, &[], &[]),
            ("plan", When::Known, &[0], &[0, 1]),
            ("patch", When::Known, &[0], &[0, 1]),
        ]
    );
    assert_eq!(agenda.usual_zone(), Zone::utc());
    // Berlin is an hour ahead; the window of the day before reaches into the span.
    let windows = agenda.windows(&agenda.entries[0], at(5, 2), at(6, 3));
    let starts: Vec<_> = windows.iter().map(|window| window.start).collect();
    assert_eq!(starts, [at(5, 1), at(6, 1)]);
    let entries =
        |by| -> Vec<Vec<u32>> { agenda.rows(by).into_iter().map(|row| row.entries).collect() };
    assert_eq!(entries(By::Machine), [vec![0, 1, 2, 4, 5], vec![0, 1, 2]]);
    assert_eq!(
        entries(By::Host),
        [vec![0, 1, 2, 4, 5], vec![4, 5], vec![0, 1, 2]]
    );
    assert_eq!(entries(By::Cluster), [vec![0, 1, 2, 4, 5], vec![0, 1, 2]]);
}

#[test]
fn collisions_have_all_their_times() {
    let mut estate = String::new();
    resource(&mut estate, "Host", "h0", "");
    resource(&mut estate, "VirtualMachine", "m0", "host: h0");
    let policy = |schedule: &str| format!("targets: {{ virtualMachines: [m0] }}, {schedule}");
    resource(&mut estate, "BackupPolicy", "a", &policy(&weekly(1, 4)));
    let sunday = "schedule: { days: [Sun], start: '02:00', end: '06:00' }";
    resource(&mut estate, "BackupPolicy", "b", &policy(sunday));
    let often = "schedule: { cron: '0 8,10 * * *', duration: 3h }";
    resource(&mut estate, "BackupPolicy", "c", &policy(often));
    resource(&mut estate, "MaintenanceWindow", "w", "hosts: [h0]");
    let facts = facts(&estate);
    let agenda = facts.agenda();
    let clashes = agenda.clashes(at(1, 0), at(12, 0));
    // The window has no schedule.
    assert_eq!(clashes.possible, BTreeSet::from([0, 1, 2]));
    let pairs: Vec<_> = clashes
        .certain
        .iter()
        .map(|it| (it.first, it.second))
        .collect();
    assert_eq!(pairs, [(1, 0), (2, 2)]);
    let times = |clash: usize| clashes.certain[clash].times();
    let window = |start, end| Window {
        start,
        end: Some(end),
    };
    assert_eq!(
        times(0),
        [window(at(4, 2), at(4, 4)), window(at(11, 2), at(11, 4))]
    );
    assert_eq!(times(1).len(), 11);
    assert_eq!(times(1)[3], window(at(4, 10), at(4, 11)));
    assert_eq!(
        clashes.certain[0].next(),
        Some(window(at(18, 2), at(18, 4)))
    );
    // The first overrun is the one that rules know.
    let timing = agenda.entries[2].timing().unwrap();
    let Overlap::Collides(known) = facts.calendar.self_overlap(timing) else {
        panic!("the backup takes longer than the time to its next start");
    };
    assert_eq!(times(1)[0].start, known.start);
}

proptest! {
    /// The naive reading counts at every hour which plans are open.
    #[test]
    fn curves_agree_with_counting_every_hour(
        plans in prop::collection::vec((0..24_u8, 1..24_u8, 1..4_usize, 1..3_usize), 1..5),
    ) {
        let mut estate = String::new();
        resource(&mut estate, "Host", "a", "migration: { maximumVirtualMachineMigrations: 2 }");
        resource(&mut estate, "Host", "b", "");
        for (number, (start, length, moves, concurrency)) in plans.iter().enumerate() {
            let moved: Vec<String> = (0..*moves).map(|it| format!("m{number}x{it}")).collect();
            for machine in &moved {
                resource(&mut estate, "VirtualMachine", machine, "host: a");
            }
            let moves: Vec<String> = moved.iter().map(|it| format!("{{ vm: {it}, to: b }}")).collect();
            let spec = format!(
                "concurrency: {concurrency}, {}, moves: [{}]",
                weekly(*start, (start + length) % 24), moves.join(", ")
            );
            resource(&mut estate, "MigrationPlan", &format!("p{number}"), &spec);
        }
        let facts = facts(&estate);
        let agenda = facts.agenda();
        let (from, until) = (at(5, 0), at(12, 0));
        let curves = agenda.curves(from, until);
        prop_assert_eq!(curves.iter().map(|it| it.host).collect::<Vec<_>>(), [0, 1]);
        let curve = &curves[0];
        prop_assert_eq!(curve.limit, Some(2));
        prop_assert_eq!(curve.steps[0].from, from);
        for pair in curve.steps.windows(2) {
            prop_assert_eq!(pair[0].until, pair[1].from);
        }
        prop_assert_eq!(curve.steps.last().map(|it| it.until), Some(until));
        for hour in 0..7 * 24 {
            let now = from.plus(hour * 3600);
            let open = plans.iter().filter(|(start, length, ..)| {
                let since = (hour + 24 - i64::from(*start)) % 24;
                since < i64::from(*length)
            });
            let load: usize = open.map(|(.., moves, concurrency)| moves.min(concurrency)).sum();
            let step = curve.steps.iter().find(|step| step.from <= now && now < step.until);
            prop_assert_eq!(step.map(|step| step.load), i64::try_from(load).ok());
            prop_assert_eq!(step.map(|step| curve.exceeds(step)), Some(load > 2));
        }
    }
}

#[test]
fn a_plan_without_an_end_may_go_on() {
    let mut estate = String::new();
    resource(&mut estate, "Host", "a", "");
    resource(&mut estate, "Host", "b", "");
    resource(&mut estate, "VirtualMachine", "m", "host: a");
    let plan = "schedule: { days: [Tue], start: '12:00' }, moves: [{ vm: m, to: b }]";
    resource(&mut estate, "MigrationPlan", "p", plan);
    let facts = facts(&estate);
    let curves = facts.agenda().curves(at(5, 0), at(12, 0));
    let steps: Vec<_> = curves[0]
        .steps
        .iter()
        .map(|step| (step.from, step.until, step.load, step.possible))
        .collect();
    let noon = at(6, 12);
    assert_eq!(
        steps,
        [
            (at(5, 0), noon, 0, 0),
            (noon, noon, 1, 0),
            (noon, at(12, 0), 0, 1)
        ]
    );
}

fn pair(estate: &str) -> (Verdict, Vec<(Verdict, Topic, String)>) {
    let facts = facts(estate);
    let (verdict, reasons) = facts.agenda().pair(0, 1);
    let plain = |reason: Reason| (reason.verdict, reason.topic, reason.text);
    (verdict, reasons.into_iter().map(plain).collect())
}

/// Two hosts of a cluster.
fn two(one: &str, other: &str) -> String {
    let mut estate = String::new();
    resource(&mut estate, "Cluster", "c", "hosts: [a, b]");
    resource(&mut estate, "Host", "a", one);
    resource(&mut estate, "Host", "b", other);
    estate
}

#[test]
fn pairs_of_hosts_have_reasons() {
    use Topic::{Migration, Networks, Processor, Release};
    use Verdict::{Conditional, Never, Unknown, Works};
    const SKYLAKE: &str = "processor: { vendor: intel, generation: skylake }";
    const ICE_LAKE: &str = "processor: { vendor: intel, generation: ice-lake }";
    const MILAN: &str = "processor: { vendor: amd, generation: milan }";
    let with = |more: &str| format!("{SKYLAKE}, {more}");
    let none: &[(Verdict, Topic)] = &[];
    for (one, other, verdict, topics) in [
        (with(""), with(""), Works, none),
        (
            with(""),
            ICE_LAKE.to_owned(),
            Conditional,
            &[(Conditional, Processor)],
        ),
        (with(""), MILAN.to_owned(), Never, &[(Never, Processor)]),
        (with(""), String::new(), Unknown, &[(Unknown, Processor)]),
        (
            with("platformVersion: '2012R2'"),
            with("platformVersion: '2022'"),
            Never,
            &[(Never, Release)],
        ),
        (
            with("platformVersion: '2022'"),
            with("platformVersion: '2019'"),
            Conditional,
            &[(Conditional, Release)],
        ),
        (
            with("migration: { enabled: false }"),
            String::new(),
            Never,
            &[(Never, Migration), (Unknown, Processor)],
        ),
        (
            with("migration: { networks: [10.0.8.0/24], performanceOption: smb }"),
            with("migration: { networks: [10.0.9.0/24], performanceOption: tcpip }"),
            Never,
            &[(Never, Networks), (Conditional, Migration)],
        ),
        (
            with("migration: { networks: [10.0.8.0/24], useAnyNetwork: true }"),
            with("migration: { networks: [10.0.9.0/24] }"),
            Unknown,
            &[(Unknown, Networks)],
        ),
    ] {
        let estate = two(&one, &other);
        let (found, reasons) = pair(&estate);
        let reasons: Vec<_> = reasons
            .iter()
            .map(|(verdict, topic, _)| (*verdict, *topic))
            .collect();
        assert_eq!((found, &*reasons), (verdict, topics), "{one} / {other}");
    }
    let mut estate = String::new();
    resource(&mut estate, "Host", "a", SKYLAKE);
    resource(&mut estate, "Host", "b", SKYLAKE);
    let (verdict, reasons) = pair(&estate);
    assert_eq!(verdict, Conditional);
    assert!(reasons[0].2.contains("shared-nothing"), "{reasons:?}");
}

proptest! {
    /// Hosts of one kind have the same answers about every other host.
    #[test]
    fn hosts_of_one_kind_are_alike(
        hosts in prop::collection::vec((0..3_usize, 0..3_usize, 0..4_usize, 0..3_usize), 2..7),
    ) {
        let mut estate = String::new();
        resource(&mut estate, "Cluster", "c", "platformVersion: '2019'");
        for (number, (cluster, processor, migration, version)) in hosts.iter().enumerate() {
            let spec = [
                ["cluster: c, ", "", "cluster: '{{ x }}', "][*cluster],
                ["processor: { vendor: intel, generation: skylake }, ", "processor: { vendor: amd }, ", ""][*processor],
                ["migration: { networks: [10.0.8.0/24] }, ", "migration: { networks: ['{{ x }}'], enabled: false }, ",
                 "migration: { useAnyNetwork: true, networks: [10.0.9.0/24], authenticationType: kerberos }, ", ""][*migration],
                ["platformVersion: '2022'", "platformVersion: '2012R2'", ""][*version],
            ];
            resource(&mut estate, "Host", &format!("h{number}"), &spec.concat());
        }
        let facts = facts(&estate);
        let agenda = facts.agenda();
        let kinds = agenda.kinds_of_hosts();
        prop_assert_eq!(kinds.iter().map(Vec::len).sum::<usize>(), hosts.len());
        for kind in &kinds {
            for host in 0..u32::try_from(hosts.len()).unwrap() {
                let others = kind.iter().filter(|it| **it != host);
                let there: Vec<_> = others.clone().map(|it| agenda.pair(*it, host)).collect();
                let back: Vec<_> = others.map(|it| agenda.pair(host, *it)).collect();
                for answers in [there, back] {
                    prop_assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
                }
            }
        }
    }
}
