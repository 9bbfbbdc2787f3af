//! Flushing many files, and replacing a file with another one, on Windows.

use std::ffi::OsStr;
use std::{fs, io};

use super::flushes::Flushes;
use super::windows::{Identity, in_use, patiently};
use super::windows_folder::OpenFolder;

/// Flushes files one after another, because flushing a volume requires an administrator. Folders are handled as in
/// [`OpenFolder::flush`].
pub(in crate::store) fn flush_together(folders: &Flushes) -> io::Result<()> {
    let mut folders = folders.values();
    folders.try_for_each(|(folder, files)| {
        files.iter().try_for_each(|file| folder.open_to_write(file)?.sync_all())
    })
}

/// Replaces the target with a file that isn't open. Between two steps of the system, the target is at `displaced`;
/// after a kill there, [`take_back`] restores it.
pub(in crate::store) fn replace_target(
    folder: &OpenFolder,
    file: &OsStr,
    target: &OsStr,
    identity: &Identity,
    displaced: &OsStr,
) -> io::Result<()> {
    let path = |name| folder.path().join(name);
    msipctl_windows::set_attributes(&path(file), identity.0.attributes)?;
    let (from, to, aside) = (path(file), path(target), path(displaced));
    let replaced = patiently(|| msipctl_windows::replace_file(&to, &from, Some(&aside)), in_use);
    take_back(folder, target, displaced);
    replaced
}

/// Completes an interrupted replacement: a displaced target is moved back if nothing is in its place, and removed if
/// the new file is.
pub(in crate::store) fn take_back(folder: &OpenFolder, target: &OsStr, displaced: &OsStr) {
    let (target, displaced) = (&folder.path().join(target), &folder.path().join(displaced));
    if fs::symlink_metadata(displaced).is_err() {
        return;
    }
    let done = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(displaced, target),
        _ => patiently(|| fs::remove_file(displaced), in_use),
    };
    log::debug!("{}: moved back or removed: {done:?}", displaced.display());
}
