//! Windows: a folder is kept open, so that neither it nor a folder above it can be renamed or replaced by a junction;
//! its content is accessed by path.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::common::{NoFolder, Trust};
use super::windows::{Identity, Owner, in_use, is_denied, patiently};

const FILE_ATTRIBUTE_DIRECTORY: u32 = 0x10;
const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_SHARE_READ: u32 = 0x1;
const FILE_SHARE_WRITE: u32 = 0x2;

/// An open folder, which can't be renamed or removed in the meantime.
#[derive(Debug)]
pub(in crate::store) struct OpenFolder {
    path: PathBuf,
    handle: File,
    /// The folder that this one was just created in.
    created_in: Option<Arc<OpenFolder>>,
}

impl OpenFolder {
    /// Opens the folder at a full path that contains no link.
    pub(in crate::store) fn open(path: &Path) -> io::Result<Result<Self, NoFolder>> {
        let opened = Self::open_plainly(path)?;
        if let Ok(folder) = &opened
            // Some disks don't report it; there, a link as the last part is rejected anyway.
            && let Ok(found) = msipctl_windows::final_path(&folder.handle)
            && !is_same(&found, path)
        {
            return Ok(Err("reached through a link"));
        }
        Ok(opened)
    }

    fn open_plainly(path: &Path) -> io::Result<Result<Self, NoFolder>> {
        let mut options = OpenOptions::new();
        // Without FILE_SHARE_DELETE. Read access takes part in sharing, access to attributes doesn't.
        options
            .read(true)
            .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE)
            .custom_flags(FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS);
        let handle = patiently(|| options.open(path), in_use)?;
        let attributes = msipctl_windows::identify(&handle)?.attributes;
        Ok(match attributes {
            bits if bits & FILE_ATTRIBUTE_REPARSE_POINT != 0 => Err("a link or junction"),
            bits if bits & FILE_ATTRIBUTE_DIRECTORY == 0 => Err("a file"),
            _ => Ok(Self { path: path.to_owned(), handle, created_in: None }),
        })
    }

    /// Opens a folder in this one. Rejects a link.
    pub(in crate::store) fn open_in(&self, name: &OsStr) -> io::Result<Result<Self, NoFolder>> {
        Self::open_plainly(&self.path.join(name))
    }

    /// Opens a folder in this one, or creates it.
    pub(in crate::store) fn create_in(
        self: &Arc<Self>,
        name: &OsStr,
        _owner: Option<Owner>,
    ) -> io::Result<Result<Self, NoFolder>> {
        match DirBuilder::new().create(self.path.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => self.open_in(name),
            Err(error) => Err(error),
            Ok(()) => {
                let opened = self.open_in(name)?;
                Ok(opened.map(|folder| Self { created_in: Some(Arc::clone(self)), ..folder }))
            }
        }
    }

    /// Returns the folder that this one was just created in.
    pub(in crate::store) fn created_in(&self) -> Option<&Arc<Self>> {
        self.created_in.as_ref()
    }

    /// Returns the path by which the folder was opened.
    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    /// On Windows, owners aren't checked.
    pub(in crate::store) fn owner(&self) -> io::Result<Option<Owner>> {
        Ok(None)
    }

    /// On Windows, owners aren't checked: a new file gets the permissions of its folder.
    pub(in crate::store) fn trust(
        &self,
        _owners: &[Owner],
        _is_system_trusted: bool,
        _is_sticky_trusted: bool,
    ) -> io::Result<Trust> {
        Ok(Trust::Full)
    }

    /// Lists the names in the folder, sorted.
    pub(in crate::store) fn names(&self) -> io::Result<Vec<OsString>> {
        let entries = fs::read_dir(&self.path)?;
        let mut names: Vec<_> =
            entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
        names.sort();
        Ok(names)
    }

    /// Reads the status of a name without following a link; an error text if it isn't a file.
    pub(in crate::store) fn identity(
        &self,
        name: &OsStr,
    ) -> io::Result<Result<Identity, &'static str>> {
        Identity::at(&self.path.join(name))
    }

    /// Opens a file for reading. Opens a link itself, which has no bytes and is detected by [`Identity::of`].
    pub(in crate::store) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true);
        self.open_patiently(name, &options)
    }

    /// Creates a file for reading and writing.
    pub(in crate::store) fn create_file(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).open(self.path.join(name))
    }

    /// Opens a file for writing.
    pub(in crate::store) fn open_to_write(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        self.open_patiently(name, &options)
    }

    /// Opens a lock or a manifest, which is created on first use.
    pub(in crate::store) fn open_private(
        &self,
        name: &OsStr,
        _owner: Option<Owner>,
    ) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        self.open_patiently(name, &options)
    }

    /// Opens a file for appending; a missing file is created.
    pub(in crate::store) fn open_append(&self, name: &OsStr) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        self.open_patiently(name, &options)
    }

    fn open_patiently(&self, name: &OsStr, options: &OpenOptions) -> io::Result<File> {
        let mut options = options.clone();
        options.custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
        let path = self.path.join(name);
        patiently(|| options.open(&path), in_use)
    }

    /// Opens a lock file. Opening it is the lock: no other process can until it's closed. The system removes it then,
    /// even if the program is killed.
    ///
    /// So nothing shows whether the last holder was killed, and each holder removes leftover files.
    pub(in crate::store) fn open_lock(&self, name: &OsStr) -> io::Result<(File, bool)> {
        const GENERIC_READ: u32 = 0x8000_0000;
        const GENERIC_WRITE: u32 = 0x4000_0000;
        const DELETE: u32 = 0x0001_0000;
        const FILE_FLAG_DELETE_ON_CLOSE: u32 = 0x0400_0000;
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(true)
            .truncate(false)
            .access_mode(GENERIC_READ | GENERIC_WRITE | DELETE)
            .share_mode(0)
            .custom_flags(FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT);
        let path = self.path.join(name);
        // A name that is removed between opening and checking it would look like a folder without access.
        let mut tries = 0..3;
        loop {
            match options.open(&path) {
                Err(error)
                    if is_denied(&error)
                        && !self.is_held_by_other_user(&error, name)
                        && tries.next().is_some() => {}
                other => return other.map(|file| (file, true)),
            }
        }
    }

    /// Opens an existing lock file, without waiting for its holder.
    pub(in crate::store) fn open_held(&self, name: &OsStr) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).open(self.path.join(name))
    }

    /// Returns whether [`OpenFolder::open_lock`] failed because the lock is held: a sharing violation, or a file that
    /// is just being removed, which no process can access.
    pub(in crate::store) fn is_held_by_other_user(&self, error: &io::Error, name: &OsStr) -> bool {
        in_use(error)
            || is_denied(error)
                && match fs::symlink_metadata(self.path.join(name)) {
                    Ok(_) => true,
                    Err(error) => is_denied(&error) || in_use(&error),
                }
    }

    /// Opening was the lock, so the name can't have been removed in the meantime.
    pub(in crate::store) fn still_names(&self, _name: &OsStr, _file: &File) -> io::Result<bool> {
        Ok(true)
    }

    /// Removes a file.
    pub(in crate::store) fn remove(&self, name: &OsStr) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Renames a file over another file of msipctl, which readers may have open for a moment.
    pub(in crate::store) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let (from, to) = (self.path.join(from), self.path.join(to));
        patiently(|| fs::rename(&from, &to), |error| in_use(error) || is_denied(error))
    }

    /// Adds a name (hard link) to a file, in another folder.
    pub(in crate::store) fn link(&self, name: &OsStr, to: &Self, other: &OsStr) -> io::Result<()> {
        fs::hard_link(self.path.join(name), to.path.join(other))
    }

    /// Renames a file to an unused name.
    pub(in crate::store) fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        let from = tempfile::TempPath::try_from_path(self.path.join(from))?;
        match from.persist_noclobber(self.path.join(to)) {
            Ok(()) => Ok(()),
            Err(error) => {
                let reason = error.error;
                error.path.keep().map_err(|error| error.error)?;
                Err(reason)
            }
        }
    }

    /// Renames are in the file system's own journal here, and flushing a folder requires more permissions.
    pub(in crate::store) fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns whether two full paths have the same spelling, ignoring case.
fn is_same(one: &Path, other: &Path) -> bool {
    let text = |path: &Path| dunce::simplified(path).to_string_lossy().to_lowercase();
    text(one) == text(other)
}

/// Follows the links on the path of the folder of the one that the user chose; a link as the last part is rejected on
/// opening.
pub(in crate::store) fn resolve_trusted(path: &Path) -> io::Result<Result<PathBuf, PathBuf>> {
    let path = std::path::absolute(path)?;
    if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_symlink())
        && let Ok(found) = dunce::canonicalize(&path)
    {
        return Ok(Ok(found));
    }
    let mut missing = Vec::new();
    let mut known = path.as_path();
    // The last part is never followed.
    while let (Some(folder), Some(name)) = (known.parent(), known.file_name()) {
        missing.push(name);
        known = folder;
        if let Ok(found) = dunce::canonicalize(known) {
            let found = missing.iter().rev().fold(found, |found, name| found.join(name));
            return Ok(Ok(found));
        }
    }
    Ok(Ok(path))
}
