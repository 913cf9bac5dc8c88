//! Waivers of the settings: findings that are accepted for a time.

use std::collections::HashMap;

use jiff::civil::Date;

use super::Levels;
use crate::diagnostic::{Finding, ResourceName, Severity};
use crate::settings::{Said, Settings, Waiver};

/// The waivers that hold, by what they waive.
pub(super) struct Waivers<'s> {
    numbers: HashMap<(&'s str, ResourceName), usize>,
}

impl Waiver {
    /// The resource, as findings name it.
    #[must_use]
    pub fn resource(&self) -> ResourceName {
        ResourceName {
            kind: self.kind.as_str(),
            namespace: self.namespace.as_str().into(),
            name: self.name.as_str().into(),
        }
    }

    /// Whether it still holds: on its day of expiry it does.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.expires.value
    }
}

impl<'s> Waivers<'s> {
    pub(super) fn new(settings: &'s Settings, today: Date) -> Self {
        let waivers = settings.waivers().iter().enumerate().rev();
        let valid = waivers.filter(|(_, waiver)| waiver.holds(today));
        Waivers {
            numbers: valid
                .map(|(number, waiver)| ((&*waiver.rule.value, waiver.resource()), number))
                .collect(),
        }
    }

    /// The first waiver of a finding: of its rule, for the resource in which it lies.
    pub(super) fn of(&self, finding: &Finding) -> Option<usize> {
        if self.numbers.is_empty() {
            return None;
        }
        let resource = finding.resource.clone()?;
        self.numbers.get(&(&*finding.rule, resource)).copied()
    }
}

/// What is wrong with settings although they can be used: names of no rule, and waivers that are
/// over. The places are in the files of the settings.
#[must_use]
pub fn mistakes(settings: &Settings, levels: &Levels, today: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> = settings
        .names()
        .filter_map(|name| {
            let error = levels.check(&name.value).err()?;
            Some(unknown(name, "there is no rule or topic", error.nearest))
        })
        .collect();
    for waiver in settings.waivers() {
        let rule = &waiver.rule;
        if !levels.has(&rule.value) {
            let nearest = levels.check(&rule.value).err().and_then(|it| it.nearest);
            findings.push(unknown(rule, "there is no rule", nearest));
        } else if !waiver.holds(today) {
            findings.push(expired(waiver));
        }
    }
    findings
}

fn unknown(name: &Said<String>, what: &str, nearest: Option<String>) -> Finding {
    let message = format!("{what} `{}`", name.value);
    let mut finding = Finding::new("unknown-rule", Severity::Warning, name.at, message);
    finding.key.push(name.value.clone());
    finding.with_help(match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`vmlint rules` lists them all".to_owned(),
    })
}

fn expired(waiver: &Waiver) -> Finding {
    let resource = waiver.resource();
    let (rule, owner) = (&waiver.rule.value, &waiver.owner);
    let date = waiver.expires.value;
    let message =
        format!("the waiver of `{rule}` for `{resource}` ended on {date}: it waives nothing");
    let mut finding = Finding::new(
        "expired-waiver",
        Severity::Warning,
        waiver.expires.at,
        message,
    );
    finding.key = vec![rule.clone(), resource.to_string()];
    finding.with_help(format!(
        "mend what it waived and remove it, or ask `{owner}` for a new date"
    ))
}
