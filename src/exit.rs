//! The exit codes, in one table.

use std::process::ExitCode;

/// How a run ended. The codes are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done, or clean.
    Success,
    /// Drift, findings, or a key that is not set.
    Found,
    /// The command line is wrong, or something failed.
    Error,
    /// A precondition does not hold: MicroSIP runs, locked, read-only, changed underneath, occupied.
    Precondition,
    /// Part of the files failed.
    Partial,
    /// Something changed, or would: told only to who asks for a detailed exit code.
    Changed,
    /// Ctrl-C ended it after the files in hand.
    Interrupted,
}

impl Exit {
    /// All of them, in order of their codes.
    pub const ALL: [Self; 6] = [
        Self::Success,
        Self::Found,
        Self::Error,
        Self::Precondition,
        Self::Partial,
        Self::Interrupted,
    ];

    /// Returns the number the operating system gets.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Found => 1,
            Self::Error => 2,
            Self::Precondition => 3,
            Self::Partial => 4,
            Self::Changed => 2,
            Self::Interrupted => 130,
        }
    }

    /// Returns the exit for who asks for a detailed one: an error is 1, since 2 says that something changed.
    pub(super) fn detailed(self) -> Self {
        if self == Self::Error { Self::Found } else { self }
    }

    /// Says what it means, for help texts and README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done or clean",
            Self::Found => "drift, findings, or not set",
            Self::Error => "usage or runtime error",
            Self::Precondition => {
                "precondition: MicroSIP runs, file locked, read-only or changed underneath, or an event has a command"
            }
            Self::Partial => "part of the files failed",
            Self::Changed => {
                "with --detailed-exitcode: something changed, or would; an error is 1 then"
            }
            Self::Interrupted => "Ctrl-C: stopped after the files in hand",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_match_the_documented_values() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 130]);
    }
}
