//! Small estates in `tests/cases/<name>/`, each with all that is found in it in `expected.txt`, as
//! `path:line severity rule`. Each folder is a test of its own. What is expected is written by
//! hand from the contract; with folders `base/` and `head/` it is what the change from one to the
//! other made, and with a `.vmlint.yaml` what those settings leave. `UPDATE=1 cargo test --test cases`
//! rewrites it, for review.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its files fails"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::date;
use libtest_mimic::{Arguments, Failed, Trial};
use vmlint::discover::{self, Outcome, Request};
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::rules::RuleSet;
use vmlint::settings::Settings;
use vmlint::verdict::Levels;
use vmlint::{Before, Checked, Options, formats};

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let trials = names.into_iter().map(|name| {
        let folder = folder.join(&name);
        Trial::test(name, move || run(&folder))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn run(folder: &Path) -> Result<(), Failed> {
    let checked = check(folder)?;
    let lines = checked.findings.iter().map(|finding| {
        let file = checked.sources.get(finding.location.file);
        let line = file.position(finding.location.span.start).line;
        format!(
            "{}:{line} {} {}\n",
            file.path(),
            finding.severity,
            finding.rule
        )
    });
    let found: String = lines.collect();
    let expected = folder.join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, &found)?;
        return Ok(());
    }
    let wanted = fs::read_to_string(&expected)?.replace("\r\n", "\n");
    if found == wanted {
        return Ok(());
    }
    let messages: String = checked
        .findings
        .iter()
        .map(|finding| format!("  {}\n", finding.message))
        .collect();
    Err(format!("expected:\n{wanted}\nfound:\n{found}\nsaying:\n{messages}").into())
}

fn check(folder: &Path) -> Result<Checked, Failed> {
    let mut rules = RuleSet::load(VOCABULARY, [])
        .map_err(|invalid| format!("the built-in rules do not load: {:?}", invalid.findings))?;
    rules
        .prepare(|_| true)
        .map_err(|findings| format!("{findings:?}"))?;
    let settings = Arc::new(match fs::read_to_string(folder.join(".vmlint.yaml")) {
        Ok(text) => Settings::of_example(&text).map_err(|it| format!("{:?}", it.findings))?,
        Err(_) => Settings::default(),
    });
    let of_rules = rules
        .iter()
        .map(|rule| (rule.id.clone(), rule.topic.clone()));
    let options = Options {
        as_of: date(2026, 1, 1),
        levels: Levels::new(of_rules).configured(settings.clone()),
        settings,
        baseline: None,
        world: World::Closed,
        explain_skips: false,
        fingerprints: true,
    };
    let base = folder.join("base");
    if !base.is_dir() {
        return Ok(vmlint::check(read(folder)?, &rules, &options, &|| {}));
    }
    let before = Before {
        found: read(&base)?,
        world: World::Closed,
        root: String::new(),
        root_after: String::new(),
        trust_head: false,
        revision: None,
    };
    let found = read(&folder.join("head"))?;
    Ok(vmlint::check_change(
        found,
        before,
        &rules,
        &options,
        &|| {},
    ))
}

fn read(folder: &Path) -> Result<Vec<Outcome>, Failed> {
    let found = discover::find(&Request {
        paths: vec![folder.to_owned()],
        gone: Vec::new(),
        working_directory: folder.to_owned(),
        no_ignore: false,
        hidden: false,
    })
    .map_err(|error| error.to_string())?;
    Ok(discover::read(&found, formats::concerns_us, &|| {}))
}
