//! Live migrations that leave one after the other, and how long that takes.
//!
//! Memory is copied while the machine goes on writing to it, and what it wrote is copied again:
//! M/B · 1/(1 − D/B) with M bytes of memory, bandwidth B and dirty rate D, the sum of an endless
//! iterative pre-copy. No maker publishes a formula; this is the usual model, without the time to
//! set up and to hand over. Migrations that share a link have B/c each and run at the same time,
//! so that their times still add up, but each is slowed down by c · D/B: sharing makes it no
//! faster, and without end from c · D ≥ B on.

use super::time::Time;
use crate::facts::bandwidth::Narrowest;

/// A number of which only bounds may be known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::facts) struct Bounds {
    pub(in crate::facts) least: i64,
    pub(in crate::facts) most: i64,
}

impl Bounds {
    pub(in crate::facts) fn exactly(value: i64) -> Self {
        Bounds {
            least: value,
            most: value,
        }
    }

    /// From `least` on.
    pub(in crate::facts) fn from(least: i64) -> Self {
        Bounds {
            least,
            most: i64::MAX,
        }
    }

    pub(in crate::facts) fn min(self, other: Self) -> Self {
        Bounds {
            least: self.least.min(other.least),
            most: self.most.min(other.most),
        }
    }
}

/// One live migration, and what is known of how long it takes.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Copying {
    /// The machine, where it is known which.
    pub(in crate::facts) machine: Option<u32>,
    /// Whether it takes place for certain.
    pub(in crate::facts) certain: bool,
    /// What is copied, in bytes.
    pub(in crate::facts) memory: Option<i64>,
    /// How fast the machine writes to it, in bits per second.
    pub(in crate::facts) dirty_rate: Option<i64>,
    /// What it is copied over.
    pub(in crate::facts) link: Option<Narrowest>,
    /// How many share that.
    pub(in crate::facts) sharing: Bounds,
}

impl Copying {
    /// The least time it can take.
    pub(in crate::facts) fn least(&self) -> Time {
        let Some(link) = self.link.filter(|_| self.certain) else {
            return Time::ZERO;
        };
        let dirty_rate = self.dirty_rate.unwrap_or(0);
        let rate = left(link.bandwidth, dirty_rate, self.sharing.least);
        Time::of_transfer(self.memory.unwrap_or(0), rate)
    }

    /// The most time it can take.
    fn most(&self) -> Option<Time> {
        self.with(0, i64::MAX)
    }

    /// The most time it can take with at least this bandwidth and at most so many that share it.
    fn with(&self, bandwidth: i64, sharing: i64) -> Option<Time> {
        let bandwidth = self.link?.bandwidth.max(bandwidth);
        let rate = left(bandwidth, self.dirty_rate?, self.sharing.most.min(sharing));
        match (self.memory, Time::of_transfer(0, rate)) {
            (_, Time::ENDLESS) => Some(Time::ENDLESS),
            (memory, _) => Some(Time::of_transfer(memory?, rate)),
        }
    }

    /// How long it takes, where that is known.
    pub(in crate::facts) fn time(&self) -> Option<Time> {
        let least = self.least();
        (self.most() == Some(least)).then_some(least)
    }

    /// Whether copying outruns writing, so that it ends.
    pub(in crate::facts) fn converges(&self) -> Option<bool> {
        match (self.least(), self.most()) {
            (Time::ENDLESS, _) => Some(false),
            (_, Some(most)) if most != Time::ENDLESS => Some(true),
            _ => None,
        }
    }
}

/// The bandwidth that is left for what was not yet copied, times how many share it.
fn left(bandwidth: i64, dirty_rate: i64, sharing: i64) -> i128 {
    i128::from(bandwidth) - i128::from(dirty_rate) * i128::from(sharing)
}

/// Migrations that add up.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Lane {
    pub(in crate::facts) migrations: Vec<Copying>,
    /// Whether there may be more.
    open: bool,
    pub(in crate::facts) least: Time,
    pub(in crate::facts) most: Option<Time>,
}

impl Lane {
    pub(in crate::facts) fn new(migrations: Vec<Copying>, open: bool) -> Self {
        let least = migrations.iter().map(Copying::least);
        let mut lane = Lane {
            least: least.fold(Time::ZERO, Time::and_then),
            most: None,
            migrations,
            open,
        };
        lane.most = lane.with(0, i64::MAX);
        lane
    }

    /// Whether there are none, and can be none.
    pub(in crate::facts) fn is_nothing(&self) -> bool {
        self.migrations.is_empty() && !self.open
    }

    fn with(&self, bandwidth: i64, sharing: i64) -> Option<Time> {
        if self.open {
            return None;
        }
        let mut times = self.migrations.iter();
        times.try_fold(Time::ZERO, |sum, one| {
            Some(sum.and_then(one.with(bandwidth, sharing)?))
        })
    }
}

/// The time of lanes in groups of `at_once`, one group after the other.
pub(in crate::facts) fn in_groups<L>(
    lanes: &[&L],
    at_once: usize,
    time: impl Fn(&L) -> Option<Time>,
) -> Option<Time> {
    let mut groups = lanes.chunks(at_once.max(1));
    groups.try_fold(Time::ZERO, |sum, group| {
        let mut longest = Time::ZERO;
        for lane in group {
            longest = longest.max(time(lane)?);
        }
        Some(sum.and_then(longest))
    })
}

/// Amounts in which bandwidth is recommended: tenths of a Gbps, as it is shown.
const STEP: i64 = 100_000_000;
/// Beyond this many of them nothing is recommended.
const STEPS: i64 = 9_999;

/// The least bandwidth, everywhere where there is less, with which the lanes take no more than so
/// many seconds; in bits per second.
pub(in crate::facts) fn sufficient_bandwidth(
    lanes: &[&Lane],
    at_once: usize,
    seconds: i64,
) -> Option<i64> {
    let steps = first(1, STEPS, |steps| {
        let time = in_groups(lanes, at_once, |lane| lane.with(steps * STEP, i64::MAX));
        time.is_some_and(|time| !time.exceeds(seconds))
    })?;
    Some(steps * STEP)
}

/// The largest number of migrations at once, less than now, with which the lanes take no more than
/// so many seconds.
pub(in crate::facts) fn sufficient_sharing(
    lanes: &[&Lane],
    at_once: usize,
    seconds: i64,
) -> Option<i64> {
    let all = lanes.iter().flat_map(|lane| &lane.migrations);
    let most = all.map(|one| one.sharing.most).max()?;
    // Counted down, so that the first that fits is the largest.
    let fewer = first(1, most - 1, |fewer| {
        let time = in_groups(lanes, at_once, |lane| lane.with(0, most - fewer));
        time.is_some_and(|time| !time.exceeds(seconds))
    })?;
    Some(most - fewer)
}

/// The first number from `low` to `high` that fits, where all larger ones do as well.
fn first(mut low: i64, high: i64, fits: impl Fn(i64) -> bool) -> Option<i64> {
    if low > high || !fits(high) {
        return None;
    }
    let mut known = high;
    while low < known {
        let middle = low + (known - low) / 2;
        if fits(middle) {
            known = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(known)
}

#[cfg(test)]
#[path = "lane_tests.rs"]
mod tests;
