//! Arguments of commands that list what there is.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

/// Arguments of `vmlint formats`.
#[derive(Args, Debug)]
pub struct FormatsArgs {
    /// How to print them.
    #[arg(long, value_parser = PossibleValuesParser::new(["text", "json", "markdown"]), default_value = "text")]
    pub format: String,
}

/// Arguments of `vmlint rules`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RulesArgs {
    /// Something else than to list them.
    #[command(subcommand)]
    pub command: Option<RulesCommand>,
    /// How to print them.
    #[arg(long, value_parser = PossibleValuesParser::new(["text", "json", "markdown"]), default_value = "text")]
    pub format: String,
    /// A folder with more rule files; may be repeated.
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// What else to do with rules.
#[derive(Subcommand, Debug)]
pub enum RulesCommand {
    /// Start a new rule: writes ID.yaml, which passes its own examples.
    New {
        /// The rule's id, which names the bad thing, such as `critical-vm-alone`.
        id: String,
        /// The folder to write it to.
        #[arg(default_value = ".", value_name = "DIR")]
        folder: PathBuf,
    },
    /// List what rules can range over, or what can be asked of one of its elements.
    Relations {
        /// A relation such as `vms`, or a record such as `Host`.
        name: Option<String>,
    },
}
