//! The examples in rule files: small estates of which it is known what a rule says about them.
//!
//! Running them is not done here; [`judge`] says whether what came out is what was promised.

mod judge;

use super::read::Written;
use crate::diagnostic::Severity;
use crate::source::{SourceFile, Span};

pub use judge::{Mismatch, Seen, judge, judge_fixed};

/// The examples of a rule.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// Estates in which the rule finds something.
    pub fail: Vec<Example>,
    /// Estates to which the rule applies, without a finding.
    pub pass: Vec<Example>,
    /// Estates to which the rule does not apply, or of which too little is known.
    pub skip: Vec<Example>,
}

impl Examples {
    /// All of them with what they promise, in the order of the rule file's keys.
    pub fn iter(&self) -> impl Iterator<Item = (Promise, &Example)> {
        let fail = self.fail.iter().map(|example| (Promise::Fail, example));
        let pass = self.pass.iter().map(|example| (Promise::Pass, example));
        let skip = self.skip.iter().map(|example| (Promise::Skip, example));
        fail.chain(pass).chain(skip)
    }
}

/// One example.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Where that stands in the rule file.
    pub name_span: Span,
    /// Path and text of each file, `.vmlint.yaml` included.
    pub files: Vec<(String, String)>,
    /// Where the text of each file stands in the rule file.
    pub spans: Vec<Span>,
    /// The same for the files that fixes of the rule change, as they are then; none where nothing
    /// is said of fixes.
    pub fixed: Option<Vec<(String, String)>>,
    /// The same for the state before the change, which change rules compare with.
    pub base: Vec<(String, String)>,
    /// The as-of date, where it matters.
    pub as_of: Option<String>,
}

impl Example {
    /// Where a line of one of the files stands in the rule file: from its mark on where it has
    /// one. Lines count from 1.
    #[must_use]
    pub fn locate(&self, path: &str, line: usize, rule_file: &SourceFile) -> Option<Span> {
        let index = self.files.iter().position(|(known, _)| known == path)?;
        let (_, text) = self.files.get(index)?;
        let before: usize = text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let content = text.get(before..)?.lines().next()?;
        let indent = content.len() - content.trim_start().len();
        let start = content.find(MARK).unwrap_or(indent);
        let written = Written {
            text: text.clone(),
            span: *self.spans.get(index)?,
        };
        let part = Span::new(before + start, before + content.trim_end().len());
        Some(written.locate(part, rule_file.text()))
    }

    /// The same example without its marks, to be shown to people.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        let without = |line: &str| {
            let mut parts = line.split(MARK);
            let before = parts.next().unwrap_or_default();
            let marked = parts.clone().next().is_some() && parts.all(|it| mark_parts(it).is_some());
            if marked {
                before.trim_end().to_owned()
            } else {
                line.to_owned()
            }
        };
        let text = |text: &String| text.lines().map(|line| without(line) + "\n").collect();
        Example {
            files: self
                .files
                .iter()
                .map(|(path, file)| (path.clone(), text(file)))
                .collect(),
            ..self.clone()
        }
    }
}

/// How the mark of a line begins.
const MARK: &str = "# error";

/// What an example promises.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Promise {
    /// See [`Examples::fail`].
    Fail,
    /// See [`Examples::pass`].
    Pass,
    /// See [`Examples::skip`].
    Skip,
}

impl Promise {
    /// Its key in rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Promise::Fail => "fail",
            Promise::Pass => "pass",
            Promise::Skip => "skip",
        }
    }
}

/// A line on which a finding must be: `# error`, `# error: "part of the message"`, and with the
/// severity that it must have `# error[warning]`. A line carries one mark for each of its findings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What the message must contain; empty for any.
    pub text: String,
    /// The severity it must have; none for any.
    pub severity: Option<Severity>,
}

/// The marks of an example, in order.
#[must_use]
pub fn marks(example: &Example) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (path, text) in &example.files {
        for (index, line) in text.lines().enumerate() {
            let on_line = line.split(MARK).skip(1);
            marks.extend(on_line.filter_map(mark_parts).map(|(severity, text)| Mark {
                path: path.clone(),
                line: index + 1,
                text,
                severity,
            }));
        }
    }
    marks
}

/// What follows `# error` in a mark: severity and text; `None` when that makes it no mark.
fn mark_parts(rest: &str) -> Option<(Option<Severity>, String)> {
    let mut rest = rest.trim();
    let mut severity = None;
    if let Some(inner) = rest.strip_prefix('[') {
        let (word, behind) = inner.split_once(']')?;
        severity = Some(Severity::parse(word.trim())?);
        rest = behind.trim_start();
    }
    let text = match rest.strip_prefix(':') {
        Some(text) => text.trim().strip_prefix('"')?.strip_suffix('"')?,
        None if rest.is_empty() => "",
        None => return None,
    };
    Some((severity, text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(text: &str) -> Example {
        Example {
            files: vec![("a.yaml".to_owned(), text.to_owned())],
            ..Example::default()
        }
    }

    #[test]
    fn a_line_of_an_example_is_found_in_the_rule_file() {
        let file = "  a.yaml: |\n    a: 1\n    b: 2 # error\n    \n    c: 3\n";
        let example = Example {
            spans: vec![Span::new(10, file.len())],
            ..example("a: 1\nb: 2 # error\n\nc: 3\n")
        };
        let source = SourceFile::new("r.yaml", file);
        let found = |line| &file[example.locate("a.yaml", line, &source).unwrap().range()];
        assert_eq!((found(1), found(2), found(4)), ("a: 1", "# error", "c: 3"));
    }
}
