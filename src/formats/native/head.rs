//! Whether what stands around a `spec` is sound, as far as a short look can tell.
//!
//! Nearly all documents are sound, and JSON Schema is asked about the others only. This look, and
//! what a [`Reader`](crate::model::Reader) has no doubt about, are on the safe side: what both call
//! sound is valid, and what they do not may be valid all the same.

use crate::model::{API_VERSION, Kind};
use crate::yaml::{Entry, Node, Value};

/// Whether everything but the attributes in the `spec` is certainly valid.
pub(super) fn is_sound(root: Node<'_>, kind: Kind) -> bool {
    let mut parts = Parts::default();
    let sound = all(root, |key, value| match key {
        "apiVersion" => says(value, API_VERSION, &mut parts.version),
        "kind" => says(value, kind.as_str(), &mut parts.kind),
        "metadata" => is_metadata(value, &mut parts.metadata),
        "spec" => matches!(value.value(), Value::Mapping(_)),
        _ => true,
    });
    sound && parts.version && parts.kind && parts.metadata
}

/// What of a document was seen.
#[derive(Default)]
struct Parts {
    version: bool,
    kind: bool,
    metadata: bool,
}

/// Whether a node is a mapping with keys that are texts, and something holds of all its entries.
fn all(node: Node<'_>, mut holds: impl FnMut(&str, Node<'_>) -> bool) -> bool {
    let is_good = |entry: Entry<'_>| entry.key.text().is_some_and(|key| holds(key, entry.value));
    matches!(node.value(), Value::Mapping(_)) && node.entries().all(is_good)
}

fn says(node: Node<'_>, word: &str, seen: &mut bool) -> bool {
    *seen = true;
    matches!(node.value(), Value::Text(text) if text == word)
}

fn is_metadata(node: Node<'_>, seen: &mut bool) -> bool {
    *seen = true;
    let mut is_named = false;
    let sound = all(node, |key, value| match (key, value.value()) {
        ("name", Value::Text(name)) => {
            is_named = true;
            !name.is_empty()
        }
        ("namespace", Value::Text(_)) => true,
        ("labels" | "annotations", _) => {
            all(value, |_, value| matches!(value.value(), Value::Text(_)))
        }
        ("name" | "namespace", _) => false,
        _ => true,
    });
    sound && is_named
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::super::node::{Yaml, YamlNode};
    use super::super::validator;
    use super::*;
    use crate::model::reflect::{RecordType, Type};
    use crate::model::{AnyResource, Meta, Reader};
    use crate::source::{SourceFile, Sources, Span};
    use crate::yaml::parse;

    /// Values of every type, and some that are odd.
    const VALUES: [&str; 22] = [
        "x",
        "''",
        "1",
        "0",
        "-1",
        "99999999999",
        "1.0",
        "0.5",
        "2019",
        "high",
        "Mon",
        "16GiB",
        "true",
        "null",
        "[]",
        "[x]",
        "[null]",
        "{}",
        "{x-a: 1}",
        "{a: b}",
        "{a: 1}",
        "{1: b}",
    ];

    /// Whether a document is called sound; asserts that it is valid then.
    fn is_called_sound(kind: Kind, validator: &Validator<Yaml>, text: &str) -> bool {
        let stream = parse(text);
        let Some(document) = stream.documents.first() else {
            return false;
        };
        let root = document.root();
        let file = Sources::default().add(SourceFile::new("a.yaml", ""));
        let spec = root.get("spec").map(|spec| spec.value);
        let spec = spec.filter(|spec| matches!(spec.value(), Value::Mapping(_)));
        let mut reader = Reader::default();
        let _ = AnyResource::read(Meta::at(kind, file, Span::default()), spec, &mut reader);
        let sound = !reader.in_doubt && is_sound(root, kind);
        assert!(!sound || validator.is_valid(YamlNode::Node(root)), "{text}");
        sound
    }

    /// Hands records of a type with an attribute of each value, and those in them, to `check`.
    fn every(record: &'static RecordType, depth: usize, check: &mut dyn FnMut(&str)) {
        VALUES
            .iter()
            .for_each(|value| check(&format!("{{x-a: {value}}}")));
        for attribute in record.attributes {
            let name = attribute.name;
            for value in VALUES {
                check(&format!("{{{name}: {value}}}"));
                check(&format!("{{{name}: [{value}, {value}]}}"));
                check(&format!("{{{name}: {value}, {value}: 1}}"));
                check(&format!("{{{name}: {value}, nothing: 1}}"));
            }
            let (inner, list) = match (attribute.ty)() {
                Type::List(inner) => (*inner, true),
                inner => (inner, false),
            };
            if let (Type::Record(inner), true) = (inner, depth > 0) {
                every(inner, depth - 1, &mut |text| match list {
                    true => check(&format!("{{{name}: [{text}]}}")),
                    false => check(&format!("{{{name}: {text}}}")),
                });
            }
        }
    }

    #[test]
    fn attributes_that_are_called_sound_are_valid() {
        for kind in Kind::ALL {
            let validator = validator(kind);
            let mut sound = 0;
            let needed = match kind {
                Kind::BackupPolicy => "{targets: {}, ",
                _ => "{",
            };
            every(kind.record(), 3, &mut |spec| {
                let spec = spec.replacen('{', needed, 1);
                let head = "apiVersion: vmlint.dev/v1\nmetadata: {name: a}";
                let text = format!("{head}\nkind: {kind}\nspec: {spec}\n");
                sound += usize::from(is_called_sound(kind, &validator, &text));
            });
            assert!(sound > 10, "{kind}: {sound}");
        }
    }

    #[test]
    fn heads_that_are_called_sound_are_valid() {
        let parts = [
            [
                "apiVersion: vmlint.dev/v1",
                "apiVersion: vmlint.dev/v2",
                "apiVersion: [1]",
                "",
            ],
            [
                "metadata: {name: a}",
                "metadata: {name: ''}",
                "metadata: {name: 1}",
                "metadata: {}",
            ],
            ["spec: {}", "spec:", "spec: [a]", ""],
        ];
        let more = VALUES.iter().flat_map(|value| {
            ["labels", "annotations", "namespace", "name", "other"]
                .map(|key| format!("metadata: {{name: a, {key}: {value}}}"))
        });
        let mut heads: Vec<String> = more.collect();
        heads.extend(VALUES.map(|value| format!("{value}: a\nmetadata: {{name: a}}")));
        heads.extend(VALUES.map(|value| format!("metadata: {value}")));
        heads.extend(parts[1].map(str::to_owned));
        for kind in [Kind::VirtualMachine, Kind::BackupPolicy] {
            let validator = validator(kind);
            let mut sound = 0;
            for version in parts[0] {
                for metadata in &heads {
                    for spec in parts[2] {
                        for said in ["kind: VirtualMachine", "kind: BackupPolicy", ""] {
                            let text = format!("{version}\n{said}\n{metadata}\n{spec}\n");
                            sound += usize::from(is_called_sound(kind, &validator, &text));
                        }
                    }
                }
            }
            assert!(kind == Kind::BackupPolicy || sound > 50, "{kind}: {sound}");
        }
    }

    #[test]
    fn sound_documents_are_not_in_doubt() {
        let kind = Kind::VirtualMachine;
        let is_sound = |text: &str| is_called_sound(kind, &validator(kind), text);
        let text = "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {name: a, labels: {b: c}}\nspec:\n  host: hv01\n  x-ours: [1]\n  generation: 2\n  configurationVersion: 9.0\n  disks: [{name: os}]\n";
        assert!(is_sound(text));
        assert!(!is_sound(&text.replace("name: os", "nam: os")));
    }
}
