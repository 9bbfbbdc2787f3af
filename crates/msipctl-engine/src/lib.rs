//! The contracts by which management tools run msipctl, each a thin wrapper around `msipctl_core::engine`.
//!
//! | Module | Contract |
//! |---|---|
//! | [`ansible`] | The modules of the Ansible collection: a file with arguments, one line of JSON on standard output |
//! | [`dsc`] | DSC v3: a desired state on standard input, the actual state as JSON lines on standard output |
//! | [`plain`] | `get`, `test`, and `set`: a state document on standard input, a result on standard output |
//!
//! [`run`] chooses the contract by the arguments. It prints nothing itself: it returns a [`Reply`].

#![forbid(unsafe_code)]

pub mod ansible;
mod arguments;
mod carry_out;
mod defer;
pub mod dsc;
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
        Request::Dsc(request) => request.run(),
        Request::Plain(operation, is_check) => {
            plain::run(operation, is_check, &input::standard_input())
        }
        Request::Version => Reply::of_text(VERSION),
        Request::File(path) => ansible::run(path).unwrap_or_else(usage),
        Request::Unknown => usage(),
    }
}

fn usage() -> Reply {
    Reply::of_usage(&[arguments::USAGE, dsc::USAGE].concat())
}
