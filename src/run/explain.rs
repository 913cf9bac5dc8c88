//! `vmlint explain`: a rule as a page, its examples with what vmlint really says about them.

use std::fmt::Write as _;

use super::{Exit, Outside, Stop, Trouble, console, packs};
use crate::cli::ExplainArgs;
use crate::diagnostic::nearest;
use crate::report::{self, Format, Report, Style, rule_url};
use crate::rules::examples::Example;
use crate::rules::{Rule, RuleSet};
use crate::{Checked, example};

pub(super) fn run(args: &ExplainArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let mut rules = packs::load(&args.rules, outside)?;
    if rules.get(&args.rule).is_none() {
        let trouble = Trouble::new(format!("there is no rule `{}`", args.rule));
        let near = nearest(&args.rule, rules.iter().map(|rule| &*rule.id));
        return Err(Stop::from(trouble.help(match near {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`vmlint rules` lists them all".to_owned(),
        })));
    }
    let alone = rules.get(&args.rule).is_some_and(|rule| !rule.is_builtin());
    if let Err(findings) = rules.prepare(|rule| !alone || rule == args.rule) {
        return Err(packs::explain(&findings, rules.sources(), outside)?);
    }
    let style = console::style(args.color.color, outside);
    if let Some(rule) = rules.get(&args.rule) {
        let page = page(rule, &rules, &style)?;
        outside.stdout.write_all(page.as_bytes())?;
    }
    Ok(Exit::Clean)
}

fn page(rule: &Rule, rules: &RuleSet, style: &Style) -> Result<String, Stop> {
    let mut page = String::new();
    let Rule {
        id,
        title,
        severity,
        topic,
        rationale,
        help,
        ..
    } = rule;
    let since = rule
        .since
        .as_ref()
        .map(|since| format!(", since {since}"))
        .unwrap_or_default();
    let _ = writeln!(page, "{id}: {title}\n{severity}, topic {topic}{since}\n");
    let _ = writeln!(page, "{}", rationale.trim());
    if !help.contains('{') {
        heading(&mut page, "What to do", help);
    }
    if let Some(fix) = rule.fix() {
        heading(&mut page, "Fix", &fix);
    }
    if let Some(gaps) = &rule.known_gaps {
        heading(&mut page, "What it does not see", gaps);
    }
    for example in &rule.examples.fail {
        heading(&mut page, "Fails", &example.name);
        source(&mut page, example);
        page.push('\n');
        page += &output(example, rule, rules, style)?;
    }
    for example in &rule.examples.pass {
        heading(&mut page, "Passes", &example.name);
        source(&mut page, example);
    }
    if !rule.references.is_empty() {
        page += "\nRead more\n";
        for reference in &rule.references {
            let _ = writeln!(page, "  {}\n    {}", reference.title, reference.url);
        }
    }
    let _ = writeln!(page, "\n{}", rule_url(id));
    Ok(page)
}

fn heading(page: &mut String, title: &str, text: &str) {
    let _ = writeln!(page, "\n{title}");
    for line in text.trim().lines() {
        let _ = writeln!(page, "  {line}");
    }
}

fn source(page: &mut String, example: &Example) {
    for (path, text) in &example.unmarked().files {
        let _ = writeln!(page, "\n  # {path}");
        for line in text.lines() {
            let _ = writeln!(page, "  {}", console::plain(line));
        }
    }
}

/// What vmlint says about an example.
fn output(example: &Example, rule: &Rule, rules: &RuleSet, style: &Style) -> Result<String, Stop> {
    let Checked {
        sources,
        mut findings,
        summary,
        ..
    } = example::check(example, rules);
    findings.retain(|finding| finding.rule == rule.id);
    let report = Report {
        findings: &findings,
        sources: &sources,
        summary: &summary,
        as_of: "",
        machine_path: &|path| path.into(),
        hint: false,
    };
    let mut out = Vec::new();
    report::write(Format::Pretty, &report, style, &mut out)?;
    let text = String::from_utf8_lossy(&out);
    let lines = text.lines().filter(|line| !line.starts_with("Why? "));
    Ok(lines
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        .trim_end()
        .to_owned()
        + "\n")
}
