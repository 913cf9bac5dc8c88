//! Whether the machines of the hosts that a window takes down fit on the other hosts of the
//! cluster, one by one.
//!
//! What runs on the other hosts stays there. A machine goes to a possible host that can take it
//! live, and in a cluster that enforces anti-affinity not to a member of its class. Once everything
//! unknown is taken for the worst and once for the best: what fits in the worst case fits, and what
//! cannot fit in the best does not.

mod first_fit;

use std::collections::BTreeSet;

use arcstr::ArcStr;

use super::affinity::{may_have_more_classes, named_classes};
use super::evacuation::{EvacuationCapacity, usable};
use super::{Facts, fact_record};
use crate::model::{Memory, State};

pub(super) use first_fit::Unplaced;
use first_fit::{Piece, Room, cannot_fit, first_fit};

fact_record!(Unplaced, &super::vocabulary::UNPLACED_MACHINE);

/// Where the machines of a window go.
#[derive(Debug)]
pub(super) struct Packing {
    pub(super) verdict: Verdict,
    /// The machines for which no room was found in the best case, the largest first.
    pub(super) unplaced: Vec<Unplaced>,
}

/// Whether they fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Fits,
    DoesNotFit,
    /// Nobody knows: something they depend on is unknown, or the largest first did not fit, and
    /// another order may.
    Unproven,
}

impl Verdict {
    /// The words of rules.
    pub(super) const WORDS: &'static [&'static str] = &["fits", "does not fit", "unproven"];

    pub(super) fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// How what is unknown is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Worst,
    Best,
}

impl Case {
    /// Whether something holds that is good for the machines.
    fn grants(self, good: Option<bool>) -> bool {
        good.unwrap_or(self == Case::Best)
    }
}

/// Packs the machines of the hosts that a window has down at once: the largest ones.
pub(super) fn of_window(facts: &Facts, capacity: &EvacuationCapacity) -> Packing {
    let State::Known(cluster) = capacity.cluster else {
        return Packing {
            verdict: Verdict::Unproven,
            unplaced: Vec::new(),
        };
    };
    let drain = Drain {
        facts,
        cluster,
        down: &capacity.down,
    };
    let best = drain.problem(Case::Best);
    let unplaced = best
        .as_ref()
        .map_or_else(Vec::new, |(pieces, rooms)| first_fit(pieces.clone(), rooms));
    let impossible = best.is_some_and(|(pieces, rooms)| cannot_fit(&pieces, &rooms));
    let verdict = match capacity.down_certain {
        true if impossible => Verdict::DoesNotFit,
        true if drain.fits_in_the_worst_case() => Verdict::Fits,
        _ => Verdict::Unproven,
    };
    Packing { verdict, unplaced }
}

/// Hosts of a cluster that go down at once.
struct Drain<'a> {
    facts: &'a Facts,
    cluster: u32,
    down: &'a [u32],
}

impl Drain<'_> {
    fn fits_in_the_worst_case(&self) -> bool {
        let worst = self.problem(Case::Worst);
        worst.is_some_and(|(pieces, rooms)| first_fit(pieces, &rooms).is_empty())
    }

    /// The machines that go and the hosts that take them; none where that cannot be taken for the
    /// worst, or for the best.
    fn problem(&self, case: Case) -> Option<(Vec<Piece>, Vec<Room>)> {
        let members = &self.facts.placements.clusters[self.cluster as usize];
        let clear = match case {
            Case::Best => !members.open,
            Case::Worst => self.facts.whereabouts_known(self.cluster),
        };
        if !clear {
            return None;
        }
        let stays = |host: &&u32| self.down.binary_search(host).is_err();
        let hosts: Vec<u32> = members.hosts.iter().filter(stays).copied().collect();
        let rooms: Option<Vec<Room>> = hosts.iter().map(|host| self.room(*host, case)).collect();
        let mut pieces = Vec::new();
        for host in self.down {
            for machine in &self.facts.placements.hosts[*host as usize].machines {
                if case.grants(self.is_drained(*machine).map(|drained| !drained)) {
                    continue;
                }
                match self.startup(*machine) {
                    Some(memory) => pieces.push(self.piece(*machine, memory, &hosts, case)?),
                    None if case == Case::Worst => return None,
                    None => {}
                }
            }
        }
        Some((pieces, rooms?))
    }

    fn piece(&self, machine: u32, memory: i64, hosts: &[u32], case: Case) -> Option<Piece> {
        let may_go = |host: &u32| case.grants(self.facts.can_take(machine, *host));
        Some(Piece {
            machine,
            memory,
            may_go: hosts.iter().map(may_go).collect(),
            classes: self.classes([machine], case)?,
        })
    }

    fn room(&self, host: u32, case: Case) -> Option<Room> {
        let usable = usable(self.facts, host);
        let (taken, all) = self.facts.startup_on(host);
        let free = match case {
            Case::Best => usable.most.map_or(i64::MAX, |most| most - taken),
            Case::Worst if all => usable.least - taken,
            Case::Worst => 0,
        };
        let machines = self.facts.placements.hosts[host as usize].machines.iter();
        let running = machines.copied().filter(|machine| {
            let stopped = self.facts.runs(*machine).map(|runs| !runs);
            !case.grants(stopped)
        });
        Some(Room {
            host,
            free,
            classes: self.classes(running, case)?,
        })
    }

    /// The classes of machines that are kept apart; none where there may be more, which is worse.
    fn classes(
        &self,
        machines: impl IntoIterator<Item = u32>,
        case: Case,
    ) -> Option<BTreeSet<ArcStr>> {
        let spec = &self.facts.inventory.clusters[self.cluster as usize].spec;
        let enforced = match spec.enforced_anti_affinity.state() {
            State::Absent => Some(false),
            enforced => enforced.known().map(|enforced| **enforced),
        };
        let mut classes = BTreeSet::new();
        if case.grants(enforced.map(|enforced| !enforced)) {
            return Some(classes);
        }
        for machine in machines {
            if may_have_more_classes(self.facts, machine) && case == Case::Worst {
                return None;
            }
            classes.extend(named_classes(self.facts, machine));
        }
        Some(classes)
    }

    /// Whether a machine leaves when its host is drained: it runs, and the cluster can move it.
    fn is_drained(&self, machine: u32) -> Option<bool> {
        let placement = &self.facts.placements.machines[machine as usize];
        let own = match placement.cluster {
            State::Known(cluster) => Some(cluster == self.cluster),
            State::Absent => Some(false),
            State::Unknown => None,
        };
        let available = placement.highly_available.known().copied();
        let conditions = [self.facts.runs(machine), available, own];
        if conditions.contains(&Some(false)) {
            return Some(false);
        }
        (!conditions.contains(&None)).then_some(true)
    }

    fn startup(&self, machine: u32) -> Option<i64> {
        let memory = self.facts.inventory.machines[machine as usize]
            .spec
            .memory
            .known()?;
        memory.startup.known().map(|&Memory(startup)| startup)
    }
}

impl Facts {
    /// The packing of a window's machines, made when it is first asked for.
    pub(super) fn packing<'a>(&self, capacity: &'a EvacuationCapacity) -> &'a Packing {
        let packing = &capacity.packing;
        packing.get_or_init(|| of_window(self, capacity))
    }

    /// Whether it is known of every machine that may run in a cluster on which of its hosts it is.
    fn whereabouts_known(&self, cluster: u32) -> bool {
        let scope = self.inventory.clusters[cluster as usize].meta.scope;
        let host = |machine: u32| self.placements.machines[machine as usize].host.known();
        let at_home = |machine: u32| {
            let home = host(machine).map(|host| &self.placements.hosts[*host as usize].cluster);
            home == Some(&State::Known(cluster))
        };
        let own = self.placements.clusters[cluster as usize].machines.iter();
        let own = own.filter(|machine| !at_home(**machine));
        let adrift = self.adrift_machines(scope).iter();
        let adrift = adrift.filter(|machine| host(**machine).is_none());
        let mut unclear = own.chain(adrift);
        unclear.all(|machine| self.runs(*machine) == Some(false))
    }
}

#[cfg(test)]
mod tests;
