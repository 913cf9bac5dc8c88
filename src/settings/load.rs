//! A settings file with those that it extends, merged into one.

use std::path::{Path, PathBuf};

use super::read::read;
use super::{Invalid, Layer, SETTINGS, Said, Settings};
use crate::diagnostic::{Finding, Severity};
use crate::discover::{Viewpoint, is_within, plain};
use crate::source::{FileId, Location, SourceFile, Sources, Span};

/// The largest settings file that is read.
const MAX_BYTES: usize = 1 << 20;

/// The longest chain of settings that extend each other.
const MAX_CHAIN: usize = 16;

/// How settings get at files: they never read one themselves, so that the files of a revision do
/// as well as those on disk.
pub struct Access<'a> {
    /// The bytes of a file by its absolute path, or why there are none.
    pub read: &'a dyn Fn(&Path) -> Result<Vec<u8>, String>,
    /// The folder that paths in reports start from.
    pub working_directory: &'a Path,
    /// The folder that what settings name must lie in, where they are not to be trusted with more.
    pub boundary: Option<&'a Path>,
}

impl Access<'_> {
    fn source(&self, path: &Path) -> Result<SourceFile, String> {
        let bytes = (self.read)(path)?;
        if bytes.len() > MAX_BYTES {
            return Err("it is larger than 1 MiB".to_owned());
        }
        let shown = crate::discover::relative(path, self.working_directory);
        SourceFile::decode(shown, bytes).map_err(|error| error.to_string())
    }
}

impl Settings {
    /// Reads the settings in `file`, an absolute path, with all that they extend.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn load(file: &Path, access: &Access<'_>) -> Result<Self, Invalid> {
        let mut chain = Chain {
            access,
            sources: Sources::default(),
            paths: Vec::new(),
        };
        let layer = match chain.follow(plain(file)) {
            Ok(layer) => layer,
            Err(findings) => {
                return Err(Invalid {
                    findings,
                    sources: chain.sources,
                });
            }
        };
        let folder = file.parent().unwrap_or(file);
        let settings = Settings {
            layer,
            seen: Viewpoint::new(access.working_directory, folder),
            sources: chain.sources,
            paths: chain.paths,
        };
        match settings.stray_packs(access.boundary) {
            findings if findings.is_empty() => Ok(settings),
            findings => Err(Invalid {
                findings,
                sources: settings.sources,
            }),
        }
    }

    /// The settings that an example states, in its folder.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn of_example(text: &str) -> Result<Self, Invalid> {
        let read = |_: &Path| Ok(text.as_bytes().to_vec());
        let nowhere = Path::new("");
        Settings::load(
            Path::new(super::FILE_NAME),
            &Access {
                read: &read,
                working_directory: nowhere,
                boundary: None,
            },
        )
    }

    /// Rule packs that lie outside of the repository.
    fn stray_packs(&self, boundary: Option<&Path>) -> Vec<Finding> {
        let Some(boundary) = boundary else {
            return Vec::new();
        };
        let packs = self.packs().into_iter();
        let stray = packs.filter(|(_, folder)| !is_within(folder, boundary));
        stray
            .map(|(at, _)| {
                let message = "this folder lies outside of the repository";
                error(at, message).with_help(
                    "whoever changes settings must not choose what else is read: keep rule packs \
                     in the repository, or name the folder with `--rules`",
                )
            })
            .collect()
    }
}

fn error(at: Location, message: impl Into<String>) -> Finding {
    Finding::new(SETTINGS, Severity::Error, at, message)
}

/// Settings that extend each other, the one in use first.
struct Chain<'a> {
    access: &'a Access<'a>,
    sources: Sources,
    paths: Vec<PathBuf>,
}

impl Chain<'_> {
    fn follow(&mut self, first: PathBuf) -> Result<Layer, Vec<Finding>> {
        let (mut merged, mut extends) = self.add(first, None)?;
        while let Some(next) = extends {
            let layer;
            (layer, extends) = self.extended(&next)?;
            merged = merged.over(layer);
        }
        Ok(merged)
    }

    /// The settings that `extends` names.
    fn extended(&mut self, extends: &Said<String>) -> Result<Step, Vec<Finding>> {
        let from = self.paths.last().map(PathBuf::as_path);
        let folder = from.and_then(Path::parent).unwrap_or(Path::new(""));
        let path = plain(&folder.join(&extends.value));
        let at = extends.at;
        if self.paths.contains(&path) {
            let message = "these settings extend themselves";
            return Err(vec![error(at, message)]);
        }
        if self.paths.len() >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} settings extend each other");
            return Err(vec![error(at, message)]);
        }
        if self.access.boundary.is_some_and(|it| !is_within(&path, it)) {
            let message = "these settings lie outside of the repository";
            return Err(vec![error(at, message).with_help(
                "copy them into the repository, or name them with `--config`",
            )]);
        }
        self.add(path, Some(at))
    }

    /// Reads a file; `at` is where it is named.
    fn add(&mut self, path: PathBuf, at: Option<Location>) -> Result<Step, Vec<Finding>> {
        let source = match self.access.source(&path) {
            Ok(source) => source,
            Err(reason) => return Err(vec![self.unread(&path, at, &reason)]),
        };
        let file = self.sources.add(source);
        self.paths.push(path);
        let mut layer = read(file, self.sources.get(file))?;
        let extends = layer.extends.take();
        Ok((layer, extends))
    }

    fn unread(&mut self, path: &Path, at: Option<Location>, reason: &str) -> Finding {
        let shown = crate::discover::relative(path, self.access.working_directory);
        let at = at.unwrap_or_else(|| {
            let file = self.sources.add(SourceFile::new(shown.as_str(), ""));
            let span = Span::default();
            Location { file, span }
        });
        error(at, format!("cannot read `{shown}`: {reason}"))
    }
}

/// A layer, and what it extends.
type Step = (Layer, Option<Said<String>>);

impl Settings {
    /// The path of a settings file.
    pub(super) fn path_of(&self, file: FileId) -> &Path {
        let path = self.paths.get(file.index());
        path.map_or(Path::new(""), PathBuf::as_path)
    }
}
