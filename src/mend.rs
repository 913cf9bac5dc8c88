//! The road walked again and again, with fixes applied in between, until none is left. All of it
//! happens in memory; writing files is left to others.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Checked;
use crate::diagnostic::Fix;
use crate::discover::Outcome;
use crate::edit;
use crate::source::SourceFile;

/// How often fixes are applied at most: each time to what came of the time before.
pub const PASSES: usize = 10;

/// A file whose text is to be another.
#[derive(Clone, Debug)]
pub struct Change {
    /// Its number among the [`Mended::outcomes`].
    pub index: usize,
    /// As it was read.
    pub before: SourceFile,
    /// How many findings the change mends.
    pub fixed: usize,
}

/// What came of applying fixes.
#[derive(Debug)]
pub struct Mended {
    /// What was read, with the new texts in their places.
    pub outcomes: Vec<Outcome>,
    /// What the new texts have wrong with them.
    pub checked: Checked,
    /// The files that changed, in the order they were read.
    pub changes: Vec<Change>,
}

impl Mended {
    /// How many findings were mended.
    #[must_use]
    pub fn fixed(&self) -> usize {
        self.changes.iter().map(|change| change.fixed).sum()
    }

    /// The new state of a file that changed.
    #[must_use]
    pub fn after(&self, change: &Change) -> Option<&SourceFile> {
        match self.outcomes.get(change.index)? {
            Outcome::Read(file) => Some(file),
            _ => None,
        }
    }

    /// Takes back changes, by the number of their files, and checks what is left.
    #[must_use]
    pub fn without(mut self, files: &[usize], lint: &dyn Fn(Vec<Outcome>) -> Checked) -> Self {
        let (back, kept) = self
            .changes
            .into_iter()
            .partition(|change| files.contains(&change.index));
        self.changes = kept;
        let back: Vec<Change> = back;
        for change in back {
            if let Some(outcome) = self.outcomes.get_mut(change.index) {
                *outcome = Outcome::Read(change.before);
            }
        }
        self.checked = lint(self.outcomes.clone());
        self
    }
}

/// Applies fixes to what was read, of which `checked` tells, as long as they change anything.
/// `wanted` says which fixes.
#[must_use]
pub fn mend(
    outcomes: Vec<Outcome>,
    checked: Checked,
    lint: &dyn Fn(Vec<Outcome>) -> Checked,
    wanted: &dyn Fn(&Fix) -> bool,
) -> Mended {
    let mut mended = Mended {
        outcomes,
        checked,
        changes: Vec::new(),
    };
    let mut changes: BTreeMap<usize, Change> = BTreeMap::new();
    for _ in 0..PASSES {
        let Checked {
            findings, sources, ..
        } = &mended.checked;
        let applied = edit::apply(findings, sources, wanted);
        if applied.is_empty() {
            break;
        }
        for edit::Applied { file, text, fixed } in applied {
            let index = file.index();
            let Some(Outcome::Read(source)) = mended.outcomes.get_mut(index) else {
                continue;
            };
            let new = source.with_text(Arc::<str>::from(text));
            let before = std::mem::replace(source, new);
            let change = changes.entry(index).or_insert(Change {
                index,
                before,
                fixed: 0,
            });
            change.fixed += fixed;
        }
        mended.checked = lint(mended.outcomes.clone());
    }
    let changes = changes.into_values();
    let is_change = |change: &Change| {
        let after = mended.after(change).map(SourceFile::text);
        after != Some(change.before.text())
    };
    mended.changes = changes.filter(is_change).collect();
    mended
}
