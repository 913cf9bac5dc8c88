//! The reference part of the guide for rule authors, from the definitions that rules are checked
//! against.

use std::fmt::Write as _;

use super::expr::reference::{FUNCTIONS, LEFT_OUT, OPERATORS, TYPES};
use crate::model::reflect::{Attribute, RecordType, Type, Vocabulary};

/// Every relation: its name, the record that its elements are, what it has one element for.
#[must_use]
pub fn relations(vocabulary: &Vocabulary) -> String {
    let mut text = "| relation | its elements | |\n|---|---|---|\n".to_owned();
    for relation in vocabulary.relations {
        let _ = writeln!(
            text,
            "| `{}` | {} | {} |",
            relation.name,
            link(relation.of),
            cell(relation.doc)
        );
    }
    text
}

/// Every record that can be reached from a relation, with its attributes.
#[must_use]
pub fn records(vocabulary: &Vocabulary) -> String {
    let mut text = String::new();
    for record in reachable(vocabulary) {
        let _ = writeln!(text, "### {}\n\n{}\n", record.name, record.doc.trim());
        text += "| attribute | type | |\n|---|---|---|\n";
        for attribute in vocabulary.attributes(record) {
            let _ = writeln!(
                text,
                "| `{}`{} | {} | {} |",
                attribute.name,
                if attribute.optional { "?" } else { "" },
                linked(&(attribute.ty)()),
                cell(attribute.doc)
            );
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Operators, functions, types, and what of CEL is left out.
#[must_use]
pub fn language() -> String {
    let mut text = "### Types\n\n| type | a constant | |\n|---|---|---|\n".to_owned();
    for ty in TYPES {
        let constant = match ty.constant {
            "" => String::new(),
            constant => code(constant),
        };
        let _ = writeln!(text, "| {} | {constant} | {} |", ty.name, cell(ty.doc));
    }
    text += "\n### Operators\n\nThose that bind most closely come first.\n\n| | | example |\n|---|---|---|\n";
    for operator in OPERATORS {
        row(&mut text, operator.form, operator.doc, operator.example);
    }
    text += "\n### Functions\n\n| | | example |\n|---|---|---|\n";
    for function in FUNCTIONS {
        row(&mut text, function.form, function.doc, function.example);
    }
    text += "\n### Not part of it\n\n| of CEL | such as | instead |\n|---|---|---|\n";
    for left_out in LEFT_OUT {
        let (what, example) = (cell(left_out.what), code(left_out.example));
        let _ = writeln!(text, "| {what} | {example} | {} |", cell(left_out.instead));
    }
    text
}

/// All records that rules can come upon, in the order in which relations and attributes lead to
/// them.
pub fn reachable(vocabulary: &Vocabulary) -> Vec<&'static RecordType> {
    let mut found: Vec<&'static RecordType> = Vec::new();
    let mut next: Vec<&'static RecordType> = vocabulary
        .relations
        .iter()
        .map(|relation| relation.of)
        .collect();
    next.reverse();
    while let Some(record) = next.pop() {
        if found.contains(&record) {
            continue;
        }
        found.push(record);
        let attributes: Vec<&'static Attribute> = vocabulary.attributes(record).collect();
        next.extend(
            attributes
                .iter()
                .rev()
                .filter_map(|it| record_of(&(it.ty)())),
        );
    }
    found
}

fn record_of(ty: &Type) -> Option<&'static RecordType> {
    match ty {
        Type::Record(record) => Some(record),
        Type::List(of) => record_of(of),
        _ => None,
    }
}

/// What a type is called in tables.
#[must_use]
pub fn name(ty: &Type) -> String {
    match ty {
        Type::Bool => "boolean".to_owned(),
        Type::Int => "integer".to_owned(),
        Type::Float => "number".to_owned(),
        Type::Text => "text".to_owned(),
        Type::Choice(words) => words.join(", "),
        Type::Memory => "memory".to_owned(),
        Type::Bandwidth => "bandwidth".to_owned(),
        Type::Duration => "duration".to_owned(),
        Type::Instant => "instant".to_owned(),
        Type::Window => "window".to_owned(),
        Type::Windows => "windows".to_owned(),
        Type::Zone => "zone".to_owned(),
        Type::Labels => "labels".to_owned(),
        Type::Record(record) => record.name.to_owned(),
        Type::List(of) => format!("list of {}", name(of)),
    }
}

fn linked(ty: &Type) -> String {
    match ty {
        Type::Choice(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", "),
        Type::Record(record) => link(record),
        Type::List(of) => format!("list of {}", linked(of)),
        ty => name(ty),
    }
}

fn link(record: &RecordType) -> String {
    format!("[{}](#{})", record.name, record.name.to_lowercase())
}

fn row(text: &mut String, form: &str, doc: &str, example: &str) {
    let _ = writeln!(
        text,
        "| {} | {} | {} |",
        code(form),
        cell(doc),
        code(example)
    );
}

fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", cell(text))
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', " ")
}
