//! What happened to the reports of a push.

use std::io;

use serde::Serialize;
use serde_json::{Value, json};

use super::count::count;
use super::report::Report;
use super::screen::{ADDED, CHANGED, DIM, HEADING, REMOVED, Screen};

/// The state of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushState {
    /// The server accepted it.
    Sent,
    /// It waits in the spool.
    Spooled,
    /// The server rejected it.
    Rejected,
    /// It couldn't be added to the spool.
    Failed,
}

/// One report, or a request of an earlier run.
#[derive(Debug, Serialize)]
pub(crate) struct PushedRow {
    /// The path of the report, or what the request contains.
    pub(crate) report: String,
    pub(crate) state: PushState,
    /// Why it wasn't sent.
    pub(crate) reason: Option<String>,
    /// The path of a rejected request.
    pub(crate) kept_in: Option<String>,
}

/// The reports of a run.
#[derive(Debug, Default)]
pub(crate) struct PushReport {
    sent: usize,
    spooled: usize,
    rejected: usize,
    failed: usize,
}

impl PushReport {
    /// Returns the number of reports that the server accepted.
    pub(crate) fn sent(&self) -> usize {
        self.sent
    }

    /// Returns the number of reports in the spool.
    pub(crate) fn spooled(&self) -> usize {
        self.spooled
    }

    /// Returns the number of all reports.
    pub(crate) fn reports(&self) -> usize {
        self.sent + self.spooled + self.rejected + self.failed
    }
}

impl Report for PushReport {
    const LIST: &'static str = "reports";
    type Row = PushedRow;

    fn human_row(&self, row: &PushedRow, out: &mut Screen<'_>) -> io::Result<()> {
        let PushedRow { report, state, reason, kept_in } = row;
        let reason = reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        match state {
            PushState::Sent => putln!(out, "{report}: {ADDED}sent{ADDED:#}"),
            PushState::Spooled => putln!(out, "{report}: {CHANGED}spooled{CHANGED:#}{reason}"),
            // The error is on stderr.
            PushState::Failed => putln!(out, "{report}: {REMOVED}failed{REMOVED:#}"),
            PushState::Rejected => {
                putln!(out, "{report}: {REMOVED}rejected{REMOVED:#}{reason}")?;
                match kept_in {
                    Some(path) => putln!(out, "  {DIM}kept in {path}{DIM:#}"),
                    None => Ok(()),
                }
            }
        }
    }

    fn count(&mut self, row: &PushedRow) {
        *match row.state {
            PushState::Sent => &mut self.sent,
            PushState::Spooled => &mut self.spooled,
            PushState::Rejected => &mut self.rejected,
            PushState::Failed => &mut self.failed,
        } += 1;
    }

    fn human_end(&self, out: &mut Screen<'_>) -> io::Result<()> {
        let Self { sent, spooled, rejected, failed } = self;
        let reports = count(self.reports(), "report");
        putln!(
            out,
            "{HEADING}{reports}: {sent} sent, {spooled} spooled, {rejected} rejected, {failed} failed{HEADING:#}"
        )
    }

    fn summary(&self) -> Option<Value> {
        let Self { sent, spooled, rejected, failed } = self;
        Some(json!({
            "reports": self.reports(),
            "sent": sent,
            "spooled": spooled,
            "rejected": rejected,
            "failed": failed,
        }))
    }
}
