//! What rules about single products of Kubernetes can name.

use super::{attributes, here, index, number, operands, optional_text, records, text};
use crate::facts::Facts;
use crate::facts::products::Refused;
use crate::model::reflect::{Attribute, Type, Value};
use crate::model::{BackupPolicy, Kind, MaintenanceWindow, StorageClass, VirtualMachine};

pub(super) static POLICY: &[Attribute] = attributes! { BackupPolicy;
    /// Why its product refuses its cron, as a sentence; absent where it takes it.
    "cronError" optional: Type::Text,
    |facts, it, object| cron(facts, number(object), |error| Some(error.message.clone()));
    /// What to write instead, where that is known.
    "cronHelp" optional: Type::Text,
    |facts, it, object| cron(facts, number(object), |error| error.help.clone());
    /// The time zone that all other schedules of Velero in its scope name, three or more, where it is one and names none.
    "zoneOfOthers" optional: Type::Text,
    |facts, it, object| text(facts.zone_of_others(number(object)));
    /// Why Harvester refuses it; absent where it does not, or it is not Harvester's.
    "refusal" optional: Type::Text,
    |facts, it, object| optional_text(facts.refusal(number(object)).map(|it| it.reason)),
    at {
        let span = match facts.refusal(number(object))?.of {
            Refused::Cron => it.schedule.place(),
            Refused::Retain => it.retain.place(),
            Refused::MaximumFailures => it.maximum_failures.place().or(it.retain.place()),
        };
        here(object, span, "refusal")
    };
    /// What to write for Harvester to take it.
    "refusalHelp" optional: Type::Text,
    |facts, it, object| optional_text(facts.refusal(number(object)).map(|it| it.help.to_owned()));
    /// The first schedule of Harvester before it for the same machine, by path and position.
    "earlierSchedule" optional: Type::Record(BackupPolicy::TYPE),
    |facts, it, object| facts.optional(Kind::BackupPolicy, &facts.earlier_schedule(number(object)));
    /// Its targets that run.
    "runningTargets": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, facts.running_targets(number(object))));
};

pub(super) static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// Whether it only says when hosts may go down that need to: a window of kured or of the upgrade controller.
    "actsOnNeed": Type::Bool,
    |facts, it, object| Value::Bool(facts.acts_on_need(number(object)));
    /// The machines it concerns whose own documents want them to be live-migrated by a drain, always or where that can be done.
    "liveMigratedMachines": records(VirtualMachine::TYPE),
    |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, facts.live_migrated_under(number(object))));
};

pub(super) static STORAGE_CLASS: &[Attribute] = attributes! { StorageClass;
    /// The machines that KubeVirt is wanted to live-migrate and that have a disk of this class which several nodes are to use at once as a block device.
    "migratingMachines": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let machines = facts.migrating_machines().get(index(object));
        Value::List(facts.objects(Kind::VirtualMachine, machines.into_iter().flatten().copied()))
    };
};

fn cron<'a>(
    facts: &Facts,
    policy: u32,
    read: impl Fn(&crate::schedule::ParseError) -> Option<String>,
) -> Value<'a> {
    match facts.product_cron(policy) {
        None if !facts.says_when(policy) => Value::Unknown,
        Some(Err(error)) => optional_text(read(&error)),
        _ => Value::Absent,
    }
}
