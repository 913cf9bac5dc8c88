//! The shape of sound documents, as far as a short walk can tell.
//!
//! Nearly all documents are sound, and JSON Schema is asked about the others only. An outline is
//! made from the same schema and is on the safe side: what it calls sound is valid, and what it
//! does not may be valid all the same.

use serde_json::{Map, Value as Json};

use crate::yaml::{Entries, Node, Value};

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
    properties: Properties,
    others: Others,
    items: Option<Box<Outline>>,
}

/// What keys with a name in the schema hold.
#[derive(Default)]
struct Properties {
    /// By the length of their names.
    list: Vec<Property>,
    /// For each length how many names are no longer.
    up_to: Vec<usize>,
    /// The bits of all that are required.
    required: u64,
}

struct Property {
    name: String,
    /// Its first and last letter and one between, by which most others are told apart.
    letters: [u8; 3],
    outline: Outline,
    /// Its own bit, where it is required.
    required: u64,
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
                    let all: Option<Vec<_>> = outlines.map(property).collect();
                    outline.properties = Properties::of(all?);
                }
                "items" => outline.items = Some(Box::new(Outline::of(value)?)),
                "patternProperties" | "additionalProperties" => outline.others = others(schema)?,
                _ => return None,
            }
        }
        let properties = &mut outline.properties;
        outline.required.retain(|name| !properties.require(name));
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
            Value::Mapping(entries) => self.holds_entries(node, entries),
            Value::Bool(_) => true,
            Value::Float(_) | Value::Null => false,
        }
    }

    fn holds_entries<'t>(&self, node: Node<'t>, mut entries: Entries<'t>) -> bool {
        let mut given = 0;
        entries.all(|entry| {
            let Some(key) = entry.key.text() else {
                return false;
            };
            match self.properties.get(key) {
                Some(property) => {
                    given |= property.required;
                    property.outline.holds(entry.value)
                }
                None => match &self.others {
                    Others::Anything => true,
                    Others::Only(starts) => starts.iter().any(|start| key.starts_with(start)),
                    Others::Each(outline) => outline.holds(entry.value),
                },
            }
        }) && given == self.properties.required
            && self.required.iter().all(|name| node.get(name).is_some())
    }
}

impl Properties {
    fn of(mut all: Vec<(String, Outline)>) -> Self {
        all.sort_by_key(|(name, _)| name.len());
        let longest = all.last().map_or(0, |(name, _)| name.len());
        let up_to = |length: usize| all.partition_point(|(name, _)| name.len() <= length);
        let up_to = (0..=longest).map(up_to).collect();
        let property = |(name, outline): (String, _)| Property {
            letters: letters(&name),
            name,
            outline,
            required: 0,
        };
        Properties {
            list: all.into_iter().map(property).collect(),
            up_to,
            required: 0,
        }
    }

    /// The numbers of those whose name has the length of a key.
    fn as_long_as(&self, key: &str) -> Option<std::ops::Range<usize>> {
        let end = *self.up_to.get(key.len())?;
        let shorter = key.len().checked_sub(1);
        Some(shorter.map_or(0, |length| self.up_to[length])..end)
    }

    fn get(&self, key: &str) -> Option<&Property> {
        let letters = letters(key);
        let mut list = self.list[self.as_long_as(key)?].iter();
        list.find(|property| property.letters == letters && property.name == key)
    }

    /// Makes a property required; false where there is none of that name, or no bit is left.
    fn require(&mut self, name: &str) -> bool {
        let range = self.as_long_as(name).unwrap_or_default();
        let mut list = self.list[range].iter_mut();
        let property = list.find(|property| property.name == name);
        let (Some(property), Some(bit)) = (property, (!self.required).checked_ilog2()) else {
            return false;
        };
        property.required |= 1 << bit;
        self.required |= property.required;
        true
    }
}

fn letters(name: &str) -> [u8; 3] {
    let name = name.as_bytes();
    let at = |index: usize| name.get(index).copied().unwrap_or_default();
    [at(0), at(name.len() / 2), at(name.len().saturating_sub(1))]
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
            let record = kind.record();
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
