//! Where a finding points: paths such as `vm.memory.minimum` that lead to a place in a document.
//!
//! A path always leads somewhere: where the end is not written, to the nearest ancestor that is.

use super::expr::{Frame, Issue, Scope, did_you_mean, read};
use super::fix::is_written;
use crate::model::reflect::{Attribute, BASE, Object, Place, Type, Value, World};
use crate::source::Span;

/// A checked path to a place.
#[derive(Debug)]
pub struct PlacePath {
    pub(super) slot: usize,
    pub(super) steps: Vec<Step>,
}

/// A step of a path.
pub(super) struct Step {
    pub(super) attribute: &'static Attribute,
    /// Whether it is an attribute of the model, which documents hold under this name; else only
    /// facts have it.
    pub(super) written: bool,
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.attribute.name)
    }
}

/// Where a path led.
#[derive(Clone)]
pub struct Found<'a> {
    /// What is written there, or the nearest that is.
    pub place: Place<'a>,
    /// The steps that lead on from there to what is not written, with dots; else empty.
    pub missing: String,
}

impl PlacePath {
    /// Checks a path.
    ///
    /// # Errors
    /// The first step that does not exist.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, Vec<Issue>> {
        let mut words = words(text);
        let (span, name) = words.next().unwrap_or_default();
        let Some(slot) = scope.names.iter().position(|(known, _)| known == name) else {
            let mut issue = Issue::new(span, format!("there is no name `{name}` here"));
            issue.help = did_you_mean(name, scope.names.iter().map(|(name, _)| name.as_str()));
            return Err(vec![issue]);
        };
        let mut ty = scope.names[slot].1.clone();
        let mut steps = Vec::new();
        for (span, name) in words {
            let Type::Record(record) = ty else {
                let message = format!("{ty} has no `{name}` that a finding could point at");
                return Err(vec![Issue::new(span, message)]);
            };
            let Some(step) = scope.vocabulary.attribute(record, name) else {
                let message = format!("{} has no attribute `{name}`", record.name);
                let mut issue = Issue::new(span, message);
                let known = scope.vocabulary.attributes(record);
                issue.help = did_you_mean(name, known.map(|attribute| attribute.name));
                return Err(vec![issue]);
            };
            ty = (step.ty)();
            if step.name == BASE && matches!(ty, Type::Record(of) if of.kind.is_some()) {
                let message = "a finding points into what is checked, not into its base";
                let issue = Issue::new(span, message);
                return Err(vec![
                    issue.with_help("leave out `base`, and quote it in the message"),
                ]);
            }
            steps.push(Step {
                attribute: step,
                written: is_written(record) && record.attributes.iter().any(|own| own.name == name),
            });
        }
        Ok(PlacePath { slot, steps })
    }

    /// Follows the path. `None` where nothing on the way stands in a document, and from an object
    /// of the base, whose documents are not those that are checked.
    #[must_use]
    pub fn follow<'a>(&self, frame: &Frame<'a>) -> Option<Found<'a>> {
        let (world, start) = frame.slot(self.slot);
        let Value::Record(mut object) = start else {
            return None;
        };
        if object.of_base {
            return None;
        }
        let mut nearest = (object.place(), 0);
        for (index, Step { attribute, .. }) in self.steps.iter().enumerate() {
            let last = index + 1 == self.steps.len();
            if last && let Some(place) = (attribute.place)(world, object) {
                let missing = String::new();
                return Some(Found { place, missing });
            }
            match read(world, object, attribute) {
                Value::Record(next) if !last || object.owner.is_none() => object = next,
                _ => break,
            }
            if let Some(place) = object.place() {
                nearest = (Some(place), index + 1);
            }
        }
        let (place, from) = nearest;
        let rest: Vec<_> = self.steps[from..]
            .iter()
            .map(|step| step.attribute.name)
            .collect();
        Some(Found {
            place: place.or_else(|| somewhere(world, object))?,
            missing: rest.join("."),
        })
    }
}

/// The first of the paths whose end is written, else where the first one led.
pub fn first<'a>(paths: &[PlacePath], frame: &Frame<'a>) -> Option<Found<'a>> {
    let mut fallback = None;
    for path in paths {
        match path.follow(frame) {
            Some(found) if found.missing.is_empty() => return Some(found),
            found => fallback = fallback.or(found),
        }
    }
    fallback
}

/// A place for a fact that has none itself: that of the first entity it speaks of.
fn somewhere<'a>(world: &'a dyn World, fact: Object<'a>) -> Option<Place<'a>> {
    let attributes = fact.record.record_type().attributes.iter();
    attributes
        .filter_map(|attribute| match read(world, fact, attribute) {
            Value::Record(object) => object.place(),
            _ => None,
        })
        .next()
}

/// The steps of a path with their spans.
fn words(text: &str) -> impl Iterator<Item = (Span, &str)> {
    let mut at = 0;
    text.split('.').map(move |part| {
        let word = part.trim();
        let start = at + part.len() - part.trim_start().len();
        at += part.len() + 1;
        (Span::new(start, start + word.len()), word)
    })
}
