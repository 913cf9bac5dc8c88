//! Which edits can be made together, and the text that comes of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Finding, Fix};
use crate::source::{FileId, Sources, Span};

/// Parts of a text that are being edited.
#[derive(Default)]
pub(super) struct Taken {
    /// End by start.
    spans: BTreeMap<u32, u32>,
}

impl Taken {
    /// Takes all of these spans, or none where one of them overlaps or touches what is taken.
    pub(super) fn take(&mut self, spans: impl Iterator<Item = Span> + Clone) -> bool {
        let free = spans.clone().all(|span| {
            let before = self.spans.range(..=span.end).next_back();
            before.is_none_or(|(_, end)| *end < span.start)
        });
        if free {
            self.spans.extend(spans.map(|span| (span.start, span.end)));
        }
        free
    }
}

/// A file whose text was edited.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The file.
    pub file: FileId,
    /// Its new text.
    pub text: String,
    /// How many findings that mends.
    pub fixed: usize,
}

/// Applies fixes that do not get in each other's way, in the order of the findings; the others
/// wait until the text has been read again. `wanted` says which fixes may be applied.
#[must_use]
pub fn apply(
    findings: &[Finding],
    sources: &Sources,
    wanted: &dyn Fn(&Fix) -> bool,
) -> Vec<Applied> {
    let mut files: BTreeMap<FileId, Chosen<'_>> = BTreeMap::new();
    for finding in findings {
        let Some(fix) = finding.fixes.iter().find(|fix| wanted(fix)) else {
            continue;
        };
        let Some(file) = fix.edits.first().map(|edit| edit.location.file) else {
            continue;
        };
        if fix.edits.iter().all(|edit| edit.location.file == file) {
            files.entry(file).or_default().choose(fix);
        }
    }
    files
        .into_iter()
        .map(|(file, chosen)| Applied {
            file,
            text: edited(sources.get(file).text(), chosen.edits.into_iter()),
            fixed: chosen.fixed,
        })
        .collect()
}

/// The fixes of one file that are applied.
#[derive(Default)]
struct Chosen<'f> {
    taken: Taken,
    edits: BTreeSet<(Span, &'f str)>,
    fixed: usize,
}

impl<'f> Chosen<'f> {
    fn choose(&mut self, fix: &'f Fix) {
        let edits = || {
            let edits = fix.edits.iter();
            edits.map(|edit| (edit.location.span, edit.text.as_str()))
        };
        if self.taken.take(edits().map(|(span, _)| span)) {
            self.edits.extend(edits());
            self.fixed += 1;
        } else if edits().all(|edit| self.edits.contains(&edit)) {
            self.fixed += 1;
        }
    }
}

/// A text with parts replaced that do not overlap.
pub(super) fn edited<'e>(text: &str, edits: impl Iterator<Item = (Span, &'e str)>) -> String {
    let mut edits: Vec<_> = edits.collect();
    edits.sort_by_key(|(span, _)| *span);
    let mut out = String::with_capacity(text.len() + 64 * edits.len());
    let mut done = 0;
    for (span, new) in edits {
        out.push_str(text.get(done..span.start as usize).unwrap_or_default());
        out.push_str(new);
        done = span.end as usize;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_or_touches_waits() {
        let mut taken = Taken::default();
        let mut take = |spans: &[(usize, usize)]| {
            let spans: Vec<_> = spans.iter().map(|(a, b)| Span::new(*a, *b)).collect();
            taken.take(spans.iter().copied())
        };
        assert!(take(&[(4, 6), (8, 8)]));
        for touching in [(0, 4), (5, 5), (6, 7), (8, 8), (0, 20)] {
            assert!(!take(&[(20, 21), touching]), "{touching:?}");
        }
        assert!(take(&[(7, 7), (20, 21)]));
    }
}
