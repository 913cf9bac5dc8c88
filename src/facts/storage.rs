//! Which volumes the hosts reach that a machine may come to.

use arcstr::ArcStr;

use super::Facts;
use super::moves::PlannedMove;
use super::placement::Placements;
use super::targets::volume;
use crate::model::{Disk, Item, MoveType, State};

impl Facts {
    /// Whether every host of the machine's cluster reaches the volume of its disk.
    pub(super) fn shared_in_cluster(&self, machine: u32, disk: &Disk) -> Option<bool> {
        let volume = volume(disk);
        let volume = volume.known()?;
        let cluster = self.placements.machines[machine as usize].cluster.known();
        shared(volume, || {
            let cluster = &self.inventory.clusters[*cluster? as usize];
            named_in(cluster.spec.shared_storage.known()?, volume)
        })
    }

    /// The live and quick moves of a machine that leave its disk behind, on a volume that the
    /// target does not reach, and whether there may be more.
    pub(super) fn moves_without_disk(&self, machine: u32, disk: &Disk) -> (Vec<u32>, bool) {
        let mut found = Vec::new();
        let mut open = false;
        for index in &self.moves_of[machine as usize] {
            let planned = &self.moves[*index as usize];
            let goes = planned
                .actual
                .known()
                .map(|actual| matches!(actual, MoveType::Live | MoveType::Quick));
            let with_disks = planned.includes_storage.known();
            if goes == Some(false) || with_disks == Some(&true) {
                continue;
            }
            match self.reaches(planned, disk) {
                Some(true) => {}
                Some(false) if goes.is_some() && with_disks.is_some() => found.push(*index),
                _ => open = true,
            }
        }
        (found, open)
    }

    /// Whether a host is the one that a machine is on, and declares a volume as its own.
    fn is_on_own_volume(&self, machine: Option<&u32>, host: u32, volume: &str) -> bool {
        let home = machine.and_then(|it| self.placements.machines[*it as usize].host.known());
        let own = self.inventory.hosts[host as usize].spec.storage.known();
        home == Some(&host) && own.and_then(|own| named_in(own, volume)) == Some(true)
    }

    /// Whether the target of a move reaches the volume of a disk. Of a target in no cluster it is
    /// only known where the volume belongs to the machine's host alone.
    fn reaches(&self, planned: &PlannedMove, disk: &Disk) -> Option<bool> {
        let volume = volume(disk);
        let volume = volume.known()?;
        shared(volume, || {
            let target = *planned.target.known()?;
            if self.is_on_own_volume(planned.machine.known(), target, volume) {
                return Some(true);
            }
            match &self.placements.hosts[target as usize].cluster {
                State::Known(cluster) => {
                    let cluster = &self.inventory.clusters[*cluster as usize];
                    named_in(cluster.spec.shared_storage.known()?, volume)
                }
                State::Absent => self.is_local(planned, volume)?.then_some(false),
                State::Unknown => {
                    let clusters = 0..self.inventory.clusters.len() as u32;
                    let mut its = clusters.filter(|cluster| {
                        Placements::may_belong(&self.inventory, target, *cluster)
                    });
                    let shares = |cluster: u32| {
                        let cluster = &self.inventory.clusters[cluster as usize];
                        named_in(cluster.spec.shared_storage.known()?, volume)
                    };
                    let local = self.is_local(planned, volume)?;
                    (local && its.all(|cluster| shares(cluster) == Some(false))).then_some(false)
                }
            }
        })
    }

    /// Whether a volume belongs to the host alone that a move leaves, or that its machine is on.
    fn is_local(&self, planned: &PlannedMove, volume: &str) -> Option<bool> {
        let machine = &self.placements.machines[*planned.machine.known()? as usize];
        let hosts = [&machine.host, &planned.source];
        let mut local = hosts.iter().filter_map(|host| {
            let host = &self.inventory.hosts[*host.known()? as usize];
            named_in(host.spec.storage.known()?, volume)
        });
        Some(local.any(|local| local))
    }
}

/// A share is reached from everywhere, for anything else `here` decides.
fn shared(volume: &str, here: impl FnOnce() -> Option<bool>) -> Option<bool> {
    if volume.starts_with(r"\\") || volume.starts_with("//") {
        return Some(true);
    }
    here()
}

/// Whether a list of volumes names one. Windows does not tell upper from lower case in paths.
fn named_in(volumes: &[Item<ArcStr>], wanted: &str) -> Option<bool> {
    let mut verdict = Some(false);
    for volume in volumes {
        match volume.known() {
            Some(volume) if volume.eq_ignore_ascii_case(wanted) => return Some(true),
            Some(_) => {}
            None => verdict = None,
        }
    }
    verdict
}
