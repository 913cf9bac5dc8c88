//! Why reading stopped, in words for administrators.

use granit_parser::ErrorKind;

use super::{MAX_NESTING, Problem, ProblemKind};
use crate::source::Span;

const TAB_HELP: &str = "indent with spaces; YAML does not allow tabs there";
const COLUMN_HELP: &str = "check the indentation: what belongs together starts in the same column";
const QUOTE_HELP: &str = "put the whole value in quotes";

/// The syntax error `kind` at byte `at`; `opener` is the innermost open bracket.
pub(super) fn problem(text: &str, at: usize, kind: &ErrorKind, opener: Option<Span>) -> Problem {
    if matches!(kind, ErrorKind::RecursionLimitExceeded) {
        return too_deep(visible(text, at));
    }
    let span = match kind {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::MismatchedFlowCollectionEnd { .. } => first_char(text, visible(text, at)),
        kind if is_about_tabs(kind) => {
            tab_in_indentation(text, at).unwrap_or_else(|| visible(text, at))
        }
        _ => visible(text, at),
    };
    let (message, help) = describe(kind, text.get(span.range()).unwrap_or_default());
    let line = line_around(text, at);
    let help = match help {
        _ if line.contains("{{") || line.contains("{%") => {
            Some("if this is a template, put the value in quotes or exclude the file")
        }
        "" => None,
        help => Some(help),
    };
    let is_about_brackets = !matches!(kind, ErrorKind::UnknownAnchor);
    let opener = opener.filter(|opener| is_about_brackets && opener.start < span.start);
    Problem {
        kind: ProblemKind::Syntax,
        span,
        message,
        help: help.map(str::to_owned),
        related: opener.map(|opener| (opener, "inside of what is opened here".to_owned())),
    }
}

/// An alias to a node around it.
pub(super) fn recursive_alias(text: &str, span: Span) -> Problem {
    let alias = text.get(span.range()).unwrap_or_default();
    Problem {
        kind: ProblemKind::Syntax,
        span,
        message: format!("alias `{alias}` stands inside of the node that it names"),
        help: None,
        related: None,
    }
}

/// A collection beyond [`MAX_NESTING`].
pub(super) fn too_deep(span: Span) -> Problem {
    limit(
        span,
        format!("lists and mappings are nested more than {MAX_NESTING} deep"),
        "nest them less; until then the file is left out",
    )
}

/// An exceeded limit.
pub(super) fn limit(span: Span, message: String, help: &str) -> Problem {
    Problem {
        kind: ProblemKind::Limit,
        span,
        message,
        help: Some(help.to_owned()),
        related: None,
    }
}

/// Message and help; the help is empty where there is none.
fn describe(kind: &ErrorKind, found: &str) -> (String, &'static str) {
    let (message, help) = match kind {
        kind if is_about_tabs(kind) => ("a tab is used for indentation", TAB_HELP),
        ErrorKind::UnclosedQuotedScalar => ("this quote is never closed", "add the closing quote"),
        ErrorKind::UnclosedFlowCollection { .. } => {
            ("this bracket is never closed", "add the closing bracket")
        }
        ErrorKind::UnexpectedEofFlowSequence => ("a list ends without its `]`", "add it"),
        ErrorKind::UnexpectedEofFlowMapping | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("a mapping ends without its `}`", "add it")
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return (format!("`{open}` is closed by `{close}`"), "");
        }
        ErrorKind::MisplacedFlowCollectionEnd => (
            "this bracket closes nothing",
            "remove it, or put the whole value in quotes",
        ),
        ErrorKind::ExpectedFlowMappingSeparator => (
            "expected `,` or `}` here",
            "close the bracket, or separate the entries by commas",
        ),
        ErrorKind::ExpectedFlowSequenceSeparator => (
            "expected `,` or `]` here",
            "close the bracket, or separate the items by commas",
        ),
        ErrorKind::InvalidColonPlacement => (
            "a key is not allowed here",
            "close the bracket that is open in front of it",
        ),
        ErrorKind::ExpectedBlockMappingKey => ("expected a key here", COLUMN_HELP),
        ErrorKind::ExpectedBlockSequenceEntry => ("expected a list item (`- `) here", COLUMN_HELP),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => (
            "expected `:` behind this key",
            "a key and its `:` must be on one line",
        ),
        ErrorKind::MappingValueNotAllowed => (
            "this `:` cannot start a mapping here",
            "put the value in quotes if the `:` is part of it, else check the indentation",
        ),
        ErrorKind::MappingKeyNotAllowed => ("a key is not allowed here", COLUMN_HELP),
        ErrorKind::BlockSequenceEntryNotAllowed => (
            "a list item is not allowed here",
            "start the list on a line of its own, below its key",
        ),
        ErrorKind::BlockEntryInFlowCollection => (
            "`- ` is not allowed inside of brackets",
            "separate the items by commas",
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::InvalidFlowScalarIndent
        | ErrorKind::InvalidBlockScalarIndent => (
            "wrong indentation",
            "indent it more than the key or list item that it belongs to",
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let code = u32::from(*character);
            return (
                format!("the control character U+{code:04X} is not allowed"),
                "remove it",
            );
        }
        ErrorKind::UnexpectedCharacter { character } => {
            return (
                format!("a value cannot start with `{character}`"),
                QUOTE_HELP,
            );
        }
        ErrorKind::UnknownAnchor => {
            let name = found
                .trim_start_matches('*')
                .trim_end_matches([',', ']', '}']);
            return (
                format!("alias `*{name}` names no anchor of this document"),
                "define the anchor with `&` in front of its first use",
            );
        }
        ErrorKind::MissingAnchorOrAliasName => (
            "`&` and `*` need a name",
            "put the value in quotes if it is no anchor or alias",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "text follows the closing quote",
            "put the whole value in quotes of the other kind",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidUnicodeEscape => (
            "a backslash starts an unknown escape in this text",
            "use single quotes, or write each backslash twice",
        ),
        ErrorKind::CommentNotSeparated => {
            ("a comment needs a space in front of its `#`", QUOTE_HELP)
        }
        ErrorKind::CommentInterceptedScalar => (
            "a comment interrupts a value of several lines",
            "move the comment or quote the value",
        ),
        ErrorKind::ExpectedNodeContent => ("expected a value here", ""),
        ErrorKind::InvalidDocumentEnd => ("only a comment may follow `...`", ""),
        ErrorKind::DocumentIndicatorInQuotedScalar => (
            "a document starts or ends inside of quotes",
            "add the closing quote",
        ),
        ErrorKind::InvalidBlockScalarHeader => (
            "only a comment may follow `|` or `>`",
            "start the text on the next line",
        ),
        other => return (format!("this is not YAML: {other}"), ""),
    };
    (message.to_owned(), help)
}

fn first_char(text: &str, span: Span) -> Span {
    let first = text
        .get(span.range())
        .and_then(|found| found.chars().next());
    let length = first.map_or(0, char::len_utf8);
    Span::new(span.start as usize, span.start as usize + length)
}

fn is_about_tabs(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
    )
}

/// The tabs of the first line, from that of `at` on, that is indented by any.
fn tab_in_indentation(text: &str, at: usize) -> Option<Span> {
    let mut start = line_start(text, at);
    for line in text[start..].split_inclusive('\n') {
        let indentation = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if let Some(tab) = indentation.find('\t') {
            let tabs = indentation[tab..].len() - indentation[tab..].trim_start_matches('\t').len();
            return Some(Span::new(start + tab, start + tab + tabs));
        }
        start += line.len();
    }
    None
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_around(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    line.split('\n').next().unwrap_or_default()
}

/// Something to point at: the word at `at`, else the last visible character in front of it.
pub(super) fn visible(text: &str, at: usize) -> Span {
    let word = text[at..]
        .split(char::is_whitespace)
        .next()
        .unwrap_or_default();
    if !word.is_empty() {
        return Span::new(at, at + word.len());
    }
    let end = text[..at].trim_end().len();
    let last = text[..end].chars().next_back().map_or(0, char::len_utf8);
    Span::new(end - last, end)
}
