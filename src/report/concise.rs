//! One line a finding: `path:line:column: error[rule]: message`.
//!
//! For editors, grep and build logs; help and labels are left to the other outputs.

use std::io::{self, Write};

use super::{Report, Style, paint, visible};

/// Writes all findings.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let file = report.sources.get(finding.location.file);
        let at = file.position(finding.location.span.start);
        let shown = |text| visible::line(text, style.unicode);
        writeln!(
            out,
            "{}:{}:{}: {}: {}",
            shown(file.path()),
            at.line,
            at.column,
            paint::title(finding, style),
            shown(&finding.message),
        )?;
    }
    Ok(())
}
