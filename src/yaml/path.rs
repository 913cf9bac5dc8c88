//! Names of nodes that stay the same when lines move and list items are added.

use std::collections::HashMap;
use std::fmt::{self, Write as _};

use super::node::{Document, Node};
use super::tree::Shape;
use crate::source::Span;

/// Keys whose value names the list element that has them, the best one first.
const NAMES: [&str; 5] = ["name", "vm", "switch", "path", "type"];

/// The path from `root` to the node, key or list element at `span`: `spec.moves[sql01].to`.
///
/// It leads to the outermost node whose span is `span`, or to the entry whose key it lies in, or
/// else to the deepest node that holds its start; it is empty for `root` and for what lies
/// outside. What is searched is what is written below `root`: aliases and merge keys are not
/// entered, so a place that [`Node::place`] gives for a node behind an alias names that alias.
///
/// A list element goes by the first of its keys `name`, `vm`, `switch`, `path` and `type` that is
/// a scalar, a scalar one by its text. Of elements with the same name all but the first get an
/// ordinal (`[sql01#2]`), those without a name have nothing but an ordinal (`[#1]`). Keys and
/// names that would be mistaken for something else are quoted: `labels["vmlint.dev/tier"]`.
#[must_use]
pub fn path_at(root: Node<'_>, span: Span) -> String {
    let document = root.document;
    let tree = &document.tree;
    let mut path = String::new();
    let mut id = root.id;
    while tree.data(id).span != span {
        let before = tree.parts_before(id, span.start.saturating_add(1));
        let nearest = before.checked_sub(1).and_then(|index| tree.part(id, index));
        let Some(part) = nearest.filter(|part| span.start <= tree.extent(part).end) else {
            break;
        };
        match *part {
            [key, value] => {
                push_key(&mut path, document.node(key, None).text());
                if span.start < tree.data(key).span.end {
                    break;
                }
                id = value;
            }
            [item] => {
                push_element(
                    &mut path,
                    name(document.node(item, None)),
                    ordinal(document, item),
                );
                id = item;
            }
            _ => break,
        }
    }
    path
}

fn push_key(path: &mut String, key: Option<&str>) {
    match key {
        Some(key) if is_clear(key, ".[]#\" ") => {
            let dot = if path.is_empty() { "" } else { "." };
            push(path, format_args!("{dot}{key}"));
        }
        Some(key) => push(path, format_args!("[{key:?}]")),
        None => path.push_str("[?]"),
    }
}

fn push_element(path: &mut String, name: Option<&str>, ordinal: u32) {
    path.push('[');
    match name {
        Some(name) if is_clear(name, "[]#\"") => path.push_str(name),
        Some(name) => push(path, format_args!("{name:?}")),
        None => {}
    }
    if ordinal > 1 || name.is_none() {
        push(path, format_args!("#{ordinal}"));
    }
    path.push(']');
}

fn push(path: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = path.write_fmt(text);
}

/// Whether `text` can stand in a path without quotes.
fn is_clear(text: &str, special: &str) -> bool {
    !text.is_empty() && !text.contains(|char: char| special.contains(char) || char.is_control())
}

/// What a list element goes by.
fn name(element: Node<'_>) -> Option<&str> {
    let is_name = |text: &&str| !text.is_empty();
    let value_of = |key| element.get(key)?.value.text().filter(is_name);
    match element.text() {
        Some(text) => Some(text).filter(is_name),
        None => NAMES.into_iter().find_map(value_of),
    }
}

/// How many elements of its list, up to and with this one, have its name. Counted once for all
/// lists of the document.
fn ordinal(document: &Document<'_>, item: u32) -> u32 {
    let ordinals = document.ordinals.get_or_init(|| {
        let tree = &document.tree;
        let mut ordinals = vec![0; tree.nodes.len()];
        let lists = (0..)
            .zip(&tree.nodes)
            .filter_map(|(id, data)| matches!(data.shape, Shape::Sequence { .. }).then_some(id));
        for list in lists {
            let mut seen = HashMap::new();
            for &item in tree.children(list) {
                let count = seen.entry(name(document.node(item, None))).or_insert(0);
                *count += 1;
                ordinals[item as usize] = *count;
            }
        }
        ordinals
    });
    ordinals[item as usize]
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// The path to the `nth` occurrence of `needle`.
    fn path(text: &str, needle: &str, nth: usize) -> String {
        let documents = parse(text).documents;
        let start = text
            .match_indices(needle)
            .nth(nth)
            .expect("an occurrence")
            .0;
        path_at(documents[0].root(), Span::new(start, start + needle.len()))
    }

    #[test]
    fn elements_go_by_name_and_equal_ones_get_an_ordinal() {
        let text = "spec:\n  moves:\n  - vm: sql01\n    to: hv1\n  - {to: hv2, vm: sql01}\n  - to: hv3\n  - to: hv4\n  - name:\n    vm: web\n    to: hv5\n  days: [Sat, Sun, Sat]\n";
        assert_eq!(path(text, "hv1", 0), "spec.moves[sql01].to");
        assert_eq!(path(text, "hv2", 0), "spec.moves[sql01#2].to");
        assert_eq!(path(text, "hv3", 0), "spec.moves[#1].to");
        assert_eq!(path(text, "hv4", 0), "spec.moves[#2].to");
        assert_eq!(path(text, "hv5", 0), "spec.moves[web].to");
        assert_eq!(path(text, "Sat", 0), "spec.days[Sat]");
        assert_eq!(path(text, "Sat", 1), "spec.days[Sat#2]");
        assert_eq!(path(text, "- vm: sql01", 0), "spec.moves[sql01]");
        assert_eq!(path(text, "vm: sql01\n    to: hv1", 0), "spec.moves[sql01]");
    }

    #[test]
    fn keys_and_gaps_lead_to_their_entry() {
        let text = "metadata:\n  labels: # c\n    vmlint.dev/tier: a\n    \"\": b\n    plain: c\n";
        assert_eq!(path(text, "metadata", 0), "metadata");
        assert_eq!(path(text, "# c", 0), "metadata.labels");
        assert_eq!(path(text, "a\n", 0), "metadata.labels[\"vmlint.dev/tier\"]");
        assert_eq!(path(text, "b\n", 0), "metadata.labels[\"\"]");
        assert_eq!(path(text, "plain", 0), "metadata.labels.plain");
    }

    #[test]
    fn what_lies_outside_of_the_root_has_no_path() {
        let text = "# c\na: 1\n";
        assert_eq!(path(text, "# c", 0), "");
        let documents = parse(text).documents;
        let root = documents[0].root();
        assert_eq!(path_at(root, root.span()), "");
        assert_eq!(path_at(root, Span::new(100, 200)), "");
    }

    #[test]
    fn an_alias_is_named_by_its_use() {
        let text = "a: &a {b: 1, name: x}\nc: *a\nd: {<<: *a}\ne: [*a]\n";
        assert_eq!(path(text, "*a", 0), "c");
        assert_eq!(path(text, "*a", 1), "d.<<");
        assert_eq!(path(text, "*a", 2), "e[x]");
    }

    #[test]
    fn names_that_could_be_mistaken_are_quoted() {
        let text = "- '#1'\n- a b\n- 'a]'\n- \"a\\nb\"\n- ''\n";
        assert_eq!(path(text, "'#1'", 0), "[\"#1\"]");
        assert_eq!(path(text, "a b", 0), "[a b]");
        assert_eq!(path(text, "'a]'", 0), "[\"a]\"]");
        assert_eq!(path(text, "\"a\\nb\"", 0), "[\"a\\nb\"]");
        assert_eq!(path(text, "''", 0), "[#1]");
    }
}
