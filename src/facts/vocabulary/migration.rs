//! What hosts and clusters have for live migrations: bandwidth, limits, networks, settings.

use super::records::PLANNED_MOVE;
use super::{attributes, here, number, operands, records};
use crate::facts::networks::MigrationNetworks;
use crate::facts::settings::{self, ClusterSetting};
use crate::facts::{Facts, bandwidth, list, truth};
use crate::model::reflect::{Attribute, RecordType, Type, Value};
use crate::model::{Cluster, Host, Kind, PlatformVersion, State};

pub(super) static HOST: &[Attribute] = attributes! { Host;
    /// What live migrations from and to it can use: `migration.bandwidth`, else the speed of its adapters when all are equal.
    "migrationBandwidth" optional: Type::Bandwidth,
    |facts, it, object| facts.bandwidth_of(number(object)),
    at {
        let host = facts.inventory.hosts.get(number(object) as usize)?;
        here(object, bandwidth::place(host), "bandwidth")
    };
    /// How many live migrations it takes at once: the cluster's `maximumParallelMigrations`, else its own `maximumVirtualMachineMigrations`, else the default of its release.
    "migrationLimit": Type::Int,
    |facts, it, object| match facts.limits[number(object) as usize].value {
        State::Known(limit) => Value::Int(limit),
        State::Absent | State::Unknown => Value::Unknown,
    },
    at {
        let index = number(object) as usize;
        let host = &facts.inventory.hosts[index];
        let placement = &facts.placements.hosts[index];
        Some(facts.limits[index].place(&facts.inventory, placement, host))
    };
    /// Who says how many it takes.
    "migrationLimitOrigin": Type::Text,
    |facts, it, object| {
        let index = number(object) as usize;
        let placement = &facts.placements.hosts[index];
        Value::Text(facts.limits[index].origin_text(&facts.inventory, placement).into())
    };
    /// The setting that says how many it takes, or would: where it belongs, in words.
    "migrationLimitSetting": Type::Text,
    |facts, it, object| {
        let index = number(object) as usize;
        let placement = &facts.placements.hosts[index];
        let host = &facts.inventory.hosts[index];
        Value::Text(facts.limits[index].setting(&facts.inventory, placement, host).into())
    };
    /// The planned moves that leave it.
    "departures": records(&PLANNED_MOVE),
    |facts, it, object| {
        let departures = facts.departures();
        let moves = departures.of_host[number(object) as usize].iter();
        let known = moves.map(|planned| facts.planned_move(&facts.moves[*planned as usize]).into());
        list(known.collect(), departures.open)
    };
};

pub(super) static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// The smallest number of live migrations that one of its hosts takes at once, of those of which it is known and that take any.
    "leastMigrationLimit" optional: Type::Int,
    |facts, it, object| {
        let hosts = &facts.placements.clusters[number(object) as usize].hosts;
        let limits = hosts.iter().filter_map(|host| facts.limits[*host as usize].value.known());
        let least = limits.copied().filter(|limit| *limit > 0).min();
        least.map_or(Value::Absent, Value::Int)
    };
    /// Its hosts whose release takes that number from the cluster: those known to run Windows Server 2022 or later.
    "hostsTakingLimits": records(Host::TYPE),
    |facts, it, object| Value::List(facts.hosts_by_release(number(object), true));
    /// Its hosts whose release has that number on each host: those known to run something older.
    "hostsSettingLimits": records(Host::TYPE),
    |facts, it, object| Value::List(facts.hosts_by_release(number(object), false));
};

pub(super) static MOVE: &[Attribute] = attributes! { crate::facts::moves::PlannedMove;
    /// The bandwidth between its hosts: the smaller of both.
    "bandwidth": Type::Bandwidth,
    |facts, it, object| match facts.between(&it.source, &it.target) {
        Some(link) => Value::Bandwidth(link.bandwidth),
        None => Value::Unknown,
    };
    /// Whether it goes out of the cluster of the host it leaves.
    "leavesClusterOfSource": Type::Bool,
    |facts, it, object| truth(facts.leaves_cluster_of_source(it));
    /// The host that has no more bandwidth than that; the source where both have the same.
    "narrowestHost": Type::Record(Host::TYPE),
    |facts, it, object| match facts.between(&it.source, &it.target) {
        Some(link) => facts.object(Kind::Host, link.host),
        None => Value::Unknown,
    };
};

pub(in crate::facts) static MIGRATION_NETWORKS: RecordType = RecordType {
    name: "MigrationNetworks",
    doc: "The networks that the hosts of a cluster declare for live migrations.",
    kind: None,
    attributes: attributes! { MigrationNetworks;
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.object(Kind::Cluster, it.cluster);
        /// Its hosts that declare networks.
        "hosts": records(Host::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::Host, it.hosts.iter().copied()));
        /// Whether two of them share none. Overlapping prefixes count as shared.
        "apart": Type::Bool,
        |facts, it, object| truth(it.apart);
        /// The first host that shares none with another.
        "first" optional: Type::Record(Host::TYPE),
        |facts, it, object| host(facts, it.pair.map(|(first, _)| first));
        /// The first host that shares none with `first`.
        "second" optional: Type::Record(Host::TYPE),
        |facts, it, object| host(facts, it.pair.map(|(_, second)| second));
        /// The network that most of them share, as one of them writes it; absent where all share it.
        "common" optional: Type::Text,
        |facts, it, object| match &it.common {
            Some(common) => Value::Text(common.as_str().into()),
            None => Value::Absent,
        };
        /// The hosts that do not share `common`.
        "without": records(Host::TYPE),
        |facts, it, object| Value::List(facts.objects(Kind::Host, it.without.iter().copied()));
    },
};

pub(in crate::facts) static CLUSTER_SETTING: RecordType = RecordType {
    name: "ClusterSetting",
    doc: "A setting of live migrations that all hosts of a cluster should share.",
    kind: None,
    attributes: attributes! { ClusterSetting;
        /// The cluster.
        "cluster": Type::Record(Cluster::TYPE),
        |facts, it, object| facts.object(Kind::Cluster, it.cluster);
        /// The attribute of a host's `migration`.
        "name": Type::Choice(settings::NAMES),
        |facts, it, object| Value::Text(it.setting.name.into());
        /// What its hosts say, one value a host.
        "values": Type::List(Box::new(Type::Text)),
        |facts, it, object| {
            let value = |(_, value): &(u32, State<&'static str>)| match value {
                State::Known(value) => Value::Text((*value).into()),
                State::Absent | State::Unknown => Value::Unknown,
            };
            let open = facts.placements.clusters[it.cluster as usize].open;
            list(it.values(facts).iter().map(value).collect(), open)
        };
        /// What they should all say: Kerberos where any of them does; of the performance options what most of them say, and compression or else SMB where as many say another.
        "proposed" optional: Type::Text,
        |facts, it, object| match it.proposal(facts) {
            Some((proposed, _)) => Value::Text(proposed.into()),
            None => Value::Absent,
        };
        /// The hosts that say something else.
        "others": records(Host::TYPE),
        |facts, it, object| {
            let others = it.proposal(facts).map(|(_, others)| others).unwrap_or_default();
            Value::List(facts.objects(Kind::Host, others))
        };
    },
};

fn host(facts: &Facts, index: Option<u32>) -> Value<'_> {
    index.map_or(Value::Absent, |index| facts.object(Kind::Host, index))
}

impl Facts {
    /// The hosts of a cluster whose release is known, and is Windows Server 2022 or later or not.
    fn hosts_by_release(&self, cluster: u32, recent: bool) -> Vec<Value<'_>> {
        let hosts = self.placements.clusters[cluster as usize].hosts.iter();
        let wanted = |host: &&u32| match self.placements.hosts[**host as usize].version {
            State::Known(version) => {
                matches!(version, PlatformVersion::V2022 | PlatformVersion::V2025) == recent
            }
            State::Absent | State::Unknown => false,
        };
        self.objects(Kind::Host, hosts.filter(wanted).copied())
    }

    /// The bandwidth of a host, as a value.
    pub(super) fn bandwidth_of(&self, host: u32) -> Value<'_> {
        match self
            .inventory
            .hosts
            .get(host as usize)
            .map(|host| bandwidth::of_host(host))
        {
            Some(State::Known(bandwidth)) => Value::Bandwidth(bandwidth),
            Some(State::Absent) => Value::Absent,
            Some(State::Unknown) | None => Value::Unknown,
        }
    }
}
