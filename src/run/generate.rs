//! `vmlint completions` and `vmlint man`: what shells and readers want to know of the command line.

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Exit, Outside, Stop, Trouble};
use crate::cli::Cli;
use crate::diagnostic::nearest;

/// The script by which a shell completes the command line.
pub(super) fn completions(shell: Shell, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    // The generator takes a writer that does not fail for granted.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "vmlint", &mut script);
    outside.stdout.write_all(&script)?;
    Ok(Exit::Clean)
}

/// The manual page of vmlint, or of one of its commands.
pub(super) fn man(name: Option<&str>, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let mut cli = Cli::command();
    cli.build();
    let command = match name {
        None => &cli,
        Some(name) => cli.find_subcommand(name).ok_or_else(|| {
            let names = cli.get_subcommands().map(clap::Command::get_name);
            let trouble = Trouble::new(format!("there is no command `{name}`"));
            match nearest(name, names) {
                Some(near) => trouble.help(format!("did you mean `{near}`?")),
                None => trouble.help("`vmlint --help` lists them all"),
            }
        })?,
    };
    let title = match name {
        None => "vmlint".to_owned(),
        Some(name) => format!("vmlint-{name}"),
    };
    let command = command.clone().version(env!("CARGO_PKG_VERSION"));
    Man::new(command)
        .title(title.to_uppercase())
        .source(concat!("vmlint ", env!("CARGO_PKG_VERSION")))
        .manual("vmlint")
        .render(outside.stdout)?;
    Ok(Exit::Clean)
}
