//! The exit codes, in one table.

use std::process::ExitCode;

/// How a command ended. The codes are part of the contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// The command succeeded, and there was nothing to report.
    Success,
    /// There are findings or drift, or a key isn't set.
    Found,
    /// The command line is invalid, or something failed.
    Error,
    /// msipctl wrote nothing, because it isn't safe now: MicroSIP is running, the file is locked, read-only, or was changed by
    /// another program, or the event already has a command.
    Precondition,
    /// Some files failed.
    Partial,
    /// Something changed or would change. Used only with `--detailed-exitcode`.
    Changed,
    /// Ctrl+C stopped the command after the files in progress.
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

    /// Returns the exit for `--detailed-exitcode`. An error is 1 then, because 2 means that something changed.
    pub(super) fn detailed(self) -> Self {
        if self == Self::Error { Self::Found } else { self }
    }

    /// Returns its meaning, for help texts and README.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Found => "findings, drift, or key not set",
            Self::Error => "usage or runtime error",
            Self::Precondition => {
                "blocked: MicroSIP is running; the file is locked, read-only, or was changed by another program; or the event already has a command"
            }
            Self::Partial => "some files failed",
            Self::Changed => {
                "with --detailed-exitcode: something changed or would change (an error is 1 then)"
            }
            Self::Interrupted => "interrupted by Ctrl+C",
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
