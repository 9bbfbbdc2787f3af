#![expect(clippy::disallowed_methods, reason = "this module starts MicroSIP")]
//! Starts MicroSIP with one argument. MicroSIP doesn't support more than one.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::command::Argument;
use super::control::Phone;

/// The programs on this machine.
pub(super) struct Programs;

impl Phone for Programs {
    fn exit(&self, program: &Path) -> io::Result<()> {
        start(program, "/exit")
    }

    fn start(&self, program: &Path) -> io::Result<()> {
        start(program, "/minimized")
    }

    fn hand_over(&self, program: &Path, argument: &Argument) -> io::Result<()> {
        start(program, argument.as_str())
    }
}

fn start(program: &Path, argument: &str) -> io::Result<()> {
    // A started program inherits every inheritable handle, even if it doesn't use it. Then a process that reads the output
    // of msipctl would wait until MicroSIP exits.
    #[cfg(windows)]
    msipctl_windows::keep_streams()?;
    let mut command = Command::new(program);
    if !argument.is_empty() {
        // The argument is passed unchanged, because MicroSIP uses all text after its own name, including quotes.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::raw_arg(&mut command, argument);
        #[cfg(not(windows))]
        command.arg(argument);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(folder) = program.parent() {
        // Up to 3.14.5, a portable MicroSIP searches for its MicroSIP.ini in the current folder.
        command.current_dir(folder);
    }
    log::info!("{} {argument}", program.display());
    command.spawn().map(drop)
}
