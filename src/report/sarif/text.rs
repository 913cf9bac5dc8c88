//! Text and addresses as SARIF writes them.

use std::fmt::Write as _;

/// Text outside of links. What looks like a link in it is none.
pub(super) fn message(text: &str) -> String {
    match text.contains("](") {
        true => escaped(text),
        false => text.to_owned(),
    }
}

/// Text that leads to a related location.
pub(super) fn linked(text: &str, id: usize) -> String {
    format!("[{}]({id})", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The address of a file: relative where the path is.
pub(super) fn uri(path: &str) -> String {
    let (start, rest) = match path.as_bytes() {
        [b'/', ..] => ("file://".to_owned(), path),
        [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => {
            (format!("file:///{}", &path[..2]), &path[2..])
        }
        _ => (String::new(), path),
    };
    let mut uri = start;
    for byte in rest.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_vmlint_links_is_a_link() {
        assert_eq!(message("`a[0]` is 1"), "`a[0]` is 1");
        assert_eq!(message(r"see [x\](1)"), r"see \[x\\\](1)");
        assert_eq!(linked("a[0](2)", 1), r"[a\[0\](2)](1)");
    }

    #[test]
    fn paths_are_encoded() {
        assert_eq!(uri("a b/ä#?[%].yaml"), "a%20b/%C3%A4%23%3F%5B%25%5D.yaml");
        assert_eq!(uri("a:b/../c"), "a%3Ab/../c");
        assert_eq!(uri("/srv/a b.yaml"), "file:///srv/a%20b.yaml");
        assert_eq!(uri("C:/estate/a.yaml"), "file:///C:/estate/a.yaml");
    }
}
