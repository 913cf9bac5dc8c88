//! What is set for a run: its settings, their rule packs, and the baseline.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::shelf::{Disk, Shelf};
use super::{Outside, Stop, Trouble, packs};
use crate::Checked;
use crate::cli::ConfigArgs;
use crate::diagnostic::{Finding, Severity};
use crate::discover::{Candidate, Root, Viewpoint, above, is_within, plain, relative};
use crate::rules::RuleSet;
use crate::settings::{self, Access, FILE_NAME, Glob, Invalid, SETTINGS, Said, Settings};
use crate::source::{Location, SourceFile, Sources};
use crate::verdict::Baseline;

/// Where a run gets what is set for it.
pub(super) struct Source<'a> {
    shelf: &'a dyn Shelf,
    /// Where rule files are that are named on the command line.
    named: &'a dyn Shelf,
    /// The folder from which settings are looked for upward.
    from: PathBuf,
    args: &'a ConfigArgs,
}

impl<'a> Source<'a> {
    /// Settings as the command line asks for them, looked for from a path upward.
    pub(super) fn new(
        (shelf, named): (&'a dyn Shelf, &'a dyn Shelf),
        args: &'a ConfigArgs,
        from: &Path,
    ) -> Self {
        let from = plain(from);
        Source {
            shelf,
            named,
            from,
            args,
        }
    }

    /// The settings file in use, and the folder that what it names must lie in: nobody is to read
    /// other folders of the machine by changing settings in a repository.
    fn find(&self, here: &Path) -> Option<(PathBuf, Option<PathBuf>)> {
        if self.args.no_config {
            return None;
        }
        if let Some(file) = &self.args.config {
            let file = plain(&here.join(file));
            let repository = above(&file, Root::Git);
            return Some((file, repository));
        }
        let repository = above(&self.from, Root::Git);
        for folder in self.from.ancestors() {
            let file = folder.join(FILE_NAME);
            let is_there = match self.shelf.read(&file) {
                Ok(_) => true,
                Err(error) => {
                    !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
                }
            };
            if is_there {
                return Some((file, repository));
            }
            if repository.as_deref() == Some(folder) {
                break;
            }
        }
        None
    }

    /// The settings, empty where there are none.
    pub(super) fn settings(&self, outside: &mut Outside<'_>) -> Result<Arc<Settings>, Stop> {
        let here = outside.working_directory.clone();
        let Some((file, boundary)) = self.find(&here) else {
            return Ok(Arc::default());
        };
        let access = Access {
            read: &|path| self.shelf.read(path).map_err(|error| error.to_string()),
            working_directory: &here,
            boundary: boundary.as_deref(),
        };
        match Settings::load(&file, &access) {
            Ok(settings) => Ok(Arc::new(settings)),
            Err(Invalid { findings, sources }) => Err(refuse(&findings, &sources, outside)?),
        }
    }

    /// The built-in rules, those of rule packs, and those in `folders`.
    pub(super) fn rules(
        &self,
        settings: &Settings,
        folders: &[PathBuf],
        outside: &mut Outside<'_>,
    ) -> Result<RuleSet, Stop> {
        let here = outside.working_directory.clone();
        let mut files = Vec::new();
        for (at, folder) in settings.packs() {
            match packs::rule_files(Path::new(&relative(&folder, &here)), self.shelf, &here) {
                Ok(found) => files.extend(found),
                Err(trouble) => {
                    let mut finding = Finding::new(SETTINGS, Severity::Error, at, trouble.message);
                    finding.help = trouble.help;
                    return Err(refuse(&[finding], settings.sources(), outside)?);
                }
            }
        }
        for folder in folders {
            files.extend(packs::rule_files(folder, self.named, &here)?);
        }
        packs::of_files(files, outside)
    }

    /// The baseline in `file`.
    pub(super) fn baseline(
        &self,
        file: &Path,
        outside: &mut Outside<'_>,
    ) -> Result<Baseline, Stop> {
        read_baseline(self.shelf, file, outside)
    }
}

/// Whether settings are looked for, not asked for or refused.
pub(super) fn discovers(args: &ConfigArgs) -> bool {
    args.config.is_none() && !args.no_config
}

/// The shelf of a run that reads the disk: links in a repository lead to nothing outside of it.
pub(super) fn disk(args: &ConfigArgs, from: &Path) -> Disk {
    Disk {
        boundary: match args.config {
            Some(_) => None,
            None => above(&plain(from), Root::Git),
        },
    }
}

/// Settings from the disk, for a run over `from`.
pub(super) fn settings(
    args: &ConfigArgs,
    from: &Path,
    outside: &mut Outside<'_>,
) -> Result<Arc<Settings>, Stop> {
    let disk = disk(args, from);
    Source::new((&disk, &Disk::default()), args, from).settings(outside)
}

/// The rules that a run in the working directory would have, with those in `folders`.
pub(super) fn rules_here(folders: &[PathBuf], outside: &mut Outside<'_>) -> Result<RuleSet, Stop> {
    let (args, here) = (ConfigArgs::default(), outside.working_directory.clone());
    let (disk, anywhere) = (disk(&args, &here), Disk::default());
    let source = Source::new((&disk, &anywhere), &args, &here);
    let settings = source.settings(outside)?;
    source.rules(&settings, folders, outside)
}

fn refuse(
    findings: &[Finding],
    sources: &Sources,
    outside: &mut Outside<'_>,
) -> Result<Stop, Stop> {
    packs::show(findings, sources, outside)?;
    let trouble = Trouble::new("the settings cannot be used as they are");
    Ok(Stop::Trouble(trouble))
}

/// How files are called in baselines: from the root of the repository.
pub(super) fn from_root(outside: &Outside<'_>) -> Viewpoint {
    let here = &outside.working_directory;
    let root = above(here, Root::Git);
    Viewpoint::new(here, root.as_ref().unwrap_or(here))
}

/// Reads a baseline.
pub(super) fn read_baseline(
    shelf: &dyn Shelf,
    file: &Path,
    outside: &mut Outside<'_>,
) -> Result<Baseline, Stop> {
    let shown = file.display().to_string();
    let path = plain(&outside.working_directory.join(file));
    let bytes = shelf.read(&path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Trouble::new(format!("the baseline `{shown}` does not exist")).help(
            format!("`vmlint check --write-baseline {shown}` records what there is"),
        ),
        _ => Trouble::new(format!("cannot read the baseline `{shown}`: {error}")),
    })?;
    let source = SourceFile::decode(relative(&path, &outside.working_directory), bytes)
        .map_err(|error| Trouble::new(format!("cannot read the baseline `{shown}`: {error}")))?;
    let mut sources = Sources::default();
    let id = sources.add(source);
    match Baseline::parse(id, sources.get(id), from_root(outside)) {
        Ok(baseline) => Ok(baseline),
        Err(findings) => {
            packs::show(&findings, &sources, outside)?;
            Err(Trouble::new("the baseline cannot be used as it is").into())
        }
    }
}

/// What a run over some paths has read of what its settings are for.
pub(super) struct Reach<'r> {
    pub(super) settings: &'r Settings,
    /// The paths, absolute.
    pub(super) roots: &'r [PathBuf],
    pub(super) quiet: bool,
    /// Whether the settings were found, not asked for.
    pub(super) discovered: bool,
}

impl Reach<'_> {
    /// Whether the whole folder of the settings is read.
    fn is_whole(&self) -> bool {
        let folder = self.settings.folder();
        folder.is_some_and(|folder| self.roots.iter().any(|root| is_within(folder, root)))
    }

    /// Leaves out what the settings exclude, but for files that are named, and says what in the
    /// settings is in vain.
    pub(super) fn narrow(
        &self,
        found: Vec<Candidate>,
        outside: &mut Outside<'_>,
    ) -> Result<Vec<Candidate>, Stop> {
        let seen: Vec<String> = found
            .iter()
            .map(|file| self.settings.seen(&file.display))
            .collect();
        if !self.quiet {
            if self.discovered {
                self.note_others(&found, outside)?;
            }
            if self.is_whole() {
                self.note_vain_globs(&seen, outside)?;
            }
        }
        let named = |file: &Candidate| self.roots.iter().any(|root| root == file.path());
        let before = found.len();
        let files = found.into_iter().zip(seen);
        let kept = files.filter(|(file, seen)| !self.settings.excludes(seen) || named(file));
        let kept: Vec<Candidate> = kept.map(|(file, _)| file).collect();
        match kept.is_empty() && before > 0 {
            true => Err(
                Trouble::new("`exclude` in the settings leaves out all files")
                    .help("`vmlint config show PATH` says which glob leaves out a file")
                    .into(),
            ),
            false => Ok(kept),
        }
    }

    /// Names further settings beside the files that are read.
    fn note_others(&self, found: &[Candidate], outside: &mut Outside<'_>) -> Result<(), Stop> {
        let mut folders = BTreeSet::new();
        let mut last = None;
        for file in found {
            let parent = file.path().parent();
            // Files come in the order of their paths: most lie beside the one before.
            if last == parent {
                continue;
            }
            last = parent;
            for folder in file.path().ancestors().skip(1) {
                let inside = self.roots.iter().any(|root| is_within(folder, root));
                if !inside || !folders.insert(folder) {
                    break;
                }
            }
        }
        let in_use = self.settings.paths();
        for folder in folders {
            let file = plain(&folder.join(FILE_NAME));
            if !in_use.contains(&file) && file.is_file() {
                let shown = relative(&file, &outside.working_directory);
                let shown = super::console::plain(&shown).into_owned();
                let instead = match in_use.first() {
                    Some(path) => {
                        let path = relative(path, &outside.working_directory);
                        format!("`{}` is", super::console::plain(&path))
                    }
                    None => "no settings are".to_owned(),
                };
                writeln!(
                    outside.stderr,
                    "note: `{shown}` is not read: {instead} in use for the whole run"
                )?;
            }
        }
        Ok(())
    }

    /// Points at globs that match nothing.
    fn note_vain_globs(&self, seen: &[String], outside: &mut Outside<'_>) -> Result<(), Stop> {
        let settings = self.settings;
        let vain = |glob: &Said<Glob>, what: &str| {
            let message = format!("this glob matches no {what}");
            Finding::new(SETTINGS, Severity::Warning, glob.at, message)
                .with_help("globs count from the folder of the settings; `**/` is any folder")
        };
        let files = settings.file_globs();
        let files = files.filter(|glob| !seen.iter().any(|path| glob.value.takes_in(path)));
        let folders: BTreeSet<&str> = match settings.scopes() {
            [] => BTreeSet::new(),
            _ => seen
                .iter()
                .flat_map(|path| settings::folders_of(path))
                .collect(),
        };
        let scopes = settings.scopes().iter();
        let scopes = scopes.filter(|glob| !folders.iter().any(|it| glob.value.matches(it)));
        let mut findings: Vec<Finding> = files.map(|glob| vain(glob, "YAML file")).collect();
        findings.extend(scopes.map(|glob| vain(glob, "folder with YAML files")));
        findings.sort_by_key(|finding| finding.location);
        match findings.is_empty() {
            true => Ok(()),
            false => packs::show(&findings, settings.sources(), outside),
        }
    }

    /// Says which waivers and entries of the baseline are in vain.
    pub(super) fn note_leftovers(
        &self,
        checked: &Checked,
        outside: &mut Outside<'_>,
    ) -> Result<(), Stop> {
        if self.quiet || !self.is_whole() {
            return Ok(());
        }
        let waivers = self.settings.waivers();
        let numbers = checked.leftovers.waivers.iter();
        let idle = numbers
            .filter_map(|number| waivers.get(*number))
            .map(|waiver| {
                let rule = &waiver.rule.value;
                let message = format!("`{rule}` finds nothing in `{}` to waive", waiver.resource());
                Finding::new(SETTINGS, Severity::Info, waiver.at, message)
                    .with_help("remove the waiver, so that it cannot hide what comes later")
            });
        let idle: Vec<Finding> = idle.collect();
        match idle.is_empty() {
            true => Ok(()),
            false => packs::show(&idle, self.settings.sources(), outside),
        }
    }
}

/// A place in the settings, for people.
pub(super) fn place(settings: &Settings, at: Location) -> String {
    let file = settings.sources().get(at.file);
    format!("{}:{}", file.path(), file.line_of(at.span.start) + 1)
}
