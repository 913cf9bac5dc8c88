//! Where a machine may come to run: where its cluster may start it, and where plans move it.

use super::Facts;
use crate::model::State;

impl Facts {
    /// The possible hosts of a machine and the targets of its live, quick and storage moves, and
    /// whether there may be more.
    pub(super) fn destinations(&self, machine: u32) -> (Vec<u32>, bool) {
        let (mut hosts, open) = match self.placements.possible(machine) {
            Some(set) => (set.hosts.clone(), set.open),
            None => (Vec::new(), true),
        };
        let (targets, more) = self.targets_beyond(machine, &hosts);
        hosts.extend(targets);
        (hosts, open || more)
    }

    /// The targets of the live, quick and storage moves of a machine that are not among `hosts`,
    /// and whether there may be more.
    pub(super) fn targets_beyond(&self, machine: u32, hosts: &[u32]) -> (Vec<u32>, bool) {
        let mut found = Vec::new();
        let mut open = false;
        for planned in &self.moves_of[machine as usize] {
            let planned = &self.moves[*planned as usize];
            match (planned.counts(), &planned.target) {
                (Some(false), _) | (_, State::Absent) => {}
                (Some(true), State::Known(target)) => {
                    if !hosts.contains(target) && !found.contains(target) {
                        found.push(*target);
                    }
                }
                (None, State::Known(target)) if hosts.contains(target) => {}
                _ => open = true,
            }
        }
        (found, open)
    }
}
