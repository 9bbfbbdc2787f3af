//! The input of a contract: standard input.

use msipctl_core::engine::Error;
use msipctl_host::process;

/// Reads standard input, up to 1 MiB; from a terminal, one line.
///
/// # Errors
///
/// If it can't be read, or is larger.
pub fn standard_input() -> Result<Vec<u8>, Error> {
    let failed = |error| Error::runtime(format!("can't read standard input: {error}"));
    process::standard_input().map_err(failed)
}
