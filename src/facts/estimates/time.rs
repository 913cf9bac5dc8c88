//! Lengths of time that can be added up and compared with a window.

use crate::schedule::format_duration;

/// Parts of a second: attoseconds.
const SECOND: u128 = 1_000_000_000_000_000_000;

/// How long something takes, in 10⁻¹⁸ s.
///
/// Each transfer is rounded down, so that a sum is never more than the truth, and less by no more
/// than 10⁻¹⁸ s a transfer: what just fits into a window is never said to exceed it, and what
/// exceeds it is only missed if that is by less than anybody could measure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(in crate::facts) struct Time(u128);

impl Time {
    pub(in crate::facts) const ZERO: Time = Time(0);
    /// It never ends.
    pub(in crate::facts) const ENDLESS: Time = Time(u128::MAX);

    /// How long so many bytes take at so many bits per second; without end where there are none.
    pub(in crate::facts) fn of_transfer(bytes: i64, rate: i128) -> Time {
        let bits = u128::try_from(bytes).unwrap_or(0) * 8;
        match u128::try_from(rate) {
            Ok(rate) if rate > 0 => Time(bits * SECOND / rate),
            _ => Time::ENDLESS,
        }
    }

    /// One after the other.
    pub(in crate::facts) fn and_then(self, next: Time) -> Time {
        Time(self.0.saturating_add(next.0))
    }

    /// Whether it is longer than so many seconds.
    pub(in crate::facts) fn exceeds(self, seconds: i64) -> bool {
        self.0 > u128::try_from(seconds).unwrap_or(0) * SECOND
    }

    /// In seconds, rounded up; `None` if it never ends.
    pub(in crate::facts) fn seconds(self) -> Option<i64> {
        if self == Time::ENDLESS {
            return None;
        }
        i64::try_from(self.0.div_ceil(SECOND)).ok()
    }

    /// For people, rounded up: `2h 40m`. `None` if it never ends.
    pub(in crate::facts) fn about(self) -> Option<String> {
        self.about_beside(0)
    }

    /// The same, no coarser than a number of seconds that stands beside it.
    pub(in crate::facts) fn about_beside(self, other: i64) -> Option<String> {
        let seconds = self.seconds()?;
        let usual = match seconds {
            ..600 => 1,
            600..86_400 => 60,
            _ => 3_600,
        };
        let steps = [3_600, 60, 1].into_iter();
        let step = steps
            .filter(|step| *step <= usual)
            .find(|step| other % step == 0)
            .unwrap_or(1);
        let steps = seconds / step + i64::from(seconds % step > 0);
        Some(format_duration(steps.saturating_mul(step)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_exactly_does_not_exceed() {
        let third = Time::of_transfer(100, 24);
        let hundred = third.and_then(third).and_then(third);
        assert!(!hundred.exceeds(100));
        assert!(hundred.exceeds(99));
        assert!(Time::of_transfer(100, 8).and_then(third).exceeds(133));
        assert!(!Time::of_transfer(100, 8).exceeds(100));
        assert!(Time::of_transfer(i64::MAX, 1).exceeds(i64::MAX));
        assert_eq!(Time::of_transfer(1, 0), Time::ENDLESS);
        assert_eq!(Time::of_transfer(0, -1), Time::ENDLESS);
        assert_eq!(Time::ENDLESS.and_then(third), Time::ENDLESS);
        assert!(Time::ENDLESS.exceeds(i64::MAX));
        assert!(!Time::ZERO.exceeds(0));
    }

    #[test]
    fn times_for_people_are_rounded_up() {
        let about = |seconds: i64| Time::of_transfer(seconds, 8).about().unwrap();
        assert_eq!(about(0), "0s");
        assert_eq!(about(164), "2m 44s");
        assert_eq!(about(599), "9m 59s");
        assert_eq!(about(601), "11m");
        assert_eq!(about(2 * 3600 + 39 * 60 + 1), "2h 40m");
        assert_eq!(about(86_399), "24h");
        assert_eq!(about(86_401), "1d 1h");
        assert_eq!(Time::of_transfer(1, 16).seconds(), Some(1));
        assert_eq!(Time::ENDLESS.about(), None);
        let beside = |other| Time::of_transfer(859, 8).about_beside(other).unwrap();
        assert_eq!(beside(858), "14m 19s");
        assert_eq!(beside(900), "15m");
        assert_eq!(beside(3_600), "15m");
        assert_eq!(Time::ENDLESS.seconds(), None);
    }

    proptest! {
        /// The naive reading multiplies instead of dividing, and so has no fractions.
        #[test]
        fn one_transfer_is_compared_exactly(
            bytes in 0..1_i64 << 50,
            rate in 1..10_i64.pow(13),
            near in -2..=2_i64,
        ) {
            let seconds = (bytes * 8 / rate + near).max(0);
            let exceeds = i128::from(bytes) * 8 > i128::from(seconds) * i128::from(rate);
            let time = Time::of_transfer(bytes, i128::from(rate));
            prop_assert_eq!(time.exceeds(seconds), exceeds);
            prop_assert_eq!(time.seconds().unwrap() > seconds, exceeds);
        }
    }
}
