//! Reads the sources of a merge.

use std::io::{self, Read};
use std::num::NonZero;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::document::{IN_MEMORY, Reading, Sink};
use super::entry::{BROKEN, Entry, host_key};
use super::hosts::{Listed, Silence};
use super::merged::{Rows, Summary, merged};
use super::sorter::Sorter;
use crate::audit_report::Identity;
use crate::fleet::groups::Groups;
use crate::fleet::workers::{Stop, in_order};
use crate::store::{Contents, Digest, Error, Input, contents, each_file};

/// The maximum size of the entries in memory.
const MAX_ENTRIES: usize = 4 * 1024 * 1024;

/// The number of files that are read together.
const BATCH: usize = 1024;

/// How far the clock of a computer can be ahead.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// How to merge.
#[derive(Debug, Clone)]
pub struct MergeOptions<'s> {
    /// The time that decides which computers are silent.
    pub as_of: Timestamp,
    /// How long a computer can go without a report.
    pub silent_after: SignedDuration,
    /// The number of files to read in parallel.
    pub jobs: NonZero<usize>,
    /// Ends reading early.
    pub stop: &'s Stop,
}

/// Why reports can't be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A temporary file can't be written or read.
    #[error("can't use a temporary file: {0}")]
    Temporary(#[from] io::Error),
    /// No source has a report.
    #[error("no reports found")]
    NoReports {
        /// The broken documents by reason.
        broken: Box<Groups<String>>,
    },
}

/// Reports that are being merged.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::{Stop, merge::{Merge, MergeOptions}};
/// use std::num::NonZero;
///
/// let text = r#"{"schema_version": 1, "tool": "msipctl 0.1.0", "time": "2026-12-01T00:00:00Z", "files": [
///     {"path": "a.ini", "state": "in_sync", "drift": [], "unverified": 0}
/// ]}"#;
/// let stop = Stop::new();
/// let as_of = "2026-12-01T12:00:00Z".parse()?;
/// let silent_after = jiff::SignedDuration::from_hours(7 * 24);
/// let mut merge = Merge::new(MergeOptions { as_of, silent_after, jobs: NonZero::<usize>::MIN, stop: &stop });
/// merge.add_stream(&mut text.as_bytes())?;
/// merge.add_stream(&mut text.as_bytes())?;
/// let (identity, summary, mut rows) = merge.finish(None)?;
/// assert_eq!(rows.next()?.unwrap().path, "a.ini");
/// assert_eq!((summary.reports, identity.time.to_string()), (1, "2026-12-01T00:00:00Z".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Merge<'s> {
    options: MergeOptions<'s>,
    sorter: Sorter,
    ignored: usize,
}

/// A file to read, and the site of its rows.
#[derive(Debug)]
struct ToRead {
    path: PathBuf,
    site: Option<String>,
}

/// Entries in memory, of one small file.
#[derive(Debug, Default)]
struct Collected {
    entries: Vec<Entry>,
    broken: Vec<(String, Digest)>,
}

impl Sink for Collected {
    fn entry(&mut self, entry: Entry) -> io::Result<()> {
        self.entries.push(entry);
        Ok(())
    }

    fn broken(&mut self, reason: String, digest: Digest) -> io::Result<()> {
        self.broken.push((reason, digest));
        Ok(())
    }
}

/// The entries of a source that can be large.
struct Direct<'m> {
    sorter: &'m mut Sorter,
    /// The path; `None` for standard input.
    path: Option<&'m Path>,
}

impl Sink for Direct<'_> {
    fn entry(&mut self, entry: Entry) -> io::Result<()> {
        self.sorter.push(entry)
    }

    fn broken(&mut self, reason: String, digest: Digest) -> io::Result<()> {
        let source = match self.path {
            Some(path) => path.display().to_string(),
            None => format!("-#{:.8}", digest.to_string()),
        };
        self.sorter.push(broken(&source, &reason))
    }
}

fn broken(source: &str, reason: &str) -> Entry {
    let text = format!("{}\0{reason}", source.replace('\0', "\u{fffd}"));
    Entry::new(BROKEN, text.as_bytes(), Timestamp::UNIX_EPOCH, "", text.clone().into_bytes())
}

/// What a worker returns for a file.
enum FileRead {
    Small(io::Result<Collected>),
    Large(Box<dyn Read + Send>),
    Failed(Error),
}

impl<'s> Merge<'s> {
    /// Begins a merge.
    pub fn new(options: MergeOptions<'s>) -> Self {
        Self::with_max_entries(options, MAX_ENTRIES)
    }

    pub(super) fn with_max_entries(options: MergeOptions<'s>, max_entries: usize) -> Self {
        Self { options, sorter: Sorter::new(max_entries), ignored: 0 }
    }

    /// Returns the number of files in folders whose names don't end in `.json` or `.ndjson`.
    pub fn ignored(&self) -> usize {
        self.ignored
    }

    /// Reads all reports in a folder and the folders below it. The first folder below it is the site of reports without one.
    ///
    /// # Errors
    ///
    /// When a temporary file can't be written. Files and folders that can't be read are counted as broken documents.
    pub fn add_folder(&mut self, folder: &Path) -> io::Result<()> {
        let (mut batch, mut failed) = (Vec::new(), None);
        each_file(folder, &mut |path| {
            if failed.is_some() || self.options.stop.is_requested() {
                return;
            }
            let done = match path {
                Ok(path) if is_report(&path) => {
                    let site = site_of(&path, folder);
                    batch.push(ToRead { path, site });
                    if batch.len() >= BATCH {
                        self.read(&std::mem::take(&mut batch))
                    } else {
                        Ok(())
                    }
                }
                Ok(path) => {
                    self.ignored += usize::from(!is_temporary(&path));
                    Ok(())
                }
                Err(error) => {
                    let path = error.path().display().to_string();
                    self.sorter.push(broken(&path, &error.without_path()))
                }
            };
            failed = done.err();
        });
        failed.map_or(Ok(()), Err)?;
        self.read(&batch)
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When a temporary file can't be written.
    pub fn add_file(&mut self, path: &Path) -> io::Result<()> {
        self.read(&[ToRead { path: path.to_owned(), site: None }])
    }

    /// Reads documents from a stream.
    ///
    /// # Errors
    ///
    /// When the stream can't be read, or a temporary file can't be written.
    pub fn add_stream(&mut self, stream: &mut dyn Read) -> io::Result<()> {
        let reading = reading(&self.options, None);
        reading.stream(stream, &mut Direct { sorter: &mut self.sorter, path: None })
    }

    /// Sorts what was read, and compares the computers with an inventory.
    ///
    /// # Errors
    ///
    /// When there is no report, or a temporary file can't be used.
    pub fn finish(
        self,
        inventory: Option<Vec<(String, Option<String>)>>,
    ) -> Result<(Identity, Summary, Rows), MergeError> {
        let MergeOptions { as_of, silent_after: after, .. } = self.options;
        let inventory = inventory.map(|listed| {
            let keyed = listed.into_iter().map(|(host, site)| (host_key(&host), host, site));
            let mut listed: Vec<Listed> = keyed.collect();
            listed.sort();
            listed.dedup_by(|again, first| again.0 == first.0);
            listed
        });
        let sorted = self.sorter.finish()?;
        let found = merged(sorted, Silence { as_of, after }, inventory.as_deref())?;
        match found.1.reports {
            0 => Err(MergeError::NoReports { broken: Box::new(found.1.broken_groups) }),
            _ => Ok(found),
        }
    }

    fn read(&mut self, files: &[ToRead]) -> io::Result<()> {
        let options = self.options.clone();
        let work = |file: &ToRead| match contents(&file.path, IN_MEMORY as u64, Input::Report) {
            Ok(Contents::Bytes(bytes)) => {
                let mut collected = Collected::default();
                let read = reading(&options, file.site.as_deref()).bytes(bytes, &mut collected);
                FileRead::Small(read.map(|()| collected))
            }
            Ok(Contents::Stream(stream)) => FileRead::Large(stream),
            Err(error) => FileRead::Failed(error),
        };
        let mut failed = None;
        let sorter = &mut self.sorter;
        in_order(files, options.jobs, options.stop, work, |file, read| {
            let mut direct = Direct { sorter, path: Some(&file.path) };
            let done = match read {
                FileRead::Small(collected) => {
                    collected.and_then(|Collected { entries, broken }| {
                        entries.into_iter().try_for_each(|entry| direct.entry(entry))?;
                        let mut broken = broken.into_iter();
                        broken.try_for_each(|(reason, digest)| direct.broken(reason, digest))
                    })
                }
                FileRead::Large(mut stream) => {
                    let reading = reading(&options, file.site.as_deref());
                    reading.stream(&mut stream, &mut direct)
                }
                FileRead::Failed(error) => direct.broken(error.without_path(), Digest::of(b"")),
            };
            if failed.is_none() {
                failed = done.err();
            }
        });
        failed.map_or(Ok(()), Err)
    }
}

fn reading<'r>(options: &MergeOptions<'_>, site: Option<&'r str>) -> Reading<'r> {
    let latest = options.as_of.saturating_add(MAX_AHEAD).unwrap_or(Timestamp::MAX);
    Reading { site, latest }
}

fn is_report(path: &Path) -> bool {
    let is_one = |kind: &str| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(kind));
    (is_one("json") || is_one("ndjson")) && !is_temporary(path)
}

/// Returns whether a name is the one of a temporary file, which another msipctl is writing.
fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with('.') && name.contains(".msipctl-")
}

/// Returns the first folder between a folder and a file below it.
fn site_of(path: &Path, folder: &Path) -> Option<String> {
    let mut below = path.strip_prefix(folder).ok()?.iter();
    let first = below.next()?.to_string_lossy().into_owned();
    below.next().map(|_| first)
}
