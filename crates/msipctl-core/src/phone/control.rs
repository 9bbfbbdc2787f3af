//! What a MicroSIP can be told to do.

use std::io;
use std::path::Path;

use super::command::Argument;

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
