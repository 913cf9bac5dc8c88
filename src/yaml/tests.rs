//! The tree as other rooms see it.

use super::*;

fn read(text: &str) -> Stream<'_> {
    let stream = parse(text);
    assert_eq!(stream.failure, None, "{text}");
    stream
}

fn one(text: &str) -> Document<'_> {
    let mut documents = read(text).documents;
    assert_eq!(documents.len(), 1, "{text}");
    documents.remove(0)
}

fn failure(text: &str) -> Problem {
    parse(text).failure.expect("a failure")
}

fn at<'t>(node: Node<'t>, path: &str) -> Node<'t> {
    path.split('.')
        .fold(node, |node, step| match step.parse::<usize>() {
            Ok(index) => node.items().nth(index).expect(step),
            Err(_) => node.get(step).expect(step).value,
        })
}

/// What is written at each of `paths`.
fn written<'t>(text: &'t str, paths: &[&str]) -> Vec<&'t str> {
    let document = one(text);
    let node = |path: &&str| at(document.root(), path).span().range();
    paths.iter().map(node).map(|range| &text[range]).collect()
}

#[test]
fn scalars_span_their_quotes_and_headers_and_nothing_behind() {
    let text = "a: \"x\\ty\" # c\nb: 'it''s'\nc: &q |+ # c\n\n  text\n   more\n\n\n# d\nd: plain\n  on\ne: >-\n";
    assert_eq!(
        written(text, &["a", "b", "c", "d", "e"]),
        [
            "\"x\\ty\"",
            "'it''s'",
            "|+ # c\n\n  text\n   more",
            "plain\n  on",
            ">-"
        ]
    );
    let document = one(text);
    let texts: Vec<_> = document
        .root()
        .entries()
        .map(|entry| entry.value.text())
        .collect();
    let expected = ["x\ty", "it's", "\ntext\n more\n\n\n", "plain on", ""];
    assert_eq!(texts, expected.map(Some));
    let styles: Vec<_> = document
        .root()
        .entries()
        .map(|entry| entry.value.style())
        .collect();
    use Style::{DoubleQuoted, Folded, Literal, Plain, SingleQuoted};
    assert_eq!(styles, [DoubleQuoted, SingleQuoted, Literal, Plain, Folded]);
}

#[test]
fn collections_span_from_their_first_indicator_to_their_last_content() {
    let text = "a:\n  - x\n  - y: 1\n    z: 2   # c\n\n# c\nb:\n- - p\n  - q\n-\nc: [ 1,\n  2 ] # c\nd: {e: f}\n\n# c\n";
    assert_eq!(
        written(text, &["a", "a.1", "b", "b.0", "c", "d"]),
        [
            "- x\n  - y: 1\n    z: 2",
            "y: 1\n    z: 2",
            "- - p\n  - q\n-",
            "- p\n  - q",
            "[ 1,\n  2 ]",
            "{e: f}"
        ]
    );
    let document = one(text);
    assert_eq!(
        &text[document.root().span().range()],
        &text[..text.len() - 6]
    );
}

#[test]
fn an_absent_value_is_null_behind_its_indicator() {
    let text = "a:\nb: # c\nc: &x\nd: [e: , {f: , g}]\nh:\n  -\n  - i\n? j\n";
    let document = one(text);
    let root = document.root();
    let starts = ["a", "b", "c", "d.0.e", "d.1.f", "d.1.g", "h.0", "j"].map(|path| {
        let node = at(root, path);
        assert!(
            node.is_null() && node.is_plain() && node.text() == Some(""),
            "{path}"
        );
        assert_eq!(node.span().start, node.span().end, "{path}");
        &text[..node.span().start as usize]
    });
    let ends = ["a:", "b:", "&x", "e:", "f:", " g", "  -", "j"];
    for (start, end) in starts.iter().zip(ends) {
        assert!(start.ends_with(end), "{start:?} {end}");
    }
}

#[test]
fn values_follow_the_core_schema_and_texts_the_source() {
    let text = "a: 9.0\nb: yes\nc: '5'\nd: 0x1F\ne: !!str 5\nf: !!int '5'\ng: !mine 5\nh: ~\ni: 2019\nj: |\n  5\n";
    let document = one(text);
    let root = document.root();
    let values: Vec<_> = root
        .entries()
        .map(|entry| format!("{:?}", entry.value.value()))
        .collect();
    assert_eq!(
        values,
        [
            "Float(9.0)",
            "Text(\"yes\")",
            "Text(\"5\")",
            "Int(31)",
            "Text(\"5\")",
            "Int(5)",
            "Text(\"5\")",
            "Null",
            "Int(2019)",
            "Text(\"5\\n\")"
        ]
    );
    assert_eq!(at(root, "a").text(), Some("9.0"));
    assert_eq!(at(root, "d").text(), Some("0x1F"));
    assert_eq!(at(root, "h").text(), Some("~"));
    assert!(at(root, "i").is_plain() && !at(root, "c").is_plain());
}

#[test]
fn an_alias_is_followed_and_remembers_use_and_definition() {
    let text = "base: &b\n  cpu: 2\n  disks: [&d {size: 1}, x]\nvm: *b\nlist: [*d]\n? *d\n: *d\n";
    let document = one(text);
    let root = document.root();
    let spelled = |place: Place| {
        let anchor = place.anchor.map(|span| &text[span.range()]);
        (&text[place.span.range()], place.span.start, anchor)
    };
    let uses = text.find("*b").map(|at| at as u32).unwrap_or_default();
    assert_eq!(spelled(at(root, "base.cpu").place()), ("2", 16, None));
    assert_eq!(spelled(at(root, "vm.cpu").place()), ("*b", uses, Some("2")));
    assert_eq!(
        spelled(at(root, "vm.disks.0.size").place()),
        ("*b", uses, Some("1"))
    );
    assert_eq!(spelled(at(root, "list.0").place()).2, Some("{size: 1}"));
    let key = at(root, "vm").get("cpu").expect("cpu").key;
    assert_eq!(spelled(key.place()), ("*b", uses, Some("cpu")));
    let complex = root.entries().last().expect("an entry").key;
    assert_eq!(spelled(complex.place()).0, "*d");
}

#[test]
fn the_outermost_of_nested_aliases_is_the_use() {
    let text = "a: &a 1\nb: &b {a: *a}\nc: *b\n";
    let document = one(text);
    let place = at(document.root(), "c.a").place();
    assert_eq!(&text[place.span.range()], "*b");
    assert_eq!(place.anchor.map(|span| span.start), Some(6));
}

#[test]
fn merged_entries_come_last_and_lose() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nl: &l [*a, *b]\n\
                one:\n  <<: *a\n  x: 0\ntwo:\n  <<: [*a, *b]\nin:\n  <<: {p: 1}\nlist: {<<: *l}\nnested: {<<: {<<: *a}}\n";
    let document = one(text);
    let root = document.root();
    let shape = |path| {
        format!(
            "{:?}",
            at(root, path)
                .entries()
                .map(|entry| {
                    let use_of = entry.value.place();
                    let by = use_of.anchor.map(|_| &text[use_of.span.range()]);
                    (
                        entry.key.text().unwrap_or("?"),
                        entry.value.text().unwrap_or("?"),
                        by,
                    )
                })
                .collect::<Vec<_>>()
        )
        .replace("Some(", "")
        .replace(')', "")
        .replace('(', "")
    };
    assert_eq!(shape("one"), r#"["x", "0", None, "y", "1", "*a"]"#);
    assert_eq!(
        shape("two"),
        r#"["x", "1", "*a", "y", "1", "*a", "z", "2", "*b"]"#
    );
    assert_eq!(shape("in"), r#"["p", "1", None]"#);
    assert_eq!(
        shape("list"),
        r#"["x", "1", "*l", "y", "1", "*l", "z", "2", "*l"]"#
    );
    assert_eq!(shape("nested"), r#"["x", "1", "*a", "y", "1", "*a"]"#);
    assert_eq!(at(root, "one").entries().len(), 2);
}

#[test]
fn a_merge_key_of_anything_else_is_an_ordinary_key() {
    for text in [
        "<<: 5",
        "'<<': {a: 1}",
        "!!str <<: {a: 1}",
        "<<: [{a: 1}, 2]",
    ] {
        let document = one(text);
        let keys: Vec<_> = document
            .root()
            .entries()
            .map(|entry| entry.key.text())
            .collect();
        assert_eq!(keys, [Some("<<")], "{text}");
    }
    assert_eq!(one("{<<: [], a: 1}").root().entries().len(), 1);
}

#[test]
fn the_later_of_two_keys_is_a_problem_and_the_first_value_wins() {
    let many: String = (0..20)
        .map(|index| format!("k{index}: {index}\n"))
        .collect();
    for filler in ["", &many] {
        let text = format!("a: 1\n{filler}b: {{c: 1, \"c\": 2}}\na: 2\na: 3\n");
        let document = one(&text);
        let root = document.root();
        assert_eq!(at(root, "a").text(), Some("1"));
        assert_eq!(at(root, "b.c").text(), Some("1"));
        let problems: Vec<_> = document
            .problems
            .iter()
            .map(|problem| {
                let related = problem.related.as_ref().map(|(span, _)| span.start);
                (
                    problem.kind,
                    &text[problem.span.range()],
                    related.map(|start| start == 0),
                )
            })
            .collect();
        let kind = ProblemKind::DuplicateKey;
        assert_eq!(
            problems,
            [
                (kind, "\"c\"", Some(false)),
                (kind, "a", Some(true)),
                (kind, "a", Some(true))
            ]
        );
    }
}

#[test]
fn templates_are_recognised_quoted_or_not() {
    let text = "a: {{ name }}\nb: {{ a, a }}\nc: 'x {{ y }}'\nd: ${z}\ne: {f: {}}\ng: {{a: 1}: 2}\nh: $x\ni: [{{ x }}]\n";
    let document = one(text);
    assert_eq!(document.problems, []);
    let templates: Vec<_> = document
        .root()
        .entries()
        .filter(|entry| entry.value.is_template())
        .filter_map(|entry| entry.key.text())
        .collect();
    assert_eq!(templates, ["a", "b", "c", "d"]);
    assert!(at(document.root(), "i.0").is_template());
}

#[test]
fn comments_and_spans_belong_to_their_document() {
    let text = "# before\n---\na: 1 # behind\n# below\n---\nb: 2\n...\n# last\n";
    let stream = read(text);
    let spelled: Vec<Vec<_>> = stream
        .documents
        .iter()
        .map(|document| {
            document
                .comments
                .iter()
                .map(|comment| comment.text)
                .collect()
        })
        .collect();
    assert_eq!(spelled, [vec![" before", " behind", " below"], vec![]]);
    assert_eq!(
        stream
            .comments
            .iter()
            .map(|comment| comment.text)
            .collect::<Vec<_>>(),
        [" last"]
    );
    let spans: Vec<_> = stream
        .documents
        .iter()
        .map(|document| &text[document.span.range()])
        .collect();
    assert_eq!(
        spans,
        ["# before\n---\na: 1 # behind\n# below", "---\nb: 2"]
    );
}

#[test]
fn a_document_starts_at_its_marker_or_first_content() {
    let text = "|\n---\n|\n...\na\n  b\n...\n%YAML 1.2\n---\n- c\n";
    let stream = read(text);
    let spelled = |span: Span| &text[span.range()];
    let spans: Vec<_> = stream
        .documents
        .iter()
        .map(|document| spelled(document.span))
        .collect();
    assert_eq!(spans, ["|", "---\n|", "a\n  b", "---\n- c"]);
}

#[test]
fn thousands_of_comments_and_crlf_and_other_scripts_are_fine() {
    let text = format!("é: ü\r\n{}- ß\r\n", "# ö\r\n".repeat(5000));
    let text = text.replace("- ß", "z:\r\n  - ß # ä");
    let document = one(&text);
    assert_eq!(document.comments.len(), 5001);
    assert_eq!(document.comments[5000].text, " ä");
    let node = at(document.root(), "z.0");
    assert_eq!(&text[node.span().range()], "ß");
}

#[test]
fn a_stream_keeps_the_documents_in_front_of_the_failure() {
    let stream = parse("a: 1\n---\nb: [\n---\nc: 1\n");
    assert_eq!(stream.documents.len(), 1);
    assert_eq!(
        stream.failure.map(|failure| failure.kind),
        Some(ProblemKind::Syntax)
    );
    assert_eq!(read("").documents.len(), 0);
    assert_eq!(read("# only\n").comments.len(), 1);
    assert_eq!(read("---\n---\n").documents.len(), 2);
}

#[test]
fn failures_say_where_and_what_in_plain_words() {
    let cases = [
        ("a: 1\n\tb: 2\n", "\t", "a tab is used for indentation"),
        ("a:\n\tb: 2\n", "\t", "a tab is used for indentation"),
        ("a: \"x\n", "\"", "this quote is never closed"),
        ("a: [x, y\n", "[", "this bracket is never closed"),
        ("a: [x, y\nb: 1\n", ":", "a key is not allowed here"),
        ("a: {b: 1\nc: 2\n", ":", "expected `,` or `}` here"),
        ("a: [x}\n", "[", "`[` is closed by `}`"),
        ("a: x]\nb: ]\n", "]", "this bracket closes nothing"),
        ("a: b: c\n", ":", "this `:` cannot start a mapping here"),
        ("a:\n   b: 1\n  c: 2\n", "c:", "expected a key here"),
        ("a: 1\nfoo\nb: 2\n", "foo", "expected `:` behind this key"),
        ("- a\nb: 1\n", "b:", "expected a list item (`- `) here"),
        ("a: @x\n", "@x", "a value cannot start with `@`"),
        (
            "a: \u{1}\n",
            "\u{1}",
            "the control character U+0001 is not allowed",
        ),
        (
            "a: [*b]\n",
            "*b]",
            "alias `*b` names no anchor of this document",
        ),
        (
            "a: &b [*b]\n",
            "*b",
            "alias `*b` stands inside of the node that it names",
        ),
        (
            "a: \"C:\\Users\"\n",
            "\"C:\\Users\"",
            "a backslash starts an unknown escape in this text",
        ),
        ("a: 'b' c\n", "c", "text follows the closing quote"),
        ("a: {{ b }}-c\n", "-c", "expected a key here"),
    ];
    for (text, at, message) in cases {
        let failure = failure(text);
        let found = (&text[failure.span.range()], failure.message.as_str());
        assert_eq!(found, (at, message), "{text}");
        assert!(!failure.span.range().is_empty());
    }
    assert_eq!(
        failure("a: {{ b }}-c\n")
            .help
            .as_deref()
            .map(|help| &help[..26]),
        Some("if this is a template, put")
    );
    let related = failure("a: [x, y\nb: 1\n").related.map(|(span, _)| span);
    assert_eq!(related, Some(Span::new(3, 4)));
}
