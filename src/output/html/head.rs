//! The heads of the pages.

use serde::Serialize;

use crate::output::trend::Trend;

/// The head of the page of an audit. It is complete after the last file.
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
    /// The score since the oldest earlier report.
    pub(crate) trend: Option<Trend>,
    /// What only a merged report has.
    pub(crate) merged: Option<MergedHead>,
    /// The number of passwords that couldn't be verified.
    pub(crate) unverified: u64,
}

/// What the page of a merged report shows besides its files.
#[derive(Debug, Serialize)]
pub(crate) struct MergedHead {
    /// The number of reports, and of documents that aren't one.
    pub(crate) reports: u64,
    pub(crate) broken: u64,
    /// The computers that haven't reported for a while.
    pub(crate) silent: Vec<String>,
    /// The computers of the inventory without a report.
    pub(crate) no_report: Vec<String>,
}

/// The head of the page of a check. It is complete after the last file.
#[derive(Debug)]
pub(crate) struct CheckHead {
    pub(crate) title: String,
    /// When the files were read, as RFC 3339 in UTC.
    pub(crate) generated: String,
    /// The rules that were checked.
    pub(crate) rules: Vec<RuleHead>,
    pub(crate) counts: FindingCounts,
}

/// A rule that was checked.
#[derive(Debug)]
pub(crate) struct RuleHead {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// Its page, in Markdown.
    pub(crate) page: String,
}

/// The findings in all files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FindingCounts {
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    pub(crate) infos: u64,
    pub(crate) fixable_safely: u64,
    pub(crate) fixable: u64,
    pub(crate) fixed: u64,
    pub(crate) suppressed: u64,
    /// With a baseline, the findings that it has and that are hidden, and those that are resolved.
    pub(crate) of_baseline: Option<(u64, u64)>,
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
