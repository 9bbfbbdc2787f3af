//! What is sorted: rows, documents, and broken documents, each with its key and version.

use std::cmp::Ordering;

use jiff::Timestamp;

/// The first byte of a key, by which entries of the same kind are sorted together.
pub(super) const BROKEN: u8 = 0;
pub(super) const ROW: u8 = 1;
pub(super) const DOCUMENT: u8 = 2;

/// One entry. Entries are sorted by key, and those of one key from the newest to the oldest. Equal times are decided by
/// the run and then by the content, never by the order of reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Vec<u8>,
    pub(super) time: i128,
    pub(super) run: String,
    pub(super) payload: Vec<u8>,
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        let version = |it: &Self, other: &Self| {
            let by_run = it.time.cmp(&other.time).then_with(|| it.run.cmp(&other.run));
            by_run.then_with(|| it.payload.cmp(&other.payload))
        };
        self.key.cmp(&other.key).then_with(|| version(other, self))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Entry {
    /// Creates an entry of a kind, with the rest of its key.
    pub(super) fn new(kind: u8, key: &[u8], time: Timestamp, run: &str, payload: Vec<u8>) -> Self {
        let key = [&[kind], key].concat();
        Self { key, time: time.as_nanosecond(), run: run.to_owned(), payload }
    }

    /// Returns the kind.
    pub(super) fn kind(&self) -> u8 {
        self.key.first().copied().unwrap_or_default()
    }

    /// Returns the computer in the key of a row, in the form that is compared.
    pub(super) fn host(&self) -> &[u8] {
        let key = self.key.get(1..).unwrap_or_default();
        key.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Returns about how much memory it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.key.len() + self.run.len() + self.payload.len() + 48
    }

    /// Writes it as the record of a file.
    pub(super) fn encode(&self, record: &mut Vec<u8>) {
        record.clear();
        record.extend(self.time.to_le_bytes());
        for part in [&self.key, self.run.as_bytes()] {
            record.extend((part.len() as u64).to_le_bytes());
            record.extend(part);
        }
        record.extend(&self.payload);
    }

    /// Reads a record that [`Entry::encode`] wrote.
    pub(super) fn decode(record: &[u8]) -> Option<Self> {
        fn part<'r>(record: &mut &'r [u8]) -> Option<&'r [u8]> {
            let (length, rest) = record.split_first_chunk()?;
            let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
            let (part, rest) = rest.split_at_checked(length)?;
            *record = rest;
            Some(part)
        }
        let (time, mut rest) = record.split_first_chunk()?;
        let key = part(&mut rest)?.to_vec();
        let run = String::from_utf8(part(&mut rest)?.to_vec()).ok()?;
        Some(Self { key, time: i128::from_le_bytes(*time), run, payload: rest.to_vec() })
    }
}

/// Returns the form in which a computer and the path of a file on it are compared.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::merge::file_key;
///
/// assert_eq!(file_key("PC-1", "C:/a/B.ini", true), file_key("pc-1", r"c:\A\b.INI", true));
/// assert_ne!(file_key("pc-1", "/a/B.ini", false), file_key("pc-1", "/a/b.ini", false));
/// ```
pub fn file_key(host: &str, path: &str, is_windows: bool) -> Vec<u8> {
    let mut key = host_key(host).into_bytes();
    key.push(0);
    let slashed = path.replace('\\', "/");
    let plain = slashed.trim_start_matches("./");
    match is_windows {
        true => key.extend(plain.to_lowercase().bytes()),
        false => key.extend(plain.bytes()),
    }
    key
}

/// Returns the form in which the name of a computer is compared. It contains no NUL character.
pub(super) fn host_key(host: &str) -> String {
    host.to_lowercase().replace('\0', "\u{fffd}")
}
