//! What keeps `KubeVirt` from live-migrating machines.

use super::records::PLANNED_MOVE;
use super::{attributes, here, number, operands, records, said, text, written};
use crate::facts::obstacles::{GuestMode, PodBridge};
use crate::facts::{list, truth};
use crate::model::reflect::{Attribute, Object, Place, Record, Type, Value};
use crate::model::{Cluster, Device, Disk, Kind, State, VirtualMachine};

/// A part of a machine, absent where there is none.
fn part<'a, T: Record>(state: State<&'a T>, object: Object<'a>) -> Value<'a> {
    said(state, |record| {
        Value::Record(Object::part(record, object.owner))
    })
}

fn place_of<'a, T: Record>(state: State<&T>, object: Object<'a>, name: &str) -> Option<Place<'a>> {
    here(object, state.known()?.place(), name)
}

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// Whether KubeVirt runs it: by its format, its cluster, or as it has an eviction strategy.
    "onKubeVirt": Type::Bool,
    |facts, it, object| truth(facts.is_on_kubevirt(number(object)));
    /// Whether KubeVirt is wanted to live-migrate it: its own eviction strategy is `LiveMigrate`, or a migration is planned. Not of one that is known to be off.
    "wantedToMigrate": Type::Bool,
    |facts, it, object| truth(facts.is_wanted_to_migrate(number(object)));
    /// Whether its own document says `evictionStrategy: LiveMigrate`.
    "saysLiveMigrate": Type::Bool,
    |facts, it, object| truth(facts.says_live_migrate(number(object)));
    /// The planned live migrations of it, unless it is known to be off; `liveMoves` has those of machines that are known to run.
    "migrations": records(&PLANNED_MOVE),
    |facts, it, object| {
        let planned = facts.migrations_of(number(object)).into_iter();
        Value::List(planned.map(|planned| facts.planned_move(planned).into()).collect())
    };
    /// The first disk on a claim that only one node at a time can use: `accessModes` without `ReadWriteMany`.
    "singleNodeDisk" optional: Type::Record(Disk::TYPE),
    |facts, it, object| part(facts.single_node_disk(number(object)), object),
    at place_of(facts.single_node_disk(number(object)), object, "singleNodeDisk");
    /// The first disk that is a file of one host: `hostDisk` without `shared: true`.
    "unsharedHostDisk" optional: Type::Record(Disk::TYPE),
    |facts, it, object| part(facts.unshared_host_disk(number(object)), object),
    at place_of(facts.unshared_host_disk(number(object)), object, "unsharedHostDisk");
    /// How it is on the network of the pods by a bridge that does not let it go: `adapter` where it says so, `default` where it lists no adapters and that is what KubeVirt makes of it.
    "podBridge" optional: Type::Text,
    |facts, it, object| text(facts.pod_bridge(number(object)).map(|bridge| match bridge {
        PodBridge::Adapter(_) => "adapter",
        PodBridge::Default => "default",
    })),
    at {
        let place = match facts.pod_bridge(number(object)).known()? {
            PodBridge::Adapter(adapter) => written(&adapter.binding, object),
            PodBridge::Default => written(&it.network_adapters, object),
        };
        here(object, place, "podBridge")
    };
    /// The first device that keeps it on its host: any that is passed through but a graphics processor, one of several of those, or a single one where the KubeVirt of the cluster lacks the feature gate `VGPULiveMigration`.
    "bindingDevice" optional: Type::Record(Device::TYPE),
    |facts, it, object| part(facts.binding_device(number(object)), object),
    at place_of(facts.binding_device(number(object)), object, "bindingDevice");
    /// How its guest is tied to the processor it runs on: `launchSecurity` or `hypervPassthrough`.
    "guestMode" optional: Type::Text,
    |facts, it, object| text(facts.guest_mode(number(object)).map(GuestMode::as_str)),
    at {
        let said = match facts.guest_mode(number(object)).known()? {
            GuestMode::LaunchSecurity => &it.launch_security,
            GuestMode::HypervPassthrough => &it.hyperv_passthrough,
        };
        here(object, written(said, object), "guestMode")
    };
    /// The first port that a masquerading adapter forwards to it and that its live migration needs: 49152 or 49153.
    "migrationPort" optional: Type::Int,
    |facts, it, object| said(facts.migration_port(number(object)), |(port, _)| Value::Int(port)),
    at {
        let (_, span) = *facts.migration_port(number(object)).known()?;
        here(object, Some(span), "migrationPort")
    };
    /// The first reason for which KubeVirt calls it not live-migratable, in words: a disk, the network of the pods, a device, or how its guest is tied to its processor.
    "obstacle" optional: Type::Text,
    |facts, it, object| text(facts.obstacle(number(object)));
};

pub(super) static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// Its machines that say nothing of drains themselves, are not known to be off, and have an `obstacle`: where it says `LiveMigrate`, drains wait for them.
    "machinesHoldingDrains": records(VirtualMachine::TYPE),
    |facts, it, object| {
        let (machines, open) = facts.machines_holding_drains(number(object));
        list(facts.objects(Kind::VirtualMachine, machines), open)
    };
};
