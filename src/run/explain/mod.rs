//! `vmlint explain`: a rule as a page, its examples with what vmlint really says about them.

mod markdown;
mod page;
mod terminal;

use super::{Exit, Outside, Stop, Trouble, configure, console, packs};
use crate::cli::ExplainArgs;
use crate::diagnostic::nearest;

pub(super) fn run(args: &ExplainArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let mut rules = configure::rules_here(&args.rules, outside)?;
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
        let page = page::of(rule, &rules, &style)?;
        let mut text = match args.format.as_str() {
            "markdown" => markdown::text(&page),
            _ => terminal::text(&page),
        };
        if let (Some(url), "text") = (rules.url(&rule.id), args.format.as_str()) {
            text += &format!("\n{url}\n");
        }
        outside.stdout.write_all(text.as_bytes())?;
    }
    Ok(Exit::Clean)
}
