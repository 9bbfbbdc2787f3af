//! One file of the fleet, before it becomes a part of the page.

use msipctl_core::diagnostic::Severity;

/// One file of the fleet. Its secrets are already masked.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    pub(crate) path: &'a str,
    /// The group of the file; `None` groups it by the folder or host in its path.
    pub(crate) site: Option<&'a str>,
    pub(crate) state: HostState<'a>,
}

/// The result for a file.
#[derive(Debug)]
pub(crate) enum HostState<'a> {
    /// The file matches the policy, or has no findings.
    InSync,
    Drifted(&'a [DriftRow<'a>]),
    Found(&'a [FindingRow<'a>]),
    /// The file couldn't be read or compared, for this reason.
    Failed(&'a str),
}

/// One key or hook that differs from the policy. A hook has no section.
#[derive(Debug, Clone)]
pub(crate) struct DriftRow<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    /// The expected value or constraint; `None` if the key must be absent.
    pub(crate) expected: Option<&'a str>,
    /// The actual value; `None` if the key isn't set.
    pub(crate) actual: Option<&'a str>,
    /// The line of the entry, counted from 1.
    pub(crate) line: Option<u32>,
    /// Whether the earlier report doesn't have it.
    pub(crate) is_new: bool,
}

/// One finding.
#[derive(Debug, Clone)]
pub(crate) struct FindingRow<'a> {
    pub(crate) rule: &'a str,
    pub(crate) severity: Severity,
    /// The line, counted from 1.
    pub(crate) line: u32,
    pub(crate) message: &'a str,
    pub(crate) help: Option<&'a str>,
}
