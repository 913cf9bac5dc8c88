//! The everyday part of CEL, read without the CEL library, which takes a hundred times as long.
//!
//! Names, attributes, calls, lists, operators, and plain literals. At the first sight of anything
//! else, and of every mistake, it gives up, and the library reads the text from its start; so the
//! library alone says what CEL is. What comes out is the library's own tree, the same one as it
//! would make: tests compare both.

use cel::common::ast::{CallExpr, Expr, IdedExpr, ListExpr, LiteralValue, SelectExpr, operators};

/// Words of CEL that are no names, with those that it keeps for later.
const WORDS: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// The operators of each level, from those that bind least; each of them takes what is left of it
/// as one operand.
const LEVELS: [&[(&str, &str)]; 3] = [
    &[
        ("==", operators::EQUALS),
        ("!=", operators::NOT_EQUALS),
        ("<=", operators::LESS_EQUALS),
        (">=", operators::GREATER_EQUALS),
        ("<", operators::LESS),
        (">", operators::GREATER),
        ("in", operators::IN),
    ],
    &[("+", operators::ADD), ("-", operators::SUBSTRACT)],
    &[
        ("*", operators::MULTIPLY),
        ("/", operators::DIVIDE),
        ("%", operators::MODULO),
    ],
];

/// Reads an expression, which [`super::scan`] has looked at; `None` where it is none of every day.
/// Beside the tree there are first and last byte of the token of each node, by their numbers.
pub(super) fn parse(text: &str) -> Option<(IdedExpr, Vec<(u32, u32)>)> {
    if !text.is_ascii() {
        return None;
    }
    let mut parser = Parser {
        text,
        at: 0,
        tokens: Vec::new(),
    };
    let tree = parser.conditional()?;
    parser.skip_blanks();
    (parser.at == text.len()).then_some((tree, parser.tokens))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// Of the nodes that have a number, which count from one.
    tokens: Vec<(u32, u32)>,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let blank = |c| matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}');
        self.at = self.text.len() - self.rest().trim_start_matches(blank).len();
    }

    fn next_is(&mut self, token: &str) -> bool {
        self.skip_blanks();
        self.rest().starts_with(token)
    }

    /// Goes past a token of signs, if it is next, and tells where it starts.
    fn sign(&mut self, token: &str) -> Option<usize> {
        self.next_is(token).then(|| {
            self.at += token.len();
            self.at - token.len()
        })
    }

    /// The word that is next, which may be none.
    fn word(&mut self) -> &'t str {
        self.skip_blanks();
        let rest = self.rest();
        let starts = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        match starts {
            true => &rest[..end.unwrap_or(rest.len())],
            false => "",
        }
    }

    /// Goes past a name.
    fn name(&mut self) -> Option<(usize, &'t str)> {
        let word = self.word();
        if word.is_empty() || WORDS.contains(&word) {
            return None;
        }
        let start = self.at;
        self.at += word.len();
        // Such as `r"…"`.
        (!self.rest().starts_with(['"', '\''])).then_some((start, word))
    }

    /// The number of the node that is known by the token from `start` on.
    fn id(&mut self, start: usize, length: usize) -> Option<u64> {
        let start = u32::try_from(start).ok()?;
        let last = start + u32::try_from(length).ok()?.checked_sub(1)?;
        self.tokens.push((start, last));
        u64::try_from(self.tokens.len()).ok()
    }

    fn conditional(&mut self) -> Option<IdedExpr> {
        let condition = self.either()?;
        let Some(at) = self.sign("?") else {
            return Some(condition);
        };
        let id = self.id(at, 1)?;
        let yes = self.either()?;
        self.sign(":")?;
        let no = self.conditional()?;
        Some(call(id, operators::CONDITIONAL, vec![condition, yes, no]))
    }

    fn either(&mut self) -> Option<IdedExpr> {
        self.chain("||", operators::LOGICAL_OR, |parser| {
            parser.chain("&&", operators::LOGICAL_AND, |parser| parser.binary(0))
        })
    }

    fn chain(
        &mut self,
        sign: &str,
        operator: &str,
        operand: impl Fn(&mut Self) -> Option<IdedExpr>,
    ) -> Option<IdedExpr> {
        let mut operands = vec![operand(self)?];
        let mut ids = Vec::new();
        while let Some(at) = self.sign(sign) {
            operands.push(operand(self)?);
            ids.push(self.id(at, sign.len())?);
        }
        Some(balanced(operator, &mut operands, &ids))
    }

    fn binary(&mut self, level: usize) -> Option<IdedExpr> {
        let Some(found) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.binary(level + 1)?;
        while let Some((at, sign, operator)) = self.operator(found) {
            let id = self.id(at, sign.len())?;
            let right = self.binary(level + 1)?;
            left = call(id, operator, vec![left, right]);
        }
        Some(left)
    }

    fn operator(
        &mut self,
        of_level: &'static [(&str, &str)],
    ) -> Option<(usize, &'static str, &'static str)> {
        self.skip_blanks();
        let (sign, operator) = of_level.iter().find(|(sign, _)| match *sign {
            "in" => self.word() == "in",
            sign => self.rest().starts_with(sign),
        })?;
        self.at += sign.len();
        Some((self.at - sign.len(), sign, operator))
    }

    fn unary(&mut self) -> Option<IdedExpr> {
        let (at, operator) = match (self.sign("!"), self.sign("-")) {
            (None, None) => return self.member(),
            (Some(at), None) => (at, operators::LOGICAL_NOT),
            (None, Some(at)) => (at, operators::NEGATE),
            (Some(_), Some(_)) => return None,
        };
        self.skip_blanks();
        // Several at once cancel out, and a number takes its sign.
        let number = |c: char| c.is_ascii_digit();
        if self.rest().starts_with(['!', '-']) || self.rest().starts_with(number) {
            return None;
        }
        let id = self.id(at, 1)?;
        let operand = self.member()?;
        Some(call(id, operator, vec![operand]))
    }

    fn member(&mut self) -> Option<IdedExpr> {
        let mut of = self.primary()?;
        loop {
            if let Some(dot) = self.sign(".") {
                let (_, name) = self.name()?;
                of = match self.sign("(") {
                    Some(bracket) => {
                        let id = self.id(bracket, 1)?;
                        let args = self.elements(")")?;
                        let call = CallExpr {
                            func_name: name.to_owned(),
                            target: Some(Box::new(of)),
                            args,
                        };
                        node(id, Expr::Call(call))
                    }
                    None => {
                        let select = SelectExpr {
                            operand: Box::new(of),
                            field: name.to_owned(),
                            test: false,
                        };
                        node(self.id(dot, 1)?, Expr::Select(select))
                    }
                };
            } else if let Some(bracket) = self.sign("[") {
                let id = self.id(bracket, 1)?;
                let key = self.conditional()?;
                self.sign("]")?;
                of = call(id, operators::INDEX, vec![of, key]);
            } else {
                return Some(of);
            }
        }
    }

    fn primary(&mut self) -> Option<IdedExpr> {
        self.skip_blanks();
        let start = self.at;
        match self.rest().chars().next()? {
            '(' => {
                self.at += 1;
                let inner = self.conditional()?;
                self.sign(")").map(|_| inner)
            }
            '[' => {
                self.at += 1;
                let id = self.id(start, 1)?;
                let elements = self.elements("]")?;
                Some(node(id, Expr::List(ListExpr::new(elements))))
            }
            '"' | '\'' => self.text_literal(),
            '0'..='9' => self.number(),
            _ => match self.word() {
                "true" => self.literal(4, LiteralValue::Boolean(true.into())),
                "false" => self.literal(5, LiteralValue::Boolean(false.into())),
                _ => self.name_or_call(),
            },
        }
    }

    fn name_or_call(&mut self) -> Option<IdedExpr> {
        let (start, name) = self.name()?;
        if let Some(bracket) = self.sign("(") {
            let id = self.id(bracket, 1)?;
            let args = self.elements(")")?;
            return Some(call(id, name, args));
        }
        let id = self.id(start, name.len())?;
        Some(node(id, Expr::Ident(name.to_owned())))
    }

    /// What is between brackets, up to the one that closes.
    fn elements(&mut self, closing: &str) -> Option<Vec<IdedExpr>> {
        let mut elements = Vec::new();
        if self.sign(closing).is_some() {
            return Some(elements);
        }
        loop {
            elements.push(self.conditional()?);
            if self.sign(closing).is_some() {
                return Some(elements);
            }
            self.sign(",")?;
        }
    }

    fn literal(&mut self, length: usize, value: LiteralValue) -> Option<IdedExpr> {
        let id = self.id(self.at, length)?;
        self.at += length;
        Some(node(id, Expr::Literal(value)))
    }

    fn text_literal(&mut self) -> Option<IdedExpr> {
        let rest = self.rest();
        let mut chars = rest.char_indices();
        let (_, quote) = chars.next()?;
        let mut text = String::new();
        loop {
            match chars.next()? {
                (end, c) if c == quote => {
                    // Three quotes are one of another kind.
                    let is_plain = end > 1 || !rest[2..].starts_with(quote);
                    let value = is_plain.then(|| LiteralValue::String(text.into()))?;
                    return self.literal(end + 1, value);
                }
                (_, '\\') => match chars.next()? {
                    (_, c @ ('\\' | '"' | '\'')) => text.push(c),
                    _ => return None,
                },
                (_, '\n' | '\r') => return None,
                (_, c) => text.push(c),
            }
        }
    }

    fn number(&mut self) -> Option<IdedExpr> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
        let digits = &rest[..end.unwrap_or(rest.len())];
        let behind = rest.as_bytes().get(digits.len());
        if behind.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
            || digits.ends_with('.')
        {
            return None;
        }
        let value = match digits.contains('.') {
            true => LiteralValue::Double(digits.parse::<f64>().ok()?.into()),
            false => LiteralValue::Int(digits.parse::<i64>().ok()?.into()),
        };
        self.literal(digits.len(), value)
    }
}

fn node(id: u64, expr: Expr) -> IdedExpr {
    IdedExpr { id, expr }
}

fn call(id: u64, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
    let call = CallExpr {
        func_name: name.to_owned(),
        target: None,
        args,
    };
    node(id, Expr::Call(call))
}

/// Operands of one operator as a tree that is no deeper than it must be, as the library makes it;
/// there is one more of them than of operators.
fn balanced(operator: &str, operands: &mut [IdedExpr], ids: &[u64]) -> IdedExpr {
    let Some(last) = ids.len().checked_sub(1) else {
        return operands.first_mut().map(std::mem::take).unwrap_or_default();
    };
    let middle = last.div_ceil(2);
    let (left, right) = operands.split_at_mut(middle + 1);
    let left = balanced(operator, left, &ids[..middle]);
    let right = balanced(operator, right, &ids[middle + 1..]);
    call(ids[middle], operator, vec![left, right])
}
