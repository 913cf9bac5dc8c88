//! The published schemas in a second validator, as editors and other tools use them: they accept the
//! examples and all rule files, and refuse what is wrong.
//!
//! Where check-jsonschema is not installed the test says so and passes; with `CI` set it fails.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Files by the schema that should refuse them. What has no kind is tried with the one for all.
const WRONG: &[(&str, &str)] = &[
    (
        "Cluster",
        "{ apiVersion: vmlint.dev/v1, kind: Cluster, metadata: { name: a }, spec: { platform: vmware } }",
    ),
    (
        "Cluster",
        "{ apiVersion: vmlint.dev/v1, kind: Cluster, spec: {} }",
    ),
    (
        "Cluster",
        "{ apiVersion: vmlint.dev/v1, kind: Cluster, metadata: { name: a }, spec: { hosts: hv01 } }",
    ),
    (
        "Host",
        "{ apiVersion: vmlint.dev/v1, kind: Host, metadata: { name: a }, spec: { memory: { capacity: much } } }",
    ),
    (
        "Host",
        "{ apiVersion: vmlint.dev/v1, kind: Host, metadata: { name: a }, spec: { procesor: {} } }",
    ),
    (
        "Host",
        "{ apiVersion: vmlint.dev/v1, kind: Host, metadata: { name: a }, spec: { platformVersion: 2011 } }",
    ),
    (
        "VirtualMachine",
        "{ apiVersion: vmlint.dev/v1, kind: VirtualMachine, metadata: { name: a }, spec: { state: paused } }",
    ),
    (
        "VirtualMachine",
        "{ apiVersion: vmlint.dev/v1, kind: VirtualMachine, metadata: { name: a }, spec: { generation: 3 } }",
    ),
    (
        "VirtualMachine",
        "{ apiVersion: vmlint.dev/v1, kind: VirtualMachine, metadata: { name: a }, spec: { processor: { count: two } } }",
    ),
    (
        "MigrationPlan",
        "{ apiVersion: vmlint.dev/v1, kind: MigrationPlan, metadata: { name: a }, spec: { moves: [{ to: hv02 }] } }",
    ),
    (
        "MigrationPlan",
        "{ apiVersion: vmlint.dev/v1, kind: MigrationPlan, metadata: { name: a }, spec: { concurrency: 0 } }",
    ),
    (
        "MaintenanceWindow",
        "{ apiVersion: vmlint.dev/v1, kind: MaintenanceWindow, metadata: { name: a }, spec: { strategy: kill } }",
    ),
    (
        "MaintenanceWindow",
        "{ apiVersion: vmlint.dev/v1, kind: MaintenanceWindow, metadata: { name: a }, spec: { schedule: { cron: '@daily', at: '2026-01-01T00:00:00' } } }",
    ),
    (
        "BackupPolicy",
        "{ apiVersion: vmlint.dev/v1, kind: BackupPolicy, metadata: { name: a }, spec: {} }",
    ),
    (
        "BackupPolicy",
        "{ apiVersion: vmlint.dev/v1, kind: BackupPolicy, metadata: { name: a }, spec: { targets: { tier: gold } } }",
    ),
    (
        "BackupRepository",
        "{ apiVersion: vmlint.dev/v1, kind: BackupRepository, metadata: { name: a }, spec: { bandwidth: fast } }",
    ),
    (
        "vmlint",
        "{ apiVersion: vmlint.dev/v1, kind: Hosts, metadata: { name: a } }",
    ),
    (
        "vmlint",
        "{ apiVersion: vmlint.dev/v1, kind: Host, metadata: {} }",
    ),
    (
        "vmlint",
        "{ apiVersion: vmlint.dev/v1, kind: List, items: [{ apiVersion: vmlint.dev/v1, kind: Host, metadata: { name: a }, spec: { cluster: [a] } }] }",
    ),
    (
        "rule",
        "{ id: Bad_Id, title: a, severity: error, rationale: a, for: vm in vms, deny: 'true', at: vm.name, message: a, help: a }",
    ),
    (
        "rule",
        "{ id: a, title: a, severity: fatal, rationale: a, for: vm in vms, deny: 'true', at: vm.name, message: a, help: a }",
    ),
    (
        "rule",
        "{ id: a, title: a, severity: error, rationale: a, for: vm in vms, at: vm.name, message: a, help: a }",
    ),
    (
        "rule",
        "{ id: a, title: a, severity: error, rationale: a, for: vms, deny: 'true', at: vm.name, message: a, help: a }",
    ),
    (
        "rule",
        "{ id: a, title: a, severity: error, rationale: a, for: vm in vms, deny: 'true', at: vm.name, mesage: a, help: a }",
    ),
    ("config", "{ rules: { no-backup: fatal } }"),
    ("config", "{ wavers: [] }"),
    (
        "config",
        "{ waivers: [{ rule: no-backup, resource: VirtualMachine/a }] }",
    ),
];

/// Settings as they are meant.
const SETTINGS: &str = r#"scopes: ["clusters/*"]
assume: { backupDuration: 1h }
exclude: ["**/rendered/**"]
rules: { saved-state-backup: error, schedule: off, no-backup: { level: warning, exclude: ["lab/**"] } }
overrides: [{ paths: ["lab/**"], rules: { no-backup: off } }]
rulePacks: [policies]
waivers: [{ rule: cross-vendor-move, resource: MigrationPlan/retire-old-hosts,
            reason: "moved offline by hand", owner: infra, expires: 2027-01-31 }]
"#;

type Outcome = Result<(), Box<dyn Error>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the validator; nothing where there is none.
fn validate(schema: &str, files: &[PathBuf]) -> Result<Option<Output>, Box<dyn Error>> {
    let schema = root().join("schemas").join(format!("{schema}.schema.json"));
    let mut command = Command::new("check-jsonschema");
    let command = command.args(["--output-format", "json", "--verbose", "--schemafile"]);
    match command.arg(schema).args(files).output() {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && env::var_os("CI").is_none() => {
            // Not `eprintln!`, which is swallowed when a test passes.
            writeln!(
                io::stderr(),
                "SKIPPED: check-jsonschema is not installed, the schemas were not tried with it"
            )?;
            Ok(None)
        }
        Err(error) => Err(format!("check-jsonschema does not run: {error}").into()),
    }
}

fn accepted(schema: &str, files: &[PathBuf]) -> Outcome {
    if let Some(output) = validate(schema, files)? {
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{report}");
    }
    Ok(())
}

/// Every document of our own format below a folder as a file of its own.
fn documents(folder: &Path, into: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry?;
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "yaml")
        {
            continue;
        }
        let text = fs::read_to_string(entry.path())?;
        let ours = |document: &&str| document.contains("apiVersion: vmlint.dev/");
        for document in text.split("\n---\n").filter(ours) {
            let path = into.join(format!("{}.yaml", files.len()));
            fs::write(&path, document)?;
            files.push(path);
        }
    }
    Ok(files)
}

#[test]
fn the_examples_are_accepted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let files = documents(&root().join("examples"), folder.path())?;
    assert!(files.len() > 20);
    accepted("vmlint", &files)
}

#[test]
fn all_rule_files_are_accepted() -> Outcome {
    let entries = walkdir::WalkDir::new(root().join("rules")).into_iter();
    let files: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    assert!(files.len() > 20);
    accepted("rule", &files)
}

#[test]
fn settings_are_accepted() -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("vmlint.yaml");
    fs::write(&path, SETTINGS)?;
    accepted("config", &[path])
}

#[test]
fn wrong_documents_are_refused() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut schemas: Vec<&str> = WRONG.iter().map(|(schema, _)| *schema).collect();
    schemas.dedup();
    for schema in schemas {
        let mut files = Vec::new();
        for (index, (_, text)) in WRONG.iter().enumerate().filter(|(_, it)| it.0 == schema) {
            let path = folder.path().join(format!("{schema}-{index}.yaml"));
            fs::write(&path, text)?;
            files.push(path);
        }
        let Some(output) = validate(schema, &files)? else {
            return Ok(());
        };
        let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        assert_eq!(report["parse_errors"], serde_json::json!([]));
        let errors = report["errors"].as_array().ok_or("no errors")?;
        for file in files {
            let name = file.to_string_lossy();
            let refused = errors.iter().any(|error| error["filename"] == *name);
            assert!(refused, "{schema} accepts {}", fs::read_to_string(&file)?);
        }
    }
    Ok(())
}
