//! Whether the machines of an anti-affinity class have hosts enough to keep apart.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arcstr::ArcStr;

use super::{Facts, fact_record};
use crate::model::{MachineState, State};

/// The machines of a class in a cluster that run.
pub(super) struct AntiAffinityClass {
    pub(super) name: ArcStr,
    pub(super) cluster: u32,
    /// Those that are members for certain, by path and position.
    pub(super) members: Vec<u32>,
    /// How many there are at least, and at most.
    pub(super) count: (i64, i64),
    /// The hosts that may run one of them for certain.
    pub(super) hosts: Vec<u32>,
    /// How many there are at least, and at most.
    pub(super) room: (i64, i64),
}

fact_record!(AntiAffinityClass, &super::vocabulary::ANTI_AFFINITY_CLASS);

/// A machine that names a class, or may.
#[derive(Default)]
struct Members {
    certain: Vec<u32>,
    possible: Vec<u32>,
}

pub(super) fn classes(facts: &Facts) -> Vec<AntiAffinityClass> {
    let mut adrift: HashMap<(u32, ArcStr), Vec<u32>> = HashMap::new();
    let mut found = Vec::new();
    for machine in &facts.inventory.machines {
        if facts.placements.machines[machine.meta.index as usize].cluster == State::Unknown {
            for class in named_classes(facts, machine.meta.index) {
                let key = (machine.meta.scope, class);
                adrift.entry(key).or_default().push(machine.meta.index);
            }
        }
    }
    for cluster in &facts.inventory.clusters {
        let index = cluster.meta.index;
        let mut classes: BTreeMap<ArcStr, Members> = BTreeMap::new();
        let mut of_unknown_classes = Vec::new();
        for machine in &facts.placements.clusters[index as usize].machines {
            let runs = facts.runs(*machine);
            if runs == Some(false) {
                continue;
            }
            for class in named_classes(facts, *machine) {
                let members = classes.entry(class).or_default();
                match runs {
                    Some(_) => members.certain.push(*machine),
                    None => members.possible.push(*machine),
                }
            }
            if may_have_more_classes(facts, *machine) {
                of_unknown_classes.push(*machine);
            }
        }
        for (name, mut members) in classes {
            members.possible.extend(&of_unknown_classes);
            let adrift = adrift.get(&(cluster.meta.scope, name.clone()));
            let adrift = adrift.into_iter().flatten();
            members
                .possible
                .extend(adrift.filter(|it| facts.runs(**it) != Some(false)));
            if !members.certain.is_empty() {
                found.push(members.among(facts, name, index));
            }
        }
    }
    found.sort_by_key(|class| class.members.first().copied());
    found
}

/// The classes that a machine names, each once.
pub(super) fn named_classes(facts: &Facts, machine: u32) -> BTreeSet<ArcStr> {
    let spec = &facts.inventory.machines[machine as usize].spec;
    let named = spec.anti_affinity.known().into_iter().flatten();
    named.filter_map(|item| item.known().cloned()).collect()
}

/// Whether it may name more than are known.
pub(super) fn may_have_more_classes(facts: &Facts, machine: u32) -> bool {
    match &facts.inventory.machines[machine as usize]
        .spec
        .anti_affinity
        .state()
    {
        State::Absent => false,
        State::Unknown => true,
        State::Known(classes) => classes.iter().any(|item| item.known().is_none()),
    }
}

impl Members {
    fn among(mut self, facts: &Facts, name: ArcStr, cluster: u32) -> AntiAffinityClass {
        let certain: BTreeSet<u32> = self.certain.iter().copied().collect();
        self.possible.retain(|machine| !certain.contains(machine));
        self.possible.sort_unstable();
        self.possible.dedup();
        let members = &facts.placements.clusters[cluster as usize];
        let mut hosts: BTreeSet<u32> = BTreeSet::new();
        let mut possible_hosts: BTreeSet<u32> = BTreeSet::new();
        let mut open = false;
        for machine in self.certain.iter().chain(&self.possible) {
            let Some(set) = facts.placements.possible(*machine) else {
                possible_hosts.extend(&members.hosts);
                possible_hosts.extend(facts.placements.machines[*machine as usize].host.known());
                open |= members.open;
                continue;
            };
            if certain.contains(machine) {
                hosts.extend(&set.hosts);
            }
            possible_hosts.extend(&set.hosts);
            if set.open {
                possible_hosts.extend(&members.hosts);
                open |= members.open;
            }
        }
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let more = match members.more {
            Some(more) if open => i64::from(more),
            None if open => i64::MAX,
            _ => 0,
        };
        let least = number(self.certain.len());
        AntiAffinityClass {
            name,
            cluster,
            count: (least, least + number(self.possible.len())),
            room: (
                number(hosts.len()),
                number(possible_hosts.len()).saturating_add(more),
            ),
            members: self.certain,
            hosts: hosts.into_iter().collect(),
        }
    }
}

impl AntiAffinityClass {
    /// Whether there are more members than hosts when so many of these are down.
    pub(super) fn crowded(&self, down: i64) -> Option<bool> {
        let (fewest, most) = self.room;
        if self.count.0 > most.saturating_sub(down) {
            Some(true)
        } else if self.count.1 <= fewest - down {
            Some(false)
        } else {
            None
        }
    }
}

impl Facts {
    /// Whether a machine runs.
    pub(super) fn runs(&self, machine: u32) -> Option<bool> {
        let state = self.placements.machines[machine as usize].state.known();
        state.map(|state| *state == MachineState::Running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(count: (i64, i64), room: (i64, i64)) -> AntiAffinityClass {
        AntiAffinityClass {
            name: "sql".into(),
            cluster: 0,
            members: Vec::new(),
            count,
            hosts: Vec::new(),
            room,
        }
    }

    #[test]
    fn as_many_machines_as_hosts_fit_until_one_is_down() {
        let full = class((2, 2), (2, 2));
        assert_eq!(
            (full.crowded(0), full.crowded(1)),
            (Some(false), Some(true))
        );
        let spare = class((2, 2), (3, 3));
        assert_eq!(
            (spare.crowded(0), spare.crowded(1)),
            (Some(false), Some(false))
        );
    }

    /// However many machines and hosts there turn out to be.
    #[test]
    fn what_is_said_of_unknown_classes_holds_however_they_turn_out() {
        for code in 0..4_i64.pow(4) {
            let digit = |at: u32| code / 4_i64.pow(at) % 4;
            let (count, room) = (
                (digit(0), digit(0) + digit(1)),
                (digit(2), digit(2) + digit(3)),
            );
            for down in 0..2 {
                let judged = class(count, room).crowded(down);
                let crowded = |machines: i64, hosts: i64| machines > hosts - down;
                let turns_out: BTreeSet<bool> = (count.0..=count.1)
                    .flat_map(|machines| {
                        (room.0..=room.1).map(move |hosts| crowded(machines, hosts))
                    })
                    .collect();
                let expected = match turns_out.into_iter().collect::<Vec<_>>().as_slice() {
                    [only] => Some(*only),
                    _ => None,
                };
                assert_eq!(judged, expected, "{count:?} {room:?}");
            }
        }
    }
}
