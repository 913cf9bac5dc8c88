//! Where a text can be taken apart, so that each part reads as it does in the whole.

/// The starts of parts: the first, and each `---` but the first one. Only the whole where
/// something in it may reach into other documents or tell how all lines end.
///
/// At the start of a line `---` always ends what was before it. What else has a say in a document
/// that is not in it are directives, and `...` says that some may follow.
pub(super) fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    let bytes = text.as_bytes();
    if memchr::memchr(b'\r', bytes).is_some() {
        return starts;
    }
    let mut is_first = true;
    let lines = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
    for start in std::iter::once(0).chain(lines) {
        let line = bytes.get(start..).unwrap_or_default();
        let is_marker = match line {
            [b'%', ..] | [b'.', b'.', b'.', ..] => return vec![0],
            [b'-', b'-', b'-'] => true,
            [b'-', b'-', b'-', next, ..] => next.is_ascii_whitespace(),
            _ => false,
        };
        if is_marker && !std::mem::take(&mut is_first) {
            starts.push(start);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::starts;

    #[test]
    fn parts_begin_with_documents() {
        assert_eq!(starts(""), [0]);
        assert_eq!(
            starts("# a\n---\na: 1\n---\n---x\n--- b\n---"),
            [0, 13, 22, 28]
        );
        assert_eq!(starts("a: |\n ---\n---\nb: 1\n---\n"), [0, 19]);
    }

    #[test]
    fn what_reaches_into_other_documents_keeps_them_together() {
        for text in [
            "%YAML 1.2\n---\na\n---\nb",
            "---\na\n...\n---\nb\n---\nc",
            "---\r\n---\n---\n",
        ] {
            assert_eq!(starts(text), [0], "{text:?}");
        }
    }
}
