//! Windows: reaches a file folder by folder and keeps each open, so no other user can replace one with a link.
//!
//! Determining the owner of a link takes several calls, so no link below the named folder is followed.

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

/// Reaches what is at `rest` below the folder `base`. Follows links in `base`, but no others.
pub(in crate::store) fn reach(base: &Path, rest: &Path) -> Result<Reached, Unreached> {
    let mut path = base.to_owned();
    let mut folders = Vec::new();
    let mut parts = rest.components().filter(|part| *part != Component::CurDir).peekable();
    while let Some(part) = parts.next() {
        path.push(part);
        if parts.peek().is_none() {
            break;
        }
        // Without shared delete access, the folder can't be renamed or replaced while it's open.
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

/// Opens what is at `rest` below the folder `base` for reading. No link leads to it.
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
    /// The folders of the path are open, so the path still leads to the same file.
    pub(in crate::store) fn is_in(&self, _folder: &OpenFolder, _name: &OsStr) -> io::Result<bool> {
        Ok(true)
    }

    /// On Windows, nothing is reached through a link.
    pub(in crate::store) fn accepts(&self, _identity: Option<&Identity>) -> io::Result<bool> {
        Ok(true)
    }
}
