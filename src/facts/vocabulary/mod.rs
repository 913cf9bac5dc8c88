//! What rules can name beyond the model: relations ([`relations`]), attributes that facts add to
//! resources ([`resources`]), and records that only facts have ([`records`]). What belongs to one
//! topic stands in a module of its own: [`alternatives`], [`backup`], [`change`], [`estimates`],
//! [`kubernetes`], [`maintenance`], [`migration`], [`mobility`], [`obstacles`], [`products`],
//! [`schedules`], [`ways_out`].

mod alternatives;
mod backup;
mod change;
mod estimates;
mod kubernetes;
mod maintenance;
mod migration;
mod mobility;
mod obstacles;
mod products;
mod records;
mod relations;
mod resources;
mod schedules;
mod ways_out;

use std::borrow::Cow;

use super::Facts;
use crate::model::reflect::{Object, Place, RecordType, Type, Value, Vocabulary, World};
use crate::model::{Attr, Modelled, State};
use crate::source::Span;

pub(super) use backup::{BACKUP_GAP, BACKUP_TARGET, DISK_SHARING, REPOSITORY_LOAD};
pub(super) use estimates::{
    EVACUATION_ESTIMATE, HOST_EVACUATION, MIGRATION_ESTIMATE, PLAN_ESTIMATE,
};
pub(super) use kubernetes::{EVICTION_LIMIT, MIGRATION_SETTINGS};
pub(super) use maintenance::{
    ANTI_AFFINITY_CLASS, EVACUATION_CAPACITY, UNPLACED_MACHINE, WINDOW_QUORUM,
};
pub(super) use migration::{CLUSTER_SETTING, MIGRATION_NETWORKS};
pub(super) use mobility::MEMORY_LOAD;
pub(super) use records::{
    BACKUP_OVERLAP, CLUSTER_LOAD, HOST_LOAD, MAINTENANCE_COLLISION, MIGRATION_COLLISION,
};
pub(super) use schedules::SCHEDULE_USE;

/// What rules can name.
pub static VOCABULARY: Vocabulary = Vocabulary {
    relations: relations::RELATIONS,
    derived: resources::DERIVED,
};

/// A text, absent where there is none.
fn optional_text<'a>(text: Option<String>) -> Value<'a> {
    text.map_or(Value::Absent, |text| Value::Text(text.into()))
}

/// Attributes read from facts: `"name" [optional]: type, |facts, record, object| value [, place]`.
macro_rules! attributes {
    ($of:ty; $(
        $(#[doc = $doc:literal])*
        $name:literal $($optional:ident)?: $ty:expr,
        |$facts:ident, $record:ident, $object:ident| $get:expr
        $(, at $place:expr)?;
    )*) => {
        &[$(Attribute {
            name: $name,
            doc: concat!($($doc),*),
            optional: attributes!(@optional $($optional)?),
            ty: || $ty,
            get: |world, object| match operands::<$of>(world, object) {
                Some(($facts, $record, $object)) => {
                    let _ = ($facts, $record, $object);
                    $get
                }
                None => Value::Unknown,
            },
            place: |world, object| {
                let ($facts, $record, $object) = operands::<$of>(world, object)?;
                let _ = ($facts, $record, $object);
                attributes!(@place $($place)?)
            },
        }),*]
    };
    (@optional) => { false };
    (@optional optional) => { true };
    (@place) => { None };
    (@place $place:expr) => { $place };
}
use attributes;

fn operands<'a, T: 'static>(
    world: &'a dyn World,
    object: Object<'a>,
) -> Option<(&'a Facts, &'a T, Object<'a>)> {
    Some((world.as_any().downcast_ref()?, object.downcast()?, object))
}

fn records(of: &'static RecordType) -> Type {
    Type::List(Box::new(Type::Record(of)))
}

/// The number of the resource that an object is (part of).
fn index(object: Object<'_>) -> usize {
    number(object) as usize
}

/// The same, as other rooms count.
fn number(object: Object<'_>) -> u32 {
    object.owner.map_or(u32::MAX, |owner| owner.index)
}

/// A value that may be absent or unknown.
fn said<'a, T>(state: State<T>, value: impl FnOnce(T) -> Value<'a>) -> Value<'a> {
    match state {
        State::Known(known) => value(known),
        State::Absent => Value::Absent,
        State::Unknown => Value::Unknown,
    }
}

fn word<'a, T>(state: State<&T>, text: fn(&T) -> &'static str) -> Value<'a> {
    said(state.as_ref(), |value| Value::Text(text(value).into()))
}

/// A text that may be absent or unknown.
fn text<'a>(state: State<impl Into<Cow<'a, str>>>) -> Value<'a> {
    said(state, |text| Value::Text(text.into()))
}

fn written<T: Modelled>(attribute: &Attr<T>, object: Object<'_>) -> Option<Span> {
    object.owner?;
    attribute.place()
}

fn here<'a>(object: Object<'a>, span: Option<Span>, name: &str) -> Option<Place<'a>> {
    Some(Place::of(object.owner?, span?, name))
}
