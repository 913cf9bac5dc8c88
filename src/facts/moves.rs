//! What plans move, from where to where, and how.

use super::calendar::Calendar;
use super::grouped::Grouped;
use super::placement::{MachinePlacement, Placements};
use crate::inventory::Inventory;
use crate::model::{Item, MachineState, MigrationPlan, Move, MoveType, Resource, State};
use crate::source::Span;

/// One move of a plan that is not over.
pub(super) struct PlannedMove {
    pub(super) plan: u32,
    /// The element of the plan's `moves`: its number, and where it is.
    pub(super) item: u32,
    pub(super) place: Span,
    pub(super) machine: State<u32>,
    pub(super) source: State<u32>,
    /// Absent for a move of storage that stays on its host.
    pub(super) target: State<u32>,
    pub(super) written: State<MoveType>,
    /// How the machine moves, in the state it is in; a machine that does not run moves offline.
    pub(super) actual: State<MoveType>,
    /// Whether a running processor state moves along, which the target's processor must take over.
    pub(super) processor_state: Option<bool>,
    pub(super) includes_storage: State<bool>,
}

impl PlannedMove {
    /// The move as it is written.
    pub(super) fn written_in<'i>(&self, inventory: &'i Inventory) -> Option<&'i Move> {
        let plan = inventory.plans.get(self.plan as usize)?;
        plan.spec.moves.known()?.get(self.item as usize)?.known()
    }

    /// Whether the machine moves while a backup could run, and not to the host that it is on.
    pub(super) fn leaves_its_place(&self) -> Option<bool> {
        let to_its_host = self.source.known().is_some() && self.source == self.target;
        match self.actual.known()? {
            MoveType::Offline => Some(false),
            MoveType::Storage => Some(true),
            MoveType::Live | MoveType::Quick => Some(!to_its_host),
        }
    }
}

pub(super) fn derive(
    inventory: &Inventory,
    placements: &Placements,
    calendar: &Calendar,
) -> Vec<PlannedMove> {
    let written = inventory.plans.iter();
    let written = written.filter_map(|plan| plan.spec.moves.known());
    let mut moves = Vec::with_capacity(written.map(|moves| moves.len()).sum());
    for (plan, timing) in inventory.plans.iter().zip(&calendar.plans) {
        if calendar.is_past(*timing) || !plan.meta.is_related() {
            continue;
        }
        for item in (0..).zip(plan.spec.moves.known().into_iter().flatten()) {
            moves.extend(planned(plan, item, placements));
        }
    }
    moves
}

fn planned(
    plan: &Resource<MigrationPlan>,
    (number, item): (u32, &Item<Move>),
    placements: &Placements,
) -> Option<PlannedMove> {
    let moved = item.known()?;
    let machine = match moved.vm.known() {
        Some(vm) => vm.target().map_or(State::Unknown, State::Known),
        None => State::Unknown,
    };
    let placement = machine
        .known()
        .map(|machine| &placements.machines[*machine as usize]);
    let host = |named: State<&crate::model::Ref<_>>| named.or_unknown(|host| host.target());
    let source = match (host(moved.from.state()), placement) {
        (State::Absent, Some(placement)) => placement.host,
        (State::Absent, None) => State::Unknown,
        (written, _) => written,
    };
    let written = match moved.move_type.state() {
        State::Absent => State::Known(MoveType::Live),
        state => state.cloned(),
    };
    let state = placement.map_or(State::Unknown, |placement: &MachinePlacement| {
        placement.state
    });
    Some(PlannedMove {
        plan: plan.meta.index,
        item: number,
        place: item.span(),
        actual: actual(&written, &state),
        processor_state: processor_state(&written, &state),
        machine,
        source,
        target: host(moved.to.state()),
        written,
        includes_storage: match moved.include_storage.state() {
            State::Absent => State::Known(false),
            state => state.cloned(),
        },
    })
}

fn actual(written: &State<MoveType>, state: &State<MachineState>) -> State<MoveType> {
    match (written, state) {
        (State::Known(MoveType::Storage), _) => State::Known(MoveType::Storage),
        (State::Known(MoveType::Offline), _) => State::Known(MoveType::Offline),
        (written, State::Known(MachineState::Running)) => *written,
        (State::Known(_), State::Known(MachineState::Off | MachineState::Saved)) => {
            State::Known(MoveType::Offline)
        }
        _ => State::Unknown,
    }
}

/// Live and quick moves carry it, and so does every move of a saved machine but that of its disks.
fn processor_state(written: &State<MoveType>, state: &State<MachineState>) -> Option<bool> {
    let written = written.known();
    match state.known() {
        Some(MachineState::Off) => Some(false),
        Some(MachineState::Running) => {
            written.map(|written| matches!(written, MoveType::Live | MoveType::Quick))
        }
        Some(MachineState::Saved) => written.map(|written| *written != MoveType::Storage),
        None => match written {
            Some(MoveType::Storage) => Some(false),
            _ => None,
        },
    }
}

impl PlannedMove {
    /// Whether it moves something while the machine is in use: live, quick or storage.
    pub(super) fn counts(&self) -> Option<bool> {
        self.actual
            .known()
            .map(|actual| *actual != MoveType::Offline)
    }

    /// Whether it is a live migration.
    pub(super) fn is_live(&self) -> Option<bool> {
        self.actual.known().map(|actual| *actual == MoveType::Live)
    }
}

/// The planned moves by the host they leave.
pub(super) struct Departures {
    pub(super) of_host: Grouped,
    /// Whether there are moves of which nobody knows the host.
    pub(super) open: bool,
}

pub(super) fn departures(moves: &[PlannedMove], hosts: usize) -> Departures {
    let known = (0..)
        .zip(moves)
        .filter_map(|(index, planned)| Some((*planned.source.known()?, index)));
    Departures {
        of_host: Grouped::of(hosts, known),
        open: moves.iter().any(|planned| planned.source == State::Unknown),
    }
}
