//! One line a finding, JSON, and what must never be written.

use serde_json::json;
use vmlint::diagnostic::Severity;
use vmlint::report::Format;

use crate::{ASCII, Case, PLAIN, at, expect, finding, two_files};

#[test]
fn nothing_reaches_a_terminal_raw() {
    let hostile = "\u{1b}[31mred\u{1b}[0m \u{9b}2J \u{202e}gpj\u{202c} \u{7f}\rover\u{7}";
    let mut case = Case::default();
    let text = format!("name: {hostile} # end\nnext: line\n");
    let file = case.file("a\u{1b}[2K.yaml", &text);
    case.findings = vec![
        finding(
            "hostile",
            Severity::Error,
            case.find(file, "end"),
            &format!("`{hostile}`\nsecond line"),
        )
        .with_label(case.find(file, hostile), hostile)
        .with_help(format!("do not name it `{hostile}`\nnor anything like it")),
    ];
    case.expect("hostile", &PLAIN);
    case.expect("hostile-ascii", &ASCII);
    expect("hostile-concise", &case.render(Format::Concise, &PLAIN));

    let json = case.render(Format::Json, &PLAIN);
    assert!(!json.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}')));
    let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(parsed["findings"][0]["labels"][0]["text"], hostile);
}

#[test]
fn concise_is_one_line_a_finding() {
    let mut case = two_files();
    case.findings.push(case.findings[0].clone());
    case.findings[1].message = "two\nlines".into();
    assert_eq!(
        case.render(Format::Concise, &PLAIN),
        "plans/retire.yaml:11:11: error[cross-vendor-move]: `retire-old-hosts` moves `sql01` live \
         from `hv01` to `hv03`, whose processor is of another vendor (see hosts/hv01.yaml:6, hosts/hv03.yaml:6) [unsafe-fix]\n\
         plans/retire.yaml:11:11: error[cross-vendor-move]: two␊lines (see hosts/hv01.yaml:6, hosts/hv03.yaml:6) [unsafe-fix]\n"
    );
}

#[test]
fn json_is_the_whole_result() {
    let case = two_files();
    let text = case.render(Format::Json, &PLAIN);
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    let place = |path: &str, line: usize, column: (usize, usize), byte: usize| {
        let width = column.1 - column.0;
        json!({
            "path": path,
            "start": { "line": line, "column": column.0, "byte": byte },
            "end": { "line": line, "column": column.1, "byte": byte + width },
        })
    };
    let with_text = |mut place: serde_json::Value, text: &str| {
        place["text"] = text.into();
        place
    };
    let replaced = |mut place: serde_json::Value, text: &str| {
        place["replacement"] = text.into();
        place
    };
    let expected = json!({
        "version": 1,
        "tool": { "name": "vmlint", "version": env!("CARGO_PKG_VERSION") },
        "asOf": "2026-01-01",
        "findings": [{
            "rule": "cross-vendor-move",
            "severity": "error",
            "message": "`retire-old-hosts` moves `sql01` live from `hv01` to `hv03`, whose processor is of another vendor",
            "help": "shut `sql01` down for this move (`mode: offline`), or choose a host with an intel processor",
            "url": "https://vmlint.dev/rules/cross-vendor-move",
            "resource": { "kind": "MigrationPlan", "namespace": "", "name": "retire-old-hosts" },
            "related": [{ "kind": "Host", "namespace": "lab", "name": "hv01" }],
            "location": place("estate/plans/retire.yaml", 11, (11, 16), 220),
            "labels": [
                with_text(place("estate/hosts/hv01.yaml", 6, (13, 18), 93), "hv01 has an intel processor"),
                with_text(place("estate/hosts/hv03.yaml", 6, (13, 16), 93), "hv03 has an amd processor"),
            ],
            "fingerprint": case.findings[0].fingerprint("estate/a.yaml"),
            "fixes": [{
                "title": "move it offline",
                "safe": false,
                "edits": [replaced(place("estate/plans/retire.yaml", 9, (9, 13), 196), "offline")],
            }],
        }],
        "summary": {
            "files": 3, "documents": 9, "resources": 9, "error": 1, "warning": 0, "info": 0,
            "suppressed": 0, "baselined": 0, "notEvaluated": 4, "passedOver": 12, "templates": 2,
        },
    });
    assert_eq!(parsed, expected);
    let canonical = serde_json::to_string_pretty(&expected).unwrap() + "\n";
    assert_eq!(text, canonical, "the order of fields is part of the format");
}

#[test]
fn json_without_findings_is_complete() {
    let mut case = Case::default();
    let parsed: serde_json::Value =
        serde_json::from_str(&case.render(Format::Json, &PLAIN)).unwrap();
    assert_eq!(parsed["findings"], json!([]));

    let file = case.file("a.yaml", "x");
    case.findings = vec![finding("syntax", Severity::Error, at(file, 0, 1), "bad")];
    let parsed: serde_json::Value =
        serde_json::from_str(&case.render(Format::Json, &PLAIN)).unwrap();
    let finding = &parsed["findings"][0];
    assert_eq!(finding["help"], json!(null));
    assert_eq!(finding["resource"], json!(null));
}

#[test]
fn nothing_to_say_is_nothing_written() {
    assert_eq!(Case::default().render(Format::Pretty, &PLAIN), "");
    assert_eq!(Case::default().render(Format::Concise, &PLAIN), "");
}
