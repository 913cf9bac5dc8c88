//! One file: text → what it declares, what is wrong with it as YAML and as a document of its
//! format, and what its comments suppress.

use crate::diagnostic::{Finding, MAX_MISTAKES, Severity};
use crate::formats::{self, Concern, Lowered, Piece};
use crate::model::{AnyResource, Meta};
use crate::source::{FileId, Location, SourceFile};
use crate::verdict::Suppression;
use crate::yaml::{self, Document, Problem, ProblemKind, Room};

/// What a file turned out to be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// It holds documents of a known format.
    Ours,
    /// It mentions a known format, but holds no document of it.
    Foreign,
    /// It is a template, to be filled in before it is YAML.
    Template,
    /// It cannot be read as YAML.
    Broken,
}

/// The rule that says which files exceed what is read.
const INPUT_LIMIT: &str = "input-limit";

/// All there is to say about one file.
pub(crate) struct Reading {
    pub(crate) kind: Kind,
    /// How many documents of a known format it holds.
    pub(crate) documents: usize,
    pub(crate) resources: Vec<AnyResource>,
    pub(crate) pieces: Vec<Piece>,
    /// Whether it only says something about what other files declare.
    pub(crate) helps: bool,
    pub(crate) findings: Vec<Finding>,
    pub(crate) suppressions: Vec<Suppression>,
}

impl Reading {
    pub(crate) fn nothing(kind: Kind) -> Self {
        Reading {
            kind,
            documents: 0,
            resources: Vec::new(),
            pieces: Vec::new(),
            helps: false,
            findings: Vec::new(),
            suppressions: Vec::new(),
        }
    }

    /// Reads a file.
    pub(crate) fn of(file: FileId, source: &SourceFile) -> Self {
        let helps = Concern::of(source.text().as_bytes()) == Concern::Help;
        Reading {
            helps,
            ..Self::read(file, source)
        }
    }

    fn read(file: FileId, source: &SourceFile) -> Self {
        let stream = yaml::parse(source.text());
        let failure = stream.failure.as_ref();
        if formats::is_template(source, &stream) {
            return Reading::nothing(Kind::Template);
        }
        if let Some(problem) = failure {
            let is_broken = problem.kind == ProblemKind::Syntax;
            if is_broken && !formats::may_be_ours(source.text(), &stream) {
                return Reading::nothing(Kind::Foreign);
            }
            let mut reading = Reading::nothing(Kind::Broken);
            let finding = of_problem(problem, file);
            reading.suppressions = Suppression::of_broken(source.text(), &finding.rule, file);
            reading.findings.push(finding);
            return reading;
        }
        let mut reading = Reading::nothing(Kind::Foreign);
        let mut room = Room::default();
        for document in &stream.documents {
            reading.add(document, file, &mut room);
            reading.keep_within_limit();
        }
        let exceeded = room.exceeded_at;
        reading
            .findings
            .extend(exceeded.map(|span| too_much_in_texts(Location { file, span })));
        reading
            .suppressions
            .extend(Suppression::of_rest(&stream.comments, file));
        if reading.kind == Kind::Foreign {
            reading.suppressions.clear();
        }
        Suppression::locate_in_file(&mut reading.suppressions, &reading.resources);
        reading
    }

    /// Leaves out mistakes that nobody would read, and says so.
    fn keep_within_limit(&mut self) {
        if self.findings.len() <= MAX_MISTAKES {
            return;
        }
        let cut = self.findings[MAX_MISTAKES].location;
        self.findings.truncate(MAX_MISTAKES);
        let told = self.findings.iter().any(|it| &*it.rule == INPUT_LIMIT);
        if !told {
            let message = format!("this file has more than {MAX_MISTAKES} mistakes");
            let last = self.findings.len() - 1;
            self.findings[last] = Finding::new(INPUT_LIMIT, Severity::Error, cut, message)
                .with_help("correct some of them; those from here on are not shown");
        }
    }

    /// `room` is what may be read of texts.
    fn add(&mut self, document: &Document<'_>, file: FileId, room: &mut Room) {
        let mut inside = Vec::new();
        let lowered = formats::lower(document, file, room, &mut |document, lowered| {
            inside.push(Said::of(document, lowered, file));
        });
        let outside = Said::of(document, lowered.as_ref(), file);
        let Some(lowered) = lowered else {
            self.suppressions.extend(outside.suppressions);
            return;
        };
        self.kind = Kind::Ours;
        self.documents += 1;
        for said in std::iter::once(outside).chain(inside) {
            self.findings.extend(said.problems);
            self.suppressions.extend(said.suppressions);
        }
        self.findings.extend(lowered.findings);
        self.resources.extend(lowered.resources);
        self.pieces.extend(lowered.pieces);
    }
}

/// What a document says beside what it is lowered to.
struct Said {
    /// Duplicate keys in what is ours.
    problems: Vec<Finding>,
    suppressions: Vec<Suppression>,
}

impl Said {
    /// What a document says that was lowered; of others nothing but what is about the whole file.
    fn of(document: &Document<'_>, lowered: Option<&Lowered>, file: FileId) -> Self {
        let mut suppressions = Suppression::of_document(document, file);
        let Some(lowered) = lowered else {
            suppressions.retain(Suppression::is_of_file);
            return Said {
                problems: Vec::new(),
                suppressions,
            };
        };
        for suppression in &mut suppressions {
            suppression.locate(document, &lowered.resources);
        }
        Said {
            problems: problems(document, lowered, file),
            suppressions,
        }
    }
}

fn problems(document: &Document<'_>, lowered: &Lowered, file: FileId) -> Vec<Finding> {
    let mut findings = Vec::new();
    for problem in &document.problems {
        let before = lowered
            .resources
            .partition_point(|it| it.meta().extent.start <= problem.span.start);
        let around = lowered.resources[..before]
            .last()
            .map(AnyResource::meta)
            .filter(|meta| meta.extent.contains(problem.span));
        let wraps = lowered.wraps(problem.span);
        if around.is_some() || wraps || (lowered.resources.is_empty() && !lowered.mixed) {
            let mut finding = of_problem(problem, file);
            if wraps || around.is_some_and(Meta::is_of_kubernetes) {
                finding.help = Some(in_manifest(problem).to_owned());
            }
            finding.resource = around.filter(|meta| meta.named).map(Meta::resource_name);
            findings.push(finding);
        }
    }
    findings
}

/// What to do about a duplicate key of a manifest, which `kubectl` does not read as vmlint does.
fn in_manifest(problem: &Problem) -> &'static str {
    let starts_document = ["`apiVersion`", "`kind`", "`metadata`"];
    match starts_document
        .iter()
        .any(|key| problem.message.contains(key))
    {
        true => "put `---` between two documents, or remove one of the two",
        false => "remove one of the two: `kubectl` refuses the document or takes the last one",
    }
}

/// Some texts in a file were not read.
fn too_much_in_texts(at: Location) -> Finding {
    let message =
        "the texts in this file hold more documents than are read; from here on they are left out";
    Finding::new(INPUT_LIMIT, Severity::Error, at, message)
        .with_help("split the file, or write the manifests into files of their own")
}

fn of_problem(problem: &Problem, file: FileId) -> Finding {
    let rule = match problem.kind {
        ProblemKind::Syntax => "yaml-syntax",
        ProblemKind::Limit => INPUT_LIMIT,
        ProblemKind::DuplicateKey => "duplicate-key",
    };
    let at = |span| Location { file, span };
    let mut finding = Finding::new(
        rule,
        Severity::Error,
        at(problem.span),
        problem.message.as_str(),
    );
    finding.help.clone_from(&problem.help);
    if let Some((span, text)) = &problem.related {
        finding = finding.with_label(at(*span), text.as_str());
    }
    finding
}
