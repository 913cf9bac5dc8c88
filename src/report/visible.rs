//! Text that came from outside, made safe to print.
//!
//! Control characters, and those that reorder or hide text, are written as symbols. Nothing is
//! dropped, and all other text is left alone, whatever its script.

use std::borrow::Cow;

/// Whether a terminal would act on this character, or show the text around it as something else.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' // direction marks, zero-width space
            | '\u{2028}'..='\u{202E}' // line separators, bidirectional embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, bidirectional isolates
            | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}') // tags
}

/// Appends a character, or a symbol for it.
pub(super) fn push(out: &mut String, c: char, unicode: bool) {
    match c {
        _ if !is_hidden(c) => out.push(c),
        '\0'..='\u{1F}' if unicode => out.extend(char::from_u32(0x2400 + u32::from(c))),
        '\u{7F}' if unicode => out.push('␡'),
        _ => out.extend(c.escape_default()),
    }
}

/// How many columns [`push`] takes for a character, counting at least one.
pub(super) fn width(c: char, unicode: bool) -> usize {
    match c {
        '\0'..='\u{1F}' | '\u{7F}' if unicode => 1,
        _ if is_hidden(c) => c.escape_default().len(),
        _ => textwrap::core::display_width(c.encode_utf8(&mut [0; 4])).max(1),
    }
}

/// The text on one line, with symbols in place of what a terminal would act on.
#[must_use]
pub fn line(text: &str, unicode: bool) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        push(&mut out, c, unicode);
    }
    Cow::Owned(out)
}

/// Splits JSON string content into runs that may be written as they are and characters that
/// have to be escaped beside those that JSON itself demands.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    text.split_inclusive(is_hidden).map(|run| {
        match run.chars().next_back().filter(|c| is_hidden(*c)) {
            Some(c) => (&run[..run.len() - c.len_utf8()], Some(c)),
            None => (run, None),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_become_symbols() {
        assert_eq!(line("a\u{1b}[31mb\r\n\u{7f}", true), "a␛[31mb␍␊␡");
        assert_eq!(line("\u{9b}x\u{202e}y", true), "\\u{9b}x\\u{202e}y");
    }

    #[test]
    fn without_unicode_controls_become_escapes() {
        assert_eq!(line("a\u{1b}b\n\t", false), "a\\u{1b}b\\n\\t");
    }

    #[test]
    fn other_text_is_borrowed() {
        for text in ["日本", "naïve", "👩\u{200d}👧"] {
            assert!(matches!(line(text, true), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn runs_cover_the_whole_text() {
        let runs: Vec<_> = runs("ab\u{202e}\u{7f}c").collect();
        assert_eq!(
            runs,
            [("ab", Some('\u{202e}')), ("", Some('\u{7f}')), ("c", None)]
        );
    }
}
