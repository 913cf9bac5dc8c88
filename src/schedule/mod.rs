//! When things happen: the parts of a schedule as people write them, the occurrences they mean in
//! a search, and whether those of two schedules collide.
//!
//! Pure: it reads no YAML, knows no inventory, asks no clock, and takes its time zones from the
//! database that is built in. Whether a collision is bad is for the rules to say.

mod busy;
mod cron;
mod duration;
mod error;
mod field;
mod hours;
mod mask;
mod occurrence;
mod offsets;
mod once;
mod overlap;
mod quarters;
mod recovery;
mod rhythm;
mod robfig;
mod shift;
mod slots;
mod unfold;
mod week;
mod weekly;
mod zone;

use std::num::NonZeroI64;

use jiff::civil::Date;

pub use busy::Busy;
pub use cron::{Cron, CronZone};
pub use duration::{format_duration, parse_duration, parse_go_duration};
pub use error::ParseError;
pub use hours::Hours;
pub use mask::{WeekMask, companies};
pub use occurrence::{ClockChange, ClockChangeKind, Occurrence, Occurrences, Written};
pub use once::At;
pub use overlap::{
    Collision, Overlap, first_overlap, overlaps, self_overlap, self_overlaps, together,
};
pub use quarters::{Overfull, QuarterSums};
pub use recovery::{Gap, longest_certain_gap, longest_gap};
pub use rhythm::Rhythm;
pub use robfig::{Robfig, RobfigStarts, RobfigZone};
pub use shift::hours_of_change;
pub use slots::{Days, Extent, QUARTER, Starts, nearest_instant};
pub use week::{Stretch, Week};
pub use weekly::{TimeOfDay, WeekOfMonth, Weekly, parse_weekday};
pub use zone::{Zone, tzdata_release};

/// A point in time: seconds since 1970-01-01 00:00 UTC, without leap seconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Instant(i64);

impl Instant {
    /// The instant so many seconds after 1970 began in UTC.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Self {
        Instant(seconds)
    }

    /// Seconds since 1970 began in UTC.
    #[must_use]
    pub fn unix(self) -> i64 {
        self.0
    }

    /// The instant so many seconds later; the last one where there is none.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Instant(self.0.saturating_add(seconds))
    }

    /// The seconds from `earlier` to this instant.
    #[must_use]
    pub fn since(self, earlier: Instant) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// How often and when something starts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Recurrence {
    /// Whenever a cron matches.
    Cron(Cron),
    /// On days of the week.
    Weekly(Weekly),
    /// During hours of some days.
    Hours(Hours),
    /// One time only.
    Once(At),
}

/// When something starts and how long it takes. Equal ones have equal occurrences.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Schedule {
    recurrence: Recurrence,
    zone: Zone,
    length: Option<NonZeroI64>,
}

impl Schedule {
    /// A schedule whose length is unknown, unless it is a weekly one with an end.
    #[must_use]
    pub fn new(recurrence: Recurrence, zone: Zone) -> Self {
        Schedule {
            recurrence,
            zone,
            length: None,
        }
    }

    /// The same schedule with a length in seconds of elapsed time; below one second it is one. A
    /// length that is known already stays, so this also serves to assume one.
    #[must_use]
    pub fn lasting(mut self, seconds: i64) -> Self {
        if !self.has_end() {
            self.length = NonZeroI64::new(seconds.max(1));
        }
        self
    }

    /// Whether it is known when an occurrence ends.
    #[must_use]
    pub fn has_end(&self) -> bool {
        let ends = matches!(
            self.recurrence,
            Recurrence::Weekly(Weekly { end: Some(_), .. }) | Recurrence::Hours(_)
        );
        ends || self.length.is_some()
    }

    /// How long it usually takes in seconds: its length, or from start to end on a day without a
    /// clock change, which makes single occurrences of a weekly one shorter or longer.
    #[must_use]
    pub fn usual_length(&self) -> Option<i64> {
        match &self.recurrence {
            Recurrence::Weekly(weekly) => weekly.usual_length().or(self.length()),
            Recurrence::Hours(hours) => Some(hours.usual_length()),
            Recurrence::Cron(_) | Recurrence::Once(_) => self.length(),
        }
    }

    /// Its length in seconds of elapsed time.
    fn length(&self) -> Option<i64> {
        self.length.map(NonZeroI64::get)
    }

    /// How often and when it starts.
    #[must_use]
    pub fn recurrence(&self) -> &Recurrence {
        &self.recurrence
    }

    /// The time of the wall clock at which it starts on each of its days; none where it starts only
    /// once, several times a day, follows the clock through its changes, or goes on for some hours.
    #[must_use]
    pub fn time_of_day(&self) -> Option<TimeOfDay> {
        match &self.recurrence {
            Recurrence::Cron(cron) => cron.time_of_day(),
            Recurrence::Weekly(weekly) => Some(weekly.start),
            Recurrence::Hours(_) | Recurrence::Once(_) => None,
        }
    }

    /// The same on the same days at another time, as long as it was; none where it has no
    /// [`Schedule::time_of_day`].
    #[must_use]
    pub fn starting_at(&self, time: TimeOfDay) -> Option<Self> {
        self.time_of_day()?;
        let recurrence = match &self.recurrence {
            Recurrence::Cron(cron) => Recurrence::Cron(cron.at(time)),
            Recurrence::Weekly(weekly) => Recurrence::Weekly(weekly.at(time)),
            Recurrence::Hours(_) | Recurrence::Once(_) => return None,
        };
        Some(Schedule {
            recurrence,
            ..self.clone()
        })
    }

    /// The same, once at another instant.
    #[must_use]
    pub fn once_at(&self, start: Instant) -> Self {
        Schedule {
            recurrence: Recurrence::Once(At::Instant(start)),
            ..self.clone()
        }
    }

    /// The zone whose wall clock it follows.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// The 400 × 24 hours in which occurrences are looked for, from 00:00 UTC of a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Search {
    from: Instant,
}

impl Search {
    /// How long a search is, in seconds.
    pub const LENGTH: i64 = 400 * 86_400;

    /// The search from that day on.
    #[must_use]
    pub fn new(as_of: Date) -> Self {
        let from = offsets::seconds(as_of.to_datetime(jiff::civil::Time::midnight()));
        Search {
            from: Instant(from),
        }
    }

    /// The first instant.
    #[must_use]
    pub fn from(&self) -> Instant {
        self.from
    }

    /// The first instant that is no longer part of it.
    #[must_use]
    pub fn until(&self) -> Instant {
        self.from.plus(Self::LENGTH)
    }

    /// Whether an instant is part of it.
    #[must_use]
    pub fn contains(&self, instant: Instant) -> bool {
        (self.from..self.until()).contains(&instant)
    }
}
