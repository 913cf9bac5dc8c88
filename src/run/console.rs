//! How text looks on the streams of a run.

use std::borrow::Cow;

use owo_colors::{OwoColorize, Style as Paint};

use super::Outside;
use crate::cli::Color;
use crate::report::{self, Style};

/// Columns where the terminal does not say.
const COLUMNS: usize = 100;

/// The style of text on standard output.
pub(super) fn style(color: Color, outside: &Outside<'_>) -> Style {
    Style {
        color: colored(color, outside.stdout_is_terminal, outside.env),
        unicode: unicode(outside.env),
        width: outside.columns.unwrap_or(COLUMNS),
    }
}

/// The style of text on standard error.
pub(super) fn error_style(color: Color, outside: &Outside<'_>) -> Style {
    Style {
        color: colored(color, outside.stderr_is_terminal, outside.env),
        ..style(color, outside)
    }
}

fn colored(color: Color, terminal: bool, env: &dyn Fn(&str) -> Option<String>) -> bool {
    let set = |name| env(name).is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if env("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        Color::Auto if set("CLICOLOR_FORCE") => true,
        Color::Auto => terminal && env("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// Frames and symbols beyond ASCII, unless the locale says that it cannot show them.
fn unicode(env: &dyn Fn(&str) -> Option<String>) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| env(name).filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Text from outside, on one line and with nothing in it that a terminal would act on.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    report::visible_line(text, true)
}

/// Who reads what is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    Terminal,
    /// A build service, which looks for commands in it.
    Service,
    Other,
}

/// A diff as it is printed: coloured, and with nothing in it that its reader would act on.
pub(super) fn diff(diff: &str, style: &Style, reader: Reader) -> String {
    let mut out = String::with_capacity(diff.len());
    for (number, line) in diff.split_inclusive('\n').enumerate() {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let color = match line.chars().next() {
            _ if !style.color => Paint::new(),
            _ if number < 2 => Paint::new().bold(),
            Some('@') => Paint::new().cyan(),
            Some('-') => Paint::new().red(),
            Some('+') => Paint::new().green(),
            _ => Paint::new(),
        };
        let line: Cow<'_, str> = match reader {
            Reader::Terminal => {
                let cells = line.trim_end_matches('\r').split('\t');
                let cells: Vec<_> = cells
                    .map(|it| report::visible_line(it, style.unicode))
                    .collect();
                cells.join("\t").into()
            }
            Reader::Service => report::inert(line),
            Reader::Other => line.into(),
        };
        out.push_str(&line.style(color).to_string());
        out.push_str(end);
    }
    out
}
