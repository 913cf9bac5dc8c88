//! The command line, as clap sees it. Definitions only, but for what is given every day: nothing
//! else here reads or decides anything.

mod everyday;
mod lists;
mod values;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

pub use lists::{FormatsArgs, RulesArgs, RulesCommand};
pub use values::{Color, FailOn, Output};
use values::{date, duration, level, output, time_zone};

use crate::schedule::Zone;
use crate::settings::Level;

/// Finds what would fail at two in the morning in the YAML that declares your virtual machines.
#[derive(Parser, Debug)]
#[command(
    name = "vmlint",
    disable_version_flag = true,
    disable_help_subcommand = true,
    after_help = "Exit code: 0 nothing found, 1 findings, 2 the run could not be done as asked."
)]
pub struct Cli {
    /// Print the version, and the release of the time-zone data.
    #[arg(short = 'V', long)]
    pub version: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Lint YAML files.
    Check(Box<CheckArgs>),
    /// Show when a policy, plan, window or set of machines is free.
    Slots(SlotsArgs),
    /// Draw the week: backups, migrations and maintenance, and what of it collides.
    Calendar(CalendarArgs),
    /// Print what is declared, for queries: one unit, names resolved, and where it is written.
    Inventory(InventoryArgs),
    /// Explain a rule: what, why, examples with their output, help, references.
    Explain(ExplainArgs),
    /// List what is read, and how it is recognised.
    Formats(FormatsArgs),
    /// List all rules, start a new one, list what rules can range over.
    Rules(RulesArgs),
    /// Run the examples of rules.
    Test(TestArgs),
    /// Keep a baseline in order.
    #[command(subcommand)]
    Baseline(BaselineCommand),
    /// Show what is set for a file or folder, and where.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Start: write a commented `.vmlint.yaml`, and on request what runs vmlint.
    Init(InitArgs),
    /// Print a JSON Schema, for editors.
    Schema {
        /// A kind such as Host, `rule` or `config`; without it, one for all kinds.
        #[arg(value_name = "KIND")]
        name: Option<String>,
    },
    /// Print the script by which a shell completes commands and options.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, in roff.
    Man {
        /// The page of this command, such as `check`.
        command: Option<String>,
    },
}

/// Arguments of `vmlint check`.
#[derive(Args, Default, Debug)]
pub struct CheckArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Output format, to standard output or with `=FILE` into a file only; may be repeated.
    ///
    /// `pretty` (default at a terminal), `concise` (default elsewhere), `json`, `sarif` (code
    /// scanning), `github` (commands of Actions), `gitlab` (Code Quality), `azure` (commands of
    /// Pipelines), `junit` or `rdjson` (reviewdog). In GitHub Actions and Azure Pipelines their
    /// commands come beside the text when no format is given.
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = output)]
    pub format: Vec<Output>,
    /// Run these rules or topics only, separated by commas; those of integrity stay on.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Do not run these rules or topics, separated by commas.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Set the level of a rule or topic: error, warning, info or off.
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = level)]
    pub level: Vec<(String, Level)>,
    /// Exit with 1 from this severity on.
    #[arg(long, value_name = "SEVERITY", default_value = "warning")]
    pub fail_on: FailOn,
    /// First day of the search for windows; default today in UTC.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Read the whole repository, report only what has to do with the PATHs.
    #[arg(long)]
    pub focus: bool,
    /// Report only what the change since a git revision made, and check the change.
    ///
    /// The PATHs as they are, committed or not, are compared with the merge base of REV and what is
    /// checked out. Settings, rule packs and the baseline are those of the merge base, and
    /// suppressions count only where it has them too.
    #[arg(long, value_name = "REV", group = "past", conflicts_with = "base")]
    pub since: Option<String>,
    /// The same with a folder or file in place of a revision.
    #[arg(long, value_name = "PATH", group = "past")]
    pub base: Option<PathBuf>,
    /// With `--since` or `--base`: let settings, rules and suppressions count that the change brings
    /// along.
    #[arg(long, requires = "past")]
    pub trust_head: bool,
    /// A folder with more rule files; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Which settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Leave out the findings that this file records.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Record all findings in this file, and report none.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["focus", "base", "fix", "diff"])]
    pub write_baseline: Option<PathBuf>,
    /// Fix what can be fixed safely, and report what is left; of `-` the fixed text is printed.
    #[arg(long)]
    pub fix: bool,
    /// Show as a diff what `--fix` would do, and write nothing; exit with 1 if that is anything.
    #[arg(long, conflicts_with = "statistics")]
    pub diff: bool,
    /// With `--fix` or `--diff`: also what needs somebody to look, such as a stop of the machine.
    #[arg(long)]
    pub unsafe_fixes: bool,
    /// The name that standard input is reported under.
    #[arg(long, value_name = "NAME")]
    pub stdin_filename: Option<String>,
    /// List what was not evaluated, and why.
    #[arg(long)]
    pub explain_skips: bool,
    /// Read what .gitignore hides.
    #[arg(long)]
    pub no_ignore: bool,
    /// Read files and folders whose names start with a dot.
    #[arg(long)]
    pub hidden: bool,
    /// Threads to use; default one for each core.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Print findings only.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Name the files that are skipped or passed over.
    #[arg(short, long)]
    pub verbose: bool,
    /// Show no progress bar.
    #[arg(long)]
    pub no_progress: bool,
    /// Print how often each rule found something, in place of the findings.
    #[arg(long)]
    pub statistics: bool,
    /// When to colour.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// Arguments of `vmlint slots`.
#[derive(Args, Debug)]
#[command(after_help = "\
A time is free where nothing that takes so long would meet anything, in every week of the 400 days from --as-of on: no \
backup, migration or maintenance of the same machines, and no limit of a repository, host or cluster.

Exit code: 0 there is such a time, 1 there is none, 2 the run could not be done as asked.")]
pub struct SlotsArgs {
    /// What is to be free: KIND/NAME or KIND/NAMESPACE/NAME; several are to be free together.
    ///
    /// The kinds are BackupPolicy, MigrationPlan, MaintenanceWindow and VirtualMachine.
    #[arg(long = "for", value_name = "KIND/NAME", required = true)]
    pub subjects: Vec<String>,
    /// For how long, such as 2h or 90m; default as long as its schedule says.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub duration: Option<i64>,
    /// The clock that times are on; default that of its schedule.
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    pub time_zone: Option<Zone>,
    /// How to print it.
    #[arg(long, value_parser = PossibleValuesParser::new(["text", "json"]), default_value = "text")]
    pub format: String,
    /// Which estate to read.
    #[command(flatten)]
    pub estate: EstateArgs,
}

/// Arguments of `vmlint calendar`.
#[derive(Args, Debug)]
pub struct CalendarArgs {
    /// Which estate to read.
    #[command(flatten)]
    pub estate: EstateArgs,
    /// Show the week of this day; default the one of `--as-of`.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub week: Option<Date>,
    /// Show times on the clocks of this zone; default the one that most schedules name.
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// What has a row.
    #[arg(long, value_name = "WHAT", default_value = "vm")]
    pub by: By,
    /// Draw only rows with a collision.
    #[arg(long)]
    pub only_collisions: bool,
    /// Draw every row, also where many look the same, and list everything.
    #[arg(long)]
    pub all: bool,
    /// Write a page with the week, the loads of hosts, and which moves work between them.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// When to colour.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// What has a row in a calendar.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Each virtual machine.
    Vm,
    /// Each host: what happens to it and its machines.
    Host,
    /// Each cluster: what happens to its hosts and machines.
    Cluster,
}

/// Arguments of `vmlint inventory`.
#[derive(Args, Debug)]
#[command(after_help = "\
Memory and storage are in bytes, bandwidths in bits per second, durations in seconds. What is said but cannot be known, \
as in a template, is null; what nobody wrote is left out. A reference says which resource it names, and whether that is \
declared in what was read.")]
pub struct InventoryArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to print it; `ndjson` is one resource a line.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub format: InventoryFormat,
    /// Tell of every attribute where it is written.
    #[arg(long)]
    pub positions: bool,
    /// Put defaults where nobody wrote anything.
    #[arg(long)]
    pub defaults: bool,
    /// Read what .gitignore hides.
    #[arg(long)]
    pub no_ignore: bool,
    /// Read files and folders whose names start with a dot.
    #[arg(long)]
    pub hidden: bool,
    /// Which settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// How an inventory is printed.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum InventoryFormat {
    /// One JSON document.
    Json,
    /// One YAML document.
    Yaml,
    /// A JSON document a line, one for each resource.
    Ndjson,
}

/// Which estate to read, for commands that show something of it.
#[derive(Args, Clone, Debug)]
pub struct EstateArgs {
    /// Files and folders; `-` reads standard input.
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// First day of the search for windows; default today in UTC.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Read what .gitignore hides.
    #[arg(long)]
    pub no_ignore: bool,
    /// Read files and folders whose names start with a dot.
    #[arg(long)]
    pub hidden: bool,
    /// Which settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

/// Which settings a run has.
#[derive(Args, Clone, Default, Debug)]
pub struct ConfigArgs {
    /// Settings to use, in place of the nearest `.vmlint.yaml` from the first PATH upward.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Use no settings.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

/// When to colour.
#[derive(Args, Default, Debug)]
pub struct ColorArgs {
    /// When to use colours; `auto` obeys NO_COLOR and CLICOLOR_FORCE.
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// Arguments of `vmlint explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The rule's id.
    pub rule: String,
    /// How to print it.
    #[arg(long, value_parser = PossibleValuesParser::new(["text", "markdown"]), default_value = "text")]
    pub format: String,
    /// A folder with more rule files; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// When to colour.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// Arguments of `vmlint test`.
#[derive(Args, Debug)]
pub struct TestArgs {
    /// Rule files, and folders with rule files; without any, the built-in rules.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change the conditions of each rule, one operand or comparison at a time, and see whether
    /// an example notices.
    #[arg(long)]
    pub mutate: bool,
    /// When to colour.
    #[command(flatten)]
    pub color: ColorArgs,
}

/// What to do with baselines.
#[derive(Subcommand, Debug)]
pub enum BaselineCommand {
    /// Remove what is no longer found.
    Prune(PruneArgs),
    /// Put several together; what stands in one of them stands in the result.
    Merge {
        /// The baselines.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The file to write; default standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Arguments of `vmlint baseline prune`.
#[derive(Args, Debug)]
pub struct PruneArgs {
    /// The baseline.
    pub file: PathBuf,
    /// Files and folders to check.
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// First day of the search for windows; default today in UTC.
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// A folder with more rule files; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Which settings.
    #[command(flatten)]
    pub config: ConfigArgs,
}

impl PruneArgs {
    /// The check that tells what is stale.
    #[must_use]
    pub fn check(&self) -> CheckArgs {
        CheckArgs {
            paths: self.paths.clone(),
            as_of: self.as_of,
            rules: self.rules.clone(),
            config: self.config.clone(),
            baseline: Some(self.file.clone()),
            ..CheckArgs::default()
        }
    }
}

/// What to show of settings.
#[derive(Subcommand, Debug)]
pub enum ConfigCommand {
    /// Print each effective value, and where it comes from.
    Show(Box<ShowArgs>),
}

/// Arguments of `vmlint config show`.
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// A file or folder.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Which settings.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// A folder with more rule files; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// As for `check`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// As for `check`.
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// As for `check`.
    #[arg(long, value_name = "RULE=LEVEL", value_delimiter = ',', value_parser = level)]
    pub level: Vec<(String, Level)>,
}

impl ShowArgs {
    /// The check whose settings are shown.
    #[must_use]
    pub fn check(&self) -> CheckArgs {
        CheckArgs {
            paths: vec![self.path.clone()],
            rules: self.rules.clone(),
            config: self.config.clone(),
            select: self.select.clone(),
            ignore: self.ignore.clone(),
            level: self.level.clone(),
            ..CheckArgs::default()
        }
    }
}

/// Arguments of `vmlint init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Also write `.pre-commit-config.yaml`.
    #[arg(long)]
    pub pre_commit: bool,
    /// Also write a workflow for GitHub Actions.
    #[arg(long)]
    pub github: bool,
    /// Also write a job for GitLab CI.
    #[arg(long)]
    pub gitlab: bool,
    /// Also write a pipeline for Azure.
    #[arg(long)]
    pub azure: bool,
}
