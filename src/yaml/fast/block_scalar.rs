//! Block scalars: `|`, and `>` where folding it is only a matter of spaces.

use std::ops::Range;

use super::super::node::Style;
use super::Scanner;
use super::word::Word;

impl Scanner<'_> {
    /// A `|` or `>` with the lines below it; a `>` without paragraphs and lines indented further.
    pub(super) fn block_scalar(&mut self, at: usize) -> Option<()> {
        let style = match self.byte(at)? {
            b'|' => Style::Literal,
            _ => Style::Folded,
        };
        let mut end = at + 1;
        let is_stripped = self.byte(end) == Some(b'-');
        end += usize::from(is_stripped);
        self.end_of_line(end)?;
        let least = self.open.last()?.column + 1;
        let mut column = 0;
        let mut content: Range<usize> = 0..0;
        let mut cooked = String::new();
        let mut blank = 0;
        loop {
            let (line, stop, next) = (self.line, self.stop, self.next);
            if !self.next_line() {
                break;
            }
            let first = self.skip_spaces(self.line);
            let indent = first - self.line;
            if first == self.stop {
                if content.is_empty() || indent > column {
                    return None;
                }
                blank += 1;
                continue;
            }
            if content.is_empty() {
                column = indent;
                content = first..first;
            }
            if indent < column.max(least) {
                (self.line, self.stop, self.next) = (line, stop, next);
                break;
            }
            if style == Style::Folded && (blank > 0 || indent > column) {
                return None;
            }
            if content.start < first {
                cooked.push(if style == Style::Folded { ' ' } else { '\n' });
            }
            cooked.extend(std::iter::repeat_n('\n', std::mem::take(&mut blank)));
            cooked.push_str(&self.text[self.line + column..self.stop]);
            content.end = self.stop;
        }
        let is_last = !self.text[content.end..].starts_with(['\r', '\n']);
        let length = self.text[content.clone()].trim_end_matches(' ').len();
        if content.end == 0 || is_last || length != self.text[content.clone()].trim_end().len() {
            return None;
        }
        if !is_stripped {
            cooked.push('\n');
        }
        let span = at..content.start + length;
        self.scalar(Word {
            style,
            span,
            cooked: Some(cooked.into()),
        });
        Some(())
    }
}
