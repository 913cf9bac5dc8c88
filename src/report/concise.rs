//! One line a finding: `path:line:column: error[rule]: message (see other.yaml:3) [fix]`.
//!
//! For editors, grep and build logs. Help is left to the other outputs; of the labels only those
//! in other files are told, because the line says nothing about them otherwise.

use std::io::{self, Write};

use owo_colors::OwoColorize;

use super::{Report, Style, paint, visible};
use crate::diagnostic::Finding;

/// How many places in other files are named before the rest is counted.
const SEEN: usize = 3;

/// Writes all findings.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let file = report.sources.get(finding.location.file);
        let at = file.position(finding.location.span.start);
        let shown = |text| visible::line(text, style.unicode);
        // The whole of it, as a file may be called `:`.
        let place = format!("{}:{}:{}", file.path(), at.line, at.column);
        writeln!(
            out,
            "{}: {}: {}{}{}",
            visible::opening(shown(&place)),
            paint::title(finding, style),
            shown(&finding.message),
            shown(&elsewhere(finding, report)),
            paint::mark(finding).style(paint::dim(style)),
        )?;
    }
    Ok(())
}

/// The lines of other files that a finding speaks of.
pub(super) fn elsewhere(finding: &Finding, report: &Report<'_>) -> String {
    let mut places = Vec::new();
    for label in &finding.labels {
        if label.location.file != finding.location.file {
            let file = report.sources.get(label.location.file);
            let line = file.line_of(label.location.span.start) + 1;
            let place = format!("{}:{line}", file.path());
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    let more = places.len().saturating_sub(SEEN);
    places.truncate(SEEN);
    match (places.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(" (see {})", places.join(", ")),
        (false, more) => format!(" (see {} and {more} more)", places.join(", ")),
    }
}
