//! Scalars that stand in one line.

use std::ops::Range;

use super::super::node::Style;

/// The longest key, with what is in front of its colon, that is read here. YAML allows 1024
/// characters.
pub(super) const MAX_KEY: usize = 1000;

/// A scalar as it is written.
pub(super) struct Word {
    pub(super) style: Style,
    pub(super) span: Range<usize>,
    /// Its text, where that is not what is written.
    pub(super) cooked: Option<Box<str>>,
}

impl Word {
    /// Whether it is `<<`, which as a key merges another mapping in.
    pub(super) fn is_merge(&self, text: &str) -> bool {
        self.span.len() == 2 && &text[self.span.clone()] == "<<"
    }
}

/// Whether a text has only characters that mean the same to everybody: no control characters, no
/// tabs, no line break but LF and CRLF, no byte-order mark, none that is not printable.
pub(super) fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_odd = |byte: &u8| (*byte < b' ' && *byte != b'\n' && *byte != b'\r') | (*byte == 0x7F);
    // Without a branch for each byte, so that many are looked at in one step.
    let has_odd = |chunk: &[u8]| chunk.iter().fold(false, |found, byte| found | is_odd(byte));
    if bytes.chunks(256).any(has_odd) {
        return false;
    }
    let mut returns = memchr::memchr_iter(b'\r', bytes);
    if !returns.all(|at| bytes.get(at + 1) == Some(&b'\n')) {
        return false;
    }
    let is_common = |char: char| {
        matches!(char, '\0'..='\u{7F}' | '\u{A0}'..='\u{2027}' | '\u{202A}'..='\u{D7FF}')
            || matches!(char, '\u{E000}'..='\u{FEFE}' | '\u{FF00}'..='\u{FFEF}')
            || matches!(char, '\u{1F000}'..='\u{1FFFD}')
    };
    text.is_ascii() || text.chars().all(is_common)
}

/// The scalar at `at` of a text that ends with the line. A plain one ends in front of a colon with
/// a space behind it, of a comment, and of every byte of `ends`, which is not empty inside of
/// brackets.
pub(super) fn read(text: &str, at: usize, ends: &[u8]) -> Option<Word> {
    match *text.as_bytes().get(at)? {
        b'"' => double_quoted(text, at),
        b'\'' => single_quoted(text, at),
        _ => plain(text, at, ends),
    }
}

fn plain(text: &str, at: usize, ends: &[u8]) -> Option<Word> {
    let rest = &text.as_bytes()[at..];
    let is_in_brackets = !ends.is_empty();
    match rest[0] {
        b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
        | b'"' | b'%' | b'@' | b'`' | b' ' => return None,
        b'-' | b'?' | b':' => {
            let next = *rest.get(1)?;
            if next == b' ' || is_in_brackets && !next.is_ascii_alphanumeric() {
                return None;
            }
        }
        _ => {}
    }
    let mut length = rest.len();
    for (index, byte) in rest.iter().enumerate() {
        match byte {
            b':' => {
                let next = rest.get(index + 1);
                if next.is_none_or(|next| *next == b' ') {
                    length = index;
                    break;
                }
                if is_in_brackets && next.is_some_and(|next| ends.contains(next)) {
                    return None;
                }
            }
            b'#' if index > 0 && rest[index - 1] == b' ' => {
                length = index;
                break;
            }
            b',' | b'[' | b']' | b'{' | b'}' if is_in_brackets => {
                length = index;
                break;
            }
            _ => {}
        }
    }
    let blank = rest[..length]
        .iter()
        .rev()
        .take_while(|byte| **byte == b' ');
    let length = length - blank.count();
    Some(Word {
        style: Style::Plain,
        span: at..at + length,
        cooked: None,
    })
}

fn single_quoted(text: &str, at: usize) -> Option<Word> {
    let bytes = text.as_bytes();
    let mut end = at + 1;
    let mut has_quote = false;
    loop {
        end += memchr::memchr(b'\'', &bytes[end..])?;
        if bytes.get(end + 1) != Some(&b'\'') {
            break;
        }
        has_quote = true;
        end += 2;
    }
    let cooked = has_quote.then(|| text[at + 1..end].replace("''", "'").into());
    Some(Word {
        style: Style::SingleQuoted,
        span: at..end + 1,
        cooked,
    })
}

fn double_quoted(text: &str, at: usize) -> Option<Word> {
    let bytes = text.as_bytes();
    let mut cooked = String::new();
    let mut from = at + 1;
    loop {
        let end = from + memchr::memchr2(b'"', b'\\', &bytes[from..])?;
        let written = &text[from..end];
        if bytes[end] == b'"' {
            let has_escapes = from > at + 1;
            let cooked = has_escapes.then(|| (cooked + written).into());
            return Some(Word {
                style: Style::DoubleQuoted,
                span: at..end + 1,
                cooked,
            });
        }
        cooked.push_str(written);
        cooked.push(match bytes.get(end + 1)? {
            b'\\' => '\\',
            b'"' => '"',
            b'/' => '/',
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            _ => return None,
        });
        from = end + 2;
    }
}
