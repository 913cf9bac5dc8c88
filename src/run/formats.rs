//! `vmlint formats`.

use std::fmt::Write as _;

use serde_json::json;

use super::{Exit, Outside, Stop};
use crate::cli::FormatsArgs;
use crate::formats::{FORMATS, Format};

pub(super) fn run(args: &FormatsArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let text = match args.format.as_str() {
        "json" => json(),
        "markdown" => markdown(),
        _ => plain(),
    };
    outside.stdout.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn plain() -> String {
    let mut text = String::new();
    for format in FORMATS {
        let _ = writeln!(text, "{}: {}", format.name, format.title);
        for line in textwrap::wrap(format.recognised_by, 92) {
            let _ = writeln!(text, "  {line}");
        }
        let words = quoted(format.markers);
        if !words.is_empty() {
            let _ = writeln!(text, "  files with {words} are parsed");
        }
        let words = quoted(format.helpers);
        if !words.is_empty() {
            let _ = writeln!(text, "  beside such files also those with {words}");
        }
    }
    text.push_str(
        "Documents of other kinds, and files without any of these words, are passed over.\n",
    );
    text
}

/// The table of `docs/formats/README.md`.
fn markdown() -> String {
    let mut text =
        "| format | reads | recognised by | words that make vmlint parse a file |\n|---|---|---|---|\n"
            .to_owned();
    for format in FORMATS {
        let Format {
            name,
            title,
            recognised_by,
            ..
        } = format;
        let mut words = quoted(format.markers);
        if !format.helpers.is_empty() {
            let helpers = quoted(format.helpers);
            let before = if words.is_empty() { "" } else { "; " };
            let _ = write!(words, "{before}beside other files {helpers}");
        }
        let _ = writeln!(text, "| {name} | {title} | {recognised_by} | {words} |");
    }
    text
}

fn quoted(words: &[&str]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| format!("`{}`", word.trim()))
        .collect();
    words.join(", ")
}

fn json() -> String {
    let formats: Vec<_> = FORMATS
        .iter()
        .map(|format| {
            json!({
                "name": format.name,
                "title": format.title,
                "recognisedBy": format.recognised_by,
                "markers": format.markers,
                "helpers": format.helpers,
            })
        })
        .collect();
    format!("{:#}\n", json!({ "version": 1, "formats": formats }))
}
