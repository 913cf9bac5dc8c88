//! `--focus` in batches: whatever parts the names of files are split into, as pre-commit splits them,
//! a finding is reported in every batch that holds its primary place or a label, and nowhere else.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its estate fails"
)]

mod project;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::Value as Json;
use vmlint::run::{Exit, Outside, run};

/// A copy of the example estate, in two scopes, with settings and a baseline.
fn estate() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let example = project::root().join("examples/estate");
    for path in project::files_below(&example, "yaml") {
        let inside = path.strip_prefix(&example).unwrap();
        for scope in ["prod", "test"] {
            let copy = folder.path().join(scope).join(inside);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(&path, copy).unwrap();
        }
    }
    let settings = "\
scopes: [prod, test]
exclude: [test/maintenance]
rules: { no-backup: off, backup: info, mobilty: off }
waivers:
  - { rule: cross-vendor-move, resource: MigrationPlan/retire-hv01, reason: r, owner: o, expires: 2025-01-01 }
  - { rule: host-limits-differ, resource: Cluster/dev, reason: r, owner: o, expires: 2030-01-01 }
";
    fs::write(folder.path().join(".vmlint.yaml"), settings).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    folder
}

fn check(folder: &Path, args: &[&str]) -> (Exit, Vec<Json>) {
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
        working_directory: folder.to_owned(),
    };
    let fixed = ["vmlint", "check", "--format", "json", "--fail-on", "info"];
    let args = fixed.iter().chain(args).copied();
    let exit = run(args.map(Into::into), &mut outside);
    let report: Json = serde_json::from_slice(&stdout).unwrap();
    (exit, report["findings"].as_array().unwrap().clone())
}

/// The files that a finding speaks of.
fn files_of(finding: &Json) -> BTreeSet<&str> {
    let labels = finding["labels"].as_array().unwrap().iter();
    let paths = labels.map(|label| label["path"].as_str().unwrap());
    paths.chain(finding["location"]["path"].as_str()).collect()
}

#[test]
fn batches_together_report_what_the_whole_has_and_nothing_else() {
    let estate = estate();
    let folder = estate.path();
    // Every third finding is in the baseline.
    check(folder, &["--write-baseline", "all.jsonl"]);
    let all = fs::read_to_string(folder.join("all.jsonl")).unwrap();
    let recorded = all.lines().enumerate();
    let recorded = recorded.filter(|(number, _)| number % 3 == 0);
    let recorded: Vec<_> = recorded.map(|(_, line)| line).collect();
    fs::write(folder.join("baseline.jsonl"), recorded.join("\n")).unwrap();
    let fixed = ["--baseline", "baseline.jsonl"];
    let (_, whole) = check(folder, &fixed);
    assert!(whole.len() > 50, "{}", whole.len());
    let across = whole.iter().filter(|it| files_of(it).len() > 1);
    assert!(across.count() > 20);

    let mut files: Vec<String> = project::files_below(folder, "yaml")
        .iter()
        .map(|path| path.strip_prefix(folder).unwrap())
        .map(|path| path.to_string_lossy().replace('\\', "/"))
        .collect();
    files.sort();
    assert!(files.contains(&".vmlint.yaml".to_owned()));

    let config = ProptestConfig {
        cases: 6,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let batch_of = proptest::collection::vec(0..5_usize, files.len());
    proptest!(config, |(batch_of in batch_of)| {
        let mut united = BTreeSet::new();
        for batch in 0..5 {
            let names = files.iter().zip(&batch_of);
            let names: Vec<&str> = names
                .filter(|(_, of)| **of == batch)
                .map(|(name, _)| name.as_str())
                .collect();
            if names.is_empty() {
                continue;
            }
            let args = [&fixed[..], &["--focus"], &names].concat();
            let (exit, found) = check(folder, &args);
            let concerned = |finding: &&Json| {
                files_of(finding).iter().any(|file| names.contains(file))
            };
            let wanted: Vec<Json> = whole.iter().filter(concerned).cloned().collect();
            prop_assert_eq!(&found, &wanted);
            prop_assert_eq!(exit == Exit::Findings, !wanted.is_empty());
            united.extend(found.iter().map(Json::to_string));
        }
        let all: BTreeSet<String> = whole.iter().map(Json::to_string).collect();
        prop_assert_eq!(united, all);
    });
}
