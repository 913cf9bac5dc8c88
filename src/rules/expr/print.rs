//! Values as people read them in messages.


use crate::model::reflect::{Attribute, Value, World};

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
        Value::Memory(bytes) => scaled(*bytes, 1024, &["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]),
        Value::Bandwidth(bits) => scaled(*bits, 1000, &["bps", "Kbps", "Mbps", "Gbps", "Tbps"]),
        Value::Duration(seconds) => length(*seconds),
        Value::Instant(moment) => moment.zone.show(moment.at),
        Value::Window(start, end) => start.zone.show_window(start.at, *end),
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
        Value::Reference(reference) => reference.written.to_string(),
        Value::List(elements) => {
            let shown: Vec<_> = elements.iter().map(show).collect();
            shown.join(", ")
        }
    }
}

/// The first few names in backticks and how many more there are.
pub(crate) fn names<'a>(
    world: &'a dyn World,
    elements: &[Value<'a>],
    name: Option<&'static Attribute>,
) -> String {
    let mut shown: Vec<String> = elements
        .iter()
        .take(NAMED)
        .map(|element| match (element, name) {
            (Value::Record(object), Some(name)) => {
                format!("`{}`", show(&(name.get)(world, *object)))
            }
            (Value::Unknown | Value::Absent, _) => "?".to_owned(),
            (element, _) => format!("`{}`", show(element)),
        })
        .collect();
    if elements.len() > NAMED {
        shown.push(format!("{} more", elements.len() - NAMED));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => "none".to_owned(),
    }
}

fn scaled(amount: i64, base: u64, units: &[&str]) -> String {
    let sign = if amount < 0 { "-" } else { "" };
    let amount = amount.unsigned_abs();
    let mut step = 1_u64;
    let mut unit = 0;
    while unit + 1 < units.len() && amount / step >= base {
        step *= base;
        unit += 1;
    }
    let tenths = u128::from(amount) * 10 / u128::from(step);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let unit = units[unit];
    if tenth == 0 {
        format!("{sign}{whole} {unit}")
    } else {
        format!("{sign}{whole}.{tenth} {unit}")
    }
}

fn length(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (size, unit) in [(86_400, 'd'), (3_600, 'h'), (60, 'm'), (1, 's')] {
        if rest >= size {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    match (parts.is_empty(), seconds < 0) {
        (true, _) => "0s".to_owned(),
        (false, true) => format!("-{}", parts.join(" ")),
        (false, false) => parts.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_short() {
        assert_eq!(show(&Value::Memory(16 << 30)), "16 GiB");
        assert_eq!(show(&Value::Memory(1536)), "1.5 KiB");
        assert_eq!(show(&Value::Memory(-5)), "-5 bytes");
        assert_eq!(show(&Value::Memory(i64::MIN)), "-8192 PiB");
        assert_eq!(show(&Value::Bandwidth(10_000_000_000)), "10 Gbps");
        assert_eq!(show(&Value::Duration(9_000)), "2h 30m");
        assert_eq!(show(&Value::Duration(-90_061)), "-1d 1h 1m 1s");
        assert_eq!(show(&Value::Duration(0)), "0s");
    }

    #[test]
    fn times_speak_their_zone() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let zone: &TimeZone = &zone;
        let at = 1_796_504_400;
        let start = Moment { at, zone };
        assert_eq!(show(&Value::Instant(start)), "Sat 2026-12-05 22:00 CET");
        let shown = |end| show(&Value::Window(start, end));
        assert_eq!(shown(Some(at + 4 * 3600)), "Sat 2026-12-05 22:00–02:00 CET");
        assert_eq!(
            shown(Some(at + 28 * 3600)),
            "Sat 2026-12-05 22:00 – Mon 2026-12-07 02:00 CET"
        );
        assert_eq!(shown(None), "from Sat 2026-12-05 22:00 CET");
        let start = Moment {
            at: 1_774_738_800,
            zone,
        };
        assert_eq!(
            show(&Value::Window(start, Some(start.at + 3 * 3600))),
            "Sun 2026-03-29 00:00 CET–04:00 CEST"
        );
    }
}
