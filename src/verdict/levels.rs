//! Which rules run, and at which level.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::{Severity, nearest};

/// What a level is set to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Findings have this severity, whatever the rule says.
    Severity(Severity),
    /// The rule does not run.
    Off,
}

impl Level {
    /// `error`, `warning`, `info` or `off`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "off" => Some(Level::Off),
            word => Severity::parse(word).map(Level::Severity),
        }
    }
}

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
    topics: BTreeMap<Arc<str>, String>,
    selected: Option<BTreeSet<Arc<str>>>,
    set: BTreeMap<Arc<str>, Level>,
}

/// The topic of the rules that stay on when others are selected.
const INTEGRITY: &str = "integrity";

impl Levels {
    /// All rules on, at their own severity; `rules` are ids with their topics.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = (Arc<str>, String)>) -> Self {
        Levels {
            topics: rules.into_iter().collect(),
            selected: None,
            set: BTreeMap::new(),
        }
    }

    /// The rules that a name means: one rule, or all of a topic.
    fn rules(&self, name: &str) -> Result<Vec<Arc<str>>, UnknownRule> {
        if let Some((rule, _)) = self.topics.get_key_value(name) {
            return Ok(vec![rule.clone()]);
        }
        let of_topic: Vec<Arc<str>> = self
            .topics
            .iter()
            .filter(|(_, topic)| *topic == name)
            .map(|(rule, _)| rule.clone())
            .collect();
        if !of_topic.is_empty() {
            return Ok(of_topic);
        }
        let names = self
            .topics
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

    /// Whether a rule runs.
    #[must_use]
    pub fn runs(&self, rule: &str) -> bool {
        let integral = self
            .topics
            .get(rule)
            .is_some_and(|topic| topic == INTEGRITY);
        let selected = self
            .selected
            .as_ref()
            .is_none_or(|selected| selected.contains(rule));
        (integral || selected) && self.set.get(rule) != Some(&Level::Off)
    }

    /// The severity of a finding that its rule gives `own`; none when the rule does not run.
    #[must_use]
    pub fn severity(&self, rule: &str, own: Severity) -> Option<Severity> {
        if !self.runs(rule) {
            return None;
        }
        match self.set.get(rule) {
            Some(Level::Severity(severity)) => Some(*severity),
            Some(Level::Off) => None,
            None => Some(own),
        }
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
            levels.severity("overlapping-backups", Severity::Error),
            Some(Severity::Info)
        );
        levels.ignore(&["integrity".to_owned()]).unwrap();
        assert_eq!(levels.severity("yaml-syntax", Severity::Error), None);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest() {
        let error = levels()
            .select(&["cross-vender-move".to_owned()])
            .unwrap_err();
        assert_eq!(error.nearest.as_deref(), Some("cross-vendor-move"));
    }
}
