//! Control of a running MicroSIP by its own command line: a second start of the same program hands its
//! arguments to the first and ends.
//!
//! # Invariants
//!
//! - No process is killed. MicroSIP is asked to exit, and writes its settings while it does.
//! - MicroSIP compares its whole command line with each form it knows, and dials what matches none. So it gets
//!   one argument, made of an [`Order`] that its version knows; nothing else is handed over.
//! - What is started outlives msipctl, and holds none of its streams.

mod number;
mod order;
mod program;
mod target;

pub use number::{Digits, Number, NumberError};
pub use order::{Argument, Order, Refusal};
pub use target::{Target, Wanted, targets};

use std::io;
use std::path::Path;

/// What a MicroSIP can be told to do.
pub trait Phone: Sync {
    /// Tells the MicroSIP that runs from this program to exit, and does not wait for it. Nothing happens
    /// if none runs.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    fn exit(&self, program: &Path) -> io::Result<()>;

    /// Starts this MicroSIP without showing its window, and does not wait for it.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    fn start(&self, program: &Path) -> io::Result<()>;

    /// Starts this MicroSIP with an argument, which it hands to the one that runs, and does not wait for it.
    /// If none runs, most arguments start one.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    fn hand_over(&self, program: &Path, argument: &Argument) -> io::Result<()>;
}

/// Returns the phone that starts programs of this machine.
pub fn phone() -> &'static dyn Phone {
    &program::Programs
}
