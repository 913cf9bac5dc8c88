//! Hosts by their labels: which of them a machine that asks for some may run on, without a look at
//! all others.

use std::collections::HashMap;

use super::nodes::HOSTNAME;
use crate::inventory::Inventory;
use crate::model::{MachinePlacement, NodeRequirement, NodeTerm, Resource, State, VirtualMachine};

/// Hosts by their labels. Numbers are ascending.
pub(super) struct Directory<'i> {
    by_label: HashMap<(&'i str, &'i str), Vec<u32>>,
    by_key: HashMap<&'i str, Vec<u32>>,
    /// Those that may have more labels than are known.
    open: Vec<u32>,
}

impl<'i> Directory<'i> {
    pub(super) fn of(inventory: &'i Inventory) -> Self {
        let mut directory = Directory {
            by_label: HashMap::new(),
            by_key: HashMap::new(),
            open: Vec::new(),
        };
        for host in &inventory.hosts {
            let meta = &host.meta;
            for (key, value) in meta.labels.iter() {
                directory.add(key, value, meta.index);
            }
            if meta.labels.get(HOSTNAME).is_none() {
                directory.add(HOSTNAME, &meta.name, meta.index);
            }
            if meta.labels_open {
                directory.open.push(meta.index);
            }
        }
        directory
    }

    fn add(&mut self, key: &'i str, value: &'i str, host: u32) {
        self.by_label.entry((key, value)).or_default().push(host);
        let of_key = self.by_key.entry(key).or_default();
        if of_key.last() != Some(&host) {
            of_key.push(host);
        }
    }

    /// Those of some hosts, which come in ascending order, that have some of the labels that a
    /// machine asks for, or may have them: all others it does not fit on. None where that may be
    /// most of them.
    pub(super) fn candidates(
        &self,
        machine: &Resource<VirtualMachine>,
        hosts: &[u32],
    ) -> Option<Vec<u32>> {
        let placement = machine.spec.placement.known()?;
        let labelled = self.labelled(placement)?;
        if labelled.iter().map(|hosts| hosts.len()).sum::<usize>() + self.open.len() >= hosts.len()
        {
            return None;
        }
        let all = labelled.into_iter().flatten().chain(&self.open);
        let is_one = |host: &&u32| hosts.binary_search(host).is_ok();
        let mut candidates: Vec<u32> = all.filter(is_one).copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        Some(candidates)
    }

    /// Lists of hosts, one of which has a host on it on which a machine fits for certain; none where
    /// it asks for nothing of which that can be told.
    fn labelled<'a>(&'a self, placement: &'a MachinePlacement) -> Option<Vec<&'a [u32]>> {
        let hostname = placement.hostname.known();
        let hostname = hostname.map(|name| vec![self.with(HOSTNAME, name)]);
        let selector = placement.node_selector.known();
        let pairs = selector.into_iter().flat_map(|selector| selector.iter());
        let selected = pairs.map(|(key, value)| vec![self.with(key, value)]);
        let wanted = match placement.required_node_affinity.state() {
            State::Known(terms) => terms
                .iter()
                .map(|term| self.of_term(term.known()?))
                .collect::<Option<Vec<_>>>()
                .map(|terms| terms.concat()),
            State::Absent | State::Unknown => None,
        };
        let all = selected.chain(hostname).chain(wanted);
        all.min_by_key(|lists| lists.iter().map(|hosts| hosts.len()).sum::<usize>())
    }

    fn with<'a>(&'a self, key: &'a str, value: &'a str) -> &'a [u32] {
        self.by_label.get(&(key, value)).map_or(&[], Vec::as_slice)
    }

    /// The same for a term.
    fn of_term<'a>(&'a self, term: &'a NodeTerm) -> Option<Vec<&'a [u32]>> {
        let requirements = term.match_expressions.known()?.iter();
        let lists = requirements.filter_map(|it| self.of_requirement(it.known()?));
        lists.min_by_key(|lists| lists.iter().map(|hosts| hosts.len()).sum::<usize>())
    }

    /// The same for a requirement; none where hosts without its label meet it as well.
    fn of_requirement<'a>(&'a self, requirement: &'a NodeRequirement) -> Option<Vec<&'a [u32]>> {
        let key = &**requirement.key.known()?;
        match &**requirement.operator.known()? {
            "In" => {
                let values = requirement.values.known()?.iter();
                let lists = values.map(|value| Some(self.with(key, value.known()?)));
                lists.collect()
            }
            "Exists" | "Gt" | "Lt" => {
                let found = self.by_key.get(key);
                Some(vec![found.map_or(&[], Vec::as_slice)])
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::Directory;
    use crate::facts::mobility_tests::facts;
    use crate::facts::nodes::fitting_of_all;

    /// Labels of a node, and what a machine may ask for.
    const LABELS: [&str; 5] = [
        "",
        "zone: a",
        "zone: b",
        "zone: a, size: '3'",
        "zone: '{{ z }}'",
    ];
    const ASKED: [&str; 9] = [
        "nodeSelector: { zone: a }",
        "nodeSelector: { zone: a, kubernetes.io/hostname: n1 }",
        "nodeSelector: { kubernetes.io/hostname: n0 }",
        "{ key: zone, operator: In, values: [b, c] }",
        "{ key: zone, operator: In, values: ['{{ v }}'] }",
        "{ key: size, operator: Gt, values: ['2'] }",
        "{ key: zone, operator: Exists }",
        "{ key: zone, operator: NotIn, values: [a] }",
        "",
    ];

    fn spec(asked: &[usize]) -> String {
        let terms = asked
            .iter()
            .map(|it| ASKED[*it])
            .filter(|it| !it.starts_with("node"));
        let terms = terms.map(|it| format!("{{ matchExpressions: [{it}] }}"));
        let terms: Vec<String> = terms.collect();
        let selector = asked.iter().find(|it| ASKED[**it].starts_with("node"));
        let selector = selector.map_or(String::new(), |it| format!(", {}", ASKED[*it]));
        let affinity = match terms.is_empty() {
            true => String::new(),
            false => format!(
                ", affinity: {{ nodeAffinity: {{ requiredDuringSchedulingIgnoredDuringExecution: {{ \
                 nodeSelectorTerms: [{}] }} }} }}",
                terms.join(", ")
            ),
        };
        format!("{{ domain: {{ devices: {{}} }}{selector}{affinity} }}")
    }

    #[test]
    fn a_host_is_found_by_its_name_among_many() {
        let mut text = String::new();
        for number in 0..300 {
            let _ = writeln!(
                text,
                "---\napiVersion: v1\nkind: Node\nmetadata: {{ name: n{number}, labels: {{ zone: a }} }}"
            );
        }
        let _ = writeln!(
            text,
            "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{ name: vm }}\n\
             spec: {{ domain: {{ devices: {{}} }}, nodeSelector: {{ zone: a, kubernetes.io/hostname: n7 }} }}"
        );
        let facts = facts(&text);
        let hosts: Vec<u32> = (0..300).collect();
        let machine = &facts.inventory.machines[0];
        let found = Directory::of(&facts.inventory).candidates(machine, &hosts);
        assert_eq!(found, Some(vec![7]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn nobody_fits_on_a_host_that_is_no_candidate(
            nodes in prop::collection::vec((0..LABELS.len(), prop::bool::weighted(0.1)), 1..12),
            asked in prop::collection::vec(0..ASKED.len(), 0..3),
        ) {
            let mut text = String::new();
            for (number, (labels, unschedulable)) in nodes.iter().enumerate() {
                let labels = LABELS[*labels];
                let _ = writeln!(
                    text,
                    "---\napiVersion: v1\nkind: Node\nmetadata: {{ name: n{number}, labels: {{ {labels} }} }}\n\
                     spec: {{ unschedulable: {unschedulable} }}"
                );
            }
            let _ = writeln!(
                text,
                "---\napiVersion: kubevirt.io/v1\nkind: VirtualMachineInstance\nmetadata: {{ name: vm }}\n\
                 spec: {}",
                spec(&asked)
            );
            let facts = facts(&text);
            let (inventory, machine) = (&facts.inventory, &facts.inventory.machines[0]);
            let hosts: Vec<u32> = (0..).take(nodes.len()).collect();
            let candidates = Directory::of(inventory).candidates(machine, &hosts);
            let all = fitting_of_all(inventory, machine, &hosts);
            let some = candidates.map(|some| fitting_of_all(inventory, machine, &some));
            prop_assert_eq!(some.as_ref().unwrap_or(&all), &all);
        }
    }
}
