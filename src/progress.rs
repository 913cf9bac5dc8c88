//! A progress bar, for runs that take long enough to ask oneself whether anything happens.

use std::sync::Once;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How long a run stays silent.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears when the work takes over half a second.
pub(crate) struct Progress {
    bar: ProgressBar,
    started: Instant,
    shown: Once,
    wanted: bool,
}

impl Progress {
    /// A bar for so many files; it never appears where it is not `wanted`.
    pub(crate) fn new(files: usize, wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(files as u64), ProgressDrawTarget::hidden());
        if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
            bar.set_style(style);
        }
        Progress {
            bar,
            started: Instant::now(),
            shown: Once::new(),
            wanted,
        }
    }

    /// One more file is read.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
        if self.wanted && self.started.elapsed() > PATIENCE {
            self.shown
                .call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
    }

    /// Removes the bar.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
