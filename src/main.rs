//! The vmlint binary: hands the world outside to the library, and its answer back.

use std::process::ExitCode;
use std::{env, io};

use io::{IsTerminal, Read};
use jiff::{Timestamp, tz::TimeZone};
use mimalloc::MiMalloc;
use vmlint::run::{Outside, run};

/// A run makes and drops many small things, which this allocator is much quicker at than most
/// systems are.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Standard input, which has no memory of its own before it is read.
struct Stdin;

impl Read for Stdin {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().read(buffer)
    }
}

fn main() -> ExitCode {
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let columns = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let exit = run(
        env::args_os(),
        &mut Outside {
            stdout_is_terminal: stdout.is_terminal(),
            stderr_is_terminal: stderr.is_terminal(),
            stdin: &mut Stdin,
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
