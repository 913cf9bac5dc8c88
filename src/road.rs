//! The state of one run on its way from sources to findings.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::diagnostic::{self, Finding, Severity};
use crate::discover::Outcome;
use crate::edit;
use crate::inventory::{Built, Inventory, World};
use crate::model::AnyResource;
use crate::reading::{Kind, Reading};
use crate::report::Summary;
use crate::rules::{RuleOutcome, RuleSet};
use crate::source::{FileId, Location, SourceFile, Sources, Span};
use crate::verdict::{self, Evaluated, Levels, Suppression};

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first day of the search for windows.
    pub as_of: Date,
    /// Which rules run, and at which level.
    pub levels: Levels,
    /// Whether all that exists is declared in what is read.
    pub world: World,
    /// Complete findings with what fingerprints need; costs a second reading of their files.
    pub fingerprints: bool,
}

/// Something that was not evaluated.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Skipped {
    /// The rule.
    pub rule: Arc<str>,
    /// What it was about: `Kind/name`, where that is known.
    pub resource: String,
    /// Why.
    pub reason: String,
    /// Where it is, as `path:line`, where that is known.
    pub place: String,
}

/// What came of a run.
#[derive(Debug)]
pub struct Checked {
    /// All files that were read, in the order of their paths.
    pub sources: Sources,
    /// What is wrong, in the order of every output.
    pub findings: Vec<Finding>,
    /// Counts.
    pub summary: Summary,
    /// Files that are templates, by path.
    pub templates: Vec<String>,
    /// Files of other kinds, by path.
    pub passed_over: Vec<String>,
    /// What was not evaluated, and why.
    pub skipped: Vec<Skipped>,
    /// How many objects each rule was held against and found in order.
    pub passed: BTreeMap<Arc<str>, usize>,
}

pub(crate) struct Road {
    sources: Sources,
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    templates: Vec<String>,
    passed_over: Vec<String>,
    skipped: Vec<Skipped>,
    summary: Summary,
}

impl Road {
    pub(crate) fn new(found: Vec<Outcome>) -> Self {
        let mut road = Road {
            sources: Sources::default(),
            findings: Vec::new(),
            suppressions: Vec::new(),
            templates: Vec::new(),
            passed_over: Vec::new(),
            skipped: Vec::new(),
            summary: Summary::default(),
        };
        for outcome in found {
            match outcome {
                Outcome::Read(file) => {
                    road.sources.add(file);
                }
                Outcome::PassedOver { path } => road.passed_over.push(path),
                Outcome::Unreadable { path, reason } => road.refuse(
                    path,
                    "unreadable-file",
                    format!("this file cannot be read: {reason}"),
                    "save it as UTF-8 text, or list it in .gitignore",
                ),
                Outcome::TooLarge { path } => road.refuse(
                    path,
                    "input-limit",
                    "this file is larger than 64 MiB and is left out".to_owned(),
                    "split it into several files",
                ),
            }
        }
        road
    }

    /// Notes a file that cannot be looked into.
    fn refuse(&mut self, path: String, rule: &str, message: String, help: &str) {
        self.summary.files += 1;
        let file = self.sources.add(SourceFile::new(path, ""));
        let location = Location {
            file,
            span: Span::default(),
        };
        self.findings
            .push(Finding::new(rule, Severity::Error, location, message).with_help(help));
    }

    fn place(&self, location: Location) -> String {
        let file = self.sources.get(location.file);
        format!("{}:{}", file.path(), file.line_of(location.span.start) + 1)
    }

    /// Reads all files, and hands out the resources they declare.
    pub(crate) fn read(&mut self, progress: &(dyn Fn() + Sync)) -> Vec<AnyResource> {
        let files: Vec<(FileId, &SourceFile)> = self
            .sources
            .iter()
            .filter(|(_, file)| !file.text().is_empty())
            .collect();
        let readings: Vec<Reading> = files
            .par_iter()
            .map(|(id, file)| {
                let reading = Reading::of(*id, file);
                progress();
                reading
            })
            .collect();
        let mut resources = Vec::new();
        for ((_, file), reading) in files.into_iter().zip(readings) {
            match reading.kind {
                Kind::Ours | Kind::Broken => self.summary.files += 1,
                Kind::Foreign => self.passed_over.push(file.path().to_owned()),
                Kind::Template => {
                    self.summary.templates += 1;
                    self.templates.push(file.path().to_owned());
                }
            }
            self.summary.documents += reading.documents;
            self.findings.extend(reading.findings);
            self.suppressions.extend(reading.suppressions);
            resources.extend(reading.resources);
        }
        resources
    }

    /// Notes what is wrong with an inventory, and hands it out.
    pub(crate) fn note(&mut self, built: Built) -> Inventory {
        self.summary.resources = built.inventory.len();
        self.summary.not_evaluated += built.not_evaluated.len();
        for (name, location) in built.not_evaluated {
            let skipped = Skipped {
                rule: Arc::from("unknown-reference"),
                resource: name.to_string(),
                reason: "what it names may be declared elsewhere".to_owned(),
                place: self.place(location),
            };
            self.skipped.push(skipped);
        }
        self.findings.extend(built.findings);
        built.inventory
    }

    /// Puts the findings of the rules with the others, and decides which are shown.
    pub(crate) fn judge(
        mut self,
        outcomes: Vec<RuleOutcome>,
        rules: &RuleSet,
        options: &Options,
    ) -> Checked {
        let mut uncertain = HashSet::new();
        let mut passed = BTreeMap::new();
        for RuleOutcome { rule, outcome } in outcomes {
            self.summary.not_evaluated += outcome.not_evaluated;
            passed.insert(rule.clone(), outcome.passed);
            for raw in outcome.findings {
                let mut finding = raw.finding;
                finding.node = raw.missing;
                self.findings.push(finding);
            }
            for skip in outcome.skips {
                uncertain.extend(skip.location.map(|location| (rule.clone(), location.file)));
                let skipped = Skipped {
                    rule: rule.clone(),
                    resource: skip
                        .resource
                        .map_or_else(String::new, |name| name.to_string()),
                    reason: skip.reason,
                    place: skip
                        .location
                        .map_or_else(String::new, |location| self.place(location)),
                };
                self.skipped.push(skipped);
            }
        }
        let known: Vec<Arc<str>> = rules.iter().map(|rule| rule.id.clone()).collect();
        let certain = |rule: &str, file: FileId| {
            options.levels.runs(rule) && !uncertain.contains(&(Arc::from(rule), file))
        };
        let evaluated = Evaluated {
            known: &known,
            certain: &certain,
        };
        for finding in &mut self.findings {
            finding.location.span = self
                .sources
                .get(finding.location.file)
                .first_line(finding.location.span);
        }
        let judged = verdict::judge(
            self.findings,
            &self.suppressions,
            &options.levels,
            &evaluated,
        );
        let mut findings = judged.findings;
        edit::complete(&mut findings, &self.sources);
        if options.fingerprints {
            verdict::identify(&mut findings, &self.sources);
        }
        diagnostic::sort(&mut findings, &self.sources);
        self.summary.suppressed = judged.suppressed;
        self.summary.rules = rules
            .iter()
            .filter(|rule| options.levels.runs(&rule.id))
            .count();
        self.summary.tally(&findings);
        self.summary.passed_over = self.passed_over.len();
        self.skipped.sort();
        self.passed_over.sort();
        Checked {
            sources: self.sources,
            findings,
            summary: self.summary,
            templates: self.templates,
            passed_over: self.passed_over,
            skipped: self.skipped,
            passed,
        }
    }
}
