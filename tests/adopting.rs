//! `docs/adopting.md`: its commands, in their order, in a repository with the example estate.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its repository fails"
)]

mod project;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The commands of the page, with the exit code that each is to have.
fn commands(page: &str) -> Vec<(String, i32)> {
    let blocks = page.split("```console\n").skip(1);
    let lines = blocks.flat_map(|block| block.split("```").next().unwrap().lines());
    let commands = lines.filter_map(|line| line.strip_prefix("$ "));
    commands
        .map(|command| match command.split_once("  # exit code ") {
            Some((command, code)) => (command.to_owned(), code.parse().unwrap()),
            None => (command.to_owned(), 0),
        })
        .collect()
}

fn run(folder: &Path, command: &str) -> Output {
    let vmlint = Path::new(env!("CARGO_BIN_EXE_vmlint")).parent().unwrap();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(
        std::iter::once(vmlint.to_owned()).chain(std::env::split_paths(&path)),
    );
    let mut shell = Command::new("sh");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            shell.env_remove(&name);
        }
    }
    shell
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path.unwrap())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", folder.join("../gitconfig"))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_NAME"), "Ada")))
        .envs(["AUTHOR", "COMMITTER"].map(|who| (format!("GIT_{who}_EMAIL"), "ada@example.org")))
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The hook of pre-commit that `vmlint init` wrote, as a command.
fn hook(folder: &Path) -> String {
    let text = fs::read_to_string(folder.join(".pre-commit-config.yaml")).unwrap();
    let config: serde_json::Value = serde_yaml::from_str(&text).unwrap();
    let hook = &config["repos"][0]["hooks"][0];
    hook["entry"].as_str().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn the_page_does_what_it_says() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("repository");
    let example = project::root().join("examples/estate");
    for path in project::files_below(&example, "yaml") {
        let copy = folder.join(path.strip_prefix(&example).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&path, copy).unwrap();
    }
    fs::write(temp.path().join("gitconfig"), "").unwrap();
    assert!(run(&folder, "git init --quiet").status.success());
    let page = fs::read_to_string(project::root().join("docs/adopting.md")).unwrap();
    let commands = commands(&page);
    assert!(commands.len() >= 10, "{commands:?}");
    for (command, code) in &commands {
        // These need a network, or the hook that is tried below.
        if command.starts_with("pip ") || command.starts_with("pre-commit ") {
            continue;
        }
        let output = run(&folder, command);
        assert_eq!(
            output.status.code(),
            Some(*code),
            "{command}\n{}",
            said(&output)
        );
    }

    // What was written is accepted by the schema too.
    let schema = jsonschema::validator_for(&vmlint::settings::schema()).unwrap();
    let text = fs::read_to_string(folder.join(".vmlint.yaml")).unwrap();
    let settings = serde_yaml::from_str(&text).unwrap();
    assert_eq!(
        schema.validate(&settings).err().map(|it| it.to_string()),
        None
    );
    for path in [".github/workflows/vmlint.yml", ".pre-commit-config.yaml"] {
        let text = fs::read_to_string(folder.join(path)).unwrap();
        assert!(
            text.contains("vmlint check --baseline .vmlint-baseline.jsonl\n"),
            "{text}"
        );
        assert!(
            !text.contains("VERSION") && !text.contains("BASELINE"),
            "{text}"
        );
    }

    // From now on: what is there passes, what is new does not, and a baseline that is rewritten is
    // the same to the byte.
    let hook = hook(&folder);
    let output = run(&folder, &hook);
    assert!(output.status.success(), "{}", said(&output));
    let plan = "apiVersion: vmlint.dev/v1\nkind: MigrationPlan\nmetadata: { name: one-more }\n\
                spec: { moves: [{ vm: sql01, to: hv04 }] }\n";
    fs::write(folder.join("plans/one-more.yaml"), plan).unwrap();
    let output = run(&folder, &hook);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = said(&output);
    assert!(
        text.contains("plans/one-more.yaml:4:") && text.contains("cross-vendor-move"),
        "{text}"
    );
    let new = text
        .lines()
        .filter(|line| line.contains("plans/retire-hv01.yaml:20:"));
    assert_eq!(new.count(), 0, "{text}");
    fs::remove_file(folder.join("plans/one-more.yaml")).unwrap();
    let before = fs::read(folder.join(".vmlint-baseline.jsonl")).unwrap();
    run(
        &folder,
        "vmlint check --write-baseline .vmlint-baseline.jsonl --jobs 1",
    );
    assert_eq!(
        fs::read(folder.join(".vmlint-baseline.jsonl")).unwrap(),
        before
    );
}
