//! `vmlint test`: the examples of rules, and whether they prove anything.

use rayon::prelude::*;

use super::{Exit, Outside, Stop, console, packs};
use crate::cli::TestArgs;
use crate::diagnostic::{Finding, Severity};
use crate::example::{self, Trial};
use crate::report::{self, Format, Report, Style, Summary};
use crate::rules::examples::Mismatch;
use crate::rules::{INVALID_RULE, Rule, RuleSet};
use crate::source::{Location, SourceFile, Span};

/// What is said of an example that does not do what it promises.
const FAILED_EXAMPLE: &str = "failed-example";
/// What is said of a change to a condition that no example notices.
const UNNOTICED_CHANGE: &str = "unnoticed-change";

/// What came of one rule.
struct Tested {
    findings: Vec<Finding>,
    examples: usize,
    failed: usize,
    unnoticed: usize,
}

pub(super) fn run(args: &TestArgs, outside: &mut Outside<'_>) -> Result<Exit, Stop> {
    let mut rules = packs::load(&args.paths, outside)?;
    let ids: Vec<_> = tested(&rules, args)
        .iter()
        .map(|rule| rule.id.clone())
        .collect();
    let mut invalid: Vec<Finding> = tested(&rules, args)
        .iter()
        .filter_map(|rule| missing_examples(rule, &rules))
        .collect();
    if let Err(further) = rules.prepare(|rule| ids.iter().any(|id| **id == *rule)) {
        invalid.extend(further);
    }
    if !invalid.is_empty() {
        invalid.sort_by_key(|finding| finding.location);
        return Err(packs::explain(&invalid, rules.sources(), outside)?);
    }
    let of_rules = tested(&rules, args);
    let outcomes: Vec<Tested> = of_rules
        .par_iter()
        .map(|rule| test(rule, &rules, args.mutate))
        .collect();
    let style = console::style(args.color.color, outside);
    for (rule, outcome) in of_rules.iter().zip(&outcomes) {
        show(rule, outcome, &rules, &style, outside)?;
    }
    let sum = |count: fn(&Tested) -> usize| outcomes.iter().map(count).sum::<usize>();
    let (examples, failed) = (sum(|it| it.examples), sum(|it| it.failed));
    let unnoticed = sum(|it| it.unnoticed);
    let mut line = format!(
        "{} of {}: ",
        counted(examples, "example"),
        counted(of_rules.len(), "rule")
    );
    line += &match failed {
        0 => "all as promised".to_owned(),
        failed => format!("{failed} not as promised"),
    };
    if args.mutate && failed > 0 {
        line += "; changes to conditions are tried when they are";
    } else if args.mutate {
        line += &match unnoticed {
            0 => ", every change to a condition is noticed".to_owned(),
            unnoticed => format!(", {} unnoticed", counted(unnoticed, "change")),
        };
    }
    writeln!(outside.stderr, "{line}")?;
    Ok(match failed + unnoticed {
        0 => Exit::Clean,
        _ => Exit::Findings,
    })
}

/// The rules that are asked for.
fn tested<'r>(rules: &'r RuleSet, args: &TestArgs) -> &'r [Rule] {
    match args.paths.is_empty() {
        true => rules.built_in(),
        false => rules.of_user(),
    }
}

/// `1 rule`, `2 rules`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What the examples of a rule lack.
fn missing_examples(rule: &Rule, rules: &RuleSet) -> Option<Finding> {
    let what = match (rule.examples.fail.is_empty(), rule.examples.pass.is_empty()) {
        (false, false) => return None,
        (true, true) => "`fail` and no `pass`",
        (true, false) => "`fail`",
        (false, true) => "`pass`",
    };
    let text = rules.sources().get(rule.file).text();
    let key = "examples:";
    let at = text
        .lines()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len() + 1;
            Some((start, line))
        })
        .find(|(_, line)| line.starts_with(key))
        .map_or(0, |(start, _)| start);
    let span = match at {
        0 => Span::default(),
        at => Span::new(at, at + key.len() - 1),
    };
    let location = Location {
        file: rule.file,
        span,
    };
    let message = format!("the rule `{}` has no {what} example", rule.id);
    let help = "show in `examples` an estate with the flaw (`fail`, with `# error` on the line of \
                each finding) and one without (`pass`)";
    Some(Finding::new(INVALID_RULE, Severity::Error, location, message).with_help(help))
}

fn test(rule: &Rule, rules: &RuleSet, mutate: bool) -> Tested {
    let source = rules.sources().get(rule.file);
    let mut alone = rules.alone(&rule.id);
    let prepared = alone.prepare(|_| true);
    let at_hand = match rule.is_builtin() || prepared.is_err() {
        true => rules,
        false => &alone,
    };
    let mut findings = Vec::new();
    let (mut examples, mut failed) = (0, 0);
    for (promise, one) in rule.examples.iter() {
        let trial = example::try_one(rule, promise, one, at_hand);
        examples += 1;
        failed += usize::from(!trial.mismatches.is_empty());
        findings.extend(failures(rule, &trial, source));
    }
    let unnoticed = match mutate && failed == 0 {
        true => example::unnoticed(&rule.id, &mut alone),
        false => Vec::new(),
    };
    findings.extend(unnoticed.iter().map(|mutation| {
        let location = Location {
            file: rule.file,
            ..mutation.location
        };
        let (what, help) = match mutation.mutation.dropped {
            true => (
                "is dropped",
                "add an example that only this condition decides, or leave it out",
            ),
            false => (
                "is turned round",
                "add an example whose outcome hangs on this comparison",
            ),
        };
        let message = format!("no example notices when this {what}");
        Finding::new(UNNOTICED_CHANGE, Severity::Error, location, message).with_help(help)
    }));
    Tested {
        findings,
        examples,
        failed,
        unnoticed: unnoticed.len(),
    }
}

/// What is not as an example promises, at its place in the rule file.
fn failures(rule: &Rule, trial: &Trial<'_>, source: &SourceFile) -> Vec<Finding> {
    let Trial {
        promise, example, ..
    } = trial;
    let finding = |mismatch: &Mismatch| {
        let place = mismatch.place.as_ref();
        let span = place.and_then(|(path, line)| example.locate(path, *line, source));
        let location = Location {
            file: rule.file,
            span: span.unwrap_or(example.name_span),
        };
        let message = format!(
            "the `{}` example \"{}\": {}",
            promise.as_str(),
            example.name,
            mismatch.message
        );
        Finding::new(FAILED_EXAMPLE, Severity::Error, location, message)
    };
    trial.mismatches.iter().map(finding).collect()
}

fn show(
    rule: &Rule,
    outcome: &Tested,
    rules: &RuleSet,
    style: &Style,
    outside: &mut Outside<'_>,
) -> Result<(), Stop> {
    let word = match outcome.findings.is_empty() {
        true => "ok",
        false => "FAILED",
    };
    let examples = counted(outcome.examples, "example");
    writeln!(
        outside.stdout,
        "{word:6} {}: {examples}",
        console::plain(&rule.id)
    )?;
    if outcome.findings.is_empty() {
        return Ok(());
    }
    let mut summary = Summary::default();
    summary.tally(&outcome.findings);
    let report = Report::plain(&outcome.findings, rules.sources(), &summary);
    writeln!(outside.stdout)?;
    report::write(Format::Pretty, &report, style, outside.stdout)?;
    Ok(())
}
