//! Generated files: schemas, the pages about rules, what README and the guide show. `UPDATE=1 cargo
//! test --test generated` rewrites them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files fails"
)]

mod project;

use std::fs;
use std::path::Path;

use jiff::civil::date;
use project::{files_below, root};
use vmlint::facts::VOCABULARY;
use vmlint::model::reflect::Type;
use vmlint::model::{Kind, VirtualMachine, schema};
use vmlint::rules::expr::{Expression, Scope, reference};
use vmlint::rules::topics::TOPICS;
use vmlint::rules::{RuleSet, guide};
use vmlint::run::{Outside, run};

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
        "{} is stale; run `UPDATE=1 cargo test --test generated`",
        path.display()
    );
}

#[test]
fn the_published_schemas_are_fresh() {
    let names = Kind::ALL.map(Kind::as_str);
    for name in names.into_iter().chain(["rule", "config"]) {
        let path = root().join("schemas").join(format!("{name}.schema.json"));
        fresh(&path, &output(&["schema", name]));
    }
    let path = root().join("schemas/vmlint.schema.json");
    fresh(&path, &output(&["schema"]));
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
                let ours = |it: &&serde_json::Value| {
                    it["apiVersion"] == "vmlint.dev/v1" && it["kind"] == kind.as_str()
                };
                for resource in resources.iter().filter(ours) {
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

/// Puts text between the `begin` and `end` comments of that name.
fn weave(text: &str, name: &str, wanted: &str) -> String {
    let begin = format!("<!-- {name}:begin -->\n");
    let end = format!("<!-- {name}:end -->");
    let (before, rest) = text.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{wanted}{end}{after}")
}

#[test]
fn readme_shows_what_vmlint_says() {
    let path = root().join("README.md");
    let shown = ["check", "examples/estate", "--format", "pretty", "--select"];
    let diagnostic =
        output(&[&shown[..], &["cross-vendor-move", "--ignore", "integrity"]].concat());
    let text = fs::read_to_string(&path).unwrap();
    let diagnostic = format!("```text\n{}\n```\n", diagnostic.trim_end());
    let text = weave(&text, "diagnostic", &diagnostic);
    let mixed = ["check", "examples/mixed", "--format", "concise"];
    let mixed = output(&[&mixed[..], &["--ignore", "no-backup,schedule"]].concat());
    let mixed = format!("```text\n{}\n```\n", mixed.trim_end());
    let text = weave(&text, "mixed", &mixed);
    let week = output(&[
        "calendar",
        "examples/estate",
        "--week",
        "2026-12-13",
        "--only-collisions",
    ]);
    let command = "$ vmlint calendar examples/estate --week 2026-12-13 --only-collisions";
    let week = format!("```console\n{command}\n{}\n```\n", week.trim_end());
    let text = weave(&text, "calendar", &week);
    fresh(&path, &weave(&text, "rules", &overview()));
}

/// The built-in rules by topic, for README.
fn overview() -> String {
    let rules = RuleSet::load(VOCABULARY, []).ok().unwrap();
    let mut text = String::new();
    for (topic, question) in TOPICS {
        let mut ids: Vec<_> = rules
            .iter()
            .filter(|rule| rule.topic == *topic)
            .map(|rule| format!("[`{0}`](docs/rules/{0}.md)", rule.id))
            .collect();
        ids.sort();
        if !ids.is_empty() {
            let line = format!("**{topic}**: {question} {}", ids.join(", "));
            text += &format!("- {line}\n");
        }
    }
    text
}

#[test]
fn every_rule_has_its_page() {
    let folder = root().join("docs/rules");
    let rules = RuleSet::load(VOCABULARY, []).ok().unwrap();
    let mut wanted = vec![folder.join("README.md")];
    let index = output(&["rules", "--format", "markdown"]);
    let head = "# Rules\n\nWhat vmlint finds, by topic. `vmlint explain RULE` shows these pages in a terminal.\n\n";
    fresh(&wanted[0], &(head.to_owned() + &index));
    for rule in rules.iter() {
        let path = folder.join(format!("{}.md", rule.id));
        fresh(
            &path,
            &output(&["explain", &rule.id, "--format", "markdown"]),
        );
        wanted.push(path);
    }
    for path in files_below(&folder, "md") {
        assert!(wanted.contains(&path), "{} is of no rule", path.display());
    }
}

#[test]
fn the_formats_are_listed() {
    let path = root().join("docs/formats/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let table = output(&["formats", "--format", "markdown"]);
    fresh(&path, &weave(&text, "formats", &table));
}

#[test]
fn the_guide_lists_what_there_is() {
    let path = root().join("docs/writing-rules.md");
    let text = fs::read_to_string(&path).unwrap();
    let text = weave(&text, "relations", &guide::relations(&VOCABULARY));
    let text = weave(&text, "records", &guide::records(&VOCABULARY));
    fresh(&path, &weave(&text, "language", &guide::language()));
}

/// Conditions about a machine, as the guide has them.
fn condition(text: &str) -> Result<(), String> {
    let scope = Scope::new(VOCABULARY, "vm", Type::Record(VirtualMachine::TYPE));
    match Expression::condition(text, &scope) {
        Ok(_) => Ok(()),
        Err(issues) => Err(format!("{text}: {issues:?}")),
    }
}

#[test]
fn what_the_guide_says_of_expressions_is_so() {
    let functions = reference::FUNCTIONS.iter().map(|it| it.example);
    let operators = reference::OPERATORS.iter().map(|it| it.example);
    for example in functions.chain(operators) {
        assert_eq!(condition(example), Ok(()));
    }
    for ty in reference::TYPES.iter().filter(|ty| !ty.constant.is_empty()) {
        assert_eq!(condition(&format!("{0} == {0}", ty.constant)), Ok(()));
    }
    for left_out in reference::LEFT_OUT {
        assert!(condition(left_out.example).is_err(), "{}", left_out.example);
    }
}

#[test]
fn the_rule_in_the_guide_passes_its_examples() {
    let guide = fs::read_to_string(root().join("docs/writing-rules.md")).unwrap();
    let (_, rest) = guide.split_once("<!-- rule: ").unwrap();
    let (id, rest) = rest.split_once(" -->\n```yaml\n").unwrap();
    let rule = rest.split("```").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(format!("{id}.yaml")), rule).unwrap();
    let folder = folder.path().to_str().unwrap();
    let shown = output(&["test", folder, "--mutate"]);
    assert_eq!(shown, format!("ok     {id}: 3 examples\n"));
}

#[test]
fn a_new_rule_passes_its_examples() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    output(&["rules", "new", "machine-without-a-name", path]);
    let shown = output(&["test", path, "--mutate"]);
    assert_eq!(shown, "ok     machine-without-a-name: 3 examples\n");
}
