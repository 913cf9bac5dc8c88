//! Which rules run where, and at which level: as the command line says, else as settings say, else as
//! each rule has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Severity, nearest};
use crate::settings::{Level, RuleSetting, Settings};
use crate::source::Location;

/// A name that is neither a rule nor a topic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

/// The level of each rule.
#[derive(Clone, Debug)]
pub struct Levels {
    /// All rules with their topics.
    rules: Vec<(Arc<str>, String)>,
    /// The same, to find a rule in.
    topics: OnceLock<BTreeMap<Arc<str>, String>>,
    selected: Option<BTreeSet<Arc<str>>>,
    /// By the command line.
    set: BTreeMap<Arc<str>, Level>,
    settings: Arc<Settings>,
}

/// Who says what the level of a rule is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nobody but the rule itself.
    Rule,
    /// The settings, at this place in their files.
    Settings(Location),
    /// The command line.
    CommandLine,
}

/// The topic of the rules that stay on when others are selected.
const INTEGRITY: &str = "integrity";

impl Levels {
    /// All rules on, at their own severity; `rules` are ids with their topics.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = (Arc<str>, String)>) -> Self {
        Levels {
            rules: rules.into_iter().collect(),
            topics: OnceLock::new(),
            selected: None,
            set: BTreeMap::new(),
            settings: Arc::default(),
        }
    }

    /// Obeys settings where the command line says nothing.
    #[must_use]
    pub fn configured(self, settings: Arc<Settings>) -> Self {
        Levels { settings, ..self }
    }

    fn topics(&self) -> &BTreeMap<Arc<str>, String> {
        let all = || self.rules.iter().cloned().collect();
        self.topics.get_or_init(all)
    }

    /// Whether nobody says anything of any rule.
    fn are_silent(&self) -> bool {
        let settings = self.settings.rules().is_empty() && self.settings.overrides().is_empty();
        settings && self.selected.is_none() && self.set.is_empty()
    }

    /// Whether there is such a rule.
    #[must_use]
    pub fn has(&self, rule: &str) -> bool {
        self.topics().contains_key(rule)
    }

    /// Whether a name is a rule or a topic.
    ///
    /// # Errors
    /// When it is neither.
    pub fn check(&self, name: &str) -> Result<(), UnknownRule> {
        self.rules(name).map(|_| ())
    }

    /// The rules that a name means: one rule, or all of a topic.
    fn rules(&self, name: &str) -> Result<Vec<Arc<str>>, UnknownRule> {
        if let Some((rule, _)) = self.topics().get_key_value(name) {
            return Ok(vec![rule.clone()]);
        }
        let of_topic: Vec<Arc<str>> = self
            .topics()
            .iter()
            .filter(|(_, topic)| *topic == name)
            .map(|(rule, _)| rule.clone())
            .collect();
        if !of_topic.is_empty() {
            return Ok(of_topic);
        }
        let names = self
            .topics()
            .iter()
            .flat_map(|(rule, topic)| [&**rule, topic.as_str()]);
        Err(UnknownRule {
            name: name.to_owned(),
            nearest: nearest(name, names).map(str::to_owned),
        })
    }

    /// Runs these rules only, with those of integrity.
    ///
    /// # Errors
    /// When a name is neither a rule nor a topic.
    pub fn select(&mut self, names: &[String]) -> Result<(), UnknownRule> {
        for name in names {
            let rules = self.rules(name)?;
            self.selected.get_or_insert_default().extend(rules);
        }
        Ok(())
    }

    /// Does not run these rules.
    ///
    /// # Errors
    /// When a name is neither a rule nor a topic.
    pub fn ignore(&mut self, names: &[String]) -> Result<(), UnknownRule> {
        names.iter().try_for_each(|name| self.set(name, Level::Off))
    }

    /// Sets the level of a rule or of all rules of a topic.
    ///
    /// # Errors
    /// When the name is neither a rule nor a topic.
    pub fn set(&mut self, name: &str, level: Level) -> Result<(), UnknownRule> {
        for rule in self.rules(name)? {
            self.set.insert(rule, level);
        }
        Ok(())
    }

    /// Whether a rule runs in any file.
    #[must_use]
    pub fn runs(&self, rule: &str) -> bool {
        if self.are_silent() {
            return true;
        }
        let turned_on = |it: &&RuleSetting| {
            let level = it.level.as_ref();
            level.is_some_and(|level| level.value != Level::Off)
        };
        let said = match self.commanded(rule) {
            Some(level) => return level != Some(Level::Off),
            None => self.everywhere(rule),
        };
        let overrides = self.settings.overrides().iter();
        let mut settings = overrides.flat_map(|it| self.of_rule(&it.rules, rule));
        said.is_none_or(|(level, _)| level != Level::Off)
            || settings.any(|setting| turned_on(&setting))
    }

    /// The level of a rule in a file, as seen from the folder of the settings, and who says so;
    /// none is that of the rule itself.
    #[must_use]
    pub fn level(&self, rule: &str, seen: &str) -> (Option<Level>, Origin) {
        if let Some(level) = self.commanded(rule) {
            return (level, Origin::CommandLine);
        }
        let said = self
            .overridden(rule, seen)
            .or_else(|| self.excluded(self.settings.rules(), rule, seen))
            .or_else(|| self.everywhere(rule));
        match said {
            Some((level, at)) => (Some(level), Origin::Settings(at)),
            None => (None, Origin::Rule),
        }
    }

    /// The severity of a finding in such a file that its rule gives `own`; none when the rule does
    /// not run there.
    #[must_use]
    pub fn severity(&self, rule: &str, own: Severity, seen: &str) -> Option<Severity> {
        match self.level(rule, seen).0 {
            Some(Level::Severity(severity)) => Some(severity),
            Some(Level::Off) => None,
            None => Some(own),
        }
    }

    /// What the command line says of a rule, if it does: nothing is its own level.
    fn commanded(&self, rule: &str) -> Option<Option<Level>> {
        let topic = self.topics().get(rule);
        let integral = topic.is_some_and(|topic| topic == INTEGRITY);
        let selected = self.selected.as_ref();
        if !integral && selected.is_some_and(|selected| !selected.contains(rule)) {
            return Some(Some(Level::Off));
        }
        self.set.get(rule).map(|level| Some(*level))
    }

    /// What the settings say of a rule, and of its topic behind that.
    fn of_rule<'s>(
        &self,
        settings: &'s [RuleSetting],
        rule: &str,
    ) -> impl Iterator<Item = &'s RuleSetting> {
        let named = |name: &str| settings.iter().find(|it| it.name.value == name);
        let topic = self.topics().get(rule);
        let of_topic = topic.and_then(|topic| named(topic));
        named(rule).into_iter().chain(of_topic)
    }

    /// What settings set for all files. What is selected by name runs, whatever they turn off.
    fn everywhere(&self, rule: &str) -> Option<(Level, Location)> {
        let (level, at) = self.stated(self.settings.rules(), rule)?;
        let selected = self.selected.as_ref();
        let selected = selected.is_some_and(|selected| selected.contains(rule));
        (level != Level::Off || !selected).then_some((level, at))
    }

    fn stated(&self, settings: &[RuleSetting], rule: &str) -> Option<(Level, Location)> {
        let mut levels = self.of_rule(settings, rule).map(|it| it.level.as_ref());
        let level = levels.find_map(|level| level)?;
        Some((level.value, level.at))
    }

    /// What the last override says that takes in a file and says anything.
    fn overridden(&self, rule: &str, seen: &str) -> Option<(Level, Location)> {
        let mut overrides = self.settings.overrides().iter().rev();
        overrides.find_map(|it| {
            it.paths.iter().find(|glob| glob.value.takes_in(seen))?;
            self.excluded(&it.rules, rule, seen)
                .or_else(|| self.stated(&it.rules, rule))
        })
    }

    /// Whether settings leave a file out for a rule.
    fn excluded(
        &self,
        settings: &[RuleSetting],
        rule: &str,
        seen: &str,
    ) -> Option<(Level, Location)> {
        let mut globs = self.of_rule(settings, rule).flat_map(RuleSetting::excluded);
        let glob = globs.find(|glob| glob.value.takes_in(seen))?;
        Some((Level::Off, glob.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels() -> Levels {
        let rule = |id: &str, topic: &str| (Arc::from(id), topic.to_owned());
        Levels::new([
            rule("cross-vendor-move", "mobility"),
            rule("overlapping-backups", "backup"),
            rule("yaml-syntax", "integrity"),
        ])
    }

    #[test]
    fn integrity_stays_on_when_others_are_selected() {
        let mut levels = levels();
        levels.select(&["mobility".to_owned()]).unwrap();
        assert!(levels.runs("cross-vendor-move"));
        assert!(levels.runs("yaml-syntax"));
        assert!(!levels.runs("overlapping-backups"));
    }

    #[test]
    fn a_level_wins_over_the_severity_of_the_rule() {
        let mut levels = levels();
        levels
            .set("backup", Level::Severity(Severity::Info))
            .unwrap();
        assert_eq!(
            levels.severity("overlapping-backups", Severity::Error, ""),
            Some(Severity::Info)
        );
        levels.ignore(&["integrity".to_owned()]).unwrap();
        assert_eq!(levels.severity("yaml-syntax", Severity::Error, ""), None);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let error = levels()
            .select(&["cross-vender-move".to_owned()])
            .unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("cross-vendor-move"));
    }

    /// Levels as settings have them.
    fn configured(settings: &str) -> Levels {
        levels().configured(Arc::new(Settings::of_example(settings).unwrap()))
    }

    const LAB: &str = "\
rules:
  backup: off
  cross-vendor-move: { level: warning, exclude: [attic] }
overrides:
  - { paths: [lab], rules: { backup: info, mobility: off } }
  - { paths: [lab/new], rules: { cross-vendor-move: { level: error, exclude: [lab/new/old] } } }
";

    #[test]
    fn the_path_of_a_finding_decides() {
        let levels = configured(LAB);
        let level = |rule: &str, seen: &str| {
            let severity = levels.severity(rule, Severity::Error, seen);
            severity.map_or("off", Severity::as_str)
        };
        let moves = |seen| level("cross-vendor-move", seen);
        assert_eq!(moves("prod/a.yaml"), "warning");
        assert_eq!(moves("attic/a.yaml"), "off");
        assert_eq!(moves("lab/a.yaml"), "off");
        assert_eq!(moves("lab/new/a.yaml"), "error");
        assert_eq!(moves("lab/new/old/a.yaml"), "off");
        assert_eq!(level("overlapping-backups", "a.yaml"), "off");
        assert_eq!(level("overlapping-backups", "lab/a.yaml"), "info");
        assert_eq!(level("yaml-syntax", "lab/a.yaml"), "error");
        assert!(levels.runs("overlapping-backups"));
        assert!(!configured("rules: { backup: off }").runs("overlapping-backups"));
    }

    #[test]
    fn the_command_line_wins_over_settings() {
        let mut levels = configured(LAB);
        let selected = ["overlapping-backups".to_owned()];
        levels.select(&selected).unwrap();
        assert!(levels.runs("overlapping-backups") && !levels.runs("cross-vendor-move"));
        let backups = |levels: &Levels| levels.level("overlapping-backups", "a.yaml");
        assert_eq!(backups(&levels), (None, Origin::Rule));
        let error = Level::Severity(Severity::Error);
        levels.set("backup", error).unwrap();
        assert_eq!(backups(&levels), (Some(error), Origin::CommandLine));
        let mut levels = configured(LAB);
        levels.set("cross-vendor-move", error).unwrap();
        let level = levels.level("cross-vendor-move", "lab/a.yaml");
        assert_eq!(level, (Some(error), Origin::CommandLine));
    }

    #[test]
    fn a_rule_wins_over_its_topic() {
        for settings in [
            "rules: { backup: off, overlapping-backups: info }",
            "rules: { overlapping-backups: info, backup: off }",
        ] {
            let severity =
                configured(settings).severity("overlapping-backups", Severity::Error, "a.yaml");
            assert_eq!(severity, Some(Severity::Info));
        }
    }
}
