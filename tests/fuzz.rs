//! The fuzz targets on stable Rust: mutations of what the project has, for a bounded time.
//!
//! `VMLINT_FUZZ_SECONDS` is how long each target runs (2), `VMLINT_FUZZ_SEED` where the mutations
//! start (1). `cargo test --test fuzz -- yaml` runs one of them. What fails is written to
//! `target/tmp/fuzz-TARGET`; put it, made small, into `tests/hostile.rs` or the tests of its room.

#![expect(
    clippy::print_stderr,
    reason = "who runs it for long wants to know how far it is"
)]

mod fuzz_targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use fuzz_targets::{ALL, Target};
use libtest_mimic::{Arguments, Failed, Trial};

/// The longest input that mutation makes.
const LONGEST: usize = 20_000;

/// How long one input may take. Generous, as the build is a slow one and the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() {
    let mut arguments = Arguments::from_args();
    // Two at a time would make each other slow.
    arguments.test_threads = arguments.test_threads.or(Some(1));
    let trials = ALL
        .iter()
        .map(|target| Trial::test(target.name, || fuzz(target)));
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn number(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn fuzz(target: &Target) -> Result<(), Failed> {
    let started = Instant::now();
    let budget = Duration::from_secs(number("VMLINT_FUZZ_SECONDS", 2));
    let mut corpus = (target.seeds)();
    assert!(!corpus.is_empty(), "a target has seeds");
    let seeds = corpus.len();
    let mut random = Random(number("VMLINT_FUZZ_SEED", 1));
    let watch = Watch::over(target.name);
    let mut runs = 0_u64;
    let mut slowest = Duration::ZERO;
    for index in 0.. {
        let input = match corpus.get(index).filter(|_| index < seeds) {
            Some(seed) => seed.clone(),
            None if started.elapsed() > budget => break,
            None => mutated(&corpus, &mut random),
        };
        watch.begin(&input);
        let began = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        slowest = slowest.max(began.elapsed());
        watch.end();
        runs += 1;
        if ended.is_err() {
            let file = keep(target.name, &input);
            return Err(format!("run {runs} failed; its input is in {}", file.display()).into());
        }
        // Some mutations are mutated on, so that they wander away from the seeds.
        if index >= seeds && random.below(64) == 0 && corpus.len() < seeds + 500 {
            corpus.push(input);
        }
    }
    eprintln!(
        "{}: {runs} runs in {:.0?}, the slowest {slowest:.0?}",
        target.name,
        started.elapsed()
    );
    Ok(())
}

fn keep(name: &str, input: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{name}"));
    std::fs::write(&file, input).expect("the temporary folder can be written");
    file
}

/// Ends the process where an input takes too long, which no test can do from within.
struct Watch(Arc<Mutex<Run>>);

/// Since when it runs, and its input; none between two runs.
type Run = Option<(Instant, Vec<u8>)>;

impl Watch {
    fn over(name: &'static str) -> Self {
        let current: Arc<Mutex<Run>> = Arc::default();
        let watched = Arc::downgrade(&current);
        std::thread::spawn(move || {
            while let Some(current) = watched.upgrade() {
                if let Some((since, input)) = &*current.lock().expect("nobody panics with it")
                    && since.elapsed() > PATIENCE
                {
                    let file = keep(name, input);
                    eprintln!("{name} hangs; its input is in {}", file.display());
                    std::process::abort();
                }
                drop(current);
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        Watch(current)
    }

    fn begin(&self, input: &[u8]) {
        *self.0.lock().expect("nobody panics with it") = Some((Instant::now(), input.to_vec()));
    }

    fn end(&self) {
        *self.0.lock().expect("nobody panics with it") = None;
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most.max(1) as u64) as usize
    }
}

/// What breaks readers of text, put in at random.
const TOKENS: &[&str] = &[
    "\0",
    "\u{1b}[31m",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{202e}",
    "\r\n",
    "\r",
    "\t",
    "\n",
    "\n\n",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!x ",
    "? ",
    ": ",
    "- ",
    "|\n",
    ">-\n  ",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "\\",
    "#",
    " # vmlint: ignore[x] y\n",
    "{{ x }}",
    "${x}",
    "~",
    "null",
    "true",
    ".inf",
    ".nan",
    "-1",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e999",
    "0x7fffffffffffffff",
    "99999-12-31",
    "9999-12-31T23:59:59Z",
    "0000-01-01",
    "-0001-01-01",
    "9223372036854775807s",
    "P999999999999W",
    "99999999999999TiB",
    "9e99Gbps",
    "24:00",
    "23:59",
    "@reboot",
    "*/0",
    "59/59",
    "L",
    "W",
    "#6",
    "::error::x",
    "##vso[task.x]",
    "a.b.c",
    "()",
    "has(",
    ".exists(x, ",
    " && ",
    " || ",
    "!",
    "size()",
    "日本",
    "é",
    "🙂",
];

fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let length = 1 << random.below(9);
        let until = (at + random.below(length)).min(bytes.len());
        match random.below(9) {
            0 => drop(bytes.drain(at..until)),
            1 => {
                let part = bytes[at..until].to_vec();
                let times = 1 << random.below(6);
                let parts = part.repeat(times);
                drop(bytes.splice(at..at, parts));
            }
            2 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                let to = (from + random.below(512)).min(other.len());
                drop(bytes.splice(at..until, other[from..to].iter().copied()));
            }
            3 => {
                let other = random.below(bytes.len() + 1);
                let to = (other + random.below(64)).min(bytes.len());
                let part = bytes[other..to].to_vec();
                drop(bytes.splice(at..at, part));
            }
            4 if at < bytes.len() => bytes[at] = random.next() as u8,
            5 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            6 => bytes.truncate(at.max(1)),
            _ => {
                let token = TOKENS[random.below(TOKENS.len())];
                let token = token.repeat(1 + random.below(2) * random.below(40));
                drop(bytes.splice(at..at, token.into_bytes()));
            }
        }
    }
    bytes.truncate(LONGEST);
    bytes
}
