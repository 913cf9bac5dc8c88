//! The fast path against the parser of events: what it takes it reads the same, node for node,
//! and it takes nearly all that people write.
//!
//! The texts are parts of every YAML file here with a few random edits, and random pieces. The
//! same seed gives the same texts; `FAST_CASES=5000000 cargo test --release --test yaml_fast`
//! goes on for as long as one likes. `yaml_suite` and `yaml_properties` compare both, too.

use std::fs;
use std::path::Path;

use vmlint::yaml::{parse_events, parse_fast};

const CASES: u64 = 20_000;

/// What makes or breaks the plain block style.
const PIECES: [&str; 64] = [
    "a",
    "b",
    "<<",
    ":",
    ": ",
    "- ",
    "-",
    "? ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    " ",
    "\t",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "&a ",
    "*a",
    "!t ",
    "\"",
    "'",
    "|\n",
    "|-\n  ",
    ">-\n ",
    "# c",
    " # c\n",
    "---",
    "---\n",
    "\n---\n",
    "...\n",
    "%",
    "é",
    "\u{a0}",
    "\\",
    "''",
    "key: ",
    "- x\n",
    "\n- ",
    "\n  - ",
    "\n- k: v\n  l: w",
    "null",
    "1",
    "0x1",
    "\u{2028}",
    "\u{feff}",
    "{a: b}",
    "[a, b]",
    "@",
    "`",
    "|",
    ">",
    "\n   c",
    "--- ",
    "a: |\n  x\n\n  y\n",
    "\n\n",
    "~",
    "a: >\n  x\n  y\n",
    "\"\\n\"",
    "'it''s'",
    "\u{1F600}",
];

/// A generator of numbers that look random (xorshift), from a seed that is not 0.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Whether the fast path takes a text, which it must then read as the events do.
fn takes(text: &str) -> bool {
    let Some(fast) = parse_fast(text) else {
        return false;
    };
    assert_eq!(fast, parse_events(text), "{text:?}");
    true
}

/// The texts of all YAML files below a folder of this project.
fn texts(folder: &str) -> Vec<String> {
    let files = walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut files: Vec<_> = files.into_iter().filter_map(Result::ok).collect();
    files.retain(|file| file.path().extension().is_some_and(|it| it == "yaml"));
    files.sort_by(|a, b| a.path().cmp(b.path()));
    let texts = files.iter().map(|file| fs::read_to_string(file.path()));
    texts.filter_map(Result::ok).collect()
}

/// A few lines of a text with a few edits.
fn mutated(text: &str, dice: &mut Dice) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let from = dice.below(lines.len());
    let to = (from + 1 + dice.below(12)).min(lines.len());
    let mut bytes = lines
        .get(from..to)
        .unwrap_or_default()
        .concat()
        .into_bytes();
    for _ in 0..=dice.below(3) {
        let at = dice.below(bytes.len());
        match dice.below(4) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] = b" -:#\n\r\t\"'[]{}|>,?&*!a1.%\\"[dice.below(25)],
            2 => {
                bytes.splice(at..at, dice.of(&PIECES).bytes());
            }
            _ => {
                bytes.drain(at..(at + 1).min(bytes.len()));
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn edited_files_and_random_pieces_are_read_the_same() {
    let texts = ["examples", "tests", "rules"].map(texts).concat();
    let cases = std::env::var("FAST_CASES")
        .ok()
        .and_then(|it| it.parse().ok());
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let cases = cases.unwrap_or(CASES);
    let mut taken = 0;
    for _ in 0..cases {
        let text = match dice.below(2) {
            0 => (0..=dice.below(14)).map(|_| dice.of(&PIECES)).collect(),
            _ => mutated(&texts[dice.below(texts.len())], &mut dice),
        };
        taken += u64::from(takes(&text));
    }
    assert!(
        taken * 12 > cases,
        "it takes no more than {taken} of {cases}"
    );
}

#[test]
fn nearly_all_that_people_write_is_taken() {
    let share = |folder: &str, least: usize| {
        let texts = texts(folder);
        let taken = texts.iter().filter(|text| takes(text)).count();
        let percent = taken * 100 / texts.len();
        assert!(percent >= least, "{folder}: {taken} of {}", texts.len());
    };
    share("examples/estate", 98);
    share("examples", 98);
    share("tests", 80);
    share("rules", 80);
}
