//! From a cron of robfig/cron to a schedule.

use arcstr::ArcStr;

use crate::formats::lowering::{is_unknown, known, read, unknown};
use crate::model::{Attr, Schedule, State, Timetable};
use crate::schedule::{Recurrence, Robfig, RobfigStarts, RobfigZone, Schedule as Meaning, Zone};
use crate::yaml::{Entry, Value};

/// The schedule that a cron says, at the cron. What is refused, and `@every`, of which nobody knows
/// from when on it counts, mean nothing that is known.
pub(super) fn schedule(entry: Option<Entry<'_>>) -> Attr<Schedule> {
    let Some(entry) = entry.filter(|entry| !entry.value.is_null()) else {
        return Attr::default();
    };
    let cron = read(Some(entry), |node| match node.value() {
        Value::Text(_) => node.text().map(Into::into),
        _ => None,
    });
    let place = cron.span();
    let parsed = cron
        .known()
        .and_then(|text: &ArcStr| Robfig::parse(text).ok());
    let zone = parsed.as_ref().map(|it| &it.zone);
    let time_zone = match zone {
        _ if is_unknown(entry.value) => unknown(place),
        Some(RobfigZone::Named(zone)) => known(zone.name().into(), place),
        Some(RobfigZone::Local) => unknown(place),
        Some(RobfigZone::Unsaid) | None => Attr::default(),
    };
    let meaning = parsed.and_then(|it| meaning(&it));
    let timetable = Timetable {
        place: place.into(),
        cron,
        time_zone,
        ..Timetable::default()
    };
    known(
        Schedule::foreign(timetable, meaning.map_or(State::Unknown, State::Known)),
        place,
    )
}

fn meaning(cron: &Robfig) -> Option<Meaning> {
    let zone = match &cron.zone {
        RobfigZone::Unsaid => Zone::utc(),
        RobfigZone::Named(zone) => zone.clone(),
        RobfigZone::Local => return None,
    };
    match cron.starts {
        RobfigStarts::Cron(cron) => Some(Meaning::new(Recurrence::Cron(cron), zone)),
        RobfigStarts::Every(_) => None,
    }
}
