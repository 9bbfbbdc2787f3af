//! How far a run over many files has come, on a terminal only.

use std::fmt;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// From so many files on it is worth a line.
const MANY: usize = 10;

/// Nothing is shown of a run that is over by then.
const PATIENCE: Duration = Duration::from_millis(500);

/// So often a second the line is drawn anew at most.
const RATE: u8 = 10;

const TEMPLATE: &str = "{wide_bar} {human_pos} of {human_len} files, {rate}, {eta} left";

/// The line on stderr that tells how far a run has come. It is never part of a pipe or a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Option<Shown>);

#[derive(Debug, Clone)]
struct Shown {
    bar: ProgressBar,
    begin: Instant,
    /// Whether rows are printed on the terminal, too.
    with_rows: bool,
}

impl Progress {
    /// Begins a run over so many files.
    pub(super) fn over(files: usize) -> Self {
        let is_shown = files >= MANY && io::stderr().is_terminal();
        // The steps that `--verbose` tells are progress enough.
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

    /// Does what prints something on the terminal while the line is away.
    pub(super) fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(Shown { bar, .. }) => bar.suspend(print),
            None => print(),
        }
    }

    /// Does what prints rows while the line is away, where they are printed on the terminal, too.
    pub(super) fn aside_of_rows<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(Shown { bar, with_rows: true, .. }) => bar.suspend(print),
            _ => print(),
        }
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if let Some(Shown { bar, .. }) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// Writes how many files a second there were.
fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    let rate = state.per_sec();
    let digits = usize::from(rate < 10.0);
    // What cannot be written is not shown.
    let _ = write!(out, "{rate:.digits$}/s");
}
