//! The functions of rule expressions: what they take and what they compile to.

use std::sync::LazyLock;

use cel::common::ast::{CallExpr, Expr, IdedExpr};
use jiff::Timestamp;
use regex::RegexBuilder;

use super::check::{Checker, Typed};
use super::lists::{self, Each};
use super::node::{Node, Unary};
use super::reference::FUNCTIONS;
use super::{Issue, did_you_mean, guard, ops, print, times};
use crate::model::reflect::{Moment, Type, Value};
use crate::model::{Bandwidth, Memory, Seconds};
use crate::schedule::{Instant, Zone};

/// How much memory a compiled pattern may take.
const PATTERN_SIZE: usize = 1 << 20;

static UTC: LazyLock<Zone> = LazyLock::new(Zone::utc);

impl Checker<'_> {
    pub(super) fn function(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<Typed> {
        let name = call.func_name.as_str();
        let (list, text) = (call.target.as_deref(), call.target.as_deref());
        match (name, list, call.args.as_slice()) {
            ("has", None, [of]) => self.has(expr, of),
            ("size", None, [of]) | ("size", Some(of), []) => self.size(expr, of),
            ("startsWith", Some(_), [part]) => self.text(expr, call, text, part, starts_with),
            ("endsWith", Some(_), [part]) => self.text(expr, call, text, part, ends_with),
            ("contains", Some(_), [part]) => self.text(expr, call, text, part, contains),
            ("matches", Some(text), [pattern]) => self.matches(expr, text, pattern),
            ("all", Some(list), [x, body]) => self.each(expr, Each::All, list, x, body),
            ("exists", Some(list), [x, body]) => self.each(expr, Each::Exists, list, x, body),
            ("exists_one" | "existsOne", Some(list), [x, body]) => {
                self.each(expr, Each::ExistsOne, list, x, body)
            }
            ("filter", Some(list), [x, body]) => self.each(expr, Each::Filter, list, x, body),
            ("map", Some(list), [x, body]) => self.each(expr, Each::Map, list, x, body),
            ("differ", Some(list), [x, body]) => self.each(expr, Each::Differ, list, x, body),
            ("distinct", Some(list), []) => self.distinct(expr, list),
            ("sum", Some(list), []) => self.sum(expr, list),
            ("min", Some(list), []) => self.extreme(expr, call, list, lists::least),
            ("max", Some(list), []) => self.extreme(expr, call, list, lists::greatest),
            ("names", Some(list), []) => self.names(expr, call, list, print::Conjunction::And),
            ("anyOf", Some(list), []) => self.names(expr, call, list, print::Conjunction::Or),
            ("join", Some(list), [separator]) => self.join(expr, list, separator),
            ("int", None, [of]) => self.convert(expr, call, of, Type::Int, to_int),
            ("double", None, [of]) => self.convert(expr, call, of, Type::Float, to_double),
            ("string", None, [of]) => self.convert(expr, call, of, Type::Text, to_text),
            ("memory", None, [of]) => self.constant(expr, of, Type::Memory, "64GiB"),
            ("bandwidth", None, [of]) => self.constant(expr, of, Type::Bandwidth, "10Gbps"),
            ("duration", None, [of]) => self.constant(expr, of, Type::Duration, "2h30m"),
            ("timestamp", None, [of]) => {
                self.constant(expr, of, Type::Instant, "2026-12-05T22:00:00Z")
            }
            ("zone", None, [of]) => self.constant(expr, of, Type::Zone, "Europe/Berlin"),
            ("inZone", Some(instant), [zone]) => {
                let instant = self.of_type(instant, &Type::Instant, name);
                let zone = self.of_type(zone, &Type::Zone, name);
                let node = Node::Binary(times::in_zone, Box::new(instant?), Box::new(zone?));
                Some(self.typed(expr, node, Type::Instant))
            }
            ("overlaps", Some(a), [b]) => {
                let (a, b) = (self.windows(a), self.windows(b));
                let node = Node::Binary(times::overlaps, Box::new(a?), Box::new(b?));
                Some(self.typed(expr, node, Type::Bool))
            }
            ("orValue", Some(of), [default]) => self.or_value(expr, of, default),
            ("orUnknown", Some(of), []) => {
                let of = self.expr(of)?;
                Some(self.typed(expr, Node::OrUnknown(Box::new(of.node)), of.ty))
            }
            ("isKnown", Some(of), []) => {
                let of = self.expr(of)?;
                Some(self.typed(expr, Node::IsKnown(Box::new(of.node)), Type::Bool))
            }
            (name, Some(instant), []) if let Some(read) = times::clock(name) => {
                let instant = self.of_type(instant, &Type::Instant, name)?;
                Some(self.typed(expr, Node::Unary(read, Box::new(instant)), Type::Int))
            }
            _ => self.no_such_call(expr, call),
        }
    }

    /// A window, or the windows of a schedule.
    fn windows(&mut self, expr: &IdedExpr) -> Option<Node> {
        let typed = self.solid(expr)?;
        if matches!(typed.ty, Type::Window | Type::Windows) {
            return Some(typed.node);
        }
        let issue = Issue::new(
            typed.span,
            format!("`overlaps` compares windows, and this is {}", typed.ty),
        );
        self.fail(issue.with_help("write it as in `policy.window.overlaps(plan.window)`"))
    }

    fn no_such_call<T>(&mut self, expr: &IdedExpr, call: &CallExpr) -> Option<T> {
        let name = call.func_name.as_str();
        let span = self.source.name(expr, name);
        if let Some(function) = FUNCTIONS.iter().find(|known| known.name == name) {
            let issue = Issue::new(span, format!("`{name}` is not called like this"));
            return self.fail(issue.with_help(format!("write `{}`", function.form)));
        }
        let mut issue = Issue::new(span, format!("there is no function `{name}`"));
        issue.help = match elsewhere(name) {
            Some(here) => Some(format!("`{here}` does that here")),
            None => did_you_mean(name, FUNCTIONS.iter().map(|known| known.name)),
        };
        self.fail(issue)
    }

    fn has(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        let typed = self.expr(of)?;
        if !matches!(typed.node, Node::Attribute(..) | Node::Label(..)) {
            let issue = Issue::new(typed.span, "`has` asks for an attribute or a label");
            return self.fail(issue.with_help("write it as in `has(vm.memory.minimum)`"));
        }
        Some(self.typed(expr, Node::Has(Box::new(typed.node)), Type::Bool))
    }

    fn or_value(&mut self, expr: &IdedExpr, of: &IdedExpr, default: &IdedExpr) -> Option<Typed> {
        let value = self.expr(of);
        let empty = matches!(&default.expr, Expr::List(list) if list.elements.is_empty());
        let (node, ty) = if empty {
            let value = value?;
            if !matches!(value.ty, Type::List(_)) {
                let message = format!("`orValue` takes {}, and this is a list", value.ty);
                let span = self.source.span(default);
                return self.fail(Issue::new(span, message));
            }
            let default = Box::new(Node::List(Box::default()));
            (Node::OrValue(Box::new(value.node), default), value.ty)
        } else {
            let default_value = self.solid(default);
            let (value, default_value) = (value?, default_value?);
            self.word(default, &value.ty)?;
            let ty = match ops::unify(&value.ty, &default_value.ty) {
                Some(_) if guard::text(default).is_some() => value.ty,
                Some(ty) => ty,
                None => {
                    let message = format!(
                        "`orValue` takes {}, and this is {}",
                        value.ty, default_value.ty
                    );
                    return self.fail(Issue::new(default_value.span, message));
                }
            };
            let default = Box::new(default_value.node);
            (Node::OrValue(Box::new(value.node), default), ty)
        };
        Some(self.typed(expr, node, ty))
    }

    fn size(&mut self, expr: &IdedExpr, of: &IdedExpr) -> Option<Typed> {
        let of = self.solid(of)?;
        match of.ty {
            Type::List(_) | Type::Text | Type::Choice(_) | Type::Labels => {
                let node = Node::Unary(lists::size, Box::new(of.node));
                Some(self.typed(expr, node, Type::Int))
            }
            ty => {
                let message = format!("`size` takes a list, text or labels, and this is {ty}");
                self.fail(Issue::new(of.span, message))
            }
        }
    }

    fn text(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        text: Option<&IdedExpr>,
        part: &IdedExpr,
        apply: ops::Binary,
    ) -> Option<Typed> {
        let text = self.of_type(text?, &Type::Text, &call.func_name);
        let part = self.of_type(part, &Type::Text, &call.func_name);
        let node = Node::Binary(apply, Box::new(text?), Box::new(part?));
        Some(self.typed(expr, node, Type::Bool))
    }

    fn matches(&mut self, expr: &IdedExpr, text: &IdedExpr, pattern: &IdedExpr) -> Option<Typed> {
        let text = self.of_type(text, &Type::Text, "matches");
        let span = self.source.span(pattern);
        let Some(written) = guard::text(pattern) else {
            return self.fail(Issue::new(span, "`matches` takes a pattern in quotes"));
        };
        match RegexBuilder::new(written).size_limit(PATTERN_SIZE).build() {
            Ok(pattern) => {
                let node = Node::Matches(Box::new(text?), Box::new(pattern));
                Some(self.typed(expr, node, Type::Bool))
            }
            Err(regex::Error::CompiledTooBig(_)) => {
                self.fail(Issue::new(span, "this pattern is too large"))
            }
            Err(error) => {
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ");
                self.fail(Issue::new(span, format!("this is no pattern: {reason}")))
            }
        }
    }

    /// A list, with the type of its elements.
    fn elements(&mut self, list: &IdedExpr, user: &str) -> Option<(Box<Node>, Type, Typed)> {
        let typed = self.solid(list)?;
        let Type::List(element) = &typed.ty else {
            let message = format!("`{user}` takes a list, and this is {}", typed.ty);
            return self.fail(Issue::new(typed.span, message));
        };
        let element = (**element).clone();
        let rest = Typed {
            node: Node::Literal(Value::Unknown),
            ..typed
        };
        Some((Box::new(typed.node), element, rest))
    }

    fn distinct(&mut self, expr: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let (node, element, list) = self.elements(list, "distinct")?;
        match element {
            Type::List(_) | Type::Labels | Type::Window | Type::Windows => {
                let message = format!("`distinct` cannot tell {element} from another");
                self.fail(Issue::new(list.span, message))
            }
            _ => Some(self.typed(expr, Node::Unary(lists::distinct, node), list.ty)),
        }
    }

    fn sum(&mut self, expr: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let (node, element, list) = self.elements(list, "sum")?;
        let zero = match element {
            Type::Int => Value::Int(0),
            Type::Float => Value::Float(0.0),
            Type::Memory => Value::Memory(0),
            Type::Bandwidth => Value::Bandwidth(0),
            Type::Duration => Value::Duration(0),
            _ => {
                let message = format!("`sum` adds numbers and amounts, and this is {}", list.ty);
                return self.fail(Issue::new(list.span, message));
            }
        };
        Some(self.typed(expr, Node::Sum(node, zero), element))
    }

    fn extreme(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        list: &IdedExpr,
        apply: Unary,
    ) -> Option<Typed> {
        let (node, element, list) = self.elements(list, &call.func_name)?;
        if ops::ordered(&element) {
            return Some(self.typed(expr, Node::Unary(apply, node), element));
        }
        let message = format!("{} has no order", list.ty);
        self.fail(Issue::new(list.span, message))
    }

    fn names(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        list: &IdedExpr,
        conjunction: print::Conjunction,
    ) -> Option<Typed> {
        let (node, element, list) = self.elements(list, &call.func_name)?;
        let name = match element {
            Type::Text | Type::Choice(_) => None,
            Type::Record(record) => match self.vocabulary.attribute(record, "name") {
                Some(name) => Some(name),
                None => {
                    let message = format!("{} has no name", record.name);
                    return self.fail(Issue::new(list.span, message));
                }
            },
            _ => {
                let message = format!(
                    "`{}` takes a list of entities, and this is {}",
                    call.func_name, list.ty
                );
                return self.fail(Issue::new(list.span, message));
            }
        };
        Some(self.typed(expr, Node::Names(node, name, conjunction), Type::Text))
    }

    fn join(&mut self, expr: &IdedExpr, list: &IdedExpr, separator: &IdedExpr) -> Option<Typed> {
        let separator = self.of_type(separator, &Type::Text, "join");
        let (node, element, list) = self.elements(list, "join")?;
        if !matches!(element, Type::Text | Type::Choice(_)) {
            let message = format!("`join` takes a list of text, and this is {}", list.ty);
            return self.fail(Issue::new(list.span, message));
        }
        Some(self.typed(expr, Node::Join(node, Box::new(separator?)), Type::Text))
    }

    fn convert(
        &mut self,
        expr: &IdedExpr,
        call: &CallExpr,
        of: &IdedExpr,
        to: Type,
        apply: Unary,
    ) -> Option<Typed> {
        let of = self.solid(of)?;
        let fits = match of.ty {
            Type::Record(_) | Type::List(_) | Type::Labels | Type::Windows => false,
            Type::Bool | Type::Instant | Type::Window | Type::Zone => to == Type::Text,
            _ => true,
        };
        if fits {
            return Some(self.typed(expr, Node::Unary(apply, Box::new(of.node)), to));
        }
        let message = format!("`{}` does not take {}", call.func_name, of.ty);
        self.fail(Issue::new(of.span, message))
    }

    /// A constant of a type that has no literals, written as text.
    fn constant(
        &mut self,
        expr: &IdedExpr,
        of: &IdedExpr,
        ty: Type,
        example: &str,
    ) -> Option<Typed> {
        let span = self.source.span(of);
        let Some(written) = guard::text(of) else {
            let message = format!("here belongs a text in quotes, as in \"{example}\"");
            return self.fail(Issue::new(span, message));
        };
        let value = match ty {
            Type::Memory => Memory::parse(written).map(|it| Value::Memory(it.0)),
            Type::Bandwidth => Bandwidth::parse(written).map(|it| Value::Bandwidth(it.0)),
            Type::Duration => Seconds::parse(written).ok().map(|it| Value::Duration(it.0)),
            Type::Zone => times::interned(written).map(Value::Zone),
            _ => written.parse::<Timestamp>().ok().map(|time| {
                let at = Instant::from_unix(time.as_second());
                Value::Instant(Moment { at, zone: &UTC })
            }),
        };
        match value {
            Some(value) => Some(self.typed(expr, Node::Literal(value), ty)),
            None => {
                let issue = Issue::new(span, format!("\"{written}\" is not {ty}"));
                self.fail(issue.with_help(format!("write it as in \"{example}\"")))
            }
        }
    }
}

/// What a function of other languages is called here.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "length" | "len" | "count" => "size",
        "any" | "some" => "exists",
        "every" => "all",
        "concat" => "join",
        "unique" => "distinct",
        "like" | "match" | "regex" => "matches",
        _ => return None,
    })
}

fn both<'a>(a: &Value<'_>, b: &Value<'_>, test: impl Fn(&str, &str) -> bool) -> Value<'a> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Value::Bool(test(a, b)),
        _ => Value::Unknown,
    }
}

fn starts_with<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    both(&a, &b, |a, b| a.starts_with(b))
}

fn ends_with<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    both(&a, &b, |a, b| a.ends_with(b))
}

fn contains<'a>(a: Value<'a>, b: Value<'a>) -> Value<'a> {
    both(&a, &b, |a, b| a.contains(b))
}

fn to_int(value: Value<'_>) -> Value<'_> {
    let number = match value {
        Value::Int(number)
        | Value::Memory(number)
        | Value::Bandwidth(number)
        | Value::Duration(number) => Some(number),
        Value::Float(number) => ops::whole(number),
        Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    number.map_or(Value::Unknown, Value::Int)
}

fn to_double(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Int(number)
        | Value::Memory(number)
        | Value::Bandwidth(number)
        | Value::Duration(number) => Value::Float(number as f64),
        Value::Float(number) => Value::Float(number),
        Value::Text(text) => text.parse().map_or(Value::Unknown, ops::number),
        _ => Value::Unknown,
    }
}

fn to_text(value: Value<'_>) -> Value<'_> {
    match value {
        Value::Unknown | Value::Absent => Value::Unknown,
        value => Value::Text(print::show(&value).into()),
    }
}
