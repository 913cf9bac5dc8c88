//! The colours and frame characters of text outputs, in one place.

use owo_colors::{OwoColorize, Style as Color};

use super::{Style, visible};
use crate::diagnostic::{Finding, Severity};

/// The colour of a severity.
pub(super) fn severity(severity: Severity, style: &Style) -> Color {
    let color = match severity {
        Severity::Error => Color::new().red(),
        Severity::Warning => Color::new().yellow(),
        Severity::Info => Color::new().cyan(),
    };
    when(style, color.bold())
}

/// The colour of places that take part without being the primary one.
pub(super) fn secondary(style: &Style) -> Color {
    when(style, Color::new().bright_blue().bold())
}

/// Where something is.
pub(super) fn path(style: &Style) -> Color {
    when(style, Color::new().cyan())
}

/// What must not be missed.
pub(super) fn strong(style: &Style) -> Color {
    when(style, Color::new().bold())
}

/// What may be missed.
pub(super) fn dim(style: &Style) -> Color {
    when(style, Color::new().dimmed())
}

fn when(style: &Style, color: Color) -> Color {
    if style.color { color } else { Color::new() }
}

/// `error[rule]`, without colours.
pub(super) fn plain_title(finding: &Finding, style: &Style) -> String {
    let rule = visible::line(&finding.rule, style.unicode);
    format!("{}[{rule}]", finding.severity)
}

/// `error[rule]`, in the colour of the severity.
pub(super) fn title(finding: &Finding, style: &Style) -> String {
    plain_title(finding, style)
        .style(severity(finding.severity, style))
        .to_string()
}

/// A mark for findings that can be fixed: ` [fix]`, ` [unsafe-fix]` or nothing.
pub(super) fn mark(finding: &Finding) -> &'static str {
    match finding.fixes.as_slice() {
        [] => "",
        fixes if fixes.iter().any(|fix| fix.safe) => " [fix]",
        _ => " [unsafe-fix]",
    }
}
