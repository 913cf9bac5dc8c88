//! What a run over one small file costs, as a multiple of a program that does nothing.
//!
//! `cargo bench --bench startup` builds that program with `rustc -O`, runs both in turn, and prints
//! how long each takes from its start by the system to its end; `cargo bench --bench startup -- FILE…`
//! does so for files of yours.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

/// How often each program runs; the best time counts.
const RUNS: usize = 400;

const NOTHING: &str = "fn main() {}";

const MACHINE: &str = "\
apiVersion: vmlint.dev/v1
kind: VirtualMachine
metadata: { name: sql01 }
spec:
  memory: { startup: 16GiB }
  processor: { count: 4 }
";

fn main() -> io::Result<()> {
    let folder = env::temp_dir().join(format!("vmlint-startup-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let measured = measure(&folder);
    fs::remove_dir_all(&folder)?;
    measured
}

fn measure(folder: &Path) -> io::Result<()> {
    let mut files: Vec<PathBuf> = env::args().skip(1).map(PathBuf::from).collect();
    files.retain(|file| file.is_file());
    if files.is_empty() {
        let file = folder.join("vm.yaml");
        fs::write(&file, MACHINE)?;
        files.push(file);
    }
    let nothing = nothing(folder)?;
    let vmlint = Path::new(env!("CARGO_BIN_EXE_vmlint"));
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "| file | nothing | vmlint | ratio |\n|---|---|---|---|"
    )?;
    for file in &files {
        let args = ["check", "--as-of", "2026-01-01"].map(PathBuf::from);
        let args = [args.as_slice(), std::slice::from_ref(file)].concat();
        let mut best = [Duration::MAX; 2];
        for _ in 0..RUNS {
            best[0] = best[0].min(run(&nothing, &[])?);
            best[1] = best[1].min(run(vmlint, &args)?);
        }
        let [nothing, vmlint] = best.map(|time| time.as_secs_f64() * 1e3);
        writeln!(
            out,
            "| {} | {nothing:.2} ms | {vmlint:.2} ms | {:.1} |",
            file.display(),
            vmlint / nothing
        )?;
    }
    Ok(())
}

/// Builds the program that does nothing.
fn nothing(folder: &Path) -> io::Result<PathBuf> {
    let (source, program) = (folder.join("nothing.rs"), folder.join("nothing"));
    fs::write(&source, NOTHING)?;
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let built = Command::new(rustc)
        .args(["-O".as_ref(), source.as_os_str(), "-o".as_ref()])
        .arg(&program)
        .status()?;
    match built.success() {
        true => Ok(program),
        false => Err(io::Error::other(
            "the program that does nothing does not build",
        )),
    }
}

/// Runs a program, and tells how long that takes.
fn run(program: &Path, args: &[PathBuf]) -> io::Result<Duration> {
    let start = Instant::now();
    let quiet = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    quiet.map(|_| start.elapsed())
}
