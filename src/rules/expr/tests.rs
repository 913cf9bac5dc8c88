//! What expressions promise.

use super::*;
use crate::rules::mock::{issues, scope, shown};

/// Asserts what expressions about `sql01` come to; `?` is unknown.
fn check(cases: &[(&str, &str)]) {
    for (text, value) in cases {
        assert_eq!(shown(text, "sql01"), *value, "{text}");
    }
}

/// Asserts the first error: the text it points at, the message, the help.
fn refused(text: &str, at: &str, message: &str, help: &str) {
    let issues = issues(text);
    let issue = issues
        .first()
        .unwrap_or_else(|| panic!("{text} is accepted"));
    assert_eq!(issue.message, message, "{text}");
    assert_eq!(&text[issue.span.range()], at, "{text}");
    assert_eq!(issue.help.as_deref().unwrap_or(""), help, "{text}");
}

#[test]
fn operators_compute() {
    check(&[
        ("1 + 2 * 3 - 4 / 2", "5"),
        ("7 % 3", "1"),
        ("-vm.count", "-4"),
        ("vm.count + 0.5", "4.5"),
        ("1 < 2 && 2.5 >= vm.count || false", "false"),
        ("vm.name + \"!\"", "sql01!"),
        ("vm.name < \"tea\"", "true"),
        ("vm.state == \"running\" ? 1 : 2", "1"),
        ("vm.state in [\"off\", \"running\"]", "true"),
        ("vm.count in [1, 2]", "false"),
        ("[1, 2] + [3]", "1, 2, 3"),
        ("[1, 2] == [1, 2]", "true"),
        ("[1, 2][1]", "2"),
        ("\"tier\" in vm.labels", "true"),
        ("vm.host.orUnknown() in vm.owners", "true"),
    ]);
}

#[test]
fn what_has_no_result_is_unknown() {
    check(&[
        ("1 / 0", "?"),
        ("1 % 0", "?"),
        ("1.0 / 0.0", "?"),
        ("9223372036854775807 + 1", "?"),
        ("-9223372036854775807 - 2", "?"),
        ("[1][1]", "?"),
        ("[1][-1]", "?"),
        ("vm.memory / 0", "?"),
        ("int(\"x\")", "?"),
        ("int(1e300)", "?"),
        ("vm.disks.filter(d, false).map(d, d.size).max()", "?"),
    ]);
}

#[test]
fn amounts_have_an_algebra() {
    check(&[
        ("vm.memory + memory(\"1GiB\")", "17 GiB"),
        ("vm.memory * 2", "32 GiB"),
        ("vm.memory / memory(\"4GiB\")", "4"),
        ("vm.memory / 4", "4 GiB"),
        ("vm.memory / vm.rate", "18s"),
        (
            "vm.memory / duration(\"16s\") > bandwidth(\"8Gbps\")",
            "true",
        ),
        ("vm.rate * duration(\"1s\") < memory(\"1GiB\")", "true"),
        ("vm.window.end - vm.window.start", "4h"),
        (
            "vm.window.start + duration(\"1h\")",
            "Sat 2026-12-05 23:00 (Europe/Berlin)",
        ),
        (
            "vm.window.start > timestamp(\"2026-01-01T00:00:00Z\")",
            "true",
        ),
        ("vm.disks.map(d, d.size).sum()", "100 GiB"),
    ]);
    refused(
        "vm.memory > 0",
        "vm.memory > 0",
        "`>` does not go with an amount of memory and an integer",
        "amounts have a unit, as in `memory(\"64GiB\")`",
    );
}

#[test]
fn functions_compute() {
    check(&[
        ("size(vm.disks) + vm.name.size() + vm.labels.size()", "8"),
        (
            "vm.name.startsWith(\"sql\") && vm.name.endsWith(\"1\")",
            "true",
        ),
        ("vm.name.contains(\"l0\")", "true"),
        ("vm.name.matches(\"^[a-z]+[0-9]{2}$\")", "true"),
        ("vm.disks.all(d, d.size > memory(\"1GiB\"))", "true"),
        ("vm.disks.exists(d, d.name == \"os\")", "true"),
        ("vm.disks.exists_one(d, d.size > memory(\"1GiB\"))", "false"),
        (
            "vm.disks.filter(d, d.name == \"os\").map(d, d.size).max()",
            "80 GiB",
        ),
        ("vm.disks.map(d, d.size).min()", "20 GiB"),
        ("vm.disks.differ(d, d.size)", "true"),
        ("vm.disks.differ(d, vm.name)", "false"),
        ("[1, 2, 1].distinct()", "1, 2"),
        ("[\"a\", \"b\"].join(\"; \")", "a; b"),
        ("vm.disks.names()", "`os` and `data`"),
        ("vm.disks.anyOf()", "`os` or `data`"),
        ("[\"a\", \"b\", \"c\"].anyOf()", "`a`, `b` or `c`"),
        (
            "[\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"].names()",
            "`a`, `b`, `c`, `d`, `e` and 2 more",
        ),
        ("int(2.9) + int(\"3\")", "5"),
        ("double(1) / 4.0", "0.25"),
        ("string(vm.memory) + string(true)", "16 GiBtrue"),
        ("vm.objective.orValue(duration(\"1d\"))", "24h"),
        (
            "has(vm.objective) || has(vm.labels.tier) && has(vm.labels[\"tier\"])",
            "true",
        ),
        (
            "vm.labels.tier.orValue(\"none\") + vm.labels[\"x\"].orValue(\"none\")",
            "goldnone",
        ),
        ("vm.window.overlaps(vm.open)", "true"),
        (
            "vm.window",
            "Sat 2026-12-05 22:00 – Sun 02:00 (Europe/Berlin)",
        ),
        ("vm.open.end", "?"),
    ]);
}

/// All pairs of true, false and unknown.
pub(super) const TRUTHS: [(&str, Option<bool>); 3] = [
    ("true", Some(true)),
    ("false", Some(false)),
    ("vm.maybe", None),
];

#[test]
fn what_is_known_decides_alone() {
    let word = |truth: Option<bool>| truth.map_or("?".to_owned(), |truth| truth.to_string());
    for (a, left) in TRUTHS {
        let not = left.map(|left| !left);
        check(&[(&format!("!{a}"), &word(not))]);
        for (b, right) in TRUTHS {
            let and = match (left, right) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            let or = match (left, right) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
            let equal = left.zip(right).map(|(left, right)| left == right);
            check(&[
                (&format!("{a} && {b}"), &word(and)),
                (&format!("{a} || {b}"), &word(or)),
                (&format!("{a} == {b}"), &word(equal)),
                (&format!("[{a}, {b}].all(x, x)"), &word(and)),
                (&format!("[{a}, {b}].exists(x, x)"), &word(or)),
                (
                    &format!("[{a}, {b}].differ(x, x)"),
                    &word(equal.map(|equal| !equal)),
                ),
            ]);
        }
    }
    check(&[
        ("vm.maybe ? 1 : 1", "1"),
        ("vm.maybe ? 1 : 2", "?"),
        ("vm.maybe ? vm.number : vm.number", "?"),
        ("[true, vm.maybe].exists_one(x, x)", "?"),
        ("[true, true, vm.maybe].exists_one(x, x)", "false"),
        ("[1, 2].filter(x, vm.maybe).size()", "?"),
        (
            "[1, 2].filter(x, x > 1 || vm.maybe).exists(x, x == 2)",
            "true",
        ),
        ("[1, 2].filter(x, x > 1 || vm.maybe).all(x, x == 2)", "?"),
        ("[1, 2].map(x, vm.number).size()", "2"),
        ("1 in [1, vm.number]", "true"),
        ("2 in [1, vm.number]", "?"),
        ("[1, vm.number, 1].distinct().size()", "?"),
        ("[vm.number].differ(x, x)", "false"),
        ("[1, 2, vm.number].differ(x, x)", "true"),
        ("[1, vm.number].sum()", "?"),
        ("vm.owners.size()", "3"),
        ("vm.owners.names()", "?"),
        ("has(vm.host.processor)", "true"),
    ]);
    assert_eq!(shown("has(vm.host.processor.vendor)", "web01"), "false");
    assert_eq!(shown("has(vm.host.processor.vendor)", "app01"), "?");
    assert_eq!(shown("has(vm.host.processor.vendor)", "lost"), "?");
    assert_eq!(
        shown(
            "vm.host.orUnknown().processor.orUnknown().vendor == \"amd\"",
            "sql01"
        ),
        "false"
    );
}

#[test]
fn names_and_types_are_checked() {
    refused(
        "vmm.name",
        "vmm",
        "there is no name `vmm` here",
        "did you mean `vm`?",
    );
    refused(
        "vm.memorry",
        "memorry",
        "VirtualMachine has no attribute `memorry`",
        "did you mean `memory`?",
    );
    refused(
        "vm.spec.x",
        "spec",
        "VirtualMachine has no attribute `spec`",
        "`spec.` and `metadata.` are left out",
    );
    refused("vm.name.x", "x", "text has no `x`", "");
    refused(
        "vm.disks.size",
        "size",
        "a list (Disk) has no `size`",
        "ask each of them: `.exists(x, x.size …)`, `.map(x, x.size)`",
    );
    refused(
        "vm.state == \"runing\"",
        "\"runing\"",
        "\"runing\" is not one of running, off, saved",
        "did you mean `running`?",
    );
    refused(
        "vm.state in [\"off\", \"Saved\"]",
        "\"Saved\"",
        "\"Saved\" is not one of running, off, saved",
        "did you mean `saved`?",
    );
    refused(
        "vm.name.startWith(\"x\")",
        "startWith",
        "there is no function `startWith`",
        "did you mean `startsWith`?",
    );
    refused(
        "vm.name.startsWith()",
        "startsWith",
        "`startsWith` is not called like this",
        "write `x.startsWith(y)`",
    );
    refused(
        "vm.count && true",
        "vm.count",
        "`&&` takes a boolean, and this is an integer",
        "",
    );
    refused(
        "vm.count ? 1 : 2",
        "vm.count",
        "`?:` takes a boolean, and this is an integer",
        "",
    );
    refused(
        "true ? 1 : \"a\"",
        "1 : \"a\"",
        "both sides of `:` have one type: an integer or text",
        "",
    );
    refused(
        "[1, \"a\"]",
        "\"a\"",
        "a list has one type: after an integer, this is text",
        "",
    );
    refused("[]", "[]", "an empty list has no type here", "");
    refused(
        "null == vm.name",
        "null",
        "there is no null in rules",
        "`has(…)` asks whether something is there",
    );
    refused(
        "{1: 2}",
        "{",
        "maps and messages are no part of rule expressions",
        "",
    );
    refused("vm.disks.all(vm, true)", "vm", "the name `vm` is taken", "");
    refused(
        "vm.disks.all(d, d.size)",
        "d.size",
        "a condition is a boolean, and this is an amount of memory",
        "",
    );
    refused(
        "memory(\"64XB\")",
        "\"64XB\"",
        "\"64XB\" is not an amount of memory",
        "write it as in \"64GiB\"",
    );
    refused(
        "vm.name.matches(\"(\")",
        "\"(\"",
        "this is no pattern: unclosed group",
        "",
    );
    refused(
        "vm.name.matches(\"(a{999}){999}\")",
        "\"(a{999}){999}\"",
        "this pattern is too large",
        "",
    );
    assert_eq!(issues("vm.a == vm.b && vm.c").len(), 3);
}

#[test]
fn what_may_be_absent_is_guarded() {
    let help =
        |path: &str| format!("list it in `needs`, or write `has({path})` or `{path}.orValue(…)`");
    let unguarded = |text: &str, path: &str| {
        let message = format!("`{path}` may be absent");
        refused(text, path, &message, &help(path));
    };
    unguarded("vm.objective > duration(\"1h\")", "vm.objective");
    unguarded("vm.host.name == \"x\"", "vm.host.name");
    unguarded("vm.labels.tier == \"gold\"", "vm.labels.tier");
    unguarded(
        "has(vm.host) && vm.host.processor.vendor == \"amd\"",
        "vm.host.processor.vendor",
    );
    unguarded(
        "!has(vm.objective) && vm.objective > duration(\"1h\")",
        "vm.objective",
    );
    unguarded(
        "has(vm.objective) || vm.objective > duration(\"1h\")",
        "vm.objective",
    );
    for guarded in [
        "has(vm.objective) && vm.objective > duration(\"1h\")",
        "!has(vm.objective) || vm.objective > duration(\"1h\")",
        "has(vm.objective) ? vm.objective > duration(\"1h\") : false",
        "!(has(vm.objective) && has(vm.host)) || vm.objective > duration(\"1h\") && vm.host.name != \"\"",
        "has(vm.host.processor.vendor) && vm.host.processor.vendor == \"amd\" && vm.host.name != \"\"",
        "\"tier\" in vm.labels && vm.labels.tier == \"gold\" && vm.labels[\"tier\"] != \"\"",
        "vm.host.orUnknown().name == \"x\"",
    ] {
        assert_eq!(issues(guarded), [], "{guarded}");
    }
    let mut needing = scope();
    needing.guard(["vm", "host", "processor", "vendor"]);
    assert!(Expression::compile("vm.host.processor.vendor == \"amd\"", &needing).is_ok());
    assert!(Expression::compile("vm.host.processor.model == \"x\"", &needing).is_err());
    let mut applying = scope();
    let when = Expression::condition("has(vm.host.reserve)", &applying).unwrap();
    applying.assume(&when);
    assert!(Expression::compile("vm.host.reserve", &applying).is_ok());
}

#[test]
fn syntax_errors_say_where() {
    refused(
        "vm.count = 4",
        "=",
        "`=` does not belong here",
        "`==` compares",
    );
    refused("vm.count ==", "=", "the expression ends too early", "");
    refused("vm.name == \"x", "\"x", "this text is not closed", "");
    refused(
        "vm.name == \"\\q\"",
        "\\",
        "this is no escape that text knows",
        "`\\\\` is a backslash, and in `r\"…\"` each one stands for itself",
    );
    refused("vm.count vm", "vm", "`vm` does not belong here", "");
    refused(
        "\"ü\" + zz",
        "zz",
        "there is no name `zz` here",
        "there is vm",
    );
    refused(
        "99999999999999999999",
        "99999999999999999999",
        "this number is too large",
        "",
    );
    refused(" ", " ", "the expression is empty", "");
}

#[test]
fn limits_hold_against_hostile_expressions() {
    let deep = "this expression nests deeper than 64 levels";
    for hostile in [
        "(".repeat(8000) + "1" + &")".repeat(8000),
        "!".repeat(16000) + "true",
        "-".repeat(16000) + "1",
        "[".repeat(16000),
        "1".to_owned() + &"+1".repeat(8000),
        "vm".to_owned() + &".a".repeat(8000),
        "vm".to_owned() + &"[0]".repeat(5000),
        "1".to_owned() + &" in a".repeat(3000),
        "1".to_owned() + &"<1".repeat(8000),
        "true?1:".repeat(2000) + "1",
        "// '\n1".to_owned() + &"+1".repeat(8000),
        "a(".repeat(8000),
    ] {
        assert_eq!(issues(&hostile)[0].message, deep, "{}", &hostile[..20]);
    }
    assert_eq!(
        issues(&"1 ".repeat(10_000))[0].message,
        "this expression is longer than 16 KiB"
    );
    assert_eq!(
        issues(&("(".repeat(50_000) + "1"))[0].message,
        "this expression is longer than 16 KiB"
    );
    let wide = format!("vm.name in [{}]", vec!["\"abcd\""; 1500].join(", "));
    assert_eq!(issues(&wide), []);
    let many = vec!["vm.count == 1"; 900].join(" || ");
    assert_eq!(issues(&many), []);
    let nested = "vm.disks.all(a, vm.disks.all(b, vm.disks.all(c, vm.disks.all(d, true))))";
    refused(
        nested,
        "vm.disks.all(d, true)",
        "comprehensions nest deeper than 3 levels",
        "",
    );
}

#[test]
fn what_costs_too_much_is_unknown() {
    let list = format!("[{}]", vec!["1"; 1000].join(","));
    let blowup = format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c == 3)))");
    assert_eq!(shown(&blowup, "sql01"), "?");
}
