//! A headline, source excerpts with labels and what to do, for people at a terminal.
//!
//! `miette` draws the lines of an excerpt with what is underlined in them. The headline, the
//! frame and the notes are drawn here, so that excerpts of several files read as one report with
//! one gutter.

use std::io::{self, Write};

use miette::{GraphicalReportHandler, GraphicalTheme, ThemeCharacters, ThemeStyles};
use owo_colors::OwoColorize;
use textwrap::{Options, WordSeparator, WordSplitter};

use super::excerpt::{Excerpt, LABELS, excerpts};
use super::{Report, Style, paint, visible};
use crate::diagnostic::{Finding, Severity};

/// Messages are given this many columns even if the terminal has fewer.
const LEAST_WIDTH: usize = 40;

/// Writes all findings, and how to learn more about their rules.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let frame = Frame::new(style);
    for finding in report.findings {
        write_headline(finding, style, out)?;
        let excerpts = excerpts(finding, report.sources, style);
        let gutter = excerpts.iter().map(Excerpt::digits).max().unwrap_or(1);
        for (index, excerpt) in excerpts.iter().enumerate() {
            let corner = if index == 0 { frame.top } else { frame.next };
            write_excerpt(excerpt, corner, gutter, finding.severity, style, out)?;
        }
        write_notes(finding, &frame, gutter, style, out)?;
        writeln!(out)?;
    }
    write_hint(report, style, out)
}

/// What surrounds the excerpts of a finding; each part follows the columns of the line numbers.
struct Frame {
    top: &'static str,
    next: &'static str,
    note: &'static str,
    last_note: &'static str,
    between_notes: &'static str,
    bottom: Option<&'static str>,
}

impl Frame {
    fn new(style: &Style) -> Self {
        if style.unicode {
            Frame {
                top: "  ╭─ ",
                next: "  ├─ ",
                note: "  ├─ ",
                last_note: "  ╰─ ",
                between_notes: "  │  ",
                bottom: Some("  ╰────"),
            }
        } else {
            Frame {
                top: " --> ",
                next: " ::: ",
                note: "  = ",
                last_note: "  = ",
                between_notes: "    ",
                bottom: None,
            }
        }
    }
}

/// `error[rule]: message`, wrapped.
fn write_headline(finding: &Finding, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let title = paint::plain_title(finding, style);
    let message = visible::line(&finding.message, style.unicode);
    let headline = format!("{title}: {message}{}", paint::mark(finding));
    let strong = paint::strong(style);
    for (index, line) in wrap(&headline, "", "  ", style).iter().enumerate() {
        match line.strip_prefix(title.as_str()).filter(|_| index == 0) {
            Some(rest) => {
                let title = paint::title(finding, style);
                writeln!(out, "{title}{}", rest.style(strong))?;
            }
            None => writeln!(out, "{}", line.style(strong))?,
        }
    }
    Ok(())
}

/// Where, and the lines there.
fn write_excerpt(
    excerpt: &Excerpt<'_>,
    corner: &str,
    gutter: usize,
    severity: Severity,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let path = visible::line(excerpt.path, style.unicode);
    let place = format!("{path}:{}:{}", excerpt.at.line, excerpt.at.column);
    let color = paint::path(style);
    writeln!(out, "{:gutter$}{corner}{}", "", place.style(color))?;
    if excerpt.is_empty() {
        return Ok(());
    }
    let padding = gutter - excerpt.digits();
    for line in draw(excerpt, severity, style)?.lines() {
        writeln!(out, "{:padding$}{}", "", line.trim_end())?;
    }
    Ok(())
}

/// The numbered lines of an excerpt with their marks, as `miette` draws them.
fn draw(excerpt: &Excerpt<'_>, severity: Severity, style: &Style) -> io::Result<String> {
    let highlights = excerpt.marks.iter().map(|mark| match mark.primary {
        true => paint::severity(severity, style),
        false => paint::secondary(style),
    });
    let theme = GraphicalTheme {
        characters: if style.unicode {
            ThemeCharacters::unicode()
        } else {
            ThemeCharacters::ascii()
        },
        styles: ThemeStyles {
            linum: paint::dim(style),
            highlights: highlights.collect(),
            ..ThemeStyles::none()
        },
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .without_syntax_highlighting()
        .without_primary_span_start();
    let mut drawn = String::new();
    handler
        .render_report(&mut drawn, excerpt)
        .map_err(io::Error::other)?;
    Ok(body(&drawn).to_owned())
}

/// What is left of a report of `miette` without the lines of its message, its top and its bottom.
fn body(drawn: &str) -> &str {
    let inner = drawn.splitn(3, '\n').nth(2).unwrap_or_default();
    inner
        .trim_end_matches('\n')
        .rsplit_once('\n')
        .map_or("", |(body, _)| body)
}

/// How many labels are not shown, and what to do.
fn write_notes(
    finding: &Finding,
    frame: &Frame,
    gutter: usize,
    style: &Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let more = finding.labels.len().saturating_sub(LABELS);
    let places = if more == 1 { "place" } else { "places" };
    let more = (more > 0).then(|| ("", format!("and {more} more {places}")));
    let help = finding.help.as_ref().map(|help| ("help: ", help.clone()));
    let notes: Vec<(&str, String)> = more.into_iter().chain(help).collect();

    for (index, (word, text)) in notes.iter().enumerate() {
        let (corner, below) = if index + 1 == notes.len() {
            (frame.last_note, " ".repeat(frame.last_note.chars().count()))
        } else {
            (frame.note, frame.between_notes.to_owned())
        };
        let width = word.len();
        let mut first = format!("{:gutter$}{corner}{}", "", word.style(paint::strong(style)));
        let next = format!("{:gutter$}{below}{:width$}", "", "");
        for paragraph in text.trim().lines() {
            let paragraph = visible::line(paragraph, style.unicode);
            for line in wrap(&paragraph, &first, &next, style) {
                writeln!(out, "{line}")?;
            }
            first.clone_from(&next);
        }
    }
    match frame.bottom.filter(|_| notes.is_empty()) {
        Some(bottom) => writeln!(out, "{:gutter$}{bottom}", ""),
        None => Ok(()),
    }
}

/// How to learn more, once.
fn write_hint(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let Some((first, others)) = report.findings.split_first().filter(|_| report.hint) else {
        return Ok(());
    };
    let rule = match others.iter().all(|other| other.rule == first.rule) {
        true => visible::line(&first.rule, style.unicode),
        false => "RULE".into(),
    };
    let hint = format!("Why? vmlint explain {rule}");
    writeln!(out, "{}", hint.style(paint::dim(style)))
}

fn wrap(text: &str, first: &str, next: &str, style: &Style) -> Vec<String> {
    let options = Options::new(style.width.max(LEAST_WIDTH))
        .initial_indent(first)
        .subsequent_indent(next)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options)
        .into_iter()
        .map(|line| visible::opening(line).into_owned())
        .collect()
}
