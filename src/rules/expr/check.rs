//! Checks a parsed expression against the vocabulary and compiles it.
//!
//! Here is what names, attributes, guards and comprehensions mean; operators and functions are
//! next door. After an
//! error the part it is in has no type, and what surrounds it is checked no further; its
//! neighbours are, so that one look shows all independent errors.

use cel::common::ast::{Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr};

use super::guard::{self, Path};
use super::lists::{self, Each};
use super::node::Node;
use super::parse::Source;
use super::{Issue, Scope, did_you_mean};
use super::{ops, times};
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
    /// Whether parts know where they stand, which takes long to find out.
    placed: bool,
}

/// Checks and compiles a tree. Its value may only be absent if `optional` says so.
pub(super) fn check(
    tree: &IdedExpr,
    source: &Source<'_>,
    scope: &Scope,
    optional: bool,
) -> Result<(Node, Type), Vec<Issue>> {
    // Where something stands is asked for only where something is wrong.
    let unplaced = attempt(tree, source, scope, optional, false);
    unplaced.or_else(|_| attempt(tree, source, scope, optional, true))
}

fn attempt(
    tree: &IdedExpr,
    source: &Source<'_>,
    scope: &Scope,
    optional: bool,
    placed: bool,
) -> Result<(Node, Type), Vec<Issue>> {
    let mut checker = Checker {
        source,
        vocabulary: scope.vocabulary,
        names: scope.names.clone(),
        guards: scope.guards.clone(),
        loops: 0,
        issues: Vec::new(),
        placed,
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
        let span = self.placed.then(|| self.source.span(expr));
        Typed {
            node,
            ty,
            span: span.unwrap_or_default(),
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

    pub(super) fn refuse<T>(&mut self, expr: &IdedExpr, what: &str) -> Option<T> {
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
            ref of @ (Type::Window | Type::Windows)
                if let Some((read, ty)) = times::part(of, field) =>
            {
                (Node::Unary(read, node), ty, false)
            }
            ty => {
                let span = self.source.field(expr, field);
                let issue = Issue::new(span, format!("{ty} has no `{field}`"));
                let of_element = match &ty {
                    Type::List(of) => match **of {
                        Type::Record(of) => self.vocabulary.attribute(of, field),
                        _ => None,
                    },
                    _ => None,
                };
                let counts = of_element.is_none() && matches!(field, "size" | "length" | "count");
                return self.fail(match ty {
                    Type::List(_) | Type::Text | Type::Labels if counts => {
                        issue.with_help("write `.size()`")
                    }
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
    pub(super) fn index(
        &mut self,
        expr: &IdedExpr,
        of: &IdedExpr,
        key: &IdedExpr,
    ) -> Option<Typed> {
        let of = self.expr(of)?;
        match (of.ty, of.absent) {
            (Type::Labels, _) => {
                let key = self.of_type(key, &Type::Text, "[…]")?;
                let node = Node::Label(Box::new(of.node), Box::new(key));
                Some(self.maybe(expr, node, Type::Text, true))
            }
            (Type::List(element), None) => {
                let index = self.of_type(key, &Type::Int, "[…]")?;
                let node = Node::Binary(lists::element, Box::new(of.node), Box::new(index));
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

    /// Checks a part knowing that the condition came out so.
    pub(super) fn after(
        &mut self,
        condition: &IdedExpr,
        outcome: bool,
        part: &IdedExpr,
    ) -> Option<Typed> {
        let guards = self.guards.len();
        guard::proven(condition, outcome, &mut self.guards);
        let typed = self.solid(part);
        self.guards.truncate(guards);
        typed
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
