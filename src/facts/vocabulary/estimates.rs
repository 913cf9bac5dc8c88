//! Estimates of how long plans and evacuations take.

use super::{attributes, operands, records};
use crate::facts::estimates::{
    Copying, Estimated, EvacuationEstimate, HostEvacuation, PlanEstimate, Time,
};
use crate::facts::truth;
use crate::model::reflect::{Attribute, Object, RecordType, Type, Value};
use crate::model::{Host, Kind, MaintenanceWindow, MigrationPlan, VirtualMachine};

pub(in crate::facts) static MIGRATION_ESTIMATE: RecordType = RecordType {
    name: "MigrationEstimate",
    doc: "How long one live migration takes: M/B/(1 − c·D/B), with M startup memory, B bandwidth, D dirty rate (default 0) and c migrations that share the link.",
    kind: None,
    attributes: attributes! { Copying;
        /// The machine.
        "vm": Type::Record(VirtualMachine::TYPE),
        |facts, it, object| match it.machine {
            Some(machine) => facts.object(Kind::VirtualMachine, machine),
            None => Value::Unknown,
        };
        /// How long it adds, in seconds, rounded up; unknown where something it depends on is, or it never ends.
        "time": Type::Duration,
        |facts, it, object| duration(it.time());
        /// The same for people: `2h 40m`.
        "about": Type::Text,
        |facts, it, object| about(it.time());
        /// Whether memory is copied faster than it is written, so that it ends.
        "converges": Type::Bool,
        |facts, it, object| truth(it.converges());
        /// The bandwidth it uses, shared or not.
        "bandwidth": Type::Bandwidth,
        |facts, it, object| it.link.map_or(Value::Unknown, |link| Value::Bandwidth(link.bandwidth));
        /// The host that has no more.
        "narrowestHost": Type::Record(Host::TYPE),
        |facts, it, object| match it.link {
            Some(link) => facts.object(Kind::Host, link.host),
            None => Value::Unknown,
        };
        /// How many share that bandwidth.
        "atOnce": Type::Int,
        |facts, it, object| if it.sharing.least == it.sharing.most {
            Value::Int(it.sharing.most)
        } else {
            Value::Unknown
        };
    },
};

/// The attributes that all estimates have, and those of one kind.
macro_rules! estimate {
    ($of:ident, $static:ident, $doc:literal; $($own:tt)*) => {
        pub(in crate::facts) static $static: RecordType = RecordType {
            name: stringify!($of),
            doc: $doc,
            kind: None,
            attributes: attributes! { $of;
                $($own)*
                /// Whether it takes longer than the window usually is. What is known may decide alone.
                "exceeded": Type::Bool,
                |facts, it, object| truth(it.estimate.exceeded);
                /// How long the window usually is: its duration, or from start to end on a day without a clock change.
                "windowLength": Type::Duration,
                |facts, it, object| it.estimate.window.map_or(Value::Unknown, Value::Duration);
                /// How long what is known takes, in seconds, rounded up; unknown where it never ends.
                "time": Type::Duration,
                |facts, it, object| duration(Some(it.estimate.least));
                /// The same for people, rounded no more than the window is: `2h 40m`.
                "about": Type::Text,
                |facts, it, object| {
                    let window = it.estimate.window.unwrap_or(0);
                    let text = it.estimate.least.about_beside(window);
                    text.map_or(Value::Unknown, |text| Value::Text(text.into()))
                };
                /// Whether that is all.
                "complete": Type::Bool,
                |facts, it, object| Value::Bool(it.estimate.most == Some(it.estimate.least));
                /// Whether it ends.
                "ends": Type::Bool,
                |facts, it, object| Value::Bool(it.estimate.least != Time::ENDLESS);
                /// The live migrations it consists of.
                "migrations": records(&MIGRATION_ESTIMATE),
                |facts, it, object| {
                    let lanes = it.lanes(facts).into_iter();
                    facts_of(lanes.flat_map(|lane| &lane.migrations).map(|it| Object::fact(it)))
                };
                /// The bandwidth with which it would fit into its window, if all hosts had at least that; in steps of 100 Mbps.
                "sufficientBandwidth" optional: Type::Bandwidth,
                |facts, it, object| it.sufficient_bandwidth(facts).map_or(Value::Absent, Value::Bandwidth);
                /// The largest number of migrations at once, less than now, with which it would fit into its window.
                "sufficientConcurrency" optional: Type::Int,
                |facts, it, object| it.sufficient_sharing(facts).map_or(Value::Absent, Value::Int);
            },
        };
    };
}

estimate!(PlanEstimate, PLAN_ESTIMATE, "How long the live migrations of a plan take: they add up.";
    /// The plan.
    "plan": Type::Record(MigrationPlan::TYPE),
    |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
);

estimate!(EvacuationEstimate, EVACUATION_ESTIMATE, "How long it takes to empty the hosts of a maintenance window: `concurrentHosts` at the same time, one group after the other in the order given.";
    /// The maintenance window.
    "window": Type::Record(MaintenanceWindow::TYPE),
    |facts, it, object| facts.object(Kind::MaintenanceWindow, it.window);
    /// The hosts, in the order in which they go down.
    "hosts": records(&HOST_EVACUATION),
    |facts, it, object| {
        let hosts = &facts.evacuations().hosts;
        facts_of(it.hosts.iter().map(|host| Object::fact(&hosts[*host as usize])))
    };
);

pub(in crate::facts) static HOST_EVACUATION: RecordType = RecordType {
    name: "HostEvacuation",
    doc: "How long it takes to empty a host of the machines that a drain live-migrates: running, highly available, of at least medium priority.",
    kind: None,
    attributes: attributes! { HostEvacuation;
        /// The host.
        "host": Type::Record(Host::TYPE),
        |facts, it, object| facts.object(Kind::Host, it.host);
        /// How long what is known takes, in seconds, rounded up; unknown where it never ends.
        "time": Type::Duration,
        |facts, it, object| duration(Some(it.least));
        /// The same for people: `2h 40m`.
        "about": Type::Text,
        |facts, it, object| about(Some(it.least));
        /// The live migrations it consists of.
        "migrations": records(&MIGRATION_ESTIMATE),
        |facts, it, object| facts_of(it.lane(facts).migrations.iter().map(|it| Object::fact(it)));
    },
};

fn duration<'a>(time: Option<Time>) -> Value<'a> {
    let seconds = time.and_then(Time::seconds);
    seconds.map_or(Value::Unknown, Value::Duration)
}

fn about<'a>(time: Option<Time>) -> Value<'a> {
    let text = time.and_then(Time::about);
    text.map_or(Value::Unknown, |text| Value::Text(text.into()))
}

fn facts_of<'a>(facts: impl Iterator<Item = Object<'a>>) -> Value<'a> {
    Value::List(facts.map(Value::Record).collect())
}
