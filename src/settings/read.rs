//! One settings file: YAML → a [`Layer`], with everything that is wrong with it.

use jiff::civil::Date;

use super::glob::Glob;
use super::{Layer, Level, Override, RuleSetting, SETTINGS, Said, Waiver};
use crate::diagnostic::Finding;
use crate::model::Kind;
use crate::rules::expr::did_you_mean;
use crate::rules::read::{Reader, Written};
use crate::schedule::parse_duration;
use crate::source::{FileId, Location, SourceFile, Span};
use crate::yaml::{self, Node, Value};

const KEYS: [&str; 8] = [
    "extends",
    "scopes",
    "assume",
    "exclude",
    "rules",
    "overrides",
    "rulePacks",
    "waivers",
];

/// The most globs in a list: each is held against each file.
const MOST_GLOBS: usize = 1000;

/// Reads a settings file.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn read(file: FileId, source: &SourceFile) -> Result<Layer, Vec<Finding>> {
    let mut reader = Reader {
        file,
        text: source.text(),
        rule: SETTINGS,
        findings: Vec::new(),
    };
    let layer = read_stream(&mut reader, source.text());
    match reader.findings.is_empty() {
        true => Ok(layer),
        false => Err(reader.findings),
    }
}

fn read_stream(reader: &mut Reader<'_>, text: &str) -> Layer {
    let stream = yaml::parse(text);
    let documents = stream.documents.iter();
    let duplicates = documents.flat_map(|document| &document.problems);
    for problem in stream.failure.iter().chain(duplicates) {
        reader.error(problem.span, &*problem.message).help = problem.help.clone();
    }
    match stream.documents.as_slice() {
        [document] if !document.root().is_null() => read_root(reader, document.root()),
        [_, second, ..] => {
            reader.error(second.span, "settings are one document");
            Layer::default()
        }
        _ => Layer::default(),
    }
}

fn read_root(reader: &mut Reader<'_>, root: Node<'_>) -> Layer {
    let Some(root) = reader.mapping(root, &KEYS) else {
        return Layer::default();
    };
    let texts = |reader: &mut Reader<'_>, key| {
        let items = list(reader, root, key)?.into_iter();
        Some(items.filter_map(|item| said(reader, item)).collect())
    };
    Layer {
        extends: reader
            .optional(root, "extends")
            .map(|text| located(reader, text)),
        packs: texts(reader, "rulePacks"),
        scopes: globs(reader, root, "scopes"),
        exclude: globs(reader, root, "exclude"),
        backup_duration: read_assumption(reader, root),
        rules: read_rules(reader, root),
        overrides: list(reader, root, "overrides").map(|items| {
            let items = items.into_iter();
            items
                .filter_map(|item| read_override(reader, item))
                .collect()
        }),
        waivers: list(reader, root, "waivers").map(|items| {
            let items = items.into_iter();
            items.filter_map(|item| read_waiver(reader, item)).collect()
        }),
    }
}

fn located(reader: &Reader<'_>, written: Written) -> Said<String> {
    let file = reader.file;
    let span = written.span;
    Said::new(written.text, Location { file, span })
}

fn said(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Said<String>> {
    let written = reader.scalar(node)?;
    Some(located(reader, written))
}

/// The items of a list, if the key is there.
fn list<'t>(reader: &mut Reader<'_>, of: Node<'t>, key: &str) -> Option<Vec<Node<'t>>> {
    let entry = of.get(key)?;
    match entry.value.value() {
        Value::Sequence(items) => Some(items.collect()),
        value => {
            let span = match value {
                Value::Null => entry.key.place().span,
                _ => entry.value.place().span,
            };
            reader.error(span, format!("`{key}` is a list")).help = Some(format!(
                "write `{key}: […]`, or one item a line behind `- `"
            ));
            None
        }
    }
}

fn globs(reader: &mut Reader<'_>, of: Node<'_>, key: &str) -> Option<Vec<Said<Glob>>> {
    let items = list(reader, of, key)?;
    if items.len() > MOST_GLOBS {
        let span = items[MOST_GLOBS].place().span;
        reader.error(span, format!("these are more than {MOST_GLOBS} globs"));
        return None;
    }
    let items = items.into_iter();
    let globs = items.filter_map(|item| {
        let text = said(reader, item)?;
        match Glob::parse(&text.value) {
            Ok(glob) => Some(Said::new(glob, text.at)),
            Err((message, help)) => {
                reader.error(text.at.span, message).help = help;
                None
            }
        }
    });
    Some(globs.collect())
}

fn read_assumption(reader: &mut Reader<'_>, root: Node<'_>) -> Option<Said<i64>> {
    let assume = reader.mapping(root.get("assume")?.value, &["backupDuration"])?;
    let written = reader.optional(assume, "backupDuration")?;
    let span = written.span;
    match parse_duration(written.text.trim()) {
        Ok(seconds) => Some(Said::new(
            seconds,
            Location {
                file: reader.file,
                span,
            },
        )),
        Err(error) => {
            reader.error(span, error.message).help = error.help;
            None
        }
    }
}

fn read_rules(reader: &mut Reader<'_>, of: Node<'_>) -> Vec<RuleSetting> {
    let Some(entry) = of.get("rules") else {
        return Vec::new();
    };
    if !matches!(entry.value.value(), Value::Mapping(_)) {
        let help = "write `rule: level`, one a line";
        let message = "`rules` maps rules and topics to levels";
        reader.error(entry.key.place().span, message).help = Some(help.to_owned());
        return Vec::new();
    }
    let entries = entry.value.entries();
    entries
        .filter_map(|entry| {
            let name = said(reader, entry.key)?;
            read_rule(reader, name, entry.value)
        })
        .collect()
}

fn read_rule(reader: &mut Reader<'_>, name: Said<String>, value: Node<'_>) -> Option<RuleSetting> {
    if !matches!(value.value(), Value::Mapping(_)) {
        let level = read_level(reader, value)?;
        return Some(RuleSetting {
            name,
            whole: true,
            level: Some(level),
            exclude: None,
        });
    }
    let value = reader.mapping(value, &["level", "exclude"])?;
    let level = value.get("level");
    Some(RuleSetting {
        name,
        whole: false,
        level: level.and_then(|entry| read_level(reader, entry.value)),
        exclude: globs(reader, value, "exclude"),
    })
}

fn read_level(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Said<Level>> {
    let span = node.place().span;
    let word = match node.value() {
        Value::Bool(false) => "off",
        Value::Text(word) => word,
        _ => "",
    };
    let Some(level) = Level::parse(word) else {
        let message = match node.text() {
            Some(text) if !text.is_empty() => format!("`{text}` is no level"),
            _ => "here belongs a level".to_owned(),
        };
        let help = did_you_mean(word, Level::WORDS);
        reader.error(span, message).help = help;
        return None;
    };
    let file = reader.file;
    Some(Said::new(level, Location { file, span }))
}

fn read_override(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Override> {
    let node = reader.mapping(node, &["paths", "rules"])?;
    for key in ["paths", "rules"] {
        if node.get(key).is_none() {
            missing(reader, node, &format!("this override has no `{key}`"));
        }
    }
    Some(Override {
        paths: globs(reader, node, "paths").unwrap_or_default(),
        rules: read_rules(reader, node),
    })
}

fn missing(reader: &mut Reader<'_>, of: Node<'_>, message: &str) {
    let first = of.entries().next();
    let span = first.map_or(of.place().span, |entry| entry.key.place().span);
    reader.error(span, message);
}

fn read_waiver(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Waiver> {
    const KEYS: [&str; 5] = ["rule", "resource", "reason", "owner", "expires"];
    let node = reader.mapping(node, &KEYS)?;
    let [rule, resource, reason, owner, expires] = KEYS.map(|key| {
        if node.get(key).is_none() {
            let message = match key {
                "reason" => "this waiver gives no `reason`",
                "owner" => "this waiver names no `owner`",
                "expires" => "this waiver never expires: it has no `expires`",
                "resource" => "this waiver names no `resource`",
                _ => "this waiver names no `rule`",
            };
            missing(reader, node, message);
        }
        reader.optional(node, key)
    });
    let resource = resource.and_then(|written| read_resource(reader, &written));
    let expires = expires.and_then(|written| {
        let date = read_date(&written.text);
        if date.is_none() {
            let message = format!("`{}` is no date", written.text);
            reader.error(written.span, message).help = Some("write it as 2027-01-31".to_owned());
        }
        let file = reader.file;
        let span = written.span;
        Some(Said::new(date?, Location { file, span }))
    });
    let (kind, namespace, name) = resource?;
    let file = reader.file;
    let span = node.place().span;
    Some(Waiver {
        rule: located(reader, rule?),
        kind,
        namespace,
        name,
        reason: reason?.text,
        owner: owner?.text,
        expires: expires?,
        at: Location { file, span },
    })
}

/// A date as schemas have it: `2027-01-31`.
fn read_date(text: &str) -> Option<Date> {
    let date: Date = text.trim().parse().ok()?;
    (date.to_string() == text.trim()).then_some(date)
}

/// `Kind/name`, or `Kind/namespace/name`.
fn read_resource(reader: &mut Reader<'_>, written: &Written) -> Option<(Kind, String, String)> {
    let parts: Vec<&str> = written.text.split('/').collect();
    let (kind, namespace, name) = match parts.as_slice() {
        [kind, name] if !name.is_empty() => (*kind, "", *name),
        [kind, namespace, name] if !namespace.is_empty() && !name.is_empty() => {
            (*kind, *namespace, *name)
        }
        _ => {
            let message = format!("`{}` names no resource", written.text);
            reader.error(written.span, message).help =
                Some("write Kind/name, or Kind/namespace/name".to_owned());
            return None;
        }
    };
    let Some(known) = Kind::parse(kind) else {
        let start = written.span.start as usize;
        let raw = &reader.text[written.span.range()];
        let span = match raw.find(kind) {
            Some(at) => Span::new(start + at, start + at + kind.len()),
            None => written.span,
        };
        let help = did_you_mean(kind, Kind::ALL.map(Kind::as_str));
        reader
            .error(span, format!("there is no kind `{kind}`"))
            .help = help;
        return None;
    };
    Some((known, namespace.to_owned(), name.to_owned()))
}
