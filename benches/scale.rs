//! How long large estates take, as a multiple of parsing the same text, and what doubling them does.
//!
//! `cargo bench --bench scale` measures every shape at 12,500, 25,000 and 50,000 policies;
//! `cargo bench --bench scale -- shared 1000 2000` one shape at these sizes. Both times are those of
//! one thread, where the system tells them (Linux), else what the clock shows.

mod estates;

use std::io::Write;
use std::time::{Duration, Instant};

use estates::Shape;
use granit_parser::Parser;
use vmlint::discover::{self, Outcome};
use vmlint::facts::VOCABULARY;
use vmlint::inventory::World;
use vmlint::rules::RuleSet;
use vmlint::verdict::Levels;
use vmlint::{Options, formats};

/// The best of so many runs counts.
const RUNS: usize = 2;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let sizes: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = match sizes.is_empty() {
        true => vec![12_500, 25_000, 50_000],
        false => sizes,
    };
    let asked = |shape: &Shape| {
        let named = args.iter().any(|arg| arg == shape.name());
        let any = Shape::ALL
            .iter()
            .any(|shape| args.iter().any(|arg| arg == shape.name()));
        named || !any
    };
    let rules = rules();
    let levels = Levels::new(rules.names());
    let options = Options {
        as_of: jiff::civil::date(2026, 1, 1),
        levels,
        settings: std::sync::Arc::default(),
        baseline: None,
        world: World::Closed,
        explain_skips: false,
        fingerprints: false,
    };
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "| shape | policies | resources | MB | findings | parse | check | check / parse | doubling |\n|---|---|---|---|---|---|---|---|---|"
    )?;
    for shape in Shape::ALL.into_iter().filter(asked) {
        let mut before: Option<(usize, Duration)> = None;
        for size in &sizes {
            let files = estates::files(shape, *size);
            let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
            let parse = best(|| files.iter().map(|(_, text)| events(text)).sum::<usize>()).0;
            let (check, (findings, resources)) = best(|| {
                let checked = vmlint::check(outcomes(&files), &rules, &options, &|| {});
                (checked.findings.len(), checked.summary.resources)
            });
            let ratio = check.as_secs_f64() / parse.as_secs_f64();
            let growth = before
                .filter(|(half, _)| half * 2 == *size)
                .map_or_else(String::new, |(_, half)| {
                    format!("{:.2}", check.as_secs_f64() / half.as_secs_f64())
                });
            writeln!(
                out,
                "| {} | {size} | {resources} | {:.1} | {findings} | {:.2} s | {:.2} s | {ratio:.1} | {growth} |",
                shape.name(),
                bytes as f64 / 1e6,
                parse.as_secs_f64(),
                check.as_secs_f64(),
            )?;
            out.flush()?;
            before = Some((*size, check));
        }
    }
    Ok(())
}

fn rules() -> RuleSet {
    let Ok(mut rules) = RuleSet::load(VOCABULARY, []) else {
        unreachable!("built-in rules are valid");
    };
    assert!(rules.prepare(|_| true).is_ok(), "built-in rules compile");
    rules
}

fn outcomes(files: &[(String, String)]) -> Vec<Outcome> {
    let decode = |(path, text): &(String, String)| {
        discover::decode(path.clone(), text.as_bytes(), formats::concerns_us)
    };
    files.iter().map(decode).collect()
}

/// How many events the parser has for a text, whose tree nobody makes.
fn events(text: &str) -> usize {
    Parser::new_from_str(text).take_while(Result::is_ok).count()
}

/// The shortest time of a few runs on one thread, and what the last one gives.
fn best<T: Send>(run: impl Fn() -> T + Sync) -> (Duration, T) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let Ok(pool) = pool else {
        unreachable!("a thread can be started");
    };
    pool.install(|| {
        let mut shortest = Duration::MAX;
        let mut last = None;
        for _ in 0..RUNS {
            let (wall, busy) = (Instant::now(), busy());
            last = Some(run());
            let took = match (busy, self::busy()) {
                (Some(before), Some(after)) => after.saturating_sub(before),
                _ => wall.elapsed(),
            };
            shortest = shortest.min(took);
        }
        match last {
            Some(last) => (shortest, last),
            None => unreachable!("there is a run"),
        }
    })
}

/// How long this thread has been running, where the system tells.
fn busy() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
