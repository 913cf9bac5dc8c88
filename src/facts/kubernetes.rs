//! What Kubernetes documents say together about migrations, drains and copies of machines.

use std::collections::{BTreeSet, HashMap};

use super::truths::{all, decide};
use super::{Facts, fact_record};
use crate::model::{
    Attr, CountOrNone, Kind, Labels, MaintenanceWindow, Meta, MigrationPolicy, Rebalancer, Ref,
    Resource, Snapshot, SnapshotProduct, Standing, State, WindowProduct,
};
use crate::source::Span;

/// A block of settings for live migrations: of a cluster, or of a policy.
pub(super) struct MigrationSettings {
    pub(super) kind: Kind,
    pub(super) index: u32,
}

fact_record!(MigrationSettings, &super::vocabulary::MIGRATION_SETTINGS);

/// A limit of how many machines a rebalancer evicts at once.
pub(super) struct EvictionLimit {
    pub(super) rebalancer: u32,
    /// Whether it holds for a node, and not for the whole cluster.
    pub(super) of_node: bool,
}

fact_record!(EvictionLimit, &super::vocabulary::EVICTION_LIMIT);

pub(super) fn migration_settings(facts: &Facts) -> Vec<MigrationSettings> {
    let inventory = facts.inventory();
    let clusters = inventory.clusters.iter().map(|it| &it.meta);
    let policies = inventory.migration_policies.iter().map(|it| &it.meta);
    clusters
        .chain(policies)
        .filter(|meta| meta.is_written())
        .map(|meta| MigrationSettings {
            kind: meta.kind,
            index: meta.index,
        })
        .collect()
}

pub(super) fn eviction_limits(facts: &Facts) -> Vec<EvictionLimit> {
    let rebalancers = facts.inventory().rebalancers.iter();
    rebalancers
        .filter(|it| it.meta.is_written())
        .flat_map(|it| {
            [false, true].map(|of_node| EvictionLimit {
                rebalancer: it.meta.index,
                of_node,
            })
        })
        .collect()
}

impl EvictionLimit {
    fn rebalancer<'f>(&self, facts: &'f Facts) -> &'f Resource<Rebalancer> {
        &facts.inventory().rebalancers[self.rebalancer as usize]
    }

    /// What the rebalancer says.
    pub(super) fn own<'f>(&self, facts: &'f Facts) -> State<&'f Attr<CountOrNone>> {
        let limits = self.rebalancer(facts).spec.eviction_limits.state();
        limits.map(|limits| match self.of_node {
            true => &limits.node,
            false => &limits.total,
        })
    }

    /// The cluster that the rebalancer belongs to.
    pub(super) fn cluster(&self, facts: &Facts) -> State<u32> {
        let cluster = self.rebalancer(facts).spec.cluster.state();
        cluster.or_unknown(Ref::target)
    }

    /// What the cluster says of as many live migrations.
    pub(super) fn of_cluster<'f>(&self, facts: &'f Facts) -> State<&'f Attr<CountOrNone>> {
        self.cluster(facts).map(|cluster| {
            let cluster = &facts.inventory().clusters[cluster as usize].spec;
            match self.of_node {
                true => &cluster.maximum_outbound_migrations,
                false => &cluster.parallel_migrations_per_cluster,
            }
        })
    }
}

/// The machines of each scope by a label of their pods.
#[derive(Default)]
pub(super) struct Pods {
    carrying: HashMap<u32, HashMap<String, Vec<u32>>>,
    /// Those of whose pods nobody knows the labels.
    unclear: HashMap<u32, Vec<u32>>,
}

impl Pods {
    pub(super) fn derive(facts: &Facts) -> Self {
        let mut pods = Pods::default();
        let machines = facts.inventory.machines.iter();
        for machine in machines.filter(|it| it.meta.is_related()) {
            let Meta { scope, index, .. } = machine.meta;
            match machine.meta.said(&machine.spec.pod_labels) {
                State::Absent => {}
                State::Unknown => pods.unclear.entry(scope).or_default().push(index),
                State::Known(labels) => {
                    let by_label = pods.carrying.entry(scope).or_default();
                    for label in labels {
                        let carrying = by_label.entry(written(label)).or_default();
                        if carrying.last() != Some(&index) {
                            carrying.push(index);
                        }
                    }
                }
            }
        }
        pods
    }

    fn carrying(&self, scope: u32, label: (&str, &str)) -> &[u32] {
        let machines = self
            .carrying
            .get(&scope)
            .and_then(|it| it.get(&written(label)));
        machines.map_or(&[], Vec::as_slice)
    }
}

fn written((key, value): (&str, &str)) -> String {
    format!("{key}={value}")
}

/// Whether labels are all among others: those of a thing, or unknown where it may have more.
fn are_among(wanted: &Labels, carried: State<&Labels>) -> Option<bool> {
    match carried {
        State::Unknown => None,
        State::Absent => Some(wanted.is_empty()),
        State::Known(carried) => Some(wanted.iter().all(|label| carried.contains(label))),
    }
}

fn in_any_order(labels: State<&Labels>) -> Option<BTreeSet<(&str, &str)>> {
    match labels {
        State::Absent => Some(BTreeSet::new()),
        State::Unknown => None,
        State::Known(labels) => Some(labels.iter().collect()),
    }
}

type Selected<'a> = [BTreeSet<(&'a str, &'a str)>; 2];

/// Whom a policy is for; none where nobody knows, or where it names no label at all.
fn selected(policy: &MigrationPolicy) -> Option<Selected<'_>> {
    let selectors = policy.selectors.known()?;
    let both = [
        in_any_order(selectors.namespace_selector.state())?,
        in_any_order(selectors.virtual_machine_instance_selector.state())?,
    ];
    (!both.iter().all(BTreeSet::is_empty)).then_some(both)
}

/// For each policy the first one before it with the same selectors.
pub(super) fn twins_of_policies(facts: &Facts) -> HashMap<u32, u32> {
    let mut firsts = HashMap::new();
    let mut twins = HashMap::new();
    for policy in &facts.inventory.migration_policies {
        let Meta {
            scope,
            index,
            named,
            partial,
            standing,
            ..
        } = policy.meta;
        let whole = standing == Standing::Whole && named && !partial;
        if let Some(selectors) = selected(&policy.spec).filter(|_| whole) {
            let first = *firsts.entry((scope, selectors)).or_insert(index);
            if first != index {
                twins.insert(index, first);
            }
        }
    }
    twins
}

impl Facts {
    /// The first policy before this one with the same selectors.
    pub(super) fn twin_of_policy(&self, policy: u32) -> Option<u32> {
        self.twins_of_policies().get(&policy).copied()
    }

    /// The machines that a block of settings holds for, and whether there may be more.
    pub(super) fn machines_of_settings(&self, it: &MigrationSettings) -> (Vec<u32>, bool) {
        if it.kind == Kind::Cluster {
            let members = &self.placements.clusters[it.index as usize];
            return (members.machines.clone(), false);
        }
        let policy = &self.inventory.migration_policies[it.index as usize];
        let Some(selectors) = policy.spec.selectors.known() else {
            let may = !policy.spec.selectors.is_absent() || policy.meta.partial;
            return (Vec::new(), may);
        };
        // Which labels a namespace carries is said nowhere.
        let everywhere = match selectors.namespace_selector.state() {
            State::Absent => !policy.meta.partial,
            State::Known(labels) => labels.is_empty(),
            State::Unknown => false,
        };
        let wanted = match selectors.virtual_machine_instance_selector.state() {
            State::Known(wanted) if everywhere && !wanted.is_empty() => wanted,
            State::Absent if everywhere => return (Vec::new(), false),
            _ => return (Vec::new(), true),
        };
        self.machines_carrying(&policy.meta, wanted, |_| Some(true))
    }

    /// The machines of a scope whose pods carry labels, one at least, of those that pass a test;
    /// and whether there may be more.
    fn machines_carrying(
        &self,
        by: &Meta,
        wanted: &Labels,
        test: impl Fn(&Meta) -> Option<bool>,
    ) -> (Vec<u32>, bool) {
        let mut open = !by.is_related();
        let mut machines = Vec::new();
        let pods = self.pods();
        let carrying = wanted
            .iter()
            .next()
            .map(|label| pods.carrying(by.scope, label));
        let unclear = pods.unclear.get(&by.scope);
        for index in carrying
            .into_iter()
            .flatten()
            .chain(unclear.into_iter().flatten())
        {
            let machine = &self.inventory.machines[*index as usize];
            let carries = are_among(wanted, machine.meta.said(&machine.spec.pod_labels));
            match all([carries, test(&machine.meta)]) {
                Some(true) if by.is_related() => machines.push(*index),
                Some(_) => {}
                None => open = true,
            }
        }
        (machines, open)
    }

    /// The machines whose pods a disruption budget is for by their labels; none where it asks for
    /// more than labels, or for nothing.
    pub(super) fn machines_of_budget(&self, budget: u32) -> (Vec<u32>, bool) {
        let budget = &self.inventory.budgets[budget as usize];
        let own = &budget.meta;
        let further = match own.said(&budget.spec.further_requirements) {
            State::Absent => false,
            State::Known(further) => *further,
            State::Unknown => true,
        };
        match own.said(&budget.spec.match_labels) {
            State::Known(wanted) if wanted.is_empty() => (Vec::new(), false),
            State::Known(wanted) if !further => {
                self.machines_carrying(own, wanted, |meta| own.shares_namespace(meta))
            }
            State::Absent => (Vec::new(), false),
            _ => (Vec::new(), true),
        }
    }

    /// Whether a disruption budget is for pods of machines: by the labels that only these have, or
    /// because it is for some machine.
    pub(super) fn is_for_machines(&self, budget: u32) -> Option<bool> {
        let labels = &self.inventory.budgets[budget as usize].spec.match_labels;
        let of_launcher = |(key, value): (&str, &str)| {
            (key, value) == ("kubevirt.io", "virt-launcher") || key == "vm.kubevirt.io/name"
        };
        let mut labels = labels.known().into_iter().flatten();
        let (machines, open) = self.machines_of_budget(budget);
        decide(labels.any(of_launcher) || !machines.is_empty(), !open)
    }

    /// The machines that a drain of the node of a maintenance would have to move, and for which
    /// no known node is left that is not drained, too; and whether there may be more.
    pub(super) fn machines_without_way_out(&self, window: u32) -> (Vec<u32>, bool) {
        if !is_drain(&self.inventory.windows[window as usize]) {
            return (Vec::new(), false);
        }
        let drained = self.drained_nodes();
        let (hosts, open) = self.hosts_of_window(window);
        let mut open = open;
        let mut stuck = Vec::new();
        for host in hosts {
            for machine in &self.placements.hosts[host as usize].machines {
                match self.is_stuck(*machine, drained) {
                    Some(true) => stuck.push(*machine),
                    Some(false) => {}
                    None => open = true,
                }
            }
        }
        (stuck, open)
    }

    /// Whether a drain waits for a machine for ever.
    fn is_stuck(&self, machine: u32, drained: &BTreeSet<u32>) -> Option<bool> {
        let migrates = self.says_live_migrate(machine);
        let related = self.inventory.machines[machine as usize].meta.is_related();
        if migrates == Some(false) || self.is_off(machine) || !related {
            return Some(false);
        }
        let candidates = self.placements.possible(machine)?;
        if candidates.hosts.iter().any(|host| !drained.contains(host)) {
            return Some(false);
        }
        (migrates == Some(true) && !candidates.open).then_some(true)
    }
}

fn is_drain(window: &Resource<MaintenanceWindow>) -> bool {
    window.spec.product.known() == Some(&WindowProduct::NodeMaintenance)
}

/// The nodes that are drained now.
pub(super) fn drained_nodes(facts: &Facts) -> BTreeSet<u32> {
    let windows = facts.inventory.windows.iter();
    let drains = windows.filter(|it| it.meta.is_related() && is_drain(it));
    drains
        .flat_map(|it| facts.hosts_of_window(it.meta.index).0)
        .collect()
}

/// What a backup by KubeVirt lacks: the part, and where it should be.
pub(super) fn lacking(snapshot: &Resource<Snapshot>) -> Option<(&'static str, Option<Span>)> {
    let spec = &snapshot.spec;
    if snapshot.meta.partial || spec.product.known() != Some(&SnapshotProduct::KubeVirtBackup) {
        return None;
    }
    if spec.claim.is_absent() {
        return Some(("pvcName", snapshot.meta.spec_span()));
    }
    let pulled = spec.mode.known().is_some_and(|mode| &**mode == "Pull");
    (pulled && spec.token_secret.is_absent()).then(|| ("tokenSecretRef", spec.mode.place()))
}

#[cfg(test)]
mod tests {
    use crate::facts::mobility_tests::facts;

    fn machine(name: &str, namespace: &str, labels: &str) -> String {
        format!(
            "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {{ name: {name}{namespace} }}\n\
             spec: {{ template: {{ metadata: {{ labels: {labels} }}, spec: {{ domain: {{}} }} }} }}\n---\n"
        )
    }

    /// A budget is for machines of its own namespace; where nobody knows which that is, it may be.
    #[test]
    fn a_budget_is_for_the_pods_of_its_namespace() {
        const BUDGET: &str = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n";
        let estate = [
            machine("a", ", namespace: one", "{ app: db, tier: x }"),
            machine("b", ", namespace: two", "{ app: db }"),
            machine("c", ", namespace: one", "{ app: web }"),
        ];
        let budget = |namespace: &str| {
            let selector = "spec: { selector: { matchLabels: { app: db } } }";
            let metadata = format!("metadata: {{ name: budget{namespace} }}\n");
            let facts = facts(&format!("{}{BUDGET}{metadata}{selector}", estate.concat()));
            (facts.machines_of_budget(0), facts.is_for_machines(0))
        };
        assert_eq!(budget(", namespace: one"), ((vec![0], false), Some(true)));
        assert_eq!(budget(", namespace: three"), ((vec![], false), Some(false)));
        assert_eq!(budget(""), ((vec![], true), None));
    }

    #[test]
    fn machines_whose_labels_are_filled_in_later_may_be_meant() {
        let budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n\
             metadata: { name: budget, namespace: one }\nspec: { selector: { matchLabels: { app: db } } }";
        let unknown = machine("a", ", namespace: one", "{ app: '{{ app }}' }");
        let elsewhere = machine("a", ", namespace: two", "{ app: '{{ app }}' }");
        let machines = |machine: String| facts(&(machine + budget)).machines_of_budget(0);
        assert_eq!(machines(unknown), (vec![], true));
        assert_eq!(machines(elsewhere), (vec![], false));
    }
}
