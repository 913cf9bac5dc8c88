//! What the project promises itself: rooms in one direction, short files, generated files that
//! are fresh, rules that read alike. `UPDATE=1 cargo test --test conventions` rewrites what is
//! generated.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files fails"
)]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use vmlint::facts::VOCABULARY;
use vmlint::model::{Kind, schema};
use vmlint::rules::RuleSet;
use vmlint::run::{Outside, run};

/// The rooms, lowest first: a room uses only rooms above it in this list.
const ROOMS: [&str; 22] = [
    "source",
    "diagnostic",
    "discover",
    "yaml",
    "schedule",
    "model",
    "formats",
    "inventory",
    "facts",
    "rules",
    "verdict",
    "edit",
    "report",
    "reading",
    "road",
    "lib",
    "mend",
    "example",
    "cli",
    "progress",
    "run",
    "main",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .flatten()
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    files.sort();
    files
}

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|it| *it == room)
}

#[test]
fn a_room_uses_only_rooms_before_it() {
    let src = root().join("src");
    let mut upward = Vec::new();
    for path in files_below(&src, "rs") {
        let relative = path.strip_prefix(&src).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs");
        let own = rank(room).unwrap_or_else(|| panic!("`{room}` is not in the list of rooms"));
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (position, _) in code.match_indices("crate::") {
            let rest = &code[position + "crate::".len()..];
            let used: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list
                    .split('}')
                    .next()
                    .unwrap()
                    .split(',')
                    .map(str::trim)
                    .collect(),
                None => vec![rest],
            };
            for used in used {
                let end = used.find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &used[..end.unwrap_or(used.len())];
                let other = match rank(name) {
                    Some(rank) => rank,
                    None => rank("lib").unwrap(),
                };
                if other > own {
                    upward.push(format!("{} uses {name}", relative.display()));
                }
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

#[test]
fn no_source_file_is_much_longer_than_500_lines() {
    for path in files_below(&root().join("src"), "rs") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 550, "{} has {lines} lines", path.display());
    }
}

/// Compares a generated file, or rewrites it when `UPDATE` is set.
fn fresh(path: &Path, wanted: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        found == wanted,
        "{} is stale; run `UPDATE=1 cargo test --test conventions`",
        path.display()
    );
}

#[test]
fn the_published_schemas_are_those_of_the_model() {
    for kind in Kind::ALL {
        let path = root().join("schemas").join(format!("{kind}.schema.json"));
        fresh(&path, &format!("{:#}\n", schema::of_kind(kind)));
    }
}

#[test]
fn the_schemas_are_schemas_and_accept_the_examples() {
    for kind in Kind::ALL {
        let schema = schema::of_kind(kind);
        let published = jsonschema::validator_for(&schema).unwrap();
        let structure = jsonschema::validator_for(&schema::structure(schema)).unwrap();
        let mut seen = 0;
        for path in files_below(&root().join("examples"), "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            for document in serde_yaml::Deserializer::from_str(&text) {
                let value: serde_json::Value = serde::Deserialize::deserialize(document).unwrap();
                let resources = match value["items"].as_array() {
                    Some(items) => items.clone(),
                    None => vec![value],
                };
                for resource in resources.iter().filter(|it| it["kind"] == kind.as_str()) {
                    seen += 1;
                    for validator in [&published, &structure] {
                        if let Err(error) = validator.validate(resource) {
                            panic!("{}: {error}", path.display());
                        }
                    }
                }
            }
        }
        assert!(seen > 0, "the examples have no {kind}");
    }
}

fn rules() -> RuleSet {
    match RuleSet::load(VOCABULARY, []) {
        Ok(rules) => rules,
        Err(invalid) => panic!("{:#?}", invalid.findings),
    }
}

/// What vmlint prints on standard output.
fn output(args: &[&str]) -> String {
    let mut stdout = Vec::new();
    let mut outside = Outside {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut std::io::sink(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        columns: Some(100),
        env: &|_| None,
        today: date(2026, 11, 23),
        working_directory: root(),
    };
    let args = std::iter::once("vmlint").chain(args.iter().copied());
    let _ = run(args.map(Into::into), &mut outside);
    String::from_utf8(stdout).unwrap()
}

#[test]
fn readme_shows_what_vmlint_says() {
    let path = root().join("README.md");
    let shown = ["check", "examples/estate", "--format", "pretty", "--select"];
    let diagnostic =
        output(&[&shown[..], &["cross-vendor-move", "--ignore", "integrity"]].concat());
    let mut text = fs::read_to_string(&path).unwrap();
    for (name, wanted) in [
        (
            "diagnostic",
            format!("```text\n{}\n```\n", diagnostic.trim_end()),
        ),
        ("rules", output(&["rules", "--format", "markdown"])),
    ] {
        let (begin, end) = (
            format!("<!-- {name}:begin -->\n"),
            format!("<!-- {name}:end -->"),
        );
        let (before, rest) = text.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        text = format!("{before}{begin}{wanted}{end}{after}");
    }
    fresh(&path, &text);
}

#[test]
fn the_rule_in_readme_works() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let start = readme.find("id: critical-vm-alone").unwrap();
    let rule = readme[start..].split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (estate, pack) = (folder.path().join("estate"), folder.path().join("pack"));
    fs::create_dir(&estate).unwrap();
    fs::create_dir(&pack).unwrap();
    fs::write(pack.join("critical-vm-alone.yaml"), rule).unwrap();
    let vm = "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: { name: dc01 }\nspec:\n  criticality: critical\n";
    fs::write(estate.join("vm.yaml"), vm).unwrap();
    let found = output(&[
        "check",
        estate.to_str().unwrap(),
        "--rules",
        pack.to_str().unwrap(),
    ]);
    assert!(
        found.contains("vm.yaml:5:16: warning[critical-vm-alone]: `dc01` is critical"),
        "{found}"
    );
}

#[test]
fn rules_read_alike() {
    for rule in rules().iter() {
        let id = &rule.id;
        assert!(rule.title.chars().count() <= 72, "{id}: the title is long");
        for (what, text) in [
            ("title", &rule.title),
            ("message", &rule.message),
            ("help", &rule.help),
        ] {
            assert!(
                !text.trim_end().ends_with('.'),
                "{id}: the {what} ends in a full stop"
            );
        }
        let upper = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
        assert!(
            !upper(&rule.message),
            "{id}: the message starts with a capital"
        );
        assert!(!upper(&rule.help), "{id}: the help starts with a capital");
        assert!(rule.since.is_some(), "{id}: since when?");
        for reference in &rule.references {
            assert!(
                reference.url.starts_with("https://"),
                "{id}: {}",
                reference.url
            );
        }
    }
}
