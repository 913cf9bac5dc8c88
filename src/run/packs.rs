//! Rule files of the user: every YAML file below the folders of `--rules`.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

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
        files.extend(rule_files(folder, &outside.working_directory)?);
    }
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
    let mut summary = Summary::default();
    summary.tally(findings);
    let style = console::error_style(Color::Auto, outside);
    let report = Report::plain(findings, sources, &summary);
    report::write(Format::Pretty, &report, &style, outside.stderr)?;
    Ok(Stop::Trouble(Trouble::new(
        "the rules cannot be used as they are",
    )))
}

/// The rule files below a folder, or the one that is named.
fn rule_files(folder: &Path, working_directory: &Path) -> Result<Vec<SourceFile>, Trouble> {
    let root = working_directory.join(folder);
    let shown = folder.display();
    if !root.exists() {
        return Err(Trouble::new(format!("`{shown}` does not exist"))
            .help("name a rule file, or a folder with rule files"));
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(&root).sort_by_file_name() {
        let entry =
            entry.map_err(|error| Trouble::new(format!("cannot read `{shown}`: {error}")))?;
        let yaml = entry
            .path()
            .extension()
            .is_some_and(|it| it == "yaml" || it == "yml");
        if !entry.file_type().is_file() || !yaml && entry.depth() > 0 {
            continue;
        }
        let path = relative(entry.path(), working_directory);
        let too_large = entry.metadata().is_ok_and(|it| it.len() > MAX_BYTES as u64);
        if too_large {
            return Err(Trouble::new(format!("`{path}` is larger than 64 MiB")));
        }
        let bytes = fs::read(entry.path())
            .map_err(|error| Trouble::new(format!("cannot read `{path}`: {error}")))?;
        let file = SourceFile::decode(path.as_str(), bytes)
            .map_err(|error| Trouble::new(format!("`{path}` is no text: {error}")))?;
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
