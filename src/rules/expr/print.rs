//! Values as people read them in messages.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::read;
use crate::model::reflect::{Attribute, Value, World};
use crate::model::{Bandwidth, Memory, Seconds};

/// How many names are written out before the rest is counted.
const NAMED: usize = 5;

/// The value in words; `?` for what is not known.
pub(crate) fn show(value: &Value<'_>) -> String {
    match value {
        Value::Unknown | Value::Absent => "?".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Text(text) => text.clone().into_owned(),
        Value::Memory(bytes) => Memory(*bytes).to_string(),
        Value::Bandwidth(bits) => Bandwidth(*bits).to_string(),
        Value::Duration(seconds) => Seconds(*seconds).to_string(),
        Value::Instant(moment) => moment.zone.show(moment.at),
        Value::Window(start, end) => start.zone.show_window(start.at, *end),
        Value::Windows(windows) => match windows.occurrences.get(0) {
            None => "never".to_owned(),
            Some(first) => {
                let shown = windows.zone.show_window(first.start, first.end);
                match windows.occurrences.len() {
                    1 => shown,
                    _ => format!("{shown} and so on"),
                }
            }
        },
        Value::Zone(zone) => zone.name().to_owned(),
        Value::Labels(labels) => {
            let pairs: Vec<_> = labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            pairs.join(", ")
        }
        Value::Record(object) => object.owner.map_or_else(
            || object.record.record_type().name.to_owned(),
            |owner| owner.name.to_string(),
        ),
        Value::Reference(_, reference) => reference.written.to_string(),
        Value::List(elements) => {
            let shown: Vec<_> = elements.iter().map(show).collect();
            shown.join(", ")
        }
    }
}

/// The word before the last of several names.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Conjunction {
    /// All of them are meant.
    And,
    /// Each of them would do.
    Or,
}

impl Conjunction {
    fn word(self) -> &'static str {
        match self {
            Conjunction::And => "and",
            Conjunction::Or => "or",
        }
    }
}

/// The first few names in backticks and how many more there are: each once, and with its namespace
/// where there is another of that name.
pub(crate) fn names<'a>(
    world: &'a dyn World,
    elements: &[Value<'a>],
    name: Option<&'static Attribute>,
    conjunction: Conjunction,
) -> String {
    let mut seen: HashSet<(Cow<'_, str>, &str)> = HashSet::new();
    let mut spaces: HashMap<Cow<'_, str>, usize> = HashMap::new();
    let mut distinct = Vec::new();
    for element in elements {
        let (name, space) = match (element, name) {
            (Value::Record(object), Some(name)) => {
                let owner = object.owner.filter(|owner| owner.named);
                let space = owner.map_or("", |owner| &owner.namespace);
                let name = match read(world, *object, name) {
                    Value::Text(name) => name,
                    other => show(&other).into(),
                };
                (name, space)
            }
            (Value::Unknown | Value::Absent, _) => {
                distinct.push(None);
                continue;
            }
            (element, _) => (show(element).into(), ""),
        };
        if seen.insert((name.clone(), space)) {
            *spaces.entry(name.clone()).or_default() += 1;
            distinct.push(Some((name, space)));
        }
    }
    let text = |it: &Option<(Cow<'_, str>, &str)>| match it {
        None => "?".to_owned(),
        Some((name, space)) if !space.is_empty() && spaces.get(name) > Some(&1) => {
            format!("`{space}/{name}`")
        }
        Some((name, _)) => format!("`{name}`"),
    };
    let mut shown: Vec<String> = distinct.iter().take(NAMED).map(text).collect();
    if distinct.len() > NAMED {
        shown.push(format!("{} more", distinct.len() - NAMED));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {} {last}", rest.join(", "), conjunction.word()),
        None => "none".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reflect::Moment;
    use crate::schedule::{Instant, Zone};

    #[test]
    fn amounts_are_short() {
        assert_eq!(show(&Value::Memory(16 << 30)), "16 GiB");
        assert_eq!(show(&Value::Memory(1536)), "1.5 KiB");
        assert_eq!(show(&Value::Memory(-5)), "-5 bytes");
        assert_eq!(show(&Value::Bandwidth(10_000_000_000)), "10 Gbps");
        assert_eq!(show(&Value::Bandwidth(2_500_000_000)), "2.5 Gbps");
        assert_eq!(show(&Value::Bandwidth(4_999_000_000)), "4999 Mbps");
        assert_eq!(show(&Value::Bandwidth(512 * (8 << 20))), "512 MiB/s");
        assert_eq!(show(&Value::Bandwidth(8 << 30)), "1 GiB/s");
        assert_eq!(show(&Value::Bandwidth(1_234_567_891)), "1.2 Gbps");
        assert_eq!(show(&Value::Duration(9_000)), "2h 30m");
        assert_eq!(show(&Value::Duration(-90_061)), "-1d 1h 1m 1s");
        assert_eq!(show(&Value::Duration(0)), "0s");
    }

    #[test]
    fn times_speak_their_zone() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        let at = Instant::from_unix(1_796_504_400);
        let start = Moment { at, zone: &zone };
        assert_eq!(
            show(&Value::Instant(start)),
            "Sat 2026-12-05 22:00 (Europe/Berlin)"
        );
        let shown = |end| show(&Value::Window(start, end));
        let end = Some(at.plus(4 * 3600));
        assert_eq!(
            shown(end),
            "Sat 2026-12-05 22:00 – Sun 02:00 (Europe/Berlin)"
        );
    }
}
