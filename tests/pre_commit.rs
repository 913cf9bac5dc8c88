//! Commits through the real pre-commit, with the hooks that this repository offers.
//!
//! Where pre-commit is not installed the tests say so and pass; with `CI` set they fail.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");

/// A cluster of two generations. One of its hosts has a file of its own, to be deleted.
const HOSTS: &str = "\
apiVersion: vmlint.dev/v1
kind: Cluster
metadata: { name: prod }
spec: { hosts: [hv01, hv02, hv03], witness: disk }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv01 }
spec: { processor: { model: Xeon Gold 6248 } }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv02 }
spec: { processor: { model: Xeon Gold 6338 } }
";
const HV03: &str = "\
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv03 }
spec: { processor: { model: Xeon Gold 6338 } }
";

/// A machine that may run on all of them.
fn sql01(compatibility: bool, count: u8) -> String {
    format!(
        "\
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: {{ name: sql01 }}
spec:
  cluster: prod
  host: hv01
  processor: {{ count: {count}, compatibilityForMigrationEnabled: {compatibility} }}
"
    )
}

#[test]
fn the_hook_sees_hosts_that_the_commit_does_not_touch() {
    turning_compatibility_mode_off_is_refused("vmlint-system");
}

#[test]
fn the_focused_hook_sees_hosts_that_the_commit_does_not_touch() {
    turning_compatibility_mode_off_is_refused("vmlint-focus-system");
}

#[test]
fn the_hook_sees_what_a_deleted_file_leaves_behind() {
    let Some(estate) = Estate::with_hook("vmlint-system") else {
        return;
    };
    fs::remove_file(estate.path("hosts/hv03.yaml")).expect("the host has a file");
    estate.refuses_to_commit(&["unknown-reference", "hosts.yaml", "hv03"]);
}

fn turning_compatibility_mode_off_is_refused(hook: &str) {
    let Some(estate) = Estate::with_hook(hook) else {
        return;
    };
    estate.write("vms/sql01.yaml", &sql01(false, 4));
    estate.refuses_to_commit(&["compatibility-mode-off", "vms/sql01.yaml", "hosts.yaml"]);

    estate.write("vms/sql01.yaml", &sql01(true, 8));
    estate.commits();
}

/// A git repository in which pre-commit is installed, beside the repository of the hooks.
struct Estate {
    temp: TempDir,
}

impl Estate {
    /// An estate whose first commit went through the hook; `None` without pre-commit.
    fn with_hook(hook: &str) -> Option<Self> {
        if !pre_commit_is_installed() {
            return None;
        }
        let estate = Estate {
            temp: TempDir::new().expect("a temporary folder"),
        };
        estate.write("../gitconfig", "");

        estate.write("../hooks/.pre-commit-hooks.yaml", HOOKS);
        let hooks = estate.path("../hooks");
        estate.succeeds(&hooks, "git", &["init", "--quiet"]);
        estate.succeeds(&hooks, "git", &["add", "--all"]);
        estate.succeeds(&hooks, "git", &["commit", "--quiet", "--message=hooks"]);
        let revision = estate.succeeds(&hooks, "git", &["rev-parse", "HEAD"]);

        estate.write(
            ".pre-commit-config.yaml",
            &format!(
                "repos: [{{ repo: ../hooks, rev: {}, hooks: [{{ id: {hook} }}] }}]\n",
                revision.trim()
            ),
        );
        estate.write("hosts.yaml", HOSTS);
        estate.write("hosts/hv03.yaml", HV03);
        estate.write("vms/sql01.yaml", &sql01(true, 4));
        estate.succeeds(&estate.path(""), "git", &["init", "--quiet"]);
        estate.succeeds(&estate.path(""), "pre-commit", &["install"]);
        estate.commits();
        Some(estate)
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.temp.path().join("estate").join(relative)
    }

    fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        let folder = path.parent().expect("a path below the temporary folder");
        fs::create_dir_all(folder).expect("the temporary folder is writable");
        fs::write(path, text).expect("the temporary folder is writable");
    }

    fn commits(&self) {
        let output = self.commit();
        assert!(output.status.success(), "refused:\n{}", text(&output));
    }

    fn refuses_to_commit(&self, reasons: &[&str]) {
        let output = self.commit();
        let said = text(&output);
        assert!(!output.status.success(), "committed:\n{said}");
        for reason in reasons {
            assert!(said.contains(reason), "no {reason} in:\n{said}");
        }
    }

    fn commit(&self) -> Output {
        self.succeeds(&self.path(""), "git", &["add", "--all"]);
        self.run(&self.path(""), "git", &["commit", "--message=change"])
    }

    fn succeeds(&self, folder: &Path, program: &str, arguments: &[&str]) -> String {
        let output = self.run(folder, program, arguments);
        assert!(
            output.status.success(),
            "{program} {arguments:?}:\n{}",
            text(&output)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a program with the vmlint under test on the PATH, and with nothing of the git or
    /// pre-commit that may be running these tests.
    fn run(&self, folder: &Path, program: &str, arguments: &[&str]) -> Output {
        let vmlint = Path::new(env!("CARGO_BIN_EXE_vmlint"));
        let folders = vmlint.parent().map(Path::to_path_buf).into_iter();
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(folders.chain(env::split_paths(&path))).expect("a valid PATH");

        let mut command = Command::new(program);
        for (name, _) in env::vars_os() {
            let lossy = name.to_string_lossy();
            if lossy.starts_with("GIT_") || lossy.starts_with("PRE_COMMIT") || lossy == "SKIP" {
                command.env_remove(&name);
            }
        }
        command
            .args(arguments)
            .current_dir(folder)
            .env("PATH", path)
            .env("PRE_COMMIT_HOME", self.path("../pre-commit"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.path("../gitconfig"))
            .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
            .envs(
                ["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.org")),
            )
            .output()
            .unwrap_or_else(|error| panic!("{program}: {error}"))
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn pre_commit_is_installed() -> bool {
    let version = Command::new("pre-commit").arg("--version").output();
    let installed = version.is_ok_and(|output| output.status.success());
    if !installed {
        assert!(
            env::var_os("CI").is_none(),
            "pre-commit is not installed, and CI is set"
        );
        // Not `eprintln!`, which is swallowed when a test passes.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: pre-commit is not installed, no commit was tried"
        );
    }
    installed
}
