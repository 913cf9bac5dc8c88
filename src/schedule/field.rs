//! One field of a cron: what it selects, and what to write where it is no Vixie cron.

use super::ParseError;

/// What the values of a field mean.
pub(super) struct Kind {
    /// As in "an hour": the article and the noun.
    pub(super) name: &'static str,
    pub(super) min: u8,
    /// The largest value that is accepted; 7 is a second Sunday.
    max: u8,
    /// The largest value that is not a repetition.
    pub(super) last: u8,
    /// The names of the values from `min` on.
    names: &'static [&'static str],
}

pub(super) const MINUTE: Kind = Kind {
    name: "a minute",
    min: 0,
    max: 59,
    last: 59,
    names: &[],
};
pub(super) const HOUR: Kind = Kind {
    name: "an hour",
    min: 0,
    max: 23,
    last: 23,
    names: &[],
};
pub(super) const DAY_OF_MONTH: Kind = Kind {
    name: "a day of the month",
    min: 1,
    max: 31,
    last: 31,
    names: &[],
};
pub(super) const MONTH: Kind = Kind {
    name: "a month",
    min: 1,
    max: 12,
    last: 12,
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
};
pub(super) const DAY_OF_WEEK: Kind = Kind {
    name: "a day of the week",
    min: 0,
    max: 7,
    last: 6,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/// The values that a field selects: a bit for each, and two for how they are written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Field(u64);

const STAR: u64 = 1 << 63;
const INTERVAL: u64 = 1 << 62;

impl Field {
    /// Reads a field that starts at byte `at` of the cron.
    pub(super) fn parse(kind: &Kind, text: &str, at: usize) -> Result<Self, ParseError> {
        let mut values = 0;
        let mut start = at;
        for element in text.split(',') {
            if element.is_empty() {
                return Err(ParseError::new(
                    at..at + text.len(),
                    format!("the list `{text}` has an empty element"),
                ));
            }
            values |= kind.element(element, start)?;
            start += element.len() + 1;
        }
        Ok(Field::new(
            values,
            text.starts_with('*'),
            text.contains(['*', '/']),
        ))
    }

    /// A field that selects these values, as bits.
    pub(super) fn new(values: u64, star: bool, interval: bool) -> Self {
        let star = if star { STAR } else { 0 };
        let interval = if interval { INTERVAL } else { 0 };
        Field(values | star | interval)
    }

    /// Whether it counts as not set: for Vixie's cron where its first character is a star.
    pub(super) fn star(self) -> bool {
        self.0 & STAR != 0
    }

    /// Whether there is a star or a step anywhere in it.
    pub(super) fn interval(self) -> bool {
        self.0 & INTERVAL != 0
    }

    /// A field that selects one value.
    pub(super) fn one(value: i8) -> Self {
        Field(u32::try_from(value).map_or(0, |value| 1 << value))
    }

    pub(super) fn contains(self, value: i8) -> bool {
        u32::try_from(value).is_ok_and(|value| value < 60 && self.0 >> value & 1 == 1)
    }

    /// The same field of days of the week with Sunday as 0 only.
    pub(super) fn with_one_sunday(self) -> Self {
        let days = (self.0 | self.0 >> 7) & 0x7f;
        Field::new(days, self.star(), self.interval())
    }

    /// The selected values, ascending.
    pub(super) fn iter(self) -> impl Iterator<Item = i8> {
        (0..60).filter(move |value| self.contains(*value))
    }
}

impl Kind {
    /// The values of one element of the list, as bits.
    fn element(&self, text: &str, at: usize) -> Result<u64, ParseError> {
        let range = at..at + text.len();
        let (base, step) = match text.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step, at + base.len() + 1)?)),
            None => (text, None),
        };
        let (low, high) = if base == "*" {
            (self.min, self.max)
        } else if let Some((low, high)) = base.split_once('-') {
            let ends = (self.value(low, at)?, self.value(high, at + low.len() + 1)?);
            if ends.0 > ends.1 {
                let error = ParseError::new(range, format!("the range `{base}` runs backwards"));
                let help = self.unwound(low, ends.0, ends.1, step);
                return Err(error.help(format!("write {help}")));
            }
            ends
        } else {
            let value = self.value(base, at)?;
            if let Some(step) = step {
                let error = ParseError::new(range, format!("`{text}` is a step without a range"));
                let start = value % (self.last + 1);
                return Err(error.help(format!("write {start}-{}/{step}", self.last)));
            }
            (value, value)
        };
        let step = step.unwrap_or(1) as usize;
        Ok((low..=high)
            .step_by(step)
            .fold(0, |bits, value| bits | 1 << value))
    }

    fn step(&self, text: &str, at: usize) -> Result<u32, ParseError> {
        match number(text) {
            Some(step) if step > 0 => Ok(step),
            _ => Err(ParseError::new(
                at..at + text.len(),
                format!("the step `{text}` is not a number above zero"),
            )),
        }
    }

    fn value(&self, text: &str, at: usize) -> Result<u8, ParseError> {
        let range = at..at + text.len();
        if text.is_empty() {
            return Err(ParseError::new(
                range,
                format!("{} is missing here", self.name),
            ));
        }
        if let Some(number) = number(text) {
            let (min, max) = (self.min, self.max);
            return u8::try_from(number)
                .ok()
                .filter(|value| (min..=max).contains(value))
                .ok_or_else(|| {
                    ParseError::new(
                        range,
                        format!("{text} is not {}: {min} to {max}", self.name),
                    )
                });
        }
        self.named(text).ok_or_else(|| {
            let error = ParseError::new(range, format!("`{text}` is not {}", self.name));
            match self.instead(text) {
                Some(help) => error.help(help),
                None => error,
            }
        })
    }

    /// The value of a name, in any case.
    pub(super) fn named(&self, text: &str) -> Option<u8> {
        let index = self
            .names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))?;
        Some(self.min + u8::try_from(index).ok()?)
    }

    /// What to write instead of a value that cron does not have.
    fn instead(&self, text: &str) -> Option<String> {
        let upper = text.to_ascii_uppercase();
        let of_week = self.max == DAY_OF_WEEK.max;
        let day = |text: &str| -> Option<&str> {
            let value = self
                .named(text)
                .or_else(|| u8::try_from(number(text)?).ok())?;
            Some(WEEKDAYS[usize::from(value.min(7) % 7)]).filter(|_| of_week && value <= 7)
        };
        if upper == "?" {
            return Some("write *".to_owned());
        }
        if let Some((left, nth)) = upper.split_once('#') {
            let (day, nth) = (day(left).unwrap_or("Sat"), number(nth).unwrap_or(0));
            let nth = if (1..=5).contains(&nth) { nth } else { 2 };
            return Some(format!(
                "use days: [{day}], weeksOfMonth: [{nth}] instead of cron"
            ));
        }
        if let Some(day) = upper.strip_suffix('L').and_then(day) {
            return Some(format!(
                "cron has no last {day}: use days: [{day}], weeksOfMonth: [4], which every month has"
            ));
        }
        if matches!(upper.as_str(), "L" | "LW" | "WL") {
            return Some("cron has no last day: write 28, which every month has".to_owned());
        }
        if let Some(day) = upper.strip_suffix('W').and_then(number) {
            return Some(format!("cron has no nearest weekday: write the day, {day}"));
        }
        let near =
            |name: &&&str| upper.starts_with(**name) || strsim::levenshtein(name, &upper) < 2;
        self.names
            .iter()
            .find(near)
            .map(|name| format!("write {name}"))
    }

    /// A backward range as a list that says the same.
    pub(super) fn unwound(&self, written: &str, low: u8, high: u8, step: Option<u32>) -> String {
        let (low, high) = (low % (self.last + 1), high);
        let named = number(written).is_none();
        let part = |from: u8, to: u8| match from == to {
            true => from.to_string(),
            false => format!("{from}-{to}"),
        };
        if low <= high {
            return part(low, high);
        }
        if !named && step.is_none() {
            return format!("{},{}", part(low, self.last), part(self.min, high));
        }
        let around = (low..=self.last).chain(self.min..=high);
        let list: Vec<String> = around
            .step_by(step.unwrap_or(1) as usize)
            .map(
                |value| match self.names.get(usize::from(value - self.min)) {
                    Some(name) if named => (*name).to_owned(),
                    _ => value.to_string(),
                },
            )
            .collect();
        list.join(",")
    }
}

/// The days as `days:` spells them, from Sunday.
const WEEKDAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// Digits as a number; one that is too large is as large as can be.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}
