//! The examples in rule files: small estates of which it is known what a rule says about them.
//!
//! Running them is not done here; [`judge`] says whether what came out is what was promised.

use std::collections::BTreeMap;

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

/// One example.
#[derive(Clone, Debug, Default)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// Path and text of each file.
    pub files: Vec<(String, String)>,
    /// The same for the files that fixes of the rule change, as they are then; none where nothing
    /// is said of fixes.
    pub fixed: Option<Vec<(String, String)>>,
    /// The same for the state before the change, which change rules compare with.
    pub base: Vec<(String, String)>,
    /// The as-of date, where it matters.
    pub as_of: Option<String>,
    /// The text of `.vmlint.yaml`.
    pub config: Option<String>,
}

impl Example {
    /// The same example without its marks, to be shown to people.
    #[must_use]
    pub fn unmarked(&self) -> Self {
        let without = |line: &str| {
            let mut parts = line.split("# error");
            let before = parts.next().unwrap_or_default();
            let marked = parts.clone().next().is_some() && parts.all(|it| mark_text(it).is_some());
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

/// A line on which a finding must be: `# error`, or `# error: "part of the message"`. A line
/// carries one mark for each of its findings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mark {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// What the message must contain; empty for any.
    pub text: String,
}

/// A finding of the rule at hand, as far as examples go.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Seen {
    /// The file of its primary location.
    pub path: String,
    /// The line of its primary location, from 1.
    pub line: usize,
    /// Its message.
    pub message: String,
}

/// The marks of an example, in order.
#[must_use]
pub fn marks(example: &Example) -> Vec<Mark> {
    let mut marks = Vec::new();
    for (path, text) in &example.files {
        for (index, line) in text.lines().enumerate() {
            let on_line = line.split("# error").skip(1);
            marks.extend(on_line.filter_map(mark_text).map(|text| Mark {
                path: path.clone(),
                line: index + 1,
                text,
            }));
        }
    }
    marks
}

/// What follows `# error` in a mark, `None` when that makes it no mark.
fn mark_text(rest: &str) -> Option<String> {
    let rest = rest.trim();
    match rest.strip_prefix(':') {
        Some(text) => {
            let text = text.trim().strip_prefix('"')?.strip_suffix('"')?;
            Some(text.to_owned())
        }
        None => rest.is_empty().then(String::new),
    }
}

/// Holds what a rule found in an example against what the example promises. `passes` counts the
/// objects that were evaluated and passed; nothing is asked of it for rules without conditions.
///
/// # Errors
/// What is not as promised, in a sentence.
pub fn judge(
    promise: Promise,
    example: &Example,
    seen: &[Seen],
    passes: Option<usize>,
) -> Result<(), String> {
    let marks = marks(example);
    if promise != Promise::Fail {
        if let Some(mark) = marks.first() {
            return Err(format!(
                "{}:{}: only `fail` examples have `# error` marks",
                mark.path, mark.line
            ));
        }
        if let Some(seen) = seen.first() {
            return Err(format!(
                "{}:{}: nothing should be found here, but: {}",
                seen.path, seen.line, seen.message
            ));
        }
    }
    match (promise, passes) {
        (Promise::Fail, _) => compare(marks, seen),
        (Promise::Pass, Some(0)) => {
            Err("the rule applies to nothing here, so this shows nothing".to_owned())
        }
        (Promise::Skip, Some(1..)) => {
            Err("the rule applies here and passes, so this is a `pass` example".to_owned())
        }
        _ => Ok(()),
    }
}

/// Holds what the fixes of a rule made of an example against what the example promises: the files
/// of `fixed` have become what it says, and all others are as they were.
///
/// # Errors
/// What is not as promised, in a sentence.
pub fn judge_fixed(
    promise: Promise,
    example: &Example,
    after: &[(String, String)],
) -> Result<(), String> {
    let Some(fixed) = &example.fixed else {
        return Ok(());
    };
    if promise != Promise::Fail {
        return Err("only `fail` examples say what is `fixed`".to_owned());
    }
    let before = example.unmarked().files;
    for (path, _) in fixed {
        if !before.iter().any(|(known, _)| known == path) {
            return Err(format!(
                "{path}: `fixed` names a file that is not in `files`"
            ));
        }
    }
    for (path, text) in before {
        let promised = fixed.iter().find(|(fixed, _)| *fixed == path);
        let wanted = promised.map_or(&text, |(_, text)| text);
        let found = after.iter().find(|(after, _)| *after == path);
        let found = found.map_or(&text, |(_, text)| text);
        let mut lines = (1..).zip(wanted.lines().zip(found.lines()));
        if let Some((line, (wanted, found))) = lines.find(|(_, (a, b))| a != b) {
            return Err(format!(
                "{path}:{line}: fixed, this is `{}`, not `{}`",
                found.trim(),
                wanted.trim()
            ));
        }
        if wanted != found {
            let lines = (found.lines().count(), wanted.lines().count());
            return Err(format!(
                "{path}: fixed, it has {} lines, not {}",
                lines.0, lines.1
            ));
        }
    }
    Ok(())
}

/// Matches marks and findings one to one; the more particular marks choose first.
fn compare(mut marks: Vec<Mark>, seen: &[Seen]) -> Result<(), String> {
    if marks.is_empty() {
        return Err("no line is marked with `# error`".to_owned());
    }
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.text.len()));
    let mut left: BTreeMap<usize, &Seen> = seen.iter().enumerate().collect();
    for mark in marks {
        let met = left.iter().find(|(_, seen)| {
            (&seen.path, seen.line) == (&mark.path, mark.line) && seen.message.contains(&mark.text)
        });
        match met.map(|(index, _)| *index) {
            Some(index) => left.remove(&index),
            None => {
                return Err(format!(
                    "{}:{}: no finding for this mark",
                    mark.path, mark.line
                ));
            }
        };
    }
    match left.values().next() {
        None => Ok(()),
        Some(seen) => Err(format!(
            "{}:{}: not marked with `# error`: {}",
            seen.path, seen.line, seen.message
        )),
    }
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

    fn seen(line: usize, message: &str) -> Seen {
        Seen {
            path: "a.yaml".to_owned(),
            line,
            message: message.to_owned(),
        }
    }

    #[test]
    fn every_finding_is_marked_and_every_mark_is_met() {
        let two = example("a: 1 # error\nb: 2  # error: \"much\" # error\n");
        let all = [seen(2, "too much"), seen(1, "bad"), seen(2, "bad")];
        assert_eq!(judge(Promise::Fail, &two, &all, Some(0)), Ok(()));
        assert_eq!(
            judge(Promise::Fail, &two, &all[1..], Some(0)),
            Err("a.yaml:2: no finding for this mark".to_owned())
        );
        let more = [all.as_slice(), &[seen(3, "odd")]].concat();
        assert_eq!(
            judge(Promise::Fail, &two, &more, Some(0)),
            Err("a.yaml:3: not marked with `# error`: odd".to_owned())
        );
    }

    #[test]
    fn what_is_fixed_is_as_promised_and_the_rest_as_it_was() {
        let file = |path: &str, text: &str| (path.to_owned(), text.to_owned());
        let mut both = example("a: 1 # error\nb: 2\n");
        both.files.push(file("b.yaml", "c: 3\n"));
        let judged = |example: &Example, a: &str, b: &str| {
            judge_fixed(
                Promise::Fail,
                example,
                &[file("a.yaml", a), file("b.yaml", b)],
            )
        };
        assert_eq!(judged(&both, "anything", ""), Ok(()));
        both.fixed = Some(vec![file("a.yaml", "a: 0\nb: 2\n")]);
        assert_eq!(judged(&both, "a: 0\nb: 2\n", "c: 3\n"), Ok(()));
        assert_eq!(
            judged(&both, "a: 1\nb: 2\n", "c: 3\n"),
            Err("a.yaml:1: fixed, this is `a: 1`, not `a: 0`".to_owned())
        );
        assert_eq!(
            judged(&both, "a: 0\nb: 2\n", "c: 4\n"),
            Err("b.yaml:1: fixed, this is `c: 4`, not `c: 3`".to_owned())
        );
        assert!(judged(&both, "a: 0\nb: 2\nd: 5\n", "c: 3\n").is_err());
        assert!(judge_fixed(Promise::Pass, &both, &[]).is_err());
        both.fixed = Some(vec![file("c.yaml", "")]);
        assert!(judged(&both, "", "").is_err());
    }

    #[test]
    fn a_pass_is_not_vacuous_and_a_skip_is() {
        let plain = example("a: 1 # errors are no marks\n");
        assert!(judge(Promise::Pass, &plain, &[], Some(1)).is_ok());
        assert!(judge(Promise::Pass, &plain, &[], None).is_ok());
        assert!(judge(Promise::Pass, &plain, &[], Some(0)).is_err());
        assert!(judge(Promise::Pass, &plain, &[seen(1, "bad")], Some(1)).is_err());
        assert!(judge(Promise::Skip, &plain, &[], Some(0)).is_ok());
        assert!(judge(Promise::Skip, &plain, &[], Some(1)).is_err());
    }
}
