//! `--fix`, `--diff` and `--unsafe-fixes` on files of their own: what is written, and what is not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::io::Read;
use std::path::Path;

use jiff::civil::date;
use tempfile::TempDir;
use vmlint::edit::{Refusal, replace};
use vmlint::run::{Exit, Outside, run};

const POLICY: &str = "\
apiVersion: vmlint.dev/v1
kind: BackupPolicy
metadata: { name: nightly }
spec:
  targets: { selector: { tier: gold } }
  method: savedState # as ever
";

fn fixed(text: &str) -> String {
    text.replace("savedState", "vss")
}

/// What came of a run.
struct Ran {
    exit: Exit,
    stdout: String,
    stderr: String,
}

fn vmlint(folder: &Path, stdin: &[u8], args: &[&str]) -> Ran {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut stdin = stdin;
    let mut outside = Outside {
        stdin: &mut stdin as &mut dyn Read,
        stdout: &mut stdout,
        stderr: &mut stderr,
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        columns: Some(100),
        env: &|_| None,
        today: date(2026, 11, 23),
        working_directory: folder.to_owned(),
    };
    // The policies here are alone, and what they back up does not matter.
    let checked = ["vmlint", "check", "--ignore", "backup-has-no-target"];
    let args = checked.iter().chain(args);
    let exit = run(args.map(Into::into), &mut outside);
    Ran {
        exit,
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

/// The files of a folder, hidden ones included.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn read(folder: &TempDir, path: &str) -> String {
    fs::read_to_string(folder.path().join(path)).unwrap()
}

#[test]
fn line_breaks_and_the_byte_order_mark_stay() {
    let text = format!("\u{FEFF}{}", POLICY.replace('\n', "\r\n").trim_end());
    let folder = folder(&[("a.yaml", &text)]);
    let ran = vmlint(folder.path(), b"", &["--fix"]);
    assert_eq!(ran.exit, Exit::Clean, "{}", ran.stderr);
    assert_eq!(read(&folder, "a.yaml"), fixed(&text));
    assert_eq!(names(folder.path()), ["a.yaml"]);
}

#[test]
fn utf_16_stays_utf_16() {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
        units.flat_map(u16::to_be_bytes).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.yaml");
    fs::write(&path, utf16(POLICY)).unwrap();
    assert_eq!(vmlint(folder.path(), b"", &["--fix"]).exit, Exit::Clean);
    assert_eq!(fs::read(&path).unwrap(), utf16(&fixed(POLICY)));
}

#[test]
fn a_read_only_file_is_refused_and_the_others_are_fixed() {
    let other = POLICY.replace("nightly", "weekly");
    let folder = folder(&[("a.yaml", POLICY), ("b.yaml", &other)]);
    let path = folder.path().join("a.yaml");
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let ran = vmlint(folder.path(), b"", &["--fix"]);
    assert_eq!(ran.exit, Exit::Trouble);
    assert!(
        ran.stderr
            .starts_with("vmlint: cannot fix `a.yaml`: it is read-only\n1 fixed, 1 warning in "),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stdout
            .starts_with("a.yaml:6:11: warning[saved-state-backup]")
            && ran.stdout.lines().count() == 1,
        "{}",
        ran.stdout
    );
    assert_eq!(read(&folder, "a.yaml"), POLICY);
    assert_eq!(read(&folder, "b.yaml"), fixed(&other));
    assert_eq!(names(folder.path()), ["a.yaml", "b.yaml"]);
}

#[test]
fn a_file_that_changed_since_it_was_read_is_refused() {
    let folder = folder(&[("a.yaml", "new: 1\n"), ("b.yaml", "new: 1 # longer\n")]);
    for path in ["a.yaml", "b.yaml"] {
        let file = folder.path().join(path);
        let before = fs::read(&file).unwrap();
        let refusal = replace(&file, b"old: 1\n", b"old: 2\n");
        assert!(matches!(refusal, Err(Refusal::Changed)), "{refusal:?}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
    assert_eq!(names(folder.path()), ["a.yaml", "b.yaml"]);
    let gone = replace(&folder.path().join("c.yaml"), b"", b"x");
    assert!(matches!(gone, Err(Refusal::Io(_))), "{gone:?}");
    assert_eq!(names(folder.path()), ["a.yaml", "b.yaml"]);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_a_link_leads_to_the_fixed_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder(&[]);
    let real = folder.path().join("real");
    let links = folder.path().join("links");
    fs::create_dir(&real).unwrap();
    fs::create_dir(&links).unwrap();
    let file = real.join("a.yaml");
    fs::write(&file, POLICY).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let link = links.join("b.yaml");
    symlink("../real/a.yaml", &link).unwrap();
    let ran = vmlint(folder.path(), b"", &["--fix", "links"]);
    assert_eq!(ran.exit, Exit::Clean, "{}", ran.stderr);
    assert!(
        fs::symlink_metadata(&link)
            .unwrap()
            .file_type()
            .is_symlink()
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), fixed(POLICY));
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    assert_eq!(names(&links), ["b.yaml"]);
    assert_eq!(names(&real), ["a.yaml"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_read_by_two_names_is_written_once() {
    let folder = folder(&[("a.yaml", POLICY)]);
    std::os::unix::fs::symlink("a.yaml", folder.path().join("b.yaml")).unwrap();
    let ran = vmlint(
        folder.path(),
        b"",
        &["--fix", "--ignore", "duplicate-resource"],
    );
    assert_eq!(ran.exit, Exit::Clean, "{}", ran.stderr);
    assert_eq!(read(&folder, "a.yaml"), fixed(POLICY));
}

#[test]
fn standard_input_comes_out_fixed_and_findings_go_to_standard_error() {
    let folder = folder(&[]);
    let two = format!("{POLICY}---\n{}", POLICY.replace("nightly", "{ a: b }"));
    for (text, exit) in [(POLICY, Exit::Clean), (two.as_str(), Exit::Findings)] {
        let ran = vmlint(folder.path(), text.as_bytes(), &["-", "--fix"]);
        assert_eq!(ran.exit, exit, "{}", ran.stderr);
        assert_eq!(ran.stdout, fixed(text));
    }
    let broken = "apiVersion: vmlint.dev/v1\nkind: [\n";
    for text in ["", "a: 1", "not ours: [\n", broken, "{{ x }}\nvmlint.dev"] {
        let ran = vmlint(folder.path(), text.as_bytes(), &["-", "--fix"]);
        assert_eq!(ran.stdout, text);
    }
    let ran = vmlint(folder.path(), broken.as_bytes(), &["-", "--fix"]);
    assert!(ran.stderr.contains("error[yaml-syntax]"), "{}", ran.stderr);
    let ran = vmlint(folder.path(), POLICY.as_bytes(), &["-", "--diff"]);
    assert_eq!(ran.exit, Exit::Findings);
    assert!(
        ran.stdout.starts_with("--- <stdin>\n+++ <stdin>\n@@"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_focused_run_edits_no_other_file() {
    let vm = "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: { name: sql01, labels: { tier: gold } }\n";
    let other = POLICY.replace("nightly", "weekly");
    let folder = folder(&[("vm.yaml", vm), ("a.yaml", POLICY), ("b.yaml", &other)]);
    fs::create_dir(folder.path().join(".git")).unwrap();
    // The policies have a label in the file of the machine.
    let ran = vmlint(
        folder.path(),
        b"",
        &["--fix", "--focus", "vm.yaml", "b.yaml"],
    );
    assert_eq!(ran.exit, Exit::Findings, "{}", ran.stderr);
    assert_eq!(read(&folder, "a.yaml"), POLICY);
    assert_eq!(read(&folder, "b.yaml"), fixed(&other));
}

#[test]
fn suppressed_findings_and_rules_that_are_off_fix_nothing() {
    let text = POLICY.replace(
        "# as ever",
        "# vmlint: ignore[saved-state-backup] old guests",
    );
    let folder = folder(&[("a.yaml", &text)]);
    assert_eq!(vmlint(folder.path(), b"", &["--diff"]).stdout, "");
    let args = ["--diff", "--ignore", "saved-state-backup"];
    assert_eq!(vmlint(folder.path(), POLICY.as_bytes(), &args).stdout, "");
}

#[test]
fn the_json_of_a_fix_makes_the_text_that_fix_makes() {
    let text = POLICY.replace("name: nightly", "name: \u{e9}\u{1f600}");
    let bytes = format!("\u{FEFF}{text}");
    let folder = folder(&[("a.yaml", &bytes)]);
    let ran = vmlint(folder.path(), b"", &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let fix = &json["findings"][0]["fixes"][0];
    assert_eq!(fix["title"], "set `method` of `\u{e9}\u{1f600}` to `vss`");
    assert_eq!(fix["safe"], true);
    let edit = &fix["edits"][0];
    assert_eq!(edit["path"], "a.yaml");
    assert_eq!(edit["start"]["line"], 6);
    assert_eq!(edit["start"]["column"], 11);
    let byte = |end: &str| usize::try_from(edit[end]["byte"].as_u64().unwrap()).unwrap();
    let replacement = edit["replacement"].as_str().unwrap();
    let edited = format!(
        "{}{replacement}{}",
        &bytes[..byte("start")],
        &bytes[byte("end")..]
    );
    assert_eq!(edited, fixed(&bytes));
}

#[test]
fn at_a_terminal_a_diff_holds_nothing_that_a_terminal_acts_on() {
    let text = POLICY.replace("as ever", "\tas\u{202e} ever");
    let folder = folder(&[("a.yaml", &text.replace('\n', "\r\n"))]);
    let mut stdout = Vec::new();
    let mut outside = Outside {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut std::io::sink(),
        stdout_is_terminal: true,
        stderr_is_terminal: false,
        columns: Some(100),
        env: &|_| None,
        today: date(2026, 11, 23),
        working_directory: folder.path().to_owned(),
    };
    let args = ["vmlint", "check", "--diff"].map(Into::into);
    assert_eq!(run(args, &mut outside), Exit::Findings);
    let diff = String::from_utf8(stdout).unwrap();
    assert!(
        diff.contains("\u{1b}[31m-  method: savedState # \tas\\u{202e} ever\u{1b}["),
        "{diff}"
    );
    assert!(!diff.contains('\r'));
}

/// A rule about machines that sets something.
fn rule(id: &str, deny: &str, fix: &str) -> String {
    format!(
        "id: {id}\ntitle: t\nseverity: warning\nrationale: r\nfor: vm in vms\ndeny: {deny}\nat: vm.name\n\
         message: \"`{{vm.name}}` is bad\"\nhelp: h\nfix: {{ {fix}, safe: true }}\n"
    )
}

const MACHINE: &str = "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: { name: sql01 }\nspec:\n  criticality: high\n";

#[test]
fn fixes_that_get_in_each_others_way_follow_one_after_the_other() {
    let folder = folder(&[("vm.yaml", MACHINE)]);
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    for (id, deny, fix) in [
        (
            "r1",
            "!has(vm.processor.count)",
            "set: vm.processor.count, to: \"4\"",
        ),
        (
            "r2",
            "!vm.processor.exposeVirtualizationExtensions.orValue(false)",
            "set: vm.processor.exposeVirtualizationExtensions, to: \"true\"",
        ),
        (
            "r3",
            "vm.priority == \\\"medium\\\"",
            "set: vm.priority, to: \"{vm.criticality}\"",
        ),
    ] {
        let deny = format!("\"{deny}\"");
        fs::write(rules.join(format!("{id}.yaml")), rule(id, &deny, fix)).unwrap();
    }
    let args = ["vm.yaml", "--fix", "--rules", "rules"];
    let ran = vmlint(folder.path(), b"", &args);
    assert_eq!(ran.exit, Exit::Clean, "{}{}", ran.stdout, ran.stderr);
    assert!(
        ran.stderr.starts_with("3 fixed, no findings"),
        "{}",
        ran.stderr
    );
    let added =
        "  processor:\n    count: 4\n    exposeVirtualizationExtensions: true\n  priority: high\n";
    assert_eq!(read(&folder, "vm.yaml"), format!("{MACHINE}{added}"));
}

#[test]
fn fixes_that_undo_each_other_come_to_an_end() {
    let folder = folder(&[("vm.yaml", MACHINE)]);
    let rules = folder.path().join("rules");
    fs::create_dir(&rules).unwrap();
    for (id, from, to) in [("r1", "high", "low"), ("r2", "low", "high")] {
        let deny = format!("vm.criticality == \"{from}\"");
        let text = rule(id, &deny, &format!("set: vm.criticality, to: {to}"));
        fs::write(rules.join(format!("{id}.yaml")), text).unwrap();
    }
    let args = ["vm.yaml", "--fix", "--rules", "rules"];
    let ran = vmlint(folder.path(), b"", &args);
    assert_eq!(ran.exit, Exit::Findings);
    assert_eq!(read(&folder, "vm.yaml"), MACHINE);
}

/// Policies of one hour at 22:00, each of some machines.
fn policies(targets: &[&str], more: &str) -> String {
    let policy = |(index, targets): (usize, &&str)| {
        format!(
            "---\napiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{ name: p{index} }}\nspec:\n  \
             targets: {{ virtualMachines: [{targets}] }}\n  \
             schedule: {{ cron: \"0 22 * * *\", duration: 1h }} # {index}\n  {more}\n"
        )
    };
    targets.iter().enumerate().map(policy).collect()
}

fn machines(count: usize) -> String {
    let machine = |index| {
        format!(
            "---\napiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {{ name: v{index} }}\n"
        )
    };
    (0..count).map(machine).collect()
}

/// The crons of a file, in order.
fn crons(text: &str) -> Vec<String> {
    let crons = text.lines().filter_map(|line| line.split('"').nth(1));
    crons.map(str::to_owned).collect()
}

#[test]
fn policies_that_want_one_hour_get_one_each() {
    let files = [
        ("a.yaml", &*policies(&["v0"; 15], "")),
        ("v.yaml", &machines(1)),
    ];
    let folder = folder(&files);
    let ran = vmlint(folder.path(), b"", &["--fix", "--unsafe-fixes"]);
    assert_eq!(ran.exit, Exit::Clean, "{}{}", ran.stdout, ran.stderr);
    let mut starts = crons(&read(&folder, "a.yaml"));
    assert_eq!(starts[0], "0 22 * * *", "the first one stays");
    assert_eq!(
        starts[1], "0 23 * * *",
        "the later of the two that are nearest"
    );
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), 15);
}

#[test]
fn only_those_move_that_are_too_much() {
    let repository = "---\napiVersion: vmlint.dev/v1\nkind: BackupRepository\nmetadata: { name: r }\n\
                      spec: { maximumConcurrentTasks: 2 }\n";
    let targets = ["v0", "v1", "v2", "v3", "v4", "v5", "v6"];
    let files = [
        ("a.yaml", &*policies(&targets, "repository: r")),
        ("v.yaml", &*(machines(7) + repository)),
    ];
    let folder = folder(&files);
    let ran = vmlint(folder.path(), b"", &["--fix", "--unsafe-fixes"]);
    assert_eq!(ran.exit, Exit::Clean, "{}{}", ran.stdout, ran.stderr);
    let hours = ["22", "22", "23", "23", "21", "21", "0"].map(|hour| format!("0 {hour} * * *"));
    assert_eq!(crons(&read(&folder, "a.yaml")), hours);
}

#[test]
fn what_cannot_move_by_itself_is_left_and_told() {
    let day = policies(&["v0"; 30], "");
    let folder = folder(&[("a.yaml", &day), ("v.yaml", &machines(1))]);
    let ran = vmlint(
        folder.path(),
        b"",
        &["--fix", "--unsafe-fixes", "--format", "json"],
    );
    assert_eq!(ran.exit, Exit::Findings);
    let told = "there is no time of day at which 1h is free for `p29` on all its days: `p0` takes 22:00–23:00, and 28 others the rest";
    assert!(ran.stdout.contains(told), "{}", ran.stdout);
    let mut starts = crons(&read(&folder, "a.yaml"));
    starts.sort();
    starts.dedup();
    assert_eq!(starts.len(), 24, "every hour is taken by one");
}
