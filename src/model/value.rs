//! What attributes hold: what is known of them and where, names, numbers, references, lists.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::read::{Modelled, Precedence, Reader, Visit, text};
use super::reflect::{Type, Value};
use super::shared::shared;
use super::{Kind, Meta};
use crate::source::Span;
use crate::yaml::{self, Node};

/// What an attribute says.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum State<T> {
    /// Nothing: it is not written.
    #[default]
    Absent,
    /// Something that cannot be known here: a template, or a value that is not valid.
    Unknown,
    /// This.
    Known(T),
}

impl<T> State<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            State::Known(value) => Some(value),
            State::Absent | State::Unknown => None,
        }
    }

    /// The value, if it is known; notes in `open` where something is said that nobody knows.
    pub fn said(&self, open: &mut bool) -> Option<&T> {
        *open |= matches!(self, State::Unknown);
        self.known()
    }

    /// Whether nothing is written.
    pub fn is_absent(&self) -> bool {
        matches!(self, State::Absent)
    }

    /// The same of a reference to the value.
    pub fn as_ref(&self) -> State<&T> {
        match self {
            State::Absent => State::Absent,
            State::Unknown => State::Unknown,
            State::Known(value) => State::Known(value),
        }
    }

    /// The same of what is made of the value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> State<U> {
        self.and_then(|value| State::Known(make(value)))
    }

    /// What the value leads to.
    pub fn and_then<U>(self, lead: impl FnOnce(T) -> State<U>) -> State<U> {
        match self {
            State::Absent => State::Absent,
            State::Unknown => State::Unknown,
            State::Known(value) => lead(value),
        }
    }

    /// What is made of the value, as far as that can be done: unknown where it cannot.
    pub fn or_unknown<U>(self, make: impl FnOnce(T) -> Option<U>) -> State<U> {
        self.and_then(|value| make(value).map_or(State::Unknown, State::Known))
    }
}

/// An attribute: what it says and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attr<T> {
    /// What it says.
    pub state: State<T>,
    /// Where: a scalar's value, a collection's key. Empty at 0 when absent.
    pub span: Span,
}

impl<T> Default for Attr<T> {
    fn default() -> Self {
        Attr {
            state: State::Absent,
            span: Span::default(),
        }
    }
}

impl<T> Attr<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        self.state.known()
    }

    /// Where it is written, if it is.
    pub fn place(&self) -> Option<Span> {
        (!self.state.is_absent()).then_some(self.span)
    }

    /// The same with what is made of the value.
    #[must_use]
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Attr<U> {
        Attr {
            state: self.state.map(make),
            span: self.span,
        }
    }
}

impl<T: Modelled> Attr<T> {
    /// Whether another says the same, wherever it is written.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (&self.state, &other.state) {
            (State::Known(a), State::Known(b)) => a.agrees(b),
            (State::Absent, State::Absent) => true,
            _ => false,
        }
    }

    /// Makes unknown in what another differs.
    pub(super) fn keep_common(&mut self, other: &Self) {
        if self.agrees(other) {
            return;
        }
        let kept = match (&mut self.state, &other.state) {
            (State::Known(a), State::Known(b)) => a.keep_common(b),
            _ => false,
        };
        if !kept {
            self.state = State::Unknown;
        }
    }

    /// Adds what another says of the same thing.
    pub(super) fn join(&mut self, other: &Self, by: Precedence) {
        let agreed = match (&mut self.state, &other.state) {
            (_, State::Absent) => return,
            (State::Absent, _) => {
                *self = other.clone();
                return;
            }
            (State::Known(one), State::Known(other)) => one.join(other, by),
            _ => false,
        };
        if !agreed && by == Precedence::Equal {
            self.state = State::Unknown;
        }
    }

    /// Hands every reference in it to `visit`.
    pub(super) fn references(&mut self, visit: &mut Visit<'_>) {
        if let State::Known(value) = &mut self.state {
            value.references(self.span, visit);
        }
    }

    /// Hands its place, and that of everything in it, to `visit`.
    pub(super) fn places(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        if !self.state.is_absent() {
            visit(&mut self.span);
        }
        if let State::Known(value) = &mut self.state {
            value.places(visit);
        }
    }
}

/// An element of a list: what it says and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item<T> {
    /// What it says; never absent.
    pub state: State<T>,
    /// The element.
    pub span: Span,
}

/// A name that stands for another resource, as written: `name` or `namespace/name`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Reference {
    /// As written.
    pub written: Arc<str>,
    /// What it turned out to name.
    pub target: Target,
    /// The kind it names.
    pub kind: Kind,
}

/// What a reference turned out to name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Target {
    /// Nobody has looked yet.
    #[default]
    Unresolved,
    /// Nothing has that name, or it cannot be told which.
    Missing,
    /// The resource of its kind with this number in the inventory.
    Found(u32),
}

/// A reference to a resource of the kind that `K` stands for.
#[derive(PartialEq, Eq, Debug)]
pub struct Ref<K> {
    /// The reference.
    pub reference: Reference,
    kind: std::marker::PhantomData<fn() -> K>,
}

impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Ref {
            reference: self.reference.clone(),
            kind: std::marker::PhantomData,
        }
    }
}

impl<K> Ref<K> {
    /// The number of the resource it names, if it names one.
    #[must_use]
    pub fn target(&self) -> Option<u32> {
        match self.reference.target {
            Target::Found(index) => Some(index),
            Target::Unresolved | Target::Missing => None,
        }
    }
}

impl<K: super::Entity> Ref<K> {
    /// A reference as it is written: a name, or `namespace/name`.
    #[must_use]
    pub fn to(written: impl Into<Arc<str>>) -> Self {
        Ref {
            reference: Reference {
                written: written.into(),
                target: Target::Unresolved,
                kind: K::KIND,
            },
            kind: std::marker::PhantomData,
        }
    }
}

impl<K: super::Entity> Modelled for Ref<K> {
    fn ty() -> Type {
        Type::Record(K::TYPE)
    }

    fn schema() -> Json {
        json!({ "type": "string", "minLength": 1 })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        text(node).map_or(State::Unknown, |written| {
            State::Known(Ref::to(shared(written)))
        })
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Reference(&self.reference)
    }

    fn references(&mut self, span: Span, visit: &mut Visit<'_>) {
        visit(&mut self.reference, span);
    }

    fn agrees(&self, other: &Self) -> bool {
        self.reference.written == other.reference.written
    }
}

impl Modelled for bool {
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
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Whole<const MIN: i64, const MAX: i64>(pub i64);

/// A count of at least one.
pub type Count = Whole<1, 1_000_000_000>;
/// A count that may be none.
pub type CountOrNone = Whole<0, 1_000_000_000>;

impl<const MIN: i64, const MAX: i64> Modelled for Whole<MIN, MAX> {
    fn ty() -> Type {
        Type::Int
    }

    fn schema() -> Json {
        json!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }

    fn read(node: Node<'_>, _: &mut Reader) -> State<Self> {
        match node.value() {
            yaml::Value::Int(value) if (MIN..=MAX).contains(&value) => State::Known(Whole(value)),
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

impl Modelled for Arc<str> {
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

impl<T: Modelled> Modelled for Vec<Item<T>> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": T::schema() })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        if !matches!(node.value(), yaml::Value::Sequence(_)) {
            return State::Unknown;
        }
        let item = |element: Node<'_>| Item {
            state: reader.element(element),
            span: element.place().span,
        };
        let items = node.items();
        // Exactly as many as there are: most lists are short, and there are many.
        let mut list = Vec::with_capacity(items.len());
        list.extend(items.map(item));
        State::Known(list)
    }

    fn value<'a>(&'a self, owner: Option<&'a Meta>) -> Value<'a> {
        let element = |item: &'a Item<T>| match &item.state {
            State::Known(value) => value.value(owner),
            State::Absent | State::Unknown => Value::Unknown,
        };
        Value::List(self.iter().map(element).collect())
    }

    fn references(&mut self, _: Span, visit: &mut Visit<'_>) {
        for item in self {
            if let State::Known(value) = &mut item.state {
                value.references(item.span, visit);
            }
        }
    }

    fn agrees(&self, other: &Self) -> bool {
        let alike = |(a, b): (&Item<T>, &Item<T>)| match (&a.state, &b.state) {
            (State::Known(a), State::Known(b)) => a.agrees(b),
            _ => false,
        };
        self.len() == other.len() && self.iter().zip(other).all(alike)
    }

    fn join(&mut self, other: &Self, by: Precedence) -> bool {
        if by == Precedence::Equal {
            for item in other {
                let alike = |own: &Item<T>| match (&own.state, &item.state) {
                    (State::Known(one), State::Known(other)) => one.agrees(other),
                    _ => false,
                };
                if !self.iter().rev().take(COMPARED).any(alike) {
                    self.push(item.clone());
                }
            }
        }
        true
    }

    fn places(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        for item in self {
            visit(&mut item.span);
            if let State::Known(value) = &mut item.state {
                value.places(visit);
            }
        }
    }
}
