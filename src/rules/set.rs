//! All rules of a run: the built-in ones and those of the user.
//!
//! A rule of the user is read and compiled at once, so that what is wrong with it is told. One of
//! the program is compiled when there is something to hold it against, and its file is read in
//! full when somebody wants to see it: most runs need little of either.

use std::sync::{Arc, OnceLock};

use super::batch::{self, RuleOutcome, Run};
use super::builtin::{self, BuiltIn};
use super::compile::RuleMutation;
use super::library::Library;
use super::load::Rule;
use crate::diagnostic::Finding;
use crate::model::reflect::{Vocabulary, World};
use crate::source::{SourceFile, Sources};

/// Where the pages about built-in rules are.
const HOME: &str = "https://vmlint.dev/rules";

/// Rules with their files.
pub struct RuleSet {
    vocabulary: Vocabulary,
    /// Rules of the program, which come first, as far as the build has read them.
    embedded: &'static [BuiltIn],
    /// The others.
    own: Library,
    /// All of them, where there are some of both.
    whole: OnceLock<Library>,
    runs: Vec<Run>,
}

/// Rule files that cannot be used.
#[derive(Debug)]
pub struct InvalidRules {
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// The files.
    pub sources: Sources,
}

impl RuleSet {
    /// The built-in rules, and those of further files, each with its path and text.
    ///
    /// # Errors
    /// Everything that is wrong with the files. While nothing but expressions is, that is left to
    /// [`RuleSet::prepare`].
    pub fn load(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let (own, findings) = Library::read([], files);
        let set = RuleSet {
            embedded: builtin::RULES,
            ..Self::with(vocabulary, own)
        };
        let taken = |rule: &Rule| set.embedded.iter().any(|it| *it.id == *rule.id);
        match findings.is_empty() && !set.own.rules.iter().any(taken) {
            true => Ok(set),
            false => set.refuse(),
        }
    }

    /// The rules of these files, each with its path and text, and no others.
    ///
    /// # Errors
    /// As those of [`RuleSet::load`].
    pub fn of(
        vocabulary: Vocabulary,
        files: impl IntoIterator<Item = SourceFile>,
    ) -> Result<Self, InvalidRules> {
        let (own, findings) = Library::read(files, []);
        Self::with(vocabulary, own).unless(findings)
    }

    fn with(vocabulary: Vocabulary, own: Library) -> Self {
        RuleSet {
            vocabulary,
            embedded: &[],
            own,
            whole: OnceLock::new(),
            runs: Vec::new(),
        }
    }

    /// Tells what is wrong, with all files at hand, also those of the program.
    fn refuse(self) -> Result<Self, InvalidRules> {
        let (whole, findings) = self.read_all();
        Self::with(self.vocabulary, whole).unless(findings)
    }

    /// The set, if nothing is wrong with it, else also what is wrong with its expressions.
    fn unless(self, mut findings: Vec<Finding>) -> Result<Self, InvalidRules> {
        if findings.is_empty() {
            return Ok(self);
        }
        findings.extend(self.flaws(|_| true));
        findings.sort_by_key(|finding| finding.location);
        Err(InvalidRules {
            findings,
            sources: self.own.sources,
        })
    }

    fn read_all(&self) -> (Library, Vec<Finding>) {
        let files = self.own.sources.iter().map(|(_, file)| file.clone());
        Library::read(self.embedded.iter().map(BuiltIn::file), files)
    }

    /// All rules in full.
    fn library(&self) -> &Library {
        match self.embedded {
            [] => &self.own,
            _ => self.whole.get_or_init(|| self.read_all().0),
        }
    }

    /// What is wrong with the expressions of rules, those of the program left out where nobody has
    /// read their files.
    fn flaws(&self, runs: impl Fn(&str) -> bool) -> Vec<Finding> {
        let rules = self.library().rules.iter();
        let flaws = rules.filter(|rule| runs(&rule.id)).filter_map(|rule| {
            let source = self.library().sources.get(rule.file);
            rule.compile(self.vocabulary, source).err()
        });
        flaws.flatten().collect()
    }

    /// Checks and compiles the rules that run; those of the program, of which tests prove that they
    /// compile, are left until they are needed.
    ///
    /// # Errors
    /// Everything that is wrong with their expressions.
    pub fn prepare(&mut self, runs: impl Fn(&str) -> bool) -> Result<(), Vec<Finding>> {
        let embedded = self.embedded.iter().filter(|rule| runs(rule.id));
        self.runs.extend(embedded.filter_map(|rule| {
            Some(Run::Later {
                rule,
                relation: rule.relation?,
                check: OnceLock::new(),
            })
        }));
        for rule in self.own.rules.iter().filter(|rule| runs(&rule.id)) {
            match rule.compile(self.vocabulary, self.own.sources.get(rule.file)) {
                Ok(check) => self.runs.extend(check.map(Box::new).map(Run::Ready)),
                Err(_) => return Err(self.flaws(runs)),
            }
        }
        Ok(())
    }

    /// Checks and compiles one rule, with one of its conditions changed, and no other; false where
    /// the change makes no sense.
    pub fn prepare_mutated(&mut self, rule: &str, mutation: &RuleMutation) -> bool {
        let library = self.library();
        let check = library.get(rule).and_then(|rule| {
            rule.compile_mutated(self.vocabulary, library.sources.get(rule.file), mutation)
        });
        self.runs = check.map(Box::new).map(Run::Ready).into_iter().collect();
        !self.runs.is_empty()
    }

    /// Takes back what was prepared.
    pub fn unprepare(&mut self) {
        self.runs.clear();
    }

    /// The rule of that id with its file, and no other; empty where there is none.
    #[must_use]
    pub fn alone(&self, id: &str) -> Self {
        Self::with(self.vocabulary, self.library().alone(id))
    }

    /// Holds every rule that is prepared against a world, which is made anew for the rules of each
    /// relation. With `explain_skips` it is noted what was not evaluated, and why.
    #[must_use]
    pub fn evaluate<W: World + Send>(
        &self,
        world: impl Fn() -> W,
        explain_skips: bool,
    ) -> Vec<RuleOutcome> {
        batch::evaluate(&self.runs, self.vocabulary, world, explain_skips)
    }

    /// Id and topic of all rules, in the order of their files.
    pub fn names(&self) -> impl Iterator<Item = (Arc<str>, String)> {
        let embedded = self.embedded.iter();
        let embedded = embedded.map(|rule| (Arc::from(rule.id), rule.topic.to_owned()));
        let own = self.own.rules.iter();
        embedded.chain(own.map(|rule| (rule.id.clone(), rule.topic.clone())))
    }

    /// All rules, in the order of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.library().rules.iter()
    }

    /// The built-in rules, in the order of their files.
    #[must_use]
    pub fn built_in(&self) -> &[Rule] {
        self.library().built_in()
    }

    /// The rules of the user, in the order of their files.
    #[must_use]
    pub fn of_user(&self) -> &[Rule] {
        self.library().of_user()
    }

    /// The rule of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.library().get(id)
    }

    /// The page about a rule: of a built-in rule on our site, else the first reference that the
    /// rule gives.
    #[must_use]
    pub fn url(&self, id: &str) -> Option<String> {
        let is_embedded = self.embedded.iter().any(|rule| *rule.id == *id);
        if is_embedded || self.own.built_in().iter().any(|rule| *rule.id == *id) {
            return Some(format!("{HOME}/{id}"));
        }
        let reference = self.own.get(id)?.references.first()?;
        Some(reference.url.clone())
    }

    /// The rule files.
    #[must_use]
    pub fn sources(&self) -> &Sources {
        &self.library().sources
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::VOCABULARY;
    use crate::rules::compile::Check;
    use crate::rules::load::Logic;

    #[test]
    fn what_the_build_says_of_a_rule_is_what_its_file_says() {
        let (whole, findings) = Library::read(builtin::RULES.iter().map(BuiltIn::file), []);
        assert!(findings.is_empty());
        assert_eq!(whole.rules.len(), builtin::RULES.len());
        for (embedded, rule) in builtin::RULES.iter().zip(&whole.rules) {
            assert_eq!((embedded.id, embedded.topic), (&*rule.id, &*rule.topic));
            assert_eq!(embedded.relation.is_none(), rule.is_builtin());
            let Some(relation) = embedded.relation else {
                continue;
            };
            let source = whole.sources.get(rule.file);
            let of_file = rule.compile(VOCABULARY, source).unwrap().unwrap();
            let of_build = Check::of_program(embedded, VOCABULARY);
            let logic = rule.logic.as_ref().unwrap();
            let (severity, conditions) = embedded.conditions();
            let texts = |logic: &Logic| {
                let parts = [&logic.formats, &logic.needs, &logic.at]
                    .into_iter()
                    .flatten();
                let parts = parts
                    .chain(&logic.when)
                    .chain([&logic.subject, &logic.deny]);
                parts.map(|it| it.text.clone()).collect::<Vec<_>>()
            };
            assert_eq!(texts(logic), texts(&conditions));
            assert_eq!(of_file.severity, severity);
            assert_eq!(
                format!("{:?}", of_file.at()),
                format!("{:?}", of_build.at())
            );
            assert_eq!(of_file.deny().ty(), of_build.deny().ty());
            assert_eq!(of_file.relation.name, relation);
            let shown = |wording| format!("{wording:?}");
            assert_eq!(shown(of_file.wording()), shown(of_build.wording()));
            assert_eq!(of_file.of_change, of_build.of_change);
            let (read, _) = Library::read([embedded.logic()], []);
            let wording = |rule: &Rule| {
                let logic = format!("{:?}", rule.logic);
                let mut words = logic.split("span: ");
                let first = words.next().unwrap_or_default().to_owned();
                let rest = words.map(|part| part.split_once(" }").map_or("", |(_, rest)| rest));
                first + &rest.collect::<String>()
            };
            assert_eq!(wording(rule), wording(&read.rules[0]));
        }
    }
}
