//! Rule files: YAML → a [`Rule`] whose expressions are still text.
//!
//! Keys, and what they hold, are checked here; the expressions are checked when the rule is
//! compiled, so that rules that are not selected cost little.

use std::sync::Arc;

use jiff::civil::Date;

use super::examples::{Example, Examples};
use super::read::{Reader, Written};
use crate::diagnostic::{Finding, Severity};
use crate::discover::SETTINGS_FILE;
use crate::source::{FileId, SourceFile, Span};
use crate::yaml::{self, Node, Value};

pub use super::read::INVALID_RULE;

/// The keys of a rule file, in the order of its readers: what, why, when, how it reads, proof.
pub const KEYS: &[&str] = &[
    "id",
    "title",
    "severity",
    "since",
    "tags",
    "topic",
    "builtin",
    "rationale",
    "for",
    "formats",
    "needs",
    "when",
    "deny",
    "at",
    "key",
    "message",
    "labels",
    "help",
    "severityWhen",
    "fix",
    "references",
    "knownGaps",
    "examples",
];

/// A rule as its file has it.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name: what is bad.
    pub id: Arc<str>,
    /// The folder its file is in, unless it says otherwise.
    pub topic: String,
    /// What is wrong, in a line.
    pub title: String,
    /// How bad it is by default.
    pub severity: Severity,
    /// The release it came with.
    pub since: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What breaks, and for whom.
    pub rationale: String,
    /// The message as written, with its placeholders; empty for built-in checks without one.
    pub message: String,
    /// The help as written, with its placeholders.
    pub help: String,
    /// Where to read more.
    pub references: Vec<Reference>,
    /// What the rule does not see.
    pub known_gaps: Option<String>,
    /// Its examples.
    pub examples: Examples,
    /// Its file.
    pub file: FileId,
    /// Its conditions; none where the program itself finds what it is about.
    pub(super) logic: Option<Logic>,
}

/// Where to read more.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What it is.
    pub title: String,
    /// Where it is.
    pub url: String,
}

/// The expressions of a rule, as written.
#[derive(Clone, Default, Debug)]
pub(super) struct Logic {
    pub(super) subject: Written,
    /// What is judged, by where it was read from; everything where nothing is said.
    pub(super) formats: Vec<Written>,
    pub(super) needs: Vec<Written>,
    pub(super) when: Option<Written>,
    pub(super) deny: Written,
    pub(super) at: Vec<Written>,
    pub(super) key: Vec<Written>,
    pub(super) message: Written,
    pub(super) labels: Vec<WrittenLabel>,
    pub(super) help: Written,
    pub(super) severity_when: Vec<(Written, Severity)>,
    pub(super) fixes: Vec<WrittenFix>,
}

#[derive(Clone, Debug)]
pub(super) struct WrittenLabel {
    pub(super) each: Option<Written>,
    pub(super) at: Written,
    pub(super) text: Option<Written>,
}

#[derive(Clone, Debug)]
pub(super) struct WrittenFix {
    pub(super) set: Written,
    pub(super) to: Written,
    pub(super) safe: bool,
    /// Only where this holds; `None` where that is everywhere.
    pub(super) when: Option<Written>,
}

impl WrittenFix {
    /// What it sets, and to what where that is always the same.
    fn words(&self) -> String {
        let mut text = format!("`{}`", self.set.text);
        if !self.to.text.contains('{') {
            text += &format!(" to `{}`", self.to.text);
        }
        text
    }
}

impl Rule {
    /// Reads a rule file. Its path tells the id (the stem) and the topic (the folder).
    ///
    /// Beside the rule there is everything that is wrong with it but for its expressions, as
    /// findings of [`INVALID_RULE`]; a rule of which parts are missing can still be compiled, to
    /// learn what else is wrong.
    #[must_use]
    pub fn load(file: FileId, source: &SourceFile) -> (Option<Self>, Vec<Finding>) {
        let mut reader = Reader {
            file,
            text: source.text(),
            rule: INVALID_RULE,
            findings: Vec::new(),
        };
        let rule = read(&mut reader, source);
        (rule, reader.findings)
    }

    /// In which cases its severity is another one, as written, and which.
    pub fn raised(&self) -> impl Iterator<Item = (&str, Severity)> {
        let cases = self.logic.iter().flat_map(|logic| &logic.severity_when);
        cases.map(|(when, severity)| (when.text.trim(), *severity))
    }

    /// What it judges, by the words of `formats`; everything where there are none.
    pub fn formats(&self) -> impl Iterator<Item = &str> {
        let formats = self.logic.iter().flat_map(|logic| &logic.formats);
        formats.map(|format| format.text.trim())
    }

    /// What its fix does, in words; `None` where it has none.
    #[must_use]
    pub fn fix(&self) -> Option<String> {
        let fixes = self.logic.as_ref()?.fixes.as_slice();
        let flags = match fixes.first()?.safe {
            true => "--fix",
            false => "--fix --unsafe-fixes",
        };
        let condition =
            |fix: &WrittenFix| fix.when.as_ref().map(|when| when.text.trim().to_owned());
        let mut text = format!("`{flags}` sets ");
        for (index, fix) in fixes.iter().enumerate() {
            text += match index {
                0 => "",
                _ if index + 1 == fixes.len() => " or ",
                _ => ", ",
            };
            text += &fix.words();
            let next = fixes.get(index + 1);
            match condition(fix) {
                Some(when) if next.is_none_or(|next| condition(next).as_ref() != Some(&when)) => {
                    text += &format!(" where `{when}`");
                }
                _ => {}
            }
        }
        Some(text)
    }

    /// Whether the program itself finds what the rule is about, so that it has no conditions.
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.logic.is_none()
    }
}

fn read(reader: &mut Reader<'_>, source: &SourceFile) -> Option<Rule> {
    let stream = yaml::parse(source.text());
    let duplicates = stream
        .documents
        .iter()
        .flat_map(|document| &document.problems);
    for problem in stream.failure.iter().chain(duplicates) {
        reader.error(problem.span, &*problem.message).help = problem.help.clone();
    }
    let [document] = stream.documents.as_slice() else {
        if reader.findings.is_empty() {
            reader.error(Span::new(0, 0), "a rule file has one document");
        }
        return None;
    };
    let root = reader.mapping(document.root(), KEYS)?;
    let (folder, stem) = folder_and_stem(source.path());
    let id = reader.required(root, "id");
    if let Some(id) = &id
        && id.text != stem
    {
        let message = format!("the id `{}` is not the name of the file, `{stem}`", id.text);
        reader.error(id.span, message).help = Some(format!("name the file `{}.yaml`", id.text));
    }
    if let Some(id) = id.as_ref().filter(|id| !is_name(&id.text)) {
        let message = "an id is made of letters, digits, `-`, `_` and `.`";
        reader.error(id.span, message);
    }
    let topic = reader.optional(root, "topic");
    if let Some(topic) = topic.as_ref().filter(|it| !is_name(&it.text)) {
        let message = "a topic is made of letters, digits, `-`, `_` and `.`";
        reader.error(topic.span, message);
    }
    let title = reader.required(root, "title");
    let severity = reader.severity(root);
    let rationale = reader.required(root, "rationale");
    let (logic, message, help);
    let builtin = reader.flag(root, "builtin");
    if builtin {
        for key in [
            "for",
            "formats",
            "needs",
            "when",
            "deny",
            "at",
            "severityWhen",
            "fix",
        ] {
            if let Some(entry) = root.get(key) {
                let message = format!("a rule with `builtin: true` has no `{key}`");
                reader.error(entry.key.place().span, message);
            }
        }
        logic = None;
        message = reader.optional(root, "message");
        help = reader.required(root, "help");
    } else {
        let read = read_logic(reader, root);
        message = Some(read.message.clone());
        help = Some(read.help.clone());
        logic = Some(read);
    }
    let text = |written: Option<Written>| written.map(|written| written.text);
    Some(Rule {
        topic: text(topic).unwrap_or_else(|| folder.to_owned()),
        since: text(reader.optional(root, "since")),
        tags: texts(reader.scalars(root, "tags")),
        known_gaps: text(reader.optional(root, "knownGaps")),
        references: read_references(reader, root),
        examples: read_examples(reader, root),
        id: id.map_or_else(|| Arc::from(stem), |id| Arc::from(id.text)),
        title: text(title).unwrap_or_default(),
        severity: severity.unwrap_or(Severity::Error),
        rationale: text(rationale).unwrap_or_default(),
        message: text(message).unwrap_or_default(),
        help: text(help).unwrap_or_default(),
        file: reader.file,
        logic,
    })
}

/// Whether a text can be typed as the name of a rule, and printed as it is.
fn is_name(text: &str) -> bool {
    let of_names = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().all(of_names)
}

/// The folder a file lies in (`user` where the path has none that is a name) and its name without extension.
fn folder_and_stem(path: &str) -> (&str, &str) {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("user", path));
    let folder = folder.rsplit_once('/').map_or(folder, |(_, last)| last);
    let folder = if matches!(folder, "" | "." | "..") || !folder.split(' ').all(is_name) {
        "user"
    } else {
        folder
    };
    (folder, name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

fn texts(written: Vec<Written>) -> Vec<String> {
    written.into_iter().map(|written| written.text).collect()
}

/// What is missing is told, and left empty.
fn read_logic(reader: &mut Reader<'_>, root: Node<'_>) -> Logic {
    let mut required = |key| reader.required(root, key).unwrap_or_default();
    let (subject, deny) = (required("for"), required("deny"));
    let (message, help) = (required("message"), required("help"));
    let at = reader.scalars(root, "at");
    if at.is_empty() {
        reader.required(root, "at");
    }
    let labels = reader.several(root, "labels").into_iter();
    let labels = labels
        .filter_map(|label| read_label(reader, label))
        .collect();
    let severity_when = reader.several(root, "severityWhen").into_iter();
    let severity_when = severity_when
        .filter_map(|case| {
            let case = reader.mapping(case, &["when", "severity"])?;
            let when = reader.required(case, "when");
            let severity = reader.severity(case);
            Some((when?, severity?))
        })
        .collect();
    let fixes = reader.several(root, "fix").into_iter();
    let fixes = fixes.filter_map(|fix| read_fix(reader, fix)).collect();
    Logic {
        subject,
        formats: reader.scalars(root, "formats"),
        needs: reader.scalars(root, "needs"),
        when: reader.optional(root, "when"),
        deny,
        at,
        key: reader.scalars(root, "key"),
        message,
        labels,
        help,
        severity_when,
        fixes,
    }
}

fn read_label(reader: &mut Reader<'_>, node: Node<'_>) -> Option<WrittenLabel> {
    let label = reader.mapping(node, &["for", "at", "text"])?;
    let each = reader.optional(label, "for");
    let at = reader.required(label, "at").unwrap_or_default();
    let text = match label.get("text") {
        Some(entry) if entry.value.text() != Some("") => reader.scalar(entry.value),
        _ => None,
    };
    Some(WrittenLabel { each, at, text })
}

fn read_fix(reader: &mut Reader<'_>, node: Node<'_>) -> Option<WrittenFix> {
    let fix = reader.mapping(node, &["set", "to", "safe", "when"])?;
    Some(WrittenFix {
        set: reader.required(fix, "set").unwrap_or_default(),
        to: reader.required(fix, "to").unwrap_or_default(),
        safe: reader.flag(fix, "safe"),
        when: reader.optional(fix, "when"),
    })
}

fn read_references(reader: &mut Reader<'_>, root: Node<'_>) -> Vec<Reference> {
    let nodes = reader.several(root, "references").into_iter();
    nodes
        .filter_map(|node| {
            let reference = reader.mapping(node, &["title", "url"])?;
            let title = reader.required(reference, "title");
            let url = reader.required(reference, "url");
            Some(Reference {
                title: title?.text,
                url: url?.text,
            })
        })
        .collect()
}

fn read_examples(reader: &mut Reader<'_>, root: Node<'_>) -> Examples {
    let mut examples = Examples::default();
    let Some(entry) = root.get("examples") else {
        return examples;
    };
    let Some(node) = reader.mapping(entry.value, &["fail", "pass", "skip"]) else {
        return examples;
    };
    for (key, list) in [
        ("fail", &mut examples.fail),
        ("pass", &mut examples.pass),
        ("skip", &mut examples.skip),
    ] {
        let nodes = reader.several(node, key).into_iter();
        list.extend(nodes.filter_map(|node| read_example(reader, node)));
    }
    examples
}

fn read_example(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Example> {
    let example = reader.mapping(node, &["name", "files", "fixed", "base", "asOf", "config"])?;
    let name = reader.required(example, "name");
    let (mut files, mut spans) = read_files(reader, example, "files");
    if files.is_empty() {
        reader.error(
            example.place().span,
            "an example has `files`: a path and its text each",
        );
    }
    let fixed = example.get("fixed").is_some();
    let fixed = fixed.then(|| read_files(reader, example, "fixed").0);
    let (base, _) = read_files(reader, example, "base");
    let as_of = reader.optional(example, "asOf");
    if let Some(written) = &as_of
        && written.text.parse::<Date>().is_err()
    {
        let message = format!("`{}` is no date", written.text);
        reader.error(written.span, message).help = Some("write it as 2026-01-31".to_owned());
    }
    if let Some(config) = reader.optional(example, "config") {
        files.push((SETTINGS_FILE.to_owned(), config.text));
        spans.push(config.span);
    }
    let name = name?;
    Some(Example {
        name: name.text,
        name_span: name.span,
        files,
        spans,
        fixed,
        base,
        as_of: as_of.map(|written| written.text),
    })
}

/// Paths with their texts, and where those stand.
fn read_files(
    reader: &mut Reader<'_>,
    example: Node<'_>,
    key: &str,
) -> (Vec<(String, String)>, Vec<Span>) {
    let Some(entry) = example.get(key) else {
        return (Vec::new(), Vec::new());
    };
    let Value::Mapping(files) = entry.value.value() else {
        let message = format!("`{key}` maps paths to their text");
        reader.error(entry.key.place().span, message);
        return (Vec::new(), Vec::new());
    };
    files
        .filter_map(|file| {
            let path = reader.scalar(file.key)?.text;
            match file.value.text() {
                Some(text) => Some(((path, text.to_owned()), file.value.span())),
                None => {
                    reader.error(
                        file.value.place().span,
                        "the text of a file stands behind `|`",
                    );
                    None
                }
            }
        })
        .unzip()
}
