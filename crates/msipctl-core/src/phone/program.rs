#![expect(clippy::disallowed_methods, reason = "this module starts MicroSIP")]
//! MicroSIP started with one argument. It takes no two of them.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use super::command::Argument;
use super::control::Phone;

/// The programs of this machine.
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
    // A started program inherits every handle that can be inherited, also those it has no use for. Then
    // whoever reads what msipctl prints would wait for the end of MicroSIP.
    #[cfg(windows)]
    msipctl_windows::keep_streams()?;
    let mut command = Command::new(program);
    if !argument.is_empty() {
        // As it is: MicroSIP takes the text behind its own name, quotes and all.
        #[cfg(windows)]
        std::os::windows::process::CommandExt::raw_arg(&mut command, argument);
        #[cfg(not(windows))]
        command.arg(argument);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if let Some(folder) = program.parent() {
        // Up to 3.14.5 a portable MicroSIP looks for its ini in the current folder.
        command.current_dir(folder);
    }
    log::info!("{} {argument}", program.display());
    command.spawn().map(drop)
}
