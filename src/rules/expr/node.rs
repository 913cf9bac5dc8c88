//! Compiled expressions and their evaluation.
//!
//! A tree whose names are slots, whose attributes and operators are function pointers. Evaluation
//! is total: it ends, within [`FUEL`] steps, and never fails.

use regex::Regex;

use super::lists::{Each, Outcome, contains, is_known};
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
    /// A frame for expressions about nothing yet.
    #[must_use]
    pub fn new(world: &'a dyn World) -> Self {
        Frame {
            world,
            slots: Vec::new(),
            fuel: FUEL,
            lenient: false,
        }
    }

    /// A frame for expressions about one object.
    #[must_use]
    pub fn about(world: &'a dyn World, object: Object<'a>) -> Self {
        let mut frame = Frame::new(world);
        frame.start(object);
        frame
    }

    /// Goes on with another object.
    pub(crate) fn start(&mut self, object: Object<'a>) {
        self.slots.clear();
        self.slots.push(Value::Record(object));
        self.fuel = FUEL;
        self.lenient = false;
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

    /// Evaluates for the eye: names of what is not known are shown as `?`, and a choice that
    /// depends on something unknown falls to what stands last.
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
    IsKnown(Box<Node>),
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
    Names(Box<Node>, Option<&'static Attribute>, print::Conjunction),
    Join(Box<Node>, Box<Node>),
}

impl Node {
    /// The value in this frame.
    pub(super) fn eval<'a>(&'a self, frame: &mut Frame<'a>) -> Value<'a> {
        match frame.charge(1) {
            true => self.value(frame),
            false => Value::Unknown,
        }
    }

    /// The value as a boolean, `None` where it is unknown.
    pub(super) fn truth<'a>(&'a self, frame: &mut Frame<'a>) -> Option<bool> {
        match frame.charge(1) {
            true => self.decide(frame),
            false => None,
        }
    }

    /// What a condition comes out as. Values are large, and of most conditions nobody needs one.
    fn decide<'a>(&'a self, frame: &mut Frame<'a>) -> Option<bool> {
        match self {
            Node::Has(of) => match of.eval(frame) {
                Value::Unknown => None,
                value => Some(!matches!(value, Value::Absent)),
            },
            Node::IsKnown(value) => Some(all_known(&value.eval(frame))),
            Node::Not(of) => of.truth(frame).map(|truth| !truth),
            Node::And(a, b) => connect(a, b, false, frame),
            Node::Or(a, b) => connect(a, b, true, frame),
            value => ops::truth(&value.value(frame)),
        }
    }

    fn value<'a>(&'a self, frame: &mut Frame<'a>) -> Value<'a> {
        match self {
            Node::Literal(value) => borrowed(value),
            Node::Slot(slot) => frame.slot(*slot).1,
            Node::Attribute(of, attribute) => {
                let object = match (&**of, frame.slots.first()) {
                    (Node::Slot(0), Some(Value::Record(object))) => *object,
                    _ => match of.eval(frame) {
                        Value::Record(object) => object,
                        Value::Absent => return Value::Absent,
                        _ => return Value::Unknown,
                    },
                };
                let value = read(frame.world, object, attribute);
                match frame.charge_value(&value) {
                    true => value,
                    false => Value::Unknown,
                }
            }
            Node::Label(labels, key) => match (labels.eval(frame), key.eval(frame)) {
                (Value::Labels(labels), Value::Text(key)) => labels
                    .get(&key)
                    .map_or(Value::Absent, |value| Value::Text(value.into())),
                (Value::Absent, _) => Value::Absent,
                _ => Value::Unknown,
            },
            Node::Has(_) | Node::IsKnown(_) | Node::Not(_) | Node::And(..) | Node::Or(..) => {
                ops::truth_value(self.decide(frame))
            }
            Node::OrValue(value, default) => match value.eval(frame) {
                Value::Absent => default.eval(frame),
                value => value,
            },
            Node::OrUnknown(value) => known(value.eval(frame)),
            Node::If(parts) => {
                let [condition, yes, no] = &**parts;
                match condition.truth(frame) {
                    Some(true) => yes.eval(frame),
                    Some(false) => no.eval(frame),
                    None if frame.lenient => no.eval(frame),
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
                    Value::Bool(labels.get(&key).is_some())
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
            Node::Names(list, name, conjunction) => match list.eval(frame) {
                Value::List(mut elements) if frame.charge(elements.len()) => {
                    if frame.lenient {
                        elements.retain(|element| !matches!(element, Value::Absent));
                    } else if !elements.iter().all(is_known) {
                        return Value::Unknown;
                    }
                    let text = print::names(frame.world, &elements, *name, *conjunction);
                    Value::Text(text.into())
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
}

/// Reads an attribute, with references resolved, in the world that the object belongs to.
pub(crate) fn read<'a>(
    world: &'a dyn World,
    object: Object<'a>,
    attribute: &Attribute,
) -> Value<'a> {
    let Some(world) = object.world(world) else {
        return Value::Unknown;
    };
    let resolve = |value: &mut Value<'a>| {
        if let Value::Reference(kind, reference) = *value {
            *value = world.resolve(kind, reference);
        }
        if let Value::Record(found) = value {
            found.of_base |= object.of_base;
        }
    };
    let mut value = (attribute.get)(world, object);
    match &mut value {
        Value::List(elements) => elements.iter_mut().for_each(resolve),
        value => resolve(value),
    }
    value
}

/// The value of a literal, without a copy of its text.
fn borrowed<'a>(value: &'a Value<'static>) -> Value<'a> {
    match value {
        Value::Text(text) => Value::Text((&**text).into()),
        value => value.clone(),
    }
}

/// Whether a value is there and known, in all of its elements.
fn all_known(value: &Value<'_>) -> bool {
    match value {
        Value::List(elements) => elements.iter().all(all_known),
        value => is_known(value),
    }
}

/// What is absent counts as unknown from here on.
fn known(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Absent => Value::Unknown,
        value => value,
    }
}

/// `&&` and `||`: either side decides alone when it comes out as `decisive`.
fn connect<'a>(a: &'a Node, b: &'a Node, decisive: bool, frame: &mut Frame<'a>) -> Option<bool> {
    let a = a.truth(frame);
    if a == Some(decisive) {
        return a;
    }
    match (a, b.truth(frame)) {
        (_, Some(b)) if b == decisive => Some(decisive),
        (Some(_), Some(_)) => Some(!decisive),
        _ => None,
    }
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
