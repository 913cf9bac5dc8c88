//! Meetings of backups with plans and windows, held against a look at every policy, every other
//! and every machine.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::Facts;
use super::calendar::Timing;
use super::collisions::{Meeting, current_policies};
use super::mobility_tests::{facts, resource};
use super::overlapping::MOST_OTHERS;
use crate::schedule::Overlap;

const SCHEDULES: [&str; 4] = [
    "schedule: { cron: '0 22 * * *', duration: 2h }",
    "schedule: { cron: '0 23 * * SAT', duration: 2h }",
    "schedule: { cron: '0 3 * * *', duration: 1h }",
    "schedule: { cron: '{{ cron }}', duration: 1h }",
];
const HOSTS: usize = 2;
const MACHINES: usize = 6;

/// Schedules, and of what: bits of machines, or of hosts.
type Timed = Vec<(usize, u8)>;

fn estate(policies: &Timed, plans: &Timed, windows: &Timed) -> Facts {
    let mut text = String::new();
    let names = |mask: u8, letter: char, count: usize| {
        let all = (0..count).filter(|it| mask >> it & 1 == 1);
        let all: Vec<String> = all.map(|it| format!("{letter}{it}")).collect();
        all.join(", ")
    };
    for host in 0..HOSTS {
        resource(&mut text, "Host", &format!("h{host}"), "");
    }
    for machine in 0..MACHINES {
        let spec = format!("host: h{}", machine % HOSTS);
        resource(&mut text, "VirtualMachine", &format!("v{machine}"), &spec);
    }
    for (number, (schedule, mask)) in policies.iter().enumerate() {
        let machines = names(*mask, 'v', MACHINES);
        let spec = format!(
            "targets: {{ virtualMachines: [{machines}] }}, {}",
            SCHEDULES[*schedule]
        );
        resource(&mut text, "BackupPolicy", &format!("b{number}"), &spec);
    }
    for (number, (schedule, mask)) in plans.iter().enumerate() {
        let machines = (0..MACHINES).filter(|it| mask >> it & 1 == 1);
        let moves = machines.map(|it| format!("{{ vm: v{it}, to: h{} }}", (it + 1) % HOSTS));
        let moves: Vec<String> = moves.collect();
        let spec = format!("moves: [{}], {}", moves.join(", "), SCHEDULES[*schedule]);
        resource(&mut text, "MigrationPlan", &format!("m{number}"), &spec);
    }
    for (number, (schedule, mask)) in windows.iter().enumerate() {
        let hosts = names(*mask, 'h', HOSTS);
        let spec = format!("hosts: [{hosts}], {}", SCHEDULES[*schedule]);
        resource(&mut text, "MaintenanceWindow", &format!("w{number}"), &spec);
    }
    facts(&text)
}

/// The policy, the other, and the machines of both.
type Pair = (u32, u32, Vec<u32>);

/// Machine by machine: all that collide, and of the others of a policy the first ones that anybody
/// comes across.
fn one_by_one(facts: &Facts, timings: &[Option<Timing>], met: &[(u32, u32)]) -> Vec<Pair> {
    let mut colliding: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
    let mut firsts: BTreeMap<(u32, bool), (u32, Vec<u32>)> = BTreeMap::new();
    for (machine, other) in met {
        for policy in current_policies(facts, *machine) {
            let own = facts.calendar.policies[policy as usize];
            let overlap = facts.calendar.overlap(own, timings[*other as usize]);
            match overlap {
                Overlap::Collides(_) => {
                    let machines = colliding.entry((policy, *other)).or_default();
                    machines.push(*machine);
                }
                Overlap::Unknown | Overlap::Never => {
                    let first = firsts.entry((policy, overlap == Overlap::Never));
                    let (first, machines) = first.or_insert((*other, Vec::new()));
                    if first == other {
                        machines.push(*machine);
                    }
                }
            }
        }
    }
    let firsts = firsts.into_iter();
    let firsts = firsts.map(|((policy, _), (other, machines))| (policy, other, machines));
    let colliding = colliding.into_iter();
    let colliding = colliding.map(|((policy, other), machines)| (policy, other, machines));
    let mut all: Vec<Pair> = colliding.chain(firsts).collect();
    all.sort();
    all
}

fn pairs<'m>(meetings: impl Iterator<Item = &'m Meeting>) -> Vec<Pair> {
    let pair = |it: &Meeting| (it.policy, it.other, it.machines.to_vec());
    meetings.map(pair).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whoever_meets_is_found_with_all_machines(
        policies in prop::collection::vec((0..SCHEDULES.len(), 1..64_u8), 1..5),
        plans in prop::collection::vec((0..SCHEDULES.len(), 1..64_u8), 0..5),
        windows in prop::collection::vec((0..SCHEDULES.len(), 1..4_u8), 0..5),
    ) {
        let facts = estate(&policies, &plans, &windows);
        let moved: Vec<(u32, u32)> = (0..facts.moves_of.len())
            .flat_map(|machine| facts.moves_of[machine].iter())
            .map(|number| &facts.moves[*number as usize])
            .filter(|planned| planned.counts() == Some(true))
            .filter_map(|planned| Some((*planned.machine.known()?, planned.plan)))
            .collect();
        let found = pairs(facts.migration_collisions().iter().map(|it| &it.0));
        prop_assert_eq!(found, one_by_one(&facts, &facts.calendar.plans, &moved));
        let down: Vec<(u32, u32)> = (0..).take(windows.len())
            .flat_map(|window| facts.machines_under(window).into_iter().map(move |it| (it, window)))
            .collect();
        let found = pairs(facts.maintenance_collisions().iter().map(|it| &it.0));
        prop_assert_eq!(found, one_by_one(&facts, &facts.calendar.windows, &down));
    }
}

#[test]
fn of_many_others_the_first_are_told_and_the_rest_counted() {
    let others = vec![(0, 1); MOST_OTHERS + 30];
    let facts = estate(&vec![(0, 1), (2, 1)], &others, &others);
    for found in [
        facts
            .migration_collisions()
            .iter()
            .map(|it| &it.0)
            .collect::<Vec<_>>(),
        facts
            .maintenance_collisions()
            .iter()
            .map(|it| &it.0)
            .collect(),
    ] {
        let untold = |policy: u32| -> Vec<(u32, usize)> {
            let own = found.iter().filter(|it| it.policy == policy);
            own.map(|it| (it.other, it.untold)).collect()
        };
        let first = untold(0);
        assert_eq!(first.len(), MOST_OTHERS);
        assert!(
            first
                .iter()
                .zip(0..)
                .all(|((other, _), number)| *other == number)
        );
        assert_eq!(first.iter().map(|(_, untold)| untold).sum::<usize>(), 30);
        assert_eq!(first.last().map(|(_, untold)| *untold), Some(30));
        // The other policy meets nobody, which one of the pairs tells.
        assert_eq!(untold(1), [(0, 0)]);
    }
}

#[test]
fn what_concerns_the_same_machines_is_looked_at_once() {
    let facts = estate(&vec![(0, 3); 40], &vec![(0, 3); 40], &vec![(0, 1); 40]);
    let machines = |meetings: Vec<&Meeting>| {
        let mut lists: Vec<*const u32> = meetings.iter().map(|it| it.machines.as_ptr()).collect();
        lists.sort_unstable();
        lists.dedup();
        (meetings.len(), lists.len())
    };
    let moved = facts.migration_collisions().iter().map(|it| &it.0);
    assert_eq!(machines(moved.collect()), (1_600, 1));
    let down = facts.maintenance_collisions().iter().map(|it| &it.0);
    assert_eq!(machines(down.collect()), (1_600, 1));
}
