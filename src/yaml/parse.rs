//! Parser events → tree.
//!
//! Corrects what the events of `granit_parser` say about places: block collections end where the
//! next token begins, sequences without indentation start behind their dash, block scalars
//! without their header, and what is not written at all is reported as `~`.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use granit_parser::{Event, Marker, Parser, ScalarStyle, StructureStyle, Tag};

use super::mapping;
use super::node::{Document, Style};
use super::scalar::Reading;
use super::tree::{Children, NodeData, Shape, Tree, verbatim};
use super::{
    Comment, MAX_BYTES, MAX_DOCUMENTS, MAX_DUPLICATES, MAX_EXPANSION, MAX_NESTING, MAX_NODES,
    Problem, Stream, fast, gap, syntax,
};
use crate::source::Span;

/// Reads every document of a text, until the first syntax error or exceeded limit.
#[must_use]
pub fn parse(text: &str) -> Stream<'_> {
    parse_fast(text).unwrap_or_else(|| parse_events(text))
}

/// The same for texts in the plain block style that nearly all files use; None for others.
#[must_use]
pub fn parse_fast(text: &str) -> Option<Stream<'_>> {
    let documents = fast::read(text)?;
    Some(Stream {
        documents,
        comments: Vec::new(),
        failure: None,
    })
}

/// The same by the events of the parser alone, which is what [`parse_fast`] is held against.
#[must_use]
pub fn parse_events(text: &str) -> Stream<'_> {
    read_events(text, MAX_EXPANSION).0
}

/// As [`parse`] does, for a text whose aliases and merge keys may stand for so many nodes; and for
/// how many they do.
pub(super) fn parse_expanding(text: &str, most: u64) -> (Stream<'_>, u64) {
    match parse_fast(text) {
        Some(stream) => (stream, 0),
        None => read_events(text, most),
    }
}

fn read_events(text: &str, most: u64) -> (Stream<'_>, u64) {
    let mut reader = Reader::new(text, most);
    let failure = reader.run().err();
    let stream = Stream {
        documents: reader.documents,
        comments: reader.comments,
        failure,
    };
    (stream, reader.expansion)
}

struct Reader<'t> {
    text: &'t str,
    documents: Vec<Document<'t>>,
    /// Those since the end of the last document.
    comments: Vec<Comment<'t>>,
    tree: Tree,
    problems: Vec<Problem>,
    anchors: HashMap<usize, Anchor>,
    open: Vec<Open>,
    /// Children of the open collections, those of the innermost last.
    pending: Vec<u32>,
    /// End of the last content.
    cursor: usize,
    /// Start of the `---` of the document.
    start: Option<usize>,
    /// Nodes so far, aliases counted as all that they stand for.
    size: u64,
    /// Nodes that aliases stand for, in all documents.
    expansion: u64,
    /// How many they may stand for.
    most_expansion: u64,
    /// Nodes of the documents that are finished.
    nodes: usize,
    /// Keys that stand twice, in all documents.
    duplicates: usize,
}

/// A collection whose end has not been read.
struct Open {
    id: u32,
    anchor: usize,
    first_pending: usize,
    size_before: u64,
    block_sequence: bool,
    /// How many collections lie within each other below it, aliases followed.
    height: usize,
}

struct Anchor {
    id: u32,
    /// None inside of the collection that it names.
    weight: Option<Weight>,
}

/// How many bytes of a text behind an alias count as one more node: whoever reads the tree may copy
/// it at each use.
const TEXT_OF_NODE: u64 = 32;

/// What an alias to a node stands for.
#[derive(Clone, Copy)]
struct Weight {
    nodes: u64,
    height: usize,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, most_expansion: u64) -> Self {
        Reader {
            text,
            documents: Vec::new(),
            comments: Vec::new(),
            tree: Tree::default(),
            problems: Vec::new(),
            anchors: HashMap::new(),
            open: Vec::new(),
            pending: Vec::new(),
            cursor: 0,
            start: None,
            size: 0,
            expansion: 0,
            most_expansion,
            nodes: 0,
            duplicates: 0,
        }
    }

    fn run(&mut self) -> Result<(), Problem> {
        if self.text.len() > MAX_BYTES {
            let limit = MAX_BYTES >> 20;
            return Err(syntax::limit(
                Span::new(0, 0),
                format!("the file is over {limit} MiB"),
                "split it into several files",
            ));
        }
        let options = granit_parser::options! {
            max_buffered_comment_events: usize::MAX,
            flow_nesting_limit: MAX_NESTING,
            block_nesting_limit: MAX_NESTING,
        };
        for event in Parser::new_from_str_with_options(self.text, options) {
            let (event, span) = event.map_err(|error| {
                let at = self.offset(*error.marker());
                syntax::problem(self.text, at, error.kind(), self.flow_opener())
            })?;
            let start = self.offset(span.start);
            self.event(event, start..self.offset(span.end).max(start))?;
            self.keep_within_limits(start)?;
        }
        Ok(())
    }

    /// Ends the reading of a text that would take too much memory.
    fn keep_within_limits(&self, at: usize) -> Result<(), Problem> {
        let counts = [
            (self.nodes + self.tree.nodes.len(), MAX_NODES, "values"),
            (self.documents.len(), MAX_DOCUMENTS, "documents"),
            (self.duplicates, MAX_DUPLICATES, "keys that are set twice"),
        ];
        match counts.iter().find(|(count, most, _)| count > most) {
            None => Ok(()),
            Some((_, most, what)) => Err(syntax::limit(
                syntax::visible(self.text, at),
                format!("this file has more than {most} {what}"),
                "split it into several files; until then it is left out",
            )),
        }
    }

    fn offset(&self, marker: Marker) -> usize {
        let at = marker.byte_offset().unwrap_or(self.cursor);
        self.text.floor_char_boundary(at)
    }

    fn event(&mut self, event: Event<'t>, at: Range<usize>) -> Result<(), Problem> {
        match event {
            // Without a `---` the place is that of some token further on.
            Event::DocumentStart(false, _) => self.start = None,
            Event::DocumentStart(true, _) => {
                self.start = Some(at.start);
                self.cursor = at.end;
            }
            Event::DocumentEnd => self.finish_document(at.end),
            Event::Comment(..) => {
                let text = self.text.get(at.start + 1..at.end).unwrap_or_default();
                self.comments.push(Comment {
                    span: Span::new(at.start, at.end),
                    text,
                });
            }
            Event::Alias(anchor) => self.alias(anchor, at)?,
            Event::Scalar(text, style, anchor, tag) => {
                let nodes = 1 + text.len() as u64 / TEXT_OF_NODE;
                let id = self.scalar(&text, style, tag.as_deref(), at);
                self.size = self.size.saturating_add(nodes);
                self.anchor(anchor, id, Some(Weight { nodes, height: 0 }));
            }
            Event::SequenceStart(style, anchor, _) => {
                let children = Children::default();
                let style = collection_style(style);
                self.open(Shape::Sequence { style, children }, style, anchor, at)?;
            }
            Event::MappingStart(style, anchor, _) => {
                let children = Children::default();
                let style = collection_style(style);
                let shape = Shape::Mapping {
                    style,
                    children,
                    as_written: true,
                };
                self.open(shape, style, anchor, at)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(at)?,
            _ => {}
        }
        Ok(())
    }

    /// Adds a node to the collection it stands in.
    fn push(&mut self, at: Range<usize>, lead: usize, shape: Shape) -> u32 {
        let id = self.tree.nodes.len() as u32;
        let span = Span::new(at.start, at.end);
        let lead = Span::new(lead, lead).start;
        self.tree.nodes.push(NodeData { span, lead, shape });
        self.pending.push(id);
        id
    }

    /// Where the node that comes next starts as an element, if it is one of a block sequence.
    fn dash(&mut self) -> Option<usize> {
        if !self.open.last()?.block_sequence {
            return None;
        }
        let dash = gap::dash(self.text, self.cursor)?;
        self.cursor = dash + 1;
        Some(dash)
    }

    fn anchor(&mut self, anchor: usize, id: u32, weight: Option<Weight>) {
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { id, weight });
        }
    }

    fn alias(&mut self, anchor: usize, at: Range<usize>) -> Result<(), Problem> {
        let span = Span::new(at.start, at.end);
        let Some(&Anchor {
            id: target,
            weight: Some(weight),
        }) = self.anchors.get(&anchor)
        else {
            return Err(syntax::recursive_alias(self.text, span));
        };
        if self.open.len() + weight.height > MAX_NESTING {
            return Err(syntax::too_deep(span));
        }
        self.expand(weight.nodes, span)?;
        self.size = self.size.saturating_add(weight.nodes);
        self.raise(weight.height);
        let lead = self.dash().unwrap_or(at.start);
        self.cursor = at.end;
        self.push(at, lead, Shape::Alias { target });
        Ok(())
    }

    /// Notes that the innermost open collection holds something of this height.
    fn raise(&mut self, height: usize) {
        if let Some(open) = self.open.last_mut() {
            open.height = open.height.max(height);
        }
    }

    fn expand(&mut self, nodes: u64, span: Span) -> Result<(), Problem> {
        self.expansion = self.expansion.saturating_add(nodes);
        if self.expansion > self.most_expansion {
            let message = "the aliases and merge keys of this file stand for more than";
            return Err(syntax::limit(
                span,
                format!("{message} {} nodes", self.most_expansion),
                "write out what they stand for; until then the file is left out",
            ));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        cooked: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Range<usize>,
    ) -> u32 {
        let dash = self.dash();
        let style = scalar_style(style);
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let is_absent = at.is_empty() && style == Style::Plain;
        let at = if is_block {
            self.block_scalar(at)
        } else if is_absent {
            let place = self.absent(at.start);
            place..place
        } else {
            at
        };
        let written = verbatim(style, Span::new(at.start, at.end), self.text);
        let cooked =
            (!is_absent && (is_block || written != cooked)).then(|| self.tree.keep(cooked.into()));
        self.cursor = at.end;
        let lead = dash.unwrap_or(at.start);
        let shape = Shape::Scalar {
            style,
            reading: Reading::of(style, tag),
            cooked: cooked.flatten(),
        };
        self.push(at, lead, shape)
    }

    /// A block scalar with its header and without the blank lines behind it.
    fn block_scalar(&self, at: Range<usize>) -> Range<usize> {
        let header = gap::block_header(self.text, self.cursor).unwrap_or(at.start..at.start);
        let content = at.start.max(header.end)..at.end.max(header.end);
        let lines = self.text[content.clone()].trim_end().len();
        let end = if lines == 0 {
            header.end
        } else {
            content.start + lines
        };
        header.start..end
    }

    /// Where a node that is not written would be: behind its dash or colon and its properties.
    fn absent(&self, reported: usize) -> usize {
        let is_value = self.open.last().is_some_and(|open| {
            let is_mapping = matches!(self.tree.data(open.id).shape, Shape::Mapping { .. });
            is_mapping && (self.pending.len() - open.first_pending) % 2 == 1
        });
        let colon = is_value
            .then(|| gap::colon(self.text, self.cursor))
            .flatten();
        let indicator = colon.map_or(self.cursor, |colon| colon + 1);
        let properties = self.text.get(indicator..reported).unwrap_or_default();
        indicator + properties.trim_end().len()
    }

    fn open(
        &mut self,
        shape: Shape,
        style: Style,
        anchor: usize,
        at: Range<usize>,
    ) -> Result<(), Problem> {
        if self.open.len() == MAX_NESTING {
            let span = syntax::visible(self.text, at.start);
            return Err(syntax::too_deep(span));
        }
        let dash = self.dash();
        let block_sequence = style == Style::Block && matches!(shape, Shape::Sequence { .. });
        let first_dash = block_sequence
            .then(|| gap::dash(self.text, self.cursor))
            .flatten();
        let start = first_dash.unwrap_or(at.start).max(self.cursor);
        self.cursor = if style == Style::Flow {
            at.end.max(start)
        } else {
            start
        };
        let size_before = self.size;
        self.size = self.size.saturating_add(1);
        let id = self.push(start..start, dash.unwrap_or(start), shape);
        self.anchor(anchor, id, None);
        self.open.push(Open {
            id,
            anchor,
            first_pending: self.pending.len(),
            size_before,
            block_sequence,
            height: 0,
        });
        Ok(())
    }

    fn close(&mut self, at: Range<usize>) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        if !at.is_empty() {
            self.cursor = at.end.max(self.cursor);
        }
        let children = Children {
            first: self.tree.children.len() as u32,
            count: (self.pending.len() - open.first_pending) as u32,
        };
        self.tree
            .children
            .extend(self.pending.drain(open.first_pending..));
        let data = &mut self.tree.nodes[open.id as usize];
        data.span = Span::new(data.span.start as usize, self.cursor);
        if let Shape::Sequence { children: slot, .. } | Shape::Mapping { children: slot, .. } =
            &mut data.shape
        {
            *slot = children;
        }
        self.settle(open.id)?;
        let weight = Weight {
            nodes: self.size.saturating_sub(open.size_before),
            height: open.height + 1,
        };
        self.raise(weight.height);
        self.anchor(open.anchor, open.id, Some(weight));
        Ok(())
    }

    /// Works out the entries of a mapping whose end has been read.
    fn settle(&mut self, id: u32) -> Result<(), Problem> {
        let may_repeat = self.is_braces_in_braces(id);
        let settled = mapping::settle(&mut self.tree, self.text, id, may_repeat);
        self.duplicates += settled.problems.len();
        self.problems.extend(settled.problems);
        self.expand(settled.copied, self.tree.data(id).span)
    }

    /// Whether the node just closed is a `{…}` as a key of another, as in `{{ x }}`.
    fn is_braces_in_braces(&self, id: u32) -> bool {
        let is_braces = |id: u32| {
            matches!(
                self.tree.data(id).shape,
                Shape::Mapping {
                    style: Style::Flow,
                    ..
                }
            )
        };
        is_braces(id)
            && self.open.last().is_some_and(|parent| {
                let is_key = (self.pending.len() - parent.first_pending) % 2 == 1;
                is_key && is_braces(parent.id)
            })
    }

    /// The innermost bracket that is open.
    fn flow_opener(&self) -> Option<Span> {
        let innermost = self.open.iter().rev().map(|open| self.tree.data(open.id));
        let mut openers = innermost.filter_map(|data| {
            let start = data.span.start as usize;
            let opens = self.text[start..].starts_with(['[', '{']);
            opens.then(|| Span::new(start, start + 1))
        });
        openers.next()
    }

    fn finish_document(&mut self, end: usize) {
        self.anchors.clear();
        self.open.clear();
        self.pending.clear();
        self.size = 0;
        let tree = std::mem::take(&mut self.tree);
        self.nodes += tree.nodes.len();
        let comments = std::mem::take(&mut self.comments);
        let mut problems = std::mem::take(&mut self.problems);
        problems.sort_by_key(|problem| problem.span);
        let Some(root) = tree.nodes.first() else {
            return;
        };
        let marker = Span::new(self.start.unwrap_or(root.span.start as usize), self.cursor);
        let span = comments
            .iter()
            .fold(marker, |span, comment| span.join(comment.span));
        self.cursor = end.max(self.cursor);
        self.documents.push(Document {
            span,
            comments,
            problems,
            text: self.text,
            has_braces: true,
            tree,
            ordinals: OnceLock::new(),
        });
    }
}

fn scalar_style(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}

fn collection_style(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}
