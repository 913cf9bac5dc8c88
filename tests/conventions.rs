//! What the project promises itself: rooms in one direction, short files, rules that read alike.

mod project;

use std::fs;

use project::{files_below, root};
use vmlint::facts::VOCABULARY;
use vmlint::rules::RuleSet;

/// The rooms, lowest first: a room uses only rooms above it in this list.
const ROOMS: [&str; 24] = [
    "source",
    "diagnostic",
    "discover",
    "yaml",
    "schedule",
    "model",
    "formats",
    "inventory",
    "facts",
    "rules",
    "settings",
    "verdict",
    "edit",
    "report",
    "view",
    "reading",
    "road",
    "lib",
    "mend",
    "example",
    "cli",
    "progress",
    "run",
    "main",
];

fn rank(room: &str) -> Option<usize> {
    ROOMS.iter().position(|it| *it == room)
}

#[test]
fn a_room_uses_only_rooms_before_it() {
    let src = root().join("src");
    let mut upward = Vec::new();
    for path in files_below(&src, "rs") {
        let relative = path.strip_prefix(&src).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs");
        let own = rank(room).unwrap_or_else(|| panic!("`{room}` is not in the list of rooms"));
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for (position, _) in code.match_indices("crate::") {
            let rest = &code[position + "crate::".len()..];
            let used: Vec<&str> = match rest.strip_prefix('{') {
                Some(list) => list
                    .split('}')
                    .next()
                    .unwrap()
                    .split(',')
                    .map(str::trim)
                    .collect(),
                None => vec![rest],
            };
            for used in used {
                let end = used.find(|c: char| !c.is_alphanumeric() && c != '_');
                let name = &used[..end.unwrap_or(used.len())];
                let other = match rank(name) {
                    Some(rank) => rank,
                    None => rank("lib").unwrap(),
                };
                if other > own {
                    upward.push(format!("{} uses {name}", relative.display()));
                }
            }
        }
    }
    assert!(upward.is_empty(), "{upward:#?}");
}

/// Rules are held against facts on several threads. One that waited for others while it derives a
/// fact would take up another rule, which may ask for the same fact, and wait for itself. Only what
/// is derived before any rule runs, in `mod.rs`, is derived on several.
#[test]
fn facts_are_derived_on_one_thread() {
    let files: Vec<_> = files_below(&root().join("src/facts"), "rs")
        .into_iter()
        .collect();
    assert!(files.len() > 30, "{files:?}");
    for path in files.iter().filter(|path| !path.ends_with("facts/mod.rs")) {
        let text = fs::read_to_string(path).unwrap();
        assert!(!text.contains("rayon"), "{}", path.display());
    }
}

#[test]
fn no_source_file_is_much_longer_than_500_lines() {
    for path in files_below(&root().join("src"), "rs") {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 550, "{} has {lines} lines", path.display());
    }
}

fn rules() -> RuleSet {
    match RuleSet::load(VOCABULARY, []) {
        Ok(rules) => rules,
        Err(invalid) => panic!("{:#?}", invalid.findings),
    }
}

#[test]
fn rules_read_alike() {
    for rule in rules().iter() {
        let id = &rule.id;
        assert!(rule.title.chars().count() <= 72, "{id}: the title is long");
        for (what, text) in [
            ("title", &rule.title),
            ("message", &rule.message),
            ("help", &rule.help),
        ] {
            assert!(
                !text.trim_end().ends_with('.'),
                "{id}: the {what} ends in a full stop"
            );
        }
        let upper = |text: &str| text.chars().next().is_some_and(char::is_uppercase);
        assert!(
            !upper(&rule.message),
            "{id}: the message starts with a capital"
        );
        assert!(!upper(&rule.help), "{id}: the help starts with a capital");
        assert!(rule.since.is_some(), "{id}: since when?");
        for reference in &rule.references {
            assert!(
                reference.url.starts_with("https://"),
                "{id}: {}",
                reference.url
            );
        }
    }
}

/// The names of the crates that `Cargo.toml` has in a section.
fn dependencies(manifest: &str, section: &str) -> Vec<String> {
    let mut sections = manifest.split("\n[");
    let title = format!("{section}]\n");
    let body = sections.find_map(|it| it.strip_prefix(&*title));
    let names = body
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_dependency_is_there_for_a_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let architecture = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let table = architecture.split("## Dependencies").nth(1).unwrap();
    let told: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(" |").next())
        .flat_map(|cell| cell.split(", "))
        .map(|name| name.split(' ').next().unwrap_or_default())
        .collect();
    for name in dependencies(&manifest, "dependencies") {
        assert!(
            told.contains(&&*name),
            "docs/architecture.md does not say what {name} is for"
        );
    }
    let for_tests = table.rsplit("For tests only:").next().unwrap();
    for name in dependencies(&manifest, "dev-dependencies") {
        assert!(
            for_tests.contains(&*name),
            "docs/architecture.md does not say what {name} is for"
        );
    }
}
