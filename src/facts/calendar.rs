//! When plans, windows and policies happen: equal schedules are computed once.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, OnceLock};

use crate::inventory::Inventory;
use crate::model::{Attr, Schedule, State};
use crate::schedule::{
    self, Instant, Occurrence, Occurrences, Overlap, Rhythm, Search, Zone, first_overlap, overlaps,
    self_overlap, self_overlaps, together,
};

/// The occurrences of all schedules of an inventory.
pub(super) struct Calendar {
    schedules: Vec<(schedule::Schedule, Occurrences)>,
    pub(super) plans: Vec<Option<Timing>>,
    pub(super) windows: Vec<Option<Timing>>,
    pub(super) policies: Vec<Option<Timing>>,
    overlaps: Memory<(Timing, Timing), Overlap>,
    self_overlaps: OnceLock<Vec<Overlap>>,
    recurrences: Memory<(Timing, Timing), Option<String>>,
    own_recurrences: Memory<Timing, Option<String>>,
    joints: Memory<(Timing, BTreeSet<Timing>, Instant), Joint>,
    search: Search,
}

/// A time at which several are open, for messages.
#[derive(Clone, Debug)]
pub(super) struct Joint {
    /// The first such time: `Sat 2026-12-05 22:00–23:00 (Europe/Berlin)`.
    pub(super) window: String,
    /// How often and for how long: `every Saturday, for 1h`.
    pub(super) recurs: String,
}

/// What was asked for before, by what it was asked of.
type Memory<K, V> = Mutex<HashMap<K, V>>;

/// What follows from a key, derived where it was not asked for before.
fn remembered<K: Eq + Hash, V: Clone>(
    memory: &Memory<K, V>,
    key: K,
    derive: impl FnOnce() -> V,
) -> V {
    match memory.lock() {
        Ok(mut known) => known.entry(key).or_insert_with(derive).clone(),
        Err(_) => derive(),
    }
}

/// A schedule of the calendar. Where there is none, nobody knows when.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Timing(u32);

impl Calendar {
    pub(super) fn derive(inventory: &Inventory, search: &Search) -> Self {
        let mut calendar = Calendar {
            schedules: Vec::new(),
            plans: Vec::new(),
            windows: Vec::new(),
            policies: Vec::new(),
            overlaps: Memory::default(),
            self_overlaps: OnceLock::new(),
            recurrences: Memory::default(),
            own_recurrences: Memory::default(),
            joints: Memory::default(),
            search: *search,
        };
        let mut known = HashMap::new();
        let mut add = |schedule: &Attr<Schedule>| {
            let State::Known(meaning) = &schedule.known()?.meaning else {
                return None;
            };
            Some(*known.entry(meaning.clone()).or_insert_with(|| {
                let timing = Timing(u32::try_from(calendar.schedules.len()).unwrap_or(u32::MAX));
                let occurrences = Occurrences::of(meaning, search);
                calendar.schedules.push((meaning.clone(), occurrences));
                timing
            }))
        };
        calendar.plans = inventory
            .plans
            .iter()
            .map(|plan| add(&plan.spec.schedule))
            .collect();
        calendar.windows = inventory
            .windows
            .iter()
            .map(|window| add(&window.spec.schedule))
            .collect();
        calendar.policies = inventory
            .policies
            .iter()
            .map(|policy| add(&policy.spec.schedule))
            .collect();
        calendar
    }

    /// A calendar of schedules as a test states them, with their timings.
    #[cfg(test)]
    pub(super) fn of(schedules: &[schedule::Schedule], search: &Search) -> (Self, Vec<Timing>) {
        let mut calendar = Calendar::derive(&Inventory::default(), search);
        let with_occurrences =
            |schedule: &schedule::Schedule| (schedule.clone(), Occurrences::of(schedule, search));
        calendar.schedules = schedules.iter().map(with_occurrences).collect();
        let timings = (0..).zip(schedules).map(|(index, _)| Timing(index));
        (calendar, timings.collect())
    }

    pub(super) fn occurrences(&self, timing: Timing) -> &Occurrences {
        &self.schedules[timing.0 as usize].1
    }

    pub(super) fn schedule(&self, timing: Timing) -> &schedule::Schedule {
        &self.schedules[timing.0 as usize].0
    }

    /// The days in which occurrences are looked for.
    pub(super) fn search(&self) -> &Search {
        &self.search
    }

    pub(super) fn zone(&self, timing: Timing) -> &Zone {
        self.schedules[timing.0 as usize].0.zone()
    }

    /// Whether it was over before the search began, so that rules leave it out.
    pub(super) fn is_past(&self, timing: Option<Timing>) -> bool {
        timing.is_some_and(|timing| self.occurrences(timing).ended_before())
    }

    /// Whether two schedules collide; unknown where one of them is.
    pub(super) fn overlap(&self, first: Option<Timing>, second: Option<Timing>) -> Overlap {
        let (Some(first), Some(second)) = (first, second) else {
            return Overlap::Unknown;
        };
        if self.occurrences(first).keep_apart(self.occurrences(second)) {
            return Overlap::Never;
        }
        remembered(&self.overlaps, (first, second), || {
            first_overlap(self.occurrences(first), self.occurrences(second))
        })
    }

    /// How often two schedules collide and for how long, in words.
    pub(super) fn recurrence(&self, first: Timing, second: Timing) -> Option<String> {
        remembered(&self.recurrences, (first, second), || {
            let collisions = overlaps(self.occurrences(first), self.occurrences(second));
            let times: Vec<Occurrence> = collisions.map(Occurrence::from).collect();
            self.rhythm(&times, first, second)
        })
    }

    /// How often a schedule collides with its own next occurrence and for how long, in words.
    pub(super) fn own_recurrence(&self, timing: Timing) -> Option<String> {
        remembered(&self.own_recurrences, timing, || {
            let collisions = self_overlaps(self.occurrences(timing));
            let times: Vec<Occurrence> = collisions.map(Occurrence::from).collect();
            self.rhythm(&times, timing, timing)
        })
    }

    /// When something starts at an instant together with others, in words, and how often that
    /// recurs.
    pub(super) fn joint(&self, own: Timing, others: BTreeSet<Timing>, at: Instant) -> Joint {
        let with: Vec<&Occurrences> = others.iter().map(|it| self.occurrences(*it)).collect();
        remembered(&self.joints, (own, others, at), || {
            let times = together(self.occurrences(own), &with);
            let piece = times.iter().find(|piece| piece.start == at);
            let end = piece.and_then(|piece| piece.end);
            Joint {
                window: self.zone(own).show_window(at, end),
                recurs: self.rhythm(&times, own, own).unwrap_or_default(),
            }
        })
    }

    fn rhythm(&self, times: &[Occurrence], zone: Timing, other: Timing) -> Option<String> {
        let (zone, other) = (self.zone(zone), self.zone(other));
        Rhythm::of(times, zone, other, &self.search).map(|rhythm| rhythm.to_string())
    }

    /// Whether a schedule collides with its own next occurrence.
    pub(super) fn self_overlap(&self, timing: Timing) -> Overlap {
        let all = self.self_overlaps.get_or_init(|| {
            let each = self.schedules.iter();
            each.map(|(_, occurrences)| self_overlap(occurrences))
                .collect()
        });
        all[timing.0 as usize]
    }
}
