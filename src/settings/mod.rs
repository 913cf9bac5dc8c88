//! Settings: `.vmlint.yaml` → scopes, assumptions, what is excluded, levels, rule packs, waivers.
//!
//! Every value knows where it was said. Texts are handed in, and what is set is applied elsewhere:
//! levels and waivers in `verdict`, scopes and assumptions on the road.

mod glob;
mod level;
mod load;
mod read;
mod schema;
mod scopes;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use jiff::civil::Date;

pub use glob::{Glob, folders_of};
pub use level::Level;
pub use load::Access;
pub use schema::schema;
pub use scopes::Scopes;

use crate::diagnostic::Finding;
use crate::discover::{Viewpoint, plain};
use crate::model::Kind;
use crate::source::{Location, Sources};

pub use crate::discover::SETTINGS_FILE as FILE_NAME;

/// What reports call mistakes and oddities in settings.
pub const SETTINGS: &str = "settings";

/// A value, and where it is said: in [`Settings::sources`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub at: Location,
}

impl<T> Said<T> {
    fn new(value: T, at: Location) -> Self {
        Said { value, at }
    }
}

/// What is set for a rule, or for all rules of a topic.
#[derive(Clone, Debug)]
pub struct RuleSetting {
    /// The rule or topic.
    pub name: Said<String>,
    /// Its level.
    pub level: Option<Said<Level>>,
    /// Files of which it says nothing.
    pub exclude: Option<Vec<Said<Glob>>>,
    /// Whether it is a level alone, which replaces all that was set before.
    whole: bool,
}

impl RuleSetting {
    /// The files of which it says nothing.
    pub fn excluded(&self) -> impl Iterator<Item = &Said<Glob>> {
        self.exclude.iter().flatten()
    }

    /// What is set here, else what `base` sets.
    fn over(self, base: Self) -> Self {
        match self.whole {
            true => self,
            false => RuleSetting {
                level: self.level.or(base.level),
                exclude: self.exclude.or(base.exclude),
                ..self
            },
        }
    }
}

/// What is set for rules below some paths.
#[derive(Clone, Debug)]
pub struct Override {
    /// Where.
    pub paths: Vec<Said<Glob>>,
    /// What.
    pub rules: Vec<RuleSetting>,
}

/// Findings of one rule in one resource that are accepted for a time.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rule.
    pub rule: Said<String>,
    /// The kind of the resource.
    pub kind: Kind,
    /// Its namespace, empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Said<Date>,
    /// The whole waiver.
    pub at: Location,
}

/// What one file sets, or several merged.
#[derive(Clone, Default, Debug)]
struct Layer {
    extends: Option<Said<String>>,
    scopes: Option<Vec<Said<Glob>>>,
    exclude: Option<Vec<Said<Glob>>>,
    /// In seconds.
    backup_duration: Option<Said<i64>>,
    rules: Vec<RuleSetting>,
    overrides: Option<Vec<Override>>,
    packs: Option<Vec<Said<String>>>,
    waivers: Option<Vec<Waiver>>,
}

impl Layer {
    /// What is set here, else what `base` sets: maps are merged, lists replaced.
    fn over(self, base: Layer) -> Layer {
        let mut rules = base.rules;
        for own in self.rules {
            let same = |it: &RuleSetting| it.name.value == own.name.value;
            match rules.iter().position(same) {
                Some(index) => {
                    let base = rules.remove(index);
                    rules.insert(index, own.over(base));
                }
                None => rules.push(own),
            }
        }
        Layer {
            extends: self.extends.or(base.extends),
            scopes: self.scopes.or(base.scopes),
            exclude: self.exclude.or(base.exclude),
            backup_duration: self.backup_duration.or(base.backup_duration),
            rules,
            overrides: self.overrides.or(base.overrides),
            packs: self.packs.or(base.packs),
            waivers: self.waivers.or(base.waivers),
        }
    }
}

/// What is set for a run; by default nothing.
#[derive(Clone, Default, Debug)]
pub struct Settings {
    layer: Layer,
    /// Files as seen from the folder of the settings file in use.
    seen: Viewpoint,
    sources: Sources,
    /// The settings file in use, and those that it extends, as absolute paths.
    paths: Vec<PathBuf>,
}

/// Settings that cannot be used.
#[derive(Debug)]
pub struct Invalid {
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// The files.
    pub sources: Sources,
}

impl Settings {
    /// The settings files: the one in use, then those it extends.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Their absolute paths, in that order.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The folder of the settings file in use, from which globs count.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.paths.first().and_then(|path| path.parent())
    }

    /// A file of the run as seen from there.
    #[must_use]
    pub fn seen(&self, path: &str) -> String {
        self.seen.name(path)
    }

    /// Folders that are a closed world of their own each.
    #[must_use]
    pub fn scopes(&self) -> &[Said<Glob>] {
        self.layer.scopes.as_deref().unwrap_or_default()
    }

    /// Files that are not read.
    #[must_use]
    pub fn exclude(&self) -> &[Said<Glob>] {
        self.layer.exclude.as_deref().unwrap_or_default()
    }

    /// Whether a file, as seen from the folder of the settings, is not read.
    #[must_use]
    pub fn excludes(&self, seen: &str) -> bool {
        let mut globs = self.exclude().iter();
        globs.any(|glob| glob.value.takes_in(seen))
    }

    /// How long a backup takes that does not say so, in seconds.
    #[must_use]
    pub fn backup_duration(&self) -> Option<&Said<i64>> {
        self.layer.backup_duration.as_ref()
    }

    /// What is set for rules and topics.
    #[must_use]
    pub fn rules(&self) -> &[RuleSetting] {
        &self.layer.rules
    }

    /// What is set below some paths; later ones win.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        self.layer.overrides.as_deref().unwrap_or_default()
    }

    /// Findings that are accepted for a time.
    #[must_use]
    pub fn waivers(&self) -> &[Waiver] {
        self.layer.waivers.as_deref().unwrap_or_default()
    }

    /// The folders of rule packs, and where they are named. They count from the file that names
    /// them.
    #[must_use]
    pub fn packs(&self) -> Vec<(Location, PathBuf)> {
        let packs = self.layer.packs.iter().flatten();
        packs
            .map(|pack| {
                let file = self.path_of(pack.at.file);
                let folder = file.parent().unwrap_or(Path::new(""));
                (pack.at, plain(&folder.join(&pack.value)))
            })
            .collect()
    }

    /// All globs that are to match files, with what they are for.
    pub fn file_globs(&self) -> impl Iterator<Item = &Said<Glob>> {
        let overrides = self.overrides().iter();
        let of_overrides = overrides
            .clone()
            .flat_map(|it| &it.rules)
            .flat_map(RuleSetting::excluded);
        self.exclude()
            .iter()
            .chain(self.rules().iter().flat_map(RuleSetting::excluded))
            .chain(overrides.flat_map(|it| &it.paths))
            .chain(of_overrides)
    }

    /// All rules and topics that are named, but for those of waivers.
    pub fn names(&self) -> impl Iterator<Item = &Said<String>> {
        let of_overrides = self.overrides().iter().flat_map(|it| &it.rules);
        let settings = self.rules().iter().chain(of_overrides);
        settings.map(|setting| &setting.name)
    }
}
