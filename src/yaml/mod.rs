//! YAML text → a tree that remembers where everything was written.
//!
//! [`parse()`] reads every [`Document`] of a text into an arena; [`Node`] is the handle that other
//! rooms hold. A node knows its value by the YAML 1.2 core schema, the source text of its scalar,
//! its span, and, when it was reached through an alias or a merge key, both the place of that use
//! and the place of its definition ([`Place`]). Comments are kept, and [`covered_by`] says what
//! one stands at; [`path_at`] names a node in a way that survives edits elsewhere. [`Written`] shows
//! the same tree without following aliases, for who wants to edit the text.
//!
//! Most texts are in a plain block style that needs no parser of events; [`parse_fast`] reads them.
//!
//! This is not a serialiser, knows no schema, and never stops at the first flaw it can read past:
//! duplicate keys are [`Problem`]s of their document, only broken syntax and exceeded limits end
//! a [`Stream`]. No input makes it panic or takes it more than about linear time.

mod cover;
mod fast;
mod gap;
mod inside;
mod mapping;
mod node;
mod parse;
mod path;
mod scalar;
mod syntax;
#[cfg(test)]
mod tests;
mod tree;
mod written;

use crate::source::Span;

pub use cover::covered_by;
pub use inside::{Room, parse_inside};
pub use node::{Document, Entries, Entry, Items, Node, Place, Style, Value, is_template_text};
pub use parse::{parse, parse_events, parse_fast};
pub use path::path_at;
pub use written::{Form, Stop, Written};

pub use crate::source::MAX_BYTES;

/// How many collections may lie within each other, in block and flow style together and with
/// aliases followed. Recursion over a tree goes no deeper.
pub const MAX_NESTING: usize = 255;

/// How many nodes the aliases and merge keys of one text may stand for, all together. A long
/// scalar counts as several.
pub const MAX_EXPANSION: u64 = 1_000_000;

/// How many nodes the documents of one text may have, all together.
pub const MAX_NODES: usize = 5_000_000;

/// How many documents one text may have.
pub const MAX_DOCUMENTS: usize = 500_000;

/// How many keys of one text may stand twice in their mapping.
pub const MAX_DUPLICATES: usize = 10_000;

/// All that was read of a text.
#[derive(PartialEq, Debug)]
pub struct Stream<'t> {
    /// The documents in front of the failure, or all of them.
    pub documents: Vec<Document<'t>>,
    /// Comments that belong to no document: behind a final `...`, or in a text without any.
    pub comments: Vec<Comment<'t>>,
    /// Why reading stopped early; never [`ProblemKind::DuplicateKey`].
    pub failure: Option<Problem>,
}

/// What kind of thing is wrong with a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// It is not YAML.
    Syntax,
    /// It exceeds [`MAX_BYTES`], [`MAX_NESTING`], [`MAX_EXPANSION`], [`MAX_NODES`],
    /// [`MAX_DOCUMENTS`] or [`MAX_DUPLICATES`].
    Limit,
    /// A key stands twice in one mapping; the first one counts.
    DuplicateKey,
}

/// Something wrong with a text as YAML.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// What kind of thing.
    pub kind: ProblemKind,
    /// Where: the later key, or where reading stopped.
    pub span: Span,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Another place that explains it, and what is there.
    pub related: Option<(Span, String)>,
}

/// A comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Comment<'t> {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`, as written.
    pub text: &'t str,
}
