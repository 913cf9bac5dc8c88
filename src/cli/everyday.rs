//! The everyday command line, read without clap, which takes a tenth of a run over one file to
//! learn all commands and options.
//!
//! `vmlint check` with paths, and with the few options that editors, hooks and build services give
//! it. At the first sight of anything else, and of every mistake, it gives up, and clap reads the
//! command line from its start; tests compare both.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::values::{date, output};
use super::{CheckArgs, Cli, Command};

impl Cli {
    /// Reads a command line, the program's name first; `None` where it is none of every day.
    #[must_use]
    pub fn everyday(args: &[OsString]) -> Option<Self> {
        let [_, command, rest @ ..] = args else {
            return None;
        };
        let args = (command == "check").then(|| check(rest))??;
        Some(Cli {
            version: false,
            command: Some(Command::Check(Box::new(args))),
        })
    }
}

fn check(args: &[OsString]) -> Option<CheckArgs> {
    let mut check = CheckArgs::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let is_option = arg.as_encoded_bytes().starts_with(b"-");
        match arg.to_str() {
            _ if arg.is_empty() => return None,
            _ if !is_option => check.paths.push(PathBuf::from(arg)),
            Some("--format") => check.format.push(output(value(args.next())?).ok()?),
            Some("--as-of") if check.as_of.is_none() => {
                check.as_of = Some(date(value(args.next())?).ok()?);
            }
            Some("--no-config") if !check.config.no_config => check.config.no_config = true,
            Some("--no-progress") if !check.no_progress => check.no_progress = true,
            Some("--quiet") if !check.quiet => check.quiet = true,
            _ => return None,
        }
    }
    if check.paths.is_empty() {
        check.paths.push(PathBuf::from("."));
    }
    Some(check)
}

/// What is given to an option.
fn value(arg: Option<&OsString>) -> Option<&str> {
    let text = arg.map(OsString::as_os_str).and_then(OsStr::to_str)?;
    (!text.is_empty() && !text.starts_with('-')).then_some(text)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use proptest::prelude::*;

    use super::*;

    /// Compares both where the everyday one does not give up; tells whether it does.
    fn compare(args: &[&str]) -> bool {
        let args = ["vmlint"].iter().chain(args).map(OsString::from);
        let args: Vec<OsString> = args.collect();
        let Some(ours) = Cli::everyday(&args) else {
            return true;
        };
        let theirs = Cli::try_parse_from(&args).map_err(|error| error.to_string());
        assert_eq!(
            Ok(format!("{ours:?}")),
            theirs.map(|cli| format!("{cli:?}"))
        );
        false
    }

    #[test]
    fn what_is_given_every_day_means_the_same_to_clap() {
        for args in [
            vec!["check"],
            vec!["check", "vm.yaml"],
            vec!["check", "a", "b c", "check", "slots"],
            vec!["check", "--as-of", "2026-01-01", "vm.yaml"],
            vec![
                "check",
                "--format",
                "json",
                ".",
                "--format",
                "sarif=out.sarif",
            ],
            vec![
                "check",
                "--no-progress",
                "--quiet",
                "--no-config",
                "vm.yaml",
            ],
        ] {
            assert!(!compare(&args), "{args:?}");
        }
        for args in [
            vec![],
            vec!["--version"],
            vec!["rules"],
            vec!["check", "-"],
            vec!["check", "--", "vm.yaml"],
            vec!["check", ""],
            vec!["check", "--fix"],
            vec!["check", "--format"],
            vec!["check", "--format", "jsn"],
            vec!["check", "--as-of", "tomorrow"],
            vec!["check", "--as-of", "2026-01-01", "--as-of", "2026-01-01"],
            vec!["check", "--quiet", "--verbose"],
            vec!["check", "--help"],
        ] {
            assert!(compare(&args), "{args:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_given_means_the_same_to_clap(
            args in proptest::collection::vec(
                prop::sample::select(vec![
                    "check", "vm.yaml", "--format", "json", "concise=a=b", "--as-of", "2026-01-01",
                    "--quiet", "-q", "--no-config", "--no-progress", "--no-progress=true", "--", "-", "", "=", "help",
                    "--quie", "--version",
                ]),
                0..7,
            )
        ) {
            compare(&[&["check"], args.as_slice()].concat());
            compare(&args);
        }
    }
}
