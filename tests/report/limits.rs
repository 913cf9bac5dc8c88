//! Any input, and a lot of it.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use vmlint::diagnostic::Severity;
use vmlint::report::{Format, Style};

use crate::{Case, PLAIN, at, finding};

/// Ten thousand findings in one file of 5 MB: minutes if any step scanned the file.
#[test]
fn many_findings_in_a_large_file_take_no_scans() {
    let mut case = Case::default();
    let text = "- name: a-virtual-machine-like-any-other-here\n".repeat(110_000);
    let file = case.file("large.yaml", &text);
    case.findings = (0..10_000)
        .map(|n| {
            let start = n * 11 * 46 + 8;
            finding(
                "many",
                Severity::Info,
                at(file, start, start + 9),
                "one of many",
            )
            .with_label(at(file, text.len() - 10, text.len() - 5), "the last")
        })
        .collect();
    let start = Instant::now();
    for format in Format::ALL {
        case.render(format, &PLAIN);
    }
    assert!(start.elapsed() < Duration::from_secs(30));
}

proptest! {
    /// Whatever the text, the places and the style: no panic, and nothing raw.
    #[test]
    fn any_text_and_any_place_can_be_shown(
        text in "(?s)[a-z \t\r\n\u{1b}\u{202e}仮é🙂\u{301}]{0,300}",
        places in prop::collection::vec((0usize..400, 0usize..60, "(?s).{0,3}"), 1..9),
        width in 0usize..120,
        unicode: bool,
    ) {
        let mut case = Case::default();
        let file = case.file("a.yaml", &text);
        let whole = |byte: usize| text.ceil_char_boundary(byte.min(text.len() + 3));
        let mut all = places
            .iter()
            .map(|(start, len, said)| (at(file, whole(*start), whole(start + len)), said));
        let (primary, message) = all.next().unwrap();
        let mut shown = finding("any", Severity::Error, primary, message);
        for (location, said) in all {
            shown = shown.with_label(location, said.as_str());
        }
        case.findings = vec![shown];
        let style = Style { color: false, unicode, width };
        for format in Format::ALL {
            let out = case.render(format, &style);
            prop_assert!(!out.contains(|c: char| c != '\n' && c.is_control()));
        }
    }
}
