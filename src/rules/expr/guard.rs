//! Paths such as `vm.memory.reserve`, and which of them a condition proves to be present.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

/// A name and what is asked of it.
pub(super) type Path = Vec<String>;

/// The path that an expression spells, if it spells one. A label counts as a step.
pub(super) fn path(expr: &IdedExpr) -> Option<Path> {
    let (operand, step) = match &expr.expr {
        Expr::Ident(name) => return Some(vec![name.clone()]),
        Expr::Select(select) => (&*select.operand, select.field.as_str()),
        Expr::Call(call) if call.func_name == operators::INDEX => match call.args.as_slice() {
            [operand, key] => (operand, text(key)?),
            _ => return None,
        },
        _ => return None,
    };
    let mut path = path(operand)?;
    path.push(step.to_owned());
    Some(path)
}

/// The text of a text literal.
pub(super) fn text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Collects the paths that are present when the condition comes out as `outcome`.
pub(super) fn proven(expr: &IdedExpr, outcome: bool, found: &mut Vec<Path>) {
    let Expr::Call(call) = &expr.expr else {
        return;
    };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [inner]) => proven(inner, !outcome, found),
        (operators::LOGICAL_AND, [a, b]) if outcome => both(a, b, outcome, found),
        (operators::LOGICAL_OR, [a, b]) if !outcome => both(a, b, outcome, found),
        _ if outcome => found.extend(tested(call)),
        _ => {}
    }
}

fn both(a: &IdedExpr, b: &IdedExpr, outcome: bool, found: &mut Vec<Path>) {
    proven(a, outcome, found);
    proven(b, outcome, found);
}

/// The path that `has(…)` or `"…" in labels` tests.
fn tested(call: &CallExpr) -> Option<Path> {
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::HAS, [tested]) if call.target.is_none() => path(tested),
        (operators::IN, [key, labels]) => {
            let mut path = path(labels)?;
            path.push(text(key)?.to_owned());
            Some(path)
        }
        _ => None,
    }
}
