//! `vmlint init`: settings to start from, and what runs vmlint at commits and pull requests.

use std::io::ErrorKind;
use std::path::Path;

use super::{Exit, Outside, Stop, Trouble, shelf};
use crate::cli::InitArgs;
use crate::settings::FILE_NAME;

/// The baseline that what is written takes into account when it is there.
const BASELINE: &str = ".vmlint-baseline.jsonl";

/// A file to write: where, and the text, with `VERSION` and ` BASELINE` to be filled in.
struct Template {
    path: &'static str,
    text: &'static str,
}

const SETTINGS: Template = Template {
    path: FILE_NAME,
    text: include_str!("vmlint.yaml"),
};
const PRE_COMMIT: Template = Template {
    path: ".pre-commit-config.yaml",
    text: include_str!("pre-commit.yaml"),
};
const GITHUB: Template = Template {
    path: ".github/workflows/vmlint.yml",
    text: include_str!("github.yml"),
};
const GITLAB: Template = Template {
    path: ".gitlab-ci.yml",
    text: include_str!("gitlab.yml"),
};
const AZURE: Template = Template {
    path: "azure-pipelines.yml",
    text: include_str!("azure.yml"),
};

/// What became of a file.
enum Outcome {
    Written,
    Kept,
}

impl Template {
    fn filled_in(&self, has_baseline: bool) -> String {
        let baseline = match has_baseline {
            true => format!(" --baseline {BASELINE}"),
            false => String::new(),
        };
        self.text
            .replace(" BASELINE", &baseline)
            .replace("VERSION", env!("CARGO_PKG_VERSION"))
    }

    fn write(&self, folder: &Path, text: &str) -> Result<Outcome, Trouble> {
        let path = folder.join(self.path);
        match shelf::begin(&path, text) {
            Ok(()) => Ok(Outcome::Written),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Outcome::Kept),
            Err(error) => {
                let message = format!("cannot write `{}`: {error}", self.path);
                Err(Trouble::new(message))
            }
        }
    }
}

pub(super) fn run(args: &InitArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let folder = outside.working_directory.clone();
    let has_baseline = folder.join(BASELINE).is_file();
    let wanted = [
        (true, SETTINGS),
        (args.pre_commit, PRE_COMMIT),
        (args.github, GITHUB),
        (args.gitlab, GITLAB),
        (args.azure, AZURE),
    ];
    let mut written = 0;
    for (_, template) in wanted.iter().filter(|(wanted, _)| *wanted) {
        let path = template.path;
        let text = template.filled_in(has_baseline);
        match template.write(&folder, &text)? {
            Outcome::Written => {
                written += 1;
                writeln!(outside.stdout, "{path}")?;
            }
            Outcome::Kept if path == FILE_NAME => {
                writeln!(
                    outside.stderr,
                    "note: `{path}` is there already and stays as it is"
                )?;
            }
            Outcome::Kept => {
                writeln!(
                    outside.stderr,
                    "note: `{path}` is there already and stays as it is; this would go into it:\n"
                )?;
                for line in text.lines() {
                    writeln!(outside.stderr, "{}", format!("    {line}").trim_end())?;
                }
                writeln!(outside.stderr)?;
            }
        }
    }
    if written == 0 {
        return Err(Trouble::new("nothing was written, as all of it is there already").into());
    }
    Ok(Exit::Clean)
}
