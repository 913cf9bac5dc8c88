//! Fixes: format-preserving edits of text, applied as a whole or shown as a diff.
//!
//! [`complete`] makes edits of what rules want to be written, and only where it is certain that
//! nothing else changes: the edited text is read again and compared with the tree it was made
//! from. [`apply`] chooses edits that do not get in each other's way, [`unified`] shows what they
//! change, and [`replace`] puts a text in place of a file. What this is not: it decides neither
//! which findings there are nor whether anything is written.

mod apart;
mod diff;
mod file;
mod layout;
mod parts;
mod plan;
#[cfg(test)]
mod tests;
mod verify;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::diagnostic::{Edit, Finding, Fix, Remedy};
use crate::source::{FileId, Location, Sources, Span};
use crate::yaml;

pub use apart::{Applied, apply};
pub use diff::unified;
pub use file::{Refusal, replace};

use plan::{Page, Plan};

/// What would mend a finding, with the number of that.
type Wanted = (usize, Box<Remedy>);

/// How much text is read again to see which edits of one file are as planned.
const READ_AGAIN: usize = 128 << 20;

/// Makes edits of what would mend the findings, where they are certain.
pub fn complete(findings: &mut [Finding], sources: &Sources) {
    let mut by_file: BTreeMap<FileId, Vec<Wanted>> = BTreeMap::new();
    for (index, finding) in findings.iter_mut().enumerate() {
        if let Some(remedy) = finding.remedy.take() {
            let of_file = by_file.entry(remedy.at.file).or_default();
            of_file.push((index, remedy));
        }
    }
    let fixes: Vec<Vec<(usize, Fix)>> = by_file
        .into_par_iter()
        .map(|(file, remedies)| fixes_of_file(file, remedies, sources.get(file).text()))
        .collect();
    for (index, fix) in fixes.into_iter().flatten() {
        if let Some(finding) = findings.get_mut(index) {
            finding.fixes.push(fix);
        }
    }
}

/// The fixes of one file, each with the number of its finding. What changes one document is read
/// and compared alone where the others have nothing to do with it.
fn fixes_of_file(file: FileId, remedies: Vec<Wanted>, text: &str) -> Vec<(usize, Fix)> {
    let mut of_parts: BTreeMap<(usize, usize), Vec<Wanted>> = BTreeMap::new();
    let starts = parts::starts(text);
    for (finding, mut remedy) in remedies {
        let at = remedy.at.span;
        let next = starts.partition_point(|start| *start <= at.start as usize);
        let from = next.checked_sub(1).map_or(0, |part| starts[part]);
        let until = starts.get(next).copied().unwrap_or(text.len());
        remedy.at.span = Span::new(at.start as usize - from, at.end as usize - from);
        let of_part = of_parts.entry((from, until)).or_default();
        of_part.push((finding, remedy));
    }
    let fixes = of_parts.into_iter().flat_map(|((from, until), remedies)| {
        let mut fixes = fixes(file, remedies, text.get(from..until).unwrap_or_default());
        for edit in fixes.iter_mut().flat_map(|(_, fix)| &mut fix.edits) {
            let span = edit.location.span;
            edit.location.span = Span::new(span.start as usize + from, span.end as usize + from);
        }
        fixes
    });
    fixes.collect()
}

/// The fixes of a text, each with the number of its finding.
fn fixes(file: FileId, remedies: Vec<Wanted>, text: &str) -> Vec<(usize, Fix)> {
    let stream = yaml::parse(text);
    if stream.failure.is_some() || has_bare_return(text) {
        return Vec::new();
    }
    let mut page = Page::new(text, &stream);
    let mut plans: Vec<Plan<'_>> = Vec::new();
    let mut planned = Vec::new();
    let mut known: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    for (finding, remedy) in remedies {
        let Some(plan) = page.plan(&remedy) else {
            continue;
        };
        let node = plan.node.span();
        let twins = known.entry((node.start, node.end)).or_default();
        let twin = twins
            .iter()
            .copied()
            .find(|twin| plans.get(*twin) == Some(&plan));
        let index = twin.unwrap_or_else(|| {
            twins.push(plans.len());
            plans.push(plan);
            plans.len() - 1
        });
        planned.push((finding, remedy, index));
    }
    let certain = certain(&page, &plans);
    planned
        .into_iter()
        .filter(|(_, _, index)| certain.get(*index).copied().unwrap_or(false))
        .filter_map(|(finding, remedy, index)| {
            let edits = plans.get(index)?.edits.iter();
            let fix = Fix {
                title: remedy.title,
                safe: remedy.safe,
                edits: edits
                    .map(|(span, text)| Edit {
                        location: Location { file, span: *span },
                        text: text.clone(),
                    })
                    .collect(),
            };
            Some((finding, fix))
        })
        .collect()
}

/// Which plans, carried out, make the text say what they want and nothing else.
fn certain(page: &Page<'_>, plans: &[Plan<'_>]) -> Vec<bool> {
    let mut certain = vec![false; plans.len()];
    let mut readings = (READ_AGAIN / page.text.len().max(1)).clamp(4, 64);
    let mut open: Vec<usize> = (0..plans.len()).collect();
    while !open.is_empty() {
        let mut taken = apart::Taken::default();
        let (batch, rest): (Vec<usize>, Vec<usize>) = open.iter().partition(|index| {
            let edits = plans.get(**index).map(|plan| plan.edits.as_slice());
            taken.take(edits.unwrap_or_default().iter().map(|(span, _)| *span))
        });
        let mut halves = vec![batch];
        while let Some(batch) = halves.pop() {
            let chosen: Vec<&Plan<'_>> = batch.iter().filter_map(|it| plans.get(*it)).collect();
            let Some(left) = readings.checked_sub(1) else {
                return certain;
            };
            readings = left;
            let edits = chosen.iter().flat_map(|plan| &plan.edits);
            let edited = apart::edited(page.text, edits.map(|(span, text)| (*span, text.as_str())));
            if verify::is_as_planned(page, &chosen, &edited) {
                for index in batch {
                    if let Some(certain) = certain.get_mut(index) {
                        *certain = true;
                    }
                }
            } else if batch.len() > 1 {
                let (first, second) = batch.split_at(batch.len() / 2);
                halves.extend([second.to_vec(), first.to_vec()]);
            }
        }
        open = rest;
    }
    certain
}

/// Whether a line ends in a carriage return alone, as nobody writes any more.
fn has_bare_return(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}
