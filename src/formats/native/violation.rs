//! What JSON Schema finds wrong, in the words of the format and at its place.

use std::collections::{HashMap, HashSet};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::LocationSegment;
use jsonschema::{JsonType, ValidationError, Validator};

use super::node::{Yaml, YamlNode};
use crate::diagnostic::{MAX_MISTAKES, nearest, shortened};
use crate::model::reflect::{RecordType, Type};
use crate::model::{Kind, Reader, Violation};
use crate::source::Span;
use crate::yaml::{Entry, Node, Place, Value};

/// Validates a document and adds what is wrong, unless the reader has spoken about that place.
pub(super) fn of_structure(
    validator: &Validator<Yaml>,
    root: Node<'_>,
    kind: Kind,
    reader: &mut Reader,
) {
    if validator.is_valid(YamlNode::Node(root)) {
        return;
    }
    let mut found = Vec::new();
    let mut lookup = Lookup::default();
    for error in validator.iter_errors(YamlNode::Node(root)) {
        let site = Site::of(&error, root, kind, &mut lookup);
        found.extend(site.violations(&error));
        // One more than is shown, which says that there are more.
        if found.len() > MAX_MISTAKES {
            break;
        }
    }
    let place = |violation: &Violation| (violation.span, violation.defined);
    let known: HashSet<_> = reader.violations.iter().map(place).collect();
    found.retain(|violation| !known.contains(&place(violation)));
    reader.violations.extend(found);
    reader.violations.sort_by_key(|violation| violation.span);
}

/// The entries of a large mapping by their keys: errors come mapping by mapping.
#[derive(Default)]
struct Lookup<'t> {
    of: Option<(Span, Place)>,
    entries: HashMap<&'t str, Entry<'t>>,
}

impl<'t> Lookup<'t> {
    /// From so many entries on, a table is worth making.
    const LARGE: usize = 64;

    fn get(&mut self, mapping: Node<'t>, key: &str) -> Option<Entry<'t>> {
        if mapping.entries().len() < Self::LARGE {
            return mapping.get(key);
        }
        let of = (mapping.span(), mapping.place());
        if self.of != Some(of) {
            self.of = Some(of);
            let keyed = |entry: Entry<'t>| Some((entry.key.text()?, entry));
            self.entries = mapping.entries().filter_map(keyed).collect();
        }
        self.entries.get(key).copied()
    }
}

/// Where an error is: the node, what is around it, and what the model says of it.
struct Site<'t> {
    node: Node<'t>,
    /// What to point at for the node as a whole.
    place: Place,
    /// What to call it in messages: the last key on the way.
    name: String,
    record: Option<&'static RecordType>,
}

impl<'t> Site<'t> {
    fn of(
        error: &ValidationError<'_>,
        root: Node<'t>,
        kind: Kind,
        lookup: &mut Lookup<'t>,
    ) -> Self {
        let mut site = Site {
            node: root,
            place: root
                .get("kind")
                .map_or(root.place(), |kind| kind.key.place()),
            name: format!("this {kind}"),
            record: None,
        };
        let mut ty = None;
        for segment in error.instance_path().iter() {
            match segment {
                LocationSegment::Property(key) => {
                    let Some(entry) = lookup.get(site.node, key.as_ref()) else {
                        break;
                    };
                    ty = match (site.record, key.as_ref()) {
                        (None, "spec") => Some(Type::Record(kind.record())),
                        (Some(record), key) => attribute_type(record, key),
                        (None, _) => None,
                    };
                    let collection =
                        matches!(entry.value.value(), Value::Mapping(_) | Value::Sequence(_));
                    let at = if collection || entry.value.is_null() {
                        entry.key
                    } else {
                        entry.value
                    };
                    site.place = at.place();
                    site.node = entry.value;
                    site.name = format!("`{}`", shortened(key.as_ref()));
                }
                LocationSegment::Index(index) => {
                    let Some(item) = site.node.items().nth(index) else {
                        break;
                    };
                    ty = match ty {
                        Some(Type::List(of)) => Some(*of),
                        _ => None,
                    };
                    site.place = item.place();
                    site.node = item;
                    site.name = format!("an element of {}", site.name);
                }
            }
            site.record = match &ty {
                Some(Type::Record(record)) => Some(record),
                _ => None,
            };
        }
        site
    }

    fn violations(&self, error: &ValidationError<'_>) -> Vec<Violation> {
        if self.node.is_template() {
            return Vec::new();
        }
        let name = &self.name;
        let at = |place: Place, message: String, help: Option<String>| {
            vec![Violation {
                span: place.span,
                defined: place.anchor,
                message,
                help,
            }]
        };
        let here = |message: String, help: Option<String>| at(self.place, message, help);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let unexpected: HashSet<&str> = unexpected.iter().map(String::as_str).collect();
                let keys = self.node.entries().map(|entry| entry.key);
                keys.filter(|key| key.text().is_some_and(|text| unexpected.contains(text)))
                    .map(|key| self.unknown_key(key))
                    .collect()
            }
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                if self.node.get(property).is_some() || property == "apiVersion" {
                    return Vec::new();
                }
                let named = self
                    .node
                    .get("metadata")
                    .and_then(|it| it.value.get("name"));
                let place = match named.filter(|_| property == "spec") {
                    Some(entry) => entry.value.place(),
                    None => self.place,
                };
                at(
                    place,
                    format!("{name} has no `{property}`"),
                    Some(format!("add `{property}:` to it")),
                )
            }
            ValidationErrorKind::Type { kind } if self.node.is_null() => {
                let _ = kind;
                here(
                    format!("{name} has no value"),
                    Some("write one, or remove the line".to_owned()),
                )
            }
            ValidationErrorKind::Type { kind } => here(
                format!(
                    "{name} must be {}, not {}",
                    expected(kind),
                    described(self.node)
                ),
                self.type_help(kind),
            ),
            ValidationErrorKind::Minimum { limit } => {
                here(format!("{name} must be at least {limit}"), None)
            }
            ValidationErrorKind::Maximum { limit } => {
                here(format!("{name} must be at most {limit}"), None)
            }
            ValidationErrorKind::MinLength { .. } => here(
                format!("{name} is empty"),
                Some("write a value, or remove the line".to_owned()),
            ),
            ValidationErrorKind::Constant { .. } => Vec::new(),
            _ => here(format!("{name} is not valid: {error}"), None),
        }
    }

    fn unknown_key(&self, node: Node<'_>) -> Violation {
        let key = node.text().unwrap_or_default();
        let names = || self.record.into_iter().flat_map(|record| record.attributes);
        let help = match nearest(key, names().map(|attribute| attribute.name)) {
            Some(name) => format!("did you mean {name}?"),
            None => {
                let names: Vec<_> = names().map(|attribute| attribute.name).collect();
                format!(
                    "keys of your own start with `x-`; it takes {}",
                    names.join(", ")
                )
            }
        };
        let place = node.place();
        Violation {
            span: place.span,
            defined: place.anchor,
            message: format!("{} has no attribute `{}`", self.name, shortened(key)),
            help: Some(help),
        }
    }

    fn type_help(&self, kind: &TypeKind) -> Option<String> {
        let wants = |wanted| match kind {
            TypeKind::Single(ty) => *ty == wanted,
            TypeKind::Multiple(set) => set.contains(wanted),
        };
        let written = self.node.text()?;
        match self.node.value() {
            Value::Text(word) if wants(JsonType::Boolean) => match word.to_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => Some("write `true`".to_owned()),
                "no" | "off" | "n" | "false" => Some("write `false`".to_owned()),
                _ => None,
            },
            Value::Text(word) if wants(JsonType::Integer) && word.parse::<i64>().is_ok() => {
                Some(format!("write {word} without quotes"))
            }
            Value::Bool(_) | Value::Int(_) | Value::Float(_) if wants(JsonType::String) => {
                Some(format!("write \"{written}\" in quotes"))
            }
            _ => None,
        }
    }
}

fn attribute_type(record: &RecordType, key: &str) -> Option<Type> {
    let attribute = record
        .attributes
        .iter()
        .find(|attribute| attribute.name == key)?;
    Some((attribute.ty)())
}

fn expected(kind: &TypeKind) -> String {
    let name = |ty: JsonType| match ty {
        JsonType::Array => "a list",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Null => "nothing",
        JsonType::Number => "a number",
        JsonType::Object => "a mapping",
        JsonType::String => "text",
    };
    match kind {
        TypeKind::Single(ty) => name(*ty).to_owned(),
        TypeKind::Multiple(set) => set.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

fn described(node: Node<'_>) -> String {
    match node.value() {
        Value::Null => "nothing".to_owned(),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::Text(text) => format!("the text `{}`", shortened(text)),
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            format!("`{}`", node.text().unwrap_or_default())
        }
    }
}
