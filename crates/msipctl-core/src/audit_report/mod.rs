//! Reports of `audit`: who reported, and how each file compares with the policy.
//!
//! One type is written by an audit and read when reports are merged or compared, so both sides have the same fields. Reading
//! is strict about what a merge counts, and ignores fields that it doesn't know.

mod identity;
mod read;
mod row;

pub use identity::Identity;
pub use read::{ReadError, ReportHead, read_report, read_report_from, read_row};
pub use row::{AuditRow, DriftRow, HookRow, MissingSecretRow, RowState, Since, hook_name};
