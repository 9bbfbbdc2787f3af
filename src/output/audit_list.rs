//! Which files or computers a list names.

use clap::ValueEnum;

use super::audit_rows::AuditedFile;
use msipctl_core::audit_report::RowState;

/// Which files `audit --list` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditList {
    /// Files that differ from the policy
    Drifted,
    /// Files that couldn't be read or compared
    Failed,
    /// Files without a hook of the policy
    MissingHooks,
    /// PCs that haven't reported for a while (report merge)
    Silent,
    /// PCs in the inventory that have no report (report merge)
    NoReport,
}

impl AuditList {
    /// Returns whether the list has a file.
    pub(super) fn has(self, file: &AuditedFile) -> bool {
        match self {
            Self::Drifted => file.row.state == RowState::Drifted,
            Self::Failed => file.row.state == RowState::Failed,
            Self::MissingHooks => file.has_missing_hook(),
            Self::Silent | Self::NoReport => false,
        }
    }
}
