//! What holds for every text: reading it ends, and the tree fits the text.

use proptest::prelude::*;
use serde_yaml::{Mapping, Value as Plain};
use vmlint::source::Span;
use vmlint::yaml::{
    MAX_BYTES, MAX_NESTING, Node, Problem, ProblemKind, Stream, Style, Value, covered_by, parse,
    parse_events, parse_fast, path_at,
};

/// Checks every place that a stream holds, and that everything can be asked of it.
fn check(text: &str) -> Stream<'_> {
    let stream = parse_events(text);
    if let Some(fast) = parse_fast(text) {
        assert_eq!(fast, stream, "{text:?}");
    }
    let fits = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    for problem in stream
        .failure
        .iter()
        .chain(stream.documents.iter().flat_map(|d| &d.problems))
    {
        fits(problem.span);
        problem.related.iter().for_each(|(span, _)| fits(*span));
        assert!(!problem.message.ends_with('.'), "{}", problem.message);
        let first = problem.message.chars().next();
        assert!(
            first.is_some_and(|first| !first.is_uppercase()),
            "{}",
            problem.message
        );
    }
    let mut last = 0;
    for document in &stream.documents {
        fits(document.span);
        assert!(document.span.start >= last, "{text:?}");
        last = document.span.end;
        let mut nodes = 0;
        check_node(
            document.root(),
            document.span,
            document.root(),
            text,
            &mut nodes,
        );
        for comment in &document.comments {
            fits(comment.span);
            assert!(text[comment.span.range()].starts_with('#'));
            if let Some(span) = covered_by(document, comment) {
                fits(span);
                assert!(document.span.contains(span), "{text:?}");
            }
        }
    }
    stream
}

fn check_node(node: Node<'_>, around: Span, root: Node<'_>, text: &str, nodes: &mut usize) {
    *nodes += 1;
    let (span, place) = (node.span(), node.place());
    assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    let written = &text[span.range()];
    assert_eq!(
        written.trim_matches([' ', '\t', '\n', '\r']),
        written,
        "{text:?}"
    );
    let (opens, closes) = match (node.style(), node.value()) {
        (Style::Literal, _) => ("|", ""),
        (Style::Folded, _) => (">", ""),
        (Style::SingleQuoted, _) => ("'", "'"),
        (Style::DoubleQuoted, _) => ("\"", "\""),
        (Style::Block, Value::Sequence(_)) => ("-", ""),
        (Style::Flow, Value::Sequence(_)) => ("[", "]"),
        _ => ("", ""),
    };
    assert!(
        written.starts_with(opens) && written.ends_with(closes),
        "{written:?} of {text:?}"
    );
    assert!(
        around.contains(place.span),
        "{:?} in {around:?} of {text:?}",
        place.span
    );
    if let Some(anchor) = place.anchor {
        assert_eq!(anchor, span);
        assert!(text[place.span.range()].starts_with('*'), "{text:?}");
    }
    if *nodes > 2000 {
        return;
    }
    let _ = (path_at(root, place.span), node.is_template());
    let inside = if place.anchor.is_some() { around } else { span };
    let mut before = span.start;
    // The parser may place an empty node behind the colon of the next entry.
    let mut follows = |node: Node<'_>| {
        let written = node.span().start < node.span().end;
        if written && node.place().anchor.is_none() && place.anchor.is_none() {
            assert!(node.span().start >= before, "{text:?}");
            before = node.span().end;
        }
    };
    for item in node.items() {
        follows(item);
        check_node(item, inside, root, text, nodes);
    }
    for entry in node.entries() {
        if node.get("<<").is_none() && !text.contains("<<") {
            follows(entry.key);
            follows(entry.value);
        }
        check_node(entry.key, inside, root, text, nodes);
        check_node(entry.value, inside, root, text, nodes);
    }
}

/// Pieces that make YAML likely.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b",
        "<<",
        ":",
        ": ",
        "- ",
        "-",
        "? ",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        " ",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "*a ",
        "!t ",
        "!!str ",
        "\"",
        "'",
        "|\n",
        ">-\n ",
        "# c",
        " # c\n",
        "---\n",
        "--- ",
        "...\n",
        "%YAML 1.2\n",
        "é",
        "\u{FEFF}",
        "1",
        "~",
        "\\",
        "{{ x }}",
        "@",
        "\u{1}",
        "\0",
        "\u{85}",
        "\u{2028}",
        "a: 1\n",
        "- b\n",
        "b: &a\n",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        Just(Plain::Null),
        any::<bool>().prop_map(Plain::from),
        any::<i64>().prop_map(Plain::from),
        any::<i32>().prop_map(|number| Plain::from(f64::from(number) / 8.0)),
        "[ -~\n\té:#'\"-]{0,12}".prop_map(Plain::from),
        prop::sample::select(vec![
            "yes", "0x1F", "1e3", "", "null", "~", "- a", "a: b", " a ", "\n\n"
        ])
        .prop_map(Plain::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Plain::Sequence),
            prop::collection::btree_map("[a-z<: #]{0,6}", inner, 0..6).prop_map(|pairs| {
                let pairs = pairs.into_iter().filter(|(key, _)| key != "<<");
                Plain::Mapping(
                    pairs
                        .map(|(key, value)| (key.into(), value))
                        .collect::<Mapping>(),
                )
            }),
        ]
    })
}

fn is_same(node: Node<'_>, plain: &Plain) -> bool {
    match (node.value(), plain) {
        (Value::Null, Plain::Null) => true,
        (Value::Bool(ours), Plain::Bool(theirs)) => ours == *theirs,
        (Value::Int(ours), Plain::Number(theirs)) => theirs.as_i64() == Some(ours),
        (Value::Float(ours), Plain::Number(theirs)) => theirs.as_f64() == Some(ours),
        (Value::Text(ours), Plain::String(theirs)) => ours == theirs,
        (Value::Sequence(ours), Plain::Sequence(theirs)) => {
            ours.len() == theirs.len() && ours.zip(theirs).all(|(node, plain)| is_same(node, plain))
        }
        (Value::Mapping(ours), Plain::Mapping(theirs)) => {
            ours.len() == theirs.len()
                && ours.zip(theirs).all(|(entry, (key, value))| {
                    entry.key.text() == key.as_str() && is_same(entry.value, value)
                })
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic_and_spans_fit(text in "\\PC*|(?s:.){0,60}") {
        check(&text);
    }

    #[test]
    fn any_pieces_of_yaml_are_read_and_spans_fit(text in pieces()) {
        check(&text);
    }

    #[test]
    fn what_another_library_writes_is_read_back(value in plain()) {
        let text = serde_yaml::to_string(&value).expect("writable");
        let stream = check(&text);
        prop_assert_eq!(&stream.failure, &None, "{}", text);
        prop_assert!(is_same(stream.documents[0].root(), &value), "{}\n{:?}", text, stream);
    }
}

fn failure(text: &str) -> Option<Problem> {
    parse(text).failure
}

fn kind(text: &str) -> Option<ProblemKind> {
    failure(text).map(|problem| problem.kind)
}

#[test]
fn aliases_that_multiply_are_a_limit() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..60 {
        let list = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{list}]\n");
    }
    let problem = failure(&bomb).expect("a limit");
    assert_eq!(problem.kind, ProblemKind::Limit);
    assert!(bomb[problem.span.range()].starts_with("*a"));
    let merges = bomb.replace("[x, x, x, x, x, x, x, x, x, x]", "{x: 1, y: 2}");
    assert_eq!(kind(&merges), Some(ProblemKind::Limit));
    let keys: String = (0..2000).map(|index| format!("  k{index}: 1\n")).collect();
    let inner = "<<: {".repeat(200) + "a: 1" + &"}".repeat(200);
    assert_eq!(kind(&inner), None);
    let wide = format!("a: &a\n{keys}l:\n{}", "- <<: *a\n".repeat(1000));
    assert_eq!(kind(&wide), Some(ProblemKind::Limit));
}

#[test]
fn nesting_beyond_the_limit_is_a_limit_in_every_style() {
    let block: String = (0..300)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    let mixed = "- ".repeat(200) + &"[".repeat(56) + &"]".repeat(56);
    for text in [
        "[".repeat(50_000),
        "{\"\":[".repeat(8000),
        "- ".repeat(50_000),
        block,
        mixed,
    ] {
        assert_eq!(kind(&text), Some(ProblemKind::Limit));
    }
    let deepest = "- ".repeat(100) + &"[".repeat(155) + &"]".repeat(155);
    assert_eq!(kind(&deepest), None);
}

#[test]
fn nesting_by_way_of_aliases_counts() {
    let chain = |length: usize| {
        let link = |link: usize| format!("- &a{} [*a{link}]\n", link + 1);
        "- &a0 x\n".to_owned() + &(0..length).map(link).collect::<String>()
    };
    assert_eq!(kind(&chain(MAX_NESTING - 1)), None);
    let problem = failure(&chain(MAX_NESTING)).expect("a limit");
    assert_eq!(problem.kind, ProblemKind::Limit);
}

#[test]
fn large_texts_are_read() {
    assert_eq!(parse(&"---\n".repeat(200_000)).documents.len(), 200_000);
    let keys: String = (0..1_000_000)
        .map(|index| format!("k{index}: 1\n"))
        .collect();
    let stream = parse(&keys);
    assert_eq!(stream.documents[0].root().entries().len(), 1_000_000);
    assert_eq!(stream.documents[0].problems, []);
    let long = format!("a: \"{}\"\n", "x".repeat(30_000_000));
    let stream = parse(&long);
    let text = stream.documents[0]
        .root()
        .get("a")
        .and_then(|entry| entry.value.text());
    assert_eq!(text.map(str::len), Some(30_000_000));
    let comments = "- 1\n".to_owned() + &"# c\n".repeat(100_000) + "- 2\n";
    assert_eq!(parse(&comments).documents[0].comments.len(), 100_000);
    let equal = "- a\n".repeat(100_000);
    let stream = parse(&equal);
    let root = stream.documents[0].root();
    let last = root.items().last().map(|item| path_at(root, item.span()));
    assert_eq!(last.as_deref(), Some("[a#100000]"));
}

#[test]
fn texts_over_the_limit_and_control_characters_are_reported() {
    assert_eq!(kind(&" ".repeat(MAX_BYTES + 1)), Some(ProblemKind::Limit));
    for text in ["a: \0b", "\0", "a: \u{1}", "\u{7f}: [", "\"\0\""] {
        check(text);
    }
    assert_eq!(kind("a: \0b"), Some(ProblemKind::Syntax));
}

#[test]
fn an_explicit_key_that_is_empty() {
    check("? \n::");
}
