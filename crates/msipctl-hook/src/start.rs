#![expect(clippy::disallowed_methods, reason = "this starts the programs of directives")]
//! Starts programs without a window and without the standard streams of this program. Doesn't wait for those of
//! directives.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use msipctl_core::event::Invocation;

/// Starts msipctl again, to do the work in the background while this process exits. Passes the caller ID unchanged.
///
/// # Errors
///
/// If the program can't be started.
pub fn start_again(program: &Path, invocation: &Invocation) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(["hook", "run", Invocation::NOW]);
    if let Some(ini) = &invocation.ini {
        command.args(["--ini", ini]);
    }
    if let Some(parent) = invocation.parent {
        command.args([Invocation::PARENT, &parent.to_string()]);
    }
    command.arg(&invocation.event);
    #[cfg(windows)]
    std::os::windows::process::CommandExt::raw_arg(&mut command, &invocation.caller);
    #[cfg(not(windows))]
    command.arg(&invocation.caller);
    spawn(&mut command, Console::None).map(drop)
}

/// Starts a program of msipctl in the background, where it outlives this process.
///
/// # Errors
///
/// If the program can't be started.
pub fn start_detached(program: &Path, arguments: &[&str]) -> io::Result<()> {
    spawn(Command::new(program).args(arguments), Console::None).map(drop)
}

/// Runs a program of msipctl without a window, waits for it, and returns whether it succeeded.
///
/// # Errors
///
/// If the program can't be started.
pub fn run_hidden(program: &Path, arguments: &[&str]) -> io::Result<bool> {
    let mut child = spawn(Command::new(program).args(arguments), Console::Hidden)?;
    Ok(child.wait()?.success())
}

/// Starts a program in its own folder. Each argument reaches it as one argument, with any content.
pub(super) fn start(program: &Path, arguments: &[String]) -> io::Result<()> {
    let mut command = Command::new(program);
    command.args(arguments);
    if let Some(folder) = program.parent() {
        command.current_dir(folder);
    }
    spawn(&mut command, Console::Hidden).map(drop)
}

/// The console that a program gets on Windows. Ignored on other systems.
#[derive(Clone, Copy)]
enum Console {
    /// A console without a window, because some programs require a console.
    Hidden,
    /// No console, which starts faster.
    None,
}

fn spawn(command: &mut Command, console: Console) -> io::Result<Child> {
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt;
        const DETACHED_PROCESS: u32 = 0x0000_0008;
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
        const CREATE_NO_WINDOW: u32 = 0x0800_0000;
        // Otherwise, a program that reads this program's output would wait until the started program exits.
        msipctl_windows::keep_streams()?;
        let console = match console {
            Console::Hidden => CREATE_NO_WINDOW,
            Console::None => DETACHED_PROCESS,
        };
        command.creation_flags(console | CREATE_NEW_PROCESS_GROUP);
    }
    #[cfg(not(windows))]
    let _ = console;
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn()
}
