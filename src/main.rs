//! The `msipctl` program: passes its arguments to the library and returns its exit code.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "only this place reads the arguments")]
fn main() -> ExitCode {
    msipctl::run(std::env::args_os()).into()
}
