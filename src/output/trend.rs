//! How the score changed since earlier reports, and which keys drifted again.

use std::io;

use jiff::Timestamp;
use serde::Serialize;

use super::count::{count, percent};
use super::screen::{CHANGED, DIM, HEADING, Screen};
use msipctl_core::fleet::Tally;

/// The maximum number of reports that a line for people names.
const MAX_NAMED: usize = 6;

/// The score over several reports, the oldest first, and the keys that drift again.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trend {
    #[serde(rename = "reports")]
    pub(crate) points: Vec<TrendPoint>,
    #[serde(rename = "drifted_again")]
    pub(crate) again: Vec<AgainRow>,
}

/// One report of a trend.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TrendPoint {
    pub(super) time: Option<String>,
    pub(super) score: Option<f64>,
    pub(super) files: usize,
    pub(super) drifted: usize,
    #[serde(skip)]
    pub(super) at: Option<Timestamp>,
    #[serde(skip)]
    exact: Option<f64>,
}

/// A key that drifted in one report, matched in a later one, and drifts now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AgainRow {
    pub(crate) section: String,
    pub(crate) key: String,
    pub(crate) files: usize,
    #[serde(skip)]
    pub(crate) examples: String,
}

impl TrendPoint {
    /// Describes a report by what was counted in it.
    pub(crate) fn new(at: Option<Timestamp>, tally: &Tally) -> Self {
        Self {
            time: at.map(|time| time.to_string()),
            score: tally.score().map(rounded),
            files: tally.files(),
            drifted: tally.drifted(),
            at,
            exact: tally.score(),
        }
    }

    /// Returns the score for people, such as `98.2%`.
    pub(super) fn percent(&self) -> String {
        percent(self.exact)
    }
}

impl Trend {
    /// Writes the trend: the score of the last reports in one line, and a line for each key that drifts again.
    pub(super) fn human(&self, out: &mut Screen<'_>) -> io::Result<()> {
        // One earlier report is compared in the summary.
        if self.points.len() < 3 {
            return Ok(());
        }
        for AgainRow { section, key, files, examples } in &self.again {
            put!(out, "{CHANGED}~ {section}.{key}{CHANGED:#} drifted again")?;
            putln!(out, " in {}{DIM}: {examples}{DIM:#}", count(*files, "file"))?;
        }
        let skipped = self.points.len().saturating_sub(MAX_NAMED);
        let shown: Vec<_> = self.points[skipped..].iter().map(TrendPoint::shown).collect();
        let start = if skipped > 0 { "... -> " } else { "" };
        putln!(out, "{HEADING}score: {start}{}{HEADING:#}", shown.join(" -> "))
    }
}

impl TrendPoint {
    fn shown(&self) -> String {
        match self.at {
            Some(at) => format!("{} ({})", self.percent(), at.strftime("%Y-%m-%d")),
            None => self.percent(),
        }
    }
}

/// Returns a percentage with two digits, rounded down.
pub(super) fn rounded(share: f64) -> f64 {
    (share * 100.0).floor() / 100.0
}
