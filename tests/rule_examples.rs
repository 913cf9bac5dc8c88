//! Every example of every built-in rule, as a test of its own: `cargo test --test rule_examples
//! cross-vendor` runs those of one rule.

use std::fs;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use vmlint::example;
use vmlint::facts::VOCABULARY;
use vmlint::rules::examples::{Example, Promise, Seen, judge};
use vmlint::rules::{Rule, RuleSet};
use vmlint::source::SourceFile;
use walkdir::WalkDir;

fn main() {
    let arguments = Arguments::from_args();
    libtest_mimic::run(&arguments, trials()).exit();
}

fn trials() -> Vec<Trial> {
    let rules = match rules() {
        Ok(rules) => rules,
        Err(message) => {
            return vec![Trial::test("the built-in rules load", || {
                Err(message.into())
            })];
        }
    };
    let mut trials = Vec::new();
    for rule in rules.iter() {
        let (id, examples) = (rule.id.clone(), rule.examples.clone());
        let complete = !examples.fail.is_empty() && !examples.pass.is_empty();
        trials.push(Trial::test(
            format!("{id}::has a failing and a passing example"),
            move || {
                if complete {
                    Ok(())
                } else {
                    Err("it has not".into())
                }
            },
        ));
        if rule.fix().is_some() {
            let shown = examples.fail.iter().any(|it| it.fixed.is_some());
            let name = format!("{id}::has an example of what its fix does");
            trials.push(Trial::test(name, move || match shown {
                true => Ok(()),
                false => Err("no `fail` example has `fixed`".into()),
            }));
        }
        let kinds = [
            (Promise::Fail, "fail", examples.fail),
            (Promise::Pass, "pass", examples.pass),
            (Promise::Skip, "skip", examples.skip),
        ];
        for (promise, word, examples) in kinds {
            for example in examples {
                let id = id.clone();
                let name = format!("{id}::{word}::{}", example.name);
                trials.push(Trial::test(name, move || run(&id, promise, &example)));
            }
        }
    }
    trials
}

/// The rules in `rules/` as they are on disk, loaded but not compiled.
fn rules() -> Result<RuleSet, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let entries = WalkDir::new(root.join("rules")).sort_by_file_name();
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| error.to_string())?;
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
            let text = fs::read_to_string(entry.path()).map_err(|error| error.to_string())?;
            files.push(SourceFile::new(path.to_string_lossy(), text));
        }
    }
    RuleSet::of(VOCABULARY, files).map_err(|invalid| {
        let messages = invalid.findings.iter().map(|finding| {
            let file = invalid.sources.get(finding.location.file);
            let line = file.position(finding.location.span.start).line;
            format!("{}:{line}: {}", file.path(), finding.message)
        });
        messages.collect::<Vec<_>>().join("\n")
    })
}

fn run(id: &str, promise: Promise, example: &Example) -> Result<(), Failed> {
    let mut rules = rules()?;
    let builtin = rules.get(id).is_some_and(Rule::is_builtin);
    if let Err(findings) = rules.prepare(|rule| builtin || rule == id) {
        let messages: Vec<_> = findings
            .iter()
            .map(|finding| {
                let help = finding.help.as_deref().unwrap_or_default();
                format!("{} ({help})", finding.message)
            })
            .collect();
        return Err(messages.join("\n").into());
    }
    let checked = example::check(example, &rules);
    let seen: Vec<Seen> = checked
        .findings
        .iter()
        .filter(|finding| *finding.rule == *id)
        .map(|finding| {
            let file = checked.sources.get(finding.location.file);
            Seen {
                path: file.path().to_owned(),
                line: file.position(finding.location.span.start).line,
                message: finding.message.clone(),
            }
        })
        .collect();
    for seen in &seen {
        if seen.message.contains('?') {
            return Err(format!("the message has a gap: {}", seen.message).into());
        }
    }
    let passes = (!builtin).then(|| checked.passed.get(id).copied().unwrap_or(0));
    judge(promise, example, &seen, passes)?;
    example::judge_fixed(promise, example, &rules, id).map_err(Failed::from)
}
