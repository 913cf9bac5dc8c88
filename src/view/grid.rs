//! Windows of time in the cells of a terminal.

use super::board::{Board, Line};
use crate::facts::{Activity, Window};
use crate::schedule::Instant;

/// What a cell shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Cell {
    /// Nothing happens.
    Empty,
    /// One kind of thing happens.
    One(Activity),
    /// Things of several kinds happen, one after the other.
    Several,
    /// A host is over its limit of live migrations.
    Over,
    /// Things collide.
    Collision,
}

impl Cell {
    /// Its letter.
    pub(super) fn letter(self) -> Option<char> {
        match self {
            Cell::Empty => None,
            Cell::One(Activity::Backup) => Some('b'),
            Cell::One(Activity::Migration) => Some('m'),
            Cell::One(Activity::Maintenance) => Some('w'),
            Cell::Several => Some('+'),
            Cell::Over => Some('!'),
            Cell::Collision => Some('X'),
        }
    }

    fn add(&mut self, activity: Activity) {
        *self = match *self {
            Cell::Empty => Cell::One(activity),
            Cell::One(other) if other == activity => *self,
            _ => Cell::Several,
        };
    }
}

/// The cells between instants that follow each other, of which a window takes some.
pub(super) fn taken(slots: &[Instant], window: Window) -> std::ops::Range<usize> {
    let cells = slots.len().saturating_sub(1);
    let first = slots.partition_point(|slot| *slot <= window.start);
    let first = first.saturating_sub(1);
    let after = match window.end {
        Some(end) => slots.partition_point(|slot| *slot < end),
        None => first + 1,
    };
    first..after.min(cells).max(first)
}

/// The cells of a row.
pub(super) fn cells(board: &Board<'_>, line: &Line, slots: &[Instant]) -> Vec<Cell> {
    let mut cells = vec![Cell::Empty; slots.len().saturating_sub(1)];
    for number in &line.entries {
        let activity = board.entry(*number).activity;
        for window in &board.windows[*number as usize] {
            let taken = cells.get_mut(taken(slots, *window));
            taken
                .into_iter()
                .flatten()
                .for_each(|cell| cell.add(activity));
        }
    }
    let curve = line.curve.map(|curve| &board.curves[curve]);
    let steps = curve
        .into_iter()
        .flat_map(|it| it.steps.iter().map(move |step| (it, step)));
    let over = steps
        .filter(|(curve, step)| curve.exceeds(step))
        .map(|(_, step)| Window {
            start: step.from,
            end: Some(step.until.max(step.from.plus(1))),
        });
    let collisions = line
        .collisions
        .iter()
        .flat_map(|it| board.collisions[*it].times());
    let marks = over.map(|it| (it, Cell::Over));
    for (window, mark) in marks.chain(collisions.map(|it| (*it, Cell::Collision))) {
        let taken = cells.get_mut(taken(slots, window));
        taken.into_iter().flatten().for_each(|cell| *cell = mark);
    }
    cells
}

/// How many cells a day gets in so many columns: hours that divide a day, two to a cell at most.
pub(super) fn per_day(columns: usize) -> u32 {
    let fits = |cells: &u32| usize::try_from(*cells).is_ok_and(|cells| cells <= columns);
    [48, 24, 12, 8, 6].into_iter().find(fits).unwrap_or(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_unix(seconds)
    }

    /// A cell is taken where the window and the cell have a second in common.
    #[test]
    fn buckets_agree_with_looking_at_every_second() {
        // The third cell is one that a clock change skips.
        let slots: Vec<Instant> = [0, 4, 8, 8, 12, 20].map(at).to_vec();
        for start in -5..25 {
            for end in start + 1..26 {
                let window = Window {
                    start: at(start),
                    end: Some(at(end)),
                };
                let shares = |cell: &usize| {
                    let (from, until) = (slots[*cell].unix(), slots[cell + 1].unix());
                    (from..until).any(|second| (start..end).contains(&second))
                };
                let expected: Vec<usize> = (0..5).filter(shares).collect();
                let lasts = |cell: &usize| slots[*cell] < slots[cell + 1];
                let found: Vec<usize> = taken(&slots, window).filter(lasts).collect();
                let outside = end <= 0 || start >= 20;
                if !outside {
                    assert_eq!(found, expected, "{start}..{end}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_end_takes_the_cell_of_the_start() {
        let slots: Vec<Instant> = [0, 4, 8].map(at).to_vec();
        let window = |start| Window {
            start: at(start),
            end: None,
        };
        assert_eq!(taken(&slots, window(3)), 0..1);
        assert_eq!(taken(&slots, window(4)), 1..2);
    }

    #[test]
    fn cells_divide_the_day() {
        for (columns, cells) in [
            (3, 4),
            (7, 6),
            (8, 8),
            (11, 8),
            (13, 12),
            (24, 24),
            (60, 48),
        ] {
            assert_eq!(per_day(columns), cells);
            assert_eq!(24 * 60 % per_day(columns), 0);
        }
    }

    #[test]
    fn several_kinds_are_one_mark() {
        let mut cell = Cell::Empty;
        cell.add(Activity::Backup);
        cell.add(Activity::Backup);
        assert_eq!(cell, Cell::One(Activity::Backup));
        cell.add(Activity::Migration);
        assert_eq!(cell, Cell::Several);
    }
}
