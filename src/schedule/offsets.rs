//! From the wall clock of a zone to instants, by the rules for clock changes.

use std::ops::Range;

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, tz::Offset};

use super::zone::timestamp;
use super::{Instant, Zone};

/// How many instants show a time of the wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fit {
    Once,
    Skipped,
    Repeated,
}

/// The offsets from UTC that a zone has over some span, in seconds; none at all is UTC.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Offsets {
    segments: Vec<Segment>,
}

/// A span of instants without a clock change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    pub(super) instants: Range<i64>,
    pub(super) offset: i64,
}

impl Offsets {
    /// The offsets from `from` to `until`; what lies outside has those of the nearest end.
    pub(super) fn over(zone: &Zone, from: i64, until: i64) -> Self {
        let seconds = |offset: Offset| i64::from(offset.seconds());
        let first = timestamp(from);
        let mut segments = vec![Segment {
            instants: i64::MIN..i64::MAX,
            offset: seconds(zone.rules.to_offset(first)),
        }];
        for change in zone.rules.following(first) {
            let at = change.timestamp().as_second();
            if at > until {
                break;
            }
            let offset = seconds(change.offset());
            if let Some(last) = segments.last_mut().filter(|last| last.offset != offset) {
                last.instants.end = at;
                let instants = at..i64::MAX;
                segments.push(Segment { instants, offset });
            }
        }
        Offsets { segments }
    }

    /// The offset at an instant.
    pub(super) fn at(&self, instant: i64) -> i64 {
        let index = self
            .segments
            .partition_point(|segment| segment.instants.end <= instant);
        self.segments.get(index).map_or(0, |segment| segment.offset)
    }

    /// What the clock shows at an instant.
    pub(super) fn wall_clock(&self, instant: Instant) -> DateTime {
        let shown = instant.unix().saturating_add(self.at(instant.unix()));
        EPOCH.saturating_add(SignedDuration::from_secs(shown))
    }

    /// The instants at which they change.
    pub(super) fn changes(&self) -> impl Iterator<Item = i64> {
        let starts = self.segments.iter().map(|segment| segment.instants.start);
        starts.skip(1)
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The instant of a fixed time of the wall clock: the first of two that show it, or the first
    /// after the gap that skips it.
    pub(super) fn resolve(&self, wall: i64) -> (i64, Fit) {
        /// Further than this from UTC no clock can be.
        const REACH: i64 = 26 * 3_600;
        let first = self
            .segments
            .partition_point(|segment| segment.instants.end < wall.saturating_sub(REACH));
        let near = self.segments[first..]
            .iter()
            .take_while(|segment| segment.instants.start <= wall.saturating_add(REACH));
        let (mut gap_end, mut found) = (None, None);
        for segment in near {
            let at = wall - segment.offset;
            if segment.instants.contains(&at) {
                if let Some(earlier) = found {
                    return (earlier, Fit::Repeated);
                }
                found = Some(at);
            } else if at < segment.instants.start && gap_end.is_none() {
                gap_end = Some(segment.instants.start);
            }
        }
        match found {
            Some(at) => (at, Fit::Once),
            None => (gap_end.unwrap_or(wall), Fit::Skipped),
        }
    }
}

/// A time of the wall clock in seconds since 1970 began on it.
pub(super) fn seconds(wall: DateTime) -> i64 {
    wall.duration_since(EPOCH).as_secs()
}

/// The day of a time of the wall clock; the first or last of the calendar where it lies outside.
pub(super) fn date(seconds: i64) -> Date {
    EPOCH
        .saturating_add(SignedDuration::from_secs(seconds))
        .date()
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
