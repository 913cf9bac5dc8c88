//! When plans, windows and policies that are in each other's way could start instead.

use super::{attributes, number, operands};
use crate::facts::Facts;
use crate::facts::ways_out::{Party, WayOut, Written};
use crate::model::reflect::{Attribute, Type, Value};
use crate::model::{BackupPolicy, MaintenanceWindow, MigrationPlan};

/// The attributes that each of them has.
macro_rules! ways_out {
    ($static:ident, $of:ident, $party:ident) => {
        pub(super) static $static: &[Attribute] = attributes! { $of;
            /// What it could do to meet nothing that it must not meet: the nearest other start that is free for all it takes part in, or that there is none, and why. Absent where it is in nobody's way, or at any time.
            "wayOut" optional: Type::Text,
            |facts, it, object| match facts.way_out(Party::$party(number(object))) {
                Some(way) => way.sentence(facts).map_or(Value::Unknown, |text| Value::Text(text.into())),
                None => Value::Absent,
            };
            /// Whether `wayOut` is another start.
            "couldStart": Type::Bool,
            |facts, it, object| {
                let way = facts.way_out(Party::$party(number(object)));
                Value::Bool(way.is_some_and(|way| way.found.is_some()))
            };
            /// The cron that says so, where it is the one that should move: of two that meet it is the policy, of two policies the later one, of several those that are too much beside the ones before them.
            "movedCron" optional: Type::Text,
            |facts, it, object| written(facts, Party::$party(number(object)), |written| match written {
                Written::Cron(text) => Some(text),
                _ => None,
            });
            /// The same for a weekly window of which no end is stated.
            "movedStart" optional: Type::Text,
            |facts, it, object| written(facts, Party::$party(number(object)), |written| match written {
                Written::Start(text) => Some(text),
                _ => None,
            });
            /// The same for a single time.
            "movedAt" optional: Type::Text,
            |facts, it, object| written(facts, Party::$party(number(object)), |written| match written {
                Written::At(text) => Some(text),
                _ => None,
            });
        };
    };
}

ways_out!(POLICY, BackupPolicy, Policy);
ways_out!(PLAN, MigrationPlan, Plan);
ways_out!(WINDOW, MaintenanceWindow, Window);

fn written<'a>(
    facts: &'a Facts,
    party: Party,
    of_form: impl FnOnce(Written) -> Option<String>,
) -> Value<'a> {
    let way: Option<&WayOut> = facts.way_out(party);
    let text = way.and_then(|way| way.writes(facts)).and_then(of_form);
    text.map_or(Value::Absent, |text| Value::Text(text.into()))
}
