//! A progress bar, for runs that take long enough to ask oneself whether anything happens.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a run stays silent.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears when the work takes over half a second.
pub(crate) struct Progress {
    files: usize,
    read: AtomicU64,
    started: Instant,
    /// Made when it appears.
    bar: OnceLock<ProgressBar>,
    wanted: bool,
}

impl Progress {
    /// A bar for so many files; it never appears where it is not `wanted`.
    pub(crate) fn new(files: usize, wanted: bool) -> Self {
        Progress {
            files,
            read: AtomicU64::new(0),
            started: Instant::now(),
            bar: OnceLock::new(),
            wanted,
        }
    }

    /// One more file is read.
    pub(crate) fn step(&self) {
        let read = self.read.fetch_add(1, Ordering::Relaxed) + 1;
        if self.wanted && self.started.elapsed() > PATIENCE {
            let bar = self.bar.get_or_init(|| bar(self.files));
            bar.set_position(read);
        }
    }

    /// Removes the bar.
    pub(crate) fn done(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(files: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
        bar.set_style(style);
    }
    bar
}
