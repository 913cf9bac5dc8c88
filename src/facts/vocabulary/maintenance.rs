//! What rules about maintenance can name.

use super::{attributes, here, number, operands, optional_text, records, word, written};
use crate::facts::affinity::AntiAffinityClass;
use crate::facts::evacuation::EvacuationCapacity;
use crate::facts::memory::reserve;
use crate::facts::packing::{Unplaced, Verdict};
use crate::facts::quorum::WindowQuorum;
use crate::facts::{list, truth};
use crate::model::reflect::{Attribute, Object, RecordType, Type, Value};
use crate::model::{
    Cluster, Host, HostMemory, Kind, MaintenanceWindow, Memory, Platform, State, VirtualMachine,
    Witness,
};

pub(super) static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// The tie-breaker for quorum; that there is none unless one is stated holds for Hyper-V only.
    "witness": Type::Choice(Witness::WORDS),
    |facts, it, object| match (it.witness.state(), it.platform.state()) {
        (State::Absent, State::Absent | State::Known(Platform::HyperV)) => {
            Value::Text(Witness::None.as_str().into())
        }
        (State::Absent, _) => Value::Unknown,
        (witness, _) => word(witness, |witness| witness.as_str()),
    },
    at here(object, written(&it.witness, object), "witness");
};

pub(super) static HOSTS_OF_CLUSTER: &[Attribute] = attributes! { Cluster;
    /// Whether it has two hosts or more; unknown where one is known and there may be others.
    "hasSecondHost": Type::Bool,
    |facts, it, object| {
        let members = &facts.placements.clusters[number(object) as usize];
        match members.hosts.len() {
            2.. => Value::Bool(true),
            _ if members.open => Value::Unknown,
            _ => Value::Bool(false),
        }
    };
};

pub(super) static HOST_MEMORY: &[Attribute] = attributes! { HostMemory;
    /// What machines can have of it: the capacity without the reserve.
    "usable": Type::Memory,
    |facts, it, object| match (it.capacity.known(), reserve(facts, number(object), it)) {
        (Some(&Memory(capacity)), State::Known(reserve)) => Value::Memory(capacity - reserve),
        _ => Value::Unknown,
    };
};

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// The maintenance windows that take down its host and are not over.
    "maintenanceWindows": records(MaintenanceWindow::TYPE),
    |facts, it, object| {
        let (windows, open) = facts.windows_of_machine(number(object));
        list(facts.objects(Kind::MaintenanceWindow, windows.iter().copied()), open)
    };
    /// The hosts of its cluster that could be possible owners and are none; none with a processor of another vendor than a possible host has.
    "failoverCandidates": records(Host::TYPE),
    |facts, it, object| Value::List(facts.objects(
        Kind::Host,
        facts.failover_candidates(number(object)),
    ));
    /// Whether a drain saves, moves and resumes it instead of live-migrating it: a machine of low priority on Hyper-V.
    "quickMigratedByDrain": Type::Bool,
    |facts, it, object| truth(facts.is_quick_migrated_by_drain(number(object)));
};

pub(super) static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// The machines of which nobody knows on which host they are, where that may be one it takes down: ask `vm.host.orUnknown() in window.affectedHosts` of them.
    "possiblyAffectedMachines": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(
        Kind::VirtualMachine,
        facts.machines_perhaps_under(number(object)),
    ));
};

pub(in crate::facts) static WINDOW_QUORUM: RecordType = RecordType {
    name: "WindowQuorum",
    doc: "What is left of the votes of a cluster when a maintenance window opens.",
    kind: None,
    attributes: attributes! { WindowQuorum;
        /// The maintenance window.
        "window": Type::Record(MaintenanceWindow::TYPE),
        |facts, it, object| facts.object(Kind::MaintenanceWindow, it.window);
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.optional(Kind::Cluster, &it.cluster);
        /// How many of its hosts are down at once.
        "down": Type::Int,
        |facts, it, object| Value::Int(it.down);
        /// How many of them the window takes down itself.
        "ownDown": Type::Int,
        |facts, it, object| Value::Int(it.own_down);
        /// How many votes there are: a host has one, and so has a witness.
        "votes": Type::Int,
        |facts, it, object| Value::Int(it.electorate.votes().1);
        /// Whose votes they are, in words.
        "votesOrigin": Type::Text,
        |facts, it, object| Value::Text(it.electorate.origin().into());
        /// How many hosts can be down at once.
        "tolerated": Type::Int,
        |facts, it, object| Value::Int(it.electorate.tolerates());
        /// Whether half of the votes or more go at once, and two hosts or more.
        "broken": Type::Bool,
        |facts, it, object| truth(it.broken);
        /// The other windows that take down hosts of the cluster then; of many the first ones.
        "others": records(MaintenanceWindow::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::MaintenanceWindow, it.others.iter().copied()));
        /// How many other windows take some down then beside these.
        "moreOthers": Type::Int,
        |facts, it, object| Value::Int(it.more_others.into());
        /// When, in words; absent where the window breaks quorum alone.
        "when" optional: Type::Text,
        |facts, it, object| {
            let joint = facts.joint(&facts.calendar.windows, it.window, &it.others, it.at);
            optional_text(joint.map(|joint| joint.window))
        };
        /// How often it opens together with the others and for how long all are open, in words; absent where the window breaks quorum alone.
        "recurs" optional: Type::Text,
        |facts, it, object| {
            let joint = facts.joint(&facts.calendar.windows, it.window, &it.others, it.at);
            optional_text(joint.map(|joint| joint.recurs))
        };
    },
};

pub(in crate::facts) static EVACUATION_CAPACITY: RecordType = RecordType {
    name: "EvacuationCapacity",
    doc: "The memory of a cluster while a maintenance window has its largest hosts down.",
    kind: None,
    attributes: attributes! { EvacuationCapacity;
        /// The maintenance window.
        "window": Type::Record(MaintenanceWindow::TYPE),
        |facts, it, object| facts.object(Kind::MaintenanceWindow, it.window);
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.optional(Kind::Cluster, &it.cluster);
        /// The hosts that are down at once: of those of the window the largest ones, as many as its `concurrentHosts`.
        "downHosts": records(Host::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::Host, it.down.iter().copied()));
        /// What the running highly available machines of the cluster start with.
        "needed": Type::Memory,
        |facts, it, object| Value::Memory(it.needed);
        /// What machines can have of the other hosts.
        "available": Type::Memory,
        |facts, it, object| it.available.map_or(Value::Unknown, Value::Memory);
        /// Whether they need more than that.
        "lacking": Type::Bool,
        |facts, it, object| truth(it.lacking);
        /// How many hosts can be down at once, where it is fewer than the window says; absent where it is none.
        "feasibleHosts" optional: Type::Int,
        |facts, it, object| it.feasible.map_or(Value::Absent, Value::Int);
        /// Whether the machines of the down hosts fit on the others one by one, which the sum does not say: put there the largest first, as far as possible owners, processors, disabled live migration and enforced anti-affinity allow, beside what runs there. `does not fit` where one of them fits nowhere or the sum is too large, `unproven` where another order might do or something is unknown.
        "packing": Type::Choice(Verdict::WORDS),
        |facts, it, object| Value::Text(facts.packing(it).verdict.word().into());
        /// The largest machine that found no room; absent where all did, or nobody knows.
        "firstUnplaced" optional: Type::Record(&UNPLACED_MACHINE),
        |facts, it, object| match facts.packing(it).unplaced.first() {
            Some(first) => Value::Record(Object::fact(first)),
            None => Value::Absent,
        };
        /// The machines that found no room, the largest first.
        "unplaced": records(&UNPLACED_MACHINE),
        |facts, it, object| {
            let unplaced = facts.packing(it).unplaced.iter();
            Value::List(unplaced.map(|it| Value::Record(Object::fact(it))).collect())
        };
    },
};

pub(in crate::facts) static UNPLACED_MACHINE: RecordType = RecordType {
    name: "UnplacedMachine",
    doc: "A machine that finds no room on another host of its cluster when its own goes down.",
    kind: None,
    attributes: attributes! { Unplaced;
        /// The machine.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| facts.object(Kind::VirtualMachine, it.machine);
        /// What it starts with.
        "memory": Type::Memory,
        |facts, it, object| Value::Memory(it.memory);
        /// Of the hosts that it may go to, the one that has most memory left once the larger machines are placed; absent where it may go to none.
        "nearestHost" optional: Type::Record(Host::TYPE),
        |facts, it, object| it.best.map_or(Value::Absent, |(host, _)| facts.object(Kind::Host, host));
        /// How much that has left; 0 where it has less than nothing.
        "nearestRoom" optional: Type::Memory,
        |facts, it, object| it.best.map_or(Value::Absent, |(_, room)| Value::Memory(room));
        /// Whether it fits on no other host even if no other machine moves.
        "fitsNowhere": Type::Bool,
        |facts, it, object| Value::Bool(it.alone);
    },
};

pub(in crate::facts) static ANTI_AFFINITY_CLASS: RecordType = RecordType {
    name: "AntiAffinityClass",
    doc: "The running machines of a cluster that name the same anti-affinity class.",
    kind: None,
    attributes: attributes! { AntiAffinityClass;
        /// Its name.
        "name": Type::Text,
        |facts, it, object| Value::Text((&*it.name).into());
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.object(Kind::Cluster, it.cluster);
        /// The first of its machines, by path and position.
        "first": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| it.members.first().map_or(Value::Unknown, |first| {
            facts.object(Kind::VirtualMachine, *first)
        });
        /// Its machines.
        "members": records(VirtualMachine::TYPE),
        |facts, it, object| list(
            facts.objects(Kind::VirtualMachine, it.members.iter().copied()),
            it.count.1 > it.count.0,
        );
        /// The hosts that may run one of them.
        "hosts": records(Host::TYPE),
        |facts, it, object| list(
            facts.objects(Kind::Host, it.hosts.iter().copied()),
            it.room.1 > it.room.0,
        );
        /// How many machines it has; at least, where that is not known.
        "memberCount": Type::Int,
        |facts, it, object| Value::Int(it.count.0);
        /// How many hosts may run one of them; at most, where that is not known.
        "hostCount": Type::Int,
        |facts, it, object| Value::Int(it.room.1);
        /// Whether it has more machines than there are hosts for them.
        "crowded": Type::Bool,
        |facts, it, object| truth(it.crowded(0));
        /// The same while one of the hosts is down.
        "crowdedInDrain": Type::Bool,
        |facts, it, object| truth(it.crowded(1));
    },
};
