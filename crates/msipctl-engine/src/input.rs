//! The input of a contract: standard input, or a file with arguments.

use std::path::Path;

use msipctl_core::engine::Error;
use msipctl_core::store::{self, Input};
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

/// Reads the file with the arguments of a module.
///
/// # Errors
///
/// If it can't be read, or is too large.
pub fn arguments_file(path: &Path) -> Result<Vec<u8>, Error> {
    Ok(store::read_as(path, Input::Arguments)?.into_bytes())
}
