//! The week as one HTML page that needs nothing else: no network, no other file.
//!
//! The page is written by hand in `page.html`, `page.css` and `page.js`; here it gets its data. Names
//! are hostile until they are text of an element: they are in the page once, in a JSON block that
//! cannot end early, and the script makes nothing but text of them.

use std::fmt::Write as _;

use super::board::{Board, Shown};
use super::data::data;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
#[must_use]
pub fn page(board: &Board<'_>, shown: Shown) -> String {
    let week = &board.week;
    let title = format!("{}, {}", week.number(), week.zone());
    let data = embedded(&data(board, shown.by).to_string());
    let mut text = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + data.len());
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, after)) = behind.split_once("}}") else {
            break;
        };
        text += before;
        text += match name {
            "title" => &title,
            "style" => STYLE.trim_end(),
            "script" => SCRIPT.trim_end(),
            "data" => &data,
            _ => "",
        };
        rest = after;
    }
    text + rest
}

/// JSON that no HTML parser and no script reads as anything but data: what could end the block or
/// a line is escaped, which can only be inside of strings.
fn embedded(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(c));
            }
            _ => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_block() {
        let hostile = "</script><!--&\u{2028}\u{2029}\"'\\";
        let json = serde_json::json!({ "name": hostile }).to_string();
        let embedded = embedded(&json);
        for bad in ["<", ">", "&", "\u{2028}", "\u{2029}"] {
            assert!(!embedded.contains(bad), "{embedded}");
        }
        let read: serde_json::Value = serde_json::from_str(&embedded).unwrap();
        assert_eq!(read["name"], hostile);
    }

    #[test]
    fn the_page_loads_nothing() {
        for part in [PAGE, STYLE, SCRIPT] {
            for bad in ["http", "src=", "@import", "url(", "innerHTML", "eval("] {
                assert!(!part.contains(bad), "{bad}");
            }
        }
    }

    #[test]
    fn every_part_of_the_page_is_filled_in() {
        for name in ["title", "style", "script", "data"] {
            assert_eq!(
                PAGE.matches(&format!("{{{{{name}}}}}")).count(),
                if name == "title" { 2 } else { 1 }
            );
        }
        for part in [STYLE, SCRIPT] {
            assert!(!part.contains("{{"));
        }
    }
}
