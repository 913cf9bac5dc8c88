//! `fix:` of a rule → what to write where. Making text edits of it is left to others.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::expr::{Expression, Frame, Issue, Scope, read};
use super::path::PlacePath;
use super::template::Template;
use crate::diagnostic::{Remedy, shortened};
use crate::model::reflect::{Object, RecordType, Type, Value};
use crate::model::{Bandwidth, Kind, Memory, Meta, Origin, Seconds};
use crate::source::{Location, Span};
use crate::yaml;

/// A value to write at a place.
#[derive(Debug)]
pub(super) struct FixTemplate {
    /// The place.
    pub(super) set: PlacePath,
    /// The value, as YAML has it.
    pub(super) to: Template,
    /// Whether it cannot change what the estate does.
    pub(super) safe: bool,
    /// Only where this is known to hold; `None` where that is everywhere.
    pub(super) when: Option<Expression>,
}

/// A node, and the keys that lead from there to what is to be set.
struct Target<'a> {
    owner: &'a Meta,
    span: Span,
    steps: Vec<&'static str>,
}

impl FixTemplate {
    /// Checks a path to something that a document can say in one value.
    pub(super) fn target(text: &str, scope: &Scope) -> Result<PlacePath, Vec<Issue>> {
        let path = PlacePath::compile(text, scope)?;
        let wrong = |message: String| {
            let issue = Issue::new(Span::new(0, text.len()), message);
            Err(vec![issue.with_help(
                "name an attribute as it is written: `vm.processor.count`",
            )])
        };
        let Some(last) = path.steps.last() else {
            return wrong("a fix sets an attribute".to_owned());
        };
        let name = last.attribute.name;
        match (last.attribute.ty)() {
            ty @ (Type::List(_) | Type::Labels | Type::Window | Type::Instant) => {
                wrong(format!("a fix sets one value, and `{name}` is {ty}"))
            }
            Type::Record(record) if record.kind.is_none() => wrong(format!(
                "a fix sets one value, and `{name}` has several attributes"
            )),
            _ if !last.written => wrong(format!("no document holds `{name}`, it is derived")),
            _ => Ok(path),
        }
    }

    /// What is wrong with a value that is always the same.
    pub(super) fn misfit(&self) -> Option<Issue> {
        let text = self.to.constant()?;
        let ty = (self.set.steps.last()?.attribute.ty)();
        let whole = Span::new(0, text.len());
        let stream = yaml::parse(&text);
        let value = match stream.documents.as_slice() {
            [document] if stream.failure.is_none() => document.root().value(),
            _ => yaml::Value::Null,
        };
        let fits = match (&ty, &value) {
            (_, yaml::Value::Null | yaml::Value::Sequence(_) | yaml::Value::Mapping(_)) => false,
            (Type::Bool, value) => matches!(value, yaml::Value::Bool(_)),
            (Type::Int, value) => matches!(value, yaml::Value::Int(_)),
            (Type::Choice(words), yaml::Value::Text(word)) => words.contains(word),
            (Type::Memory, _) => Memory::parse(&text).is_some() || text.parse::<u64>().is_ok(),
            (Type::Bandwidth, _) => Bandwidth::parse(&text).is_some(),
            (Type::Duration, _) => Seconds::parse(&text).is_ok(),
            _ => true,
        };
        (!fits).then(|| Issue::new(whole, format!("`{}` is not {ty}", shortened(&text))))
    }

    /// What would mend the object of a frame; `None` where it is not known what to write, or
    /// where.
    pub(super) fn remedy<'a>(&'a self, frame: &mut Frame<'a>) -> Option<Box<Remedy>> {
        if let Some(when) = &self.when
            && when.truth(frame) != Some(true)
        {
            return None;
        }
        let Target { owner, span, steps } = self.set.target(frame)?;
        let value = self.to.known_text(frame)?;
        let path = match steps.as_slice() {
            ["spec", path @ ..] => path.join("."),
            path => path.join("."),
        };
        let title = format!(
            "set `{path}` of `{}` to `{}`",
            owner.name,
            shortened(&value)
        );
        Some(Box::new(Remedy {
            title,
            safe: self.safe,
            at: Location {
                file: owner.file,
                span,
            },
            steps: steps.into_iter().map(str::to_owned).collect(),
            value,
        }))
    }
}

impl PlacePath {
    /// Where the path leads: from the resource or list element that holds its end, written or not.
    /// `None` where that is not known, or not written by this path.
    fn target<'a>(&self, frame: &Frame<'a>) -> Option<Target<'a>> {
        let (world, start) = frame.slot(self.slot);
        let Value::Record(mut object) = start else {
            return None;
        };
        let mut target = holder(object);
        for (index, step) in self.steps.iter().enumerate() {
            if !step.written {
                target = None;
            }
            if let Some(target) = &mut target {
                target.steps.push(step.attribute.name);
            }
            let rest = &self.steps[index + 1..];
            let place = (step.attribute.place)(world, object);
            if place.is_some_and(|place| place.file != place.owner.file) {
                return None;
            }
            if rest.is_empty() {
                break;
            }
            match read(world, object, step.attribute) {
                Value::Record(next) => {
                    if !is_part(object, next) || target.is_none() {
                        target = holder(next);
                    }
                    object = next;
                }
                Value::Absent if is_part_type(&(step.attribute.ty)()) => {
                    let (_, between) = rest.split_last()?;
                    let parts = between
                        .iter()
                        .all(|step| step.written && is_part_type(&(step.attribute.ty)()));
                    let target = target.as_mut().filter(|_| parts)?;
                    target
                        .steps
                        .extend(rest.iter().map(|step| step.attribute.name));
                    break;
                }
                _ => return None,
            }
        }
        target.filter(|target| target.span != Span::default())
    }
}

/// The node that holds the attributes of an object, with the keys that lead to them.
fn holder(object: Object<'_>) -> Option<Target<'_>> {
    let owner = object
        .owner
        .filter(|owner| owner.origin == Origin::Native)?;
    let record = object.record.record_type();
    let (span, steps) = match record.kind {
        Some(_) => (owner.extent, vec!["spec"]),
        None if is_written(record) => (object.record.place()?, Vec::new()),
        None => return None,
    };
    Some(Target { owner, span, steps })
}

/// Whether `next` is written inside of `object`.
fn is_part(object: Object<'_>, next: Object<'_>) -> bool {
    let same = match (object.owner, next.owner) {
        (Some(a), Some(b)) => std::ptr::eq(a, b),
        _ => false,
    };
    same && is_part_type(&Type::Record(next.record.record_type()))
}

/// Whether values of this type are written inside of what has them.
fn is_part_type(ty: &Type) -> bool {
    matches!(ty, Type::Record(record) if record.kind.is_none() && is_written(record))
}

/// Whether documents hold records of this type: those of the model do, facts are in none.
pub(super) fn is_written(record: &RecordType) -> bool {
    static WRITTEN: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let mut written = HashSet::new();
        let mut open: Vec<Type> = Kind::ALL.map(Kind::record).map(Type::Record).into();
        while let Some(ty) = open.pop() {
            match ty {
                Type::List(of) => open.push(*of),
                Type::Record(record) if written.insert(record.name) => {
                    open.extend(record.attributes.iter().map(|attribute| (attribute.ty)()));
                }
                _ => {}
            }
        }
        written
    });
    WRITTEN.contains(record.name)
}
