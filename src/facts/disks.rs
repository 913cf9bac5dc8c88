//! Disks of backups: which have change tracking, and which several machines share.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use arcstr::ArcStr;

use super::targets::undecorated;
use super::{Facts, fact_record};
use crate::model::{Disk, DiskFormat, Item, PlatformVersion, Resource, State, VirtualMachine};

/// How many of the machines that share a disk are told.
const TOLD: usize = 50;

/// A disk of a machine, and who else has one of the same path.
pub(super) struct DiskSharing {
    pub(super) machine: u32,
    /// Its number in the machine's `disks`.
    disk: u32,
    pub(super) shared: Option<bool>,
    /// The disks of that path that other machines have, one of each; of many the first ones.
    pub(super) others: Box<[u32]>,
}

fact_record!(DiskSharing, &super::vocabulary::DISK_SHARING);

/// Where a machine with a disk is, as far as it tells whose file the path means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Site {
    host: Option<u32>,
    cluster: Option<u32>,
}

impl Site {
    /// The groups of machines that hold everyone who is not known to be apart from this site.
    fn reach(self) -> Vec<Group> {
        match (self.host, self.cluster) {
            (Some(host), Some(cluster)) => {
                vec![Group::Host(host), Group::Cluster(cluster), Group::Nowhere]
            }
            (Some(host), None) => vec![Group::Host(host), Group::NoHost],
            (None, Some(cluster)) => vec![Group::Cluster(cluster), Group::NoCluster],
            (None, None) => vec![Group::Everyone],
        }
    }

    /// The groups that a machine at this site is in.
    fn groups(self) -> impl Iterator<Item = Group> {
        let nowhere = self.host.is_none() && self.cluster.is_none();
        [
            Some(Group::Everyone),
            Some(self.host.map_or(Group::NoHost, Group::Host)),
            Some(self.cluster.map_or(Group::NoCluster, Group::Cluster)),
            nowhere.then_some(Group::Nowhere),
        ]
        .into_iter()
        .flatten()
    }
}

/// Machines by what is known of where they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Group {
    Everyone,
    Host(u32),
    Cluster(u32),
    NoHost,
    NoCluster,
    /// Neither the host nor the cluster is known.
    Nowhere,
}

/// The machines that have a disk of one path.
#[derive(Default)]
struct Users {
    /// The only one, as mostly, with the number of that disk among all.
    only: Option<(u32, u32, Site)>,
    /// All where there are several, by group, each once and ascending.
    groups: HashMap<Group, Vec<(u32, u32)>>,
}

/// The disks of one path, each with where it is, and the machines that have them.
#[derive(Default)]
struct OnPath {
    users: Users,
    disks: Vec<(u32, Site)>,
}

pub(super) fn sharings(facts: &Facts) -> Vec<DiskSharing> {
    let machines = || (0..).zip(&facts.inventory.machines);
    // Scopes in which the path of some disk is unknown, which may be any.
    let mut unclear: HashMap<u32, usize> = HashMap::new();
    let mut count = 0;
    for (_, placed) in machines() {
        count += placed.spec.disks.known().map_or(0, |disks| disks.len());
        if placed.spec.disks.is_unknown() || has_unknown_path(placed) {
            *unclear.entry(placed.meta.scope).or_default() += 1;
        }
    }
    let mut sharings = Vec::with_capacity(count);
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    // Each disk of a known path, behind a number that disks of one path have in common.
    let mut alike: Vec<(u64, u32)> = Vec::with_capacity(count);
    for (machine, placed) in machines() {
        let scope = placed.meta.scope;
        let unclear = unclear.get(&scope).copied().unwrap_or(0);
        let is_clear = unclear == usize::from(has_unknown_path(placed));
        let disks = placed.spec.disks.known().into_iter().flatten();
        for (disk, item) in (0..).zip(disks) {
            let shared = match path(item) {
                Some(State::Known(path)) => {
                    let hash = hasher.hash_one((scope, spelled(path)));
                    alike.push((hash, sharings.len() as u32));
                    is_clear.then_some(false)
                }
                Some(State::Absent) => Some(false),
                Some(State::Unknown) | None => None,
            };
            sharings.push(DiskSharing {
                machine,
                disk,
                shared,
                others: Box::default(),
            });
        }
    }
    alike.sort_unstable();
    for alike in alike.chunk_by(|(one, _), (other, _)| one == other) {
        if alike.len() > 1 {
            facts.share(&mut sharings, alike.iter().map(|(_, disk)| *disk));
        }
    }
    sharings
}

/// Whether nobody knows the path of one of the disks that are known.
fn has_unknown_path(machine: &Resource<VirtualMachine>) -> bool {
    let mut disks = machine.spec.disks.known().into_iter().flatten();
    disks.any(|item| path(item).is_none_or(|path| path == State::Unknown))
}

fn path(item: &Item<Disk>) -> Option<State<&ArcStr>> {
    item.known().map(|disk| disk.path.state())
}

/// A path as it is compared: those of Windows without regard to case and to the kind of slash.
fn spelled(path: &str) -> String {
    let bare = undecorated(path);
    let bytes = bare.as_bytes();
    let drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    match drive || is_share(&bare) {
        true if bare.is_ascii() => bare.to_ascii_lowercase(),
        true => bare.to_lowercase(),
        false => path.to_owned(),
    }
}

fn is_share(path: &str) -> bool {
    path.starts_with(r"\\") || path.starts_with("//")
}

/// Whether a path, as it is compared, leads through `C:\ClusterStorage`, where the volumes of a
/// cluster are on each of its hosts.
fn is_on_cluster_volume(path: &str) -> bool {
    path.get(1..)
        .is_some_and(|rest| rest.starts_with(r":\clusterstorage\"))
}

impl Users {
    fn add(&mut self, machine: u32, disk: u32, site: Site) {
        match self.only {
            None if self.groups.is_empty() => self.only = Some((machine, disk, site)),
            Some((only, ..)) if only == machine => {}
            _ => {
                if let Some((first, disk, site)) = self.only.take() {
                    self.put(first, disk, site);
                }
                self.put(machine, disk, site);
            }
        }
    }

    fn put(&mut self, machine: u32, disk: u32, site: Site) {
        for group in site.groups() {
            let machines = self.groups.entry(group).or_default();
            if machines.last().is_none_or(|(last, _)| *last != machine) {
                machines.push((machine, disk));
            }
        }
    }

    /// With which disks a machine at a site shares the path.
    fn others(&self, machine: u32, site: Site) -> Vec<u32> {
        let mut others = Vec::new();
        let reach = match self.only {
            Some(_) => Vec::new(),
            None => site.reach(),
        };
        for group in reach {
            let machines = self.groups.get(&group).into_iter().flatten();
            let without = machines.filter(|(other, _)| *other != machine);
            others.extend(without.map(|(_, disk)| *disk).take(TOLD));
        }
        others.sort_unstable();
        others.dedup();
        others.truncate(TOLD);
        others
    }
}

impl Facts {
    /// Notes which of some disks are shared, of which each has the path of another one, or hardly
    /// ever does not.
    fn share(&self, sharings: &mut [DiskSharing], disks: impl Iterator<Item = u32>) {
        let mut paths: BTreeMap<(u32, String), OnPath> = BTreeMap::new();
        for number in disks {
            let sharing = &sharings[number as usize];
            let machine = sharing.machine;
            let disk = self.disk(sharing);
            let Some(path) = disk.and_then(|disk| disk.path.known()) else {
                continue;
            };
            let path = spelled(path);
            let site = self.site(machine, &path);
            let scope = self.inventory.machines[machine as usize].meta.scope;
            let on_path = paths.entry((scope, path)).or_default();
            on_path.users.add(machine, number, site);
            on_path.disks.push((number, site));
        }
        for OnPath { users, disks } in paths.values() {
            for (number, site) in disks {
                let sharing = &mut sharings[*number as usize];
                let others = users.others(sharing.machine, *site);
                if !others.is_empty() {
                    sharing.shared = Some(true);
                    sharing.others = others.into();
                }
            }
        }
    }

    /// The disk that a sharing is about.
    pub(super) fn disk(&self, sharing: &DiskSharing) -> Option<&Disk> {
        let machine = &self.inventory.machines[sharing.machine as usize];
        let disks = machine.spec.disks.known()?;
        disks.get(sharing.disk as usize)?.known()
    }

    /// What of the place of a machine tells its file from another one of the same path: nothing
    /// where the path is one of a share, its cluster where it is one of a cluster volume, else the
    /// host, too. Hosts of one cluster count as one place.
    fn site(&self, machine: u32, path: &str) -> Site {
        let placement = &self.placements.machines[machine as usize];
        let share = is_share(path);
        let known = |place: &State<u32>| place.known().copied().filter(|_| !share);
        Site {
            host: known(&placement.host).filter(|_| !is_on_cluster_volume(path)),
            cluster: known(&placement.cluster),
        }
    }
}

impl Facts {
    /// The targets of a policy that have no resilient change tracking for no other reason than
    /// their host, which is older than Windows Server 2016; of many the first ones.
    pub(super) fn untracked_by_host(&self, policy: u32) -> Vec<u32> {
        let targets = self.targets[policy as usize].machines.iter().copied();
        let only_by_host = |machine: &u32| {
            let spec = &self.inventory.machines[*machine as usize].spec;
            self.is_on_old_host(*machine)
                && untracked(spec).known().is_none()
                && untracked_version(spec).known().is_none()
        };
        targets.filter(only_by_host).take(TOLD).collect()
    }

    /// Whether the hosts of all targets of a policy make production checkpoints and track changes,
    /// which came with Windows Server 2016 (Microsoft, "Hyper-V backup approaches").
    pub(super) fn hosts_track_changes(&self, policy: u32) -> Option<bool> {
        let targets = &self.targets[policy as usize];
        let mut all_known = !targets.open && !targets.machines.is_empty();
        for machine in &targets.machines {
            if self.is_on_old_host(*machine) {
                return Some(false);
            }
            let host = self.placements.machines[*machine as usize].host.known();
            all_known &= host.is_some_and(|host| {
                let host = &self.placements.hosts[*host as usize];
                host.version.known().is_some()
            });
        }
        all_known.then_some(true)
    }

    /// The targets of a policy whose VSS integration service is off; of many the first ones.
    pub(super) fn targets_without_vss(&self, policy: u32) -> Vec<u32> {
        let targets = self.targets[policy as usize].machines.iter().copied();
        let is_off = |machine: &u32| {
            let spec = &self.inventory.machines[*machine as usize].spec;
            let services = spec.integration_services.known();
            services.is_some_and(|services| services.vss.known() == Some(&false))
        };
        targets.filter(is_off).take(TOLD).collect()
    }

    fn is_on_old_host(&self, machine: u32) -> bool {
        let host = self.placements.machines[machine as usize].host.known();
        host.is_some_and(|host| {
            let version = self.placements.hosts[*host as usize].version.known();
            version.is_some_and(|version| *version < PlatformVersion::V2016)
        })
    }
}

/// The configuration version of a machine that is too old for resilient change tracking, which
/// came with 6.2 (Microsoft, "Hyper-V backup approaches").
pub(super) fn untracked_version(machine: &VirtualMachine) -> State<&str> {
    match machine.configuration_version.state() {
        State::Known(version) if is_below(&version.0, (6, 2)) => State::Known(&version.0),
        State::Known(_) => State::Absent,
        State::Absent | State::Unknown => State::Unknown,
    }
}

/// Whether a version such as `9.0` is below another one, number by number.
fn is_below(version: &str, limit: (u64, u64)) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < limit
}

/// The first disk of a machine that resilient change tracking cannot follow: a VHD file or a
/// physical disk; unknown where one may be (Microsoft, "Hyper-V backup approaches").
pub(super) fn untracked(machine: &VirtualMachine) -> State<&Disk> {
    let disks = match machine.disks.state() {
        State::Known(disks) => disks,
        _ => return State::Unknown,
    };
    let format = |item: &Item<Disk>| item.known()?.format.known().copied();
    let bad = |item: &&Item<Disk>| {
        matches!(
            format(item),
            Some(DiskFormat::Vhd | DiskFormat::PassThrough)
        )
    };
    match disks.iter().find(bad).and_then(|item| item.known()) {
        Some(disk) => State::Known(disk),
        None if disks.iter().all(|item| format(item).is_some()) => State::Absent,
        None => State::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_of_windows_have_no_case_and_one_kind_of_slash() {
        assert_eq!(
            spelled(r"C:\ClusterStorage\CSV01\Shared.vhdx"),
            spelled("c:/clusterstorage/csv01/shared.VHDX")
        );
        assert_eq!(
            spelled(r"\\Files\vms\a.vhdx"),
            spelled("//files/VMS/a.vhdx")
        );
        assert_eq!(spelled(r"\\?\C:\a.vhdx"), spelled(r"c:\a.vhdx"));
        assert_eq!(spelled(r"\\?\UNC\files\a.vhdx"), spelled(r"\\files\a.vhdx"));
        assert_ne!(spelled("/var/lib/a.img"), spelled("/var/lib/A.img"));
        assert_eq!(spelled(""), "");
    }

    #[test]
    fn versions_are_compared_number_by_number() {
        for old in ["5.0", "6.1", "6", "5.10"] {
            assert!(is_below(old, (6, 2)), "{old}");
        }
        for new in ["6.2", "6.10", "7.0", "10.0", "254.0"] {
            assert!(!is_below(new, (6, 2)), "{new}");
        }
    }

    fn site() -> impl Strategy<Value = Site> {
        let number = || prop::option::of(0..3_u32);
        (number(), number()).prop_map(|(host, cluster)| Site { host, cluster })
    }

    /// Known to be in different clusters, or on different hosts that share none.
    fn apart(one: Site, other: Site) -> bool {
        let known_and = |a: Option<u32>, b: Option<u32>, equal| {
            a.zip(b).is_some_and(|(a, b)| (a == b) == equal)
        };
        let hosts_known = one.host.is_some() && other.host.is_some();
        if hosts_known {
            known_and(one.host, other.host, false) && !known_and(one.cluster, other.cluster, true)
        } else {
            known_and(one.cluster, other.cluster, false)
        }
    }

    proptest! {
        #[test]
        fn the_groups_agree_with_comparing_every_pair(
            sites in prop::collection::vec(site(), 0..7),
        ) {
            let mut users = Users::default();
            for (machine, site) in (0..).zip(&sites) {
                users.add(machine, machine, *site);
            }
            for (machine, site) in (0..).zip(&sites) {
                let others = (0..).zip(&sites).filter(|(other, _)| *other != machine);
                let sharing = others.filter(|(_, there)| !apart(*site, **there));
                let sharing: Vec<u32> = sharing.map(|(other, _)| other).collect();
                prop_assert_eq!(users.others(machine, *site), sharing);
            }
        }
    }
}
