//! Whether what a rule found in an example is what the example promises.

use std::collections::BTreeMap;

use super::{Example, MARK, Mark, Promise, mark_parts, marks};
use crate::diagnostic::Severity;

impl Mark {
    fn fits(&self, seen: &Seen) -> bool {
        seen.message.contains(&self.text)
            && self
                .severity
                .is_none_or(|severity| severity == seen.severity)
    }
}

/// Something that is not as an example promises.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// The file and line it is about; none where it is about the example as a whole.
    pub place: Option<(String, usize)>,
    /// What is not as promised, in a sentence without a full stop.
    pub message: String,
}

impl Mismatch {
    fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Mismatch {
            place: Some((path.to_owned(), line)),
            message: message.into(),
        }
    }

    fn of_all(message: &str) -> Self {
        Mismatch {
            place: None,
            message: message.to_owned(),
        }
    }
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
    /// Its severity.
    pub severity: Severity,
}

/// Comments that look like marks and are none, as `# error "text"`.
fn malformed(example: &Example) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    for (path, text) in &example.files {
        for (index, line) in text.lines().enumerate() {
            let mut rests = line.split(MARK).skip(1);
            let meant = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric());
            if rests.any(|rest| meant(rest) && mark_parts(rest).is_none()) {
                let message = "this is no mark: write `# error`, `# error: \"text\"` or \
                               `# error[warning]: \"text\"`";
                mismatches.push(Mismatch::at(path, index + 1, message));
            }
        }
    }
    mismatches
}

/// Holds what a rule found in an example against what the example promises. `passes` counts the
/// objects that were evaluated and passed; nothing is asked of it for rules without conditions.
#[must_use]
pub fn judge(
    promise: Promise,
    example: &Example,
    seen: &[Seen],
    passes: Option<usize>,
) -> Vec<Mismatch> {
    let malformed = malformed(example);
    if !malformed.is_empty() {
        return malformed;
    }
    let marks = marks(example);
    if promise == Promise::Fail {
        return compare(marks, seen);
    }
    let marked = marks.iter().map(|mark| {
        let message = "only `fail` examples have `# error` marks";
        Mismatch::at(&mark.path, mark.line, message)
    });
    let found = seen.iter().map(|seen| {
        let message = format!("nothing should be found here, but: {}", seen.message);
        Mismatch::at(&seen.path, seen.line, message)
    });
    let mut mismatches: Vec<_> = marked.chain(found).collect();
    if mismatches.is_empty() {
        mismatches.extend(match (promise, passes) {
            (Promise::Pass, Some(0)) => Some(Mismatch::of_all(
                "the rule applies to nothing here, so this shows nothing",
            )),
            (Promise::Skip, Some(1..)) => Some(Mismatch::of_all(
                "the rule applies here and passes, so this is a `pass` example",
            )),
            _ => None,
        });
    }
    mismatches
}

/// Holds what the fixes of a rule made of an example against what the example promises: the files
/// of `fixed` have become what it says, and all others are as they were.
#[must_use]
pub fn judge_fixed(
    promise: Promise,
    example: &Example,
    after: &[(String, String)],
) -> Option<Mismatch> {
    let fixed = example.fixed.as_ref()?;
    if promise != Promise::Fail {
        return Some(Mismatch::of_all("only `fail` examples say what is `fixed`"));
    }
    let before = example.unmarked().files;
    let known = |path: &String| before.iter().any(|(known, _)| known == path);
    if let Some((path, _)) = fixed.iter().find(|(path, _)| !known(path)) {
        let message = format!("`fixed` names a file that is not in `files`: `{path}`");
        return Some(Mismatch::of_all(&message));
    }
    before.iter().find_map(|(path, text)| {
        let promised = fixed.iter().find(|(fixed, _)| fixed == path);
        let wanted = promised.map_or(text, |(_, text)| text);
        let found = after.iter().find(|(after, _)| after == path);
        let found = found.map_or(text, |(_, text)| text);
        let mut lines = (1..).zip(wanted.lines().zip(found.lines()));
        let message = match lines.find(|(_, (wanted, found))| wanted != found) {
            Some((line, (wanted, found))) => format!(
                "line {line} of `{path}` becomes `{}`, not `{}`",
                found.trim(),
                wanted.trim()
            ),
            None if wanted != found => format!(
                "`{path}` has {} lines when it is fixed, not {}",
                found.lines().count(),
                wanted.lines().count()
            ),
            None => return None,
        };
        Some(Mismatch::of_all(&message))
    })
}

/// Matches marks and findings one to one; the more particular marks choose first.
fn compare(mut marks: Vec<Mark>, seen: &[Seen]) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    if marks.is_empty() {
        mismatches.push(Mismatch::of_all("no line is marked with `# error`"));
    }
    marks.sort_by_key(|mark| std::cmp::Reverse((mark.text.len(), mark.severity.is_some())));
    let mut left: BTreeMap<usize, &Seen> = seen.iter().enumerate().collect();
    let mut unmet = Vec::new();
    for mark in marks {
        match position(&left, &mark, |seen| mark.fits(seen)) {
            Some(index) => {
                left.remove(&index);
            }
            None => unmet.push(mark),
        }
    }
    for mark in unmet {
        let other = position(&left, &mark, |_| true).and_then(|index| left.remove(&index));
        let message = match other {
            Some(seen) if seen.message.contains(&mark.text) => {
                format!("the severity here is {}", seen.severity)
            }
            Some(seen) => format!(
                "the message here has no \"{}\": {}",
                mark.text, seen.message
            ),
            None => "no finding for this mark".to_owned(),
        };
        mismatches.push(Mismatch::at(&mark.path, mark.line, message));
    }
    mismatches.extend(left.values().map(|seen| {
        let message = format!("not marked with `# error`: {}", seen.message);
        Mismatch::at(&seen.path, seen.line, message)
    }));
    mismatches.sort_by(|a, b| a.place.cmp(&b.place));
    mismatches
}

/// The first finding on the line of a mark that will do.
fn position(
    left: &BTreeMap<usize, &Seen>,
    mark: &Mark,
    will_do: impl Fn(&Seen) -> bool,
) -> Option<usize> {
    let found = left
        .iter()
        .find(|(_, seen)| (&seen.path, seen.line) == (&mark.path, mark.line) && will_do(seen));
    found.map(|(index, _)| *index)
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
            severity: Severity::Warning,
        }
    }

    #[test]
    fn every_finding_is_marked_and_every_mark_is_met() {
        let two = example("a: 1 # error\nb: 2  # error: \"much\" # error\n");
        let all = [seen(2, "too much"), seen(1, "bad"), seen(2, "bad")];
        assert_eq!(judge(Promise::Fail, &two, &all, Some(0)), []);
        assert_eq!(
            judge(Promise::Fail, &two, &all[1..], Some(0)),
            [Mismatch::at("a.yaml", 2, "no finding for this mark")]
        );
        let more = [all.as_slice(), &[seen(3, "odd")]].concat();
        assert_eq!(
            judge(Promise::Fail, &two, &more, Some(0)),
            [Mismatch::at("a.yaml", 3, "not marked with `# error`: odd")]
        );
        let other = [seen(1, "bad"), seen(2, "bad"), seen(2, "odd")];
        assert_eq!(
            judge(Promise::Fail, &two, &other, Some(0)),
            [Mismatch::at(
                "a.yaml",
                2,
                "the message here has no \"much\": odd"
            )]
        );
        assert_eq!(judge(Promise::Fail, &two, &[], Some(0)).len(), 3);
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
        assert_eq!(judged(&both, "anything", ""), None);
        both.fixed = Some(vec![file("a.yaml", "a: 0\nb: 2\n")]);
        assert_eq!(judged(&both, "a: 0\nb: 2\n", "c: 3\n"), None);
        assert_eq!(
            judged(&both, "a: 1\nb: 2\n", "c: 3\n"),
            Some(Mismatch::of_all(
                "line 1 of `a.yaml` becomes `a: 1`, not `a: 0`"
            ))
        );
        assert_eq!(
            judged(&both, "a: 0\nb: 2\n", "c: 4\n"),
            Some(Mismatch::of_all(
                "line 1 of `b.yaml` becomes `c: 4`, not `c: 3`"
            ))
        );
        assert!(judged(&both, "a: 0\nb: 2\nd: 5\n", "c: 3\n").is_some());
        assert!(judge_fixed(Promise::Pass, &both, &[]).is_some());
        both.fixed = Some(vec![file("c.yaml", "")]);
        assert!(judged(&both, "", "").is_some());
    }

    #[test]
    fn a_mark_can_ask_for_a_severity() {
        let judged = |text: &str| {
            judge(
                Promise::Fail,
                &example(text),
                &[seen(1, "too much")],
                Some(0),
            )
        };
        assert_eq!(judged("a: 1 # error[warning]\n"), []);
        assert_eq!(judged("a: 1 # error[warning]: \"much\"\n"), []);
        assert_eq!(
            judged("a: 1 # error[error]: \"much\"\n"),
            [Mismatch::at("a.yaml", 1, "the severity here is warning")]
        );
        for malformed in [
            "# error much",
            "# error \"much\"",
            "# error[fatal]",
            "# error: much",
        ] {
            let text = format!("a: 1 {malformed}\n");
            let mismatches = judged(&text);
            assert!(
                mismatches[0].message.starts_with("this is no mark"),
                "{malformed}"
            );
        }
    }

    #[test]
    fn a_pass_is_not_vacuous_and_a_skip_is() {
        let plain = example("a: 1 # errors are no marks\n");
        let fits = |promise, seen: &[Seen], passes| judge(promise, &plain, seen, passes).is_empty();
        assert!(fits(Promise::Pass, &[], Some(1)));
        assert!(fits(Promise::Pass, &[], None));
        assert!(!fits(Promise::Pass, &[], Some(0)));
        assert!(!fits(Promise::Pass, &[seen(1, "bad")], Some(1)));
        assert!(fits(Promise::Skip, &[], Some(0)));
        assert!(!fits(Promise::Skip, &[], Some(1)));
        assert!(!fits(Promise::Fail, &[], Some(1)));
    }
}
