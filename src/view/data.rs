//! What the page is drawn from: one JSON object, with times in seconds from the start of the week.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::board::{Board, Line, word};
use crate::facts::{
    By, Clash, Entry, HostCard, HostCurve, LoadStep, Reason, Topic, Verdict, Window,
};
use crate::schedule::Instant;

/// All data of the page; rows are those of `by` at first.
pub(super) fn data(board: &Board<'_>, by: By) -> Json {
    json!({
        "week": week(board),
        "by": key(by),
        "entries": board.agenda.entries.iter().zip(&board.windows)
            .map(|(entry, windows)| of_entry(board, entry, windows)).collect::<Vec<_>>(),
        "rows": rows(board),
        "collisions": collisions(board),
        "later": later(board),
        "absent": absent(board),
        "withoutEnd": board.without_end(),
        "possible": board.possible,
        "matrix": matrix(board),
        "loads": board.curves.iter().map(|curve| of_curve(board, curve)).collect::<Vec<_>>(),
    })
}

fn key(by: By) -> &'static str {
    match by {
        By::Machine => "vm",
        By::Host => "host",
        By::Cluster => "cluster",
    }
}

fn week(board: &Board<'_>) -> Json {
    let week = &board.week;
    let seconds = |at: Instant| at.since(week.start());
    let slots = week.slots(24);
    let day = |(index, day): (usize, jiff::civil::Date)| {
        json!({
            "at": seconds(slots[24 * index]),
            "name": day.strftime("%a").to_string(),
            "date": day.strftime("%-d %b").to_string(),
        })
    };
    // Hours that a clock change skips have no tick.
    let hours = slots.windows(2).zip((0..24).cycle());
    let hours = hours.filter(|(slot, _)| slot[0] < slot[1]);
    json!({
        "number": week.number(),
        "from": week.days()[0].to_string(),
        "until": week.days()[6].to_string(),
        "zone": week.zone().name(),
        "length": seconds(week.end()),
        "days": week.days().into_iter().enumerate().map(day).collect::<Vec<_>>(),
        "hours": hours.map(|(slot, hour)| json!([seconds(slot[0]), hour])).collect::<Vec<_>>(),
    })
}

/// `[start, end, words]`; the end is null where nobody knows it.
fn time(board: &Board<'_>, window: Window) -> Json {
    timed(board, window, board.week.show(window))
}

fn timed(board: &Board<'_>, window: Window, words: String) -> Json {
    let seconds = |at: Instant| at.since(board.week.start());
    json!([seconds(window.start), window.end.map(seconds), words])
}

/// Windows by their starts. Of very many those close to each other are one, as a page can neither
/// show nor hold them all.
fn times(board: &Board<'_>, windows: &[Window]) -> Vec<Json> {
    const MANY: usize = 700;
    const CLOSE: i64 = 15 * 60;
    if windows.len() <= MANY {
        return windows.iter().map(|it| time(board, *it)).collect();
    }
    let ends = |window: &Window| window.end.unwrap_or(window.start);
    let close = |one: &Window, next: &Window| next.start.since(ends(one)) < CLOSE;
    let joined = |run: &[Window]| match run {
        [one] => time(board, *one),
        _ => {
            let whole = Window {
                start: run[0].start,
                end: run.iter().map(ends).max(),
            };
            let words = format!("{}, {} times", board.week.show(whole), run.len());
            timed(board, whole, words)
        }
    };
    windows.chunk_by(close).map(joined).collect()
}

fn of_entry(board: &Board<'_>, entry: &Entry, windows: &[Window]) -> Json {
    json!({
        "kind": word(entry.activity),
        "name": entry.name,
        "place": board.place_of(entry),
        "machines": entry.machines.len(),
        "times": times(board, windows),
    })
}

fn rows(board: &Board<'_>) -> Json {
    let of = |by| {
        let (lines, all) = board.lines(by);
        let rows: Vec<Json> = lines.iter().map(|line| row(board, line)).collect();
        json!({ "all": all, "shown": rows })
    };
    json!({
        key(By::Machine): of(By::Machine),
        key(By::Host): of(By::Host),
        key(By::Cluster): of(By::Cluster),
    })
}

fn row(board: &Board<'_>, line: &Line) -> Json {
    json!({
        "name": line.name,
        "place": line.place.map(|place| board.place(place)),
        "host": line.host,
        "cluster": line.cluster,
        "entries": line.entries,
        "collisions": line.collisions,
        "load": line.curve,
    })
}

fn collisions(board: &Board<'_>) -> Vec<Json> {
    const NAMED: usize = 12;
    let item = |clash: &Clash| {
        json!({
            "first": clash.first,
            "second": clash.second,
            "words": board.words(clash),
            "machines": board.machines(&clash.machines, NAMED),
            "places": board.places(clash),
            "count": clash.times().len(),
            "times": times(board, clash.times()),
        })
    };
    board.collisions.iter().map(item).collect()
}

fn later(board: &Board<'_>) -> Vec<Json> {
    let item = |clash: &Clash| {
        json!({
            "when": clash.next().map(|next| board.week.show_start(next.start)),
            "words": board.words(clash),
            "places": board.places(clash),
        })
    };
    board.later.iter().map(item).collect()
}

fn absent(board: &Board<'_>) -> Vec<Json> {
    let absences = board.absences().into_iter();
    absences
        .map(|absence| {
            json!({
                "kind": word(absence.entry.activity),
                "name": absence.entry.name,
                "why": absence.why,
                "place": board.place_of(absence.entry),
            })
        })
        .collect()
}

fn of_curve(board: &Board<'_>, curve: &HostCurve) -> Json {
    let step = |step: &LoadStep| {
        let window = Window {
            start: step.from,
            end: (step.until > step.from).then_some(step.until),
        };
        json!({
            "time": time(board, window),
            "load": step.load,
            "possible": step.possible,
            "plans": step.entries,
            "over": curve.exceeds(step),
        })
    };
    json!({
        "host": board.agenda.host_name(curve.host),
        "limit": curve.limit,
        "origin": curve.origin,
        "place": board.place(curve.limit_place),
        "peak": curve.peak(),
        "steps": curve.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

/// Verdicts by the kinds of hosts, so that they take little space where many hosts are alike.
fn matrix(board: &Board<'_>) -> Json {
    let agenda = board.agenda;
    let kinds = agenda.kinds_of_hosts();
    let mut cells = Vec::new();
    let mut table = Verdicts::default();
    for from in &kinds {
        let mut row = Vec::new();
        for to in &kinds {
            // Between two hosts of one kind, where there are two.
            let other = to.iter().find(|to| **to != from[0]);
            row.push(other.map(|to| table.number(agenda.pair(from[0], *to))));
        }
        cells.push(row);
    }
    let kind_of: BTreeMap<u32, usize> = kinds
        .iter()
        .enumerate()
        .flat_map(|(kind, hosts)| hosts.iter().map(move |host| (*host, kind)))
        .collect();
    let host = |card: HostCard| {
        let place = |place| board.place(place);
        json!({
            "name": card.name,
            "place": place(card.place),
            "cluster": card.cluster,
            "processor": card.processor,
            "places": card.places.map(|it| it.map(place)),
            "kind": kind_of.get(&card.host),
        })
    };
    json!({
        "hosts": agenda.host_cards().into_iter().map(host).collect::<Vec<_>>(),
        "verdicts": table.all,
        "cells": cells,
    })
}

/// Each verdict with its reasons once.
#[derive(Default)]
struct Verdicts {
    all: Vec<Json>,
    numbers: BTreeMap<Vec<Reason>, usize>,
}

impl Verdicts {
    fn number(&mut self, (verdict, reasons): (Verdict, Vec<Reason>)) -> usize {
        let all = &mut self.all;
        *self.numbers.entry(reasons).or_insert_with_key(|reasons| {
            let reason = |reason: &Reason| {
                json!({
                    "verdict": spelled(reason.verdict),
                    "text": reason.text,
                    "topic": Topic::ALL.iter().position(|topic| *topic == reason.topic),
                })
            };
            all.push(json!({
                "verdict": spelled(verdict),
                "reasons": reasons.iter().map(reason).collect::<Vec<_>>(),
            }));
            all.len() - 1
        })
    }
}

fn spelled(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => "works",
        Verdict::Conditional => "conditional",
        Verdict::Unknown => "unknown",
        Verdict::Never => "never",
    }
}
