//! Days, times and columns, as free times are told in.

use std::fmt::Write as _;

use jiff::civil::{Date, Weekday};

/// How many dates are told before they are counted.
pub(super) const DATES: usize = 3;

/// `2026-12-19`; of many the first one and how many more.
pub(super) fn dates(dates: &[Date]) -> String {
    let mut shown: Vec<String> = dates.iter().take(DATES).map(Date::to_string).collect();
    match dates.len() {
        ..=DATES => shown.join(", "),
        several => {
            shown.truncate(1);
            format!("{} and {} more days", shown.concat(), several - 1)
        }
    }
}

/// A second of the day, `24:00` for its end.
pub(super) fn clock(second: i64) -> String {
    format!("{:02}:{:02}", second / 3_600, second / 60 % 60)
}

pub(super) fn name(day: Weekday) -> String {
    format!("{day:?}")[..3].to_owned()
}

/// Rows of cells in columns, indented.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| textwrap::core::display_width(cell))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let pad = width - textwrap::core::display_width(cell);
            let _ = write!(line, "  {cell}{}", " ".repeat(pad));
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
