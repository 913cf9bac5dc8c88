//! What a fuzzer feeds: one function a target, from bytes, which must come back without a panic.
//!
//! `tests/fuzz.rs` runs them on stable Rust for a bounded time, `fuzz/` under cargo-fuzz. Whoever
//! adds a reader of text that strangers write adds a target for it here.

mod seeds;

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use jiff::civil::date;
use vmlint::discover::{self, Outcome, Viewpoint};
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::report::{self, Format, Report, Style};
use vmlint::rules::RuleSet;
use vmlint::schedule::{
    At, Cron, Days, Extent, Occurrences, Recurrence, Robfig, RobfigStarts, RobfigZone, Schedule,
    Search, TimeOfDay, WeekOfMonth, Weekly, Zone, first_overlap, format_duration, longest_gap,
    parse_duration, parse_weekday, self_overlap,
};
use vmlint::settings::{Access, Settings};
use vmlint::source::{SourceFile, Sources, Span};
use vmlint::verdict::{Baseline, Levels};
use vmlint::yaml::{Node, covered_by, parse, parse_events, parse_fast, path_at};
use vmlint::{Checked, Options, formats, yaml};

/// A function that is fed.
pub(crate) struct Target {
    /// Its name, that of its file in `fuzz/fuzz_targets` too.
    pub(crate) name: &'static str,
    /// Takes any bytes.
    pub(crate) run: fn(&[u8]),
    /// Good inputs to start from.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets.
pub(crate) const ALL: &[Target] = &[
    Target {
        name: "yaml",
        run: yaml,
        seeds: seeds::estates,
    },
    Target {
        name: "yaml_fast",
        run: yaml_fast,
        seeds: seeds::yaml,
    },
    Target {
        name: "estate",
        run: estate,
        seeds: seeds::estates,
    },
    Target {
        name: "formats",
        run: formats,
        seeds: seeds::formats,
    },
    Target {
        name: "powershell",
        run: powershell,
        seeds: seeds::scripts,
    },
    Target {
        name: "parse_inside",
        run: parse_inside,
        seeds: seeds::yaml,
    },
    Target {
        name: "robfig",
        run: robfig,
        seeds: seeds::crons,
    },
    Target {
        name: "schedule",
        run: schedule,
        seeds: seeds::schedules,
    },
    Target {
        name: "expression",
        run: expression,
        seeds: seeds::expressions,
    },
    Target {
        name: "rule",
        run: rule,
        seeds: seeds::rules,
    },
    Target {
        name: "settings",
        run: settings,
        seeds: seeds::settings,
    },
    Target {
        name: "suppressions",
        run: suppressions,
        seeds: seeds::suppressions,
    },
    Target {
        name: "baseline",
        run: baseline,
        seeds: seeds::baselines,
    },
];

/// Reads bytes as YAML and asks everything that can be asked of the tree.
pub(crate) fn yaml(bytes: &[u8]) {
    let Ok(file) = SourceFile::decode("a.yaml", bytes) else {
        return;
    };
    assert_eq!(file.encode(), bytes, "a file is written as it was read");
    let text = file.text();
    let stream = parse(text);
    let fits = |span: Span| assert!(text.get(span.range()).is_some(), "{span:?}");
    if let Some(failure) = &stream.failure {
        fits(failure.span);
    }
    for document in &stream.documents {
        fits(document.span);
        let mut left = 10_000;
        visit(document.root(), text, &mut left);
        for comment in &document.comments {
            fits(comment.span);
            covered_by(document, comment).map(fits);
        }
        let span = document.root().span();
        let _ = path_at(document.root(), span);
    }
}

/// The fast path makes the tree that the events of the parser make, or gives up.
pub(crate) fn yaml_fast(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(fast) = parse_fast(&text) {
        assert!(
            fast == parse_events(&text),
            "both readers make the same tree"
        );
    }
}

/// `left` bounds how much of what aliases stand for is looked at.
fn visit(node: Node<'_>, text: &str, left: &mut usize) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    let spans = [node.span(), node.place().span];
    assert!(
        spans.iter().all(|span| text.get(span.range()).is_some()),
        "{spans:?}"
    );
    let _ = (node.value(), node.text(), node.is_template());
    for entry in node.entries() {
        visit(entry.key, text, left);
        visit(entry.value, text, left);
    }
    for item in node.items() {
        visit(item, text, left);
    }
}

/// The whole road, with all rules and all outputs.
pub(crate) fn estate(bytes: &[u8]) {
    let mut whole = b"# vmlint.dev\n".to_vec();
    whole.extend_from_slice(bytes);
    let found = discover::decode("a.yaml".to_owned(), &whole, formats::concerns_us);
    let checked = checked(vec![found], &BUILT_IN);
    show(&checked, &BUILT_IN);
}

/// What stands at the start of a line before the path of the next file.
pub(crate) const NEXT_FILE: &str = "#@ ";

/// Files of other formats, on the whole road. What is found lies in the files.
pub(crate) fn formats(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut files: Vec<(&str, String)> = vec![("a.yaml", String::new())];
    for line in text.split_inclusive('\n') {
        match line.strip_prefix(NEXT_FILE) {
            Some(path) => {
                // A file has a name, and mutation may leave none.
                let path = Some(path.trim()).filter(|path| !path.is_empty());
                files.push((path.unwrap_or("b.yaml"), String::new()));
            }
            None => {
                if let Some((_, text)) = files.last_mut() {
                    text.push_str(line);
                }
            }
        }
    }
    let found = files.into_iter().map(|(path, text)| {
        discover::decode(path.to_owned(), text.as_bytes(), formats::concerns_us)
    });
    let checked = checked(found.collect(), &BUILT_IN);
    for finding in &checked.findings {
        let labels = finding.labels.iter().map(|label| label.location);
        for location in labels.chain([finding.location]) {
            let text = checked.sources.get(location.file).text();
            let within = text.get(location.span.range()).is_some();
            assert!(within, "{}: {location:?}", finding.rule);
        }
    }
    show(&checked, &BUILT_IN);
}

/// PowerShell in tasks: as a block, folded, and in quotes.
pub(crate) fn powershell(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let quoted = serde_json::to_string(&text).expect("text is JSON");
    let indented = text.lines().fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "        {line}");
        all
    });
    let tasks = [
        format!("|\n{indented}"),
        format!(">-\n{indented}"),
        quoted.clone(),
        format!("{{ script: {quoted} }}"),
    ];
    for task in tasks {
        let module = ["win_shell", "win_powershell"][usize::from(task.starts_with('{'))];
        formats(format!("- hosts: hv01\n  tasks:\n    - {module}: {task}\n").as_bytes());
    }
}

/// A text within a text: what is read of it lies where it is written.
pub(crate) fn parse_inside(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let outer = text.lines().fold("a: |2\n".to_owned(), |mut all, line| {
        let _ = writeln!(all, "  {line}");
        all
    });
    let stream = parse(&outer);
    let scalars = stream.documents.iter().filter_map(|it| it.root().get("a"));
    for scalar in scalars.map(|entry| entry.value) {
        let Some(inner) = yaml::parse_inside(scalar, &mut yaml::Room::default()) else {
            continue;
        };
        let fits = |span: Span| {
            assert!(outer.get(span.range()).is_some(), "{span:?}");
            assert!(scalar.span().contains(span), "{span:?} is outside");
        };
        for document in &inner.documents {
            fits(document.span);
            visit(document.root(), &outer, &mut 10_000);
            let comments = document.comments.iter();
            comments.for_each(|comment| fits(comment.span));
            for problem in &document.problems {
                fits(problem.span);
            }
            let _ = path_at(document.root(), document.root().span());
        }
    }
}

/// Lines of crons as the products of Kubernetes read them.
pub(crate) fn robfig(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let search = Search::new(date(2026, 1, 1));
    for line in text.lines().take(8) {
        let cron = match Robfig::parse(line) {
            Ok(cron) => cron,
            Err(error) => {
                let wrong = line.get(error.range.clone());
                assert!(wrong.is_some(), "{line:?}: {error:?}");
                continue;
            }
        };
        let RobfigZone::Named(zone) = cron.zone else {
            continue;
        };
        if let RobfigStarts::Cron(starts) = cron.starts {
            let schedule = Schedule::new(Recurrence::Cron(starts), zone.clone()).lasting(3_600);
            let occurrences = Occurrences::of(&schedule, &search);
            let _ = self_overlap(&occurrences);
            let _ = first_overlap(&occurrences, &occurrences);
            for occurrence in occurrences.iter().take(20) {
                assert!(occurrence.end.is_none_or(|end| occurrence.start <= end));
                let _ = zone.show_window(occurrence.start, occurrence.end);
            }
        }
    }
}

static BUILT_IN: LazyLock<RuleSet> = LazyLock::new(|| {
    let mut rules = RuleSet::load(VOCABULARY, []).expect("built-in rules are valid");
    rules.prepare(|_| true).expect("built-in rules compile");
    rules
});

fn checked(found: Vec<Outcome>, rules: &RuleSet) -> Checked {
    let levels = Levels::new(rules.iter().map(|it| (it.id.clone(), it.topic.clone())));
    let options = Options {
        as_of: date(2026, 1, 1),
        levels,
        settings: Arc::default(),
        baseline: None,
        world: World::Closed,
        fingerprints: true,
        explain_skips: true,
    };
    vmlint::check(found, rules, &options, &|| {})
}

/// Writes findings in all formats; nothing in them may act on who reads them.
fn show(checked: &Checked, rules: &RuleSet) {
    for format in Format::ALL {
        let mut report = Report::plain(&checked.findings, &checked.sources, &checked.summary);
        report.rules = Some(rules);
        let style = Style {
            color: false,
            unicode: format != Format::Concise,
            width: 80,
        };
        let mut out = Vec::new();
        report::write(format, &report, &style, &mut out).expect("memory can be written");
        let out = String::from_utf8(out).expect("reports are UTF-8");
        let raw = |c: char| c.is_control() && c != '\n';
        assert!(!out.contains(raw), "{format:?} has a raw control character");
        let commands = matches!(format, Format::Github | Format::Azure);
        let lines = out.lines().filter(|_| !commands);
        for line in lines {
            let line = line.trim_start();
            assert!(!line.starts_with("::"), "{format:?}: {line}");
            assert!(!line.contains("##vso["), "{format:?}: {line}");
        }
    }
}

/// Lines of a text, each of another part of a schedule.
pub(crate) fn schedule(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let mut line = || lines.next().unwrap_or_default();
    let (first, zone, length, day, other) = (line(), line(), line(), line(), line());
    let zone = Zone::parse(zone).unwrap_or_else(|_| Zone::utc());
    let length = parse_duration(length).ok();
    let shown = length.map(format_duration);
    assert_ne!(shown.as_deref(), Some(""), "every length has a name");
    let time = TimeOfDay::parse(first).ok();
    let weekly = time.and_then(|time| {
        let until = TimeOfDay::parse_end(other).ok();
        let weeks = WeekOfMonth::parse(other).ok();
        Some(Weekly::new([parse_weekday(day).ok()?], weeks, time, until))
    });
    let cron = Cron::parse(first).ok();
    let recurrences = [
        cron.map(|(cron, _)| Recurrence::Cron(cron)),
        At::parse(first).ok().map(Recurrence::Once),
        weekly.map(Recurrence::Weekly),
    ];
    let as_of = day.parse().unwrap_or(date(2026, 1, 1));
    let search = Search::new(as_of);
    for recurrence in recurrences.into_iter().flatten() {
        let bare = Schedule::new(recurrence, zone.clone());
        let schedule = match length {
            Some(length) => bare.clone().lasting(length),
            None => bare.clone(),
        };
        let occurrences = Occurrences::of(&schedule, &search);
        let bare = Occurrences::of(&bare, &search);
        let _ = self_overlap(&occurrences);
        let _ = first_overlap(&occurrences, &bare);
        let _ = longest_gap(&[(&schedule, &occurrences)], &search);
        let mut shown = String::new();
        for occurrence in occurrences.iter().take(20) {
            let window = zone.show_window(occurrence.start, occurrence.end);
            shown.push_str(&window);
        }
        let _ = (Extent::of(&schedule), occurrences.clock_change());
        if let Some(days) = Days::of(&schedule, Extent::of(&schedule), &search) {
            let _ = days.meeting_itself();
        }
    }
}

/// An estate in which rules find something to look at.
const ESTATE: &str = include_str!("estate.yaml");

fn fixed_estate() -> Vec<Outcome> {
    let file = SourceFile::new("estate.yaml", ESTATE);
    vec![Outcome::Read(file)]
}

/// A condition of a rule: checked, compiled, and held against an estate.
pub(crate) fn expression(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let quoted = serde_json::to_string(&text).expect("text is JSON");
    let mut file = String::from(
        "id: x-rule\ntitle: t\nseverity: error\nrationale: r\nfor: vm in vms\nat: vm.name\n\
         message: '{vm.name}'\nhelp: h\n",
    );
    let _ = writeln!(file, "deny: {quoted}");
    rule(file.as_bytes());
}

/// A rule file.
pub(crate) fn rule(bytes: &[u8]) {
    let Ok(file) = SourceFile::decode("rules/x-rule.yaml", bytes) else {
        return;
    };
    let tell = |findings: &[_], sources: &_| {
        let checked = Report::plain(findings, sources, &EMPTY);
        let mut out = Vec::new();
        let style = Style {
            color: false,
            unicode: true,
            width: 80,
        };
        report::write(Format::Pretty, &checked, &style, &mut out).expect("memory can be written");
        let out = String::from_utf8(out).expect("reports are UTF-8");
        assert!(!out.contains(|c: char| c.is_control() && c != '\n'));
    };
    match RuleSet::of(VOCABULARY, [file]) {
        Err(invalid) => tell(&invalid.findings, &invalid.sources),
        Ok(mut rules) => match rules.prepare(|_| true) {
            Err(findings) => tell(&findings, rules.sources()),
            Ok(()) => show(&checked(fixed_estate(), &rules), &rules),
        },
    }
}

static EMPTY: LazyLock<report::Summary> = LazyLock::new(report::Summary::default);

/// A settings file, which may extend itself.
pub(crate) fn settings(bytes: &[u8]) {
    let read = |path: &Path| match path.file_name() {
        Some(_) => Ok(bytes.to_vec()),
        None => Err("no such file".to_owned()),
    };
    let here = Path::new("/repository");
    let access = Access {
        read: &read,
        working_directory: here,
        boundary: Some(here),
    };
    match Settings::load(&here.join(".vmlint.yaml"), &access) {
        Ok(settings) => {
            let packs = settings.packs().into_iter();
            let stray = packs.filter(|(_, folder)| !discover::is_within(folder, here));
            assert_eq!(stray.count(), 0, "no rule pack lies outside");
        }
        Err(invalid) => assert!(!invalid.findings.is_empty(), "a refusal says why"),
    }
}

/// Comments: each line of the text stands behind a line of an estate, then above one.
pub(crate) fn suppressions(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let comments: Vec<&str> = text.lines().collect();
    let mut beside = String::new();
    let mut above = String::new();
    // Only some of it, as each input is checked and shown in all formats.
    for (index, line) in ESTATE.lines().take(120).enumerate() {
        let comment = comments.get(index % comments.len().max(1)).unwrap_or(&"");
        let _ = writeln!(beside, "{line} # {comment}");
        let _ = writeln!(above, "# {comment}\n{line}");
    }
    for text in [beside, above] {
        let found = discover::decode("a.yaml".to_owned(), text.as_bytes(), formats::concerns_us);
        show(&checked(vec![found], &BUILT_IN), &BUILT_IN);
    }
}

/// A baseline, and what is written of it.
pub(crate) fn baseline(bytes: &[u8]) {
    let Ok(file) = SourceFile::decode("baseline.jsonl", bytes) else {
        return;
    };
    let mut sources = Sources::default();
    let id = sources.add(file);
    let Ok(baseline) = Baseline::parse(id, sources.get(id), Viewpoint::default()) else {
        return;
    };
    let rendered = baseline.render();
    let id = sources.add(SourceFile::new("again.jsonl", rendered.as_str()));
    let again = Baseline::parse(id, sources.get(id), Viewpoint::default());
    let again = again.expect("what is written can be read");
    assert_eq!(again.render(), rendered);
}
