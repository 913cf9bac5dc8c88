//! The operators of rule expressions: what they take and what they compile to.

use cel::common::ast::{CallExpr, Expr, IdedExpr, operators};

use super::Issue;
use super::check::{Checker, Typed};
use super::node::Node;
use super::ops::{self, Arithmetic, Binary};
use crate::model::reflect::{Type, Value};

impl Checker<'_> {
    pub(super) fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Typed> {
        use operators as op;
        match (call.func_name.as_str(), call.args.as_slice()) {
            (op::LOGICAL_NOT, [of]) => {
                let of = self.of_type(of, &Type::Bool, "!")?;
                Some(self.typed(expr, Node::Not(Box::new(of)), Type::Bool))
            }
            (op::LOGICAL_AND, [a, b]) => self.connect(expr, a, b, true),
            (op::LOGICAL_OR, [a, b]) => self.connect(expr, a, b, false),
            (op::CONDITIONAL, [condition, yes, no]) => self.conditional(expr, condition, yes, no),
            (op::NEGATE, [of]) => self.negate(expr, of),
            (op::INDEX, [of, key]) => self.index(expr, of, key),
            (op::IN, [of, list]) => self.contained(expr, of, list),
            (op::EQUALS, [a, b]) => self.equality(expr, ops::equals, a, b),
            (op::NOT_EQUALS, [a, b]) => self.equality(expr, ops::differs, a, b),
            (op::LESS, [a, b]) => self.order(expr, "<", ops::less, a, b),
            (op::LESS_EQUALS, [a, b]) => self.order(expr, "<=", ops::at_most, a, b),
            (op::GREATER, [a, b]) => self.order(expr, ">", ops::greater, a, b),
            (op::GREATER_EQUALS, [a, b]) => self.order(expr, ">=", ops::at_least, a, b),
            (op::ADD, [a, b]) => self.arithmetic(expr, "+", Arithmetic::Add, a, b),
            (op::SUBSTRACT, [a, b]) => self.arithmetic(expr, "-", Arithmetic::Subtract, a, b),
            (op::MULTIPLY, [a, b]) => self.arithmetic(expr, "*", Arithmetic::Multiply, a, b),
            (op::DIVIDE, [a, b]) => self.arithmetic(expr, "/", Arithmetic::Divide, a, b),
            (op::MODULO, [a, b]) => self.arithmetic(expr, "%", Arithmetic::Remainder, a, b),
            (op::OPT_SELECT | op::OPT_INDEX, _) => self.refuse(expr, "optional selections"),
            _ => self.function(expr, call),
        }
    }

    fn connect(&mut self, expr: &IdedExpr, a: &IdedExpr, b: &IdedExpr, and: bool) -> Option<Typed> {
        let operator = if and { "&&" } else { "||" };
        let left = self.of_type(a, &Type::Bool, operator);
        let right = self.after(a, and, b)?;
        if right.ty != Type::Bool {
            let message = format!("`{operator}` takes a boolean, and this is {}", right.ty);
            return self.fail(Issue::new(right.span, message));
        }
        let (a, b) = (Box::new(left?), Box::new(right.node));
        let node = if and { Node::And(a, b) } else { Node::Or(a, b) };
        Some(self.typed(expr, node, Type::Bool))
    }

    fn conditional(
        &mut self,
        expr: &IdedExpr,
        condition: &IdedExpr,
        yes: &IdedExpr,
        no: &IdedExpr,
    ) -> Option<Typed> {
        let test = self.of_type(condition, &Type::Bool, "?:");
        let yes = self.after(condition, true, yes);
        let no = self.after(condition, false, no);
        let (test, yes, no) = (test?, yes?, no?);
        match ops::unify(&yes.ty, &no.ty) {
            Some(ty) => {
                let parts = Box::new([test, yes.node, no.node]);
                Some(self.typed(expr, Node::If(parts), ty))
            }
            None => {
                let message = format!("both sides of `:` have one type: {} or {}", yes.ty, no.ty);
                self.fail(Issue::new(yes.span.join(no.span), message))
            }
        }
    }

    fn negate(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        let of = self.solid(of)?;
        match of.ty {
            Type::Int | Type::Float | Type::Memory | Type::Bandwidth | Type::Duration => {
                Some(self.typed(expr, Node::Unary(ops::negate, Box::new(of.node)), of.ty))
            }
            ty => self.fail(Issue::new(
                of.span,
                format!("`-` takes a number, and this is {ty}"),
            )),
        }
    }

    fn equality(
        &mut self,
        expr: &IdedExpr,
        apply: Binary,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Option<Typed> {
        let (left, right) = (self.solid(a), self.solid(b));
        let (left, right) = (left?, right?);
        self.word(a, &right.ty)?;
        self.word(b, &left.ty)?;
        if !ops::comparable(&left.ty, &right.ty) {
            return self.mismatch(expr, "==", &left, &right);
        }
        Some(self.compared(expr, apply, left, right))
    }

    fn compared(&self, expr: &IdedExpr, apply: Binary, left: Typed, right: Typed) -> Typed {
        let node = Node::Binary(apply, Box::new(left.node), Box::new(right.node));
        self.typed(expr, node, Type::Bool)
    }

    fn order(
        &mut self,
        expr: &IdedExpr,
        operator: &str,
        apply: Binary,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Option<Typed> {
        let (left, right) = (self.solid(a), self.solid(b));
        let (left, right) = (left?, right?);
        let comparable = ops::comparable(&left.ty, &right.ty);
        if !comparable || !ops::ordered(&left.ty) || !ops::ordered(&right.ty) {
            return self.mismatch(expr, operator, &left, &right);
        }
        Some(self.compared(expr, apply, left, right))
    }

    fn arithmetic(
        &mut self,
        expr: &IdedExpr,
        operator: &str,
        op: Arithmetic,
        a: &IdedExpr,
        b: &IdedExpr,
    ) -> Option<Typed> {
        let (left, right) = (self.solid(a), self.solid(b));
        let (left, right) = (left?, right?);
        match ops::arithmetic_type(op, &left.ty, &right.ty) {
            Some(ty) => {
                let (a, b) = (Box::new(left.node), Box::new(right.node));
                Some(self.typed(expr, Node::Binary(ops::arithmetic(op), a, b), ty))
            }
            None => self.mismatch(expr, operator, &left, &right),
        }
    }

    fn mismatch<T>(&mut self, expr: &IdedExpr, op: &str, a: &Typed, b: &Typed) -> Option<T> {
        let message = format!("`{op}` does not go with {} and {}", a.ty, b.ty);
        let issue = Issue::new(self.source.span(expr), message);
        let unit = [&a.ty, &b.ty].into_iter().find_map(|ty| match ty {
            Type::Memory => Some("memory(\"64GiB\")"),
            Type::Bandwidth => Some("bandwidth(\"10Gbps\")"),
            Type::Duration => Some("duration(\"2h30m\")"),
            Type::Instant => Some("timestamp(\"2026-12-05T22:00:00Z\")"),
            _ => None,
        });
        let is_choice = |ty: &Type| matches!(ty, Type::Choice(_));
        self.fail(match unit {
            Some(unit) => issue.with_help(format!("amounts have a unit, as in `{unit}`")),
            None if is_choice(&a.ty) || is_choice(&b.ty) => {
                issue.with_help("words have no order: write `x in [\"…\", \"…\"]`")
            }
            None => issue,
        })
    }

    fn contained(&mut self, expr: &IdedExpr, of: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let (element, typed) = (self.solid(of), self.solid(list));
        let (element, typed) = (element?, typed?);
        match &typed.ty {
            Type::Labels if element.ty == Type::Text => {}
            Type::List(inner) if ops::comparable(&element.ty, inner) => {
                self.word(of, inner)?;
                if let Expr::List(written) = &list.expr {
                    let words = written
                        .elements
                        .iter()
                        .map(|word| self.word(word, &element.ty));
                    words
                        .collect::<Vec<_>>()
                        .into_iter()
                        .collect::<Option<()>>()?;
                }
            }
            _ => return self.mismatch(expr, "in", &element, &typed),
        }
        let of = Box::new(element.node);
        let node = match literals(typed.node) {
            Ok(words) => Node::OneOf(of, words),
            Err(list) => Node::In(of, Box::new(list)),
        };
        Some(self.typed(expr, node, Type::Bool))
    }
}

/// The elements of a list in which all are literals, else the list.
fn literals(list: Node) -> Result<Box<[Value<'static>]>, Node> {
    let Node::List(elements) = list else {
        return Err(list);
    };
    let literal = |node: &Node| match node {
        Node::Literal(value) => Some(value.clone()),
        _ => None,
    };
    let values: Option<_> = elements.iter().map(literal).collect();
    values.ok_or(Node::List(elements))
}
