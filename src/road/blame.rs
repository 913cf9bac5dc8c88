//! Which resource made a finding that names none of those that changed: the one without whose change
//! it would not be there, found by trying.

use std::collections::HashSet;

use super::Checked;
use crate::diagnostic::Finding;
use crate::verdict::{Differences, Subject};

/// How much is tried: changed resources times files to be read again for each.
const MOST_WORK: usize = 40_000;

/// Says in findings what of a change made them. `what_if` checks the estate again with one resource
/// as it was, and `keyed` tells findings apart; those that `is_of_change` are about changes, which
/// nothing can be tried on.
pub(crate) fn explain(
    checked: &mut Checked,
    differences: &Differences,
    what_if: &dyn Fn(&Subject) -> Checked,
    keyed: &dyn Fn(&Finding, &Checked) -> String,
    is_of_change: &dyn Fn(&Finding) -> bool,
) {
    let mut open = Vec::new();
    for (index, finding) in checked.findings.iter_mut().enumerate() {
        if !differences.explain(finding, &checked.sources) && !is_of_change(finding) {
            open.push(index);
        }
    }
    let changed = differences.subjects();
    if changed.len() * checked.sources.len() > MOST_WORK {
        return;
    }
    for subject in changed {
        if open.is_empty() {
            return;
        }
        let other = what_if(subject);
        let still: HashSet<String> = other.findings.iter().map(|it| keyed(it, &other)).collect();
        let is_still_there =
            |index: &usize| still.contains(&keyed(&checked.findings[*index], checked));
        let (left, made): (Vec<_>, Vec<_>) = open.into_iter().partition(is_still_there);
        for index in made {
            differences.blame(subject, &mut checked.findings[index]);
        }
        open = left;
    }
}
