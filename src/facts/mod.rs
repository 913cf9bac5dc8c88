//! Facts: what follows from an inventory, for rules to judge.
//!
//! Which hosts a machine can run on, what a plan moves, how many moves a host takes, which windows
//! collide. Each fact is derived here, in Rust, once, and has a name that rules use
//! ([`VOCABULARY`]); what is bad about it is for the rules to say.
//!
//! Facts are three-valued like everything else: what depends on something unknown is unknown,
//! unless what is known decides alone.

mod affinity;
mod agenda;
mod alternatives;
mod bandwidth;
mod calendar;
mod capacity;
mod change;
mod clashes;
mod collisions;
mod configuration;
mod curves;
mod defaults;
mod destinations;
mod disks;
mod doubts;
mod downtimes;
mod estimates;
mod evacuation;
mod grouped;
mod kubernetes;
mod lazy;
mod leeway;
mod loads;
mod maintenance;
mod matching;
mod meetings;
#[cfg(test)]
mod meetings_tests;
mod memory;
#[cfg(test)]
mod mobility_tests;
mod models;
mod moves;
mod networks;
mod node_labels;
mod nodes;
mod obstacles;
mod openings;
mod overlapping;
mod packing;
mod pairs;
mod parts;
mod placement;
mod products;
mod quorum;
mod recovery;
mod repositories;
mod schedules;
mod settings;
mod storage;
mod switches;
mod targets;
mod truths;
mod vocabulary;
mod ways_out;

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

use crate::inventory::Inventory;
use crate::model::reflect::{Object, Value, Windows, World};
use crate::model::{Kind, Reference, State};
use crate::schedule::Search;

use calendar::Calendar;
use capacity::Limit;
use change::Base;
use doubts::Doubts;
use grouped::Grouped;
use lazy::{Lasting, Passing};
use moves::PlannedMove;
use placement::Placements;
use targets::TargetSet;

pub use agenda::{Activity, Agenda, By, Entry, Row, When, Window};
pub use clashes::{Clash, Clashes};
pub use curves::{HostCurve, LoadStep};
pub use pairs::{HostCard, Reason, Topic, Verdict};
pub use vocabulary::VOCABULARY;
pub use ways_out::{Crowd, Exception, Party, Present, Slots, Start, Subject, Taker};

/// An inventory with everything that follows from it.
pub struct Facts {
    whole: Arc<Whole>,
    base: Option<Arc<Base>>,
    passing: Passing,
}

/// An inventory and what follows from it that the rules of several relations ask for.
pub struct Whole {
    inventory: Inventory,
    calendar: Calendar,
    placements: Placements,
    limits: Vec<Limit>,
    moves: Vec<PlannedMove>,
    /// For each machine its planned moves.
    moves_of: Grouped,
    targets: Vec<TargetSet>,
    /// For each machine the policies that back it up.
    policies_of: Grouped,
    doubts: Doubts,
    lasting: Lasting,
}

/// Texts are read again when the facts are gone, and take their room.
impl Drop for Whole {
    fn drop(&mut self) {
        self.inventory.let_go();
    }
}

impl Deref for Facts {
    type Target = Whole;

    fn deref(&self) -> &Whole {
        &self.whole
    }
}

impl Facts {
    /// Derives what every rule needs; what only some need is derived when first asked for.
    #[must_use]
    pub fn derive(inventory: Inventory, search: &Search) -> Self {
        let (placements, calendar) = rayon::join(
            || Placements::derive(&inventory),
            || Calendar::derive(&inventory, search),
        );
        let machines = inventory.machines.len();
        let of_moves = || {
            let limits = capacity::limits(&inventory, &placements);
            let moves = moves::derive(&inventory, &placements, &calendar);
            let machine = |planned: &PlannedMove| planned.machine.known().copied();
            let pairs = (0..).zip(&moves);
            let pairs = pairs.filter_map(|(number, planned)| Some((machine(planned)?, number)));
            let moves_of = Grouped::of(machines, pairs);
            (limits, moves, moves_of)
        };
        let of_backups = || {
            let mut doubts = Doubts::of(&inventory, &placements);
            let targets = targets::derive(&inventory, &placements, &mut doubts);
            let pairs = (0..).zip(&targets).flat_map(|(policy, targets)| {
                let machines = targets.machines.iter();
                machines.map(move |machine| (*machine, policy))
            });
            let policies_of = Grouped::of(machines, pairs);
            (doubts, targets, policies_of)
        };
        let ((limits, moves, moves_of), (doubts, targets, policies_of)) =
            rayon::join(of_moves, of_backups);
        let whole = Whole {
            inventory,
            calendar,
            placements,
            limits,
            moves,
            moves_of,
            targets,
            policies_of,
            doubts,
            lasting: Lasting::default(),
        };
        Facts {
            whole: Arc::new(whole),
            base: None,
            passing: Passing::default(),
        }
    }

    /// The same facts for the rules of one relation: what only they ask for is derived for them, and
    /// let go with what is returned.
    #[must_use]
    pub fn of_relation(&self) -> Self {
        Facts {
            whole: Arc::clone(&self.whole),
            base: self.base.clone(),
            passing: Passing::default(),
        }
    }

    /// The same facts beside those of the estate before a change; `complete` says whether all of
    /// that could be read.
    #[must_use]
    pub fn compared_with(self, base: Facts, complete: bool) -> Self {
        Facts {
            base: Some(Arc::new(Base::new(base, complete))),
            ..self
        }
    }

    /// What is declared.
    #[must_use]
    pub fn inventory(&self) -> &Inventory {
        &self.inventory
    }

    /// The moves of a plan; all moves are in the order of their plans.
    fn moves_of_plan(&self, plan: u32) -> &[PlannedMove] {
        let start = self.moves.partition_point(|planned| planned.plan < plan);
        let count = self.moves[start..].partition_point(|planned| planned.plan == plan);
        &self.moves[start..start + count]
    }

    fn windows(&self, timing: Option<calendar::Timing>) -> Value<'_> {
        timing.map_or(Value::Unknown, |timing| {
            Value::Windows(Windows {
                occurrences: self.calendar.occurrences(timing),
                zone: self.calendar.zone(timing),
            })
        })
    }

    fn object(&self, kind: Kind, index: u32) -> Value<'_> {
        self.inventory
            .object(kind, index)
            .map_or(Value::Unknown, Value::Record)
    }

    fn objects(&self, kind: Kind, indices: impl IntoIterator<Item = u32>) -> Vec<Value<'_>> {
        indices
            .into_iter()
            .map(|index| self.object(kind, index))
            .collect()
    }

    fn optional(&self, kind: Kind, index: &State<u32>) -> Value<'_> {
        match index {
            State::Known(index) => self.object(kind, *index),
            State::Absent => Value::Absent,
            State::Unknown => Value::Unknown,
        }
    }
}

impl World for Facts {
    fn resolve<'a>(&'a self, kind: Kind, reference: &'a Reference) -> Value<'a> {
        self.inventory.resolve(kind, reference)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Option<&dyn World> {
        self.base.as_ref().map(|base| &*base.facts as &dyn World)
    }
}

/// Makes a struct a record that no document holds.
macro_rules! fact_record {
    ($name:ident, $ty:expr) => {
        impl $crate::model::reflect::Record for $name {
            fn record_type(&self) -> &'static $crate::model::reflect::RecordType {
                $ty
            }
            fn place(&self) -> Option<$crate::source::Span> {
                None
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }
    };
}
use fact_record;

/// A truth value, or that it is unknown.
fn truth<'a>(known: Option<bool>) -> Value<'a> {
    known.map_or(Value::Unknown, Value::Bool)
}

/// A list that may have more elements than are known, which an absent one stands for.
fn list<'a>(mut known: Vec<Value<'a>>, open: bool) -> Value<'a> {
    if open {
        known.push(Value::Absent);
    }
    Value::List(known)
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Record(object)
    }
}
