//! How much memory the machines on a host need once the moves of a plan are done.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Facts, fact_record};
use crate::model::{
    Host, HostMemory, MachineState, Memory, MoveType, Platform, Resource, State, VirtualMachine,
};

/// What machines cannot have of a host, in bytes: as written, else what Hyper-V keeps for itself
/// (Microsoft, "Root memory reserve": 384 MiB and 30 MiB for each GiB).
pub(super) fn reserve(facts: &Facts, host: u32, memory: &HostMemory) -> State<i64> {
    match (memory.reserve.state(), memory.capacity.state()) {
        (State::Known(&Memory(reserve)), _) => State::Known(reserve),
        (State::Absent, State::Known(&Memory(capacity))) => {
            match facts.placements.hosts[host as usize].platform {
                State::Known(Platform::HyperV) => {
                    State::Known((384 << 20) + capacity.saturating_mul(30) / 1024)
                }
                _ => State::Unknown,
            }
        }
        (State::Absent, State::Absent) => State::Absent,
        _ => State::Unknown,
    }
}

/// What machines on a host can have.
fn available(facts: &Facts, host: &Resource<Host>) -> Option<i64> {
    let memory = host.spec.memory.known()?;
    let reserve = reserve(facts, host.meta.index, memory);
    Some(memory.capacity.known()?.0 - *reserve.known()?)
}

/// The memory on a host that moves of a plan go to, when all moves of the plan are done.
pub(super) struct MemoryLoad {
    pub(super) plan: u32,
    pub(super) host: u32,
    /// The first live or quick move to the host.
    pub(super) first_move: u32,
    /// What its running machines need at least; the known part of it.
    pub(super) minimum: i64,
    /// What they need to start; the known part of it.
    pub(super) startup: i64,
    pub(super) available: Option<i64>,
    pub(super) minimum_exceeds: Option<bool>,
    pub(super) startup_exceeds: Option<bool>,
}

fact_record!(MemoryLoad, &super::vocabulary::MEMORY_LOAD);

/// What machines need together.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Need {
    minimum: i64,
    startup: i64,
    /// How many of them need more than is known.
    unclear_minimum: i64,
    unclear_startup: i64,
}

impl Need {
    fn add(&mut self, other: Need, times: i64) {
        self.minimum += times * other.minimum;
        self.startup += times * other.startup;
        self.unclear_minimum += times * other.unclear_minimum;
        self.unclear_startup += times * other.unclear_startup;
    }

    /// A machine of which nothing is known.
    const UNCLEAR: Need = Need {
        minimum: 0,
        startup: 0,
        unclear_minimum: 1,
        unclear_startup: 1,
    };

    /// What a machine needs: nothing unless it runs.
    fn of(machine: &Resource<VirtualMachine>, state: &State<MachineState>) -> Self {
        match state.known() {
            Some(MachineState::Running) => {}
            Some(_) => return Need::default(),
            None => return Need::UNCLEAR,
        }
        let Some(memory) = machine.spec.memory.known() else {
            return Need::UNCLEAR;
        };
        let startup = memory.startup.known().map(|startup| startup.0);
        let minimum = match memory.minimum.state() {
            State::Known(minimum) => Some(minimum.0),
            State::Absent => startup,
            State::Unknown => None,
        };
        Need {
            minimum: minimum.unwrap_or(0),
            startup: startup.unwrap_or(0),
            unclear_minimum: i64::from(minimum.is_none()),
            unclear_startup: i64::from(startup.is_none()),
        }
    }
}

/// What is on the hosts before anything moves.
pub(super) struct Occupancy {
    hosts: Vec<Need>,
    /// Machines on a host that is not known, by scope and, where that is known, cluster.
    adrift: HashMap<(u32, Option<u32>), i64>,
}

/// A machine when the moves of a plan are done.
struct Moved {
    /// The host that it is on; none where that is not known.
    host: Option<u32>,
    /// What it needs there.
    need: Need,
}

/// Where the machines of a plan are when its moves are done.
struct Outcome {
    machines: BTreeMap<u32, Moved>,
    /// For each host how many moves of machines that are not known go there, and how many of them
    /// may go anywhere.
    arrivals: BTreeMap<u32, i64>,
    arrivals_anywhere: i64,
    /// Sources and targets of moves of machines that are not known.
    strangers: Vec<(Option<u32>, Option<u32>)>,
}

impl Facts {
    pub(super) fn derive_occupancy(&self) -> Occupancy {
        let mut hosts = vec![Need::default(); self.inventory.hosts.len()];
        let mut adrift = HashMap::new();
        for (machine, placement) in self
            .inventory
            .machines
            .iter()
            .zip(&self.placements.machines)
        {
            let need = Need::of(machine, &placement.state);
            match placement.host {
                State::Known(host) => hosts[host as usize].add(need, 1),
                State::Unknown if need != Need::default() => {
                    *adrift.entry(self.drift(machine.meta.index)).or_default() += 1;
                }
                _ => {}
            }
        }
        Occupancy { hosts, adrift }
    }

    /// What a machine needs.
    fn need(&self, machine: u32) -> Need {
        let placement = &self.placements.machines[machine as usize];
        Need::of(&self.inventory.machines[machine as usize], &placement.state)
    }

    /// What the machines that run on a host start with: what is known of it, and whether that is
    /// all.
    pub(super) fn startup_on(&self, host: u32) -> (i64, bool) {
        let need = self.occupancy().hosts[host as usize];
        (need.startup, need.unclear_startup == 0)
    }

    /// Where a machine on an unknown host may be: its scope, and its cluster where that is known.
    fn drift(&self, machine: u32) -> (u32, Option<u32>) {
        let scope = self.inventory.machines[machine as usize].meta.scope;
        let cluster = &self.placements.machines[machine as usize].cluster;
        (scope, cluster.known().copied())
    }

    pub(super) fn derive_memory_loads(&self) -> Vec<MemoryLoad> {
        // There are no more than moves, and seldom much fewer.
        let mut loads = Vec::with_capacity(self.moves.len());
        let mut start = 0;
        while let Some(first) = self.moves.get(start) {
            let count = self.moves_of_plan(first.plan).len();
            let outcome = self.outcome(first.plan);
            let mut targets: BTreeMap<u32, u32> = BTreeMap::new();
            for (index, planned) in (start as u32..).zip(&self.moves[start..start + count]) {
                let moves = planned.actual.known();
                if let (Some(MoveType::Live | MoveType::Quick), State::Known(host)) =
                    (moves, &planned.target)
                {
                    targets.entry(*host).or_insert(index);
                }
            }
            for (host, first_move) in targets {
                loads.push(self.memory_load(&outcome, first.plan, host, first_move));
            }
            start += count;
        }
        loads
    }

    fn memory_load(&self, outcome: &Outcome, plan: u32, host: u32, first_move: u32) -> MemoryLoad {
        let need = self.need_after(outcome, host);
        let available = available(self, &self.inventory.hosts[host as usize]);
        let certain = !outcome.may_leave(host);
        let exceeds = |need: i64, unclear: i64| match available {
            Some(available) if certain && need > available => Some(true),
            Some(available) if certain && unclear == 0 => Some(need > available),
            _ => None,
        };
        MemoryLoad {
            plan,
            host,
            first_move,
            minimum: need.minimum,
            startup: need.startup,
            available,
            minimum_exceeds: exceeds(need.minimum, need.unclear_minimum),
            startup_exceeds: exceeds(need.startup, need.unclear_startup),
        }
    }

    /// Follows the moves of a plan, in their order.
    fn outcome(&self, plan: u32) -> Outcome {
        let mut outcome = Outcome {
            machines: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            arrivals_anywhere: 0,
            strangers: Vec::new(),
        };
        let written = &self.inventory.plans[plan as usize].spec.moves;
        let unread = written.known().into_iter().flatten();
        for _ in unread.filter(|item| item.known().is_none()) {
            outcome.expect(None, None);
        }
        for planned in self.moves_of_plan(plan) {
            let target = planned.target.known().copied();
            let written = planned.written.known();
            if matches!(written, Some(MoveType::Storage | MoveType::Offline)) {
                continue;
            }
            let Some(machine) = planned.machine.known().copied() else {
                outcome.expect(planned.source.known().copied(), target);
                continue;
            };
            let moved = outcome.machines.entry(machine).or_insert_with(|| Moved {
                host: self.home(machine),
                need: self.need(machine),
            });
            let before = moved.host;
            moved.host = match &planned.actual {
                State::Known(MoveType::Storage) => before,
                State::Known(_) => target,
                _ if before == target => before,
                _ => None,
            };
        }
        outcome
    }

    fn home(&self, machine: u32) -> Option<u32> {
        let placement = &self.placements.machines[machine as usize];
        placement.host.known().copied()
    }

    /// What the machines on a host need when the moves of a plan are done.
    fn need_after(&self, outcome: &Outcome, host: u32) -> Need {
        let occupancy = self.occupancy();
        let mut need = occupancy.hosts[host as usize];
        let scope = self.inventory.hosts[host as usize].meta.scope;
        let cluster = self.placements.hosts[host as usize].cluster.known();
        let adrift = |key| occupancy.adrift.get(&key).copied().unwrap_or(0);
        let mut unclear = adrift((scope, None));
        if let Some(cluster) = cluster {
            unclear += adrift((scope, Some(*cluster)));
        }
        unclear += outcome.arrivals_anywhere;
        unclear += outcome.arrivals.get(&host).copied().unwrap_or(0);
        for (machine, moved) in &outcome.machines {
            let own = moved.need;
            if own == Need::default() {
                continue;
            }
            match &self.placements.machines[*machine as usize].host {
                State::Known(home) if *home == host => need.add(own, -1),
                State::Unknown => {
                    let (its_scope, its_cluster) = self.drift(*machine);
                    let near = its_cluster.is_none() || its_cluster.as_ref() == cluster;
                    unclear -= i64::from(its_scope == scope && near);
                }
                _ => {}
            }
            match moved.host {
                Some(after) if after == host => need.add(own, 1),
                Some(_) => {}
                None => unclear += 1,
            }
        }
        need.add(Need::UNCLEAR, unclear);
        need
    }

    /// The first machine that a plan brings to a host, that would be enough to leave away and
    /// that has room on another possible host; with all hosts that have room for it.
    pub(super) fn spare(&self, load: &MemoryLoad) -> Option<(u32, Vec<u32>)> {
        let outcome = self.outcome(load.plan);
        let available = load.available?;
        let enough = |need: Need| {
            load.startup - need.startup <= available && load.minimum - need.minimum <= available
        };
        let mut seen = BTreeSet::new();
        for planned in self.moves_of_plan(load.plan) {
            let Some(machine) = planned.machine.known().copied() else {
                continue;
            };
            let home = self.home(machine);
            let after = outcome.machines.get(&machine).map(|moved| moved.host);
            let brought = after == Some(Some(load.host)) && home != Some(load.host);
            let need = self.need(machine);
            if !brought || !enough(need) || !seen.insert(machine) {
                continue;
            }
            let possible = self.placements.possible(machine);
            let others = possible.into_iter().flat_map(|set| &set.hosts).copied();
            let others = others.filter(|host| *host != load.host && Some(*host) != home);
            let reaches = |host: u32| {
                let live = planned.is_live() == Some(false)
                    || self.takes_live_migrations(host) != Some(false);
                live && self.processor_suits(machine, host) != Some(false)
            };
            let fits = |host: &u32| reaches(*host) && self.has_room(&outcome, *host, need);
            let hosts: Vec<u32> = others.filter(fits).collect();
            if !hosts.is_empty() {
                return Some((machine, hosts));
            }
        }
        None
    }

    /// The machines that run on a host before a plan and are there when it is done.
    pub(super) fn residents(&self, load: &MemoryLoad) -> Vec<u32> {
        let outcome = self.outcome(load.plan);
        let stays = |machine: &u32| {
            let moved = outcome.machines.get(machine);
            moved.is_none_or(|moved| moved.host == Some(load.host))
        };
        let machines = self.placements.hosts[load.host as usize].machines.iter();
        let runs = |machine: &u32| {
            self.placements.machines[*machine as usize].state == State::Known(MachineState::Running)
        };
        machines.copied().filter(runs).filter(stays).collect()
    }

    /// What the residents need of the sum that exceeds.
    pub(super) fn residents_need(&self, load: &MemoryLoad) -> Option<i64> {
        let mut sum = Need::default();
        for machine in self.residents(load) {
            sum.add(self.need(machine), 1);
        }
        match load.minimum_exceeds {
            Some(true) => (sum.unclear_minimum == 0).then_some(sum.minimum),
            _ => (sum.unclear_startup == 0).then_some(sum.startup),
        }
    }

    fn has_room(&self, outcome: &Outcome, host: u32, need: Need) -> bool {
        let mut after = self.need_after(outcome, host);
        after.add(need, 1);
        let available = available(self, &self.inventory.hosts[host as usize]);
        let clear = after.unclear_startup == 0 && !outcome.may_leave(host);
        clear && available.is_some_and(|available| after.startup <= available)
    }
}

impl MemoryLoad {
    /// The sum that exceeds: what is needed at least, if even that does, else to start.
    pub(super) fn needed(&self) -> i64 {
        match self.minimum_exceeds {
            Some(true) => self.minimum,
            _ => self.startup,
        }
    }

    /// How much more is needed than there is.
    pub(super) fn excess(&self) -> Option<i64> {
        Some(self.needed() - self.available?)
    }
}

impl Outcome {
    /// Takes note of a move of a machine that is not known.
    fn expect(&mut self, source: Option<u32>, target: Option<u32>) {
        self.strangers.push((source, target));
        match target {
            Some(target) => *self.arrivals.entry(target).or_default() += 1,
            None => self.arrivals_anywhere += 1,
        }
    }

    /// Whether a machine that is not known may leave the host.
    fn may_leave(&self, host: u32) -> bool {
        self.strangers.iter().any(|(from, to)| {
            from.is_none_or(|from| from == host) && to.is_none_or(|to| to != host)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::mobility_tests::{facts, resource};

    /// The published example: of 256 GB, 8064 MB.
    #[test]
    fn what_hyper_v_keeps_for_itself() {
        let mut estate = String::new();
        resource(&mut estate, "Host", "h", "memory: { capacity: 256GB }");
        let facts = facts(&estate);
        let memory = facts.inventory.hosts[0].spec.memory.known().unwrap();
        assert_eq!(reserve(&facts, 0, memory), State::Known(8064 << 20));
    }

    /// One of another vendor, one without live migration, and one that will do; both count for a
    /// machine that runs, and live migration not for a quick move.
    #[test]
    fn room_is_found_where_a_machine_can_go() {
        for (kind, expected) in [("live", vec![4]), ("quick", vec![2, 4])] {
            let mut estate = String::new();
            resource(&mut estate, "Cluster", "c", "hosts: [h0, h1, h2, h3, h4]");
            let intel = "processor: { vendor: intel }";
            for (host, spec) in [
                ("h0", intel.to_owned()),
                (
                    "h1",
                    format!("{intel}, memory: {{ capacity: 8GiB, reserve: 0 }}"),
                ),
                (
                    "h2",
                    "memory: { capacity: 64GiB }, migration: { enabled: false }".to_owned(),
                ),
                (
                    "h3",
                    "memory: { capacity: 64GiB }, processor: { vendor: amd }".to_owned(),
                ),
                ("h4", "memory: { capacity: 64GiB }".to_owned()),
            ] {
                resource(&mut estate, "Host", host, &spec);
            }
            let machine = "host: h0, memory: { startup: 16GiB }";
            resource(&mut estate, "VirtualMachine", "m", machine);
            let moves = format!("moves: [{{ vm: m, to: h1, type: {kind} }}]");
            resource(&mut estate, "MigrationPlan", "p", &moves);
            let facts = facts(&estate);
            let load = &facts.memory_loads()[0];
            assert_eq!(load.startup_exceeds, Some(true));
            assert_eq!(facts.spare(load), Some((0, expected)), "{kind}");
        }
    }
}
