//! What rules can name beyond the model: relations, and attributes that facts add to resources.

use std::any::Any;

use super::collisions::{BackupOverlap, MaintenanceCollision, Meeting, MigrationCollision};
use super::loads::{ClusterLoad, HostLoad};
use super::moves::PlannedMove;
use super::{Facts, list, truth};
use crate::model::reflect::{
    Attribute, Derived, Object, Place, Record, RecordType, Relation, Type, Value, Vocabulary,
};
use crate::model::{
    BackupPolicy, Cluster, Host, HostMemory, Kind, MaintenanceWindow, Memory, Migration,
    MigrationPlan, MoveType, PlatformVersion, Processor, Resource, State, Vendor, VirtualMachine,
};
use crate::source::Span;

/// What rules can name.
pub static VOCABULARY: Vocabulary = Vocabulary {
    relations: RELATIONS,
    derived: DERIVED,
};

/// Attributes read from facts: `"name" [optional]: type, |facts, record, object| value [, place]`.
macro_rules! attributes {
    ($of:ty; $(
        $(#[doc = $doc:literal])*
        $name:literal $($optional:ident)?: $ty:expr,
        |$facts:ident, $record:ident, $object:ident| $get:expr
        $(, at $place:expr)?;
    )*) => {
        &[$(Attribute {
            name: $name,
            doc: concat!($($doc),*),
            optional: attributes!(@optional $($optional)?),
            ty: || $ty,
            get: |world, object| match operands::<$of>(world, object) {
                Some(($facts, $record, $object)) => {
                    let _ = ($facts, $record, $object);
                    $get
                }
                None => Value::Unknown,
            },
            place: |world, object| {
                let ($facts, $record, $object) = operands::<$of>(world, object)?;
                let _ = ($facts, $record, $object);
                attributes!(@place $($place)?)
            },
        }),*]
    };
    (@optional) => { false };
    (@optional optional) => { true };
    (@place) => { None };
    (@place $place:expr) => { $place };
}

fn operands<'a, T: 'static>(
    world: &'a dyn crate::model::reflect::World,
    object: Object<'a>,
) -> Option<(&'a Facts, &'a T, Object<'a>)> {
    Some((world.as_any().downcast_ref()?, object.downcast()?, object))
}

fn records(of: &'static RecordType) -> Type {
    Type::List(Box::new(Type::Record(of)))
}

/// The number of the resource that an object is (part of).
fn index(object: Object<'_>) -> usize {
    object
        .owner
        .map_or(usize::MAX, |owner| owner.index as usize)
}

fn word<'a, T>(state: &State<T>, text: fn(&T) -> &'static str) -> Value<'a> {
    match state {
        State::Known(value) => Value::Text(text(value).into()),
        State::Absent => Value::Absent,
        State::Unknown => Value::Unknown,
    }
}

fn written<T>(attribute: &crate::model::Attr<T>, object: Object<'_>) -> Option<Span> {
    object.owner?;
    attribute.place()
}

fn here<'a>(object: Object<'a>, span: Option<Span>, name: &str) -> Option<Place<'a>> {
    Some(Place::of(object.owner?, span?, name))
}

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

static RELATIONS: &[Relation] = &[
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
        crate::model::BackupRepository::TYPE,
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

static DERIVED: &[Derived] = &[
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

static MIGRATION: &[Attribute] = attributes! { Migration; };

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
    |facts, it, object| match facts.placements.possible(machine(object)) {
        Some(set) => list(facts.objects(Kind::Host, set.hosts.iter().copied()), set.open),
        None => Value::Unknown,
    };
    /// Whether two of its possible hosts have processors of different vendors.
    "possibleVendorsDiffer": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(machine(object)).and_then(|set| set.vendors_differ));
    /// Whether two of its possible hosts have processors of one vendor and different generations.
    "possibleGenerationsDiffer": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(machine(object)).and_then(|set| set.generations_differ));
    /// Whether all its possible hosts have the same processor: vendor and generation are equal.
    "possibleProcessorsEqual": Type::Bool,
    |facts, it, object| truth(facts.placements.possible(machine(object)).and_then(|set| set.same_processor));
    /// Its planned moves.
    "moves": records(&PLANNED_MOVE),
    |facts, it, object| Value::List(
        facts.moves_of[index(object)]
            .iter()
            .map(|planned| facts.planned_move(&facts.moves[*planned as usize]).into())
            .collect(),
    );
    /// The backup policies that back it up.
    "backupPolicies": records(BackupPolicy::TYPE),
    |facts, it, object| Value::List(facts.objects(
        Kind::BackupPolicy,
        facts.policies_of[index(object)].iter().copied(),
    ));
};

fn machine(object: Object<'_>) -> u32 {
    object.owner.map_or(u32::MAX, |owner| owner.index)
}

static PLAN: &[Attribute] = attributes! { MigrationPlan;
    /// Its moves, with what follows from them.
    "plannedMoves": records(&PLANNED_MOVE),
    |facts, it, object| Value::List(
        facts.moves
            .iter()
            .filter(|planned| planned.plan as usize == index(object))
            .map(|planned| facts.planned_move(planned).into())
            .collect(),
    );
};

static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// The hosts it takes down: those it names, or all of its cluster.
    "affectedHosts": records(Host::TYPE),
    |facts, it, object| {
        let (hosts, open) = facts.hosts_of_window(machine(object));
        list(facts.objects(Kind::Host, hosts), open)
    };
    /// The machines on the hosts it takes down.
    "affectedMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (_, open) = facts.hosts_of_window(machine(object));
        list(facts.objects(Kind::VirtualMachine, facts.machines_under(machine(object))), open)
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

/// A move of a plan, with what follows from it.
pub(super) static PLANNED_MOVE: RecordType = RecordType {
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
        |facts, it, object| truth(facts.compare(it).generations_differ);
        /// Whether both hosts have the same processor: vendor and generation are equal.
        "processorsEqual": Type::Bool,
        |facts, it, object| truth(facts.compare(it).equal);
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

/// How the processors of two hosts compare.
struct Comparison {
    generations_differ: Option<bool>,
    equal: Option<bool>,
}

impl Facts {
    fn planned_move<'a>(&'a self, planned: &'a PlannedMove) -> Object<'a> {
        let plan = &self.inventory.plans[planned.plan as usize];
        Object {
            record: planned,
            owner: Some(&plan.meta),
        }
    }

    fn compare(&self, planned: &PlannedMove) -> Comparison {
        let host = |host: &State<u32>| Some(&self.placements.hosts[*host.known()? as usize]);
        let (Some(from), Some(to)) = (host(&planned.source), host(&planned.target)) else {
            return Comparison {
                generations_differ: None,
                equal: None,
            };
        };
        let vendors = from
            .vendor
            .known()
            .zip(to.vendor.known())
            .map(|(from, to)| from == to);
        let generations = from
            .generation
            .known()
            .zip(to.generation.known())
            .map(|(from, to)| from == to);
        Comparison {
            generations_differ: match (vendors, generations) {
                (Some(false), _) | (_, Some(true)) => Some(false),
                (Some(true), Some(false)) => Some(true),
                _ => None,
            },
            equal: match (vendors, generations) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
        }
    }
}

/// The attributes that all meetings of a backup with something else have.
macro_rules! meeting {
    ($of:ident, $static:ident, $doc:literal, $other:literal, $other_doc:literal, $kind:ident, $table:ident) => {
        pub(super) static $static: RecordType = RecordType {
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

/// The fullest host of a plan.
pub(super) static HOST_LOAD: RecordType = RecordType {
    name: "HostLoad",
    doc: "How many live migrations run on a host when a plan starts.",
    kind: None,
    attributes: attributes! { HostLoad;
        /// The plan.
        "plan": Type::Record(MigrationPlan::TYPE),
        |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
        /// The host on which the limit is exceeded most, the first by name where several are.
        "host": Type::Record(Host::TYPE),
        |facts, it, object| facts.object(Kind::Host, it.host);
        /// How many live migrations run on it at once.
        "load": Type::Int,
        |facts, it, object| Value::Int(it.load);
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
        /// Whether that is more than the host takes.
        "exceeded": Type::Bool,
        |facts, it, object| truth(it.exceeded);
        /// The other plans that run then.
        "others": records(MigrationPlan::TYPE),
        |facts, it, object| Value::List(facts.objects(
            Kind::MigrationPlan,
            it.others.iter().map(|(plan, _)| *plan),
        ));
        /// When, in words; absent where the plan is too much alone.
        "when" optional: Type::Text,
        |facts, it, object| facts.start(it.plan, it.at);
    },
};

/// A cluster that a plan touches.
pub(super) static CLUSTER_LOAD: RecordType = RecordType {
    name: "ClusterLoad",
    doc: "How many live migrations run in a cluster when a plan starts.",
    kind: None,
    attributes: attributes! { ClusterLoad;
        /// The plan.
        "plan": Type::Record(MigrationPlan::TYPE),
        |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.object(Kind::Cluster, it.cluster);
        /// How many live migrations run in it at once.
        "load": Type::Int,
        |facts, it, object| Value::Int(it.load);
        /// How many it takes at once.
        "capacity": Type::Int,
        |facts, it, object| it.capacity.map_or(Value::Unknown, Value::Int),
        at facts.capacity_place(it);
        /// What the capacity comes from.
        "capacityOrigin": Type::Text,
        |facts, it, object| Value::Text(facts.capacity_origin(it).into());
        /// Whether that is more than the cluster takes.
        "exceeded": Type::Bool,
        |facts, it, object| truth(it.exceeded);
        /// The other plans that run then.
        "others": records(MigrationPlan::TYPE),
        |facts, it, object| Value::List(facts.objects(
            Kind::MigrationPlan,
            it.others.iter().map(|(plan, _)| *plan),
        ));
        /// When, in words; absent where the plan is too much alone.
        "when" optional: Type::Text,
        |facts, it, object| facts.start(it.plan, it.at);
    },
};

impl Facts {
    /// A start of a plan in words.
    fn start(&self, plan: u32, at: Option<crate::schedule::Instant>) -> Value<'_> {
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

    fn capacity_origin(&self, load: &ClusterLoad) -> String {
        if load.capped {
            return "`parallelMigrationsPerCluster`".to_owned();
        }
        let hosts = self.placements.clusters[load.cluster as usize].hosts.len();
        format!("{hosts} hosts, and each migration takes a slot at both ends")
    }
}
