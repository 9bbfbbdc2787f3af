//! Turns the documents of a source into entries.

use std::io::{self, BufRead, BufReader, Read};

use jiff::Timestamp;

use super::entry::{DOCUMENT, Entry, ROW, file_key};
use crate::audit_report::{
    AuditRow, Identity, ReadError, ReportHead, read_report, read_report_from, read_row,
};
use crate::fleet::groups::shortened;
use crate::store::{Digest, SpillFile};
use winini::{CodePage, Encoding};

/// A document up to this length is read in memory.
pub(super) const IN_MEMORY: usize = 4 * 1024 * 1024;

/// The field that every document and every last line of NDJSON has, and no row.
const VERSION: &[u8] = br#""schema_version""#;

/// How to read documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r> {
    /// The site of files without one.
    pub(super) site: Option<&'r str>,
    /// Reports that are newer come from a computer whose clock is wrong.
    pub(super) latest: Timestamp,
}

/// What becomes of the documents of a source.
pub(super) trait Sink {
    /// Takes an entry.
    ///
    /// # Errors
    ///
    /// When a temporary file can't be written.
    fn entry(&mut self, entry: Entry) -> io::Result<()>;

    /// Takes why a document is broken. `digest` identifies it within its source.
    ///
    /// # Errors
    ///
    /// When a temporary file can't be written.
    fn broken(&mut self, reason: String, digest: Digest) -> io::Result<()>;
}

impl Reading<'_> {
    /// Reads all documents of a small source.
    pub(super) fn bytes(&self, bytes: Vec<u8>, sink: &mut dyn Sink) -> io::Result<()> {
        let bytes = decoded(bytes);
        let is_single = !memchr::memmem::find_iter(&bytes, b"\n{").any(|_| true);
        if is_single && memchr::memmem::find(&bytes, VERSION).is_some() {
            return self.document(Chunk::of(bytes), &mut Stage::default(), sink);
        }
        self.stream(&mut &*bytes, sink)
    }

    /// Reads all documents of a stream: JSON documents and the lines of NDJSON, each of which starts at the start of a
    /// line.
    pub(super) fn stream(&self, stream: &mut dyn Read, sink: &mut dyn Sink) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        let (mut chunk, mut lines) = (Chunk::default(), Stage::default());
        let mut is_line_start = true;
        loop {
            let bytes = stream.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            if is_line_start && bytes.first() == Some(&b'{') && !chunk.is_open() {
                self.chunk(std::mem::take(&mut chunk), &mut lines, sink)?;
            }
            let line = memchr::memchr(b'\n', bytes);
            let length = line.map_or(bytes.len(), |end| end + 1);
            chunk.push(&bytes[..length])?;
            is_line_start = line.is_some();
            stream.consume(length);
        }
        if !chunk.is_blank() {
            self.chunk(chunk, &mut lines, sink)?;
        } else if chunk.length == 0 && lines.is_empty() {
            sink.broken("the file is empty".to_owned(), Digest::of(b""))?;
        }
        if !lines.is_empty() {
            let reason = "truncated NDJSON: the last line, with the summary, is missing";
            sink.broken(reason.to_owned(), lines.digest())?;
        }
        Ok(())
    }

    /// Reads a document or a line of NDJSON.
    fn chunk(&self, chunk: Chunk, lines: &mut Stage, sink: &mut dyn Sink) -> io::Result<()> {
        let is_row = chunk.spill.is_none() && memchr::memmem::find(&chunk.bytes, VERSION).is_none();
        let row = if is_row { read_row(&chunk.bytes).ok() } else { None };
        match row {
            Some(row) => lines.push(row),
            None => self.document(chunk, lines, sink),
        }
    }

    /// Reads a document, or the last line of NDJSON, which follows its rows.
    fn document(&self, chunk: Chunk, lines: &mut Stage, sink: &mut dyn Sink) -> io::Result<()> {
        let digest = Digest::of(&chunk.bytes);
        let (mut stage, mut failed) = (Stage::default(), None);
        let mut keep = |row| {
            if let Err(error) = stage.push(row) {
                failed.get_or_insert(error);
            }
        };
        let head = match chunk.spill {
            None => read_report(&chunk.bytes, &mut keep),
            Some(spill) => read_report_from(spill.into_reader()?, &mut keep),
        };
        failed.map_or(Ok(()), Err)?;
        let is_last_line = head.as_ref().is_ok_and(|head| !head.has_files) && !lines.is_empty();
        if is_last_line {
            stage = std::mem::take(lines);
        }
        match head.and_then(|head| head.check(!is_last_line)).map_err(|error| shown(&error)) {
            Ok(head) => match self.time(&head) {
                Ok(time) => self.commit(stage, &head, time, sink),
                Err(reason) => sink.broken(reason.to_owned(), digest),
            },
            Err(reason) => sink.broken(reason, digest),
        }
    }

    /// Returns when a report was created, or why that can't be.
    fn time(&self, head: &ReportHead) -> Result<Timestamp, &'static str> {
        let time = head.audit.as_ref().map(|audit| audit.time).or(head.time);
        match time.ok_or("not a report of `audit`: missing field `time`")? {
            time if time > self.latest => {
                Err("created in the future: the clock of the PC is wrong")
            }
            time => Ok(time),
        }
    }

    /// Passes on the rows of a document that is complete.
    fn commit(
        &self,
        stage: Stage,
        head: &ReportHead,
        time: Timestamp,
        sink: &mut dyn Sink,
    ) -> io::Result<()> {
        let of_document = head.audit.clone().unwrap_or_else(|| unknown(time));
        let mut name = None;
        stage.each(&mut |mut row: AuditRow| {
            let audit = match row.audit.take() {
                Some(audit) if audit.time > self.latest => of_document.clone(),
                Some(audit) => audit,
                None => of_document.clone(),
            };
            name.get_or_insert_with(|| row.path.clone());
            sink.entry(self.entry(row, audit)?)
        })?;
        // A document is counted once, even if it's read twice.
        let Identity { host, user, run, .. } = &of_document;
        let of = [host.as_deref().unwrap_or_default(), user.as_deref().unwrap_or_default(), run];
        let name = name.filter(|_| head.audit.is_none()).unwrap_or_default();
        let key = [&of.join("\0"), "\0", &name].concat();
        sink.entry(Entry::new(DOCUMENT, key.as_bytes(), time, "", Vec::new()))
    }

    /// Creates the entry of a row, in a form that is the same for the same row.
    fn entry(&self, mut row: AuditRow, audit: Identity) -> io::Result<Entry> {
        (row.is_silent, row.is_outdated, row.resolved) = (None, None, None);
        row.drift.iter_mut().for_each(|drift| drift.since = None);
        if row.site.as_ref().is_none_or(String::is_empty) {
            row.site = self.site.map(str::to_owned);
        }
        let is_windows = audit.system == "windows";
        let host = row.host.as_deref().or(audit.host.as_deref()).unwrap_or_default();
        let key = file_key(host, &row.path, is_windows);
        let (time, run) = (audit.time, audit.run.clone());
        row.audit = Some(audit);
        Ok(Entry::new(ROW, &key, time, &run, serde_json::to_vec(&row)?))
    }
}

/// Returns the identity of a report that has none.
fn unknown(time: Timestamp) -> Identity {
    Identity {
        host: None,
        user: None,
        system: "other".to_owned(),
        machine_id: None,
        policy: None,
        run: String::new(),
        time,
    }
}

/// Returns why a document is broken.
fn shown(error: &ReadError) -> String {
    // The text can quote a value of any length.
    shortened(&error.to_string()).into_owned()
}

/// Returns the text as UTF-8 without BOM. PowerShell writes UTF-16.
fn decoded(bytes: Vec<u8>) -> Vec<u8> {
    match bytes.get(..2) {
        Some([0xff, 0xfe] | [0xfe, 0xff]) => {
            let text = Encoding::detect(&bytes, CodePage::WESTERN).decode(&bytes).into_owned();
            text.trim_start_matches('\u{feff}').as_bytes().to_vec()
        }
        _ => match bytes.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) => rest.to_vec(),
            None => bytes,
        },
    }
}

/// The text of a document. A long one is in a temporary file.
#[derive(Debug, Default)]
struct Chunk {
    /// The text, or the start of a long one.
    bytes: Vec<u8>,
    length: usize,
    /// The last byte that isn't white space.
    last: Option<u8>,
    spill: Option<SpillFile>,
}

impl Chunk {
    fn of(bytes: Vec<u8>) -> Self {
        Self { length: bytes.len(), bytes, last: None, spill: None }
    }

    /// Returns whether an object after it belongs to the same document.
    fn is_open(&self) -> bool {
        matches!(self.last, None | Some(b',' | b':' | b'['))
    }

    /// Returns whether it has only white space.
    fn is_blank(&self) -> bool {
        self.spill.is_none() && self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.length += bytes.len();
        self.last = bytes.trim_ascii_end().last().copied().or(self.last);
        if self.length <= IN_MEMORY {
            self.bytes.extend(bytes);
            return Ok(());
        }
        let mut spill = match self.spill.take() {
            Some(spill) => spill,
            None => {
                let mut spill = SpillFile::new()?;
                spill.write(&self.bytes)?;
                self.bytes.truncate(IN_MEMORY / 64);
                spill
            }
        };
        spill.write(bytes)?;
        self.spill = Some(spill);
        Ok(())
    }
}

/// The rows of a document until it's complete. Many are in a temporary file.
#[derive(Debug, Default)]
struct Stage {
    rows: Vec<AuditRow>,
    size: usize,
    spill: Option<SpillFile>,
}

impl Stage {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.spill.is_none()
    }

    /// Returns what identifies the rows.
    fn digest(&self) -> Digest {
        Digest::of(self.rows.first().map_or("", |row| &row.path).as_bytes())
    }

    fn push(&mut self, row: AuditRow) -> io::Result<()> {
        self.size += size_of::<AuditRow>() + row.path.len() + 512 * row.drift.len();
        self.rows.push(row);
        if self.size <= IN_MEMORY {
            return Ok(());
        }
        let mut spill = self.spill.take().map_or_else(SpillFile::new, Ok)?;
        for row in self.rows.drain(..) {
            spill.push(&serde_json::to_vec(&row)?)?;
        }
        (self.size, self.spill) = (0, Some(spill));
        Ok(())
    }

    fn each(self, take: &mut dyn FnMut(AuditRow) -> io::Result<()>) -> io::Result<()> {
        if let Some(spill) = self.spill {
            let (mut reader, mut record) = (spill.into_reader()?, Vec::new());
            while reader.next(&mut record)? {
                take(serde_json::from_slice(&record)?)?;
            }
        }
        self.rows.into_iter().try_for_each(take)
    }
}
