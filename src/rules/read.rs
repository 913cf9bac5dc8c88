//! Reads the YAML of rule files and settings field by field, and notes what is wrong with it.

use crate::diagnostic::{Finding, Severity, shortened};
use crate::source::{FileId, Location, Span};
use crate::yaml::{Node, Value};

use super::expr::did_you_mean;

/// The rule that reports broken rule files.
pub const INVALID_RULE: &str = "invalid-rule";

/// A scalar of a rule file or of settings, and where it stands; empty where it is missing.
#[derive(Clone, Default, Debug)]
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl Written {
    /// Where a part of the text stands in the file: the part itself where the scalar is written
    /// as it reads, else the whole scalar.
    pub(super) fn locate(&self, part: Span, file: &str) -> Span {
        let raw = file.get(self.span.range()).unwrap_or_default();
        let offset = |at: u32| aligned(&self.text, raw, at as usize);
        let part = Span::new(part.start as usize, part.end.max(part.start + 1) as usize);
        match (offset(part.start), offset(part.end - 1)) {
            (Some(first), Some(last)) => {
                let start = self.span.start as usize;
                Span::new(start + first, start + last + 1)
            }
            _ => self.span,
        }
    }
}

/// The offset in `raw` of the byte `at` of `text`, when `raw` is `text` but for what surrounds it
/// and for how its blanks are written.
fn aligned(text: &str, raw: &str, at: usize) -> Option<usize> {
    let (text, source) = (text.as_bytes(), raw.as_bytes());
    let mut from = match source.first()? {
        b'"' | b'\'' => 1,
        b'|' | b'>' => raw.find('\n')? + 1,
        _ => 0,
    };
    let mut read = 0;
    loop {
        while source.get(from).is_some_and(u8::is_ascii_whitespace)
            && text.get(read) != source.get(from)
        {
            from += 1;
        }
        let byte = *text.get(read)?;
        if Some(&byte) == source.get(from) {
            if read == at {
                return Some(from);
            }
            from += 1;
        } else if byte.is_ascii_whitespace() {
            if read == at {
                return Some(from.saturating_sub(1));
            }
        } else {
            return None;
        }
        read += 1;
    }
}

/// How many parts a list in a rule file may have, and a text of one placeholders.
pub(super) const MAX_PARTS: usize = 256;

/// Collects what is wrong while a file is read.
pub(crate) struct Reader<'s> {
    pub(crate) file: FileId,
    /// The text of the file.
    pub(crate) text: &'s str,
    /// What reports call a mistake in it.
    pub(crate) rule: &'static str,
    pub(crate) findings: Vec<Finding>,
}

impl Reader<'_> {
    pub(crate) fn error(&mut self, span: Span, message: impl Into<String>) -> &mut Finding {
        let location = Location {
            file: self.file,
            span,
        };
        let index = self.findings.len();
        let finding = Finding::new(self.rule, Severity::Error, location, message);
        self.findings.push(finding);
        &mut self.findings[index]
    }

    /// A mapping with none but the known keys.
    pub(crate) fn mapping<'t>(&mut self, node: Node<'t>, keys: &[&str]) -> Option<Node<'t>> {
        if !matches!(node.value(), Value::Mapping(_)) {
            self.error(node.place().span, "this is no mapping");
            return None;
        }
        for entry in node.entries() {
            let key = entry.key.text().unwrap_or_default();
            if !keys.contains(&key) {
                let help = did_you_mean(key, keys.iter().copied());
                let message = format!("unknown key `{}`", shortened(key));
                self.error(entry.key.place().span, message).help = help;
            }
        }
        Some(node)
    }

    /// A scalar that is not empty.
    pub(crate) fn scalar(&mut self, node: Node<'_>) -> Option<Written> {
        match node.text() {
            Some(text) if !text.trim().is_empty() => {
                self.refuse_properties(node);
                Some(Written {
                    text: text.to_owned(),
                    span: node.span(),
                })
            }
            _ => {
                self.error(node.place().span, "here belongs a text");
                None
            }
        }
    }

    /// Refuses a tag or an anchor before a scalar: `!vm.off && vm.on` is the text `vm.on` to YAML.
    fn refuse_properties(&mut self, node: Node<'_>) {
        let start = node.span().start as usize;
        let before = self.text.get(..start).unwrap_or_default().trim_end();
        let word = before.len() - before.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let at = before.len() - word;
        let (what, sign) = match before.get(at..) {
            Some(word) if word.starts_with('!') => ("a tag", '!'),
            Some(word) if word.starts_with('&') => ("an anchor", '&'),
            _ => return,
        };
        let message = format!("YAML takes this for {what}, and leaves it out of the text");
        let help = format!("put a text that starts with `{sign}` in quotes, or behind `>-`");
        self.error(Span::new(at, before.len()), message).help = Some(help);
    }

    /// The scalar behind a key, if it is there.
    pub(crate) fn optional(&mut self, of: Node<'_>, key: &str) -> Option<Written> {
        let entry = of.get(key)?;
        if entry.value.is_null() || entry.value.text() == Some("") {
            let help = "a text that starts with `!`, `[`, `{` or `&` stands in quotes";
            self.error(entry.key.place().span, format!("`{key}` is empty"))
                .help = Some(help.to_owned());
            return None;
        }
        self.scalar(entry.value)
    }

    /// The scalar behind a key, which must be there.
    pub(crate) fn required(&mut self, of: Node<'_>, key: &str) -> Option<Written> {
        if of.get(key).is_none() {
            let start = of.place().span.start as usize;
            self.error(Span::new(start, start), format!("`{key}` is missing"));
            return None;
        }
        self.optional(of, key)
    }

    /// The nodes behind a key: a list, or one alone.
    pub(crate) fn several<'t>(&mut self, of: Node<'t>, key: &str) -> Vec<Node<'t>> {
        match of.get(key) {
            None => Vec::new(),
            Some(entry) => match entry.value.value() {
                Value::Sequence(items) if items.len() > MAX_PARTS => {
                    let message = format!("`{key}` has more than {MAX_PARTS} parts");
                    self.error(entry.key.place().span, message);
                    Vec::new()
                }
                Value::Sequence(items) => items.collect(),
                Value::Null => Vec::new(),
                _ => vec![entry.value],
            },
        }
    }

    /// The scalars behind a key: a list, or one alone.
    pub(crate) fn scalars(&mut self, of: Node<'_>, key: &str) -> Vec<Written> {
        let nodes = self.several(of, key);
        nodes
            .into_iter()
            .filter_map(|node| self.scalar(node))
            .collect()
    }

    /// A severity behind a key, which must be there.
    pub(crate) fn severity(&mut self, of: Node<'_>) -> Option<Severity> {
        let written = self.required(of, "severity")?;
        let severity = Severity::parse(&written.text);
        if severity.is_none() {
            let message = format!("`{}` is no severity", written.text);
            let words = Severity::ALL.map(Severity::as_str);
            let help = did_you_mean(&written.text, words)
                .unwrap_or_else(|| "write `error`, `warning` or `info`".to_owned());
            self.error(written.span, message).help = Some(help);
        }
        severity
    }

    /// A boolean behind a key, false where there is none.
    pub(crate) fn flag(&mut self, of: Node<'_>, key: &str) -> bool {
        match of.get(key).map(|entry| (entry.value.value(), entry)) {
            None => false,
            Some((Value::Bool(flag), _)) => flag,
            Some((_, entry)) => {
                let message = format!("`{key}` is `true` or `false`");
                self.error(entry.value.place().span, message);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn located(raw: &str, text: &str, part: &str) -> String {
        let file = format!("deny: {raw}\nat: x\n");
        let written = Written {
            text: text.to_owned(),
            span: Span::new(6, 6 + raw.len()),
        };
        let start = text.find(part).unwrap();
        let span = written.locate(Span::new(start, start + part.len()), &file);
        file[span.range()].to_owned()
    }

    #[test]
    fn a_part_of_a_scalar_is_found_however_it_is_written() {
        assert_eq!(located("a && b", "a && b", "b"), "b");
        assert_eq!(located("\"a && b\"", "a && b", "b"), "b");
        assert_eq!(located("'a == \"b\"'", "a == \"b\"", "\"b\""), "\"b\"");
        assert_eq!(located("|\n  a &&\n  b.c", "a &&\nb.c\n", "b.c"), "b.c");
        assert_eq!(located(">-\n  a &&\n  b.c", "a && b.c", "b.c"), "b.c");
        assert_eq!(located("a\n  && b", "a && b", "&& b"), "&& b");
        assert_eq!(located("\"\\u0061 b\"", "a b", "b"), "\"\\u0061 b\"");
    }
}
