//! Resources as JSON, for those who want to query an estate.
//!
//! What is written comes out in canonical spelling and in one unit: memory and storage in bytes,
//! bandwidth in bits per second, durations in seconds. What is said but cannot be known, as in a
//! template, is null; what nobody wrote is left out.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::Inventory;
use crate::model::reflect::{Object, Value, World};
use crate::model::{Kind, Labels, Meta, Origin, Reference};
use crate::source::{FileId, Location, Position, Sources};

/// What is shown of the resources of an inventory, and how.
pub struct Listing<'a> {
    /// The resources.
    pub inventory: &'a Inventory,
    /// The files they are declared in.
    pub sources: &'a Sources,
    /// The scope of a file; none where there are no scopes.
    pub scope: &'a dyn Fn(FileId) -> Option<Arc<str>>,
    /// What a file is called.
    pub path: &'a dyn Fn(&str) -> String,
    /// Whether it is told of every attribute where it is written.
    pub positions: bool,
    /// Whether defaults stand for what nobody wrote.
    pub defaults: bool,
}

impl Listing<'_> {
    /// All declared resources, kind by kind, each in the order of path and position.
    pub fn resources(&self) -> impl Iterator<Item = Json> {
        let of_kind = move |kind| (0..).map_while(move |index| self.inventory.object(kind, index));
        let objects = Kind::ALL.into_iter().flat_map(of_kind);
        objects.filter_map(|object| self.resource(object))
    }

    fn resource(&self, object: Object<'_>) -> Option<Json> {
        let told = |meta: &&Meta| meta.is_written();
        let meta = object.owner.filter(told)?;
        let mut positions = self.positions.then(Map::new);
        let spec = self.record(object, "spec", &mut positions);
        let file = self.sources.get(meta.file);
        let mut location = Map::new();
        location.insert("path".to_owned(), json!((self.path)(file.path())));
        location.extend(position(file.position(meta.name_span().start)));
        let mut resource = json!({
            "kind": meta.kind.as_str(),
            "namespace": &*meta.namespace,
            "name": meta.named.then_some(&*meta.name),
            "labels": labels(&meta.labels),
            "annotations": labels(&meta.annotations),
            "spec": spec,
            "location": location,
        });
        if meta.origin != Origin::Native {
            resource["origin"] = json!(meta.origin.as_str());
        }
        if let Some(scope) = (self.scope)(meta.file) {
            resource["scope"] = json!(&*scope);
        }
        if let Some(positions) = positions {
            resource["positions"] = Json::Object(positions);
        }
        Some(resource)
    }

    /// The attributes of a record that are written, and where, by the path that leads to them.
    fn record(
        &self,
        object: Object<'_>,
        path: &str,
        positions: &mut Option<Map<String, Json>>,
    ) -> Json {
        let mut record = Map::new();
        for attribute in object.record.record_type().attributes {
            let place = (attribute.place)(self.inventory, object);
            let value = (attribute.get)(self.inventory, object);
            if matches!(value, Value::Absent) || place.is_none() && !self.defaults {
                continue;
            }
            let mut step = String::new();
            if let Some(positions) = positions {
                step = format!("{path}.{}", attribute.name);
                if let Some(place) = place {
                    let Location { file, span } = place.location();
                    let start = self.sources.get(file).position(span.start);
                    positions.insert(step.clone(), Json::Object(position(start)));
                }
            }
            record.insert(
                attribute.name.to_owned(),
                self.value(value, &step, positions),
            );
        }
        Json::Object(record)
    }

    fn value(
        &self,
        value: Value<'_>,
        path: &str,
        positions: &mut Option<Map<String, Json>>,
    ) -> Json {
        match value {
            Value::Unknown | Value::Absent => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value)
            | Value::Memory(value)
            | Value::Bandwidth(value)
            | Value::Duration(value) => json!(value),
            Value::Float(value) => json!(value),
            Value::Text(text) => json!(text),
            Value::Instant(moment) => json!(moment.zone.iso(moment.at)),
            Value::Window(start, end) => json!({
                "start": start.zone.iso(start.at),
                "end": end.map(|end| start.zone.iso(end)),
            }),
            // No attribute of the model holds all windows of a schedule.
            Value::Windows(windows) => json!(windows.zone.name()),
            Value::Zone(zone) => json!(zone.name()),
            Value::Labels(pairs) => labels(pairs),
            Value::Record(object) => self.record(object, path, positions),
            Value::Reference(kind, reference) => self.reference(kind, reference),
            Value::List(elements) => {
                let elements = elements.into_iter().enumerate();
                let elements = elements.map(|(index, element)| {
                    let path = match positions {
                        Some(_) => format!("{path}[{index}]"),
                        None => String::new(),
                    };
                    self.value(element, &path, positions)
                });
                elements.collect()
            }
        }
    }

    /// Which resource a name stands for, and whether that is declared in what was read.
    fn reference(&self, kind: Kind, reference: &Reference) -> Json {
        let found = match self.inventory.resolve(kind, reference) {
            Value::Record(object) => object.owner,
            _ => None,
        };
        let written = reference.written.split_once('/');
        let (namespace, name) = match found {
            Some(meta) => (&*meta.namespace, &*meta.name),
            None => written.unwrap_or(("", &reference.written)),
        };
        json!({
            "kind": kind.as_str(),
            "namespace": namespace,
            "name": name,
            "declared": found.is_some_and(Meta::is_declared),
        })
    }
}

fn position(at: Position) -> Map<String, Json> {
    let position = [("line", at.line), ("column", at.column)];
    position
        .into_iter()
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect()
}

fn labels(pairs: &Labels) -> Json {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

impl World for Inventory {
    fn resolve<'a>(&'a self, kind: Kind, reference: &'a Reference) -> Value<'a> {
        Inventory::resolve(self, kind, reference)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
