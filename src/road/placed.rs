//! What settings make of a run: names of files as they see them, scopes, assumptions, and what is wrong
//! with the settings themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Options, Road, Skipped, below};
use crate::formats::{self, Piece};
use crate::model::AnyResource;
use crate::settings::{Scopes, Settings};
use crate::source::FileId;
use crate::verdict;

/// The place of a run among its settings.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    settings: Arc<Settings>,
    /// For files that stand for others: the folder they are in, and the one they are taken for.
    moved: Option<(String, String)>,
}

impl Placed {
    pub(crate) fn new(settings: &Arc<Settings>) -> Self {
        Placed {
            settings: settings.clone(),
            moved: None,
        }
    }

    /// Files of the folder `from` are taken for those of `to`.
    pub(crate) fn moved(self, from: &str, to: &str) -> Self {
        Placed {
            moved: Some((from.to_owned(), to.to_owned())),
            ..self
        }
    }

    /// What a file is called, seen from the folder of the settings.
    pub(crate) fn seen(&self, path: &str) -> String {
        if self.settings.is_empty() {
            return path.to_owned();
        }
        let Some((from, to)) = &self.moved else {
            return self.settings.seen(path);
        };
        match (to.as_str(), below(from, path)) {
            ("" | ".", inside) => self.settings.seen(&inside),
            (to, inside) if inside.is_empty() => self.settings.seen(to),
            (to, inside) => self.settings.seen(&format!("{to}/{inside}")),
        }
    }
}

impl Road {
    /// Puts resources into their scopes, tells them what other documents say about them, and
    /// assumes of them what settings say.
    pub(crate) fn settle(
        &self,
        resources: &mut Vec<AnyResource>,
        mut pieces: Vec<Piece>,
        scopes: &mut Scopes,
    ) {
        if !self.placed.settings.scopes().is_empty() {
            for resource in &mut *resources {
                let meta = resource.meta_mut();
                meta.scope = scopes.number(&self.scope(meta.file));
            }
            for piece in &mut pieces {
                piece.scope = scopes.number(&self.scope(piece.file));
            }
        }
        formats::join(resources, pieces, &|file| {
            self.sources.get(file).path().into()
        });
        let settings = &self.placed.settings;
        if let Some(seconds) = settings.backup_duration() {
            for resource in &mut *resources {
                if let AnyResource::BackupPolicy(policy) = resource
                    && let Some(schedule) = policy.spec.schedule.known_mut()
                {
                    schedule.assume(seconds.value);
                }
            }
        }
    }

    /// The scope of a file.
    pub(super) fn scope(&self, file: FileId) -> Arc<str> {
        self.scope_of(file).unwrap_or_default()
    }

    /// The scope of a file; none where there are no scopes.
    pub(crate) fn scope_of(&self, file: FileId) -> Option<Arc<str>> {
        let settings = &self.placed.settings;
        let path = || self.placed.seen(self.sources.get(file).path());
        (!settings.scopes().is_empty()).then(|| settings.scope(&path()).into())
    }

    /// Takes the settings files to the others, and notes what is wrong with them.
    pub(super) fn note_settings(&mut self, options: &Options) {
        let settings = &options.settings;
        let files = settings.sources().iter();
        let files: Vec<FileId> = files
            .map(|(_, file)| self.sources.add(file.clone()))
            .collect();
        for mut finding in verdict::mistakes(settings, &options.levels, options.as_of) {
            if let Some(file) = files.get(finding.location.file.index()) {
                finding.location.file = *file;
                self.findings.push(finding);
            }
        }
    }

    /// The waivers that are not among `used` and should be: they hold, and their rules ran and had
    /// all they needed.
    pub(super) fn idle_waivers(&self, options: &Options, used: &BTreeSet<usize>) -> Vec<usize> {
        let waivers = options.settings.waivers().iter().enumerate();
        let idle = waivers.filter(|(number, waiver)| {
            let rule = &*waiver.rule.value;
            let resource = waiver.resource().to_string();
            let unsure = |skip: &Skipped| *skip.rule == *rule && skip.resource == resource;
            !used.contains(number)
                && waiver.holds(options.as_of)
                && options.levels.has(rule)
                && options.levels.runs(rule)
                && !self.skipped.iter().any(unsure)
        });
        idle.map(|(number, _)| number).collect()
    }
}
