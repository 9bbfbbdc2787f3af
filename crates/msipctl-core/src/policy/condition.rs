//! Which files a policy or a block of it applies to.

use super::location::{Excerpt, Location};
use super::source::Source;
use super::versions::Versions;
use super::written::Globs;

/// The conditions under which a statement applies. All that are set must match.
#[derive(Default)]
pub(super) struct Condition {
    pub(super) microsip: Option<Versions>,
    pub(super) user: Option<Globs>,
    pub(super) host: Option<Globs>,
    pub(super) row: Vec<RowCondition>,
}

/// A condition on a column of the inventory.
pub(super) struct RowCondition {
    pub(super) column: String,
    pub(super) globs: Globs,
    pub(super) location: Location,
    pub(super) excerpt: Option<Excerpt>,
}

impl Condition {
    /// Returns whether it applies to a file.
    pub(super) fn holds(&self, source: &Source<'_>) -> bool {
        self.microsip.as_ref().is_none_or(|versions| versions.include(source.microsip))
            && self.holds_for_row(source)
    }

    /// Returns whether it applies to a file of some MicroSIP version.
    pub(super) fn holds_for_row(&self, source: &Source<'_>) -> bool {
        self.user.as_ref().is_none_or(|globs| globs.fit(source.user))
            && self.host.as_ref().is_none_or(|globs| globs.fit(source.host))
            && self.row.iter().all(|condition| {
                let value = source.row.get(&condition.column);
                value.is_some_and(|value| condition.globs.fit(value))
            })
    }

    /// Returns whether it depends on nothing but the MicroSIP version.
    pub(super) fn depends_only_on_version(&self) -> bool {
        self.user.is_none() && self.host.is_none() && self.row.is_empty()
    }

    /// Returns whether it depends on the MicroSIP version.
    pub(super) fn depends_on_version(&self) -> bool {
        self.microsip.is_some()
    }
}
