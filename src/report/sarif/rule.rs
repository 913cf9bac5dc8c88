//! A rule as SARIF describes it.

use serde_json::{Value, json};

use super::level;
use crate::diagnostic::Severity;
use crate::report::Report;
use crate::rules::Rule;

/// How many characters of a description GitHub takes.
const DESCRIPTION: usize = 1024;
/// How many tags GitHub shows.
const TAGS: usize = 10;

/// The descriptor of the rule of that id.
///
/// There is no `security-severity`: with one, GitHub takes a rule for one of security.
pub(super) fn descriptor(id: &str, report: &Report<'_>) -> Value {
    let rule = report.rules.and_then(|rules| rules.get(id));
    let page = (report.page)(id);
    let mut descriptor = match rule {
        Some(rule) => described(rule, page.as_deref()),
        None => json!({
            "id": id,
            "shortDescription": { "text": id },
            "fullDescription": { "text": id },
            "help": { "text": id },
        }),
    };
    if let Some(page) = page {
        descriptor["helpUri"] = page.into();
    }
    descriptor
}

fn described(rule: &Rule, page: Option<&str>) -> Value {
    let title = sentence(&rule.title);
    let rationale = joined(&rule.rationale);
    let mut tags = vec![&rule.topic];
    for tag in &rule.tags {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.truncate(TAGS);
    json!({
        "id": &*rule.id,
        "shortDescription": { "text": cut(&title) },
        "fullDescription": { "text": cut(&rationale) },
        "help": { "text": help(rule), "markdown": markdown(rule, page) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": tags,
            "problem.severity": match rule.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "recommendation",
            },
        },
    })
}

/// Why it is bad, and what to do, in plain text.
fn help(rule: &Rule) -> String {
    let mut text = joined(&rule.rationale);
    if let Some(help) = plain_help(rule) {
        text = format!("{text}\n\nWhat to do: {help}.");
    }
    text
}

fn markdown(rule: &Rule, page: Option<&str>) -> String {
    let mut text = rule.rationale.trim().to_owned();
    if let Some(help) = plain_help(rule) {
        text += &format!("\n\n**What to do**: {help}.");
    }
    if let Some(gaps) = &rule.known_gaps {
        text += &format!("\n\n**What it does not see**: {}", gaps.trim());
    }
    let references = rule.references.iter();
    let links = references.map(|it| (it.title.as_str(), it.url.as_str()));
    let page = page.map(|url| ("All about this rule", url));
    for (index, (title, url)) in page.into_iter().chain(links).enumerate() {
        let gap = if index == 0 { "\n\n" } else { "\n" };
        text += &format!("{gap}- [{title}]({url})");
    }
    text
}

/// What to do, where it is the same for all findings.
fn plain_help(rule: &Rule) -> Option<String> {
    (!rule.help.contains('{')).then(|| joined(&rule.help))
}

/// Text that its author broke into lines, on one.
fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn sentence(text: &str) -> String {
    match text.ends_with('.') {
        true => text.to_owned(),
        false => format!("{text}."),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(DESCRIPTION) {
        Some(_) => text.chars().take(DESCRIPTION - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}
