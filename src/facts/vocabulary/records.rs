//! Records that nobody wrote down: what follows from an estate.

use std::any::Any;

use super::{attributes, here, operands, records, word};
use crate::facts::collisions::{BackupOverlap, MaintenanceCollision, Meeting, MigrationCollision};
use crate::facts::loads::{ClusterLoad, HostLoad};
use crate::facts::moves::PlannedMove;
use crate::facts::{Facts, truth};
use crate::model::reflect::{Attribute, Object, Place, Record, RecordType, Type, Value};
use crate::model::{
    BackupPolicy, Cluster, Host, Kind, MaintenanceWindow, MigrationPlan, MoveType, State,
    VirtualMachine,
};
use crate::schedule::Instant;
use crate::source::Span;

/// A move of a plan, with what follows from it.
pub(in crate::facts) static PLANNED_MOVE: RecordType = RecordType {
    name: "PlannedMove",
    doc: "A move of a plan, with what follows from it.",
    kind: None,
    attributes: attributes! { PlannedMove;
        /// The plan.
        "plan": Type::Record(MigrationPlan::TYPE),
        |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
        /// The machine that moves.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| facts.optional(Kind::VirtualMachine, &it.machine),
        at here(object, Some(it.machine_place), "vm");
        /// The host it leaves: as written, else the machine's host.
        "from" optional: Type::Record(Host::TYPE),
        |facts, it, object| facts.optional(Kind::Host, &it.source),
        at here(object, it.source_place, "from");
        /// The host it goes to; absent for storage that moves on its host.
        "to" optional: Type::Record(Host::TYPE),
        |facts, it, object| facts.optional(Kind::Host, &it.target),
        at here(object, it.target_place, "to");
        /// How it is moved, as written.
        "type": Type::Choice(MoveType::WORDS),
        |facts, it, object| word(&it.written, |written| written.as_str());
        /// How it moves, in the state it is in: a machine that is off or saved moves offline, but for its storage.
        "actualType": Type::Choice(MoveType::WORDS),
        |facts, it, object| word(&it.actual, |actual| actual.as_str());
        /// Whether the state of a running processor moves along, which the target must take over: live and quick moves of running machines, and moves of saved ones.
        "carriesProcessorState": Type::Bool,
        |facts, it, object| truth(it.processor_state);
        /// Whether the disks move along.
        "includeStorage": Type::Bool,
        |facts, it, object| truth(it.includes_storage.known().copied());
        /// Whether both hosts have processors of one vendor and different generations.
        "generationsDiffer": Type::Bool,
        |facts, it, object| truth(facts.compare(&it.source, &it.target).generations_differ);
        /// Whether both hosts have the same processor: vendor and generation are equal.
        "processorsEqual": Type::Bool,
        |facts, it, object| truth(facts.compare(&it.source, &it.target).equal);
    },
};

impl Record for PlannedMove {
    fn record_type(&self) -> &'static RecordType {
        &PLANNED_MOVE
    }

    fn place(&self) -> Option<Span> {
        Some(self.place)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Facts {
    pub(super) fn planned_move<'a>(&'a self, planned: &'a PlannedMove) -> Object<'a> {
        let plan = &self.inventory.plans[planned.plan as usize];
        Object::part(planned, Some(&plan.meta))
    }
}

/// The attributes that all meetings of a backup with something else have.
macro_rules! meeting {
    ($of:ident, $static:ident, $doc:literal, $other:literal, $other_doc:literal, $kind:ident, $table:ident) => {
        pub(in crate::facts) static $static: RecordType = RecordType {
            name: stringify!($of),
            doc: $doc,
            kind: None,
            attributes: attributes! { $of;
                /// The backup policy.
                "backup": Type::Record(BackupPolicy::TYPE),
                |facts, it, object| facts.object(Kind::BackupPolicy, it.0.policy);
                #[doc = $other_doc]
                $other: Type::Record($kind::TYPE),
                |facts, it, object| facts.object(Kind::$kind, it.0.other);
                /// The machines that both concern.
                "vms": records(VirtualMachine::TYPE),
                |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, it.0.machines.iter().copied()));
                /// Whether a window of one overlaps a window of the other.
                "overlaps": Type::Bool,
                |facts, it, object| truth(it.0.overlaps());
                /// The first collision, on the clocks of the policy.
                "first": Type::Window,
                |facts, it, object| it.0.first(&facts.calendar);
                /// The first collision in words, on the clocks of both where they differ.
                "when": Type::Text,
                |facts, it, object| when(&it.0, facts);
            },
        };
    };
}

fn when<'a>(meeting: &Meeting, facts: &'a Facts) -> Value<'a> {
    meeting
        .when(&facts.calendar)
        .map_or(Value::Unknown, |text| Value::Text(text.into()))
}

meeting!(
    MigrationCollision,
    MIGRATION_COLLISION,
    "A backup policy and a plan that moves some of its targets (live, quick or storage).",
    "plan",
    "The migration plan.",
    MigrationPlan,
    plans
);
meeting!(
    MaintenanceCollision,
    MAINTENANCE_COLLISION,
    "A backup policy and a maintenance window on the host or cluster that some of its targets run on.",
    "window",
    "The maintenance window.",
    MaintenanceWindow,
    windows
);
meeting!(
    BackupOverlap,
    BACKUP_OVERLAP,
    "Two backup policies with a common target; `backup` comes later by path and position.",
    "other",
    "The policy that comes earlier by path and position.",
    BackupPolicy,
    policies
);

/// The attributes that all loads have, and those of one kind.
macro_rules! load {
    ($of:ident, $static:ident, $doc:literal; $($own:tt)*) => {
        pub(in crate::facts) static $static: RecordType = RecordType {
            name: stringify!($of),
            doc: $doc,
            kind: None,
            attributes: attributes! { $of;
                /// The plan.
                "plan": Type::Record(MigrationPlan::TYPE),
                |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
                $($own)*
                /// How many live migrations run at once.
                "load": Type::Int,
                |facts, it, object| Value::Int(it.load);
                /// Whether that is more than can run.
                "exceeded": Type::Bool,
                |facts, it, object| truth(it.exceeded);
                /// The other plans that run then.
                "others": records(MigrationPlan::TYPE),
                |facts, it, object| Value::List(facts.objects(
                    Kind::MigrationPlan,
                    it.others.iter().copied(),
                ));
                /// When, in words; absent where the plan is too much alone.
                "when" optional: Type::Text,
                |facts, it, object| facts.start(it.plan, it.at);
            },
        };
    };
}

load!(HostLoad, HOST_LOAD, "How many live migrations run on a host when a plan starts.";
    /// The host on which the limit is exceeded most, the first by name where several are.
    "host": Type::Record(Host::TYPE),
    |facts, it, object| facts.object(Kind::Host, it.host);
    /// How many it takes at once.
    "limit": Type::Int,
    |facts, it, object| match facts.limits[it.host as usize].value {
        State::Known(limit) => Value::Int(limit),
        _ => Value::Unknown,
    },
    at {
        let placement = &facts.placements.hosts[it.host as usize];
        let host = &facts.inventory.hosts[it.host as usize];
        Some(facts.limits[it.host as usize].place(&facts.inventory, placement, host))
    };
    /// Who says how many it takes.
    "limitOrigin": Type::Text,
    |facts, it, object| {
        let placement = &facts.placements.hosts[it.host as usize];
        let limit = &facts.limits[it.host as usize];
        Value::Text(limit.origin_text(&facts.inventory, placement).into())
    };
);

load!(ClusterLoad, CLUSTER_LOAD, "How many live migrations run in a cluster when a plan starts.";
    /// The cluster.
    "cluster": Type::Record(Cluster::TYPE),
    |facts, it, object| facts.object(Kind::Cluster, it.cluster);
    /// How many it takes at once.
    "capacity": Type::Int,
    |facts, it, object| it.capacity.map_or(Value::Unknown, Value::Int),
    at facts.capacity_place(it);
    /// What the capacity comes from.
    "capacityOrigin": Type::Text,
    |facts, it, object| Value::Text(facts.capacity_origin(it).into());
    /// The setting to change for another capacity, and where it belongs, in words.
    "capacitySetting": Type::Text,
    |facts, it, object| Value::Text(facts.capacity_setting(it).into());
);

impl Facts {
    /// A start of a plan in words.
    fn start(&self, plan: u32, at: Option<Instant>) -> Value<'_> {
        match (self.calendar.plans[plan as usize], at) {
            (Some(timing), Some(at)) => Value::Text(self.calendar.zone(timing).show(at).into()),
            _ => Value::Absent,
        }
    }

    fn capacity_place(&self, load: &ClusterLoad) -> Option<Place<'_>> {
        let cluster = &self.inventory.clusters[load.cluster as usize];
        let spec = &cluster.spec;
        let cap = spec
            .parallel_migrations_per_cluster
            .place()
            .filter(|_| load.capped);
        let span = cap
            .or(spec.maximum_parallel_migrations.place())
            .unwrap_or(cluster.meta.name_span);
        Some(Place::of(&cluster.meta, span, ""))
    }

    fn capacity_setting(&self, load: &ClusterLoad) -> String {
        let name = &self.inventory.clusters[load.cluster as usize].meta.name;
        if load.capped {
            return format!("`parallelMigrationsPerCluster` of `{name}`");
        }
        let members = &self.placements.clusters[load.cluster as usize].hosts;
        let of_cluster = members.iter().all(|host| {
            let placement = &self.placements.hosts[*host as usize];
            self.limits[*host as usize].is_set_by_cluster(placement)
        });
        if of_cluster {
            format!("`maximumParallelMigrations` of `{name}`")
        } else {
            format!("`migration.maximumVirtualMachineMigrations` of the hosts of `{name}`")
        }
    }

    fn capacity_origin(&self, load: &ClusterLoad) -> String {
        if load.capped {
            return "`parallelMigrationsPerCluster`".to_owned();
        }
        let hosts = self.placements.clusters[load.cluster as usize].hosts.len();
        format!("{hosts} hosts, and each migration takes a slot at both ends")
    }
}
