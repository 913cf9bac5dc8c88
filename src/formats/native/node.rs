//! YAML nodes as `jsonschema` wants to see them, so that documents are validated where they are.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::{Map, Number, Value as JsonValue};

use crate::yaml::{Entries, Entry, Items, Node, Value};

/// The representation of JSON that YAML trees are.
pub(super) struct Yaml;

/// A node, or the name of a key on its own.
#[derive(Clone, Copy)]
pub(super) enum YamlNode<'a> {
    Node(Node<'a>),
    Name(&'a str),
}

impl Json for Yaml {
    type Node<'a> = YamlNode<'a>;
    type PreparedKey = String;
    type StringBuffer = ();
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(YamlNode<'_>) -> T) -> T {
        f(YamlNode::Name(string))
    }
}

impl<'a> YamlNode<'a> {
    fn value(self) -> Value<'a> {
        match self {
            YamlNode::Node(node) => node.value(),
            YamlNode::Name(name) => Value::Text(name),
        }
    }
}

impl<'a> JsonNode<'a, Yaml> for YamlNode<'a> {
    type Object = Members<'a>;
    type Array = Elements<'a>;
    type Number = Numeral;

    fn as_object(&self) -> Option<Members<'a>> {
        match self.value() {
            Value::Mapping(entries) => Some(Members(entries)),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Elements<'a>> {
        match self.value() {
            Value::Sequence(items) => Some(Elements(items)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self.value() {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Numeral> {
        match self.value() {
            Value::Int(number) => Some(Numeral::Int(number)),
            Value::Float(number) => Some(Numeral::Float(number)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.value() {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.value(), Value::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.value() {
            Value::Null => JsonType::Null,
            Value::Bool(_) => JsonType::Boolean,
            Value::Int(_) | Value::Float(_) => JsonType::Number,
            Value::Text(_) => JsonType::String,
            Value::Sequence(_) => JsonType::Array,
            Value::Mapping(_) => JsonType::Object,
        }
    }

    /// Only for words and numbers: `const` and error values. A collection is empty here, so that
    /// no error costs more than its place.
    fn to_value(&self) -> Cow<'a, JsonValue> {
        Cow::Owned(match self.value() {
            Value::Null => JsonValue::Null,
            Value::Bool(value) => JsonValue::Bool(value),
            Value::Int(number) => JsonValue::from(number),
            Value::Float(number) => JsonValue::from(number),
            Value::Text(text) => JsonValue::from(text),
            Value::Sequence(_) => JsonValue::Array(Vec::new()),
            Value::Mapping(_) => JsonValue::Object(Map::new()),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        None
    }
}

/// The entries of a mapping.
pub(super) struct Members<'a>(Entries<'a>);

impl<'a> Object<'a, Yaml> for Members<'a> {
    type Node = YamlNode<'a>;
    type MemberName = Cow<'a, str>;
    type MembersIter = std::vec::IntoIter<(Cow<'a, str>, YamlNode<'a>)>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, key: &String) -> Option<YamlNode<'a>> {
        self.0
            .clone()
            .find(|entry| entry.key.text() == Some(key))
            .map(|entry| YamlNode::Node(entry.value))
    }

    fn members(&self) -> Self::MembersIter {
        let member = |entry: Entry<'a>| {
            let name = Cow::Borrowed(entry.key.text().unwrap_or_default());
            (name, YamlNode::Node(entry.value))
        };
        self.0.clone().map(member).collect::<Vec<_>>().into_iter()
    }
}

/// The items of a sequence.
pub(super) struct Elements<'a>(Items<'a>);

impl<'a> Array<'a, Yaml> for Elements<'a> {
    type Node = YamlNode<'a>;
    type ElementsIter = std::iter::Map<Items<'a>, fn(Node<'a>) -> YamlNode<'a>>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Self::ElementsIter {
        self.0.clone().map(YamlNode::Node)
    }
}

/// A number of YAML.
#[derive(Clone, Copy)]
pub(super) enum Numeral {
    Int(i64),
    Float(f64),
}

impl JsonNumber for Numeral {
    fn as_u64(&self) -> Option<u64> {
        u64::try_from(self.as_i64()?).ok()
    }

    fn as_i64(&self) -> Option<i64> {
        match *self {
            Numeral::Int(number) => Some(number),
            Numeral::Float(_) => None,
        }
    }

    fn as_f64(&self) -> Option<f64> {
        Some(match *self {
            Numeral::Int(number) => number as f64,
            Numeral::Float(number) => number,
        })
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(match self {
            Numeral::Int(number) => number.to_string(),
            Numeral::Float(number) => format!("{number:?}"),
        })
    }

    fn to_number(&self) -> Cow<'_, Number> {
        Cow::Owned(match *self {
            Numeral::Int(number) => Number::from(number),
            Numeral::Float(number) => Number::from_f64(number).unwrap_or_else(|| Number::from(0)),
        })
    }
}
