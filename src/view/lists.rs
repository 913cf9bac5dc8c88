//! What stands beneath the week in a terminal: collisions and limits, what comes later, and what
//! is not drawn.

use std::borrow::Cow;
use std::fmt::Write as _;

use textwrap::core::display_width;

use super::board::{Absence, Board, Shown};
use super::text::Ink;
use crate::facts::{Clash, HostCurve, LoadStep, Window};
use crate::report;

/// How many entries of a list are shown before the rest is counted.
const MANY: usize = 20;
/// How many machines of a collision are named.
const NAMED: usize = 4;

/// All lists that have something in them.
pub(super) fn text(board: &Board<'_>, shown: Shown, ink: &Ink) -> String {
    let list = |title: &str, items: Vec<Item>| {
        let most = if shown.all { items.len() } else { MANY };
        render(title, &items, most, ink)
    };
    let mut text = list("Collisions in this week", collisions(board));
    text += &list(
        "More live migrations at once than a host takes",
        overloads(board),
    );
    text += &list("Later collisions, within a year", later(board));
    if !shown.only_collisions {
        text += &list("Not in the drawing", absences(board));
    }
    let without_end = board.without_end();
    if !without_end.is_empty() {
        let what = without_end.join(", ");
        let note = format!("Nobody knows when these end; drawn is where they start: {what}");
        text += &paragraph(&note, ink);
    }
    let policies = match board.possible {
        0 => return text,
        1 => "1 backup policy".to_owned(),
        count => format!("{count} backup policies"),
    };
    let note = format!("{policies} may collide with something of which time or end is not known");
    text + &paragraph(&note, ink)
}

/// An entry of a list: what stands left, what stands right of it, and lines beneath that.
struct Item {
    left: String,
    right: String,
    more: Vec<String>,
    places: Vec<String>,
}

fn collisions(board: &Board<'_>) -> Vec<Item> {
    let item = |clash: &Clash| {
        let times = match clash.times().len() {
            1 => String::new(),
            times => format!(", {times} times"),
        };
        Item {
            left: board.week.show(clash.times()[0]),
            right: board.words(clash) + &times,
            more: vec![board.machines(&clash.machines, NAMED)],
            places: board.places(clash),
        }
    };
    board.collisions.iter().map(item).collect()
}

fn overloads(board: &Board<'_>) -> Vec<Item> {
    let item = |(curve, step): (&HostCurve, &LoadStep)| {
        let plans = step.entries.iter().map(|plan| board.entry(*plan));
        let names: Vec<String> = plans.clone().map(|it| format!("`{}`", it.name)).collect();
        let mut places: Vec<String> = plans.map(|it| board.place_of(it)).collect();
        places.push(board.place(curve.limit_place));
        let limit = curve.limit.unwrap_or(0);
        Item {
            left: board.week.show(Window {
                start: step.from,
                end: (step.until > step.from).then_some(step.until),
            }),
            right: format!(
                "{} on host `{}`, by {}",
                step.load,
                board.agenda.host_name(curve.host),
                names.join(" and "),
            ),
            more: vec![format!("its limit is {limit}: {}", curve.origin)],
            places,
        }
    };
    board.overloads().into_iter().map(item).collect()
}

fn later(board: &Board<'_>) -> Vec<Item> {
    let item = |clash: &Clash| {
        let next = clash.next()?;
        Some(Item {
            left: board.week.show_start(next.start),
            right: board.words(clash),
            more: Vec::new(),
            places: vec![format!("--week {}", board.week.date(next.start))],
        })
    };
    board.later.iter().filter_map(item).collect()
}

fn absences(board: &Board<'_>) -> Vec<Item> {
    let item = |absence: Absence<'_>| Item {
        left: board.titled(absence.entry),
        right: absence.why,
        more: Vec::new(),
        places: vec![board.place_of(absence.entry)],
    };
    board.absences().into_iter().map(item).collect()
}

fn render(title: &str, items: &[Item], most: usize, ink: &Ink) -> String {
    if items.is_empty() {
        return String::new();
    }
    let shown = &items[..items.len().min(most)];
    let widths = shown
        .iter()
        .map(|item| display_width(&ink.shown(&item.left)));
    let column = widths.max().unwrap_or(0).min(ink.width() * 2 / 5);
    let mut text = format!("\n{}\n", ink.strong(&format!("{title}: {}", items.len())));
    for item in shown {
        text += &item.render(column, ink);
    }
    if items.len() > shown.len() {
        let _ = writeln!(text, "  and {} more (--all)", items.len() - shown.len());
    }
    text
}

impl Item {
    fn render(&self, column: usize, ink: &Ink) -> String {
        let room = ink.width().saturating_sub(column + 4).max(20);
        let left = lines(&self.left, column.max(8), ink);
        let mut right: Vec<String> = lines(&self.right, room, ink);
        let mut asides: Vec<String> = self.more.iter().map(|it| ink.shown(it)).collect();
        asides.extend(self.beneath(room, &mut right, ink));
        let first_aside = right.len();
        right.extend(asides.iter().flat_map(|it| lines(it, room, ink)));
        let mut text = String::new();
        for row in 0..left.len().max(right.len()) {
            let left = left.get(row).map_or("", String::as_str);
            let pad = " ".repeat(column.saturating_sub(display_width(left)));
            let right = right.get(row).map_or("", String::as_str);
            let right = match row < first_aside || right.is_empty() {
                true => right.to_owned(),
                false => ink.dim(right),
            };
            let _ = writeln!(text, "{}", format!("  {left}{pad}  {right}").trim_end());
        }
        text
    }

    /// The places: behind the last line where there is nothing else beneath it and they fit, else
    /// on as few lines of their own as hold them.
    fn beneath(&self, room: usize, right: &mut [String], ink: &Ink) -> Vec<String> {
        let places: Vec<String> = self.places.iter().map(|it| ink.shown(it)).collect();
        let joined = places.join(", ");
        let last = right.last_mut().filter(|_| self.more.is_empty());
        match last {
            Some(last) if display_width(last) + 2 + display_width(&joined) <= room => {
                *last += &format!("  {}", ink.dim(&joined));
                Vec::new()
            }
            _ if display_width(&joined) <= room => vec![joined],
            _ => places,
        }
    }
}

/// Text in lines that fit, broken at blanks only, so that paths stay whole.
fn lines(text: &str, columns: usize, ink: &Ink) -> Vec<String> {
    let options = textwrap::Options::new(columns)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    let shown = ink.shown(text);
    let lines = textwrap::wrap(&shown, options);
    let inert = |line: Cow<'_, str>| report::inert(&line).into_owned();
    lines.into_iter().map(inert).collect()
}

fn paragraph(text: &str, ink: &Ink) -> String {
    format!("\n{}\n", lines(text, ink.width(), ink).join("\n"))
}
