//! When some plans, windows, policies or machines are free, in all weeks of a search.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use super::crowds::{Crowd, Crowds, Seat};
use super::islands::Island;
use super::parties::Party;
use super::{Taker, words};
use crate::facts::Facts;
use crate::facts::calendar::Timing;
use crate::model::{Kind, Meta};
use crate::schedule::{
    Busy, Days, Extent, Instant, Recurrence, Stretch, TimeOfDay, Week, Zone, nearest_instant,
};

/// Times that are hindered in up to so many weeks count as free but for those.
const FEW: u32 = 14;

/// What is asked about: a resource, by its kind and number.
pub type Subject = (Kind, u32);

/// When something is free that concerns some resources.
pub struct Slots {
    /// The clock that times are on.
    pub zone: Zone,
    /// For how long, in seconds.
    pub length: i64,
    /// In every week.
    pub free: Vec<Stretch>,
    /// In most weeks.
    pub mostly: Vec<(Stretch, Vec<Exception>)>,
    /// What keeps the rest busy.
    pub takers: Vec<Taker>,
    /// Those of which nobody knows when they start.
    pub unscheduled: Vec<Party>,
    /// Those of which nobody knows when they end.
    pub endless: Vec<Party>,
    /// What takes less than one of them asks for, whenever it starts.
    pub hopeless: Vec<(Party, Crowd)>,
    /// When the one that is asked about starts now.
    pub present: Option<Present>,
    week: Week,
}

/// What hinders on some days.
pub struct Exception {
    /// What it is.
    pub taker: Taker,
    /// The days on which not everything is free.
    pub dates: Vec<Date>,
}

/// When something starts now.
pub struct Present {
    /// When.
    pub start: Start,
    /// Whether that is free.
    pub is_free: bool,
    /// The nearest start that is.
    pub nearest: Option<Start>,
    /// The clock of its schedule.
    pub zone: Zone,
}

/// When something starts.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// On each of its days.
    Daily(TimeOfDay),
    /// Once.
    Once(Instant),
}

impl Start {
    /// In words, on the clock of a zone: `at 22:00`.
    #[must_use]
    pub fn shown(self, zone: &Zone) -> String {
        match self {
            Start::Daily(time) => format!("at {time}"),
            Start::Once(at) => words::shown(zone, at),
        }
    }

    /// As programs read it: `22:00`, or date, time and offset.
    #[must_use]
    pub fn value(self, zone: &Zone) -> String {
        match self {
            Start::Daily(time) => time.to_string(),
            Start::Once(at) => zone.iso(at),
        }
    }
}

impl Slots {
    /// The first time in the search that something could take from the beginning of a stretch.
    #[must_use]
    pub fn first(&self, stretch: &Stretch) -> Option<(Instant, Instant)> {
        self.week.first(stretch)
    }

    /// What is taken of the whole week is nothing.
    #[must_use]
    pub fn is_always_free(&self) -> bool {
        self.free.iter().any(Stretch::is_everything)
    }
}

/// All that is taken, by who takes it.
#[derive(Default)]
struct Taken {
    of_timings: BTreeMap<Timing, Vec<Party>>,
    of_crowds: Vec<(Crowd, Busy)>,
    unscheduled: Vec<Party>,
    endless: Vec<Party>,
    hopeless: Vec<(Party, Crowd)>,
}

impl Facts {
    /// When something of that length is free that concerns all of these resources; without a length
    /// the longest of theirs. None where none of them has one.
    #[must_use]
    pub fn slots(
        &self,
        subjects: &[Subject],
        length: Option<i64>,
        zone: Option<&Zone>,
    ) -> Option<Slots> {
        let parties: Vec<Party> = subjects
            .iter()
            .filter_map(|(kind, index)| Facts::party(*kind, *index))
            .collect();
        let extent = self.extent(&parties, length)?;
        let taken = self.taken(subjects, &parties);
        let zone = zone
            .cloned()
            .unwrap_or_else(|| self.zone_of(&parties, &taken));
        let busy_of_timing = |timing: &Timing| self.busy(*timing);
        let mut all: Vec<Busy> = taken.of_timings.keys().map(busy_of_timing).collect();
        all.extend(taken.of_crowds.iter().map(|(_, busy)| busy.clone()));
        let joined = Busy::joined(&all);
        let search = self.calendar.search();
        let week = Week::of(&zone, extent, search, &joined);
        let mostly = week.mostly_free(FEW).into_iter().map(|stretch| {
            let exceptions = self.exceptions(&week, &stretch, &taken);
            (stretch, exceptions)
        });
        let present = match parties.as_slice() {
            [party] if subjects.len() == 1 => self.present(*party, extent, &joined),
            _ => None,
        };
        let mut takers: Vec<Taker> = taken
            .of_timings
            .iter()
            .filter(|(timing, _)| !self.busy(**timing).is_empty())
            .flat_map(|(_, parties)| parties)
            .map(|party| Taker::Party(*party))
            .collect();
        takers.sort();
        let full = taken.of_crowds.iter().filter(|(_, busy)| !busy.is_empty());
        takers.extend(full.map(|(crowd, _)| Taker::Crowd(*crowd)));
        Some(Slots {
            length: extent.seconds(),
            free: week.free(),
            mostly: mostly.collect(),
            takers,
            unscheduled: taken.unscheduled,
            endless: taken.endless,
            hopeless: taken.hopeless,
            present,
            week,
            zone,
        })
    }

    fn extent(&self, parties: &[Party], length: Option<i64>) -> Option<Extent> {
        if let Some(length) = length {
            return Some(Extent::Elapsed(length));
        }
        let schedules = parties.iter().filter_map(|party| self.timing_of(*party));
        let schedules = schedules.map(|timing| self.calendar.schedule(timing));
        let with_end = schedules.filter(|schedule| schedule.has_end());
        with_end
            .map(Extent::of)
            .max_by_key(|extent| extent.seconds())
    }

    /// The zone of what is asked about, or of all that is in its way, else UTC.
    fn zone_of(&self, parties: &[Party], taken: &Taken) -> Zone {
        let own = parties.iter().find_map(|party| self.timing_of(*party));
        if let Some(own) = own {
            return self.calendar.zone(own).clone();
        }
        let mut zones = taken.of_timings.keys().map(|it| self.calendar.zone(*it));
        match zones.next() {
            Some(first) if zones.all(|zone| zone == first) => first.clone(),
            _ => Zone::utc(),
        }
    }

    fn taken(&self, subjects: &[Subject], parties: &[Party]) -> Taken {
        let machines = subjects
            .iter()
            .filter(|(kind, _)| *kind == Kind::VirtualMachine);
        let machines: Vec<u32> = machines.map(|(_, index)| *index).collect();
        let mut opponents = self.concerning(&machines);
        for party in parties {
            opponents.extend(self.opponents(*party));
        }
        opponents.sort_unstable();
        opponents.dedup();
        opponents.retain(|party| !parties.contains(party));
        let mut taken = Taken::default();
        for party in opponents {
            let Some(timing) = self.timing_of(party) else {
                taken.unscheduled.push(party);
                continue;
            };
            if !self.calendar.schedule(timing).has_end() {
                taken.endless.push(party);
            }
            taken.of_timings.entry(timing).or_default().push(party);
        }
        let islands = self.islands();
        let numbers: BTreeSet<u32> = parties.iter().map(|party| islands.of(*party)).collect();
        let of_island = |island: &u32| islands.parties(*island);
        let mut all: Vec<Party> = numbers.iter().flat_map(of_island).copied().collect();
        all.sort_unstable();
        let mut crowds = Crowds::on(self, Island::of(self, &all));
        let mut seats: BTreeMap<Crowd, Vec<(Party, Seat)>> = BTreeMap::new();
        for party in parties {
            for seat in crowds.seats(*party) {
                seats.entry(seat.crowd).or_default().push((*party, seat));
            }
        }
        for (crowd, members) in seats {
            match crowds.full_with(&members) {
                Some(busy) => taken.of_crowds.push((crowd, busy)),
                None => taken
                    .hopeless
                    .extend(members.iter().map(|(party, _)| (*party, crowd))),
            }
        }
        taken
    }

    fn exceptions(&self, week: &Week, stretch: &Stretch, taken: &Taken) -> Vec<Exception> {
        let parties = taken.of_timings.iter();
        let of_parties = parties.flat_map(|(timing, parties)| {
            let dates = week.met_by(stretch, &self.busy(*timing));
            parties.iter().map(move |party| Exception {
                taker: Taker::Party(*party),
                dates: dates.clone(),
            })
        });
        let of_crowds = taken.of_crowds.iter().map(|(crowd, busy)| Exception {
            taker: Taker::Crowd(*crowd),
            dates: week.met_by(stretch, busy),
        });
        let mut all: Vec<Exception> = of_parties.chain(of_crowds).collect();
        all.retain(|exception| !exception.dates.is_empty());
        all.sort_by(|a, b| (&a.dates, a.taker).cmp(&(&b.dates, b.taker)));
        all
    }

    fn present(&self, party: Party, extent: Extent, busy: &Busy) -> Option<Present> {
        let timing = self.timing_of(party)?;
        let schedule = self.calendar.schedule(timing);
        let search = self.calendar.search();
        let zone = schedule.zone();
        let now = self.calendar.occurrences(timing).first()?.start;
        if let Recurrence::Once(_) = schedule.recurrence() {
            let length = extent.seconds();
            let within = search.from()..search.until();
            let nearest = nearest_instant(busy, now, length, &within, zone);
            return Some(Present {
                start: Start::Once(now),
                is_free: busy.meets(now.unix(), now.plus(length).unix()).is_none(),
                nearest: nearest.map(Start::Once),
                zone: zone.clone(),
            });
        }
        let time = schedule.time_of_day()?;
        let days = Days::of(schedule, extent, search)?;
        let free = days.meeting_itself().and(days.meeting(busy)).others();
        let nearest = self.nearest_start(party, timing, free, &days, time);
        Some(Present {
            start: Start::Daily(time),
            is_free: self.is_free(timing, extent, busy),
            nearest: nearest.map(Start::Daily),
            zone: zone.clone(),
        })
    }

    /// Whether what starts now meets nothing that is taken.
    fn is_free(&self, timing: Timing, extent: Extent, busy: &Busy) -> bool {
        let same = Extent::of(self.calendar.schedule(timing)) == extent;
        let all = self.calendar.occurrences(timing).iter();
        let mut met = all.filter_map(|one| {
            let end = match one.end {
                Some(end) if same => end,
                _ => one.start.plus(extent.seconds()),
            };
            busy.meets(one.start.unix(), end.unix())
        });
        met.next().is_none()
    }

    /// The kind of what is in the way, and what it has as every resource.
    #[must_use]
    pub fn meta_of_taker(&self, taker: Taker) -> &Meta {
        match taker {
            Taker::Party(party) => self.meta_of(party),
            Taker::Crowd(crowd) => self.meta_of_crowd(crowd),
        }
    }

    /// When something in the way is at it, in words, on the clock of a zone.
    #[must_use]
    pub fn when_taken(&self, taker: Taker, zone: &Zone) -> String {
        let party = match taker {
            Taker::Party(party) => party,
            Taker::Crowd(Crowd::Votes(_)) => return "would lose its quorum at times".to_owned(),
            Taker::Crowd(_) => return "is full at times".to_owned(),
        };
        let Some(timing) = self.timing_of(party) else {
            return "nobody knows when".to_owned();
        };
        let schedule = self.calendar.schedule(timing);
        let hours = self.hours_of(party, zone);
        let Some(days) = Days::of(schedule, Extent::of(schedule), self.calendar.search()) else {
            return hours.unwrap_or_else(|| "several times a day".to_owned());
        };
        let occurrences = self.calendar.occurrences(timing);
        let first = occurrences.first();
        let shift = first
            .zip(occurrences.written(0))
            .map_or(0, |(first, written)| {
                let here = zone.wall_clock(first.start).date();
                (here - written.first.date()).get_days()
            });
        let hours = hours.unwrap_or_else(|| {
            let start = first.map(|first| zone.wall_clock(first.start));
            start.map_or_else(String::new, |it| format!("from {}", it.strftime("%H:%M")))
        });
        format!("{} {hours}", weekdays(&days, shift))
    }
}

/// The days of the week on which something starts, on a clock that is so many days ahead.
fn weekdays(days: &Days, shift: i32) -> String {
    if days.is_every_day() {
        return "daily".to_owned();
    }
    let name = |day: Weekday| format!("{day:?}")[..3].to_owned();
    let mut found: Vec<Weekday> = Vec::new();
    let mut count = 0;
    for date in days.dates() {
        let day = date.weekday().wrapping_add(shift);
        count += 1;
        if !found.contains(&day) {
            found.push(day);
        }
    }
    found.sort_by_key(|day| day.to_monday_zero_offset());
    let every = count >= found.len() * 56;
    match (every, found.len()) {
        (false, 4..) => "some days".to_owned(),
        (every, _) => {
            let names: Vec<String> = found.into_iter().map(name).collect();
            let some = if every { "" } else { "some " };
            format!("{some}{}", names.join(", "))
        }
    }
}

impl Crowds<'_> {
    /// When a crowd would be too much with some of its members at once, beside all others; none
    /// where they alone are too much.
    fn full_with(&mut self, members: &[(Party, Seat)]) -> Option<Busy> {
        let (party, first) = members.first()?;
        let weight = members.iter().map(|(_, seat)| seat.weight).sum();
        let together = Seat { weight, ..*first };
        if together.is_hopeless() {
            return None;
        }
        Some(self.full_without(*party, &together, members))
    }
}
