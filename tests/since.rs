//! `--since` in real repositories, made by the real git.
//!
//! Where git is not installed the tests say so and pass; with `CI` set they fail.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its repository fails"
)]

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;
use tempfile::TempDir;

const CLUSTER: &str = "\
apiVersion: vmlint.dev/v1
kind: Cluster
metadata: { name: prod }
spec: { hosts: [hv01, hv02], witness: disk }
";
const PLAN: &str = "\
apiVersion: vmlint.dev/v1
kind: MigrationPlan
metadata: { name: retire }
spec:
  moves:
    - { vm: sql01, from: hv01, to: hv02 }
";
const VM: &str = "\
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: sql01 }
spec: { cluster: prod, host: hv01 }
---
apiVersion: vmlint.dev/v1
kind: BackupPolicy
metadata: { name: nightly }
spec: { targets: { virtualMachines: [sql01] } }
";
const NEW_VM: &str = "\
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: web01 }
spec: { host: hv09 }
";
/// A rule that no machine passes.
const PACK: &str = "\
id: no-machines
title: there is a machine
severity: error
rationale: it probes
for: vm in vms
deny: 'true'
at: vm.name
message: '`{vm.name}` is a machine'
help: none
examples: { fail: [{ name: a, files: { a: a } }], pass: [{ name: b, files: { a: a } }] }
";

fn host(name: &str, model: &str) -> String {
    format!(
        "apiVersion: vmlint.dev/v1\nkind: Host\nmetadata: {{ name: {name} }}\n\
         spec: {{ processor: {{ model: {model} }} }}\n"
    )
}

/// A repository in a temporary folder.
struct Repository {
    temp: TempDir,
}

impl Repository {
    /// One whose branch `main` has an estate without findings, and whose branch `change`, which has
    /// nothing more yet, is checked out. None without git.
    fn new() -> Option<Self> {
        let repository = Self::empty()?;
        repository.write("clusters/prod.yaml", CLUSTER);
        repository.write("hosts/hv01.yaml", &host("hv01", "Xeon Gold 6248"));
        repository.write("hosts/hv02.yaml", &host("hv02", "Xeon Gold 6248"));
        repository.write("plans/retire.yaml", PLAN);
        repository.write("vms/sql01.yaml", VM);
        repository.commit();
        repository.git(&["checkout", "--quiet", "-b", "change"]);
        Some(repository)
    }

    fn empty() -> Option<Self> {
        if !git_is_installed() {
            return None;
        }
        let repository = Repository {
            temp: TempDir::new().unwrap(),
        };
        fs::create_dir(repository.path("")).unwrap();
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        Some(repository)
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.temp.path().join("repository").join(relative)
    }

    fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path(""), arguments)
    }

    fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(folder);
        let output = alone(&mut command).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message=text"]);
    }

    /// The findings of a check, as `path:line rule`.
    fn findings(&self, arguments: &[&str]) -> Vec<String> {
        let found = self.json(arguments);
        let found = found.iter().map(|finding| {
            let place = &finding["location"];
            let (path, line) = (&place["path"], &place["start"]["line"]);
            format!("{}:{line} {}", text(path), text(&finding["rule"]))
        });
        found.collect()
    }

    fn json(&self, arguments: &[&str]) -> Vec<Json> {
        json_in(&self.path(""), arguments)
    }

    fn refusal(&self, arguments: &[&str]) -> String {
        refusal(&mut check(&self.path(""), arguments))
    }
}

/// A command with no more of git around it than what the test made.
fn alone(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(&name);
        }
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada");
        command.env(format!("GIT_{who}_EMAIL"), "ada@example.org");
    }
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env(
            "GIT_CONFIG_GLOBAL",
            if cfg!(windows) { "NUL" } else { "/dev/null" },
        )
        .env("GIT_CONFIG_COUNT", "2")
        .env("GIT_CONFIG_KEY_0", "protocol.file.allow")
        .env("GIT_CONFIG_VALUE_0", "always")
        .env("GIT_CONFIG_KEY_1", "core.autocrlf")
        .env("GIT_CONFIG_VALUE_1", "false")
}

fn check(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmlint"));
    alone(&mut command)
        .args(["check", "--as-of", "2026-11-23"])
        .args(arguments)
        .current_dir(folder);
    command
}

fn json_in(folder: &Path, arguments: &[&str]) -> Vec<Json> {
    let output = check(folder, arguments)
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", said(&output));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    said(&output)
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn git_is_installed() -> bool {
    let version = Command::new("git").arg("--version").output();
    let installed = version.is_ok_and(|output| output.status.success());
    if !installed {
        assert!(
            env::var_os("CI").is_none(),
            "git is not installed, and CI is set"
        );
        // Not `eprintln!`, which is swallowed when a test passes.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: git is not installed, no change was judged"
        );
    }
    installed
}

#[test]
fn a_deleted_host_file_gives_exactly_the_finding_it_causes() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write(
        "clusters/prod.yaml",
        &CLUSTER.replace("hosts: [hv01, hv02], ", ""),
    );
    repository.commit();
    repository.git(&["branch", "--force", "main", "HEAD"]);
    fs::remove_file(repository.path("hosts/hv02.yaml")).unwrap();
    repository.commit();
    let found = repository.json(&["--since", "main"]);
    let base = repository.git(&["rev-parse", "--short", "main"]);
    let [finding] = &found[..] else {
        panic!("{found:#?}");
    };
    assert_eq!(finding["rule"], "unknown-reference");
    assert_eq!(finding["location"]["path"], "plans/retire.yaml");
    assert_eq!(
        text(&finding["message"]),
        format!("there is no Host `hv02` (declared in `hosts/hv02.yaml` until `main`, {base})")
    );
    let alone = repository.json(&[]);
    let same = |it: &&Json| it["fingerprint"] == finding["fingerprint"];
    assert_eq!(alone.iter().filter(same).count(), 1, "{alone:#?}");
}

#[test]
fn what_is_gone_is_named_where_no_finding_names_it() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let backup = VM.split_once("---\n").unwrap().1;
    repository.write(
        "backups/other.yaml",
        &backup.replace("sql01", "web01").replace("nightly", "other"),
    );
    repository.write("backups/nightly.yaml", backup);
    repository.write("vms/sql01.yaml", &VM.replace(backup, ""));
    repository.write("vms/web01.yaml", &NEW_VM.replace("hv09", "hv02"));
    repository.commit();
    repository.git(&["branch", "--force", "main", "HEAD"]);
    fs::remove_file(repository.path("backups/nightly.yaml")).unwrap();
    let found = repository.json(&["--since", "main"]);
    let [finding] = &found[..] else {
        panic!("{found:#?}");
    };
    let message = text(&finding["message"]);
    assert_eq!(finding["rule"], "no-backup");
    assert!(
        message.contains("(`nightly` was declared in `backups/nightly.yaml` until `main`, "),
        "{message}"
    );
}

#[test]
fn a_rename_is_no_change() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.git(&["mv", "hosts", "servers"]);
    repository.git(&["mv", "vms/sql01.yaml", "sql.yml"]);
    repository.commit();
    assert_eq!(repository.findings(&["--since", "main"]), [""; 0]);
}

#[test]
fn line_ends_byte_order_marks_and_layout_are_no_change() {
    let Some(repository) = Repository::new() else {
        return;
    };
    fs::remove_file(repository.path("hosts/hv02.yaml")).unwrap();
    let path = repository.path("vms/sql01.yaml");
    let text = VM.replace(
        "{ cluster: prod, host: hv01 }",
        "\n  cluster: prod # ours\n  host: hv01",
    );
    fs::write(&path, format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
    let wide: Vec<u8> = PLAN.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(
        repository.path("plans/retire.yaml"),
        [b"\xFF\xFE", &wide[..]].concat(),
    )
    .unwrap();
    let found = repository.json(&["--since", "main"]);
    assert_eq!(found.len(), 2, "{found:#?}");
    let labels = found.iter().flat_map(|it| it["labels"].as_array().unwrap());
    assert_eq!(labels.filter(|it| text_of(it).contains("since")).count(), 0);
}

fn text_of(label: &Json) -> &str {
    text(&label["text"])
}

#[test]
fn an_edit_at_the_other_end_is_labelled() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("hosts/hv02.yaml", &host("hv02", "AMD EPYC 7543"));
    repository.write("vms/sql01.yaml", &format!("# only a comment\n{VM}"));
    let found = repository.json(&["--since", "main"]);
    let plan: Vec<_> = found
        .iter()
        .filter(|it| it["location"]["path"] == "plans/retire.yaml")
        .collect();
    let [finding] = &plan[..] else {
        panic!("{found:#?}");
    };
    assert_eq!(finding["rule"], "cross-vendor-move");
    let labels: Vec<_> = finding["labels"].as_array().unwrap().iter().collect();
    let changed = |it: &&&Json| text(&it["text"]).ends_with("changed since `main`");
    let changed: Vec<_> = labels.iter().filter(changed).collect();
    assert_eq!(changed.len(), 1, "{labels:#?}");
    assert_eq!(changed[0]["path"], "hosts/hv02.yaml");
    let focused = repository.findings(&["--since", "main", "--focus", "hosts/hv02.yaml"]);
    assert!(
        focused.contains(&"plans/retire.yaml:6 cross-vendor-move".to_owned()),
        "{focused:?}"
    );
}

#[test]
fn compared_is_the_merge_base_with_what_is_there_now() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("vms/web01.yaml", NEW_VM);
    let wanted = [
        "vms/web01.yaml:3 no-backup",
        "vms/web01.yaml:4 unknown-reference",
    ];
    assert_eq!(repository.findings(&["--since", "main"]), wanted);
    assert_eq!(repository.findings(&["--since", "HEAD"]), wanted);
    repository.commit();
    assert_eq!(repository.findings(&["--since", "HEAD"]), [""; 0]);
    assert_eq!(repository.findings(&["--since", "HEAD~1"]), wanted);
    // What others did in the meantime is not part of the change.
    repository.git(&["checkout", "--quiet", "main"]);
    fs::remove_file(repository.path("hosts/hv02.yaml")).unwrap();
    repository.commit();
    repository.git(&["checkout", "--quiet", "change"]);
    assert_eq!(repository.findings(&["--since", "main"]), wanted);
}

#[test]
fn a_change_does_not_excuse_itself_by_comments() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let excused = NEW_VM.replace(
        "hv09 }",
        "hv09 } # vmlint: ignore[unknown-reference] comes later",
    );
    repository.write("vms/web01.yaml", &excused);
    let of_reference = |arguments: &[&str]| {
        let mut found = repository.findings(arguments);
        found.retain(|it| it.ends_with("unknown-reference"));
        found.len()
    };
    assert_eq!(of_reference(&["--since", "main"]), 1);
    assert_eq!(of_reference(&["--since", "main", "--trust-head"]), 0);
}

#[test]
fn a_change_does_not_excuse_itself_by_settings_and_packs() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let check = ["--since", "main", "--rules", "policies"];
    let trusting = ["--since", "main", "--rules", "policies", "--trust-head"];
    let settings = "waivers: [{ rule: no-backup, resource: VirtualMachine/web01, reason: r, owner: o, expires: 2030-01-01 }]\n\
                    rules: { unknown-reference: off }\nexclude: [plans]\n";
    repository.write("vms/web01.yaml", NEW_VM);
    repository.write(".vmlint.yaml", settings);
    repository.write("policies/no-machines.yaml", PACK);
    let strict = [
        "vms/web01.yaml:3 no-backup",
        "vms/web01.yaml:4 unknown-reference",
    ];
    let lax = ["vms/web01.yaml:3 no-machines"];
    assert_eq!(repository.findings(&check), strict);
    assert_eq!(repository.findings(&trusting), lax);
    let output = self::check(&repository.path(""), &check).output().unwrap();
    let note =
        "note: `policies` does not count, as `main` does not have it; `--trust-head` lets it";
    assert!(said(&output).contains(note), "{}", said(&output));

    repository.write("hosts/.vmlint.yaml", settings);
    let hosts = repository.path("hosts");
    let focused = ["--since", "main", "--focus", "..", "--jobs", "1"];
    assert_eq!(json_in(&hosts, &focused).len(), strict.len());
    fs::remove_file(repository.path("hosts/.vmlint.yaml")).unwrap();

    // Once the base has them, they count, and taking them back does not.
    repository.git(&[
        "rm",
        "--quiet",
        "--cached",
        "-r",
        "--ignore-unmatch",
        "vms/web01.yaml",
    ]);
    fs::remove_file(repository.path("vms/web01.yaml")).unwrap();
    repository.commit();
    repository.git(&["branch", "--force", "main", "HEAD"]);
    repository.write("vms/web01.yaml", NEW_VM);
    fs::remove_file(repository.path(".vmlint.yaml")).unwrap();
    repository.write(
        "policies/no-machines.yaml",
        &PACK.replace("'true'", "'false'"),
    );
    assert_eq!(repository.findings(&check), lax);
    assert_eq!(repository.findings(&trusting), strict);
}

#[test]
fn a_change_does_not_excuse_itself_by_a_baseline() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("vms/web01.yaml", NEW_VM);
    let written = check(
        &repository.path(""),
        &["--write-baseline", "baseline.jsonl"],
    )
    .output();
    assert!(repository.path("baseline.jsonl").exists(), "{written:?}");
    let arguments = ["--since", "main", "--baseline", "baseline.jsonl"];
    assert_eq!(repository.findings(&arguments).len(), 2);
    assert_eq!(
        repository
            .findings(&[&arguments[..], &["--trust-head"]].concat())
            .len(),
        0
    );
}

#[test]
fn a_change_does_not_excuse_itself_by_ignoring_files() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("vms/web01.yaml", NEW_VM);
    repository.write("rendered/web02.yaml", NEW_VM);
    repository.commit();
    repository.write(".gitignore", "vms/web*\nrendered/\n");
    repository.commit();
    let wanted = [
        "rendered/web02.yaml:3 no-backup",
        "rendered/web02.yaml:4 unknown-reference",
        "vms/web01.yaml:3 duplicate-resource",
    ];
    assert_eq!(repository.findings(&["--since", "main"]), wanted);
    assert_eq!(
        repository.findings(&["--since", "main", "--trust-head"]),
        [""; 0]
    );
}

#[test]
fn a_shallow_clone_says_what_to_fetch() {
    let Some(repository) = Repository::new() else {
        return;
    };
    repository.write("vms/web01.yaml", NEW_VM);
    repository.commit();
    let here = repository.path("");
    let url = format!("file://{}", here.display());
    let clone = |name: &str, arguments: &[&str]| {
        let folder = repository.temp.path().join(name);
        let target = folder.to_string_lossy().into_owned();
        let arguments = [&["clone", "--quiet", &url, &target], arguments].concat();
        repository.git_in(&here, &arguments);
        folder
    };
    let shallow = clone("shallow", &["--depth=1", "--branch=change"]);
    let message = refusal(&mut check(&shallow, &["--since", "main"]));
    for part in [
        "there is no revision `main` here",
        "git fetch --unshallow",
        "fetch-depth: 0",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let both = clone(
        "both",
        &["--depth=1", "--no-single-branch", "--branch=change"],
    );
    let message = refusal(&mut check(&both, &["--since", "origin/main"]));
    for part in [
        "shallow clone",
        "--deepen",
        "fetch-depth: 0",
        "GIT_DEPTH: 0",
        "fetchDepth: 0",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    let message = refusal(&mut check(&both, &["--since", "main"]));
    assert!(message.contains("did you mean `origin/main`?"), "{message}");
    repository.git_in(&both, &["fetch", "--quiet", "--unshallow"]);
    assert_eq!(json_in(&both, &["--since", "origin/main"]).len(), 2);

    repository.git(&["config", "uploadpack.allowFilter", "true"]);
    repository.git(&["checkout", "--quiet", "change"]);
    repository.write("hosts/hv02.yaml", &host("hv02", "Xeon Gold 6338"));
    repository.commit();
    let partial = clone("partial", &["--filter=blob:none", "--branch=change"]);
    let output = check(&partial, &["--since", "origin/main"])
        .output()
        .unwrap();
    // An older git does not know how not to fetch, and fetches.
    if output.status.code() == Some(2) {
        let message = said(&output);
        let command = message.split('`').find(|it| it.starts_with("git diff"));
        let arguments: Vec<&str> = command.unwrap().split(' ').skip(1).collect();
        repository.git_in(&partial, &arguments);
    }
    let whole = repository.json(&["--since", "main"]);
    assert_eq!(
        json_in(&partial, &["--since", "origin/main"]).len(),
        whole.len()
    );
}

#[test]
fn work_trees_and_folders_of_a_repository_are_at_home_in_it() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let tree = repository.path("trees/other");
    let path = tree.to_string_lossy().into_owned();
    repository.git(&["worktree", "add", "--quiet", "-b", "other", &path]);
    fs::write(tree.join("vms/web01.yaml"), NEW_VM).unwrap();
    assert_eq!(json_in(&tree, &["--since", "main"]).len(), 2);
    // Seen from the repository around it, it is no part of the change.
    assert_eq!(repository.findings(&["--since", "main"]), [""; 0]);
    repository.git(&["worktree", "remove", "--force", &path]);

    repository.write("vms/web01.yaml", NEW_VM);
    let vms = repository.path("vms");
    assert_eq!(json_in(&vms, &["--since", "main", ".."]).len(), 2);
    assert_eq!(json_in(&vms, &["--since", "main", "--focus", "."]).len(), 2);
    assert_eq!(json_in(&vms, &["--since", "main", "../hosts"]).len(), 0);
    let found = json_in(
        &vms,
        &["--since", "main", "web01.yaml", "../hosts", "../clusters"],
    );
    assert_eq!(found[0]["location"]["path"], "vms/web01.yaml");

    // A folder that the change removes is no mistake.
    fs::remove_dir_all(repository.path("hosts")).unwrap();
    let found = repository.findings(&["--since", "main", "hosts", "plans", "clusters"]);
    assert!(
        found.contains(&"plans/retire.yaml:6 unknown-reference".to_owned()),
        "{found:?}"
    );
    let message = repository.refusal(&["--since", "main", "nowhere"]);
    assert!(message.contains("`nowhere` does not exist"), "{message}");
    let outside = repository.temp.path().join("outside.yaml");
    fs::write(&outside, NEW_VM).unwrap();
    let message = repository.refusal(&["--since", "main", ".", "../outside.yaml"]);
    assert!(
        message.contains("lies outside of the repository"),
        "{message}"
    );
}

#[test]
fn a_submodule_is_the_same_before_and_after() {
    let (Some(repository), Some(other)) = (Repository::new(), Repository::empty()) else {
        return;
    };
    other.write("hv09.yaml", &host("hv09", "Xeon Gold 6248"));
    other.write(
        "vm.yaml",
        &NEW_VM.replace("web01", "web09").replace("hv09", "hv10"),
    );
    other.commit();
    let url = format!("file://{}", other.path("").display());
    repository.git(&["submodule", "--quiet", "add", &url, "shared"]);
    repository.commit();
    assert_eq!(repository.findings(&["--since", "main"]), [""; 0]);
    repository.write("vms/web01.yaml", NEW_VM);
    assert_eq!(
        repository.findings(&["--since", "main"]),
        ["vms/web01.yaml:3 no-backup"]
    );
}

#[test]
fn standard_input_takes_the_place_of_a_file() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let piped = |arguments: &[&str]| {
        let mut command = check(&repository.path(""), arguments);
        let file = fs::File::open(repository.path("hosts/hv01.yaml")).unwrap();
        command.stdin(file).output().unwrap()
    };
    let output = piped(&["--since", "main", "-"]);
    assert!(
        said(&output).contains("--stdin-filename NAME"),
        "{}",
        said(&output)
    );
    let output = piped(&[
        "--since",
        "main",
        "-",
        "--stdin-filename",
        "hosts/hv01.yaml",
    ]);
    assert!(output.status.success(), "{}", said(&output));
}

#[cfg(unix)]
#[test]
fn hostile_names_and_links_are_but_names() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let Some(repository) = Repository::new() else {
        return;
    };
    repository.git(&["checkout", "--quiet", "main"]);
    let names: [&[u8]; 5] = [
        b"a\nb.yaml",
        b"\xFF.yaml",
        b"-n.yaml",
        b"\"q\"\t.yaml",
        b":(top)x.yaml",
    ];
    for (number, name) in names.iter().enumerate() {
        let path = repository
            .path("vms")
            .join(std::ffi::OsStr::from_bytes(name));
        fs::write(path, NEW_VM.replace("web01", &format!("web1{number}"))).unwrap();
    }
    symlink("../vms/sql01.yaml", repository.path("plans/link.yaml")).unwrap();
    symlink("/etc/hostname", repository.path("plans/out.yaml")).unwrap();
    symlink("loop.yaml", repository.path("plans/loop.yaml")).unwrap();
    repository.commit();
    repository.git(&["checkout", "--quiet", "-B", "change"]);
    assert_eq!(repository.findings(&["--since", "main"]), [""; 0]);
    fs::remove_file(repository.path("vms/a\nb.yaml")).unwrap();
    assert_eq!(repository.findings(&["--since", "main"]), [""; 0]);
    repository.write("vms/a\nc.yaml", &NEW_VM.replace("web01", "web99"));
    let found = repository.findings(&["--since", "main"]);
    assert_eq!(
        found,
        [
            "vms/a\nc.yaml:3 no-backup",
            "vms/a\nc.yaml:4 unknown-reference"
        ]
    );
}

#[cfg(unix)]
#[test]
fn nothing_that_a_repository_brings_along_is_run() {
    use std::os::unix::fs::PermissionsExt;

    let Some(repository) = Repository::new() else {
        return;
    };
    let witness = repository.temp.path().join("witness");
    let trap = repository.temp.path().join("trap");
    fs::write(
        &trap,
        format!("#!/bin/sh\necho ran >> {}\ncat\n", witness.display()),
    )
    .unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let trap = trap.to_string_lossy().into_owned();
    repository.write(".gitattributes", "*.yaml diff=trap filter=trap\n");
    repository.commit();
    for key in [
        "core.fsmonitor",
        "core.pager",
        "diff.external",
        "diff.trap.textconv",
        "diff.trap.command",
        "filter.trap.smudge",
        "filter.trap.clean",
        "core.sshCommand",
    ] {
        repository.git(&["config", key, &trap]);
    }
    for hook in [
        "post-index-change",
        "reference-transaction",
        "post-checkout",
    ] {
        fs::create_dir_all(repository.path(".git/hooks")).unwrap();
        fs::copy(&trap, repository.path(".git/hooks").join(hook)).unwrap();
    }
    let _ = fs::remove_file(&witness);
    fs::write(repository.path("vms/web01.yaml"), NEW_VM).unwrap();
    assert_eq!(repository.findings(&["--since", "main"]).len(), 2);
    assert!(!witness.exists());
}

#[test]
fn what_cannot_be_compared_is_said_with_what_to_do() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let witness = repository.path("x");
    for (revision, message) in [
        ("--output=x", "`--output=x` is no revision"),
        ("-", "`-` is no revision"),
        ("", "is no revision"),
        ("main..change", "name its first end only"),
        ("^main", "there is no revision `^main` here"),
        ("mian", "did you mean `main`?"),
        ("HEAD:hosts", "`HEAD:hosts` is no commit"),
        ("v2.0", "git fetch origin v2.0"),
    ] {
        let said = repository.refusal(&[&format!("--since={revision}")]);
        assert!(said.contains(message), "{revision}: {said}");
        assert!(!witness.exists());
    }
    repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    repository.write("vms/web01.yaml", NEW_VM);
    repository.commit();
    let said = repository.refusal(&["--since", "main"]);
    assert!(said.contains("have no commit in common"), "{said}");

    let mut command = check(&repository.path(""), &["--since", "main"]);
    let said = refusal(command.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1"));
    assert!(
        said.contains("dubious ownership") && said.contains("safe.directory"),
        "{said}"
    );

    let mut command = check(&repository.path(""), &["--since", "main"]);
    let said = refusal(command.env("PATH", repository.path("hosts")));
    assert!(said.contains("`--since` needs git"), "{said}");

    let nowhere = TempDir::new().unwrap();
    fs::write(nowhere.path().join("a.yaml"), NEW_VM).unwrap();
    let said = refusal(&mut check(nowhere.path(), &["--since", "main"]));
    assert!(said.contains("not a git repository"), "{said}");

    let fresh = Repository::empty().unwrap();
    fresh.write("a.yaml", NEW_VM);
    let said = fresh.refusal(&["--since", "HEAD"]);
    assert!(said.contains("nothing is committed here yet"), "{said}");
}

#[test]
fn a_hook_that_git_runs_sees_the_repository_it_is_in() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let other = Repository::empty().unwrap();
    repository.write("vms/web01.yaml", NEW_VM);
    let mut command = check(
        &repository.path(""),
        &["--since", "main", "--format", "json"],
    );
    let output = command
        .env("GIT_DIR", other.path(".git"))
        .env("GIT_INDEX_FILE", other.path(".git/index"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
}

#[test]
fn pointers_of_git_lfs_are_texts_that_nobody_knows() {
    let Some(repository) = Repository::new() else {
        return;
    };
    let text = fs::read_to_string(repository.path("hosts/hv02.yaml")).unwrap();
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    repository.write("hosts/hv02.yaml", pointer);
    repository.commit();
    repository.git(&["branch", "--force", "main", "HEAD"]);
    repository.write("hosts/hv02.yaml", &text);
    let output = check(&repository.path(""), &["--since", "main"])
        .output()
        .unwrap();
    assert!(
        said(&output).contains("hosts/hv02.yaml:1 in the base cannot be read"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_large_estate_takes_no_more_processes() {
    let Some(repository) = Repository::new() else {
        return;
    };
    for number in 0..2000 {
        let name = format!("vm{number:04}");
        let vm = VM.replace("sql01", &name).replace("nightly", &name);
        repository.write(&format!("many/{}/{name}.yaml", number % 50), &vm);
    }
    repository.commit();
    repository.git(&["branch", "--force", "main", "HEAD"]);
    fs::remove_file(repository.path("hosts/hv02.yaml")).unwrap();
    let trace = repository.temp.path().join("trace");
    let output = check(&repository.path(""), &["--since", "main"])
        .env("GIT_TRACE", &trace)
        .output()
        .unwrap();
    assert!(said(&output).contains("until `main`"), "{}", said(&output));
    let trace = fs::read_to_string(trace).unwrap();
    let processes = trace.matches("built-in: git").count();
    assert!((1..=12).contains(&processes), "{trace}");
}
