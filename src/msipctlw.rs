//! The `msipctlw` program, for what runs in the background on Windows: `hook run` for the launcher, and `pending run`, which
//! waits until MicroSIP exits.
//!
//! It is to msipctl what pythonw is to python. Windows creates a console for each start of `msipctl`, which takes
//! longer than everything `hook run` does, while MicroSIP delays the call. This program has no console.

#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    msipctl::run_hook().into()
}
