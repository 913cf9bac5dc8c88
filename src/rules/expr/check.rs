//! Checks a parsed expression against the vocabulary and compiles it.
//!
//! Here is what names, attributes, guards and operators mean; functions are next door. After an
//! error the part it is in has no type, and what surrounds it is checked no further; its
//! neighbours are, so that one look shows all independent errors.

use cel::common::ast::{CallExpr, Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr, operators};

use super::guard::{self, Path};
use super::node::{Each, Node};
use super::ops::{self, Arithmetic, Binary};
use super::parse::Source;
use super::{Issue, Scope, did_you_mean};
use crate::model::reflect::{RecordType, Type, Value, Vocabulary};
use crate::source::Span;

/// How deep comprehensions may nest.
pub const MAX_COMPREHENSIONS: usize = 3;

/// A part of an expression that makes sense.
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) ty: Type,
    pub(super) span: Span,
    /// The path that may lead to nothing here, when nobody guards it.
    pub(super) absent: Option<String>,
}

pub(super) struct Checker<'s> {
    pub(super) source: &'s Source<'s>,
    pub(super) vocabulary: Vocabulary,
    names: Vec<(String, Type)>,
    guards: Vec<Path>,
    loops: usize,
    issues: Vec<Issue>,
}

/// Checks and compiles a tree. Its value may only be absent if `optional` says so.
pub(super) fn check(
    tree: &IdedExpr,
    source: &Source<'_>,
    scope: &Scope,
    optional: bool,
) -> Result<(Node, Type), Vec<Issue>> {
    let mut checker = Checker {
        source,
        vocabulary: scope.vocabulary,
        names: scope.names.clone(),
        guards: scope.guards.clone(),
        loops: 0,
        issues: Vec::new(),
    };
    let typed = if optional {
        checker.expr(tree)
    } else {
        checker.solid(tree)
    };
    match typed {
        Some(typed) if checker.issues.is_empty() => Ok((typed.node, typed.ty)),
        _ => Err(checker.issues),
    }
}

impl Checker<'_> {
    /// Notes an error; returns nothing, for the part that has no type now.
    pub(super) fn fail<T>(&mut self, issue: Issue) -> Option<T> {
        self.issues.push(issue);
        None
    }

    pub(super) fn typed(&self, expr: &IdedExpr, node: Node, ty: Type) -> Typed {
        Typed {
            node,
            ty,
            span: self.source.span(expr),
            absent: None,
        }
    }

    /// A part that must have a value when its operands have.
    pub(super) fn solid(&mut self, expr: &IdedExpr) -> Option<Typed> {
        let typed = self.expr(expr)?;
        match typed.absent {
            None => Some(typed),
            Some(path) => self.fail(
                Issue::new(typed.span, format!("`{path}` may be absent")).with_help(format!(
                    "list it in `needs`, or write `has({path})` or `{path}.orValue(…)`"
                )),
            ),
        }
    }

    /// A part that must have this type.
    pub(super) fn of_type(&mut self, expr: &IdedExpr, ty: &Type, user: &str) -> Option<Node> {
        let typed = self.solid(expr)?;
        let fits = match (ty, &typed.ty) {
            (Type::Text, Type::Choice(_)) => true,
            (wanted, found) => wanted == found,
        };
        if fits {
            return Some(typed.node);
        }
        let message = format!("`{user}` takes {ty}, and this is {}", typed.ty);
        self.fail(Issue::new(typed.span, message))
    }

    pub(super) fn expr(&mut self, expr: &IdedExpr) -> Option<Typed> {
        match &expr.expr {
            Expr::Ident(name) => self.name(expr, name),
            Expr::Select(select) => self.select(expr, select),
            Expr::Literal(literal) => self.literal(expr, literal),
            Expr::List(list) => self.list(expr, list),
            Expr::Call(call) => self.call(expr, call),
            Expr::Map(_) | Expr::Struct(_) => self.refuse(expr, "maps and messages"),
            Expr::Comprehension(_) | Expr::Unspecified => self.refuse(expr, "this"),
        }
    }

    fn refuse<T>(&mut self, expr: &IdedExpr, what: &str) -> Option<T> {
        let verb = if what == "this" { "is" } else { "are" };
        let message = format!("{what} {verb} no part of rule expressions");
        let span = self.source.span(expr);
        self.fail(Issue::new(span, message))
    }

    fn name(&mut self, expr: &IdedExpr, name: &str) -> Option<Typed> {
        if let Some(slot) = self.names.iter().position(|(known, _)| known == name) {
            let ty = self.names[slot].1.clone();
            return Some(self.typed(expr, Node::Slot(slot), ty));
        }
        let mut issue = Issue::new(
            self.source.span(expr),
            format!("there is no name `{name}` here"),
        );
        issue.help = did_you_mean(name, self.names.iter().map(|(name, _)| name.as_str()));
        self.fail(issue)
    }

    fn literal(&mut self, expr: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        let (value, ty) = match literal {
            LiteralValue::Boolean(value) => (Value::Bool(*value.inner()), Type::Bool),
            LiteralValue::Int(value) => (Value::Int(*value.inner()), Type::Int),
            LiteralValue::Double(value) => (Value::Float(*value.inner()), Type::Float),
            LiteralValue::String(text) => (Value::Text(text.inner().to_owned().into()), Type::Text),
            LiteralValue::UInt(_) => return self.refuse(expr, "unsigned numbers"),
            LiteralValue::Bytes(_) => return self.refuse(expr, "bytes"),
            LiteralValue::Null => {
                let issue = Issue::new(self.source.span(expr), "there is no null in rules");
                return self.fail(issue.with_help("`has(…)` asks whether something is there"));
            }
        };
        Some(self.typed(expr, Node::Literal(value), ty))
    }

    fn list(&mut self, expr: &IdedExpr, list: &ListExpr) -> Option<Typed> {
        if list.elements.is_empty() {
            let span = self.source.span(expr);
            return self.fail(Issue::new(span, "an empty list has no type here"));
        }
        let elements: Vec<Option<Typed>> = list
            .elements
            .iter()
            .map(|element| self.solid(element))
            .collect();
        let elements: Vec<Typed> = elements.into_iter().collect::<Option<_>>()?;
        let mut ty = elements[0].ty.clone();
        for element in &elements[1..] {
            match ops::unify(&ty, &element.ty) {
                Some(common) => ty = common,
                None => {
                    let message =
                        format!("a list has one type: after {ty}, this is {}", element.ty);
                    return self.fail(Issue::new(element.span, message));
                }
            }
        }
        let nodes = elements.into_iter().map(|element| element.node).collect();
        Some(self.typed(expr, Node::List(nodes), Type::List(Box::new(ty))))
    }

    fn select(&mut self, expr: &IdedExpr, select: &SelectExpr) -> Option<Typed> {
        let of = self.expr(&select.operand)?;
        let field = select.field.as_str();
        let node = Box::new(of.node);
        let (node, ty, optional) = match of.ty {
            Type::Record(record) => match self.vocabulary.attribute(record, field) {
                Some(found) => (Node::Attribute(node, found), (found.ty)(), found.optional),
                None => return self.no_attribute(expr, record, field),
            },
            Type::Labels => {
                let key = Node::Literal(Value::Text(field.to_owned().into()));
                (Node::Label(node, Box::new(key)), Type::Text, true)
            }
            Type::Window if field == "start" => (Node::Unary(start, node), Type::Instant, false),
            Type::Window if field == "end" => (Node::Unary(end, node), Type::Instant, false),
            ty => {
                let span = self.source.field(expr, field);
                let issue = Issue::new(span, format!("{ty} has no `{field}`"));
                return self.fail(match ty {
                    Type::List(_) => issue.with_help(format!(
                        "ask each of them: `.exists(x, x.{field} …)`, `.map(x, x.{field})`"
                    )),
                    _ => issue,
                });
            }
        };
        Some(self.maybe(expr, node, ty, of.absent.is_some() || optional))
    }

    /// A part that may be absent unless its path is guarded.
    fn maybe(&self, expr: &IdedExpr, node: Node, ty: Type, absent: bool) -> Typed {
        let mut typed = self.typed(expr, node, ty);
        let path = guard::path(expr);
        let guarded = path
            .as_ref()
            .is_some_and(|path| self.guards.iter().any(|guard| guard.starts_with(path)));
        if absent && !guarded {
            let shown = path.map(|path| path.join("."));
            typed.absent = Some(shown.unwrap_or_else(|| "this".to_owned()));
        }
        typed
    }

    fn no_attribute<T>(
        &mut self,
        expr: &IdedExpr,
        record: &'static RecordType,
        field: &str,
    ) -> Option<T> {
        let mut issue = Issue::new(
            self.source.field(expr, field),
            format!("{} has no attribute `{field}`", record.name),
        );
        issue.help = if matches!(field, "spec" | "metadata") {
            Some("`spec.` and `metadata.` are left out".to_owned())
        } else {
            let known = self.vocabulary.attributes(record);
            did_you_mean(field, known.map(|attribute| attribute.name))
        };
        self.fail(issue)
    }

    /// `labels["key"]` and `list[0]`.
    fn index(&mut self, expr: &IdedExpr, of: &IdedExpr, key: &IdedExpr) -> Option<Typed> {
        let of = self.expr(of)?;
        match (of.ty, of.absent) {
            (Type::Labels, _) => {
                let key = self.of_type(key, &Type::Text, "[…]")?;
                let node = Node::Label(Box::new(of.node), Box::new(key));
                Some(self.maybe(expr, node, Type::Text, true))
            }
            (Type::List(element), None) => {
                let index = self.of_type(key, &Type::Int, "[…]")?;
                let node = Node::Binary(super::node::element, Box::new(of.node), Box::new(index));
                Some(self.typed(expr, node, *element))
            }
            (ty, Some(path)) => {
                let message = format!("`{path}`, {ty}, may be absent");
                self.fail(Issue::new(of.span, message))
            }
            (ty, None) => {
                let message = format!("`[…]` asks labels or a list, and this is {ty}");
                self.fail(Issue::new(of.span, message))
            }
        }
    }

    fn call(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Typed> {
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

    /// Checks a part knowing that the condition came out so.
    fn after(&mut self, condition: &IdedExpr, outcome: bool, part: &IdedExpr) -> Option<Typed> {
        let guards = self.guards.len();
        guard::proven(condition, outcome, &mut self.guards);
        let typed = self.solid(part);
        self.guards.truncate(guards);
        typed
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

    /// Refuses a literal that is none of the words of a choice.
    pub(super) fn word(&mut self, literal: &IdedExpr, ty: &Type) -> Option<()> {
        let (Some(written), Type::Choice(words)) = (guard::text(literal), ty) else {
            return Some(());
        };
        if words.contains(&written) {
            return Some(());
        }
        let mut issue = Issue::new(
            self.source.span(literal),
            format!("\"{written}\" is not {ty}"),
        );
        issue.help = did_you_mean(written, words.iter().copied());
        self.fail(issue)
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
        let node = Node::Binary(apply, Box::new(left.node), Box::new(right.node));
        Some(self.typed(expr, node, Type::Bool))
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
        let node = Node::Binary(apply, Box::new(left.node), Box::new(right.node));
        Some(self.typed(expr, node, Type::Bool))
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
        self.fail(match unit {
            Some(unit) => issue.with_help(format!("amounts have a unit, as in `{unit}`")),
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

    /// `list.all(x, body)` and its kin.
    pub(super) fn each(
        &mut self,
        expr: &IdedExpr,
        kind: Each,
        list: &IdedExpr,
        name: &IdedExpr,
        body: &IdedExpr,
    ) -> Option<Typed> {
        let list = self.solid(list)?;
        let Type::List(element) = list.ty else {
            let message = format!("this is asked of a list, and here stands {}", list.ty);
            return self.fail(Issue::new(list.span, message));
        };
        let span = self.source.span(name);
        let Expr::Ident(variable) = &name.expr else {
            return self.fail(Issue::new(span, "here belongs a new name for each element"));
        };
        if self.names.iter().any(|(known, _)| known == variable) {
            return self.fail(Issue::new(span, format!("the name `{variable}` is taken")));
        }
        if self.loops == MAX_COMPREHENSIONS {
            let message = format!("comprehensions nest deeper than {MAX_COMPREHENSIONS} levels");
            let span = self.source.span(expr);
            return self.fail(Issue::new(span, message));
        }
        let slot = self.names.len();
        self.names.push((variable.clone(), (*element).clone()));
        self.loops += 1;
        let body = self.solid(body);
        self.loops -= 1;
        self.names.truncate(slot);
        let body = body?;
        let ty = match kind {
            Each::Map => Type::List(Box::new(body.ty)),
            Each::Differ => Type::Bool,
            _ if body.ty != Type::Bool => {
                let message = format!("a condition is a boolean, and this is {}", body.ty);
                return self.fail(Issue::new(body.span, message));
            }
            Each::Filter => Type::List(element),
            _ => Type::Bool,
        };
        let parts = Box::new([list.node, body.node]);
        Some(self.typed(expr, Node::Each(kind, parts, slot), ty))
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

fn start(window: Value<'_>) -> Value<'_> {
    match window {
        Value::Window(start, _) => Value::Instant(start),
        _ => Value::Unknown,
    }
}

fn end(window: Value<'_>) -> Value<'_> {
    match window {
        Value::Window(start, Some(at)) => {
            Value::Instant(crate::model::reflect::Moment { at, ..start })
        }
        _ => Value::Unknown,
    }
}
