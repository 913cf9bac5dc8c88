//! The week in a terminal: a row each, seven days across.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use owo_colors::{OwoColorize, Style as Paint};

use super::board::{Board, Line, Shown};
use super::grid::{Cell, cells, per_day};
use super::lists;
use crate::facts::{Activity, By};
use crate::report::{Style, inert, visible_line};

/// From more rows on, those that look the same are drawn once.
const MANY_ROWS: usize = 40;

/// Draws the week.
///
/// # Errors
/// What `out` reports.
pub fn draw(
    board: &Board<'_>,
    shown: Shown,
    style: &Style,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let ink = Ink(*style);
    let mut text = head(board, &ink);
    text += &grid(board, shown, &ink);
    text += &lists::text(board, shown, &ink);
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// How text looks.
pub(super) struct Ink(Style);

impl Ink {
    /// Text from outside, with nothing in it that a terminal would act on.
    pub(super) fn shown(&self, text: &str) -> String {
        let text = visible_line(text, self.0.unicode);
        match self.0.unicode {
            true => text.into_owned(),
            false => text.replace('–', "-"),
        }
    }

    /// Text in a colour, where there are colours.
    pub(super) fn painted(&self, text: &str, paint: Paint) -> String {
        match self.0.color {
            true => text.style(paint).to_string(),
            false => text.to_owned(),
        }
    }

    pub(super) fn strong(&self, text: &str) -> String {
        self.painted(text, Paint::new().bold())
    }

    pub(super) fn dim(&self, text: &str) -> String {
        self.painted(text, Paint::new().dimmed())
    }

    pub(super) fn width(&self) -> usize {
        self.0.width
    }

    fn symbol(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.0.unicode { unicode } else { ascii }
    }
}

fn head(board: &Board<'_>, ink: &Ink) -> String {
    let week = &board.week;
    let [monday, .., sunday] = week.days();
    let title = format!(
        "{}  {} – {}",
        week.number(),
        monday.strftime("%a %F"),
        sunday.strftime("%a %F"),
    );
    let zone = format!("times of {}", week.zone());
    let (title, zone) = (ink.strong(&ink.shown(&title)), ink.dim(&zone));
    format!("{title}  {zone}\n")
}

fn grid(board: &Board<'_>, shown: Shown, ink: &Ink) -> String {
    let (mut lines, all) = board.lines(shown.by);
    let mut text = census(&lines, all, shown.by);
    if shown.only_collisions {
        lines.retain(|line| !line.collisions.is_empty());
    }
    if lines.is_empty() {
        return text;
    }
    let bands = bands(&lines, !shown.all && lines.len() > MANY_ROWS, ink);
    let longest = bands.iter().map(Band::width).max().unwrap_or(0);
    let layout = Layout::of(ink.width(), longest);
    let slots = board.week.slots(layout.per_day);
    let mut seen = Vec::new();
    let mut rows = String::new();
    for band in &bands {
        let cells = cells(board, band.line, &slots);
        seen.extend(&cells);
        rows += &layout.row(band, &cells, ink);
    }
    text += "\n";
    text += &layout.days(board, ink);
    text += &rows;
    let merged = bands.len() < lines.len();
    text += &legend(&seen, merged, ink);
    text
}

/// How many rows there are, and of how many there is something to say.
fn census(lines: &[Line], all: usize, by: By) -> String {
    let what = match by {
        By::Machine => ["virtual machine", "virtual machines"],
        By::Host => ["host", "hosts"],
        By::Cluster => ["cluster", "clusters"],
    };
    let what = what[usize::from(all != 1)];
    let idle = match all - lines.len() {
        0 => String::new(),
        idle => format!(", {idle} with nothing in this week"),
    };
    let collide = lines.iter().filter(|line| !line.collisions.is_empty());
    match collide.count() {
        0 => format!("{all} {what}{idle}, none with a collision\n"),
        count => format!("{all} {what}{idle}, {count} with a collision\n"),
    }
}

/// Rows that look the same.
struct Band<'l> {
    line: &'l Line,
    name: String,
    more: usize,
}

impl Band<'_> {
    fn label(&self) -> String {
        match self.more {
            0 => self.name.clone(),
            more => format!("{} +{more}", self.name),
        }
    }

    fn width(&self) -> usize {
        textwrap::core::display_width(&self.label())
    }
}

fn bands<'l>(lines: &'l [Line], merge: bool, ink: &Ink) -> Vec<Band<'l>> {
    let mut bands: Vec<Band<'l>> = Vec::new();
    let mut alike = HashMap::new();
    for line in lines {
        let next = bands.len();
        let look = (&line.entries, &line.collisions, &line.cluster, line.curve);
        let position = *alike.entry(look).or_insert(next);
        match bands.get_mut(position).filter(|_| merge) {
            Some(band) => band.more += 1,
            None => bands.push(Band {
                line,
                name: inert(&ink.shown(&line.name)).into_owned(),
                more: 0,
            }),
        }
    }
    bands
}

/// Columns of names and days.
#[derive(PartialEq, Debug)]
struct Layout {
    name: usize,
    per_day: u32,
    day: usize,
}

impl Layout {
    /// Cells get what names leave, names get what cells leave.
    fn of(width: usize, longest: usize) -> Self {
        const BARS: usize = 9;
        let name = longest.clamp(8, (width / 4).max(8));
        let columns = width.saturating_sub(name + BARS) / 7;
        let per_day = per_day(columns);
        let day = usize::try_from(per_day).unwrap_or(columns);
        let spare = width.saturating_sub(name + BARS + 7 * day);
        Layout {
            name: longest.clamp(name, name + spare),
            per_day,
            day,
        }
    }

    /// The days, and the hours beneath.
    fn days(&self, board: &Board<'_>, ink: &Ink) -> String {
        let hours = match self.day {
            0..12 => "0 12",
            _ => "0 6 12 18",
        };
        let hours: Vec<&str> = hours.split(' ').collect();
        let each = self.day / hours.len();
        let hours: String = hours.iter().map(|hour| format!("{hour:each$}")).collect();
        let format = if self.day < 6 { "%a" } else { "%a %d" };
        let bar = ink.dim(ink.symbol("│", "|"));
        let blank = " ".repeat(self.name + 1);
        let (mut names, mut clocks) = (blank.clone(), blank);
        for day in board.week.days() {
            let name = format!("{:1$}", day.strftime(format).to_string(), self.day);
            names += &format!("{bar}{}", ink.strong(&name));
            clocks += &format!("{bar}{}", ink.dim(&hours));
        }
        format!("{names}{bar}\n{clocks}{bar}\n")
    }

    fn row(&self, band: &Band<'_>, cells: &[Cell], ink: &Ink) -> String {
        let name = fitted(&band.label(), self.name, ink);
        let name = match band.line.collisions.is_empty() {
            true => name,
            false => ink.strong(&name),
        };
        let mut text = format!("{name} ");
        let bar = ink.dim(ink.symbol("│", "|"));
        for day in cells.chunks(self.day) {
            text += &bar;
            let mut at = 0;
            for run in day.chunk_by(|one, other| one == other) {
                text += &self.run(run[0], at, run.len(), ink);
                at += run.len();
            }
        }
        format!("{text}{bar}\n")
    }

    /// Cells that show the same, from the one at that position in its day.
    fn run(&self, cell: Cell, at: usize, cells: usize, ink: &Ink) -> String {
        match cell.letter() {
            Some(letter) => {
                let letters = letter.to_string().repeat(cells);
                ink.painted(&letters, paint(cell))
            }
            None => {
                let quarter = (self.day / 4).max(1);
                let tick = |position: usize| match position.is_multiple_of(quarter) {
                    true => ink.symbol("·", "."),
                    false => " ",
                };
                let ticks: String = (at..at + cells).map(tick).collect();
                ink.dim(&ticks)
            }
        }
    }
}

fn paint(cell: Cell) -> Paint {
    match cell {
        Cell::Empty => Paint::new(),
        Cell::One(Activity::Backup) => Paint::new().black().on_cyan(),
        Cell::One(Activity::Migration) => Paint::new().black().on_green(),
        Cell::One(Activity::Maintenance) => Paint::new().black().on_yellow(),
        Cell::Several => Paint::new().black().on_white(),
        Cell::Over => Paint::new().white().on_magenta().bold(),
        Cell::Collision => Paint::new().white().on_red().bold(),
    }
}

/// A name in so many columns, cut in the middle where it is longer: its end tells names apart.
fn fitted(name: &str, columns: usize, ink: &Ink) -> String {
    let width = textwrap::core::display_width;
    let mut text = name.to_owned();
    if width(name) > columns {
        let ellipsis = ink.symbol("…", "..");
        let left = columns.saturating_sub(width(ellipsis));
        let (mut head, mut tail) = (String::new(), String::new());
        for c in name.chars() {
            head.push(c);
            if width(&head) > left / 2 {
                head.pop();
                break;
            }
        }
        for c in name.chars().rev() {
            tail.insert(0, c);
            if width(&tail) > left - width(&head) {
                tail.remove(0);
                break;
            }
        }
        text = format!("{head}{ellipsis}{tail}");
    }
    let missing = columns.saturating_sub(width(&text));
    text + &" ".repeat(missing)
}

/// What the letters mean that are there.
fn legend(seen: &[Cell], merged: bool, ink: &Ink) -> String {
    let meanings = [
        (Cell::Collision, "collision"),
        (Cell::Over, "host over its limit"),
        (Cell::One(Activity::Backup), "backup"),
        (Cell::One(Activity::Migration), "migration"),
        (Cell::One(Activity::Maintenance), "maintenance"),
        (Cell::Several, "several, one after the other"),
    ];
    let mut parts = Vec::new();
    for (cell, meaning) in meanings {
        if let Some(letter) = cell.letter().filter(|_| seen.contains(&cell)) {
            let letter = ink.painted(&letter.to_string(), paint(cell));
            parts.push(format!("{letter} {meaning}"));
        }
    }
    if merged {
        parts.push("+N more that look the same (--all draws each)".to_owned());
    }
    let mut text = String::from("\n");
    let _ = writeln!(text, "{}", parts.join("   "));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const INK: Ink = Ink(Style {
        color: false,
        unicode: true,
        width: 80,
    });

    #[test]
    fn rows_fit_into_the_terminal() {
        for width in 60..300 {
            for longest in [1, 12, 40, 90] {
                let layout = Layout::of(width, longest);
                let used = layout.name + 9 + 7 * layout.day;
                assert!(used <= width, "{width} {longest}: {layout:?}");
            }
        }
        let of = |width| Layout::of(width, 12).per_day;
        assert_eq!([of(60), of(80), of(120), of(200)], [4, 8, 12, 24]);
    }

    #[test]
    fn names_keep_their_ends() {
        assert_eq!(fitted("sql01", 8, &INK), "sql01   ");
        assert_eq!(fitted("production-sql01", 9, &INK), "prod…ql01");
        assert_eq!(fitted("日本語のサーバー", 7, &INK), "日…バー");
    }
}
