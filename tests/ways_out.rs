//! What the rules about times say to do, on one estate: `line rule: help`, and what is fixed.
//! `UPDATE=1 cargo test --test ways_out` rewrites what is expected, for review.

use std::fs;
use std::path::Path;

use jiff::civil::date;
use vmlint::discover;
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::rules::RuleSet;
use vmlint::verdict::Levels;
use vmlint::{Options, formats};

#[test]
fn help_names_the_nearest_time_that_would_do_or_why_there_is_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ways_out");
    let estate = fs::read(folder.join("estate.yaml")).unwrap();
    let mut rules = RuleSet::load(VOCABULARY, []).unwrap();
    rules.prepare(|_| true).unwrap();
    let topics = rules
        .iter()
        .map(|rule| (rule.id.clone(), rule.topic.clone()));
    let options = Options {
        as_of: date(2026, 1, 1),
        levels: Levels::new(topics),
        world: World::Closed,
        settings: std::sync::Arc::default(),
        baseline: None,
        explain_skips: false,
        fingerprints: false,
    };
    let found = discover::decode("estate.yaml".to_owned(), &estate, formats::concerns_us);
    let checked = vmlint::check(vec![found], &rules, &options, &|| {});
    let mut said = String::new();
    for finding in &checked.findings {
        let file = checked.sources.get(finding.location.file);
        let line = file.position(finding.location.span.start).line;
        let help = finding.help.as_deref().unwrap_or_default();
        said += &format!("{line} {}: {help}\n", finding.rule);
        for fix in &finding.fixes {
            said += &format!("    {}\n", fix.title);
        }
    }
    let expected = folder.join("expected.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&expected, &said).unwrap();
        return;
    }
    let wanted = fs::read_to_string(&expected).unwrap().replace("\r\n", "\n");
    assert!(said == wanted, "{said}");
}
