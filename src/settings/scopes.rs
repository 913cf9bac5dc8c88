//! The closed worlds of an estate, by number: 0 is the one that holds the rest.

use std::collections::HashMap;
use std::sync::Arc;

use super::Settings;
use super::glob::folders_of;

/// The scopes that files of a run lie in. An estate and its base share one, so that a number means
/// the same in both.
#[derive(Default, Debug)]
pub struct Scopes {
    numbers: HashMap<Arc<str>, u32>,
}

impl Scopes {
    /// The number of a scope.
    pub fn number(&mut self, scope: &str) -> u32 {
        if scope.is_empty() {
            return 0;
        }
        if let Some(number) = self.numbers.get(scope) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len() + 1).unwrap_or(u32::MAX);
        self.numbers.insert(scope.into(), number);
        number
    }
}

impl Settings {
    /// The scope of a file that is seen so from the folder of the settings: the innermost folder
    /// that a glob of `scopes` matches, empty where none does.
    #[must_use]
    pub fn scope<'p>(&self, seen: &'p str) -> &'p str {
        let globs = self.scopes();
        if globs.is_empty() {
            return "";
        }
        let mut folders = folders_of(seen);
        folders
            .find(|folder| globs.iter().any(|glob| glob.value.matches(folder)))
            .unwrap_or_default()
    }
}
