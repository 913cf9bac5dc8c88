//! Names that stand for other resources.

use arcstr::ArcStr;
use serde_json::{Value as Json, json};

use super::Meta;
use super::attribute::{Placed, State};
use super::place::Place;
use super::read::{Modelled, Reader, Visit, text};
use super::reflect::{Type, Value};
use super::shared::shared;
use crate::source::Span;
use crate::yaml::Node;

/// A name that stands for another resource, as written: `name` or `namespace/name`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reference {
    /// As written.
    pub written: ArcStr,
    target: u32,
    place: Place,
}

/// In place of a number: nothing has that name, it cannot be told which, or nobody has looked yet.
const NOTHING: u32 = u32::MAX;

impl Reference {
    /// A reference to a resource, as it is written.
    #[must_use]
    pub fn new(written: ArcStr) -> Self {
        Reference {
            written,
            target: NOTHING,
            place: Place::default(),
        }
    }

    /// The number of the resource it names, if it names one.
    #[must_use]
    pub fn target(&self) -> Option<u32> {
        Some(self.target).filter(|target| *target != NOTHING)
    }

    /// Notes the number of the resource it names, if it names one.
    pub fn resolve(&mut self, target: Option<u32>) {
        self.target = target.unwrap_or(NOTHING);
    }

    /// Where it is written.
    #[must_use]
    pub fn span(&self) -> Span {
        self.place.span()
    }
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
        self.reference.target()
    }
}

impl<K: super::Entity> Ref<K> {
    /// A reference as it is written: a name, or `namespace/name`.
    #[must_use]
    pub fn to(written: impl Into<ArcStr>) -> Self {
        Ref {
            reference: Reference::new(written.into()),
            kind: std::marker::PhantomData,
        }
    }
}

impl<K: super::Entity> Default for Ref<K> {
    fn default() -> Self {
        Ref::to(ArcStr::default())
    }
}

impl<K> Placed for Ref<K> {
    fn place(&self) -> Place {
        self.reference.place
    }

    fn put_at(&mut self, place: Place) {
        self.reference.place = place;
    }
}

impl<K: super::Entity> Modelled for Ref<K> {
    type Beside = ();

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
        Value::Reference(K::KIND, &self.reference)
    }

    fn references(&mut self, visit: &mut Visit<'_>) {
        visit(K::KIND, &mut self.reference);
    }

    fn agrees(&self, other: &Self) -> bool {
        self.reference.written == other.reference.written
    }
}
