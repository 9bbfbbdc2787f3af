//! Requests that wait on disk until a server accepts them.
//!
//! A request is written and flushed before msipctl sends it, and removed after the server accepted it. So if msipctl is
//! killed at any moment, each request arrives at least once.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::CliError;
use msipctl_core::store::{self, Digest, PrivateFolder, PrivateLock};
use msipctl_host::process;

/// The maximum length of the body of a request, in bytes. With its head, it fits into a private file.
pub(crate) const MAX_BODY: usize = 1_000_000;

/// The maximum number of requests in the spool, and of their bytes together.
const MAX_ENTRIES: usize = 5_000;
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The folder for requests that the server rejected, in the spool.
const REJECTED: &str = "rejected";

/// The version of the format.
const VERSION: u32 = 1;

/// Returns the folder of the spool of this user; `None` if the system names no folder for local data.
pub(crate) fn spool_folder() -> Option<PathBuf> {
    process::own_folder(msipctl_windows::system()).map(|folder| folder.join("spool"))
}

/// The folder of requests that wait.
#[derive(Debug)]
pub(crate) struct Spool {
    folder: PrivateFolder,
}

/// The head of a request, which is the first line of its file. The body follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
    destination: String,
    method: String,
    content_type: String,
    /// The digest of the destination and the body. A server can use it to recognize a request that arrives again.
    id: String,
    /// The name below the destination, if the request uploads a file.
    file: Option<String>,
    /// What the request contains, for messages.
    source: String,
}

/// A request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    head: Head,
    body: Vec<u8>,
}

impl Entry {
    /// Creates a request. `source` names its content in messages.
    pub(crate) fn new(
        destination: &str,
        method: &str,
        content_type: &str,
        source: &str,
        body: Vec<u8>,
    ) -> Self {
        let id = Digest::of(&[destination.as_bytes(), b"\0", &body].concat()).to_string();
        let head = Head {
            version: VERSION,
            destination: destination.to_owned(),
            method: method.to_owned(),
            content_type: content_type.to_owned(),
            id: id[..32].to_owned(),
            file: None,
            source: source.to_owned(),
        };
        Self { head, body }
    }

    /// Makes it the upload of a file with this name.
    pub(crate) fn named(mut self, name: &str) -> Self {
        self.head.file = Some(name.to_owned());
        self
    }

    /// Returns the HTTP method.
    pub(crate) fn method(&self) -> &str {
        &self.head.method
    }

    /// Returns the content type.
    pub(crate) fn content_type(&self) -> &str {
        &self.head.content_type
    }

    /// Returns the digest that identifies the request.
    pub(crate) fn id(&self) -> &str {
        &self.head.id
    }

    /// Returns the name below the destination, if it uploads a file.
    pub(crate) fn file(&self) -> Option<&str> {
        self.head.file.as_deref()
    }

    /// Returns what the request contains.
    pub(crate) fn source(&self) -> &str {
        &self.head.source
    }

    /// Returns the body.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = super::json::ascii(&self.head).into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.body);
        bytes
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let is_token = |text: &str| text.bytes().all(|it| it.is_ascii_graphic() || it == b' ');
        let is_valid = head.version == VERSION
            && ["POST", "PUT", "TCP"].contains(&head.method.as_str())
            && is_token(&head.content_type)
            && head.file.as_deref() != Some("")
            && is_token(&head.id);
        is_valid.then(|| Self { head, body: bytes[end + 1..].to_vec() })
    }
}

impl Spool {
    /// Opens the spool, which is created if it doesn't exist.
    pub(crate) fn open(path: &Path) -> Result<Self, CliError> {
        Ok(Self { folder: PrivateFolder::open(path)? })
    }

    /// Adds a request and flushes it.
    ///
    /// # Errors
    ///
    /// When the request is too long, the spool is full, or the disk reports an error.
    pub(crate) fn add(&self, entry: &Entry) -> Result<(), CliError> {
        if entry.body.len() > MAX_BODY {
            let message = format!(
                "{}: {} bytes are too many to send: expected at most {MAX_BODY}",
                entry.source(),
                entry.body.len()
            );
            return Err(CliError::usage(message).hint("split it by site or PC"));
        }
        let bytes = entry.to_bytes();
        let names = self.folder.names()?;
        let used: u64 = names.iter().filter_map(|name| length_of(name)).sum();
        if names.len() >= MAX_ENTRIES || used + bytes.len() as u64 > MAX_BYTES {
            let message = format!(
                "{}: the spool is full: {} requests with {used} bytes wait in it",
                self.folder.path().display(),
                names.len()
            );
            let hint = "make the server reachable, and run `msipctl report push URL` to send them";
            return Err(CliError::precondition(message).hint(hint));
        }
        let prefix = prefix(&entry.head.destination);
        let earlier = names.iter().filter(|name| name.starts_with(&prefix));
        // After all others, even if the clock was set back.
        let after = earlier.filter_map(|name| time_of(name)).max().map_or(0, |time| time + 1);
        let time = u64::try_from(store::now().as_microsecond()).unwrap_or(0).max(after);
        // Another msipctl can add a request at the same time.
        let process = std::process::id();
        let name = format!("{prefix}-{time:020}-{process:x}-{}", bytes.len());
        Ok(self.folder.put(&name, &bytes)?)
    }

    /// Lists the names of the requests for a destination, the oldest first.
    pub(crate) fn names(&self, destination: &str) -> Result<Vec<String>, CliError> {
        let start = prefix(destination) + "-";
        let mut names = self.folder.names()?;
        names.retain(|name| name.starts_with(&start) && length_of(name).is_some());
        Ok(names)
    }

    /// Reads a request; `None` if it's for another destination, or if it was removed meanwhile.
    ///
    /// # Errors
    ///
    /// When the file is invalid, or can't be read.
    pub(crate) fn read(&self, name: &str, destination: &str) -> Result<Option<Entry>, CliError> {
        let bytes = match self.folder.read(name) {
            Err(error) if error.kind() == store::Kind::NotFound => return Ok(None),
            read => read?,
        };
        let entry = Entry::parse(&bytes).ok_or_else(|| {
            let path = self.folder.path().join(name);
            let error = CliError::runtime("invalid request in the spool").at(&path);
            error.hint("remove the file, and push the report again")
        })?;
        Ok((entry.head.destination == destination).then_some(entry))
    }

    /// Removes a request.
    pub(crate) fn remove(&self, name: &str) -> Result<(), CliError> {
        Ok(self.folder.remove(name)?)
    }

    /// Moves a request to the folder for rejected ones, and returns its path there.
    pub(crate) fn reject(&self, name: &str, entry: &Entry) -> Result<String, CliError> {
        let rejected = PrivateFolder::open(&self.folder.path().join(REJECTED))?;
        rejected.put(name, &entry.to_bytes())?;
        self.folder.remove(name)?;
        Ok(rejected.path().join(name).display().to_string())
    }

    /// Locks the requests for a destination; `None` if another msipctl sends them now.
    pub(crate) fn lock(&self, destination: &str) -> Result<Option<PrivateLock>, CliError> {
        Ok(self.folder.lock(&prefix(destination))?)
    }
}

/// Returns the start of the names of requests for a destination.
fn prefix(destination: &str) -> String {
    Digest::of(destination.as_bytes()).to_string()[..16].to_owned()
}

/// Returns the time in the name of a request, in microseconds.
fn time_of(name: &str) -> Option<u64> {
    name.split('-').nth(1)?.parse().ok().filter(|time| *time < u64::MAX)
}

/// Returns the length of a request, which ends its name.
fn length_of(name: &str) -> Option<u64> {
    let parts: Vec<_> = name.split('-').collect();
    let [_, _, _, length] = parts[..] else { return None };
    length.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(destination: &str, body: &str) -> Entry {
        Entry::new(destination, "POST", "application/json", "a\n.json", body.into())
    }

    fn spool() -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("spool")).unwrap();
        (folder, spool)
    }

    #[test]
    fn requests_are_kept_in_order_by_destination() {
        let (_folder, spool) = spool();
        // A request from a time to come, as after the clock was set back.
        let early = format!("{}-{:020}-1-9", prefix("http://a/"), u64::MAX - 9);
        spool.folder.put(&early, &entry("http://a/", "0").to_bytes()).unwrap();
        for (destination, body) in [("http://a/", "1"), ("http://b/", "2"), ("http://a/", "3\n4")] {
            spool.add(&entry(destination, body)).unwrap();
        }
        assert_eq!(spool.names("http://a/").unwrap()[0], early);
        spool.remove(&early).unwrap();
        let names = spool.names("http://a/").unwrap();
        let read = |name: &String| spool.read(name, "http://a/").unwrap().unwrap();
        let entries: Vec<_> = names.iter().map(read).collect();
        assert_eq!(entries, [entry("http://a/", "1"), entry("http://a/", "3\n4")]);
        assert_eq!(spool.read(&names[0], "http://c/").unwrap(), None);
        spool.remove(&names[0]).unwrap();
        assert_eq!(spool.read(&names[0], "http://a/").unwrap(), None);
        assert_eq!(spool.names("http://a/").unwrap().len(), 1);
    }

    #[test]
    fn rejected_request_is_kept_in_its_own_folder() {
        let (_folder, spool) = spool();
        spool.add(&entry("http://a/", "1")).unwrap();
        let name = spool.names("http://a/").unwrap().remove(0);
        let path = spool.reject(&name, &entry("http://a/", "1")).unwrap();
        assert!(spool.names("http://a/").unwrap().is_empty());
        let bytes = store::read(Path::new(&path)).unwrap().into_bytes();
        assert_eq!(Entry::parse(&bytes), Some(entry("http://a/", "1")));
    }

    #[test]
    fn same_content_has_the_same_id() {
        assert_eq!(entry("http://a/", "1").id(), entry("http://a/", "1").id());
        assert_ne!(entry("http://a/", "1").id(), entry("http://a/", "2").id());
        assert_ne!(entry("http://a/", "1").id(), entry("http://b/", "1").id());
    }

    #[test]
    fn invalid_files_are_errors() {
        let (_folder, spool) = spool();
        spool.add(&entry("http://a/", "1")).unwrap();
        let name = spool.names("http://a/").unwrap().remove(0);
        let valid = String::from_utf8(entry("http://a/", "1").to_bytes()).unwrap();
        for bytes in [
            String::new(),
            "{}\n".to_owned(),
            valid.replace("\"version\":1", "\"version\":2"),
            valid.replace("POST", "DELETE"),
            valid.replace("application/json", "a\\r\\nX: y"),
            valid.replace('\n', " "),
        ] {
            spool.folder.put(&name, bytes.as_bytes()).unwrap();
            assert!(spool.read(&name, "http://a/").is_err(), "{bytes}");
        }
    }

    #[test]
    fn full_spool_drops_nothing() {
        let (_folder, spool) = spool();
        let large = "x".repeat(MAX_BODY);
        assert!(spool.add(&entry("http://a/", &large)).is_ok());
        assert!(spool.add(&entry("http://a/", &(large + "x"))).is_err());
        // Its name states its length.
        let name = format!("{}-{:020}-1-{MAX_BYTES}", prefix("http://b/"), 1);
        spool.folder.put(&name, b"").unwrap();
        let error = spool.add(&entry("http://a/", "1")).unwrap_err();
        assert!(error.to_string().contains("the spool is full"), "{error}");
        assert_eq!(spool.names("http://a/").unwrap().len(), 1);
        assert_eq!(spool.names("http://b/").unwrap(), [name]);
    }
}
