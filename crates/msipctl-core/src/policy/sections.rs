//! Sections as a whole, and sections whose name means several.

use super::location::Location;

/// What is expected of a section as a whole.
#[derive(Debug, Clone)]
pub(super) struct ExpectedSection {
    pub(super) section: String,
    pub(super) kind: SectionKind,
    pub(super) origin: Location,
}

/// What a policy expects of a section as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SectionKind {
    /// The section doesn't exist.
    Absent,
    /// The section has only the keys that the policy states.
    Replaced,
}

/// The section of a policy that means each account that a file has.
pub(super) const EACH_ACCOUNT: &str = "Account*";

/// An account, whose keys are those of each account.
pub(super) const ANY_ACCOUNT: &str = "Account1";
