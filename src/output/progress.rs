//! The progress of a run over many files, on terminals only.

use std::fmt;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// The minimum number of files with a progress line.
const MANY: usize = 10;

/// The time before the line appears. A shorter run shows none.
const PATIENCE: Duration = Duration::from_millis(500);

/// The maximum number of redraws per second.
const RATE: u8 = 10;

const TEMPLATE: &str = "{wide_bar} {human_pos} of {human_len} files, {rate}, {eta} left";

/// The progress line on stderr. It is never written to a pipe or a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Option<Shown>);

#[derive(Debug, Clone)]
struct Shown {
    bar: ProgressBar,
    begin: Instant,
    /// Whether rows go to the terminal, too.
    with_rows: bool,
}

impl Progress {
    /// Starts the progress of a run over a number of files.
    pub(super) fn over(files: usize) -> Self {
        let is_shown = files >= MANY && io::stderr().is_terminal();
        // The steps that `--verbose` logs already show progress.
        if !is_shown || log::max_level() != log::LevelFilter::Off {
            return Self(None);
        }
        let hidden = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(u64::try_from(files).ok(), hidden);
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("rate", rate));
        }
        Self(Some(Shown { bar, begin: Instant::now(), with_rows: io::stdout().is_terminal() }))
    }

    /// Counts a file, from any thread.
    pub(crate) fn advance(&self) {
        let Some(Shown { bar, begin, .. }) = &self.0 else { return };
        bar.inc(1);
        if bar.is_hidden() && begin.elapsed() >= PATIENCE {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(RATE));
        }
    }

    /// Prints something on the terminal while the line is hidden.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(Shown { bar, .. }) => bar.suspend(print),
            None => print(),
        }
    }

    /// Prints rows. If they go to the terminal, too, the line is hidden meanwhile.
    pub(super) fn aside_of_rows<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(Shown { bar, with_rows: true, .. }) => bar.suspend(print),
            _ => print(),
        }
    }

    /// Removes the line.
    pub(super) fn end(&self) {
        if let Some(Shown { bar, .. }) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Writes the number of files per second.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    let rate = state.per_sec();
    let digits = usize::from(rate < 10.0);
    // An error only hides the rate.
    let _ = write!(out, "{rate:.digits$}/s");
}
