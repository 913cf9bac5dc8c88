//! Text that came from outside, made safe to print.
//!
//! Control characters, and those that reorder or hide text, are written as symbols. So is what the
//! build services that read logs would take for a command. Nothing is dropped, and all other text is
//! left alone, whatever its script.

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

/// Whether a build service would take a text for the beginning of a command: `##[` or `##vso[`,
/// anywhere in a line (`Command.TryParse` of the Azure Pipelines agent, `ActionCommand.TryParse` of
/// the GitHub runner).
///
/// They compare by the rules of a language, which pass over characters that show nothing; so
/// whatever is not ASCII is passed over here.
fn is_command(text: &str) -> bool {
    const FAR: usize = 64;
    if !text.starts_with('#') {
        return false;
    }
    let shown = |c: &char| c.is_ascii() && !c.is_control();
    let near: String = text.chars().take(FAR).filter(shown).take(6).collect();
    let near = near.to_ascii_lowercase();
    let unclear = || "##vso[".starts_with(&near) && text.chars().nth(FAR).is_some();
    near.starts_with("##[") || near == "##vso[" || unclear()
}

/// Whether the character at the beginning of a text must not be shown as it is.
fn is_active(text: &str) -> bool {
    text.chars().next().is_some_and(is_hidden) || is_command(text)
}

/// Appends the first character of a text, or a symbol for it.
pub(super) fn push(out: &mut String, text: &str, unicode: bool) {
    match text.chars().next() {
        Some(c) if !is_active(text) => out.push(c),
        Some(c @ '\0'..='\u{1F}') if unicode => out.extend(char::from_u32(0x2400 + u32::from(c))),
        Some('\u{7F}') if unicode => out.push('␡'),
        Some(c) if c.is_ascii_graphic() => out.extend(c.escape_unicode()),
        Some(c) => out.extend(c.escape_default()),
        None => {}
    }
}

/// How many columns [`push`] takes for a character, counting at least one. For the first of a
/// command it takes more.
pub(super) fn width(c: char, unicode: bool) -> usize {
    match c {
        '\0'..='\u{1F}' | '\u{7F}' if unicode => 1,
        _ if is_hidden(c) => c.escape_default().len(),
        _ => textwrap::core::display_width(c.encode_utf8(&mut [0; 4])).max(1),
    }
}

/// The text on one line, with symbols in place of what a terminal or a build service would act on.
#[must_use]
pub fn line(text: &str, unicode: bool) -> Cow<'_, str> {
    if !text.char_indices().any(|(at, _)| is_active(&text[at..])) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, _) in text.char_indices() {
        push(&mut out, &text[at..], unicode);
    }
    Cow::Owned(out)
}

/// The text as the beginning of a line, where GitHub takes `::` for the beginning of a command too,
/// behind any white space (`ActionCommand.TryParseV2`).
pub(super) fn opening(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_passed_over = |c: char| c.is_whitespace() || !c.is_ascii() && !c.is_alphanumeric();
    let rest = text.trim_start_matches(is_passed_over);
    let second = rest.strip_prefix(':').unwrap_or_default();
    if !second.trim_start_matches(is_passed_over).starts_with(':') {
        return text;
    }
    let at = text.len() - rest.len();
    format!("{}{}{second}", &text[..at], ':'.escape_unicode()).into()
}

/// A line of a text that is to stay what it is, unless a build service would take it, or something
/// in it, for a command.
#[must_use]
pub fn inert(line: &str) -> Cow<'_, str> {
    if !line.char_indices().any(|(at, _)| is_command(&line[at..])) {
        return opening(Cow::Borrowed(line));
    }
    let mut out = String::with_capacity(line.len() + 16);
    for (at, c) in line.char_indices() {
        match is_command(&line[at..]) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    opening(Cow::Owned(out))
}

/// Splits JSON string content into runs that may be written as they are and characters that
/// have to be escaped beside those that JSON itself demands.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let active = |(at, c): (usize, char)| is_active(&rest[at..]).then_some((at, c));
        let Some((at, c)) = rest.char_indices().find_map(active) else {
            return Some((std::mem::take(&mut rest), None));
        };
        let run = &rest[..at];
        rest = &rest[at + c.len_utf8()..];
        Some((run, Some(c)))
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
        for text in [
            "日本",
            "naïve",
            "👩\u{200d}👧",
            "## vso",
            "#[x]",
            "a::b",
            "##日本",
        ] {
            assert!(matches!(line(text, true), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn nothing_is_a_command_of_azure_pipelines() {
        for unicode in [true, false] {
            assert_eq!(
                line("x ##vso[task.complete] ###[error]y", unicode),
                "x \\u{23}#vso[task.complete] #\\u{23}#[error]y"
            );
        }
        // Comparing by the rules of a language passes over these.
        for gap in ["\u{ad}", "\u{200d}", "\u{ad}".repeat(100).as_str()] {
            for text in [format!("#{gap}#vso[x]"), format!("##V{gap}SO[x]")] {
                assert!(line(&text, true).starts_with("\\u{23}"), "{text:?}");
                assert!(inert(&text).starts_with("\\u{23}"), "{text:?}");
            }
        }
    }

    #[test]
    fn no_line_begins_with_a_command_of_github() {
        let open = |text| opening(line(text, true)).into_owned();
        assert_eq!(open("::error::x"), "\\u{3a}:error::x");
        assert_eq!(open("  \u{a0}::error::x"), "  \u{a0}\\u{3a}:error::x");
        assert_eq!(open(":\u{ad}:error::x"), "\\u{3a}\u{ad}:error::x");
        assert_eq!(open(": x"), ": x");
        assert_eq!(open("日本::x"), "日本::x");
        assert_eq!(inert(" ::add-mask::x"), " \\u{3a}:add-mask::x");
        assert_eq!(inert("-\t::x\r"), "-\t::x\r");
    }

    #[test]
    fn runs_cover_the_whole_text() {
        let runs: Vec<_> = runs("ab\u{202e}\u{7f}c##[d").collect();
        assert_eq!(
            runs,
            [
                ("ab", Some('\u{202e}')),
                ("", Some('\u{7f}')),
                ("c", Some('#')),
                ("#[d", None)
            ]
        );
    }
}
