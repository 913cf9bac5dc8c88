//! What facts add to the resources of the model.

use super::records::PLANNED_MOVE;
use super::{attributes, backup, here, index, number, operands, records, word, written};
use crate::facts::{list, truth};
use crate::model::reflect::{Attribute, Derived, Type, Value};
use crate::model::{
    BackupPolicy, Bandwidth, Cluster, Host, HostAdapter, HostMemory, Item, Kind, MaintenanceWindow,
    Memory, Migration, MigrationPlan, PlatformVersion, Processor, State, Vendor, VirtualMachine,
};

pub(super) static DERIVED: &[Derived] = &[
    Derived {
        of: Processor::TYPE,
        attributes: PROCESSOR,
    },
    Derived {
        of: HostMemory::TYPE,
        attributes: HOST_MEMORY,
    },
    Derived {
        of: Migration::TYPE,
        attributes: MIGRATION,
    },
    Derived {
        of: Host::TYPE,
        attributes: HOST,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: CLUSTER,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: MACHINE,
    },
    Derived {
        of: MigrationPlan::TYPE,
        attributes: PLAN,
    },
    Derived {
        of: MaintenanceWindow::TYPE,
        attributes: WINDOW,
    },
    Derived {
        of: BackupPolicy::TYPE,
        attributes: POLICY,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: backup::MACHINE,
    },
    Derived {
        of: BackupPolicy::TYPE,
        attributes: backup::POLICY,
    },
];

static PROCESSOR: &[Attribute] = attributes! { Processor;
    /// Who made it: as written, else what `model` says by the table of models.
    "vendor" optional: Type::Choice(Vendor::WORDS),
    |facts, it, object| word(&facts.placements.hosts[index(object)].vendor, |vendor| vendor.as_str()),
    at here(object, written(&it.vendor, object).or(written(&it.model, object)), "vendor");
    /// The generation, such as `cascade-lake`: as written, else what `model` says by the table of models.
    "generation" optional: Type::Text,
    |facts, it, object| match &facts.placements.hosts[index(object)].generation {
        State::Known(generation) => Value::Text(generation.as_str().into()),
        State::Absent => Value::Absent,
        State::Unknown => Value::Unknown,
    },
    at here(object, written(&it.generation, object).or(written(&it.model, object)), "generation");
};

static HOST_MEMORY: &[Attribute] = attributes! { HostMemory;
    /// What machines cannot have: as written, else 384 MiB and 30 MiB for each GiB of capacity.
    "reserve" optional: Type::Memory,
    |facts, it, object| match (&it.reserve.state, &it.capacity.state) {
        (State::Known(reserve), _) => Value::Memory(reserve.0),
        (State::Absent, State::Known(Memory(capacity))) => {
            Value::Memory((384 << 20) + (capacity >> 30) * (30 << 20))
        }
        (State::Absent, State::Absent) => Value::Absent,
        _ => Value::Unknown,
    },
    at here(object, written(&it.reserve, object), "reserve");
};

static MIGRATION: &[Attribute] = attributes! { Migration;
    /// What live migrations can use: as written, else the speed of the adapters when all are equal.
    "bandwidth" optional: Type::Bandwidth,
    |facts, it, object| match &it.bandwidth.state {
        State::Known(bandwidth) => Value::Bandwidth(bandwidth.0),
        State::Unknown => Value::Unknown,
        State::Absent => adapter_speed(&facts.inventory().hosts[index(object)].spec),
    },
    at here(object, written(&it.bandwidth, object), "bandwidth");
};

/// The speed of the adapters of a host, when all are equal.
fn adapter_speed(host: &Host) -> Value<'static> {
    let Some(adapters) = host.network_adapters.known() else {
        return match host.network_adapters.state {
            State::Absent => Value::Absent,
            _ => Value::Unknown,
        };
    };
    let speed = |adapter: &Item<HostAdapter>| adapter.state.known()?.speed.known().copied();
    let mut speeds = adapters.iter().map(speed);
    match speeds.next() {
        None => Value::Absent,
        Some(Some(Bandwidth(first))) if speeds.all(|it| it == Some(Bandwidth(first))) => {
            Value::Bandwidth(first)
        }
        Some(_) => Value::Unknown,
    }
}

static HOST: &[Attribute] = attributes! { Host;
    /// The cluster it belongs to, by its own word or the cluster's; absent where two claim it.
    "cluster" optional: Type::Record(Cluster::TYPE),
    |facts, it, object| facts.optional(Kind::Cluster, &facts.placements.hosts[index(object)].cluster),
    at here(object, written(&it.cluster, object), "cluster");
    /// The release of the platform: its own, else the cluster's.
    "platformVersion" optional: Type::Choice(PlatformVersion::WORDS),
    |facts, it, object| word(&facts.placements.hosts[index(object)].version, |version| version.as_str()),
    at here(object, written(&it.platform_version, object), "platformVersion");
    /// The machines on it.
    "virtualMachines": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(
        Kind::VirtualMachine,
        facts.placements.hosts[index(object)].machines.iter().copied(),
    ));
};

static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// Its hosts, by its own word or theirs.
    "hosts": records(Host::TYPE),
    |facts, it, object| {
        let members = &facts.placements.clusters[index(object)];
        list(facts.objects(Kind::Host, members.hosts.iter().copied()), members.open)
    },
    at here(object, written(&it.hosts, object), "hosts");
    /// Its machines.
    "virtualMachines": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(
        Kind::VirtualMachine,
        facts.placements.clusters[index(object)].machines.iter().copied(),
    ));
};

static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// The cluster it is a role of: its own word, else its host's cluster.
    "cluster" optional: Type::Record(Cluster::TYPE),
    |facts, it, object| facts.optional(Kind::Cluster, &facts.placements.machines[index(object)].cluster),
    at here(object, written(&it.cluster, object), "cluster");
    /// Whether its cluster keeps it running elsewhere when its host fails: as written, else whether it has a cluster.
    "highlyAvailable": Type::Bool,
    |facts, it, object| truth(facts.placements.machines[index(object)].highly_available.known().copied()),
    at here(object, written(&it.highly_available, object), "highlyAvailable");
    /// The hosts it can run on: of a highly available machine those of its cluster that are also in `possibleOwners` where that is given, else its host.
    "possibleHosts": records(Host::TYPE),
    |facts, it, object| match facts.placements.possible(number(object)) {
        Some(set) => list(facts.objects(Kind::Host, set.hosts.iter().copied()), set.open),
        None => Value::Unknown,
    };
    /// Whether two of its possible hosts have processors of different vendors.
    "possibleVendorsDiffer": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(number(object)).and_then(|set| set.vendors_differ));
    /// Whether two of its possible hosts have processors of one vendor and different generations.
    "possibleGenerationsDiffer": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(number(object)).and_then(|set| set.generations_differ));
    /// Whether all its possible hosts have the same processor: vendor and generation are equal.
    "possibleProcessorsEqual": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(number(object)).and_then(|set| set.same_processor));
    /// Its planned moves.
    "moves": records(&PLANNED_MOVE),
    |facts, it, object| Value::List(
        facts.moves_of[index(object)]
            .iter()
            .map(|planned| facts.planned_move(&facts.moves[*planned as usize]).into())
            .collect(),
    );
    /// The backup policies that back it up and are not over.
    "backupPolicies": records(BackupPolicy::TYPE),
    |facts, it, object| facts.backup_policies(number(object));
};

static PLAN: &[Attribute] = attributes! { MigrationPlan;
    /// Its moves, with what follows from them.
    "plannedMoves": records(&PLANNED_MOVE),
    |facts, it, object| Value::List(
        facts.moves_of_plan(number(object))
            .iter()
            .map(|planned| facts.planned_move(planned).into())
            .collect(),
    );
};

static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// The hosts it takes down: those it names, or all of its cluster.
    "affectedHosts": records(Host::TYPE),
    |facts, it, object| {
        let (hosts, open) = facts.hosts_of_window(number(object));
        list(facts.objects(Kind::Host, hosts), open)
    };
    /// The machines on the hosts it takes down.
    "affectedMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (_, open) = facts.hosts_of_window(number(object));
        list(facts.objects(Kind::VirtualMachine, facts.machines_under(number(object))), open)
    };
};

static POLICY: &[Attribute] = attributes! { BackupPolicy;
    /// The machines it backs up.
    "targetMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let targets = &facts.targets[index(object)];
        list(facts.objects(Kind::VirtualMachine, targets.machines.iter().copied()), targets.open)
    },
    at here(object, written(&it.targets, object), "targetMachines");
};
