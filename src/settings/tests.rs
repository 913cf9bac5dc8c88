use std::collections::HashMap;
use std::path::Path;

use super::*;
use crate::diagnostic::Severity;

/// Loads `/repo/.vmlint.yaml` from texts by path; the repository is `/repo`.
fn load(files: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let files: HashMap<&str, &str> = files.iter().copied().collect();
    let read = |path: &Path| {
        let text = files.get(path.to_str().unwrap());
        let text = text.ok_or("it does not exist")?;
        Ok(text.as_bytes().to_vec())
    };
    let access = Access {
        read: &read,
        working_directory: Path::new("/repo"),
        boundary: Some(Path::new("/repo")),
    };
    Settings::load(Path::new("/repo/.vmlint.yaml"), &access).map_err(|invalid| {
        let shown = invalid.findings.iter().map(|finding| {
            let file = invalid.sources.get(finding.location.file);
            let at = file.position(finding.location.span.start);
            let help = finding.help.as_deref().unwrap_or("-");
            let path = file.path();
            format!(
                "{path}:{}:{}: {} ({help})",
                at.line, at.column, finding.message
            )
        });
        shown.collect()
    })
}

fn load_one(text: &str) -> Result<Settings, Vec<String>> {
    load(&[("/repo/.vmlint.yaml", text)])
}

fn texts(globs: &[Said<Glob>]) -> Vec<&str> {
    globs.iter().map(|glob| glob.value.as_str()).collect()
}

#[test]
fn what_the_documentation_shows_is_read() {
    let settings = load_one(
        "\
scopes: [\"clusters/*\"]
assume: { backupDuration: 1h }
exclude: [\"**/rendered/**\"]
rules: { saved-state-backup: error, schedule: off, recovery: false, no-backup: { level: warning, exclude: [\"lab/**\"] } }
overrides: [{ paths: [\"lab/**\"], rules: { no-backup: off } }]
rulePacks: [policies]
waivers: [{ rule: cross-vendor-move, resource: MigrationPlan/retire-old-hosts,
            reason: \"moved offline by hand\", owner: infra, expires: 2027-01-31 }]
",
    )
    .unwrap();
    assert_eq!(settings.backup_duration().unwrap().value, 3600);
    assert!(settings.excludes("a/rendered/b.yaml"));
    let levels = settings.rules().iter();
    let levels: Vec<_> = levels
        .map(|it| (&*it.name.value, it.level.as_ref().unwrap().value))
        .collect();
    assert_eq!(
        levels,
        [
            ("saved-state-backup", Level::Severity(Severity::Error)),
            ("schedule", Level::Off),
            ("recovery", Level::Off),
            ("no-backup", Level::Severity(Severity::Warning)),
        ]
    );
    let [waiver] = settings.waivers() else {
        panic!()
    };
    assert_eq!(
        (waiver.kind, &*waiver.name),
        (Kind::MigrationPlan, "retire-old-hosts")
    );
    assert_eq!(settings.packs()[0].1, Path::new("/repo/policies"));
}

#[test]
fn empty_settings_set_nothing() {
    for text in ["", "# nothing yet\n", "{}", "---\n"] {
        let settings = load_one(text).unwrap();
        assert!(settings.rules().is_empty() && settings.scopes().is_empty());
    }
}

#[test]
fn mistakes_have_a_place_and_a_way_out() {
    let errors = |text: &str| load_one(text).unwrap_err().join("\n");
    for (text, wanted) in [
        (
            "overides: []",
            ".vmlint.yaml:1:1: unknown key `overides` (did you mean `overrides`?)",
        ),
        (
            "rules: { no-backup: eror }",
            ".vmlint.yaml:1:21: `eror` is no level (did you mean `error`?)",
        ),
        (
            "rules: [no-backup]",
            ".vmlint.yaml:1:1: `rules` maps rules and topics to levels (write `rule: level`, one a line)",
        ),
        (
            "exclude: lab",
            ".vmlint.yaml:1:10: `exclude` is a list (write `exclude: […]`, or one item a line behind `- `)",
        ),
        (
            "exclude: [/lab]",
            ".vmlint.yaml:1:11: this glob starts at the root of the disk (leave out the leading `/`: globs count from the folder of the settings)",
        ),
        ("assume: { backupDuration: 1 hour }", ".vmlint.yaml:1:27: "),
        (
            "waivers:\n  - { rule: a, resource: Hosts/a, owner: o, expires: 2027-1-1 }",
            ".vmlint.yaml:2:7: this waiver gives no `reason` (-)",
        ),
        (
            "waivers:\n  - { rule: a, resource: Hots/a, reason: r, owner: o, expires: 2027-01-01 }",
            ".vmlint.yaml:2:26: there is no kind `Hots` (did you mean `Host`?)",
        ),
        (
            "waivers:\n  - { rule: a, resource: Host/a, reason: r, owner: o, expires: never }",
            ".vmlint.yaml:2:64: `never` is no date (write it as 2027-01-31)",
        ),
        ("a: 1\na: 2", "unknown key `a`"),
        ("rules: {}\nrules: {}", ".vmlint.yaml:2:1: "),
        ("a: [", ".vmlint.yaml:1:"),
        ("- a", ".vmlint.yaml:1:1: this is no mapping"),
        ("rules: {}\n---\nrules: {}", "settings are one document"),
    ] {
        let found = errors(text);
        assert!(found.contains(wanted), "{text}:\n{found}\nlacks {wanted}");
    }
}

#[test]
fn maps_are_merged_and_lists_replaced() {
    let settings = load(&[
        (
            "/repo/.vmlint.yaml",
            "\
extends: shared/base.yaml
exclude: [b]
rules: { one: info, two: { level: error }, four: error }
",
        ),
        (
            "/repo/shared/base.yaml",
            "\
exclude: [a, c]
scopes: [s]
rulePacks: [packs]
assume: { backupDuration: 2h }
rules:
  one: { level: error, exclude: [x] }
  two: { level: warning, exclude: [y] }
  three: off
",
        ),
    ])
    .unwrap();
    assert_eq!(texts(settings.exclude()), ["b"]);
    assert_eq!(texts(settings.scopes()), ["s"]);
    assert_eq!(settings.backup_duration().unwrap().value, 7200);
    assert_eq!(settings.packs()[0].1, Path::new("/repo/shared/packs"));
    let shown = settings.rules().iter().map(|it| {
        let level = it.level.as_ref().unwrap().value;
        let exclude: Vec<_> = it.excluded().map(|glob| glob.value.as_str()).collect();
        let file = settings.sources().get(it.name.at.file).path();
        format!("{} {level} {exclude:?} {file}", it.name.value)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            "one info [] .vmlint.yaml",
            "two error [\"y\"] .vmlint.yaml",
            "three off [] shared/base.yaml",
            "four error [] .vmlint.yaml",
        ]
    );
}

#[test]
fn what_settings_name_stays_in_the_repository() {
    let errors = |files: &[(&str, &str)]| load(files).unwrap_err().join("\n");
    let own = |text| [("/repo/.vmlint.yaml", text)];
    let text = errors(&own("extends: a/../.vmlint.yaml"));
    assert!(text.starts_with(".vmlint.yaml:1:10: these settings extend themselves"));
    let text = errors(&own("extends: none.yaml"));
    assert!(text.starts_with(".vmlint.yaml:1:10: cannot read `none.yaml`: it does not exist"));
    let text = errors(&own("extends: ../../etc/passwd"));
    assert!(text.starts_with(".vmlint.yaml:1:10: these settings lie outside of the repository"));
    let text = errors(&own("rulePacks: [policies, ../policies]"));
    assert!(text.starts_with(".vmlint.yaml:1:23: this folder lies outside of the repository"));
    let text = errors(&[
        ("/repo/.vmlint.yaml", "extends: b.yaml"),
        ("/repo/b.yaml", "extends: c.yaml"),
        ("/repo/c.yaml", "extends: b.yaml"),
    ]);
    assert!(text.starts_with("c.yaml:1:10: these settings extend themselves"));
}

#[test]
fn hostile_settings_are_refused() {
    let deep = "[".repeat(50_000);
    let wide = format!("exclude: [{}]", "a, ".repeat(1 << 20));
    for text in [&*deep, &*wide, "\u{0}\u{1}", "rules: &a { x: *a }"] {
        assert!(load_one(text).is_err());
    }
}

#[test]
fn the_innermost_folder_that_matches_is_the_scope() {
    let settings = load_one("scopes: [\"clusters/*\", \"clusters/*/lab\"]").unwrap();
    assert_eq!(settings.scope("clusters/a/hosts/h.yaml"), "clusters/a");
    assert_eq!(settings.scope("clusters/a/lab/h.yaml"), "clusters/a/lab");
    assert_eq!(settings.scope("clusters/h.yaml"), "");
    assert_eq!(settings.scope("shared/h.yaml"), "");
}
