//! What the parser does not report: the indicators between two nodes.
//!
//! A gap is the text from the end of one node to the start of the next. It holds white space,
//! comments, anchors, tags, document ends and indicators, but no content.

/// The first `-` of a block sequence in the gap at `from`.
pub(super) fn dash(text: &str, from: usize) -> Option<usize> {
    find(text, from, |rest| {
        rest.starts_with('-') && rest[1..].chars().next().is_none_or(char::is_whitespace)
    })
}

/// The header (`|` or `>`) of a block scalar in the gap at `from`, as a range.
pub(super) fn block_header(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let start = find(text, from, |rest| rest.starts_with(['|', '>']))?;
    Some(start..start + word(&text[start..]))
}

/// The `:` that directly follows a key that ends at `from`.
pub(super) fn colon(text: &str, from: usize) -> Option<usize> {
    let start = skip_blank(text, from);
    text[start..].starts_with(':').then_some(start)
}

fn find(text: &str, from: usize, wanted: impl Fn(&str) -> bool) -> Option<usize> {
    let mut at = from;
    loop {
        at = skip_blank(text, at);
        let rest = &text[at..];
        if wanted(rest) {
            return Some(at);
        }
        at += match rest.chars().next()? {
            ':' | '?' | '-' | ',' => 1,
            '&' | '!' => word(rest),
            '.' if rest.starts_with("...") => 3,
            _ => return None,
        };
    }
}

/// Skips white space and comments.
fn skip_blank(text: &str, from: usize) -> usize {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let body = rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{FEFF}']);
        at += rest.len() - body.len();
        if !body.starts_with('#') {
            return at;
        }
        at += body.find(['\n', '\r']).unwrap_or(body.len());
    }
}

fn word(text: &str) -> usize {
    text.find([' ', '\t', '\r', '\n']).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indicators_are_found_behind_comments_and_properties() {
        assert_eq!(dash(": # - no\n  &-a !t\n- x", 0), Some(18));
        assert_eq!(
            block_header(": &a|b !t # |\n  >2- # x\n  y", 0),
            Some(16..19)
        );
        assert_eq!(block_header("\n...\n|\n a", 0), Some(5..6));
        assert_eq!(colon("  # c\n:x", 0), Some(6));
        assert_eq!(colon(" , :", 0), None);
    }
}
