//! Reads reports, one row at a time.

use std::fmt;
use std::io::Read;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::identity::Identity;
use super::row::AuditRow;

/// The version of the format that this msipctl reads.
const VERSION: u64 = 1;

/// The fields of a report other than its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportHead {
    /// The origin; `None` in a report of an older msipctl.
    pub audit: Option<Identity>,
    /// When it was created; `None` in a report of an older msipctl.
    pub time: Option<Timestamp>,
    /// Whether it has a list of files. Only the last line of NDJSON has none.
    pub has_files: bool,
    /// The number of its files.
    pub files: usize,
    tool: Option<String>,
    version: Option<u64>,
}

/// Why a text isn't a report of `audit`.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It isn't JSON, or its fields don't have the form of a report.
    #[error("{}", shown(.0))]
    Json(#[from] serde_json::Error),
    /// Another program created it.
    #[error("not a report of msipctl")]
    Foreign,
    /// Another version of the format.
    #[error("unknown version {0} of the format: expected 1")]
    Version(u64),
    /// It has no list of files.
    #[error("not a report of `audit`: missing field `files`")]
    NoFiles,
}

/// Describes an error without its location, which differs between reports with the same error.
fn shown(error: &serde_json::Error) -> String {
    match error.classify() {
        serde_json::error::Category::Eof => "truncated JSON".to_owned(),
        serde_json::error::Category::Syntax => "invalid JSON".to_owned(),
        serde_json::error::Category::Io => format!("can't read it: {error}"),
        serde_json::error::Category::Data => {
            let text = error.to_string();
            let message = text.split(" at line ").next().unwrap_or_default();
            format!("not a report of `audit`: {message}")
        }
    }
}

impl ReportHead {
    /// Checks that msipctl created the report, in a version that can be read.
    ///
    /// # Errors
    ///
    /// When another program or another version created it, or `files` is required and missing.
    pub fn check(self, requires_files: bool) -> Result<Self, ReadError> {
        if !self.tool.as_ref().is_some_and(|tool| tool.starts_with("msipctl ")) {
            return Err(ReadError::Foreign);
        }
        match self.version {
            Some(VERSION) => {}
            None => return Err(ReadError::Foreign),
            Some(other) => return Err(ReadError::Version(other)),
        }
        match self.has_files || !requires_files {
            true => Ok(self),
            false => Err(ReadError::NoFiles),
        }
    }
}

/// Reads one JSON document, and passes on its rows as they come. Rows of a document that has an error later were passed
/// on, too; the caller drops them.
///
/// # Errors
///
/// When the text isn't a JSON document with the fields of a report.
///
/// # Example
///
/// ```
/// use msipctl_core::audit_report::read_report;
///
/// let text = r#"{"schema_version": 1, "tool": "msipctl 0.1.0", "files": [
///     {"path": "a.ini", "state": "in_sync", "drift": [], "unverified": 0}
/// ]}"#;
/// let mut paths = Vec::new();
/// let head = read_report(text.as_bytes(), &mut |row| paths.push(row.path))?.check(true)?;
/// assert_eq!((head.files, paths), (1, vec!["a.ini".to_owned()]));
/// # Ok::<(), msipctl_core::audit_report::ReadError>(())
/// ```
pub fn read_report(text: &[u8], row: &mut dyn FnMut(AuditRow)) -> Result<ReportHead, ReadError> {
    read_with(serde_json::Deserializer::from_slice(text), row)
}

/// Reads one JSON document from a stream, as [`read_report`] does, without keeping more than a row.
///
/// # Errors
///
/// As [`read_report`].
pub fn read_report_from(
    stream: impl Read,
    row: &mut dyn FnMut(AuditRow),
) -> Result<ReportHead, ReadError> {
    read_with(serde_json::Deserializer::from_reader(stream), row)
}

fn read_with<'de, R: serde_json::de::Read<'de>>(
    mut json: serde_json::Deserializer<R>,
    row: &mut dyn FnMut(AuditRow),
) -> Result<ReportHead, ReadError> {
    let head = Document(row).deserialize(&mut json)?;
    json.end()?;
    Ok(head)
}

/// Reads a line of NDJSON that has one row.
///
/// # Errors
///
/// When it has another form.
pub fn read_row(line: &[u8]) -> Result<AuditRow, ReadError> {
    Ok(serde_json::from_slice(line)?)
}

/// The names of the fields that matter.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Field {
    Audit,
    Files,
    SchemaVersion,
    Time,
    Tool,
    #[serde(other)]
    Other,
}

/// A document, whose rows are passed on.
struct Document<'f>(&'f mut dyn FnMut(AuditRow));

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ReportHead;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<ReportHead, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ReportHead;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a report")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReportHead, A::Error> {
        let mut head = ReportHead::default();
        let twice = |name| A::Error::custom(format!("duplicate field `{name}`"));
        while let Some(field) = map.next_key()? {
            match field {
                Field::Audit if head.audit.is_some() => return Err(twice("audit")),
                Field::Audit => head.audit = map.next_value()?,
                Field::Files if head.has_files => return Err(twice("files")),
                Field::Files => {
                    head.has_files = true;
                    head.files = map.next_value_seed(Rows(&mut *self.0))?;
                }
                Field::SchemaVersion => head.version = Some(map.next_value()?),
                Field::Time => head.time = Some(map.next_value::<Time>()?.0),
                Field::Tool => head.tool = map.next_value()?,
                Field::Other => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(head)
    }
}

#[derive(Deserialize)]
struct Time(#[serde(with = "super::identity::time")] Timestamp);

/// The list of files.
struct Rows<'f>(&'f mut dyn FnMut(AuditRow));

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of files")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<usize, A::Error> {
        let mut files = 0;
        while let Some(row) = rows.next_element()? {
            (self.0)(row);
            files += 1;
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"path": "a", "state": "in_sync", "drift": [], "unverified": 0}"#;

    fn read(text: &str) -> Result<(ReportHead, Vec<AuditRow>), String> {
        let mut rows = Vec::new();
        let head = read_report(text.as_bytes(), &mut |row| rows.push(row));
        let streamed = read_report_from(text.as_bytes(), &mut |_| {});
        assert_eq!(head.is_ok(), streamed.is_ok());
        let head = head.and_then(|head| head.check(true)).map_err(|error| error.to_string())?;
        Ok((head, rows))
    }

    #[test]
    fn rows_are_read_before_and_after_the_other_fields() {
        let head = r#""schema_version": 1, "tool": "msipctl 0.1.0", "more": {"a": [1]}"#;
        let time = r#""time": "2026-12-01T00:00:00Z""#;
        for text in [
            format!("{{{head}, {time}, \"files\": [{ROW}, {ROW}]}}"),
            format!("{{\"files\": [{ROW}, {ROW}], {time}, {head}}}"),
        ] {
            let (head, rows) = read(&text).unwrap();
            assert_eq!((head.files, rows.len()), (2, 2));
            assert_eq!(head.time.unwrap().to_string(), "2026-12-01T00:00:00Z");
        }
    }

    #[test]
    fn broken_reports_are_rejected_with_a_reason_without_location() {
        let head = r#""schema_version": 1, "tool": "msipctl 0.1.0""#;
        let event = ROW.replace("[]", r#"[{"section": "S", "key": "K", "expected": "1", "policy": "p", "hook": {"template": "t", "event": "e", "problem": "missing"}}]"#);
        for (text, expected) in [
            (String::new(), "truncated JSON"),
            (format!("{{{head}, \"files\": [{ROW}"), "truncated JSON"),
            ("<html>".to_owned(), "invalid JSON"),
            (format!("{{{head}, \"files\": []}} x"), "invalid JSON"),
            (format!("{{{head}}}"), "not a report of `audit`: missing field `files`"),
            ("{\"files\": []}".to_owned(), "not a report of msipctl"),
            (
                "{\"files\": [], \"tool\": \"msipctl 9\", \"schema_version\": 2}".to_owned(),
                "unknown version 2 of the format: expected 1",
            ),
            (
                format!("{{{head}, \"files\": [], \"files\": []}}"),
                "not a report of `audit`: duplicate field `files`",
            ),
            (
                format!("{{{head}, \"files\": [{{\"path\": \"a\", \"findings\": []}}]}}"),
                "not a report of `audit`: missing field `state`",
            ),
            (
                format!("{{{head}, \"time\": \"yesterday\", \"files\": []}}"),
                "not a report of `audit`: expected a time such as 2026-12-01T00:45:00Z",
            ),
            (format!("{{{head}, \"files\": [{event}]}}"), "not a report of `audit`: unknown event"),
        ] {
            assert_eq!(read(&text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn deeply_nested_json_is_rejected() {
        let text = format!("{{\"more\": {}", "[".repeat(1_000_000));
        assert!(read(&text).is_err());
    }
}
