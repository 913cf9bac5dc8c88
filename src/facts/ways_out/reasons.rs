//! Why there is no other start, and what else would do: another day, or less time.

use std::ops::ControlFlow;

use jiff::civil::Weekday;

use super::crowds::Seat;
use super::parties::Party;
use super::{Against, Hurdles, Reason, Seeker, Taker};
use crate::facts::calendar::Timing;
use crate::schedule::{Busy, Days, Extent, QUARTER, Starts, TimeOfDay};

/// All that a reason depends on.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Knot {
    timing: Timing,
    against: Vec<Against>,
    seats: Vec<(Seat, u32)>,
}

/// Of so many of an island it is said what else would do. Whoever has more of them has another
/// question first.
const IN_FULL: usize = 500;
/// How many reasons are kept.
const KEPT: usize = 1 << 16;

impl Seeker<'_> {
    /// Why nothing is free on the days of a party.
    pub(super) fn reason(
        &mut self,
        party: Party,
        timing: Timing,
        days: &Days,
        hurdles: &Hurdles,
    ) -> Reason {
        let seats = hurdles.seats.iter();
        let knot = Knot {
            timing,
            against: hurdles.against.keys().copied().collect(),
            seats: seats
                .map(|seat| (*seat, self.crowds.version(seat.crowd)))
                .collect(),
        };
        let named = |mut reason: Reason, most: Option<Against>| {
            if let Some(other) = most.and_then(|most| hurdles.against.get(&most)) {
                reason.taker = Some(Taker::Party(*other));
            }
            let own = usize::from(matches!(reason.taker, Some(Taker::Party(_))));
            reason.others = hurdles.parties.saturating_sub(own);
            reason
        };
        let is_shared = !matches!(party, Party::Window(_));
        if let Some((reason, most)) = self.knots.get(&knot).filter(|_| is_shared) {
            return named(reason.clone(), *most);
        }
        if self.knots.len() >= KEPT {
            self.knots.clear();
        }
        let (reason, most) = self.fresh_reason(party, timing, days, hurdles);
        self.knots.insert(knot, (reason.clone(), most));
        named(reason, most)
    }

    fn fresh_reason(
        &mut self,
        party: Party,
        timing: Timing,
        days: &Days,
        hurdles: &Hurdles,
    ) -> (Reason, Option<Against>) {
        let mut reason = Reason::default();
        self.reasons += 1;
        let (mut most, mut count) = (None, 0);
        for against in hurdles.against.keys() {
            let met = self.meeting(timing, days, *against).count();
            if met > count {
                (most, count) = (Some(*against), met);
            }
        }
        for seat in &hurdles.seats {
            let full = self.full(party, timing, days, seat).count();
            if full > count {
                (most, count) = (None, full);
                reason.taker = Some(Taker::Crowd(seat.crowd));
            }
        }
        if self.reasons > IN_FULL {
            return (reason, most);
        }
        let against = hurdles.against.keys().map(|against| self.busy(*against));
        let mut taken: Vec<Busy> = against.collect();
        for seat in &hurdles.seats {
            taken.push(self.crowds.full(party, seat));
        }
        let taken = Busy::joined(&taken);
        reason.other_day = self.other_day(timing, days, &taken);
        reason.shorter = self.shorter(timing, days, &taken);
        (reason, most)
    }

    /// Another day of the week for what starts on one only: the nearest one that is free.
    fn other_day(&self, timing: Timing, days: &Days, taken: &Busy) -> Option<(Weekday, TimeOfDay)> {
        let calendar = &self.facts.calendar;
        let schedule = calendar.schedule(timing);
        let day = only_day(days)?;
        [1, -1, 2, -2, 3, -3].into_iter().find_map(|by| {
            let other = day.wrapping_add(by);
            let extent = Extent::of(schedule);
            let runs_on = |date: jiff::civil::Date| date.weekday() == other;
            let search = calendar.search();
            let days = Days::on(schedule.zone(), extent, search, QUARTER, runs_on);
            let time = nearest(&days, days.meeting(taken), schedule.time_of_day()?)?;
            Some((other, time))
        })
    }

    /// The most time that is free at one time of its days, in whole or half hours, and when.
    fn shorter(&self, timing: Timing, days: &Days, taken: &Busy) -> Option<(i64, TimeOfDay)> {
        let calendar = &self.facts.calendar;
        let schedule = calendar.schedule(timing);
        let extent = Extent::of(schedule);
        let length = extent.seconds();
        let unit = if length > 3_600 { 1_800 } else { QUARTER };
        let with = |length: i64| match extent {
            Extent::Elapsed(_) => Extent::Elapsed(length),
            Extent::Shown(_) => Extent::Shown(length),
        };
        let (mut least, mut most) = (0, (length - 1) / unit);
        let mut found = None;
        while least < most {
            let middle = (least + most + 1) / 2;
            let shorter = with(middle * unit);
            let tried = Days::of(schedule, shorter, calendar.search())?;
            match nearest(&tried, tried.meeting(taken), schedule.time_of_day()?) {
                Some(time) => {
                    found = Some((middle * unit, time));
                    least = middle;
                }
                None => most = middle - 1,
            }
        }
        let _ = days;
        found
    }
}

/// The nearest time at which nothing is met and the clocks do not change.
fn nearest(days: &Days, met: Starts, present: TimeOfDay) -> Option<TimeOfDay> {
    let free = met.and(days.in_clock_changes()).others();
    free.nearest(present, days.is_every_day())
}

/// The day of the week that all days are.
pub(super) fn only_day(days: &Days) -> Option<Weekday> {
    let mut all = days.dates().map(jiff::civil::Date::weekday);
    let first = all.next()?;
    let same = all.try_for_each(|day| match day == first {
        true => ControlFlow::Continue(()),
        false => ControlFlow::Break(()),
    });
    same.is_continue().then_some(first)
}
