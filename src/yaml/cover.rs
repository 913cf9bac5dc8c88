//! What a comment stands at.

use super::Comment;
use super::node::{Document, Style};
use super::tree::{Shape, Tree};
use crate::source::Span;

/// Root keys that say what a document is; a comment above one speaks of the whole document.
const HEADINGS: [&str; 2] = ["apiVersion", "kind"];

/// What a comment of this document covers: entries with key and value, list elements with their
/// dash.
///
/// - Behind something: the outermost entry or element that starts on its line. If none does, the
///   outermost one whose scalar or bracket ends there.
/// - On a line of its own: the outermost entry or element that starts on the next line with
///   content. Above the first content of the document, and above a root key `apiVersion` or
///   `kind`: the whole document.
///
/// Several that start side by side on the line are all covered.
#[must_use]
pub fn covered_by(document: &Document<'_>, comment: &Comment<'_>) -> Option<Span> {
    let Document { text, tree, .. } = document;
    let Span { start, end } = comment.span;
    if start < tree.data(ROOT).span.start {
        return Some(document.span);
    }
    let line = text[..start as usize]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    if !text[line..start as usize].trim().is_empty() {
        let line = Span::new(line, start as usize);
        return starting_in(tree, line).or_else(|| ending_in(tree, line));
    }
    let next = first_from(tree, ROOT, end)?;
    let below = tree.extent(next.part).start;
    if brackets_around(tree, start).is_some_and(|brackets| brackets.end <= below) {
        return None;
    }
    if let (ROOT, [key, _]) = (next.parent, next.part)
        && tree
            .text(*key, text)
            .is_some_and(|key| HEADINGS.contains(&key))
    {
        return Some(document.span);
    }
    let rest = &text[below as usize..];
    let length = rest.find('\n').unwrap_or(rest.len());
    starting_in(tree, Span::new(below as usize, below as usize + length))
}

const ROOT: u32 = 0;

/// An entry or element of a collection.
struct Found<'t> {
    parent: u32,
    part: &'t [u32],
}

/// The first entry or element inside of `parent` that starts at byte `at` or later; the outermost
/// of those that start at the same byte.
fn first_from(tree: &Tree, parent: u32, at: u32) -> Option<Found<'_>> {
    let index = tree.parts_before(parent, at);
    let before = index
        .checked_sub(1)
        .and_then(|index| tree.part(parent, index));
    let mut around = before
        .unwrap_or_default()
        .iter()
        .filter(|id| tree.data(**id).span.end > at);
    around.find_map(|id| first_from(tree, *id, at)).or_else(|| {
        let part = tree.part(parent, index)?;
        Some(Found { parent, part })
    })
}

/// What starts in `line`, the outermost entry or element with those beside it.
fn starting_in(tree: &Tree, line: Span) -> Option<Span> {
    let root = tree.data(ROOT);
    if !is_block(tree, ROOT) && (line.start..line.end).contains(&root.span.start) {
        return Some(root.span);
    }
    let Found { parent, part, .. } = first_from(tree, ROOT, line.start)?;
    let first = tree.extent(part);
    let last = tree.part(parent, tree.parts_before(parent, line.end).checked_sub(1)?)?;
    (first.start < line.end).then(|| first.join(tree.extent(last)))
}

/// The outermost entry or element whose scalar or bracket ends in `line`.
fn ending_in(tree: &Tree, line: Span) -> Option<Span> {
    let mut id = ROOT;
    let mut extent = tree.data(ROOT).span;
    loop {
        let end = tree.data(id).span.end;
        if !is_block(tree, id) && line.start < end && end <= line.end {
            return Some(extent);
        }
        let index = tree.parts_before(id, line.start).checked_sub(1)?;
        let part = tree.part(id, index)?;
        extent = tree.extent(part);
        id = *part
            .iter()
            .find(|id| tree.data(**id).span.end > line.start)?;
    }
}

/// The innermost `[…]` or `{…}` around byte `at`.
fn brackets_around(tree: &Tree, at: u32) -> Option<Span> {
    let mut id = ROOT;
    let mut innermost = None;
    loop {
        let span = tree.data(id).span;
        if matches!(
            tree.data(id).shape,
            Shape::Sequence {
                style: Style::Flow,
                ..
            } | Shape::Mapping {
                style: Style::Flow,
                ..
            }
        ) {
            innermost = Some(span);
        }
        let inside = tree.parts_before(id, at).checked_sub(1);
        let part = inside
            .and_then(|index| tree.part(id, index))
            .unwrap_or_default();
        match part.iter().find(|id| tree.data(**id).span.end > at) {
            Some(next) => id = *next,
            None => return innermost,
        }
    }
}

/// Whether a node is a collection by indentation: one that has no end of its own on a line.
fn is_block(tree: &Tree, id: u32) -> bool {
    matches!(
        tree.data(id).shape,
        Shape::Sequence {
            style: Style::Block,
            ..
        } | Shape::Mapping {
            style: Style::Block,
            ..
        }
    )
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// What each comment covers.
    fn covered(text: &str) -> Vec<Option<&str>> {
        let stream = parse(text);
        assert_eq!(stream.failure, None, "{text}");
        let comments = stream.documents.iter().flat_map(|document| {
            document
                .comments
                .iter()
                .map(move |comment| covered_by(document, comment))
        });
        comments
            .map(|span| span.map(|span| &text[span.range()]))
            .collect()
    }

    #[test]
    fn behind_something_it_covers_what_starts_on_the_line() {
        assert_eq!(covered("a: 1 # c\nb: 2\n"), [Some("a: 1")]);
        assert_eq!(
            covered("a: # c\n  b: 1\n  c: 2\n\nd: 3\n"),
            [Some("a: # c\n  b: 1\n  c: 2")]
        );
        assert_eq!(
            covered("l:\n- name: x # c\n  y: 1\n- z\n"),
            [Some("- name: x # c\n  y: 1")]
        );
        assert_eq!(covered("l:\n- # c\n  y: 1\n- z\n"), [Some("- # c\n  y: 1")]);
        assert_eq!(
            covered("l:\n- a\n  # c\n- - b # d\n"),
            [Some("- - b"), Some("- - b")]
        );
        assert_eq!(covered("a: {b: 1} # c\n"), [Some("a: {b: 1}")]);
        assert_eq!(covered("{a: 1, b: 2} # c\n"), [Some("{a: 1, b: 2}")]);
        assert_eq!(covered("a: [\n  b, c, # c\n  d]\n"), [Some("b, c")]);
        assert_eq!(
            covered("a: |  # c\n  text\n\nb: 1\n"),
            [Some("a: |  # c\n  text")]
        );
    }

    #[test]
    fn behind_a_closing_line_it_covers_what_ends_there() {
        assert_eq!(
            covered("k:\n  a: [\n    b\n  ] # c\nd: 1\n"),
            [Some("a: [\n    b\n  ]")]
        );
        assert_eq!(
            covered("k:\n  a: [{\n    b\n  }] # c\n"),
            [Some("a: [{\n    b\n  }]")]
        );
        assert_eq!(covered("k:\n- \"a\n  b\" # c\n"), [Some("- \"a\n  b\"")]);
        assert_eq!(
            covered("a: &x\n  # p\n  !!map # c\n  b: 1\n"),
            [Some("b: 1"), None]
        );
    }

    #[test]
    fn on_a_line_of_its_own_it_covers_what_comes_next() {
        assert_eq!(
            covered("a: 1\n# c\n\n# d\nb:\n  - 2\n"),
            [Some("b:\n  - 2"); 2]
        );
        assert_eq!(covered("a:\n  # c\n  b: 1\n  d: 2\n"), [Some("b: 1")]);
        assert_eq!(
            covered("l:\n  # c\n  - name: x\n    y: 1\n"),
            [Some("- name: x\n    y: 1")]
        );
        assert_eq!(covered("l:\n  - a\n  # c\nb: 1\n"), [Some("b: 1")]);
        assert_eq!(covered("l: [\n  a,\n  # c\n  b\n]\n"), [Some("b")]);
        assert_eq!(covered("l: [\n  a\n  # c\n]\nb: 1\n"), [None]);
        assert_eq!(covered("a: 1\n# c\n"), [None]);
        assert_eq!(covered("a: 1\n# c\n---\nb: 1\n"), [None]);
    }

    #[test]
    fn above_the_first_content_or_a_heading_it_covers_the_document() {
        let all = |text| assert_eq!(covered(text), [Some(text.trim_end())]);
        all("# c\nkind: A\nb: 1\n");
        all("# c\n---\nkind: A\n");
        all("---\n# c\nkind: A\n");
        all("--- # c\nkind: A\n");
        all("# c\n- a\n- b\n");
        all("a: 1\n# c\nkind: B\nb: 1\n");
        let second = "a: 1\n---\n# c\nkind: B\n";
        assert_eq!(covered(second), [Some("---\n# c\nkind: B")]);
        assert_eq!(covered("a:\n  # c\n  kind: B\n"), [Some("kind: B")]);
        assert_eq!(covered("a: 1\nkind: B # c\n"), [Some("kind: B")]);
    }
}
