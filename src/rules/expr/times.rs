//! Windows, instants and zones in expressions.

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiff::civil::DateTime;

use super::node::Unary;
use super::ops::truth_value;
use crate::model::reflect::{Moment, Type, Value, Windows};
use crate::schedule::{Instant, Overlap, Zone, first_overlap};

/// A part of a window, or of the windows of a schedule: how to read it, and its type.
pub(super) fn part(of: &Type, name: &str) -> Option<(Unary, Type)> {
    Some(match (of, name) {
        (_, "start") => (start, Type::Instant),
        (_, "end") => (end, Type::Instant),
        (_, "zone") => (zone, Type::Zone),
        (Type::Windows, "first") => (first, Type::Window),
        (Type::Windows, "times") => (times, Type::List(Box::new(Type::Window))),
        _ => return None,
    })
}

/// What the clock of an instant's zone shows: how to read it from an instant.
pub(super) fn clock(name: &str) -> Option<Unary> {
    Some(match name {
        "getFullYear" => |value| shown(&value, |clock| i64::from(clock.year())),
        "getMonth" => |value| shown(&value, |clock| i64::from(clock.month()) - 1),
        "getDate" => |value| shown(&value, |clock| i64::from(clock.day())),
        "getDayOfWeek" => |value| {
            shown(&value, |clock| {
                i64::from(clock.weekday().to_sunday_zero_offset())
            })
        },
        "getHours" => |value| shown(&value, |clock| i64::from(clock.hour())),
        "getMinutes" => |value| shown(&value, |clock| i64::from(clock.minute())),
        _ => return None,
    })
}

fn shown<'a>(value: &Value<'_>, read: fn(DateTime) -> i64) -> Value<'a> {
    match value {
        Value::Instant(moment) => Value::Int(read(moment.zone.wall_clock(moment.at))),
        _ => Value::Unknown,
    }
}

fn start(window: Value<'_>) -> Value<'_> {
    match first(window) {
        Value::Window(start, _) => Value::Instant(start),
        _ => Value::Unknown,
    }
}

fn end(window: Value<'_>) -> Value<'_> {
    match first(window) {
        Value::Window(start, Some(at)) => Value::Instant(Moment { at, ..start }),
        _ => Value::Unknown,
    }
}

fn zone(window: Value<'_>) -> Value<'_> {
    match window {
        Value::Window(start, _) => Value::Zone(start.zone),
        Value::Windows(windows) => Value::Zone(windows.zone),
        _ => Value::Unknown,
    }
}

/// A window itself, and the first of the windows of a schedule that is not empty.
fn first(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Windows(windows) => all(&windows).next().unwrap_or(Value::Unknown),
        value => value,
    }
}

/// Each of the windows of a schedule that is not empty.
fn times(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Windows(windows) => Value::List(all(&windows).collect()),
        _ => Value::Unknown,
    }
}

/// An instant on the clock of another zone.
pub(super) fn in_zone<'a>(instant: Value<'a>, zone: Value<'a>) -> Value<'a> {
    match (instant, zone) {
        (Value::Instant(moment), Value::Zone(zone)) => Value::Instant(Moment { zone, ..moment }),
        _ => Value::Unknown,
    }
}

/// The zone of that name, kept for as long as the program runs: there are a few hundred.
pub(super) fn interned(name: &str) -> Option<&'static Zone> {
    static KNOWN: Mutex<BTreeMap<&'static str, &'static Zone>> = Mutex::new(BTreeMap::new());
    let zone = Zone::parse(name).ok()?;
    let mut known = KNOWN.lock().ok()?;
    if let Some(kept) = known.get(zone.name()) {
        return Some(kept);
    }
    let kept: &Zone = Box::leak(Box::new(zone));
    known.insert(kept.name(), kept);
    Some(kept)
}

fn all<'a>(windows: &Windows<'a>) -> impl Iterator<Item = Value<'a>> + use<'a> {
    let Windows { occurrences, zone } = *windows;
    let held = occurrences.iter().filter(|one| !one.is_empty());
    held.map(move |one| {
        Value::Window(
            Moment {
                at: one.start,
                zone,
            },
            one.end,
        )
    })
}

/// Whether two windows, or some windows of two schedules, share an instant. Where an end is not
/// known, it still lies after its start.
pub(super) fn overlaps<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    truth_value(match (a, b) {
        (Value::Window(a, a_end), Value::Window(b, b_end)) => meet((a.at, a_end), (b.at, b_end)),
        (Value::Windows(a), Value::Windows(b)) => match first_overlap(a.occurrences, b.occurrences)
        {
            Overlap::Never => Some(false),
            Overlap::Unknown => None,
            Overlap::Collides(_) => Some(true),
        },
        (Value::Windows(many), Value::Window(one, end))
        | (Value::Window(one, end), Value::Windows(many)) => {
            let mut verdict = Some(false);
            for held in many.occurrences.iter() {
                match meet((held.start, held.end), (one.at, end)) {
                    Some(true) => return Value::Bool(true),
                    Some(false) => {}
                    None => verdict = None,
                }
            }
            verdict
        }
        _ => None,
    })
}

fn meet(a: (Instant, Option<Instant>), b: (Instant, Option<Instant>)) -> Option<bool> {
    let empty = |(start, end): (Instant, Option<Instant>)| end.is_some_and(|end| end <= start);
    if empty(a) || empty(b) {
        return Some(false);
    }
    let before = |start: Instant, (other, end): (Instant, Option<Instant>)| match end {
        Some(end) => Some(start < end),
        None if start <= other => Some(true),
        None => None,
    };
    match (before(a.0, b), before(b.0, a)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}
