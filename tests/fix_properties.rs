//! What holds for every fix: the value is set, and nothing else is another than before.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;
use std::sync::LazyLock;

use jiff::civil::date;
use proptest::prelude::*;
use serde_yaml::{Mapping, Value as Plain};
use vmlint::diagnostic::{Edit, Finding, Remedy, Severity};
use vmlint::discover::{self, Outcome};
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::mend::mend;
use vmlint::rules::RuleSet;
use vmlint::source::{Location, SourceFile, Sources};
use vmlint::verdict::Levels;
use vmlint::{Options, edit, formats, yaml};

/// Decisions, one after the other; all zero when they run out.
#[derive(Debug)]
struct Dice(std::vec::IntoIter<u8>);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0.next().unwrap_or(0) as usize % sides
    }

    fn flip(&mut self) -> bool {
        self.roll(2) == 1
    }
}

fn dice() -> impl Strategy<Value = Dice> {
    prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| Dice(bytes.into_iter()))
}

const KEYS: [&str; 6] = ["a", "bee", "c-d", "e_f", "g.h", "i"];
const SCALARS: [&str; 10] = [
    "1",
    "true",
    "text",
    "two words",
    "'5'",
    "\"a: b # c\"",
    "~",
    "''",
    "2026-01-01",
    "x#y",
];

/// A tree to be written; scalars are as written.
enum Tree {
    Scalar(&'static str),
    /// Nothing, as in `key:`.
    Nothing,
    List(Vec<Tree>),
    Map(Vec<(&'static str, Tree)>),
}

fn tree(dice: &mut Dice, depth: usize) -> Tree {
    match dice.roll(if depth == 0 { 3 } else { 8 }) {
        0 | 1 => Tree::Scalar(SCALARS[dice.roll(SCALARS.len())]),
        2 => Tree::Nothing,
        3 => {
            let count = 1 + dice.roll(2);
            Tree::List((0..count).map(|_| tree(dice, depth - 1)).collect())
        }
        _ => map(dice, depth),
    }
}

fn map(dice: &mut Dice, depth: usize) -> Tree {
    let count = dice.roll(4);
    let first = dice.roll(KEYS.len());
    let keys = (0..count).map(|index| KEYS[(first + index) % KEYS.len()]);
    let keys: Vec<_> = keys.collect();
    Tree::Map(
        keys.into_iter()
            .map(|key| (key, tree(dice, depth.saturating_sub(1))))
            .collect(),
    )
}

/// Writes trees in all manners that people do.
struct Writer<'d> {
    dice: &'d mut Dice,
    out: String,
    comments: usize,
}

impl Writer<'_> {
    fn comment(&mut self) -> String {
        if self.dice.roll(4) != 3 {
            return String::new();
        }
        self.comments += 1;
        format!(" # c{}, {{ or [ so }} ]", self.comments)
    }

    /// Ends a line, with comments and blank lines as they come.
    fn end(&mut self, indent: usize) {
        let comment = self.comment();
        self.out += &comment;
        self.out.push('\n');
        match self.dice.roll(10) {
            8 => self.out.push('\n'),
            9 => {
                let comment = self.comment();
                if !comment.is_empty() {
                    let _ = writeln!(self.out, "{:indent$}{}", "", comment.trim_start());
                }
            }
            _ => {}
        }
    }

    /// A value behind `key:` or `-`, with the end of its line.
    fn value(&mut self, tree: &Tree, indent: usize) {
        match tree {
            Tree::Nothing => self.end(indent),
            Tree::Scalar(text) => {
                self.out.push(' ');
                self.out += text;
                self.end(indent);
            }
            Tree::Map(pairs) if pairs.is_empty() => {
                self.out += " {}";
                self.end(indent);
            }
            _ if self.dice.roll(3) == 2 => {
                self.out.push(' ');
                let spaced = self.dice.flip();
                self.flow(tree, spaced, indent + 2);
                self.end(indent);
            }
            Tree::Map(pairs) => {
                self.end(indent);
                let indent = indent + 1 + self.dice.roll(4);
                self.block(pairs, indent, true);
            }
            Tree::List(items) => {
                self.end(indent);
                let indent = indent + self.dice.roll(3);
                self.list(items, indent);
            }
        }
    }

    fn block(&mut self, pairs: &[(&str, Tree)], indent: usize, mut start: bool) {
        let quoted = self.dice.roll(8) == 7;
        for (key, value) in pairs {
            if start {
                let _ = write!(self.out, "{:indent$}", "");
            }
            start = true;
            match quoted {
                true => drop(write!(self.out, "\"{key}\":")),
                false => drop(write!(self.out, "{key}:")),
            }
            self.value(value, indent);
        }
    }

    fn list(&mut self, items: &[Tree], indent: usize) {
        for item in items {
            let _ = write!(self.out, "{:indent$}-", "");
            match item {
                Tree::Map(pairs) if !pairs.is_empty() && self.dice.flip() => {
                    let blanks = 1 + self.dice.roll(3);
                    let _ = write!(self.out, "{:blanks$}", "");
                    self.block(pairs, indent + 1 + blanks, false);
                }
                item => self.value(item, indent),
            }
        }
    }

    fn flow(&mut self, tree: &Tree, spaced: bool, indent: usize) {
        let (open, close, count) = match tree {
            Tree::Nothing => {
                self.out.push('~');
                return;
            }
            Tree::Scalar(text) => {
                self.out += text;
                return;
            }
            Tree::List(items) => ("[", "]", items.len()),
            Tree::Map(pairs) => ("{", "}", pairs.len()),
        };
        self.out += open;
        let lines = count > 0 && self.dice.roll(4) == 3;
        let blank = if spaced && count > 0 { " " } else { "" };
        for index in 0..count {
            if lines {
                let comment = match index {
                    0 => self.comment(),
                    _ => String::new(),
                };
                self.out += &comment;
                let _ = write!(self.out, "\n{:indent$}", "");
            } else {
                self.out += if index == 0 { blank } else { " " };
            }
            match tree {
                Tree::List(items) => self.flow(&items[index], spaced, indent + 2),
                Tree::Map(pairs) => {
                    let _ = write!(self.out, "{}: ", pairs[index].0);
                    self.flow(&pairs[index].1, spaced, indent + 2);
                }
                _ => {}
            }
            if index + 1 < count || self.dice.roll(6) == 5 {
                self.out.push(',');
            }
            if lines && self.dice.roll(3) == 2 {
                let comment = self.comment();
                self.out += &comment;
            }
        }
        if lines && (self.out.lines().last().unwrap().contains('#') || self.dice.flip()) {
            let indent = indent - 2;
            let _ = write!(self.out, "\n{:indent$}", "");
        } else {
            self.out += blank;
        }
        self.out += close;
    }
}

/// A text of several documents, the last one with a mapping.
fn text(dice: &mut Dice) -> String {
    let root = map(dice, 4);
    let mut writer = Writer {
        dice,
        out: String::new(),
        comments: 0,
    };
    if writer.dice.flip() {
        writer.out += "# first\nx: 1\n---";
        writer.end(0);
    }
    match &root {
        Tree::Map(pairs) if !pairs.is_empty() && writer.dice.roll(4) != 3 => {
            writer.block(pairs, 0, true);
        }
        root => {
            writer.flow(root, true, 2);
            writer.end(0);
        }
    }
    let mut text = writer.out;
    if dice.flip() {
        text.truncate(text.trim_end().len());
    }
    match dice.flip() {
        true => text.replace('\n', "\r\n"),
        false => text,
    }
}

/// What another library reads.
fn plain(text: &str) -> Vec<Plain> {
    serde_yaml::Deserializer::from_str(text)
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

fn comments(text: &str) -> Vec<String> {
    let stream = yaml::parse(text);
    assert_eq!(stream.failure, None, "{text}");
    let documents = stream.documents.iter().flat_map(|it| &it.comments);
    documents
        .chain(&stream.comments)
        .map(|comment| comment.text.to_owned())
        .collect()
}

/// A way to something that can be set: down through what is there, then maybe beyond.
fn way(dice: &mut Dice, root: &Plain) -> Vec<String> {
    let mut steps = Vec::new();
    let mut node = root;
    while let Plain::Mapping(map) = node {
        let further = map
            .iter()
            .filter(|(_, value)| !value.is_sequence())
            .nth(dice.roll(4));
        match further {
            Some((key, value)) => {
                steps.push(key.as_str().unwrap().to_owned());
                node = value;
            }
            None => break,
        }
    }
    if node.is_mapping() || (node.is_null() && !steps.is_empty() && dice.flip()) {
        let count = 1 + dice.roll(2);
        steps.extend((0..count).map(|index| format!("new{index}")));
    }
    steps
}

fn set(node: &mut Plain, steps: &[String], value: Plain) {
    let Some((first, rest)) = steps.split_first() else {
        *node = value;
        return;
    };
    if node.is_null() {
        *node = Plain::Mapping(Mapping::new());
    }
    let map = node.as_mapping_mut().unwrap();
    let inner = map.entry(first.as_str().into()).or_insert(Plain::Null);
    set(inner, rest, value);
}

/// Asserts that between the edits both texts have the same bytes.
fn same_outside(before: &str, after: &str, edits: &[Edit]) {
    let mut edits: Vec<_> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.location.span);
    let (mut old, mut new) = (before, after);
    let mut done = 0;
    for edit in edits {
        let range = edit.location.span.range();
        let (kept, rest) = old.split_at(range.start - done);
        new = new.strip_prefix(kept).unwrap();
        new = new.strip_prefix(edit.text.as_str()).unwrap();
        old = &rest[range.len()..];
        done = range.end;
    }
    assert_eq!(old, new);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_set_and_nothing_else_changes(mut dice in dice()) {
        let text = text(&mut dice);
        let mut trees = plain(&text);
        let root = trees.last_mut().unwrap();
        let steps = way(&mut dice, root);
        let (value, expected): (&str, Plain) = match dice.roll(3) {
            0 => ("false", false.into()),
            1 => ("a word", "a word".into()),
            _ => ("'7'", "7".into()),
        };
        set(root, &steps, expected);

        let stream = yaml::parse(&text);
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.yaml", text.as_str()));
        let span = stream.documents.last().unwrap().root().span();
        let at = Location { file, span };
        let mut finding = Finding::new("rule", Severity::Error, at, "bad");
        finding.remedy = Some(Box::new(Remedy {
            title: String::new(),
            safe: false,
            at,
            steps: steps.clone(),
            value: value.to_owned(),
        }));
        let mut findings = [finding];
        edit::complete(&mut findings, &sources);
        prop_assert_eq!(findings[0].fixes.len(), 1, "no fix for {:?} in\n{}", steps, text);
        let applied = edit::apply(&findings, &sources, &|_| true);
        let after = &applied[0].text;
        prop_assert_eq!(&plain(after), &trees, "{:?} in\n{}\nbecame\n{}", steps, text, after);
        prop_assert_eq!(comments(after), comments(&text), "{}\nbecame\n{}", text, after);
        same_outside(&text, after, &findings[0].fixes[0].edits);
        prop_assert_eq!(after.contains("\r\n"), text.contains("\r\n") || (after.matches("\r\n").count() > text.matches("\r\n").count()));
    }
}

const HOSTS: &str = "\
apiVersion: vmlint.dev/v1
kind: Cluster
metadata: { name: prod }
spec: { hosts: [hv01, hv02] }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv01 }
spec: { processor: { vendor: intel, generation: skylake } }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv02 }
spec: { processor: { vendor: intel, generation: ice-lake } }
---
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: off01 }
spec: { state: \"off\" }
";

const NAMES: [&str; 4] = ["sql01", "web01", "app01", "dc01"];

/// The pairs in any order.
fn shuffled(dice: &mut Dice, mut pairs: Vec<(&'static str, Tree)>) -> Tree {
    for index in (1..pairs.len()).rev() {
        pairs.swap(index, dice.roll(index + 1));
    }
    Tree::Map(pairs)
}

fn resource(dice: &mut Dice, kind: &'static str, name: &'static str, spec: Tree) -> Tree {
    let metadata = Tree::Map(vec![("name", Tree::Scalar(name))]);
    let pairs = vec![
        ("apiVersion", Tree::Scalar("vmlint.dev/v1")),
        ("kind", Tree::Scalar(kind)),
        ("metadata", metadata),
        ("spec", spec),
    ];
    shuffled(dice, pairs)
}

fn machine(dice: &mut Dice, name: &'static str) -> Tree {
    let mut spec = vec![("host", Tree::Scalar("hv01"))];
    let mut processor = Vec::new();
    if dice.flip() {
        processor.push(("count", Tree::Scalar("4")));
    }
    if dice.flip() {
        let off = ["false", "False", "FALSE"][dice.roll(3)];
        processor.push(("compatibilityForMigrationEnabled", Tree::Scalar(off)));
    }
    if dice.flip() {
        spec.push(("processor", shuffled(dice, processor)));
    }
    if dice.flip() {
        let memory = Tree::Map(vec![("startup", Tree::Scalar("4GiB"))]);
        spec.push(("memory", memory));
    }
    if dice.flip() {
        spec.push(("x-own", map(dice, 2)));
    }
    let spec = shuffled(dice, spec);
    resource(dice, "VirtualMachine", name, spec)
}

fn policy(dice: &mut Dice, name: &'static str) -> Tree {
    let machines = Tree::List(vec![Tree::Scalar("off01")]);
    let words = ["savedState", "'savedState'", "\"SavedState\""];
    let spec = vec![
        ("targets", Tree::Map(vec![("virtualMachines", machines)])),
        ("method", Tree::Scalar(words[dice.roll(3)])),
        ("retries", Tree::Scalar("2")),
    ];
    let spec = shuffled(dice, spec);
    resource(dice, "BackupPolicy", name, spec)
}

/// An estate in which every machine and every policy has something that can be fixed.
fn estate(dice: &mut Dice) -> String {
    let resources: Vec<_> = NAMES
        .iter()
        .take(1 + dice.roll(4))
        .map(|name| match dice.roll(3) {
            2 => policy(dice, name),
            _ => machine(dice, name),
        })
        .collect();
    let mut writer = Writer {
        dice,
        out: String::new(),
        comments: 0,
    };
    if writer.dice.flip() {
        writer.out += "apiVersion: vmlint.dev/v1\nkind: List\nitems:";
        writer.value(&Tree::List(resources), 0);
    } else {
        for resource in &resources {
            writer.out += "---";
            writer.end(0);
            match resource {
                Tree::Map(pairs) if writer.dice.roll(4) != 3 => writer.block(pairs, 0, true),
                resource => {
                    writer.flow(resource, true, 2);
                    writer.end(0);
                }
            }
        }
    }
    writer.out
}

/// What an estate is to become: machines in compatibility mode, policies with `vss`.
fn mended(documents: &mut [Plain]) {
    for document in documents {
        let resources = match document.get_mut("items") {
            Some(Plain::Sequence(items)) => items.iter_mut().collect(),
            _ => vec![document],
        };
        for resource in resources {
            let steps: &[&str] = match resource["kind"].as_str().unwrap() {
                "BackupPolicy" => &["spec", "method"],
                _ => &["spec", "processor", "compatibilityForMigrationEnabled"],
            };
            let steps: Vec<_> = steps.iter().map(|step| (*step).to_owned()).collect();
            let value = if steps.len() == 2 {
                "vss".into()
            } else {
                true.into()
            };
            set(resource, &steps, value);
        }
    }
}

static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let mut rules = RuleSet::load(VOCABULARY, []).ok().unwrap();
    let with_fix = ["compatibility-mode-off", "saved-state-backup"];
    rules.prepare(|rule| with_fix.contains(&rule)).unwrap();
    rules
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn what_was_fixed_is_found_no_more(mut dice in dice()) {
        let text = estate(&mut dice);
        let options = Options {
            as_of: date(2026, 1, 1),
            levels: Levels::new(RULES.iter().map(|rule| (rule.id.clone(), rule.topic.clone()))),
            world: World::Closed,
            settings: std::sync::Arc::default(),
            baseline: None,
            explain_skips: false,
            fingerprints: false,
        };
        let file = |path: &str, text: &str| {
            discover::decode(path.to_owned(), text.as_bytes(), formats::concerns_us)
        };
        let files = vec![
            Outcome::PassedOver { path: "a.yaml".to_owned() },
            file("hosts.yaml", HOSTS),
            file("vms.yaml", &text),
        ];
        let lint = |files| vmlint::check(files, &RULES, &options, &|| {});
        let checked = lint(files.clone());
        let found = checked.findings.len();
        prop_assert!(found > 0);
        let done = mend(files, checked, &lint, &|_| true);
        prop_assert_eq!(&done.checked.findings, &[], "{}", text);
        prop_assert_eq!(done.fixed(), found);
        prop_assert_eq!(done.changes.len(), 1);
        let after = done.after(&done.changes[0]).unwrap().text();
        let mut expected = plain(&text);
        mended(&mut expected);
        prop_assert_eq!(plain(after), expected, "{}\nbecame\n{}", text, after);
        prop_assert_eq!(comments(after), comments(&text));
    }
}

/// Pieces that make YAML likely, with much that edits have to beware of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a: ",
        "b: ",
        "a:",
        "b",
        "<<: ",
        "1",
        "~",
        "no",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        " ",
        "- ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        "{a: 1}",
        "{ b: {} }",
        ", ",
        ",",
        "&a ",
        "&b ",
        "*a",
        "*b",
        "!t ",
        "!!str ",
        "\"x\"",
        "'y'",
        "|\n    t",
        ">-\n    t",
        "|+\n    t\n\n",
        " # c\n",
        "# d",
        "---\n",
        "...\n",
        "a: &a {b: 1}\n",
        "a: *a\n",
        "b:\n  a: 1\n",
        "a:\n- b: 1\n  a: 2\n",
        "\u{FEFF}",
        "\t",
        "{{ x }}",
        "  a: 1\n",
        "  b: 2\n",
        "\\",
        "é",
    ]);
    let line = prop::sample::select(vec![
        "a: &a {b: 1}\n",
        "a: *a\n",
        "b: *a\n",
        "b: &b\n",
        "b:\n",
        "a: # c\n",
        "  a: 1\n",
        "  b: 2 # c\n",
        "  <<: *a\n",
        "  - a: 1\n",
        "    b: 2\n",
        "    - *a\n",
        "  b: {a: 1, # c\n",
        "    b: 2,\n",
        "  }\n",
        "# c\n",
        "---\n",
        "...\n",
        "\n",
        "  b: |+\n",
        "    text\n",
        "  a: >-\n",
        "  \"a\": {\n",
        "  'b': 1\r\n",
        "  ? a\n",
        "  : b\n",
        "  new: ~\n",
        "new: {}\n",
        "a: !!map\n",
        "b: !t &b {a}\n",
        "\"a\": [{b: 1}]\n",
        "{a: {b: }}\n",
        "a: { <<: {b: 1} }\n",
        "b: a\n   b\n",
        "a: \"x\n  y\" # c\n",
    ]);
    let lines = prop::collection::vec(line, 0..8).prop_map(|lines| lines.concat());
    let pieces = prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat());
    prop_oneof![lines, pieces]
}

/// What a document means, aliases and merge keys followed.
fn meaning(node: yaml::Node<'_>) -> Plain {
    match node.value() {
        yaml::Value::Null => Plain::Null,
        yaml::Value::Bool(bool) => bool.into(),
        yaml::Value::Int(int) => int.into(),
        yaml::Value::Float(float) => format!("{float:?}").into(),
        yaml::Value::Text(text) => format!("text {text}").into(),
        yaml::Value::Sequence(items) => Plain::Sequence(items.map(meaning).collect()),
        yaml::Value::Mapping(entries) => {
            let mut map = Mapping::new();
            for entry in entries {
                let key = match entry.key.text() {
                    Some(text) => text.into(),
                    None => meaning(entry.key),
                };
                map.insert(key, meaning(entry.value));
            }
            Plain::Mapping(map)
        }
    }
}

fn can_be_set(node: &Plain, steps: &[String]) -> bool {
    match (node, steps.split_first()) {
        (Plain::Mapping(map), Some((first, rest))) => map
            .get(first.as_str())
            .is_none_or(|inner| can_be_set(inner, rest)),
        (Plain::Sequence(_) | Plain::Mapping(_), None) => false,
        (_, None) | (Plain::Null, Some(_)) => true,
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn in_any_text_a_fix_means_what_it_says(text in pieces(), mut dice in dice()) {
        let stream = yaml::parse(&text);
        if stream.failure.is_some() || stream.documents.is_empty() {
            return Ok(());
        }
        let number = dice.roll(stream.documents.len());
        let keys = ["a", "b", "new"];
        let steps: Vec<_> = (0..=dice.roll(2)).map(|_| keys[dice.roll(3)].to_owned()).collect();
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.yaml", text.as_str()));
        let at = Location { file, span: stream.documents[number].root().span() };
        let mut finding = Finding::new("rule", Severity::Error, at, "bad");
        finding.remedy = Some(Box::new(Remedy {
            title: String::new(),
            safe: false,
            at,
            steps: steps.clone(),
            value: "true".to_owned(),
        }));
        let mut findings = [finding];
        edit::complete(&mut findings, &sources);
        let Some(applied) = edit::apply(&findings, &sources, &|_| true).pop() else {
            return Ok(());
        };
        let mut expected: Vec<_> = stream.documents.iter().map(|it| meaning(it.root())).collect();
        prop_assert!(can_be_set(&expected[number], &steps), "{:?} in\n{}", steps, text);
        set(&mut expected[number], &steps, true.into());
        let after = yaml::parse(&applied.text);
        let found: Vec<_> = after.documents.iter().map(|it| meaning(it.root())).collect();
        prop_assert_eq!(found, expected, "{:?} in\n{}\nbecame\n{}", steps, text, applied.text);
        prop_assert_eq!(comments(&applied.text), comments(&text));
        same_outside(&text, &applied.text, &findings[0].fixes[0].edits);
    }
}
