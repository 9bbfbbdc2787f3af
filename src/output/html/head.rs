//! The head of the page.

/// The head of the page. It is complete after the last file.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) title: String,
    /// When the files were read, as RFC 3339 in UTC.
    pub(crate) generated: String,
    /// The files of the policy.
    pub(crate) policy: Vec<String>,
    pub(crate) score: Measure,
    pub(crate) coverage: Measure,
    pub(crate) since: Option<Since>,
    /// The number of passwords that couldn't be verified.
    pub(crate) unverified: u64,
}

/// A part of a whole, such as 5 of 20 `values match`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    pub(crate) part: u64,
    pub(crate) of: u64,
    pub(crate) what: &'static str,
}

/// The report that this one is compared with.
#[derive(Debug, Clone)]
pub(crate) struct Since {
    pub(crate) report: String,
    /// When that report was created, as RFC 3339 in UTC.
    pub(crate) generated: Option<String>,
    /// The number of files in each state then.
    pub(crate) before: Counts,
}

/// The number of files in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) in_sync: u64,
    pub(crate) drifted: u64,
    pub(crate) failed: u64,
}

impl Counts {
    pub(super) fn files(self) -> u64 {
        self.in_sync + self.drifted + self.failed
    }
}
