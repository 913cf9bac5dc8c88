//! Lists the rule files of `rules/<topic>/<id>.yaml`, so that being in the folder is being built
//! in, and says of each what the program needs before it reads the file: its name, and the part of
//! it that is held against an estate. Tests compare that with what the reader of rule files says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The keys whose values decide whether something is found, and where.
const CONDITIONS: [&str; 7] = ["id", "severity", "for", "needs", "when", "deny", "at"];

/// The keys whose values only people read.
const FOR_READERS: [&str; 6] = [
    "since",
    "tags",
    "rationale",
    "references",
    "knownGaps",
    "examples",
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("rules");
    println!("cargo::rerun-if-changed=rules");
    let mut table = String::from("[\n");
    for topic in entries(&root)? {
        for file in entries(&topic)? {
            if file
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                let path = file.strip_prefix(&root).unwrap_or(&file);
                let path = path.to_string_lossy().replace('\\', "/");
                let text = fs::read_to_string(&file)?;
                let _ = writeln!(table, "    {},", entry(&path, &file, &text));
            }
        }
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("builtin_rules.rs"), table)
}

/// The `BuiltIn` of a rule file.
fn entry(path: &str, file: &Path, text: &str) -> String {
    let (folder, name) = path.split_once('/').unwrap_or(("", path));
    let id = name.strip_suffix(".yaml").unwrap_or(name);
    let topic = value(text, "topic").unwrap_or(folder);
    let relation = value(text, "for").and_then(|binding| binding.split_once(" in "));
    let relation = relation.map(|(_, relation)| relation.trim());
    let part = |wanted: fn(&str) -> bool| -> String {
        let sections = sections(text).into_iter();
        sections.filter(|section| wanted(key(section))).collect()
    };
    let conditions = part(|key| CONDITIONS.contains(&key));
    let logic = part(|key| !FOR_READERS.contains(&key));
    format!(
        "BuiltIn {{ id: {id:?}, topic: {topic:?}, relation: {relation:?}, path: {path:?}, \
         text: include_str!({file:?}), conditions: {conditions:?}, logic: {logic:?} }}"
    )
}

/// The text of a file, cut before every key at the start of a line.
fn sections(text: &str) -> Vec<&str> {
    let mut sections = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) && at > start {
            sections.push(&text[start..at]);
            start = at;
        }
        at += line.len();
    }
    sections.push(&text[start..]);
    sections
}

/// The key of a section.
fn key(section: &str) -> &str {
    section.split_once(':').map_or("", |(key, _)| key)
}

/// What is written behind a key, in its line.
fn value<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let mut lines = text.lines();
    let behind = |line: &'t str| line.strip_prefix(key)?.strip_prefix(':');
    lines.find_map(behind).map(str::trim)
}

/// What lies in a folder, in order; nothing when there is no such folder.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let paths = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}
