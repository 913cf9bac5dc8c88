//! Schedules as resources write them, and what they mean.

use arcstr::ArcStr;
use jiff::civil::Weekday;
use serde_json::{Value as Json, json};

use super::amount::Seconds;
use super::attribute::{Attr, List, Placed, State};
use super::place::Place;
use super::read::{Modelled, Reader, Violation, record};
use super::reflect::{Object, RecordType, Type, Value};
use super::value::Whole;
use super::{Meta, reflect};
use crate::schedule::{
    At, Cron, ParseError, Recurrence, Schedule as Meaning, TimeOfDay, WeekOfMonth, Weekly, Zone,
    parse_weekday,
};
use crate::source::Span;
use crate::yaml::Node;

/// A day of the week, by its English name or the first three letters of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Day(pub Weekday);

impl Default for Day {
    fn default() -> Self {
        Day(Weekday::Monday)
    }
}

impl Modelled for Day {
    type Beside = Place;

    fn ty() -> Type {
        Type::Text
    }

    fn schema() -> Json {
        json!({ "type": "string", "enum": [
            "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
            "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
        ] })
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        match node.text().map(parse_weekday) {
            Some(Ok(day)) => State::Known(Day(day)),
            Some(Err(error)) if !node.is_null() => {
                reader.violation(node, error.message, error.help);
                State::Unknown
            }
            _ => State::Unknown,
        }
    }

    fn value<'a>(&'a self, _: Option<&'a Meta>) -> Value<'a> {
        Value::Text(format!("{:?}", self.0)[..3].to_owned().into())
    }

    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

record! {
    /// When something happens: exactly one of `cron`, weekly windows (`start` and what goes with it), or `at`, on the wall clock of `timeZone`.
    pub struct Timetable (rare: TimetableDetails) {
        /// Five fields, or @hourly, @daily, @weekly, @monthly, @yearly.
        cron "cron": ArcStr,
        /// The IANA zone whose wall clock is meant; default UTC.
        time_zone "timeZone": ArcStr,
        /// How long it takes.
        duration "duration": Seconds,
        /// The days on which a weekly window starts; default every day.
        days "days" rare: List<Day>,
        /// The weeks of the month in which it starts: 2 is the 8th to the 14th.
        weeks_of_month "weeksOfMonth" rare: List<Whole<1, 5>>,
        /// When a weekly window starts.
        start "start" rare: ArcStr,
        /// When it ends; not after `start` means the next day.
        end "end" rare: ArcStr,
        /// A single time, such as 2026-12-05T22:00:00+01:00.
        at "at" rare: ArcStr,
    }
}

/// When something happens: as written, and what that means.
#[derive(Clone, Default, Debug)]
pub struct Schedule {
    /// As written.
    pub timetable: Timetable,
    /// What it means; never absent.
    pub meaning: State<Meaning>,
}

impl Schedule {
    /// A schedule that another format says in its own words.
    #[must_use]
    pub fn foreign(timetable: Timetable, meaning: State<Meaning>) -> Self {
        Schedule { timetable, meaning }
    }

    /// Takes it to last so many seconds where nobody says how long it lasts.
    pub fn assume(&mut self, seconds: i64) {
        let unsaid = self.says_no_end();
        if let (State::Known(meaning), true) = (&mut self.meaning, unsaid) {
            *meaning = meaning.clone().lasting(seconds);
        }
    }

    /// How many seconds it is only assumed to last.
    #[must_use]
    pub fn assumed(&self) -> Option<i64> {
        let meaning = self.meaning.known().filter(|_| self.says_no_end())?;
        meaning.usual_length()
    }

    fn says_no_end(&self) -> bool {
        let table = &self.timetable;
        table.duration.is_absent() && table.end.is_absent()
    }

    /// How long its windows usually are in seconds, which may be known where it is not known when
    /// they start.
    #[must_use]
    pub fn usual_length(&self) -> Option<i64> {
        if let State::Known(meaning) = &self.meaning {
            return meaning.usual_length();
        }
        let time = |text: &Attr<ArcStr>, parse: fn(&str) -> Result<TimeOfDay, ParseError>| {
            text.known().and_then(|text| parse(text).ok())
        };
        let table = &self.timetable;
        match (
            table.duration.state(),
            table.cron.state(),
            table.start.state(),
        ) {
            (State::Known(length), _, State::Absent) => Some(length.0),
            (State::Absent, State::Absent, State::Known(_)) => {
                let start = time(&table.start, TimeOfDay::parse)?;
                let end = time(&table.end, TimeOfDay::parse_end)?;
                Weekly::new([], [], start, Some(end)).usual_length()
            }
            _ => None,
        }
    }

    /// Whether it happens again and again, so that it is not over whatever else is unknown.
    #[must_use]
    pub fn recurs(&self) -> bool {
        self.timetable.at.is_absent()
    }
}

impl Placed for Schedule {
    fn place(&self) -> Place {
        self.timetable.place
    }

    fn put_at(&mut self, place: Place) {
        self.timetable.place = place;
    }
}

impl Modelled for Schedule {
    type Beside = ();

    fn ty() -> Type {
        Type::Record(Timetable::TYPE)
    }

    fn schema() -> Json {
        let mut schema = Timetable::record_schema();
        schema["oneOf"] = json!([
            { "required": ["cron"] },
            { "required": ["start"] },
            { "required": ["at"] },
        ]);
        schema
    }

    fn read(node: Node<'_>, reader: &mut Reader) -> State<Self> {
        let place = reader.place();
        match Timetable::read(node, reader) {
            State::Known(timetable) => State::Known(Schedule {
                meaning: Interpreter { reader, place }
                    .meaning(&timetable)
                    .map_or(State::Unknown, State::Known),
                timetable,
            }),
            State::Absent | State::Unknown => State::Unknown,
        }
    }

    fn value<'a>(&'a self, owner: Option<&'a Meta>) -> Value<'a> {
        Value::Record(Object::part(self, owner))
    }

    fn agrees(&self, other: &Self) -> bool {
        self.timetable.agrees(&other.timetable)
    }
}

impl reflect::Record for Schedule {
    fn record_type(&self) -> &'static RecordType {
        Timetable::TYPE
    }

    fn place(&self) -> Option<Span> {
        reflect::Record::place(&self.timetable)
    }

    fn as_any(&self) -> &dyn std::any::Any {
        &self.timetable
    }
}

/// Finds out what a timetable means, and reports why it means nothing.
struct Interpreter<'r> {
    reader: &'r mut Reader,
    /// The key of the schedule.
    place: Span,
}

impl Interpreter<'_> {
    fn meaning(&mut self, table: &Timetable) -> Option<Meaning> {
        let weekly = [
            !table.start.is_absent(),
            !table.end.is_absent(),
            !table.days.is_absent(),
            !table.weeks_of_month.is_absent(),
        ]
        .contains(&true);
        let cron = !table.cron.is_absent();
        let once = !table.at.is_absent();
        let zone = self.zone(table);
        let (recurrence, zone) = match (cron, weekly, once) {
            (true, false, false) => self.cron(table, zone)?,
            (false, true, false) => (Recurrence::Weekly(self.weekly(table)?), zone?),
            (false, false, true) => {
                let at = self.parse(&table.at, At::parse)?;
                // An offset wins over the zone, known or not.
                let zone = match at {
                    At::Instant(_) => zone.unwrap_or_else(Zone::utc),
                    At::Wall(_) => zone?,
                };
                (Recurrence::Once(at), zone)
            }
            (false, false, false) => {
                self.object(
                    "this schedule does not say when",
                    "add `cron`, `start` or `at`",
                );
                return None;
            }
            _ => {
                self.object(
                    "this schedule says when in more than one way",
                    "keep one of `cron`, `start` with `days`, and `at`",
                );
                return None;
            }
        };
        let schedule = Meaning::new(recurrence, zone);
        Some(match table.duration.state() {
            State::Known(length) if !weekly => schedule.lasting(length.0),
            _ => schedule,
        })
    }

    fn object(&mut self, message: &str, help: &str) {
        self.reader.violations.push(Violation {
            span: self.place,
            defined: None,
            message: message.to_owned(),
            help: Some(help.to_owned()),
        });
    }

    fn reject(&mut self, span: Span, error: ParseError) {
        self.reader.violations.push(Violation {
            span,
            defined: None,
            message: error.message,
            help: error.help,
        });
    }

    /// Reads a text that is known.
    fn parse<T>(
        &mut self,
        text: &Attr<ArcStr>,
        parse: impl Fn(&str) -> Result<T, ParseError>,
    ) -> Option<T> {
        match parse(text.known()?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.reject(text.span(), error);
                None
            }
        }
    }

    fn zone(&mut self, table: &Timetable) -> Option<Zone> {
        if table.time_zone.is_absent() {
            return Some(Zone::utc());
        }
        self.parse(&table.time_zone, Zone::parse)
    }

    fn cron(&mut self, table: &Timetable, zone: Option<Zone>) -> Option<(Recurrence, Zone)> {
        let (cron, prefix) = self.parse(&table.cron, Cron::parse)?;
        let zone = match prefix {
            None => zone?,
            Some(_) if !table.time_zone.is_absent() => {
                self.reader.violations.push(Violation {
                    span: table.time_zone.span(),
                    defined: None,
                    message: "the zone is named twice, here and in `cron`".to_owned(),
                    help: Some("keep one of the two".to_owned()),
                });
                return None;
            }
            Some(prefix) => prefix.zone,
        };
        Some((Recurrence::Cron(cron), zone))
    }

    fn weekly(&mut self, table: &Timetable) -> Option<Weekly> {
        if table.start.is_absent() {
            self.object(
                "this window does not say when it starts",
                "add `start: \"22:00\"`",
            );
            return None;
        }
        let start = self.parse(&table.start, TimeOfDay::parse);
        let end = self.parse(&table.end, TimeOfDay::parse_end);
        let end = match table.duration.state() {
            State::Known(length) => {
                self.object_to_duration(table, start, length.0);
                None
            }
            State::Absent | State::Unknown => end,
        };
        let start = start?;
        let days = elements(&table.days)?.into_iter().map(|day| day.0);
        let weeks: Option<Vec<WeekOfMonth>> = elements(&table.weeks_of_month)?
            .into_iter()
            .map(|week| WeekOfMonth::parse(&week.0.to_string()).ok())
            .collect();
        Some(Weekly::new(days, weeks?, start, end))
    }
}

impl Interpreter<'_> {
    /// Reports the duration of a window that says when it starts: with that nobody knows when it
    /// ends, and perhaps two times are meant.
    fn object_to_duration(&mut self, table: &Timetable, start: Option<TimeOfDay>, seconds: i64) {
        let help = match start.and_then(|start| start.after(seconds)) {
            _ if !table.end.is_absent() => "remove it: `end` says when the window ends".into(),
            Some(end) => format!("write when it ends: `end: \"{end}\"`"),
            None => "write when it ends as `end`, which is within a day of `start`".to_owned(),
        };
        self.reader.violations.push(Violation {
            span: table.duration.span(),
            defined: None,
            message: "a window with `start` takes no `duration`".to_owned(),
            help: Some(help),
        });
    }
}

/// The elements of a list of which all are known; none where there is no list.
fn elements<T: Modelled + Copy>(list: &Attr<List<T>>) -> Option<Vec<T>> {
    match list.state() {
        State::Absent => Some(Vec::new()),
        State::Unknown => None,
        State::Known(items) => items.iter().map(|item| item.known().copied()).collect(),
    }
}
