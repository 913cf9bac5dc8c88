//! Formats: what a document is, and how it is lowered to the model.
//!
//! One file a format; nothing outside it knows the format. The native one is the model itself.
//! What no format recognises is not ours, and nothing is said about it.

pub mod native;

use crate::diagnostic::Finding;
use crate::model::AnyResource;
use crate::source::{FileId, SourceFile, Span};
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
pub fn concerns_us(text: &[u8]) -> bool {
    FORMATS
        .iter()
        .flat_map(|format| format.markers)
        .any(|marker| memchr::memmem::find(text, marker.as_bytes()).is_some())
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

/// Whether a file is a template of Helm or Jinja, to be filled in before it is YAML: a line starts
/// with `{{` or `{%`, or reading stopped (at `failure`) at a line that has one of them. In text
/// that is YAML as it stands, indented lines do not count: they belong to block scalars.
#[must_use]
pub fn is_template(source: &SourceFile, failure: Option<Span>) -> bool {
    let bytes = source.text().as_bytes();
    let holds = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
    if !holds("{{") && !holds("{%") {
        return false;
    }
    let opens = |line: &str| line.starts_with("{{") || line.starts_with("{%");
    let Some(failure) = failure else {
        return source.text().lines().any(opens);
    };
    let last = source.line_of(failure.start);
    let near = (last.saturating_sub(1)..=last).map(|line| source.slice(source.line_span(line)));
    near.into_iter()
        .any(|line| line.contains("{{") || line.contains("{%"))
        || source.text().lines().any(|line| opens(line.trim_start()))
}
