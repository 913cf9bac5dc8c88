//! How rules see the model: records, their attributes, and values with a type.
//!
//! The structs of the model describe themselves here once; the rule checker looks names and types
//! up in it, and compiled rules read values through it. What it is not: it does not resolve names
//! (that is the [`World`]'s doing) and knows no rule.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;

use super::reference::Reference;
use super::{Kind, Labels, Meta};
use crate::schedule::{Instant, Occurrences, Zone};
use crate::source::{FileId, Location, Span};

/// The static type of an attribute or of an expression.
#[derive(Clone, PartialEq, Debug)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// An amount of memory or storage, in bytes.
    Memory,
    /// A bandwidth or dirty rate, in bits per second.
    Bandwidth,
    /// A length of time, in seconds.
    Duration,
    /// A point in time.
    Instant,
    /// One window of time.
    Window,
    /// All windows of a schedule.
    Windows,
    /// A time zone.
    Zone,
    /// A map from text to text.
    Labels,
    /// A record: an entity, a part of one, or a fact.
    Record(&'static RecordType),
    /// Several of one type.
    List(Box<Type>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("a boolean"),
            Type::Int => f.write_str("an integer"),
            Type::Float => f.write_str("a number"),
            Type::Text => f.write_str("text"),
            Type::Choice(words) => write!(f, "one of {}", words.join(", ")),
            Type::Memory => f.write_str("an amount of memory"),
            Type::Bandwidth => f.write_str("a bandwidth"),
            Type::Duration => f.write_str("a duration"),
            Type::Instant => f.write_str("an instant"),
            Type::Window => f.write_str("a window"),
            Type::Windows => f.write_str("the windows of a schedule"),
            Type::Zone => f.write_str("a time zone"),
            Type::Labels => f.write_str("a map of labels"),
            Type::Record(record) => f.write_str(record.name),
            Type::List(of) => write!(f, "a list ({of})"),
        }
    }
}

/// What a kind of record is called and what can be asked of it.
pub struct RecordType {
    /// `VirtualMachine`, `Processor`, `BackupMigrationCollision`, …
    pub name: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// The kind of resource it is the `spec` of, if any; its metadata are attributes as well.
    pub kind: Option<Kind>,
    /// Its attributes, in the order of the documentation.
    pub attributes: &'static [Attribute],
}

impl PartialEq for RecordType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}

impl fmt::Debug for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// One thing that can be asked of a record.
pub struct Attribute {
    /// Its name in YAML and in rules, in camelCase.
    pub name: &'static str,
    /// What it means, with unit and default.
    pub doc: &'static str,
    /// Whether it may be absent, so that rules must guard it.
    pub optional: bool,
    /// Its type.
    pub ty: fn() -> Type,
    /// Reads it.
    pub get: for<'a> fn(&'a dyn World, Object<'a>) -> Value<'a>,
    /// Where it is written; `None` where it is not.
    pub place: for<'a> fn(&'a dyn World, Object<'a>) -> Option<Place<'a>>,
}

/// Something with attributes.
pub trait Record: Any + Sync {
    /// Its type.
    fn record_type(&self) -> &'static RecordType;
    /// Where it is written; `None` for facts, which nobody wrote.
    fn place(&self) -> Option<Span>;
    /// For [`Object::downcast`].
    fn as_any(&self) -> &dyn Any;
}

/// A record together with the resource it belongs to.
#[derive(Clone, Copy)]
pub struct Object<'a> {
    /// The record.
    pub record: &'a dyn Record,
    /// The resource in whose document it is written; none for facts.
    pub owner: Option<&'a Meta>,
    /// Whether it belongs to the base that the estate is compared with, and so does all that is
    /// read from it.
    pub of_base: bool,
}

impl<'a> Object<'a> {
    /// A record that is written in the document of a resource.
    pub fn part(record: &'a dyn Record, owner: Option<&'a Meta>) -> Self {
        Object {
            record,
            owner,
            of_base: false,
        }
    }

    /// A fact, which no document holds.
    pub fn fact(record: &'a dyn Record) -> Self {
        Object::part(record, None)
    }

    /// The same, as part of the base.
    #[must_use]
    pub fn in_base(self) -> Self {
        Object {
            of_base: true,
            ..self
        }
    }

    /// The world it belongs to, given that of the run.
    #[must_use]
    pub fn world(self, run: &'a dyn World) -> Option<&'a dyn World> {
        match self.of_base {
            true => run.base(),
            false => Some(run),
        }
    }

    /// Whether two objects are the same one. A resource is the same in the base as after the
    /// change when it has kind, namespace and name of the other; of anything else that cannot be
    /// told.
    #[must_use]
    pub fn is(self, other: Self) -> Option<bool> {
        if self.of_base == other.of_base {
            return Some(std::ptr::addr_eq(self.record, other.record));
        }
        let identity = |object: Self| {
            let Meta {
                kind,
                scope,
                namespace,
                name,
                named,
                ..
            } = object.owner?;
            (*named && object.record.record_type().kind.is_some())
                .then_some((kind, scope, namespace, name))
        };
        Some(identity(self)? == identity(other)?)
    }

    /// The record as its own struct, if it is one.
    #[must_use]
    pub fn downcast<T: 'static>(self) -> Option<&'a T> {
        self.record.as_any().downcast_ref()
    }

    /// Where it is written; what belongs to the base is written nowhere now.
    #[must_use]
    pub fn place(self) -> Option<Place<'a>> {
        let owner = self.owner.filter(|_| !self.of_base)?;
        let span = match self.record.record_type().kind {
            Some(_) => owner.spec_span().unwrap_or(owner.name_span()),
            None => self.record.place()?,
        };
        let Location { file, span } = owner.locate(span);
        Some(Place {
            owner,
            file,
            span,
            defined: None,
        })
    }
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.record.record_type())?;
        self.owner
            .map_or(Ok(()), |owner| write!(f, " {}", owner.name))
    }
}

/// A place in the document of a resource.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The resource.
    pub owner: &'a Meta,
    /// The file: its own, or another one that says something about it.
    pub file: FileId,
    /// Where in that file.
    pub span: Span,
    /// Where it is defined, when `span` is an alias.
    pub defined: Option<Span>,
}

impl<'a> Place<'a> {
    /// The place of an attribute of a resource.
    #[must_use]
    pub fn of(owner: &'a Meta, span: Span, attribute: &str) -> Self {
        let anchor = owner
            .anchors
            .iter()
            .find(|anchor| anchor.used == span && anchor.attribute == attribute);
        let Location { file, span } = owner.locate(span);
        Place {
            owner,
            file,
            span,
            defined: anchor.map(|anchor| anchor.defined),
        }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> FileId {
        self.file
    }

    /// File and span.
    #[must_use]
    pub fn location(&self) -> Location {
        Location {
            file: self.file,
            span: self.span,
        }
    }
}

/// A point in time and the zone in which to speak of it.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    /// When.
    pub at: Instant,
    /// The zone of the schedule it comes from.
    pub zone: &'a Zone,
}

/// When something happens, again and again.
#[derive(Clone, Copy, Debug)]
pub struct Windows<'a> {
    /// Every time.
    pub occurrences: &'a Occurrences,
    /// The zone in which to speak of it.
    pub zone: &'a Zone,
}

/// A value of any [`Type`], or that there is none.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// Something is said, but not what: a template, or a reference to nothing. Whatever depends
    /// on it is not evaluated, unless what is known decides alone.
    Unknown,
    /// Nothing is said, and there is no default.
    Absent,
    /// See [`Type::Bool`].
    Bool(bool),
    /// See [`Type::Int`].
    Int(i64),
    /// See [`Type::Float`].
    Float(f64),
    /// See [`Type::Text`] and [`Type::Choice`].
    Text(Cow<'a, str>),
    /// See [`Type::Memory`].
    Memory(i64),
    /// See [`Type::Bandwidth`].
    Bandwidth(i64),
    /// See [`Type::Duration`].
    Duration(i64),
    /// See [`Type::Instant`].
    Instant(Moment<'a>),
    /// See [`Type::Window`]; the end is unknown where no length is stated.
    Window(Moment<'a>, Option<Instant>),
    /// See [`Type::Windows`].
    Windows(Windows<'a>),
    /// See [`Type::Zone`].
    Zone(&'a Zone),
    /// See [`Type::Labels`].
    Labels(&'a Labels),
    /// See [`Type::Record`].
    Record(Object<'a>),
    /// A name that the [`World`] resolves to a record of a kind before a rule sees it.
    Reference(Kind, &'a Reference),
    /// See [`Type::List`]. An unknown element is one of which nothing is known; an absent one stands
    /// for elements that may be there or not.
    List(Vec<Value<'a>>),
}

/// What resolves references: the inventory, with the facts derived from it.
pub trait World: Any + Sync {
    /// The object of a kind that a reference names, [`Value::Unknown`] when there is none.
    fn resolve<'a>(&'a self, kind: Kind, reference: &'a Reference) -> Value<'a>;
    /// For attributes that facts add to the model.
    fn as_any(&self) -> &dyn Any;
    /// The world before the change, where a change is judged.
    fn base(&self) -> Option<&dyn World> {
        None
    }
}

/// The attribute by which a rule gets from a resource to what it was in the base.
pub const BASE: &str = "base";

/// Objects, one after the other.
pub type Objects<'a> = Box<dyn Iterator<Item = Object<'a>> + 'a>;

/// A set of records that rules can be about (`for: … in …`).
pub struct Relation {
    /// Its name in rule files: `vms`, `moves`, `backupMigrationCollisions`, …
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub doc: &'static str,
    /// What its elements are.
    pub of: &'static RecordType,
    /// All elements, in a fixed order.
    pub all: for<'a> fn(&'a dyn World) -> Objects<'a>,
}

impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Attributes that facts add to a record of the model.
pub struct Derived {
    /// The record.
    pub of: &'static RecordType,
    /// What is added; a name the record has already is replaced.
    pub attributes: &'static [Attribute],
}

/// Everything a rule may name.
#[derive(Clone, Copy)]
pub struct Vocabulary {
    /// What `for` can range over.
    pub relations: &'static [Relation],
    /// What facts add to the records of the model.
    pub derived: &'static [Derived],
}

impl Vocabulary {
    /// The relation of that name.
    #[must_use]
    pub fn relation(&self, name: &str) -> Option<&'static Relation> {
        self.relations.iter().find(|relation| relation.name == name)
    }

    /// The attribute of that name; what facts derive wins over what is written.
    #[must_use]
    pub fn attribute(&self, of: &'static RecordType, name: &str) -> Option<&'static Attribute> {
        let derived = self.derived.iter().filter(|derived| derived.of == of);
        let derived = derived.flat_map(|derived| derived.attributes);
        let mut all = derived.chain(of.attributes).chain(beside_spec(of));
        all.find(|attribute| attribute.name == name)
    }

    /// All attributes of a record, derived ones first, without those that they replace.
    pub fn attributes(
        &self,
        of: &'static RecordType,
    ) -> impl Iterator<Item = &'static Attribute> + use<> {
        let derived = self.derived.iter().filter(move |derived| derived.of == of);
        let derived = derived.flat_map(|derived| derived.attributes);
        let replaced = derived.clone();
        let written = of.attributes.iter().filter(move |written| {
            let mut replaced = replaced.clone();
            !replaced.any(|attribute| attribute.name == written.name)
        });
        derived.chain(written).chain(beside_spec(of))
    }
}

/// What records have that are the `spec` of a kind.
fn beside_spec(of: &'static RecordType) -> &'static [Attribute] {
    of.kind.map_or(&[], |_| METADATA)
}

/// What every resource has beside its `spec`.
static METADATA: &[Attribute] = &[
    Attribute {
        name: "name",
        doc: "`metadata.name`; `(unnamed)` where none is given.",
        optional: false,
        ty: || Type::Text,
        get: |_, object| {
            metadata(object, |owner| {
                Value::Text(Cow::Borrowed(match &*owner.name {
                    "" => "(unnamed)",
                    name => name,
                }))
            })
        },
        place: |_, object| {
            let owner = object.owner?;
            Some(Place::of(owner, owner.name_span(), "name"))
        },
    },
    Attribute {
        name: "namespace",
        doc: "`metadata.namespace`; empty where none is given.",
        optional: false,
        ty: || Type::Text,
        get: |_, object| metadata(object, |owner| Value::Text(Cow::Borrowed(&owner.namespace))),
        place: |_, _| None,
    },
    Attribute {
        name: "labels",
        doc: "`metadata.labels`.",
        optional: false,
        ty: || Type::Labels,
        get: |_, object| metadata(object, |owner| Value::Labels(&owner.labels)),
        place: |_, _| None,
    },
    Attribute {
        name: "annotations",
        doc: "`metadata.annotations`.",
        optional: false,
        ty: || Type::Labels,
        get: |_, object| metadata(object, |owner| Value::Labels(&owner.annotations)),
        place: |_, _| None,
    },
];

fn metadata<'a>(object: Object<'a>, read: fn(&'a Meta) -> Value<'a>) -> Value<'a> {
    object.owner.map_or(Value::Unknown, read)
}
