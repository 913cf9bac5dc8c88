//! Changed expressions: what an expression says when one operand of `&&` or `||` is dropped, or one
//! comparison turned round. Examples of a rule that notice none of it prove little.

use cel::common::ast::{Expr, IdedExpr, operators};

use super::parse::{self, Source};
use super::{Expression, Scope, check, guard};
use crate::source::Span;

/// One change to an expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mutation {
    /// The part that is dropped or turned round.
    pub span: Span,
    /// Whether it is dropped; else the comparison is turned round.
    pub dropped: bool,
    /// Which of the changes to the expression it is.
    index: usize,
}

/// All changes to an expression, in the order of its text; none where it is no expression.
#[must_use]
pub fn mutations(text: &str) -> Vec<Mutation> {
    let Ok((mut tree, source)) = parse::parse(text) else {
        return Vec::new();
    };
    let mut walk = Walk {
        source: &source,
        wanted: None,
        found: Vec::new(),
    };
    walk.visit(&mut tree);
    walk.found
        .sort_by_key(|mutation| (mutation.span, !mutation.dropped));
    walk.found
}

impl Expression {
    /// The changed condition; none where it makes no sense, as when what guards an attribute is
    /// dropped.
    #[must_use]
    pub fn mutated(text: &str, mutation: &Mutation, scope: &Scope) -> Option<Self> {
        let (mut tree, source) = parse::parse(text).ok()?;
        let mut walk = Walk {
            source: &source,
            wanted: Some(mutation.index),
            found: Vec::new(),
        };
        walk.visit(&mut tree);
        let (node, ty) = check::check(&tree, &source, scope, false).ok()?;
        let mut proves = Vec::new();
        guard::proven(&tree, true, &mut proves);
        Some(Expression { node, ty, proves })
    }
}

/// Goes through a tree in a fixed order, counts what can be changed, and changes what is wanted.
struct Walk<'s> {
    source: &'s Source<'s>,
    wanted: Option<usize>,
    found: Vec<Mutation>,
}

impl Walk<'_> {
    fn visit(&mut self, expr: &mut IdedExpr) {
        let whole = self.source.span(expr);
        match &mut expr.expr {
            Expr::Call(call) => {
                for part in call.target.as_deref_mut().into_iter().chain(&mut call.args) {
                    self.visit(part);
                }
                if is_logical(&call.func_name) {
                    let mut kept = None;
                    for (index, operand) in call.args.iter().enumerate() {
                        if !is_call(operand, &call.func_name)
                            && self.reach(self.source.span(operand), true)
                        {
                            kept = Some(1 - index);
                        }
                    }
                    if let Some(kept) = kept.and_then(|kept| call.args.get_mut(kept)) {
                        *expr = std::mem::take(kept);
                    }
                } else if let Some(turned) = turned(&call.func_name)
                    && self.reach(whole, false)
                {
                    call.func_name = turned.to_owned();
                }
            }
            Expr::Select(select) => self.visit(&mut select.operand),
            Expr::List(list) => {
                for element in &mut list.elements {
                    self.visit(element);
                }
            }
            _ => {}
        }
    }

    /// Counts a change, and says whether it is the wanted one.
    fn reach(&mut self, span: Span, dropped: bool) -> bool {
        let index = self.found.len();
        self.found.push(Mutation {
            span,
            dropped,
            index,
        });
        self.wanted == Some(index)
    }
}

fn is_logical(function: &str) -> bool {
    matches!(function, operators::LOGICAL_AND | operators::LOGICAL_OR)
}

/// Whether an operand continues the chain of the same operator, so that its own operands count.
fn is_call(expr: &IdedExpr, function: &str) -> bool {
    matches!(&expr.expr, Expr::Call(call) if call.func_name == function)
}

/// The comparison that is true where this one is false.
fn turned(function: &str) -> Option<&'static str> {
    Some(match function {
        operators::EQUALS => operators::NOT_EQUALS,
        operators::NOT_EQUALS => operators::EQUALS,
        operators::LESS => operators::GREATER_EQUALS,
        operators::GREATER_EQUALS => operators::LESS,
        operators::GREATER => operators::LESS_EQUALS,
        operators::LESS_EQUALS => operators::GREATER,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::expr::Frame;
    use crate::rules::mock::{scope, world};

    #[test]
    fn every_operand_and_every_comparison_is_changed_once() {
        let text = "vm.name != \"a\" && (vm.name == \"b\" || vm.disks.exists(d, d.name < \"c\"))";
        let shown: Vec<_> = mutations(text)
            .iter()
            .map(|mutation| (&text[mutation.span.range()], mutation.dropped))
            .collect();
        assert_eq!(
            shown,
            [
                ("vm.name != \"a\"", true),
                ("vm.name != \"a\"", false),
                ("vm.name == \"b\"", true),
                ("vm.name == \"b\"", false),
                (
                    "vm.name == \"b\" || vm.disks.exists(d, d.name < \"c\")",
                    true
                ),
                ("vm.disks.exists(d, d.name < \"c\")", true),
                ("d.name < \"c\"", false),
            ]
        );
    }

    #[test]
    fn a_chain_has_its_operands_and_no_part_of_it_is_one() {
        let text = "vm.critical && vm.maybe && !vm.critical && vm.count > 1";
        let dropped: Vec<_> = mutations(text)
            .iter()
            .filter(|mutation| mutation.dropped)
            .map(|mutation| &text[mutation.span.range()])
            .collect();
        assert_eq!(
            dropped,
            ["vm.critical", "vm.maybe", "!vm.critical", "vm.count > 1"]
        );
    }

    #[test]
    fn a_changed_expression_says_something_else() {
        let text = "1 > 2 && 1 < 2 || 2 > 3";
        let world = world();
        let relation = &scope().vocabulary.relations[0];
        let object = (relation.all)(&world).next().unwrap();
        let outcomes: Vec<_> = mutations(text)
            .iter()
            .map(|mutation| {
                let changed = Expression::mutated(text, mutation, &scope()).unwrap();
                let truth = changed.truth(&mut Frame::about(&world, object));
                (&text[mutation.span.range()], mutation.dropped, truth)
            })
            .collect();
        assert_eq!(
            outcomes,
            [
                ("1 > 2", true, Some(true)),
                ("1 > 2", false, Some(true)),
                ("1 > 2 && 1 < 2", true, Some(false)),
                ("1 < 2", true, Some(false)),
                ("1 < 2", false, Some(false)),
                ("2 > 3", true, Some(false)),
                ("2 > 3", false, Some(true)),
            ]
        );
    }

    #[test]
    fn what_guards_an_attribute_cannot_be_dropped() {
        let text = "has(vm.host) && vm.host.name == \"hv01\"";
        let compiles: Vec<_> = mutations(text)
            .iter()
            .map(|mutation| Expression::mutated(text, mutation, &scope()).is_some())
            .collect();
        assert_eq!(compiles, [false, true, true]);
    }
}
