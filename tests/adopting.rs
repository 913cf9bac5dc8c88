//! `docs/adopting.md`: its commands, in their order, in a repository with the example estate. And the
//! settings that `docs/settings.md` and `vmlint init` show.

#![cfg(unix)]
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

/// Whether settings are accepted by the schema; the program says so itself.
fn fits_the_schema(text: &str) -> bool {
    let schema = jsonschema::validator_for(&vmlint::settings::schema()).unwrap();
    let settings = serde_yaml::from_str(text).unwrap();
    match schema.validate(&settings) {
        Ok(()) => true,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_settings_of_the_page_about_them_are_settings() {
    let page = fs::read_to_string(project::root().join("docs/settings.md")).unwrap();
    let (_, rest) = page.split_once("```yaml\n").unwrap();
    let text = rest.split("```").next().unwrap();
    assert!(fits_the_schema(text));
    let own = text.replace("extends:", "#");
    let settings = vmlint::settings::Settings::of_example(&own).unwrap();
    assert_eq!(settings.waivers().len(), 1);
    assert_eq!(settings.overrides().len(), 1);
    assert_eq!(settings.backup_duration().unwrap().value, 3600);
}

/// A git repository with the example estate, `repository` in the folder that is given.
fn repository() -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("repository");
    let example = project::root().join("examples/estate");
    for path in project::files_below(&example, "yaml") {
        let copy = folder.join(path.strip_prefix(&example).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&path, copy).unwrap();
    }
    fs::write(temp.path().join("gitconfig"), "").unwrap();
    succeeds(&folder, "git init --quiet --initial-branch main");
    temp
}

fn succeeds(folder: &Path, command: &str) {
    let output = run(folder, command);
    assert!(output.status.success(), "{command}\n{}", said(&output));
}

#[test]
fn baselines_of_two_branches_merge_by_themselves() {
    let temp = repository();
    let folder = temp.path().join("repository");
    let record = "vmlint check --write-baseline .vmlint-baseline.jsonl";
    let commit = "git add . && git commit --quiet --message change";
    fs::write(
        folder.join(".gitattributes"),
        ".vmlint-baseline.jsonl merge=union\n",
    )
    .unwrap();
    succeeds(&folder, record);
    succeeds(&folder, commit);
    for branch in ["one", "two"] {
        succeeds(&folder, &format!("git checkout --quiet -b {branch} main"));
        let plan = format!(
            "apiVersion: vmlint.dev/v1\nkind: MigrationPlan\nmetadata: {{ name: {branch} }}\n\
             spec: {{ moves: [{{ vm: sql01, to: hv04 }}] }}\n"
        );
        fs::write(folder.join(format!("plans/new-{branch}.yaml")), plan).unwrap();
        succeeds(&folder, record);
        succeeds(&folder, commit);
    }
    succeeds(&folder, "git merge --quiet --no-edit one");
    let output = run(&folder, "vmlint check --baseline .vmlint-baseline.jsonl");
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("stale"), "{}", said(&output));
}

#[test]
fn the_page_does_what_it_says() {
    let temp = repository();
    let folder = temp.path().join("repository");
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

    // What was written is accepted by the schema, and names the baseline.
    let text = fs::read_to_string(folder.join(".vmlint.yaml")).unwrap();
    assert!(fits_the_schema(&text));
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

    // So do the other templates.
    succeeds(&folder, "vmlint init --gitlab --azure");
    for path in [
        ".gitlab-ci.yml",
        "azure-pipelines.yml",
        ".github/workflows/vmlint.yml",
    ] {
        let text = fs::read_to_string(folder.join(path)).unwrap();
        let parsed: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert!(parsed.is_object() && text.contains("vmlint==0."), "{text}");
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
