//! Lists, of which not everything may be known.
//!
//! In a list, [`Value::Unknown`] is an element of which nothing is known, and [`Value::Absent`]
//! stands for elements that may be there or not, as left by a filter that could not decide.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::ops;
use crate::model::reflect::Value;

/// What a comprehension does with its elements.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Each {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
    Differ,
}

/// What a comprehension has seen so far.
pub(super) struct Outcome<'a> {
    length: usize,
    yes: usize,
    no: usize,
    unknown: usize,
    kept: Vec<Value<'a>>,
}

impl<'a> Outcome<'a> {
    pub(super) fn new(length: usize) -> Self {
        Outcome {
            length,
            yes: 0,
            no: 0,
            unknown: 0,
            kept: Vec::new(),
        }
    }

    /// Takes an element and the value of the body for it; true when the rest changes nothing.
    pub(super) fn add(&mut self, kind: Each, element: Value<'a>, value: Value<'a>) -> bool {
        if kind == Each::Map {
            self.kept.push(value);
            return false;
        }
        let truth = match (kind, self.kept.first()) {
            (Each::Differ, None) => {
                if is_known(&value) {
                    self.kept.push(value);
                    return false;
                }
                None
            }
            (Each::Differ, Some(first)) => ops::equal(first, &value).map(|same| !same),
            _ => ops::truth(&value),
        };
        match truth {
            Some(true) => self.yes += 1,
            Some(false) => self.no += 1,
            None => self.unknown += 1,
        }
        match kind {
            Each::Filter => {
                match truth {
                    Some(true) => self.kept.push(element),
                    Some(false) => {}
                    None => self.kept.push(Value::Absent),
                }
                false
            }
            Each::All => self.no > 0,
            Each::ExistsOne => self.yes > 1,
            _ => self.yes > 0,
        }
    }

    pub(super) fn value(self, kind: Each) -> Value<'a> {
        let open = self.unknown > 0;
        ops::truth_value(match kind {
            Each::Map | Each::Filter => return Value::List(self.kept),
            Each::All if self.no > 0 => Some(false),
            Each::All => (!open).then_some(true),
            Each::ExistsOne if self.yes > 1 => Some(false),
            Each::ExistsOne => (!open).then_some(self.yes == 1),
            Each::Exists | Each::Differ if self.yes > 0 => Some(true),
            Each::Exists => (!open).then_some(false),
            Each::Differ => (!open || self.length < 2).then_some(false),
        })
    }
}

/// Whether there is a value.
pub(super) fn is_known(value: &Value<'_>) -> bool {
    !matches!(value, Value::Unknown | Value::Absent)
}

/// Whether an element equals the value wanted.
pub(super) fn contains<'a>(list: &[Value<'_>], wanted: &Value<'_>) -> Value<'a> {
    let mut verdict = Some(false);
    for element in list {
        match ops::equal(element, wanted) {
            Some(true) => return Value::Bool(true),
            Some(false) => {}
            None => verdict = None,
        }
    }
    ops::truth_value(verdict)
}

/// How many elements, characters or labels there are.
pub(super) fn size(value: Value<'_>) -> Value<'_> {
    let count = match &value {
        Value::List(elements) if !elements.iter().any(|e| matches!(e, Value::Absent)) => {
            elements.len()
        }
        Value::Text(text) => text.chars().count(),
        Value::Labels(labels) => labels.len(),
        _ => return Value::Unknown,
    };
    i64::try_from(count).map_or(Value::Unknown, Value::Int)
}

/// The element at an index.
pub(super) fn element<'a>(list: Value<'a>, index: Value<'a>) -> Value<'a> {
    let (Value::List(mut elements), Value::Int(index)) = (list, index) else {
        return Value::Unknown;
    };
    match usize::try_from(index) {
        Ok(index)
            if index < elements.len()
                && !elements[..=index]
                    .iter()
                    .any(|e| matches!(e, Value::Absent)) =>
        {
            elements.swap_remove(index)
        }
        _ => Value::Unknown,
    }
}

/// The least element; unknown for an empty list.
pub(super) fn least(list: Value<'_>) -> Value<'_> {
    extreme(list, Ordering::Less)
}

/// The greatest element; unknown for an empty list.
pub(super) fn greatest(list: Value<'_>) -> Value<'_> {
    extreme(list, Ordering::Greater)
}

fn extreme(list: Value<'_>, wanted: Ordering) -> Value<'_> {
    let Value::List(elements) = list else {
        return Value::Unknown;
    };
    let mut best = None;
    for element in elements {
        best = match best {
            None if is_known(&element) => Some(element),
            None => return Value::Unknown,
            Some(best) => match ops::compare(&element, &best) {
                Some(order) if order == wanted => Some(element),
                Some(_) => Some(best),
                None => return Value::Unknown,
            },
        };
    }
    best.unwrap_or(Value::Unknown)
}

/// The list without repetitions, in order. What is unknown may repeat what is known; so may what
/// belongs to the base, among what does not.
pub(super) fn distinct(list: Value<'_>) -> Value<'_> {
    let Value::List(elements) = list else {
        return Value::Unknown;
    };
    let all = elements.len();
    let of_base = |element: &Value<'_>| matches!(element, Value::Record(it) if it.of_base);
    let mixed = elements.iter().any(of_base) && !elements.iter().all(of_base);
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for element in elements {
        match identity(&element) {
            Some(_) if mixed => kept.push(Value::Absent),
            Some(key) => {
                if seen.insert(key) {
                    kept.push(element);
                }
            }
            None if all == 1 => return Value::List(vec![element]),
            None => kept.push(Value::Absent),
        }
    }
    Value::List(kept)
}

/// What tells a value from others of its type; `None` where it is unknown.
fn identity(value: &Value<'_>) -> Option<(u64, String)> {
    let number = |value: i64| Some((value.cast_unsigned(), String::new()));
    match value {
        Value::Bool(value) => number(i64::from(*value)),
        Value::Int(value)
        | Value::Memory(value)
        | Value::Bandwidth(value)
        | Value::Duration(value) => number(*value),
        Value::Instant(moment) => number(moment.at.unix()),
        Value::Float(value) => Some(((value + 0.0).to_bits(), String::new())),
        Value::Text(text) => Some((0, text.to_string())),
        Value::Zone(zone) => Some((0, zone.name().to_owned())),
        Value::Record(object) => Some((
            std::ptr::from_ref(object.record).addr() as u64,
            String::new(),
        )),
        _ => None,
    }
}
