//! `vmlint rules`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use super::{Exit, Outside, Stop, packs};
use crate::cli::RulesArgs;
use crate::report::rule_url;
use crate::rules::{Rule, RuleSet};

pub(super) fn run(args: &RulesArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let rules = packs::load(&args.rules, outside)?;
    let text = match args.format.as_str() {
        "json" => json(&rules),
        "markdown" => markdown(&rules),
        _ => plain(&rules),
    };
    outside.stdout.write_all(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// Rules by topic, both in alphabetical order.
fn by_topic(rules: &RuleSet) -> BTreeMap<&str, Vec<&Rule>> {
    let mut topics: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules.iter() {
        topics.entry(&rule.topic).or_default().push(rule);
    }
    for rules in topics.values_mut() {
        rules.sort_by(|a, b| a.id.cmp(&b.id));
    }
    topics
}

fn plain(rules: &RuleSet) -> String {
    let longest = rules.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (topic, rules) in by_topic(rules) {
        let _ = writeln!(text, "{topic}");
        for Rule {
            id,
            severity,
            title,
            ..
        } in rules
        {
            let _ = writeln!(
                text,
                "  {id:longest$}  {severity:7}  {title}",
                severity = severity.as_str()
            );
        }
    }
    text
}

/// The table of README.
fn markdown(rules: &RuleSet) -> String {
    let mut text = "| rule | severity | finds |\n|---|---|---|\n".to_owned();
    for (topic, rules) in by_topic(rules) {
        for Rule {
            id,
            severity,
            title,
            ..
        } in rules
        {
            let _ = writeln!(
                text,
                "| [`{id}`](rules/{topic}/{id}.yaml) | {severity} | {title} |"
            );
        }
    }
    text
}

fn json(rules: &RuleSet) -> String {
    let rule = |rule: &Rule| {
        json!({
            "id": &*rule.id,
            "topic": rule.topic,
            "severity": rule.severity.as_str(),
            "title": rule.title,
            "since": rule.since,
            "tags": rule.tags,
            "url": rule_url(&rule.id),
        })
    };
    let all: Vec<_> = by_topic(rules).into_values().flatten().map(rule).collect();
    format!("{:#}\n", json!({ "version": 1, "rules": all }))
}
