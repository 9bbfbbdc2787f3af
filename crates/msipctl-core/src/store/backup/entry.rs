//! A backup in the list: its name, and what is known about it.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::store::file::digest::Digest;
use crate::store::run_id::{RunId, parse_compact};

/// The maximum length of a file name in bytes that file systems support.
const MAX_NAME: usize = 255;

/// Longer file names are truncated in the names of their backups, so that these don't exceed [`MAX_NAME`].
const MAX_SHORT_NAME: usize = 180;

/// The suffix of the names of backup files.
const EXTENSION: &str = ".bak";

/// Identifies a backup within its folder: the name of the file, a dot, the time, a dash, and eight random hexadecimal
/// digits. Another dash and eight more digits are also accepted. The name of the backup file is the ID and `.bak`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BackupId(String);

impl BackupId {
    /// Parses an ID. Accepts only IDs that msipctl creates from the name of a file.
    pub(in crate::store) fn parse(text: &str) -> Option<Self> {
        let (name, time_and_random) = text.rsplit_once('.')?;
        let mut parts = time_and_random.split('-');
        let time = parts.next()?;
        let is_random = |text: &str| {
            text.len() == 8 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_id = parse_compact(time).is_some()
            && parts.next().is_some_and(is_random)
            && parts.next().is_none_or(is_random)
            && parts.next().is_none()
            && is_name(name)
            && text.len() + EXTENSION.len() <= MAX_NAME;
        is_id.then(|| Self(text.to_owned()))
    }

    /// Parses an ID from the name of a backup file.
    pub(in crate::store) fn of_file(name: &str) -> Option<Self> {
        Self::parse(name.strip_suffix(EXTENSION)?)
    }

    /// Returns the part of a file name that the IDs of its backups start with.
    pub(in crate::store) fn short_name(name: &str) -> &str {
        let end =
            (0..=MAX_SHORT_NAME.min(name.len())).rev().find(|end| name.is_char_boundary(*end));
        name.get(..end.unwrap_or_default()).unwrap_or_default()
    }

    /// Returns the name of the file that was backed up, or the start of a long name.
    pub(in crate::store) fn name(&self) -> &str {
        self.0.rsplit_once('.').map_or("", |(name, _)| name)
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the backup's file.
    pub(in crate::store) fn file(&self) -> String {
        format!("{}{EXTENSION}", self.0)
    }

    /// Returns whether `text` is this ID, the name of its file, or the end of the ID, starting with the time.
    pub(in crate::store) fn fits(&self, text: &str) -> bool {
        let text = text.strip_suffix(EXTENSION).unwrap_or(text);
        let head =
            self.0.strip_suffix(text).filter(|_| text.starts_with(|c: char| c.is_ascii_digit()));
        self.0 == text || head.is_some_and(|head| head.ends_with('.'))
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns whether a text can be a file name or a part of one, and nothing else.
fn is_name(text: &str) -> bool {
    let is_foreign = |c: char| match c {
        '/' | '\0' => true,
        '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => cfg!(windows),
        _ => cfg!(windows) && c.is_ascii_control(),
    };
    !text.is_empty() && !text.contains(is_foreign)
}

/// How far the write got that a backup was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The file was written after the backup.
    Written,
    /// The run stopped between the backup and the write: the file still had the content of the backup.
    Interrupted,
    /// The backup was made without a write.
    Alone,
}

impl Phase {
    /// Determines how far each write got. `entries` are in the order of the list, oldest first; `present` returns the
    /// hash of a file's current content, if known.
    ///
    /// The next content of the file shows whether a write happened. If it is neither what the run found nor what it
    /// wrote, another program wrote the file in between, and the write counts as completed.
    pub(in crate::store) fn of_all(
        entries: &[Entry],
        mut present: impl FnMut(&Path) -> Option<Digest>,
    ) -> Vec<Self> {
        let mut next: HashMap<&Path, Option<Digest>> = HashMap::new();
        let mut phases = Vec::with_capacity(entries.len());
        for entry in entries.iter().rev() {
            let path = entry.path.as_path();
            phases.push(if entry.sha256 == entry.sha256_after {
                Self::Alone
            } else {
                match next.entry(path).or_insert_with(|| present(path)) {
                    Some(after) if *after == entry.sha256 => Self::Interrupted,
                    _ => Self::Written,
                }
            });
            next.insert(path, Some(entry.sha256));
        }
        phases.reverse();
        phases
    }
}

/// A backup in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Its name within the folder.
    pub id: BackupId,
    /// The file that was backed up: absolute, links followed.
    pub path: PathBuf,
    /// The run that made it.
    pub run: RunId,
    /// When it was made, just before the write.
    pub time: Timestamp,
    /// The command of the run.
    pub command: String,
    /// The length in bytes.
    pub bytes: u64,
    /// The hash of the content of the backup.
    pub sha256: Digest,
    /// The hash of what the run wrote after the backup; the same hash for a backup without a write.
    pub sha256_after: Digest,
    /// The name of its file in the folder.
    pub file: String,
    /// How many backups of the file to keep, including this one; `None` for all.
    pub(in crate::store) keep: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backup_id_consists_of_file_name_time_and_random_suffix() {
        for id in [
            "MicroSIP.ini.20261123T090102Z-9f3c01d2",
            "MicroSIP.ini.20261123T090102Z-9f3c01d2-0123abcd",
            "a b.\u{e9}-x.ini.99991230T220000Z-00000000",
            "...20261123T090102Z-9f3c01d2",
        ] {
            let parsed = BackupId::parse(id).unwrap();
            assert_eq!(parsed.to_string(), id);
            assert_eq!(BackupId::of_file(&parsed.file()), Some(parsed));
        }
        assert_eq!(BackupId::parse("a.b.20261123T090102Z-9f3c01d2").unwrap().name(), "a.b");
    }

    #[test]
    fn malformed_backup_ids_are_rejected() {
        let long = format!("{}.20261123T090102Z-9f3c01d2", "x".repeat(240));
        for id in [
            "",
            "x",
            "important",
            "../x",
            "manifest.ndjson",
            "20261123T090102Z-9f3c01d2",
            ".20261123T090102Z-9f3c01d2",
            "../a.20261123T090102Z-9f3c01d2",
            "a/b.20261123T090102Z-9f3c01d2",
            "/etc/passwd.20261123T090102Z-9f3c01d2",
            "a\0.20261123T090102Z-9f3c01d2",
            "a.20261123T090102Z-9F3C01D2",
            "a.20261123T090102Z-9f3c01d",
            "a.20261123T090102Z-9f3c01d2-",
            "a.20261123T090102Z-9f3c01d2-0123abcd-0123abcd",
            "a.20261123T090102Z",
            "a.20261323T090102Z-9f3c01d2",
            "a.20261123T090102Z-9f3c01d2/../b",
            "a.20261123T090102Z-9f3c01d2.bak",
            &long,
        ] {
            assert_eq!(BackupId::parse(id), None, "{id:?}");
        }
        #[cfg(windows)]
        assert_eq!(BackupId::parse("a:b.20261123T090102Z-9f3c01d2"), None);
    }

    /// Lists the writes of a file by the content before and after each.
    fn phases(writes: &[(&str, &str)], present: Option<&str>) -> Vec<Phase> {
        let entry = |(before, after): &(&str, &str)| Entry {
            id: BackupId("a.20261123T090102Z-9f3c01d2".to_owned()),
            path: "/a".into(),
            run: RunId::new(),
            time: Timestamp::UNIX_EPOCH,
            command: "set".to_owned(),
            bytes: 1,
            sha256: Digest::of(before.as_bytes()),
            sha256_after: Digest::of(after.as_bytes()),
            file: "a.20261123T090102Z-9f3c01d2.bak".to_owned(),
            keep: None,
        };
        let entries: Vec<_> = writes.iter().map(entry).collect();
        Phase::of_all(&entries, |_| present.map(|bytes| Digest::of(bytes.as_bytes())))
    }

    #[test]
    fn write_is_interrupted_when_the_file_has_the_previous_bytes() {
        use Phase::{Alone, Interrupted, Written};

        assert_eq!(phases(&[("a", "b")], Some("b")), [Written]);
        assert_eq!(phases(&[("a", "b")], Some("a")), [Interrupted]);
        assert_eq!(phases(&[("a", "b")], Some("theirs")), [Written]);
        assert_eq!(phases(&[("a", "b")], None), [Written]);
        assert_eq!(phases(&[("a", "b"), ("a", "b")], Some("b")), [Interrupted, Written]);
        assert_eq!(phases(&[("a", "b"), ("a", "c")], Some("a")), [Interrupted, Interrupted]);
        assert_eq!(phases(&[("a", "b"), ("b", "a")], Some("a")), [Written, Written]);
        assert_eq!(phases(&[("a", "b"), ("b", "b")], Some("b")), [Written, Alone]);
        assert_eq!(phases(&[("a", "b"), ("a", "a")], Some("a")), [Interrupted, Alone]);
    }
}
