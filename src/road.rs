//! The state of one run on its way from sources to findings.

mod base;
pub(crate) mod blame;
mod placed;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

pub(crate) use base::Base;

use crate::diagnostic::{self, Finding, Severity};
use crate::discover::Outcome;
use crate::formats::{self, Piece};
use crate::inventory::{Built, Inventory, World};
use crate::model::AnyResource;
use crate::reading::{Kind, Reading};
use crate::report::Summary;
use crate::rules::{RuleOutcome, RuleSet};
use crate::settings::{Level, Settings};
use crate::source::{FileId, Location, SourceFile, Sources, Span};
use crate::verdict::{self, Baseline, Declared, Entry, Evaluated, Levels, Suppression};

pub(crate) use placed::Placed;

/// What a run is asked for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first day of the search for windows.
    pub as_of: Date,
    /// Which rules run, and at which level.
    pub levels: Levels,
    /// Scopes, assumptions and waivers. Levels know of their own part.
    pub settings: Arc<Settings>,
    /// Findings to leave out, as they are recorded.
    pub baseline: Option<Arc<Baseline>>,
    /// Whether all that exists is declared in what is read.
    pub world: World,
    /// List what was not evaluated, and why; costs memory for each of it.
    pub explain_skips: bool,
    /// Complete findings with what fingerprints need; costs a second reading of their files.
    pub fingerprints: bool,
}

impl Options {
    /// Whether it is noted what was not evaluated: a waiver, or an entry of the baseline, that
    /// nothing is found for may have to do with it.
    pub(crate) fn keeps_skips(&self) -> bool {
        self.explain_skips || self.baseline.is_some() || !self.settings.waivers().is_empty()
    }
}

/// The estate before a change, to be compared with.
#[derive(Clone, Debug)]
pub struct Before {
    /// What was found.
    pub found: Vec<Outcome>,
    /// Whether all that existed is declared in it.
    pub world: World,
    /// The folder that the paths in `found` lead through, as they spell it.
    pub root: String,
    /// The folder that takes its place after the change.
    pub root_after: String,
    /// Whether suppressions count that the change brings along.
    pub trust_head: bool,
    /// What messages call it, such as `` `main`, 1a2b3c4 ``; none for a folder.
    pub revision: Option<String>,
}

/// What is set and does nothing.
#[derive(Default, Debug)]
pub struct Leftovers {
    /// The numbers of waivers that waive nothing, although their rules ran and had all they needed.
    pub waivers: Vec<usize>,
    /// Entries of the baseline that no finding has.
    pub baseline: Vec<Entry>,
}

/// What there is to say about a comparison, beside its findings.
#[derive(Clone, Default, Debug)]
pub struct Comparison {
    /// Files of the base that cannot be read, as `path:line`, in the order of their paths.
    pub unread: Vec<String>,
    /// Whether the base declares no resource at all.
    pub empty: bool,
    /// Suppressions, as `path:line`, that do not count because the base does not have them.
    pub unheeded: Vec<String>,
}

/// What a file is called, seen from the folder that is compared.
fn below(root: &str, path: &str) -> String {
    let inside = path
        .strip_prefix(root)
        .filter(|rest| rest.is_empty() || rest.starts_with('/'));
    inside.unwrap_or(path).trim_start_matches('/').to_owned()
}

/// What is said of files that are left out.
const LEFT_OUT: [&str; 3] = ["yaml-syntax", "unreadable-file", "input-limit"];

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
    /// What was not evaluated, and why; of rules only where [`Options`] ask for it.
    pub skipped: Vec<Skipped>,
    /// How many objects each rule was held against and found in order.
    pub passed: BTreeMap<Arc<str>, usize>,
    /// What there is to say about the base, where there is one.
    pub comparison: Option<Comparison>,
    /// What is set and does nothing; only true where all was read that it is for.
    pub leftovers: Leftovers,
}

impl Checked {
    /// Looks for the lines of labels, so that reports need not read their texts one after the other.
    pub(crate) fn find_labels(&self) {
        let labels = self.findings.par_iter();
        let labels = labels.flat_map_iter(|finding| &finding.labels);
        labels.for_each(|label| self.sources.get(label.location.file).find_lines());
    }
}

pub(crate) struct Road {
    placed: Placed,
    /// Files that are yet to be read.
    found: Vec<Outcome>,
    sources: Sources,
    findings: Vec<Finding>,
    suppressions: Vec<Suppression>,
    templates: Vec<String>,
    passed_over: Vec<String>,
    skipped: Vec<Skipped>,
    summary: Summary,
    declared: Declared,
}

/// What comes of a file.
enum Fate {
    /// It concerns nobody.
    PassedOver,
    /// It cannot be looked into.
    Refused(Box<Finding>),
    Read(Box<Reading>),
}

/// What comes of a file that was looked at, and what is kept of it: texts in which nothing is wrong
/// are let go, as most are never asked for again.
fn fate(id: FileId, outcome: Outcome) -> (SourceFile, Fate) {
    let refused = |rule: &str, message: String, help: &str| {
        let location = Location {
            file: id,
            span: Span::default(),
        };
        let finding = Finding::new(rule, Severity::Error, location, message).with_help(help);
        Fate::Refused(Box::new(finding))
    };
    let nothing = |path: String| SourceFile::new(path, "");
    match outcome {
        Outcome::Read(mut file) => {
            let reading = Reading::of(id, &file);
            if reading.findings.is_empty() {
                file.leave();
            }
            (file, Fate::Read(Box::new(reading)))
        }
        Outcome::PassedOver { path } => (nothing(path), Fate::PassedOver),
        Outcome::Waiting(candidate) => (nothing(candidate.display), Fate::PassedOver),
        Outcome::Unreadable { path, reason } => {
            let message = format!("this file cannot be read: {reason}");
            let help = "save it as UTF-8 text, or list it in .gitignore";
            (nothing(path), refused("unreadable-file", message, help))
        }
        Outcome::TooLarge { path } => {
            let message = "this file is larger than 64 MiB and is left out".to_owned();
            let help = "split it into several files";
            (nothing(path), refused("input-limit", message, help))
        }
    }
}

impl Road {
    pub(crate) fn new(found: Vec<Outcome>, placed: Placed) -> Self {
        Road {
            placed,
            found,
            sources: Sources::default(),
            findings: Vec::new(),
            suppressions: Vec::new(),
            templates: Vec::new(),
            passed_over: Vec::new(),
            skipped: Vec::new(),
            summary: Summary::default(),
            declared: Declared::default(),
        }
    }

    fn place(&self, location: Location) -> String {
        let file = self.sources.get(location.file);
        format!("{}:{}", file.path(), file.line_of(location.span.start) + 1)
    }

    /// Reads all files, and hands out the resources they declare, with what they say about others.
    /// Each is a source with the number that it was found with.
    pub(crate) fn read(&mut self, progress: &(dyn Fn() + Sync)) -> (Vec<AnyResource>, Vec<Piece>) {
        let found = std::mem::take(&mut self.found);
        let results: Vec<(SourceFile, Fate)> = found
            .into_par_iter()
            .enumerate()
            .map_init(Vec::new, |buffer, (index, outcome)| {
                let is_new = matches!(outcome, Outcome::Waiting(_) | Outcome::Read(_));
                let outcome = outcome.looked_at(formats::concerns_us, buffer);
                let result = fate(FileId::at(index), outcome);
                if is_new {
                    progress();
                }
                result
            })
            .collect();
        let declares =
            |fate: &Fate| matches!(fate, Fate::Read(it) if !it.helps && it.kind == Kind::Ours);
        let alone = !results.iter().any(|(_, fate)| declares(fate));
        let declared = results.iter().map(|(_, fate)| match fate {
            Fate::Read(reading) => reading.resources.len(),
            Fate::PassedOver | Fate::Refused(_) => 0,
        });
        let mut resources = Vec::with_capacity(declared.sum());
        let mut pieces = Vec::new();
        self.sources.reserve(results.len());
        for (file, fate) in results {
            let path = || file.path().to_owned();
            match fate {
                Fate::PassedOver => self.passed_over.push(path()),
                Fate::Refused(finding) => {
                    self.summary.files += 1;
                    self.findings.push(*finding);
                }
                Fate::Read(reading) if reading.helps && (alone || reading.kind != Kind::Ours) => {
                    self.passed_over.push(path());
                }
                Fate::Read(reading) => {
                    match reading.kind {
                        Kind::Ours | Kind::Broken => self.summary.files += 1,
                        Kind::Foreign => self.passed_over.push(path()),
                        Kind::Template => {
                            self.summary.templates += 1;
                            self.templates.push(path());
                        }
                    }
                    self.summary.documents += reading.documents;
                    self.findings.extend(reading.findings);
                    self.suppressions.extend(reading.suppressions);
                    resources.extend(reading.resources);
                    pieces.extend(reading.pieces);
                }
            }
            self.sources.add(file);
        }
        (resources, pieces)
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

    /// Files that cannot be read, as `path:line`, in the order of their paths.
    pub(crate) fn unread(&self) -> Vec<String> {
        let left_out = |finding: &&Finding| LEFT_OUT.contains(&&*finding.rule);
        let unread = self.findings.iter().filter(left_out);
        let mut unread: Vec<_> = unread.map(|it| self.place(it.location)).collect();
        unread.sort();
        unread
    }

    /// How many other errors there are, each of which may have made something unknown.
    pub(crate) fn errors(&self) -> usize {
        let counts = |finding: &&Finding| {
            finding.severity == Severity::Error && !LEFT_OUT.contains(&&*finding.rule)
        };
        self.findings.iter().filter(counts).count()
    }

    /// How many resources are declared.
    pub(crate) fn resources(&self) -> usize {
        self.summary.resources
    }

    /// The text that was read.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The text that was read, where nobody judges it.
    pub(crate) fn into_sources(self) -> Sources {
        self.sources
    }

    /// Puts the findings of the rules with the others, and decides which are shown: with a base
    /// those that it does not have.
    pub(crate) fn judge(
        mut self,
        outcomes: Vec<RuleOutcome>,
        rules: &RuleSet,
        options: &Options,
        base: Option<&Base>,
    ) -> Checked {
        let mut uncertain = HashSet::new();
        let mut passed = BTreeMap::new();
        let mut of_changes = HashSet::new();
        for RuleOutcome {
            rule,
            outcome,
            of_change,
        } in outcomes
        {
            of_changes.extend(of_change.then(|| rule.clone()));
            self.summary.not_evaluated += outcome.not_evaluated;
            passed.insert(rule.clone(), outcome.passed);
            for raw in outcome.findings {
                let mut finding = raw.finding;
                finding.node = raw.missing;
                self.findings.push(finding);
            }
            let files = outcome.uncertain.into_iter();
            uncertain.extend(files.map(|file| (rule.clone(), file)));
            for skip in outcome.skips {
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
        if base.is_none() {
            self.note_settings(options);
        }
        let ids: Vec<Arc<str>> = rules.names().map(|(id, _)| id).collect();
        let placed = self.placed.clone();
        let seen = |file: FileId| placed.seen(self.sources.get(file).path());
        let certain = |rule: &str, file: FileId| {
            options.levels.runs(rule)
                && options.levels.level(rule, &seen(file)).0 != Some(Level::Off)
                && !uncertain.contains(&(Arc::from(rule), file))
                && !of_changes.contains(rule)
        };
        let root = base.map_or("", |base| &base.root_after);
        let named = |path: &str| below(root, path);
        let sources = &self.sources;
        let file_named = |file: FileId| named(sources.get(file).path());
        let evaluated = Evaluated {
            settings: &options.settings,
            as_of: options.as_of,
            seen: &seen,
            rules: &ids,
            certain: &certain,
            known: base.map(|base| (&base.known, &file_named as _)),
        };
        let mut findings = std::mem::take(&mut self.findings);
        // The texts of most files are read again for this.
        findings.par_iter_mut().for_each(|finding| {
            let file = finding.location.file;
            let file_text = self.sources.get(file);
            finding.location.span = file_text.first_line(finding.location.span);
            finding.scope = self.scope(file);
        });
        let judged = verdict::judge(findings, &self.suppressions, &options.levels, &evaluated);
        let mut findings = judged.findings;
        let baseline = options.baseline.as_deref();
        if options.fingerprints || base.is_some() || baseline.is_some() {
            verdict::identify(&mut findings, &self.sources);
        }
        diagnostic::sort(&mut findings, &self.sources);
        if let Some(base) = base {
            self.summary.known = base.known.take_out(&mut findings, &self.sources, &named);
        }
        let recorded = baseline
            .map(|baseline| baseline.take_out(&mut findings, &self.sources))
            .unwrap_or_default();
        self.summary.baselined = recorded.count;
        let unheeded = |findings: &[Finding]| {
            let places = verdict::unheeded(findings, &self.suppressions);
            places.into_iter().map(|it| self.place(it)).collect()
        };
        let comparison = base.map(|base| Comparison {
            unheeded: unheeded(&findings),
            ..base.comparison.clone()
        });
        self.summary.suppressed = judged.suppressed;
        self.summary.rules = ids.iter().filter(|id| options.levels.runs(id)).count();
        self.summary.tally(&findings);
        self.summary.passed_over = self.passed_over.len();
        self.skipped.sort();
        self.passed_over.sort();
        let leftovers = Leftovers {
            waivers: self.idle_waivers(options, &judged.used_waivers),
            baseline: recorded.stale,
        };
        Checked {
            leftovers,
            sources: self.sources,
            findings,
            summary: self.summary,
            templates: self.templates,
            passed_over: self.passed_over,
            skipped: self.skipped,
            passed,
            comparison,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn files_have_one_name_before_and_after() {
        assert_eq!(below("../old", "../old/vms/a.yaml"), "vms/a.yaml");
        assert_eq!(below("new", "new/vms/a.yaml"), "vms/a.yaml");
        assert_eq!(below(".", "vms/a.yaml"), "vms/a.yaml");
        assert_eq!(below(".", ".hidden/a.yaml"), ".hidden/a.yaml");
        assert_eq!(below("new", "newer/a.yaml"), "newer/a.yaml");
        assert_eq!(below("a.yaml", "a.yaml"), below("b.yaml", "b.yaml"));
    }
}
