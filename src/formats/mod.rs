//! Formats: what a document is, and how it is lowered to the model.
//!
//! One file a format; nothing outside it knows the format. The native one is the model itself.
//! What no format recognises is not ours, and nothing is said about it. What documents say about
//! others (a claim about the disk that uses it, a kustomization about the files it names) becomes
//! [`Piece`]s, which [`join()`] puts in their places once all files are read.

mod ansible;
mod backup;
mod cluster;
mod datum;
mod dsc;
mod join;
mod kubevirt;
mod lowering;
mod maintenance;
mod manifest;
pub mod native;
mod nested;
mod powershell;
mod windows;

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem;

use crate::diagnostic::Finding;
use crate::model::{AnyResource, Meta, Resource};
use crate::source::{FileId, SourceFile, Span};
use crate::yaml::{Document, Entry, Node, Room, Stream};

pub use join::{Piece, join};

/// What one document was lowered to.
#[derive(Debug)]
pub struct Lowered {
    /// The file it is in.
    pub file: FileId,
    /// The resources it declares.
    pub resources: Vec<AnyResource>,
    /// What it says about resources of other documents.
    pub pieces: Vec<Piece>,
    /// What is wrong with it as a document of its format.
    pub findings: Vec<Finding>,
    /// Whether what is being lowered is a part of an object: what it does not say, others do.
    partial: bool,
    /// Whether it holds other things beside its resources, about which nothing is said.
    pub mixed: bool,
    /// The documents in it, ours and others, apart from each other and in the order of the text.
    parts: Vec<Span>,
}

impl Lowered {
    fn new(file: FileId) -> Self {
        Lowered {
            file,
            resources: Vec::new(),
            pieces: Vec::new(),
            findings: Vec::new(),
            partial: false,
            mixed: false,
            parts: Vec::new(),
        }
    }

    /// Whether a place is in none of the documents in it, but in what wraps them.
    #[must_use]
    pub fn wraps(&self, place: Span) -> bool {
        let before = self.parts.partition_point(|part| part.start <= place.start);
        !self.parts[..before]
            .last()
            .is_some_and(|part| part.contains(place))
    }

    fn add_part(&mut self, extent: Span) {
        if self.parts.last().is_none_or(|part| !part.contains(extent)) {
            self.parts.push(extent);
        }
    }

    fn add<S>(&mut self, meta: Meta, spec: S)
    where
        AnyResource: From<Resource<S>>,
    {
        self.resources.push(Resource { meta, spec }.into());
    }

    fn add_piece(&mut self, content: join::Content) {
        self.pieces.push(Piece {
            file: self.file,
            scope: 0,
            content,
        });
    }
}

/// A format that is read.
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub title: &'static str,
    /// How a document of it is recognised, for people.
    pub recognised_by: &'static str,
    /// Texts without any of these hold no document of it.
    pub markers: &'static [&'static str],
    /// The same of documents that only say something about others, and are read where those are.
    pub helpers: &'static [&'static str],
    recognise: fn(Node<'_>) -> bool,
    lower: fn(Node<'_>, &mut Lowered),
}

/// All formats, in the order in which they are tried.
pub static FORMATS: &[Format] = &[
    native::FORMAT,
    kubevirt::FORMAT,
    cluster::SETTINGS,
    cluster::NODES,
    cluster::NEIGHBOURS,
    cluster::SNAPSHOTS,
    backup::VELERO,
    backup::LONGHORN,
    backup::HARVESTER,
    backup::VOLSYNC,
    maintenance::KURED,
    maintenance::UPGRADE,
    ansible::FORMAT,
    datum::FORMAT,
    dsc::FORMAT,
    join::KUSTOMIZE,
];

/// What a text can hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Concern {
    /// No document of a known format.
    Nothing,
    /// Documents that only say something about others.
    Help,
    /// Documents that declare something.
    Ours,
}

/// Words that are sought all at once. Made anew in every run, for which this kind is the quickest;
/// texts without any are passed over many bytes at once, which is only so where the leftmost counts.
fn seeking<'w>(words: impl Iterator<Item = &'w &'static str>) -> AhoCorasick {
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(words)
        .expect("so few words are no trouble")
}

/// The words of documents that declare something.
fn owning() -> impl Iterator<Item = &'static &'static str> {
    FORMATS.iter().flat_map(|format| format.markers)
}

static OWNING: LazyLock<AhoCorasick> = LazyLock::new(|| seeking(owning()));
/// These first, then the words of documents that help.
static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let helping = FORMATS.iter().flat_map(|format| format.helpers);
    seeking(owning().chain(helping))
});

impl Concern {
    /// What a text can hold, by the words in it.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        // Most of ours are, and it takes no table of words to see that.
        let mut native = native::FORMAT.markers.iter();
        if native.any(|word| memmem::find(text, word.as_bytes()).is_some()) {
            return Concern::Ours;
        }
        let Some(first) = WORDS.find(text) else {
            return Concern::Nothing;
        };
        let rest = text.get(first.start()..).unwrap_or_default();
        match first.pattern().as_usize() < owning().count() || OWNING.is_match(rest) {
            true => Concern::Ours,
            false => Concern::Help,
        }
    }
}

/// Whether a text can hold a document of a known format.
#[must_use]
pub fn concerns_us(text: &[u8]) -> bool {
    Concern::of(text) != Concern::Nothing
}

/// Lowers a document, with those that lie in it; `None` when no format recognises any. `room` is what
/// may be read of texts in the file; each document of one is handed to `inside` with all that is
/// lowered so far, or without where no format recognises it.
#[must_use]
pub fn lower(
    document: &Document<'_>,
    file: FileId,
    room: &mut Room,
    inside: &mut Inside<'_>,
) -> Option<Lowered> {
    let mut lowering = Lowering {
        lowered: Lowered::new(file),
        last: None,
        inside,
    };
    nested::each(document.root(), room, &mut lowering);
    lowering.last.map(|_| lowering.lowered)
}

/// What is done with the documents in texts.
pub type Inside<'i> = dyn FnMut(&Document<'_>, Option<&Lowered>) + 'i;

struct Lowering<'i, 'c> {
    lowered: Lowered,
    /// The document that was recognised last.
    last: Option<Span>,
    inside: &'i mut Inside<'c>,
}

impl nested::Visitor for Lowering<'_, '_> {
    fn document(&mut self, node: Node<'_>, partial: bool) {
        let lowered = &mut self.lowered;
        lowered.add_part(node.place().span);
        let Some(format) = FORMATS.iter().find(|format| (format.recognise)(node)) else {
            return;
        };
        self.last = Some(node.place().span);
        lowered.partial = partial || (format.name != native::FORMAT.name && is_patch(node));
        let before = lowered.resources.len();
        (format.lower)(node, lowered);
        if lowered.partial {
            let parts = &mut lowered.resources[before..];
            parts.iter_mut().for_each(|it| it.meta_mut().partial = true);
        }
    }

    fn text(&mut self, document: &Document<'_>) {
        let ours = self.last.is_some_and(|last| document.span.contains(last));
        (self.inside)(document, ours.then_some(&self.lowered));
    }
}

/// Whether a document says itself that it is a patch: `$patch` stands somewhere in it.
fn is_patch(node: Node<'_>) -> bool {
    fn says(node: Node<'_>, left: &mut u32) -> bool {
        let Some(rest) = left.checked_sub(1) else {
            return false;
        };
        *left = rest;
        let says_so = |it: Entry<'_>| it.key.text() == Some("$patch") || says(it.value, left);
        node.entries().any(says_so) || node.items().any(|item| says(item, left))
    }
    says(node, &mut MOST_NODES.clone())
}

/// How many nodes are looked at for one thing: aliases can make many of few.
const MOST_NODES: u32 = 100_000;

/// Whether a text that cannot be read to its end is one of ours: a document in front of the failure
/// is, or a line says what one of ours begins with. A word of ours may stand anywhere in others.
#[must_use]
pub fn may_be_ours(text: &str, stream: &Stream<'_>) -> bool {
    let known = |document: &Document<'_>| {
        let mut known = Known(false);
        nested::each(document.root(), &mut Room::default(), &mut known);
        known.0
    };
    let opens = |line: &str| {
        let key = line.split(':').next().unwrap_or_default();
        let is_version = matches!(key, "apiVersion" | "$schema" | "- apiVersion");
        let is_label = key.contains(['/', '#']);
        let told = if is_version { line } else { key };
        (is_version || !is_label) && Concern::of(told.as_bytes()) == Concern::Ours
    };
    text.contains("vmlint.dev") || stream.documents.iter().any(known) || text.lines().any(opens)
}

/// Whether a document of a known format was found.
struct Known(bool);

impl nested::Visitor for Known {
    fn document(&mut self, node: Node<'_>, _: bool) {
        self.0 |= FORMATS.iter().any(|format| (format.recognise)(node));
    }
}

/// Whether a file is a template of Helm or Jinja, to be filled in before it is YAML: a line outside
/// of block scalars starts with `{{` or `{%`, or reading stopped at a line that has one of them.
#[must_use]
pub fn is_template(source: &SourceFile, stream: &Stream<'_>) -> bool {
    let bytes = source.text().as_bytes();
    let holds = |mark: &str| memmem::find(bytes, mark.as_bytes()).is_some();
    if !holds("{{") && !holds("{%") && !holds("%%") {
        return false;
    }
    let opens = |line: &str| line.starts_with("{{") || line.starts_with("{%");
    if let Some(failure) = &stream.failure {
        let last = source.line_of(failure.span.start);
        let near = (last.saturating_sub(1)..=last).map(|line| source.slice(source.line_span(line)));
        return near
            .into_iter()
            .any(|line| ["{{", "{%", "%%"].iter().any(|mark| line.contains(mark)))
            || source.text().lines().any(|line| opens(line.trim_start()));
    }
    let mut start = 0;
    let mut blocks = stream.documents.iter().flat_map(Document::block_scalars);
    let mut block = blocks.next();
    for line in source.text().split_inclusive('\n') {
        if opens(line.trim_start()) {
            let at = start + line.len() - line.trim_start().len();
            while block.is_some_and(|it| it.end as usize <= at) {
                block = blocks.next();
            }
            if block.is_none_or(|it| it.start as usize > at) {
                return true;
            }
        }
        start += line.len();
    }
    false
}
