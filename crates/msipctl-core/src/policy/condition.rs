//! For which files a policy, or a block of one, counts.

use super::source::Source;
use super::versions::Versions;
use super::written::{Globs, MatchTable};

/// What must be so for a statement to count.
pub(super) struct Condition {
    microsip: Option<Versions>,
    user: Option<Globs>,
    host: Option<Globs>,
}

impl From<MatchTable> for Condition {
    fn from(table: MatchTable) -> Self {
        let MatchTable { microsip, user, host } = table;
        Self { microsip, user, host }
    }
}

impl Condition {
    /// Says whether it holds for a file.
    pub(super) fn holds(&self, source: &Source<'_>) -> bool {
        self.microsip.as_ref().is_none_or(|versions| versions.include(source.microsip))
            && self.user.as_ref().is_none_or(|globs| globs.fit(source.user))
            && self.host.as_ref().is_none_or(|globs| globs.fit(source.host))
    }
}
