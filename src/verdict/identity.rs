//! The path of the node at which a finding is, so that it can be told from others by more than
//! its line.

use std::collections::BTreeMap;

use crate::diagnostic::Finding;
use crate::source::{FileId, Sources, Span};
use crate::yaml::{self, Document, Node, path_at};

/// Completes [`Finding::node`] from the finding's location. What a rule asked for and nobody
/// wrote is in there already, and stays behind it: the path is the same before and after.
///
/// Trees are not kept, so each file with a finding is read once more.
pub fn identify(findings: &mut [Finding], sources: &Sources) {
    let mut by_file: BTreeMap<FileId, Vec<&mut Finding>> = BTreeMap::new();
    for finding in findings {
        by_file
            .entry(finding.location.file)
            .or_default()
            .push(finding);
    }
    for (file, findings) in by_file {
        let stream = yaml::parse(sources.get(file).text());
        for finding in findings {
            let span = finding.location.span;
            let after = stream
                .documents
                .partition_point(|document| document.span.start <= span.start);
            let before = after.checked_sub(1).map(|index| &stream.documents[index]);
            let Some(document) = before.filter(|document| span.end <= document.span.end) else {
                continue;
            };
            let path = path_in(document, span);
            finding.node = match (path.is_empty(), finding.node.is_empty()) {
                (_, true) => path,
                (true, false) => continue,
                (false, false) => format!("{path}.{}", finding.node),
            };
        }
    }
}

/// The path to a place from the resource in which it lies.
pub(super) fn path_in(document: &Document<'_>, span: Span) -> String {
    path_at(resource_root(document.root(), span), span)
}

/// The mapping that declares the resource in which `span` lies: an item of a list, or the document.
fn resource_root(root: Node<'_>, span: Span) -> Node<'_> {
    let items = root.get("items").map(|entry| entry.value);
    let holds = |item: &Node<'_>| item.place().span.contains(span);
    items
        .and_then(|items| items.items().find(holds))
        .unwrap_or(root)
}
