//! The contracts by which management tools run msipctl, each a thin wrapper around `msipctl_core::engine`.
//!
//! | Module | Contract |
//! |---|---|
//! | [`plain`] | `get`, `test`, and `set`: a state document on standard input, a result on standard output |
//!
//! [`run`] chooses the contract by the arguments. It prints nothing itself: it returns a [`Reply`].

#![forbid(unsafe_code)]

mod arguments;
mod carry_out;
pub mod input;
pub mod plain;
mod reply;

pub use carry_out::{carry_out, code_page};
pub use reply::Reply;

use std::ffi::OsString;

use arguments::Request;

/// The name and version of this program.
const VERSION: &str = concat!("msipctl-engine ", env!("CARGO_PKG_VERSION"), "\n");

/// Runs the contract that the arguments of the program ask for.
pub fn run(arguments: &[OsString]) -> Reply {
    match Request::of(arguments) {
        Request::Plain(operation, is_check) => {
            plain::run(operation, is_check, &input::standard_input())
        }
        Request::Version => Reply::of_text(VERSION),
        Request::Unknown => Reply::of_usage(arguments::USAGE),
    }
}
