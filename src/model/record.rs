//! The macro that writes a record of the model, with all that is made of it, from one definition.

/// Defines a record of the model: its Rust struct, its JSON Schema and what rules may name, from
/// one line an attribute: `field "nameInYaml" [required]: Type [= default],`.
///
/// `struct Name (rare: NameDetails)` keeps attributes that are marked as `rare` in a struct of
/// their own, as few resources have them. `struct Name (short: field)` also reads a plain string,
/// as that field. `struct Name for Kind` is the `spec` of a kind of resource, whose place its
/// [`Meta`](crate::model::Meta) knows; every other record keeps its own.
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $((rare: $rare:ident))? for $kind:ident { $($attributes:tt)* }
    ) => {
        record!(@split { $(#[doc = $doc])* $name () $($rare)? } [] [] $($attributes)*);
        record!(@items $(#[doc = $doc])* pub struct $name for $kind { $($attributes)* });
    };
    (
        $(#[doc = $doc:literal])*
        pub struct $name:ident $((short: $short:ident))? $((rare: $rare:ident))? { $($attributes:tt)* }
    ) => {
        record!(@split { $(#[doc = $doc])* $name (place) $($rare)? } [] [] $($attributes)*);
        record!(@items $(#[doc = $doc])* pub struct $name $((short: $short))? { $($attributes)* });
    };

    (@split $name:tt [$($common:tt)*] [$($rare:tt)*]
        $(#[doc = $doc:literal])* $field:ident $key:literal rare : $ty:ty $(= $default:expr)?,
        $($rest:tt)*
    ) => {
        record!(@split $name [$($common)*] [$($rare)* $(#[doc = $doc])* $field: $ty,] $($rest)*);
    };
    (@split $name:tt [$($common:tt)*] [$($rare:tt)*]
        $(#[doc = $doc:literal])* $field:ident $key:literal $(required)? : $ty:ty $(= $default:expr)?,
        $($rest:tt)*
    ) => {
        record!(@split $name [$($common)* $(#[doc = $doc])* $field: $ty,] [$($rare)*] $($rest)*);
    };
    (@split { $(#[doc = $doc:literal])* $name:ident ($($place:ident)?) }
        [$($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*] []
    ) => {
        record!(@struct { $(#[doc = $doc])* $name ($($place)?) } [$($(#[doc = $field_doc])* $field: $ty,)*]);
        record!(@visits $name ($($place)?) { $($field)* });
    };
    (@split { $(#[doc = $doc:literal])* $name:ident ($($place:ident)?) $rare:ident }
        [$($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*]
        [$($(#[doc = $rare_doc:literal])* $rare_field:ident: $rare_ty:ty,)*]
    ) => {
        record!(@struct { $(#[doc = $doc])* $name ($($place)?) $rare } [$($(#[doc = $field_doc])* $field: $ty,)*]);

        #[doc = concat!("What few resources say of a [`", stringify!($name), "`], kept apart: there are many.")]
        #[derive(Clone, Default, Debug)]
        pub struct $rare {
            $($(#[doc = $rare_doc])* pub $rare_field: $crate::model::Attr<$rare_ty>,)*
        }

        impl $rare {
            /// Puts it apart, where anything of it is said.
            #[must_use]
            pub fn apart(self) -> Option<Box<Self>> {
                let said = [$(!self.$rare_field.is_absent()),*];
                said.contains(&true).then(|| Box::new(self))
            }
        }

        impl std::ops::Deref for $name {
            type Target = $rare;

            fn deref(&self) -> &$rare {
                static NOTHING: std::sync::LazyLock<$rare> = std::sync::LazyLock::new($rare::default);
                self.details.as_deref().unwrap_or_else(|| &NOTHING)
            }
        }

        impl std::ops::DerefMut for $name {
            fn deref_mut(&mut self) -> &mut $rare {
                self.details.get_or_insert_default()
            }
        }

        record!(@visits $name ($($place)?) { $($field)* } rare { $($rare_field)* });
    };

    (@struct { $(#[doc = $doc:literal])* $name:ident ($($place:ident)?) $($rare:ident)? }
        [$($(#[doc = $field_doc:literal])* $field:ident: $ty:ty,)*]
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Default, Debug)]
        pub struct $name {
            $(/// Where it is written: its key, or the start of a list element.
            pub $place: $crate::model::Place,)?
            $($(#[doc = $field_doc])* pub $field: $crate::model::Attr<$ty>,)*
            $(/// What few say, where anything of it is said.
            pub details: Option<Box<$rare>>,)?
        }
    };

    (@visits $name:ident ($($place:ident)?) { $($field:ident)* } $(rare { $($rare_field:ident)* })?) => {
        impl $name {
            fn empty_at(_place: $crate::source::Span) -> Self {
                Self { $($place: _place.into(),)? ..Self::default() }
            }

            fn own_place(&self) -> Option<$crate::source::Span> {
                [$(self.$place.span())?].first().copied()
            }

            fn visit_places(&mut self, visit: &mut dyn FnMut(&mut $crate::source::Span)) {
                $(self.$field.places(visit);)*
                $(if let Some(rare) = &mut self.details {
                    $(rare.$rare_field.places(visit);)*
                })?
            }

            fn visit_references(&mut self, visit: &mut $crate::model::read::Visit<'_>) {
                $(self.$field.references(visit);)*
                $(if let Some(rare) = &mut self.details {
                    $(rare.$rare_field.references(visit);)*
                })?
            }

            fn keep_what_is_common(&mut self, other: &Self) {
                $(self.$field.keep_common(&other.$field);)*
                $(if self.details.is_some() || other.details.is_some() {
                    $(self.$rare_field.keep_common(&other.$rare_field);)*
                })?
            }

            fn join_with(&mut self, other: &Self, by: $crate::model::read::Precedence) {
                $(self.$field.join(&other.$field, by);)*
                $(if other.details.is_some() {
                    $(self.$rare_field.join(&other.$rare_field, by);)*
                })?
            }
        }
    };

    (@items
        $(#[doc = $doc:literal])*
        pub struct $name:ident $((short: $short:ident))? $(for $kind:ident)? {
            $(
                $(#[doc = $field_doc:literal])*
                $field:ident $key:literal $($mark:ident)? : $ty:ty $(= $default:expr)?,
            )*
        }
    ) => {
        impl $name {
            /// Whether some attribute has to be there.
            const NEEDED: bool = false $(|| record!(@given $($mark)?))*;

            /// Name, attributes and documentation of this record.
            pub const TYPE: &'static $crate::model::reflect::RecordType = &$crate::model::reflect::RecordType {
                name: stringify!($name),
                doc: concat!($($doc),*),
                kind: record!(@kind $($kind)?),
                attributes: &[$(
                    $crate::model::reflect::Attribute {
                        name: $key,
                        doc: concat!($($field_doc),*),
                        optional: record!(@optional $($mark)? $(= $default)?),
                        ty: <$ty as $crate::model::read::Modelled>::ty,
                        get: |_, object| {
                            use $crate::model::{read::Modelled as _, reflect::Value, State};
                            let Some(record) = object.downcast::<Self>() else { return Value::Unknown };
                            match record.$field.state() {
                                State::Known(value) => value.value(object.owner),
                                State::Unknown => Value::Unknown,
                                State::Absent if object.owner.is_some_and(|owner| owner.partial) => Value::Unknown,
                                State::Absent => record!(@default $ty, object $(, $default)?),
                            }
                        },
                        place: |_, object| {
                            let span = object.downcast::<Self>()?.$field.place()?;
                            Some($crate::model::reflect::Place::of(object.owner?, span, $key))
                        },
                    },
                )*],
            };

            /// The JSON Schema of this record, as published.
            #[must_use]
            pub fn record_schema() -> serde_json::Value {
                $crate::model::schema::record(
                    concat!($($doc),*),
                    &[$((
                        $key,
                        concat!($($field_doc),*),
                        record!(@given $($mark)?),
                        <$ty as $crate::model::read::Modelled>::schema(),
                    )),*],
                    record!(@given $($short)?),
                )
            }

            fn read_record(node: $crate::yaml::Node<'_>, reader: &mut $crate::model::read::Reader) -> $crate::model::State<Self> {
                use $crate::model::State;
                let mut record = Self::empty_at(reader.place());
                match node.value() {
                    $crate::yaml::Value::Mapping(_) => {
                        for entry in node.entries() {
                            match entry.key.text() {
                                $(Some($key) => record.$field = reader.attribute(entry, $key),)*
                                _ => reader.unnamed(entry.key),
                            }
                        }
                        if Self::NEEDED && [$(
                            record!(@given $($mark)?) && record.$field.is_absent(),
                        )*].contains(&true) {
                            reader.missing();
                        }
                        State::Known(record)
                    }
                    $($crate::yaml::Value::Text(_) => {
                        record.$short = $crate::model::Attr::new(reader.element(node), node.place().span);
                        State::Known(record)
                    })?
                    _ => State::Unknown,
                }
            }
        }

        impl $crate::model::reflect::Record for $name {
            fn record_type(&self) -> &'static $crate::model::reflect::RecordType { Self::TYPE }
            fn place(&self) -> Option<$crate::source::Span> { self.own_place() }
            fn as_any(&self) -> &dyn std::any::Any { self }
        }

        impl $name {
            fn agrees_with(&self, other: &Self) -> bool {
                true $(&& self.$field.agrees(&other.$field))*
            }
        }

        record!(@traits $name $($kind)?);
    };

    (@kind) => { None };
    (@kind $kind:ident) => { Some($crate::model::Kind::$kind) };
    (@optional) => { true };
    (@optional required) => { false };
    (@optional rare) => { true };
    (@optional rare = $default:expr) => { false };
    (@optional = $default:expr) => { false };
    (@default $ty:ty, $object:ident) => { Value::Absent };
    (@default $ty:ty, $object:ident, $default:expr) => {{
        static DEFAULT: std::sync::LazyLock<$ty> = std::sync::LazyLock::new(|| $default);
        DEFAULT.value($object.owner)
    }};
    (@given) => { false };
    (@given rare) => { false };
    (@given $given:ident) => { true };

    (@traits $name:ident) => {
        impl $crate::model::attribute::Placed for $name {
            fn place(&self) -> $crate::model::Place { self.place }
            fn put_at(&mut self, place: $crate::model::Place) { self.place = place; }
        }

        impl $crate::model::read::Modelled for $name {
            type Beside = ();

            fn ty() -> $crate::model::reflect::Type {
                $crate::model::reflect::Type::Record(Self::TYPE)
            }
            fn schema() -> serde_json::Value { Self::record_schema() }
            fn read(node: $crate::yaml::Node<'_>, reader: &mut $crate::model::read::Reader) -> $crate::model::State<Self> {
                Self::read_record(node, reader)
            }
            fn value<'a>(&'a self, owner: Option<&'a $crate::model::Meta>) -> $crate::model::reflect::Value<'a> {
                $crate::model::reflect::Value::Record($crate::model::reflect::Object::part(self, owner))
            }
            fn references(&mut self, visit: &mut $crate::model::read::Visit<'_>) {
                self.visit_references(visit);
            }
            fn agrees(&self, other: &Self) -> bool { self.agrees_with(other) }
            fn keep_common(&mut self, other: &Self) -> bool {
                self.keep_what_is_common(other);
                true
            }
            fn join(&mut self, other: &Self, by: $crate::model::read::Precedence) -> bool {
                self.join_with(other, by);
                true
            }
            fn places(&mut self, visit: &mut dyn FnMut(&mut $crate::source::Span)) {
                self.visit_places(visit);
            }
        }
    };
    (@traits $name:ident $kind:ident) => {
        impl $crate::model::read::Entity for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::$kind;
            const TYPE: &'static $crate::model::reflect::RecordType = $name::TYPE;
            fn spec_schema() -> serde_json::Value { Self::record_schema() }
            fn read_spec(node: Option<$crate::yaml::Node<'_>>, reader: &mut $crate::model::read::Reader) -> Self {
                match node.map(|node| Self::read_record(node, reader)) {
                    Some($crate::model::State::Known(spec)) => spec,
                    _ => {
                        if Self::NEEDED {
                            reader.missing();
                        }
                        Self::default()
                    }
                }
            }
            fn references(&mut self, visit: &mut $crate::model::read::Visit<'_>) {
                self.visit_references(visit);
            }
            fn keep_common(&mut self, other: &Self) { self.keep_what_is_common(other); }
            fn agrees(&self, other: &Self) -> bool { self.agrees_with(other) }
            fn join(&mut self, other: &Self, by: $crate::model::read::Precedence) {
                self.join_with(other, by);
            }
            fn places(&mut self, visit: &mut dyn FnMut(&mut $crate::source::Span)) {
                self.visit_places(visit);
            }
        }
    };
}

pub(super) use record;
