//! A page as Markdown, as in `docs/rules`.

use std::fmt::Write as _;

use super::page::Block;

pub(super) fn text(page: &[Block]) -> String {
    let mut text = String::new();
    for block in page {
        match block {
            Block::Title { id, title } => {
                let _ = writeln!(text, "# {id}\n\n**{title}**\n");
            }
            Block::Note(note) => {
                let _ = writeln!(text, "{note}\n");
            }
            Block::Text(body) => {
                let _ = writeln!(text, "{body}\n");
            }
            Block::Heading(heading) => {
                text.truncate(text.trim_end().len());
                let _ = writeln!(text, "\n\n## {heading}\n");
            }
            Block::Subheading(name) => {
                let _ = writeln!(text, "### {name}\n");
            }
            Block::Item(item) => {
                let _ = writeln!(text, "- {item}");
            }
            Block::Source { path, text: file } => {
                let _ = writeln!(text, "```yaml\n# {path}\n{}\n```\n", file.trim_end());
            }
            Block::Output(output) => {
                let _ = writeln!(text, "```text\n{output}\n```\n");
            }
            Block::Link { title, url } => {
                let _ = writeln!(text, "- [{title}]({url})");
            }
        }
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}
