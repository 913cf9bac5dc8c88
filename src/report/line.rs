//! One source line as it is shown: tabs expanded, control characters visible, and of a long line
//! only what lies around the marked places.
//!
//! Takes time in what is shown, not in the length of the line.
#![allow(
    clippy::single_range_in_vec_init,
    reason = "one mark is as good as two"
)]

use std::ops::Range;

use super::{Style, visible};

/// Columns from one tab stop to the next.
const TAB: usize = 4;
/// Columns that a mark on a long line gets at least.
const LEAST: usize = 16;

/// A line that was made fit to be shown, and where its bytes went.
#[derive(Debug)]
pub(super) struct Shown {
    /// What to print.
    pub(super) text: String,
    /// Bytes of the line with the bytes of `text` they became, ascending.
    places: Vec<(usize, usize)>,
}

impl Shown {
    /// Shows a line in `width` columns, with all `marks` in sight.
    pub(super) fn new(line: &str, marks: &[Range<usize>], width: usize, style: &Style) -> Self {
        let Style { unicode, .. } = *style;
        let ellipsis = if unicode { "…" } else { "..." };
        let mut shown = Shown {
            text: String::new(),
            places: Vec::new(),
        };
        let mut column = 0;
        let mut done = 0;
        for piece in pieces(line, marks, width, ellipsis.chars().count(), unicode) {
            if piece.start > done {
                shown.text.push_str(ellipsis);
                column += ellipsis.chars().count();
            }
            for (offset, c) in line[piece.clone()].char_indices() {
                shown.places.push((piece.start + offset, shown.text.len()));
                if c == '\t' {
                    let gap = TAB - column % TAB;
                    shown.text.extend(std::iter::repeat_n(' ', gap));
                    column += gap;
                } else {
                    visible::push(&mut shown.text, &line[piece.start + offset..], unicode);
                    column += visible::width(c, unicode);
                }
            }
            shown.places.push((piece.end, shown.text.len()));
            done = piece.end;
        }
        if done < line.len() {
            shown.text.push_str(ellipsis);
        }
        shown
    }

    /// The byte of the shown text that stands for this byte of the line; for one that was cut
    /// out, the next that was not.
    pub(super) fn place(&self, byte: usize) -> usize {
        let next = self.places.partition_point(|(of_line, _)| *of_line < byte);
        self.places
            .get(next)
            .map_or(self.text.len(), |(_, of_text)| *of_text)
    }
}

/// Which parts of a line to show, ascending and apart.
fn pieces(
    line: &str,
    marks: &[Range<usize>],
    width: usize,
    ellipsis: usize,
    unicode: bool,
) -> Vec<Range<usize>> {
    let fitting = |text: &str, width| fitting(text.chars(), width, unicode);
    if fitting(line, width) == line.len() {
        return vec![0..line.len()];
    }
    if marks.is_empty() {
        return vec![0..fitting(line, width - ellipsis)];
    }
    let share = (width / marks.len()).max(LEAST) - 2 * ellipsis;
    let mut pieces: Vec<Range<usize>> = marks
        .iter()
        .map(|mark| around(line, mark, share, unicode))
        .collect();
    pieces.sort_by_key(|piece| piece.start);
    pieces.dedup_by(|next, piece| {
        let joined = next.start <= piece.end + ellipsis;
        if joined {
            piece.end = piece.end.max(next.end);
        }
        joined
    });
    pieces
}

/// As much of a mark as fits, with the text on both sides if there is room.
fn around(line: &str, mark: &Range<usize>, width: usize, unicode: bool) -> Range<usize> {
    let columns = |text: &str| text.chars().map(|c| columns(c, unicode)).sum::<usize>();
    let before = |room| mark.start - fitting(line[..mark.start].chars().rev(), room, unicode);
    let end = mark.start + fitting(line[mark.clone()].chars(), width, unicode);
    let room = width - columns(&line[mark.start..end]);
    let taken = columns(&line[before(room / 2)..mark.start]);
    let after = end + fitting(line[end..].chars(), room - taken, unicode);
    before(room - columns(&line[end..after]))..after
}

/// How many bytes of the leading characters fit in `width` columns.
fn fitting(chars: impl Iterator<Item = char>, width: usize, unicode: bool) -> usize {
    let mut room = width;
    chars
        .take_while(|c| match room.checked_sub(columns(*c, unicode)) {
            Some(left) => {
                room = left;
                true
            }
            None => false,
        })
        .map(char::len_utf8)
        .sum()
}

/// The most columns that a character takes.
fn columns(c: char, unicode: bool) -> usize {
    match c {
        '\t' => TAB,
        _ => visible::width(c, unicode),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        color: false,
        unicode: true,
        width: 80,
    };

    fn shown(line: &str, marks: &[Range<usize>], width: usize) -> (String, Vec<String>) {
        let shown = Shown::new(line, marks, width, &STYLE);
        let marked = marks
            .iter()
            .map(|mark| shown.text[shown.place(mark.start)..shown.place(mark.end)].to_owned())
            .collect();
        (shown.text, marked)
    }

    #[test]
    fn a_line_that_fits_is_whole() {
        let (text, marked) = shown("memory: 4GiB", &[8..12], 12);
        assert_eq!(
            (text.as_str(), marked),
            ("memory: 4GiB", vec!["4GiB".into()])
        );
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let line = format!("{}NAME{}", "a".repeat(1000), "b".repeat(1000));
        let (text, marked) = shown(&line, &[1000..1004], 20);
        assert_eq!(text, "…aaaaaaaNAMEbbbbbbb…");
        assert_eq!(marked, ["NAME"]);
    }

    #[test]
    fn room_that_one_side_does_not_need_goes_to_the_other() {
        let (text, _) = shown(&format!("NAME{}", "b".repeat(100)), &[0..4], 20);
        assert_eq!(text, "NAMEbbbbbbbbbbbbbb…");
        let (text, _) = shown(&format!("{}NAME", "b".repeat(100)), &[100..104], 20);
        assert_eq!(text, "…bbbbbbbbbbbbbbNAME");
    }

    #[test]
    fn marks_far_apart_are_all_in_sight() {
        let line = format!("ONE{}TWO{}", "a".repeat(500), "b".repeat(500));
        let (text, marked) = shown(&line, &[0..3, 503..506], 40);
        assert_eq!(text, "ONEaaaaaaaaaaaaaaa…aaaaaaaTWObbbbbbbb…");
        assert_eq!(marked, ["ONE", "TWO"]);
    }

    #[test]
    fn a_mark_wider_than_the_line_is_cut_at_its_end() {
        let (text, marked) = shown(&"x".repeat(300), &[10..290], 40);
        assert_eq!(text, format!("…{}…", "x".repeat(38)));
        assert_eq!(marked, [format!("{}…", "x".repeat(38))]);
    }

    #[test]
    fn tabs_and_controls_take_columns_and_keep_marks_in_place() {
        let (text, marked) = shown("a\tb\u{1b}c", &[2..3, 4..5], 80);
        assert_eq!(
            (text.as_str(), marked),
            ("a   b␛c", vec!["b".into(), "c".into()])
        );
    }
}
