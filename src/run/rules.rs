//! `vmlint rules`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::{Exit, Outside, Stop, configure, console, relations, scaffold};
use crate::cli::{RulesArgs, RulesCommand};
use crate::rules::{Rule, RuleSet, topics};

pub(super) fn run(args: &RulesArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    match &args.command {
        Some(RulesCommand::New { id, folder }) => return scaffold::run(id, folder, outside),
        Some(RulesCommand::Relations { name }) => {
            return relations::run(name.as_deref(), outside);
        }
        None => {}
    }
    let rules = configure::rules_here(&args.rules, outside)?;
    let text = match args.format.as_str() {
        "json" => json(&rules),
        "markdown" => markdown(&rules),
        _ => plain(&rules),
    };
    outside.stdout.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Rules by topic, those of a topic in alphabetical order.
fn by_topic(rules: &RuleSet) -> BTreeMap<(usize, &str), Vec<&Rule>> {
    let mut topics: BTreeMap<_, Vec<&Rule>> = BTreeMap::new();
    for rule in rules.iter() {
        let topic = (topics::rank(&rule.topic), &*rule.topic);
        topics.entry(topic).or_default().push(rule);
    }
    for rules in topics.values_mut() {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
    }
    topics
}

fn plain(rules: &RuleSet) -> String {
    let longest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for ((_, topic), rules) in by_topic(rules) {
        let question = topics::question(topic).map(|question| format!(": {question}"));
        let _ = writeln!(text, "{topic}{}", question.unwrap_or_default());
        for rule in rules {
            let (id, severity) = (&rule.id, rule.severity.as_str());
            let title = console::plain(&rule.title);
            let _ = writeln!(text, "  {id:longest$}  {severity:7}  {title}");
        }
    }
    text
}

/// The index of the pages in `docs/rules`.
fn markdown(rules: &RuleSet) -> String {
    let mut text = String::new();
    for ((_, topic), rules) in by_topic(rules) {
        let question = topics::question(topic).map(|question| format!("{question}\n\n"));
        let _ = writeln!(
            text,
            "## {topic}\n\n{}| rule | severity | finds |\n|---|---|---|",
            question.unwrap_or_default()
        );
        for rule in rules {
            let (id, severity, title) = (&rule.id, rule.severity, console::plain(&rule.title));
            let _ = writeln!(text, "| [`{id}`]({id}.md) | {severity} | {title} |");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn json(all: &RuleSet) -> String {
    let rule = |rule: &Rule| {
        json!({
            "id": &*rule.id,
            "topic": rule.topic,
            "severity": rule.severity.as_str(),
            "title": rule.title,
            "since": rule.since,
            "tags": rule.tags,
            "url": all.url(&rule.id),
        })
    };
    let rules: Vec<_> = by_topic(all).into_values().flatten().map(rule).collect();
    format!("{:#}\n", json!({ "version": 1, "rules": rules }))
}
