//! Unix: device and inode name a file; owner, mode and extended attributes are copied one by one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;
use tempfile::TempPath;

use super::NotKept;

/// What a file was when it was looked at: which one, how long, when changed, whose.
///
/// Two equal identities are the same file with the same bytes, unless it was changed within one tick of
/// the file system's clock; [`Identity::modified_second`] says how fresh the last change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    device: u64,
    inode: u64,
    length: u64,
    /// Seconds and nanoseconds of the last change to the bytes.
    modified: (i64, i64),
    /// The same for any change, of attributes too; programs cannot set this one back.
    changed: (i64, i64),
    mode: u32,
    owner: Owner,
    links: u64,
}

/// A user and a group, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct Owner {
    user: u32,
    group: u32,
}

impl Identity {
    /// Looks at an open file; an error text if it is none that can be read and replaced.
    pub(in crate::store) fn of(file: &File) -> io::Result<Result<Self, &'static str>> {
        file.metadata().map(|metadata| Self::from_metadata(&metadata))
    }

    /// Looks at a path without following a link.
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

    pub(in crate::store) fn length(&self) -> u64 {
        self.length
    }

    pub(in crate::store) fn links(&self) -> u64 {
        self.links
    }

    /// Returns the number of the owner.
    pub(super) fn owner_number(&self) -> u32 {
        self.owner.user
    }

    /// Says whether the bytes were changed after those of another file.
    pub(in crate::store) fn is_newer_than(&self, other: &Self) -> bool {
        self.modified > other.modified
    }

    /// Says whether both are the same file, whatever it holds.
    pub(in crate::store) fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }

    /// Returns the second of the last change to the bytes.
    pub(in crate::store) fn modified_second(&self) -> i64 {
        self.modified.0
    }

    /// Tells whether nobody at all may write, which is what Windows calls read-only.
    ///
    /// The superuser may write in spite of it; the mark is respected all the same.
    pub(in crate::store) fn read_only(&self) -> bool {
        self.mode & 0o222 == 0
    }

    /// Returns whose a new file beside this one should be: `Some` when the superuser works for another.
    pub(in crate::store) fn foreign_owner(&self) -> Option<Owner> {
        let foreign = self.owner.user != 0 && rustix::process::geteuid().is_root();
        foreign.then_some(self.owner)
    }
}

/// Returns the number of a folder's file system and its own.
pub(in crate::store) fn folder_number(found: &Metadata) -> Option<(u64, u64)> {
    Some((found.dev(), found.ino()))
}

/// Finds the names of a file in the folder of one of them.
pub(in crate::store) fn names(path: &Path, identity: &Identity) -> io::Result<Vec<PathBuf>> {
    let folder = path.parent().unwrap_or(path);
    let mut names = Vec::new();
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    for entry in fs::read_dir(listed)? {
        let name = folder.join(entry?.file_name());
        if matches!(Identity::at(&name), Ok(Ok(found)) if found.is_same_file(identity)) {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Returns whose a new file in `folder` should be: `Some` when the superuser works for another.
pub(in crate::store) fn folder_owner(folder: &Path) -> io::Result<Option<Owner>> {
    let metadata = fs::metadata(folder)?;
    let foreign = metadata.uid() != 0 && rustix::process::geteuid().is_root();
    Ok(foreign.then_some(Owner { user: metadata.uid(), group: metadata.gid() }))
}

/// Tells whether users other than its owner may read a file at a full path: its group, unless that has the owner's
/// number, or everybody, who must then get through each folder above it, too.
pub(in crate::store) fn readable_by_others(path: &Path) -> io::Result<bool> {
    let found = fs::metadata(path)?;
    let owner = Owner { user: found.uid(), group: found.gid() };
    let Some(folder) = path.parent() else { return Ok(false) };
    Ok(is_readable_by_others(found.mode(), owner, &shut_folders(folder)?))
}

/// Tells the same of a file that was read. The folder is looked at once for all files in it that are read in a row.
pub(in crate::store) fn is_seen_by_others(path: &Path, identity: &Identity) -> io::Result<bool> {
    let Identity { mode, owner, .. } = *identity;
    if !is_readable_by_others(mode, owner, &[]) {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    thread_local! {
        static LAST: RefCell<Option<(PathBuf, Vec<Shut>)>> = const { RefCell::new(None) };
    }
    LAST.with_borrow_mut(|last| {
        // As texts: the spelling of one path does not change from file to file.
        let (_, shut) = match last {
            Some(last) if last.0.as_os_str() == folder.as_os_str() => last,
            _ => last.insert((folder.to_owned(), shut_folders(&fs::canonicalize(folder)?)?)),
        };
        Ok(is_readable_by_others(mode, owner, shut))
    })
}

/// A folder that not everybody gets through: its group, and whether that does.
type Shut = (u32, bool);

/// Says the same of a file whose mode and owner are known, below folders of which some are shut.
fn is_readable_by_others(mode: u32, owner: Owner, shut: &[Shut]) -> bool {
    const READ: u32 = 0o4;
    let everybody = mode & READ != 0 && shut.is_empty();
    let gets_through = |(group, enters): &Shut| *group == owner.group && *enters;
    let is_of_group = mode & READ << 3 != 0 && owner.group != owner.user;
    everybody || is_of_group && shut.iter().all(gets_through)
}

/// Returns the folders at and above a full path that not everybody gets through.
fn shut_folders(path: &Path) -> io::Result<Vec<Shut>> {
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

/// Tells whether the backups in `folder` may be written to a file: they must be the work of the file's owner
/// or of the user of this program. Else anybody who can make a folder could have the superuser "restore"
/// what they like to where they like. A missing file belongs to the owner of its folder.
pub(in crate::store) fn may_restore(
    folder: &Path,
    target: &Path,
    identity: Option<Identity>,
) -> io::Result<bool> {
    let backups = fs::metadata(folder)?.uid();
    if backups == rustix::process::geteuid().as_raw() {
        return Ok(true);
    }
    let owner = match identity {
        Some(identity) => identity.owner.user,
        None => fs::metadata(target.parent().unwrap_or(target))?.uid(),
    };
    Ok(backups == owner)
}

/// Opens a file to read it. Never waits for the other end of a pipe, never becomes a terminal's owner.
///
/// A symbolic link as last part is refused ([`refused_link`] tells), which spares looking for one.
pub(in crate::store) fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(bits(flags)).open(path)
}

/// Tells whether [`open`] failed for a symbolic link.
pub(in crate::store) fn refused_link(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::MLINK))
}

/// What cannot be resolved cannot be opened either.
pub(in crate::store) fn resolve_plainly(_path: &Path, error: io::Error) -> io::Result<PathBuf> {
    Err(error)
}

/// Nobody is kept out by another's open file here.
pub(in crate::store) fn in_use(_error: &io::Error) -> bool {
    false
}

/// Opens a lock or a manifest, made on first use for its owner only; a planted link is refused.
pub(in crate::store) fn open_private(path: &Path, owner: Option<Owner>) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(bits(OFlags::NOFOLLOW));
    loop {
        match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
        match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Ok(file) => return set_owner(&file, owner).map(|()| file),
            other => return other,
        }
    }
}

/// Opens a file to append to it, made for its owner only if it is missing. Never waits for the other end
/// of a pipe; a link as last part is refused.
pub(in crate::store) fn open_append(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600).custom_flags(bits(flags)).open(path)
}

/// Opens a lock file beside a target; says whether it stood there already.
pub(in crate::store) fn open_lock(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600).custom_flags(bits(OFlags::NOFOLLOW));
    loop {
        match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            other => return other.map(|file| (file, false)),
        }
        match options.open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other.map(|file| (file, true)),
        }
    }
}

/// Tells whether [`open_lock`] failed because another user holds the lock, whose file is private.
pub(in crate::store) fn held_by_other_user(error: &io::Error, path: &Path) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied && fs::symlink_metadata(path).is_ok()
}

/// Tells whether `path` still names the open `file`: its last holder may have removed it meanwhile.
pub(in crate::store) fn still_named(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(named) => Ok((held.dev(), held.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes a folder, and the ones above it, for its owner only. One that exists is left as it is.
pub(in crate::store) fn create_private_folder(
    folder: &Path,
    owner: Option<Owner>,
) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    match builder.create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return builder.recursive(true).create(folder);
        }
        Err(error) => return Err(error),
    }
    if owner.is_some() {
        let flags = bits(OFlags::NOFOLLOW | OFlags::DIRECTORY);
        set_owner(&OpenOptions::new().read(true).custom_flags(flags).open(folder)?, owner)?;
    }
    Ok(())
}

/// Hands a file over to `owner`, if there is one to hand it to.
pub(in crate::store) fn set_owner(file: &File, owner: Option<Owner>) -> io::Result<()> {
    owner.map_or(Ok(()), |owner| {
        std::os::unix::fs::fchown(file, Some(owner.user), Some(owner.group))
    })
}

/// Flushes the entries of a folder. Where that cannot be done at all, the system does it in its own time.
pub(in crate::store) fn flush_folder(folder: &Path) -> io::Result<()> {
    let opened = match File::open(folder) {
        // A folder may be written and not read.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        other => other?,
    };
    match opened.sync_all() {
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput) => Ok(()),
        other => other,
    }
}

/// Flushes folders and files in them. On Linux that is one call for each file system, where it is one that writes all it
/// holds to its own disk when told so; elsewhere one call a file and one a folder.
///
/// The one call writes what other programs left unwritten there, too. Linux tells of a write that failed before it from
/// version 5.8 on.
pub(in crate::store) fn flush_together(
    folders: &BTreeMap<PathBuf, Vec<PathBuf>>,
) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    let mut systems = whole::FileSystems::default();
    for (folder, files) in folders {
        #[cfg(target_os = "linux")]
        if systems.flush_of(folder)? {
            continue;
        }
        for file in files {
            File::open(file)?.sync_all()?;
        }
        flush_folder(folder)?;
    }
    Ok(())
}

/// Returns how many files may be open at a time.
pub(in crate::store) fn open_files() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX)
}

/// Gives `file` the owner, group, mode, extended attributes and ACL of the file at `target`.
///
/// The owner comes first, since changing it clears mode bits; the mode comes last, since an ACL changes it.
pub(in crate::store) fn copy_attributes(
    target: &Path,
    identity: &Identity,
    file: &File,
) -> Result<(), NotKept> {
    let not_kept = |what: &str| {
        let what = what.to_owned();
        |source| NotKept { what, source }
    };
    set_owner(file, Some(identity.owner)).map_err(not_kept("owner"))?;
    extended::copy(target, file)?;
    let mode = Permissions::from_mode(identity.mode & 0o7777);
    file.set_permissions(mode).map_err(not_kept("mode"))
}

/// Returns the bytes of a path that is no UTF-8 text, in hex; the manifest is text.
pub(in crate::store) fn path_to_hex(path: &Path) -> Option<String> {
    let bytes = path.as_os_str().as_bytes();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    path.to_str().is_none().then(|| hex(bytes))
}

/// Reads back what [`path_to_hex`] wrote.
pub(in crate::store) fn path_from_hex(hex: &str) -> Option<PathBuf> {
    let digits = hex.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> =
        digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    Some(PathBuf::from(OsString::from_vec(bytes?)))
}

/// Renames a file over the target, in one step, so that nothing is ever displaced.
pub(in crate::store) fn put_in_place(
    file: TempPath,
    target: &Path,
    _identity: &Identity,
    _displaced: &Path,
) -> io::Result<()> {
    put_over(file, target)
}

/// Renames a file over another.
pub(in crate::store) fn put_over(file: TempPath, target: &Path) -> io::Result<()> {
    file.persist(target).map_err(|error| error.error)
}

/// Nothing is ever displaced here.
pub(in crate::store) fn take_back(_target: &Path, _displaced: &Path) {}

/// The flags fit: the standard library takes them as the signed number that the C call takes.
#[expect(clippy::cast_possible_wrap, reason = "flags are bits, and the type is the C call's")]
fn bits(flags: OFlags) -> i32 {
    flags.bits() as i32
}

/// Flushing of whole file systems.
#[cfg(target_os = "linux")]
mod whole {
    use std::collections::HashMap;
    use std::fs::{self, File};
    use std::io;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    /// The magic numbers of file systems whose `syncfs` is known to reach the disk: ext2 to ext4, XFS, Btrfs, F2FS,
    /// bcachefs, overlayfs, and tmpfs, which has no disk. Network and user-space ones are not among them.
    const KNOWN: [u32; 7] =
        [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0xca45_1a4e, 0x794c_7630, 0x0102_1994];

    /// The file systems met so far, by the number of their device, and whether they were flushed as a whole.
    #[derive(Default)]
    pub(super) struct FileSystems(HashMap<u64, bool>);

    impl FileSystems {
        /// Flushes the file system that a folder is on, once; says whether that can be done.
        pub(super) fn flush_of(&mut self, folder: &Path) -> io::Result<bool> {
            let device = fs::metadata(folder)?.dev();
            if let Some(&is_flushed) = self.0.get(&device) {
                return Ok(is_flushed);
            }
            // A folder may be written and not read.
            let Ok(opened) = File::open(folder) else { return Ok(false) };
            let kind = rustix::fs::fstatfs(&opened)?.f_type;
            let is_known = KNOWN.iter().any(|&known| i64::from(known) == kind as i64 & 0xffff_ffff);
            if is_known {
                rustix::fs::syncfs(&opened)?;
                log::debug!("{}: flushed with all of its file system", folder.display());
            }
            self.0.insert(device, is_known);
            Ok(is_known)
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod extended {
    use std::ffi::CStr;
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use rustix::fs::{
        XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr, lgetxattr, llistxattr,
    };
    use rustix::io::Errno;

    use super::NotKept;

    /// The most that Linux lets a list or a value be.
    const MOST: usize = 64 * 1024;

    /// Makes the extended attributes of `file` those of the file at `target`, ACLs among them.
    pub(super) fn copy(target: &Path, file: &File) -> Result<(), NotKept> {
        let fail = |name: &CStr, errno: Errno| NotKept {
            what: format!("attribute `{}`", name.to_string_lossy()),
            source: io::Error::from(errno),
        };
        let fail_list =
            |errno| NotKept { what: "attributes".to_owned(), source: io::Error::from(errno) };
        let wanted = names(|buffer| llistxattr(target, buffer)).map_err(fail_list)?;
        let present = names(|buffer| flistxattr(file, buffer)).map_err(fail_list)?;
        // The folder may have handed down an ACL that the file itself did not have.
        for name in each(&present).filter(|name| !kept_by_system(name)) {
            if !each(&wanted).any(|other| other == name) {
                fremovexattr(file, name).map_err(|errno| fail(name, errno))?;
            }
        }
        for name in each(&wanted).filter(|name| !bound_to_content(name)) {
            let value = value(|buffer| lgetxattr(target, name, buffer))
                .map_err(|errno| fail(name, errno))?;
            if value == self::value(|buffer| fgetxattr(file, name, buffer)).unwrap_or_default() {
                continue;
            }
            let value = value.unwrap_or_default();
            match fsetxattr(file, name, &value, XattrFlags::empty()) {
                Err(errno) if kept_by_system(name) => {
                    log::debug!("attribute {name:?} is left to the system: {errno}");
                }
                other => other.map_err(|errno| fail(name, errno))?,
            }
        }
        Ok(())
    }

    /// Labels that the system gives by its own rules, and that only some may set.
    fn kept_by_system(name: &CStr) -> bool {
        [&b"security."[..], b"trusted.", b"com.apple."]
            .iter()
            .any(|prefix| name.to_bytes().starts_with(prefix))
    }

    /// Signatures of the old bytes, which would be wrong on the new ones.
    fn bound_to_content(name: &CStr) -> bool {
        matches!(name.to_bytes(), b"security.ima" | b"security.evm")
    }

    /// Lists names, each ended by a zero byte; none where the file system knows no such thing.
    fn names(list: impl Fn(&mut [u8]) -> rustix::io::Result<usize>) -> rustix::io::Result<Vec<u8>> {
        let mut small = [0; 512];
        match list(&mut small) {
            Ok(length) => Ok(small.get(..length).unwrap_or_default().to_vec()),
            Err(Errno::NOTSUP) => Ok(Vec::new()),
            Err(Errno::RANGE) => read_whole(list),
            Err(errno) => Err(errno),
        }
    }

    /// Reads a value; `None` if it is not set.
    fn value(
        get: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    ) -> rustix::io::Result<Option<Vec<u8>>> {
        match read_whole(get) {
            Ok(value) => Ok(Some(value)),
            #[cfg(not(target_vendor = "apple"))]
            Err(Errno::NODATA) => Ok(None),
            #[cfg(target_vendor = "apple")]
            Err(Errno::NOATTR) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    fn read_whole(
        call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
    ) -> rustix::io::Result<Vec<u8>> {
        let mut buffer = vec![0; MOST];
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
    use std::path::Path;

    use super::NotKept;

    /// There are none that this program knows how to copy here.
    pub(super) fn copy(_target: &Path, _file: &File) -> Result<(), NotKept> {
        Ok(())
    }
}
