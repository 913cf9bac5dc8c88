//! What edits make of a text, one way of writing after the other.

use super::{apply, complete};
use crate::diagnostic::{Finding, Remedy, Severity};
use crate::source::{Location, SourceFile, Sources, Span};
use crate::yaml;

/// The text with a value set: by its keys from the node `at`, or from the first document.
fn set_in(text: &str, at: &str, steps: &[&str], value: &str) -> Option<String> {
    let span = match at {
        "" => yaml::parse(text).documents[0].root().span(),
        at => {
            let start = text.find(at).expect("the node");
            Span::new(start, start + at.len())
        }
    };
    let mut sources = Sources::default();
    let file = sources.add(SourceFile::new("a.yaml", text));
    let location = Location { file, span };
    let mut finding = Finding::new("rule", Severity::Error, location, "bad");
    finding.remedy = Some(Box::new(Remedy {
        title: String::new(),
        safe: true,
        at: location,
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        value: value.to_owned(),
    }));
    let mut findings = [finding];
    complete(&mut findings, &sources);
    let mut applied = apply(&findings, &sources, &|_| true);
    applied.pop().map(|applied| applied.text)
}

/// The text with `spec.cpu.compat` set to `true`.
fn set(text: &str) -> Option<String> {
    set_in(text, "", &["spec", "cpu", "compat"], "true")
}

#[track_caller]
fn becomes(before: &str, after: &str) {
    assert_eq!(set(before).as_deref(), Some(after), "from\n{before}");
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(set(&crlf(before)), Some(crlf(after)), "with CRLF");
    let open = |text: &str| text.trim_end_matches('\n').to_owned();
    assert_eq!(
        set(&open(before)),
        Some(open(after)),
        "without a last line break"
    );
}

#[track_caller]
fn stays(text: &str) {
    assert_eq!(set(text), None, "{text}");
}

#[test]
fn a_scalar_is_replaced_where_it_stands() {
    becomes(
        "spec:\n  cpu:\n    compat:   false  # off\n    n: 1\n",
        "spec:\n  cpu:\n    compat:   true  # off\n    n: 1\n",
    );
    becomes(
        "spec: { cpu: { compat: False, n: 1 } } # c\n",
        "spec: { cpu: { compat: true, n: 1 } } # c\n",
    );
    becomes(
        "spec: {cpu: {compat: &c no}}\n",
        "spec: {cpu: {compat: &c true}}\n",
    );
    becomes(
        "? spec\n: cpu:\n    compat: >-\n      no\n\n# c\n",
        "? spec\n: cpu:\n    compat: true\n\n# c\n",
    );
    becomes(
        "spec:\n  cpu: { compat: \"no\" }\n",
        "spec:\n  cpu: { compat: true }\n",
    );
    stays("spec: { cpu: { compat: true } }\n");
    stays("spec: { cpu: { compat: [no] } }\n");
    stays("spec:\n  cpu:\n    compat: >- # c\n      no\n");
}

#[test]
fn a_text_keeps_its_quotes() {
    let method = |text: &str, value: &str| set_in(text, "", &["method"], value);
    for (before, value, after) in [
        ("method: saved\n", "vss", "method: vss\n"),
        ("method: \"saved\"\n", "vss", "method: \"vss\"\n"),
        ("method: 'saved' # c\n", "it's", "method: 'it''s' # c\n"),
        ("method: 'saved'\n", "\"2019\"", "method: '2019'\n"),
        ("method: saved\n", "\"2019\"", "method: \"2019\"\n"),
        ("{method: saved}\n", "a, b", "{method: \"a, b\"}\n"),
        ("method: saved\n", "a, b", "method: a, b\n"),
        ("method: !!str saved\n", "vss", "method: !!str vss\n"),
    ] {
        assert_eq!(method(before, value).as_deref(), Some(after));
    }
    for value in ["", "a: b", "a # b", "[a]", "*a", "a\nb", "- a", "\"a"] {
        assert_eq!(method("method: saved\n", value), None, "{value}");
    }
}

#[test]
fn a_key_is_added_below_the_last_one() {
    becomes(
        "spec:\n  cpu:\n    n: 1 # one\n    # none\n  # more\n\n# end\n",
        "spec:\n  cpu:\n    n: 1 # one\n    compat: true\n    # none\n  # more\n\n# end\n",
    );
    becomes(
        "spec:\n    cpu:\n        n: 1\n    memory: 2\n",
        "spec:\n    cpu:\n        n: 1\n        compat: true\n    memory: 2\n",
    );
    becomes(
        "spec:\n  cpu:\n    n: [\n      1\n    ] # c\n",
        "spec:\n  cpu:\n    n: [\n      1\n    ] # c\n    compat: true\n",
    );
    becomes(
        "spec:\n  cpu:\n    n: |\n      text\n    m: 1\n---\na: 1\n",
        "spec:\n  cpu:\n    n: |\n      text\n    m: 1\n    compat: true\n---\na: 1\n",
    );
    becomes(
        "spec:\n  cpu:\n    n: |-\n      text\n\nb: 1\n",
        "spec:\n  cpu:\n    n: |-\n      text\n    compat: true\n\nb: 1\n",
    );
    becomes(
        "spec:\n  cpu:\n    n:\n...\n",
        "spec:\n  cpu:\n    n:\n    compat: true\n...\n",
    );
    becomes(
        "spec:\n  cpu:\n    \"n\": 1\n",
        "spec:\n  cpu:\n    \"n\": 1\n    \"compat\": true\n",
    );
    // The blank lines are part of the text.
    stays("spec:\n  cpu:\n    n: |+\n      text\n\nb: 1\n");
}

#[test]
fn what_is_missing_on_the_way_is_made_as_its_neighbours_are() {
    becomes(
        "spec:\n  host: h\n",
        "spec:\n  host: h\n  cpu:\n    compat: true\n",
    );
    becomes(
        "spec:\n    host: h\nb: 1\n",
        "spec:\n    host: h\n    cpu:\n        compat: true\nb: 1\n",
    );
    becomes(
        "spec:\n  memory: {n: 1}\n  host: h\n",
        "spec:\n  memory: {n: 1}\n  host: h\n  cpu: {compat: true}\n",
    );
    becomes(
        "spec:\n  memory:\n     n: 1\n",
        "spec:\n  memory:\n     n: 1\n  cpu:\n     compat: true\n",
    );
    becomes(
        "spec: { host: h }\n",
        "spec: { host: h, cpu: { compat: true } }\n",
    );
    becomes(
        "spec: {host: h}\n",
        "spec: {host: h, cpu: {compat: true}}\n",
    );
    becomes(
        "{\"spec\": {\"host\": \"h\"}}\n",
        "{\"spec\": {\"host\": \"h\", \"cpu\": {\"compat\": true}}}\n",
    );
    becomes(
        "kind: A\nmetadata: { name: a }\n",
        "kind: A\nmetadata: { name: a }\nspec: { cpu: { compat: true } }\n",
    );
    becomes(
        "kind: A\nmetadata:\n  name: a\n",
        "kind: A\nmetadata:\n  name: a\nspec:\n  cpu:\n    compat: true\n",
    );
}

#[test]
fn braces_are_filled_as_they_are_written() {
    becomes("spec: { cpu: {} }\n", "spec: { cpu: { compat: true } }\n");
    becomes("spec: {cpu: {  }}\n", "spec: {cpu: {compat: true}}\n");
    becomes(
        "spec: { cpu: { n: 1, } }\n",
        "spec: { cpu: { n: 1, compat: true, } }\n",
    );
    becomes(
        "spec:\n  cpu: { n: 1,\n         m: 2 }\n",
        "spec:\n  cpu: { n: 1,\n         m: 2,\n         compat: true }\n",
    );
    becomes(
        "spec:\n  cpu: {\n    n: 1,\n    m: 2 # two, or so\n  } # end\n",
        "spec:\n  cpu: {\n    n: 1,\n    m: 2, # two, or so\n    compat: true\n  } # end\n",
    );
    becomes(
        "spec:\n  cpu: {\n    n: 1,\n    m: 2, # two\n    # more\n  }\n",
        "spec:\n  cpu: {\n    n: 1,\n    m: 2, # two\n    compat: true,\n    # more\n  }\n",
    );
    becomes(
        "spec:\n  cpu: {\n    n: 1, m: 2, # two\n  }\n",
        "spec:\n  cpu: {\n    n: 1, m: 2, compat: true, # two\n  }\n",
    );
    becomes(
        "{\n  \"spec\": {\n    \"cpu\": {\n      \"n\": 1\n    }\n  }\n}\n",
        "{\n  \"spec\": {\n    \"cpu\": {\n      \"n\": 1,\n      \"compat\": true\n    }\n  }\n}\n",
    );
    becomes("spec: {cpu: {n}}\n", "spec: {cpu: {n, compat: true}}\n");
    becomes("spec: {cpu: {n: }}\n", "spec: {cpu: {n:, compat: true }}\n");
    stays("spec: { cpu: { # c\n  } }\n");
}

#[test]
fn nothing_is_filled_in() {
    becomes(
        "spec:\n  cpu: # none\n  # yet\n  n: 1\n",
        "spec:\n  cpu: # none\n    compat: true\n  # yet\n  n: 1\n",
    );
    becomes("spec:\n", "spec:\n  cpu:\n    compat: true\n");
    becomes(
        "spec:\n  cpu: ~ # none\n",
        "spec:\n  cpu: { compat: true } # none\n",
    );
    becomes(
        "spec: { cpu: , n: 1 }\n",
        "spec: { cpu: { compat: true } , n: 1 }\n",
    );
    becomes("spec: {cpu}\n", "spec: {cpu: {compat: true}}\n");
    becomes(
        "spec:\n  cpu:\n    compat:   # later\n",
        "spec:\n  cpu:\n    compat: true   # later\n",
    );
    becomes("spec: {cpu: {compat}}\n", "spec: {cpu: {compat: true}}\n");
    becomes(
        "spec:\n  cpu:\n    compat: !!bool\n",
        "spec:\n  cpu:\n    compat: !!bool true\n",
    );
}

#[test]
fn items_of_lists_are_edited_where_they_stand() {
    let text = "kind: List\nitems:\n- kind: A\n  spec:\n    n: 1\n- - {spec: {n: 2}}\n-   kind: B\n    # c\n    spec: { n: 3 }\n";
    let steps = ["spec", "cpu", "compat"];
    let set = |at: &str| set_in(text, at, &steps, "true").unwrap();
    assert_eq!(
        set("kind: A\n  spec:\n    n: 1"),
        text.replace("    n: 1\n", "    n: 1\n    cpu:\n      compat: true\n")
    );
    assert_eq!(
        set("{spec: {n: 2}}"),
        text.replace("n: 2", "n: 2, cpu: {compat: true}")
    );
    assert_eq!(
        set("kind: B\n    # c\n    spec: { n: 3 }"),
        text.replace("n: 3", "n: 3, cpu: { compat: true }")
    );
    let bare = "items:\n  -   kind: A\n  - kind: B\n";
    assert_eq!(
        set_in(bare, "kind: A", &["spec"], "1").unwrap(),
        "items:\n  -   kind: A\n      spec: 1\n  - kind: B\n"
    );
}

#[test]
fn what_others_use_or_a_template_fills_in_is_left_alone() {
    for text in [
        "spec: &s { cpu: { n: 1 } }\nother: *s\n",
        "spec: { cpu: &c { n: 1 } }\nother: *c\n",
        "spec: { cpu: { compat: &c no } }\nother: *c\n",
        "base: &c { n: 1 }\nspec: { cpu: *c }\n",
        "base: &c { cpu: { n: 1 } }\nspec: { <<: *c }\n",
        "base: &c { compat: no }\nspec: { cpu: { <<: *c } }\n",
        "spec: { cpu: { <<: { compat: no } } }\n",
        "spec: { cpu: { compat: \"{{ x }}\" } }\n",
        "spec: { cpu: {{ x }} }\n",
        "spec: { cpu: { \"{{ x }}\": 1 } }\n",
        "spec: { cpu: [] }\n",
        "spec: 5\n",
        "spec:\n  cpu:\n    ? n\n    : 1\n",
        "spec: { cpu: { compat: no } }\rother: 1\n",
        "spec: { cpu: { compat: no } }\n---\nother: [\n",
    ] {
        stays(text);
    }
    // A merge of something else stands in nobody's way, nor does an anchor that nobody uses.
    becomes(
        "base: &b { n: 1 }\nspec: { cpu: { <<: *b } }\n",
        "base: &b { n: 1 }\nspec: { cpu: { <<: *b, compat: true } }\n",
    );
    becomes(
        "spec: &s\n  cpu: &c\n    n: 1\n",
        "spec: &s\n  cpu: &c\n    n: 1\n    compat: true\n",
    );
    becomes(
        "spec: { cpu: { compat: no, compat: 2 } }\n",
        "spec: { cpu: { compat: true, compat: 2 } }\n",
    );
}

#[test]
fn a_byte_order_mark_stays() {
    let bytes = b"\xEF\xBB\xBFspec: {a: 1}\n".to_vec();
    let file = SourceFile::decode("a.yaml", bytes).unwrap();
    let edited = file.with_text(set(file.text()).unwrap());
    assert_eq!(
        edited.encode(),
        b"\xEF\xBB\xBFspec: {a: 1, cpu: {compat: true}}\n"
    );
}
