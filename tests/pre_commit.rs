//! Commits through the real pre-commit, with the hooks that this repository offers.
//!
//! Where pre-commit is not installed the tests say so and pass; with `CI` set they fail.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

const HOOKS: &str = include_str!("../.pre-commit-hooks.yaml");
const MIRROR: &str = include_str!("../contrib/pre-commit-mirror/.pre-commit-hooks.yaml");

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

/// Builds the wheel twice: as pre-commit does it in its clone, and for the mirror to depend on.
#[test]
fn every_hook_can_be_tried_from_a_clean_clone_and_from_the_mirror() {
    if !is_installed("pre-commit") || !is_installed("maturin") {
        return;
    }
    let estate = Estate::empty();
    estate.write("hosts.yaml", HOSTS);
    estate.write("hosts/hv03.yaml", HV03);
    estate.write("vms/sql01.yaml", &sql01(true, 4));
    estate.succeeds(&estate.path(""), "git", &["init", "--quiet"]);
    estate.succeeds(&estate.path(""), "git", &["add", "--all"]);

    let clone = estate.path("../clone");
    copy(&root(), &clone);
    estate.commits_all(&clone);
    let built = root().join("target/wheel");
    let quick = r#"--profile dev --config 'profile.dev.debug=false' --config 'profile.dev.package."*".opt-level=0'"#;
    let environment = [
        ("CARGO_TARGET_DIR", built.as_os_str()),
        ("MATURIN_PEP517_ARGS", quick.as_ref()),
    ];
    let tried = estate.tries(&clone, &environment);
    assert_eq!(tried, hooks(HOOKS));

    let wheels = estate.path("../wheels");
    let arguments = ["wheel", "--quiet", "--no-deps", "--wheel-dir"];
    let mut pip = estate.command(&clone, "python3", &["-m", "pip"]);
    let output = pip
        .args(arguments)
        .arg(&wheels)
        .arg(".")
        .envs(environment)
        .output();
    let output = output.expect("python3 runs");
    assert!(output.status.success(), "{}", text(&output));
    let mirror = estate.path("../mirror");
    copy(&root().join("contrib/pre-commit-mirror"), &mirror);
    estate.commits_all(&mirror);
    let path = env::var_os("PATH").unwrap_or_default();
    let tried = estate.tries(
        &mirror,
        &[("PIP_FIND_LINKS", wheels.as_os_str()), ("PATH", &path)],
    );
    assert_eq!(tried, hooks(MIRROR));
    forget_clones(&built);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The ids of hooks, in the order in which they are tried.
fn hooks(text: &str) -> Vec<String> {
    let ids = text.lines().filter_map(|line| line.strip_prefix("- id: "));
    let mut ids: Vec<_> = ids.map(str::to_owned).collect();
    ids.sort();
    ids
}

/// Copies what git would have of a folder.
fn copy(from: &Path, to: &Path) {
    let walk = ignore::WalkBuilder::new(from)
        .hidden(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry.expect("the project is readable");
        let path = to.join(entry.path().strip_prefix(from).expect("below the folder"));
        if entry.path().is_dir() {
            fs::create_dir_all(path).expect("the temporary folder is writable");
        } else {
            fs::copy(entry.path(), path).expect("the temporary folder is writable");
        }
    }
}

/// Removes what was built of vmlint itself: every clone has a path of its own, and leaves its own.
fn forget_clones(built: &Path) {
    for folder in ["deps", "build", "incremental", ".fingerprint"] {
        let entries = fs::read_dir(built.join("debug").join(folder));
        for entry in entries.into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains("vmlint") {
                let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
            }
        }
    }
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
        if !is_installed("pre-commit") {
            return None;
        }
        let estate = Estate::empty();

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

    fn empty() -> Self {
        let estate = Estate {
            temp: TempDir::new().expect("a temporary folder"),
        };
        estate.write("../gitconfig", "");
        estate
    }

    /// Makes a folder a repository with one commit.
    fn commits_all(&self, folder: &Path) {
        self.succeeds(folder, "git", &["init", "--quiet"]);
        self.succeeds(folder, "git", &["add", "--all"]);
        self.succeeds(folder, "git", &["commit", "--quiet", "--message=all"]);
    }

    /// Tries all hooks of a repository, which have to pass; hands out their ids.
    fn tries(&self, hooks: &Path, environment: &[(&str, &OsStr)]) -> Vec<String> {
        let hooks = hooks.to_string_lossy();
        let arguments = [
            "try-repo",
            &hooks,
            "--all-files",
            "--verbose",
            "--color=never",
        ];
        let mut command = self.command(&self.path(""), "pre-commit", &arguments);
        let output = command.envs(environment.iter().copied()).output();
        let output = output.expect("pre-commit runs");
        let said = text(&output);
        assert!(output.status.success(), "{said}");
        let ids: Vec<_> = said
            .lines()
            .filter_map(|line| line.strip_prefix("- hook id: "))
            .map(str::to_owned)
            .collect();
        assert_eq!(said.matches("Passed").count(), ids.len(), "{said}");
        assert_eq!(said.matches("no findings in").count(), ids.len(), "{said}");
        ids
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

    fn run(&self, folder: &Path, program: &str, arguments: &[&str]) -> Output {
        let output = self.command(folder, program, arguments).output();
        output.unwrap_or_else(|error| panic!("{program}: {error}"))
    }

    /// A program with the vmlint under test on the PATH, and with nothing of the git or pre-commit
    /// that may be running these tests.
    fn command(&self, folder: &Path, program: &str, arguments: &[&str]) -> Command {
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
            );
        command
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn is_installed(program: &str) -> bool {
    let version = Command::new(program).arg("--version").output();
    let installed = version.is_ok_and(|output| output.status.success());
    if !installed {
        assert!(
            env::var_os("CI").is_none(),
            "{program} is not installed, and CI is set"
        );
        // Not `eprintln!`, which is swallowed when a test passes.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: {program} is not installed, no hook was tried"
        );
    }
    installed
}
