//! Globs of settings. They count from the folder of the settings file in use, `*` stays within a
//! folder, `**` does not, and a glob that matches a folder matches everything in it.

use globset::{GlobBuilder, GlobMatcher};

/// The longest glob that is read, in bytes.
const LONGEST: usize = 1024;

/// A glob.
#[derive(Clone, Debug)]
pub struct Glob {
    text: String,
    itself: GlobMatcher,
    inside: GlobMatcher,
}

/// Why a text is no glob: what is wrong, and what to do about it.
pub(super) type NoGlob = (String, Option<String>);

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// When it is none, or counts from elsewhere than the folder of the settings.
    pub(super) fn parse(text: &str) -> Result<Self, NoGlob> {
        let refuse = |message: &str, help: &str| Err((message.to_owned(), Some(help.to_owned())));
        if text.len() > LONGEST {
            return refuse("this glob is longer than 1024 bytes", "write several");
        }
        if text.contains('\\') {
            return refuse("this glob has a backslash", "separate folders with `/`");
        }
        if text.starts_with('/') {
            let help = "leave out the leading `/`: globs count from the folder of the settings";
            return refuse("this glob starts at the root of the disk", help);
        }
        let from_here = text.strip_prefix("./").unwrap_or(text);
        let trimmed = from_here.trim_end_matches('/');
        let compile = |text: &str| {
            let glob = GlobBuilder::new(text)
                .literal_separator(true)
                .backslash_escape(true)
                .build();
            let glob =
                glob.map_err(|error| (format!("this is no glob: {}", error.kind()), None))?;
            Ok(glob.compile_matcher())
        };
        Ok(Glob {
            text: text.to_owned(),
            itself: compile(trimmed)?,
            inside: compile(&format!("{trimmed}/**"))?,
        })
    }

    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches a file, or a folder in which the file lies.
    #[must_use]
    pub fn takes_in(&self, path: &str) -> bool {
        self.itself.is_match(path) || self.inside.is_match(path)
    }

    /// Whether it matches just that.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.itself.is_match(path)
    }
}

/// The folders above a file, innermost first.
pub fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    fn parent(path: &str) -> Option<&str> {
        path.rsplit_once('/').map(|(folder, _)| folder)
    }
    std::iter::successors(parent(path), |folder| parent(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_takes_in_what_lies_in_what_it_matches() {
        let takes_in = |glob: &str, path: &str| Glob::parse(glob).unwrap().takes_in(path);
        assert!(takes_in("lab/**", "lab/vms/a.yaml"));
        assert!(takes_in("lab", "lab/vms/a.yaml"));
        assert!(takes_in("./lab/", "lab/a.yaml"));
        assert!(takes_in("**/rendered/**", "rendered/a.yaml"));
        assert!(takes_in("**/rendered", "x/y/rendered/z/a.yaml"));
        assert!(takes_in("*.yaml", "a.yaml"));
        assert!(takes_in("clusters/{a,b}/*.y?ml", "clusters/b/x.yaml"));
        assert!(!takes_in("*.yaml", "lab/a.yaml"));
        assert!(!takes_in("lab", "labour/a.yaml"));
        assert!(!takes_in("lab/*", "other/lab/a.yaml"));
    }

    #[test]
    fn what_is_no_glob_is_refused() {
        for text in ["[", "a{b", "/lab", "lab\\vms", &"x".repeat(2000)] {
            assert!(Glob::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn folders_come_from_the_inside() {
        let folders: Vec<_> = folders_of("a/b/c.yaml").collect();
        assert_eq!(folders, ["a/b", "a"]);
        assert_eq!(folders_of("c.yaml").count(), 0);
    }
}
