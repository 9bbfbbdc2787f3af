//! The `msipctlw` program: `hook run` alone, for the launcher on Windows.
//!
//! It is what pythonw is to python. Windows makes a console for each start of `msipctl`, which takes longer than all
//! that `hook run` does, while MicroSIP holds the call up; this program has none.

#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    msipctl::run_hook().into()
}
