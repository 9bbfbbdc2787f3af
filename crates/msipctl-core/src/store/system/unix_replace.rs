//! Flushing many files together, and putting one file in the place of another, on Unix.

use std::ffi::OsStr;
use std::io;

use super::flushes::Flushes;
use super::unix::Identity;
use super::unix_folder::OpenFolder;

/// Flushes folders and files in them. On Linux that is one call for each file system, where it is one that writes all it
/// holds to its own disk when told so; elsewhere one call a file and one a folder.
///
/// The one call writes what other programs left unwritten there, too. Linux tells of a write that failed before it from
/// version 5.8 on.
pub(in crate::store) fn flush_together(folders: &Flushes) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    let mut systems = whole::FileSystems::default();
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

/// Renames a file over the target, in one step, so that nothing is ever displaced.
pub(in crate::store) fn replace_target(
    folder: &OpenFolder,
    file: &OsStr,
    target: &OsStr,
    _identity: &Identity,
    _displaced: &OsStr,
) -> io::Result<()> {
    folder.rename(file, target)
}

/// Nothing is ever displaced here.
pub(in crate::store) fn take_back(_folder: &OpenFolder, _target: &OsStr, _displaced: &OsStr) {}

/// Flushing of whole file systems.
#[cfg(target_os = "linux")]
mod whole {
    use std::collections::HashMap;
    use std::io;

    use super::OpenFolder;

    /// The magic numbers of file systems whose `syncfs` is known to reach the disk: ext2 to ext4, XFS, Btrfs, F2FS,
    /// bcachefs, overlayfs, and tmpfs, which has no disk. Network and user-space ones are not among them.
    const KNOWN: [u32; 7] =
        [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0xca45_1a4e, 0x794c_7630, 0x0102_1994];

    /// The file systems met so far, by the number of their device, and whether they were flushed as a whole.
    #[derive(Default)]
    pub(super) struct FileSystems(HashMap<u64, bool>);

    impl FileSystems {
        /// Flushes the file system that a folder is on, once; says whether that can be done.
        pub(super) fn flush_of(&mut self, folder: &OpenFolder) -> io::Result<bool> {
            let device = folder.device()?;
            if let Some(&is_flushed) = self.0.get(&device) {
                return Ok(is_flushed);
            }
            // A folder may be written and not read.
            let Some(opened) = folder.readable() else { return Ok(false) };
            let kind = rustix::fs::fstatfs(opened)?.f_type;
            let is_known = KNOWN.iter().any(|&known| i64::from(known) == kind as i64 & 0xffff_ffff);
            if is_known {
                rustix::fs::syncfs(opened)?;
                let path = folder.path().display();
                log::debug!("{path}: flushed with all of its file system");
            }
            self.0.insert(device, is_known);
            Ok(is_known)
        }
    }
}
