//! The `msipctl-engine` program: the copy of msipctl that engines transfer to a PC.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "only this place reads the arguments")]
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    msipctl_engine::run(&arguments).write()
}
