//! Windows as kured's package `timewindow` reads them, which the upgrade controller uses, too.

use arcstr::ArcStr;
use jiff::civil::Weekday;

use crate::formats::lowering::{is_unknown, list, read};
use crate::model::{Attr, Day, Item, Schedule, State, Timetable, TimetableDetails};
use crate::schedule::{Hours, Recurrence, Schedule as Meaning, TimeOfDay, Zone};
use crate::source::Span;
use crate::yaml::{Entry, Node, Value};

/// What a window is written with.
#[derive(Clone, Copy, Default)]
pub(super) struct Written<'t> {
    pub(super) days: Option<Entry<'t>>,
    pub(super) start: Option<Entry<'t>>,
    pub(super) end: Option<Entry<'t>>,
    pub(super) zone: Option<Entry<'t>>,
}

/// A window as it is written, at a place. What is not said is every day, 0:00, 23:59 and UTC.
pub(super) fn schedule(written: Written<'_>, place: Span) -> Schedule {
    let text = |entry| read(entry, text_of);
    let timetable = Timetable {
        place: place.into(),
        time_zone: read(written.zone, |node| node.text().map(ArcStr::from)),
        details: TimetableDetails {
            days: list(written.days, |node| weekday(&text_of(node)?).map(Day)),
            start: text(written.start),
            end: text(written.end),
            ..TimetableDetails::default()
        }
        .apart(),
        ..Timetable::default()
    };
    let meaning = meaning(&timetable);
    Schedule::foreign(timetable, meaning.map_or(State::Unknown, State::Known))
}

/// A window whose parts are known as texts: arguments of a program.
pub(super) fn of_texts(
    days: Option<(&str, Span)>,
    start: Option<(&str, Span)>,
    end: Option<(&str, Span)>,
    zone: Option<(&str, Span)>,
    place: Span,
) -> Schedule {
    let text = |argument: Option<(&str, Span)>| {
        argument.map_or_else(Attr::default, |(text, span)| {
            Attr::new(
                match crate::formats::lowering::is_unknown_text(text) {
                    true => State::Unknown,
                    false => State::Known(ArcStr::from(text)),
                },
                span,
            )
        })
    };
    let days = days.map_or_else(Attr::default, |(text, span)| {
        let day = |text: &str| {
            Item::new(
                weekday(text.trim()).map_or(State::Unknown, |day| State::Known(Day(day))),
                span,
            )
        };
        Attr::new(State::Known(text.split(',').map(day).collect()), span)
    });
    let timetable = Timetable {
        place: place.into(),
        time_zone: text(zone),
        details: TimetableDetails {
            days,
            start: text(start),
            end: text(end),
            ..TimetableDetails::default()
        }
        .apart(),
        ..Timetable::default()
    };
    let meaning = meaning(&timetable);
    Schedule::foreign(timetable, meaning.map_or(State::Unknown, State::Known))
}

fn meaning(table: &Timetable) -> Option<Meaning> {
    let time = |text: &Attr<ArcStr>, otherwise: &str| match text.state() {
        State::Absent => time_of_day(otherwise),
        State::Known(text) => time_of_day(text),
        State::Unknown => None,
    };
    let days: Vec<Weekday> = match table.days.state() {
        State::Absent => (0..7)
            .filter_map(|day| Weekday::from_sunday_zero_offset(day).ok())
            .collect(),
        State::Known(items) => {
            let days = items.iter().map(|item| Some(item.known()?.0));
            days.collect::<Option<_>>()?
        }
        State::Unknown => return None,
    };
    let zone = match table.time_zone.state() {
        State::Absent => Zone::utc(),
        State::Known(name) if name.is_empty() => Zone::utc(),
        // `Local` is the clock of the node, and names that nobody has are refused.
        State::Known(name) => Zone::parse(name)
            .ok()
            .filter(|zone| zone.name() == &**name)?,
        State::Unknown => return None,
    };
    let hours = Hours::new(
        days,
        time(&table.start, "0:00")?,
        time(&table.end, "23:59")?,
    );
    Some(Meaning::new(Recurrence::Hours(hours), zone))
}

/// A text, or the number 0 to 23 that is written without quotes.
fn text_of(node: Node<'_>) -> Option<ArcStr> {
    match node.value() {
        Value::Text(text) if !text.is_empty() => Some(text.into()),
        Value::Int(_) => node.text().map(ArcStr::from),
        _ => None,
    }
}

/// A time of day as kured reads it: `15:04`, `15:04:05`, `03:04pm`, `15`, `03pm`, `3pm`.
fn time_of_day(text: &str) -> Option<TimeOfDay> {
    let lower = text.to_ascii_lowercase();
    let (clock, half) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(0)),
        (_, Some(clock)) => (clock, Some(12)),
        _ => (lower.as_str(), None),
    };
    let clock = match clock.contains(':') {
        true => clock.to_owned(),
        false => format!("{clock}:00"),
    };
    let Some(half) = half else {
        return TimeOfDay::parse(&clock).ok();
    };
    let (hour, minute) = clock.split_once(':')?;
    let hour: u8 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
    TimeOfDay::parse(&format!("{}:{minute}", hour % 12 + half)).ok()
}

/// A day as kured reads it: `mo`, `mon`, `monday`, or 0 for Sunday to 6.
fn weekday(text: &str) -> Option<Weekday> {
    const DAYS: [&str; 7] = [
        "sunday",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    let lower = text.to_ascii_lowercase();
    let index = match lower.parse::<usize>() {
        Ok(number) => Some(number).filter(|number| *number < 7),
        Err(_) => DAYS
            .iter()
            .position(|name| lower == *name || lower == name[..2] || lower == name[..3]),
    };
    Weekday::from_sunday_zero_offset(i8::try_from(index?).ok()?).ok()
}

/// Whether something is written that says more than nothing.
pub(super) fn is_said(entry: Option<Entry<'_>>) -> bool {
    entry.is_some_and(|entry| match entry.value.value() {
        _ if is_unknown(entry.value) => true,
        Value::Null => false,
        Value::Text(text) => !text.is_empty(),
        Value::Sequence(_) => entry.value.items().next().is_some(),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::{time_of_day, weekday};

    #[test]
    fn times_and_days_are_read_as_kured_does() {
        for (text, time) in [
            ("1am", Some("01:00")),
            ("12am", Some("00:00")),
            ("12pm", Some("12:00")),
            ("03:30pm", Some("15:30")),
            ("11PM", Some("23:00")),
            ("02:00", Some("02:00")),
            ("2:00", Some("02:00")),
            ("23:59:59", Some("23:59:59")),
            ("22", Some("22:00")),
            ("24:00", None),
            ("13pm", None),
            ("", None),
            ("noon", None),
        ] {
            let read = time_of_day(text).map(|time| time.to_string());
            assert_eq!(read.as_deref(), time, "{text}");
        }
        for (text, day) in [
            ("mo", Some("Monday")),
            ("Sun", Some("Sunday")),
            ("thursday", Some("Thursday")),
            ("0", Some("Sunday")),
            ("6", Some("Saturday")),
            ("7", None),
            ("thurs", None),
            ("", None),
        ] {
            let read = weekday(text).map(|day| format!("{day:?}"));
            assert_eq!(read.as_deref(), day, "{text}");
        }
    }
}
