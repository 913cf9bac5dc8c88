//! Documents in a block scalar, with the spans of the text around it.

use std::sync::OnceLock;

use super::parse::parse_expanding;
use super::{
    Comment, Document, MAX_BYTES, MAX_EXPANSION, MAX_NODES, Node, Problem, ProblemKind, Stream,
    Style,
};
use crate::source::Span;

/// How much may still be read of the texts in a file. Texts lie in texts, and aliases can make many
/// of one, so that each of them alone says little.
#[derive(Clone, Debug)]
pub struct Room {
    /// Bytes of texts.
    pub bytes: usize,
    /// Nodes in them.
    pub nodes: usize,
    /// Nodes that aliases and merge keys in them stand for.
    pub expansion: u64,
    /// The first text that was not read, as there was no room.
    pub exceeded_at: Option<Span>,
}

impl Default for Room {
    fn default() -> Self {
        Room {
            bytes: MAX_BYTES,
            nodes: MAX_NODES,
            expansion: MAX_EXPANSION,
            exceeded_at: None,
        }
    }
}

impl Room {
    /// Parses a text, if there is room for it.
    fn parse<'t>(&mut self, text: &'t str, at: Span) -> Option<Stream<'t>> {
        let Some(bytes) = self.bytes.checked_sub(text.len()) else {
            self.exceeded_at.get_or_insert(at);
            return None;
        };
        self.bytes = bytes;
        let (stream, expansion) = parse_expanding(text, self.expansion);
        let documents = stream.documents.iter();
        let nodes: usize = documents.map(|it| it.tree.nodes.len()).sum();
        let is_limit = |it: &Problem| it.kind == ProblemKind::Limit;
        if nodes > self.nodes || stream.failure.as_ref().is_some_and(is_limit) {
            self.exceeded_at.get_or_insert(at);
        }
        self.nodes = self.nodes.checked_sub(nodes)?;
        self.expansion = self.expansion.saturating_sub(expansion);
        Some(stream)
    }
}

/// Reads the content of a literal block scalar as YAML. Nodes, comments and problems stand where
/// they are in the text that the scalar is in. None for other nodes, and where the content cannot
/// be read to its end, or there is no room for it.
#[must_use]
pub fn parse_inside<'t>(scalar: Node<'t>, room: &mut Room) -> Option<Stream<'t>> {
    if scalar.style() != Style::Literal {
        return None;
    }
    let text = scalar.document.text;
    let written = text.get(scalar.span().range())?;
    let start = scalar.span().start as usize + written.find('\n')? + 1;
    let content = separated(text.get(start..scalar.span().end as usize)?);
    let Stream {
        documents,
        comments,
        failure: None,
    } = room.parse(&content, scalar.place().span)?
    else {
        return None;
    };
    let place = Inside {
        text,
        by: u32::try_from(start).ok()?,
    };
    let comments = place.comments(&comments)?;
    let documents: Option<Vec<_>> = documents
        .into_iter()
        .map(|document| place.document(document))
        .collect();
    Some(Stream {
        documents: documents?,
        comments,
        failure: None,
    })
}

/// The content with the indentation of its `---` lines turned into line breaks: between documents they have
/// to stand at the start of a line, and all else stays at its byte.
fn separated(content: &str) -> String {
    let depth = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let first = content.lines().find(|line| !line.trim().is_empty());
    let indentation = first.map_or(0, depth);
    let mut text = String::with_capacity(content.len());
    for line in content.split_inclusive('\n') {
        let (before, rest) = line.split_at(depth(line));
        let separates = rest
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        match separates && before.len() == indentation {
            true => text.extend(std::iter::repeat_n('\n', before.len())),
            false => text.push_str(before),
        }
        text.push_str(rest);
    }
    text
}

/// Where what was read belongs.
struct Inside<'t> {
    text: &'t str,
    by: u32,
}

impl<'t> Inside<'t> {
    fn span(&self, span: Span) -> Span {
        Span {
            start: span.start + self.by,
            end: span.end + self.by,
        }
    }

    fn comments(&self, comments: &[Comment<'_>]) -> Option<Vec<Comment<'t>>> {
        let moved = |comment: &Comment<'_>| {
            let span = self.span(comment.span);
            let length = comment.text.len();
            let text = self.text.get(span.range())?;
            Some(Comment {
                span,
                text: text.get(text.len().checked_sub(length)?..)?,
            })
        };
        comments.iter().map(moved).collect()
    }

    fn problem(&self, problem: Problem) -> Problem {
        Problem {
            span: self.span(problem.span),
            related: problem.related.map(|(span, text)| (self.span(span), text)),
            ..problem
        }
    }

    fn document(&self, document: Document<'_>) -> Option<Document<'t>> {
        let comments = self.comments(&document.comments)?;
        let mut tree = document.tree;
        for node in &mut tree.nodes {
            node.span = self.span(node.span);
            node.lead += self.by;
        }
        Some(Document {
            span: self.span(document.span),
            comments,
            problems: document
                .problems
                .into_iter()
                .map(|problem| self.problem(problem))
                .collect(),
            text: self.text,
            has_braces: document.has_braces,
            tree,
            ordinals: OnceLock::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn what_is_read_inside_stands_where_it_is_in_the_text_around() {
        let text = "data:\n  a: |\n    # one\n    x: [1, *b]\n    y: 'q'\n    ---\n    z: &b t\n    z: u\n";
        let outer = parse(&text.replace(", *b", "")).documents.len();
        assert_eq!(outer, 1);
        let text = text.replace(", *b", "");
        let stream = parse(&text);
        let scalar = stream.documents[0].root().get("data").unwrap().value;
        let scalar = scalar.get("a").unwrap().value;
        let inside = parse_inside(scalar, &mut Room::default()).unwrap();
        let [one, two] = inside.documents.as_slice() else {
            panic!("{:?}", inside.documents);
        };
        let at = |node: Node<'_>| &text[node.span().range()];
        assert_eq!(at(one.root().get("y").unwrap().value), "'q'");
        assert_eq!(at(two.root().get("z").unwrap().value), "t");
        assert_eq!(one.comments[0].text, " one");
        assert_eq!(&text[two.problems[0].span.range()], "z");
        assert_eq!(
            two.problems[0].span.start as usize,
            text.rfind('z').unwrap()
        );
    }

    #[test]
    fn what_is_no_yaml_is_a_text() {
        let stream = parse("a: |\n  x: [\nb: >\n  x: 1\n");
        let root = stream.documents[0].root();
        for key in ["a", "b"] {
            let scalar = root.get(key).unwrap().value;
            assert!(parse_inside(scalar, &mut Room::default()).is_none());
        }
    }
}
