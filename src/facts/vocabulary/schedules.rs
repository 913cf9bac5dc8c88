//! What rules about schedules themselves can name.

use super::{attributes, here, operands, text};
use crate::facts::schedules::{ScheduleUse, shown};
use crate::facts::{Facts, truth};
use crate::model::State;
use crate::model::reflect::{Attribute, Object, RecordType, Type, Value};
use crate::model::{Kind, Origin, Timetable};
use crate::schedule::{ClockChange, ClockChangeKind};

const KINDS: &[&str] = &["MigrationPlan", "MaintenanceWindow", "BackupPolicy"];
const CHANGES: &[&str] = &["skipped", "repeated"];

pub(in crate::facts) static SCHEDULE_USE: RecordType = RecordType {
    name: "ScheduleUse",
    doc: "The schedule of a plan, window or policy.",
    kind: None,
    attributes: attributes! { ScheduleUse;
        /// The name of the plan, window or policy.
        "name": Type::Text,
        |facts, it, object| object.owner.map_or(Value::Unknown, |owner| Value::Text((&*owner.name).into()));
        /// Its kind.
        "kind": Type::Choice(KINDS),
        |facts, it, object| Value::Text(Kind::as_str(it.kind).into());
        /// The schedule, as written.
        "schedule": Type::Record(Timetable::TYPE),
        |facts, it, object| match facts.written_schedule(it).state() {
            State::Known(schedule) => Value::Record(Object::part(schedule, object.owner)),
            State::Absent | State::Unknown => Value::Unknown,
        },
        at here(object, facts.written_schedule(it).place(), "schedule");
        /// Whether it says when something happens to machines: false of what runs in Kubernetes, unless it is a policy that backs up a machine that is declared.
        "concernsMachines": Type::Bool,
        |facts, it, object| truth(facts.concerns_machines(it));
        /// Whether its format has weekly windows, as vmlint's own has.
        "hasWeeklyWindows": Type::Bool,
        |facts, it, object| Value::Bool(object.owner.is_some_and(|owner| owner.origin == Origin::Native));
        /// Whether nothing starts in the 400 days of the search.
        "neverStarts": Type::Bool,
        |facts, it, object| truth(facts.never_starts(it));
        /// Whether it never starts only because the clocks skip the hour on its days.
        "skippedByClocks": Type::Bool,
        |facts, it, object| truth(facts.is_skipped_by_clocks(it));
        /// The first day of the search, such as `2026-01-01`.
        "searchedFrom": Type::Text,
        |facts, it, object| {
            let from = facts.calendar.search().from();
            let day = crate::schedule::Zone::utc().wall_clock(from).date();
            Value::Text(day.to_string().into())
        };
        /// Whether it is a cron that sets both day of month and day of week, and so runs when either matches.
        "daysEitherMatch": Type::Bool,
        |facts, it, object| match facts.cron(it) {
            State::Known(cron) => Value::Bool(cron.days_either_match()),
            State::Absent => Value::Bool(false),
            State::Unknown => Value::Unknown,
        };
        /// When such a cron first runs although only one of the two matches; absent where it never does.
        "firstUnmeant" optional: Type::Instant,
        |facts, it, object| facts.first_unmeant(it);
        /// The field for the day that does not match then, such as `8-14`.
        "unmetDay" optional: Type::Text,
        |facts, it, object| facts.unmet_day(it);
        /// The same cron without its day of the week.
        "byDayOfMonth": Type::Text,
        |facts, it, object| facts.with_one_day(it, false);
        /// The same cron without its day of the month.
        "byDayOfWeek": Type::Text,
        |facts, it, object| facts.with_one_day(it, true);
        /// The weekly window for a cron that is to run where both match; absent where there is none, or its format has no such windows.
        "weeklyWindow" optional: Type::Text,
        |facts, it, object| match facts.cron(it) {
            State::Known(cron) if cron.is_exact() => Value::Absent,
            State::Known(cron) => cron.weekly_window().map_or(Value::Absent, |window| Value::Text(window.into())),
            State::Absent => Value::Absent,
            State::Unknown => Value::Unknown,
        };
        /// What a clock change does to one of its fixed starts in the search; absent where none does anything.
        "clockChange" optional: Type::Choice(CHANGES),
        |facts, it, object| change(facts, it, |change| match change.kind {
            ClockChangeKind::Skipped => "skipped".to_owned(),
            ClockChangeKind::Repeated => "repeated".to_owned(),
        });
        /// The first such start as it is written, such as `Sun 2026-03-29 02:30`.
        "changedTime" optional: Type::Text,
        |facts, it, object| change(facts, it, |change| shown(change.written));
        /// When it starts on that day: after the gap, or at the first of two times; absent where its program leaves it out, or starts twice.
        "changedStart" optional: Type::Instant,
        |facts, it, object| facts.changed_start(it);
        /// The time of day from which on clock changes touch such a start, such as `02:00`.
        "changeFrom" optional: Type::Text,
        |facts, it, object| facts.hours_of_change(it).map_or(Value::Absent, |(from, _)| Value::Text(from.into()));
        /// The time of day from which on they touch it no more.
        "changeUntil" optional: Type::Text,
        |facts, it, object| facts.hours_of_change(it).map_or(Value::Absent, |(_, until)| Value::Text(until.into()));
    },
};

fn change<'a>(facts: &Facts, it: &ScheduleUse, read: impl Fn(&ClockChange) -> String) -> Value<'a> {
    text(facts.clock_change(it).map(read))
}
