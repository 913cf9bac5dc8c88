//! What the outputs look like, compared with the files in `tests/report/`.
//!
//! `UPDATE=1 cargo test --test report` rewrites them: look at the difference before you commit.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Duration;

use vmlint::diagnostic::{Edit, Finding, Fix, ResourceName, Severity};
use vmlint::report::{Format, Report, Style, Summary, write};
use vmlint::source::{FileId, Location, SourceFile, Sources, Span};

mod data;
mod limits;
mod pretty;
mod services;

const PLAIN: Style = Style {
    color: false,
    unicode: true,
    width: 80,
};
const ASCII: Style = Style {
    unicode: false,
    ..PLAIN
};
const COLOR: Style = Style {
    color: true,
    ..PLAIN
};

/// Files by path and text, and the findings in them.
#[derive(Default)]
struct Case {
    sources: Sources,
    findings: Vec<Finding>,
}

impl Case {
    fn file(&mut self, path: &str, text: &str) -> FileId {
        self.sources.add(SourceFile::new(path, text))
    }

    /// Where a text occurs first in a file.
    fn find(&self, file: FileId, needle: &str) -> Location {
        let start = self.sources.get(file).text().find(needle).unwrap();
        at(file, start, start + needle.len())
    }

    fn render(&self, format: Format, style: &Style) -> String {
        let mut out = Vec::new();
        let summary = summary();
        let report = Report {
            as_of: "2026-01-01",
            machine_path: &|path| Cow::Owned(format!("estate/{path}")),
            page: &|rule| Some(format!("https://vmlint.dev/rules/{rule}")),
            hint: true,
            ..Report::plain(&self.findings, &self.sources, &summary)
        };
        write(format, &report, style, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// Compares the pretty output with `tests/report/<name>.txt`.
    fn expect(&self, name: &str, style: &Style) {
        expect(name, &self.render(Format::Pretty, style));
    }
}

fn expect(name: &str, actual: &str) {
    let path = Path::new("tests/report").join(name).with_extension("txt");
    let actual = actual.replace('\u{1b}', "␛");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; UPDATE=1 rewrites it. Now it is:\n{actual}",
        path.display()
    );
}

fn at(file: FileId, start: usize, end: usize) -> Location {
    Location {
        file,
        span: Span::new(start, end),
    }
}

fn summary() -> Summary {
    Summary {
        files: 3,
        documents: 9,
        resources: 9,
        error: 1,
        not_evaluated: 4,
        passed_over: 12,
        templates: 2,
        rules: 57,
        elapsed: Duration::from_millis(18),
        ..Summary::default()
    }
}

fn finding(rule: &str, severity: Severity, location: Location, message: &str) -> Finding {
    Finding::new(rule, severity, location, message)
}

const PLAN: &str = "\
apiVersion: vmlint.dev/v1
kind: MigrationPlan
metadata:
  name: retire-old-hosts
spec:
  # Old hosts leave the rack in March.
  window: { start: 22:00, end: 04:00 }
  deadline: 2026-03-01
  mode: live
  moves:
    - vm: sql01
      to: hv03
    - vm: web01
      to: hv03
";

const HOST: &str = "\
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv01 }
spec:
  processor:
    vendor: intel
";

fn one_file() -> Case {
    let mut case = Case::default();
    let vm = case.file(
        "vms/sql01.yaml",
        "kind: VirtualMachine\nmetadata:\n  name: sql01\nspec:\n  checkpoints: true\n  disks:\n    - path: d.vhds\n",
    );
    case.findings = vec![
        finding(
            "checkpoint-shared-disk",
            Severity::Warning,
            case.find(vm, "true"),
            "`sql01` allows checkpoints, but its disk `d.vhds` is shared",
        )
        .with_label(
            case.find(vm, "d.vhds"),
            "a shared disk cannot be in a checkpoint",
        )
        .with_help("set `checkpoints: false`"),
    ];
    case
}

fn two_files() -> Case {
    let mut case = Case::default();
    let plan = case.file("plans/retire.yaml", PLAN);
    let hv01 = case.file("hosts/hv01.yaml", HOST);
    let hv03 = case.file(
        "hosts/hv03.yaml",
        &HOST.replace("hv01", "hv03").replace("intel", "amd"),
    );
    let mut finding = finding(
        "cross-vendor-move",
        Severity::Error,
        case.find(plan, "sql01"),
        "`retire-old-hosts` moves `sql01` live from `hv01` to `hv03`, whose processor is of another vendor",
    )
    .with_label(case.find(hv01, "intel"), "hv01 has an intel processor")
    .with_label(case.find(hv03, "amd"), "hv03 has an amd processor")
    .with_help("shut `sql01` down for this move (`mode: offline`), or choose a host with an intel processor");
    finding.resource = Some(ResourceName {
        kind: "MigrationPlan",
        namespace: "".into(),
        name: "retire-old-hosts".into(),
    });
    finding.related = vec![ResourceName {
        kind: "Host",
        namespace: "lab".into(),
        name: "hv01".into(),
    }];
    finding.fixes = vec![Fix {
        title: "move it offline".into(),
        safe: false,
        edits: vec![Edit {
            location: case.find(plan, "live"),
            text: "offline".into(),
        }],
    }];
    case.findings = vec![finding];
    case
}
