//! Which nodes of Kubernetes a machine may run on, and what a drain does with it.
//!
//! As the scheduler of Kubernetes decides: a node that takes new machines, of whose taints the
//! machine tolerates those that keep it off, with the labels that it asks for (Kubernetes
//! documentation, "Assigning Pods to Nodes", "Taints and Tolerations"). KubeVirt itself asks for
//! nodes that its labeller does not call unschedulable.

use std::cell::OnceCell;
use std::collections::HashMap;

use arcstr::ArcStr;

use super::node_labels::Directory;
use super::truths::{all, any};
use crate::inventory::Inventory;
use crate::model::{
    Cluster, EvictionStrategy, Host, Item, Labels, List, MachinePlacement, Meta, NodeRequirement,
    NodeTerm, Resource, Standing, State, Taint, Toleration, VirtualMachine,
};

/// Labels by their keys.
type ByKey = HashMap<Box<str>, Box<str>>;

/// A host, and its labels by their keys, where they are many.
#[derive(Clone, Copy)]
struct Node<'a> {
    declared: &'a Resource<Host>,
    by_key: Option<&'a ByKey>,
}

impl<'a> Node<'a> {
    fn own_label(self, key: &str) -> Option<&'a str> {
        match self.by_key {
            Some(labels) => labels.get(key).map(|value| &**value),
            None => self.declared.meta.labels.get(key),
        }
    }
}

/// The hosts of an inventory, and the labels of those that have many.
struct Known<'a> {
    hosts: &'a [Box<Resource<Host>>],
    by_key: &'a HashMap<u32, ByKey>,
}

impl<'a> Known<'a> {
    fn node(&self, host: u32) -> Node<'a> {
        Node {
            declared: &self.hosts[host as usize],
            by_key: self.by_key.get(&host),
        }
    }
}

/// With more labels than these it is quicker to look for one by its key.
const FEW_LABELS: usize = 64;

/// For hosts with many labels, these by their keys.
fn by_key(inventory: &Inventory) -> HashMap<u32, ByKey> {
    let hosts = inventory.hosts.iter();
    let many = hosts.filter(|it| it.meta.labels.len() > FEW_LABELS);
    let by_key = many.map(|host| {
        let labels = host.meta.labels.iter();
        let labels = labels.map(|(key, value)| (key.into(), value.into()));
        (host.meta.index, labels.collect())
    });
    by_key.collect()
}

/// Hosts, and whether there may be more.
type Hosts = (Vec<u32>, bool);

/// The nodes that documents describe, by scope.
pub(super) struct Nodes<'i> {
    /// Whether some host keeps machines off that ask for nothing.
    closed: bool,
    of_scope: HashMap<u32, Vec<u32>>,
    by_key: HashMap<u32, ByKey>,
    /// Those of them that take a machine which asks for nothing.
    free: HashMap<u32, Hosts>,
    directory: OnceCell<Directory<'i>>,
}

impl<'i> Nodes<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let mut of_scope: HashMap<u32, Vec<u32>> = HashMap::new();
        for host in &inventory.hosts {
            if is_node(&host.meta) {
                let of_scope = of_scope.entry(host.meta.scope).or_default();
                of_scope.push(host.meta.index);
            }
        }
        let by_key = by_key(inventory);
        let known = Known {
            hosts: &inventory.hosts,
            by_key: &by_key,
        };
        let free = of_scope
            .iter()
            .map(|(scope, nodes)| (*scope, sifted(&known, None, nodes)))
            .collect();
        let closed = |host: &Resource<Host>| fits(known.node(host.meta.index), None) != Some(true);
        Nodes {
            closed: inventory.hosts.iter().any(|host| closed(host)),
            by_key,
            of_scope,
            free,
            directory: OnceCell::new(),
        }
    }

    fn known<'a>(&'a self, inventory: &'a Inventory) -> Known<'a> {
        Known {
            hosts: &inventory.hosts,
            by_key: &self.by_key,
        }
    }

    /// Those of some hosts that a machine fits on, and whether it may fit on others of them.
    pub(super) fn fitting(
        &self,
        inventory: &'i Inventory,
        machine: &Resource<VirtualMachine>,
        hosts: Vec<u32>,
    ) -> Hosts {
        if !self.closed && machine.spec.placement.state().is_absent() {
            return (hosts, false);
        }
        let candidates = self.directory(inventory).candidates(machine, &hosts);
        let hosts = candidates.as_ref().unwrap_or(&hosts);
        fitting(&self.known(inventory), machine, hosts)
    }

    fn directory(&self, inventory: &'i Inventory) -> &Directory<'i> {
        self.directory.get_or_init(|| Directory::of(inventory))
    }

    /// The nodes that a machine of Kubernetes may run on, and whether there may be more; none where
    /// nobody knows any node, or to which cluster the machine belongs.
    pub(super) fn candidates(
        &self,
        inventory: &'i Inventory,
        machine: &Resource<VirtualMachine>,
    ) -> Option<Hosts> {
        if machine.spec.cluster.is_unknown() {
            return None;
        }
        match &machine.spec.placement.state() {
            State::Known(placement) if asks_for_something(placement) => {
                let nodes = self.of_scope.get(&machine.meta.scope)?;
                let candidates = self.directory(inventory).candidates(machine, nodes);
                let nodes = candidates.as_ref().unwrap_or(nodes);
                Some(fitting(&self.known(inventory), machine, nodes))
            }
            State::Known(_) | State::Absent => self.free.get(&machine.meta.scope).cloned(),
            State::Unknown => None,
        }
    }
}

fn asks_for_something(placement: &MachinePlacement) -> bool {
    !placement.hostname.is_absent()
        || !placement.node_selector.is_absent()
        || !placement.required_node_affinity.is_absent()
        || !placement.tolerations.is_absent()
}

/// Whether a host is a node that a document describes, as a whole.
pub(super) fn is_node(meta: &Meta) -> bool {
    meta.is_of_kubernetes() && matches!(meta.standing, Standing::Whole | Standing::Common)
}

fn fitting(nodes: &Known<'_>, machine: &Resource<VirtualMachine>, hosts: &[u32]) -> Hosts {
    match &machine.spec.placement.state() {
        State::Known(placement) => sifted(nodes, Some(placement), hosts),
        State::Absent => sifted(nodes, None, hosts),
        State::Unknown => (Vec::new(), !hosts.is_empty()),
    }
}

/// The same, with a look at each of the hosts.
#[cfg(test)]
pub(super) fn fitting_of_all(
    inventory: &Inventory,
    machine: &Resource<VirtualMachine>,
    hosts: &[u32],
) -> Hosts {
    fitting(&Nodes::of(inventory).known(inventory), machine, hosts)
}

fn sifted(nodes: &Known<'_>, placement: Option<&MachinePlacement>, hosts: &[u32]) -> Hosts {
    let mut open = false;
    let fits = |host: &u32| {
        let fits = fits(nodes.node(*host), placement);
        open |= fits.is_none();
        fits == Some(true)
    };
    let fitting = hosts.iter().copied().filter(fits).collect();
    (fitting, open)
}

/// Whether the scheduler would put a machine with this placement on a host.
fn fits(host: Node<'_>, placement: Option<&MachinePlacement>) -> Option<bool> {
    let selected = placement.map_or(Some(true), |it| carries_all(host, it.node_selector.state()));
    let named = match placement.map_or(State::Absent, |it| it.hostname.state()) {
        State::Absent => Some(true),
        State::Known(name) => Some(label(host, HOSTNAME) == Some(Some(name))),
        State::Unknown => None,
    };
    let wanted = placement.map_or(Some(true), |it| {
        meets_a_term(host, it.required_node_affinity.state())
    });
    all([
        is_schedulable(host),
        tolerated(host.declared, placement),
        named,
        selected,
        wanted,
    ])
}

fn is_schedulable(host: Node<'_>) -> Option<bool> {
    let by_label = label(host, "kubevirt.io/schedulable") != Some(Some("false"));
    match host.declared.spec.unschedulable.state() {
        _ if !by_label => Some(false),
        State::Known(unschedulable) => Some(!unschedulable),
        State::Absent => Some(true),
        State::Unknown => None,
    }
}

/// The value of a label; `Some(None)` where the host does not have it, none where nobody knows.
fn label<'h>(host: Node<'h>, key: &str) -> Option<Option<&'h str>> {
    match host.own_label(key) {
        Some(value) => Some(Some(value)),
        None if key == HOSTNAME => Some(Some(&host.declared.meta.name)),
        None if host.declared.meta.labels_open => None,
        None => Some(None),
    }
}

/// The label in which nodes carry their own name.
pub(super) const HOSTNAME: &str = "kubernetes.io/hostname";

fn carries_all(host: Node<'_>, selector: State<&Labels>) -> Option<bool> {
    match selector {
        State::Absent => Some(true),
        State::Unknown => None,
        State::Known(labels) => all(labels
            .iter()
            .map(|(key, wanted)| Some(label(host, key)? == Some(wanted)))),
    }
}

fn meets_a_term(host: Node<'_>, terms: State<&List<NodeTerm>>) -> Option<bool> {
    match terms {
        State::Absent => Some(true),
        State::Unknown => None,
        State::Known(terms) => any(terms.iter().map(|term| meets(host, term.known()?))),
    }
}

fn meets(host: Node<'_>, term: &NodeTerm) -> Option<bool> {
    match term.match_expressions.state() {
        // A term that asks for nothing is met by no node.
        State::Absent => Some(false),
        State::Unknown => None,
        State::Known(requirements) if requirements.is_empty() => Some(false),
        State::Known(requirements) => {
            let holds = |it: &Item<NodeRequirement>| holds(host, it.known()?);
            all(requirements.iter().map(holds))
        }
    }
}

fn holds(host: Node<'_>, requirement: &NodeRequirement) -> Option<bool> {
    let value = label(host, requirement.key.known()?)?;
    let among = || {
        let value = value?;
        match requirement.values.state() {
            State::Absent => Some(false),
            State::Unknown => None,
            State::Known(values) => any(values.iter().map(|it| Some(**it.known()? == *value))),
        }
    };
    let number = || -> Option<i64> {
        let values = requirement.values.known()?;
        values.first()?.known()?.parse().ok()
    };
    match &**requirement.operator.known()? {
        "Exists" => Some(value.is_some()),
        "DoesNotExist" => Some(value.is_none()),
        "In" if value.is_none() => Some(false),
        "In" => among(),
        "NotIn" if value.is_none() => Some(true),
        "NotIn" => among().map(|it| !it),
        "Gt" | "Lt" if value.is_none() => Some(false),
        "Gt" => Some(value?.parse::<i64>().ok()? > number()?),
        "Lt" => Some(value?.parse::<i64>().ok()? < number()?),
        _ => None,
    }
}

/// Whether a machine tolerates all taints that keep new machines off a host.
fn tolerated(host: &Resource<Host>, placement: Option<&MachinePlacement>) -> Option<bool> {
    let taints = match host.spec.taints.state() {
        State::Absent => return Some(true),
        State::Unknown => return None,
        State::Known(taints) => taints,
    };
    let tolerations = placement.map_or(State::Absent, |it| it.tolerations.state());
    all(taints.iter().map(|taint| {
        let taint = taint.known()?;
        match &**taint.effect.known()? {
            "NoSchedule" | "NoExecute" => tolerates(tolerations, taint),
            _ => Some(true),
        }
    }))
}

fn tolerates(tolerations: State<&List<Toleration>>, taint: &Taint) -> Option<bool> {
    match tolerations {
        State::Absent => Some(false),
        State::Unknown => None,
        State::Known(tolerations) => any(tolerations.iter().map(|toleration| {
            let toleration = toleration.known()?;
            let is = |said: State<&ArcStr>, taint: State<&ArcStr>| match (said, taint) {
                (State::Unknown, _) | (_, State::Unknown) => None,
                (said, taint) => {
                    Some(said.known().map_or("", |it| it) == taint.known().map_or("", |it| it))
                }
            };
            let key = match toleration.key.state() {
                State::Absent => Some(true),
                key => is(key, taint.key.state()),
            };
            let effect = match toleration.effect.state() {
                State::Absent => Some(true),
                effect => is(effect, taint.effect.state()),
            };
            let value = match toleration.operator.known().map(|it| &**it) {
                Some("Exists") => Some(true),
                Some("Equal") => is(toleration.value.state(), taint.value.state()),
                None if toleration.operator.is_absent() => {
                    is(toleration.value.state(), taint.value.state())
                }
                _ => None,
            };
            all([key, effect, value])
        })),
    }
}

/// What a drain does with a machine of Kubernetes: as it says, else as its cluster says; absent
/// where neither does.
pub(super) fn eviction_strategy(
    machine: &Resource<VirtualMachine>,
    cluster: &State<&Cluster>,
) -> State<EvictionStrategy> {
    let of_cluster = cluster.as_ref().and_then(|it| it.eviction_strategy.state());
    match machine.meta.said(&machine.spec.eviction_strategy) {
        State::Absent => of_cluster.map(Clone::clone),
        own => own.map(Clone::clone),
    }
}

/// Whether a machine of Kubernetes is moved away when its node is drained; where nobody says so,
/// that depends on what is installed.
pub(super) fn is_moved_by_drain(strategy: &State<EvictionStrategy>) -> State<bool> {
    match strategy {
        State::Known(EvictionStrategy::LiveMigrate | EvictionStrategy::LiveMigrateIfPossible) => {
            State::Known(true)
        }
        State::Known(EvictionStrategy::None | EvictionStrategy::External) => State::Known(false),
        State::Absent | State::Unknown => State::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::facts::mobility_tests::facts;

    const NODES: &str = "
apiVersion: v1
kind: Node
metadata: { name: a, labels: { zone: east, cores: '16' } }
---
apiVersion: v1
kind: Node
metadata: { name: b, labels: { zone: west, cores: '64' } }
spec: { taints: [{ key: dedicated, value: vms, effect: NoSchedule }] }
---
apiVersion: v1
kind: Node
metadata: { name: c, labels: { zone: west, rack: '{{ rack }}' } }
spec: { taints: [{ key: slow, effect: PreferNoSchedule }] }
---
apiVersion: v1
kind: Node
metadata: { name: d }
spec: { unschedulable: true }
---
apiVersion: v1
kind: Node
metadata: { name: e, labels: { kubevirt.io/schedulable: 'false' } }
";

    fn term(requirement: &str) -> String {
        format!(
            "affinity: {{ nodeAffinity: {{ requiredDuringSchedulingIgnoredDuringExecution: {{ \
             nodeSelectorTerms: [{{ matchExpressions: [{requirement}] }}] }} }} }}"
        )
    }

    /// The candidates of a machine with this in its `spec`, with `?` where there may be more.
    fn candidates(spec: &str) -> String {
        let machine = format!(
            "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{ name: vm }}\n\
             spec: {{ domain: {{ devices: {{}} }}, {spec} }}\n"
        );
        let facts = facts(&format!("{NODES}{machine}"));
        let set = facts.placements.possible(0).expect("nodes are declared");
        let mut names = String::new();
        for host in &set.hosts {
            let _ = write!(names, "{}", facts.inventory.hosts[*host as usize].meta.name);
        }
        names + if set.open { "?" } else { "" }
    }

    #[test]
    fn a_machine_may_run_where_the_scheduler_would_put_it() {
        let tolerating = |toleration: &str| format!("tolerations: [{toleration}]");
        for (spec, wanted) in [
            (String::new(), "ac"),
            ("nodeSelector: { zone: west }".to_owned(), "c"),
            (
                "nodeSelector: { kubernetes.io/hostname: a }".to_owned(),
                "a",
            ),
            ("nodeSelector: { zone: '{{ zone }}' }".to_owned(), "?"),
            ("nodeSelector: { rack: r1 }".to_owned(), "?"),
            (tolerating("{ operator: Exists }"), "abc"),
            (tolerating("{ key: dedicated, operator: Exists }"), "abc"),
            (tolerating("{ key: dedicated, value: vms }"), "abc"),
            (tolerating("{ key: dedicated, value: other }"), "ac"),
            (
                tolerating("{ key: dedicated, operator: Exists, effect: NoExecute }"),
                "ac",
            ),
            (tolerating("{ key: '{{ key }}', operator: Exists }"), "ac?"),
            (
                term("{ key: zone, operator: In, values: [east, north] }"),
                "a",
            ),
            (term("{ key: zone, operator: NotIn, values: [east] }"), "c"),
            (term("{ key: cores, operator: NotIn, values: ['16'] }"), "?"),
            (term("{ key: zone, operator: Exists }"), "ac"),
            (term("{ key: zone, operator: DoesNotExist }"), ""),
            (term("{ key: cores, operator: Gt, values: ['8'] }"), "a?"),
            (term("{ key: cores, operator: Lt, values: ['16'] }"), "?"),
            (term("{ key: zone, operator: Near, values: [east] }"), "?"),
            (term(""), ""),
        ] {
            assert_eq!(candidates(&spec), wanted, "{spec}");
        }
    }
}
