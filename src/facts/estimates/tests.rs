//! The published vectors on the whole road: twenty machines of 16 GiB that write 100 MiB/s leave a
//! host over 10 Gbps, with several at once.

use super::*;
use crate::facts::mobility_tests::{facts, resource};

/// An estate in which so many leave h0 at once, by a plan and by a drain, in a cluster that allows
/// so many.
fn twenty_machines(at_once: i64, allowed: i64) -> Facts {
    let mut estate = String::new();
    let cluster = format!("hosts: [h0, h1], maximumParallelMigrations: {allowed}");
    resource(&mut estate, "Cluster", "c", &cluster);
    for host in ["h0", "h1"] {
        resource(
            &mut estate,
            "Host",
            host,
            "migration: { bandwidth: 10Gbps }",
        );
    }
    let mut moves = Vec::new();
    for machine in 0..20 {
        let name = format!("m{machine}");
        let spec = "host: h0, memory: { startup: 16GiB, dirtyRate: 100MiB/s }";
        resource(&mut estate, "VirtualMachine", &name, spec);
        moves.push(format!("{{ vm: {name}, to: h1 }}"));
    }
    let plan = format!("concurrency: {at_once}, moves: [{}]", moves.join(", "));
    resource(&mut estate, "MigrationPlan", "p", &plan);
    resource(&mut estate, "MaintenanceWindow", "w", "hosts: [h0]");
    facts(&estate)
}

/// In seconds, rounded up. (The source has 1003 s for eight at once, in whole rounds of eight; here
/// the moves add up.)
#[test]
fn more_at_once_are_slower_in_plans_and_drains() {
    for (at_once, expected) in [
        (1, Some(301)),
        (2, Some(331)),
        (4, Some(414)),
        (8, Some(836)),
        (12, None),
    ] {
        let all = twenty_machines(at_once, at_once);
        let (plan, window) = (&all.plan_estimates()[0], &all.evacuations().windows[0]);
        assert_eq!(plan.estimate.least.seconds(), expected, "{at_once}");
        assert_eq!(plan.estimate.most, Some(plan.estimate.least));
        assert_eq!(window.estimate.least.seconds(), expected, "{at_once}");
        assert_eq!(window.estimate.most, Some(window.estimate.least));
    }
}

#[test]
fn a_limit_that_is_raised_helps_nobody_who_then_writes_as_fast_as_is_copied() {
    let endless = |at_once, allowed| {
        let all = twenty_machines(at_once, allowed);
        let time = all.plan_estimates()[0].estimate.least.seconds();
        (time, all.endless_without_limits(0).len())
    };
    assert_eq!(endless(11, 1), (Some(301), 0));
    assert_eq!(endless(12, 1), (Some(301), 20));
    assert_eq!(endless(100, 2), (Some(331), 20));
}
