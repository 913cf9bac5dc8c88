//! Records that nobody wrote down: what follows from an estate.

use std::any::Any;

use super::{attributes, here, operands, optional_text, records, word};
use crate::facts::calendar::{Joint, Timing};
use crate::facts::capacity::{self, Origin};
use crate::facts::collisions::{BackupOverlap, MaintenanceCollision, Meeting, MigrationCollision};
use crate::facts::leeway::{Narrow, Taker};
use crate::facts::loads::{ClusterLoad, HostLoad};
use crate::facts::moves::PlannedMove;
use crate::facts::{Facts, truth};
use crate::model::reflect::{Attribute, Object, Place, Record, RecordType, Type, Value};
use crate::model::{
    BackupPolicy, Cluster, Host, Kind, MaintenanceWindow, MigrationPlan, Move, MoveType, State,
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
        at here(object, place(facts, it, |written| written.vm.place()).or(Some(it.place)), "vm");
        /// The host it leaves: as written, else the machine's host.
        "from" optional: Type::Record(Host::TYPE),
        |facts, it, object| facts.optional(Kind::Host, &it.source),
        at here(object, place(facts, it, |written| written.from.place()), "from");
        /// The host it goes to; absent for storage that moves on its host.
        "to" optional: Type::Record(Host::TYPE),
        |facts, it, object| facts.optional(Kind::Host, &it.target),
        at here(object, place(facts, it, |written| written.to.place()), "to");
        /// How it is moved, as written.
        "type": Type::Choice(MoveType::WORDS),
        |facts, it, object| word(it.written.as_ref(), |written| written.as_str());
        /// How it moves, in the state it is in: a machine that is off or saved moves offline, but for its storage.
        "actualType": Type::Choice(MoveType::WORDS),
        |facts, it, object| word(it.actual.as_ref(), |actual| actual.as_str());
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

/// Where something of a move is written.
fn place(facts: &Facts, it: &PlannedMove, of: fn(&Move) -> Option<Span>) -> Option<Span> {
    of(it.written_in(&facts.inventory)?)
}

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
    ($of:ident, $static:ident, $doc:literal, $other:literal, $other_doc:literal, $kind:ident; $($own:tt)*) => {
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
                $($own)*
                /// The machines that both concern.
                "vms": records(VirtualMachine::TYPE),
                |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, it.0.machines.iter().copied()));
                /// Whether a window of one overlaps a window of the other.
                "overlaps": Type::Bool,
                |facts, it, object| truth(it.0.overlaps(&facts.calendar));
                /// The first collision, on the clocks of the policy.
                "first": Type::Window,
                |facts, it, object| it.0.first(&facts.calendar);
                /// The first collision in words, on the clocks of both where they differ.
                "when": Type::Text,
                |facts, it, object| when(&it.0, Kind::$kind, facts);
                /// How often they collide in the search and for how long, in words: `every Saturday, for 30m`.
                "recurs": Type::Text,
                |facts, it, object| it.0.recurs(&facts.calendar).map_or(Value::Unknown, |text| Value::Text(text.into()));
            },
        };
    };
}

fn when<'a>(meeting: &Meeting, other: Kind, facts: &'a Facts) -> Value<'a> {
    let other = (other == Kind::BackupPolicy).then_some(meeting.other);
    let policies = std::iter::once(meeting.policy).chain(other);
    match meeting.when(&facts.calendar) {
        Some(text) => Value::Text((text + &facts.assumption(policies)).into()),
        None => Value::Unknown,
    }
}

fn more_others<'a>(meeting: &Meeting) -> Value<'a> {
    Value::Int(i64::try_from(meeting.untold).unwrap_or(i64::MAX))
}

meeting!(
    MigrationCollision,
    MIGRATION_COLLISION,
    "A backup policy and a plan that moves some of its targets (live, quick or storage).",
    "plan",
    "The migration plan.",
    MigrationPlan;
    /// How many further plans `backup` meets that are not told, as there are too many: said with the last that is told, and 0 with all others.
    "moreOthers": Type::Int,
    |facts, it, object| more_others(&it.0);
);
meeting!(
    MaintenanceCollision,
    MAINTENANCE_COLLISION,
    "A backup policy and a maintenance window on the host or cluster that some of its targets run on.",
    "window",
    "The maintenance window.",
    MaintenanceWindow;
    /// How many further windows `backup` meets that are not told, as there are too many: said with the last that is told, and 0 with all others.
    "moreOthers": Type::Int,
    |facts, it, object| more_others(&it.0);
);
meeting!(
    BackupOverlap,
    BACKUP_OVERLAP,
    "Two backup policies with a common target; `backup` comes later by path and position.",
    "other",
    "The policy that comes earlier by path and position.",
    BackupPolicy;
    /// How many further policies `backup` overlaps that are not told, as there are too many: said with the last that is told, and 0 with all others.
    "moreOthers": Type::Int,
    |facts, it, object| more_others(&it.0);
);

/// Of up to so many hosts more than one the slots are told one by one.
const SLOTS_NAMED: usize = 5;

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
                /// The other plans that run then; of more than fifty the first ones.
                "others": records(MigrationPlan::TYPE),
                |facts, it, object| Value::List(facts.objects(
                    Kind::MigrationPlan,
                    it.others.iter().copied(),
                ));
                /// How many other plans run then beside these.
                "moreOthers": Type::Int,
                |facts, it, object| Value::Int(it.more_others.into());
                /// When, in words; absent where the plan is too much alone.
                "when" optional: Type::Text,
                |facts, it, object| {
                    let joint = facts.joint(&facts.calendar.plans, it.plan, &it.others, it.at);
                    optional_text(joint.map(|joint| joint.window))
                };
                /// How often it starts together with the others and for how long all of them run, in words; absent where the plan is too much alone.
                "recurs" optional: Type::Text,
                |facts, it, object| {
                    let joint = facts.joint(&facts.calendar.plans, it.plan, &it.others, it.at);
                    optional_text(joint.map(|joint| joint.recurs))
                };
                /// The largest concurrency with which the plan alone would overfill no host and no cluster; absent where it does not as it is.
                "sufficientConcurrency" optional: Type::Int,
                |facts, it, object| facts.narrow(it.plan).map_or(Value::Absent, |it| Value::Int(it.limit));
                /// The host or cluster that allows no more than that, in words.
                "narrowest" optional: Type::Text,
                |facts, it, object| facts.narrow(it.plan).map_or(Value::Absent, |it| facts.taker(it.of));
                /// Who says that it allows no more, in words.
                "narrowestOrigin" optional: Type::Text,
                |facts, it, object| facts.narrow(it.plan).map_or(Value::Absent, |narrow| {
                    facts.taker_origin(it.plan, narrow.of)
                });
                /// The machines of the plan that would write memory as fast as it is copied if as many left a host at once as the plan wants: for them a higher limit is no help.
                "endlessWithoutLimits": records(VirtualMachine::TYPE),
                |facts, it, object| Value::List(facts.objects(
                    Kind::VirtualMachine,
                    facts.endless_without_limits(it.plan),
                ));
                /// How many live migrations the plan and the others may have in all; absent where that is fewer than one each.
                "sufficientTogether" optional: Type::Int,
                |facts, it, object| facts.together(it.plan, it.others.len() + 1);
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
    /// The other hosts on which the plan exceeds the limit, alone or with others.
    "overfullBeside": records(Host::TYPE),
    |facts, it, object| {
        let leeway = facts.leeways().get(&it.plan);
        let hosts = leeway.into_iter().flat_map(|leeway| &leeway.hosts);
        Value::List(facts.objects(Kind::Host, hosts.copied().filter(|host| *host != it.host)))
    };
    /// The live moves that touch the host: all of the plan, and the first ten of the others.
    "moves": records(&PLANNED_MOVE),
    |facts, it, object| {
        let moves = facts.moves_on_host(it).into_iter();
        Value::List(moves.map(|planned| facts.planned_move(planned).into()).collect())
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
    /// The hosts that say how many they take, where the capacity is made up of that and not all have it from the same place.
    "hostsWithSlots": records(Host::TYPE),
    |facts, it, object| match facts.common_origin(it) {
        None if !it.capped => Value::List(facts.objects(Kind::Host, facts.hosts_with_slots(it))),
        _ => Value::List(Vec::new()),
    };
    /// The live moves that touch the cluster: all of the plan, and the first ten of the others.
    "moves": records(&PLANNED_MOVE),
    |facts, it, object| {
        let moves = facts.moves_in_cluster(it).into_iter();
        Value::List(moves.map(|planned| facts.planned_move(planned).into()).collect())
    };
    /// The setting to change for another capacity, and where it belongs, in words.
    "capacitySetting": Type::Text,
    |facts, it, object| Value::Text(facts.capacity_setting(it).into());
);

impl Facts {
    /// When something starts together with others of its kind, which have these schedules, and how
    /// often; none where it is alone.
    pub(super) fn joint(
        &self,
        timings: &[Option<Timing>],
        own: u32,
        others: &[u32],
        at: Option<Instant>,
    ) -> Option<Joint> {
        let others = others.iter().filter_map(|other| timings[*other as usize]);
        let own = timings[own as usize]?;
        Some(self.calendar.joint(own, others.collect(), at?))
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
            .unwrap_or(cluster.meta.name_span());
        Some(Place::of(&cluster.meta, span, ""))
    }

    fn capacity_setting(&self, load: &ClusterLoad) -> String {
        let name = &self.inventory.clusters[load.cluster as usize].meta.name;
        if load.capped {
            return format!("`parallelMigrationsPerCluster` of `{name}`");
        }
        if load.outbound {
            let meta = &self.inventory.clusters[load.cluster as usize].meta;
            return format!("`{}` of `{name}`", capacity::outbound_key(meta));
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
            let cluster = &self.inventory.clusters[load.cluster as usize].spec;
            if cluster.parallel_migrations_per_cluster.is_absent() {
                let product = capacity::product_name(&self.inventory, load.cluster);
                return format!("the default of {product}");
            }
            return "`parallelMigrationsPerCluster`".to_owned();
        }
        let members = &self.placements.clusters[load.cluster as usize].hosts;
        let hosts = self.hosts_with_slots(load);
        let slots: Vec<i64> = hosts
            .iter()
            .filter_map(|host| self.limits[*host as usize].value.known().copied())
            .collect();
        let whose = match members.len() - hosts.len() {
            0 => format!("its {} hosts have", hosts.len()),
            _ if hosts.len() == 1 => "the only host of which that is known has".to_owned(),
            _ => format!("the {} hosts of which that is known have", hosts.len()),
        };
        let several = |number: i64| match number {
            1 => "1 slot".to_owned(),
            _ => format!("{number} slots"),
        };
        let slots = match slots.as_slice() {
            [only] => several(*only),
            [first, rest @ ..] if rest.iter().all(|it| it == first) => {
                format!("{} each", several(*first))
            }
            [first @ .., last] if first.len() < SLOTS_NAMED => {
                let first: Vec<String> = first.iter().map(ToString::to_string).collect();
                format!("{} and {last} slots", first.join(", "))
            }
            _ => format!("{} in all", several(slots.iter().sum())),
        };
        let origin = self
            .common_origin(load)
            .map_or_else(String::new, |origin| format!(", {origin}"));
        let ends = match load.outbound {
            true => "where it starts",
            false => "at both ends",
        };
        format!("{whose} {slots}{origin}; each migration takes one {ends}")
    }

    /// The hosts of a cluster of which it is known how many live migrations they take.
    fn hosts_with_slots(&self, load: &ClusterLoad) -> Vec<u32> {
        let members = self.placements.clusters[load.cluster as usize].hosts.iter();
        let known = |host: &u32| self.limits[*host as usize].value.known().is_some();
        members.copied().filter(known).collect()
    }

    /// Who says how many they take, where it is the same for all.
    fn common_origin(&self, load: &ClusterLoad) -> Option<String> {
        let hosts = self.hosts_with_slots(load);
        let origin = |host: &u32| self.limits[*host as usize].origin;
        let first = hosts.first()?;
        let common =
            origin(first) != Origin::Host && hosts.iter().all(|it| origin(it) == origin(first));
        let placement = &self.placements.hosts[*first as usize];
        let limit = &self.limits[*first as usize];
        common.then(|| limit.origin_text(&self.inventory, placement))
    }

    fn narrow(&self, plan: u32) -> Option<Narrow> {
        self.leeways().get(&plan)?.alone
    }

    fn taker(&self, taker: Taker) -> Value<'_> {
        let name = match taker {
            Taker::Host(host) => &self.inventory.hosts[host as usize].meta.name,
            Taker::Cluster(cluster) => &self.inventory.clusters[cluster as usize].meta.name,
        };
        Value::Text(format!("`{name}`").into())
    }

    fn taker_origin(&self, plan: u32, taker: Taker) -> Value<'_> {
        let text = match taker {
            Taker::Host(host) => {
                let placement = &self.placements.hosts[host as usize];
                Some(self.limits[host as usize].origin_text(&self.inventory, placement))
            }
            Taker::Cluster(cluster) => {
                let mut loads = self.cluster_loads().iter();
                let load = loads.find(|load| (load.plan, load.cluster) == (plan, cluster));
                load.map(|load| self.capacity_origin(load))
            }
        };
        text.map_or(Value::Unknown, |text| Value::Text(text.into()))
    }

    fn together(&self, plan: u32, plans: usize) -> Value<'_> {
        let together = self.leeways().get(&plan).and_then(|leeway| leeway.together);
        let enough = |limit: &i64| usize::try_from(*limit).is_ok_and(|limit| limit >= plans);
        together.filter(enough).map_or(Value::Absent, Value::Int)
    }
}
