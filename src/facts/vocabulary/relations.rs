//! What rules can range over.

use super::backup::{BACKUP_TARGET, DISK_SHARING};
use super::records::{
    BACKUP_OVERLAP, CLUSTER_LOAD, HOST_LOAD, MAINTENANCE_COLLISION, MIGRATION_COLLISION,
    PLANNED_MOVE,
};
use super::schedules::SCHEDULE_USE;
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::model::reflect::{Object, Record, Relation};
use crate::model::{
    BackupPolicy, BackupRepository, Cluster, Entity, Host, MaintenanceWindow, MigrationPlan,
    Resource, VirtualMachine,
};

macro_rules! relation {
    ($name:literal, $doc:literal, $of:expr, |$facts:ident| $all:expr $(,)?) => {
        Relation {
            name: $name,
            doc: $doc,
            of: $of,
            all: |world| {
                world
                    .as_any()
                    .downcast_ref::<Facts>()
                    .map_or_else(Vec::new, |$facts| $all)
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
        |facts| {
            let declared = facts
                .inventory
                .hosts
                .iter()
                .filter(|host| !host.meta.partial);
            declared.map(Resource::object).collect()
        }
    ),
    relation!(
        "vms",
        "Every virtual machine.",
        VirtualMachine::TYPE,
        |facts| { all(&facts.inventory.machines) }
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
        "moves",
        "Every move of every plan that is not over.",
        &PLANNED_MOVE,
        |facts| facts
            .moves
            .iter()
            .map(|it| facts.planned_move(it))
            .collect(),
    ),
    relation!(
        "backupMigrationCollisions",
        "Every backup policy and plan that concern the same machines; `overlaps` says whether they collide.",
        &MIGRATION_COLLISION,
        |facts| of_facts(facts.migration_collisions()),
    ),
    relation!(
        "backupMaintenanceCollisions",
        "Every backup policy and maintenance window that concern the same machines.",
        &MAINTENANCE_COLLISION,
        |facts| of_facts(facts.maintenance_collisions()),
    ),
    relation!(
        "backupOverlaps",
        "Every two backup policies with a common target.",
        &BACKUP_OVERLAP,
        |facts| of_facts(facts.backup_overlaps()),
    ),
    relation!(
        "hostLoads",
        "For every plan with live moves, the host that is fullest when it starts.",
        &HOST_LOAD,
        |facts| of_facts(facts.host_loads()),
    ),
    relation!(
        "clusterLoads",
        "For every plan with live moves, each cluster it touches.",
        &CLUSTER_LOAD,
        |facts| of_facts(facts.cluster_loads()),
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
        |facts| of_facts(facts.sharings()),
    ),
    relation!(
        "schedules",
        "The schedule of every plan, window and policy that is not over.",
        &SCHEDULE_USE,
        |facts| facts.schedule_uses(),
    ),
];

fn all<S: Entity>(resources: &[Resource<S>]) -> Vec<Object<'_>> {
    resources.iter().map(Resource::object).collect()
}

/// Resources whose schedule is not a one-off in the past.
fn current<'a, S: Entity>(
    facts: &'a Facts,
    resources: &'a [Resource<S>],
    timings: &[Option<Timing>],
) -> Vec<Object<'a>> {
    let scheduled = resources.iter().zip(timings);
    let current = scheduled.filter(|(_, timing)| !facts.calendar.is_past(**timing));
    current.map(|(resource, _)| resource.object()).collect()
}

fn of_facts<T: Record>(records: &[T]) -> Vec<Object<'_>> {
    records.iter().map(|record| Object::fact(record)).collect()
}
