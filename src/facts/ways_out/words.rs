//! Ways out in words.

use std::collections::BTreeSet;

use jiff::civil::Weekday;

use super::reasons::only_day;
use super::{Crowd, Found, Party, Reason, Taker, WayOut};
use crate::facts::Facts;
use crate::model::{Meta, Timetable};
use crate::schedule::{
    At, Cron, Days, Extent, Instant, Recurrence, Schedule, TimeOfDay, Zone, format_duration,
};

/// How many names are told.
const NAMED: usize = 2;

impl WayOut {
    /// What to do, as an imperative; or why nothing would help, as a sentence.
    pub(in crate::facts) fn sentence(&self, facts: &Facts) -> Option<String> {
        let schedule = facts.calendar.schedule(facts.timing_of(self.party)?);
        let name = format!("`{}`", facts.meta_of(self.party).name);
        let zone = schedule.zone();
        let mut text = match &self.found {
            Found::Repeats => {
                return Some(format!(
                    "{name} starts several times a day, and no one time would be free for it"
                ));
            }
            Found::Unsought(cluster) => {
                let cluster = &facts.inventory.clusters[*cluster as usize].meta.name;
                return Some(format!(
                    "no other time was looked for, as the maintenance windows of `{cluster}` open and \
                     close too often"
                ));
            }
            Found::Nothing(reason) => return Some(self.nothing(reason, &name, schedule, facts)),
            Found::Instant(start) => {
                format!("start {name} {} instead", shown(zone, *start))
            }
            Found::Time(time) => match end(schedule, *time) {
                Some(end) => format!("let {name} run from {time} to {end} instead"),
                None => format!("start {name} at {time} instead"),
            },
        };
        text += ", the nearest time at which ";
        text += &self.free(facts);
        if let Some(length) = schedule.usual_length() {
            text += &format!(" for {}", format_duration(length));
        }
        for room in self.rooms(facts) {
            text += " and ";
            text += &room;
        }
        if let Some(doubt) = self.doubt(schedule, &name, facts) {
            text += ", as far as known: ";
            text += &doubt;
        }
        Some(text)
    }

    /// Who is free.
    fn free(&self, facts: &Facts) -> String {
        let several = |names: Vec<&str>, whose: &str, what: &str, behind: &str| match *names {
            [one] => format!("`{one}` is free"),
            _ => format!("{whose} {} {what}{behind} are free", names.len()),
        };
        match self.party {
            Party::Policy(_) | Party::Plan(_) => {
                let machines = facts.machines_of(self.party);
                let names = machines.iter().map(|machine| {
                    let machine = &facts.inventory.machines[*machine as usize];
                    &*machine.meta.name
                });
                match self.party {
                    Party::Policy(_) => several(names.collect(), "its", "machines", ""),
                    _ => several(names.collect(), "the", "machines", " it moves"),
                }
            }
            Party::Window(window) => {
                let (hosts, _) = facts.hosts_of_window(window);
                let names = hosts
                    .iter()
                    .map(|host| &*facts.inventory.hosts[*host as usize].meta.name);
                several(names.collect(), "its", "hosts", "")
            }
        }
    }

    /// What has room.
    fn rooms(&self, facts: &Facts) -> Vec<String> {
        let mut hosts = 0;
        let mut rooms = Vec::new();
        for crowd in &self.rooms {
            let name = crowd_name(*crowd, facts);
            match crowd {
                Crowd::Repository(_) => rooms.push(format!("`{name}` has room")),
                Crowd::Votes(_) => rooms.push(format!("`{name}` keeps its quorum")),
                Crowd::Host(_) => hosts += 1,
                Crowd::Cluster(_) => {}
            }
        }
        if hosts > 0 {
            let whose = match facts.machines_of(self.party).len() {
                1 => "its",
                _ => "their",
            };
            rooms.push(format!("{whose} hosts have room"));
        }
        rooms
    }

    fn doubt(&self, schedule: &Schedule, name: &str, facts: &Facts) -> Option<String> {
        let names = |parties: &[Party]| {
            let parties: BTreeSet<&Party> = parties.iter().collect();
            let mut names: Vec<String> = parties
                .iter()
                .take(NAMED)
                .map(|party| format!("`{}`", facts.meta_of(**party).name))
                .collect();
            if parties.len() > NAMED {
                names.push(format!("{} more", parties.len() - NAMED));
            }
            match names.split_last() {
                Some((last, [])) => last.clone(),
                Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
                None => String::new(),
            }
        };
        let verb = |parties: &[Party], one: &str, several: &str| match parties.len() {
            1 => format!("{} {one}", names(parties)),
            _ => format!("{} {several}", names(parties)),
        };
        if !self.unscheduled.is_empty() {
            let text = verb(
                &self.unscheduled,
                "has no known schedule",
                "have no known schedule",
            );
            return Some(text);
        }
        if !self.endless.is_empty() {
            let text = verb(&self.endless, "states no end", "state no end");
            return Some(text);
        }
        (!schedule.has_end()).then(|| format!("{name} states no end"))
    }

    fn nothing(&self, reason: &Reason, name: &str, schedule: &Schedule, facts: &Facts) -> String {
        if let Some(time) = reason.missing {
            return format!(
                "at {time}, the nearest time that is free for {name}, its machines would miss their \
                 recovery point objective"
            );
        }
        let length = schedule.usual_length().map(format_duration);
        let whole = match &length {
            Some(length) if length.starts_with("1h") => format!("{length} is free"),
            Some(length) => format!("{length} are free"),
            None => "it is free".to_owned(),
        };
        let day = facts.only_day(schedule);
        let mut text = match (schedule.recurrence(), day) {
            (Recurrence::Once(_), _) => {
                format!("there is no other time at which {whole} for {name}")
            }
            (_, Some(day)) => {
                format!(
                    "on {} there is no time at which {whole} for {name}",
                    days_named(day)
                )
            }
            _ => format!("there is no time of day at which {whole} for {name} on all its days"),
        };
        if let Some(taker) = reason.taker {
            text += ": ";
            text += &taker.takes(schedule.zone(), facts);
            match reason.others {
                0 => {}
                1 => text += ", and another the rest",
                others => text += &format!(", and {others} others the rest"),
            }
        }
        if let Some((day, time)) = reason.other_day {
            text += &format!("; on {} {time} is free", days_named(day));
        }
        if let Some((length, time)) = reason.shorter {
            text += &format!("; {} would fit at {time}", format_duration(length));
        }
        text
    }

    /// What to write into its schedule, where one value moves it; it is the one that should move.
    pub(in crate::facts) fn writes(&self, facts: &Facts) -> Option<Written> {
        if !self.moves {
            return None;
        }
        let schedule = facts.schedule_of(self.party).known()?;
        let zone = facts.calendar.zone(facts.timing_of(self.party)?);
        let table: &Timetable = &schedule.timetable;
        match &self.found {
            Found::Time(time) => match table.cron.known() {
                Some(text) => Cron::rewritten(text, *time).map(Written::Cron),
                None => (table.end.is_absent()).then(|| Written::Start(time.to_string())),
            },
            Found::Instant(start) => {
                At::rewritten(table.at.known()?, *start, zone).map(Written::At)
            }
            Found::Repeats | Found::Unsought(_) | Found::Nothing(_) => None,
        }
    }
}

/// A value of a schedule.
pub(in crate::facts) enum Written {
    Cron(String),
    Start(String),
    At(String),
}

impl Taker {
    /// What it takes, on the clock of a zone.
    #[must_use]
    pub(super) fn takes(self, zone: &Zone, facts: &Facts) -> String {
        match self {
            Taker::Crowd(crowd) => {
                let name = crowd_name(crowd, facts);
                match crowd {
                    Crowd::Votes(_) => format!("`{name}` would lose its quorum"),
                    _ => format!("`{name}` takes no more"),
                }
            }
            Taker::Party(party) => {
                let name = &facts.meta_of(party).name;
                match facts.hours_of(party, zone) {
                    Some(hours) => format!("`{name}` takes {hours}"),
                    None => format!("`{name}` is in the way"),
                }
            }
        }
    }
}

/// What it is called.
fn crowd_name(crowd: Crowd, facts: &Facts) -> &str {
    &facts.meta_of_crowd(crowd).name
}

impl Facts {
    pub(super) fn meta_of_crowd(&self, crowd: Crowd) -> &Meta {
        let inventory = &self.inventory;
        match crowd {
            Crowd::Repository(index) => &inventory.repositories[index as usize].meta,
            Crowd::Host(index) => &inventory.hosts[index as usize].meta,
            Crowd::Cluster(index) | Crowd::Votes(index) => &inventory.clusters[index as usize].meta,
        }
    }

    /// The day of the week on which alone something starts.
    fn only_day(&self, schedule: &Schedule) -> Option<Weekday> {
        let days = Days::of(schedule, Extent::of(schedule), self.calendar.search())?;
        only_day(&days)
    }

    /// When a party is at it, in words, on the clock of a zone.
    pub(super) fn hours_of(&self, party: Party, zone: &Zone) -> Option<String> {
        let timing = self.timing_of(party)?;
        let schedule = self.calendar.schedule(timing);
        let first = self.calendar.occurrences(timing).first()?;
        match schedule.recurrence() {
            Recurrence::Once(_) => Some(zone.show_window(first.start, first.end)),
            _ if schedule.time_of_day().is_none() => None,
            _ => {
                let clock = |at: Instant| zone.wall_clock(at).strftime("%H:%M").to_string();
                let end = first.end.filter(|end| end.since(first.start) <= 86_400)?;
                Some(format!("{}–{}", clock(first.start), clock(end)))
            }
        }
    }
}

/// When a weekly window ends that starts at another time.
fn end(schedule: &Schedule, start: TimeOfDay) -> Option<TimeOfDay> {
    match schedule.recurrence() {
        Recurrence::Weekly(_) => start.after(schedule.usual_length()?),
        _ => None,
    }
}

/// `on Sat 2026-12-05 at 22:00 (Europe/Berlin)`.
pub(super) fn shown(zone: &Zone, at: Instant) -> String {
    let wall = zone.wall_clock(at);
    format!(
        "on {} at {} ({zone})",
        wall.strftime("%a %F"),
        wall.strftime("%H:%M")
    )
}

/// `Saturdays`.
fn days_named(day: Weekday) -> String {
    format!("{day:?}s")
}
