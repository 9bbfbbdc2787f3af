//! One file of the fleet, before it is a part of the page.

/// One file of the fleet, as the page shows it. Secrets are masked before they come here.
#[derive(Debug)]
pub(crate) struct Host<'a> {
    pub(crate) path: &'a str,
    /// What the file is grouped by; `None` groups it by the folder or host of its path.
    pub(crate) site: Option<&'a str>,
    pub(crate) state: HostState<'a>,
}

/// How a file stands to the policy.
#[derive(Debug)]
pub(crate) enum HostState<'a> {
    InSync,
    Drifted(&'a [DriftRow<'a>]),
    /// It could not be judged, and why.
    Failed(&'a str),
}

/// One key that is not as the policy wants it.
#[derive(Debug, Clone)]
pub(crate) struct DriftRow<'a> {
    pub(crate) section: &'a str,
    pub(crate) key: &'a str,
    /// What the policy wants, a value or a constraint in words; `None` where the key shall be absent.
    pub(crate) expected: Option<&'a str>,
    /// What is read; `None` where the key is not set.
    pub(crate) actual: Option<&'a str>,
    /// The line of the entry, from 1 on.
    pub(crate) line: Option<u32>,
    /// Whether the earlier report knows nothing of it.
    pub(crate) is_new: bool,
}
