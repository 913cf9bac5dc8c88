//! The ways to install vmlint: what cannot run on this machine is at least held against the program.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files fails"
)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_yaml::Value as Yaml;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Files for services that build, as YAML.
const FILES: [&str; 6] = [
    ".github/workflows/release.yml",
    ".pre-commit-hooks.yaml",
    "action.yml",
    "contrib/azure/vmlint.yml",
    "contrib/gitlab/vmlint.gitlab-ci.yml",
    "contrib/pre-commit-mirror/.pre-commit-hooks.yaml",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn yaml(path: &str) -> Yaml {
    serde_yaml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn vmlint(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vmlint"));
    command
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap()
}

/// Every string of a document, with the key it stands behind.
fn strings(key: &str, node: &Yaml, visit: &mut dyn FnMut(&str, &str)) {
    match node {
        Yaml::String(text) => visit(key, text),
        Yaml::Sequence(items) => items.iter().for_each(|item| strings(key, item, visit)),
        Yaml::Mapping(entries) => {
            for (key, value) in entries {
                strings(key.as_str().unwrap_or_default(), value, visit);
            }
        }
        _ => {}
    }
}

#[test]
fn actions_are_pinned_and_scripts_get_no_text_from_outside() {
    for path in FILES {
        strings("", &yaml(path), &mut |key, text| {
            if key == "uses" {
                let (action, version) = text.split_once('@').unwrap();
                let major = version.rsplit('v').next().unwrap();
                let is_major = major.parse::<u32>().is_ok();
                assert!(
                    is_major,
                    "{path}: {action} is not pinned by its major version"
                );
            }
            if key == "run" || key == "bash" || key == "script" {
                assert!(
                    !text.contains("${{"),
                    "{path}: what is filled in becomes script: {text}"
                );
            }
        });
    }
}

#[test]
fn scripts_are_bash() {
    if cfg!(windows) {
        return;
    }
    for path in FILES {
        strings("", &yaml(path), &mut |key, text| {
            if key == "run" || key == "bash" || key == "script" {
                let mut bash = Command::new("bash");
                let output = bash.args(["-n", "-c", text]).output().unwrap();
                assert!(output.status.success(), "{path}: {text}\n{output:?}");
            }
        });
    }
}

#[test]
fn everything_installs_this_version() {
    let pinned = format!("vmlint=={VERSION}");
    for (path, part) in [
        (
            "contrib/pre-commit-mirror/pyproject.toml",
            format!("[\"{pinned}\"]"),
        ),
        (
            "contrib/pre-commit-mirror/README.md",
            format!("rev: v{VERSION}"),
        ),
        (
            "contrib/gitlab/vmlint.gitlab-ci.yml",
            format!("VMLINT_VERSION: \"{VERSION}\""),
        ),
        (
            "contrib/gitlab/vmlint.gitlab-ci.yml",
            format!("/v{VERSION}/contrib"),
        ),
        (
            "contrib/azure/vmlint.yml",
            format!("default: \"{VERSION}\""),
        ),
        ("action.yml", format!("default: \"{VERSION}\"")),
        ("pyproject.toml", "dynamic = [\"version\"]".to_owned()),
    ] {
        assert!(text(path).contains(&part), "{path} does not have {part}");
    }
}

#[test]
fn the_mirror_has_the_hooks_that_need_no_vmlint_on_the_path() {
    let hooks = |path: &str| -> Vec<Yaml> {
        let yaml = yaml(path);
        yaml.as_sequence().unwrap().clone()
    };
    let mut own = hooks(".pre-commit-hooks.yaml");
    own.retain(|hook| hook["language"] == "python");
    let mirrored = hooks("contrib/pre-commit-mirror/.pre-commit-hooks.yaml");
    assert_eq!(own, mirrored);
    assert_eq!(mirrored.len(), 2);
}

#[test]
fn what_the_files_call_exists() {
    for path in FILES.into_iter().chain(["Dockerfile"]) {
        let text = text(path);
        for line in text.lines() {
            let Some((_, arguments)) = line.split_once("vmlint check") else {
                continue;
            };
            let flags = arguments
                .split_whitespace()
                .filter(|it| it.starts_with("--") && it.len() > 2);
            let help = String::from_utf8(vmlint(&["check", "--help"]).stdout).unwrap();
            for flag in flags {
                assert!(help.contains(flag), "{path}: there is no {flag}");
            }
        }
    }
    let release = text(".github/workflows/release.yml");
    let pages = release
        .lines()
        .find_map(|line| line.trim().strip_prefix("for command in "));
    for command in pages.unwrap().trim_end_matches("; do").split(' ') {
        assert!(vmlint(&["man", command]).status.success(), "{command}");
    }
}

#[test]
fn shells_complete_and_readers_read() {
    let release = text(".github/workflows/release.yml");
    let shells = release
        .lines()
        .find_map(|line| line.trim().strip_prefix("for shell in "));
    for shell in shells.unwrap().trim_end_matches("; do").split(' ') {
        let output = vmlint(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            script.contains("--since") || script.contains("since"),
            "{shell}"
        );
        if shell == "bash" && !cfg!(windows) {
            let mut bash = Command::new("bash");
            let output = bash.args(["-n", "-c", &script]).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
    }
    let page = |arguments: &[&str]| String::from_utf8(vmlint(arguments).stdout).unwrap();
    let first = page(&["man"]);
    assert!(
        first.contains(".TH VMLINT 1") && first.contains("vmlint\\-check(1)"),
        "{first}"
    );
    let check = page(&["man", "check"]);
    assert!(
        check.contains(".TH VMLINT-CHECK 1") && check.contains("merge base"),
        "{check}"
    );
    let trouble = vmlint(&["man", "chek"]);
    assert_eq!(trouble.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&trouble.stderr).contains("did you mean `check`?"));
    assert_eq!(vmlint(&["completions", "tcsh"]).status.code(), Some(2));
}

/// What an archive of the sources must have for the wheel and the image to be built from it.
#[test]
fn the_image_is_built_from_all_that_it_needs() {
    let ignored = text(".dockerignore");
    for needed in [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "src",
        "rules",
        "schemas",
    ] {
        assert!(
            ignored.lines().any(|line| line == format!("!{needed}")),
            "{needed}"
        );
    }
    let toolchain = text("Cargo.toml");
    let oldest = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "));
    let oldest = oldest.unwrap().trim_matches('"');
    assert!(
        text("Dockerfile").contains(&format!("FROM rust:{oldest}-alpine")),
        "{oldest}"
    );
}
