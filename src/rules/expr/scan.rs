//! A first look at an expression, before the CEL library recurses over it: refuses what nests too
//! deep, and text literals that the library's lexer would stumble over.

use std::iter::Peekable;
use std::str::CharIndices;

use super::Issue;
use crate::source::Span;

/// How deep brackets and operators may nest.
pub const MAX_NESTING: usize = 64;

/// What nests at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    /// Conditionals to the left, which nest to the right.
    conditionals: usize,
    /// Operators applied on one another.
    operators: usize,
    /// Selections, calls and indexes on the last operand.
    postfix: usize,
}

impl Level {
    fn depth(self) -> usize {
        self.conditionals + self.operators + self.postfix
    }

    fn operator(&mut self) {
        self.operators += 1;
        self.postfix = 0;
    }

    fn next_operand(&mut self) {
        (self.operators, self.postfix) = (0, 0);
    }
}

/// Refuses brackets and chains of operators that make a tree deeper than [`MAX_NESTING`].
pub(super) fn scan(text: &str) -> Result<(), Issue> {
    let mut outer: Vec<Level> = Vec::new();
    let mut outer_depth = 0;
    let mut level = Level::default();
    let mut previous = ' ';
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match c {
            '"' | '\'' => skip_text(text, at, c, matches!(previous, 'r' | 'R'), &mut rest)?,
            '/' if text[at..].starts_with("//") => {
                rest.by_ref().find(|(_, c)| *c == '\n');
            }
            '(' | '[' | '{' => {
                let applied = previous.is_alphanumeric() || matches!(previous, '_' | ')' | ']');
                level.postfix += usize::from(applied);
                outer_depth += level.depth() + 1;
                outer.push(std::mem::take(&mut level));
            }
            ')' | ']' | '}' => {
                if let Some(opened) = outer.pop() {
                    level = opened;
                    outer_depth -= level.depth() + 1;
                }
            }
            '.' => level.postfix += 1,
            '=' | '<' | '>' if matches!(previous, '=' | '<' | '>' | '!') => {}
            '+' | '-' | '*' | '/' | '%' | '!' | '<' | '>' | '=' => level.operator(),
            '?' => {
                level.conditionals += 1;
                level.next_operand();
            }
            ':' | '&' | '|' => level.next_operand(),
            ',' => level = Level::default(),
            _ if is_in(&text[at..], previous) => level.operator(),
            _ => {}
        }
        if outer_depth + level.depth() > MAX_NESTING {
            return Err(too_deep(Span::new(at, at + c.len_utf8())));
        }
        previous = c;
    }
    Ok(())
}

/// The error for what nests too deep.
fn too_deep(span: Span) -> Issue {
    let message = format!("this expression nests deeper than {MAX_NESTING} levels");
    Issue::new(span, message)
}

fn is_in(text: &str, previous: char) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    !word(previous) && text.starts_with("in") && !text[2..].starts_with(word)
}

/// Skips a text literal, whose opening quote has been read.
fn skip_text(
    text: &str,
    start: usize,
    quote: char,
    raw: bool,
    rest: &mut Peekable<CharIndices<'_>>,
) -> Result<(), Issue> {
    let closing = if quote == '"' { "\"\"\"" } else { "'''" };
    let triple = text[start..].starts_with(closing);
    if triple {
        rest.nth(1);
    }
    while let Some((at, c)) = rest.next() {
        if c == '\\' && !raw {
            let length = escape(&text[at + 1..]).ok_or_else(|| {
                Issue::new(Span::new(at, at + 1), "this is no escape that text knows")
                    .with_help("`\\\\` is a backslash, and in `r\"…\"` each one stands for itself")
            })?;
            rest.nth(length - 1);
        } else if c == quote && !triple {
            return Ok(());
        } else if c == quote && text[at..].starts_with(closing) {
            rest.nth(1);
            return Ok(());
        } else if matches!(c, '\n' | '\r') && !triple {
            break;
        }
    }
    Err(Issue::new(
        Span::new(start, text.len()),
        "this text is not closed",
    ))
}

/// How many characters an escape has behind its backslash.
fn escape(text: &str) -> Option<usize> {
    let digits = |count: usize, radix: u32| {
        let mut digits = text.chars().skip(1).take(count);
        (text.chars().skip(1).take(count).count() == count && digits.all(|c| c.is_digit(radix)))
            .then_some(count + 1)
    };
    match text.chars().next()? {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\' | '?' | '"' | '\'' | '`' => Some(1),
        'x' | 'X' => digits(2, 16),
        'u' => digits(4, 16),
        'U' => digits(8, 16),
        '0'..='3' => digits(2, 8),
        _ => None,
    }
}
