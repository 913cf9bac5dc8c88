//! What else could be done with a machine than what is declared or planned, for help to offer.

use std::collections::BTreeSet;

use super::records::PLANNED_MOVE;
use super::{attributes, number, operands, records, word};
use crate::facts::moves::PlannedMove;
use crate::facts::truths::all;
use crate::facts::{Facts, list, truth};
use crate::model::reflect::{Attribute, Type, Value};
use crate::model::{
    Cluster, Host, Kind, MigrationPlan, Platform, Processor, State, Vendor, VirtualMachine,
};

type Found = Option<(Vec<u32>, bool)>;

fn hosts(facts: &Facts, found: Found) -> Value<'_> {
    found.map_or(Value::Unknown, |(hosts, open)| {
        list(facts.objects(Kind::Host, hosts), open)
    })
}

fn moves<'a>(
    facts: &'a Facts,
    machine: u32,
    test: impl Fn(&PlannedMove) -> Option<bool>,
) -> Value<'a> {
    let mut open = false;
    let mut found = Vec::new();
    for planned in &facts.moves_of[machine as usize] {
        let planned = &facts.moves[*planned as usize];
        match test(planned) {
            Some(true) => found.push(facts.planned_move(planned).into()),
            Some(false) => {}
            None => open = true,
        }
    }
    list(found, open)
}

pub(super) static PROCESSOR: &[Attribute] = attributes! { Processor;
    /// Its vendor as messages name it: Intel or AMD.
    "vendorName" optional: Type::Text,
    |facts, it, object| word(facts.placements.hosts[number(object) as usize].vendor.as_ref(), |vendor| match vendor {
        Vendor::Intel => "Intel",
        Vendor::Amd => "AMD",
    });
};

pub(super) static HOST: &[Attribute] = attributes! { Host;
    /// The clusters it belongs to by its own word or theirs, of which there should be one; those that nobody knows are not among them.
    "claimingClusters": records(Cluster::TYPE),
    |facts, it, object| {
        let claims = &facts.inventory().claims[number(object) as usize];
        let clusters: BTreeSet<u32> = claims.iter().map(|(cluster, _)| *cluster).collect();
        Value::List(facts.objects(Kind::Cluster, clusters))
    };
    /// What runs on it: the platform of its cluster; without one, Hyper-V.
    "platform": Type::Choice(Platform::WORDS),
    |facts, it, object| word(facts.placements.hosts[number(object) as usize].platform.as_ref(), |platform| platform.as_str());
    /// Whether TCP connections of machines are offloaded on it: an adapter has `tcpChimneyOffload`, and it runs a release before Windows Server 2016.
    "usesChimneyOffload": Type::Bool,
    |facts, it, object| truth(facts.uses_chimney_offload(number(object)));
};

pub(super) static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// Its hosts with Intel processors.
    "intelHosts": records(Host::TYPE),
    |facts, it, object| hosts(facts, Some(facts.hosts_of_vendor(number(object), Vendor::Intel)));
    /// Its hosts with AMD processors.
    "amdHosts": records(Host::TYPE),
    |facts, it, object| hosts(facts, Some(facts.hosts_of_vendor(number(object), Vendor::Amd)));
    /// Its highly available machines of which the possible hosts have processors of both vendors.
    "machinesAcrossVendors": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (machines, open) = facts.machines_across_vendors(number(object));
        list(facts.objects(Kind::VirtualMachine, machines), open)
    };
};

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// What it runs on: the platform of its cluster; without one, Hyper-V.
    "platform": Type::Choice(Platform::WORDS),
    |facts, it, object| word(facts.placements.machines[number(object) as usize].platform.as_ref(), |platform| platform.as_str());
    /// Its possible hosts other than the one it is on.
    "otherPossibleHosts": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.other_possible_hosts(number(object)));
    /// Its possible hosts other than the one it is on that have the same processor as that: vendor and generation are equal.
    "otherHostsOfSameProcessor": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.others_of_same_processor(number(object)));
    /// Those of its possible hosts that make `possibleGenerationsDiffer` true: other ones have a processor of the same vendor and another generation.
    "hostsOfDifferingGenerations": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.hosts_of_differing_generations(number(object)));
    /// Its planned moves that take the state of a running processor to another generation of the same vendor.
    "movesBetweenGenerations": records(&PLANNED_MOVE),
    |facts, it, object| moves(facts, number(object), |planned| {
        let differ = facts.compare(&planned.source, &planned.target).generations_differ;
        all([planned.processor_state, differ])
    });
    /// Its planned moves of `actualType` live.
    "liveMoves": records(&PLANNED_MOVE),
    |facts, it, object| moves(facts, number(object), PlannedMove::is_live);
    /// The plans that live-migrate it.
    "liveMovePlans": records(MigrationPlan::TYPE),
    |facts, it, object| {
        let planned = facts.moves_of[number(object) as usize].iter();
        let planned = planned.map(|planned| &facts.moves[*planned as usize]);
        let mut plans: Vec<_> = planned
            .clone()
            .filter(|planned| planned.is_live() == Some(true))
            .map(|planned| planned.plan)
            .collect();
        plans.dedup();
        let open = planned.clone().any(|planned| planned.is_live().is_none());
        list(facts.objects(Kind::MigrationPlan, plans), open)
    };
};

pub(super) static MOVE: &[Attribute] = attributes! { PlannedMove;
    /// Where else the machine could go: its possible hosts without `from` and `to`.
    "otherTargets": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.other_targets(it));
    /// Those of `otherTargets` that have a processor of the same vendor as the host it leaves.
    "otherTargetsOfSameVendor": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.other_targets_of_same_vendor(it));
    /// Whether it leads to a host that is not of the cluster of which its machine is a role; false for a machine without one.
    "leavesCluster": Type::Bool,
    |facts, it, object| truth(facts.leaves_cluster(it));
    /// The hosts at its two ends, each once.
    "ends": records(Host::TYPE),
    |facts, it, object| {
        let ends = [&it.source, &it.target];
        let mut known: Vec<u32> = ends.iter().filter_map(|end| end.known().copied()).collect();
        known.dedup();
        list(facts.objects(Kind::Host, known), ends.contains(&&State::Unknown))
    };
};
