//! Why something failed, in words without data.

use std::fmt;

use msipctl_core::store;

/// The category of an error. Its text contains no path, name, or value, so msipctl shows it in the line for an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// The command line, or a file that it names, is invalid.
    CommandLine,
    /// The policy can't be read or is invalid.
    Policy,
    /// The inventory can't be read or is invalid.
    Inventory,
    /// A secret of the policy isn't available.
    Secret,
    /// A change can't wait, because its secret isn't available later.
    SecretLater,
    /// The file doesn't exist.
    NotFound,
    /// The path isn't a file.
    NotAFile,
    /// The system denies access.
    PermissionDenied,
    /// The file is read-only.
    ReadOnly,
    /// MicroSIP is using the file.
    Running,
    /// Another program is using the file.
    InUse,
    /// Another program changed the file.
    Changed,
    /// The path leads through a link of another user.
    ForeignLink,
    /// The file is too large.
    TooLarge,
    /// MicroSIP doesn't read the file as msipctl does.
    Unreadable,
    /// A change can't be made.
    Change,
    /// The event already has a command.
    Occupied,
    /// The disk is full.
    NoSpace,
    /// Ctrl+C ended the run.
    Interrupted,
    /// Any other failure.
    Other,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CommandLine => "the command line or an input file is invalid",
            Self::Policy => "the policy can't be read or is invalid",
            Self::Inventory => "the inventory can't be read or is invalid",
            Self::Secret => "a secret isn't available",
            Self::SecretLater => "the file is in use, and a secret isn't available later",
            Self::NotFound => "MicroSIP.ini not found",
            Self::NotAFile => "the path isn't a file",
            Self::PermissionDenied => "access is denied",
            Self::ReadOnly => "the file is read-only",
            Self::Running => "MicroSIP is using the file",
            Self::InUse => "another program is using the file",
            Self::Changed => "another program changed the file",
            Self::ForeignLink => "the path leads through a link of another user",
            Self::TooLarge => "the file is too large",
            Self::Unreadable => "MicroSIP can't read the file correctly",
            Self::Change => "a change can't be made",
            Self::Occupied => "the event already has a command",
            Self::NoSpace => "the disk is full",
            Self::Interrupted => "the run was interrupted",
            Self::Other => "an operation failed",
        })
    }
}

impl From<store::Kind> for Reason {
    fn from(kind: store::Kind) -> Self {
        match kind {
            store::Kind::NotFound => Self::NotFound,
            store::Kind::NotAFile | store::Kind::NotAFolder => Self::NotAFile,
            store::Kind::TooLarge => Self::TooLarge,
            store::Kind::ForeignLink => Self::ForeignLink,
            store::Kind::PermissionDenied => Self::PermissionDenied,
            store::Kind::ReadOnly => Self::ReadOnly,
            store::Kind::Locked | store::Kind::InUse => Self::InUse,
            store::Kind::ChangedUnderneath | store::Kind::ChangedSince => Self::Changed,
            store::Kind::NoSpace => Self::NoSpace,
            _ => Self::Other,
        }
    }
}
