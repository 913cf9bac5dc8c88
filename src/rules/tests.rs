//! What rule files promise, from their text to findings.

use std::collections::HashSet;

use super::compile::Check;
use super::evaluate::{Outcome, Progress};
use super::load::{INVALID_RULE, Rule};
use super::mock::{VOCABULARY, file, scope, span, world};
use super::template::Template;
use crate::diagnostic::{Finding, Severity};
use crate::source::{SourceFile, Span};

const RULE: &str = "\
id: bad-vm
title: A machine is bad
severity: warning
rationale: It breaks.
for: vm in vms
deny: vm.count > 3
at: vm.count
message: \"`{vm.name}` counts {vm.count}\"
help: count less
";

fn source(text: &str) -> SourceFile {
    SourceFile::new("rules/backup/bad-vm.yaml", text)
}

fn compile(text: &str) -> Result<Option<Check>, Vec<Finding>> {
    let source = source(text);
    match Rule::load(file(), &source) {
        (Some(rule), found) if found.is_empty() => rule.compile(VOCABULARY, &source),
        (_, found) => Err(found),
    }
}

/// Outcome of the rule with some lines replaced by others, by key.
fn run(lines: &str) -> Outcome {
    evaluate(&check(lines), true)
}

/// Holds a rule against every object it is about.
fn evaluate(check: &Check, explain_skips: bool) -> Outcome {
    let world = world();
    let mut progress = Progress::new(check, &world, explain_skips);
    for object in (check.relation.all)(&world) {
        progress.hold(object);
    }
    progress.outcome()
}

fn check(lines: &str) -> Check {
    let keys: Vec<_> = lines
        .lines()
        .filter_map(|line| line.split_once(':'))
        .collect();
    let kept = RULE.lines().filter(|line| {
        !keys
            .iter()
            .any(|(key, _)| line.starts_with(&format!("{key}:")))
    });
    let text = kept.chain(lines.lines()).collect::<Vec<_>>().join("\n") + "\n";
    compile(&text).unwrap().unwrap()
}

fn messages(outcome: &Outcome) -> Vec<&str> {
    outcome
        .findings
        .iter()
        .map(|raw| &*raw.finding.message)
        .collect()
}

/// Asserts the errors of a rule: what they point at, and what they say.
fn refused(from: &str, to: &str, errors: &[(&str, &str)]) {
    let text = RULE.replace(from, to);
    let found = compile(&text).err().unwrap_or_default();
    let found: Vec<_> = found
        .iter()
        .map(|finding| {
            assert_eq!(
                (&*finding.rule, finding.severity),
                (INVALID_RULE, Severity::Error)
            );
            (&text[finding.location.span.range()], &*finding.message)
        })
        .collect();
    assert_eq!(found, errors);
}

#[test]
fn a_rule_file_is_read() {
    let text = RULE.replace("id:", "tags: [a, b]\nknownGaps: some\nid:")
        + "references: [{ title: Page, url: https://example.org }]
examples:
  fail:
    - name: much
      files: { a.yaml: \"count: 4 # error\\n\" }
      asOf: 2026-01-01
";
    let rule = Rule::load(file(), &source(&text)).0.unwrap();
    assert_eq!((&*rule.id, &*rule.topic), ("bad-vm", "backup"));
    assert_eq!(rule.tags, ["a", "b"]);
    assert_eq!(rule.references[0].url, "https://example.org");
    let example = &rule.examples.fail[0];
    assert_eq!(example.as_of.as_deref(), Some("2026-01-01"));
    assert_eq!(example.files[0].1, "count: 4 # error\n");
    assert!(!rule.is_builtin());
}

#[test]
fn a_built_in_check_has_no_conditions() {
    let head: String = RULE.split_inclusive('\n').take(4).collect();
    let text = head + "builtin: true\nhelp: mend it\n";
    let rule = Rule::load(file(), &source(&text)).0.unwrap();
    assert!(rule.is_builtin());
    assert!(rule.compile(VOCABULARY, &source(&text)).unwrap().is_none());
    let text = text + "deny: \"true\"\n";
    let errors = Rule::load(file(), &source(&text)).1;
    assert_eq!(
        errors[0].message,
        "a rule with `builtin: true` has no `deny`"
    );
}

#[test]
fn a_costly_rule_ends() {
    let list = format!("[{}]", vec!["1"; 1000].join(","));
    let outcome = run(&format!(
        "deny: '{list}.all(a, {list}.all(b, {list}.all(c, a + b + c == 3)))'"
    ));
    assert_eq!(outcome.not_evaluated, 4);
    assert_eq!(outcome.skips[0].reason, "it is too costly");
}

#[test]
fn what_is_wrong_with_a_rule_file_is_pointed_at() {
    refused(
        "id: bad-vm",
        "id: bad",
        &[("bad", "the id `bad` is not the name of the file, `bad-vm`")],
    );
    refused(
        "severity: warning",
        "severity: warn",
        &[("warn", "`warn` is no severity")],
    );
    refused(
        "help:",
        "hlep:",
        &[("hlep", "unknown key `hlep`"), ("", "`help` is missing")],
    );
    refused(
        "in vms",
        "in vmss",
        &[("vmss", "there is no relation `vmss`")],
    );
    refused(
        "deny: vm.count > 3",
        "deny: vm.conut > 3",
        &[("conut", "VirtualMachine has no attribute `conut`")],
    );
    refused(
        "deny: vm.count > 3",
        "deny: \"vm.state == 'of'\"",
        &[("'of'", "\"of\" is not one of running, off, saved")],
    );
    refused(
        "deny: vm.count > 3",
        "deny: vm.count",
        &[(
            "vm.count",
            "a condition is a boolean, and this is an integer",
        )],
    );
    refused(
        "at: vm.count",
        "at: vm.conut",
        &[("conut", "VirtualMachine has no attribute `conut`")],
    );
    refused(
        "{vm.count}",
        "{vm.conut} {vm.objective}",
        &[
            ("conut", "VirtualMachine has no attribute `conut`"),
            ("vm.objective", "`vm.objective` may be absent"),
        ],
    );
    refused(
        "count less",
        "count {less",
        &[("{", "this `{` is not closed")],
    );
    refused(
        "for: vm in vms",
        "for: vms",
        &[("vms", "here belongs `name in …`")],
    );
    refused(RULE, "id: [", &[("[", "this bracket is never closed")]);
    refused(
        "vm.count > 3\n",
        "|\n  vm.count > 3 &&\n  vm.zz\n",
        &[("zz", "VirtualMachine has no attribute `zz`")],
    );
    refused(
        "vm.count > 3",
        "!has(vm.dvd)",
        &[("deny", "`deny` is empty")],
    );
    let with_help = compile(&RULE.replace("severity", "severty")).unwrap_err();
    assert_eq!(
        with_help[0].help.as_deref(),
        Some("did you mean `severity`?")
    );
}

#[test]
fn every_object_has_one_outcome() {
    let outcome = run("deny: vm.number > 3 && vm.critical\nwhen: vm.name != \"lost\"");
    let counts = (
        outcome.failed,
        outcome.passed,
        outcome.not_applicable,
        outcome.not_evaluated,
    );
    assert_eq!(counts, (0, 2, 1, 1));
    assert_eq!(outcome.skips[0].reason, "what it depends on is unknown");
    assert_eq!(
        outcome.skips[0].resource.as_ref().unwrap().to_string(),
        "VirtualMachine/sql01"
    );
}

#[test]
fn needs_say_what_was_missing() {
    let outcome =
        run("needs: [vm.host.processor.vendor]\ndeny: vm.host.processor.vendor == \"intel\"");
    assert_eq!((outcome.failed, outcome.not_evaluated), (1, 3));
    let reasons: Vec<_> = outcome.skips.iter().map(|skip| &*skip.reason).collect();
    let path = "`vm.host.processor.vendor`";
    assert_eq!(
        reasons,
        [
            format!("{path} is absent"),
            format!("{path} is unknown"),
            format!("{path} is unknown"),
        ]
    );
}

#[test]
fn reasons_are_kept_for_those_who_ask_and_files_for_all() {
    let check = check("deny: vm.number > 3 && vm.critical\nwhen: vm.name != \"lost\"");
    let (asked, not) = (evaluate(&check, true), evaluate(&check, false));
    assert_eq!((asked.skips.len(), not.skips.len()), (1, 0));
    assert_eq!((asked.not_evaluated, not.not_evaluated), (1, 1));
    let file = asked.skips[0].location.unwrap().file;
    assert_eq!(not.uncertain, HashSet::from([file]));
    assert_eq!(asked.uncertain, not.uncertain);
}

#[test]
fn a_finding_knows_where_and_who() {
    let outcome = run("\
needs: [vm.host]
deny: vm.critical
at: [vm.objective, vm.memory]
key: [vm.host, vm.disks.size()]
labels: [{ at: vm.host.processor.vendor, text: \"{vm.host.name} here\" }, { at: vm.memory }, { for: h in vm.owners, at: h.name, text: \"{h.name}\" }]
severityWhen: [{ when: vm.maybe, severity: info }, { when: vm.critical, severity: error }]
message: bad
");
    let [raw] = outcome.findings.as_slice() else {
        panic!("{outcome:?}");
    };
    let finding = &raw.finding;
    assert_eq!(finding.severity, Severity::Error);
    assert_eq!((finding.location.span, &*raw.missing), (span(1006), ""));
    assert_eq!(
        finding.resource.as_ref().unwrap().to_string(),
        "VirtualMachine/sql01"
    );
    assert_eq!(finding.key, ["Host/hv01", "2"]);
    let labels: Vec<_> = finding
        .labels
        .iter()
        .map(|label| (label.location.span, &*label.text))
        .collect();
    assert_eq!(
        labels,
        [
            (span(103), "hv01 here"),
            (span(101), "hv01"),
            (span(201), "hv02")
        ]
    );
    let related: Vec<_> = finding.related.iter().map(ToString::to_string).collect();
    assert_eq!(related, ["Host/hv01", "Host/hv02"]);
}

#[test]
fn a_path_falls_back_to_what_is_written() {
    let place = |at: &str| {
        let outcome = run(&format!("deny: vm.critical\nat: {at}"));
        let raw = &outcome.findings[0];
        (raw.finding.location.span, raw.missing.clone())
    };
    assert_eq!(place("vm"), (span(1000), String::new()));
    assert_eq!(place("vm.host"), (span(1002), String::new()));
    assert_eq!(place("vm.objective"), (span(1000), "objective".to_owned()));
    assert_eq!(place("vm.host.processor"), (span(102), String::new()));
    assert_eq!(
        place("vm.host.processor.model"),
        (span(102), "model".to_owned())
    );
    assert_eq!(
        place("[vm.objective, vm.ratio]"),
        (span(1000), "objective".to_owned())
    );
    let of_fact = |at: &str| {
        let outcome = run(&format!(
            "for: m in moves\ndeny: m.vms.size() == 2\nat: {at}\nmessage: x"
        ));
        (
            outcome.findings[0].finding.location.span,
            outcome.findings[0].missing.clone(),
        )
    };
    assert_eq!(of_fact("m.vm"), (span(1000), String::new()));
    assert_eq!(of_fact("m.vm.memory"), (span(1006), String::new()));
    assert_eq!(of_fact("m.host"), (span(1000), "host".to_owned()));
    assert_eq!(of_fact("m"), (span(1000), String::new()));
}

#[test]
fn findings_with_one_place_and_key_are_one() {
    let all = run("deny: vm.count == 4");
    assert_eq!(
        messages(&all),
        [
            "`sql01` counts 4",
            "`web01` counts 4",
            "`app01` counts 4",
            "`lost` counts 4"
        ]
    );
    let merged = run("for: m in moves\ndeny: m.vm.critical\nat: m.vm.count\nmessage: x");
    assert_eq!((merged.failed, merged.findings.len()), (2, 1));
}

#[test]
fn templates_print_for_people() {
    let world = world();
    let text = |text: &str| {
        let template = Template::compile(text, &scope()).unwrap();
        let object = (VOCABULARY.relations[0].all)(&world).next().unwrap();
        let mut frame = super::expr::Frame::about(&world, object);
        template.text(&mut frame)
    };
    assert_eq!(
        text("{{{vm.state}}} of {vm.memory} at {vm.rate}"),
        "{running} of 16 GiB at 8 Gbps"
    );
    assert_eq!(
        text("{vm.disks} on {vm.owners}, {vm.number}"),
        "`os` and `data` on `hv01`, `hv02` and ?, ?"
    );
    assert_eq!(text("{vm.name == \"}\" ? \"a\" : \"{b}\"}"), "{b}");
    assert_eq!(text("{vm.number > 1 ? \"a\" : \"b\"}"), "b");
    assert_eq!(text("plain"), "plain");
    let issues = Template::compile("a } {vm.x} {vm.y}", &scope()).unwrap_err();
    let spans: Vec<_> = issues.iter().map(|issue| issue.span).collect();
    assert_eq!(spans, [Span::new(2, 3), Span::new(8, 9), Span::new(15, 16)]);
}

#[test]
fn a_fix_says_what_to_write_where() {
    let outcome = run("fix: { set: vm.count, to: \"3\", safe: true }");
    let remedy = outcome.findings[0].finding.remedy.as_ref().unwrap();
    assert_eq!(remedy.title, "set `count` of `sql01` to `3`");
    assert!(remedy.safe);
    assert_eq!(remedy.steps, ["count"]);
    assert_eq!(remedy.at.span, span(1000));
    assert_eq!(remedy.value, "3");

    // A part that another file holds, and one that is not written.
    let outcome = run(
        "fix: { set: vm.host.processor.vendor, to: \"{vm.name == \\\"sql01\\\" ? \\\"amd\\\" : \\\"intel\\\"}\" }",
    );
    let remedies: Vec<_> = outcome
        .findings
        .iter()
        .map(|raw| raw.finding.remedy.as_ref())
        .collect();
    let first = remedies[0].unwrap();
    assert_eq!((first.at.span, first.value.as_str()), (span(100), "amd"));
    assert_eq!(first.steps, ["processor", "vendor"]);
    let second = remedies[1].unwrap();
    assert_eq!(
        (second.at.span, second.value.as_str()),
        (span(200), "intel")
    );
    assert_eq!(second.steps, ["processor", "vendor"]);
    assert!(!second.safe);
    // The host of the last machine is declared nowhere.
    assert_eq!(remedies[3], None);

    let outcome = run("fix: { set: vm.count, to: \"{vm.number}\" }");
    assert_eq!(outcome.findings[0].finding.remedy, None);
}

#[test]
fn a_fix_is_offered_only_where_its_condition_is_known_to_hold() {
    let offered = |when: &str| {
        let outcome = run(&format!("fix: {{ set: vm.count, to: 3, when: '{when}' }}"));
        outcome.findings[0].finding.remedy.is_some()
    };
    assert!(offered("vm.name == \"sql01\""));
    assert!(!offered("vm.name != \"sql01\""));
    assert!(!offered("vm.number > 1"), "nobody knows its number");
    refused(
        "help: count less",
        "help: count less\nfix: { set: vm.count, to: 3, when: vm.count }",
        &[(
            "vm.count",
            "a condition is a boolean, and this is an integer",
        )],
    );
}

#[test]
fn a_fix_sets_one_value_of_the_right_type() {
    let fix = |fix: &str| format!("help: count less\nfix: {{ {fix} }}");
    let refused = |text: &str, errors: &[(&str, &str)]| {
        refused("help: count less", &fix(text), errors);
    };
    refused(
        "set: vm.host.processor, to: x",
        &[(
            "vm.host.processor",
            "a fix sets one value, and `processor` has several attributes",
        )],
    );
    refused(
        "set: vm.disks, to: x",
        &[(
            "vm.disks",
            "a fix sets one value, and `disks` is a list (Disk)",
        )],
    );
    refused("set: vm, to: x", &[("vm", "a fix sets an attribute")]);
    refused(
        "set: vm.critical, to: \"yes\"",
        &[("yes", "`yes` is not a boolean")],
    );
    refused(
        "set: vm.state, to: Off",
        &[("Off", "`Off` is not one of running, off, saved")],
    );
    refused(
        "set: vm.count, to: \"[3]\"",
        &[("[3]", "`[3]` is not an integer")],
    );
}
