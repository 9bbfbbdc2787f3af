//! The events that all sinks send.

use jiff::{Timestamp, Unit};
use serde::{Serialize, Serializer};

use super::json::ascii;
use msipctl_core::store;

/// The maximum number of keys and hooks in an event, and of their bytes. Others are only counted.
const MAX_KEYS: usize = 200;
const MAX_KEY_BYTES: usize = 8 * 1024;

/// The maximum length of a name, a path, and a reason, in characters.
const MAX_NAME: usize = 255;
const MAX_PATH: usize = 1024;
const MAX_REASON: usize = 300;

/// The kind of an event. Names and numbers are stable, because alerts depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventName {
    InSync,
    Drifted,
    AuditFailed,
    AuditSummary,
    Changed,
    Unchanged,
    ApplyFailed,
    ApplySummary,
}

impl EventName {
    /// Returns the name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::InSync => "msipctl.audit.in_sync",
            Self::Drifted => "msipctl.audit.drifted",
            Self::AuditFailed => "msipctl.audit.failed",
            Self::AuditSummary => "msipctl.audit.summary",
            Self::Changed => "msipctl.apply.changed",
            Self::Unchanged => "msipctl.apply.unchanged",
            Self::ApplyFailed => "msipctl.apply.failed",
            Self::ApplySummary => "msipctl.apply.summary",
        }
    }

    /// Returns the event ID in the Windows event log.
    #[cfg(any(windows, test))]
    pub(super) fn id(self) -> u32 {
        match self {
            Self::InSync => 1000,
            Self::Drifted => 1001,
            Self::AuditFailed => 1002,
            Self::AuditSummary => 1003,
            Self::Changed => 1010,
            Self::Unchanged => 1011,
            Self::ApplyFailed => 1013,
            Self::ApplySummary => 1014,
        }
    }
}

impl Serialize for EventName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.name())
    }
}

/// How important an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Info,
    Warning,
    Error,
}

/// Which run an event belongs to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Run {
    /// The computer that msipctl runs on.
    pub(crate) host: String,
    /// The user who runs msipctl.
    pub(crate) user: String,
    /// The ID of the run.
    pub(crate) run: String,
    /// The file name of the policy or plan.
    pub(crate) policy: String,
}

/// The result for one file, without values.
#[derive(Debug, Default)]
pub(crate) struct FileResult {
    pub(crate) path: String,
    /// The keys that drift or changed, as `SECTION.KEY`.
    pub(crate) keys: Vec<String>,
    /// The hooks that drift or changed.
    pub(crate) hooks: Vec<String>,
    /// The number of values that couldn't be verified.
    pub(crate) unverified: usize,
    /// Why the file failed.
    pub(crate) reason: Option<String>,
}

/// The number of files in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    pub(super) files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) in_sync: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) drifted: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) changed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unchanged: Option<usize>,
    pub(super) failed: usize,
}

/// One event: a file, or the summary of a run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Event {
    #[serde(serialize_with = "milliseconds")]
    pub(super) time: Timestamp,
    #[serde(rename = "event")]
    pub(super) name: EventName,
    #[serde(flatten)]
    pub(super) run: Run,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hooks: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unverified: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) counts: Option<Counts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// Whether something was left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) truncated: bool,
    /// The number of keys and hooks, including those that were left out.
    #[serde(skip)]
    differences: usize,
}

impl Event {
    /// Creates the event of a file.
    pub(super) fn of_file(name: EventName, run: &Run, file: FileResult) -> Self {
        let FileResult { path, keys, hooks, unverified, reason } = file;
        let differences = keys.len() + hooks.len();
        let mut limit = Limit { count: MAX_KEYS, bytes: MAX_KEY_BYTES };
        let (keys, hooks) = (limit.kept(keys), limit.kept(hooks));
        let is_failed = reason.is_some();
        let (kept, shortened) = (keys.len() + hooks.len(), shortened(path, MAX_PATH));
        Self {
            truncated: kept < differences || shortened.1,
            path: Some(shortened.0),
            keys: (!is_failed).then_some(keys),
            hooks: (!is_failed).then_some(hooks),
            unverified: (!is_failed && name.is_audit()).then_some(unverified),
            reason: reason.map(|reason| self::shortened(reason, MAX_REASON).0),
            differences,
            ..Self::of_run(name, run)
        }
    }

    /// Creates the event at the end of a run.
    pub(super) fn summary(name: EventName, run: &Run, counts: Counts) -> Self {
        Self { counts: Some(counts), ..Self::of_run(name, run) }
    }

    fn of_run(name: EventName, run: &Run) -> Self {
        let short = |text: &str| shortened(text.to_owned(), MAX_NAME).0;
        let run = Run {
            host: short(&run.host),
            user: short(&run.user),
            run: short(&run.run),
            policy: short(&run.policy),
        };
        Self {
            time: store::now(),
            name,
            run,
            path: None,
            keys: None,
            hooks: None,
            unverified: None,
            counts: None,
            reason: None,
            truncated: false,
            differences: 0,
        }
    }

    /// Returns how important it is.
    pub(super) fn severity(&self) -> Severity {
        let of_counts = |counts: Counts| match (counts.failed, counts.drifted) {
            (1.., _) => Severity::Error,
            (_, Some(1..)) => Severity::Warning,
            _ => Severity::Info,
        };
        match self.name {
            EventName::Drifted => Severity::Warning,
            EventName::AuditFailed | EventName::ApplyFailed => Severity::Error,
            _ => self.counts.map_or(Severity::Info, of_counts),
        }
    }

    /// Describes it in a sentence without names from files.
    pub(super) fn text(&self) -> String {
        let keys = match self.differences {
            1 => "1 key or hook".to_owned(),
            number => format!("{number} keys or hooks"),
        };
        match self.name {
            EventName::InSync => "the file matches the policy".to_owned(),
            EventName::Drifted if self.differences == 1 => {
                format!("{keys} differs from the policy")
            }
            EventName::Drifted => format!("{keys} differ from the policy"),
            EventName::AuditFailed => "the file couldn't be compared with the policy".to_owned(),
            EventName::Changed => format!("changed {keys}"),
            EventName::Unchanged => "the file already matched the policy".to_owned(),
            EventName::ApplyFailed => "the policy wasn't applied to the file".to_owned(),
            EventName::AuditSummary | EventName::ApplySummary => {
                let Counts { files, in_sync, drifted, changed, unchanged, failed } =
                    self.counts.unwrap_or_default();
                let states = [
                    (in_sync, "in sync"),
                    (drifted, "drifted"),
                    (changed, "changed"),
                    (unchanged, "unchanged"),
                    (Some(failed), "failed"),
                ];
                let states =
                    states.into_iter().filter_map(|(number, state)| Some((number?, state)));
                let states: Vec<_> =
                    states.map(|(number, state)| format!("{number} {state}")).collect();
                format!("{files} files: {}", states.join(", "))
            }
        }
    }

    /// Returns it as one line of JSON in ASCII.
    pub(super) fn json(&self) -> String {
        ascii(self)
    }

    /// Returns it as JSON of at most `limit` bytes: leaves out keys first, then the path and other texts.
    pub(super) fn json_within(&self, limit: usize) -> String {
        let line = self.json();
        if line.len() <= limit {
            return line;
        }
        let mut less = Self { truncated: true, ..self.clone() };
        loop {
            let longest = [&mut less.keys, &mut less.hooks];
            let longest = longest.into_iter().flatten().max_by_key(|names| names.len());
            match longest {
                Some(names) if !names.is_empty() => names.truncate(names.len() / 2),
                _ if less.path.is_some() => less.path = None,
                _ if less.reason.is_some() => less.reason = None,
                _ => {
                    for text in [&mut less.run.user, &mut less.run.policy, &mut less.run.host] {
                        *text = shortened(std::mem::take(text), 40).0;
                    }
                    return less.json();
                }
            }
            let line = less.json();
            if line.len() <= limit {
                return line;
            }
        }
    }
}

impl EventName {
    fn is_audit(self) -> bool {
        matches!(self, Self::InSync | Self::Drifted | Self::AuditFailed | Self::AuditSummary)
    }
}

/// What fits into the lists of an event.
struct Limit {
    count: usize,
    bytes: usize,
}

impl Limit {
    fn kept(&mut self, mut names: Vec<String>) -> Vec<String> {
        let mut kept = 0;
        for name in &names {
            if self.count == 0 || name.len() > self.bytes {
                break;
            }
            self.count -= 1;
            self.bytes -= name.len();
            kept += 1;
        }
        names.truncate(kept);
        names
    }
}

/// Returns at most `limit` characters, and whether the text was longer.
fn shortened(mut text: String, limit: usize) -> (String, bool) {
    let end = text.char_indices().nth(limit).map(|(at, _)| at);
    if let Some(end) = end {
        text.truncate(end);
    }
    (text, end.is_some())
}

/// Formats a time as RFC 3339 in UTC, to the millisecond.
pub(super) fn time_text(time: Timestamp) -> String {
    // Rounding fails only at the end of time.
    let time = time.round(Unit::Millisecond).unwrap_or(time);
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn milliseconds<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&time_text(*time))
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// Returns a run with hostile names.
    pub(in crate::sink) fn run() -> Run {
        Run {
            host: "DESK-0412".to_owned(),
            user: "änn\u{1b}[31m\n".to_owned(),
            run: "20261201T004500Z-9f3c".to_owned(),
            policy: "company.toml".to_owned(),
        }
    }

    /// Returns the event of a file that drifted.
    pub(in crate::sink) fn drifted(path: &str, keys: &[&str]) -> Event {
        let file = FileResult {
            path: path.to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            hooks: vec!["hook call-log on call-end".to_owned()],
            unverified: 1,
            reason: None,
        };
        Event { time: Timestamp::UNIX_EPOCH, ..Event::of_file(EventName::Drifted, &run(), file) }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{drifted, run};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn file_event_lists_keys_and_hooks() {
        let event = drifted("C:\\a.ini", &["Settings.AA"]);
        assert_eq!(
            event.json(),
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"msipctl.audit.drifted\",\"host\":\"DESK-0412\",\
             \"user\":\"\\u00e4nn\\u001b[31m\\n\",\"run\":\"20261201T004500Z-9f3c\",\"policy\":\"company.toml\",\
             \"path\":\"C:\\\\a.ini\",\"keys\":[\"Settings.AA\"],\"hooks\":[\"hook call-log on call-end\"],\
             \"unverified\":1}"
        );
        assert_eq!(event.text(), "2 keys or hooks differ from the policy");
        assert_eq!(event.severity(), Severity::Warning);
    }

    #[test]
    fn summary_severity_is_the_worst_state() {
        let severity = |drifted, failed| {
            let counts = Counts { files: 3, drifted: Some(drifted), failed, ..Counts::default() };
            Event::summary(EventName::AuditSummary, &run(), counts).severity()
        };
        assert_eq!(severity(0, 0), Severity::Info);
        assert_eq!(severity(1, 0), Severity::Warning);
        assert_eq!(severity(1, 1), Severity::Error);
    }

    #[test]
    fn event_names_and_ids_are_unique() {
        let names = [
            EventName::InSync,
            EventName::Drifted,
            EventName::AuditFailed,
            EventName::AuditSummary,
            EventName::Changed,
            EventName::Unchanged,
            EventName::ApplyFailed,
            EventName::ApplySummary,
        ];
        let ids: std::collections::BTreeSet<_> = names.iter().map(|name| name.id()).collect();
        let texts: std::collections::BTreeSet<_> = names.iter().map(|name| name.name()).collect();
        assert_eq!((ids.len(), texts.len()), (names.len(), names.len()));
    }

    proptest! {
        #[test]
        fn limited_event_is_short_and_valid_json(
            host in r"\PC{0,300}",
            path in r"(?s).{0,1200}",
            keys in prop::collection::vec(r"\PC{0,80}", 0..300),
        ) {
            let run = Run { host, ..run() };
            let file = FileResult { path, keys, ..FileResult::default() };
            let event = Event::of_file(EventName::Drifted, &run, file);
            let line = event.json_within(2000);
            prop_assert!(line.len() <= 2000, "{}", line.len());
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read["event"], "msipctl.audit.drifted");
        }
    }
}
