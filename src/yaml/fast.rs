//! The fast path: text → tree without events, for the plain block style that nearly all files use.
//!
//! Contract: [`read`] makes the very tree, comments and duplicate keys that the parser of events
//! makes of a text (tests hold both against each other), or gives up. It gives up at the first
//! sight of anything it does not know for certain: anchors, aliases, tags, merge keys, `? ` keys,
//! most scalars of several lines, brackets of several lines, unusual characters, and
//! everything that may be an error, or beyond a limit. So there are no messages here.
//!
//! It goes line by line. The column at which a line starts says which of the open collections
//! go on; what stands in the line is read by [`word`].

mod block_scalar;
mod brackets;
mod word;

use std::ops::Range;
use std::sync::OnceLock;

use super::mapping;
use super::node::{Document, Style};
use super::scalar::Reading;
use super::tree::{Children, NodeData, Shape, Tree};
use super::{Comment, MAX_BYTES, MAX_DOCUMENTS, MAX_DUPLICATES, MAX_NODES, Problem};
use crate::source::Span;
use word::Word;

/// How many collections may lie within each other here; far from what is a limit elsewhere.
const DEEP: usize = 64;

/// All documents of a text and the comments in them; None where the parser of events is to decide.
pub(super) fn read(text: &str) -> Option<Vec<Document<'_>>> {
    if text.len() > MAX_BYTES || !word::is_ordinary(text) {
        return None;
    }
    let mut scanner = Scanner::new(text);
    while scanner.next_line() {
        scanner.line()?;
        scanner.keep_within_limits()?;
    }
    scanner.finish_document()?;
    scanner.keep_within_limits()?;
    Some(scanner.documents)
}

struct Scanner<'t> {
    text: &'t str,
    /// Whether a `{` stands in the text.
    has_braces: bool,
    documents: Vec<Document<'t>>,
    /// Those since the end of the last document.
    comments: Vec<Comment<'t>>,
    tree: Tree,
    problems: Vec<Problem>,
    /// Nodes of the documents that are finished.
    nodes: usize,
    /// Keys that stand twice, in all documents.
    duplicates: usize,
    open: Vec<Open>,
    /// Children of the open collections, those of the innermost last.
    pending: Vec<u32>,
    /// A node that has to come next, in the innermost open collection.
    awaited: Option<Awaited>,
    /// End of the last content.
    cursor: usize,
    /// Start of the `---` of the document.
    start: Option<usize>,
    /// Start of the line.
    line: usize,
    /// End of the line, without its line break.
    stop: usize,
    /// Start of the next line.
    next: usize,
}

/// A collection whose end has not been read.
struct Open {
    id: u32,
    first_pending: usize,
    /// Where its keys or dashes stand; not meant for brackets.
    column: usize,
    is_sequence: bool,
}

/// A value of a mapping or an item of a sequence.
#[derive(Clone, Copy)]
struct Awaited {
    /// The dash in front of it.
    dash: Option<usize>,
    /// Where it is if nothing is written.
    place: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Scanner {
            text,
            has_braces: memchr::memchr(b'{', text.as_bytes()).is_some(),
            documents: Vec::new(),
            comments: Vec::new(),
            tree: Tree::default(),
            problems: Vec::new(),
            nodes: 0,
            duplicates: 0,
            open: Vec::new(),
            pending: Vec::new(),
            awaited: None,
            cursor: 0,
            start: None,
            line: 0,
            stop: 0,
            next: 0,
        }
    }

    /// Goes on to the next line, if there is one.
    fn next_line(&mut self) -> bool {
        let rest = &self.text.as_bytes()[self.next..];
        self.line = self.next;
        let length = memchr::memchr(b'\n', rest);
        self.next += length.map_or(rest.len(), |length| length + 1);
        let line = &rest[..length.unwrap_or(rest.len())];
        self.stop = self.line + line.strip_suffix(b"\r").unwrap_or(line).len();
        !rest.is_empty()
    }

    /// Gives up where the parser of events would end the reading.
    fn keep_within_limits(&self) -> Option<()> {
        let is_within = self.nodes + self.tree.nodes.len() <= MAX_NODES
            && self.documents.len() <= MAX_DOCUMENTS
            && self.duplicates <= MAX_DUPLICATES;
        is_within.then_some(())
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes()[..self.stop].get(at).copied()
    }

    /// The first byte from `at` on that is no space, or the end of the line.
    fn skip_spaces(&self, at: usize) -> usize {
        let rest = self.text.as_bytes()[at..self.stop].iter();
        at + rest.take_while(|byte| **byte == b' ').count()
    }

    /// Whether the byte at `at` is followed by a space or the end of the line.
    fn is_indicator(&self, at: usize) -> bool {
        self.byte(at + 1).is_none_or(|next| next == b' ')
    }

    fn line(&mut self) -> Option<()> {
        let at = self.skip_spaces(self.line);
        match self.byte(at) {
            None => Some(()),
            Some(b'#') => self.comment(at),
            Some(b'%' | b'.') if at == self.line => None,
            Some(b'-') if self.text[at..self.stop].starts_with("---") && at == self.line => {
                self.document_start()
            }
            Some(byte) => {
                let is_dash = byte == b'-' && self.is_indicator(at);
                let is_new = self.arrive(at - self.line, is_dash)?;
                self.content(at, is_new)
            }
        }
    }

    fn comment(&mut self, at: usize) -> Option<()> {
        self.comments.push(Comment {
            span: Span::new(at, self.stop),
            text: &self.text[at + 1..self.stop],
        });
        Some(())
    }

    /// Reads on behind the last node of a line.
    fn end_of_line(&mut self, from: usize) -> Option<()> {
        let at = self.skip_spaces(from);
        match self.byte(at) {
            None => Some(()),
            Some(b'#') if at > from => self.comment(at),
            Some(_) => None,
        }
    }

    fn document_start(&mut self) -> Option<()> {
        if self.start.is_some() || !self.tree.nodes.is_empty() {
            self.finish_document()?;
        }
        self.start = Some(self.line);
        self.cursor = self.line + 3;
        self.end_of_line(self.cursor)
    }

    /// Leaves the collections that end where a line starts in this column. Answers whether a new
    /// node starts there, as opposed to a key or dash of the innermost collection that is left.
    fn arrive(&mut self, column: usize, is_dash: bool) -> Option<bool> {
        while let Some(top) = self.open.last() {
            let is_awaited = self.awaited.is_some();
            if column > top.column {
                return is_awaited.then_some(true);
            }
            if column == top.column {
                if top.is_sequence == is_dash {
                    self.absent()?;
                    return Some(false);
                }
                if is_dash {
                    return is_awaited.then_some(true);
                }
            }
            self.absent()?;
            self.close();
        }
        self.tree.nodes.is_empty().then_some(true)
    }

    /// Reads dashes, a key and a value, as far as they stand in the line.
    fn content(&mut self, mut at: usize, mut is_new: bool) -> Option<()> {
        while self.byte(at) == Some(b'-') && self.is_indicator(at) {
            if is_new {
                let children = Children::default();
                let style = Style::Block;
                self.open(at, Shape::Sequence { style, children })?;
            }
            self.cursor = at + 1;
            self.awaited = Some(Awaited {
                dash: Some(at),
                place: at + 1,
            });
            at = self.skip_spaces(at + 1);
            if at == self.stop || self.byte(at) == Some(b'#') {
                return self.end_of_line(self.cursor);
            }
            is_new = true;
        }
        self.key_or_value(at, is_new)
    }

    fn key_or_value(&mut self, at: usize, is_new: bool) -> Option<()> {
        let first = self.byte(at)?;
        if matches!(first, b'[' | b'{' | b'|' | b'>') {
            return is_new.then(|| self.value(at))?;
        }
        let word = word::read(&self.text[..self.stop], at, &[])?;
        let colon = self.skip_spaces(word.span.end);
        if self.byte(colon) != Some(b':') || !self.is_indicator(colon) {
            self.awaited.filter(|_| is_new)?;
            let end = word.span.end;
            self.scalar(word);
            return self.end_of_line(end);
        }
        if colon - at > word::MAX_KEY || word.is_merge(self.text) {
            return None;
        }
        if is_new {
            let shape = Shape::Mapping {
                style: Style::Block,
                children: Children::default(),
                as_written: true,
            };
            self.open(at, shape)?;
        }
        self.scalar(word);
        self.awaited = Some(Awaited {
            dash: None,
            place: colon + 1,
        });
        let at = self.skip_spaces(colon + 1);
        match self.byte(at) {
            None | Some(b'#') => self.end_of_line(colon + 1),
            Some(_) => self.value(at),
        }
    }

    /// Reads a value that starts behind a key or dash.
    fn value(&mut self, at: usize) -> Option<()> {
        let awaited = self.awaited?;
        match self.byte(at)? {
            b'[' | b'{' => {
                let end = self.brackets(at, awaited.dash)?;
                self.awaited = None;
                self.end_of_line(end)
            }
            b'|' | b'>' => self.block_scalar(at),
            _ => {
                let word = word::read(&self.text[..self.stop], at, &[])?;
                let end = word.span.end;
                self.scalar(word);
                self.end_of_line(end)
            }
        }
    }

    /// Adds a node to the collection it stands in.
    fn push(&mut self, at: Range<usize>, shape: Shape) -> u32 {
        let id = self.tree.nodes.len() as u32;
        let dash = self.awaited.take().and_then(|awaited| awaited.dash);
        let lead = Span::new(dash.unwrap_or(at.start), 0).start;
        let span = Span::new(at.start, at.end);
        self.tree.nodes.push(NodeData { span, lead, shape });
        self.pending.push(id);
        id
    }

    fn scalar(&mut self, word: Word) {
        let cooked = word.cooked.and_then(|text| self.tree.keep(text));
        let style = word.style;
        self.cursor = word.span.end;
        let reading = Reading::of(style, None);
        let shape = Shape::Scalar {
            style,
            reading,
            cooked,
        };
        self.push(word.span, shape);
    }

    /// Adds the node that is awaited and not written, if there is one. An item with a comment in
    /// its place is left to the events.
    fn absent(&mut self) -> Option<()> {
        let Some(Awaited { dash, place }) = self.awaited else {
            return Some(());
        };
        let comment = self
            .comments
            .last()
            .map(|comment| comment.span.start as usize);
        if dash.is_some() && comment.is_some_and(|comment| comment >= place) {
            return None;
        }
        self.scalar(Word {
            style: Style::Plain,
            span: place..place,
            cooked: None,
        });
        Some(())
    }

    fn open(&mut self, start: usize, shape: Shape) -> Option<()> {
        if self.open.len() == DEEP {
            return None;
        }
        let is_sequence = matches!(shape, Shape::Sequence { .. });
        let id = self.push(start..start, shape);
        self.cursor = start;
        self.open.push(Open {
            id,
            first_pending: self.pending.len(),
            column: start - self.line,
            is_sequence,
        });
        Some(())
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        let written = Children {
            first: self.tree.children.len() as u32,
            count: (self.pending.len() - open.first_pending) as u32,
        };
        let ids = self.pending.drain(open.first_pending..);
        self.tree.children.extend(ids);
        let data = &mut self.tree.nodes[open.id as usize];
        data.span = Span::new(data.span.start as usize, self.cursor);
        if let Shape::Sequence { children, .. } | Shape::Mapping { children, .. } = &mut data.shape
        {
            *children = written;
        }
        let is_plain = || mapping::has_plain_keys(&self.tree, self.text, open.id);
        if !open.is_sequence && !is_plain() {
            let settled = mapping::settle(&mut self.tree, self.text, open.id, false);
            self.duplicates += settled.problems.len();
            self.problems.extend(settled.problems);
        }
    }

    /// Finishes the document; None where it is empty.
    fn finish_document(&mut self) -> Option<()> {
        while !self.open.is_empty() {
            self.absent()?;
            self.close();
        }
        let next = Tree::like(&self.tree);
        let tree = std::mem::replace(&mut self.tree, next);
        self.nodes += tree.nodes.len();
        let comments = std::mem::take(&mut self.comments);
        let mut problems = std::mem::take(&mut self.problems);
        problems.sort_by_key(|problem| problem.span);
        self.pending.clear();
        let root = tree.nodes.first()?.span.start as usize;
        let marker = Span::new(self.start.take().unwrap_or(root), self.cursor);
        self.documents.push(Document {
            span: comments
                .iter()
                .fold(marker, |span, comment| span.join(comment.span)),
            comments,
            problems,
            text: self.text,
            has_braces: self.has_braces,
            tree,
            ordinals: OnceLock::new(),
        });
        Some(())
    }
}
