//! Disks of backups: which have change tracking, and which several machines share.

use std::collections::{BTreeMap, HashMap};

use super::targets::undecorated;
use super::{Facts, fact_record};
use crate::model::{Disk, DiskFormat, Item, PlatformVersion, State, VirtualMachine};

/// How many of the machines that share a disk are told.
const TOLD: usize = 50;

/// A disk of a machine, and who else has one of the same path.
pub(super) struct DiskSharing {
    pub(super) machine: u32,
    /// Its number in the machine's `disks`.
    disk: u32,
    pub(super) shared: Option<bool>,
    /// The disks of that path that other machines have, one of each; of many the first ones.
    pub(super) others: Vec<u32>,
}

fact_record!(DiskSharing, &super::vocabulary::DISK_SHARING);

/// Where a path means the same file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Site {
    /// A share of the network.
    Everywhere,
    /// The hosts of a cluster.
    Cluster(u32),
    /// A host in no cluster.
    Host(u32),
    /// Nobody says where the machine is.
    Unsaid,
    /// Where the machine is is not known.
    Unknown,
}

/// The machines that have a disk of one path, by site, each once and ascending, with the number
/// of that disk among all.
#[derive(Default)]
struct Users {
    at: BTreeMap<Site, Vec<(u32, u32)>>,
}

pub(super) fn sharings(facts: &Facts) -> Vec<DiskSharing> {
    let mut users: HashMap<(u32, String), Users> = HashMap::new();
    // Scopes in which the path of some disk is unknown, which may be any.
    let mut unclear: HashMap<u32, u32> = HashMap::new();
    let mut numbers = 0..;
    for (machine, placed) in (0..).zip(&facts.inventory.machines) {
        let scope = placed.meta.scope;
        let mut unknown = matches!(placed.spec.disks.state, State::Unknown);
        let disks = placed.spec.disks.known().into_iter().flatten();
        for (item, number) in disks.zip(&mut numbers) {
            match item.state.known().map(|disk| &disk.path.state) {
                Some(State::Known(path)) => {
                    let path = spelled(path);
                    let site = facts.site(machine, &path);
                    let users = users.entry((scope, path)).or_default();
                    let machines = users.at.entry(site).or_default();
                    if machines.last().is_none_or(|(last, _)| *last != machine) {
                        machines.push((machine, number));
                    }
                }
                Some(State::Absent) => {}
                Some(State::Unknown) | None => unknown = true,
            }
        }
        if unknown {
            *unclear.entry(scope).or_default() += 1;
        }
    }
    let mut sharings = Vec::new();
    for (machine, placed) in (0..).zip(&facts.inventory.machines) {
        let scope = placed.meta.scope;
        let own_unknown = placed.spec.disks.known().into_iter().flatten();
        let own_unknown = own_unknown
            .filter(|item| path(item).is_none_or(|path| *path == State::Unknown))
            .count()
            .min(1);
        let unclear = unclear.get(&scope).copied().unwrap_or(0) as usize > own_unknown;
        let disks = placed.spec.disks.known().into_iter().flatten();
        for (disk, item) in (0..).zip(disks) {
            let (shared, others) = match path(item) {
                Some(State::Known(path)) => {
                    let path = spelled(path);
                    let site = facts.site(machine, &path);
                    let users = users.get(&(scope, path));
                    users.map_or((None, Vec::new()), |users| {
                        users.others(machine, site, unclear)
                    })
                }
                Some(State::Absent) => (Some(false), Vec::new()),
                Some(State::Unknown) | None => (None, Vec::new()),
            };
            sharings.push(DiskSharing {
                machine,
                disk,
                shared,
                others,
            });
        }
    }
    sharings
}

fn path(item: &Item<Disk>) -> Option<&State<std::sync::Arc<str>>> {
    item.state.known().map(|disk| &disk.path.state)
}

/// A path as it is compared: those of Windows without regard to case and to the kind of slash.
fn spelled(path: &str) -> String {
    let bare = undecorated(path);
    let bytes = bare.as_bytes();
    let drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    if drive || is_share(&bare) {
        bare.to_lowercase()
    } else {
        path.to_owned()
    }
}

fn is_share(path: &str) -> bool {
    path.starts_with(r"\\") || path.starts_with("//")
}

impl Users {
    /// Whether a machine at a site shares the path with another, and with which disks.
    fn others(&self, machine: u32, site: Site, unclear: bool) -> (Option<bool>, Vec<u32>) {
        let meets = |other: &Site| match (site, *other) {
            (Site::Unknown, _) | (_, Site::Unknown) => None,
            (Site::Unsaid, _) | (_, Site::Unsaid) => Some(true),
            (one, other) => Some(one == other),
        };
        let mut others = Vec::new();
        let mut maybe = unclear;
        let mut note = |other: &Site, machines: &[(u32, u32)]| {
            let without = machines.iter().filter(|(it, _)| *it != machine);
            let without = without.map(|(_, disk)| *disk);
            match meets(other) {
                Some(true) => others.extend(without.take(TOLD)),
                Some(false) => {}
                None => maybe |= without.count() > 0,
            }
        };
        if matches!(site, Site::Unsaid | Site::Unknown) {
            for (other, machines) in &self.at {
                note(other, machines);
            }
        } else {
            for other in [site, Site::Unsaid, Site::Unknown] {
                if let Some(machines) = self.at.get(&other) {
                    note(&other, machines);
                }
            }
        }
        others.sort_unstable();
        others.truncate(TOLD);
        match (others.is_empty(), maybe) {
            (false, _) => (Some(true), others),
            (true, true) => (None, others),
            (true, false) => (Some(false), others),
        }
    }
}

impl Facts {
    /// The disk that a sharing is about.
    pub(super) fn disk(&self, sharing: &DiskSharing) -> Option<&Disk> {
        let machine = &self.inventory.machines[sharing.machine as usize];
        let disks = machine.spec.disks.known()?;
        disks.get(sharing.disk as usize)?.state.known()
    }

    fn site(&self, machine: u32, path: &str) -> Site {
        if is_share(path) {
            return Site::Everywhere;
        }
        let placement = &self.placements.machines[machine as usize];
        match (&placement.cluster, &placement.host) {
            (State::Known(cluster), _) => Site::Cluster(*cluster),
            (State::Unknown, _) | (State::Absent, State::Unknown) => Site::Unknown,
            (State::Absent, State::Known(host)) => Site::Host(*host),
            (State::Absent, State::Absent) => Site::Unsaid,
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
    match &machine.configuration_version.state {
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
    let disks = match &machine.disks.state {
        State::Known(disks) => disks,
        _ => return State::Unknown,
    };
    let format = |item: &Item<Disk>| item.state.known()?.format.known().copied();
    let bad = |item: &&Item<Disk>| {
        matches!(
            format(item),
            Some(DiskFormat::Vhd | DiskFormat::PassThrough)
        )
    };
    match disks.iter().find(bad).and_then(|item| item.state.known()) {
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
        prop::sample::select(vec![
            Site::Cluster(0),
            Site::Cluster(1),
            Site::Host(0),
            Site::Unsaid,
            Site::Unknown,
        ])
    }

    proptest! {
        #[test]
        fn the_index_agrees_with_comparing_every_pair(sites in prop::collection::vec(site(), 0..7)) {
            let mut users = Users::default();
            for (machine, site) in (0..).zip(&sites) {
                users.at.entry(*site).or_default().push((machine, machine));
            }
            for (machine, site) in (0..).zip(&sites) {
                let mut certain = Vec::new();
                let mut maybe = false;
                for (other, there) in (0..).zip(&sites).filter(|(other, _)| *other != machine) {
                    let unknown = [*site, *there].contains(&Site::Unknown);
                    let unsaid = [*site, *there].contains(&Site::Unsaid);
                    maybe |= unknown;
                    if !unknown && (unsaid || site == there) {
                        certain.push(other);
                    }
                }
                let verdict = if !certain.is_empty() { Some(true) } else if maybe { None } else { Some(false) };
                prop_assert_eq!(users.others(machine, *site, false), (verdict, certain));
            }
        }
    }
}
