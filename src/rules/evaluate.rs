//! Checks × world → findings, and what came of every object.
//!
//! Three outcomes and a fourth: the rule does not apply, it fails, it passes, or it is not
//! evaluated, because something it needs is not known.

use std::collections::HashSet;
use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::compile::Check;
use super::expr::{FUEL, Frame, print};
use super::path::{self, PlacePath};
use crate::diagnostic::{Finding, Label, ResourceName, Severity};
use crate::model::Meta;
use crate::model::reflect::{Object, Place, Value, World};
use crate::source::{FileId, Location};

/// How many steps one rule may take for all objects together. What comes after is too costly, and
/// its messages are full of `?`.
pub const RULE_FUEL: u64 = 200_000_000;

/// What came of holding a rule against a world.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is wrong, in the order of the relation.
    pub findings: Vec<Raw>,
    /// How many objects fail, those included whose findings are one.
    pub failed: usize,
    /// How many objects are as they should be.
    pub passed: usize,
    /// To how many objects the rule does not apply.
    pub not_applicable: usize,
    /// Of how many objects too little is known.
    pub not_evaluated: usize,
    /// The files in which one of those is.
    pub uncertain: HashSet<FileId>,
    /// Which those are, and why; only when asked for.
    pub skips: Vec<Skip>,
}

/// A finding whose [`Finding::node`] is still to be told from its location.
#[derive(Clone, Debug)]
pub struct Raw {
    /// The finding.
    pub finding: Finding,
    /// The steps from there to what the rule asked for and nobody wrote, with dots.
    pub missing: String,
}

/// An object that was not evaluated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skip {
    /// The resource it belongs to, or is about.
    pub resource: Option<ResourceName>,
    /// Where that is.
    pub location: Option<Location>,
    /// Why, in a sentence without a full stop.
    pub reason: String,
}

/// What a rule says about one object.
enum Verdict {
    NotApplicable,
    Passes,
    Fails,
    NotEvaluated(String),
}

/// A rule on its way through what it is about.
pub(super) struct Progress<'a> {
    check: &'a Check,
    frame: Frame<'a>,
    outcome: Outcome,
    told: Told,
    fuel: u64,
    explain_skips: bool,
}

/// The numbers of findings, by which no two have the same place and key.
#[derive(Default)]
struct Told {
    numbers: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Told {
    /// Adds a finding to those that there are, unless one of them is the same.
    fn add(&mut self, raw: Raw, findings: &mut Vec<Raw>) {
        fn identity(raw: &Raw) -> (Location, &[String]) {
            (raw.finding.location, &raw.finding.key)
        }
        let hash = |raw: &Raw| self.hasher.hash_one(identity(raw));
        let is_same = |number: &usize| identity(&findings[*number]) == identity(&raw);
        let known = self
            .numbers
            .entry(hash(&raw), is_same, |number| hash(&findings[*number]));
        if let Entry::Vacant(entry) = known {
            entry.insert(findings.len());
            findings.push(raw);
        }
    }
}

impl<'a> Progress<'a> {
    pub(super) fn new(check: &'a Check, world: &'a dyn World, explain_skips: bool) -> Self {
        Progress {
            check,
            frame: Frame::new(world),
            outcome: Outcome::default(),
            told: Told::default(),
            fuel: RULE_FUEL,
            explain_skips,
        }
    }

    /// What came of all objects so far.
    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    /// Holds the rule against an object.
    pub(super) fn hold(&mut self, object: Object<'a>) {
        let check = self.check;
        let outcome = &mut self.outcome;
        if object.owner.is_some_and(|owner| !check.judges(owner)) {
            outcome.not_applicable += 1;
            return;
        }
        let frame = &mut self.frame;
        frame.start(object);
        let verdict = match check.verdict(frame, &mut self.fuel) {
            Verdict::Fails | Verdict::NotEvaluated(_) if !check.judges_place(frame, object) => {
                Verdict::NotApplicable
            }
            Verdict::Fails => match check.finding(frame, &mut self.fuel) {
                Some(raw) => {
                    self.told.add(raw, &mut outcome.findings);
                    Verdict::Fails
                }
                None => Verdict::NotEvaluated("it stands in no file".to_owned()),
            },
            verdict => verdict,
        };
        match verdict {
            Verdict::NotApplicable => outcome.not_applicable += 1,
            Verdict::Passes => outcome.passed += 1,
            Verdict::Fails => outcome.failed += 1,
            Verdict::NotEvaluated(reason) => {
                let place = check.place(frame, object);
                let location = place.map(|place| place.location());
                outcome.not_evaluated += 1;
                outcome.uncertain.extend(location.map(|it| it.file));
                if self.explain_skips {
                    outcome.skips.push(Skip {
                        resource: place.map(|place| place.owner.resource_name()),
                        location,
                        reason,
                    });
                }
            }
        }
    }
}

impl Check {
    /// Whether the rule is for what was read from where this was.
    fn judges(&self, owner: &Meta) -> bool {
        self.origins.is_empty() || self.origins.contains(&owner.origin)
    }

    /// The same of what facts say, by where it would be found.
    fn judges_place(&self, frame: &Frame<'_>, object: Object<'_>) -> bool {
        self.origins.is_empty()
            || object.owner.is_some()
            || self
                .place(frame, object)
                .is_none_or(|place| self.judges(place.owner))
    }

    fn verdict<'a>(&'a self, frame: &mut Frame<'a>, fuel: &mut u64) -> Verdict {
        match metered(frame, fuel, |frame| self.decide(frame)) {
            Verdict::NotEvaluated(_) if frame.fuel() == 0 => {
                Verdict::NotEvaluated("it is too costly".to_owned())
            }
            verdict => verdict,
        }
    }

    fn decide<'a>(&'a self, frame: &mut Frame<'a>) -> Verdict {
        let applies = self
            .when
            .as_ref()
            .map_or(Some(true), |when| when.truth(frame));
        if applies == Some(false) {
            return Verdict::NotApplicable;
        }
        for (path, need) in &self.needs {
            match need.value(frame) {
                Value::Absent => return Verdict::NotEvaluated(format!("`{path}` is absent")),
                Value::Unknown => return Verdict::NotEvaluated(format!("`{path}` is unknown")),
                _ => {}
            }
        }
        if applies.is_none() {
            return Verdict::NotEvaluated("whether it applies is unknown".to_owned());
        }
        match self.deny().truth(frame) {
            Some(true) => Verdict::Fails,
            Some(false) => Verdict::Passes,
            None => Verdict::NotEvaluated("what it depends on is unknown".to_owned()),
        }
    }

    fn finding<'a>(&'a self, frame: &mut Frame<'a>, fuel: &mut u64) -> Option<Raw> {
        let at = path::first(self.at(), frame)?;
        let finding = metered(frame, fuel, |frame| self.finding_at(at.place, frame));
        Some(Raw {
            finding,
            missing: at.missing,
        })
    }

    fn finding_at<'a>(&'a self, place: Place<'a>, frame: &mut Frame<'a>) -> Finding {
        let location = place.location();
        let resource = place.owner.resource_name();
        let severity = self.severity(frame);
        let mut related = Vec::new();
        let labels = self.labels(frame, location, &mut related);
        let mut key = Vec::new();
        for part in &self.wording().key {
            key_part(&part.value(frame), &mut key, &mut related);
        }
        let mut once = HashSet::from([resource.clone()]);
        let mut related: Vec<_> = related.into_iter().map(Meta::resource_name).collect();
        related.retain(|name| once.insert(name.clone()));
        related.shrink_to_fit();
        key.shrink_to_fit();
        let message = self.wording().message.text(frame);
        let mut finding = Finding::new(self.id.clone(), severity, location, message)
            .with_help(self.wording().help.text(frame));
        finding.labels = labels;
        if let Some(span) = place.defined {
            let defined = Location { span, ..location };
            finding = finding.with_label(defined, "defined here");
        }
        finding.resource = Some(resource);
        finding.related = related;
        finding.key = key;
        finding.remedy = self
            .wording()
            .fixes
            .iter()
            .find_map(|fix| fix.remedy(frame));
        finding
    }

    fn severity<'a>(&'a self, frame: &mut Frame<'a>) -> Severity {
        let mut cases = self.wording().severity_when.iter();
        cases
            .find(|(when, _)| when.truth(frame) == Some(true))
            .map_or(self.severity, |(_, severity)| *severity)
    }

    fn labels<'a>(
        &'a self,
        frame: &mut Frame<'a>,
        primary: Location,
        related: &mut Vec<&'a Meta>,
    ) -> Vec<Label> {
        let mut taken = HashSet::from([primary]);
        let mut labels = Vec::new();
        for label in &self.wording().labels {
            let elements = match label.each.as_ref().map(|each| each.value(frame)) {
                None => vec![None],
                Some(Value::List(elements)) => elements.into_iter().map(Some).collect(),
                Some(_) => Vec::new(),
            };
            let first = labels.len();
            let mut untold = 0;
            for element in elements {
                if let Some(element) = element {
                    frame.bind(element);
                }
                let Some(found) = label.at.follow(frame) else {
                    continue;
                };
                related.push(found.place.owner);
                let location = found.place.location();
                if !taken.insert(location) {
                    continue;
                }
                if labels.len() - first == MOST_LABELS {
                    untold += 1;
                    continue;
                }
                let text = label.text.as_ref();
                labels.push(Label {
                    location,
                    text: text.map(|text| text.text(frame)).unwrap_or_default(),
                });
            }
            if let Some(last) = labels.last_mut().filter(|_| untold > 0) {
                last.text += &format!(" ({untold} more are not shown)");
            }
        }
        labels.shrink_to_fit();
        labels
    }

    /// The resource that an object belongs to, or is about.
    fn place<'a>(&self, frame: &Frame<'a>, object: Object<'a>) -> Option<Place<'a>> {
        object.place().or_else(|| {
            self.at()
                .iter()
                .find_map(|at| Some(PlacePath::follow(at, frame)?.place))
        })
    }
}

/// How many places one list of a rule marks in a finding.
const MOST_LABELS: usize = 50;

/// Runs an evaluation on what is left of a rule's fuel.
fn metered<'a, T>(
    frame: &mut Frame<'a>,
    fuel: &mut u64,
    evaluate: impl FnOnce(&mut Frame<'a>) -> T,
) -> T {
    frame.refuel(u32::try_from(*fuel).unwrap_or(FUEL));
    let given = frame.fuel();
    let result = evaluate(frame);
    *fuel -= u64::from(given - frame.fuel());
    result
}

/// What a value adds to the key: entities by their full name, anything else as it is shown.
fn key_part<'a>(value: &Value<'a>, key: &mut Vec<String>, related: &mut Vec<&'a Meta>) {
    match value {
        Value::List(elements) => {
            for element in elements {
                key_part(element, key, related);
            }
        }
        Value::Record(Object {
            owner: Some(owner), ..
        }) => {
            related.push(owner);
            key.push(owner.resource_name().to_string());
        }
        value => key.push(print::show(value)),
    }
}
