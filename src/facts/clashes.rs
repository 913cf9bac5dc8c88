//! When the entries of an agenda collide: what `collisions` finds once, with all its times.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::agenda::{Activity, Agenda, Window};
use super::calendar::Timing;
use super::collisions::Meeting;
use crate::schedule::{Collision, Instant, Overlap, overlaps, self_overlaps};

/// Two entries that concern the same machines, or one and its own next start, at the same time.
#[derive(Clone, Debug)]
pub struct Clash {
    /// The number of a backup policy.
    pub first: u32,
    /// The number of what it collides with; `first` again where that is its own next start.
    pub second: u32,
    /// The machines that both concern, ascending.
    pub machines: Vec<u32>,
    times: Rc<Times>,
}

/// When two schedules collide.
#[derive(Default, Debug)]
struct Times {
    within: Vec<Window>,
    next: Option<Window>,
}

impl Clash {
    /// When they collide in the span of time that was asked about, by the starts.
    #[must_use]
    pub fn times(&self) -> &[Window] {
        &self.times.within
    }

    /// The first time that they collide after it.
    #[must_use]
    pub fn next(&self) -> Option<Window> {
        self.times.next
    }

    /// Whether a policy runs into its own next start.
    #[must_use]
    pub fn is_overrun(&self) -> bool {
        self.first == self.second
    }
}

/// The collisions of an agenda.
#[derive(Clone, Default, Debug)]
pub struct Clashes {
    /// Those that are certain, in a span of time or after it, by their entries.
    pub certain: Vec<Clash>,
    /// Backup policies that may collide with something, as nobody knows when one of the two happens
    /// or ends.
    pub possible: BTreeSet<u32>,
}

/// Clashes on their way; equal schedules are looked at once.
struct Search<'a> {
    agenda: &'a Agenda<'a>,
    from: Instant,
    until: Instant,
    known: HashMap<(Timing, Timing), Rc<Times>>,
    found: Clashes,
}

impl Agenda<'_> {
    /// Backups that meet migrations, maintenance, each other, or their own next start, in a span of
    /// time or after it.
    #[must_use]
    pub fn clashes(&self, from: Instant, until: Instant) -> Clashes {
        let facts = self.facts;
        let mut search = Search {
            agenda: self,
            from,
            until,
            known: HashMap::new(),
            found: Clashes::default(),
        };
        for meeting in facts.migration_collisions() {
            search.note(&meeting.0, Activity::Migration);
        }
        for meeting in facts.maintenance_collisions() {
            search.note(&meeting.0, Activity::Maintenance);
        }
        for meeting in facts.backup_overlaps() {
            search.note(&meeting.0, Activity::Backup);
        }
        for policy in (0..).take(facts.inventory.policies.len()) {
            search.note_overrun(policy);
        }
        let mut found = search.found;
        found
            .certain
            .sort_by_key(|clash| (clash.first, clash.second));
        found
    }

    /// The number of a policy, plan or window among the entries.
    pub(super) fn number(&self, activity: Activity, index: u32) -> u32 {
        let inventory = &self.facts.inventory;
        let count = |resources: usize| u32::try_from(resources).unwrap_or(u32::MAX);
        let policies = count(inventory.policies.len());
        match activity {
            Activity::Backup => index,
            Activity::Migration => policies + index,
            Activity::Maintenance => policies + count(inventory.plans.len()) + index,
        }
    }
}

impl Search<'_> {
    fn note(&mut self, meeting: &Meeting, other: Activity) {
        let timings = meeting.policy_timing.zip(meeting.other_timing);
        let times = match (meeting.overlap(&self.agenda.facts.calendar), timings) {
            (Overlap::Never, _) => return,
            (Overlap::Collides(_), Some(timings)) => self.times(timings),
            _ => {
                self.found.possible.insert(meeting.policy);
                return;
            }
        };
        let second = self.agenda.number(other, meeting.other);
        self.add(meeting.policy, second, &meeting.machines, times);
    }

    fn note_overrun(&mut self, policy: u32) {
        let entry = &self.agenda.entries[policy as usize];
        let Some(timing) = entry.timing() else {
            return;
        };
        match self.agenda.facts.calendar.self_overlap(timing) {
            Overlap::Never => {}
            Overlap::Unknown => {
                self.found.possible.insert(policy);
            }
            Overlap::Collides(_) => {
                let times = self.times((timing, timing));
                self.add(policy, policy, &entry.machines, times);
            }
        }
    }

    fn add(&mut self, first: u32, second: u32, machines: &[u32], times: Rc<Times>) {
        if !times.within.is_empty() || times.next.is_some() {
            self.found.certain.push(Clash {
                first,
                second,
                machines: machines.to_vec(),
                times,
            });
        }
    }

    /// When two schedules collide; one and itself, when an occurrence meets the next.
    fn times(&mut self, (one, other): (Timing, Timing)) -> Rc<Times> {
        let (from, until) = (self.from, self.until);
        let facts = self.agenda.facts;
        let compute = || {
            let calendar = &facts.calendar;
            let (first, second) = (calendar.occurrences(one), calendar.occurrences(other));
            match one == other {
                true => Times::among(self_overlaps(first), from, until),
                false => Times::among(overlaps(first, second), from, until),
            }
        };
        let known = self.known.entry((one, other));
        known.or_insert_with(|| Rc::new(compute())).clone()
    }
}

impl Times {
    /// Of collisions by their starts those in a span of time, and the next one.
    fn among(all: impl Iterator<Item = Collision>, from: Instant, until: Instant) -> Self {
        let mut times = Times::default();
        for Collision { start, end, .. } in all {
            let window = Window { start, end };
            if window.start >= until {
                times.next = Some(window);
                break;
            }
            if window.touches(from, until) {
                times.within.push(window);
            }
        }
        times
    }
}
