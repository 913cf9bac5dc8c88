//! Formats: what a document is, and how it is lowered to the model.
//!
//! One file a format; nothing outside it knows the format. The native one is the model itself.
//! What no format recognises is not ours, and nothing is said about it.

pub mod native;

use crate::diagnostic::Finding;
use crate::model::AnyResource;
use crate::source::FileId;
use crate::yaml::{Document, Node};

/// What one document was lowered to.
#[derive(Default, Debug)]
pub struct Lowered {
    /// The resources it declares.
    pub resources: Vec<AnyResource>,
    /// What is wrong with it as a document of its format.
    pub findings: Vec<Finding>,
}

/// A format that is read.
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// How a document of it is recognised, for people.
    pub recognised_by: &'static str,
    /// Texts without any of these hold no document of it.
    pub markers: &'static [&'static str],
    recognise: fn(Node<'_>) -> bool,
    lower: fn(Node<'_>, FileId, &mut Lowered),
}

/// All formats, in the order in which they are tried.
pub static FORMATS: &[Format] = &[native::FORMAT];

/// Whether a text can hold a document of a known format.
#[must_use]
pub fn concerns_us(text: &str) -> bool {
    FORMATS
        .iter()
        .flat_map(|format| format.markers)
        .any(|marker| memchr::memmem::find(text.as_bytes(), marker.as_bytes()).is_some())
}

/// Lowers a document; `None` when no format recognises it.
#[must_use]
pub fn lower(document: &Document<'_>, file: FileId) -> Option<Lowered> {
    let root = document.root();
    let format = FORMATS.iter().find(|format| (format.recognise)(root))?;
    let mut lowered = Lowered::default();
    (format.lower)(root, file, &mut lowered);
    Some(lowered)
}

/// Whether a text is a template of Helm or Jinja: a line starts with `{{` or `{%`. Lines within
/// block scalars are texts of their own and do not count, but telling them apart needs a tree:
/// `parsed` says whether the text is YAML as it stands, and then nothing starts a line so.
#[must_use]
pub fn is_template(text: &str, parsed: bool) -> bool {
    let opens = |line: &str| {
        let line = line.trim_start();
        line.starts_with("{{") || line.starts_with("{%")
    };
    if parsed {
        text.lines().any(|line| line.starts_with("{{") || line.starts_with("{%"))
    } else {
        text.contains("{{") || text.lines().any(opens)
    }
}
