//! What rules about KubeVirt can name.

use arcstr::ArcStr;

use super::{attributes, here, number, operands, optional_text, records, said, text, written};
use crate::facts::kubernetes::{self, EvictionLimit, MigrationSettings};
use crate::facts::moves::PlannedMove;
use crate::facts::{Facts, list, truth};
use crate::model::reflect::{Attribute, Object, Place, RecordType, Type, Value};
use crate::model::{
    Attr, Bandwidth, Cluster, ClusterMigration, CountOrNone, DisruptionBudget, Host, Kind, List,
    MaintenanceWindow, Meta, MigrationPolicy, Modelled, Origin, Rebalancer, Snapshot, State,
    VirtualMachine,
};
use crate::source::Span;

type Words = Attr<List<ArcStr>>;

/// The last element of a list that passes a test.
fn element(words: &Words, test: impl Fn(&str) -> bool) -> Option<(&str, Span)> {
    let words = words.known()?.iter().rev();
    let mut known = words.filter_map(|item| Some((&**item.known()?, item.span())));
    known.find(|(word, _)| test(word))
}

fn found(element: Option<(&str, Span)>) -> Value<'_> {
    element.map_or(Value::Absent, |(word, _)| Value::Text(word.into()))
}

pub(super) static CLUSTER: &[Attribute] = attributes! { Cluster;
    /// Whether a document of Kubernetes describes it.
    "fromKubernetes": Type::Bool,
    |facts, it, object| from_kubernetes(object);
    /// The element `Evict` of `workloadUpdateMethods`.
    "evictMethod" optional: Type::Text,
    |facts, it, object| found(element(&it.workload_update_methods, |word| word == "Evict")),
    at {
        let (_, span) = element(&it.workload_update_methods, |word| word == "Evict")?;
        here(object, Some(span), "evictMethod")
    };
};

/// The later of the profiles that no descheduler takes together.
fn conflicting(it: &Rebalancer) -> Option<(&str, Span)> {
    const APART: [&str; 2] = ["LongLifecycle", "KubeVirtRelieveAndMigrate"];
    let both = APART.map(|profile| element(&it.profiles, |word| word == profile));
    let [Some(one), Some(other)] = both else {
        return None;
    };
    Some(if one.1.start > other.1.start {
        one
    } else {
        other
    })
}

pub(super) static REBALANCER: &[Attribute] = attributes! { Rebalancer;
    /// The later of the profiles `LongLifecycle` and `KubeVirtRelieveAndMigrate`, where both are listed.
    "conflictingProfile" optional: Type::Text,
    |facts, it, object| found(conflicting(it)),
    at here(object, conflicting(it).map(|(_, span)| span), "conflictingProfile");
};

pub(super) static POLICY: &[Attribute] = attributes! { MigrationPolicy;
    /// The first policy before it with the same selectors; absent where it has none.
    "twin" optional: Type::Record(MigrationPolicy::TYPE),
    |facts, it, object| match facts.twin_of_policy(number(object)) {
        Some(twin) => facts.object(Kind::MigrationPolicy, twin),
        None => Value::Absent,
    };
};

pub(super) static BUDGET: &[Attribute] = attributes! { DisruptionBudget;
    /// Whether it is for pods of machines: by a label that only these have, or as all its labels are those of a machine in its namespace.
    "coversMachines": Type::Bool,
    |facts, it, object| truth(facts.is_for_machines(number(object)));
    /// The machines in its namespace whose pods carry all its labels.
    "machines": records(VirtualMachine::TYPE),
    |facts, it, object| machines(facts, facts.machines_of_budget(number(object)));
};

pub(super) static WINDOW: &[Attribute] = attributes! { MaintenanceWindow;
    /// Of a `NodeMaintenance`: the running machines on its node that say `LiveMigrate` themselves and for which no other known node is left that is not drained, too.
    "machinesWithoutWayOut": records(VirtualMachine::TYPE),
    |facts, it, object| machines(facts, facts.machines_without_way_out(number(object)));
};

pub(super) static SNAPSHOT: &[Attribute] = attributes! { Snapshot;
    /// Of a backup by KubeVirt, what it lacks to be one: `pvcName`, or `tokenSecretRef` where it is pulled.
    "lacks" optional: Type::Text,
    |facts, it, object| {
        let snapshot = &facts.inventory().snapshots[number(object) as usize];
        let lacking = kubernetes::lacking(snapshot).map(|(part, _)| part.to_owned());
        optional_text(lacking)
    },
    at {
        let snapshot = &facts.inventory().snapshots[number(object) as usize];
        let (_, span) = kubernetes::lacking(snapshot)?;
        here(object, span, "lacks")
    };
};

pub(super) static MOVE: &[Attribute] = attributes! { PlannedMove;
    /// Whether its target can show the machine the processor model that it asks for by name, so that the vendor does not matter.
    "targetShowsModel": Type::Bool,
    |facts, it, object| truth(facts.target_shows_model(it));
};

fn from_kubernetes(object: Object<'_>) -> Value<'_> {
    let origin = object.owner.map(|owner| owner.origin);
    origin.map_or(Value::Unknown, |origin| {
        Value::Bool(origin == Origin::Kubernetes)
    })
}

pub(super) static MACHINE: &[Attribute] = attributes! { VirtualMachine;
    /// Whether a document of Kubernetes describes it.
    "fromKubernetes": Type::Bool,
    |facts, it, object| from_kubernetes(object);
    /// The processor model that it sees on KubeVirt: its own, else its cluster's, else `host-model`.
    "shownModel" optional: Type::Text,
    |facts, it, object| text(facts.shown_model(number(object))),
    at {
        let model = it.processor.known().and_then(|processor| written(&processor.model, object));
        here(object, model, "shownModel")
    };
    /// The same where it is the name of a model.
    "namedModel" optional: Type::Text,
    |facts, it, object| text(facts.named_model(number(object)));
    /// The possible hosts that can show it the processor model that it asks for by name.
    "hostsWithModel": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.nodes_by_model(number(object), true));
    /// The possible hosts that list processor models, but not the one that it asks for by name.
    "hostsWithoutModel": records(Host::TYPE),
    |facts, it, object| hosts(facts, facts.nodes_by_model(number(object), false));
};

fn machines(facts: &Facts, (machines, open): (Vec<u32>, bool)) -> Value<'_> {
    list(facts.objects(Kind::VirtualMachine, machines), open)
}

fn hosts(facts: &Facts, hosts: Option<(Vec<u32>, bool)>) -> Value<'_> {
    hosts.map_or(Value::Unknown, |(hosts, open)| {
        list(facts.objects(Kind::Host, hosts), open)
    })
}

fn meta<'a>(facts: &'a Facts, it: &MigrationSettings) -> Option<&'a Meta> {
    let inventory = facts.inventory();
    let index = it.index as usize;
    match it.kind {
        Kind::Cluster => inventory.clusters.get(index).map(|it| &it.meta),
        _ => inventory.migration_policies.get(index).map(|it| &it.meta),
    }
}

/// A part of a block of settings: of a cluster, or of a policy.
struct Part<T: Modelled> {
    of_cluster: fn(&ClusterMigration) -> &Attr<T>,
    of_policy: fn(&MigrationPolicy) -> &Attr<T>,
}

const BANDWIDTH: Part<Bandwidth> = Part {
    of_cluster: |it| &it.bandwidth_per_migration,
    of_policy: |it| &it.bandwidth_per_migration,
};

const TIMEOUT: Part<CountOrNone> = Part {
    of_cluster: |it| &it.completion_timeout_per_gib,
    of_policy: |it| &it.completion_timeout_per_gib,
};

const POST_COPY: Part<bool> = Part {
    of_cluster: |it| &it.allow_post_copy,
    of_policy: |it| &it.allow_post_copy,
};

impl<T: Modelled> Part<T> {
    fn of<'a>(&self, facts: &'a Facts, it: &MigrationSettings) -> State<&'a Attr<T>> {
        let inventory = facts.inventory();
        let index = it.index as usize;
        match it.kind {
            Kind::Cluster => {
                let settings = inventory.clusters[index].spec.migration.state();
                settings.map(self.of_cluster)
            }
            _ => State::Known((self.of_policy)(&inventory.migration_policies[index].spec)),
        }
    }

    fn value<'a>(
        &self,
        facts: &'a Facts,
        it: &MigrationSettings,
        value: fn(&T) -> Value<'a>,
    ) -> Value<'a> {
        said(self.of(facts, it).and_then(|it| it.state()), value)
    }

    fn place<'a>(&self, facts: &'a Facts, it: &MigrationSettings, name: &str) -> Option<Place<'a>> {
        let place = self.of(facts, it).known()?.place()?;
        Some(Place::of(meta(facts, it)?, place, name))
    }
}

pub(in crate::facts) static MIGRATION_SETTINGS: RecordType = RecordType {
    name: "MigrationSettings",
    doc: "Settings of live migrations that stand in one place: those of a cluster, or of a policy for some machines.",
    kind: None,
    attributes: attributes! { MigrationSettings;
        /// The cluster whose settings they are; absent for those of a policy.
        "cluster" optional: Type::Record(Cluster::TYPE),
        |facts, it, object| of_kind(facts, it, Kind::Cluster);
        /// The policy whose settings they are; absent for those of a cluster.
        "policy" optional: Type::Record(MigrationPolicy::TYPE),
        |facts, it, object| of_kind(facts, it, Kind::MigrationPolicy);
        /// The name of the cluster or policy; its kind where it has none.
        "name": Type::Text,
        |facts, it, object| match meta(facts, it) {
            Some(meta) if meta.name.is_empty() => Value::Text(meta.kind.as_str().into()),
            Some(meta) => Value::Text((&*meta.name).into()),
            None => Value::Unknown,
        };
        /// What a migration may use; none means without limit.
        "bandwidthPerMigration" optional: Type::Bandwidth,
        |facts, it, object| BANDWIDTH.value(facts, it, |it| Value::Bandwidth(it.0)),
        at BANDWIDTH.place(facts, it, "bandwidthPerMigration");
        /// Seconds a migration may take for each GiB of memory.
        "completionTimeoutPerGiB" optional: Type::Int,
        |facts, it, object| TIMEOUT.value(facts, it, |it| Value::Int(it.get())),
        at TIMEOUT.place(facts, it, "completionTimeoutPerGiB");
        /// Whether a migration that does not converge goes on with memory fetched from the source.
        "allowPostCopy" optional: Type::Bool,
        |facts, it, object| POST_COPY.value(facts, it, |it| Value::Bool(*it)),
        at POST_COPY.place(facts, it, "allowPostCopy");
        /// The machines they are for: those of the cluster, or those whose pods carry the labels of the policy. Which machines a policy for namespaces by their labels is for is said nowhere.
        "machines": records(VirtualMachine::TYPE),
        |facts, it, object| machines(facts, facts.machines_of_settings(it));
    },
};

fn of_kind<'a>(facts: &'a Facts, it: &MigrationSettings, kind: Kind) -> Value<'a> {
    match it.kind == kind {
        true => facts.object(kind, it.index),
        false => Value::Absent,
    }
}

fn count<'a>(attribute: State<&Attr<CountOrNone>>) -> Value<'a> {
    let count = attribute.and_then(|it| it.state());
    said(count, |count| Value::Int(count.get()))
}

pub(in crate::facts) static EVICTION_LIMIT: RecordType = RecordType {
    name: "EvictionLimit",
    doc: "How many machines a rebalancer may evict at once: in the whole cluster, or from one node.",
    kind: None,
    attributes: attributes! { EvictionLimit;
        /// The rebalancer.
        "rebalancer": Type::Record(Rebalancer::TYPE),
        |facts, it, object| facts.object(Kind::Rebalancer, it.rebalancer);
        /// Its cluster; absent where no document describes one.
        "cluster" optional: Type::Record(Cluster::TYPE),
        |facts, it, object| facts.optional(Kind::Cluster, &it.cluster(facts));
        /// Whether it is from one node.
        "perNode": Type::Bool,
        |facts, it, object| Value::Bool(it.of_node);
        /// The number.
        "limit" optional: Type::Int,
        |facts, it, object| count(it.own(facts)),
        at {
            let meta = &facts.inventory().rebalancers[it.rebalancer as usize].meta;
            Some(Place::of(meta, it.own(facts).known()?.place()?, "limit"))
        };
        /// How many live migrations the cluster says it does at once, in all or from one node.
        "migrations" optional: Type::Int,
        |facts, it, object| count(it.of_cluster(facts)),
        at {
            let meta = &facts.inventory().clusters[*it.cluster(facts).known()? as usize].meta;
            Some(Place::of(meta, it.of_cluster(facts).known()?.place()?, "migrations"))
        };
    },
};
