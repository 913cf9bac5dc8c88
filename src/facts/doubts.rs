//! Of which backup policies nobody knows whether they back up a machine.
//!
//! A machine may be meant by what is unknown of it, such as a host that is filled in later, and a
//! policy may mean anyone by a target that is. Both are noted by criterion, so that neither costs
//! more than its own length.

use std::collections::{HashMap, HashSet};

use super::Facts;
use super::placement::Placements;
use super::targets::volume;
use crate::inventory::Inventory;
use crate::model::State;

/// What a policy can go by.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Criterion {
    /// A name that no machine is known to have.
    Name,
    Label,
    Namespace,
    Cluster,
    Host,
    Storage,
    /// Something that is unknown in the policy.
    Anything,
}

const CRITERIA: [Criterion; 7] = [
    Criterion::Name,
    Criterion::Label,
    Criterion::Namespace,
    Criterion::Cluster,
    Criterion::Host,
    Criterion::Storage,
    Criterion::Anything,
];

/// A set of criteria, a bit for each.
#[derive(Clone, Copy, Default)]
struct Criteria(u8);

impl Criteria {
    fn add(&mut self, criterion: Criterion) {
        self.0 |= 1 << criterion as u8;
    }

    fn iter(self) -> impl Iterator<Item = Criterion> {
        let is_in = move |criterion: &Criterion| self.0 >> *criterion as u8 & 1 == 1;
        CRITERIA.into_iter().filter(is_in)
    }
}

/// What is unknown of machines, and the policies that go by it.
#[derive(Default)]
pub(super) struct Doubts {
    /// For each machine the criteria that it may meet, though it is not known to.
    machines: Vec<Criteria>,
    /// The criteria that some machine of a scope may meet.
    doubtful: HashSet<(u32, Criterion)>,
    /// The policies of a scope that go by a criterion.
    policies: HashMap<(u32, Criterion), Vec<u32>>,
    /// For a machine the policies that may select it by a label whose value is unknown.
    selecting: HashMap<u32, Vec<u32>>,
}

impl Doubts {
    /// What is unknown of machines.
    pub(super) fn of(inventory: &Inventory, placements: &Placements) -> Self {
        let mut doubts = Doubts::default();
        doubts.machines.reserve_exact(inventory.machines.len());
        for (machine, placement) in inventory.machines.iter().zip(&placements.machines) {
            let meta = &machine.meta;
            let namespace = !meta.knows_namespace();
            let volume_unknown = match machine.spec.disks.state() {
                State::Absent => false,
                State::Unknown => true,
                State::Known(disks) => disks
                    .iter()
                    .map(|item| item.known().map(volume))
                    .any(|volume| volume.is_none_or(|volume| volume == State::Unknown)),
            };
            let may = |criterion| match criterion {
                Criterion::Name => !meta.named || namespace,
                Criterion::Label => meta.labels_open,
                Criterion::Namespace => namespace,
                Criterion::Cluster => placement.cluster == State::Unknown,
                Criterion::Host => placement.host == State::Unknown,
                Criterion::Storage => volume_unknown,
                Criterion::Anything => true,
            };
            let mut criteria = Criteria::default();
            for criterion in CRITERIA.into_iter().filter(|criterion| may(*criterion)) {
                doubts.doubtful.insert((meta.scope, criterion));
                criteria.add(criterion);
            }
            doubts.machines.push(criteria);
        }
        doubts
    }

    /// Notes that a policy goes by a criterion; says whether it may mean machines by it that are
    /// not known to meet it.
    pub(super) fn note(&mut self, scope: u32, policy: u32, criterion: Criterion) -> bool {
        let policies = self.policies.entry((scope, criterion)).or_default();
        if policies.last() != Some(&policy) {
            policies.push(policy);
        }
        self.doubtful.contains(&(scope, criterion)) || criterion == Criterion::Anything
    }

    /// Notes that a policy may select each of some machines, as far as their labels are known.
    pub(super) fn note_each(&mut self, policy: u32, machines: &[u32]) {
        for machine in machines {
            self.selecting.entry(*machine).or_default().push(policy);
        }
    }
}

impl Facts {
    /// The policies that are not over and may back a machine up, though nobody knows.
    pub(super) fn unclear_policies(&self, machine: u32) -> impl Iterator<Item = u32> {
        let scope = self.inventory.machines[machine as usize].meta.scope;
        let known = &self.policies_of[machine as usize];
        let may = self.doubts.machines[machine as usize];
        let by_criteria = may.iter().flat_map(move |criterion| {
            let policies = self.doubts.policies.get(&(scope, criterion));
            let may_select = move |policy: &&u32| {
                criterion != Criterion::Label || self.may_be_selected(machine, **policy)
            };
            policies.into_iter().flatten().filter(may_select)
        });
        let selecting = self.doubts.selecting.get(&machine).into_iter().flatten();
        by_criteria.chain(selecting).copied().filter(move |policy| {
            let timing = self.calendar.policies[*policy as usize];
            !self.calendar.is_past(timing) && known.binary_search(policy).is_err()
        })
    }

    /// Whether no label of a machine contradicts the selector of a policy.
    fn may_be_selected(&self, machine: u32, policy: u32) -> bool {
        let meta = &self.inventory.machines[machine as usize].meta;
        let spec = &self.inventory.policies[policy as usize].spec;
        let selector = spec.targets.known().and_then(|it| it.selector.known());
        selector.is_some_and(|selector| selector.may_select(&meta.labels, meta.labels_open))
    }
}
