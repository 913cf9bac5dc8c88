//! What rules can range over.

use super::records::{
    BACKUP_OVERLAP, CLUSTER_LOAD, HOST_LOAD, MAINTENANCE_COLLISION, MIGRATION_COLLISION,
    PLANNED_MOVE,
};
use crate::facts::Facts;
use crate::model::reflect::{Object, Relation};
use crate::model::{
    BackupPolicy, BackupRepository, Cluster, Host, MaintenanceWindow, MigrationPlan, Resource,
    VirtualMachine,
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
        facts
            .inventory
            .clusters
            .iter()
            .map(Resource::object)
            .collect()
    }),
    relation!(
        "hosts",
        "Every host that is declared.",
        Host::TYPE,
        |facts| {
            facts
                .inventory
                .hosts
                .iter()
                .filter(|host| host.meta.named)
                .map(Resource::object)
                .collect()
        }
    ),
    relation!(
        "vms",
        "Every virtual machine.",
        VirtualMachine::TYPE,
        |facts| {
            facts
                .inventory
                .machines
                .iter()
                .map(Resource::object)
                .collect()
        }
    ),
    relation!(
        "plans",
        "Every migration plan that is not over.",
        MigrationPlan::TYPE,
        |facts| {
            let current = |plan: &&Resource<MigrationPlan>| {
                !facts
                    .calendar
                    .is_past(facts.calendar.plans[plan.meta.index as usize])
            };
            facts
                .inventory
                .plans
                .iter()
                .filter(current)
                .map(Resource::object)
                .collect()
        }
    ),
    relation!(
        "windows",
        "Every maintenance window that is not over.",
        MaintenanceWindow::TYPE,
        |facts| {
            let current = |window: &&Resource<MaintenanceWindow>| {
                !facts
                    .calendar
                    .is_past(facts.calendar.windows[window.meta.index as usize])
            };
            facts
                .inventory
                .windows
                .iter()
                .filter(current)
                .map(Resource::object)
                .collect()
        },
    ),
    relation!(
        "policies",
        "Every backup policy that is not over.",
        BackupPolicy::TYPE,
        |facts| {
            let current = |policy: &&Resource<BackupPolicy>| {
                !facts
                    .calendar
                    .is_past(facts.calendar.policies[policy.meta.index as usize])
            };
            facts
                .inventory
                .policies
                .iter()
                .filter(current)
                .map(Resource::object)
                .collect()
        }
    ),
    relation!(
        "repositories",
        "Every backup repository.",
        BackupRepository::TYPE,
        |facts| facts
            .inventory
            .repositories
            .iter()
            .map(Resource::object)
            .collect(),
    ),
    relation!(
        "moves",
        "Every move of every plan that is not over.",
        &PLANNED_MOVE,
        |facts| {
            facts
                .moves
                .iter()
                .map(|planned| facts.planned_move(planned))
                .collect()
        }
    ),
    relation!(
        "backupMigrationCollisions",
        "Every backup policy and plan that concern the same machines; `overlaps` says whether they collide.",
        &MIGRATION_COLLISION,
        |facts| facts
            .migration_collisions()
            .iter()
            .map(|it| Object::fact(it))
            .collect(),
    ),
    relation!(
        "backupMaintenanceCollisions",
        "Every backup policy and maintenance window that concern the same machines.",
        &MAINTENANCE_COLLISION,
        |facts| facts
            .maintenance_collisions()
            .iter()
            .map(|it| Object::fact(it))
            .collect(),
    ),
    relation!(
        "backupOverlaps",
        "Every two backup policies with a common target.",
        &BACKUP_OVERLAP,
        |facts| facts
            .backup_overlaps()
            .iter()
            .map(|it| Object::fact(it))
            .collect(),
    ),
    relation!(
        "hostLoads",
        "For every plan with live moves, the host that is fullest when it starts.",
        &HOST_LOAD,
        |facts| facts
            .host_loads()
            .iter()
            .map(|it| Object::fact(it))
            .collect(),
    ),
    relation!(
        "clusterLoads",
        "For every plan with live moves, each cluster it touches.",
        &CLUSTER_LOAD,
        |facts| facts
            .cluster_loads()
            .iter()
            .map(|it| Object::fact(it))
            .collect(),
    ),
];
