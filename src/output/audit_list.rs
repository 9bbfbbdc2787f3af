//! Which files or computers a list names.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

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
    /// PCs that haven't reported for a while
    Silent,
    /// PCs in the inventory that have no report
    NoReport,
}

impl AuditList {
    /// Parses a list of `audit`, which knows no other computers.
    pub(crate) fn of_audit() -> impl TypedValueParser<Value = Self> {
        let is_of_audit = |list: &&Self| !matches!(list, Self::Silent | Self::NoReport);
        let lists = Self::value_variants().iter().filter(is_of_audit);
        PossibleValuesParser::new(lists.filter_map(ValueEnum::to_possible_value))
            .try_map(|name| Self::from_str(&name, false))
    }

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
