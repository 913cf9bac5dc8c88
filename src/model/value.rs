//! What attributes hold: truth values, numbers, texts and lists.

use std::borrow::Cow;

use arcstr::ArcStr;
use serde_json::{Value as Json, json};

use super::Meta;
use super::attribute::{Item, List, State};
use super::place::Place;
use super::read::{Modelled, Precedence, Reader, Visit, text};
use super::reflect::{Type, Value};
use super::shared::shared;
use crate::source::Span;
use crate::yaml::{self, Node};

impl Modelled for bool {
    type Beside = Place;

    fn ty() -> Type {
        Type::Bool
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Bool(value) => State::Known(value),
            _ => State::Unknown,
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Bool(*self)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Whole<const MIN: i32, const MAX: i32>(pub i32);

impl<const MIN: i32, const MAX: i32> Whole<MIN, MAX> {
    /// A number, if it is in the range.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        let number = i32::try_from(number).ok()?;
        (MIN..=MAX).contains(&number).then_some(Whole(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> i64 {
        self.0.into()
    }
}

/// A count of at least one.
pub type Count = Whole<1, 1_000_000_000>;
/// A count that may be none.
pub type CountOrNone = Whole<0, 1_000_000_000>;

impl<const MIN: i32, const MAX: i32> Modelled for Whole<MIN, MAX> {
    type Beside = Place;

    fn ty() -> Type {
        Type::Int
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Int(number) => Self::of(number).map_or(State::Unknown, State::Known),
            _ => State::Unknown,
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Int(self.get())
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

/// A length of time as some products write it, in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
#[repr(Rust, packed(4))]
pub struct Nanoseconds(pub i64);

impl Nanoseconds {
    /// A number of them, if that is none or more.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        (number >= 0).then_some(Nanoseconds(number))
    }
}

impl Modelled for Nanoseconds {
    type Beside = Place;

    fn ty() -> Type {
        Type::Int
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Int(number) => Self::of(number).map_or(State::Unknown, State::Known),
            _ => State::Unknown,
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Int(self.0)
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Modelled for ArcStr {
    type Beside = Place;

    fn ty() -> Type {
        Type::Text
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        text(node).map_or(State::Unknown, |text| State::Known(shared(text)))
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Text(Cow::Borrowed(self))
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

/// With how many elements of a list that several documents say a further one is compared, to see
/// whether it is among them: the last ones.
const COMPARED: usize = 256;

impl<T: Modelled> Modelled for List<T> {
    type Beside = Place;

    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }

    /// Into room for exactly so many: what is collected has room for four, and an allocator may
    /// leave it with that.
    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        if !matches!(node.value(), yaml::Value::Sequence(_)) {
            return State::Unknown;
        }
        let item = |element: Node<'_>| Item::new(reader.element(element), element.place().span);
        let items = node.items().map(item);
        let mut list = Vec::with_capacity(items.len());
        list.extend(items);
        State::Known(list.into())
    }

    fn value<'a>(&'a self, owner: Option<&'a Meta>) -> Value<'a> {
        let element = |item: &'a Item<T>| match item.known() {
            Some(value) => value.value(owner),
            None => Value::Unknown,
        };
        Value::List(self.iter().map(element).collect())
    }

    fn references(&mut self, visit: &mut Visit<'_>) {
        for item in self {
            if let Some(value) = item.known_mut() {
                value.references(visit);
            }
        }
    }

    fn agrees(&self, other: &Self) -> bool {
        let alike = |(a, b): (&Item<T>, &Item<T>)| match (a.known(), b.known()) {
            (Some(a), Some(b)) => a.agrees(b),
            _ => false,
        };
        self.len() == other.len() && self.iter().zip(other).all(alike)
    }

    fn join(&mut self, other: &Self, by: Precedence) -> bool {
        if by == Precedence::Equal {
            let mut list = std::mem::take(self).into_vec();
            for item in other {
                let alike = |own: &Item<T>| match (own.known(), item.known()) {
                    (Some(one), Some(other)) => one.agrees(other),
                    _ => false,
                };
                if !list.iter().rev().take(COMPARED).any(alike) {
                    list.push(item.clone());
                }
            }
            *self = list.into();
        }
        true
    }

    fn places(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        for item in self {
            item.places(visit);
        }
    }
}
