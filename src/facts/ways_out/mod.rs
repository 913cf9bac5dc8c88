//! Ways out: when those that are in each other's way could start instead.
//!
//! What is proposed is free for all that a plan, window or policy takes part in: its machines, its
//! repository, the limits of hosts and clusters, the votes of clusters. Proposals count for those
//! that are made after them, beside what is so far, so that each can be taken alone and all can be
//! taken together. They are made in the order of path and position.

mod ballots;
mod crowds;
mod islands;
mod parties;
mod profile;
mod reasons;
mod slots;
mod troubles;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::OnceLock;

use jiff::civil::Weekday;

use super::Facts;
use super::calendar::Timing;
use crate::schedule::{
    self, Busy, Days, Extent, Instant, Occurrences, Recurrence, Starts, TimeOfDay, nearest_instant,
};

pub use crowds::Crowd;
pub(super) use islands::Islands;
pub use parties::Party;
pub(super) use parties::WindowsOver;
pub use slots::{Exception, Present, Slots, Start, Subject};
pub(super) use words::Written;

use crowds::{Crowds, Seat};
use islands::Island;
use reasons::Knot;
use troubles::Troubles;

/// How many changes of the votes of a cluster are looked at, for all of its windows together.
const MOST_CHANGES: usize = 50_000_000;
/// How many masks and days are kept.
const KEPT: usize = 1 << 20;
const DAYS_KEPT: usize = 256;
/// Of a crowd with more changes it is quicker to ask at single times whether there is room.
const QUICKLY_READ: usize = 20_000;

/// What each that is in trouble could do, by island: looked for where one of it is asked about.
pub(super) struct WaysOut {
    of_islands: Vec<OnceLock<Box<[WayOut]>>>,
}

/// What a plan, window or policy could do to meet nothing.
pub(super) struct WayOut {
    pub(super) party: Party,
    pub(super) found: Found,
    /// Whether it is the one that should move.
    pub(super) moves: bool,
    /// The crowds that have room for it then.
    rooms: Vec<Crowd>,
    /// Those of which nobody knows when they start.
    unscheduled: Vec<Party>,
    /// Those of which nobody knows when they end.
    endless: Vec<Party>,
}

/// When it could start.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// At a time of the day, on its days.
    Time(TimeOfDay),
    /// Once.
    Instant(Instant),
    /// It starts several times a day.
    Repeats,
    /// Nobody looked, as the windows of a cluster open and close too often.
    Unsought(u32),
    /// Never, as it is.
    Nothing(Reason),
}

/// Why there is no other start, and what else would do.
#[derive(Clone, Debug, Default)]
pub(super) struct Reason {
    /// What takes most of its days.
    taker: Option<Taker>,
    /// How many others are in the way.
    others: usize,
    /// Another day of the week on which there is.
    other_day: Option<(Weekday, TimeOfDay)>,
    /// The nearest time that is free, but at which machines would be backed up too rarely.
    missing: Option<TimeOfDay>,
    /// How long it could take at most, and when.
    shorter: Option<(i64, TimeOfDay)>,
}

/// What is in the way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Taker {
    /// A plan, window or policy.
    Party(Party),
    /// Something that takes only so much.
    Crowd(Crowd),
}

impl WaysOut {
    pub(super) fn unsought(facts: &Facts) -> Self {
        let islands = facts.islands().count();
        WaysOut {
            of_islands: (0..islands).map(|_| OnceLock::new()).collect(),
        }
    }
}

impl WayOut {
    /// The ways out of an island, by party. Crowds of which no more than so many changes are known
    /// are looked at as a whole.
    fn on(facts: &Facts, island: Island<'_>, quickly_read: usize) -> BTreeMap<Party, WayOut> {
        let crowds = Crowds::on(facts, island);
        let troubles = Troubles::on(facts, island, &crowds);
        let mut seeker = Seeker {
            facts,
            crowds,
            quickly_read,
            days: HashMap::new(),
            masks: HashMap::new(),
            full: HashMap::new(),
            proposals: Vec::new(),
            proposal_of: HashMap::new(),
            knots: HashMap::new(),
            reasons: 0,
        };
        let mut of = BTreeMap::new();
        let (policies, mut others): (BTreeSet<Party>, BTreeSet<Party>) =
            troubles.all.iter().partition(|party| party.is_policy());
        seeker.seek_all(&policies, &troubles, &mut of);
        let stuck = |policy: &Party| of.get(policy).is_some_and(|way| !way.found.is_some());
        let met = troubles.met.iter().filter(|(policy, _)| stuck(policy));
        let met = met.map(|(_, other)| *other);
        others.extend(met);
        seeker.seek_all(&others, &troubles, &mut of);
        of
    }
}

impl Found {
    /// Whether it could start at another time.
    pub(super) fn is_some(&self) -> bool {
        matches!(self, Found::Time(_) | Found::Instant(_))
    }
}

/// What a time must be free of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
enum Against {
    Timing(Timing),
    /// A proposal, by its number.
    Proposal(usize),
}

/// Finds ways out, one after the other.
struct Seeker<'f> {
    facts: &'f Facts,
    crowds: Crowds<'f>,
    quickly_read: usize,
    days: HashMap<Timing, Rc<Days>>,
    masks: HashMap<(Timing, Against), Starts>,
    /// By schedule and crowd when it is known to be full.
    full: HashMap<(Timing, Seat), Starts>,
    proposals: Vec<Busy>,
    proposal_of: HashMap<Party, usize>,
    knots: HashMap<Knot, (Reason, Option<Against>)>,
    /// How many reasons were looked for.
    reasons: usize,
}

/// What a party must be free of.
#[derive(Default)]
struct Hurdles {
    /// By what is taken the first that takes it.
    against: BTreeMap<Against, Party>,
    /// How many take anything.
    parties: usize,
    seats: Vec<Seat>,
    unscheduled: Vec<Party>,
    endless: Vec<Party>,
}

impl Seeker<'_> {
    fn seek_all(
        &mut self,
        parties: &BTreeSet<Party>,
        troubles: &Troubles,
        found: &mut BTreeMap<Party, WayOut>,
    ) {
        for party in parties {
            let moves = troubles.movers.contains(party);
            if let Some(way) = self.seek(*party, moves) {
                found.insert(*party, way);
            }
        }
    }

    fn seek(&mut self, party: Party, moves: bool) -> Option<WayOut> {
        let timing = self.facts.timing_of(party)?;
        let calendar = &self.facts.calendar;
        let schedule = calendar.schedule(timing);
        if calendar.occurrences(timing).beyond_search() {
            return None;
        }
        let hurdles = self.hurdles(party);
        let tedious = hurdles
            .seats
            .iter()
            .find_map(|seat| self.crowds.tedious(seat));
        let found = match schedule.recurrence() {
            _ if tedious.is_some() => Found::Unsought(tedious?),
            Recurrence::Once(_) => self.once(party, timing, schedule, &hurdles)?,
            _ if schedule.time_of_day().is_none() => Found::Repeats,
            _ => self.on_its_days(party, timing, schedule, &hurdles)?,
        };
        if moves {
            self.propose(party, schedule, &found, &hurdles.seats);
        }
        Some(WayOut {
            party,
            found,
            moves,
            rooms: hurdles.seats.iter().map(|seat| seat.crowd).collect(),
            unscheduled: hurdles.unscheduled,
            endless: hurdles.endless,
        })
    }

    fn hurdles(&self, party: Party) -> Hurdles {
        let facts = self.facts;
        let mut hurdles = Hurdles::default();
        for other in facts.opponents(party) {
            match facts.timing_of(other) {
                None => hurdles.unscheduled.push(other),
                Some(timing) if facts.calendar.occurrences(timing).beyond_search() => {}
                Some(timing) => {
                    hurdles.parties += 1;
                    if !facts.calendar.schedule(timing).has_end() {
                        hurdles.endless.push(other);
                    }
                    hurdles
                        .against
                        .entry(Against::Timing(timing))
                        .or_insert(other);
                }
            }
            if let Some(number) = self.proposal_of.get(&other) {
                hurdles.against.insert(Against::Proposal(*number), other);
            }
        }
        hurdles.seats = self.crowds.seats(party);
        hurdles.seats.retain(|seat| !seat.is_hopeless());
        hurdles
    }

    fn days(&mut self, timing: Timing) -> Option<Rc<Days>> {
        if let Some(days) = self.days.get(&timing) {
            return Some(Rc::clone(days));
        }
        if self.days.len() >= DAYS_KEPT {
            self.days.clear();
        }
        let calendar = &self.facts.calendar;
        let schedule = calendar.schedule(timing);
        let days = Days::of(schedule, Extent::of(schedule), calendar.search())?;
        let days = Rc::new(days);
        self.days.insert(timing, Rc::clone(&days));
        Some(days)
    }

    fn busy(&self, against: Against) -> Busy {
        match against {
            Against::Timing(timing) => self.facts.busy(timing),
            Against::Proposal(number) => self.proposals[number].clone(),
        }
    }

    /// The times of day at which something is met.
    fn meeting(&mut self, timing: Timing, days: &Days, against: Against) -> Starts {
        if let Some(known) = self.masks.get(&(timing, against)) {
            return *known;
        }
        if self.masks.len() >= KEPT {
            self.masks.clear();
        }
        let starts = days.meeting(&self.busy(against));
        self.masks.insert((timing, against), starts);
        starts
    }

    /// The times of day at which a crowd is known to be full. What is proposed only adds to that.
    fn full(&mut self, party: Party, timing: Timing, days: &Days, seat: &Seat) -> Starts {
        let is_shared = !matches!(seat.crowd, Crowd::Votes(_));
        match self.full.get(&(timing, *seat)) {
            Some(known) if is_shared => return *known,
            _ => {}
        }
        if self.full.len() >= KEPT {
            self.full.clear();
        }
        let is_long = is_shared && self.crowds.changes(seat.crowd) > self.quickly_read;
        let starts = match is_long {
            true => {
                Starts::at_which(|time| !self.crowds.has_room(party, seat, &days.taking(*time)))
            }
            false => days.meeting(&self.crowds.full(party, seat)),
        };
        self.full.insert((timing, *seat), starts);
        starts
    }

    /// Whether all crowds have room at a time; notes those that are full then.
    fn have_room(
        &mut self,
        party: Party,
        timing: Timing,
        seats: &[Seat],
        time: TimeOfDay,
        days: &Days,
    ) -> bool {
        if seats.is_empty() {
            return true;
        }
        let instead = days.taking(time);
        let mut have_room = true;
        for seat in seats {
            if !self.crowds.has_room(party, seat, &instead) {
                if let Some(known) = self.full.get_mut(&(timing, *seat)) {
                    *known = known.with(time);
                }
                have_room = false;
            }
        }
        have_room
    }

    fn on_its_days(
        &mut self,
        party: Party,
        timing: Timing,
        schedule: &schedule::Schedule,
        hurdles: &Hurdles,
    ) -> Option<Found> {
        let present = schedule.time_of_day()?;
        let days = self.days(timing)?;
        let itself = days.meeting_itself();
        if itself.others().is_empty() {
            return None;
        }
        let mut taken = itself;
        for against in hurdles.against.keys() {
            taken = taken.and(self.meeting(timing, &days, *against));
        }
        for seat in &hurdles.seats {
            if self.crowds.changes(seat.crowd) <= self.quickly_read {
                taken = taken.and(self.full(party, timing, &days, seat));
            }
        }
        loop {
            let free = taken.others();
            let facts = self.facts;
            let found = facts.nearest_start(party, timing, free, &days, present);
            return match (found, free.nearest(present, days.is_every_day())) {
                (Some(time), _) if !self.have_room(party, timing, &hurdles.seats, time, &days) => {
                    taken = taken.with(time);
                    continue;
                }
                (Some(time), _) if time == present => None,
                (Some(time), _) => Some(Found::Time(time)),
                (None, None) => Some(Found::Nothing(self.reason(party, timing, &days, hurdles))),
                (None, missing) => Some(Found::Nothing(Reason {
                    missing,
                    ..Reason::default()
                })),
            };
        }
    }

    fn once(
        &mut self,
        party: Party,
        timing: Timing,
        schedule: &schedule::Schedule,
        hurdles: &Hurdles,
    ) -> Option<Found> {
        let calendar = &self.facts.calendar;
        let now = calendar.occurrences(timing).first()?.start;
        let all = hurdles.against.keys().map(|against| self.busy(*against));
        let mut all: Vec<Busy> = all.collect();
        for seat in &hurdles.seats {
            all.push(self.crowds.full(party, seat));
        }
        let search = calendar.search();
        let within = search.from().max(now.min(search.from()))..search.until();
        let length = Extent::of(schedule).seconds();
        let busy = Busy::joined(&all);
        match nearest_instant(&busy, now, length, &within, schedule.zone()) {
            Some(start) if start == now => None,
            Some(start) => Some(Found::Instant(start)),
            None => Some(Found::Nothing(Reason::default())),
        }
    }

    fn propose(
        &mut self,
        party: Party,
        schedule: &schedule::Schedule,
        found: &Found,
        seats: &[Seat],
    ) {
        let moved = match found {
            Found::Time(time) => schedule.starting_at(*time),
            Found::Instant(start) => Some(schedule.once_at(*start)),
            Found::Repeats | Found::Unsought(_) | Found::Nothing(_) => None,
        };
        let Some(moved) = moved else {
            return;
        };
        let busy = Busy::of(&Occurrences::of(&moved, self.facts.calendar.search()));
        for seat in seats {
            self.crowds.propose(party, seat, &busy);
        }
        self.proposal_of.insert(party, self.proposals.len());
        self.proposals.push(busy);
    }
}

impl Facts {
    /// What a plan, window or policy that is in trouble could do; none where it is in none, or
    /// where its time has nothing to do with it.
    pub(super) fn way_out(&self, party: Party) -> Option<&WayOut> {
        let island = self.islands().of(party);
        let ways = self.ways_out().of_islands[island as usize].get_or_init(|| {
            let island = Island::of(self, self.islands().parties(island));
            WayOut::on(self, island, QUICKLY_READ)
                .into_values()
                .collect()
        });
        let found = ways.binary_search_by_key(&party, |way| way.party);
        found.ok().map(|index| &ways[index])
    }

    /// The nearest of some times at which machines are still backed up as often as they have to
    /// be; none that the clocks skip or repeat where there is another.
    pub(super) fn nearest_start(
        &self,
        party: Party,
        timing: Timing,
        free: Starts,
        days: &Days,
        present: TimeOfDay,
    ) -> Option<TimeOfDay> {
        let steady = free.others().and(days.in_clock_changes()).others();
        let schedule = self.calendar.schedule(timing);
        let objectives = match party {
            Party::Policy(policy) => self.objectives(policy, timing),
            Party::Plan(_) | Party::Window(_) => Vec::new(),
        };
        let keeps = |time: TimeOfDay| {
            let moved = schedule.starting_at(time)?;
            let occurrences = Occurrences::of(&moved, self.calendar.search());
            let kept = objectives
                .iter()
                .all(|it| it.is_kept_by(&moved, &occurrences, &self.calendar));
            kept.then_some(time)
        };
        [steady, free].into_iter().find_map(|mut left| {
            while let Some(time) = left.nearest(present, days.is_every_day()) {
                if objectives.is_empty() || keeps(time).is_some() {
                    return Some(time);
                }
                left = left.without(time);
            }
            None
        })
    }
}

#[cfg(test)]
mod tests;
