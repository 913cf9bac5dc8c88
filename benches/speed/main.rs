//! What a whole run costs, as a multiple of what any tool pays that parses all YAML.
//!
//! `cargo bench --bench speed` measures estates of 10, 1,000 and 20,000 files of about 10 KB;
//! `cargo bench --bench speed -- 1000` one of that size. Each is measured as processes of their
//! own, which read the same files: the bare events of the parser with comments on, one thread and
//! no tree, then `vmlint check`. Times are what a process has computed, user and system, as Linux
//! tells it; elsewhere nothing is measured. Small estates are run several times.

mod estate;

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use granit_parser::Parser;

const SIZES: [usize; 3] = [10, 1_000, 20_000];
/// Rules that hold hosts, machines, plans and backups against each other.
const RELATIONS: &str =
    "cross-vendor-move,compatibility-mode-off,backup-during-migration,host-migration-limit";
/// So many files are read in all for each figure, at least.
const ENOUGH: usize = 2_000;
/// The clock of processes ticks 100 times a second.
const TICK: Duration = Duration::from_millis(10);

fn main() -> io::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [mode, folder] = args.as_slice()
        && mode == "--events"
    {
        return events(Path::new(folder));
    }
    let sizes: Vec<usize> = args.iter().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { &SIZES } else { &*sizes };
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| files | MB | events | what | CPU / events | wall / one job | peak memory / bytes of ours |\n|---|---|---|---|---|---|---|"
    )?;
    for size in sizes {
        measure(*size, &mut out)?;
    }
    Ok(())
}

fn measure(size: usize, out: &mut impl io::Write) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("speed-{size}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let bytes = estate::write(&folder, size)?;
    let mut ours = 0;
    for file in files(&folder)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if estate::is_ours(&name) {
            ours += fs::metadata(&file)?.len();
        }
    }
    let me = std::env::current_exe()?;
    let path = folder.as_os_str();
    let reference = run(&me, &[OsStr::new("--events"), path], size)?;
    let vmlint = Path::new(env!("CARGO_BIN_EXE_vmlint"));
    let relations: &[&str] = &["--select", RELATIONS];
    let mut one_job = Duration::ZERO;
    for (what, jobs, extra) in [
        ("four rules", "1", relations),
        ("all rules", "1", &[]),
        ("all rules, two jobs", "2", &[]),
    ] {
        let mut words = vec![
            "check",
            "--no-progress",
            "--as-of",
            "2026-01-01",
            "--jobs",
            jobs,
        ];
        words.extend(extra);
        let mut words: Vec<&OsStr> = words.into_iter().map(OsStr::new).collect();
        words.push(path);
        let cost = run(vmlint, &words, size)?;
        if jobs == "1" {
            one_job = cost.wall;
        }
        writeln!(
            out,
            "| {size} | {:.1} | {:.2} s | {what} | {:.2} | {:.2} | {:.2} |",
            bytes as f64 / 1e6,
            reference.busy.as_secs_f64(),
            cost.busy.as_secs_f64() / reference.busy.as_secs_f64(),
            cost.wall.as_secs_f64() / one_job.as_secs_f64(),
            cost.peak as f64 / ours as f64,
        )?;
        out.flush()?;
    }
    fs::remove_dir_all(folder)
}

/// What one run of a program takes.
struct Cost {
    busy: Duration,
    wall: Duration,
    /// The most memory that it had, in bytes.
    peak: u64,
}

/// Runs a program as often as its size asks for, and answers with the mean; of memory, the most.
fn run(program: &Path, words: &[&OsStr], size: usize) -> io::Result<Cost> {
    let times = ENOUGH.div_ceil(size).min(50);
    let (before, started) = (busy_of_children()?, Instant::now());
    let mut peak = 0;
    for _ in 0..times {
        let mut command = Command::new(program);
        command
            .args(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        while child.try_wait()?.is_none() {
            peak = peak.max(peak_of(child.id()).unwrap_or(0));
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    let times = u32::try_from(times).unwrap_or(1);
    Ok(Cost {
        busy: (busy_of_children()? - before) / times,
        wall: started.elapsed() / times,
        peak,
    })
}

/// What children that have ended computed, user and system.
fn busy_of_children() -> io::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_ascii_whitespace().skip(13).take(2);
    let ticks: u32 = ticks.filter_map(|field| field.parse::<u32>().ok()).sum();
    Ok(TICK * ticks)
}

/// The most memory that a process has had so far, in bytes.
fn peak_of(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes << 10)
}

/// All files in the folders of an estate.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut all = Vec::new();
    for branch in fs::read_dir(folder)? {
        for file in fs::read_dir(branch?.path())? {
            all.push(file?.path());
        }
    }
    Ok(all)
}

/// Reads an estate as events and does nothing with them.
fn events(folder: &Path) -> io::Result<()> {
    let mut count = 0;
    for file in files(folder)? {
        let text = fs::read_to_string(file)?;
        count += Parser::new_from_str(&text)
            .take_while(Result::is_ok)
            .count();
    }
    writeln!(io::stdout(), "{count}")
}
