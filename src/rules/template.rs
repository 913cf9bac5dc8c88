//! Text with `{expression}` placeholders, as in messages; `{{` and `}}` stand for a brace.

use super::expr::{Expression, Frame, Issue, Scope, print};
use super::read::MAX_PARTS;
use crate::model::reflect::{Type, Value};
use crate::source::Span;

/// A checked text with placeholders.
#[derive(Debug)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Expression),
}

impl Template {
    /// Checks a text and the expressions in it.
    ///
    /// # Errors
    /// Everything that is wrong in it.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, Vec<Issue>> {
        let mut parts = Vec::new();
        let mut issues = Vec::new();
        let mut plain = String::new();
        let mut at = 0;
        let mut placeholders = 0;
        while let Some(offset) = text[at..].find(['{', '}']) {
            plain.push_str(&text[at..at + offset]);
            at += offset;
            let rest = &text[at..];
            if rest.starts_with("{{") || rest.starts_with("}}") {
                plain.push_str(&rest[..1]);
                at += 2;
                continue;
            }
            let span = Span::new(at, at + 1);
            if rest.starts_with('}') {
                let issue = Issue::new(span, "this `}` closes nothing");
                issues.push(issue.with_help("write `}}` for a brace"));
                at += 1;
                continue;
            }
            let Some(end) = closing(&rest[1..]) else {
                let issue = Issue::new(span, "this `{` is not closed");
                issues.push(issue.with_help("write `{{` for a brace"));
                return Err(issues);
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            placeholders += 1;
            if placeholders > MAX_PARTS {
                let message = format!("this text has more than {MAX_PARTS} placeholders");
                issues.push(Issue::new(span, message));
                return Err(issues);
            }
            match placeholder(&rest[1..=end], scope) {
                Ok(value) => parts.push(Part::Value(value)),
                Err(found) => issues.extend(found.into_iter().map(|issue| issue.shifted(at + 1))),
            }
            at += end + 2;
        }
        plain.push_str(&text[at..]);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        if issues.is_empty() {
            Ok(Template { parts })
        } else {
            Err(issues)
        }
    }

    /// The text with the values in their places; `?` for what is not known.
    pub fn text<'a>(&'a self, frame: &mut Frame<'a>) -> String {
        let mut text = String::new();
        frame.lenient(true);
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(value) => text.push_str(&print::show(&value.value(frame))),
            }
        }
        frame.lenient(false);
        // There may be very many, which are kept until the end.
        text.shrink_to_fit();
        text
    }
}

impl Template {
    /// The text with the values in their places, where all of them are known.
    pub fn known_text<'a>(&'a self, frame: &mut Frame<'a>) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(value) => match value.value(frame) {
                    Value::Unknown | Value::Absent => return None,
                    value => text.push_str(&print::show(&value)),
                },
            }
        }
        Some(text)
    }

    /// The text, where it has no placeholders.
    #[must_use]
    pub fn constant(&self) -> Option<String> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Value(_) => return None,
            }
        }
        Some(text)
    }
}

/// An expression whose value can be printed; a list of entities is printed by its names.
fn placeholder(text: &str, scope: &Scope) -> Result<Expression, Vec<Issue>> {
    let value = Expression::compile(text, scope)?;
    let names = matches!(value.ty(), Type::List(of) if matches!(**of, Type::Record(_)));
    if names {
        Expression::compile(&format!("({text}).names()"), scope).map_err(|issues| {
            issues
                .into_iter()
                .map(|issue| Issue {
                    span: Span::new(0, text.len()),
                    ..issue
                })
                .collect()
        })
    } else {
        Ok(value)
    }
}

/// The offset of the brace that closes a placeholder; braces in quotes do not.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') => return Some(at),
            (None, _) => {}
        }
    }
    None
}
