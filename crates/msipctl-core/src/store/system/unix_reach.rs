//! Unix: reaches a file step by step from an open folder, so no other user can put a link in the path in the meantime.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::Errno;

use super::common::{Opened, Unreached};
use super::unix::Identity;
use super::unix_folder::OpenFolder;

/// The maximum number of links on the path of a file. More count as a cycle, as they do for the system.
const MAX_LINKS: usize = 40;

/// The flags for opening a folder that is only passed.
#[cfg(any(target_os = "linux", target_os = "android"))]
const PASS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const PASS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// A file in an open folder. The file itself may be missing.
#[derive(Debug)]
pub(in crate::store) struct Reached {
    folder: File,
    name: OsString,
    /// The required owner of the file, because a link of that user leads to it.
    owner: Option<u32>,
    is_link: bool,
}

/// A link that was followed because it belongs to the owner of its target, which remains to be checked.
struct PendingLink {
    link: PathBuf,
    owner: u32,
    /// The number of names that remain when the end of the link is reached.
    left: usize,
}

/// Reaches what is at `rest` below the folder `base`. Follows links in `base`, and other links only if no other user
/// can have planted them.
pub(in crate::store) fn reach(base: &Path, rest: &Path) -> Result<Reached, Unreached> {
    let start = if base.as_os_str().is_empty() { Path::new(".") } else { base };
    let mut folder = File::from(openat(CWD, start, PASS, Mode::empty())?);
    let mut names: VecDeque<OsString> = names(rest).collect();
    let mut shown = base.to_owned();
    let mut promises: Vec<PendingLink> = Vec::new();
    let (mut links, mut is_link) = (0, false);
    while let Some(name) = names.pop_front() {
        let is_last = names.is_empty();
        let path = shown.join(&name);
        let opened = match is_last {
            // Opening the file reports what it is.
            true => match statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) if FileType::from_raw_mode(found.st_mode) == FileType::Symlink => None,
                _ => {
                    let owner = promises.first().map(|promise| promise.owner);
                    // Links of two users can't lead to a file that belongs to both.
                    if let Some(other) = promises.iter().find(|it| Some(it.owner) != owner) {
                        return Err(Unreached::Link(other.link.clone()));
                    }
                    return Ok(Reached { folder, name, owner, is_link });
                }
            },
            false => match openat(&folder, &name, PASS | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(opened) => Some(File::from(opened)),
                Err(Errno::LOOP | Errno::MLINK | Errno::NOTDIR) => None,
                Err(errno) => return Err(errno.into()),
            },
        };
        if let Some(opened) = opened {
            keep(&mut promises, names.len(), &opened)?;
            (folder, shown) = (opened, path);
            continue;
        }
        is_link = is_last && promises.is_empty() || is_link;
        links += 1;
        if links > MAX_LINKS {
            return Err(Errno::LOOP.into());
        }
        let (owner, leads_to) = link(&folder, &name, &path)?;
        let caller = rustix::process::geteuid().as_raw();
        if owner != caller || folder.metadata()?.uid() != caller {
            promises.push(PendingLink { link: path, owner, left: names.len() });
        }
        if leads_to.is_absolute() {
            folder = File::from(openat(CWD, "/", PASS, Mode::empty())?);
            shown = PathBuf::from("/");
        }
        let steps: Vec<_> = self::names(&leads_to).collect();
        if steps.is_empty() {
            keep(&mut promises, names.len(), &folder)?;
        }
        steps.into_iter().rev().for_each(|step| names.push_front(step));
    }
    // The path ends at a folder.
    Ok(Reached { folder, name: OsString::from("."), owner: None, is_link })
}

/// Opens what is at `rest` below the folder `base` for reading.
pub(in crate::store) fn open_found(
    base: &Path,
    rest: &Path,
) -> Result<Opened<Identity>, Unreached> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Some(opened) = open_without_links(base, rest) {
        return Ok(opened);
    }
    let reached = reach(base, rest)?;
    let file = File::from(openat(&reached.folder, &reached.name, READ, Mode::empty())?);
    let identity = Identity::of(&file)?;
    if let Ok(identity) = &identity
        && !reached.accepts(Some(identity))?
    {
        return Err(Unreached::Link(base.join(rest)));
    }
    Ok(Opened { file, identity, is_link: reached.is_link })
}

/// Never waits for the other end of a pipe, and never takes control of a terminal.
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// Opens a file in one call if it has one name and its path contains no link, or in two if a link leads to the base.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn open_without_links(base: &Path, rest: &Path) -> Option<Opened<Identity>> {
    use std::os::fd::{AsFd, BorrowedFd};

    use rustix::fs::{ResolveFlags, openat2};

    let open = |folder: BorrowedFd<'_>, path: &Path| {
        openat2(folder, path, READ, Mode::empty(), ResolveFlags::NO_SYMLINKS)
    };
    let opened = match open(CWD, &base.join(rest)) {
        Err(Errno::LOOP) => {
            let folder = openat(CWD, base, PASS, Mode::empty()).ok()?;
            open(folder.as_fd(), rest)
        }
        opened => opened,
    };
    let file = File::from(opened.ok()?);
    let identity = Identity::of(&file).ok()?;
    let has_one_name = identity.is_ok_and(|identity| identity.links() == 1);
    has_one_name.then_some(Opened { file, identity, is_link: false })
}

/// Returns the names of a path to pass.
fn names(path: &Path) -> impl Iterator<Item = OsString> {
    path.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    })
}

/// Returns the owner and the target of a link. An error for anything else.
fn link(folder: &File, name: &OsStr, path: &Path) -> Result<(u32, PathBuf), Unreached> {
    let look = || statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    let before = look()?;
    if FileType::from_raw_mode(before.st_mode) != FileType::Symlink {
        return Err(Errno::NOTDIR.into());
    }
    let leads_to = readlinkat(folder, name, Vec::new())?;
    let after = look()?;
    let what = |found: &rustix::fs::Stat| (found.st_dev, found.st_ino, found.st_uid);
    if what(&before) != what(&after) {
        return Err(Unreached::Link(path.to_owned()));
    }
    Ok((before.st_uid, PathBuf::from(OsString::from_vec(leads_to.into_bytes()))))
}

/// Checks the owner of a folder that links lead to.
fn keep(promises: &mut Vec<PendingLink>, left: usize, folder: &File) -> Result<(), Unreached> {
    let owner = folder.metadata()?.uid();
    let mut ended = promises.extract_if(.., |promise| promise.left == left);
    match ended.find(|promise| promise.owner != owner) {
        Some(promise) => Err(Unreached::Link(promise.link)),
        None => Ok(()),
    }
}

impl Reached {
    /// Returns whether this is what an open folder contains under a name.
    pub(in crate::store) fn is_in(&self, folder: &OpenFolder, name: &OsStr) -> io::Result<bool> {
        let (own, other) = (self.folder.metadata()?, folder.handle().metadata()?);
        Ok((own.dev(), own.ino()) == (other.dev(), other.ino()) && self.name == name)
    }

    /// Returns whether a file there (`None` for a missing one) can be opened: it must belong to the owner of the links
    /// that lead to it. A file with several names must belong to the owner of its folder, who could otherwise have
    /// planted it as a hard link. No file is created through another user's link.
    pub(in crate::store) fn accepts(&self, identity: Option<&Identity>) -> io::Result<bool> {
        let Some(identity) = identity else { return Ok(self.owner.is_none()) };
        let owner = identity.owner_number();
        if self.owner.is_some_and(|expected| expected != owner) {
            return Ok(false);
        }
        if identity.links() < 2 {
            return Ok(true);
        }
        let planter = self.folder.metadata()?.uid();
        let caller = rustix::process::geteuid().as_raw();
        Ok([owner, caller, 0].contains(&planter))
    }
}
