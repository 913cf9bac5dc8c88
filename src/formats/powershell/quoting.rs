//! Words and texts: what is a literal, and what is filled in when it runs.

use super::Scanner;

impl Scanner<'_> {
    pub(super) fn single_quoted(&mut self) -> Option<String> {
        let is_quote = |it: char| matches!(it, '\'' | '‘' | '’' | '‚' | '‛');
        self.bump();
        let mut text = String::new();
        while let Some(next) = self.bump() {
            if !is_quote(next) {
                text.push(next);
            } else if self.peek().is_some_and(is_quote) {
                text.extend(self.bump());
            } else {
                return Some(text);
            }
        }
        None
    }

    pub(super) fn double_quoted(&mut self) -> Option<String> {
        let is_quote = |it: char| matches!(it, '"' | '“' | '”' | '„');
        self.bump();
        let mut text = Some(String::new());
        while let Some(next) = self.peek() {
            match next {
                '$' => {
                    if self.expansion() {
                        text = None;
                    } else {
                        text.iter_mut().for_each(|text| text.push('$'));
                    }
                }
                '`' => {
                    self.bump();
                    let escaped = self.bump()?;
                    match escaped {
                        '0' | 'a' | 'b' | 'e' | 'f' | 'n' | 'r' | 't' | 'u' | 'v' => text = None,
                        other => {
                            text.iter_mut().for_each(|text| text.push(other));
                        }
                    }
                }
                quote if is_quote(quote) => {
                    self.bump();
                    if !self.peek().is_some_and(is_quote) {
                        return text;
                    }
                    let quote = self.bump()?;
                    text.iter_mut().for_each(|text| text.push(quote));
                }
                other => {
                    self.bump();
                    text.iter_mut().for_each(|text| text.push(other));
                }
            }
        }
        None
    }

    /// Passes a `$` in a text, and says whether something is put in its place.
    fn expansion(&mut self) -> bool {
        self.bump();
        match self.peek() {
            Some('(') => {
                self.bump();
                self.statements(Some(')'), false);
                true
            }
            Some('{') => {
                let rest = self.rest();
                self.at += rest.find('}').map_or(rest.len(), |at| at + 1);
                true
            }
            Some(next) => next.is_alphanumeric() || matches!(next, '_' | '$' | '?' | '^' | ':'),
            None => false,
        }
    }

    pub(super) fn here_string(&mut self) -> Option<String> {
        self.bump();
        let quote = self.bump()?;
        let end = if quote == '\'' { "\n'@" } else { "\n\"@" };
        let rest = self.rest();
        let blank = |it: char| it.is_whitespace() && it != '\n';
        let head = rest.find(|it| !blank(it));
        let head = head.filter(|at| rest[*at..].starts_with('\n'));
        let Some(head) = head else {
            // Not one: the quote opens a text.
            self.at -= quote.len_utf8();
            return match quote {
                '\'' => self.single_quoted(),
                _ => self.double_quoted(),
            }
            .and(None);
        };
        let Some(length) = rest[head..].find(end) else {
            self.give_up();
            return None;
        };
        self.at += head + length + end.len();
        None
    }

    pub(super) fn variable(&mut self) -> Option<String> {
        self.bump();
        match self.peek() {
            Some('(') => {
                self.group();
                return None;
            }
            Some('{') => {
                let rest = self.rest();
                self.at += rest.find('}').map_or(rest.len(), |at| at + 1);
                return None;
            }
            _ => {}
        }
        let rest = self.rest();
        let ends = |it: char| !(it.is_alphanumeric() || matches!(it, '_' | ':' | '?' | '^' | '$'));
        let name = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += name.len();
        match name.to_ascii_lowercase().as_str() {
            "true" => Some("true".to_owned()),
            "false" => Some("false".to_owned()),
            _ => None,
        }
    }

    /// A word without quotes.
    pub(super) fn bare(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut literal = true;
        while let Some(next) = self.peek() {
            match next {
                '`' if self.second().is_none_or(char::is_whitespace) => break,
                '`' => {
                    self.bump();
                    text.extend(self.bump());
                }
                '$' => {
                    literal = false;
                    self.bump();
                }
                ';' | '|' | '&' | '(' | ')' | '{' | '}' | ',' | '\'' | '"' | '>' | '<' => break,
                blank if blank.is_whitespace() => break,
                other => {
                    text.push(other);
                    self.bump();
                }
            }
        }
        Some(text).filter(|text| literal && !text.is_empty())
    }
}
