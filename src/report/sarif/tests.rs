use serde_json::{Value, to_value};

use super::{Limits, Log};
use crate::diagnostic::{Finding, Severity};
use crate::report::{Report, Summary};
use crate::source::{Location, SourceFile, Sources, Span};

/// `count` findings, the last one an error, with two labels each.
fn log(count: usize, limits: &Limits) -> Value {
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("a.yaml", "x: 1\n"));
    let at = Location {
        file,
        span: Span::new(0, 1),
    };
    let finding = |index| {
        let severity = match index + 1 == count {
            true => Severity::Error,
            false => Severity::Info,
        };
        Finding::new("bad", severity, at, "bad")
            .with_label(at, "one")
            .with_label(at, "two")
    };
    let findings: Vec<Finding> = (0..count).map(finding).collect();
    let summary = Summary::default();
    let report = Report::plain(&findings, &sources, &summary);
    let log = to_value(Log::new(&report, limits)).unwrap();
    log["runs"][0].clone()
}

fn notices(run: &Value) -> Vec<&str> {
    let notices = &run["invocations"][0]["toolExecutionNotifications"];
    let notices = notices.as_array().unwrap().iter();
    notices
        .map(|it| it["message"]["text"].as_str().unwrap())
        .collect()
}

const ENOUGH: Limits = Limits {
    results: 5,
    locations: 3,
    bytes: 1 << 20,
};

#[test]
fn within_the_limits_nothing_is_said() {
    let run = log(5, &ENOUGH);
    assert_eq!(run["results"].as_array().unwrap().len(), 5);
    assert!(notices(&run).is_empty());
}

#[test]
fn results_are_cut_with_the_worst_first() {
    let limits = Limits {
        results: 3,
        ..ENOUGH
    };
    let run = log(5, &limits);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    assert_eq!(results[0]["level"], "error");
    assert!(notices(&run)[0].starts_with("2 of 5 findings are left out"));
}

#[test]
fn so_are_bytes() {
    let one = log(1, &ENOUGH)["results"][0].to_string().len();
    let limits = Limits {
        bytes: 3 * one,
        ..ENOUGH
    };
    let run = log(5, &limits);
    assert_eq!(run["results"].as_array().unwrap().len(), 2);
    assert!(notices(&run)[0].starts_with("3 of 5 findings are left out"));
}

#[test]
fn locations_are_cut() {
    let limits = Limits {
        locations: 2,
        ..ENOUGH
    };
    let run = log(1, &limits);
    assert_eq!(
        run["results"][0]["relatedLocations"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(notices(&run).len(), 1);
}
