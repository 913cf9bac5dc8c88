//! `docs/time.md`: its tables say what the schedules do, its examples show what vmlint says, and its
//! column about croniter is what croniter gives. `UPDATE=1 cargo test --test time_page` rewrites
//! the page.
//!
//! Where croniter is not installed that column is not checked, and the test says so; with `CI` set
//! it fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its page fails")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};
use vmlint::run::{Outside, run};
use vmlint::schedule::{
    At, Cron, Instant, Occurrence, Occurrences, Recurrence, Schedule, Search, TimeOfDay, Weekly,
    Zone, parse_duration, parse_weekday,
};

const CRONITER: &str = r"
import json, sys
import croniter
from datetime import datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo, reset_tzpath

reset_tzpath(to=[])  # the data of the package tzdata, not those of the machine

def starts(zone, cron, date):
    at = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(zone)) - timedelta(days=2)
    runs = croniter.croniter(cron, at)
    while True:
        run = runs.get_next(datetime)
        if run.date().isoformat() > date:
            return
        if run.date().isoformat() == date:
            yield run.strftime('%H:%M') + run.isoformat()[-6:]

rows = json.load(sys.stdin)
json.dump({'version': version('croniter'), 'starts': [list(starts(*row)) for row in rows]}, sys.stdout)
";

/// The page, and what it says after what vmlint and croniter say is put in.
struct Page {
    text: String,
}

impl Page {
    fn path() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/time.md")
    }

    fn read() -> Self {
        let text = fs::read_to_string(Self::path())
            .unwrap()
            .replace("\r\n", "\n");
        Page { text }
    }

    /// The rows of the table whose head begins so, as cells without backticks.
    fn rows(&self, head: &str) -> Vec<Vec<&str>> {
        let lines = self.text.lines().skip_while(|line| !line.starts_with(head));
        let rows: Vec<Vec<&str>> = lines
            .skip(2)
            .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
            .map(|line| {
                line.split(" | ")
                    .map(|cell| cell.trim_matches('`'))
                    .collect()
            })
            .collect();
        assert!(!rows.is_empty(), "there is no table {head}");
        rows
    }

    /// Compares a column of that table, or rewrites it when `UPDATE` is set.
    fn fresh_column(head: &str, column: usize, wanted: &[String]) {
        let page = Page::read();
        let found: Vec<&str> = page.rows(head).iter().map(|row| row[column]).collect();
        if std::env::var_os("UPDATE").is_none() {
            assert_eq!(found, wanted, "docs/time.md, {head}, column {column}");
            return;
        }
        let mut wanted = wanted.iter();
        let mut inside = false;
        let mut text = String::new();
        for line in page.text.lines() {
            inside = line.starts_with(head) || inside && line.starts_with('|');
            let row = inside && !line.starts_with(head) && !line.starts_with("|---");
            let mut cells: Vec<&str> = line.split(" | ").collect();
            if row {
                cells[column] = wanted.next().unwrap();
                let last = if column + 1 == cells.len() { " |" } else { "" };
                let _ = writeln!(text, "{}{last}", cells.join(" | "));
            } else {
                let _ = writeln!(text, "{line}");
            }
        }
        fs::write(Page::path(), text).unwrap();
    }
}

const CRONS: &str = "| zone | cron |";
const WINDOWS: &str = "| zone | schedule |";

/// What starts on a date of the zone. The search begins two days before, in UTC.
fn on(schedule: &Schedule, rules: &TimeZone, day: Date) -> Vec<Occurrence> {
    let search = Search::new(day.yesterday().unwrap().yesterday().unwrap());
    let date = |at: Instant| rules.to_datetime(timestamp(at)).date();
    Occurrences::of(schedule, &search)
        .iter()
        .filter(|one| date(one.start) == day)
        .collect()
}

fn timestamp(at: Instant) -> Timestamp {
    Timestamp::from_second(at.unix()).unwrap()
}

/// An instant as the tables have it: `02:30+01:00`.
fn clock(rules: &TimeZone, at: Instant) -> String {
    timestamp(at)
        .to_zoned(rules.clone())
        .strftime("%H:%M%:z")
        .to_string()
}

fn listed(starts: &[String]) -> String {
    match starts {
        [] => "none".to_owned(),
        some => some.join(", "),
    }
}

fn zone(name: &str) -> (Zone, TimeZone) {
    let rules = TimeZoneDatabase::bundled().get(name).unwrap();
    (Zone::parse(name).unwrap(), rules)
}

fn cron(text: &str) -> Recurrence {
    Recurrence::Cron(Cron::parse(text).unwrap().0)
}

/// A schedule as the page writes it.
fn written(text: &str, zone: Zone) -> Schedule {
    let value: Value = serde_yaml::from_str(text).unwrap();
    let text = |key: &str| value[key].as_str();
    let recurrence = match (text("cron"), text("at")) {
        (Some(expression), _) => cron(expression),
        (_, Some(at)) => Recurrence::Once(At::parse(at).unwrap()),
        _ => Recurrence::Weekly(Weekly::new(
            value["days"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|day| parse_weekday(day.as_str().unwrap()).unwrap()),
            [],
            TimeOfDay::parse(text("start").unwrap()).unwrap(),
            text("end").map(|end| TimeOfDay::parse_end(end).unwrap()),
        )),
    };
    let schedule = Schedule::new(recurrence, zone);
    match text("duration") {
        Some(length) => schedule.lasting(parse_duration(length).unwrap()),
        None => schedule,
    }
}

#[test]
fn crons_start_as_the_page_says() {
    let page = Page::read();
    let starts = |row: &Vec<&str>| {
        let (zone, rules) = zone(row[0]);
        let found = on(
            &Schedule::new(cron(row[1]), zone),
            &rules,
            row[2].parse().unwrap(),
        );
        let clocks: Vec<_> = found.iter().map(|one| clock(&rules, one.start)).collect();
        listed(&clocks)
    };
    let wanted: Vec<_> = page.rows(CRONS).iter().map(starts).collect();
    Page::fresh_column(CRONS, 3, &wanted);
}

#[test]
fn windows_start_and_end_as_the_page_says() {
    let page = Page::read();
    let window = |row: &Vec<&str>| {
        let (zone, rules) = zone(row[0]);
        let schedule = written(row[1], zone);
        let found = on(&schedule, &rules, row[2].parse().unwrap());
        let [one] = found[..] else {
            panic!("{} windows: {row:?}", found.len());
        };
        if one.is_empty() {
            return format!("{}, empty", clock(&rules, one.start));
        }
        let end = one.end.unwrap();
        let minutes = end.since(one.start) / 60;
        let (start, end) = (clock(&rules, one.start), clock(&rules, end));
        format!("{start} to {end}, {}:{:02} h", minutes / 60, minutes % 60)
    };
    let wanted: Vec<_> = page.rows(WINDOWS).iter().map(window).collect();
    Page::fresh_column(WINDOWS, 3, &wanted);
}

#[test]
fn croniter_does_what_the_page_says() {
    let page = Page::read();
    let rows: Vec<_> = page
        .rows(CRONS)
        .iter()
        .map(|row| json!([row[0], row[1], row[2]]))
        .collect();
    let Some(answer) = croniter(&Value::from(rows).to_string()) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "croniter is not installed, and CI is set"
        );
        // Not captured by the test harness, unlike `eprintln!`.
        let _ = writeln!(
            std::io::stderr(),
            "NOT CHECKED: croniter is not installed (python3 -m pip install croniter tzdata)"
        );
        return;
    };
    let version = answer["version"].as_str().unwrap();
    assert!(
        page.text.contains(&format!("what release {version} gives")),
        "docs/time.md speaks of another release of croniter than {version}"
    );
    let wanted: Vec<_> = answer["starts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|starts| listed(&serde_json::from_value::<Vec<String>>(starts.clone()).unwrap()))
        .collect();
    Page::fresh_column(CRONS, 4, &wanted);
}

/// What croniter gives for rows of zone, cron and date; nothing where it is not installed.
fn croniter(rows: &str) -> Option<Value> {
    let installed = Command::new("python3")
        .args(["-c", "import croniter, tzdata"])
        .stderr(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        return None;
    }
    let mut python = Command::new("python3")
        .args(["-c", CRONITER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python
        .stdin
        .take()
        .unwrap()
        .write_all(rows.as_bytes())
        .unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success(), "croniter's script fails");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// What vmlint prints when it is run in a folder.
fn output(folder: &Path, command: &str) -> String {
    let mut stdout = Vec::new();
    let mut outside = Outside {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut std::io::sink(),
        stdout_is_terminal: false,
        stderr_is_terminal: false,
        columns: Some(100),
        env: &|_| None,
        today: jiff::civil::date(2026, 1, 1),
        working_directory: folder.to_owned(),
    };
    let args = command.split(' ').chain(["--format", "pretty"]);
    let _ = run(args.map(Into::into), &mut outside);
    String::from_utf8(stdout).unwrap()
}

#[test]
fn the_examples_show_what_vmlint_says() {
    let page = Page::read();
    let folder = tempfile::tempdir().unwrap();
    let mut parts = page.text.split("```");
    let mut text = parts.next().unwrap().to_owned();
    let mut sessions = 0;
    while let (Some(block), Some(prose)) = (parts.next(), parts.next()) {
        let mut block = block.to_owned();
        if let Some((name, _)) = block
            .strip_prefix("yaml\n# ")
            .and_then(|rest| rest.split_once('\n'))
        {
            let yaml = block.strip_prefix("yaml\n").unwrap();
            fs::write(folder.path().join(name), yaml).unwrap();
        }
        if let Some(session) = block.strip_prefix("console\n$ ") {
            let (command, _) = session.split_once('\n').unwrap();
            let said = output(folder.path(), command);
            assert!(said.contains("error["), "{command} finds nothing: {said}");
            block = format!("console\n$ {command}\n{}\n", said.trim_end());
            sessions += 1;
        }
        text += &format!("```{block}```{prose}");
    }
    assert_eq!(sessions, 3);
    if std::env::var_os("UPDATE").is_some() {
        fs::write(Page::path(), text).unwrap();
        return;
    }
    assert!(
        text == page.text,
        "docs/time.md is stale; run `UPDATE=1 cargo test --test time_page`\n{text}"
    );
}
