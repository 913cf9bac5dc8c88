//! Lists and maps in brackets that stand in one line.

use super::super::node::Style;
use super::super::tree::{Children, Shape};
use super::{Awaited, Scanner, word};

impl Scanner<'_> {
    /// A list or map in brackets that ends in its line; answers where.
    pub(super) fn brackets(&mut self, start: usize, dash: Option<usize>) -> Option<usize> {
        let (style, children) = (Style::Flow, Children::default());
        let is_sequence = self.byte(start)? == b'[';
        let (closing, shape) = match is_sequence {
            true => (b']', Shape::Sequence { style, children }),
            false => {
                let as_written = true;
                let shape = Shape::Mapping {
                    style,
                    children,
                    as_written,
                };
                (b'}', shape)
            }
        };
        self.awaited = Some(Awaited { dash, place: start });
        self.open(start, shape)?;
        let mut at = self.skip_spaces(start + 1);
        while self.byte(at)? != closing {
            at = match is_sequence {
                true => self.inside(at)?,
                false => self.pair(at)?,
            };
            at = self.skip_spaces(at);
            match self.byte(at)? {
                b',' => at = self.skip_spaces(at + 1),
                byte if byte == closing => {}
                _ => return None,
            }
            self.keep_within_limits()?;
        }
        self.cursor = at + 1;
        self.close();
        Some(at + 1)
    }

    /// A key with its value inside of braces.
    fn pair(&mut self, at: usize) -> Option<usize> {
        let key = word::read(&self.text[..self.stop], at, b",[]{}")?;
        let colon = key.span.end;
        if self.byte(colon)? != b':' || self.byte(colon + 1)? != b' ' {
            return None;
        }
        if colon - at > word::MAX_KEY || key.is_merge(self.text) {
            return None;
        }
        self.awaited = None;
        self.scalar(key);
        self.inside(self.skip_spaces(colon + 1))
    }

    /// A value or item inside of brackets; answers where it ends.
    fn inside(&mut self, at: usize) -> Option<usize> {
        if matches!(self.byte(at)?, b'[' | b'{') {
            return self.brackets(at, None);
        }
        let word = word::read(&self.text[..self.stop], at, b",[]{}")?;
        let end = word.span.end;
        self.awaited = None;
        self.scalar(word);
        Some(end)
    }
}
