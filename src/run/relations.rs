//! `vmlint rules relations`: what rules can range over, and ask.

use std::fmt::Write as _;

use super::{Exit, Outside, Stop, Trouble};
use crate::diagnostic::nearest;
use crate::facts::VOCABULARY;
use crate::model::reflect::RecordType;
use crate::rules::guide;

/// How wide the text of a line may be.
const WIDTH: usize = 100;

pub(super) fn run(name: Option<&str>, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let text = match name {
        None => all(),
        Some(name) => attributes(record(name)?),
    };
    outside.stdout.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// The record of that name, or the one that the elements of a relation are.
fn record(name: &str) -> Result<&'static RecordType, Trouble> {
    let records = guide::reachable(&VOCABULARY);
    let relation = VOCABULARY.relation(name).map(|relation| relation.of);
    let record = || records.iter().copied().find(|record| record.name == name);
    relation.or_else(record).ok_or_else(|| {
        let names = VOCABULARY.relations.iter().map(|relation| relation.name);
        let near = nearest(name, names.chain(records.iter().map(|record| record.name)));
        Trouble::new(format!("there is no relation or record `{name}`")).help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`vmlint rules relations` lists them all".to_owned(),
        })
    })
}

fn all() -> String {
    let rows = VOCABULARY.relations.iter().map(|relation| {
        let doc = format!("{} ({})", relation.doc.trim(), relation.of.name);
        (relation.name.to_owned(), doc)
    });
    table(&rows.collect::<Vec<_>>())
        + "\n`vmlint rules relations vms` lists what can be asked of each of them.\n"
}

fn attributes(record: &'static RecordType) -> String {
    let mut text = format!("{}: {}\n\n", record.name, record.doc.trim());
    let rows = VOCABULARY.attributes(record).map(|attribute| {
        let guarded = if attribute.optional { "?" } else { "" };
        let doc = format!(
            "{}. {}",
            guide::name(&(attribute.ty)()),
            attribute.doc.trim()
        );
        (format!("{}{guarded}", attribute.name), doc)
    });
    text += &table(&rows.collect::<Vec<_>>());
    text + "\nWhat has a `?` may be absent, so that a rule has to guard it.\n"
}

/// Names with text beside them.
fn table(rows: &[(String, String)]) -> String {
    let longest = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, doc) in rows {
        let lines = textwrap::wrap(doc, WIDTH - longest - 4);
        for (index, line) in lines.iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            let _ = writeln!(text, "  {name:longest$}  {line}");
        }
    }
    text
}
