//! `--verbose`: logs each step of the library to stderr.

use log::{LevelFilter, Log, Metadata, Record};

use super::output::print_stderr;

/// Logs the steps of the library from now on: those of one `-v`, or all steps.
pub(super) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    // Fails only if a logger is already set; that one is then used.
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(level);
    }
}

struct Logger;

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            print_stderr(format_args!("msipctl: {}", record.args()));
        }
    }

    fn flush(&self) {}
}
