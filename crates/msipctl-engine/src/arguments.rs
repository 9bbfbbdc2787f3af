//! The arguments of the program. They select a contract, and have no flags.

use std::ffi::OsString;

use crate::plain::operation_named;
use msipctl_core::engine::Operation;

/// The text for arguments that select no contract.
pub(crate) const USAGE: &str = "\
error: invalid arguments
usage: msipctl-engine get|test|set [--check]    reads a state document from standard input
       msipctl-engine version
";

/// What the arguments ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// The plain contract, and whether check mode is on.
    Plain(Operation, bool),
    /// The version of the program.
    Version,
    /// Nothing known.
    Unknown,
}

impl Request {
    /// Reads the arguments, without the name of the program.
    pub(crate) fn of(arguments: &[OsString]) -> Self {
        let texts: Vec<_> = arguments.iter().map(|it| it.to_str().unwrap_or_default()).collect();
        match texts[..] {
            ["version" | "--version"] => Self::Version,
            ["set", "--check"] => Self::Plain(Operation::Set, true),
            [name] => operation_named(name).map_or(Self::Unknown, |it| Self::Plain(it, false)),
            _ => Self::Unknown,
        }
    }
}
