//! Backup rules over random estates, held against a second, naive reading of the contract.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its estate fails"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::civil::date;
use proptest::prelude::*;
use vmlint::discover;
use vmlint::example;
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::rules::RuleSet;
use vmlint::rules::examples::Example;
use vmlint::schedule::{
    At, Cron, Instant, Occurrence, Occurrences, Recurrence, Schedule, Search, TimeOfDay, Weekly,
    Zone, parse_duration,
};
use vmlint::source::SourceFile;
use vmlint::verdict::Levels;
use vmlint::{Options, formats};

/// Schedules as they are written, and a reading of each by hand.
const SCHEDULES: [&str; 8] = [
    "{ cron: \"0 22 * * *\", duration: 2h }",
    "{ cron: \"0 23 * * *\", duration: 90m }",
    "{ cron: \"0 */6 * * *\", duration: 7h }",
    "{ cron: \"0 1 * * SUN\" }",
    "{ start: \"21:00\", end: \"23:00\" }",
    "{ at: \"2026-12-05T22:30:00\", duration: 1h }",
    "{ at: \"2025-12-05T22:30:00\", duration: 1h }",
    "{ cron: \"0 0 30 2 *\", duration: 1h }",
];

fn schedule(index: usize) -> Schedule {
    let cron =
        |text: &str| Schedule::new(Recurrence::Cron(Cron::parse(text).unwrap().0), Zone::utc());
    let lasting = |schedule: Schedule, text: &str| schedule.lasting(parse_duration(text).unwrap());
    let once = |text: &str| Schedule::new(Recurrence::Once(At::parse(text).unwrap()), Zone::utc());
    let time = |text: &str| TimeOfDay::parse(text).unwrap();
    match index {
        0 => lasting(cron("0 22 * * *"), "2h"),
        1 => lasting(cron("0 23 * * *"), "90m"),
        2 => lasting(cron("0 */6 * * *"), "7h"),
        3 => cron("0 1 * * SUN"),
        4 => Schedule::new(
            Recurrence::Weekly(Weekly::new([], [], time("21:00"), Some(time("23:00")))),
            Zone::utc(),
        ),
        5 => lasting(once("2026-12-05T22:30:00"), "1h"),
        6 => lasting(once("2025-12-05T22:30:00"), "1h"),
        _ => lasting(cron("0 0 30 2 *"), "1h"),
    }
}

#[derive(Clone, Debug)]
struct Policy {
    schedule: Option<usize>,
    targets: BTreeSet<usize>,
    concurrency: Option<i64>,
    repository: usize,
    copy: bool,
}

const MACHINES: usize = 4;
const REPOSITORIES: [i64; 2] = [2, 4];

fn policy() -> impl Strategy<Value = Policy> {
    (
        prop::option::weighted(0.9, 0..SCHEDULES.len()),
        prop::collection::btree_set(0..MACHINES, 0..4),
        prop::option::of(1_i64..4),
        0..REPOSITORIES.len(),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(schedule, targets, concurrency, repository, copy)| Policy {
                schedule,
                targets,
                concurrency,
                repository,
                copy,
            },
        )
}

fn estate(policies: &[Policy], objective: &str) -> String {
    let mut text = String::new();
    let mut add = |kind: &str, name: String, spec: String| {
        writeln!(
            text,
            "apiVersion: vmlint.dev/v1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec: {{ {spec} }}\n---"
        )
        .unwrap();
    };
    for machine in 0..MACHINES {
        add(
            "VirtualMachine",
            format!("vm{machine}"),
            format!("recoveryPointObjective: {objective}"),
        );
    }
    for (index, tasks) in REPOSITORIES.iter().enumerate() {
        add(
            "BackupRepository",
            format!("repo{index}"),
            format!("maximumConcurrentTasks: {tasks}"),
        );
    }
    for (index, policy) in policies.iter().enumerate() {
        let targets: Vec<String> = policy.targets.iter().map(|vm| format!("vm{vm}")).collect();
        let mut spec = format!("targets: {{ virtualMachines: [{}] }}", targets.join(", "));
        write!(spec, ", repository: repo{}", policy.repository).unwrap();
        if let Some(schedule) = policy.schedule {
            write!(spec, ", schedule: {}", SCHEDULES[schedule]).unwrap();
        }
        if let Some(concurrency) = policy.concurrency {
            write!(spec, ", concurrency: {concurrency}").unwrap();
        }
        if policy.copy {
            spec += ", type: copy";
        }
        add("BackupPolicy", format!("policy{index}"), spec);
    }
    text
}

fn rule_set(rule: &str) -> RuleSet {
    let path = format!("rules/backup/{rule}.yaml");
    let source = std::fs::read_to_string(&path).unwrap();
    let mut rules = RuleSet::of(VOCABULARY, vec![SourceFile::new(path, source)])
        .map_err(|_| "the rule does not load")
        .unwrap();
    rules.prepare(|_| true).unwrap();
    rules
}

/// The names of the resources in which a rule finds something.
fn found(rule: &str, text: &str) -> BTreeSet<String> {
    let rules = rule_set(rule);
    let example = Example {
        files: vec![("estate.yaml".to_owned(), text.to_owned())],
        ..Example::default()
    };
    let checked = example::check(&example, &rules);
    let of_rule = checked
        .findings
        .iter()
        .filter(|finding| *finding.rule == *rule);
    of_rule
        .map(|finding| finding.resource.as_ref().unwrap().name.to_string())
        .collect()
}

fn occurrences(policy: &Policy) -> Vec<Occurrence> {
    let search = Search::new(date(2026, 1, 1));
    let of = |index: usize| Occurrences::of(&schedule(index), &search).iter().collect();
    policy.schedule.map(of).unwrap_or_default()
}

fn is_over(policy: &Policy) -> bool {
    policy.schedule == Some(6)
}

fn slots(policy: &Policy) -> i64 {
    let targets = i64::try_from(policy.targets.len()).unwrap();
    policy
        .concurrency
        .map_or(targets, |concurrency| concurrency.min(targets))
}

fn crowded(policies: &[Policy]) -> BTreeSet<String> {
    let open_at = |policy: &Policy, at: Instant| {
        occurrences(policy)
            .iter()
            .any(|one| one.open_at(at) == Some(true))
    };
    let mut names = BTreeSet::new();
    for (index, policy) in policies.iter().enumerate().filter(|(_, it)| !is_over(it)) {
        let limit = REPOSITORIES[policy.repository];
        let too_much = |at: Instant| {
            let with = policies.iter().filter(|other| {
                !is_over(other) && other.repository == policy.repository && open_at(other, at)
            });
            with.map(slots).sum::<i64>() > limit
        };
        // Windows repeat by the week; more than a year of them says nothing new.
        let starts = occurrences(policy);
        let once = policies.iter().flat_map(occurrences_of_one_offs);
        let near_once = |at: &Instant| {
            once.clone()
                .any(|one| (at.unix() - one.unix()).abs() < 200_000)
        };
        let early = starts.iter().take(40).map(|one| one.start);
        let late = starts
            .iter()
            .map(|one| one.start)
            .filter(|at| near_once(at));
        if slots(policy) > limit || early.chain(late).any(too_much) {
            names.insert(format!("policy{index}"));
        }
    }
    names
}

fn occurrences_of_one_offs(policy: &Policy) -> Vec<Instant> {
    match policy.schedule {
        Some(5) => occurrences(policy).iter().map(|one| one.start).collect(),
        _ => Vec::new(),
    }
}

fn missed(policies: &[Policy], objective: i64) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for machine in 0..MACHINES {
        let counting = || {
            policies
                .iter()
                .filter(|it| !is_over(it) && !it.copy && it.targets.contains(&machine))
        };
        if counting().any(|policy| policy.schedule.is_none()) {
            continue;
        }
        let mut starts: Vec<i64> = counting()
            .flat_map(occurrences)
            .map(|one| one.start.unix())
            .collect();
        starts.sort_unstable();
        if starts.windows(2).any(|pair| pair[1] - pair[0] > objective) {
            names.insert(format!("vm{machine}"));
        }
    }
    names
}

/// Findings and the number of checks that were not evaluated, by rule, in an open or closed world.
fn judged(rule: &str, world: World, text: &str) -> (usize, usize) {
    let found = vec![discover::decode(
        "estate.yaml".to_owned(),
        text.as_bytes(),
        formats::concerns_us,
    )];
    let rules = rule_set(rule);
    let levels = Levels::new(
        rules
            .iter()
            .map(|rule| (rule.id.clone(), rule.topic.clone())),
    );
    let options = Options {
        as_of: date(2026, 1, 1),
        levels,
        world,
        settings: std::sync::Arc::default(),
        baseline: None,
        explain_skips: true,
        fingerprints: false,
    };
    let checked = vmlint::check(found, &rules, &options, &|| {});
    let of_rule = |name: &str| *name == *rule;
    (
        checked
            .findings
            .iter()
            .filter(|it| of_rule(&it.rule))
            .count(),
        checked
            .skipped
            .iter()
            .filter(|it| of_rule(&it.rule))
            .count(),
    )
}

#[test]
fn what_may_be_declared_elsewhere_is_not_missed_in_an_open_world() {
    let text = estate(
        &[Policy {
            schedule: None,
            targets: BTreeSet::from([0]),
            concurrency: None,
            repository: 0,
            copy: false,
        }],
        "1d",
    );
    assert_eq!(judged("no-backup", World::Closed, &text), (MACHINES - 1, 0));
    assert_eq!(judged("no-backup", World::Open, &text), (0, MACHINES - 1));
    let named = text.replace("[vm0]", "[elsewhere]");
    assert_eq!(
        judged("backup-has-no-target", World::Closed, &named),
        (1, 0)
    );
    assert_eq!(judged("backup-has-no-target", World::Open, &named), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn repositories_are_judged_as_by_asking_at_every_start(policies in prop::collection::vec(policy(), 0..6)) {
        let text = estate(&policies, "1d");
        prop_assert_eq!(found("repository-overcommitted", &text), crowded(&policies), "{}", text);
    }

    #[test]
    fn recovery_points_are_judged_as_by_sorting_all_starts(
        policies in prop::collection::vec(policy(), 0..6),
        hours in prop::sample::select(vec![5_i64, 6, 22, 24, 168, 200]),
    ) {
        let text = estate(&policies, &format!("{hours}h"));
        prop_assert_eq!(found("recovery-point-missed", &text), missed(&policies, hours * 3_600), "{}", text);
    }
}
