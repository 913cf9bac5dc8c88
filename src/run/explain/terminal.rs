//! A page for a terminal.

use std::fmt::Write as _;

use super::page::Block;

pub(super) fn text(page: &[Block]) -> String {
    let mut text = String::new();
    for block in page {
        match block {
            Block::Title { id, title } => {
                let _ = writeln!(text, "{id}: {title}");
            }
            Block::Note(note) => {
                let _ = writeln!(text, "{note}\n");
            }
            Block::Text(body) => body.lines().for_each(|line| {
                let _ = writeln!(text, "{line}");
            }),
            Block::Heading(heading) => {
                let _ = writeln!(text, "\n{heading}");
            }
            Block::Subheading(name) => {
                let _ = writeln!(text, "\n  {name}");
            }
            Block::Item(item) => {
                let _ = writeln!(text, "  - {item}");
            }
            Block::Source { path, text: file } => {
                let _ = writeln!(text, "\n    # {path}");
                for line in file.lines() {
                    let _ = writeln!(text, "    {line}");
                }
            }
            Block::Output(output) => {
                let _ = writeln!(text, "\n{output}");
            }
            Block::Link { title, url } => {
                let _ = writeln!(text, "  {title}\n    {url}");
            }
        }
    }
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}
