//! Processor models: from what a host declares to vendor and generation.
//!
//! The table is data, `processors.yaml`, whose head describes the patterns; this module brings a
//! model string into the form they are compared with. What no pattern covers is unknown: a wrong
//! generation would be a wrong verdict on a live migration, a missing one is only a question.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, de};

use crate::model::Vendor;

/// No processor prints more than 48 bytes (the CPUID brand string); inventories add core counts
/// and clock rates. What is longer than this is no model.
const LONGEST_MODEL: usize = 200;

/// Words that say nothing about the generation. `HE`, `SE` and `EE` are power classes of Opterons.
const NOISE: [&str; 12] = [
    "amd",
    "apu",
    "cpu",
    "cpus",
    "ee",
    "he",
    "intel",
    "processor",
    "processors",
    "scalable",
    "se",
    "xeon",
];

/// What QEMU and libvirt put behind a name, in any order; a version `-v1` to `-v9` may stand there
/// too. They change single features, never the generation.
const QEMU_SUFFIXES: [&str; 3] = ["-notsx", "-ibrs", "-ibpb"];

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("processors.yaml"))
        .expect("the embedded table is well-formed")
});

/// Reads a vendor of the table.
fn vendor<'de, D: Deserializer<'de>>(table: D) -> Result<Vendor, D::Error> {
    let word = String::deserialize(table)?;
    Vendor::parse(&word).ok_or_else(|| de::Error::custom(format!("`{word}` is no vendor")))
}

/// What a processor model string says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Identified {
    /// Who made it.
    pub vendor: Vendor,
    /// The generation in kebab case, such as `cascade-lake` or `milan`.
    pub generation: &'static str,
}

/// Looks a model up in the table: a brand string as the processor, Windows or an inventory writes
/// it (`Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz`), its number alone (`E5-2680 v4`), or a model
/// name of QEMU or libvirt (`Cascadelake-Server-v4`).
///
/// `None` when the table does not cover it, or when it could be two things: `Xeon 5120` is a
/// Woodcrest of 2006 or a Gold 5120 of 2017.
#[must_use]
pub fn identify(model: &str) -> Option<Identified> {
    let model = Model::read(model)?;
    let row = TABLE.iter().find(|row| row.covers(&model))?;
    Some(Identified {
        vendor: row.vendor,
        generation: &row.generation,
    })
}

/// Looks models up, each once: many hosts have the same.
#[derive(Default)]
pub struct Lookup<'m> {
    known: HashMap<&'m str, Option<Identified>>,
}

impl<'m> Lookup<'m> {
    /// The same as [`identify`].
    pub fn identify(&mut self, model: &'m str) -> Option<Identified> {
        *self.known.entry(model).or_insert_with(|| identify(model))
    }
}

/// The form in which generations are compared: lower case, blanks and `_` as `-`, so that
/// `Cascade Lake` and `cascade_lake` are `cascade-lake`.
#[must_use]
pub fn normalise_generation(written: &str) -> String {
    written
        .split(|c: char| c.is_whitespace() || c == '_')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
        .to_lowercase()
}

/// One generation of the table; `processors.yaml` describes the attributes.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, serde(deny_unknown_fields))]
struct Row {
    generation: String,
    #[serde(deserialize_with = "vendor")]
    vendor: Vendor,
    #[serde(default)]
    qemu: Vec<String>,
    models: BTreeMap<String, String>,
    #[cfg(test)]
    before: Option<String>,
    #[cfg(test)]
    source: String,
}

impl Row {
    fn covers(&self, model: &Model) -> bool {
        model.made_by(self.vendor)
            && (self
                .qemu
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&model.name))
                || self.models.keys().any(|pattern| model.fits(pattern)))
    }
}

/// A model string, ready to be compared.
struct Model {
    /// All of it, without the suffixes of QEMU: what its names are compared with.
    name: String,
    /// What is left without noise: what patterns are compared with.
    rest: String,
    says_intel: bool,
    says_xeon: bool,
    says_amd: bool,
}

impl Model {
    fn read(written: &str) -> Option<Self> {
        if written.len() > LONGEST_MODEL {
            return None;
        }
        let mut text = written.to_lowercase();
        for mark in ["(r)", "(tm)", "®", "™"] {
            text = text.replace(mark, "");
        }
        let name = without_qemu_suffixes(text.trim()).to_owned();

        // HPE writes `Xeon-Gold 6248`.
        let text = text.replace("xeon-", "xeon ");
        let text = without_remarks(&text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let says = |word| words.contains(&word);
        Some(Model {
            name,
            says_intel: says("intel"),
            says_xeon: says("xeon"),
            says_amd: says("amd"),
            rest: without_noise(&words),
        })
    }

    fn made_by(&self, vendor: Vendor) -> bool {
        match vendor {
            Vendor::Intel => !self.says_amd,
            Vendor::Amd => !self.says_intel && !self.says_xeon,
        }
    }

    fn fits(&self, pattern: &str) -> bool {
        match pattern.strip_prefix("Xeon ") {
            Some(pattern) => self.says_xeon && fits(pattern, &self.rest),
            None => fits(pattern, &self.rest),
        }
    }
}

/// `skylake-server-ibrs-notsx-v2` → `skylake-server`.
fn without_qemu_suffixes(mut name: &str) -> &str {
    let version = |name: &str| matches!(name.as_bytes(), [.., b'-', b'v', b'1'..=b'9']);
    loop {
        name = match QEMU_SUFFIXES
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
        {
            Some(shorter) => shorter,
            None if version(name) => &name[..name.len() - "-v1".len()],
            None => return name,
        }
    }
}

/// Cuts what Windows and inventories add: `@ 2.50GHz`, `, 2993 Mhz, 24 Core(s)`, `(32C/64T)`.
/// Inside parentheses the comma adds features to a name: `(Skylake, IBRS)` → `(Skylake)`.
fn without_remarks(text: &str) -> String {
    let (text, _) = text.split_once('@').unwrap_or((text, ""));
    let (text, remark) = text.split_once(',').unwrap_or((text, ""));
    match text.split_once('(') {
        Some((name, inside)) if inside.starts_with(|c: char| c.is_ascii_digit()) => name.to_owned(),
        Some((_, inside)) if !remark.is_empty() && !inside.contains(')') => format!("{text})"),
        _ => text.to_owned(),
    }
}

/// Drops a count in front, a clock rate at the end and the words that say nothing, and gives the
/// version of an E3, E5 or E7 its one spelling: `E5-2680-v4`, `E5-2680V4` → `e5-2680 v4`.
fn without_noise(words: &[&str]) -> String {
    let number =
        |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) && word.parse::<f32>().is_ok();
    let count = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let rate = |word: &str| {
        let value = word.strip_suffix("ghz").or(word.strip_suffix("mhz"));
        value.is_some_and(number)
    };

    let words = match words {
        [first, rest @ ..] if first.strip_suffix(['x', '×']).is_some_and(count) => rest,
        [first, "x" | "×", rest @ ..] if count(first) => rest,
        words => words,
    };
    let words = match words {
        [rest @ .., last] if rate(last) => rest,
        [rest @ .., value, "ghz" | "mhz"] if number(value) => rest,
        words => words,
    };

    let mut kept: Vec<&str> = Vec::new();
    let mut words = words.iter().copied().peekable();
    while let Some(word) = words.next() {
        if word == "dual" && words.next_if_eq(&"core").is_some() {
            continue;
        }
        if NOISE.contains(&word) || word.ends_with("-core") {
            continue;
        }
        match version(word) {
            Some((number, version)) => kept.extend([number, version]),
            None => kept.push(word),
        }
    }
    kept.join(" ")
}

/// `e5-2680-v4` → (`e5-2680`, `v4`).
fn version(word: &str) -> Option<(&str, &str)> {
    let (number, version) = word.split_at_checked(word.len().checked_sub("v4".len())?)?;
    let family = ["e3-", "e5-", "e7-"]
        .iter()
        .any(|family| number.starts_with(family));
    let digits = matches!(version.as_bytes(), [b'v', b'0'..=b'9']);
    (family && digits).then_some((number.trim_end_matches('-'), version))
}

/// Compares all of `text`, which is in lower case, with a pattern. Linear: nothing is tried twice.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.bytes();
    let mut text = text.bytes().peekable();
    while let Some(wanted) = pattern.next() {
        if wanted == b'*' {
            for _ in 0..3 {
                text.next_if(|b| b.is_ascii_alphabetic() || *b == b'+');
            }
            continue;
        }
        let Some(found) = text.next() else {
            return false;
        };
        let same = match wanted {
            b'x' => found.is_ascii_digit(),
            b'?' => found.is_ascii_alphanumeric(),
            // Counted, as `any` would leave the rest of the set in the pattern.
            b'[' => {
                pattern
                    .by_ref()
                    .take_while(|b| *b != b']')
                    .filter(|b| b.eq_ignore_ascii_case(&found))
                    .count()
                    > 0
            }
            wanted => wanted.eq_ignore_ascii_case(&found),
        };
        if !same {
            return false;
        }
    }
    text.next().is_none()
}

#[cfg(test)]
mod tests;
