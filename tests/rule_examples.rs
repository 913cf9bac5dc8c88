//! Every example of every built-in rule, as a test of its own: `cargo test --test rule_examples
//! cross-vendor` runs those of one rule.

use std::fs;
use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use vmlint::example;
use vmlint::facts::VOCABULARY;
use vmlint::rules::RuleSet;
use vmlint::rules::examples::{Example, Promise};
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
        let mutated = id.clone();
        trials.push(Trial::test(
            format!("{id}::its examples notice every change to its conditions"),
            move || mutate(&mutated),
        ));
        if rule.fix().is_some() {
            let shown = examples.fail.iter().any(|it| it.fixed.is_some());
            let name = format!("{id}::has an example of what its fix does");
            trials.push(Trial::test(name, move || match shown {
                true => Ok(()),
                false => Err("no `fail` example has `fixed`".into()),
            }));
        }
        for (promise, example) in examples.iter() {
            let (id, example) = (id.clone(), example.clone());
            let name = format!("{id}::{}::{}", promise.as_str(), example.name);
            trials.push(Trial::test(name, move || run(&id, promise, &example)));
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
    let rule = rules.get(id).cloned().ok_or("it is gone")?;
    if let Err(findings) = rules.prepare(|other| rule.is_builtin() || other == id) {
        let messages: Vec<_> = findings
            .iter()
            .map(|finding| {
                let help = finding.help.as_deref().unwrap_or_default();
                format!("{} ({help})", finding.message)
            })
            .collect();
        return Err(messages.join("\n").into());
    }
    let trial = example::try_one(&rule, promise, example, &rules);
    for seen in &trial.seen {
        if seen.message.contains('?') {
            return Err(format!("the message has a gap: {}", seen.message).into());
        }
    }
    let mismatches = trial.mismatches.iter().map(|mismatch| {
        let place = mismatch.place.as_ref();
        let place = place.map(|(path, line)| format!("{path}:{line}: "));
        format!("{}{}", place.unwrap_or_default(), mismatch.message)
    });
    match mismatches.collect::<Vec<_>>().as_slice() {
        [] => Ok(()),
        mismatches => Err(mismatches.join("\n").into()),
    }
}

fn mutate(id: &str) -> Result<(), Failed> {
    let mut rules = rules()?.alone(id);
    let unnoticed = example::unnoticed(id, &mut rules);
    let shown = unnoticed.iter().map(|mutation| {
        let file = rules.sources().get(mutation.location.file);
        let span = mutation.location.span;
        let what = match mutation.mutation.dropped {
            true => "dropped",
            false => "turned round",
        };
        let line = file.position(span.start).line;
        let text = &file.text()[span.range()];
        format!("line {line}: no example notices when `{text}` is {what}")
    });
    match shown.collect::<Vec<_>>().as_slice() {
        [] => Ok(()),
        shown => Err(shown.join("\n").into()),
    }
}
