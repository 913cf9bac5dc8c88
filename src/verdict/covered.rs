//! Which suppressions cover a finding, found without asking each of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::Suppression;
use crate::diagnostic::Finding;
use crate::source::{FileId, Location, Span};

/// A suppression, by its number, and which of its rules it is about.
pub(super) type Named = (usize, usize);

/// The same with the text in which it suppresses.
type Texted = (Option<Span>, Named);

/// Suppressions of one rule in one file, those with the same text together.
#[derive(Default)]
struct Covered {
    /// Texts by their start; none for the whole file, which comes first.
    groups: Vec<Group>,
}

struct Group {
    text: Option<Span>,
    /// The group that a position in this text may lie in as well.
    around: Option<usize>,
    named: Vec<Named>,
    /// Its number among all groups.
    number: usize,
}

/// All suppressions of a run.
pub(super) struct Coverage<'s> {
    by_rule: HashMap<FileId, HashMap<&'s str, Covered>>,
}

impl<'s> Coverage<'s> {
    pub(super) fn of(suppressions: &'s [Suppression]) -> Self {
        let mut all: BTreeMap<(FileId, &'s str), Vec<Texted>> = BTreeMap::new();
        for (index, suppression) in suppressions.iter().enumerate() {
            let mut seen = BTreeSet::new();
            for (rule, name) in suppression.rules().iter().enumerate() {
                if seen.insert(name) {
                    let here = all.entry((suppression.file(), name)).or_default();
                    here.push((suppression.text(), (index, rule)));
                }
            }
        }
        let mut groups = 0;
        let mut by_rule: HashMap<_, HashMap<_, _>> = HashMap::new();
        for ((file, rule), mut texts) in all {
            texts.sort();
            let covered = Covered::of(texts, &mut groups);
            by_rule.entry(file).or_default().insert(rule, covered);
        }
        Coverage { by_rule }
    }

    /// The groups of suppressions that cover the primary place or a label of a finding: the number
    /// of each, and whom it names.
    pub(super) fn covering(&self, finding: &Finding) -> Vec<(usize, &[Named])> {
        let labels = finding.labels.iter().map(|label| label.location);
        let mut found: Vec<(usize, &[Named])> = Vec::new();
        for place in std::iter::once(finding.location).chain(labels) {
            let of_file = self.by_rule.get(&place.file);
            if let Some(covered) = of_file.and_then(|it| it.get(&*finding.rule)) {
                found.extend(covered.at(place));
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|(number, _)| *number);
        found
    }
}

impl Covered {
    /// Groups texts, which are in order.
    fn of(texts: Vec<Texted>, numbers: &mut usize) -> Self {
        let mut covered = Covered::default();
        for (text, named) in texts {
            match covered.groups.last_mut() {
                Some(last) if last.text == text => last.named.push(named),
                _ => {
                    let around = covered.around(text);
                    covered.groups.push(Group {
                        text,
                        around,
                        named: vec![named],
                        number: *numbers,
                    });
                    *numbers += 1;
                }
            }
        }
        covered
    }

    /// The last group that reaches into a text, or beyond its start.
    fn around(&self, text: Option<Span>) -> Option<usize> {
        let start = text?.start;
        let mut at = self.groups.len().checked_sub(1);
        while let Some(index) = at {
            let group = &self.groups[index];
            if group.text.is_none_or(|around| around.end >= start) {
                return at;
            }
            at = group.around;
        }
        None
    }

    /// The groups whose text holds a place.
    fn at(&self, place: Location) -> impl Iterator<Item = (usize, &[Named])> {
        let at = place.span.start;
        let begun = |group: &Group| group.text.is_none_or(|text| text.start <= at);
        let last = self.groups.partition_point(begun).checked_sub(1);
        let groups = std::iter::successors(last, |index| self.groups[*index].around);
        groups
            .map(|index| &self.groups[index])
            .filter(move |group| group.text.is_none_or(|text| at <= text.end))
            .map(|group| (group.number, group.named.as_slice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_place_is_in_the_texts_that_hold_it(
            mut texts in proptest::collection::vec(proptest::option::of((0..30_u32, 0..12_u32)), 0..12),
            at in 0..45_u32,
        ) {
            texts.sort();
            let spans: Vec<Option<Span>> = texts
                .iter()
                .map(|text| text.map(|(start, length)| Span { start, end: start + length }))
                .collect();
            let numbered = spans.iter().enumerate().map(|(index, span)| (*span, (index, 0)));
            let mut numbers = 0;
            let mut sorted: Vec<_> = numbered.collect();
            sorted.sort();
            let covered = Covered::of(sorted, &mut numbers);
            let file = crate::source::Sources::default()
                .add(crate::source::SourceFile::new("a", ""));
            let place = Location { file, span: Span { start: at, end: at } };
            let mut found: Vec<usize> = covered
                .at(place)
                .flat_map(|(_, named)| named.iter().map(|(index, _)| *index))
                .collect();
            found.sort_unstable();
            let holds = |span: &Option<Span>| span.is_none_or(|it| it.start <= at && at <= it.end);
            let expected: Vec<usize> = (0..spans.len()).filter(|it| holds(&spans[*it])).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
