//! Unix: device and inode identify a file; owner, mode, and extended attributes are copied one by one.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FileType, OFlags, Stat};
use rustix::io::Errno;

use super::common::NotKept;

/// The status of a file: its identity, length, time of change, and owner.
///
/// Two equal identities are the same file with the same bytes, unless it was changed within one tick of the file
/// system's clock; [`Identity::modified_second`] returns how recent the last change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds of the last change to the bytes.
    modified: (i64, i64),
    /// The same for any change, including attributes; programs can't set this time back.
    changed: (i64, i64),
    mode: u32,
    owner: Owner,
    links: u64,
}

/// A user and a group, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Owner {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Identity {
    /// Reads the status of an open file; an error text if it can't be read and replaced.
    pub(in crate::store) fn of(file: &File) -> io::Result<Result<Self, &'static str>> {
        file.metadata().map(|metadata| Self::from_metadata(&metadata))
    }

    /// Reads the status of a path without following a link.
    pub(in crate::store) fn at(path: &Path) -> io::Result<Result<Self, &'static str>> {
        fs::symlink_metadata(path).map(|metadata| Self::from_metadata(&metadata))
    }

    fn from_metadata(metadata: &Metadata) -> Result<Self, &'static str> {
        let kind = metadata.file_type();
        match kind {
            _ if kind.is_file() => {}
            _ if kind.is_dir() => return Err("a folder"),
            _ if kind.is_fifo() => return Err("a pipe"),
            _ if kind.is_socket() => return Err("a socket"),
            _ if kind.is_symlink() => return Err("a symbolic link"),
            _ => return Err("a device"),
        }
        Ok(Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            length: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            mode: metadata.mode(),
            owner: Owner { user: metadata.uid(), group: metadata.gid() },
            links: metadata.nlink(),
        })
    }

    /// Creates the same from a name's status in a folder.
    pub(super) fn from_stat(found: &Stat) -> Result<Self, &'static str> {
        match FileType::from_raw_mode(found.st_mode) {
            FileType::RegularFile => {}
            FileType::Directory => return Err("a folder"),
            FileType::Fifo => return Err("a pipe"),
            FileType::Socket => return Err("a socket"),
            FileType::Symlink => return Err("a symbolic link"),
            _ => return Err("a device"),
        }
        Ok(Self {
            device: number(found.st_dev),
            inode: number(found.st_ino),
            length: number(found.st_size),
            modified: (signed(found.st_mtime), signed(found.st_mtime_nsec)),
            changed: (signed(found.st_ctime), signed(found.st_ctime_nsec)),
            mode: u32::try_from(number(found.st_mode)).unwrap_or_default(),
            owner: Owner { user: found.st_uid, group: found.st_gid },
            links: number(found.st_nlink),
        })
    }

    pub(in crate::store) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the owner of the file.
    pub(in crate::store) fn owner(&self) -> Option<Owner> {
        Some(self.owner)
    }

    pub(in crate::store) fn links(&self) -> u64 {
        self.links
    }

    /// Returns the number of the owner.
    pub(super) fn owner_number(&self) -> u32 {
        self.owner.user
    }

    /// Returns whether the bytes were changed after those of another file.
    pub(in crate::store) fn is_newer_than(&self, other: &Self) -> bool {
        self.modified > other.modified
    }

    /// Returns whether both are the same file, even with different content.
    pub(in crate::store) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Returns the second of the last change to the bytes.
    pub(in crate::store) fn modified_second(&self) -> i64 {
        self.modified.0
    }

    /// Returns whether no user may write the file, which Windows calls read-only.
    ///
    /// The superuser can write it anyway, but the attribute is respected.
    pub(in crate::store) fn read_only(&self) -> bool {
        self.mode & 0o222 == 0
    }

    /// Returns the owner for a new file next to this one: `Some` if the superuser works for another user.
    pub(in crate::store) fn foreign_owner(&self) -> Option<Owner> {
        self.owner.if_foreign()
    }
}

impl Owner {
    /// Returns this owner if it should own new files: if the superuser works for another user.
    pub(in crate::store) fn if_foreign(self) -> Option<Self> {
        let foreign = self.user != 0 && rustix::process::geteuid().is_root();
        foreign.then_some(self)
    }

    /// Returns whether this is the user of this program, or the superuser where that one is trusted.
    pub(in crate::store) fn is_own(self, is_system_trusted: bool) -> bool {
        self.user == rustix::process::geteuid().as_raw() || is_system_trusted && self.user == 0
    }
}

/// Returns the number of a folder's file system and the folder's own number.
pub(in crate::store) fn folder_number(found: &Metadata) -> Option<(u64, u64)> {
    Some((found.dev(), found.ino()))
}

/// On Unix, only the folder of a name can be searched for other names.
pub(in crate::store) fn names(_path: &Path) -> io::Result<Vec<PathBuf>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Returns whether users other than its owner can read a file at a full path: its group, unless the group has the
/// owner's number, or all users. They must also be able to pass each folder above it.
pub(in crate::store) fn readable_by_others(path: &Path) -> io::Result<bool> {
    let found = fs::metadata(path)?;
    let owner = Owner { user: found.uid(), group: found.gid() };
    let Some(folder) = path.parent() else { return Ok(false) };
    Ok(is_readable_by_others(found.mode(), owner, &shut_folders(folder)?))
}

/// Returns the same for a file that was read. Checks the folder once for all of its files that are read in a row.
pub(in crate::store) fn is_visible_to_others(path: &Path, identity: &Identity) -> io::Result<bool> {
    let Identity { mode, owner, .. } = *identity;
    if !is_readable_by_others(mode, owner, &[]) {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    thread_local! {
        static LAST: RefCell<Option<(PathBuf, Vec<ClosedFolder>)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| {
        // Compared as text, because the spelling of a path doesn't change from file to file.
        let (_, shut) = match last {
            Some(last) if last.0.as_os_str() == folder.as_os_str() => last,
            _ => last.insert((folder.to_owned(), shut_folders(&fs::canonicalize(folder)?)?)),
        };
        Ok(is_readable_by_others(mode, owner, shut))
    })
}

/// A folder that some users can't pass: its group, and whether the group can.
type ClosedFolder = (u32, bool);

/// Returns the same for a file with a known mode and owner, below folders of which some restrict access.
fn is_readable_by_others(mode: u32, owner: Owner, shut: &[ClosedFolder]) -> bool {
    const READ: u32 = 0o4;
    let everybody = mode & READ != 0 && shut.is_empty();
    let gets_through = |(group, enters): &ClosedFolder| *group == owner.group && *enters;
    let is_of_group = mode & READ << 3 != 0 && owner.group != owner.user;
    everybody || is_of_group && shut.iter().all(gets_through)
}

/// Returns the folders at and above a full path that some users can't pass.
fn shut_folders(path: &Path) -> io::Result<Vec<ClosedFolder>> {
    const ENTER: u32 = 0o1;
    let mut shut = Vec::new();
    for folder in path.ancestors() {
        let folder = fs::metadata(folder)?;
        if folder.mode() & ENTER == 0 {
            shut.push((folder.gid(), folder.mode() & ENTER << 3 != 0));
        }
    }
    Ok(shut)
}

/// Opens a file for reading. Never waits for the other end of a pipe, and never takes control of a terminal.
///
/// Rejects a symbolic link as the last part ([`refused_link`] detects it), which saves a separate check.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(bits(flags)).open(path)
}

/// Returns whether [`open`] failed because of a symbolic link.
pub(in crate::store) fn refused_link(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::MLINK))
}

/// A path that can't be resolved can't be opened either.
pub(in crate::store) fn resolve_plainly(_path: &Path, error: io::Error) -> io::Result<PathBuf> {
    Err(error)
}

/// On Unix, an open file doesn't block other programs.
pub(in crate::store) fn in_use(_error: &io::Error) -> bool {
    false
}

/// Changes the owner of a file to `owner`, if there is one.
pub(in crate::store) fn set_owner(file: &File, owner: Option<Owner>) -> io::Result<()> {
    owner.map_or(Ok(()), |owner| {
        std::os::unix::fs::fchown(file, Some(owner.user), Some(owner.group))
    })
}

/// Returns the maximum number of open files.
pub(in crate::store) fn open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Copies owner, group, mode, extended attributes, and ACL from the open file `source` to `file`.
///
/// The owner comes first, because changing it clears mode bits; the mode comes last, because an ACL changes it.
pub(in crate::store) fn copy_attributes(
    source: &File,
    identity: &Identity,
    file: &File,
) -> Result<(), NotKept> {
    let not_kept = |what: &str| {
        let what = what.to_owned();
        |source| NotKept { what, source }
    };
    set_owner(file, Some(identity.owner)).map_err(not_kept("owner"))?;
    extended::copy(source, file)?;
    let mode = Permissions::from_mode(identity.mode & 0o7777);
    file.set_permissions(mode).map_err(not_kept("mode"))
}

/// Returns the bytes of a path that isn't valid UTF-8 in hex, because the manifest is text.
pub(in crate::store) fn path_to_hex(path: &Path) -> Option<String> {
    let bytes = path.as_os_str().as_bytes();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    path.to_str().is_none().then(|| hex(bytes))
}

/// Parses the output of [`path_to_hex`].
pub(in crate::store) fn path_from_hex(hex: &str) -> Option<PathBuf> {
    let digits = hex.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    Some(PathBuf::from(OsString::from_vec(bytes?)))
}

/// Converts a number whose type differs between systems.
pub(super) fn number(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// Converts a signed number whose type differs between systems.
fn signed(number: impl TryInto<i64>) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

/// The flags fit: the standard library expects them as the signed number that the C function expects.
#[expect(clippy::cast_possible_wrap, reason = "flags are bits, and the type is the C call's")]
fn bits(flags: OFlags) -> i32 {
    flags.bits() as i32
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod extended {
    use std::ffi::CStr;
    use std::fs::File;
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    use super::NotKept;

    /// The maximum size of a list or value on Linux.
    const MAX_BYTES: usize = 64 * 1024;

    /// Copies the extended attributes of `source`, including ACLs, to `file`.
    pub(super) fn copy(source: &File, file: &File) -> Result<(), NotKept> {
        let fail = |name: &CStr, errno: Errno| NotKept {
            what: format!("attribute `{}`", name.to_string_lossy()),
            source: io::Error::from(errno),
        };
        let fail_list =
            |errno| NotKept { what: "attributes".to_owned(), source: io::Error::from(errno) };
        let expected = names(|buffer| flistxattr(source, buffer)).map_err(fail_list)?;
        let present = names(|buffer| flistxattr(file, buffer)).map_err(fail_list)?;
        // The new file may have inherited an ACL from the folder that the old file didn't have.
        for name in each(&present).filter(|name| !kept_by_system(name)) {
            if !each(&expected).any(|other| other == name) {
                fremovexattr(file, name).map_err(|errno| fail(name, errno))?;
            }
        }
        for name in each(&expected).filter(|name| !bound_to_content(name)) {
            let value = value(|buffer| fgetxattr(source, name, buffer))
                .map_err(|errno| fail(name, errno))?;
            if value == self::value(|buffer| fgetxattr(file, name, buffer)).unwrap_or_default() {
                continue;
            }
            let value = value.unwrap_or_default();
            match fsetxattr(file, name, &value, XattrFlags::empty()) {
                Err(errno) if kept_by_system(name) => {
                    log::debug!("attribute {name:?} is set by the system: {errno}");
                }
                other => other.map_err(|errno| fail(name, errno))?,
            }
        }
        Ok(())
    }

    /// Labels that the system assigns by its own rules, and that only some users can set.
    fn kept_by_system(name: &CStr) -> bool {
        [&b"security."[..], b"trusted.", b"com.apple."]
            .iter()
            .any(|prefix| name.to_bytes().starts_with(prefix))
    }

    /// Signatures of the old bytes, which would be invalid for the new ones.
    fn bound_to_content(name: &CStr) -> bool {
        matches!(name.to_bytes(), b"security.ima" | b"security.evm")
    }

    /// Lists names, each terminated by a NUL byte; none if the file system doesn't support attributes.
    fn names(list: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
        let mut small = [0; 512];
        match list(&mut small) {
            Ok(length) => Ok(small.get(..length).unwrap_or_default().to_vec()),
            Err(Errno::NOTSUP) => Ok(Vec::new()),
            Err(Errno::RANGE) => read_all(list),
            Err(errno) => Err(errno),
        }
    }

    /// Reads a value; `None` if it is not set.
    fn value(
        get: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    ) -> rustix::io::Result<Option<Vec<u8>>> {
        match read_all(get) {
            Ok(value) => Ok(Some(value)),
            #[cfg(not(target_vendor = "apple"))]
            Err(Errno::NODATA) => Ok(None),
            #[cfg(target_vendor = "apple")]
            Err(Errno::NOATTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn read_all(
        call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    ) -> rustix::io::Result<Vec<u8>> {
        let mut buffer = vec![0; MAX_BYTES];
        let length = call(&mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    }

    fn each(names: &[u8]) -> impl Iterator<Item = &CStr> {
        names
            .split_inclusive(|&byte| byte == 0)
            .filter_map(|name| CStr::from_bytes_with_nul(name).ok())
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod extended {
    use std::fs::File;

    use super::NotKept;

    /// On this system, this program can't copy any.
    pub(super) fn copy(_source: &File, _file: &File) -> Result<(), NotKept> {
        Ok(())
    }
}
