//! What rules can range over.

use super::backup::{BACKUP_TARGET, DISK_SHARING};
use super::change::HARDWARE_CHANGE;
use super::estimates::{EVACUATION_ESTIMATE, PLAN_ESTIMATE};
use super::kubernetes::{EVICTION_LIMIT, MIGRATION_SETTINGS};
use super::maintenance::{ANTI_AFFINITY_CLASS, EVACUATION_CAPACITY, WINDOW_QUORUM};
use super::migration::{CLUSTER_SETTING, MIGRATION_NETWORKS};
use super::mobility::MEMORY_LOAD;
use super::records::{
    BACKUP_OVERLAP, CLUSTER_LOAD, HOST_LOAD, MAINTENANCE_COLLISION, MIGRATION_COLLISION,
    PLANNED_MOVE,
};
use super::schedules::SCHEDULE_USE;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::model::reflect::{Object, Record, Relation};
use crate::model::{
    BackupPolicy, BackupRepository, Cluster, Device, Disk, DisruptionBudget, Entity, Host,
    HostAdapter, MachineAdapter, MaintenanceWindow, MigrationPlan, MigrationPolicy, Rebalancer,
    Resource, Snapshot, StorageClass, VirtualMachine,
};

macro_rules! relation {
    ($name:literal, $doc:literal, $of:expr, |$facts:ident| $all:expr $(,)?) => {
        Relation {
            name: $name,
            doc: $doc,
            of: $of,
            all: |world| match world.as_any().downcast_ref::<Facts>() {
                Some($facts) => Box::new($all),
                None => Box::new(std::iter::empty()),
            },
        }
    };
}

pub(super) static RELATIONS: &[Relation] = &[
    relation!("clusters", "Every cluster.", Cluster::TYPE, |facts| {
        all(&facts.inventory.clusters)
    }),
    relation!(
        "hosts",
        "Every host that is declared.",
        Host::TYPE,
        |facts| all(&facts.inventory.hosts)
    ),
    relation!(
        "vms",
        "Every virtual machine.",
        VirtualMachine::TYPE,
        |facts| all(&facts.inventory.machines)
    ),
    relation!(
        "plans",
        "Every migration plan that is not over.",
        MigrationPlan::TYPE,
        |facts| current(facts, &facts.inventory.plans, &facts.calendar.plans),
    ),
    relation!(
        "windows",
        "Every maintenance window that is not over.",
        MaintenanceWindow::TYPE,
        |facts| current(facts, &facts.inventory.windows, &facts.calendar.windows),
    ),
    relation!(
        "policies",
        "Every backup policy that is not over.",
        BackupPolicy::TYPE,
        |facts| current(facts, &facts.inventory.policies, &facts.calendar.policies),
    ),
    relation!(
        "repositories",
        "Every backup repository.",
        BackupRepository::TYPE,
        |facts| all(&facts.inventory.repositories),
    ),
    relation!(
        "migrationPolicies",
        "Every policy of how live migrations are done (KubeVirt).",
        MigrationPolicy::TYPE,
        |facts| all(&facts.inventory.migration_policies),
    ),
    relation!(
        "budgets",
        "Every disruption budget (Kubernetes).",
        DisruptionBudget::TYPE,
        |facts| all(&facts.inventory.budgets),
    ),
    relation!(
        "rebalancers",
        "Every rebalancer (Kubernetes).",
        Rebalancer::TYPE,
        |facts| all(&facts.inventory.rebalancers),
    ),
    relation!(
        "migrationSettings",
        "Of every cluster, and of every policy, the settings of live migrations (KubeVirt).",
        &MIGRATION_SETTINGS,
        |facts| of_facts(facts.migration_settings()),
    ),
    relation!(
        "evictionLimits",
        "Of every rebalancer, how many machines it may evict at once in the whole cluster, and from one node.",
        &EVICTION_LIMIT,
        |facts| of_facts(facts.eviction_limits()),
    ),
    relation!(
        "storageClasses",
        "Every storage class (Kubernetes).",
        StorageClass::TYPE,
        |facts| all(&facts.inventory.storage_classes),
    ),
    relation!(
        "snapshots",
        "Every single copy of a machine (Kubernetes).",
        Snapshot::TYPE,
        |facts| all(&facts.inventory.snapshots),
    ),
    relation!(
        "moves",
        "Every move of every plan that is not over.",
        &PLANNED_MOVE,
        |facts| facts.moves.iter().map(|it| facts.planned_move(it)),
    ),
    relation!(
        "backupMigrationCollisions",
        "Every backup policy and plan that concern the same machines and collide; of the others of a policy the first that may collide, and the first that does not: `overlaps` tells them apart.",
        &MIGRATION_COLLISION,
        |facts| of_facts(facts.migration_collisions()),
    ),
    relation!(
        "backupMaintenanceCollisions",
        "The same of backup policies and maintenance windows.",
        &MAINTENANCE_COLLISION,
        |facts| of_facts(facts.maintenance_collisions()),
    ),
    relation!(
        "backupOverlaps",
        "The same of two backup policies with a common target.",
        &BACKUP_OVERLAP,
        |facts| of_facts(facts.backup_overlaps()),
    ),
    relation!(
        "hostLoads",
        "For every plan with live moves, the host that is fullest when it starts.",
        &HOST_LOAD,
        |facts| of_facts(&facts.host_loads().worst),
    ),
    relation!(
        "clusterLoads",
        "For every plan with live moves, each cluster it touches.",
        &CLUSTER_LOAD,
        |facts| of_facts(facts.cluster_loads()),
    ),
    relation!(
        "hardwareChanges",
        "Every setting of the virtual hardware of a machine that a change makes another; none where no change is judged.",
        &HARDWARE_CHANGE,
        |facts| facts
            .hardware_changes()
            .iter()
            .map(|it| facts.hardware_change(it)),
    ),
    relation!(
        "planEstimates",
        "For every plan with live moves, how long they take.",
        &PLAN_ESTIMATE,
        |facts| of_facts(facts.plan_estimates()),
    ),
    relation!(
        "evacuationEstimates",
        "For every maintenance window that evacuates its hosts, how long that takes.",
        &EVACUATION_ESTIMATE,
        |facts| of_facts(&facts.evacuations().windows),
    ),
    relation!(
        "migrationNetworks",
        "For every cluster, the networks that its hosts declare for live migrations.",
        &MIGRATION_NETWORKS,
        |facts| of_facts(facts.migration_networks()),
    ),
    relation!(
        "clusterSettings",
        "For every cluster, each setting of live migrations that its hosts should share.",
        &CLUSTER_SETTING,
        |facts| of_facts(facts.cluster_settings()),
    ),
    relation!(
        "windowQuorums",
        "For every maintenance window that is not over, each cluster it takes hosts of, at the start at which most of them are down.",
        &WINDOW_QUORUM,
        |facts| of_facts(facts.quorums()),
    ),
    relation!(
        "evacuationCapacities",
        "For every maintenance window that is not over, each cluster it takes hosts of, with the memory that is left there.",
        &EVACUATION_CAPACITY,
        |facts| of_facts(facts.evacuation_capacities()),
    ),
    relation!(
        "antiAffinityClasses",
        "For every cluster, each anti-affinity class of its running machines.",
        &ANTI_AFFINITY_CLASS,
        |facts| of_facts(facts.anti_affinity_classes()),
    ),
    relation!(
        "memoryLoads",
        "For every plan, each host that its live and quick moves go to.",
        &MEMORY_LOAD,
        |facts| of_facts(facts.memory_loads()),
    ),
    relation!(
        "virtualAdapters",
        "Every network adapter of every virtual machine.",
        MachineAdapter::TYPE,
        |facts| facts.virtual_adapters(),
    ),
    relation!(
        "virtualDisks",
        "Every disk of every virtual machine.",
        Disk::TYPE,
        |facts| facts.virtual_disks(),
    ),
    relation!(
        "devices",
        "Every device that a virtual machine uses.",
        Device::TYPE,
        |facts| facts.devices(),
    ),
    relation!(
        "hostAdapters",
        "Every physical network adapter of every host.",
        HostAdapter::TYPE,
        |facts| facts.host_adapters(),
    ),
    relation!(
        "backupTargets",
        "Every machine that a policy which is not over backs up, for each policy.",
        &BACKUP_TARGET,
        |facts| of_facts(facts.backup_targets()),
    ),
    relation!(
        "diskSharings",
        "Every disk of every machine, and who else has a disk of the same path.",
        &DISK_SHARING,
        |facts| of_facts(facts.disk_sharings()),
    ),
    relation!(
        "schedules",
        "The schedule of every plan, window and policy that is not over.",
        &SCHEDULE_USE,
        |facts| facts.schedule_uses(),
    ),
];

/// What is declared: not what variants of one object have in common.
fn all<S: Entity>(resources: &[Box<Resource<S>>]) -> impl Iterator<Item = Object<'_>> {
    let written = resources.iter().filter(|it| it.meta.is_written());
    written.map(|it| it.object())
}

/// Resources whose schedule is not a one-off in the past. What variants of one object have in common
/// is among them: what follows from other resources follows for it alone.
fn current<'a, S: Entity>(
    facts: &'a Facts,
    resources: &'a [Box<Resource<S>>],
    timings: &'a [Option<Timing>],
) -> impl Iterator<Item = Object<'a>> {
    let scheduled = resources.iter().zip(timings);
    let current = scheduled.filter(|(_, timing)| !facts.calendar.is_past(**timing));
    current.map(|(resource, _)| resource.object())
}

fn of_facts<T: Record>(records: &[T]) -> impl Iterator<Item = Object<'_>> {
    records.iter().map(|record| Object::fact(record))
}
