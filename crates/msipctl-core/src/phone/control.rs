//! The interface to control MicroSIP.

use std::io;
use std::path::Path;

use super::command::Argument;

/// Controls MicroSIP.
pub trait Phone: Sync {
    /// Asks the MicroSIP that runs from this program to exit, and doesn't wait for it. Does nothing if this MicroSIP
    /// isn't running.
    ///
    /// # Errors
    ///
    /// If the program can't be started.
    fn exit(&self, program: &Path) -> io::Result<()>;

    /// Starts this MicroSIP without showing its window, and doesn't wait for it.
    ///
    /// # Errors
    ///
    /// If the program can't be started.
    fn start(&self, program: &Path) -> io::Result<()>;

    /// Starts this MicroSIP with an argument, and doesn't wait for it. The new process passes the argument to the
    /// running one. If this MicroSIP isn't running, most arguments start it.
    ///
    /// # Errors
    ///
    /// If the program can't be started.
    fn hand_over(&self, program: &Path, argument: &Argument) -> io::Result<()>;
}
