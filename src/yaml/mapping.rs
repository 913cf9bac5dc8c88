//! Entries of a mapping that are not just what is written: duplicate keys and merge keys.

use std::collections::{HashMap, HashSet};

use super::node::Style;
use super::scalar::Reading;
use super::tree::{EntryIds, Shape, Tree};
use super::{MAX_DUPLICATES, Problem, ProblemKind};
use crate::diagnostic::shortened;

/// Up to this many keys, comparing each with each is faster than a table.
const FEW: usize = 32;

/// What [`settle`] found out.
#[derive(Default)]
pub(super) struct Settled {
    /// How many entries were copied from mappings that no alias accounts for.
    pub(super) copied: u64,
    /// The duplicate keys.
    pub(super) problems: Vec<Problem>,
}

/// Works out the entries of a mapping whose end has been read, and notes those that are not just
/// what is written. Where it `may_repeat` keys, none is a duplicate.
pub(super) fn settle(tree: &mut Tree, text: &str, id: u32, may_repeat: bool) -> Settled {
    let Some((entries, settled)) = entries(tree, text, id, may_repeat) else {
        return Settled::default();
    };
    tree.effective.insert(id, entries);
    if let Shape::Mapping { as_written, .. } = &mut tree.nodes[id as usize].shape {
        *as_written = false;
    }
    settled
}

/// The entries of a mapping, without repeated ones and with merged ones; None when they are just
/// what is written.
fn entries(
    tree: &Tree,
    text: &str,
    id: u32,
    may_repeat: bool,
) -> Option<(Box<[EntryIds]>, Settled)> {
    let Shape::Mapping { .. } = tree.data(id).shape else {
        return None;
    };
    let pairs = tree.children(id).as_chunks().0;
    let duplicates = if may_repeat {
        Vec::new()
    } else {
        duplicates(tree, text, pairs)
    };
    let is_merge = |pair: &[u32; 2]| merge_sources(tree, text, *pair).is_some();
    if duplicates.is_empty() && !pairs.iter().any(is_merge) {
        return None;
    }
    let mut repeated = duplicates
        .iter()
        .map(|duplicate| duplicate.index)
        .peekable();
    let mut own = Vec::new();
    let mut sources = Vec::new();
    for (index, &[key, value]) in pairs.iter().enumerate() {
        if repeated.next_if_eq(&index).is_some() {
            continue;
        }
        match merge_sources(tree, text, [key, value]) {
            Some(found) => sources.extend(found),
            None => own.push(EntryIds {
                key,
                value,
                via: None,
            }),
        }
    }
    let inline = sources.iter().filter(|source| source.via.is_none());
    let copied = inline
        .map(|source| effective(tree, source.mapping).len() as u64)
        .sum();
    // One more than a text may have, which ends its reading.
    let told = duplicates.iter().take(MAX_DUPLICATES + 1);
    let problems = told
        .map(|duplicate| duplicate.problem(tree, text))
        .collect();
    let entries = merge(tree, text, own, &sources);
    Some((entries, Settled { copied, problems }))
}

/// A key that stands for the second time.
struct Duplicate {
    /// Index of the entry.
    index: usize,
    /// The key.
    later: u32,
    /// The key that it repeats.
    first: u32,
}

/// The entries whose scalar key, by its text, an earlier entry has already.
fn duplicates(tree: &Tree, text: &str, pairs: &[[u32; 2]]) -> Vec<Duplicate> {
    let key_text = |key: u32| tree.text(tree.followed(key), text);
    if are_few_and_distinct(pairs, key_text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut seen = HashMap::new();
    for (index, &[later, _]) in pairs.iter().enumerate() {
        let Some(name) = key_text(later) else {
            continue;
        };
        let first = *seen.entry(name).or_insert(later);
        found.extend((first != later).then_some(Duplicate {
            index,
            later,
            first,
        }));
    }
    found
}

/// Whether the keys of a mapping without merge keys are seen at a glance to be distinct.
pub(super) fn has_plain_keys(tree: &Tree, text: &str, id: u32) -> bool {
    let pairs = tree.children(id).as_chunks().0;
    are_few_and_distinct(pairs, |key| tree.text(key, text))
}

/// Whether there are at most [`FEW`] keys, and no two of them have the same sum.
fn are_few_and_distinct<'a>(pairs: &[[u32; 2]], key_text: impl Fn(u32) -> Option<&'a str>) -> bool {
    let mut sums = [0; FEW];
    if pairs.len() > FEW {
        return false;
    }
    for (index, [key, _]) in pairs.iter().enumerate() {
        let Some(sum) = key_text(*key).map(sum) else {
            return false;
        };
        if sums[..index].contains(&sum) {
            return false;
        }
        sums[index] = sum;
    }
    true
}

/// A number that texts which are equal share, and few others.
fn sum(text: &str) -> u32 {
    let add = |sum: u32, byte: &u8| sum.wrapping_mul(31).wrapping_add(u32::from(*byte));
    text.as_bytes().iter().fold(text.len() as u32, add)
}

impl Duplicate {
    fn problem(&self, tree: &Tree, text: &str) -> Problem {
        let name = tree
            .text(tree.followed(self.later), text)
            .unwrap_or_default();
        Problem {
            kind: ProblemKind::DuplicateKey,
            span: tree.data(self.later).span,
            message: format!("key `{}` is set twice in this mapping", shortened(name)),
            help: Some("remove one of the two; only the first one counts".to_owned()),
            related: Some((tree.data(self.first).span, "first set here".to_owned())),
        }
    }
}

/// A mapping to merge in.
struct Source {
    mapping: u32,
    /// The alias that leads to it.
    via: Option<u32>,
}

/// The mappings that an entry merges in, the ones that win first; None for ordinary entries.
fn merge_sources(tree: &Tree, text: &str, [key, value]: [u32; 2]) -> Option<Vec<Source>> {
    let is_plain = matches!(
        tree.data(key).shape,
        Shape::Scalar {
            style: Style::Plain,
            reading: Reading::Core,
            ..
        }
    );
    if !is_plain
        || tree.data(key).span.end - tree.data(key).span.start != 2
        || tree.text(key, text) != Some("<<")
    {
        return None;
    }
    let source = |id: u32, list: Option<u32>| {
        let mapping = tree.followed(id);
        let is_mapping = matches!(tree.data(mapping).shape, Shape::Mapping { .. });
        let via = list.or((mapping != id).then_some(id));
        is_mapping.then_some(Source { mapping, via })
    };
    let target = tree.followed(value);
    match tree.data(target).shape {
        Shape::Sequence { .. } => {
            let list = (target != value).then_some(value);
            tree.children(target)
                .iter()
                .map(|id| source(*id, list))
                .collect()
        }
        _ => source(value, None).map(|source| vec![source]),
    }
}

/// `own` entries, and behind them those of `sources` whose keys are new.
fn merge(tree: &Tree, text: &str, own: Vec<EntryIds>, sources: &[Source]) -> Box<[EntryIds]> {
    let key_text = |entry: EntryIds| tree.text(tree.followed(entry.key), text);
    let mut seen: HashSet<&str> = own.iter().copied().filter_map(key_text).collect();
    let mut entries = own;
    for source in sources {
        for entry in effective(tree, source.mapping) {
            if key_text(entry).is_none_or(|name| seen.insert(name)) {
                entries.push(EntryIds {
                    via: source.via.or(entry.via),
                    ..entry
                });
            }
        }
    }
    entries.into_boxed_slice()
}

/// The entries of a mapping that is already settled.
fn effective(tree: &Tree, id: u32) -> impl ExactSizeIterator<Item = EntryIds> {
    let merged = tree
        .effective
        .get(&id)
        .map(|ids| &**ids)
        .unwrap_or_default();
    let written = match tree.data(id).shape {
        Shape::Mapping {
            as_written: true, ..
        } => tree.children(id).as_chunks::<2>().0,
        _ => &[],
    };
    (0..merged.len() + written.len()).map(move |index| match merged.get(index) {
        Some(entry) => *entry,
        None => {
            let [key, value] = written[index];
            EntryIds {
                key,
                value,
                via: None,
            }
        }
    })
}
