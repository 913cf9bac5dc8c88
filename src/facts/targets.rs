//! Which machines a backup policy backs up.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;

use super::doubts::{Criterion, Doubts};
use super::placement::Placements;
use super::{Facts, fact_record, matching};
use crate::inventory::{Inventory, World};
use crate::model::{
    BackupPolicy, Disk, Meta, Resource, Selector, Standing, State, Targets, VirtualMachine,
};

/// The machines of a policy.
#[derive(Default)]
pub(super) struct TargetSet {
    /// Their numbers, ascending.
    pub(super) machines: Box<[u32]>,
    /// Whether there may be more that nobody knows.
    pub(super) open: bool,
}

/// The first two machines of `KubeVirt` in a scope that a policy backs up, and the first two of which
/// nobody knows.
#[derive(Default)]
pub(super) struct BackedUp {
    certain: Vec<u32>,
    perhaps: Vec<u32>,
}

/// The same of every scope.
pub(super) fn backed_up_on_kubevirt(facts: &Facts) -> HashMap<u32, BackedUp> {
    let mut scopes: HashMap<u32, BackedUp> = HashMap::new();
    for machine in &facts.inventory.machines {
        let Meta { scope, index, .. } = machine.meta;
        if !machine.meta.is_of_kubernetes() {
            continue;
        }
        let known = scopes.entry(scope).or_default();
        let list = if facts.covering_policies(index).next().is_some() {
            &mut known.certain
        } else if known.perhaps.len() < 2 && facts.unclear_policies(index).next().is_some() {
            &mut known.perhaps
        } else {
            continue;
        };
        if list.len() < 2 {
            list.push(index);
        }
    }
    scopes
}

/// A machine and a policy that backs it up.
pub(super) struct BackupTarget {
    pub(super) policy: u32,
    pub(super) machine: u32,
}

fact_record!(BackupTarget, &super::vocabulary::BACKUP_TARGET);

/// The numbers of machines by what is said of them, ascending.
type Listed<K> = HashMap<K, Vec<u32>>;

/// Machines by what a policy can say about them; the scope is part of every key. Lists are made when
/// a policy first asks for them.
struct Directory<'i> {
    inventory: &'i Inventory,
    by_label: OnceCell<Listed<(u32, &'i str, &'i str)>>,
    by_key: OnceCell<Listed<(u32, &'i str)>>,
    by_namespace: OnceCell<Listed<(u32, &'i str)>>,
    by_storage: OnceCell<Listed<(u32, String)>>,
    all: OnceCell<Listed<u32>>,
}

/// The machines of each policy; what may be among them as well is noted in `doubts`.
pub(super) fn derive<'i>(
    inventory: &'i Inventory,
    placements: &Placements,
    doubts: &mut Doubts,
) -> Vec<TargetSet> {
    let directory = Directory::of(inventory);
    let mut targets = |policy: &'i Resource<BackupPolicy>| match policy.meta.standing {
        Standing::Apart => TargetSet::default(),
        _ if matching::is_asked(policy) => {
            let all = directory.all(policy.meta.scope);
            let (machines, perhaps) = matching::machines(inventory, placements, policy, all);
            doubts.note_each(policy.meta.index, &perhaps);
            TargetSet {
                machines: machines.into(),
                open: !perhaps.is_empty(),
            }
        }
        _ => directory.targets(policy, placements, doubts),
    };
    inventory
        .policies
        .iter()
        .map(|policy| targets(policy))
        .collect()
}

impl<'i> Directory<'i> {
    fn of(inventory: &'i Inventory) -> Self {
        Directory {
            inventory,
            by_label: OnceCell::new(),
            by_key: OnceCell::new(),
            by_namespace: OnceCell::new(),
            by_storage: OnceCell::new(),
            all: OnceCell::new(),
        }
    }

    /// The machines that are related to others, by what `keys` tells of each.
    fn list<K: Eq + Hash, I: IntoIterator<Item = K>>(
        &self,
        keys: impl Fn(&'i Resource<VirtualMachine>) -> I,
    ) -> Listed<K> {
        let mut listed: Listed<K> = HashMap::new();
        let machines = self.inventory.machines.iter();
        for machine in machines.filter(|machine| machine.meta.is_related()) {
            for key in keys(machine) {
                let list = listed.entry(key).or_default();
                if list.last() != Some(&machine.meta.index) {
                    list.push(machine.meta.index);
                }
            }
        }
        listed
    }

    fn all(&self, scope: u32) -> &[u32] {
        let list = || self.list(|machine| [machine.meta.scope]);
        let all = self.all.get_or_init(list);
        all.get(&scope).map_or(&[], Vec::as_slice)
    }

    fn by_label(&self, scope: u32, key: &'i str, value: &'i str) -> &[u32] {
        let list = || {
            self.list(|machine| {
                let labels = machine.meta.labels.iter();
                labels.map(|(key, value)| (machine.meta.scope, key, value))
            })
        };
        let listed = self.by_label.get_or_init(list).get(&(scope, key, value));
        listed.map_or(&[], Vec::as_slice)
    }

    fn by_key(&self, scope: u32, key: &'i str) -> &[u32] {
        let list = || {
            self.list(|machine| {
                let labels = machine.meta.labels.iter();
                labels.map(|(key, _)| (machine.meta.scope, key))
            })
        };
        let listed = self.by_key.get_or_init(list).get(&(scope, key));
        listed.map_or(&[], Vec::as_slice)
    }

    fn by_namespace(&self, scope: u32, namespace: &'i str) -> &[u32] {
        let list = || self.list(|machine| [(machine.meta.scope, &*machine.meta.namespace)]);
        let listed = self.by_namespace.get_or_init(list);
        listed.get(&(scope, namespace)).map_or(&[], Vec::as_slice)
    }

    fn by_storage(&self, scope: u32, storage: &str) -> &[u32] {
        let list = || {
            self.list(|machine| {
                let disks = machine.spec.disks.known().into_iter().flatten();
                let volumes = disks.filter_map(|disk| volume(disk.known()?).known().cloned());
                volumes.map(|volume| (machine.meta.scope, volume))
            })
        };
        let listed = self.by_storage.get_or_init(list);
        listed
            .get(&(scope, storage.to_owned()))
            .map_or(&[], Vec::as_slice)
    }

    fn targets(
        &self,
        policy: &'i Resource<BackupPolicy>,
        placements: &Placements,
        doubts: &mut Doubts,
    ) -> TargetSet {
        let Meta { scope, index, .. } = policy.meta;
        let mut open = false;
        let mut may_mean = |criterion, open: &mut bool| {
            *open |= doubts.note(scope, index, criterion);
        };
        let targets: &Targets = match policy.spec.targets.state() {
            State::Known(targets) => targets,
            // A policy has to say whom it means; where it does not, nobody knows.
            State::Absent | State::Unknown => {
                may_mean(Criterion::Anything, &mut open);
                return TargetSet {
                    machines: Box::default(),
                    open,
                };
            }
        };
        let mut machines = BTreeSet::new();
        let mut unknown = false;
        // Where not everything is read, what a name leads to may be declared elsewhere.
        let is_elsewhere =
            |target: Option<u32>| self.inventory.world == World::Open && target.is_none();
        let named = targets.virtual_machines.said(&mut unknown);
        for item in named.into_iter().flatten() {
            if let Some(machine) = item.said(&mut unknown) {
                let target = machine.target();
                if target.is_none() {
                    may_mean(Criterion::Name, &mut open);
                }
                open |= is_elsewhere(target);
                machines.extend(target);
            }
        }
        let mut perhaps = Vec::new();
        if let Some(selector) = targets.selector.said(&mut unknown) {
            may_mean(Criterion::Label, &mut open);
            let selected = self.selected(scope, selector);
            if selector.is_known() {
                machines.extend(selected);
            } else {
                perhaps = selected;
            }
        }
        let namespaces = targets.namespaces.said(&mut unknown);
        for item in namespaces.into_iter().flatten() {
            if let Some(name) = item.said(&mut unknown) {
                may_mean(Criterion::Namespace, &mut open);
                machines.extend(self.by_namespace(scope, name));
            }
        }
        if let Some(cluster) = targets.cluster.said(&mut unknown) {
            may_mean(Criterion::Cluster, &mut open);
            open |= is_elsewhere(cluster.target());
            let members = cluster
                .target()
                .map(|index| &placements.clusters[index as usize]);
            machines.extend(members.into_iter().flat_map(|members| &members.machines));
        }
        if let Some(host) = targets.host.said(&mut unknown) {
            may_mean(Criterion::Host, &mut open);
            open |= is_elsewhere(host.target());
            let host = host.target().map(|index| &placements.hosts[index as usize]);
            machines.extend(host.into_iter().flat_map(|host| &host.machines));
        }
        if let Some(storage) = targets.storage.said(&mut unknown) {
            may_mean(Criterion::Storage, &mut open);
            machines.extend(self.by_storage(scope, storage));
        }
        if unknown {
            may_mean(Criterion::Anything, &mut open);
        }
        perhaps.retain(|machine| !machines.contains(machine));
        open |= !perhaps.is_empty();
        doubts.note_each(index, &perhaps);
        TargetSet {
            machines: machines.into_iter().collect(),
            open,
        }
    }

    /// Machines that carry every one of the labels, or one of that key where the value is unknown.
    fn selected(&self, scope: u32, selector: &'i Selector) -> Vec<u32> {
        let labels = selector.labels.iter();
        let by_label = labels.map(|(key, value)| self.by_label(scope, key, value));
        let keys = selector.valueless.iter();
        let by_key = keys.map(|key| self.by_key(scope, key));
        let mut lists: Vec<&[u32]> = by_label.chain(by_key).collect();
        lists.sort_by_key(|list| list.len());
        match lists.split_first() {
            None => self.all(scope).to_vec(),
            Some((shortest, rest)) => shortest
                .iter()
                .copied()
                .filter(|machine| rest.iter().all(|list| list.binary_search(machine).is_ok()))
                .collect(),
        }
    }
}

impl Facts {
    /// Whether a policy makes backups: one that is suspended makes none for now.
    pub(super) fn makes_backups(&self, policy: u32) -> Option<bool> {
        match self.inventory.policies[policy as usize]
            .spec
            .suspended
            .state()
        {
            State::Absent => Some(true),
            State::Known(suspended) => Some(!suspended),
            State::Unknown => None,
        }
    }

    /// The policies that say that they back a machine up and are not over, whether they are
    /// suspended or not.
    pub(super) fn covering_policies(&self, machine: u32) -> impl Iterator<Item = u32> {
        let calendar = &self.calendar;
        let current = |policy: &u32| !calendar.is_past(calendar.policies[*policy as usize]);
        let all = self.policies_of[machine as usize].iter().copied();
        all.filter(current)
    }

    /// Whether a policy backs up a machine that is declared.
    pub(super) fn has_target(&self, policy: u32) -> Option<bool> {
        let targets = &self.targets[policy as usize];
        match targets.machines.is_empty() {
            false => Some(true),
            true => (!targets.open).then_some(false),
        }
    }

    /// Whether some policy backs up another machine of `KubeVirt` in the scope of a machine.
    pub(super) fn backs_up_others(&self, machine: u32) -> Option<bool> {
        let scope = self.inventory.machines[machine as usize].meta.scope;
        let Some(backed_up) = self.backed_up_on_kubevirt().get(&scope) else {
            return Some(false);
        };
        let other = |machines: &[u32]| machines.iter().any(|other| *other != machine);
        match (other(&backed_up.certain), other(&backed_up.perhaps)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        }
    }
}

/// Every target of every policy that is not over, by policy.
pub(super) fn of_current_policies(facts: &Facts) -> Vec<BackupTarget> {
    let current = (0..).zip(&facts.targets).filter(|(policy, _)| {
        let timing = facts.calendar.policies[*policy as usize];
        !facts.calendar.is_past(timing)
    });
    current
        .flat_map(|(policy, targets)| {
            let machines = targets.machines.iter().copied();
            machines.map(move |machine| BackupTarget { policy, machine })
        })
        .collect()
}

/// The volume a disk is on: as written, else `C:\ClusterStorage\<volume>\…` or `\\server\share`
/// of its path.
pub(super) fn volume(disk: &Disk) -> State<String> {
    match (disk.storage.state(), disk.path.state()) {
        (State::Known(storage), _) => State::Known(storage.to_string()),
        (State::Unknown, _) | (State::Absent, State::Unknown) => State::Unknown,
        (State::Absent, State::Absent) => State::Absent,
        (State::Absent, State::Known(path)) => {
            volume_of_path(path).map_or(State::Absent, State::Known)
        }
    }
}

fn volume_of_path(path: &str) -> Option<String> {
    let path = undecorated(path);
    if let Some(unc) = path.strip_prefix(r"\\") {
        let mut parts = unc.split('\\').filter(|part| !part.is_empty());
        return Some(format!(r"\\{}\{}", parts.next()?, parts.next()?));
    }
    let (drive, rest) = path.split_once(r":\")?;
    let (folder, rest) = rest.split_once('\\')?;
    let cluster_storage = drive.len() == 1 && folder.eq_ignore_ascii_case("ClusterStorage");
    let volume = rest
        .split('\\')
        .next()
        .filter(|volume| !volume.is_empty())?;
    cluster_storage.then(|| volume.to_owned())
}

/// A path with backslashes, without the prefix by which Windows takes it as it stands:
/// `\\?\C:\…`, `\\.\C:\…`, and for shares `\\?\UNC\server\share\…` (Microsoft, "Naming files,
/// paths, and namespaces").
pub(super) fn undecorated(path: &str) -> Cow<'_, str> {
    let path = match path.contains('/') {
        true => Cow::Owned(path.replace('/', "\\")),
        false => Cow::Borrowed(path),
    };
    let bare = [r"\\?\", r"\\.\"]
        .iter()
        .find_map(|prefix| path.strip_prefix(prefix));
    let Some(bare) = bare else {
        return path;
    };
    match bare.split_at_checked(4) {
        Some((unc, share)) if unc.eq_ignore_ascii_case(r"UNC\") => format!(r"\\{share}").into(),
        _ => Cow::Owned(bare.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::volume_of_path;

    #[test]
    fn a_volume_is_read_from_the_path() {
        let volume = |path| volume_of_path(path);
        assert_eq!(
            volume(r"C:\ClusterStorage\csv01\sql01.vhdx").as_deref(),
            Some("csv01")
        );
        assert_eq!(
            volume(r"c:\clusterstorage\csv01\a\b.vhdx").as_deref(),
            Some("csv01")
        );
        assert_eq!(
            volume(r"\\files\vms\a.vhdx").as_deref(),
            Some(r"\\files\vms")
        );
        for local in [
            r"\\?\C:\ClusterStorage\csv09\a.vhdx",
            r"\\.\C:\ClusterStorage\csv09\a.vhdx",
        ] {
            assert_eq!(volume(local).as_deref(), Some("csv09"));
        }
        for share in [r"\\?\UNC\files\vms\a.vhdx", r"\\.\unc\files\vms\a.vhdx"] {
            assert_eq!(volume(share).as_deref(), Some(r"\\files\vms"));
        }
        assert_eq!(volume(r"\\?\D:\a.vhdx"), None);
        assert_eq!(volume(r"D:\vms\a.vhdx"), None);
        assert_eq!(volume(r"C:\ClusterStorage"), None);
        assert_eq!(volume(r"C:\ClusterStorage\"), None);
    }
}
