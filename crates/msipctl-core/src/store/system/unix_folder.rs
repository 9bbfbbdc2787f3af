//! Unix: a folder is a descriptor, and everything in it is accessed through that.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::common::{NoFolder, Trust};
use super::unix::{Identity, Owner, number, set_owner};

/// The maximum number of links on the path of a folder. More count as a cycle, as they do for the system.
const MAX_LINKS: usize = 40;

/// The flags for opening a folder: a link as the last part is rejected.
const FOLDER: OFlags = OFlags::DIRECTORY.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// The flags for opening a file: never through a link, and without waiting for the other end of a pipe.
const FILE: OFlags =
    OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// The flags for opening a folder that can be entered but not read.
#[cfg(any(target_os = "linux", target_os = "android"))]
const ENTER: OFlags = OFlags::PATH;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const ENTER: OFlags = OFlags::RDONLY;

/// An open folder. Its path is used only in messages, never for access.
#[derive(Debug)]
pub(in crate::store) struct OpenFolder {
    path: PathBuf,
    handle: File,
    /// Whether it was opened for reading, which listing and flushing require.
    is_readable: bool,
    /// The folder that this one was just created in.
    created_in: Option<Arc<OpenFolder>>,
}

impl OpenFolder {
    /// Opens the folder at a full path that contains no link.
    pub(in crate::store) fn open(path: &Path) -> io::Result<Result<Self, NoFolder>> {
        let handle = match open_path(path, OFlags::RDONLY) {
            Err(Errno::ACCESS) => open_path(path, ENTER).map(|handle| (handle, false)),
            other => other.map(|handle| (handle, true)),
        };
        Self::opened(path.to_owned(), handle, || Identity::at(path))
    }

    /// Opens a folder in this one. Rejects a link.
    pub(in crate::store) fn open_in(&self, name: &OsStr) -> io::Result<Result<Self, NoFolder>> {
        let open = |flags| openat(&self.handle, name, FOLDER | flags, Mode::empty());
        let handle = match open(OFlags::RDONLY) {
            Err(Errno::ACCESS) => open(ENTER).map(|handle| (handle, false)),
            other => other.map(|handle| (handle, true)),
        };
        Self::opened(self.path.join(name), handle, || self.identity(name))
    }

    fn opened(
        path: PathBuf,
        handle: rustix::io::Result<(OwnedFd, bool)>,
        identity: impl Fn() -> io::Result<Result<Identity, &'static str>>,
    ) -> io::Result<Result<Self, NoFolder>> {
        match handle {
            Ok((handle, is_readable)) => {
                let handle = File::from(handle);
                Ok(Ok(Self { path, handle, is_readable, created_in: None }))
            }
            Err(errno @ (Errno::NOTDIR | Errno::LOOP | Errno::MLINK)) => match identity() {
                Ok(Ok(_)) => Ok(Err("a file")),
                Ok(Err("a folder")) => Ok(Err("reached through a symbolic link")),
                Ok(Err(found)) => Ok(Err(found)),
                Err(_) if errno == Errno::NOTDIR => Err(errno.into()),
                Err(_) => Ok(Err("reached through a symbolic link")),
            },
            Err(errno) => Err(errno.into()),
        }
    }

    /// Opens a folder in this one, or creates it for its owner only. A folder that was just created gets the owner
    /// `owner`.
    pub(in crate::store) fn create_in(
        self: &Arc<Self>,
        name: &OsStr,
        owner: Option<Owner>,
    ) -> io::Result<Result<Self, NoFolder>> {
        let created = retry_on_intr(|| rustix::fs::mkdirat(&self.handle, name, Mode::RWXU));
        match created {
            Err(Errno::EXIST) => return self.open_in(name),
            other => other?,
        }
        let mut folder = match self.open_in(name)? {
            Ok(folder) => folder,
            Err(found) => return Ok(Err(found)),
        };
        if owner.is_some() {
            // Another user may have replaced the folder in the meantime.
            let is_own = folder.handle.metadata()?.uid() == rustix::process::geteuid().as_raw();
            if !is_own || !folder.names()?.is_empty() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            set_owner(&folder.handle, owner)?;
        }
        folder.created_in = Some(Arc::clone(self));
        log::debug!("{}: created", folder.path.display());
        Ok(Ok(folder))
    }

    /// Returns the folder that this one was just created in.
    pub(in crate::store) fn created_in(&self) -> Option<&Arc<Self>> {
        self.created_in.as_ref()
    }

    /// Returns the path by which the folder was opened.
    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the owner of the folder.
    pub(in crate::store) fn owner(&self) -> io::Result<Option<Owner>> {
        let found = self.handle.metadata()?;
        Ok(Some(Owner { user: found.uid(), group: found.gid() }))
    }

    /// Returns whether the content of the folder can be trusted. It must belong to this program's user, the superuser
    /// if `is_system_trusted`, or one of `owners`, and only its owner may be able to replace files in it.
    ///
    /// A group counts unless its number equals that of the folder's owner, and it therefore probably contains only the
    /// owner.
    pub(in crate::store) fn trust(
        &self,
        owners: &[Owner],
        is_system_trusted: bool,
        is_sticky_trusted: bool,
    ) -> io::Result<Trust> {
        const GROUP_WRITES: u32 = 0o20;
        const OTHERS_WRITE: u32 = 0o2;
        const STICKY: u32 = 0o1000;
        let found = self.handle.metadata()?;
        let (user, mode) = (found.uid(), found.mode());
        let is_own = user == rustix::process::geteuid().as_raw() || is_system_trusted && user == 0;
        if !is_own && !owners.iter().any(|owner| owner.user == user) {
            return Ok(Trust::Foreign);
        }
        let is_shared = mode & OTHERS_WRITE != 0 || mode & GROUP_WRITES != 0 && found.gid() != user;
        let is_exposed = is_shared && !(is_sticky_trusted && mode & STICKY != 0);
        Ok(if is_exposed { Trust::Exposed } else { Trust::Full })
    }

    /// Lists the names in the folder, sorted.
    pub(in crate::store) fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.handle)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name != "." && name != ".." {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// Reads the status of a name without following a link; an error text if it isn't a file.
    pub(in crate::store) fn identity(
        &self,
        name: &OsStr,
    ) -> io::Result<Result<Identity, &'static str>> {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        let found = retry_on_intr(|| rustix::fs::statat(&self.handle, name, flags))?;
        Ok(Identity::from_stat(&found))
    }

    /// Opens a file for reading. Rejects a link.
    pub(in crate::store) fn open_file(&self, name: &OsStr) -> io::Result<File> {
        let file = openat(&self.handle, name, FILE | OFlags::RDONLY, Mode::empty())?;
        Ok(File::from(file))
    }

    /// Creates a file, for its owner only, for reading and writing.
    pub(in crate::store) fn create_file(&self, name: &OsStr) -> io::Result<File> {
        let flags = FILE | OFlags::RDWR | OFlags::CREATE | OFlags::EXCL;
        Ok(File::from(openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Opens a file for writing.
    pub(in crate::store) fn open_to_write(&self, name: &OsStr) -> io::Result<File> {
        Ok(File::from(openat(&self.handle, name, FILE | OFlags::RDWR, Mode::empty())?))
    }

    /// Opens a lock or a manifest, which is created on first use for its owner only. Only a file that was just created
    /// gets the owner `owner`.
    pub(in crate::store) fn open_private(
        &self,
        name: &OsStr,
        owner: Option<Owner>,
    ) -> io::Result<File> {
        loop {
            match self.open_to_write(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
            match self.create_file(name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Ok(file) => return set_owner(&file, owner).map(|()| file),
                other => return other,
            }
        }
    }

    /// Opens a file for appending; a missing file is created for its owner only.
    pub(in crate::store) fn open_append(&self, name: &OsStr) -> io::Result<File> {
        let flags = FILE | OFlags::RDWR | OFlags::APPEND | OFlags::CREATE;
        Ok(File::from(openat(&self.handle, name, flags, Mode::RUSR | Mode::WUSR)?))
    }

    /// Opens a lock file, and returns whether it already existed.
    pub(in crate::store) fn open_lock(&self, name: &OsStr) -> io::Result<(File, bool)> {
        loop {
            match self.create_file(name) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|file| (file, false)),
            }
            match self.open_to_write(name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other.map(|file| (file, true)),
            }
        }
    }

    /// Opens an existing lock file.
    pub(in crate::store) fn open_held(&self, name: &OsStr) -> io::Result<File> {
        self.open_to_write(name)
    }

    /// Returns whether [`OpenFolder::open_lock`] failed because another user holds the lock, whose file is private.
    pub(in crate::store) fn is_held_by_other_user(&self, error: &io::Error, name: &OsStr) -> bool {
        error.kind() == io::ErrorKind::PermissionDenied && self.identity(name).is_ok()
    }

    /// Returns whether `name` still refers to the open `file`: its last holder may have removed it in the meantime.
    pub(in crate::store) fn still_names(&self, name: &OsStr, file: &File) -> io::Result<bool> {
        let held = file.metadata()?;
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        match retry_on_intr(|| rustix::fs::statat(&self.handle, name, flags)) {
            Ok(named) => {
                let named = (number(named.st_dev), number(named.st_ino));
                Ok((held.dev(), held.ino()) == named)
            }
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno.into()),
        }
    }

    /// Removes a file.
    pub(in crate::store) fn remove(&self, name: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::unlinkat(&self.handle, name, AtFlags::empty()))?)
    }

    /// Renames a file over another.
    pub(in crate::store) fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        Ok(retry_on_intr(|| rustix::fs::renameat(&self.handle, from, &self.handle, to))?)
    }

    /// Adds a name (hard link) to a file, in another folder.
    pub(in crate::store) fn link(&self, name: &OsStr, to: &Self, other: &OsStr) -> io::Result<()> {
        let flags = AtFlags::empty();
        let link = || rustix::fs::linkat(&self.handle, name, &to.handle, other, flags);
        Ok(retry_on_intr(link)?)
    }

    /// Renames a file to an unused name.
    pub(in crate::store) fn rename_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
        {
            let (folder, flags) = (&self.handle, rustix::fs::RenameFlags::NOREPLACE);
            match retry_on_intr(|| rustix::fs::renameat_with(folder, from, folder, to, flags)) {
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                other => return Ok(other?),
            }
        }
        let (folder, flags) = (&self.handle, AtFlags::empty());
        retry_on_intr(|| rustix::fs::linkat(folder, from, folder, to, flags))?;
        self.remove(from)
    }

    /// Flushes the entries of the folder. If that isn't supported, the system does it at some later time.
    pub(in crate::store) fn flush(&self) -> io::Result<()> {
        if !self.is_readable {
            // A folder can be writable but not readable.
            return Ok(());
        }
        match self.handle.sync_all() {
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput) => Ok(()),
            other => other,
        }
    }

    /// Returns the open folder.
    pub(super) fn handle(&self) -> &File {
        &self.handle
    }

    /// Returns the open folder, if it was opened for reading.
    #[cfg(target_os = "linux")]
    pub(super) fn readable(&self) -> Option<&File> {
        self.is_readable.then_some(&self.handle)
    }

    /// Returns the number of the device that the folder is on.
    #[cfg(target_os = "linux")]
    pub(super) fn device(&self) -> io::Result<u64> {
        Ok(self.handle.metadata()?.dev())
    }
}

/// Follows the links on the path of a folder that the user chose, as far as it exists. A link that belongs to neither
/// this program's user nor the superuser is an error.
pub(in crate::store) fn resolve_trusted(path: &Path) -> io::Result<Result<PathBuf, PathBuf>> {
    let path = std::path::absolute(path)?;
    let parts = |path: &Path| -> Vec<OsString> {
        let parts = path.components().filter(|part| !matches!(part, Component::RootDir));
        parts.map(|part| part.as_os_str().to_owned()).collect()
    };
    let mut rest = VecDeque::from(parts(&path));
    let mut found = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = rest.pop_front() {
        if part == ".." {
            found.pop();
            continue;
        }
        let next = found.join(&part);
        let link = match fs::symlink_metadata(&next) {
            Ok(link) if link.is_symlink() => link,
            Ok(_) => {
                found = next;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                found = next;
                found.extend(rest);
                break;
            }
            Err(error) => return Err(error),
        };
        if link.uid() != 0 && link.uid() != rustix::process::geteuid().as_raw() {
            return Ok(Err(next));
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(Errno::LOOP.into());
        }
        let target = fs::read_link(&next)?;
        if target.is_absolute() {
            found = PathBuf::from("/");
        }
        parts(&target).into_iter().rev().for_each(|part| rest.push_front(part));
    }
    Ok(Ok(found))
}

fn openat(folder: &File, name: &OsStr, flags: OFlags, mode: Mode) -> rustix::io::Result<OwnedFd> {
    retry_on_intr(|| rustix::fs::openat(folder, name, flags, mode))
}

/// Opens a folder by its full path, which contains no link.
fn open_path(path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{ResolveFlags, openat2};

        let resolve = ResolveFlags::NO_SYMLINKS;
        let open = || openat2(CWD, path, FOLDER | flags, Mode::empty(), resolve);
        match retry_on_intr(open) {
            // Linux before 5.6, or a filter that doesn't know this call.
            Err(Errno::NOSYS | Errno::PERM) => {}
            other => return other,
        }
    }
    open_parts(path, flags)
}

/// Opens a folder by its full path, one part at a time.
fn open_parts(path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let open = |flags| retry_on_intr(|| rustix::fs::open("/", FOLDER | flags, Mode::empty()));
    let mut parts = path.components().filter(|part| !matches!(part, Component::RootDir)).peekable();
    let mut folder = open(if parts.peek().is_some() { ENTER } else { flags })?;
    while let Some(part) = parts.next() {
        let flags = FOLDER | if parts.peek().is_some() { ENTER } else { flags };
        let part = part.as_os_str();
        folder = retry_on_intr(|| rustix::fs::openat(&folder, part, flags, Mode::empty()))?;
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    /// Returns a folder with `real/inner` and the links `link` to `real` and `real/link` to `inner`.
    fn folders() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("real/inner")).unwrap();
        symlink("real", root.join("link")).unwrap();
        symlink("inner", root.join("real/link")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        (folder, root)
    }

    #[test]
    fn folder_is_opened_only_when_its_path_contains_no_link() {
        let (_folder, root) = folders();
        let open = |name: &str| OpenFolder::open(&root.join(name)).map(|it| it.map(|_| ()));
        assert_eq!(open("real/inner").unwrap(), Ok(()));
        assert_eq!(open("real/link").unwrap(), Err("a symbolic link"));
        assert_eq!(open("link/inner").unwrap(), Err("reached through a symbolic link"));
        assert_eq!(open("file").unwrap(), Err("a file"));
        assert_eq!(open("none").unwrap_err().kind(), io::ErrorKind::NotFound);
        for name in ["real/link", "link/inner", "file", "none"] {
            assert!(open_parts(&root.join(name), OFlags::RDONLY).is_err(), "{name}");
        }
        open_parts(&root.join("real/inner"), OFlags::RDONLY).unwrap();
        open_parts(Path::new("/"), OFlags::RDONLY).unwrap();
    }

    #[test]
    fn open_folder_is_used_even_when_a_link_replaces_it() {
        let (_folder, root) = folders();
        let open = OpenFolder::open(&root.join("real")).unwrap().unwrap();
        fs::rename(root.join("real"), root.join("moved")).unwrap();
        fs::create_dir(root.join("theirs")).unwrap();
        symlink("theirs", root.join("real")).unwrap();
        drop(open.create_file("a".as_ref()).unwrap());
        open.rename("a".as_ref(), "b".as_ref()).unwrap();
        assert!(root.join("moved/b").exists());
        assert_eq!(fs::read_dir(root.join("theirs")).unwrap().count(), 0);
        assert_eq!(open.names().unwrap(), ["b", "inner", "link"]);
        assert!(open.open_file("link".as_ref()).is_err());
    }

    #[test]
    fn rename_new_fails_when_the_name_exists() {
        let (_folder, root) = folders();
        let open = OpenFolder::open(&root).unwrap().unwrap();
        drop(open.create_file("a".as_ref()).unwrap());
        let error = open.rename_new("a".as_ref(), "file".as_ref()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        open.rename_new("a".as_ref(), "b".as_ref()).unwrap();
        assert!(root.join("b").exists() && !root.join("a").exists());
    }

    #[test]
    fn shared_folders_are_trusted_only_with_the_sticky_bit() {
        let (_folder, root) = folders();
        let path = root.join("real");
        let trust = |mode: u32, is_sticky_trusted| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let open = OpenFolder::open(&path).unwrap().unwrap();
            open.trust(&[], false, is_sticky_trusted).unwrap()
        };
        assert_eq!(trust(0o755, true), Trust::Full);
        assert_eq!(trust(0o777, true), Trust::Exposed);
        assert_eq!(trust(0o1777, true), Trust::Full);
        assert_eq!(trust(0o1777, false), Trust::Exposed);
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::chown(&path, Some(1234), Some(1234)).unwrap();
            assert_eq!(trust(0o700, true), Trust::Foreign);
            let open = OpenFolder::open(&path).unwrap().unwrap();
            let owner = Owner { user: 1234, group: 4321 };
            assert_eq!(open.trust(&[owner], false, true).unwrap(), Trust::Full);
        }
    }

    #[test]
    fn only_links_owned_by_the_user_are_followed() {
        let (_folder, root) = folders();
        let resolve = |name: &str| resolve_trusted(&root.join(name)).unwrap();
        assert_eq!(resolve("link/link/new/a"), Ok(root.join("real/inner/new/a")));
        assert_eq!(resolve("link/../file"), Ok(root.join("file")));
        symlink("circle", root.join("circle")).unwrap();
        assert!(resolve_trusted(&root.join("circle")).is_err());
        if rustix::process::geteuid().is_root() {
            std::os::unix::fs::lchown(root.join("link"), Some(1234), None).unwrap();
            assert_eq!(resolve("link/inner"), Err(root.join("link")));
        }
    }
}
