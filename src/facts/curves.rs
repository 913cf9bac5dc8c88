//! How many live migrations each host takes over time, against its limit.
//!
//! What plans put on a host comes from `loads`, the limit from `capacity`. Hosts that maintenance
//! empties take migrations too; those are in no plan and not counted here.

use super::agenda::{Activity, Agenda, Window};
use super::loads;
use super::openings::Takes;
use crate::schedule::Instant;
use crate::source::Location;

/// The live migrations of one host in a span of time.
#[derive(Clone, Debug)]
pub struct HostCurve {
    /// The number of the host.
    pub host: u32,
    /// How many it takes at once; nobody knows where none.
    pub limit: Option<i64>,
    /// Who says so, in words that follow a number.
    pub origin: String,
    /// Where it is said; where nothing is, what the default depends on.
    pub limit_place: Location,
    /// From the start of the span on, without gaps; where nothing is going on, the load is 0.
    pub steps: Vec<LoadStep>,
}

/// A time with one load.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoadStep {
    /// Its first instant.
    pub from: Instant,
    /// The first instant after it; the same as `from` where only that is known.
    pub until: Instant,
    /// Live migrations at once, for certain.
    pub load: i64,
    /// How many more there may be: moves that may be live or lead there, and windows without an end.
    pub possible: i64,
    /// Numbers of the plans among the entries that are going on for certain.
    pub entries: Vec<u32>,
}

impl HostCurve {
    /// Whether a step is over the limit.
    #[must_use]
    pub fn exceeds(&self, step: &LoadStep) -> bool {
        self.limit.is_some_and(|limit| step.load > limit)
    }

    /// The largest load.
    #[must_use]
    pub fn peak(&self) -> i64 {
        self.steps.iter().map(|step| step.load).max().unwrap_or(0)
    }
}

/// A plan on a host.
struct Part {
    entry: u32,
    certain: i64,
    possible: i64,
    windows: Vec<Window>,
}

impl Agenda<'_> {
    /// The curve of every host that a plan touches in a span of time, by the numbers of the hosts.
    #[must_use]
    pub fn curves(&self, from: Instant, until: Instant) -> Vec<HostCurve> {
        let facts = self.facts;
        let mut curves = Vec::new();
        for (host, shares) in loads::shares_of_hosts(facts) {
            let part = |(plan, takes): &(u32, Takes)| {
                let entry = self.number(Activity::Migration, *plan);
                let windows = self.windows(&self.entries[entry as usize], from, until);
                (!windows.is_empty()).then_some(Part {
                    entry,
                    certain: takes.least,
                    possible: takes.most,
                    windows,
                })
            };
            let parts: Vec<Part> = shares.iter().filter_map(part).collect();
            if parts.is_empty() {
                continue;
            }
            let limit = &facts.limits[host as usize];
            let placement = &facts.placements.hosts[host as usize];
            let declared = &facts.inventory.hosts[host as usize];
            curves.push(HostCurve {
                host,
                limit: limit.value.known().copied(),
                origin: limit.origin_text(&facts.inventory, placement),
                limit_place: limit
                    .place(&facts.inventory, placement, declared)
                    .location(),
                steps: steps(&parts, from, until),
            });
        }
        curves
    }
}

/// A plan at an instant that a sweep has come to.
#[derive(Clone, Default)]
struct Going {
    /// How many windows are open for certain.
    open: u32,
    /// Whether one has started whose end is not known.
    endless: bool,
}

/// A change at an instant: ends come before starts, as windows that only touch are one after the
/// other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    End(usize),
    Start(usize),
    EndlessStart(usize),
}

fn steps(parts: &[Part], from: Instant, until: Instant) -> Vec<LoadStep> {
    let mut changes: Vec<(Instant, Change)> = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        for window in &part.windows {
            let start = window.start.max(from);
            match window.end {
                Some(end) => {
                    changes.push((start, Change::Start(number)));
                    changes.push((end, Change::End(number)));
                }
                None => changes.push((start, Change::EndlessStart(number))),
            }
        }
    }
    changes.retain(|(at, _)| *at < until);
    changes.sort_unstable();
    let mut going = vec![Going::default(); parts.len()];
    let mut steps = vec![step(parts, &going, from)];
    for here in changes.chunk_by(|one, other| one.0 == other.0) {
        let at = here[0].0;
        let mut endless = Vec::new();
        for (_, change) in here {
            match *change {
                Change::End(part) => going[part].open -= 1,
                Change::Start(part) => going[part].open += 1,
                Change::EndlessStart(part) => {
                    going[part].open += 1;
                    endless.push(part);
                }
            }
        }
        add(&mut steps, step(parts, &going, at));
        if !endless.is_empty() {
            for part in endless {
                going[part].open -= 1;
                going[part].endless = true;
            }
            steps.push(step(parts, &going, at));
        }
    }
    let ends = steps.iter().skip(1).map(|step| step.from).chain([until]);
    let ends: Vec<Instant> = ends.collect();
    for (step, end) in steps.iter_mut().zip(ends) {
        step.until = end;
    }
    steps
}

/// Adds what comes next, in place of a step that lasts no time, and not where nothing changes.
fn add(steps: &mut Vec<LoadStep>, next: LoadStep) {
    if steps.len() == 1 && steps[0].from == next.from {
        steps.clear();
    }
    let same = |last: &LoadStep| {
        last.load == next.load && last.possible == next.possible && last.entries == next.entries
    };
    if !steps.last().is_some_and(same) {
        steps.push(next);
    }
}

fn step(parts: &[Part], going: &[Going], at: Instant) -> LoadStep {
    let mut step = LoadStep {
        from: at,
        until: at,
        load: 0,
        possible: 0,
        entries: Vec::new(),
    };
    for (part, going) in parts.iter().zip(going) {
        if going.open > 0 {
            step.load += part.certain;
            step.possible += part.possible - part.certain;
            if part.certain > 0 {
                step.entries.push(part.entry);
            }
        } else if going.endless {
            step.possible += part.possible;
        }
    }
    step
}
