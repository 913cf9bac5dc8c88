//! What a change did to resources, and which of it made a finding: told at the end that changed,
//! where the finding itself is elsewhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Finding, Label, ResourceName};
use crate::model::Meta;
use crate::source::{FileId, Location, SourceFile, Sources, Span};
use crate::yaml::{self, Node, Value};

/// A resource by its name, in its scope.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Subject {
    /// Its scope, empty for the one that holds the rest.
    pub scope: Arc<str>,
    /// Its name.
    pub name: ResourceName,
}

/// Where resources are declared, the first place for each name.
#[derive(Default, Debug)]
pub struct Declared {
    places: BTreeMap<Subject, Declaration>,
}

#[derive(Clone, Copy, Debug)]
struct Declaration {
    file: FileId,
    extent: Span,
    name: Span,
}

impl Declared {
    /// Notes a resource.
    pub fn add(&mut self, scope: Arc<str>, meta: &Meta) {
        if meta.named {
            let declaration = Declaration {
                file: meta.file,
                extent: meta.extent,
                name: meta.name_span(),
            };
            let name = meta.resource_name();
            let subject = Subject { scope, name };
            self.places.entry(subject).or_insert(declaration);
        }
    }

    /// The file a resource is declared in.
    #[must_use]
    pub fn file_of(&self, subject: &Subject) -> Option<FileId> {
        self.places.get(subject).map(|place| place.file)
    }
}

/// What became of a resource.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Fate {
    /// It is gone from this file.
    Deleted { path: String },
    /// It is declared otherwise, or was not before.
    Changed {
        extent: Location,
        name: Location,
        is_new: bool,
    },
}

/// What a change did to resources.
#[derive(Debug)]
pub struct Differences {
    of: BTreeMap<Subject, Fate>,
    /// What the base is called: `` `main`, 1a2b3c4 ``; none for a folder.
    revision: Option<String>,
}

impl Differences {
    /// What differs between two estates.
    #[must_use]
    pub fn between(
        (before, old): (&Declared, &Sources),
        (after, new): (&Declared, &Sources),
        revision: Option<String>,
    ) -> Self {
        let mut of = BTreeMap::new();
        for (subject, was) in &before.places {
            let fate = match after.places.get(subject) {
                Some(is) => {
                    let (was_in, is_in) = (old.get(was.file), new.get(is.file));
                    let same = says_the_same((was_in, was.extent), (is_in, is.extent));
                    (!same).then(|| is.fate(false))
                }
                None => {
                    let path = old.get(was.file).path().to_owned();
                    Some(Fate::Deleted { path })
                }
            };
            of.extend(fate.map(|fate| (subject.clone(), fate)));
        }
        let added = after.places.iter();
        let added = added.filter(|(subject, _)| !before.places.contains_key(subject));
        of.extend(added.map(|(subject, is)| (subject.clone(), is.fate(true))));
        Differences { of, revision }
    }

    /// The resources that differ, those that are gone first.
    #[must_use]
    pub fn subjects(&self) -> Vec<&Subject> {
        let gone = |fate: &Fate| matches!(fate, Fate::Deleted { .. });
        let (mut first, rest): (Vec<_>, Vec<_>) = self.of.iter().partition(|it| gone(it.1));
        first.extend(rest);
        first.into_iter().map(|(subject, _)| subject).collect()
    }

    /// Whether a finding is in a resource that differs itself, so that it needs no explanation.
    #[must_use]
    pub fn speaks_for_itself(&self, finding: &Finding) -> bool {
        finding.resource.as_ref().is_none_or(|name| {
            let (scope, name) = (finding.scope.clone(), name.clone());
            self.of.contains_key(&Subject { scope, name })
        })
    }

    /// Says in a finding what made it, where that is a resource it names; whether it is.
    pub fn explain(&self, finding: &mut Finding, sources: &Sources) -> bool {
        if let Some(subject) = self.gone_from(finding, sources) {
            self.blame(&subject, finding);
            return true;
        }
        if self.speaks_for_itself(finding) {
            return true;
        }
        let concerned = |extent: &Location| {
            let within = |label: &Label| within(label.location, *extent);
            finding.labels.iter().any(within)
        };
        let takes_part = |(subject, fate): &(&Subject, &Fate)| match fate {
            Fate::Deleted { .. } => false,
            Fate::Changed { extent, .. } => concerned(extent) || names(finding, subject),
        };
        let subjects = self.of.iter().filter(takes_part);
        let subjects: Vec<Subject> = subjects.map(|(subject, _)| subject.clone()).collect();
        for subject in &subjects {
            self.blame(subject, finding);
        }
        !subjects.is_empty()
    }

    /// Says in a finding that this resource made it.
    pub fn blame(&self, subject: &Subject, finding: &mut Finding) {
        match self.of.get(subject) {
            Some(Fate::Deleted { path }) => {
                let until = match &self.revision {
                    Some(revision) => format!("`{path}` until {revision}"),
                    None => format!("`{path}`, the base"),
                };
                let quoted = format!("`{}`", subject.name.name);
                finding.message += &match finding.message.contains(&quoted) {
                    true => format!(" (declared in {until})"),
                    false => format!(" ({quoted} was declared in {until})"),
                };
            }
            Some(Fate::Changed {
                extent,
                name,
                is_new,
            }) => {
                let since = match &self.revision {
                    Some(revision) => revision.split(',').next().unwrap_or_default(),
                    None => "the base",
                };
                let text = match is_new {
                    true => format!("new since {since}"),
                    false => format!("changed since {since}"),
                };
                let mut labels = finding.labels.iter_mut();
                match labels.find(|label| within(label.location, *extent)) {
                    Some(label) if label.text.is_empty() => label.text = text,
                    Some(label) => label.text += &format!("; {text}"),
                    None => finding.labels.push(Label {
                        location: *name,
                        text,
                    }),
                }
            }
            None => {}
        }
    }

    /// The resource that a finding misses: what stands at its place is the name of one that is
    /// gone, or it is about one.
    fn gone_from(&self, finding: &Finding, sources: &Sources) -> Option<Subject> {
        let text = sources.get(finding.location.file).text();
        let written = text.get(finding.location.span.range()).unwrap_or_default();
        let written = written.trim_matches(['"', '\'']);
        let written = written.rsplit('/').next().unwrap_or(written);
        let is_it = |subject: &Subject| {
            let name = &subject.name;
            let is_written = subject.scope == finding.scope
                && &*name.name == written
                && finding.message.contains(name.kind);
            is_written || names(finding, subject)
        };
        let mut gone = self
            .of
            .iter()
            .filter(|(_, fate)| matches!(fate, Fate::Deleted { .. }));
        gone.find(|(subject, _)| is_it(subject))
            .map(|(subject, _)| subject.clone())
    }
}

/// Whether a resource is among those that a finding relates to its own.
fn names(finding: &Finding, subject: &Subject) -> bool {
    subject.scope == finding.scope && finding.related.contains(&subject.name)
}

impl Declaration {
    fn fate(&self, is_new: bool) -> Fate {
        let at = |span| Location {
            file: self.file,
            span,
        };
        Fate::Changed {
            extent: at(self.extent),
            name: at(self.name),
            is_new,
        }
    }
}

fn within(place: Location, extent: Location) -> bool {
    place.file == extent.file && extent.span.contains(place.span)
}

/// Whether two declarations are the same but for comments and layout.
fn says_the_same(was: (&SourceFile, Span), is: (&SourceFile, Span)) -> bool {
    let (was, is) = (alone(was), alone(is));
    if was.trim_start() == is.trim_start() {
        return true;
    }
    let (was, is) = (yaml::parse(&was), yaml::parse(&is));
    match (was.documents.as_slice(), is.documents.as_slice()) {
        ([a], [b]) if was.failure.is_none() && is.failure.is_none() => same(a.root(), b.root()),
        _ => false,
    }
}

/// The text of a declaration, as far from the margin as it is written.
fn alone((file, span): (&SourceFile, Span)) -> String {
    let margin = file.position(span.start).column - 1;
    let text = file.text().get(span.range()).unwrap_or_default();
    " ".repeat(margin) + text
}

/// Whether two nodes say the same.
fn same(a: Node<'_>, b: Node<'_>) -> bool {
    match (a.value(), b.value()) {
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Mapping(a), Value::Mapping(b)) => {
            let alike = |(a, b): (yaml::Entry<'_>, yaml::Entry<'_>)| {
                same(a.key, b.key) && same(a.value, b.value)
            };
            a.len() == b.len() && a.zip(b).all(alike)
        }
        _ => a.text().is_some() && a.text() == b.text() && a.is_plain() == b.is_plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_layout_say_nothing() {
        let file = |text: &str| SourceFile::new("a.yaml", text);
        let same = |a: &str, b: &str| {
            let at = |text: &str| {
                let start = text.find("kind").unwrap();
                Span::new(start, text.len())
            };
            says_the_same((&file(a), at(a)), (&file(b), at(b)))
        };
        let list = "items:\n  - kind: Host # first\n    name: hv01\n";
        assert!(same(list, "kind: Host\nname:   hv01\n"));
        assert!(!same(list, "kind: Host\nname: hv02\n"));
        assert!(!same(list, "kind: Host\nname: hv01\nspec:\n"));
        assert!(!same("kind: 1\n", "kind: '1'\n"));
        assert!(!same("kind: *a\n", "kind:  *a\n"));
    }
}
