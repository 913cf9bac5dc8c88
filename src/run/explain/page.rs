//! A rule as a page: what it says, why, and what vmlint really says about its examples.

use super::super::{Stop, console};
use crate::report::{self, Format, Report, Style, Summary};
use crate::rules::examples::{Example, Promise};
use crate::rules::{Rule, RuleSet};
use crate::{Checked, example};

/// One part of a page, in order.
pub(super) enum Block {
    /// The name of the rule and what it finds.
    Title { id: String, title: String },
    /// A line of small print.
    Note(String),
    /// Text as its author broke it into lines.
    Text(String),
    /// What follows.
    Heading(String),
    /// One of several things under a heading.
    Subheading(String),
    /// One of several lines.
    Item(String),
    /// A file of an example.
    Source { path: String, text: String },
    /// What vmlint prints.
    Output(String),
    /// Where to read more.
    Link { title: String, url: String },
}

/// The page of a rule that is prepared.
pub(super) fn of(rule: &Rule, rules: &RuleSet, style: &Style) -> Result<Vec<Block>, Stop> {
    let mut page = vec![
        Block::Title {
            id: rule.id.to_string(),
            title: rule.title.clone(),
        },
        Block::Note(small_print(rule)),
        Block::Text(rule.rationale.trim().to_owned()),
    ];
    if !rule.help.contains('{') {
        page.push(Block::Heading("What to do".to_owned()));
        page.push(Block::Text(sentence(&rule.help) + "."));
    }
    if let Some(fix) = rule.fix() {
        page.push(Block::Heading("Fix".to_owned()));
        page.push(Block::Text(fix + "."));
    }
    if let Some(gaps) = &rule.known_gaps {
        page.push(Block::Heading("What it does not see".to_owned()));
        page.push(Block::Text(gaps.trim().to_owned()));
    }
    let mut last = None;
    for (promise, example) in rule.examples.iter() {
        if last != Some(promise) {
            page.push(Block::Heading(
                match promise {
                    Promise::Fail => "Fails",
                    Promise::Pass => "Passes",
                    Promise::Skip => "Left alone",
                }
                .to_owned(),
            ));
        }
        last = Some(promise);
        if promise == Promise::Skip {
            page.push(Block::Item(example.name.clone()));
            continue;
        }
        page.push(Block::Subheading(sentence(&example.name)));
        page.extend(sources(example));
        if promise == Promise::Fail {
            page.push(Block::Output(output(example, rule, rules, style)?));
        }
    }
    if !rule.references.is_empty() {
        page.push(Block::Heading("Read more".to_owned()));
        page.extend(rule.references.iter().map(|reference| Block::Link {
            title: reference.title.clone(),
            url: reference.url.clone(),
        }));
    }
    Ok(page.into_iter().map(Block::made_safe).collect())
}

impl Block {
    /// The block with nothing in it that a terminal or a build service would act on. What vmlint
    /// prints is that already.
    fn made_safe(self) -> Self {
        match self {
            Block::Title { id, title } => Block::Title {
                id: safe(&id),
                title: safe(&title),
            },
            Block::Note(note) => Block::Note(safe(&note)),
            Block::Text(text) => Block::Text(safe(&text)),
            Block::Heading(heading) => Block::Heading(safe(&heading)),
            Block::Subheading(name) => Block::Subheading(safe(&name)),
            Block::Item(item) => Block::Item(safe(&item)),
            Block::Source { path, text } => Block::Source {
                path: safe(&path),
                text: text.split('\t').map(safe).collect::<Vec<_>>().join("\t"),
            },
            Block::Output(output) => Block::Output(output),
            Block::Link { title, url } => Block::Link {
                title: safe(&title),
                url: safe(&url),
            },
        }
    }
}

/// Text in its lines, each made safe to print.
fn safe(text: &str) -> String {
    let line = |line: &str| report::inert(&console::plain(line)).into_owned();
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The files of an example; of a change those before it, and those after it.
fn sources(example: &Example) -> impl Iterator<Item = Block> {
    let Example { base, files, .. } = example.unmarked();
    let after = if base.is_empty() { "" } else { ", after it" };
    let source = |when: &'static str| {
        move |(path, text)| Block::Source {
            path: format!("{path}{when}"),
            text,
        }
    };
    let before = base.into_iter().map(source(", before the change"));
    before.chain(files.into_iter().map(source(after)))
}

/// Text with a capital at its beginning.
fn sentence(text: &str) -> String {
    let mut rest = text.trim().chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest).collect()
}

/// Severity, topic, release.
fn small_print(rule: &Rule) -> String {
    let mut text = rule.severity.to_string();
    for (when, severity) in rule.raised() {
        let when = when.split_whitespace().collect::<Vec<_>>().join(" ");
        text += &format!(", {severity} where `{when}`");
    }
    text += &format!("; topic {}", rule.topic);
    let formats: Vec<&str> = rule.formats().collect();
    if !formats.is_empty() {
        text += &format!("; judges {} resources", formats.join(" and "));
    }
    if let Some(since) = &rule.since {
        text += &format!("; since {since}");
    }
    text
}

/// What vmlint says about an example.
fn output(example: &Example, rule: &Rule, rules: &RuleSet, style: &Style) -> Result<String, Stop> {
    let Checked {
        sources,
        mut findings,
        ..
    } = example::check(example, rules);
    findings.retain(|finding| finding.rule == rule.id);
    let summary = Summary::default();
    let report = Report::plain(&findings, &sources, &summary);
    let mut out = Vec::new();
    report::write(Format::Pretty, &report, style, &mut out)?;
    Ok(String::from_utf8_lossy(&out).trim_end().to_owned())
}
