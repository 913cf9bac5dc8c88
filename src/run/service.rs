//! The build services that vmlint speaks to in their own way when it runs in them.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::{Outside, Stop, console};
use crate::report::{Format, Report, digest};

/// A service that reads commands from what is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Service {
    GithubActions,
    AzurePipelines,
}

/// GitHub shows nothing of a summary of more than 1 MiB; some is left for other writers.
const GITHUB_MOST: usize = (1 << 20) - (4 << 10);
/// More than anybody reads.
const AZURE_MOST: usize = 256 << 10;

impl Service {
    /// The ones that vmlint runs in.
    pub(super) fn all(env: &dyn Fn(&str) -> Option<String>) -> impl Iterator<Item = Self> {
        let is_true = |name| env(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let github = is_true("GITHUB_ACTIONS").then_some(Service::GithubActions);
        let azure = is_true("TF_BUILD").then_some(Service::AzurePipelines);
        github.into_iter().chain(azure)
    }

    /// Its commands.
    pub(super) fn format(self) -> Format {
        match self {
            Service::GithubActions => Format::Github,
            Service::AzurePipelines => Format::Azure,
        }
    }
}

/// Puts the digest of a run where the services look for it whose formats are written. Hands out the
/// file that has to be named to Azure Pipelines. Where that fails there is a warning: the findings
/// are told all the same.
pub(super) fn hand_over_digest(
    formats: &[Format],
    report: &Report<'_>,
    outside: &mut Outside<'_>,
) -> Result<Option<String>, Stop> {
    let wanted = |format, name| {
        let folder = (outside.env)(name).filter(|value| !value.is_empty());
        folder.filter(|_| formats.contains(&format))
    };
    let summary = wanted(Format::Github, "GITHUB_STEP_SUMMARY");
    let folder = wanted(Format::Azure, "AGENT_TEMPDIRECTORY");
    if let Some(path) = summary {
        let path = outside.working_directory.join(path);
        if let Err(error) = append(&path, report) {
            warn(&path, &error, outside)?;
        }
    }
    let Some(folder) = folder else {
        return Ok(None);
    };
    let text = digest(report, AZURE_MOST);
    // One file a digest, as the agent fetches it after the run.
    let hash = Sha256::digest(&text);
    let hash: String = hash[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let path = outside.working_directory.join(folder);
    let path = path.join(format!("vmlint-{hash}.md"));
    match fs::write(&path, text) {
        Ok(()) => Ok(Some(path.to_string_lossy().into_owned())),
        Err(error) => {
            warn(&path, &error, outside)?;
            Ok(None)
        }
    }
}

/// Adds the digest to the summary of a step, as far as there is room.
fn append(path: &Path, report: &Report<'_>) -> std::io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let taken = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let text = digest(report, GITHUB_MOST.saturating_sub(taken));
    file.write_all(text.as_bytes())
}

fn warn(path: &Path, error: &std::io::Error, outside: &mut Outside<'_>) -> Result<(), Stop> {
    let path = path.to_string_lossy();
    let path = console::plain(&path);
    writeln!(
        outside.stderr,
        "warning: cannot write the summary `{path}`: {error}"
    )?;
    Ok(())
}
