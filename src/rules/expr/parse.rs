//! Expression text → the CEL library's tree, with a span for every node.
//!
//! Macros are switched off, so that calls stay as written. Limits are checked before the library
//! sees the text, because it recurses.

use cel::common::ast::{Expr, IdedExpr, SourceInfo, operators};

use super::scan::scan;
use super::{Issue, everyday};
use crate::source::Span;

/// The longest expression, in bytes.
pub const MAX_LENGTH: usize = 16 * 1024;

/// A parsed expression.
pub(super) struct Source<'t> {
    text: &'t str,
    tokens: Tokens,
}

/// The first and the last byte of the token that each node is known by.
pub(super) enum Tokens {
    /// By the numbers of nodes, from one on.
    Ours(Vec<(u32, u32)>),
    Library(SourceInfo),
}

/// Parses one expression.
pub(super) fn parse(text: &str) -> Result<(IdedExpr, Source<'_>), Issue> {
    if text.len() > MAX_LENGTH {
        let message = format!("this expression is longer than {} KiB", MAX_LENGTH / 1024);
        return Err(Issue::new(Span::new(0, text.len()), message));
    }
    if text.trim().is_empty() {
        return Err(Issue::new(
            Span::new(0, text.len()),
            "the expression is empty",
        ));
    }
    scan(text)?;
    if let Some((expr, tokens)) = everyday::parse(text) {
        let tokens = Tokens::Ours(tokens);
        return Ok((expr, Source { text, tokens }));
    }
    parse_any(text)
}

/// Parses one expression with the library.
fn parse_any(text: &str) -> Result<(IdedExpr, Source<'_>), Issue> {
    let parser = cel::Env::default().parser();
    match parser.parse_with_source_info(text) {
        Ok((expr, info)) => {
            let tokens = Tokens::Library(info);
            Ok((expr, Source { text, tokens }))
        }
        Err(errors) => {
            let source = Source {
                text,
                tokens: Tokens::Ours(Vec::new()),
            };
            let first = errors.errors.first();
            Err(first.map_or_else(
                || Issue::new(Span::new(0, text.len()), "this is no expression"),
                |error| source.syntax_error(error.pos, &error.msg),
            ))
        }
    }
}

impl Source<'_> {
    /// The token a node is known by: a name, a literal, an operator, a bracket.
    fn token(&self, id: u64) -> Span {
        let token = match &self.tokens {
            Tokens::Library(info) => info.offset_for(id),
            Tokens::Ours(tokens) => {
                let number = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
                number.and_then(|number| tokens.get(number).copied())
            }
        };
        token.map_or_else(
            || Span::new(0, self.text.len()),
            |(first, last)| Span::new(first as usize, last as usize + 1),
        )
    }

    /// The text a node covers.
    pub(super) fn span(&self, expr: &IdedExpr) -> Span {
        let token = self.token(expr.id);
        match &expr.expr {
            Expr::Select(select) => self
                .span(&select.operand)
                .join(self.field(expr, &select.field)),
            Expr::List(list) => {
                let last = list.elements.last().map_or(token, |last| self.span(last));
                self.closed(token.join(last), ']')
            }
            Expr::Call(call) => {
                let parts = call.target.iter().map(|target| self.span(target));
                let whole = parts
                    .chain(call.args.iter().map(|arg| self.span(arg)))
                    .fold(token, Span::join);
                if call.func_name == operators::INDEX {
                    self.closed(whole, ']')
                } else if is_operator(&call.func_name) {
                    whole
                } else {
                    self.closed(whole.join(self.name(expr, &call.func_name)), ')')
                }
            }
            _ => token,
        }
    }

    /// The name behind the dot of a selection.
    pub(super) fn field(&self, expr: &IdedExpr, field: &str) -> Span {
        let dot = self.token(expr.id).end as usize;
        let rest = self.text.get(dot..).unwrap_or_default();
        let start = dot + rest.len() - rest.trim_start().len();
        Span::new(start, start + field.len())
    }

    /// The name before the bracket of a call.
    pub(super) fn name(&self, expr: &IdedExpr, name: &str) -> Span {
        let bracket = self.token(expr.id).start as usize;
        let before = self.text.get(..bracket).unwrap_or_default().trim_end();
        Span::new(before.len().saturating_sub(name.len()), before.len())
    }

    /// Extends a span over the bracket that closes it.
    fn closed(&self, span: Span, bracket: char) -> Span {
        let end = span.end as usize;
        let rest = self.text.get(end..).unwrap_or_default();
        let tail = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        let skipped = if tail.starts_with(bracket) {
            rest.len() - tail.len() + 1
        } else {
            0
        };
        Span::new(span.start as usize, end + skipped)
    }

    /// The library's message in plainer words. It counts columns in characters, unlike its
    /// offsets, which are bytes. Only the first error is worth showing.
    fn syntax_error(&self, (line, column): (isize, isize), message: &str) -> Issue {
        let before: usize = self
            .text
            .split_inclusive('\n')
            .take(usize::try_from(line - 1).unwrap_or(0))
            .map(str::len)
            .sum();
        let column = usize::try_from(column - 1).unwrap_or(0);
        let rest = self.text.get(before..).unwrap_or_default();
        let start = before + rest.chars().take(column).map(char::len_utf8).sum::<usize>();
        let rest = self.text.get(start..).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            let end = self.text.trim_end().len();
            let last = self.text[..end]
                .chars()
                .next_back()
                .map_or(0, char::len_utf8);
            return Issue::new(Span::new(end - last, end), "the expression ends too early");
        };
        if message.starts_with("reserved identifier") {
            let word = leading_word(rest);
            return Issue::new(
                Span::new(start, start + word.len()),
                format!("`{word}` is a reserved word"),
            );
        }
        if message.starts_with("invalid int literal") {
            let word = leading_word(rest);
            return Issue::new(
                Span::new(start, start + word.len()),
                "this number is too large",
            );
        }
        let word = leading_word(rest);
        let (span, word) = match word {
            "" => (
                Span::new(start, start + first.len_utf8()),
                &rest[..first.len_utf8()],
            ),
            word => (Span::new(start, start + word.len()), word),
        };
        let issue = Issue::new(span, format!("`{word}` does not belong here"));
        match word {
            "=" => issue.with_help("`==` compares"),
            "&" | "and" | "AND" => issue.with_help("`&&` is the logical and"),
            "|" | "or" | "OR" => issue.with_help("`||` is the logical or"),
            _ if self.text[..start].trim_end().ends_with("not") => {
                issue.with_help("`!` is the logical not")
            }
            _ => issue,
        }
    }
}

/// Whether a call stands for an operator: no function has such a name.
fn is_operator(function: &str) -> bool {
    function.contains('_') && !function.starts_with(char::is_alphabetic)
        || function == operators::IN
}

fn leading_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rules::builtin::{BuiltIn, RULES};
    use crate::rules::library::Library;
    use crate::rules::load::Logic;

    /// A tree as text, with the place of every token, whatever the numbers of its nodes.
    fn shown(expr: &IdedExpr, source: &Source<'_>) -> String {
        let token = source.token(expr.id);
        let all = |exprs: &[IdedExpr]| {
            let exprs = exprs.iter().map(|expr| shown(expr, source));
            exprs.collect::<Vec<_>>().join(", ")
        };
        let what = match &expr.expr {
            Expr::Call(call) => {
                let target = call.target.iter().map(|it| shown(it, source));
                let target: String = target.collect();
                format!("{target}.{}({})", call.func_name, all(&call.args))
            }
            Expr::Select(select) => format!(
                "{}.{}{}",
                shown(&select.operand, source),
                select.field,
                select.test
            ),
            Expr::List(list) => format!("[{}]{:?}", all(&list.elements), list.optional_indices),
            other => format!("{other:?}"),
        };
        format!("{what}@{}..{}", token.start, token.end)
    }

    /// Compares both parsers where the everyday one does not give up; tells whether it does.
    fn compare(text: &str) -> bool {
        let Some((expr, tokens)) = everyday::parse(text) else {
            return true;
        };
        let tokens = Tokens::Ours(tokens);
        let ours = shown(&expr, &Source { text, tokens });
        let theirs = parse_any(text).map(|(expr, source)| shown(&expr, &source));
        assert_eq!(Ok(ours), theirs, "{text}");
        false
    }

    #[test]
    fn what_is_written_every_day_is_the_same_to_both_parsers() {
        for text in [
            "a",
            "a.b.c == 5 && !d || e.f(g, x.h > 1.5) ? \"t\" : 'u'",
            "a && b && c && d && e || f || g",
            "a - b - c * -d / e % f + (g - h)",
            "a in [1, \"two\", [3]] == true",
            "inner.exists(index, index.in_use)",
            "a ? b || c : d ? e : f",
            "l[\"k\"][0].m()",
            " f ( ) [ 0 ] ",
            "a<b==c>=d!=e",
            r#""" + '' + "say \"x\" \\ 'y'""#,
        ] {
            assert!(!compare(text), "{text}");
        }
        for text in [
            "-5",
            "!!a",
            "!-a",
            "null",
            "r\"a\"",
            "\"\\n\"",
            "\"\"\"a\"\"\"",
            "0x1F",
            "1u",
            "1e3",
            "1.",
            ".5",
            "a.in",
            "if",
            "a // b",
            "{}",
            "a{}",
            "[1,]",
            "a ? b ? c : d : e",
            "a.b.",
            "a b",
            "1.2.3",
            "9999999999999999999",
            "ä",
            "f(,)",
            "a = b",
            "a & b",
            "(a",
            "[?a]",
            "a.?b",
        ] {
            assert!(compare(text), "{text}");
        }
    }

    /// The texts in which a rule has expressions: whole ones, and those with some in braces.
    fn texts(logic: &Logic) -> (Vec<&str>, Vec<&str>) {
        let parts = [&logic.needs, &logic.at, &logic.key].into_iter().flatten();
        let labels = || logic.labels.iter();
        let whole = parts
            .chain(&logic.when)
            .chain([&logic.deny])
            .chain(logic.severity_when.iter().map(|(when, _)| when))
            .chain(logic.fixes.iter().flat_map(|fix| &fix.when))
            .chain(labels().map(|label| &label.at));
        let mixed = [&logic.message, &logic.help].into_iter();
        let mixed = mixed.chain(labels().flat_map(|label| &label.text));
        (
            whole.map(|written| written.text.as_str()).collect(),
            mixed.map(|written| written.text.as_str()).collect(),
        )
    }

    #[test]
    fn the_expressions_of_the_rules_are_the_same_to_both_parsers() {
        let (library, _) = Library::read(RULES.iter().map(BuiltIn::file), []);
        let mut count = 0;
        let mut foreign = Vec::new();
        for logic in library.rules.iter().flat_map(|rule| &rule.logic) {
            let (whole, mixed) = texts(logic);
            let inside = mixed.into_iter().flat_map(|text| text.split('{').skip(1));
            let inside = inside.filter_map(|part| Some(part.split_once('}')?.0));
            for text in whole.into_iter().chain(inside) {
                count += 1;
                foreign.extend(compare(text).then_some(text));
            }
        }
        assert!(count > 800, "{count}");
        assert!(foreign.is_empty(), "{foreign:#?}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_the_same_to_both_parsers(
            text in proptest::collection::vec(
                prop::sample::select(vec![
                    "a", "b.c", "in", "5", "1.5", "\"t\"", "'u'", "true", "(", ")", "[", "]", ",",
                    ".", "!", "-", "+", "*", "/", "%", "?", ":", "&&", "||", "==", "!=", "<", "<=",
                    ">", " ", "f(", ".g(", "x.all(y, ", "\"", "\\", "0", "e",
                ]),
                1..14,
            )
        ) {
            let text: String = text.concat();
            if scan(&text).is_ok() {
                compare(&text);
            }
        }
    }
}
