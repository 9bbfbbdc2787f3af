//! Ctrl+C: requests that a run stops, and exits the program the second time.

use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use super::exit::Exit;
use msipctl_core::fleet::Stop;

/// The request to stop this run.
static STOP: Stop = Stop::new();

/// Whether the request came from the keyboard.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Returns the request to stop a run over many files, which Ctrl+C makes from now on. A second Ctrl+C exits the program
/// immediately.
pub(super) fn stop_by_interrupt() -> &'static Stop {
    static SET: Once = Once::new();
    SET.call_once(|| {
        let set = ctrlc::set_handler(|| {
            if INTERRUPTED.swap(true, Ordering::SeqCst) {
                end(Exit::Interrupted);
            }
            STOP.request();
        });
        if let Err(error) = set {
            log::info!("can't handle Ctrl+C, which exits the program immediately: {error}");
        }
    });
    &STOP
}

/// Returns whether Ctrl+C was pressed.
pub(super) fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::SeqCst)
}

#[expect(
    clippy::exit,
    clippy::disallowed_methods,
    reason = "a second Ctrl+C must exit immediately"
)]
fn end(exit: Exit) -> ! {
    std::process::exit(exit.code().into())
}
