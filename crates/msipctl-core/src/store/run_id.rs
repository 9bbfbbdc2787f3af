//! The ID of a run of the program, which identifies everything to undo together.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::store::time::now;

/// The time format in run IDs and names of backup files: UTC, to the second.
const SECONDS: &str = "%Y%m%dT%H%M%SZ";

/// Identifies a run: its time to the second and four random hex digits.
///
/// # Example
///
/// ```
/// use msipctl_core::store::RunId;
///
/// let run: RunId = "20261123T034501Z-9f3c".parse()?;
/// assert_eq!(run.to_string(), "20261123T034501Z-9f3c");
/// assert_ne!(run, RunId::new());
/// # Ok::<(), msipctl_core::store::RunIdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// Whole seconds: [`fmt::Display`] shows the complete value.
    time: Timestamp,
    suffix: u16,
}

impl RunId {
    /// Creates a new ID for the current time.
    #[expect(clippy::new_without_default, reason = "two new names differ, so there is no default")]
    pub fn new() -> Self {
        Self::at(now())
    }

    /// Creates a new ID for a time.
    pub(in crate::store) fn at(time: Timestamp) -> Self {
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        Self { time, suffix: random() }
    }

    /// Returns the second in which the run started.
    pub fn time(&self) -> Timestamp {
        self.time
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04x}", compact(self.time), self.suffix)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, RunIdError> {
        parse(text).filter(|run| run.to_string() == text).ok_or(RunIdError(()))
    }
}

/// An invalid run ID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a run ID, for example 20261123T034501Z-9f3c")]
pub struct RunIdError(());

/// Parses a time in the format of run IDs and backup files. Accepts only what [`compact`] formats.
pub(in crate::store) fn parse_compact(text: &str) -> Option<Timestamp> {
    let time = DateTime::strptime(SECONDS, text).ok()?;
    let time = TimeZone::UTC.to_timestamp(time).ok()?;
    (compact(time) == text).then_some(time)
}

/// Formats a time for run IDs and backup files.
pub(in crate::store) fn compact(time: Timestamp) -> String {
    time.strftime(SECONDS).to_string()
}

/// Returns a few random bits; the standard library seeds each of its hashers from the system.
pub(in crate::store) fn random() -> u16 {
    let bytes = RandomState::new().build_hasher().finish().to_le_bytes();
    u16::from_le_bytes([bytes[0], bytes[1]])
}

fn parse(text: &str) -> Option<RunId> {
    let (time, suffix) = text.split_once('-')?;
    let time = parse_compact(time)?;
    Some(RunId { time, suffix: u16::from_str_radix(suffix, 16).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_id_round_trips_through_text() {
        for _ in 0..100 {
            let run = RunId::new();
            assert_eq!(run.to_string().parse(), Ok(run));
        }
    }

    #[test]
    fn malformed_run_ids_are_rejected() {
        for text in [
            "",
            "20261123T034501Z",
            "20261123T034501Z-",
            "20261123T034501Z-9f3",
            "20261123T034501Z-9F3C",
            "20261123T034501Z-+9f3",
            "20261323T034501Z-9f3c",
            "20261123T034501-9f3c",
            "20261123T034501Z-9f3c-1",
        ] {
            assert!(text.parse::<RunId>().is_err(), "{text}");
        }
    }
}
