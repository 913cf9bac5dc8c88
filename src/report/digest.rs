//! A short account of a run in Markdown, for the page of a job in GitHub Actions or Azure Pipelines.

use std::fmt::Write as _;

use super::summary::{found, number};
use super::{Report, visible};
use crate::diagnostic::Finding;

/// A headline and a table of the findings, the worst ones first, in at most `most` bytes; empty
/// where not even the headline fits. Text of the estate stays text, whatever it looks like.
#[must_use]
pub fn digest(report: &Report<'_>, most: usize) -> String {
    /// Room for the line that counts the rest.
    const REST: usize = 100;
    let summary = report.summary;
    let files = number(summary.files, "file", "files");
    let mut text = format!("### vmlint: {} in {files}\n\n", found(summary));
    if text.len() + REST > most {
        return String::new();
    }
    let order = report.worst_first();
    if !order.is_empty() {
        text += "| | where | what |\n|---|---|---|\n";
    }
    for (told, index) in order.iter().enumerate() {
        let row = row(&report.findings[*index], report);
        if text.len() + row.len() + REST > most {
            let more = number(order.len() - told, "finding", "findings");
            let _ = writeln!(text, "\n{more} more: see the log.");
            break;
        }
        text += &row;
    }
    text.push('\n');
    text
}

fn row(finding: &Finding, report: &Report<'_>) -> String {
    let rule = literal(&finding.rule);
    let rule = match (report.page)(&finding.rule) {
        Some(url) => format!(
            "[{rule}](<{}>)",
            url.replace(['<', '>', '\\', '\n', '|'], "")
        ),
        None => rule,
    };
    let mut what = format!("{} ({rule})", literal(&finding.message));
    for line in report.further(finding) {
        what += &format!("<br>{}", literal(&line));
    }
    let spot = literal(&report.spot(finding.location));
    format!("| {} | {spot} | {what} |\n", finding.severity)
}

/// Text that is no markup and no link.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible::line(text, true).chars() {
        if c.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::literal;

    #[test]
    fn markup_is_text() {
        assert_eq!(
            literal("<b>|`x`\n@a [b](c)"),
            r"\<b\>\|\`x\`␊\@a \[b\]\(c\)"
        );
    }
}
