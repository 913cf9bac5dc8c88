//! vmlint's own format: documents whose `apiVersion` is in the group `vmlint.dev`.
//!
//! Documents are validated against the JSON Schema of their kind over the YAML tree itself, then
//! read. A violation leaves its attribute unknown, never the resource out.

mod head;
mod node;
mod violation;

use std::sync::OnceLock;

use arcstr::ArcStr;
use jsonschema::{Draft, Validator};

use super::{Format, Lowered};
use crate::diagnostic::{Finding, Severity, nearest, shortened};
use crate::model::{
    API_VERSION, AnyResource, Kind, Labels, Meta, MoveType, Reader, State, Violation, schema,
    shared,
};
use crate::source::{FileId, Location, Span};
use crate::yaml::{Entry, Node, Value};
use node::Yaml;

/// The native format.
pub const FORMAT: Format = Format {
    name: "native",
    title: "vmlint's own format: all of the model, by its names",
    recognised_by: "apiVersion: vmlint.dev/v1",
    markers: &["vmlint.dev"],
    helpers: &[],
    recognise,
    lower,
};

const GROUP: &str = "vmlint.dev";

/// The entry that says which format a document is of, also where its key is mistyped: a text of
/// our group stands nowhere else at the top of a document.
fn api_version(root: Node<'_>) -> Option<Entry<'_>> {
    let ours = |entry: &Entry<'_>| {
        let group = entry.value.text().and_then(|text| text.split('/').next());
        group == Some(GROUP) && entry.key.text().is_some_and(is_api_version)
    };
    match root.get(API_VERSION_KEY) {
        Some(entry) => Some(entry).filter(ours),
        None => root.entries().find(ours),
    }
}

const API_VERSION_KEY: &str = "apiVersion";

/// Whether a key is `apiVersion`, or was meant to be.
fn is_api_version(key: &str) -> bool {
    key == API_VERSION_KEY || nearest(key, [API_VERSION_KEY]).is_some()
}

fn recognise(root: Node<'_>) -> bool {
    api_version(root).is_some()
}

fn lower(root: Node<'_>, lowered: &mut Lowered) {
    lower_resource(root, lowered.file, lowered);
}

fn lower_resource(root: Node<'_>, file: FileId, lowered: &mut Lowered) {
    let mut reader = Reader::default();
    let kind = kind_of(root, &mut reader);
    let resource = kind.map(|kind| {
        let meta = read_meta(root, kind, file);
        let spec = root
            .get("spec")
            .filter(|spec| matches!(spec.value.value(), Value::Mapping(_)));
        let node = spec.map(|entry| entry.value);
        let mut resource = AnyResource::read(meta, node, &mut reader);
        if !reader.anchors.is_empty() {
            resource.meta_mut().anchors = std::mem::take(&mut reader.anchors);
        }
        if reader.in_doubt || !head::is_sound(root, kind) {
            violation::of_structure(
                VALIDATORS[kind as usize].get_or_init(|| validator(kind)),
                root,
                kind,
                &mut reader,
            );
        }
        resource
    });
    if let Some(resource) = &resource {
        require_targets(resource, &mut reader);
    }
    let meta = resource.as_ref().map(AnyResource::meta);
    let name = meta.filter(|meta| meta.named).map(Meta::resource_name);
    let anchors = resource.as_ref().map(|it| it.meta().anchors.as_slice());
    let definition = |used: Span| {
        let mut anchors = anchors.unwrap_or_default().iter();
        anchors
            .find(|anchor| anchor.used == used)
            .map(|anchor| anchor.defined)
    };
    for Violation {
        span,
        defined,
        message,
        help,
    } in reader.violations
    {
        let mut finding = Finding::new(
            "schema-violation",
            Severity::Error,
            Location { file, span },
            message,
        );
        finding.help = help;
        if let Some(span) = defined.or_else(|| definition(span)) {
            finding = finding.with_label(Location { file, span }, "defined here");
        }
        finding.resource.clone_from(&name);
        lowered.findings.push(finding);
    }
    lowered.resources.extend(resource);
}

/// The kind of a document, reporting a version or kind that does not exist.
fn kind_of(root: Node<'_>, reader: &mut Reader) -> Option<Kind> {
    let entry = api_version(root)?;
    let version = entry.value;
    if entry.key.text() != Some(API_VERSION_KEY) {
        let message = "this resource has no `apiVersion`".to_owned();
        let help = format!("did you mean `{API_VERSION_KEY}`?");
        reader.violation(entry.key, message, Some(help));
    }
    if version.text() != Some(API_VERSION) && !version.is_template() {
        let message = format!("`{}` is not a version of this format", version.text()?);
        reader.violation(
            version,
            message,
            Some(format!("write `apiVersion: {API_VERSION}`")),
        );
    }
    let Some(kind) = root.get("kind") else {
        let message = "this resource has no `kind`".to_owned();
        let kinds = Kind::ALL.map(Kind::as_str).join(", ");
        reader.violation(
            version,
            message,
            Some(format!("add `kind:` with one of {kinds}")),
        );
        return None;
    };
    if kind.value.is_template() {
        return None;
    }
    let word = kind.value.text().unwrap_or_default();
    let found = Kind::parse(word);
    if found.is_none() {
        let kinds = Kind::ALL.map(Kind::as_str);
        let help = match nearest(word, kinds) {
            Some(kind) => format!("did you mean `{kind}`?"),
            None => format!("write one of {}", kinds.join(", ")),
        };
        reader.violation(
            kind.value,
            format!("there is no kind `{}`", shortened(word)),
            Some(help),
        );
    }
    found
}

fn read_meta(root: Node<'_>, kind: Kind, file: FileId) -> Meta {
    let metadata = root.get("metadata");
    let field = |name| metadata.and_then(|metadata| metadata.value.get(name));
    let text = |entry: Option<Entry<'_>>| -> Option<ArcStr> {
        match entry?.value.value() {
            Value::Text(text) => Some(shared(text)),
            _ => None,
        }
    };
    let (labels, labels_open) = read_labels(field("labels"));
    let annotations = read_annotations(field("annotations"));
    let name = field("name");
    let nearest: Option<Entry<'_>> = metadata.or(root.get("kind"));
    Meta {
        named: name.is_some_and(|entry| !entry.value.is_template()) && text(name).is_some(),
        name: text(name).unwrap_or_default(),
        namespace: text(field("namespace")).unwrap_or_default(),
        labels,
        labels_open,
        annotations,
        name_place: match name {
            Some(entry) => entry.value.place().span.into(),
            None => nearest
                .map_or(root.place(), |entry| entry.key.place())
                .span
                .into(),
        },
        spec_place: root.get("spec").map(|spec| spec.key.place().span.into()),
        ..Meta::at(kind, file, root.place().span)
    }
}

/// The labels that are known, and whether there may be more.
fn read_labels(entry: Option<Entry<'_>>) -> (Labels, bool) {
    let mut open = false;
    let known = entry.map_or_else(Labels::default, |entry| {
        known_pairs(entry.value, &mut open).collect()
    });
    (known, open)
}

/// The annotations that are known.
fn read_annotations(entry: Option<Entry<'_>>) -> Labels {
    entry.map_or_else(Labels::default, |entry| {
        Labels::alone(known_pairs(entry.value, &mut false))
    })
}

/// The pairs of a mapping that are known; notes in `open` whether there may be more.
fn known_pairs<'t>(node: Node<'t>, open: &mut bool) -> impl Iterator<Item = (&'t str, &'t str)> {
    let is_mapping = matches!(node.value(), Value::Mapping(_)) && !node.is_template();
    *open |= !is_mapping && !node.is_null();
    let entries = is_mapping.then(|| node.entries());
    entries.into_iter().flatten().filter_map(|entry| {
        let is_known = !entry.key.is_template() && !entry.value.is_template();
        let pair = match (entry.key.text(), entry.value.value()) {
            (Some(key), Value::Text(value)) if is_known => Some((key, value)),
            _ => None,
        };
        *open |= pair.is_none();
        pair
    })
}

/// Only storage moves may leave `to` out.
fn require_targets(resource: &AnyResource, reader: &mut Reader) {
    let AnyResource::MigrationPlan(plan) = resource else {
        return;
    };
    for item in plan.spec.moves.known().into_iter().flatten() {
        let Some(moved) = item.known() else {
            continue;
        };
        let storage = !matches!(
            moved.move_type.state(),
            State::Absent | State::Known(MoveType::Live | MoveType::Quick | MoveType::Offline)
        );
        if moved.to.is_absent() && !storage {
            reader.violations.push(Violation {
                span: item.span(),
                defined: None,
                message: "this move does not say where to".to_owned(),
                help: Some(
                    "add `to:` with the host; only `type: storage` may leave it out".to_owned(),
                ),
            });
        }
    }
}

static VALIDATORS: [OnceLock<Validator<Yaml>>; Kind::ALL.len()] =
    [const { OnceLock::new() }; Kind::ALL.len()];

/// Compiles the schema of a kind, when a document of that kind is first in doubt.
fn validator(kind: Kind) -> Validator<Yaml> {
    let schema = schema::structure(schema::of_kind(kind));
    // What is left of the schemas means the same in this draft, whose own schema, against which
    // they are checked, compiles in a fifth of the time.
    jsonschema::options_for::<Yaml>()
        .with_draft(Draft::Draft7)
        .build(&schema)
        .expect("the schemas of the model are valid, which a test checks")
}
