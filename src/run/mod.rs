//! The subcommands, with everything of the world outside handed in: streams, clock, environment.

mod baseline;
mod calendar;
mod check;
mod compare;
mod config;
mod configure;
mod console;
mod estate;
mod explain;
mod fix;
mod formats;
mod generate;
mod init;
mod inventory;
mod packs;
mod relations;
mod rules;
mod scaffold;
mod schema;
mod service;
mod shelf;
mod slots;
mod test;

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use jiff::civil::Date;

use crate::cli::{Cli, Command, ConfigCommand};
use crate::schedule::tzdata_release;

/// The world outside.
pub struct Outside<'a> {
    /// Standard input.
    pub stdin: &'a mut dyn Read,
    /// Standard output.
    pub stdout: &'a mut dyn Write,
    /// Standard error.
    pub stderr: &'a mut dyn Write,
    /// Whether standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// Columns of the terminal, where it has any.
    pub columns: Option<usize>,
    /// An environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Today in UTC.
    pub today: Date,
    /// The working directory, absolute.
    pub working_directory: PathBuf,
}

/// How a run ended: the exit code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Nothing that matters was found.
    Clean = 0,
    /// Something was found.
    Findings = 1,
    /// The run could not be done as asked.
    Trouble = 2,
}

/// Why a run could not be done as asked: a sentence, and what to do about it.
struct Trouble {
    message: String,
    help: Option<String>,
}

impl Trouble {
    fn new(message: impl Into<String>) -> Self {
        Trouble {
            message: message.into(),
            help: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// How a subcommand stopped before its end.
enum Stop {
    Trouble(Trouble),
    /// Writing failed; a broken pipe is no failure.
    Io(io::Error),
}

impl From<Trouble> for Stop {
    fn from(trouble: Trouble) -> Self {
        Stop::Trouble(trouble)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

/// Runs the command line `args`, the program's name first.
pub fn run(args: impl IntoIterator<Item = OsString>, outside: &mut Outside<'_>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = Cli::everyday(&args).map_or_else(|| Cli::try_parse_from(&args), Ok);
    let stop = match cli {
        Ok(cli) => match command(cli, outside) {
            Ok(exit) => return exit,
            Err(stop) => stop,
        },
        Err(error) => return usage(&error, &args, outside),
    };
    match stop {
        Stop::Io(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Clean,
        Stop::Io(error) => report(&Trouble::new(format!("cannot write: {error}")), outside),
        Stop::Trouble(trouble) => report(&trouble, outside),
    }
}

fn command(cli: Cli, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    match cli.command {
        _ if cli.version => {
            let version = env!("CARGO_PKG_VERSION");
            writeln!(
                outside.stdout,
                "vmlint {version} (time zones: tzdata {})",
                tzdata_release()
            )?;
            Ok(Exit::Clean)
        }
        None => {
            write!(outside.stdout, "{}", Cli::command().render_help())?;
            Ok(Exit::Clean)
        }
        Some(Command::Check(args)) => check::run(&args, outside),
        Some(Command::Calendar(args)) => calendar::run(&args, outside),
        Some(Command::Completions { shell }) => generate::completions(shell, outside),
        Some(Command::Man { command }) => generate::man(command.as_deref(), outside),
        Some(Command::Explain(args)) => explain::run(&args, outside),
        Some(Command::Inventory(args)) => inventory::run(&args, outside),
        Some(Command::Formats(args)) => formats::run(&args, outside),
        Some(Command::Rules(args)) => rules::run(&args, outside),
        Some(Command::Schema { name }) => schema::run(name.as_deref(), outside),
        Some(Command::Slots(args)) => slots::run(&args, outside),
        Some(Command::Test(args)) => test::run(&args, outside),
        Some(Command::Baseline(command)) => baseline::run(&command, outside),
        Some(Command::Config(ConfigCommand::Show(args))) => config::run(&args, outside),
        Some(Command::Init(args)) => init::run(&args, outside),
    }
}

fn report(trouble: &Trouble, outside: &mut Outside<'_>) -> Exit {
    let _ = writeln!(
        outside.stderr,
        "vmlint: {}",
        console::plain(&trouble.message)
    );
    if let Some(help) = &trouble.help {
        let _ = writeln!(outside.stderr, "  help: {}", console::plain(help));
    }
    Exit::Trouble
}

/// What clap has to say: help on request, else what is wrong with the command line.
fn usage(error: &clap::Error, args: &[OsString], outside: &mut Outside<'_>) -> Exit {
    if error.kind() == ErrorKind::DisplayHelp {
        let _ = write!(outside.stdout, "{error}");
        return Exit::Clean;
    }
    let path = args
        .get(1)
        .filter(|arg| outside.working_directory.join(arg).exists());
    if let (ErrorKind::InvalidSubcommand, Some(path)) = (error.kind(), path) {
        let path = path.to_string_lossy();
        let trouble = Trouble::new(format!("`{path}` is not a command"))
            .help(format!("did you mean `vmlint check {path}`?"));
        return report(&trouble, outside);
    }
    let _ = write!(outside.stderr, "{error}");
    Exit::Trouble
}
