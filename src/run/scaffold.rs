//! `vmlint rules new`: a rule file to start from.

use std::io::ErrorKind;
use std::path::Path;

use super::{Exit, Outside, Stop, Trouble, shelf};
use crate::discover::relative;
use crate::facts::VOCABULARY;
use crate::rules::RuleSet;

/// The rule, with `ID` where its id stands.
const TEMPLATE: &str = include_str!("scaffold.yaml");

pub(super) fn run(id: &str, folder: &Path, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !id.split('-').all(word) {
        return Err(Trouble::new(format!("`{id}` is no id for a rule"))
            .help(
                "write words in lower case with hyphens, naming the bad thing: `critical-vm-alone`",
            )
            .into());
    }
    if RuleSet::load(VOCABULARY, []).is_ok_and(|rules| rules.get(id).is_some()) {
        return Err(Trouble::new(format!("`{id}` is a built-in rule"))
            .help("give yours another id")
            .into());
    }
    let folder = outside.working_directory.join(folder);
    let path = folder.join(format!("{id}.yaml"));
    let shown = relative(&path, &outside.working_directory);
    let text = TEMPLATE.replace("ID", id);
    shelf::begin(&path, &text).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Trouble::new(format!("`{shown}` is there already")),
        _ => Trouble::new(format!("cannot write `{shown}`: {error}")),
    })?;
    writeln!(outside.stdout, "{shown}")?;
    writeln!(
        outside.stderr,
        "wrote `{shown}`, a rule to change: `vmlint test {shown}` runs its examples, \
         `vmlint rules relations` lists what it can range over"
    )?;
    Ok(Exit::Clean)
}
