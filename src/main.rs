//! The vmlint binary: hands the world outside to the library, and its answer back.

use std::process::ExitCode;
use std::{env, io};

use io::IsTerminal;
use jiff::{Timestamp, tz::TimeZone};
use mimalloc::MiMalloc;
use vmlint::run::{Outside, run};

/// A run makes and drops many small things, which this allocator is much quicker at than most
/// systems are.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let (stdin, stdout, mut stderr) = (io::stdin(), io::stdout(), io::stderr());
    let columns = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let exit = run(
        env::args_os(),
        &mut Outside {
            stdout_is_terminal: stdout.is_terminal(),
            stderr_is_terminal: stderr.is_terminal(),
            stdin: &mut stdin.lock(),
            stdout: &mut stdout.lock(),
            // Not locked: the progress bar writes to it from other threads.
            stderr: &mut stderr,
            columns: columns.or_else(terminal),
            env: &|name| env::var(name).ok(),
            today: Timestamp::now().to_zoned(TimeZone::UTC).date(),
            working_directory: env::current_dir().unwrap_or_default(),
        },
    );
    ExitCode::from(exit as u8)
}
