//! A file with a temporary name, until it gets its final name.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::Arc;

use crate::store::system::OpenFolder;

/// The maximum number of names to try.
const MAX_TRIES: usize = 64;

/// The length of the random part of a name, in characters.
pub(in crate::store) const RANDOM: usize = 6;

/// A temporary file in an open folder. It's removed on drop, unless it got another name.
#[derive(Debug)]
pub(in crate::store) struct Temporary {
    folder: Arc<OpenFolder>,
    name: OsString,
    is_placed: bool,
}

impl Temporary {
    /// Creates a file with a name that starts with `prefix`, for its owner only.
    pub(in crate::store) fn create(
        folder: &Arc<OpenFolder>,
        prefix: &OsStr,
    ) -> io::Result<(Self, File)> {
        Self::make(folder, prefix, |name| folder.create_file(name))
    }

    /// Adds a name that starts with `prefix` to an existing file.
    pub(in crate::store) fn link(
        folder: &Arc<OpenFolder>,
        prefix: &OsStr,
        (of, name): (&OpenFolder, &OsStr),
    ) -> io::Result<Self> {
        Ok(Self::make(folder, prefix, |temporary| of.link(name, folder, temporary))?.0)
    }

    /// Creates something under an unused name that starts with `prefix`.
    fn make<T>(
        folder: &Arc<OpenFolder>,
        prefix: &OsStr,
        make: impl Fn(&OsStr) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        let mut tries = 0;
        loop {
            let mut name = prefix.to_owned();
            name.push(random());
            match make(&name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && tries < MAX_TRIES => {
                    tries += 1;
                }
                other => {
                    let made = other?;
                    let folder = Arc::clone(folder);
                    return Ok((Self { folder, name, is_placed: false }, made));
                }
            }
        }
    }

    /// Takes over a temporary file that a killed run left.
    pub(in crate::store) fn adopt(folder: &Arc<OpenFolder>, name: &OsStr) -> Self {
        Self { folder: Arc::clone(folder), name: name.to_owned(), is_placed: false }
    }

    /// Returns the current name of the file.
    pub(in crate::store) fn name(&self) -> &OsStr {
        &self.name
    }

    /// Renames the file to a name that isn't used.
    pub(in crate::store) fn rename_new(&mut self, name: &OsStr) -> io::Result<()> {
        self.folder.rename_new(&self.name, name)?;
        self.is_placed = true;
        Ok(())
    }

    /// Renames the file with `rename`, which gets its current name.
    pub(in crate::store) fn place(
        mut self,
        rename: impl FnOnce(&OpenFolder, &OsStr) -> io::Result<()>,
    ) -> io::Result<()> {
        rename(&self.folder, &self.name)?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_placed
            && let Err(error) = self.folder.remove(&self.name)
        {
            log::debug!("{}: can't remove the temporary file: {error}", self.name.display());
        }
    }
}

/// Returns the prefix of the temporary files for a file with this name. The lock file has the same prefix.
pub(in crate::store) fn temporary_prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".msipctl-");
    prefix
}

/// Returns the name of the lock file of a file.
pub(in crate::store) fn lock_name(name: &OsStr) -> OsString {
    let mut lock = temporary_prefix(name);
    lock.push("lock");
    lock
}

/// Returns the name that a file has while the system replaces it. No temporary file ends like it.
pub(in crate::store) fn displaced(name: &OsStr) -> OsString {
    let mut displaced = temporary_prefix(name);
    displaced.push("displaced");
    displaced
}

/// Returns whether a name, without its prefix, is one that [`Temporary::create`] creates.
pub(in crate::store) fn is_random(suffix: &[u8]) -> bool {
    suffix.len() == RANDOM && suffix.iter().all(u8::is_ascii_alphanumeric)
}

fn random() -> String {
    const CHARACTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut number = RandomState::new().build_hasher().finish();
    let mut next = || {
        let index = usize::try_from(number % 36).unwrap_or_default();
        number /= 36;
        CHARACTERS.get(index).map_or('0', |&character| char::from(character))
    };
    (0..RANDOM).map(|_| next()).collect()
}
