//! What a policy expects of sections as a whole.

use super::location::Location;

/// What is expected of a section as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
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
