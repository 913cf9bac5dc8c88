//! Inputs of strangers: each run ends in time, with an exit code and a sentence, never by a signal.
//!
//! Texts are made so large that an algorithm whose time grows with their square would not end within
//! [`PATIENCE`], and one that copies too much would not fit into [`MEMORY`]. The limits themselves are
//! told in `docs/limits.md`.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a run may take in a slow build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(100);

/// How much memory a run may ask for: 2 GiB.
const MEMORY: u64 = 2 << 20;

const MACHINE: &str =
    "apiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {name: a}\nspec: {}\n";

/// What came of a run.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs vmlint in a folder, with bounds that it must not reach.
fn vmlint(folder: &Path, args: &[&str]) -> Ran {
    let limited = format!("ulimit -v {MEMORY}; exec \"$0\" \"$@\"");
    let files = [folder.join("stdout"), folder.join("stderr")];
    let [out, err] = files.each_ref().map(|file| fs::File::create(file).unwrap());
    let mut child = Command::new("sh")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_vmlint")])
        .args(args)
        .current_dir(folder)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(err)
        .spawn()
        .unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let [out, err] = files.map(|file| {
        let text = String::from_utf8(fs::read(&file).unwrap()).unwrap();
        fs::remove_file(file).unwrap();
        text
    });
    let code = status.code();
    let code = code.unwrap_or_else(|| panic!("{args:?}: signal {:?}: {err}", status.signal()));
    assert!((0..=2).contains(&code), "{args:?}: {code}: {err}");
    for text in [&out, &err] {
        let raw = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(raw, None, "{args:?} prints a raw control character");
    }
    Ran { code, out, err }
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        fs::write(folder.path().join(path), bytes).unwrap();
    }
    folder
}

/// Checks one text. A list of many findings is not written out, which would measure something else.
fn check(text: &str) -> Ran {
    let folder = folder(&[("a.yaml", text.as_bytes())]);
    vmlint(folder.path(), &["check", ".", "--jobs", "1"])
}

/// A text of one part again and again, which is known to be ours.
fn marked(part: &str, times: usize) -> String {
    format!("# vmlint.dev/v1\n{}", part.repeat(times))
}

fn numbered(times: usize, line: impl Fn(usize) -> String) -> String {
    (0..times).fold(String::new(), |mut text, number| {
        text.push_str(&line(number));
        text
    })
}

/// The first finding is about a limit, and says which.
fn exceeds(text: &str, words: &str) {
    let ran = check(text);
    let first = ran.out.lines().next().unwrap_or_default();
    assert!(first.contains("error[input-limit]"), "{first}");
    assert!(first.contains(words), "{first}");
    assert_eq!(ran.code, 1);
}

#[test]
fn deep_nesting_is_a_limit() {
    for part in ["[", "{a: ", "{\"\":[", "? ", "- ", "[{", "{? "] {
        exceeds(&marked(part, 50_000), "nested more than 255 deep");
    }
    let steps = numbered(2_000, |depth| format!("{}a:\n", " ".repeat(depth)));
    exceeds(&marked(&steps, 1), "nested more than 255 deep");
}

#[test]
fn what_aliases_stand_for_is_limited() {
    let bomb = numbered(30, |number| {
        let uses = format!("*a{number},").repeat(9);
        format!("a{}: &a{} [{uses}]\n", number + 1, number + 1)
    });
    let bomb = format!("a0: &a0 [x]\n{bomb}");
    exceeds(&marked(&bomb, 1), "aliases and merge keys");
    // A long text at many places costs as much as many values.
    let long = "x".repeat(1 << 20);
    let machine = "- {apiVersion: vmlint.dev/v1, kind: VirtualMachine, metadata: {name: *x}}\n";
    let list = format!(
        "apiVersion: v1\nkind: List\nx: &x {long}\nitems:\n{}",
        machine.repeat(100_000)
    );
    exceeds(&list, "aliases and merge keys");
    let merged = numbered(3_000, |number| {
        format!(
            "a{}: &a{} {{<<: *a{number}, k{number}: 1}}\n",
            number + 1,
            number + 1
        )
    });
    exceeds(&marked(&format!("a0: &a0 {{a: 1}}\n{merged}"), 1), "");
}

const GUEST: &str = "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nmetadata: {name: a, namespace: x}\n\
                     spec: {template: {spec: {domain: {memory: {guest: 1Gi}}}}}\n";

const TASKS: &str = "- hosts: hv01\n  tasks:\n";

#[test]
fn what_aliases_and_texts_make_of_a_file_is_limited_in_all() {
    let machine = "{apiVersion: kubevirt.io/v1, kind: VirtualMachine, metadata: {name: a}}";
    let list = format!(
        "x: &x {machine}\napiVersion: v1\nkind: List\nitems: [{}]\n",
        "*x, ".repeat(1_000)
    );
    exceeds(
        &format!("---\n{list}").repeat(1_000),
        "aliases and merge keys of this file",
    );
    let inner = list.replace('\n', "\n    ");
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n";
    let texts = numbered(200, |number| format!("  a{number}: *x\n"));
    exceeds(
        &format!("{map}  a: &x |\n    {inner}\n{texts}"),
        "the texts in this file hold more documents than are read",
    );
    let lists = "{apiVersion: v1, kind: List, items: [".repeat(50_000);
    exceeds(
        &format!("# kubevirt.io/\n{lists}"),
        "nested more than 255 deep",
    );
    let blocks = "[{block: ".repeat(10_000);
    exceeds(&format!("# hv_\n{blocks}"), "nested more than 255 deep");
    // Texts in texts, deeper than anybody looks.
    let mut deep = GUEST.to_owned();
    for _ in 0..40 {
        deep = format!(
            "{map}  a: |\n    {}\n",
            deep.trim_end().replace('\n', "\n    ")
        );
    }
    assert_eq!(check(&deep).code, 0);
}

#[test]
fn objects_of_other_formats_take_time_that_grows_with_them() {
    let documents = |text: &str, times| format!("---\n{text}").repeat(times);
    let tasks = |times, task: &dyn Fn(usize) -> String| {
        let task = |number| format!("  - microsoft.hyperv.{}\n", task(number));
        format!("{TASKS}{}", numbered(times, task))
    };
    let labels = |value: &str| numbered(20_000, |number| format!("l{number}: {value}, "));
    let labelled =
        |value: &str| GUEST.replace("namespace: x", &format!("labels: {{{}}}", labels(value)));
    let node = format!(
        "---\napiVersion: v1\nkind: Node\nmetadata: {{name: n, labels: {{{}}}}}\n",
        labels("v")
    );
    let choosy = GUEST.replace(
        "{domain",
        &format!("{{nodeSelector: {{{}}}, domain", labels("v")),
    );
    let shell = |text: &str, bytes: usize| {
        let lines = text.repeat(bytes / text.len());
        format!("{TASKS}  - win_shell: |\n      Move-VM a b {lines}\n")
    };
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c, namespace: x}\n\
                 spec: {accessModes: [ReadWriteOnce]}\n";
    let patches = numbered(50_000, |number| format!("- path: ../../p{number}.yaml\n"));
    let texts = [
        documents(GUEST, 10_000),
        documents(claim, 10_000) + "---\n" + GUEST,
        format!("---\n{}---\n{}", labelled("a"), labelled("b")),
        format!("{node}---\n{choosy}"),
        format!(
            "{GUEST}---\nkind: Kustomization\napiVersion: kustomize.config.k8s.io/v1\npatches:\n{patches}"
        ),
        tasks(5_000, &|it| {
            format!("hv_cluster_node_maintenance: {{node_name: n{it}, state: paused}}")
        }),
        tasks(20_000, &|it| {
            format!("hv_network_adapter: {{vm_name: v, name: a{it}, switch_name: s}}")
        }),
        tasks(10_000, &|it| {
            let state = ["present", "absent"][it % 2];
            format!("hv_hard_disk: {{vm_name: v, path: p{it}, state: {state}}}")
        }),
        format!(
            "{}{}",
            tasks(6_000, &|it| format!(
                "hv_vm: {{name: v{it}, generation: 2}}"
            )),
            numbered(6_000, |number| {
                format!(
                    "---\n{}",
                    MACHINE.replace("name: a", &format!("name: v{number}"))
                )
            })
        ),
        shell("@'x", 2_000_000),
        shell("\"$( ", 2_000_000),
        shell("Move-VM 'a ", 2_000_000),
        shell("[('", 2_000_000),
    ];
    for text in texts {
        check(&text);
    }
}

#[test]
fn of_very_many_backups_that_overlap_some_are_told_and_the_rest_counted() {
    let policy = |number| {
        format!(
            "---\napiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{name: p{number}}}\nspec:\n  \
             targets: {{virtualMachines: [a]}}\n  schedule: {{cron: \"0 1 * * *\", duration: 1h}}\n"
        )
    };
    let told = |policies: usize| {
        let text = format!("{MACHINE}{}", numbered(policies, policy));
        let ran = check(&text);
        let lines = ran.out.lines();
        let lines = lines.filter(|line| line.contains("[overlapping-backups]"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let all = told(101);
    assert_eq!(all.len(), 101 * 100 / 2);
    assert!(!all.iter().any(|line| line.contains("not shown")));
    let some = told(300);
    assert!((9_000..=10_000).contains(&some.len()), "{}", some.len());
    let rest: Vec<_> = some
        .iter()
        .filter(|it| it.contains("`p299` overlaps"))
        .collect();
    assert_eq!(rest.len(), 1);
    assert!(
        rest[0].contains("more policies, which are not shown"),
        "{}",
        rest[0]
    );
}

#[test]
fn of_very_many_backups_that_meet_plans_or_windows_some_are_told_and_the_rest_counted() {
    let host = |number| {
        let name = format!("name: h{number}");
        format!("---\napiVersion: vmlint.dev/v1\nkind: Host\nmetadata: {{{name}}}\n")
    };
    let timed = |kind: &str, number: usize, what: &str| {
        format!(
            "---\napiVersion: vmlint.dev/v1\nkind: {kind}\nmetadata: {{name: x{number}}}\nspec:\n  \
             {what}\n  schedule: {{cron: \"{} 1 * * *\", duration: 2h}}\n",
            number % 60
        )
    };
    let machine = "---\napiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {name: v}\nspec: {host: h0}\n";
    for (kind, what, rule, others) in [
        (
            "MigrationPlan",
            "moves: [{vm: v, to: h1}]",
            "backup-during-migration",
            "plans",
        ),
        (
            "MaintenanceWindow",
            "hosts: [h0]",
            "backup-during-maintenance",
            "windows",
        ),
    ] {
        let policies = numbered(300, |number| {
            timed("BackupPolicy", number, "targets: {virtualMachines: [v]}")
        });
        let met = numbered(300, |number| timed(kind, number, what));
        let ran = check(&format!("{}{machine}{policies}{met}", numbered(2, host)));
        let lines = ran.out.lines();
        let found = lines.filter(|line| line.contains(&format!("[{rule}]")));
        let found: Vec<&str> = found.collect();
        assert!(
            (9_000..=10_000).contains(&found.len()),
            "{rule}: {}",
            found.len()
        );
        let rest = format!("more {others}, which are not shown");
        let rest = found.iter().filter(|line| line.contains(&rest));
        assert_eq!(rest.count(), 300, "{rule}");
    }
}

#[test]
fn files_of_more_than_anybody_needs_are_limited() {
    exceeds(&marked(":\n", 2_600_000), "more than 5000000 values");
    for part in ["---\n", "---\na\n"] {
        exceeds(&marked(part, 510_000), "more than 500000 documents");
    }
    for part in [":\n", "a: b\n", "---\na: b\na: c\n"] {
        let words = "more than 10000 keys that are set twice";
        exceeds(&marked(part, 20_000), words);
    }
    let large = marked("# \n", 25_000_000);
    exceeds(&large, "larger than 64 MiB");
}

#[test]
fn mistakes_are_told_up_to_a_limit() {
    let keys = numbered(50_000, |number| format!("  k{number}: 1\n"));
    let of_labels = numbered(50_000, |number| format!("    k{number}: 1\n"));
    let labels = format!("metadata:\n  name: a\n  labels:\n{of_labels}spec: {{}}\n");
    let texts = [
        MACHINE.replace(" {}", &format!("\n{keys}")),
        MACHINE.replace(" {}", &format!("\n  disks:\n{}", "  - 1\n".repeat(50_000))),
        format!("apiVersion: vmlint.dev/v1\nkind: VirtualMachine\n{labels}"),
        format!(
            "---\n{MACHINE}{}",
            "---\napiVersion: vmlint.dev/v1\n".repeat(30_000)
        ),
        MACHINE.replace(
            " {}",
            &format!(" {{{}}}", numbered(50_000, |it| format!("é{it}: 1, "))),
        ),
    ];
    for text in texts {
        let ran = check(&text);
        assert_eq!(ran.code, 1);
        let limit = "this file has more than 10000 mistakes";
        assert_eq!(ran.out.matches(limit).count(), 1, "{:.200}", ran.out);
        assert_eq!(ran.out.lines().count(), 10_000);
    }
}

#[test]
fn much_of_anything_takes_time_that_grows_with_it() {
    let texts = [
        marked("---\na: 1\n", 200_000),
        format!("---\n{MACHINE}").repeat(20_000),
        MACHINE.replace("name: a", &format!("name: \"{}\"", "x".repeat(30_000_000))),
        format!("{MACHINE}x: |\n{}", "  abc\n".repeat(3_000_000)),
        format!("{MACHINE}x: \"a\n{}\"", "  abc\n".repeat(1_000_000)),
        format!("{MACHINE}x: {}", "a ".repeat(5_000_000)),
        format!(
            "{MACHINE}{}",
            numbered(1_000_000, |number| format!("x-{number}: 1\n"))
        ),
        MACHINE.replace("name: a", &format!("name: \"{}\"", "\\e".repeat(1_000_000))),
        format!("{MACHINE}{}", "# c\n".repeat(1_000_000)),
        format!("{MACHINE}x: {}", "\t".repeat(2_000_000)),
        format!("{MACHINE}{}", "\r\n".repeat(5_000_000)),
        marked("- !!str &a a\n", 300_000),
        marked("a: \"x' ", 1_000_000),
        marked("{[a]: b}: c\n", 100_000),
        format!("# vmlint.dev\n[{}]", "a: b, ".repeat(200_000)),
        format!(
            "{}---\n{MACHINE}",
            numbered(50_000, |number| format!("%TAG !a{number}! tag:x:\n"))
        ),
        marked("{{ x }}\n", 500_000),
        marked("{{", 1_000_000),
        MACHINE.replace(
            "spec: {}",
            &format!(
                "spec: {{memory: {{startup: {}GiB}}}}",
                "9".repeat(5_000_000)
            ),
        ),
    ];
    for text in texts {
        check(&text);
    }
}

#[test]
fn many_suppressions_are_held_against_many_findings() {
    let keys = |comment: &str| numbered(9_000, |number| format!("  k{number}: 1{comment}\n"));
    let each = keys(" # vmlint: ignore[schema-violation] x");
    let each = MACHINE.replace(" {}", &format!("\n{each}"));
    let ran = check(&each);
    assert_eq!((ran.code, &*ran.out), (0, ""), "{}", ran.err);
    // The same place suppressed again and again, and the whole file.
    let all = MACHINE.replace(" {}", &format!("\n{}", keys("")));
    for comment in [
        "ignore[schema-violation] x",
        "ignore-file[schema-violation] x",
    ] {
        let comments = format!("# vmlint: {comment}\n").repeat(100_000);
        assert_eq!(check(&format!("{comments}{all}")).code, 0);
    }
    let unknown = numbered(50_000, |number| format!("r{number},"));
    let ran = check(&format!("# vmlint: ignore[{unknown}] x\n{MACHINE}"));
    assert_eq!(ran.code, 1);
    check(&format!(
        "# vmlint: ignore{}\n{MACHINE}",
        "[".repeat(1_000_000)
    ));
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let machine = MACHINE.as_bytes();
    let utf16 =
        |units: fn(u16) -> [u8; 2]| MACHINE.encode_utf16().flat_map(units).collect::<Vec<_>>();
    let little = utf16(u16::to_le_bytes);
    let cases: [(Vec<u8>, i32, &str); 8] = [
        ([machine, b"\0"].concat(), 1, "is NUL"),
        ([machine, b"\xff\xfe\x80"].concat(), 1, "is not UTF-8"),
        ([b"\xff\xfe".as_slice(), &little].concat(), 0, ""),
        (
            [b"\xfe\xff".as_slice(), &utf16(u16::to_be_bytes)].concat(),
            0,
            "",
        ),
        (
            [b"\xff\xfe".as_slice(), &little[..little.len() - 1]].concat(),
            1,
            "starts as UTF-16",
        ),
        (
            [b"\xff\xfe\0\xd8".as_slice(), &little].concat(),
            1,
            "starts as UTF-16",
        ),
        ([b"\xff\xfe\0\0".as_slice(), &little].concat(), 1, "NUL"),
        ([b"\xef\xbb\xbf".as_slice(), machine].concat(), 0, ""),
    ];
    for (bytes, code, words) in cases {
        let folder = folder(&[("a.yaml", &bytes)]);
        let ran = vmlint(folder.path(), &["check", "."]);
        assert_eq!(ran.code, code, "{}", ran.out);
        assert!(ran.out.contains(words), "{}", ran.out);
    }
}

#[test]
fn what_is_no_file_is_told_and_ends_nothing() {
    let temp = folder(&[("ok.yaml", MACHINE.as_bytes())]);
    let at = |name: &str| temp.path().join(name);
    assert!(
        Command::new("mkfifo")
            .arg(at("fifo.yaml"))
            .status()
            .unwrap()
            .success()
    );
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.yaml")).unwrap();
    symlink("/dev/zero", at("zero.yaml")).unwrap();
    symlink("loop.yaml", at("loop.yaml")).unwrap();
    symlink("nowhere", at("dangling.yaml")).unwrap();
    symlink(".", at("self")).unwrap();
    symlink("..", at("up")).unwrap();
    fs::create_dir(at("folder.yaml")).unwrap();
    let strange = std::ffi::OsString::from_vec(b"\xff\x1b[31m\n::error::x.yaml".to_vec());
    fs::write(temp.path().join(strange), format!("{MACHINE}x")).unwrap();
    // Its place would begin with two colons, as a command does.
    fs::write(at(":"), format!("{MACHINE}x")).unwrap();
    let ran = vmlint(temp.path(), &["check", ":"]);
    assert!(ran.out.contains("error[yaml-syntax]"), "{}", ran.out);
    assert!(!ran.out.starts_with("::"), "{}", ran.out);
    let ran = vmlint(temp.path(), &["check", "."]);
    assert_eq!(ran.code, 1);
    let unreadable = ran.out.matches("error[unreadable-file]").count();
    assert_eq!(unreadable, 5, "{}", ran.out);
    assert!(
        ran.out.contains("yaml:5:1: error[yaml-syntax]"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("1 resource,"), "{}", ran.err);
    for named in ["fifo.yaml", "zero.yaml", "loop.yaml", "/dev/zero"] {
        let ran = vmlint(temp.path(), &["check", named]);
        assert_eq!(ran.code, 2, "{named}");
        assert!(ran.err.contains("vmlint: "), "{}", ran.err);
        let ran = vmlint(temp.path(), &["check", "ok.yaml", "--rules", named]);
        assert_eq!(ran.code, 2, "{named}");
        let ran = vmlint(temp.path(), &["check", "ok.yaml", "--base", named]);
        assert_eq!(ran.code, 2, "{named}");
        let ran = vmlint(temp.path(), &["check", "ok.yaml", "--config", named]);
        assert_eq!(ran.code, 2, "{named}");
        let ran = vmlint(temp.path(), &["check", "ok.yaml", "--baseline", named]);
        assert_eq!(ran.code, 2, "{named}");
    }
}

#[test]
fn lists_of_ignored_files_are_read_with_care() {
    type Spoil = fn(&Path);
    let spoils: [(Spoil, &str); 3] = [
        (
            |file| symlink("/dev/zero", file).unwrap(),
            "not a regular file",
        ),
        (
            |file| assert!(Command::new("mkfifo").arg(file).status().unwrap().success()),
            "not a regular file",
        ),
        (
            |file| fs::File::create(file).unwrap().set_len(20 << 30).unwrap(),
            "larger than 1 MiB",
        ),
    ];
    for (spoil, words) in spoils {
        let temp = folder(&[("ok.yaml", MACHINE.as_bytes())]);
        fs::create_dir_all(temp.path().join("sub/deep")).unwrap();
        fs::write(temp.path().join("sub/b.yaml"), MACHINE).unwrap();
        spoil(&temp.path().join("sub/.gitignore"));
        let ran = vmlint(temp.path(), &["check", "."]);
        assert_eq!(ran.code, 1);
        let first = ran.out.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("sub/.gitignore:1:1: error[unreadable-file]"),
            "{first}"
        );
        assert!(first.contains(words), "{first}");
        assert!(ran.err.contains("1 resource,"), "{}", ran.err);
        // Lists of the folders above count as well.
        fs::write(temp.path().join("sub/deep/c.yaml"), MACHINE).unwrap();
        let ran = vmlint(temp.path(), &["check", "sub/deep"]);
        assert!(ran.out.contains(words), "{}", ran.out);
        assert_eq!(vmlint(temp.path(), &["check", ".", "--no-ignore"]).code, 1);
    }
    let many = numbered(30_000, |number| format!("a{number}*b?c[x-z]\n"));
    let temp = folder(&[
        ("ok.yaml", MACHINE.as_bytes()),
        (".gitignore", many.as_bytes()),
    ]);
    assert_eq!(vmlint(temp.path(), &["check", "."]).code, 0);
}

#[test]
fn files_that_change_while_they_are_read_are_read_as_something() {
    let temp = folder(&[("a.yaml", MACHINE.as_bytes())]);
    let file = temp.path().join("a.yaml");
    let writer = std::thread::spawn({
        let file = file.clone();
        move || {
            for round in 0..2_000_usize {
                let text = MACHINE.repeat(round % 50);
                let _ = fs::write(
                    &file,
                    &text.as_bytes()[..text.len() - round % 7 * text.len() / 10],
                );
            }
        }
    });
    while !writer.is_finished() {
        vmlint(temp.path(), &["check", "a.yaml"]);
    }
    writer.join().unwrap();
}

#[test]
fn times_and_sizes_beyond_all_measure_are_mistakes_or_far_away() {
    let windows = [
        "at: \"9999-12-31T23:59:59Z\"",
        "at: \"99999-12-31T23:59:59Z\"",
        "at: \"9999-12-31T23:59\"\n    timeZone: Pacific/Apia",
        "at: \"0000-01-01T00:00\"",
        "at: \"-9999-01-01T00:00Z\"",
        "cron: \"0 0 31 2 *\"",
        "cron: \"* * * * *\"",
        "cron: \"99999999999999999999 * * * *\"",
        "start: \"24:00\"",
        "start: \"23:59\"",
    ];
    let durations = [
        "9223372036854775807s",
        "99999999999999999999d",
        "P99999999W",
        "106751991167300d",
        "0s",
        "-1h",
    ];
    let mut text = String::new();
    for (number, window) in windows.iter().enumerate() {
        for (other, duration) in durations.iter().enumerate() {
            let _ = write!(
                text,
                "---\napiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{name: p{number}-{other}}}\n\
                 spec:\n  targets: {{virtualMachines: [a]}}\n  schedule:\n    {window}\n    duration: {duration}\n"
            );
        }
    }
    for size in [
        "9223372036854775807",
        "99999999999999999999TiB",
        "8388608TiB",
        "1e400",
        ".inf",
        ".nan",
        "-1GiB",
    ] {
        let _ = write!(
            text,
            "---\napiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {{name: \"{size}\"}}\nspec:\n  \
             memory: {{startup: {size}, maximum: {size}}}\n  disks: [{{path: a, size: {size}}}]\n"
        );
    }
    let temp = folder(&[("a.yaml", text.as_bytes())]);
    for day in ["2026-01-01", "9999-12-31", "0001-01-01", "-009999-01-01"] {
        let as_of = format!("--as-of={day}");
        vmlint(temp.path(), &["check", ".", &as_of, "--format", "json"]);
        vmlint(temp.path(), &["calendar", ".", &as_of]);
        let ran = vmlint(temp.path(), &["slots", ".", &as_of, "--policy", "p0-0"]);
        assert!(ran.code <= 2);
    }
    for day in ["99999-01-01", "2026-13-01", "", "9999999999999999999-01-01"] {
        let ran = vmlint(temp.path(), &["check", ".", &format!("--as-of={day}")]);
        assert_eq!(ran.code, 2, "{day}");
    }
}

const RULE: &str = "id: x-rule\ntitle: T\nseverity: error\nrationale: r\nfor: vm in vms\n\
                    deny: \"true\"\nat: vm.name\nmessage: m\nhelp: h\n";

#[test]
fn rule_files_of_strangers_are_refused_or_end() {
    let deny =
        |expression: &str| RULE.replace("deny: \"true\"", &format!("deny: \"{expression}\""));
    let list = |key: &str, part: &str| format!("{RULE}{key}: [{}]\n", part.repeat(100_000));
    let refused = [
        deny(&format!("{}true{}", "(".repeat(8_000), ")".repeat(8_000))),
        deny(&format!("{}true", "!".repeat(16_000))),
        deny(&format!("{}1 == 1", "-".repeat(16_000))),
        deny(&format!("1{} == 1", "+1".repeat(7_000))),
        deny(&format!("vm{}", ".host".repeat(3_000))),
        deny(&format!("{}{} == []", "[".repeat(3_000), "]".repeat(3_000))),
        deny(&"true && ".repeat(100_000)),
        deny("vm.name.matches('((((a{100}){100}){100}){100})')"),
        deny(&format!(
            "vm.name.matches('{}{}')",
            "(".repeat(2_000),
            ")".repeat(2_000)
        )),
        deny("99999999999999999999999 > 1"),
        list("needs", "vm.host, "),
        list("labels", "{at: vm.name, text: x}, "),
        list("key", "vm.name, "),
        RULE.replace(
            "message: m",
            &format!("message: \"{}\"", "{vm.name}".repeat(100_000)),
        ),
        format!(
            "{RULE}{}",
            numbered(50_000, |number| format!("k{number}: 1\n"))
        ),
        format!("{RULE}---\n").repeat(10_000),
        format!("{RULE}\0"),
        "[".repeat(100_000),
    ];
    for text in refused {
        let files: &[(&str, &[u8])] = &[
            ("ok.yaml", MACHINE.as_bytes()),
            ("x-rule.yaml", text.as_bytes()),
        ];
        let temp = folder(files);
        let ran = vmlint(temp.path(), &["check", "ok.yaml", "--rules", "x-rule.yaml"]);
        assert_eq!(ran.code, 2, "{text:.200}");
    }
    // A condition over everything three times is ended by its steps.
    let cubic =
        deny("vms.exists(a, vms.exists(b, vms.exists(c, a.name + b.name + c.name == 'x')))");
    let cubic = cubic.replace("vms.", "vm.host.vms.");
    let host = MACHINE
        .replace("VirtualMachine", "Host")
        .replace("name: a", "name: h");
    let machines = numbered(2_000, |number| {
        let machine = MACHINE.replace("name: a", &format!("name: vm{number}"));
        format!("---\n{}", machine.replace("spec: {}", "spec: {host: h}"))
    });
    let estate = format!("{host}{machines}");
    let files: &[(&str, &[u8])] = &[
        ("ok.yaml", estate.as_bytes()),
        ("x-rule.yaml", cubic.as_bytes()),
    ];
    vmlint(
        folder(files).path(),
        &[
            "check",
            "ok.yaml",
            "--rules",
            "x-rule.yaml",
            "--select",
            "x-rule",
        ],
    );
}

#[test]
fn settings_of_strangers_are_refused_or_end() {
    let globs = |times| {
        let glob = |number| format!("  - \"**/a{number}*/**/x?[a-z]{{b,c}}/**\"\n");
        format!("exclude:\n{}", numbered(times, glob))
    };
    let refused = [
        "[".repeat(100_000),
        "a: 1\n".repeat(100_000),
        "extends: .vmlint.yaml\n".to_owned(),
        "extends: /etc/passwd\n".to_owned(),
        "rulePacks: [/etc]\n".to_owned(),
        "rulePacks: [\"\\e[31m\"]\n".to_owned(),
        format!("exclude: [\"{}\"]\n", "{a,".repeat(10_000)),
        format!("# {}\n", "x".repeat(2 << 20)),
        "rules: {no-backup: \"\\e[31m\"}\n".to_owned(),
        "\0".to_owned(),
        globs(1_001),
    ];
    for text in refused {
        let files: &[(&str, &[u8])] = &[
            ("ok.yaml", MACHINE.as_bytes()),
            (".vmlint.yaml", text.as_bytes()),
        ];
        let temp = folder(files);
        fs::create_dir(temp.path().join(".git")).unwrap();
        let ran = vmlint(temp.path(), &["check", "."]);
        assert_eq!(ran.code, 2, "{text:.100}: {}", ran.err);
        assert!(!ran.err.contains("root:"), "{}", ran.err);
    }
    let most = globs(1_000);
    let files: &[(&str, &[u8])] = &[
        ("ok.yaml", MACHINE.as_bytes()),
        (".vmlint.yaml", most.as_bytes()),
    ];
    let ran = vmlint(folder(files).path(), &["check", "."]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

/// A repository beside a secret, with links in it that lead there.
fn repository() -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    let (inside, outside) = (temp.path().join("in"), temp.path().join("out"));
    for folder in [
        &inside,
        &outside,
        &inside.join(".git"),
        &inside.join("rules"),
    ] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(outside.join("secret.yaml"), "# vmlint.dev\nsecret: [\n").unwrap();
    fs::write(inside.join("ok.yaml"), MACHINE).unwrap();
    fs::write(inside.join("rules/x-rule.yaml"), RULE).unwrap();
    temp
}

#[test]
fn nothing_outside_of_a_repository_is_read_through_links() {
    let temp = repository();
    let inside = temp.path().join("in");
    let secret = temp.path().join("out/secret.yaml");
    symlink(&secret, inside.join("link.yaml")).unwrap();
    symlink(temp.path().join("out"), inside.join("folder")).unwrap();
    symlink(&secret, inside.join("rules/y.yaml")).unwrap();
    symlink(&secret, inside.join("base.jsonl")).unwrap();
    fs::write(inside.join("a.yaml"), "extends: ../out/secret.yaml\n").unwrap();
    let ran = vmlint(&inside, &["check", "."]);
    let told = "link.yaml:1:1: error[unreadable-file]: this file cannot be read: \
                it is a link that leads out of the repository";
    assert!(ran.out.contains(told), "{}", ran.out);
    let refused: &[&[&str]] = &[
        &["check", "link.yaml"],
        &["check", "folder"],
        &["check", "folder/secret.yaml"],
        &["check", "ok.yaml", "--rules", "folder"],
        &["check", "ok.yaml", "--rules", "rules"],
        &["check", "ok.yaml", "--rules", "link.yaml"],
        &["test", "rules"],
        &["check", "ok.yaml", "--config", "link.yaml"],
        &["check", "ok.yaml", "--config", "a.yaml"],
        &["check", "ok.yaml", "--baseline", "base.jsonl"],
        &["baseline", "merge", "base.jsonl"],
        &["check", "ok.yaml", "--base", "folder"],
    ];
    for args in refused {
        let ran = vmlint(&inside, args);
        assert_eq!(ran.code, 2, "{args:?}: {}{}", ran.out, ran.err);
        let all = ran.out + &ran.err;
        assert!(!all.contains("secret: ["), "{args:?}: {all}");
    }
    // What is named by its own place is read.
    let ran = vmlint(&inside, &["check", "../out/secret.yaml"]);
    assert!(ran.out.contains("error[yaml-syntax]"), "{}", ran.out);
}

#[test]
fn links_that_stay_in_their_repository_are_followed() {
    let temp = repository();
    let inside = temp.path().join("in");
    fs::create_dir_all(inside.join("site/sub")).unwrap();
    symlink("../ok.yaml", inside.join("site/link.yaml")).unwrap();
    symlink("../rules", inside.join("site/rules")).unwrap();
    symlink(inside.join("site"), inside.join("again")).unwrap();
    symlink(&inside, temp.path().join("back")).unwrap();
    symlink(inside.join("site"), temp.path().join("deep")).unwrap();
    // A repository in it, as submodules are.
    fs::create_dir(inside.join("module")).unwrap();
    fs::write(inside.join("module/.git"), "gitdir: elsewhere\n").unwrap();
    fs::write(inside.join("module/m.yaml"), MACHINE).unwrap();
    let from = |folder: &str, args: &[&str]| vmlint(&temp.path().join(folder), args);
    let good = |ran: &Ran, resources: usize| {
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        let told = format!("{resources} resource");
        assert!(ran.err.contains(&told), "{}", ran.err);
    };
    good(&from("in", &["check", "site/link.yaml"]), 1);
    good(&from("in", &["check", "again"]), 1);
    good(&from("in/site", &["check", "../ok.yaml"]), 1);
    good(&from("in/site/sub", &["check", "../link.yaml"]), 1);
    good(&from("in/module", &["check", "."]), 1);
    good(&from("in", &["check", "module"]), 1);
    // The repository reached through a link, and from beside it.
    good(&from("back", &["check", "ok.yaml"]), 1);
    good(&from("", &["check", "back/ok.yaml"]), 1);
    good(&from("", &["check", "deep/link.yaml"]), 1);
    good(&from("out", &["check", "../in/site"]), 1);
    let whole = temp.path().join("back/site");
    good(&from("", &["check", whole.to_str().unwrap()]), 1);
    for rules in ["site/rules", "rules", "../in/rules", "../back/again/rules"] {
        let ran = from("in", &["check", "ok.yaml", "--rules", rules]);
        assert!(ran.out.contains("error[x-rule]"), "{rules}: {}", ran.err);
    }
    let ran = from("in", &["check", "ok.yaml", "--format", "json=again/report"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(inside.join("site/report").exists());
    // A link out of it is one by whatever way it is reached.
    symlink("../../out/secret.yaml", inside.join("site/out.yaml")).unwrap();
    for way in ["in/site", "in/again", "back/site", "deep"] {
        let ran = from("", &["check", way]);
        assert!(ran.out.contains("leads out of"), "{way}: {}", ran.out);
    }
}

#[test]
fn nothing_outside_of_a_repository_is_written_through_links() {
    let temp = repository();
    let inside = temp.path().join("in");
    let (new, old) = (
        temp.path().join("out/new"),
        temp.path().join("out/secret.yaml"),
    );
    let before = fs::read(&old).unwrap();
    symlink(&new, inside.join("new")).unwrap();
    symlink(&old, inside.join("old")).unwrap();
    symlink(temp.path().join("out"), inside.join("folder")).unwrap();
    for file in ["new", "old", "folder/new"] {
        let refused: &[&[&str]] = &[
            &["check", "ok.yaml", "--format", &format!("json={file}")],
            &["check", "ok.yaml", "--write-baseline", file],
            &["calendar", "ok.yaml", "--html", file],
        ];
        for args in refused {
            let ran = vmlint(&inside, args);
            assert_eq!(ran.code, 2, "{args:?}");
            assert!(
                ran.err.contains("leads out of the repository"),
                "{args:?}: {}",
                ran.err
            );
        }
    }
    let ran = vmlint(&inside, &["rules", "new", "x-y", "folder/a/b"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    let ran = vmlint(&inside, &["rules", "new", "x-y", "rules/a/b"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    symlink(temp.path().join("out"), inside.join(".github")).unwrap();
    assert_eq!(vmlint(&inside, &["init", "--github"]).code, 2);
    assert!(!new.exists());
    assert_eq!(fs::read(old).unwrap(), before);
    assert_eq!(fs::read_dir(temp.path().join("out")).unwrap().count(), 1);
}

/// Everything a stranger can name, with what terminals and build services would act on.
const EVIL: &str =
    r"\e[31m\e]0;x\a\r\n::error file=x::y\n##vso[task.complete]\n##[error]\x07\u009b\u202e";

#[test]
fn no_name_or_message_reaches_a_terminal_or_build_service_as_a_command() {
    let quoted = format!("\"{EVIL}\"");
    let estate = MACHINE
        .replace(
            "{name: a}",
            &format!("{{name: {quoted}, namespace: {quoted}, labels: {{{quoted}: 1}}}}"),
        )
        .replace(
            "spec: {}",
            &format!(
                "spec:\n  host: {quoted}\n  {quoted}: {quoted}\n  memory: {{startup: {quoted}}}"
            ),
        );
    let policy = format!(
        "---\napiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{name: {quoted}}}\nspec:\n  \
         targets: {{machines: [{quoted}]}}\n  method: savedState # vmlint: ignore[\u{1b}[31m] \u{1b}[31m\n  \
         schedule: {{cron: \"0 1 * * *\", timeZone: {quoted}, duration: 1h}}\n"
    );
    let rule = RULE
        .replace("title: T", &format!("title: {quoted}"))
        .replace("rationale: r", &format!("rationale: {quoted}"))
        .replace("message: m", &format!("message: {quoted}"))
        .replace("help: h", &format!("help: {quoted}"));
    let foreign = GUEST
        .replace(
            "name: a",
            &format!("name: {quoted}, labels: {{{quoted}: {quoted}}}"),
        )
        .replace(
            "domain",
            &format!("nodeSelector: {{{quoted}: {quoted}}}, domain"),
        );
    let tasks = format!(
        "---\n- hosts: {quoted}\n  tasks:\n  - name: {quoted}\n    microsoft.hyperv.hv_vm_move: {{name: {quoted}, destination_host: {quoted}}}\n"
    );
    let velero = format!(
        "---\napiVersion: velero.io/v1\nkind: Schedule\nmetadata: {{name: {quoted}}}\nspec: {{schedule: {quoted}, template: {{includedNamespaces: [{quoted}]}}}}\n"
    );
    let others = format!("---\n{foreign}{tasks}{velero}");
    let broken = format!("{MACHINE}{quoted}\n");
    let files: &[(&str, &[u8])] = &[
        (
            "a.yaml",
            &[estate.as_bytes(), policy.as_bytes(), others.as_bytes()].concat(),
        ),
        ("x-rule.yaml", rule.as_bytes()),
        ("bad.yaml", broken.as_bytes()),
    ];
    let temp = folder(files);
    let mut runs: Vec<Vec<&str>> = [
        "pretty", "concise", "json", "sarif", "github", "gitlab", "azure", "junit", "rdjson",
    ]
    .iter()
    .map(|format| {
        vec![
            "check",
            "a.yaml",
            "bad.yaml",
            "--rules",
            "x-rule.yaml",
            "--format",
            format,
        ]
    })
    .collect();
    runs.extend([
        vec![
            "check",
            ".",
            "--rules",
            "x-rule.yaml",
            "--verbose",
            "--explain-skips",
            "--statistics",
        ],
        vec!["check", "a.yaml", "--explain-skips", "--verbose"],
        vec!["explain", "x-rule", "--rules", "x-rule.yaml"],
        vec!["rules", "--rules", "x-rule.yaml"],
        vec!["inventory", "a.yaml", "--format", "json"],
        vec!["inventory", "a.yaml", "--format", "ndjson"],
        vec!["inventory", "a.yaml", "--format", "yaml"],
        vec!["calendar", "a.yaml"],
        vec!["calendar", "a.yaml", "--all"],
        vec!["slots", "a.yaml"],
        vec!["test", "x-rule.yaml"],
        vec!["check", "\u{1b}[31m"],
        vec!["check", "a.yaml", "--rules", "\u{1b}[31m"],
        vec!["check", "a.yaml", "--select", "\u{1b}[31m"],
        vec!["explain", "\u{1b}[31m"],
        vec!["\u{1b}[31m"],
    ]);
    for args in runs {
        let ran = vmlint(temp.path(), &args);
        let ours = args.iter().any(|arg| matches!(*arg, "github" | "azure"));
        for line in ran.out.lines().chain(ran.err.lines()) {
            let begins = |command: &str| line.trim_start().starts_with(command);
            assert!(ours || !begins("::"), "{args:?}: {line}");
            assert!(ours || !line.contains("##vso["), "{args:?}: {line}");
            assert!(!line.contains("##[error"), "{args:?}: {line}");
            assert!(!begins("::error file=x"), "{args:?}: {line}");
            assert!(!line.contains("##vso[task.complete]\n"), "{args:?}: {line}");
            let hides = |c: char| matches!(c, '\u{9b}' | '\u{202e}');
            assert!(!line.contains(hides), "{args:?}: {line}");
        }
    }
}

#[test]
fn a_fix_that_is_killed_leaves_a_whole_file() {
    const METHODS: [&str; 2] = ["savedState", "vss"];
    let policy = |number: usize, method: &str| {
        format!(
            "---\napiVersion: vmlint.dev/v1\nkind: BackupPolicy\nmetadata: {{ name: p{number} }}\nspec:\n  \
             targets: {{ selector: {{ tier: gold }} }}\n  method: {method}\n"
        )
    };
    let [old, new] = METHODS.map(|method| numbered(300, |number| policy(number, method)));
    let temp = folder(&[]);
    let file = temp.path().join("a.yaml");
    let (mut killed, mut finished) = (0, 0);
    for round in 0..40_u64 {
        fs::write(&file, &old).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_vmlint"))
            .args(["check", "--fix", "--select", "saved-state-backup", "a.yaml"])
            .current_dir(temp.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Killed when the new file stands beside the old one, or a moment later.
        let started = Instant::now();
        loop {
            let files = fs::read_dir(temp.path()).unwrap().count();
            if files > 1 || child.try_wait().unwrap().is_some() {
                break;
            }
            assert!(started.elapsed() < PATIENCE);
        }
        std::thread::sleep(Duration::from_micros(round * 50));
        let _ = child.kill();
        match child.wait().unwrap().code() {
            Some(_) => finished += 1,
            None => killed += 1,
        }
        let now = fs::read_to_string(&file).unwrap();
        assert!(
            now == old || now == new,
            "a half-written file of {} bytes",
            now.len()
        );
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        for entry in fs::read_dir(temp.path()).unwrap() {
            let path = entry.unwrap().path();
            if path != file {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                assert!(
                    name.starts_with(".vmlint-") && name.ends_with(".tmp"),
                    "{name}"
                );
                fs::remove_file(path).unwrap();
            }
        }
    }
    assert!(
        killed + finished == 40 && killed > 0,
        "{killed} runs were killed"
    );
}
