//! The arguments of the program. They select a contract, and have no flags.

use std::ffi::OsString;
use std::path::Path;

use crate::dsc;
use crate::plain::operation_named;
use msipctl_core::engine::Operation;

/// The text for arguments that select no contract.
pub(crate) const USAGE: &str = "\
error: invalid arguments
usage: msipctl-engine get|test|set [--check]    reads a state document from standard input
       msipctl-engine FILE                     reads the arguments of an Ansible module
       msipctl-engine version
";

/// What the arguments ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request<'a> {
    /// The contract of DSC.
    Dsc(dsc::Request),
    /// The plain contract, and whether check mode is on.
    Plain(Operation, bool),
    /// The version of the program.
    Version,
    /// A file, which can contain the arguments of an Ansible module.
    File(&'a Path),
    /// Nothing known.
    Unknown,
}

impl<'a> Request<'a> {
    /// Reads the arguments, without the name of the program.
    pub(crate) fn of(arguments: &'a [OsString]) -> Self {
        let texts: Vec<_> = arguments.iter().map(|it| it.to_str().unwrap_or_default()).collect();
        match texts[..] {
            ["dsc", ref others @ ..] => dsc::Request::of(others).map_or(Self::Unknown, Self::Dsc),
            ["version" | "--version"] => Self::Version,
            ["set", "--check"] => Self::Plain(Operation::Set, true),
            [name] => operation_named(name)
                .map_or(Self::File(Path::new(&arguments[0])), |it| Self::Plain(it, false)),
            _ => Self::Unknown,
        }
    }
}
