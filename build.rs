//! Lists the rule files of `rules/<topic>/<id>.yaml`, so that being in the folder is being built
//! in. Of each it says what the program needs before it reads the file: its
//! name, and the part of it that is held against an estate, in a form that is read at once. Tests
//! compare that with what the reader of rule files says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The keys whose values decide whether something is found, and where.
const CONDITIONS: [&str; 7] = ["severity", "for", "formats", "needs", "when", "deny", "at"];

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
    let sections = sections(text);
    let of_key = |key: &&str| sections.iter().find(|section| self::key(section) == *key);
    let conditions: String = CONDITIONS.iter().filter_map(of_key).map(lines).collect();
    let of_change = conditions.contains(".base");
    let logic = sections.iter().copied();
    let logic: String = logic
        .filter(|section| !FOR_READERS.contains(&key(section)))
        .collect();
    format!(
        "BuiltIn {{ id: {id:?}, topic: {topic:?}, relation: {relation:?}, path: {path:?}, \
         text: include_str!({file:?}), of_change: {of_change}, conditions: {conditions:?}, logic: {logic:?} }}"
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

/// A section with a line for each text in it: the key, a blank, the text. Of YAML it knows what
/// conditions are written in: plain and quoted texts, folded ones, and lists between brackets.
fn lines(section: &&str) -> String {
    let (key, rest) = section.split_once(':').unwrap_or((section, ""));
    let (first, _) = rest.split_once('\n').unwrap_or((rest, ""));
    let folded = match first.trim() {
        ">-" => rest.split_once('\n').map_or("", |(_, folded)| folded),
        _ => rest,
    };
    let whole: Vec<&str> = folded.lines().map(str::trim).collect();
    let whole = whole.join(" ");
    let list = whole.trim().strip_prefix('[');
    let list = list.and_then(|list| list.strip_suffix(']'));
    let items = list.map_or(vec![whole.trim()], |list| list.split(',').collect());
    let text = |item: &str| {
        let quoted = item.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        match folded == rest {
            true => quoted.unwrap_or(item).to_owned(),
            false => item.to_owned(),
        }
    };
    let items = items.into_iter().map(|item| text(item.trim()));
    items.map(|item| format!("{key} {item}\n")).collect()
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
