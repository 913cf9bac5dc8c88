//! Commands in PowerShell, as far as they can be told without running it: their names and the
//! arguments that are literals. What a variable, an expression, a pipeline or splatting says is
//! unknown, and what stands in a block that may not run (`if`, `foreach`, a function, a script
//! block) is passed over. It is a scanner, no parser: whatever the text is, it comes to its end.
//!
//! Source of the rules of quoting, comments and argument mode: about_Parsing, about_Quoting_Rules,
//! about_Comments, about_Splatting.

mod quoting;

use std::ops::Range;

/// A command that runs whenever the script does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Command {
    /// Its name, without the module it is qualified with.
    pub(super) name: String,
    pub(super) at: Range<usize>,
    pub(super) arguments: Vec<Argument>,
    /// Whether something is piped into it, which may be what it works on.
    pub(super) piped: bool,
    /// Whether more arguments are in a variable (`@name`).
    pub(super) splatted: bool,
}

/// An argument of a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Argument {
    /// The parameter, without its dash; none for what is told by its position.
    pub(super) parameter: Option<(String, Range<usize>)>,
    pub(super) values: Vec<Value>,
    /// Whether parameter and value are joined by a colon, as a switch needs it.
    pub(super) joined: bool,
}

/// One value of an argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Value {
    /// What it says; none where that is not known.
    pub(super) text: Option<String>,
    pub(super) at: Range<usize>,
}

/// All commands of a script that run whenever it does, in its order.
pub(super) fn commands(text: &str) -> Vec<Command> {
    let mut scanner = Scanner {
        text,
        at: 0,
        depth: 0,
        found: Vec::new(),
    };
    scanner.statements(None, true);
    scanner.found
}

/// How deep groups may lie in each other; what is deeper ends the scan.
const DEEPEST: usize = 100;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
    found: Vec<Command>,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn second(&self) -> Option<char> {
        self.rest().chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, word: &str) -> bool {
        let eaten = self.rest().starts_with(word);
        if eaten {
            self.at += word.len();
        }
        eaten
    }

    /// Gives up: nothing behind this place is looked at.
    fn give_up(&mut self) {
        self.at = self.text.len();
    }

    /// Passes blanks, comments and continued lines; with `lines` also line breaks.
    fn blanks(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            match self.peek() {
                Some('\n' | '\r') if !lines => return,
                Some(blank) if blank.is_whitespace() => {
                    self.bump();
                }
                Some('`') if rest.starts_with("`\n") || rest.starts_with("`\r\n") => {
                    self.at += rest.find('\n').map_or(rest.len(), |at| at + 1);
                }
                Some('<') if rest.starts_with("<#") => {
                    self.at += rest.find("#>").map_or(rest.len(), |at| at + 2);
                }
                Some('#') => self.at += rest.find('\n').unwrap_or(rest.len()),
                _ => return,
            }
        }
    }

    fn statements(&mut self, close: Option<char>, live: bool) {
        self.depth += 1;
        if self.depth > DEEPEST {
            self.give_up();
        }
        loop {
            self.blanks(true);
            match self.peek() {
                None => break,
                Some(next) if Some(next) == close => {
                    self.bump();
                    break;
                }
                Some(';' | ')' | '}' | '|' | '&' | ',' | '=' | '>' | '<' | ']') => {
                    self.bump();
                }
                Some(_) => {
                    let before = self.at;
                    self.pipeline(live);
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
        self.depth -= 1;
    }

    fn pipeline(&mut self, mut live: bool) {
        let mut piped = false;
        loop {
            self.blanks(piped);
            self.command(piped, live);
            self.blanks(false);
            if self.eat("||") || self.eat("&&") {
                live = false;
                piped = false;
                self.blanks(true);
            } else if self.eat("|") {
                piped = true;
            } else {
                return;
            }
        }
    }

    fn command(&mut self, piped: bool, live: bool) {
        self.blanks(false);
        let called = matches!(self.peek(), Some('&' | '.'))
            && self.second().is_some_and(char::is_whitespace);
        if called {
            self.bump();
            self.blanks(false);
        }
        match self.peek() {
            Some('{') => {
                self.bump();
                self.statements(Some('}'), false);
                return;
            }
            Some(first) if first.is_alphabetic() || first == '_' => {}
            Some(_) => return self.expression(live),
            None => return,
        }
        let start = self.at;
        let word = self.rest();
        let ends = |it: char| !(it.is_alphanumeric() || "-_.\\:/".contains(it));
        let word = &word[..word.find(ends).unwrap_or(word.len())];
        self.at += word.len();
        match word.to_ascii_lowercase().as_str() {
            "try" => {
                self.blanks(true);
                if self.eat("{") {
                    self.statements(Some('}'), live);
                }
                return;
            }
            "return" => return self.command(piped, live),
            _ => {}
        }
        let name = word.rsplit('\\').next().unwrap_or(word).to_owned();
        let at = start + word.len() - name.len()..start + word.len();
        let mut command = Command {
            name,
            at,
            arguments: Vec::new(),
            piped,
            splatted: false,
        };
        self.arguments(&mut command);
        if live {
            self.found.push(command);
        }
    }

    /// Passes an expression; what is assigned can be a command.
    fn expression(&mut self, live: bool) {
        loop {
            self.blanks(false);
            match self.peek() {
                None | Some('\n' | '\r' | ';' | '|' | ')' | '}') => return,
                Some('=') => {
                    self.bump();
                    self.blanks(true);
                    return self.command(false, live);
                }
                Some('&') if self.rest().starts_with("&&") => return,
                Some(_) => {
                    let before = self.at;
                    self.atom();
                    if self.at == before {
                        self.bump();
                    }
                }
            }
        }
    }

    fn arguments(&mut self, command: &mut Command) {
        loop {
            self.blanks(false);
            let rest = self.rest();
            match self.peek() {
                None | Some('\n' | '\r' | ';' | '|' | ')' | '}') => return,
                Some('&') => return,
                Some('>' | '<' | ',' | '=') => {
                    self.bump();
                }
                Some('@')
                    if self
                        .second()
                        .is_some_and(|it| it.is_alphabetic() || it == '_') =>
                {
                    command.splatted = true;
                    self.atom();
                }
                Some('-' | '–' | '—' | '―') if rest.starts_with("--%") => {
                    command.splatted = true;
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                Some('-' | '–' | '—' | '―')
                    if self
                        .second()
                        .is_some_and(|it| it.is_alphabetic() || it == '_') =>
                {
                    let argument = self.parameter();
                    command.arguments.push(argument);
                }
                Some(_) => {
                    let before = self.at;
                    let values = self.values();
                    if self.at == before {
                        self.bump();
                    }
                    command.arguments.push(Argument {
                        parameter: None,
                        values,
                        joined: false,
                    });
                }
            }
        }
    }

    fn parameter(&mut self) -> Argument {
        let start = self.at;
        self.bump();
        let rest = self.rest();
        let ends = |it: char| !(it.is_alphanumeric() || it == '_' || it == '-');
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += name.len();
        let parameter = Some((name.to_owned(), start..self.at));
        let joined = self.eat(":");
        let mut values = Vec::new();
        if joined {
            self.blanks(false);
            values = self.values();
        }
        Argument {
            parameter,
            values,
            joined,
        }
    }

    /// A value, or several with commas in between.
    fn values(&mut self) -> Vec<Value> {
        let mut values = vec![self.value()];
        loop {
            let before = self.at;
            self.blanks(false);
            if !self.eat(",") {
                self.at = before;
                return values;
            }
            self.blanks(true);
            let before = self.at;
            values.push(self.value());
            if self.at == before {
                return values;
            }
        }
    }

    fn value(&mut self) -> Value {
        let start = self.at;
        let mut text = self.atom();
        loop {
            let before = self.at;
            let ends = match self.peek() {
                None | Some(';' | '|' | ')' | '}' | ',' | '&' | '>' | '<') => true,
                Some('`') => self.second().is_none_or(char::is_whitespace),
                Some(next) => next.is_whitespace(),
            };
            if !ends {
                self.atom();
                text = None;
            }
            if self.at == before {
                break;
            }
        }
        Value {
            text,
            at: start..self.at,
        }
    }

    /// Passes what belongs together, and says what it is where that is a literal.
    fn atom(&mut self) -> Option<String> {
        let rest = self.rest();
        match self.peek()? {
            '\'' | '‘' | '’' | '‚' | '‛' => self.single_quoted(),
            '"' | '“' | '”' | '„' => self.double_quoted(),
            '@' if rest.starts_with("@'") || rest.starts_with("@\"") => self.here_string(),
            '@' if rest.starts_with("@(") || rest.starts_with("@{") => {
                self.bump();
                self.group();
                None
            }
            '@' => {
                self.bump();
                self.bare();
                None
            }
            '(' | '{' | '[' => {
                self.group();
                None
            }
            '$' => self.variable(),
            _ => self.bare(),
        }
    }

    /// Passes a group in brackets with all that is in it.
    fn group(&mut self) {
        match self.bump() {
            Some('(') => self.statements(Some(')'), false),
            Some('{') => self.statements(Some('}'), false),
            Some('[') => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    self.give_up();
                }
                loop {
                    self.blanks(false);
                    match self.peek() {
                        None | Some('\n' | ';' | ')' | '}') => break,
                        Some(']') => {
                            self.bump();
                            break;
                        }
                        Some('\'' | '"' | '(' | '{' | '[') => {
                            self.atom();
                        }
                        Some(_) => {
                            self.bump();
                        }
                    }
                }
                self.depth -= 1;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
