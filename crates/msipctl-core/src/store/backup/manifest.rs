//! The list of a backup folder: `manifest.ndjson`, one JSON object per line, oldest first.
//!
//! A line is appended in a single write. It states how many backups of its file to keep, so the lines themselves show
//! which ones are obsolete. Nothing has to be rewritten when a backup expires, and removing the last line restores the
//! expired one. Obsolete lines are removed from time to time. Invariants: only the holder of the folder's lock changes
//! the list. A line without a line feed is incomplete and ignored. Invalid lines stay unchanged.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entry::{BackupId, Entry};
use crate::store::error::{Error, Operation, Reason};
use crate::store::file::durability::Durability;
use crate::store::file::guard::lock_shared;
use crate::store::file::list::{finished, no_list, read_list};
use crate::store::file::temporary::Temporary;
use crate::store::system::{self, OpenFolder, Owner};

/// The name of the list in its folder.
pub(in crate::store) const MANIFEST: &str = "manifest.ndjson";

/// The name of the lock file in the same folder; it's never removed.
pub(in crate::store) const LOCK: &str = "lock";

/// The prefix of temporary files in a backup folder.
pub(in crate::store) const TEMPORARY: &str = ".msipctl-";

/// The number of obsolete lines of a file after which the list is cleaned up.
const DEAD_LINES: usize = 64;

/// A line of the file. Fields of later versions are ignored.
#[derive(Serialize, Deserialize)]
struct Line {
    schema_version: u32,
    id: String,
    file: String,
    path: String,
    /// The bytes of a path that isn't valid UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_hex: Option<String>,
    run: String,
    time: String,
    command: String,
    bytes: u64,
    sha256: String,
    sha256_after: String,
    keep: Option<usize>,
}

/// The list of a folder, locked.
pub(in crate::store) struct Manifest {
    folder: Arc<OpenFolder>,
    file: File,
    /// All complete lines.
    text: Vec<u8>,
    owner: Option<Owner>,
    _lock: File,
}

/// The lines and files that a new line makes obsolete.
#[derive(Debug, Default)]
pub(in crate::store) struct Expired {
    /// Names of backup files that are no longer listed.
    pub(in crate::store) files: Vec<String>,
    /// Whether to remove obsolete lines from the list.
    pub(in crate::store) clear: bool,
}

impl Manifest {
    /// Locks the folder and opens its list, which is created if missing. Removes a truncated last line.
    pub(in crate::store) fn open(
        folder: &Arc<OpenFolder>,
        owner: Option<Owner>,
        wait: Duration,
    ) -> Result<Self, Error> {
        let lock = lock_shared(folder, LOCK, owner, wait)?;
        let path = || folder.path().join(MANIFEST);
        let fail = |error| Error::io(path(), Operation::WriteManifest, error);
        let mut file = folder
            .open_private(MANIFEST.as_ref(), owner)
            .map_err(|error| no_list(folder, MANIFEST).unwrap_or_else(|| fail(error)))?;
        let (identity, mut text) = read_list(&path(), &mut file, Operation::WriteManifest)?;
        if identity.links() > 1 {
            // Its content would be written to another file, too.
            return Err(Error::new(path(), Reason::NotAList { found: "a hard link" }));
        }
        let finished = finished(&text).len();
        if finished < text.len() {
            let truncated = text.len() - finished;
            log::debug!("{}: removed {truncated} bytes of a truncated line", path().display());
            text.truncate(finished);
            file.set_len(finished as u64)
                .and_then(|()| file.seek(SeekFrom::End(0)).map(drop))
                .map_err(fail)?;
        }
        Ok(Self { folder: Arc::clone(folder), file, text, owner, _lock: lock })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(MANIFEST)
    }

    /// Returns the names of the files in the list, including obsolete lines.
    pub(in crate::store) fn files(&self) -> HashSet<String> {
        entries(&self.text).into_iter().map(|entry| entry.file).collect()
    }

    /// Appends a line in a single write, and flushes it. If that fails, the list is unchanged.
    pub(in crate::store) fn append(
        &mut self,
        entry: &Entry,
        durability: Durability,
    ) -> Result<(), Error> {
        let before = self.text.len();
        let written = encode(entry).and_then(|line| {
            self.text.extend_from_slice(&line);
            self.file.write_all(&line)?;
            if durability == Durability::Full { self.file.sync_all() } else { Ok(()) }
        });
        written.map_err(|error| {
            self.text.truncate(before);
            let restored = self.file.set_len(before as u64).and_then(|()| self.file.sync_all());
            log::debug!("{}: restored to {before} bytes: {restored:?}", self.path().display());
            Error::io(self.path(), Operation::WriteManifest, error)
        })
    }

    /// Returns what appending `entry` would make obsolete.
    pub(in crate::store) fn expired_by(&self, entry: &Entry) -> Expired {
        let Some(keep) = entry.keep else { return Expired::default() };
        let Ok(text) = std::str::from_utf8(&self.text) else { return Expired::default() };
        // Thousands of files may share the folder, so their lines are skipped without parsing.
        let Ok(path) = serde_json::to_string(&entry.path.to_string_lossy()) else {
            return Expired::default();
        };
        let mark = format!("\"path\":{path}");
        if text.matches(&mark).count() < keep {
            return Expired::default();
        }
        let lines = text.lines().filter(|line| line.contains(&mark));
        let mut entries: Vec<Entry> = lines.filter_map(|line| decode(line.as_bytes())).collect();
        entries.retain(|other| other.path == entry.path);
        let before = alive(&entries);
        entries.push(entry.clone());
        let after = alive(&entries);
        let dead = after.iter().filter(|alive| !**alive).count();
        let ended = before.iter().zip(&after).map(|(before, after)| *before && !*after);
        let files = entries.into_iter().zip(ended).filter(|(_, ended)| *ended);
        Expired {
            files: files.map(|(entry, _)| entry.file).collect(),
            clear: dead >= DEAD_LINES.max(keep),
        }
    }

    /// Removes the line of `id` again.
    pub(in crate::store) fn remove(mut self, id: &BackupId) -> Result<(), Error> {
        let last = self.text.strip_suffix(b"\n").unwrap_or_default();
        let start = last.iter().rposition(|&byte| byte == b'\n').map_or(0, |found| found + 1);
        let is_last = self.text.get(start..).and_then(decode).is_some_and(|entry| entry.id == *id);
        if !is_last {
            return self.rewrite(|entry| entry.id != *id);
        }
        self.text.truncate(start);
        self.file
            .set_len(start as u64)
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Error::io(self.path(), Operation::WriteManifest, error))
    }

    /// Removes obsolete lines from the list, and returns the backups in them.
    pub(in crate::store) fn clear(mut self) -> Result<Vec<Entry>, Error> {
        let entries = entries(&self.text);
        let dead = alive(&entries).into_iter().map(|alive| !alive);
        self.drop_flagged(entries, dead)
    }

    /// Keeps the newest `keep` backups of each selected file, and returns the other backups of these files.
    pub(in crate::store) fn prune(
        &mut self,
        keep: usize,
        is_meant: impl Fn(&Entry) -> bool,
    ) -> Result<Vec<Entry>, Error> {
        let entries = entries(&self.text);
        let mut marks = alive(&entries);
        let mut seen: HashMap<&Path, usize> = HashMap::new();
        let listed = entries.iter().zip(&mut marks).rev();
        for (entry, alive) in listed.filter(|(entry, alive)| **alive && is_meant(entry)) {
            let count = seen.entry(&entry.path).or_default();
            *count += 1;
            *alive = *count <= keep;
        }
        self.drop_flagged(entries, marks.into_iter().map(|alive| !alive))
    }

    fn drop_flagged(
        &mut self,
        entries: Vec<Entry>,
        marks: impl Iterator<Item = bool>,
    ) -> Result<Vec<Entry>, Error> {
        let dropped = entries.into_iter().zip(marks).filter(|(_, dropped)| *dropped);
        let dropped: Vec<Entry> = dropped.map(|(entry, _)| entry).collect();
        if !dropped.is_empty() {
            let ids: HashSet<_> = dropped.iter().map(|entry| &entry.id).collect();
            self.rewrite(|entry| !ids.contains(&entry.id))?;
        }
        Ok(dropped)
    }

    /// Replaces the list with one that has only the lines of `kept` backups.
    fn rewrite(&mut self, kept: impl Fn(&Entry) -> bool) -> Result<(), Error> {
        let path = self.path();
        let fail = |error: io::Error| Error::io(&path, Operation::WriteManifest, error);
        let mut text = Vec::with_capacity(self.text.len());
        for line in self.text.split_inclusive(|&byte| byte == b'\n') {
            if decode(line).is_none_or(|entry| kept(&entry)) {
                text.extend_from_slice(line);
            }
        }
        let (temporary, mut file) =
            Temporary::create(&self.folder, TEMPORARY.as_ref()).map_err(fail)?;
        system::set_owner(&file, self.owner).map_err(fail)?;
        file.write_all(&text).map_err(fail)?;
        file.sync_all().map_err(fail)?;
        // Windows doesn't replace a file that is open. The lock keeps other writers out in the meantime.
        self.file = file;
        temporary.place(|folder, name| folder.rename(name, MANIFEST.as_ref())).map_err(fail)?;
        self.folder.flush().map_err(fail)?;
        log::debug!("{}: kept {} of {} bytes", path.display(), text.len(), self.text.len());
        self.text = text;
        Ok(())
    }
}

/// Reads the backups of a folder, oldest first, without its lock, because the list is only appended to or replaced as
/// one file. Returns no backups if there is no list.
pub(in crate::store) fn list(folder: &OpenFolder) -> Result<Vec<Entry>, Error> {
    let path = folder.path().join(MANIFEST);
    let mut file = match folder.open_file(MANIFEST.as_ref()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| {
            let fail = |error| Error::io(&path, Operation::ReadManifest, error);
            no_list(folder, MANIFEST).unwrap_or_else(|| fail(error))
        })?,
    };
    let (_, text) = read_list(&path, &mut file, Operation::ReadManifest)?;
    let entries = entries(finished(&text));
    let marks = alive(&entries);
    let listed = entries.into_iter().zip(marks).filter(|(_, alive)| *alive);
    Ok(listed.map(|(entry, _)| entry).collect())
}

fn entries(text: &[u8]) -> Vec<Entry> {
    text.split(|&byte| byte == b'\n').filter_map(decode).collect()
}

/// Replays the list: each line keeps only the newest backups of its file, as many as it states.
fn alive(entries: &[Entry]) -> Vec<bool> {
    let mut alive = vec![true; entries.len()];
    let mut queues: HashMap<&Path, Vec<usize>> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let queue = queues.entry(&entry.path).or_default();
        queue.push(index);
        // The backup of the run itself is always kept.
        let surplus = entry.keep.map_or(0, |keep| queue.len().saturating_sub(keep.max(1)));
        for index in queue.drain(..surplus) {
            if let Some(mark) = alive.get_mut(index) {
                *mark = false;
            }
        }
    }
    alive
}

fn encode(entry: &Entry) -> io::Result<Vec<u8>> {
    let line = Line {
        schema_version: 1,
        id: entry.id.to_string(),
        file: entry.file.clone(),
        path: entry.path.to_string_lossy().into_owned(),
        path_hex: system::path_to_hex(&entry.path),
        run: entry.run.to_string(),
        time: entry.time.to_string(),
        command: entry.command.clone(),
        bytes: entry.bytes,
        sha256: entry.sha256.to_string(),
        sha256_after: entry.sha256_after.to_string(),
        keep: entry.keep,
    };
    let mut line = serde_json::to_vec(&line)?;
    line.push(b'\n');
    Ok(line)
}

/// Parses a line; `None` if it isn't a line of msipctl, or names another file than that of its backup.
fn decode(line: &[u8]) -> Option<Entry> {
    let line: Line = serde_json::from_slice(line).ok()?;
    let id = BackupId::parse(&line.id).filter(|id| id.file() == line.file)?;
    Some(Entry {
        id,
        path: match line.path_hex {
            Some(hex) => system::path_from_hex(&hex)?,
            None => PathBuf::from(line.path),
        },
        run: line.run.parse().ok()?,
        time: line.time.parse().ok()?,
        command: line.command,
        bytes: line.bytes,
        sha256: line.sha256.parse().ok()?,
        sha256_after: line.sha256_after.parse().ok()?,
        file: line.file,
        keep: line.keep,
    })
}
