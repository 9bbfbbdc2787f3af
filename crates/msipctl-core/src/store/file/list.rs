//! Files of lines that msipctl maintains: lists of backups, and journals. A line without a line feed is ignored.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::snapshot::LIMIT;
use crate::store::error::{Error, Operation, Reason};
use crate::store::system::{Identity, OpenFolder};

/// Returns what is in the place of a list that can't be opened, if that's the cause.
pub(in crate::store) fn no_list(folder: &OpenFolder, name: &str) -> Option<Error> {
    match folder.identity(name.as_ref()) {
        Ok(Err(found)) => Some(Error::new(folder.path().join(name), Reason::NotAList { found })),
        _ => None,
    }
}

/// Reads a list in one call, and a second one that finds the end only if it grew in the meantime. Never waits for
/// something that isn't a file, and reads at most [`LIMIT`] bytes.
pub(in crate::store) fn read_list(
    path: &Path,
    file: &mut File,
    doing: Operation,
) -> Result<(Identity, Vec<u8>), Error> {
    let fail = |error| Error::io(path, doing, error);
    let identity = Identity::of(file)
        .map_err(fail)?
        .map_err(|found| Error::new(path, Reason::NotAList { found }))?;
    let found = identity.length();
    if found > LIMIT {
        return Err(Error::new(path, Reason::TooLarge { found, limit: LIMIT }));
    }
    let length = usize::try_from(found).unwrap_or(usize::MAX);
    let mut text = vec![0; length];
    let mut filled = 0;
    while let Some(free) = text.get_mut(filled..).filter(|free| !free.is_empty()) {
        match file.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
    text.truncate(filled);
    Ok((identity, text))
}

/// Returns the text up to its last line feed, including it.
pub(in crate::store) fn finished(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |found| found + 1);
    text.get(..end).unwrap_or_default()
}
