//! A folder of msipctl's own: small files whose content makes msipctl write files or send requests.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::guard::Guard;
use super::list::{no_list, read_list};
use super::open_location::OpenLocation;
use super::temporary::{Temporary, temporary_prefix};
use super::trusted::{Purpose, check, flush_created, open_named, open_or_create};
use crate::store::error::{Error, Kind, Operation, Reason};
use crate::store::system::OpenFolder;

/// The maximum length of a file, in bytes.
const MAX_LENGTH: u64 = 1024 * 1024;

/// The maximum length of a name, in bytes.
const MAX_NAME: usize = 100;

/// A folder of small files that only the user of this program, or the superuser, can have written.
///
/// All work starts at the open folder, so renaming it, or putting a link in its place, doesn't redirect it.
///
/// # Example
///
/// ```
/// use msipctl_core::store::PrivateFolder;
///
/// let folder = tempfile::tempdir()?;
/// let own = PrivateFolder::open(&folder.path().join("pending"))?;
/// own.put("a.json", b"{}")?;
/// assert_eq!(own.names()?, ["a.json"]);
/// assert_eq!(own.read("a.json")?, b"{}");
/// own.remove("a.json")?;
/// assert!(own.names()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct PrivateFolder {
    folder: Arc<OpenFolder>,
}

/// A file in a [`PrivateFolder`] that no other program changes until this is dropped.
#[derive(Debug)]
pub struct PrivateLock {
    _guard: Guard,
}

impl PrivateFolder {
    /// Opens a folder, which is created if it doesn't exist.
    ///
    /// # Errors
    ///
    /// When the folder or a link on the way to it belongs to another user, other users can write to it, it isn't a
    /// folder, or the system reports an error.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let folder = open_or_create(path, Operation::CreateFolder)?;
        let fail = |error| Error::io(path, Operation::CreateFolder, error);
        check(&folder, &[], Purpose::Private)?;
        flush_created(&folder).map_err(fail)?;
        Ok(Self { folder })
    }

    /// Opens a folder; `None` if it doesn't exist.
    ///
    /// # Errors
    ///
    /// As [`PrivateFolder::open`].
    pub fn open_existing(path: &Path) -> Result<Option<Self>, Error> {
        let Some(folder) = open_named(path)? else { return Ok(None) };
        check(&folder, &[], Purpose::Private)?;
        Ok(Some(Self { folder }))
    }

    /// Returns the path of the folder, for messages.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Lists the names of the files, sorted. Other names, such as those of temporary files, are left out.
    ///
    /// # Errors
    ///
    /// When the system reports an error.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let names = self.folder.names();
        let names = names.map_err(|error| Error::io(self.path(), Operation::List, error))?;
        let names = names.into_iter().filter_map(|name| name.into_string().ok());
        let mut names: Vec<_> = names.filter(|name| is_name(name)).collect();
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// When the file doesn't exist, isn't a file, belongs to another user, or is larger than 1 MiB.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Error> {
        let location = self.location(name, Operation::Read)?;
        let path = location.path();
        let mut file = match location.folder().open_file(location.name()) {
            Err(error) => {
                let found = no_list(location.folder(), name);
                return Err(found.unwrap_or_else(|| Error::io(path, Operation::Read, error)));
            }
            Ok(file) => file,
        };
        let (identity, text) = read_list(&path, &mut file, Operation::Read)?;
        if identity.owner().is_some_and(|owner| !owner.is_own(true)) {
            return Err(Error::new(path, Reason::PrivateFileForeign));
        }
        match text.len() as u64 {
            found if found > MAX_LENGTH => {
                Err(Error::new(path, Reason::TooLarge { found, limit: MAX_LENGTH }))
            }
            _ => Ok(text),
        }
    }

    /// Writes a file, so that a reader, or a crash, finds the old bytes or the new ones, and nothing between.
    ///
    /// # Errors
    ///
    /// When the name is invalid, the content is larger than 1 MiB, or the system reports an error.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let location = self.location(name, Operation::Create)?;
        let fail = |doing| move |error| Error::io(self.path().join(name), doing, error);
        let found = bytes.len() as u64;
        if found > MAX_LENGTH {
            let reason = Reason::TooLarge { found, limit: MAX_LENGTH };
            return Err(Error::new(location.path(), reason));
        }
        let prefix = temporary_prefix(location.name());
        let (temporary, mut file) =
            Temporary::create(&self.folder, &prefix).map_err(fail(Operation::Create))?;
        file.write_all(bytes).map_err(fail(Operation::Write))?;
        file.sync_all().map_err(fail(Operation::Flush))?;
        drop(file);
        let place = |folder: &OpenFolder, from: &OsStr| folder.rename(from, location.name());
        temporary.place(place).map_err(fail(Operation::Rename))?;
        self.folder.flush().map_err(fail(Operation::FlushFolder))
    }

    /// Removes a file, and flushes the folder. A missing file isn't an error.
    ///
    /// # Errors
    ///
    /// When the name is invalid, or the system reports an error.
    pub fn remove(&self, name: &str) -> Result<(), Error> {
        let location = self.location(name, Operation::Remove)?;
        let fail = |error| Error::io(location.path(), Operation::Remove, error);
        match location.folder().remove(location.name()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.and_then(|()| self.folder.flush()).map_err(fail),
        }
    }

    /// Locks a name, whether it exists or not, without waiting; `None` if another program holds the lock. Removes what
    /// a killed holder left.
    ///
    /// # Errors
    ///
    /// When the name is invalid, or the system reports an error.
    pub fn lock(&self, name: &str) -> Result<Option<PrivateLock>, Error> {
        let location = self.location(name, Operation::Lock)?;
        match Guard::take(&location, Duration::ZERO) {
            Ok(guard) => Ok(Some(PrivateLock { _guard: guard })),
            Err(error) if error.kind() == Kind::Locked => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn location(&self, name: &str, doing: Operation) -> Result<OpenLocation, Error> {
        if is_name(name) {
            return Ok(OpenLocation::new(Arc::clone(&self.folder), name));
        }
        let error = io::Error::new(io::ErrorKind::InvalidInput, "the name isn't allowed here");
        Err(Error::io(self.path(), doing, error))
    }
}

/// Returns whether a file in a private folder can have a name. Names of temporary files start with a dot.
fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PrivateFolder) {
        let parent = tempfile::tempdir().unwrap();
        let own = PrivateFolder::open(&parent.path().join("state").join("pending")).unwrap();
        (parent, own)
    }

    #[test]
    fn files_are_replaced_and_removed() {
        let (_parent, own) = folder();
        own.put("b.json", b"1").unwrap();
        own.put("b.json", b"2").unwrap();
        own.put("a.json", b"3").unwrap();
        assert_eq!(own.names().unwrap(), ["a.json", "b.json"]);
        assert_eq!(own.read("b.json").unwrap(), b"2");
        own.remove("a.json").unwrap();
        own.remove("a.json").unwrap();
        assert_eq!(own.names().unwrap(), ["b.json"]);
        assert_eq!(own.read("a.json").unwrap_err().kind(), Kind::NotFound);
    }

    #[test]
    fn names_with_other_characters_are_rejected() {
        let (_parent, own) = folder();
        for name in ["", ".", "..", "../x", "a/b", r"a\b", ".hidden", "ä.json", &"a".repeat(101)] {
            assert!(own.put(name, b"").is_err(), "{name}");
            assert!(own.read(name).is_err(), "{name}");
            assert!(own.remove(name).is_err(), "{name}");
            assert!(own.lock(name).is_err(), "{name}");
        }
        assert!(own.names().unwrap().is_empty());
    }

    #[test]
    fn lock_is_exclusive_and_removes_files_of_killed_writer() {
        let (_parent, own) = folder();
        let stray = own.path().join(".a.json.msipctl-abc123");
        std::fs::write(&stray, "half").unwrap();
        std::fs::write(own.path().join(".a.json.msipctl-lock"), "").unwrap();
        let lock = own.lock("a.json").unwrap().unwrap();
        assert!(!stray.exists());
        assert!(own.lock("a.json").unwrap().is_none());
        assert!(own.lock("b.json").unwrap().is_some());
        drop(lock);
        assert!(own.lock("a.json").unwrap().is_some());
        assert!(own.names().unwrap().is_empty());
    }

    #[test]
    fn file_that_is_too_large_is_rejected() {
        let (_parent, own) = folder();
        let large = vec![0; 1024 * 1024 + 1];
        assert_eq!(own.put("a", &large).unwrap_err().kind(), Kind::TooLarge);
        own.put("a", &large[1..]).unwrap();
        std::fs::write(own.path().join("b"), &large).unwrap();
        assert_eq!(own.read("b").unwrap_err().kind(), Kind::TooLarge);
    }

    #[test]
    fn folder_is_not_created_when_only_opened() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("pending");
        assert!(PrivateFolder::open_existing(&path).unwrap().is_none());
        assert!(!path.exists());
        PrivateFolder::open(&path).unwrap();
        assert!(PrivateFolder::open_existing(&path).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_exposed_folders_are_rejected() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let (parent, own) = folder();
        std::fs::write(parent.path().join("secret"), "x").unwrap();
        symlink(parent.path().join("secret"), own.path().join("a.json")).unwrap();
        assert_eq!(own.read("a.json").unwrap_err().kind(), Kind::NotAFile);

        let mode = |mode| std::fs::Permissions::from_mode(mode);
        assert_eq!(std::fs::metadata(own.path()).unwrap().permissions().mode() & 0o777, 0o700);
        own.put("b.json", b"").unwrap();
        let file = std::fs::metadata(own.path().join("b.json")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);

        for open in [0o777, 0o1777] {
            std::fs::set_permissions(own.path(), mode(open)).unwrap();
            let error = PrivateFolder::open(own.path()).unwrap_err();
            assert_eq!(error.kind(), Kind::PermissionDenied, "{open:o}");
        }
    }
}
