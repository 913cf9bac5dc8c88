//! Revisions of a git repository: an estate as it was, without checking it out.
//!
//! Text and names of files come from the `git` program; see [`program`] for what it may do.

mod program;
mod tree;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::{Candidate, Concern, Outcome, Request, decode, read_one, relative};
use crate::diagnostic::nearest;
use program::Git;
use tree::{Ignored, Tree};

/// Why a revision cannot be had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GitError {
    /// A sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl GitError {
    fn new(message: impl Into<String>) -> Self {
        GitError {
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Where what is checked out parted from another revision: their merge base.
#[derive(Debug)]
pub struct Revision {
    /// The revision it was asked for, as it was written.
    pub name: String,
    /// The abbreviated name of the merge base.
    pub commit: String,
    git: Git,
    /// The root of the work tree.
    root: PathBuf,
    tree: Tree,
    /// What is checked out, as it was committed.
    head: Tree,
    /// The texts of links and of what says what is ignored, by the names of their objects.
    guides: HashMap<String, Vec<u8>>,
}

/// A file of a revision.
#[derive(Clone, Debug)]
pub struct Tracked {
    /// As reports print it.
    pub display: String,
    text: Text,
}

/// Where the text of a file is.
#[derive(Clone, Debug)]
enum Text {
    /// In an object of the repository.
    Object(String),
    /// On the disk, now as then: the revision knows no text of it.
    Disk(Candidate),
}

impl Revision {
    /// The merge base of `name` and what is checked out in the repository around `folder`.
    ///
    /// # Errors
    /// When git cannot be run or refuses to, there is no repository, or no such revision, or its
    /// history does not meet.
    pub fn merge_base(name: &str, folder: &Path) -> Result<Self, GitError> {
        if name.starts_with('-') || name.trim().is_empty() {
            return Err(GitError::new(format!("`{name}` is no revision"))
                .help("name a branch, a tag or a commit: `--since main`"));
        }
        let git = Git::within(&existing(folder));
        let root = git.bytes(&["rev-parse", "--show-toplevel"])?;
        let root = native(root.strip_suffix(b"\n").unwrap_or(&root));
        let root = fs::canonicalize(&root)
            .map_err(|error| GitError::new(format!("cannot read `{}`: {error}", root.display())))?;
        let git = Git::within(&root);
        let head = commit(&git, "HEAD")?.ok_or_else(|| {
            GitError::new("nothing is committed here yet")
                .help("commit something first; without `--since` all that is found is reported")
        })?;
        let other = commit(&git, name)?.ok_or_else(|| unknown(&git, name))?;
        let base = git
            .line(&["merge-base", &other, &head])?
            .ok_or_else(|| unrelated(&git, name))?;
        let short = git.line(&["rev-parse", "--short", &base])?;
        let mut revision = Revision {
            name: name.to_owned(),
            commit: short.unwrap_or_else(|| base.clone()),
            root,
            tree: tree_of(&git, &base)?,
            head: tree_of(&git, &head)?,
            git,
            guides: HashMap::new(),
        };
        let guides: Vec<String> = revision
            .tree
            .guides()
            .map(|(_, entry)| entry.object.clone())
            .collect();
        let mut texts = HashMap::new();
        revision.objects(&guides, |number, text| {
            texts.insert(guides[number].clone(), text.unwrap_or_default().to_owned());
        })?;
        revision.guides = texts;
        Ok(revision)
    }

    /// The YAML files of a request as they are in the revision, in the order of their paths.
    /// `found` are those of the present. What lies in a repository of its own, such as a submodule,
    /// is in both alike, as is what a link out of the repository leads to.
    ///
    /// # Errors
    /// When a path of the request lies outside of the repository.
    pub fn find(&self, request: &Request, found: &[Candidate]) -> Result<Vec<Tracked>, GitError> {
        let mut files = Vec::new();
        let now: HashMap<&str, &Candidate> =
            found.iter().map(|file| (&*file.display, file)).collect();
        for (path, display) in self.select(&self.tree, request)? {
            let text = match self.tree.resolve(&path, &self.guides) {
                Some(entry) => Text::Object(entry.object.clone()),
                None => match now.get(&*display) {
                    Some(file) => Text::Disk((*file).clone()),
                    None => continue,
                },
            };
            files.push(Tracked { display, text });
        }
        let mut known = HashMap::new();
        let apart = found.iter().filter(|file| self.is_apart(file, &mut known));
        files.extend(apart.map(|file| Tracked {
            display: file.display.clone(),
            text: Text::Disk(file.clone()),
        }));
        files.sort_by(|a, b| a.display.cmp(&b.display));
        files.dedup_by(|a, b| a.display == b.display);
        Ok(files)
    }

    /// Files of a request that are committed, but that the present ignores and the revision does
    /// not: ignoring them is part of the change.
    ///
    /// # Errors
    /// When a path of the request lies outside of the repository.
    pub fn newly_ignored(
        &self,
        request: &Request,
        found: &[Candidate],
    ) -> Result<Vec<Candidate>, GitError> {
        let known: HashSet<&str> = found.iter().map(|file| &*file.display).collect();
        let selected = self.select(&self.head, request)?.into_iter();
        let missed = selected.filter(|(_, display)| !known.contains(&**display));
        let there = missed.map(|(path, display)| Candidate {
            display,
            path: self.root.join(native(&path)),
            obstacle: None,
        });
        Ok(there.filter(|file| file.path.is_file()).collect())
    }

    /// Whether the revision has a file at a path, or files below it.
    ///
    /// # Errors
    /// When the path lies outside of the repository.
    pub fn has(&self, path: &Path) -> Result<bool, GitError> {
        Ok(self.tree.has(&self.path_of(path)?))
    }

    /// Whether a path lies in the repository.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        self.path_of(path).is_ok()
    }

    /// The bytes of a file, by its absolute path; none where the revision has no such file.
    ///
    /// # Errors
    /// When the path lies outside of the repository, or git cannot read it.
    pub fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, GitError> {
        let path = self.path_of(path)?;
        let Some(entry) = self.tree.resolve(&path, &self.guides) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        self.objects(std::slice::from_ref(&entry.object), |_, text| {
            bytes = text.unwrap_or_default().to_owned();
        })?;
        Ok(Some(bytes))
    }

    /// The YAML files below a folder, or the one that is named, with their bytes, by absolute path.
    ///
    /// # Errors
    /// When the folder lies outside of the repository, or git cannot read it.
    pub fn read_below(&self, folder: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, GitError> {
        let top = self.path_of(folder)?;
        let found = self.tree.find(&top, &Ignored::default(), true);
        let (mut paths, mut objects) = (Vec::new(), Vec::new());
        for path in found {
            if let Some(entry) = self.tree.resolve(path, &self.guides) {
                paths.push(folder.join(native(below(&top, path))));
                objects.push(entry.object.clone());
            }
        }
        let mut texts = vec![Vec::new(); objects.len()];
        self.objects(&objects, |number, text| {
            texts[number] = text.unwrap_or_default().to_owned();
        })?;
        Ok(paths.into_iter().zip(texts).collect())
    }

    /// Reads files; the answers are in their order. `progress` is called for each file with which
    /// nothing else happens.
    ///
    /// # Errors
    /// When git cannot read them.
    pub fn outcomes(
        &self,
        files: &[Tracked],
        concern: Concern,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Vec<Outcome>, GitError> {
        let (mut numbers, mut objects) = (Vec::new(), Vec::new());
        let mut outcomes: Vec<Option<Outcome>> = vec![None; files.len()];
        for (number, file) in files.iter().enumerate() {
            match &file.text {
                Text::Object(object) => {
                    numbers.push(number);
                    objects.push(object.clone());
                }
                Text::Disk(file) => {
                    outcomes[number] = Some(read_one(file.clone(), concern, &mut Vec::new()));
                }
            }
        }
        self.objects(&objects, |number, text| {
            let number = numbers[number];
            let path = files[number].display.clone();
            outcomes[number] = Some(match text {
                Some(text) if is_pointer(text) => Outcome::Unreadable {
                    path,
                    reason: "Git LFS keeps its text elsewhere".to_owned(),
                },
                Some(text) => decode(path, text, concern),
                None => Outcome::TooLarge { path },
            });
        })?;
        let outcomes: Vec<Outcome> = outcomes.into_iter().flatten().collect();
        for outcome in &outcomes {
            if !matches!(outcome, Outcome::Read(_)) {
                progress();
            }
        }
        Ok(outcomes)
    }

    /// The files of a commit that a request finds, with what reports print for them.
    fn select(&self, tree: &Tree, request: &Request) -> Result<Vec<(Vec<u8>, String)>, GitError> {
        let ignored = match request.no_ignore {
            true => Ignored::default(),
            false => Ignored::of(&self.tree, &self.guides),
        };
        let mut selected = Vec::new();
        for path in request.paths.iter().chain(&request.gone) {
            let written = request.working_directory.join(path);
            let top = self.path_of(&written)?;
            for path in tree.find(&top, &ignored, request.hidden) {
                let there = match below(&top, path) {
                    b"" => written.clone(),
                    below => written.join(native(below)),
                };
                let display = relative(&there, &request.working_directory);
                selected.push((path.to_owned(), display));
            }
        }
        Ok(selected)
    }

    /// A path as trees spell it.
    fn path_of(&self, path: &Path) -> Result<Vec<u8>, GitError> {
        let outside = || {
            let shown = path.display();
            GitError::new(format!("`{shown}` lies outside of the repository"))
                .help("what is not in the repository has no revision to be compared with")
        };
        let folder = existing(path);
        let rest = path.strip_prefix(&folder).map_err(|_| outside())?;
        let folder = fs::canonicalize(&folder).map_err(|_| outside())?;
        let below = folder.strip_prefix(&self.root).map_err(|_| outside())?;
        let mut parts = Vec::new();
        for component in below.components().chain(rest.components()) {
            match component {
                Component::Normal(name) => parts.push(bytes_of(name)),
                Component::CurDir => {}
                _ => return Err(outside()),
            }
        }
        Ok(parts.join(&b'/'))
    }

    /// Whether a file lies in a repository of its own within this one. `known` remembers folders.
    fn is_apart(&self, file: &Candidate, known: &mut HashMap<PathBuf, bool>) -> bool {
        let Some(folder) = file.path.parent() else {
            return false;
        };
        if let Some(known) = known.get(folder) {
            return *known;
        }
        let repository = folder.ancestors().find(|it| it.join(".git").exists());
        let repository = repository.and_then(|it| fs::canonicalize(it).ok());
        let apart = repository.is_some_and(|it| it != self.root);
        known.insert(folder.to_owned(), apart);
        apart
    }

    /// Hands out the texts of objects.
    fn objects(
        &self,
        objects: &[String],
        take: impl FnMut(usize, Option<&[u8]>),
    ) -> Result<(), GitError> {
        let names: Vec<&str> = objects.iter().map(String::as_str).collect();
        match self.git.blobs(&names, take)? {
            0 => Ok(()),
            missing => Err(GitError::new(format!(
                "{missing} files of {} are not in this clone, which is a partial one",
                self.commit
            ))
            .help(format!(
                "`git diff --shortstat {} HEAD` makes git fetch them",
                self.commit
            ))),
        }
    }
}

/// The commit that a name means, if it means anything.
fn commit(git: &Git, name: &str) -> Result<Option<String>, GitError> {
    let Some(object) = git.line(&["rev-parse", "--verify", "--quiet", name])? else {
        return Ok(None);
    };
    if object.starts_with('^') {
        return Ok(None);
    }
    let peeled = format!("{object}^{{commit}}");
    match git.line(&["rev-parse", "--verify", "--quiet", &peeled]) {
        Ok(Some(commit)) => Ok(Some(commit)),
        _ => Err(GitError::new(format!("`{name}` is no commit"))
            .help("name a branch, a tag or a commit: `--since main`")),
    }
}

fn tree_of(git: &Git, commit: &str) -> Result<Tree, GitError> {
    let listing = git.bytes(&["ls-tree", "-r", "-z", "--full-tree", commit])?;
    Ok(Tree::parse(&listing))
}

const FETCH_ALL: &str = "fetch all of it (`git fetch --unshallow`; in GitHub Actions `fetch-depth: 0`, \
     in GitLab CI `GIT_DEPTH: 0`, in Azure Pipelines `fetchDepth: 0`)";

fn is_shallow(git: &Git) -> bool {
    let answer = git.line(&["rev-parse", "--is-shallow-repository"]);
    answer.is_ok_and(|answer| answer.as_deref() == Some("true"))
}

fn unknown(git: &Git, name: &str) -> GitError {
    let error = GitError::new(format!("there is no revision `{name}` here"));
    if name.contains("..") {
        return error.help("this is a range: name its first end only");
    }
    let listed = git.bytes(&["for-each-ref", "--format=%(refname:short)"]);
    let listed = listed.unwrap_or_default();
    let listed = String::from_utf8_lossy(&listed);
    let names: Vec<&str> = listed.lines().filter(|it| !it.ends_with("/HEAD")).collect();
    let ending = format!("/{name}");
    let mut remote = names.iter().filter(|it| it.ends_with(&ending));
    let meant = remote.next().copied();
    if let Some(meant) = meant.or_else(|| nearest(name, names.iter().copied())) {
        return error.help(format!("did you mean `{meant}`?"));
    }
    let branch = name.strip_prefix("origin/").unwrap_or(name);
    match is_shallow(git) {
        true => error.help(format!("this is a shallow clone: {FETCH_ALL}")),
        false => error.help(format!(
            "if it is on the server, fetch it: `git fetch origin {branch}`"
        )),
    }
}

fn unrelated(git: &Git, name: &str) -> GitError {
    match is_shallow(git) {
        true => GitError::new(format!(
            "this is a shallow clone, whose history ends before it meets that of `{name}`"
        ))
        .help(format!(
            "fetch more of it (`git fetch --deepen=100`), or {FETCH_ALL}"
        )),
        false => GitError::new(format!(
            "`{name}` and what is checked out have no commit in common"
        ))
        .help("name a revision that this one came from, or compare with a folder: `--base PATH`"),
    }
}

/// Whether a text is but a pointer to what Git LFS keeps elsewhere.
fn is_pointer(text: &[u8]) -> bool {
    text.starts_with(b"version https://git-lfs.github.com/spec/")
}

/// The nearest folder from `path` upward that exists.
fn existing(path: &Path) -> PathBuf {
    let mut folders = path.ancestors();
    let folder = folders.find(|folder| folder.is_dir());
    folder.unwrap_or(Path::new(".")).to_owned()
}

/// What of `path` lies below `top`.
fn below<'p>(top: &[u8], path: &'p [u8]) -> &'p [u8] {
    let below = &path[top.len()..];
    below.strip_prefix(b"/").unwrap_or(below)
}

/// A path of a tree as the file system spells it.
#[cfg(unix)]
fn native(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(path).into()
}

#[cfg(unix)]
fn bytes_of(name: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_owned()
}

/// A path of a tree as the file system spells it.
#[cfg(not(unix))]
fn native(path: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(path).into_owned())
}

#[cfg(not(unix))]
fn bytes_of(name: &std::ffi::OsStr) -> Vec<u8> {
    name.to_string_lossy().into_owned().into_bytes()
}
