//! Which lines of which files a finding shows, and what is marked in them.
//!
//! An [`Excerpt`] is a run of lines of one file, made ready to be drawn by `miette`: found with
//! the line index of the file, so that no file is scanned, and free of what a terminal would act
//! on. Drawing frames and headlines is up to [`super::pretty`].

use std::fmt;
use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::line::Shown;
use super::{Style, visible};
use crate::diagnostic::Finding;
use crate::source::{FileId, Location, Position, SourceFile, Sources};

/// How many labels are shown; the rest is counted.
pub(super) const LABELS: usize = 5;
/// A source line is given this many columns even if the terminal has fewer.
const LEAST_WIDTH: usize = 40;

/// Lines of one file and the marks in them. As a diagnostic it has nothing but its labels.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    /// The path of the file, as it is.
    pub(super) path: &'a str,
    /// Where its foremost mark lies in the file.
    pub(super) at: Position,
    /// What is marked, by start; no two overlap.
    pub(super) marks: Vec<Mark>,
    /// Lines that are shown, from 0.
    lines: Range<usize>,
    /// Those lines as they are shown.
    text: String,
}

/// Something underlined.
#[derive(Debug)]
pub(super) struct Mark {
    /// Whether this is where the finding is.
    pub(super) primary: bool,
    /// Bytes of the text of the excerpt.
    span: Range<usize>,
    /// What is said there, a line each.
    texts: Vec<String>,
}

/// All excerpts of a finding, that of the primary location first, those of a file together.
pub(super) fn excerpts<'a>(
    finding: &'a Finding,
    sources: &'a Sources,
    style: &Style,
) -> Vec<Excerpt<'a>> {
    let blocks = blocks(finding, sources);
    let last = blocks.iter().map(|block| block.lines.end).max();
    let gutter = digits(last.unwrap_or(0)) + " │ ".chars().count() + 1;
    let width = style.width.saturating_sub(gutter).max(LEAST_WIDTH);
    blocks
        .into_iter()
        .map(|block| block.draw(width, style))
        .collect()
}

/// How many digits a number has.
pub(super) fn digits(number: usize) -> usize {
    number.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl Excerpt<'_> {
    /// Whether there is any text to show.
    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many digits its line numbers have.
    pub(super) fn digits(&self) -> usize {
        digits(self.lines.end)
    }
}

/// A place of the finding: one line of one file.
#[derive(Debug)]
struct Place<'a> {
    file: FileId,
    /// Its first byte in the file.
    byte: u32,
    line: usize,
    /// Bytes of the line.
    span: Range<usize>,
    text: &'a str,
    primary: bool,
}

impl<'a> Place<'a> {
    fn new(location: Location, text: &'a str, primary: bool, sources: &Sources) -> Self {
        let file = sources.get(location.file);
        let line = file.line_of(location.span.start);
        let of_line = file.line_span(line);
        let body = file.slice(of_line);
        let within =
            |byte: u32| body.floor_char_boundary(byte.saturating_sub(of_line.start) as usize);
        Place {
            file: location.file,
            byte: location.span.start,
            line,
            span: within(location.span.start)..within(location.span.end),
            text,
            primary,
        }
    }
}

/// Lines of one file with the places in them.
#[derive(Debug)]
struct Block<'a> {
    source: &'a SourceFile,
    lines: Range<usize>,
    places: Vec<Place<'a>>,
}

fn blocks<'a>(finding: &'a Finding, sources: &'a Sources) -> Vec<Block<'a>> {
    let labels = finding.labels.iter().take(LABELS);
    let mut places = vec![Place::new(finding.location, "", true, sources)];
    places.extend(labels.map(|label| Place::new(label.location, &label.text, false, sources)));

    let mut files: Vec<FileId> = Vec::new();
    for place in &places {
        if !files.contains(&place.file) {
            files.push(place.file);
        }
    }
    places.sort_by_key(|place| {
        let file = files.iter().position(|file| *file == place.file);
        (file, place.line, place.span.start, place.span.end)
    });

    let mut blocks: Vec<Block<'_>> = Vec::new();
    for place in places {
        let source = sources.get(place.file);
        let lines = lines_around(&place, source);
        match blocks.last_mut() {
            Some(block)
                if std::ptr::eq(block.source, source) && lines.start <= block.lines.end + 1 =>
            {
                block.lines.start = block.lines.start.min(lines.start);
                block.lines.end = block.lines.end.max(lines.end);
                block.places.push(place);
            }
            _ => blocks.push(Block {
                source,
                lines,
                places: vec![place],
            }),
        }
    }
    blocks.sort_by_key(|block| !block.places.iter().any(|place| place.primary));
    blocks
}

/// The line of a place; around the primary one also its neighbours, unless they are blank.
fn lines_around(place: &Place<'_>, source: &SourceFile) -> Range<usize> {
    if source.text().is_empty() {
        return 0..0;
    }
    let (line, next) = (place.line, place.line + 1);
    let shown = |line: usize| {
        place.primary
            && line < source.line_count()
            && !source.slice(source.line_span(line)).trim().is_empty()
    };
    let start = line.checked_sub(1).filter(|line| shown(*line));
    start.unwrap_or(line)..if shown(next) { next + 1 } else { next }
}

impl<'a> Block<'a> {
    fn draw(self, width: usize, style: &Style) -> Excerpt<'a> {
        let mut text = String::new();
        let mut marks = Vec::new();
        for line in self.lines.clone() {
            let places: Vec<&Place<'_>> = self.places.iter().filter(|p| p.line == line).collect();
            let spans: Vec<_> = places.iter().map(|place| place.span.clone()).collect();
            let body = self.source.slice(self.source.line_span(line));
            let shown = Shown::new(body, &spans, width, style);
            let offset = text.len();
            marks.extend(apart(places.into_iter().map(|place| {
                let text = visible::line(place.text, style.unicode);
                let within = |byte| offset + shown.place(byte);
                Mark {
                    primary: place.primary,
                    span: within(place.span.start)..within(place.span.end),
                    texts: match text.is_empty() {
                        true => Vec::new(),
                        false => vec![text.into_owned()],
                    },
                }
            })));
            text.push_str(&shown.text);
            text.push('\n');
        }
        let foremost = self.places.iter().find(|place| place.primary);
        let at = foremost
            .or(self.places.first())
            .map_or(0, |place| place.byte);
        Excerpt {
            path: self.source.path(),
            at: self.source.position(at),
            marks,
            lines: self.lines,
            text,
        }
    }
}

/// Makes the marks of one line fit for drawing: one that reaches into the next is cut there,
/// those that start together become one, and one without a text says "here" where the lines
/// that lead to other texts would seem to come from it.
fn apart(marks: impl Iterator<Item = Mark>) -> Vec<Mark> {
    let mut apart: Vec<Mark> = Vec::new();
    for mark in marks {
        match apart.last_mut() {
            Some(last) if last.span.start == mark.span.start => {
                last.span.end = last.span.end.max(mark.span.end);
                last.primary |= mark.primary;
                last.texts.extend(mark.texts);
                last.texts.dedup();
                continue;
            }
            Some(last) => last.span.end = last.span.end.min(mark.span.start),
            None => {}
        }
        apart.push(mark);
    }
    let mut texts = apart.iter_mut().rev().map(|mark| &mut mark.texts);
    if texts.by_ref().any(|texts| !texts.is_empty()) {
        for silent in texts.filter(|texts| texts.is_empty()) {
            silent.push("here".to_owned());
        }
    }
    apart
}

impl SourceCode for Excerpt<'_> {
    /// The whole excerpt, whichever part is asked for.
    fn read_span<'a>(
        &'a self,
        _span: &SourceSpan,
        _lines_before: usize,
        _lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        Ok(Box::new(MietteSpanContents::new(
            self.text.as_bytes(),
            (0, self.text.len()).into(),
            self.lines.start,
            0,
            self.lines.len(),
        )))
    }
}

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Excerpt<'_> {}

impl miette::Diagnostic for Excerpt<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.marks.iter().map(|mark| {
            let text = (!mark.texts.is_empty()).then(|| mark.texts.join("\n"));
            LabeledSpan::new(text, mark.span.start, mark.span.len())
        })))
    }
}
