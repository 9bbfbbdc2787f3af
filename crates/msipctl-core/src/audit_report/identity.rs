//! The origin of a report.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The origin of a report: which computer, which user, which policy, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The name of the computer; `None` if unknown, and in a merged report.
    pub host: Option<String>,
    /// The name of the user; `None` if unknown, and in a merged report.
    pub user: Option<String>,
    /// The operating system: `windows`, `linux`, `macos`, or `other`; in a merged report, `merged`.
    pub system: String,
    /// A hash of the ID of the computer, in 32 hex digits; `None` if unknown, and in a merged report.
    pub machine_id: Option<String>,
    /// The hash of the policy without its secrets, in 64 hex digits; `None` in a merged report.
    pub policy: Option<String>,
    /// The ID of the run.
    pub run: String,
    /// When the files were read.
    #[serde(with = "time")]
    pub time: Timestamp,
}

impl Identity {
    /// The system of a merged report, whose files come from many computers.
    pub const MERGED: &'static str = "merged";

    /// Returns whether it is the identity of a merged report.
    pub fn is_merged(&self) -> bool {
        self.system == Self::MERGED
    }
}

/// Times in RFC 3339 and UTC.
pub(super) mod time {
    use jiff::Timestamp;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::borrow::Cow;

    pub(in crate::audit_report) fn serialize<S: Serializer>(
        time: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(in crate::audit_report) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text: Cow<'de, str> = Cow::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("expected a time such as 2026-12-01T00:45:00Z"))
    }
}
