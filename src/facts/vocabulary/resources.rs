//! What facts add to the resources of the model.

use super::records::PLANNED_MOVE;
use super::{
    alternatives, attributes, backup, change, here, index, kubernetes, maintenance, migration,
    mobility, number, obstacles, operands, products, records, said, text, ways_out, word, written,
};
use crate::facts::memory::reserve;
use crate::facts::{list, truth};
use crate::model::reflect::{Attribute, Derived, Type, Value};
use crate::model::{
    BackupPolicy, Cluster, Device, Disk, DisruptionBudget, Host, HostAdapter, HostMemory, Kind,
    MachineAdapter, MaintenanceWindow, Migration, MigrationPlan, MigrationPolicy, PlatformVersion,
    Processor, Rebalancer, Snapshot, StorageClass, Vendor, VirtualMachine, VirtualSwitch,
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
    change::CLUSTER,
    change::HOST,
    change::MACHINE,
    change::PLAN,
    change::WINDOW,
    change::POLICY,
    change::REPOSITORY,
    change::MIGRATION_POLICY,
    change::BUDGET,
    change::REBALANCER,
    change::STORAGE_CLASS,
    change::SNAPSHOT,
    Derived {
        of: Host::TYPE,
        attributes: migration::HOST,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: migration::CLUSTER,
    },
    Derived {
        of: &PLANNED_MOVE,
        attributes: migration::MOVE,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: maintenance::CLUSTER,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: maintenance::MACHINE,
    },
    Derived {
        of: MaintenanceWindow::TYPE,
        attributes: maintenance::WINDOW,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: mobility::MACHINE,
    },
    Derived {
        of: Host::TYPE,
        attributes: mobility::HOST,
    },
    Derived {
        of: HostAdapter::TYPE,
        attributes: mobility::HOST_ADAPTER,
    },
    Derived {
        of: MachineAdapter::TYPE,
        attributes: mobility::ADAPTER,
    },
    Derived {
        of: MachineAdapter::TYPE,
        attributes: mobility::CONNECTIONS,
    },
    Derived {
        of: VirtualSwitch::TYPE,
        attributes: mobility::SWITCH,
    },
    Derived {
        of: Disk::TYPE,
        attributes: mobility::DISK,
    },
    Derived {
        of: Disk::TYPE,
        attributes: mobility::VOLUME,
    },
    Derived {
        of: Device::TYPE,
        attributes: mobility::DEVICE,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: backup::MACHINE,
    },
    Derived {
        of: BackupPolicy::TYPE,
        attributes: backup::POLICY,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: obstacles::MACHINE,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: obstacles::CLUSTER,
    },
    Derived {
        of: BackupPolicy::TYPE,
        attributes: products::POLICY,
    },
    Derived {
        of: MaintenanceWindow::TYPE,
        attributes: products::WINDOW,
    },
    Derived {
        of: StorageClass::TYPE,
        attributes: products::STORAGE_CLASS,
    },
    Derived {
        of: BackupPolicy::TYPE,
        attributes: ways_out::POLICY,
    },
    Derived {
        of: MigrationPlan::TYPE,
        attributes: ways_out::PLAN,
    },
    Derived {
        of: MaintenanceWindow::TYPE,
        attributes: ways_out::WINDOW,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: kubernetes::CLUSTER,
    },
    Derived {
        of: Rebalancer::TYPE,
        attributes: kubernetes::REBALANCER,
    },
    Derived {
        of: MigrationPolicy::TYPE,
        attributes: kubernetes::POLICY,
    },
    Derived {
        of: DisruptionBudget::TYPE,
        attributes: kubernetes::BUDGET,
    },
    Derived {
        of: MaintenanceWindow::TYPE,
        attributes: kubernetes::WINDOW,
    },
    Derived {
        of: Snapshot::TYPE,
        attributes: kubernetes::SNAPSHOT,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: kubernetes::MACHINE,
    },
    Derived {
        of: &PLANNED_MOVE,
        attributes: kubernetes::MOVE,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: maintenance::HOSTS_OF_CLUSTER,
    },
    Derived {
        of: HostMemory::TYPE,
        attributes: maintenance::HOST_MEMORY,
    },
    Derived {
        of: Processor::TYPE,
        attributes: alternatives::PROCESSOR,
    },
    Derived {
        of: Host::TYPE,
        attributes: alternatives::HOST,
    },
    Derived {
        of: Cluster::TYPE,
        attributes: alternatives::CLUSTER,
    },
    Derived {
        of: VirtualMachine::TYPE,
        attributes: alternatives::MACHINE,
    },
    Derived {
        of: &PLANNED_MOVE,
        attributes: alternatives::MOVE,
    },
];

static PROCESSOR: &[Attribute] = attributes! { Processor;
    /// Who made it: as written, else what `model` says by the table of models.
    "vendor" optional: Type::Choice(Vendor::WORDS),
    |facts, it, object| word(facts.placements.hosts[index(object)].vendor.as_ref(), |vendor| vendor.as_str()),
    at here(object, written(&it.vendor, object).or(written(&it.model, object)), "vendor");
    /// The generation, such as `cascade-lake`: as written, else what `model` says by the table of models.
    "generation" optional: Type::Text,
    |facts, it, object| text(facts.placements.hosts[index(object)].generation.as_ref()),
    at here(object, written(&it.generation, object).or(written(&it.model, object)), "generation");
};

static HOST_MEMORY: &[Attribute] = attributes! { HostMemory;
    /// What machines cannot have: as written, else 384 MiB and 30 MiB for each GiB of capacity (parts of one counted in proportion), which is a default of Hyper-V alone.
    "reserve" optional: Type::Memory,
    |facts, it, object| said(reserve(facts, number(object), it), Value::Memory),
    at here(object, written(&it.reserve, object), "reserve");
};

static MIGRATION: &[Attribute] = attributes! { Migration;
    /// What live migrations can use: as written, else the speed of the adapters when all are equal.
    "bandwidth" optional: Type::Bandwidth,
    |facts, it, object| facts.bandwidth_of(number(object)),
    at here(object, written(&it.bandwidth, object), "bandwidth");
};

static HOST: &[Attribute] = attributes! { Host;
    /// The cluster it belongs to, by its own word or the cluster's; absent where two claim it.
    "cluster" optional: Type::Record(Cluster::TYPE),
    |facts, it, object| facts.optional(Kind::Cluster, &facts.placements.hosts[index(object)].cluster),
    at here(object, written(&it.cluster, object), "cluster");
    /// The release of the platform: its own, else the cluster's.
    "platformVersion" optional: Type::Choice(PlatformVersion::WORDS),
    |facts, it, object| word(facts.placements.hosts[index(object)].version.as_ref(), |version| version.as_str()),
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
    /// When it runs, each time of the 400 days from the as-of date on.
    "window": Type::Windows,
    |facts, it, object| facts.windows(facts.calendar.plans[index(object)]),
    at here(object, written(&it.schedule, object), "window");
};

static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// The hosts it takes down: those it names, or all of its cluster.
    "affectedHosts": records(Host::TYPE),
    |facts, it, object| {
        let (hosts, open) = facts.hosts_of_window(number(object));
        list(facts.objects(Kind::Host, hosts), open)
    };
    /// The machines that are declared on the hosts it takes down.
    "affectedMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (_, open) = facts.hosts_of_window(number(object));
        list(facts.objects(Kind::VirtualMachine, facts.machines_on_hosts_of(number(object))), open)
    };
    /// When it is open, each time of the 400 days from the as-of date on.
    "window": Type::Windows,
    |facts, it, object| facts.windows(facts.calendar.windows[index(object)]),
    at here(object, written(&it.schedule, object), "window");
};

static POLICY: &[Attribute] = attributes! { BackupPolicy;
    /// The machines it backs up.
    "targetMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let targets = &facts.targets[index(object)];
        list(facts.objects(Kind::VirtualMachine, targets.machines.iter().copied()), targets.open)
    },
    at here(object, written(&it.targets, object), "targetMachines");
    /// When it runs, each time of the 400 days from the as-of date on.
    "window": Type::Windows,
    |facts, it, object| facts.windows(facts.calendar.policies[index(object)]),
    at here(object, written(&it.schedule, object), "window");
};
