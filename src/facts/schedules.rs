//! Every schedule that somebody wrote, and what is odd about it.

use jiff::civil::{Date, DateTime};

use super::Facts;
use super::calendar::Timing;
use crate::model::reflect::{Moment, Object, Record, RecordType, Value};
use crate::model::{Attr, Entity, Kind, Origin, Resource, Schedule, State};
use crate::schedule::{
    ClockChange, Cron, Instant, Occurrences, Recurrence, Robfig, RobfigStarts, Schedule as Meaning,
    Zone, hours_of_change,
};
use crate::source::Span;

/// The schedule of a plan, window or policy.
pub(super) struct ScheduleUse {
    pub(super) kind: Kind,
    /// The number of the plan, window or policy.
    pub(super) index: u32,
    /// Where it is written.
    place: Span,
    /// When it happens; none where that is unknown.
    timing: Option<Timing>,
}

impl Record for ScheduleUse {
    fn record_type(&self) -> &'static RecordType {
        &super::vocabulary::SCHEDULE_USE
    }

    fn place(&self) -> Option<Span> {
        Some(self.place)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}

/// The schedules of everything that is not over.
pub(super) fn derive(facts: &Facts) -> Vec<ScheduleUse> {
    let (inventory, calendar) = (&facts.inventory, &facts.calendar);
    let mut uses = Vec::new();
    note(&mut uses, facts, &inventory.plans, &calendar.plans, |it| {
        &it.schedule
    });
    note(
        &mut uses,
        facts,
        &inventory.windows,
        &calendar.windows,
        |it| &it.schedule,
    );
    note(
        &mut uses,
        facts,
        &inventory.policies,
        &calendar.policies,
        |it| &it.schedule,
    );
    uses
}

fn note<S: Entity>(
    uses: &mut Vec<ScheduleUse>,
    facts: &Facts,
    resources: &[Box<Resource<S>>],
    timings: &[Option<Timing>],
    schedule: fn(&S) -> &Attr<Schedule>,
) {
    for (resource, timing) in resources.iter().zip(timings) {
        let meta = &resource.meta;
        let suspended =
            meta.kind == Kind::BackupPolicy && facts.makes_backups(meta.index) == Some(false);
        if facts.calendar.is_past(*timing) || suspended {
            continue;
        }
        uses.extend(schedule(&resource.spec).place().map(|place| ScheduleUse {
            kind: resource.meta.kind,
            index: resource.meta.index,
            place,
            timing: *timing,
        }));
    }
}

impl Facts {
    pub(super) fn schedule_uses(&self) -> impl Iterator<Item = Object<'_>> {
        let uses = self.uses_of_schedules().iter();
        uses.filter_map(|it| {
            let owner = self.inventory.object(it.kind, it.index)?.owner;
            Some(Object::part(it, owner))
        })
    }

    /// Whether a schedule says when something happens to machines: in the format of the model, and of
    /// Windows, it does; of what runs in Kubernetes, policies do that back up a machine.
    pub(super) fn concerns_machines(&self, it: &ScheduleUse) -> Option<bool> {
        match (self.is_of_kubernetes(it), it.kind) {
            (false, _) => Some(true),
            (true, Kind::BackupPolicy) => self.has_target(it.index),
            (true, _) => Some(false),
        }
    }

    fn is_of_kubernetes(&self, it: &ScheduleUse) -> bool {
        let owner = self.inventory.object(it.kind, it.index);
        owner
            .and_then(|object| object.owner)
            .map(|owner| owner.origin)
            == Some(Origin::Kubernetes)
    }

    /// A schedule as it is written.
    pub(super) fn written_schedule(&self, it: &ScheduleUse) -> &Attr<Schedule> {
        let index = it.index as usize;
        match it.kind {
            Kind::MigrationPlan => &self.inventory.plans[index].spec.schedule,
            Kind::MaintenanceWindow => &self.inventory.windows[index].spec.schedule,
            _ => &self.inventory.policies[index].spec.schedule,
        }
    }

    /// Whether nothing starts in the search.
    pub(super) fn never_starts(&self, it: &ScheduleUse) -> Option<bool> {
        let occurrences = self.calendar.occurrences(it.timing?);
        Some(occurrences.is_empty())
    }

    /// Its cron: as it is meant, else as it is written where all but its zone and length is known.
    pub(super) fn cron(&self, it: &ScheduleUse) -> State<Cron> {
        if let Some(timing) = it.timing {
            return match self.calendar.schedule(timing).recurrence() {
                Recurrence::Cron(cron) => State::Known(*cron),
                _ => State::Absent,
            };
        }
        let Some(table) = self.written_schedule(it).known().map(|it| &it.timetable) else {
            return State::Unknown;
        };
        let others = [
            table.start.is_absent(),
            table.end.is_absent(),
            table.days.is_absent(),
            table.weeks_of_month.is_absent(),
            table.at.is_absent(),
        ];
        match table.cron.state() {
            State::Absent => State::Absent,
            State::Known(text) if self.is_of_kubernetes(it) => match Robfig::parse(text) {
                Ok(Robfig {
                    starts: RobfigStarts::Cron(cron),
                    ..
                }) => State::Known(cron),
                _ => State::Unknown,
            },
            State::Known(text) if !others.contains(&false) => {
                Cron::parse(text).map_or(State::Unknown, |(cron, _)| State::Known(cron))
            }
            _ => State::Unknown,
        }
    }

    /// The first start of a cron for which only one of its days matches, and its written date.
    fn unmeant(&self, timing: Timing, cron: &Cron) -> Option<(Instant, Date)> {
        let all = self.calendar.occurrences(timing);
        let dates = (0..all.len()).filter_map(|index| Some((index, all.written(index)?.first)));
        let mut unmeant = dates.filter(|(_, written)| !cron.both_days_match(written.date()));
        let (index, written) = unmeant.next()?;
        Some((all.get(index)?.start, written.date()))
    }

    /// The first time a cron runs although only one of its days matches.
    pub(super) fn first_unmeant(&self, it: &ScheduleUse) -> Value<'_> {
        let (Some(timing), State::Known(cron)) = (it.timing, self.cron(it)) else {
            return Value::Unknown;
        };
        match self.unmeant(timing, &cron) {
            None => Value::Absent,
            Some((at, _)) => Value::Instant(Moment {
                at,
                zone: self.calendar.zone(timing),
            }),
        }
    }

    /// The day field of a cron that does not match when it first runs for the other one's sake.
    pub(super) fn unmet_day(&self, it: &ScheduleUse) -> Value<'_> {
        let (Some(timing), State::Known(cron)) = (it.timing, self.cron(it)) else {
            return Value::Unknown;
        };
        let Some((_, date)) = self.unmeant(timing, &cron) else {
            return Value::Absent;
        };
        let from_the_end = if cron.day_of_month_matches(date) {
            0
        } else {
            2
        };
        let schedule = self.written_schedule(it).known();
        let text = schedule.and_then(|it| it.timetable.cron.known());
        let field = text.and_then(|text| text.split_ascii_whitespace().rev().nth(from_the_end));
        field.map_or(Value::Unknown, |field| Value::Text(field.into()))
    }

    /// Whether nothing starts in the search, but something would on a clock that never changes.
    pub(super) fn is_skipped_by_clocks(&self, it: &ScheduleUse) -> Option<bool> {
        let timing = it.timing?;
        if !self.never_starts(it)? {
            return Some(false);
        }
        let recurrence = *self.calendar.schedule(timing).recurrence();
        let unchanged = Meaning::new(recurrence, Zone::utc());
        let occurrences = Occurrences::of(&unchanged, self.calendar.search());
        Some(!occurrences.is_empty())
    }

    /// A cron with a star for its day of the month, or of the week.
    pub(super) fn with_one_day(&self, it: &ScheduleUse, of_week: bool) -> Value<'_> {
        let schedule = self.written_schedule(it).known();
        let Some(text) = schedule.and_then(|it| it.timetable.cron.known()) else {
            return Value::Unknown;
        };
        let mut words: Vec<&str> = text.split_ascii_whitespace().collect();
        let count = words.len();
        let field = if of_week { 3 } else { 1 };
        match count.checked_sub(field).and_then(|at| words.get_mut(at)) {
            Some(word) => *word = "*",
            None => return Value::Unknown,
        }
        Value::Text(words.join(" ").into())
    }

    /// Its first fixed start that the zone skips or repeats.
    pub(super) fn clock_change(&self, it: &ScheduleUse) -> State<&ClockChange> {
        match it.timing {
            None => State::Unknown,
            Some(timing) => {
                let change = self.calendar.occurrences(timing).clock_change();
                change.map_or(State::Absent, State::Known)
            }
        }
    }

    /// Whether a time that the clocks skip does not come, and one that they show twice comes twice.
    fn is_exact(&self, timing: Timing) -> bool {
        let recurrence = self.calendar.schedule(timing).recurrence();
        matches!(recurrence, Recurrence::Cron(cron) if cron.is_exact())
    }

    /// When it starts on that day after all; absent where it does not, or twice.
    pub(super) fn changed_start(&self, it: &ScheduleUse) -> Value<'_> {
        match (it.timing, self.clock_change(it)) {
            (Some(timing), State::Known(_)) if self.is_exact(timing) => Value::Absent,
            (Some(timing), State::Known(change)) => Value::Instant(Moment {
                at: change.start,
                zone: self.calendar.zone(timing),
            }),
            _ => Value::Absent,
        }
    }

    /// The hours around that start which clock changes touch: `02:00`, `03:00`.
    pub(super) fn hours_of_change(&self, it: &ScheduleUse) -> Option<(String, String)> {
        let change = self.clock_change(it).known().copied()?;
        let zone = self.calendar.zone(it.timing?);
        let (from, until) = hours_of_change(zone, self.calendar.search(), change.written)?;
        let show = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
        Some((show(from), show(until)))
    }
}

/// A time of the wall clock for messages: `Sun 2026-03-29 02:30`.
pub(super) fn shown(written: DateTime) -> String {
    let format = if written.second() == 0 {
        "%a %F %H:%M"
    } else {
        "%a %F %T"
    };
    written.strftime(format).to_string()
}
