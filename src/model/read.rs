//! From YAML nodes to attributes: the traits that the definitions implement, and the macros that
//! write those implementations from one definition.

use serde_json::Value as Json;

use super::attribute::{Attr, Beside, State};
use super::reference::Reference;
use super::reflect::{RecordType, Type, Value};
use super::{Kind, Meta};
use crate::diagnostic::shortened;
use crate::source::Span;
use crate::yaml::{self, Entry, Node};

/// Something an attribute can hold. Its default stands where nothing is known, and says nothing.
pub trait Modelled: Clone + Default + Sized + 'static {
    /// What stands beside it in an attribute.
    type Beside: Beside<Self>;

    /// Its type for rules.
    fn ty() -> Type;
    /// Its JSON Schema, as published.
    fn schema() -> Json;
    /// Reads it from a node that is no template. What the JSON Schema finds wrong is
    /// [`State::Unknown`] without a word; the rest is reported.
    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self>;
    /// Its value for rules.
    fn value<'a>(&'a self, owner: Option<&'a Meta>) -> Value<'a>;
    /// Hands every reference in it to `visit`.
    fn references(&mut self, _visit: &mut Visit<'_>) {}
    /// Whether another says the same, wherever it is written.
    fn agrees(&self, other: &Self) -> bool;
    /// Makes unknown in which parts another differs. False where it has no parts, so that all of it
    /// is unknown.
    fn keep_common(&mut self, _other: &Self) -> bool {
        false
    }
    /// Adds what another says of the same thing. False where the two contradict each other.
    fn join(&mut self, other: &Self, _by: Precedence) -> bool {
        self.agrees(other)
    }
    /// Hands the place of everything in it to `visit`.
    fn places(&mut self, _visit: &mut dyn FnMut(&mut Span)) {}
}

/// Whose word counts where two descriptions of one thing differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precedence {
    /// Neither's: it is unknown then. Lists are put together.
    Equal,
    /// That of the first one.
    First,
}

/// What is done with a reference to a resource of a kind.
pub type Visit<'v> = dyn FnMut(Kind, &mut Reference) + 'v;

/// The `spec` of a kind of resource.
pub trait Entity: super::reflect::Record + Sized + 'static {
    /// The kind.
    const KIND: Kind;
    /// Its attributes.
    const TYPE: &'static RecordType;
    /// The JSON Schema of its `spec`.
    fn spec_schema() -> Json;
    /// Reads a `spec`; `None` reads as an empty one.
    fn read_spec(node: Option<Node<'_>>, reader: &mut Reader) -> Self;
    /// Hands every reference to `visit`.
    fn references(&mut self, visit: &mut Visit<'_>);
    /// Makes unknown in which attributes another differs.
    fn keep_common(&mut self, other: &Self);
    /// Whether another says the same, wherever it is written.
    fn agrees(&self, other: &Self) -> bool;
    /// Adds what another says of the same resource.
    fn join(&mut self, other: &Self, by: Precedence);
    /// Hands the place of everything in it to `visit`.
    fn places(&mut self, visit: &mut dyn FnMut(&mut Span));
}

/// Something in a document that is not as the model wants it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Where: the value, or the key where the key is wrong.
    pub span: Span,
    /// Where it is defined, when `span` is an alias.
    pub defined: Option<Span>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// An attribute that is used in one place and defined in another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// The alias.
    pub used: Span,
    /// The attribute's name.
    pub attribute: &'static str,
    /// Where it is defined.
    pub defined: Span,
}

/// What keys start with that are nobody's business.
pub(super) const EXTENSION: &str = "x-";

/// Collects what is wrong while a document is read.
#[derive(Default, Debug)]
pub struct Reader {
    /// What was found, in the order it was read.
    pub violations: Vec<Violation>,
    /// Where attributes are defined that are used through an alias or a merge key.
    pub anchors: Vec<Anchor>,
    /// Whether something was read that JSON Schema may refuse. What is not in doubt is sound.
    pub in_doubt: bool,
    place: Span,
    name: &'static str,
}

impl Reader {
    /// Reports a value.
    pub fn violation(&mut self, node: Node<'_>, message: String, help: Option<String>) {
        let place = node.place();
        self.violations.push(Violation {
            span: place.span,
            defined: place.anchor,
            message,
            help,
        });
    }

    /// Where what is being read is written: a mapping's key, the start of a list element.
    #[must_use]
    pub fn place(&self) -> Span {
        self.place
    }

    /// Reads a list element that may be a template.
    pub fn element<T: Modelled>(&mut self, node: Node<'_>) -> State<T> {
        self.place = node.place().span;
        self.state(node)
    }

    fn state<T: Modelled>(&mut self, node: Node<'_>) -> State<T> {
        let state = match node.is_template() {
            true => State::Unknown,
            false => T::read(node, self),
        };
        self.in_doubt |= state.known().is_none();
        state
    }

    /// Notes a key that no attribute has: sound where it is an extension.
    pub(super) fn unnamed(&mut self, key: Node<'_>) {
        self.in_doubt |= !key.text().is_some_and(|key| key.starts_with(EXTENSION));
    }

    /// Notes that an attribute is not there that has to be.
    pub(super) fn missing(&mut self) {
        self.in_doubt = true;
    }

    /// Notes a value that is understood, but of another type than text.
    pub(super) fn wants_text(&mut self, node: Node<'_>) {
        self.in_doubt |= !matches!(node.value(), yaml::Value::Text(_));
    }

    /// Reads the value of an attribute and notes where it is: a scalar's value, a collection's
    /// key.
    pub fn attribute<T: Modelled>(&mut self, entry: Entry<'_>, name: &'static str) -> Attr<T> {
        let collection = entry.value.is_collection() && !entry.value.is_template();
        let node = if collection { entry.key } else { entry.value };
        let span = node.place().span;
        if let Some(defined) = entry.value.place().anchor {
            self.anchors.push(Anchor {
                used: span,
                attribute: name,
                defined,
            });
        }
        self.place = span;
        self.name = name;
        Attr::new(self.state(entry.value), span)
    }
}

/// Defines a word list: an enum, its spelling, and how rules and schemas see it.
macro_rules! choice {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $variant_doc:literal])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[doc = $variant_doc])* $variant,)+ }

        impl Default for $name {
            fn default() -> Self {
                [$($name::$variant),+][0]
            }
        }

        impl $name {
            /// All words, in canonical spelling.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in canonical spelling.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The value of a word, whatever its case.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($word) { return Some($name::$variant); })+
                None
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl $crate::model::read::Modelled for $name {
            type Beside = $crate::model::Place;

            fn ty() -> $crate::model::reflect::Type {
                $crate::model::reflect::Type::Choice(Self::WORDS)
            }

            fn schema() -> serde_json::Value {
                $crate::model::schema::choice(Self::WORDS)
            }

            fn read(node: $crate::yaml::Node<'_>, reader: &mut $crate::model::read::Reader) -> $crate::model::State<Self> {
                $crate::model::read::read_word(node, reader, Self::WORDS, Self::parse)
            }

            fn value<'a>(&'a self, _: Option<&'a $crate::model::Meta>) -> $crate::model::reflect::Value<'a> {
                $crate::model::reflect::Value::Text(self.as_str().into())
            }

            fn agrees(&self, other: &Self) -> bool {
                self == other
            }
        }
    };
}

/// The text of a node that must be a string; the schema reports what is none.
pub(super) fn text(node: Node<'_>) -> Option<&str> {
    match node.value() {
        yaml::Value::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Reads a text that `parse` understands, else reports `what` with the form to write.
pub(super) fn parsed<T>(
    node: Node<'_>,
    reader: &mut Reader,
    what: &str,
    form: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> State<T> {
    match node.text().map(|text| (text, parse(text))) {
        Some((_, Some(value))) => State::Known(value),
        Some((text, None)) if !matches!(node.value(), yaml::Value::Null) => {
            reader.violation(
                node,
                format!("`{}` is not {what}", shortened(text)),
                Some(form.to_owned()),
            );
            State::Unknown
        }
        _ => State::Unknown,
    }
}

/// Reads one of `words`, else reports it with the nearest.
pub(super) fn read_word<T>(
    node: Node<'_>,
    reader: &mut Reader,
    words: &[&'static str],
    parse: impl Fn(&str) -> Option<T>,
) -> State<T> {
    let Some(text) = node
        .text()
        .filter(|_| !matches!(node.value(), yaml::Value::Null))
    else {
        return State::Unknown;
    };
    if let Some(value) = parse(text) {
        let is_number = |word: &&str| word.parse::<i64>().is_ok();
        match node.value() {
            yaml::Value::Int(_) if words.iter().any(is_number) => {}
            _ => reader.wants_text(node),
        }
        return State::Known(value);
    }
    let help = match crate::diagnostic::nearest(text, words.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? It is one of {}", words.join(", ")),
        None => format!("write one of {}", words.join(", ")),
    };
    let message = format!("`{}` cannot be `{}`", reader.name, shortened(text));
    reader.violation(node, message, Some(help));
    State::Unknown
}

pub(super) use super::record::record;
pub(super) use choice;
