//! What attributes and elements of lists say, and where.

use std::fmt;

use super::place::Place;
use super::read::{Modelled, Precedence, Visit};
use crate::source::Span;

/// What an attribute says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
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

impl<T: Clone> State<&T> {
    /// The same of a value of its own.
    pub fn cloned(self) -> State<T> {
        self.map(|value| value.clone())
    }
}

/// What stands beside a value to tell where it is written: its place, or nothing where the value
/// itself keeps that.
pub trait Beside<T>: Clone + Copy + PartialEq + Eq + Default + fmt::Debug {
    /// Where the value is written.
    fn place(self, value: &T) -> Place;
    /// Says that it is written there.
    fn put(&mut self, value: &mut T, place: Place);
}

impl<T> Beside<T> for Place {
    fn place(self, _: &T) -> Place {
        self
    }

    fn put(&mut self, _: &mut T, place: Place) {
        *self = place;
    }
}

/// A value that keeps its place itself. Four bytes beside it would take eight.
pub trait Placed {
    /// Where it is written.
    fn place(&self) -> Place;
    /// Says that it is written there.
    fn put_at(&mut self, place: Place);
}

impl<T: Placed> Beside<T> for () {
    fn place(self, value: &T) -> Place {
        value.place()
    }

    fn put(&mut self, value: &mut T, place: Place) {
        value.put_at(place);
    }
}

/// An attribute: what it says and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attr<T: Modelled> {
    /// The default of its type where it is not known: attributes are many, and `State<T>` takes
    /// up to eight bytes more.
    value: T,
    beside: T::Beside,
}

/// What the bits beside its place say of an attribute.
const UNKNOWN: u8 = 1;
const KNOWN: u8 = 2;

impl<T: Modelled> Default for Attr<T> {
    fn default() -> Self {
        Attr::new(State::Absent, Span::default())
    }
}

impl<T: Modelled> Attr<T> {
    /// An attribute that says this at a place.
    pub fn new(state: State<T>, span: Span) -> Self {
        let (mut value, mark) = match state {
            State::Absent => (T::default(), 0),
            State::Unknown => (T::default(), UNKNOWN),
            State::Known(value) => (value, KNOWN),
        };
        let mut beside = T::Beside::default();
        beside.put(&mut value, Place::marked(span, mark));
        Attr { value, beside }
    }

    fn written(&self) -> Place {
        self.beside.place(&self.value)
    }

    /// Lets it say something else at its place.
    pub fn set(&mut self, state: State<T>) {
        *self = Attr::new(state, self.span());
    }

    /// What it says.
    pub fn state(&self) -> State<&T> {
        match self.written().mark() {
            KNOWN => State::Known(&self.value),
            UNKNOWN => State::Unknown,
            _ => State::Absent,
        }
    }

    /// What it says, without the place.
    pub fn into_state(self) -> State<T> {
        match self.written().mark() {
            KNOWN => State::Known(self.value),
            UNKNOWN => State::Unknown,
            _ => State::Absent,
        }
    }

    /// Where: a scalar's value, a collection's key. Empty at 0 when absent.
    pub fn span(&self) -> Span {
        self.written().span()
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        (self.written().mark() == KNOWN).then_some(&self.value)
    }

    /// The same, to be changed in its parts: of a value that keeps its place, that tells whether it
    /// is known. All of it is changed by [`Attr::set`].
    pub fn known_mut(&mut self) -> Option<&mut T> {
        (self.written().mark() == KNOWN).then_some(&mut self.value)
    }

    /// The value, if it is known; notes in `open` where something is said that nobody knows.
    pub fn said(&self, open: &mut bool) -> Option<&T> {
        *open |= self.is_unknown();
        self.known()
    }

    /// Whether nothing is written.
    pub fn is_absent(&self) -> bool {
        self.written().mark() == 0
    }

    /// Whether something is written that nobody knows.
    pub fn is_unknown(&self) -> bool {
        self.written().mark() == UNKNOWN
    }

    /// Where it is written, if it is.
    pub fn place(&self) -> Option<Span> {
        (!self.is_absent()).then(|| self.span())
    }

    /// The same with what is made of the value.
    #[must_use]
    pub fn map<U: Modelled>(self, make: impl FnOnce(T) -> U) -> Attr<U> {
        let span = self.span();
        Attr::new(self.into_state().map(make), span)
    }

    /// Whether another says the same, wherever it is written.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self.state(), other.state()) {
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
        let kept = match (self.known_mut(), other.known()) {
            (Some(a), Some(b)) => a.keep_common(b),
            _ => false,
        };
        if !kept {
            self.set(State::Unknown);
        }
    }

    /// Adds what another says of the same thing.
    pub(super) fn join(&mut self, other: &Self, by: Precedence) {
        if other.is_absent() {
            return;
        }
        if self.is_absent() {
            *self = other.clone();
            return;
        }
        let agreed = match (self.known_mut(), other.known()) {
            (Some(one), Some(other)) => one.join(other, by),
            _ => false,
        };
        if !agreed && by == Precedence::Equal {
            self.set(State::Unknown);
        }
    }

    /// Hands every reference in it to `visit`.
    pub(super) fn references(&mut self, visit: &mut Visit<'_>) {
        if let Some(value) = self.known_mut() {
            value.references(visit);
        }
    }

    /// Hands its place, and that of everything in it, to `visit`.
    pub(super) fn places(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        if !self.is_absent() {
            let mut place = self.written();
            place.visit(visit);
            self.beside.put(&mut self.value, place);
        }
        if let Some(value) = self.known_mut() {
            value.places(visit);
        }
    }
}

/// An element of a list: what it says and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item<T: Modelled>(Attr<T>);

impl<T: Modelled> Item<T> {
    /// An element that says this at a place: what is not known is unknown, as it is there.
    pub fn new(state: State<T>, span: Span) -> Self {
        let state = match state {
            State::Known(value) => State::Known(value),
            State::Absent | State::Unknown => State::Unknown,
        };
        Item(Attr::new(state, span))
    }

    /// What it says; never absent.
    pub fn state(&self) -> State<&T> {
        self.0.state()
    }

    /// Lets it say something else.
    pub fn set(&mut self, state: State<T>) {
        *self = Item::new(state, self.span());
    }

    /// Where it is written.
    pub fn span(&self) -> Span {
        self.0.span()
    }

    /// Says that it is written there.
    pub fn put_at(&mut self, span: Span) {
        let Attr { value, beside } = &mut self.0;
        let place = Place::marked(span, beside.place(value).mark());
        beside.put(value, place);
    }

    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        self.0.known()
    }

    /// The same, to be changed.
    pub fn known_mut(&mut self) -> Option<&mut T> {
        self.0.known_mut()
    }

    /// The value, if it is known; notes in `open` where something is said that nobody knows.
    pub fn said(&self, open: &mut bool) -> Option<&T> {
        self.0.said(open)
    }

    /// Hands its place, and that of everything in it, to `visit`.
    pub(super) fn places(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.0.places(visit);
    }
}

/// What several elements say, in the order written.
pub type List<T> = Box<[Item<T>]>;
