//! The JSON Schemas that the definitions of the model yield.
//!
//! As published (`schemas/`) they list words in canonical spelling and the forms of amounts, for
//! editors. The program validates with [`structure`] of the same schemas: words and amounts are
//! left to the reader, which takes any case and explains itself better.

use serde_json::{Map, Value as Json, json};

use super::Kind;
use super::read::EXTENSION;

/// Where the published schemas say they live.
const HOME: &str = "https://vmlint.dev/schemas/v1";

/// The schema of a word list. Versions are taken quoted or not.
pub(super) fn choice(words: &[&str]) -> Json {
    let mut allowed: Vec<Json> = words.iter().map(|word| json!(word)).collect();
    allowed.extend(
        words
            .iter()
            .filter_map(|word| word.parse::<i64>().ok())
            .map(|n| json!(n)),
    );
    let types = if allowed.iter().any(Json::is_number) {
        json!(["string", "integer"])
    } else {
        json!("string")
    };
    json!({ "type": types, "enum": allowed })
}

/// The schema of a record: name, documentation, whether required, and schema of each attribute,
/// and whether a plain string may stand for it.
pub(super) fn record(doc: &str, attributes: &[(&str, &str, bool, Json)], short: bool) -> Json {
    let properties: Map<String, Json> = attributes
        .iter()
        .map(|(name, doc, _, schema)| {
            let mut schema = schema.clone();
            schema["description"] = json!(doc.trim());
            ((*name).to_owned(), schema)
        })
        .collect();
    let required: Vec<&str> = attributes
        .iter()
        .filter(|(_, _, required, _)| *required)
        .map(|(name, ..)| *name)
        .collect();
    let types = if short {
        json!(["object", "string"])
    } else {
        json!("object")
    };
    let mut schema = json!({
        "type": types,
        "description": doc.trim(),
        "properties": properties,
        "patternProperties": { format!("^{EXTENSION}"): true },
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// The published schema of one kind.
#[must_use]
pub fn of_kind(kind: Kind) -> Json {
    let spec = kind.spec_schema();
    let text_map = json!({ "type": "object", "additionalProperties": { "type": "string" } });
    let mut required = vec!["apiVersion", "kind", "metadata"];
    if spec.get("required").is_some() {
        required.push("spec");
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{HOME}/{kind}.schema.json"),
        "title": kind.as_str(),
        "description": spec["description"],
        "type": "object",
        "required": required,
        "properties": {
            "apiVersion": { "const": super::API_VERSION },
            "kind": { "const": kind.as_str() },
            "metadata": {
                "type": "object",
                "description": "Names the resource.",
                "required": ["name"],
                "properties": {
                    "name": { "type": "string", "minLength": 1, "description": "The name by which others refer to it." },
                    "namespace": { "type": "string", "description": "Tells resources of one name apart; default none." },
                    "labels": text_map,
                    "annotations": text_map,
                },
            },
            "spec": spec,
        },
    })
}

/// One schema for all kinds, and for lists of them: which holds is told by `kind`.
#[must_use]
pub fn bundle() -> Json {
    let mut definitions = Map::new();
    let mut cases = Vec::new();
    for kind in Kind::ALL {
        let mut schema = of_kind(kind);
        if let Some(schema) = schema.as_object_mut() {
            schema.shift_remove("$schema");
            schema.shift_remove("$id");
        }
        definitions.insert(kind.to_string(), schema);
        cases.push(json!({
            "if": { "required": ["kind"], "properties": { "kind": { "const": kind.as_str() } } },
            "then": { "$ref": format!("#/$defs/{kind}") },
        }));
    }
    cases.push(json!({
        "if": { "required": ["kind"], "properties": { "kind": { "const": "List" } } },
        "then": { "properties": { "items": { "type": "array", "items": { "$ref": "#" } } } },
    }));
    let kinds = Kind::ALL.iter().map(|kind| kind.as_str()).chain(["List"]);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{HOME}/vmlint.schema.json"),
        "title": "vmlint",
        "description": "A resource of any kind that vmlint reads, or a list of them.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": { "type": "string" },
            "kind": { "enum": kinds.collect::<Vec<_>>() },
        },
        "allOf": cases,
        "$defs": definitions,
    })
}

/// A published schema with what the reader judges itself taken out: words, and the forms of texts.
#[must_use]
pub fn structure(mut schema: Json) -> Json {
    fn strip(schema: &mut Json) {
        match schema {
            Json::Object(map) => {
                for keyword in ["pattern", "enum", "oneOf", "if", "then", "examples"] {
                    map.shift_remove(keyword);
                }
                map.values_mut().for_each(strip);
            }
            Json::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut schema);
    schema
}
