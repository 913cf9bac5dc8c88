//! Excerpts, labels and frames for people.

use vmlint::diagnostic::{Finding, Severity};
use vmlint::report::Format;
use vmlint::source::SourceFile;

use crate::{ASCII, COLOR, Case, PLAIN, PLAN, at, finding, one_file, two_files};

#[test]
fn a_finding_in_one_file() {
    one_file().expect("one-file", &PLAIN);
}

#[test]
fn a_finding_in_several_files_reads_as_one() {
    two_files().expect("two-files", &PLAIN);
}

#[test]
fn without_unicode_the_frame_is_ascii() {
    two_files().expect("ascii", &ASCII);
}

#[test]
fn with_colours() {
    two_files().expect("color", &COLOR);
}

#[test]
fn several_findings_are_apart_and_share_one_hint() {
    let mut case = two_files();
    case.findings.extend(one_file().findings);
    case.findings[1].labels.clear();
    case.findings[1].severity = Severity::Info;
    case.findings[1].help = None;
    case.expect("several", &PLAIN);
}

#[test]
fn the_primary_place_comes_first_and_far_lines_stand_apart() {
    let mut case = Case::default();
    let plan = case.file("plans/retire.yaml", PLAN);
    case.findings = vec![
        finding(
            "late-move",
            Severity::Error,
            case.find(plan, "web01"),
            "`web01` moves too late",
        )
        .with_label(case.find(plan, "retire-old-hosts"), "the plan")
        .with_label(case.find(plan, "22:00"), "begins")
        .with_label(case.find(plan, "2026-03-01"), "all must be done by then"),
    ];
    case.expect("far-lines", &PLAIN);
}

#[test]
fn labels_on_one_line_do_not_garble_each_other() {
    let mut case = Case::default();
    let text = "vm: { name: a, host: hv01, memory: 4GiB }\nother: { name: b }\n";
    let file = case.file("a.yaml", text);
    let whole = case.find(file, "{ name: a, host: hv01, memory: 4GiB }");
    case.findings = vec![
        finding(
            "apart",
            Severity::Error,
            case.find(file, "name: a"),
            "marks that are apart",
        )
        .with_label(case.find(file, "hv01"), "has 2 GiB left")
        .with_label(case.find(file, "4GiB"), "wants more")
        .with_label(case.find(file, "name: b"), "asks too"),
        finding(
            "nested",
            Severity::Error,
            case.find(file, "hv01"),
            "marks in marks",
        )
        .with_label(whole, "all of it")
        .with_label(case.find(file, "4GiB"), "wants more"),
        finding(
            "adjacent",
            Severity::Error,
            case.find(file, "name"),
            "marks side by side",
        )
        .with_label(case.find(file, ":"), "")
        .with_label(at(file, 10, 11), "the colon"),
        finding(
            "same",
            Severity::Error,
            case.find(file, "hv01"),
            "marks on the same place",
        )
        .with_label(case.find(file, "hv01"), "said first")
        .with_label(case.find(file, "hv01"), "said second"),
    ];
    case.expect("one-line", &PLAIN);
}

#[test]
fn the_end_of_a_file_can_be_marked() {
    let mut case = Case::default();
    let file = case.file("a.yaml", "kind: Host\nname: hv01");
    let line = case.file("b.yaml", "kind: Host\n");
    let empty = case.file("empty.yaml", "");
    case.findings = vec![
        finding(
            "last-word",
            Severity::Error,
            case.find(file, "hv01"),
            "no line break follows",
        ),
        finding(
            "past-end",
            Severity::Error,
            at(file, 21, 21),
            "something is missing",
        ),
        finding(
            "past-break",
            Severity::Error,
            at(line, 11, 11),
            "something is missing",
        ),
        finding(
            "empty-file",
            Severity::Error,
            at(empty, 0, 0),
            "nothing to show",
        ),
        finding(
            "outside",
            Severity::Error,
            at(file, 500, 900),
            "a place that is none",
        ),
    ];
    case.expect("end-of-file", &PLAIN);
}

#[test]
fn wide_characters_and_tabs_keep_marks_aligned() {
    let mut case = Case::default();
    let cjk = case.file("名前.yaml", "vm: { 名前: 仮想マシン, host: hv01 } # 説明\n");
    let tabs = case.file("tabs.yaml", "a:\tb:\thv01\t# c\n");
    case.findings = vec![
        finding(
            "wide",
            Severity::Error,
            case.find(cjk, "hv01"),
            "`仮想マシン` は動かない",
        )
        .with_label(case.find(cjk, "仮想マシン"), "この仮想マシン"),
        finding(
            "tabs",
            Severity::Error,
            case.find(tabs, "hv01"),
            "after tabs",
        ),
    ];
    case.expect("wide", &PLAIN);
}

#[test]
fn line_breaks_of_windows_and_byte_order_marks_are_not_shown() {
    let mut case = Case::default();
    let text = "\u{feff}kind: Host\r\nname: hv01\r\nvendor: intel\r\n";
    let file = SourceFile::decode("a.yaml", text.as_bytes()).unwrap();
    let file = case.sources.add(file);
    case.findings = vec![
        finding(
            "first",
            Severity::Error,
            case.find(file, "kind"),
            "after a byte-order mark",
        ),
        finding(
            "whole-line",
            Severity::Error,
            case.find(file, "name: hv01\r\n"),
            "with its break",
        ),
        finding(
            "many-lines",
            Severity::Error,
            case.find(file, "hv01\r\nvendor: in"),
            "cut to one",
        ),
    ];
    case.expect("windows", &PLAIN);
}

#[test]
fn a_long_line_is_cut() {
    let mut case = Case::default();
    let filler = "{ name: x, memory: 4GiB }, ".repeat(2000);
    let text = format!("vms: [{filler}{{ name: sql01, host: hv01 }}, {filler}{{ last: vm }}]\n");
    let file = case.file("flow.yaml", &text);
    case.findings = vec![
        finding(
            "long",
            Severity::Error,
            case.find(file, "sql01"),
            "in the middle of 100 KB",
        )
        .with_label(case.find(file, "hv01"), "near it")
        .with_label(case.find(file, "last"), "far from it"),
        finding(
            "wide-mark",
            Severity::Error,
            at(file, 5, 90_000),
            "most of the line",
        ),
    ];
    case.expect("long-line", &PLAIN);
    assert!(case.render(Format::Pretty, &PLAIN).len() < 3000);
}

#[test]
fn five_labels_are_shown_and_the_rest_counted() {
    let mut case = Case::default();
    let names: String = (1..=13).map(|n| format!("- vm{n:02}\n")).collect();
    let file = case.file("vms.yaml", &names);
    let mut many = finding(
        "many",
        Severity::Info,
        case.find(file, "vm01"),
        "12 others are like it",
    );
    for n in 2..=13 {
        many = many.with_label(case.find(file, &format!("vm{n:02}")), format!("number {n}"));
    }
    let six = Finding {
        labels: many.labels[..6].to_vec(),
        ..many.clone()
    };
    case.findings = vec![many.with_help("rename them"), six];
    case.expect("many-labels", &PLAIN);
}
