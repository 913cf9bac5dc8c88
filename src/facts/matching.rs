//! Whether a backup policy means a machine, where its targets are more than the union of what they
//! name: each part is asked of each machine, and answers yes, no, or that nobody knows.

use super::placement::Placements;
use super::targets::volume;
use super::truths::{all, any};
use crate::inventory::Inventory;
use crate::model::{
    Attr, BackupPolicy, Disk, Labels, List, Meta, Modelled, Ref, Resource, Selector, State,
    TargetMatch, Targets, VirtualMachine,
};

/// Whether the targets of a policy say more than [`super::targets`] finds by looking up, or in
/// which namespace their names are is not known.
pub(super) fn is_asked(policy: &Resource<BackupPolicy>) -> bool {
    let Some(targets) = policy.spec.targets.known() else {
        return false;
    };
    policy.meta.folder.is_some()
        || !matches!(
            targets.matching.state(),
            State::Absent | State::Known(TargetMatch::Any)
        )
        || !targets.excluded_namespaces.is_absent()
        || !targets.selectors.is_absent()
        || !targets.claims.is_absent()
        || !targets.claim_selectors.is_absent()
}

/// The machines of a scope that a policy means, and those of which nobody knows, ascending.
pub(super) fn machines(
    inventory: &Inventory,
    placements: &Placements,
    policy: &Resource<BackupPolicy>,
    all: &[u32],
) -> (Vec<u32>, Vec<u32>) {
    let mut meant = Vec::new();
    let mut perhaps = Vec::new();
    let Some(targets) = policy.spec.targets.known() else {
        return (meant, all.to_vec());
    };
    for index in all {
        let asked = Asked {
            placements,
            policy: &policy.meta,
            targets,
            machine: &inventory.machines[*index as usize],
        };
        match asked.is_meant() {
            Some(true) => meant.push(*index),
            Some(false) => {}
            None => perhaps.push(*index),
        }
    }
    (meant, perhaps)
}

struct Asked<'a> {
    placements: &'a Placements,
    policy: &'a Meta,
    targets: &'a Targets,
    machine: &'a Resource<VirtualMachine>,
}

impl Asked<'_> {
    fn is_meant(&self) -> Option<bool> {
        let targets = self.targets;
        let excluded = self.any(&targets.excluded_namespaces, |name| self.is_in(name));
        if excluded == Some(Some(true)) {
            return Some(false);
        }
        let placement = &self.placements.machines[self.machine.meta.index as usize];
        let parts = [
            self.any(&targets.virtual_machines, |machine| self.is_named(machine)),
            self.one(&targets.selector, |selector| self.carries(selector)),
            self.any(&targets.namespaces, |name| self.is_in(name)),
            self.one(&targets.cluster, |cluster| {
                same(&placement.cluster, cluster.target()?)
            }),
            self.one(&targets.host, |host| same(&placement.host, host.target()?)),
            self.one(&targets.storage, |storage| {
                self.some_disk(|disk| match volume(disk) {
                    State::Known(volume) => Some(volume == **storage),
                    State::Absent => Some(false),
                    State::Unknown => None,
                })
            }),
            self.any(&targets.selectors, |selector| self.carries(selector)),
            self.any(&targets.claims, |claim| {
                all([
                    self.is_beside(),
                    self.some_disk(|disk| match disk.claim.state() {
                        State::Known(own) => Some(own == claim),
                        State::Absent => Some(false),
                        State::Unknown => None,
                    }),
                ])
            }),
            self.any(&targets.claim_selectors, |selector| {
                self.some_disk(|disk| match disk.claim_labels.state() {
                    State::Known(labels) => selects(selector, labels, false),
                    State::Absent if disk.claim.is_absent() => Some(false),
                    State::Absent | State::Unknown => None,
                })
            }),
        ];
        let answers = parts.into_iter().flatten();
        let meant = match targets.matching.state() {
            State::Known(TargetMatch::All) => all(answers),
            State::Absent | State::Known(TargetMatch::Any) => any(answers),
            State::Unknown => None,
        };
        match excluded {
            Some(None) => all([meant, None]),
            _ => meant,
        }
    }

    /// What a part says of the machine; none where it is not there.
    fn one<T: Modelled>(
        &self,
        part: &Attr<T>,
        ask: impl Fn(&T) -> Option<bool>,
    ) -> Option<Option<bool>> {
        match part.state() {
            State::Absent => None,
            State::Unknown => Some(None),
            State::Known(part) => Some(ask(part)),
        }
    }

    /// The same of a list, of which one element has to mean it.
    fn any<T: Modelled>(
        &self,
        part: &Attr<List<T>>,
        ask: impl Fn(&T) -> Option<bool>,
    ) -> Option<Option<bool>> {
        self.one(part, |items| {
            let answers = items.iter().map(|item| ask(item.known()?));
            any(answers)
        })
    }

    /// Whether a name is that of the machine; nobody knows where their namespaces may be one.
    fn is_named(&self, name: &Ref<VirtualMachine>) -> Option<bool> {
        match name.target() {
            Some(target) => Some(target == self.machine.meta.index),
            None if *name.reference.written == *self.machine.meta.name => {
                all([self.is_beside(), None])
            }
            None => Some(false),
        }
    }

    fn is_in(&self, namespace: &str) -> Option<bool> {
        let meta = &self.machine.meta;
        let known = meta.knows_namespace();
        known.then(|| *meta.namespace == *namespace)
    }

    /// Whether the machine is in the namespace of the policy.
    fn is_beside(&self) -> Option<bool> {
        self.machine.meta.shares_namespace(self.policy)
    }

    fn carries(&self, selector: &Selector) -> Option<bool> {
        let meta = &self.machine.meta;
        selects(selector, &meta.labels, meta.labels_open)
    }

    fn some_disk(&self, ask: impl Fn(&Disk) -> Option<bool>) -> Option<bool> {
        match self.machine.meta.said(&self.machine.spec.disks) {
            State::Absent => Some(false),
            State::Unknown => None,
            State::Known(disks) => {
                let answers = disks.iter().map(|item| ask(item.known()?));
                any(answers)
            }
        }
    }
}

/// Whether a selector selects what carries some labels, of which there may be more.
fn selects(selector: &Selector, labels: &Labels, more: bool) -> Option<bool> {
    if !selector.may_select(labels, more) {
        return Some(false);
    }
    (selector.is_known() && selector.may_select(labels, false)).then_some(true)
}

fn same(place: &State<u32>, wanted: u32) -> Option<bool> {
    match place {
        State::Known(place) => Some(*place == wanted),
        State::Absent => Some(false),
        State::Unknown => None,
    }
}
