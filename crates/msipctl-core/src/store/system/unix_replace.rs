//! Flushing many files together, and replacing a file with another one, on Unix.

use std::ffi::OsStr;
use std::io;

use super::flushes::Flushes;
use super::unix::Identity;
use super::unix_folder::OpenFolder;

/// Flushes folders and their files. On Linux, uses one call for each file system that supports writing everything to
/// its own disk; otherwise, one call per file and folder.
///
/// The call also writes what other programs haven't flushed there. Linux 5.8 and newer reports a write that failed
/// before the call.
pub(in crate::store) fn flush_together(folders: &Flushes) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    let mut systems = file_systems::FileSystems::default();
    for (folder, files) in folders.values() {
        #[cfg(target_os = "linux")]
        if systems.flush_of(folder)? {
            continue;
        }
        for file in files {
            folder.open_file(file)?.sync_all()?;
        }
        folder.flush()?;
    }
    Ok(())
}

/// Renames a file over the target in one step, so nothing is ever displaced.
pub(in crate::store) fn replace_target(
    folder: &OpenFolder,
    file: &OsStr,
    target: &OsStr,
    _identity: &Identity,
    _displaced: &OsStr,
) -> io::Result<()> {
    folder.rename(file, target)
}

/// On Unix, nothing is ever displaced.
pub(in crate::store) fn take_back(_folder: &OpenFolder, _target: &OsStr, _displaced: &OsStr) {}

/// Flushing of entire file systems.
#[cfg(target_os = "linux")]
mod file_systems {
    use std::collections::HashMap;
    use std::io;

    use super::OpenFolder;

    /// The magic numbers of file systems whose `syncfs` is known to reach the disk: ext2 to ext4, XFS, Btrfs, F2FS,
    /// bcachefs, overlayfs, and tmpfs, which has no disk. Network and user-space file systems aren't among them.
    const KNOWN: [u32; 7] =
        [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0xca45_1a4e, 0x794c_7630, 0x0102_1994];

    /// The file systems seen so far, by device number, and whether each was flushed as a unit.
    #[derive(Default)]
    pub(super) struct FileSystems(HashMap<u64, bool>);

    impl FileSystems {
        /// Flushes the file system of a folder once, and returns whether that's supported.
        pub(super) fn flush_of(&mut self, folder: &OpenFolder) -> io::Result<bool> {
            let device = folder.device()?;
            if let Some(&is_flushed) = self.0.get(&device) {
                return Ok(is_flushed);
            }
            // A folder can be writable but not readable.
            let Some(opened) = folder.readable() else { return Ok(false) };
            let kind = rustix::fs::fstatfs(opened)?.f_type;
            let is_known = KNOWN.iter().any(|&known| i64::from(known) == kind as i64 & 0xffff_ffff);
            if is_known {
                rustix::fs::syncfs(opened)?;
                let path = folder.path().display();
                log::debug!("{path}: flushed its complete file system");
            }
            self.0.insert(device, is_known);
            Ok(is_known)
        }
    }
}
