//! The shape of sound documents, as far as a short walk can tell.
//!
//! Nearly all documents are sound, and JSON Schema is asked about the others only. An outline is
//! made from the same schema and is on the safe side: what it calls sound is valid, and what it
//! does not may be valid all the same.

use serde_json::{Map, Value as Json};

use crate::yaml::{Node, Value};

/// What a node of a sound document looks like.
#[derive(Default)]
pub(super) struct Outline {
    /// None where every type will do.
    types: Option<Vec<Type>>,
    constant: Option<String>,
    minimum: Option<i64>,
    maximum: Option<i64>,
    is_filled: bool,
    required: Vec<String>,
    properties: Vec<(String, Outline)>,
    others: Others,
    items: Option<Box<Outline>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Object,
    Array,
    Text,
    Bool,
    Int,
}

/// What keys without a name in the schema may hold.
#[derive(Default)]
enum Others {
    #[default]
    Anything,
    /// Nothing, but for keys that start so.
    Only(Vec<String>),
    Each(Box<Outline>),
}

impl Outline {
    /// The outline of a schema; None when it has a keyword that is not known here.
    pub(super) fn of(schema: &Json) -> Option<Self> {
        let mut outline = Outline::default();
        let schema = schema.as_object()?;
        for (keyword, value) in schema {
            match keyword.as_str() {
                "$schema" | "$id" | "title" | "description" | "default" => {}
                "type" => outline.types = Some(types(value)),
                "const" => outline.constant = Some(value.as_str()?.to_owned()),
                "minimum" => outline.minimum = Some(value.as_i64()?),
                "maximum" => outline.maximum = Some(value.as_i64()?),
                "minLength" if *value == 1 => outline.is_filled = true,
                "required" => outline.required = names(value)?,
                "properties" => {
                    let outlines = value.as_object()?.iter();
                    let property = |(name, schema): (&String, &Json)| {
                        Some((name.clone(), Outline::of(schema)?))
                    };
                    outline.properties = outlines.map(property).collect::<Option<_>>()?;
                }
                "items" => outline.items = Some(Box::new(Outline::of(value)?)),
                "patternProperties" | "additionalProperties" => outline.others = others(schema)?,
                _ => return None,
            }
        }
        Some(outline)
    }

    /// Whether a node is certainly valid.
    pub(super) fn holds(&self, node: Node<'_>) -> bool {
        let value = node.value();
        let is_of_type = |ty: &Type| match value {
            Value::Mapping(_) => *ty == Type::Object,
            Value::Sequence(_) => *ty == Type::Array,
            Value::Text(_) => *ty == Type::Text,
            Value::Bool(_) => *ty == Type::Bool,
            Value::Int(_) => *ty == Type::Int,
            Value::Float(_) | Value::Null => false,
        };
        if !self
            .types
            .as_ref()
            .is_none_or(|types| types.iter().any(is_of_type))
        {
            return false;
        }
        match value {
            Value::Text(text) => {
                let is_constant = |constant: &String| constant == text;
                self.constant.as_ref().is_none_or(is_constant)
                    && !(self.is_filled && text.is_empty())
            }
            _ if self.constant.is_some() => false,
            Value::Int(int) => {
                self.minimum.is_none_or(|minimum| int >= minimum)
                    && self.maximum.is_none_or(|maximum| int <= maximum)
            }
            Value::Sequence(mut items) => {
                let outline = self.items.as_deref();
                outline.is_none_or(|outline| items.all(|item| outline.holds(item)))
            }
            Value::Mapping(_) => self.holds_entries(node),
            Value::Bool(_) => true,
            Value::Float(_) | Value::Null => false,
        }
    }

    fn holds_entries(&self, node: Node<'_>) -> bool {
        let mut required = self.required.iter();
        required.all(|name| node.get(name).is_some())
            && node.entries().all(|entry| {
                let Some(key) = entry.key.text() else {
                    return false;
                };
                let mut properties = self.properties.iter();
                match properties.find(|(name, _)| name == key) {
                    Some((_, outline)) => outline.holds(entry.value),
                    None => match &self.others {
                        Others::Anything => true,
                        Others::Only(starts) => starts.iter().any(|start| key.starts_with(start)),
                        Others::Each(outline) => outline.holds(entry.value),
                    },
                }
            })
    }
}

/// The types that are told apart here; what is of others is not called sound.
fn types(value: &Json) -> Vec<Type> {
    let names = match value {
        Json::Array(names) => names.iter().collect(),
        name => vec![name],
    };
    let ty = |name: &Json| match name.as_str()? {
        "object" => Some(Type::Object),
        "array" => Some(Type::Array),
        "string" => Some(Type::Text),
        "boolean" => Some(Type::Bool),
        "integer" | "number" => Some(Type::Int),
        _ => None,
    };
    names.into_iter().filter_map(ty).collect()
}

fn names(value: &Json) -> Option<Vec<String>> {
    let names = value.as_array()?.iter();
    names.map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// What `patternProperties` and `additionalProperties` together say of other keys.
fn others(schema: &Map<String, Json>) -> Option<Others> {
    let patterns = schema.get("patternProperties").map(Json::as_object);
    match (schema.get("additionalProperties")?, patterns) {
        (Json::Bool(false), patterns) => {
            let patterns = patterns.unwrap_or_default().into_iter().flatten();
            let start = |(pattern, schema): (&String, &Json)| {
                let start = pattern.strip_prefix('^')?;
                let is_literal = |char: char| char.is_ascii_alphanumeric() || char == '-';
                (*schema == true && start.chars().all(is_literal)).then(|| start.to_owned())
            };
            Some(Others::Only(patterns.map(start).collect::<Option<_>>()?))
        }
        (schema @ Json::Object(_), None) => Some(Others::Each(Box::new(Outline::of(schema)?))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::super::node::{Yaml, YamlNode};
    use super::super::validator;
    use super::*;
    use crate::model::{Kind, schema};
    use crate::yaml::parse;

    fn both(kind: Kind) -> (Outline, Validator<Yaml>) {
        let outline = Outline::of(&schema::structure(schema::of_kind(kind)));
        (outline.expect("all keywords are known"), validator(kind))
    }

    /// Values of every type, and some that are odd.
    const VALUES: [&str; 14] = [
        "x",
        "''",
        "1",
        "0",
        "-1",
        "99999999999",
        "1.0",
        "0.5",
        "true",
        "null",
        "[]",
        "[x]",
        "{}",
        "{x-a: 1}",
    ];

    #[test]
    fn what_it_calls_sound_is_valid() {
        for kind in Kind::ALL {
            let (outline, validator) = both(kind);
            let mut sound = 0;
            let mut check = |spec: &str| {
                let head =
                    format!("apiVersion: vmlint.dev/v1\nkind: {kind}\nmetadata: {{name: a}}");
                let text = format!("{head}\nspec: {spec}\n");
                let stream = parse(&text);
                let root = stream.documents[0].root();
                if outline.holds(root) {
                    sound += 1;
                    assert!(validator.is_valid(YamlNode::Node(root)), "{text}");
                }
            };
            let record = super::super::violation::record_of(kind);
            let needed = match kind {
                Kind::BackupPolicy => "targets: {}, ",
                _ => "",
            };
            for value in VALUES {
                check(value);
                for attribute in record.attributes {
                    let name = attribute.name;
                    check(&format!("{{{needed}{name}: {value}}}"));
                    check(&format!("{{{needed}{name}: [{value}]}}"));
                    check(&format!(
                        "{{{needed}{name}: {{name: {value}, {value}: x}}}}"
                    ));
                    check(&format!("{{{needed}{name}: [{{name: x, vm: {value}}}]}}"));
                }
            }
            assert!(sound > 3, "{kind}: {sound}");
        }
    }

    #[test]
    fn sound_documents_are_not_in_doubt() {
        let (outline, _) = both(Kind::VirtualMachine);
        let text = "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {name: a, labels: {b: c}}\nspec:\n  host: hv01\n  x-ours: [1]\n  generation: 2\n  disks: [{name: os}]\n";
        assert!(outline.holds(parse(text).documents[0].root()));
        let text = text.replace("name: os", "nam: os");
        assert!(!outline.holds(parse(&text).documents[0].root()));
    }
}
