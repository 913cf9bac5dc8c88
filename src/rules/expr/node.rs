//! Compiled expressions and their evaluation.
//!
//! A tree whose names are slots, whose attributes and operators are function pointers. Evaluation
//! is total: it ends, within [`FUEL`] steps, and never fails.
//!
//! In a list, [`Value::Unknown`] is an element of which nothing is known, and [`Value::Absent`]
//! stands for elements that may be there or not, as left by a filter that could not decide.

use std::collections::HashSet;

use regex::Regex;

use super::{ops, print};
use crate::model::reflect::{Attribute, Object, Value, World};

/// How many steps one evaluation may take. A step is one operator, name or element of a list; an
/// evaluation that would need more is too costly, and unknown.
pub const FUEL: u32 = 1_000_000;

/// What an evaluation has at hand.
pub struct Frame<'a> {
    pub(super) world: &'a dyn World,
    pub(super) slots: Vec<Value<'a>>,
    fuel: u32,
    lenient: bool,
}

impl<'a> Frame<'a> {
    /// A frame for expressions about one object.
    #[must_use]
    pub fn new(world: &'a dyn World, object: Object<'a>) -> Self {
        Frame {
            world,
            slots: vec![Value::Record(object)],
            fuel: FUEL,
            lenient: false,
        }
    }

    /// The world and the value of a slot.
    pub(crate) fn slot(&self, slot: usize) -> (&'a dyn World, Value<'a>) {
        let value = self.slots.get(slot).cloned();
        (self.world, value.unwrap_or(Value::Unknown))
    }

    /// Gives the slot behind the object's a value, for expressions about an element of a list.
    pub(crate) fn bind(&mut self, value: Value<'a>) {
        self.slots.truncate(1);
        self.slots.push(value);
    }

    /// Starts an evaluation with no more than `fuel` steps.
    pub(crate) fn refuel(&mut self, fuel: u32) {
        self.fuel = fuel.min(FUEL);
    }

    /// How many steps are left; none when the evaluation was too costly.
    pub(crate) fn fuel(&self) -> u32 {
        self.fuel
    }

    /// Evaluates for the eye: names of what is not known are shown as `?`.
    pub(crate) fn lenient(&mut self, lenient: bool) {
        self.lenient = lenient;
    }

    fn charge(&mut self, steps: usize) -> bool {
        let steps = u32::try_from(steps).unwrap_or(u32::MAX);
        self.fuel = self.fuel.saturating_sub(steps);
        self.fuel > 0
    }

    fn charge_value(&mut self, value: &Value<'_>) -> bool {
        match value {
            Value::List(elements) => self.charge(elements.len()),
            Value::Text(text) => self.charge(text.len() / 64),
            _ => self.fuel > 0,
        }
    }
}

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

/// A function of one value.
pub(super) type Unary = for<'a> fn(Value<'a>) -> Value<'a>;

/// A compiled expression.
pub(super) enum Node {
    Literal(Value<'static>),
    Slot(usize),
    Attribute(Box<Node>, &'static Attribute),
    Label(Box<Node>, Box<Node>),
    Has(Box<Node>),
    OrValue(Box<Node>, Box<Node>),
    OrUnknown(Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    If(Box<[Node; 3]>),
    Unary(Unary, Box<Node>),
    Binary(ops::Binary, Box<Node>, Box<Node>),
    OneOf(Box<Node>, Box<[Value<'static>]>),
    In(Box<Node>, Box<Node>),
    Matches(Box<Node>, Box<Regex>),
    List(Box<[Node]>),
    Each(Each, Box<[Node; 2]>, usize),
    Sum(Box<Node>, Value<'static>),
    Names(Box<Node>, Option<&'static Attribute>),
    Join(Box<Node>, Box<Node>),
}

impl Node {
    /// The value in this frame.
    pub(super) fn eval<'a>(&'a self, frame: &mut Frame<'a>) -> Value<'a> {
        if !frame.charge(1) {
            return Value::Unknown;
        }
        match self {
            Node::Literal(value) => borrowed(value),
            Node::Slot(slot) => frame.slot(*slot).1,
            Node::Attribute(of, attribute) => match of.eval(frame) {
                Value::Record(object) => {
                    let value = read(frame.world, object, attribute);
                    if frame.charge_value(&value) {
                        value
                    } else {
                        Value::Unknown
                    }
                }
                Value::Absent => Value::Absent,
                _ => Value::Unknown,
            },
            Node::Label(labels, key) => match (labels.eval(frame), key.eval(frame)) {
                (Value::Labels(labels), Value::Text(key)) => labels
                    .iter()
                    .find(|(name, _)| **name == *key)
                    .map_or(Value::Absent, |(_, value)| Value::Text((&**value).into())),
                (Value::Absent, _) => Value::Absent,
                _ => Value::Unknown,
            },
            Node::Has(of) => match of.eval(frame) {
                Value::Unknown => Value::Unknown,
                value => Value::Bool(!matches!(value, Value::Absent)),
            },
            Node::OrValue(value, default) => match value.eval(frame) {
                Value::Absent => default.eval(frame),
                value => value,
            },
            Node::OrUnknown(value) => known(value.eval(frame)),
            Node::Not(of) => ops::truth_value(of.truth(frame).map(|truth| !truth)),
            Node::And(a, b) => connect(a, b, false, frame),
            Node::Or(a, b) => connect(a, b, true, frame),
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                match condition.truth(frame) {
                    Some(true) => yes.eval(frame),
                    Some(false) => no.eval(frame),
                    None => {
                        let (yes, no) = (yes.eval(frame), no.eval(frame));
                        if ops::equal(&yes, &no) == Some(true) {
                            yes
                        } else {
                            Value::Unknown
                        }
                    }
                }
            }
            Node::Unary(apply, of) => {
                let value = of.eval(frame);
                if frame.charge_value(&value) {
                    apply(value)
                } else {
                    Value::Unknown
                }
            }
            Node::Binary(apply, a, b) => {
                let (a, b) = (a.eval(frame), b.eval(frame));
                if frame.charge_value(&a) && frame.charge_value(&b) {
                    apply(a, b)
                } else {
                    Value::Unknown
                }
            }
            Node::OneOf(of, words) => contains(words, &of.eval(frame)),
            Node::In(of, list) => match (of.eval(frame), list.eval(frame)) {
                (of, Value::List(list)) if frame.charge(list.len()) => contains(&list, &of),
                (Value::Text(key), Value::Labels(labels)) => {
                    Value::Bool(labels.iter().any(|(name, _)| **name == *key))
                }
                _ => Value::Unknown,
            },
            Node::Matches(text, pattern) => match text.eval(frame) {
                Value::Text(text) if frame.charge(text.len() / 16) => {
                    Value::Bool(pattern.is_match(&text))
                }
                _ => Value::Unknown,
            },
            Node::List(elements) => Value::List(
                elements
                    .iter()
                    .map(|element| known(element.eval(frame)))
                    .collect(),
            ),
            Node::Each(kind, parts, slot) => each(*kind, parts, *slot, frame),
            Node::Sum(list, zero) => match list.eval(frame) {
                Value::List(elements) if frame.charge(elements.len()) => {
                    elements.into_iter().fold(borrowed(zero), ops::add)
                }
                _ => Value::Unknown,
            },
            Node::Names(list, name) => match list.eval(frame) {
                Value::List(mut elements) if frame.charge(elements.len()) => {
                    if frame.lenient {
                        elements.retain(|element| !matches!(element, Value::Absent));
                    } else if !elements.iter().all(is_known) {
                        return Value::Unknown;
                    }
                    Value::Text(print::names(frame.world, &elements, *name).into())
                }
                _ => Value::Unknown,
            },
            Node::Join(list, separator) => match (list.eval(frame), separator.eval(frame)) {
                (Value::List(elements), Value::Text(separator)) => {
                    join(&elements, &separator, frame)
                }
                _ => Value::Unknown,
            },
        }
    }

    /// The value as a boolean, `None` where it is unknown.
    pub(super) fn truth<'a>(&'a self, frame: &mut Frame<'a>) -> Option<bool> {
        ops::truth(&self.eval(frame))
    }
}

/// Reads an attribute, with references resolved.
pub(crate) fn read<'a>(
    world: &'a dyn World,
    object: Object<'a>,
    attribute: &Attribute,
) -> Value<'a> {
    let resolve = |value| match value {
        Value::Reference(reference) => world.resolve(reference),
        value => value,
    };
    match (attribute.get)(world, object) {
        Value::List(elements) => Value::List(elements.into_iter().map(resolve).collect()),
        value => resolve(value),
    }
}

/// The value of a literal, without a copy of its text.
fn borrowed<'a>(value: &'a Value<'static>) -> Value<'a> {
    match value {
        Value::Text(text) => Value::Text((&**text).into()),
        value => value.clone(),
    }
}

/// What is absent counts as unknown from here on.
fn known(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Absent => Value::Unknown,
        value => value,
    }
}

fn is_known(value: &Value<'_>) -> bool {
    !matches!(value, Value::Unknown | Value::Absent)
}

/// `&&` and `||`: either side decides alone when it comes out as `decisive`.
fn connect<'a>(a: &'a Node, b: &'a Node, decisive: bool, frame: &mut Frame<'a>) -> Value<'a> {
    let a = a.truth(frame);
    if a == Some(decisive) {
        return Value::Bool(decisive);
    }
    match (a, b.truth(frame)) {
        (_, Some(b)) if b == decisive => Value::Bool(decisive),
        (Some(_), Some(_)) => Value::Bool(!decisive),
        _ => Value::Unknown,
    }
}

fn contains<'a>(list: &[Value<'_>], wanted: &Value<'_>) -> Value<'a> {
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

fn each<'a>(kind: Each, parts: &'a [Node; 2], slot: usize, frame: &mut Frame<'a>) -> Value<'a> {
    let [list, body] = parts;
    let Value::List(elements) = list.eval(frame) else {
        return Value::Unknown;
    };
    let mut outcome = Outcome::new(elements.len());
    frame
        .slots
        .resize(slot.max(frame.slots.len()), Value::Unknown);
    for element in elements {
        let value = if matches!(element, Value::Absent) {
            Value::Absent
        } else {
            frame.slots.truncate(slot);
            frame.slots.push(element.clone());
            known(body.eval(frame))
        };
        if frame.fuel == 0 {
            frame.slots.truncate(slot);
            return Value::Unknown;
        }
        if outcome.add(kind, element, value) {
            break;
        }
    }
    frame.slots.truncate(slot);
    outcome.value(kind)
}

/// What a comprehension has seen so far.
struct Outcome<'a> {
    length: usize,
    yes: usize,
    no: usize,
    unknown: usize,
    kept: Vec<Value<'a>>,
}

impl<'a> Outcome<'a> {
    fn new(length: usize) -> Self {
        Outcome {
            length,
            yes: 0,
            no: 0,
            unknown: 0,
            kept: Vec::new(),
        }
    }

    /// Takes an element and the value of the body for it; true when the rest changes nothing.
    fn add(&mut self, kind: Each, element: Value<'a>, value: Value<'a>) -> bool {
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

    fn value(self, kind: Each) -> Value<'a> {
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

fn join<'a>(elements: &[Value<'a>], separator: &str, frame: &mut Frame<'a>) -> Value<'a> {
    if !frame.lenient && !elements.iter().all(is_known) {
        return Value::Unknown;
    }
    let mut text = String::new();
    let shown = elements
        .iter()
        .filter(|element| !matches!(element, Value::Absent));
    for (index, element) in shown.enumerate() {
        if index > 0 {
            text.push_str(separator);
        }
        let element = print::show(element);
        if !frame.charge(1 + (element.len() + separator.len()) / 64) {
            return Value::Unknown;
        }
        text.push_str(&element);
    }
    Value::Text(text.into())
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
    extreme(list, std::cmp::Ordering::Less)
}

/// The greatest element; unknown for an empty list.
pub(super) fn greatest(list: Value<'_>) -> Value<'_> {
    extreme(list, std::cmp::Ordering::Greater)
}

fn extreme(list: Value<'_>, wanted: std::cmp::Ordering) -> Value<'_> {
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

/// The list without repetitions, in order. What is unknown may repeat what is known.
pub(super) fn distinct(list: Value<'_>) -> Value<'_> {
    let Value::List(elements) = list else {
        return Value::Unknown;
    };
    let all = elements.len();
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for element in elements {
        match identity(&element) {
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
        Value::Record(object) => Some((
            std::ptr::from_ref(object.record).addr() as u64,
            String::new(),
        )),
        _ => None,
    }
}
