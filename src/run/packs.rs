//! Rule files of the user: every YAML file below the folders of `--rules`.

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::compare::{Past, RulesOf};
use super::{Outside, Stop, Trouble, console};
use crate::cli::Color;
use crate::diagnostic::Finding;
use crate::discover::relative;
use crate::facts::VOCABULARY;
use crate::report::{self, Format, Report, Summary};
use crate::rules::{InvalidRules, RuleSet};
use crate::source::{MAX_BYTES, SourceFile, Sources};

/// The built-in rules with those of `folders`, as the past has them where there is one: a change
/// does not decide by which rules it is judged.
pub(super) fn load(
    folders: &[PathBuf],
    past: Option<&Past>,
    outside: &mut Outside<'_>,
) -> Result<RuleSet, Stop> {
    let here = outside.working_directory.clone();
    let mut files = Vec::new();
    for folder in folders {
        let there = here.join(folder);
        let of = past.map_or(Ok(RulesOf::Present), |past| past.rules_of(&there, &here))?;
        match of {
            RulesOf::Texts(texts) if !texts.is_empty() => {
                for (path, bytes) in texts {
                    files.push(decoded(&relative(&path, &here), bytes)?);
                }
            }
            RulesOf::Folder(base) if base.exists() => files.extend(rule_files(&base, &here)?),
            RulesOf::Texts(_) | RulesOf::Folder(_) if there.exists() => {
                let shown = folder.to_string_lossy();
                let base = past.map(Past::name).unwrap_or_default();
                writeln!(
                    outside.stderr,
                    "note: {base} has no rule files in `{}`, so those of the change do not count; `--trust-head` lets them",
                    console::plain(&shown)
                )?;
            }
            _ => files.extend(rule_files(folder, &here)?),
        }
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
    let report = report(findings, sources, &summary);
    report::write(Format::Pretty, &report, &style, outside.stderr)?;
    Ok(Stop::Trouble(Trouble::new(
        "the rules cannot be used as they are",
    )))
}

/// A report of nothing but findings.
pub(super) fn report<'a>(
    findings: &'a [Finding],
    sources: &'a Sources,
    summary: &'a Summary,
) -> Report<'a> {
    Report {
        findings,
        sources,
        summary,
        as_of: "",
        machine_path: &|path| path.into(),
        page: &|_| None,
        hint: false,
    }
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
        files.push(decoded(&path, bytes)?);
    }
    if files.is_empty() {
        return Err(
            Trouble::new(format!("there is no rule file below `{shown}`"))
                .help("rule files are YAML; `vmlint rules new ID` writes one to start with"),
        );
    }
    Ok(files)
}

fn decoded(path: &str, bytes: Vec<u8>) -> Result<SourceFile, Trouble> {
    SourceFile::decode(path, bytes)
        .map_err(|error| Trouble::new(format!("`{path}` is no text: {error}")))
}
