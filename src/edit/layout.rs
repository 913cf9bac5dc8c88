//! Where a value goes in a text, and how it is written there: as what is around it.

use super::plan::Constant;
use crate::source::Span;
use crate::yaml::{Form, Stop, Style, Written};

/// Columns of an indentation that nothing shows.
const INDENT: usize = 2;

/// Replacements of text, in its order.
type Edits = Vec<(Span, String)>;

/// A node that is changed, and all that is around it.
pub(super) struct Site<'s, 't> {
    pub(super) text: &'t str,
    /// From the outermost node to the one that is changed.
    pub(super) way: &'s [Stop<'t>],
}

/// How something is written.
#[derive(Clone, Copy)]
struct Manner {
    /// The quotes of keys and texts.
    quotes: Style,
    /// Whether there is a blank inside of braces.
    spaced: bool,
}

impl<'t> Site<'_, 't> {
    /// Writes another value in place of a scalar.
    pub(super) fn replace(&self, value: &str, constant: &Constant) -> Option<Edits> {
        let Stop { key, node } = *self.way.last()?;
        let text = written(value, constant, node.style(), self.in_braces());
        if node.span().range().is_empty() {
            let at = node.span().start as usize;
            return Some(insertion(at, self.after_key(key?, at)?.to_owned() + &text));
        }
        let old = self.text.get(node.span().range())?;
        (old != text).then(|| vec![(node.span(), text)])
    }

    /// Adds keys, each in the one before, with a value.
    pub(super) fn add(
        &self,
        missing: &[String],
        value: &str,
        constant: &Constant,
    ) -> Option<Edits> {
        let Stop { key, node } = *self.way.last()?;
        let written =
            |manner: Manner, in_braces: bool| written(value, constant, manner.quotes, in_braces);
        match (node.form(), node.style()) {
            (Form::Mapping(pairs), Style::Block) => {
                let column = self.column(&pairs)?;
                let line = self.end_of_line(node.span().end as usize)?;
                let manner = self.manner(&pairs);
                let text = if missing.len() > 1 && prefers_braces(&pairs) {
                    in_line(missing, &written(manner, true), manner)
                } else {
                    let step = self.step(&pairs, column);
                    self.in_block(missing, &written(manner, false), column, step, manner)
                };
                let start = self.line_break(line);
                Some(insertion(line, format!("{start}{}{text}", blanks(column))))
            }
            (Form::Mapping(pairs), Style::Flow) => {
                let manner = self.manner(&pairs);
                let text = in_line(missing, &written(manner, true), manner);
                self.add_in_braces(node, &pairs, &text, manner)
            }
            (Form::Scalar, _) => {
                let manner = self.manner(&[]);
                let braces = |manner| {
                    let text = in_line(missing, &written(manner, true), manner);
                    in_braces(&text, manner)
                };
                let at = node.span().start as usize;
                if !node.span().range().is_empty() {
                    return Some(vec![(node.span(), braces(manner))]);
                }
                let colon = self.after_key(key?, at)?;
                if self.in_braces() {
                    return Some(insertion(at, format!("{colon}{}", braces(manner))));
                }
                let line = self.end_of_line(at)?;
                let parent = self.way.iter().nth_back(1)?.node;
                let Form::Mapping(pairs) = parent.form() else {
                    return None;
                };
                let column = self.column(&pairs)?;
                let step = self.step(&pairs, column);
                let start = self.line_break(line);
                let column = column + step;
                let text = self.in_block(missing, &written(manner, false), column, step, manner);
                Some(insertion(line, format!("{start}{}{text}", blanks(column))))
            }
            _ => None,
        }
    }

    /// Adds an entry to `{…}`.
    fn add_in_braces(
        &self,
        node: Written<'t>,
        pairs: &[(Written<'t>, Written<'t>)],
        entry: &str,
        manner: Manner,
    ) -> Option<Edits> {
        let span = node.span();
        let all = self.text.get(span.range())?;
        let inner = all.strip_prefix('{')?.strip_suffix('}')?;
        let Some((key, value)) = pairs.last() else {
            let blank = inner.trim_matches([' ', '\t']).is_empty();
            return blank.then(|| vec![(span, in_braces(entry, manner))]);
        };
        let end = value.span().end.max(key.span().end) as usize;
        let rest = self.text.get(end..span.end as usize - 1)?;
        let line = rest.split('\n').next()?;
        let trailing = comma(rest);
        let before = self.before_on_line(key.span().start as usize)?;
        let own_line = before.bytes().all(|byte| byte == b' ') && self.is_broken(node, *key);
        if !own_line {
            return Some(insertion(end, format!(", {entry}")));
        }
        let start = self.line_break(end);
        let indented = format!("{start}{before}{entry}");
        let line_end = end + line.trim_end_matches('\r').len();
        if rest.len() == line.len() {
            // The brace closes on the line of the last entry.
            return Some(insertion(end, format!(",{indented}")));
        }
        match trailing {
            Some(at) if at < line.len() => Some(insertion(line_end, format!("{indented},"))),
            Some(_) => None,
            None if line.trim().is_empty() => Some(insertion(end, format!(",{indented}"))),
            None => Some(vec![
                (Span::new(end, end), ",".to_owned()),
                (Span::new(line_end, line_end), indented),
            ]),
        }
    }

    /// Whether an entry of `{…}` is on another line than the brace.
    fn is_broken(&self, node: Written<'t>, key: Written<'t>) -> bool {
        let between = self
            .text
            .get(node.span().start as usize..key.span().start as usize);
        between.is_some_and(|text| text.contains('\n'))
    }

    /// Whether the node is in brackets or braces.
    fn in_braces(&self) -> bool {
        let around = self.way.split_last().map(|(_, around)| around);
        around
            .unwrap_or_default()
            .iter()
            .any(|stop| stop.node.style() == Style::Flow)
    }

    /// What stands between a key and a value that is yet to be written at byte `at`.
    fn after_key(&self, key: Written<'t>, at: usize) -> Option<&'static str> {
        let between = self.text.get(key.span().end as usize..at)?;
        match between.contains(':') {
            true => Some(" "),
            false if self.in_braces() && between.trim().is_empty() => Some(": "),
            false => None,
        }
    }

    /// The column of the keys of a mapping by indentation.
    fn column(&self, pairs: &[(Written<'t>, Written<'t>)]) -> Option<usize> {
        pairs.iter().find_map(|(key, _)| {
            let before = self.before_on_line(key.span().start as usize)?;
            let only_dashes = before.bytes().all(|byte| matches!(byte, b' ' | b'-'));
            let dashes_apart = !before.contains("--") && !before.ends_with('-');
            (only_dashes && dashes_apart).then_some(before.len())
        })
    }

    /// How much deeper a mapping in this one is indented, as others are.
    fn step(&self, pairs: &[(Written<'t>, Written<'t>)], column: usize) -> usize {
        let below = pairs
            .iter()
            .find_map(|(_, value)| Some(self.column_of(*value)?.saturating_sub(column)));
        let around = || {
            self.way.windows(2).rev().find_map(|pair| match pair {
                [outer, inner] if inner.key.is_some() => {
                    let outer = self.column_of(outer.node)?;
                    Some(self.column_of(inner.node)?.saturating_sub(outer))
                }
                _ => None,
            })
        };
        below
            .or_else(around)
            .filter(|step| *step > 0)
            .unwrap_or(INDENT)
    }

    fn column_of(&self, node: Written<'t>) -> Option<usize> {
        match node.form() {
            Form::Mapping(pairs) if node.style() == Style::Block => self.column(&pairs),
            _ => None,
        }
    }

    /// How keys and braces are written around here.
    fn manner(&self, pairs: &[(Written<'t>, Written<'t>)]) -> Manner {
        let quotes = match pairs.last().map(|(key, _)| key.style()) {
            Some(style @ (Style::DoubleQuoted | Style::SingleQuoted)) => style,
            _ => Style::Plain,
        };
        let nearest = self.way.iter().rev().map(|stop| stop.node);
        let mut braces = pairs
            .iter()
            .rev()
            .map(|(_, value)| *value)
            .chain(nearest)
            .filter(|node| matches!(node.form(), Form::Mapping(pairs) if !pairs.is_empty()))
            .filter(|node| node.style() == Style::Flow);
        let spaced = braces.next().is_none_or(|node| {
            let first = self.text.get(node.span().range());
            first.is_none_or(|text| text.chars().nth(1).is_some_and(char::is_whitespace))
        });
        Manner { quotes, spaced }
    }

    /// Keys below each other, each deeper than the one before, the first one not indented.
    fn in_block(
        &self,
        keys: &[String],
        value: &str,
        column: usize,
        step: usize,
        manner: Manner,
    ) -> String {
        let start = self.line_break(self.text.len());
        let mut text = String::new();
        for (depth, key) in keys.iter().enumerate() {
            if depth > 0 {
                text.push_str(start);
                text.push_str(&blanks(column + depth * step));
            }
            text.push_str(&quoted(key, manner.quotes));
            text.push(':');
        }
        text + " " + value
    }

    /// What stands on the line in front of a byte.
    fn before_on_line(&self, at: usize) -> Option<&'t str> {
        self.text.get(..at)?.rsplit('\n').next()
    }

    /// The end of the line of byte `at`, in front of its line break; `None` where more than a
    /// comment follows.
    fn end_of_line(&self, at: usize) -> Option<usize> {
        let line = self.text.get(at..)?.split('\n').next()?;
        let line = line.strip_suffix('\r').unwrap_or(line);
        let rest = line.trim_start_matches([' ', '\t']);
        let comment = rest.starts_with('#') && rest.len() < line.len();
        (rest.is_empty() || comment).then_some(at + line.len())
    }

    /// The line break behind byte `at`, else the last one in front of it, else `\n`.
    fn line_break(&self, at: usize) -> &'static str {
        let behind = self.text.get(at..).unwrap_or_default();
        let before = self.text.get(..at).unwrap_or_default();
        let ends_with_return = match (behind.find('\n'), before.rfind('\n')) {
            (Some(next), _) => behind.get(..next).is_some_and(|line| line.ends_with('\r')),
            (None, Some(last)) => before.get(..last).is_some_and(|line| line.ends_with('\r')),
            (None, None) => false,
        };
        if ends_with_return { "\r\n" } else { "\n" }
    }
}

fn insertion(at: usize, text: String) -> Edits {
    vec![(Span::new(at, at), text)]
}

fn blanks(count: usize) -> String {
    " ".repeat(count)
}

/// Whether the mappings in this one are in braces: the last of them decides.
fn prefers_braces(pairs: &[(Written<'_>, Written<'_>)]) -> bool {
    let mut mappings = pairs.iter().rev().map(|(_, value)| value);
    mappings
        .find(|value| matches!(value.form(), Form::Mapping(_)))
        .is_some_and(|value| value.style() == Style::Flow)
}

/// The first comma behind blanks and comments.
fn comma(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.split('#').next().unwrap_or_default();
        if let Some(comma) = content.find(',') {
            return Some(at + comma);
        }
        at += line.len();
    }
    None
}

/// `a: { b: value }`
fn in_line(keys: &[String], value: &str, manner: Manner) -> String {
    let mut text = value.to_owned();
    for (depth, key) in keys.iter().rev().enumerate() {
        if depth > 0 {
            text = in_braces(&text, manner);
        }
        text = format!("{}: {text}", quoted(key, manner.quotes));
    }
    text
}

fn in_braces(text: &str, manner: Manner) -> String {
    let blank = if manner.spaced { " " } else { "" };
    format!("{{{blank}{text}{blank}}}")
}

/// A value as it is written: texts in the quotes of what was there, or with those they need.
fn written(value: &str, constant: &Constant, quotes: Style, in_braces: bool) -> String {
    let Constant::Text(text) = constant else {
        return value.to_owned();
    };
    let plain = !value.starts_with(['"', '\'']);
    match quotes {
        Style::SingleQuoted | Style::DoubleQuoted => quoted(text, quotes),
        _ if plain && in_braces && text.contains([',', '[', ']', '{', '}']) => {
            quoted(text, Style::DoubleQuoted)
        }
        _ => value.to_owned(),
    }
}

fn quoted(text: &str, quotes: Style) -> String {
    match quotes {
        Style::SingleQuoted => format!("'{}'", text.replace('\'', "''")),
        Style::DoubleQuoted => serde_json::Value::from(text).to_string(),
        _ => text.to_owned(),
    }
}
