//! Where machines may come to, and what their parts find there.

use std::collections::BTreeSet;

use super::{attributes, here, number, operands, records, text, written};
use crate::facts::memory::MemoryLoad;
use crate::facts::switches::{Hosts, switch_of};
use crate::facts::targets::volume;
use crate::facts::{Facts, capacity, configuration, list, truth};
use crate::model::reflect::{Attribute, Object, Place, RecordType, Type, Value, World};
use crate::model::{
    Assignment, Device, DeviceType, Disk, Host, Kind, MachineAdapter, MigrationPlan, State,
    VirtualMachine, VirtualSwitch,
};

/// The resource that a part belongs to; of an unknown part, too.
macro_rules! whole {
    ($name:literal, $doc:literal, $kind:ident) => {
        Attribute {
            name: $name,
            doc: $doc,
            optional: false,
            ty: || Type::Record($kind::TYPE),
            get: |world, object| match world.as_any().downcast_ref::<Facts>() {
                Some(facts) => facts.object(Kind::$kind, number(object)),
                None => Value::Unknown,
            },
            place: |_, _| None,
        }
    };
}

impl Facts {
    fn hosts(&self, (hosts, open): (Vec<u32>, bool)) -> Value<'_> {
        list(self.objects(Kind::Host, hosts), open)
    }

    fn switches<'a>(&'a self, hosts: &Hosts, adapter: &MachineAdapter) -> Value<'a> {
        let name = adapter.switch.known();
        let switches = hosts.known.iter().filter_map(|host| {
            let host = &self.inventory().hosts[*host as usize];
            let record = switch_of(host, name?)?;
            Some(Object::part(record, Some(&host.meta)).into())
        });
        list(switches.collect(), hosts.open)
    }

    fn volumes_of(&self, cluster: &State<u32>) -> Value<'_> {
        let cluster = match cluster {
            State::Known(cluster) => &self.inventory().clusters[*cluster as usize],
            State::Absent => return Value::List(Vec::new()),
            State::Unknown => return Value::Unknown,
        };
        let Some(volumes) = cluster.spec.shared_storage.known() else {
            return Value::Unknown;
        };
        let known = volumes.iter().filter_map(|volume| volume.known());
        let known: Vec<_> = known
            .map(|volume| Value::Text((&**volume).into()))
            .collect();
        let open = known.len() < volumes.len();
        list(known, open)
    }

    fn connected(&self, hosts: &Hosts) -> Value<'_> {
        list(
            self.objects(Kind::Host, hosts.known.iter().copied()),
            hosts.open,
        )
    }
}

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// The hosts it may come to: its possible hosts, and the targets of its planned live, quick and storage moves.
    "destinations": records(Host::TYPE),
    |facts, it, object| facts.hosts(facts.destinations(number(object)));
    /// The version of its configuration: as written, in the form 9.0.
    "configurationVersion" optional: Type::Text,
    |facts, it, object| text(it.configuration_version.state().map(configuration::spelled)),
    at here(object, written(&it.configuration_version, object), "configurationVersion");
    /// The destinations of which the release accepts its configuration version.
    "hostsTakingConfiguration": records(Host::TYPE),
    |facts, it, object| facts.hosts(facts.taking_configuration(number(object), true));
    /// The destinations of which the release does not accept its configuration version.
    "hostsRefusingConfiguration": records(Host::TYPE),
    |facts, it, object| facts.hosts(facts.taking_configuration(number(object), false));
    /// Whether its configuration version is older than every one that some destination accepts, rather than newer.
    "configurationTooOld": Type::Bool,
    |facts, it, object| truth(facts.configuration_too_old(number(object)));
    /// The releases of Windows Server that accept its configuration version.
    "releasesTakingConfiguration": Type::List(Box::new(Type::Text)),
    |facts, it, object| match it.configuration_version.state() {
        State::Known(version) => {
            let releases = configuration::releases_taking(version).into_iter();
            Value::List(releases.map(|release| Value::Text(release.into())).collect())
        }
        _ => Value::Unknown,
    };
    /// The first destination on which it could be upgraded to a configuration version that all its destinations accept; absent where there is none.
    "configurationUpgradeHost" optional: Type::Record(Host::TYPE),
    |facts, it, object| match facts.upgrading_host(number(object)) {
        Some(host) => facts.object(Kind::Host, host),
        None => Value::Absent,
    };
};

pub(super) static HOST: &[Attribute] = attributes! { Host;
    /// Its release as its maker spells it: 2012 R2.
    "releaseName": Type::Text,
    |facts, it, object| match facts.placements.hosts[number(object) as usize].version.known() {
        Some(release) => Value::Text(capacity::spelled(*release).into()),
        None => Value::Unknown,
    };
    /// The least version of a machine's configuration that its release accepts.
    "oldestConfigurationVersion": Type::Text,
    |facts, it, object| match facts.configuration_versions(number(object)) {
        Some([oldest, _]) => Value::Text(oldest.into()),
        None => Value::Unknown,
    };
    /// The greatest version of a machine's configuration that its release accepts, which machines get that are upgraded on it.
    "newestConfigurationVersion": Type::Text,
    |facts, it, object| match facts.configuration_versions(number(object)) {
        Some([_, newest]) => Value::Text(newest.into()),
        None => Value::Unknown,
    };
};

pub(super) static HOST_ADAPTER: &[Attribute] =
    &[whole!("host", "The host it is built into.", Host)];

pub(super) static ADAPTER: &[Attribute] =
    &[whole!("vm", "The machine it belongs to.", VirtualMachine)];

pub(super) static CONNECTIONS: &[Attribute] = attributes! { MachineAdapter;
    /// The destinations of its machine that declare its switch.
    "hostsWithSwitch": records(Host::TYPE),
    |facts, it, object| facts.connected(&facts.connections(number(object), it).present);
    /// Its switch on each of those hosts.
    "switches": records(VirtualSwitch::TYPE),
    |facts, it, object| facts.switches(&facts.connections(number(object), it).present, it);
    /// The destinations of its machine that declare virtual switches, but not its own.
    "hostsWithoutSwitch": records(Host::TYPE),
    |facts, it, object| facts.connected(&facts.connections(number(object), it).missing);
    /// The destinations of its machine that declare its switch without single-root I/O virtualisation.
    "hostsWithoutIov": records(Host::TYPE),
    |facts, it, object| facts.connected(&facts.connections(number(object), it).without_iov);
    /// The possible hosts of its machine on which its switch is internal or private.
    "hostsConfiningIt": records(Host::TYPE),
    |facts, it, object| match facts.possible_connections(number(object), it) {
        Some(connections) => facts.connected(&connections.confined),
        None => Value::Unknown,
    };
};

pub(super) static SWITCH: &[Attribute] = &[whole!("host", "The host it is on.", Host)];

pub(super) static DISK: &[Attribute] =
    &[whole!("vm", "The machine it belongs to.", VirtualMachine)];

pub(super) static VOLUME: &[Attribute] = attributes! { Disk;
    /// The volume it is on: as written, else the volume in `C:\ClusterStorage\<volume>\…`, or `\\server\share` of a UNC path.
    "storage" optional: Type::Text,
    |facts, it, object| text(volume(it)),
    at here(object, written(&it.storage, object), "storage");
    /// Whether every host of its machine's cluster reaches its volume: it is in `sharedStorage`, or a share.
    "sharedInCluster": Type::Bool,
    |facts, it, object| truth(facts.shared_in_cluster(number(object), it));
    /// The planned live and quick moves that take its machine, but not its disks, to a host that does not reach its volume.
    "movesWithoutIt": records(&super::records::PLANNED_MOVE),
    |facts, it, object| {
        let (moves, open) = facts.moves_without_disk(number(object), it);
        let moves = moves.into_iter().map(|planned| {
            facts.planned_move(&facts.moves[planned as usize]).into()
        });
        list(moves.collect(), open)
    };
    /// The targets of `movesWithoutIt`, each once.
    "hostsWithoutIt": records(Host::TYPE),
    |facts, it, object| {
        let (moves, open) = facts.moves_without_disk(number(object), it);
        let targets = moves.into_iter().filter_map(|planned| {
            facts.moves[planned as usize].target.known().copied()
        });
        let targets: BTreeSet<u32> = targets.collect();
        facts.hosts((targets.into_iter().collect(), open))
    };
    /// The volumes that every host of its machine's cluster reaches.
    "volumesOfCluster": Type::List(Box::new(Type::Text)),
    |facts, it, object| {
        let machine = &facts.placements.machines[number(object) as usize];
        facts.volumes_of(&machine.cluster)
    };
    /// The volumes that every host reaches of the cluster to which the first of `movesWithoutIt` leads.
    "volumesOfTarget": Type::List(Box::new(Type::Text)),
    |facts, it, object| {
        let (moves, _) = facts.moves_without_disk(number(object), it);
        let target = moves.first().and_then(|planned| {
            facts.moves[*planned as usize].target.known()
        });
        target.map_or(Value::Unknown, |target| {
            facts.volumes_of(&facts.placements.hosts[*target as usize].cluster)
        })
    };
};

pub(super) static DEVICE: &[Attribute] = &[
    whole!("vm", "The machine that uses it.", VirtualMachine),
    Attribute {
        name: "assignment",
        doc: "How the machine gets it: as written, else `dda` for type `pci`. What is not written is unknown for a graphics processor, which may be assigned either way, and absent for a virtual Fibre Channel adapter.",
        optional: true,
        ty: || Type::Choice(Assignment::WORDS),
        get: assignment,
        place: |_, object| {
            let device: &Device = object.downcast()?;
            here(object, written(&device.assignment, object), "assignment")
        },
    },
];

fn assignment<'a>(_: &'a dyn World, object: Object<'a>) -> Value<'a> {
    let Some(device) = object.downcast::<Device>() else {
        return Value::Unknown;
    };
    match (device.assignment.state(), device.device_type.known()) {
        (State::Known(assignment), _) => Value::Text(assignment.as_str().into()),
        (State::Absent, Some(DeviceType::Pci)) => Value::Text(Assignment::Dda.as_str().into()),
        (State::Absent, Some(DeviceType::FibreChannel)) => Value::Absent,
        _ => Value::Unknown,
    }
}

/// What the machines on a host need when a plan is done.
pub(in crate::facts) static MEMORY_LOAD: RecordType = RecordType {
    name: "MemoryLoad",
    doc: "What the running machines on a target host of a plan need when its moves are done.",
    kind: None,
    attributes: attributes! { MemoryLoad;
        /// The plan.
        "plan": Type::Record(MigrationPlan::TYPE),
        |facts, it, object| facts.object(Kind::MigrationPlan, it.plan);
        /// The host that live or quick moves of the plan go to.
        "host": Type::Record(Host::TYPE),
        |facts, it, object| facts.object(Kind::Host, it.host);
        /// The first live or quick move of the plan to the host.
        "firstMove": Type::Record(&super::records::PLANNED_MOVE),
        |facts, it, object| facts.planned_move(&facts.moves[it.first_move as usize]).into();
        /// What they need at least: the sum of `minimum`, else `startup`.
        "minimum": Type::Memory,
        |facts, it, object| Value::Memory(it.minimum);
        /// What they need to start: the sum of `startup`.
        "startup": Type::Memory,
        |facts, it, object| Value::Memory(it.startup);
        /// What the host has for machines: its capacity without the reserve.
        "available": Type::Memory,
        |facts, it, object| it.available.map_or(Value::Unknown, Value::Memory),
        at {
            let host = &facts.inventory().hosts[it.host as usize];
            let memory = host.spec.memory.known()?;
            Some(Place::of(&host.meta, memory.capacity.place()?, "capacity"))
        };
        /// Whether they need more than there is, even at least.
        "minimumExceeds": Type::Bool,
        |facts, it, object| truth(it.minimum_exceeds);
        /// Whether they need more than there is to start.
        "startupExceeds": Type::Bool,
        |facts, it, object| truth(it.startup_exceeds);
        /// The sum that is too great: `minimum` where that is, else `startup`.
        "needed": Type::Memory,
        |facts, it, object| Value::Memory(it.needed());
        /// How much more that is than there is.
        "excess": Type::Memory,
        |facts, it, object| it.excess().map_or(Value::Unknown, Value::Memory);
        /// The machines that run on the host before the plan, and still when it is done.
        "residents": records(VirtualMachine::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::VirtualMachine, facts.residents(it)));
        /// What of `needed` they need.
        "residentsNeed": Type::Memory,
        |facts, it, object| facts.residents_need(it).map_or(Value::Unknown, Value::Memory);
        /// The first machine that the plan brings to the host, that would be enough to leave away, and that has room on another of its possible hosts; absent where none has. Hosts that cannot take it, by their processor or as live migration is disabled there, do not count.
        "spareMachine" optional: Type::Record(VirtualMachine::TYPE),
        |facts, it, object| match facts.spare(it) {
            Some((machine, _)) => facts.object(Kind::VirtualMachine, machine),
            None => Value::Absent,
        };
        /// The other possible hosts that have room for `spareMachine`.
        "spareHosts": records(Host::TYPE),
        |facts, it, object| {
            let hosts = facts.spare(it).map_or_else(Vec::new, |(_, hosts)| hosts);
            Value::List(facts.objects(Kind::Host, hosts))
        };
    },
};
