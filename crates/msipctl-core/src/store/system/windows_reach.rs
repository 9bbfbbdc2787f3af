//! Windows: reaches a file folder by folder and keeps each open, so that nobody can put a link in its place.
//!
//! Whose a link is takes several calls to find out, so that no link below the folder that was named is followed.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use super::common::{Opened, Unreached};
use super::windows::{Identity, in_use, patiently};
use super::windows_folder::OpenFolder;

const FILE_SHARE_READ_WRITE: u32 = 0x3;
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
const FILE_FLAG_OPEN_REPARSE_POINT: u32 = 0x0020_0000;

/// A file whose folders are open. The file itself may be missing.
#[derive(Debug)]
pub(in crate::store) struct Reached {
    path: PathBuf,
    _folders: Vec<File>,
}

/// Reaches what is at `rest` below the folder `base`. Links in `base` are followed, others are not.
pub(in crate::store) fn reach(base: &Path, rest: &Path) -> Result<Reached, Unreached> {
    let mut path = base.to_owned();
    let mut folders = Vec::new();
    let mut parts = rest.components().filter(|part| *part != Component::CurDir).peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        if parts.peek().is_none() {
            break;
        }
        // Without the right to share its removal, the folder cannot be renamed or replaced while it is open.
        let mut options = OpenOptions::new();
        options
            .read(true)
            .share_mode(FILE_SHARE_READ_WRITE)
            .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
        let folder = patiently(|| options.open(&path), in_use)?;
        if folder.metadata()?.is_symlink() {
            return Err(Unreached::Link(path));
        }
        folders.push(folder);
    }
    if std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        return Err(Unreached::Link(path));
    }
    Ok(Reached { path, _folders: folders })
}

/// Opens what is at `rest` below the folder `base` to read it. No link leads to it.
pub(in crate::store) fn open_found(
    base: &Path,
    rest: &Path,
) -> Result<Opened<Identity>, Unreached> {
    let reached = reach(base, rest)?;
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(FILE_FLAG_OPEN_REPARSE_POINT);
    let file = patiently(|| options.open(&reached.path), in_use)?;
    if file.metadata()?.is_symlink() {
        return Err(Unreached::Link(reached.path));
    }
    let identity = Identity::of(&file)?;
    Ok(Opened { file, identity, is_link: false })
}

impl Reached {
    /// The folders on the way are open, so that the path still leads to where it did.
    pub(in crate::store) fn is_in(&self, _folder: &OpenFolder, _name: &OsStr) -> io::Result<bool> {
        Ok(true)
    }

    /// Nothing is reached by way of a link here.
    pub(in crate::store) fn accepts(&self, _identity: Option<&Identity>) -> io::Result<bool> {
        Ok(true)
    }
}
