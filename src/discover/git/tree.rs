//! The files of a commit, and which of them a request for its paths would find.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::native;
use crate::discover::is_yaml;

/// How many links may lead from one to the next.
const MOST_LINKS: usize = 8;

/// What a commit has under a path.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The name of the object with its text; of a link the text is where it leads.
    pub(super) object: String,
    pub(super) is_link: bool,
}

/// The files of a commit by their paths, which are bytes with `/` between them. Submodules are
/// left out.
#[derive(Default, Debug)]
pub(super) struct Tree {
    entries: BTreeMap<Vec<u8>, Entry>,
}

impl Tree {
    /// Reads what `git ls-tree -r -z` prints.
    pub(super) fn parse(listing: &[u8]) -> Self {
        let lines = listing.split(|byte| *byte == 0);
        let entries = lines.filter_map(|line| {
            let tab = line.iter().position(|byte| *byte == b'\t')?;
            let (words, path) = (std::str::from_utf8(&line[..tab]).ok()?, &line[tab + 1..]);
            let [mode, "blob", object] = words.split(' ').collect::<Vec<_>>()[..] else {
                return None;
            };
            let entry = Entry {
                object: object.to_owned(),
                is_link: mode == "120000",
            };
            Some((path.to_owned(), entry))
        });
        Tree {
            entries: entries.collect(),
        }
    }

    pub(super) fn get(&self, path: &[u8]) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// Whether it has a file of that path, or some below it.
    pub(super) fn has(&self, path: &[u8]) -> bool {
        path.is_empty() || self.entries.contains_key(path) || self.below(path).next().is_some()
    }

    /// All files below a folder, in the order of their paths.
    pub(super) fn below(&self, folder: &[u8]) -> impl Iterator<Item = (&[u8], &Entry)> {
        let mut start = folder.to_owned();
        if !start.is_empty() {
            start.push(b'/');
        }
        let from = (Bound::Included(start.clone()), Bound::Unbounded);
        self.entries
            .range::<Vec<u8>, _>(from)
            .take_while(move |(path, _)| path.starts_with(&start))
            .map(|(path, entry)| (path.as_slice(), entry))
    }

    /// Files whose text has to be known to tell which others there are: those that say what is
    /// ignored, and links.
    pub(super) fn guides(&self) -> impl Iterator<Item = (&[u8], &Entry)> {
        let guides = |path: &[u8], entry: &Entry| entry.is_link || name(path) == b".gitignore";
        self.entries
            .iter()
            .filter(move |(path, entry)| guides(path, entry))
            .map(|(path, entry)| (path.as_slice(), entry))
    }

    /// The file that a path leads to, through links within the commit. `texts` holds where links
    /// lead.
    pub(super) fn resolve(&self, path: &[u8], texts: &HashMap<String, Vec<u8>>) -> Option<&Entry> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let entry = self.get(&path)?;
            if !entry.is_link {
                return Some(entry);
            }
            path = linked(&path, texts.get(&entry.object)?)?;
        }
        None
    }

    /// The YAML files at or below `path` that a walk of the file system would find: not those in
    /// folders or with names that `ignored` hides, or that start with a dot.
    pub(super) fn find(&self, path: &[u8], ignored: &Ignored, hidden: bool) -> Vec<&[u8]> {
        if let Some((path, _)) = self.entries.get_key_value(path) {
            return vec![path];
        }
        let walk = Walk {
            top: path,
            ignored,
            hidden,
        };
        let mut folders = HashMap::new();
        let found = self.below(path).map(|(path, _)| path);
        found
            .filter(|path| is_yaml(&native(path)))
            .filter(|path| walk.enters(parent(path), &mut folders) && walk.passes(path, false))
            .collect()
    }
}

/// A walk from a folder on.
struct Walk<'w> {
    top: &'w [u8],
    ignored: &'w Ignored,
    hidden: bool,
}

impl Walk<'_> {
    /// Whether it gets into a folder; `known` remembers the answers.
    fn enters<'p>(&self, folder: &'p [u8], known: &mut HashMap<&'p [u8], bool>) -> bool {
        if folder.len() <= self.top.len() {
            return true;
        }
        if let Some(known) = known.get(folder) {
            return *known;
        }
        let enters = self.enters(parent(folder), known) && self.passes(folder, true);
        known.insert(folder, enters);
        enters
    }

    fn passes(&self, path: &[u8], is_folder: bool) -> bool {
        match self.ignored.says(path, is_folder) {
            Some(is_ignored) => !is_ignored,
            None => self.hidden || !name(path).starts_with(b"."),
        }
    }
}

/// What the `.gitignore` files of a commit hide.
#[derive(Default, Debug)]
pub(super) struct Ignored {
    of_folder: HashMap<Vec<u8>, Gitignore>,
}

impl Ignored {
    /// Reads the `.gitignore` files of a commit.
    pub(super) fn of(tree: &Tree, texts: &HashMap<String, Vec<u8>>) -> Self {
        let files = tree.guides().filter(|(_, entry)| !entry.is_link);
        let of_folder = files.filter_map(|(path, entry)| {
            let text = String::from_utf8_lossy(texts.get(&entry.object)?);
            let mut builder = GitignoreBuilder::new("");
            for line in text.trim_start_matches('\u{feff}').lines() {
                // A line that is no pattern hides nothing, as for the walk of a folder.
                let _ = builder.add_line(None, line);
            }
            Some((parent(path).to_owned(), builder.build().ok()?))
        });
        Ignored {
            of_folder: of_folder.collect(),
        }
    }

    /// Whether the nearest `.gitignore` that speaks of a path hides it; none where none does.
    fn says(&self, path: &[u8], is_folder: bool) -> Option<bool> {
        if self.of_folder.is_empty() {
            return None;
        }
        let mut folder = parent(path);
        loop {
            if let Some(ignore) = self.of_folder.get(folder) {
                let below = match folder.len() {
                    0 => path,
                    length => &path[length + 1..],
                };
                match ignore.matched(native(below), is_folder) {
                    Match::Ignore(_) => return Some(true),
                    Match::Whitelist(_) => return Some(false),
                    Match::None => {}
                }
            }
            if folder.is_empty() {
                return None;
            }
            folder = parent(folder);
        }
    }
}

/// The folder of a path; empty for the root.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    &path[..slash.unwrap_or(0)]
}

/// The last part of a path.
fn name(path: &[u8]) -> &[u8] {
    let slash = path.iter().rposition(|byte| *byte == b'/');
    &path[slash.map_or(0, |slash| slash + 1)..]
}

/// Where a link leads, if that is in the commit.
fn linked(path: &[u8], target: &[u8]) -> Option<Vec<u8>> {
    if target.starts_with(b"/") {
        return None;
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    let folder = parent(path).split(|byte| *byte == b'/');
    for part in folder.chain(target.split(|byte| *byte == b'/')) {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};
    use std::fs;

    use proptest::prelude::*;

    use super::{Ignored, Tree};
    use crate::discover::{Request, find};

    /// A commit of files and their texts; a text that starts with `->` is a link.
    fn commit(files: &[(&str, &str)]) -> (Tree, HashMap<String, Vec<u8>>) {
        let (mut listing, mut texts) = (Vec::new(), HashMap::new());
        for (number, (path, text)) in files.iter().enumerate() {
            let (mode, text) = match text.strip_prefix("->") {
                Some(target) => ("120000", target),
                None => ("100644", *text),
            };
            listing.extend(format!("{mode} blob {number}\t{path}\0").into_bytes());
            texts.insert(number.to_string(), text.as_bytes().to_owned());
        }
        (Tree::parse(&listing), texts)
    }

    #[test]
    fn links_are_followed_within_the_commit() {
        let (tree, texts) = commit(&[
            ("a/link.yaml", "->../b/real.yaml"),
            ("b/real.yaml", ""),
            ("b/again.yaml", "->../a/./link.yaml"),
            ("b/out.yaml", "->../../etc/passwd"),
            ("b/root.yaml", "->/etc/passwd"),
            ("b/self.yaml", "->self.yaml"),
        ]);
        let leads = |path: &str| tree.resolve(path.as_bytes(), &texts).map(|it| &*it.object);
        assert_eq!(leads("a/link.yaml"), Some("1"));
        assert_eq!(leads("b/again.yaml"), Some("1"));
        assert_eq!(leads("b/out.yaml"), None);
        assert_eq!(leads("b/root.yaml"), None);
        assert_eq!(leads("b/self.yaml"), None);
    }

    #[test]
    fn submodules_are_no_files() {
        let tree = Tree::parse(b"160000 commit 1\tsub\x00100644 blob 2\ta\nb\t\xFF.yaml\0");
        let found = tree.find(b"", &Ignored::default(), false);
        assert_eq!(found, [b"a\nb\t\xFF.yaml"]);
    }

    fn lines() -> impl Strategy<Value = String> {
        let patterns = [
            "a", "b/", "/a", "*.yaml", "!c.yaml", "a/**", "**/b", "!a/", ".h", "!.h/", "# a",
            "b/c.yaml",
        ];
        let chosen = proptest::collection::vec(proptest::sample::select(patterns.to_vec()), 0..4);
        chosen.prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// A commit has the files that a walk finds once it is checked out.
        #[test]
        fn a_commit_is_read_as_its_checkout(
            ignored in proptest::collection::vec((0..4_usize, lines()), 0..3),
            (hidden, no_ignore) in (any::<bool>(), any::<bool>()),
            top in 0..4_usize,
        ) {
            let folders = ["", "a/", "b/", "a/b/"];
            let temp = tempfile::TempDir::new().unwrap();
            let mut files = BTreeMap::new();
            for folder in ["", "a/", "b/", "a/b/", ".h/", "a/.h/", "b/a/"] {
                for name in ["a.yaml", "c.yaml", ".d.yaml", "e.txt", "F.YML"] {
                    files.insert(format!("{folder}{name}"), String::new());
                }
            }
            for (folder, text) in ignored {
                files.insert(format!("{}.gitignore", folders[folder]), text);
            }
            for (path, text) in &files {
                let path = temp.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            fs::create_dir(temp.path().join(".git")).unwrap();
            let listed: Vec<_> = files.iter().map(|(path, text)| (&**path, &**text)).collect();
            let (tree, texts) = commit(&listed);
            let ignored = match no_ignore {
                true => Ignored::default(),
                false => Ignored::of(&tree, &texts),
            };
            let top = folders[top].trim_end_matches('/');
            let found = tree.find(top.as_bytes(), &ignored, hidden);
            let found: Vec<_> = found.into_iter().map(String::from_utf8_lossy).collect();
            let walked = find(&Request {
                paths: vec![temp.path().join(top)],
                gone: Vec::new(),
                working_directory: temp.path().to_owned(),
                no_ignore,
                hidden,
            });
            let walked: Vec<_> = walked.unwrap().into_iter().map(|it| it.display).collect();
            prop_assert_eq!(found, walked);
        }
    }
}
