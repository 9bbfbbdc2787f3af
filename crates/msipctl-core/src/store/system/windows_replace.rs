//! Flushing many files, and putting one file in the place of another, on Windows.

use std::ffi::OsStr;
use std::{fs, io};

use super::flushes::Flushes;
use super::windows::{Identity, in_use, patiently};
use super::windows_folder::OpenFolder;

/// Flushes files, one after another: to flush a whole volume takes the rights of an administrator. Folders are left as
/// [`OpenFolder::flush`] leaves them.
pub(in crate::store) fn flush_together(folders: &Flushes) -> io::Result<()> {
    let mut folders = folders.values();
    folders.try_for_each(|(folder, files)| {
        files.iter().try_for_each(|file| folder.open_to_write(file)?.sync_all())
    })
}

/// Puts a file, which nobody has open, in the place of the target. Between two steps of the system the target stands at `displaced`;
/// whoever is killed there leaves it to [`take_back`].
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

/// Ends a replacement that did not come to its end: a displaced target goes back if nothing stands in its
/// place, and is removed if the new file does.
pub(in crate::store) fn take_back(folder: &OpenFolder, target: &OsStr, displaced: &OsStr) {
    let (target, displaced) = (&folder.path().join(target), &folder.path().join(displaced));
    if fs::symlink_metadata(displaced).is_err() {
        return;
    }
    let done = match fs::symlink_metadata(target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(displaced, target),
        _ => patiently(|| fs::remove_file(displaced), in_use),
    };
    log::debug!("{}: taken back or removed: {done:?}", displaced.display());
}
