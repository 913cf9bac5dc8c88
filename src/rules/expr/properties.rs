//! What holds for all expressions.

use proptest::prelude::*;

use super::tests::TRUTHS;
use super::*;
use crate::rules::mock::{VOCABULARY, issues, scope, shown, world};

fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "true",
        "vm.maybe",
        "vm.critical",
        "1",
        "vm.number",
        "0",
        "2.5",
        "vm.ratio",
        "\"a\"",
        "vm.name",
        "vm.state",
        "vm.memory",
        "vm.rate",
        "vm.objective.orUnknown()",
        "vm.window",
        "vm.open",
        "vm.window.start",
        "vm.labels",
        "vm.disks",
        "vm.owners",
        "[1, vm.number]",
        "[vm.maybe]",
        "vm.host",
        "memory(\"1KiB\")",
        "x",
        "9223372036854775807",
        "duration(\"1h\")",
        "vm.open.end",
        "vm.labels.tier",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 3, |inner| {
        let operator = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "==", "!=", "<", "<=", "&&", "||", "in",
        ]);
        let unary = prop::sample::select(vec![
            "!@",
            "-(@)",
            "size(@)",
            "(@).sum()",
            "(@).max()",
            "(@).distinct()",
            "has(@)",
            "int(@)",
            "string(@)",
            "(@).names()",
            "(@).anyOf()",
            "(@)[0]",
            "(@).exists(x, x == 1)",
            "(@).filter(x, vm.maybe)",
            "(@).map(x, x)",
            "(@).differ(x, x)",
            "(@).all(x, vm.maybe)",
            "double(@)",
            "(@).orUnknown()",
        ]);
        prop_oneof![
            (inner.clone(), operator, inner.clone())
                .prop_map(|(a, op, b)| format!("({a}) {op} ({b})")),
            (unary, inner.clone()).prop_map(|(form, a)| form.replace('@', &a)),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

fn is_of(value: &Value<'_>, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Unknown, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Int(_), Type::Int)
        | (Value::Float(_), Type::Float)
        | (Value::Text(_), Type::Text)
        | (Value::Memory(_), Type::Memory)
        | (Value::Bandwidth(_), Type::Bandwidth)
        | (Value::Duration(_), Type::Duration)
        | (Value::Instant(_), Type::Instant)
        | (Value::Window(..), Type::Window)
        | (Value::Windows(_), Type::Windows)
        | (Value::Zone(_), Type::Zone)
        | (Value::Labels(_), Type::Labels) => true,
        (Value::Text(word), Type::Choice(words)) => words.contains(&&**word),
        (Value::Record(object), Type::Record(ty)) => object.record.record_type() == *ty,
        (Value::List(elements), Type::List(ty)) => elements
            .iter()
            .all(|element| matches!(element, Value::Absent) || is_of(element, ty)),
        _ => false,
    }
}

/// A second, naive reading of `&&`, `||`, `!` and `?:` over the three truths.
#[derive(Clone, Debug)]
enum Logic {
    Truth(usize),
    Not(Box<Logic>),
    And(Box<Logic>, Box<Logic>),
    Or(Box<Logic>, Box<Logic>),
    If(Box<Logic>, Box<Logic>, Box<Logic>),
}

impl Logic {
    fn text(&self) -> String {
        match self {
            Logic::Truth(index) => TRUTHS[*index].0.to_owned(),
            Logic::Not(a) => format!("!({})", a.text()),
            Logic::And(a, b) => format!("({} && {})", a.text(), b.text()),
            Logic::Or(a, b) => format!("({} || {})", a.text(), b.text()),
            Logic::If(a, b, c) => format!("({} ? {} : {})", a.text(), b.text(), c.text()),
        }
    }

    /// As numbers: false 0, unknown 1, true 2.
    fn rank(&self) -> u8 {
        match self {
            Logic::Truth(index) => TRUTHS[*index].1.map_or(1, |truth| 2 * u8::from(truth)),
            Logic::Not(a) => 2 - a.rank(),
            Logic::And(a, b) => a.rank().min(b.rank()),
            Logic::Or(a, b) => a.rank().max(b.rank()),
            Logic::If(a, b, c) => match (a.rank(), b.rank(), c.rank()) {
                (2, b, _) => b,
                (0, _, c) => c,
                (_, b, c) if b == c => b,
                _ => 1,
            },
        }
    }
}

fn logic() -> impl Strategy<Value = Logic> {
    let leaf = (0..3_usize).prop_map(Logic::Truth);
    leaf.prop_recursive(6, 40, 3, |inner| {
        let part = inner.prop_map(Box::new);
        prop_oneof![
            part.clone().prop_map(Logic::Not),
            (part.clone(), part.clone()).prop_map(|(a, b)| Logic::And(a, b)),
            (part.clone(), part.clone()).prop_map(|(a, b)| Logic::Or(a, b)),
            (part.clone(), part.clone(), part).prop_map(|(a, b, c)| Logic::If(a, b, c)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_have_their_static_type(text in expressions()) {
        let world = world();
        if let Ok(expression) = Expression::compile(&text, &scope()) {
            for object in (VOCABULARY.relations[0].all)(&world) {
                let value = expression.value(&mut Frame::about(&world, object));
                prop_assert!(is_of(&value, expression.ty()), "{text}: {value:?} is not {}", expression.ty());
            }
        }
    }

    #[test]
    fn three_valued_logic_agrees_with_a_naive_reading(logic in logic()) {
        let value = shown(&logic.text(), "sql01");
        prop_assert_eq!(value, ["false", "?", "true"][logic.rank() as usize]);
    }

    #[test]
    fn no_text_makes_the_checker_panic(text in "[a-zü(){}\\[\\].,:?!&|=<>+*/%'\"\\\\ \n0-9`-]{0,60}") {
        for issue in issues(&text) {
            prop_assert!(text.get(issue.span.range()).is_some(), "{text:?}: {issue:?}");
        }
    }
}
