//! One file of the fleet, before it becomes a part of the page.

/// One file of the fleet. Its secrets are already masked.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    pub(crate) path: &'a str,
    /// The group of the file; `None` groups it by the folder or host in its path.
    pub(crate) site: Option<&'a str>,
    pub(crate) state: HostState<'a>,
}

/// The result of comparing a file with the policy.
#[derive(Debug)]
pub(crate) enum HostState<'a> {
    InSync,
    Drifted(&'a [DriftRow<'a>]),
    /// The file couldn't be compared, for this reason.
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
