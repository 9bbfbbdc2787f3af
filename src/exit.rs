//! The exit codes.

use std::process::ExitCode;

/// The result of a run. Scripts rely on the codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Success.
    Success,
    /// Findings, drift, or a key that isn't set.
    Found,
    /// A usage or runtime error.
    Error,
    /// Blocked: MicroSIP is running, the file can't be written now, or the event already has a command.
    Precondition,
    /// Some files failed.
    Partial,
    /// Something changed, or would change. Only with `--detailed-exitcode`.
    Changed,
    /// Interrupted by Ctrl+C, after the files in progress.
    Interrupted,
}

impl Exit {
    /// All exit codes, in order.
    pub const ALL: [Self; 6] = [
        Self::Success,
        Self::Found,
        Self::Error,
        Self::Precondition,
        Self::Partial,
        Self::Interrupted,
    ];

    /// Returns the code for the operating system.
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

    /// Returns the exit for `--detailed-exitcode`, where an error is 1, because 2 means that something changed.
    pub(super) fn detailed(self) -> Self {
        if self == Self::Error { Self::Found } else { self }
    }

    /// Returns the meaning, for help and documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Found => "findings, drift, or key not set",
            Self::Error => "usage or runtime error",
            Self::Precondition => {
                "blocked: MicroSIP is running, the file is locked, read-only, or was changed by another program, or the event already has a command"
            }
            Self::Partial => "some files failed",
            Self::Changed => {
                "with --detailed-exitcode: something changed or would change; errors exit with 1"
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
