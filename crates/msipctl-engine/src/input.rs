//! The input of a contract: standard input.

use std::io::{self, Read};

use msipctl_core::engine::{Error, MAX_INPUT};

/// Reads standard input, up to one byte more than a state document may have.
///
/// # Errors
///
/// A runtime error if it can't be read.
pub fn standard_input() -> Result<Vec<u8>, Error> {
    read(io::stdin().lock())
}

fn read(from: impl Read) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = MAX_INPUT as u64 + 1;
    match from.take(most).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Error::runtime(format!("can't read standard input: {error}"))),
    }
}
