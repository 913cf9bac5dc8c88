//! Rule files of the user: every YAML file below the folders of `--rules`, and of rule packs.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::shelf::{Disk, Shelf};
use super::{Outside, Stop, Trouble, console};
use crate::cli::Color;
use crate::diagnostic::Finding;
use crate::discover::relative;
use crate::facts::VOCABULARY;
use crate::report::{self, Format, Report, Summary};
use crate::rules::{InvalidRules, RuleSet};
use crate::source::{MAX_BYTES, SourceFile, Sources};

/// The built-in rules with those of `folders`.
pub(super) fn load(folders: &[PathBuf], outside: &mut Outside<'_>) -> Result<RuleSet, Stop> {
    let mut files = Vec::new();
    for folder in folders {
        files.extend(rule_files(
            folder,
            &Disk::default(),
            &outside.working_directory,
        )?);
    }
    of_files(files, outside)
}

/// The built-in rules with those in `files`.
pub(super) fn of_files(
    mut files: Vec<SourceFile>,
    outside: &mut Outside<'_>,
) -> Result<RuleSet, Stop> {
    let mut seen = HashSet::new();
    files.retain(|file| seen.insert(file.path().to_owned()));
    match RuleSet::load(VOCABULARY, files) {
        Ok(rules) => Ok(rules),
        Err(InvalidRules { findings, sources }) => Err(explain(&findings, &sources, outside)?),
    }
}

/// Shows what is wrong with rule files.
pub(super) fn explain(
    findings: &[Finding],
    sources: &Sources,
    outside: &mut Outside<'_>,
) -> Result<Stop, Stop> {
    show(findings, sources, outside)?;
    Ok(Stop::Trouble(Trouble::new(
        "the rules cannot be used as they are",
    )))
}

/// Shows what there is to say about files that are not linted, on standard error.
pub(super) fn show(
    findings: &[Finding],
    sources: &Sources,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    let mut summary = Summary::default();
    summary.tally(findings);
    let style = console::error_style(Color::Auto, outside);
    let report = Report::plain(findings, sources, &summary);
    report::write(Format::Pretty, &report, &style, outside.stderr)?;
    Ok(())
}

/// The rule files below a folder, or the one that is named.
pub(super) fn rule_files(
    folder: &Path,
    shelf: &dyn Shelf,
    working_directory: &Path,
) -> Result<Vec<SourceFile>, Trouble> {
    let root = working_directory.join(folder);
    let shown = folder.display();
    let paths = shelf.files(&root).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Trouble::new(format!("`{shown}` does not exist"))
            .help("name a rule file, or a folder with rule files"),
        _ => Trouble::new(format!("cannot read `{shown}`: {error}")),
    })?;
    let mut files = Vec::new();
    for path in paths {
        let yaml = path
            .extension()
            .is_some_and(|it| it == "yaml" || it == "yml");
        if !yaml && path != root {
            continue;
        }
        let shown = relative(&path, working_directory);
        let bytes = shelf
            .read(&path)
            .map_err(|error| Trouble::new(format!("cannot read `{shown}`: {error}")))?;
        if bytes.len() > MAX_BYTES {
            return Err(Trouble::new(format!("`{shown}` is larger than 64 MiB")));
        }
        let file = SourceFile::decode(shown.as_str(), bytes)
            .map_err(|error| Trouble::new(format!("`{shown}` is no text: {error}")))?;
        files.push(file);
    }
    if files.is_empty() {
        return Err(
            Trouble::new(format!("there is no rule file below `{shown}`"))
                .help("rule files are YAML; `vmlint rules new ID` writes one to start with"),
        );
    }
    Ok(files)
}
