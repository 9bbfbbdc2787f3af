//! Temporary data that doesn't fit into memory.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// The length of the buffers for writing and reading.
const BUFFER: usize = 64 * 1024;

/// The maximum length of a record.
const MAX_RECORD: usize = 256 * 1024 * 1024;

/// A temporary file without a name, which the system removes when the program ends, even if it is killed.
///
/// # Example
///
/// ```
/// use msipctl_core::store::SpillFile;
///
/// let mut spill = SpillFile::new()?;
/// spill.push(b"one")?;
/// spill.push(b"")?;
/// let mut reader = spill.into_reader()?;
/// let mut record = Vec::new();
/// assert!(reader.next(&mut record)? && record == b"one");
/// assert!(reader.next(&mut record)? && record.is_empty());
/// assert!(!reader.next(&mut record)?);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct SpillFile {
    file: BufWriter<File>,
}

/// Reads a [`SpillFile`] from its start, as records or as plain bytes.
#[derive(Debug)]
pub struct SpillReader {
    file: BufReader<File>,
}

impl SpillFile {
    /// Creates a file in the system's folder for temporary files, which only this user can open.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(BUFFER, tempfile::tempfile()?) })
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// When the record is longer than 256 MiB, or the system reports an error, for example because the disk is full.
    pub fn push(&mut self, record: &[u8]) -> io::Result<()> {
        let too_long = || io::Error::other("a record is longer than 256 MiB");
        let length = Some(record.len()).filter(|length| *length <= MAX_RECORD);
        let length = length.and_then(|length| u32::try_from(length).ok()).ok_or_else(too_long)?;
        self.file.write_all(&length.to_le_bytes())?;
        self.file.write_all(record)
    }

    /// Adds bytes that aren't a record.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Ends writing, and starts to read.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn into_reader(self) -> io::Result<SpillReader> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(SpillReader { file: BufReader::with_capacity(BUFFER, file) })
    }
}

impl SpillReader {
    /// Reads the next record into `record`; `false` after the last one.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn next(&mut self, record: &mut Vec<u8>) -> io::Result<bool> {
        let mut length = [0; 4];
        match self.file.read_exact(&mut length) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            read => read?,
        }
        record.clear();
        record.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(record)?;
        Ok(true)
    }
}

impl Read for SpillReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}
