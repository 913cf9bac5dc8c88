//! What rules see of a base: every resource as it was, with all that followed from it then.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot build its estate fails"
)]

use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use proptest::prelude::*;
use vmlint::discover;
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::rules::RuleSet;
use vmlint::source::SourceFile;
use vmlint::verdict::Levels;
use vmlint::{Before, Checked, Options, check_change, formats};

/// A rule about machines whose message is `message`.
fn rule(when: &str, message: &str, more: &str) -> SourceFile {
    let text = format!(
        "id: probe\ntitle: a probe\nseverity: error\nrationale: it probes\nfor: vm in vms\n\
         when: '{when}'\ndeny: 'true'\nat: vm.name\nmessage: '{message}'\nhelp: none\n{more}\n\
         examples: {{ fail: [{{ name: a, files: {{ a: a }} }}], pass: [{{ name: b, files: {{ a: a }} }}] }}\n"
    );
    SourceFile::new("probe.yaml", text)
}

fn compiled(file: SourceFile) -> Result<RuleSet, String> {
    let mut rules = RuleSet::of(VOCABULARY, [file]).map_err(|e| format!("{:?}", e.findings))?;
    let messages = |findings: Vec<vmlint::diagnostic::Finding>| {
        let messages = findings.into_iter().map(|finding| finding.message);
        messages.collect::<Vec<_>>().join("\n")
    };
    rules.prepare(|_| true).map_err(messages)?;
    Ok(rules)
}

fn found(files: &[(&str, &str)]) -> Vec<discover::Outcome> {
    let decode = |(path, text): &(&str, &str)| {
        discover::decode((*path).to_owned(), text.as_bytes(), formats::concerns_us)
    };
    files.iter().map(decode).collect()
}

fn compare(rules: &RuleSet, base: &[(&str, &str)], head: &[(&str, &str)]) -> Checked {
    let before = Before {
        found: found(base),
        world: World::Closed,
        root: String::new(),
        root_after: String::new(),
        trust_head: false,
        revision: None,
    };
    let options = Options {
        as_of: date(2026, 1, 1),
        levels: Levels::new(rules.iter().map(|it| (it.id.clone(), it.topic.clone()))),
        world: World::Closed,
        settings: std::sync::Arc::default(),
        baseline: None,
        explain_skips: false,
        fingerprints: false,
    };
    check_change(found(head), before, rules, &options, &|| {})
}

/// What the probe says of `sql01`.
fn said(when: &str, message: &str, base: &str, head: &str) -> Vec<String> {
    let rules = compiled(rule(when, message, "")).unwrap();
    let checked = compare(&rules, &[("e.yaml", base)], &[("e.yaml", head)]);
    let mut said: Vec<String> = checked
        .findings
        .into_iter()
        .filter(|it| &*it.rule == "probe")
        .map(|it| it.message)
        .collect();
    said.sort();
    said
}

const BASE: &str = "apiVersion: vmlint.dev/v1
kind: Cluster
metadata: { name: prod }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv01 }
spec: { cluster: prod, processor: { model: Xeon Gold 6248 } }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv02 }
spec: { cluster: prod, processor: { model: AMD EPYC 7543 } }
---
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: sql01 }
spec: { host: hv02, disks: [{ name: os }] }
---
apiVersion: vmlint.dev/v1
kind: MigrationPlan
metadata: { name: retire }
spec: { moves: [{ vm: sql01, to: hv01 }] }
";

const HEAD: &str = "apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv03 }
---
apiVersion: vmlint.dev/v1
kind: Host
metadata: { name: hv02 }
spec: { processor: { model: Xeon Gold 6248 } }
---
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: dc01 }
---
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: sql01 }
spec: { host: hv02, disks: [{ name: os }] }
";

#[test]
fn what_follows_from_the_base_is_what_followed_then() {
    let when = "has(vm.base)";
    let probe = |message| said(when, message, BASE, HEAD);
    assert_eq!(
        probe("{vm.possibleHosts.names()}, before {vm.base.orUnknown().possibleHosts.names()}"),
        ["`hv02`, before `hv01` and `hv02`"]
    );
    assert_eq!(
        probe(
            "{vm.host.orUnknown().processor.orUnknown().vendor.orUnknown()}, before \
             {vm.base.orUnknown().host.orUnknown().processor.orUnknown().vendor.orUnknown()}"
        ),
        ["intel, before amd"]
    );
    assert_eq!(
        probe("{vm.base.orUnknown().moves.map(m, m.to.orUnknown()).names()}"),
        ["`hv01`"]
    );
    assert_eq!(
        probe("{vm.base.orUnknown().possibleHosts.map(h, h.virtualMachines.size()).sum()}"),
        ["1"]
    );
    assert_eq!(probe("{has(vm.base.base) ? 1 : 2}"), ["2"]);
}

#[test]
fn a_resource_is_the_same_before_and_after_by_its_name() {
    let same = "has(vm.base) && has(vm.host) && has(vm.base.host) && vm.host == vm.base.host";
    let moved = "has(vm.base) && has(vm.host) && has(vm.base.host) && vm.host != vm.base.host";
    assert_eq!(said(same, "x", BASE, HEAD), ["x"]);
    let head = HEAD.replace("host: hv02", "host: hv03");
    assert!(said(same, "x", BASE, &head).is_empty());
    assert_eq!(said(moved, "x", BASE, &head), ["x"]);
    let among = "has(vm.base) && has(vm.host) && vm.host in vm.base.possibleHosts";
    assert_eq!(said(among, "x", BASE, HEAD), ["x"]);
    assert!(said(among, "x", BASE, &head).is_empty());
    let two = "has(vm.base) && has(vm.host) && has(vm.base.host) && \
               [vm.host, vm.base.host].distinct().size() == 2";
    assert!(said(two, "x", BASE, HEAD).is_empty());
    for disks in ["==", "!="] {
        let when =
            format!("has(vm.base) && vm.disks.orValue([]) {disks} vm.base.disks.orValue([])");
        assert!(said(&when, "x", BASE, HEAD).is_empty(), "{disks}");
    }
}

#[test]
fn what_is_new_has_no_base_and_what_may_be_new_is_not_known() {
    let new = "!has(vm.base)";
    assert_eq!(said(new, "{vm.name}", BASE, HEAD), ["dc01"]);
    let torn = BASE.replace("name: prod }", "name: prod");
    assert!(said(new, "{vm.name}", &torn, HEAD).is_empty());
    assert!(said("has(vm.base)", "{vm.name}", &torn, HEAD).is_empty());
    let nameless = format!(
        "{BASE}---\napiVersion: vmlint.dev/v1\nkind: VirtualMachine\nmetadata: {{ name: '{{{{ vm }}}}' }}\n"
    );
    assert!(said(new, "{vm.name}", &nameless, HEAD).is_empty());
    assert!(said("has(vm.base)", "{vm.name}", &nameless, HEAD).len() == 1);
}

#[test]
fn a_finding_points_at_nothing_that_is_gone() {
    let error = compiled(rule(
        "has(vm.base)",
        "x",
        "labels: [{ at: vm.base.host, text: x }]",
    ));
    assert_eq!(
        error.err().as_deref(),
        Some("a finding points into what is checked, not into its base")
    );
    let labels = "labels: [{ for: host in vm.base.possibleHosts, at: host.name, text: x }]";
    let rules = compiled(rule("has(vm.base)", "x", labels)).unwrap();
    let checked = compare(&rules, &[("e.yaml", BASE)], &[("e.yaml", HEAD)]);
    let finding = checked.findings.iter().find(|it| &*it.rule == "probe");
    assert_eq!(finding.map(|it| it.labels.len()), Some(0));
}

/// The built-in rules.
static RULES: LazyLock<RuleSet> = LazyLock::new(|| {
    let mut rules = RuleSet::load(VOCABULARY, []).unwrap_or_else(|e| panic!("{:?}", e.findings));
    rules.prepare(|_| true).unwrap();
    rules
});

fn documents() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let order = Just((0..5).collect::<Vec<_>>()).prop_shuffle();
    (order, proptest::collection::vec(0..3_usize, 5))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever file a document moves to, and wherever in it: nothing changed.
    #[test]
    fn moving_text_changes_nothing((order, files) in documents()) {
        let documents: Vec<&str> = BASE.split("---\n").collect();
        let mut texts = [String::new(), String::new(), String::new()];
        for index in order {
            texts[files[index]] += &format!("---\n# moved\n{}", documents[index]);
        }
        let paths = ["a.yaml", "b/b.yaml", "e.yaml"];
        let head: Vec<_> = paths.into_iter().zip(texts.iter().map(String::as_str)).collect();
        let checked = compare(&RULES, &[("e.yaml", BASE)], &head);
        prop_assert!(checked.summary.known > 0);
        prop_assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    }

    /// What is not in the base at all is all reported, as it would be without one.
    #[test]
    fn all_is_new_to_an_empty_base((order, files) in documents()) {
        let documents: Vec<&str> = BASE.split("---\n").collect();
        let mut text = String::new();
        for index in order.into_iter().filter(|index| files[*index] > 0) {
            text += &format!("---\n{}", documents[index]);
        }
        let head = [("e.yaml", text.as_str())];
        let rules_of = |checked: Checked| -> Vec<Arc<str>> {
            checked.findings.into_iter().map(|it| it.rule).collect()
        };
        let options = Options {
            as_of: date(2026, 1, 1),
            levels: Levels::new(RULES.iter().map(|it| (it.id.clone(), it.topic.clone()))),
            world: World::Closed,
            settings: std::sync::Arc::default(),
            baseline: None,
            explain_skips: false,
            fingerprints: false,
        };
        let alone = vmlint::check(found(&head), &RULES, &options, &|| {});
        prop_assert_eq!(rules_of(compare(&RULES, &[], &head)), rules_of(alone));
    }
}
