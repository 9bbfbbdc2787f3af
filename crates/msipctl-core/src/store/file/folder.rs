//! What exists at a path and in a folder, without reading any file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::resolve::resolve;
use crate::store::error::{Error, Operation};
use crate::store::system;

/// Lists the files in a folder that have the extension `extension` (without a dot, in any case), sorted by name.
///
/// # Errors
///
/// When the folder doesn't exist, or the system reports an error.
pub fn list(dir: &Path, extension: &str) -> Result<Vec<PathBuf>, Error> {
    let fail = |error| Error::io(dir, Operation::List, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let path = entry.path();
        let fits = path.extension().is_some_and(|end| end.eq_ignore_ascii_case(extension));
        if fits && !entry.file_type().map_err(fail)?.is_dir() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Lists the folders in a folder, sorted by name, without links to folders.
///
/// # Errors
///
/// As [`list`].
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |error| Error::io(dir, Operation::List, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_type().map_err(fail)?.is_dir() {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// Creates a folder and its missing parent folders.
///
/// # Errors
///
/// When the system reports an error, or a file is in the way.
pub fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| Error::io(path, Operation::CreateFolder, error))
}

/// Returns whether `path` is a regular file, following links. Returns `false` if it can't be accessed.
pub fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file())
}

/// Returns whether a file or folder exists at a path.
pub fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// Returns whether a file's attributes allow writing it. Opens nothing, so an ACL may still deny access.
pub fn is_writable(path: &Path) -> bool {
    #[cfg(unix)]
    if rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_err() {
        return false;
    }
    fs::metadata(path).is_ok_and(|found| !found.permissions().readonly())
}

/// Returns whether a file is marked read-only, following links. On Unix, that means that no user may write it.
pub fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().readonly())
}

/// Returns whether other users can read a file, following links. On Unix, uses its mode and the modes of its parent
/// folders; on Windows, uses the permissions of large groups. Returns `None` if that's unknown.
///
/// On Unix, a group counts unless its number equals that of the file's owner, and it therefore probably contains only
/// the owner. Unix ACLs are ignored.
pub fn readable_by_others(path: &Path) -> Option<bool> {
    system::readable_by_others(&fs::canonicalize(path).ok()?).ok()
}

/// Returns whether `path` is a folder, following links. Returns `false` if it can't be accessed.
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

/// Returns whether the system found nothing at a path.
pub(in crate::store) fn is_nowhere(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Returns the absolute path that `path` leads to, following links as far as it exists. If nothing of it exists,
/// returns the path unchanged. On Windows, the path has no prefix `\\?\`, if it works without.
pub fn absolute(path: &Path) -> PathBuf {
    if let Ok(found) = resolve(path) {
        return found;
    }
    let folder = path.parent().map(|folder| match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    });
    match (folder.map(resolve), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// The identity of a file, independent of how its path is spelled and which links lead to it. A file with several names
/// (hard links) has one identity, because all names are replaced together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity(Inner);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Inner {
    Node(u64, u64),
    Path(PathBuf),
}

/// Returns the identity of the file at `path`; for a missing file, its path.
pub fn identity(path: &Path) -> Identity {
    #[cfg(unix)]
    if let Ok(found) = fs::metadata(path) {
        use std::os::unix::fs::MetadataExt;

        // One system call instead of one per folder of the path.
        return Identity(Inner::Node(found.dev(), found.ino()));
    }
    #[cfg(windows)]
    if let Ok(found) = fs::File::open(path).and_then(|file| msipctl_windows::identify(&file)) {
        return Identity(Inner::Node(u64::from(found.volume), found.index));
    }
    let path = absolute(path);
    Identity(Inner::Path(match cfg!(windows) {
        true => PathBuf::from(path.to_string_lossy().to_lowercase()),
        false => path,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Kind;

    #[test]
    fn files_are_listed_by_extension_and_sorted() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.ini", "a.INI", "c.txt", "ini", "d.ini.bak"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("e.ini")).unwrap();
        let found = list(folder.path(), "ini").unwrap();
        assert_eq!(found, [folder.path().join("a.INI"), folder.path().join("b.ini")]);
        let error = list(&folder.path().join("none"), "ini").unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound);
    }

    #[test]
    fn folder_is_created_once_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a").join("b");
        for _ in 0..2 {
            make_folder(&path).unwrap();
        }
        assert!(is_folder(&path));
        fs::write(path.join("file"), "").unwrap();
        let error = make_folder(&path.join("file").join("c")).unwrap_err();
        assert!(error.to_string().ends_with("can't create the folder"), "{error}");
    }

    #[test]
    fn folders_are_listed_and_read_only_files_are_detected() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.ini");
        fs::write(&file, "").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        assert_eq!(folders(folder.path()).unwrap(), [folder.path().join("sub")]);
        assert!(is_file(&file) && !is_file(folder.path()));
        assert!(is_writable(&file));
        let mut marks = fs::metadata(&file).unwrap().permissions();
        marks.set_readonly(true);
        fs::set_permissions(&file, marks).unwrap();
        assert!(!is_writable(&file));
        assert!(!is_writable(&folder.path().join("none.ini")));
    }

    #[test]
    fn paths_are_made_absolute_as_far_as_they_exist() {
        let folder = tempfile::tempdir().unwrap();
        let real = dunce::canonicalize(folder.path()).unwrap();
        fs::write(real.join("a.ini"), "").unwrap();
        fs::create_dir(real.join("sub")).unwrap();
        let winding = folder.path().join("sub").join("..");
        assert_eq!(absolute(&winding.join("a.ini")), real.join("a.ini"));
        assert_eq!(absolute(&winding.join("none.ini")), real.join("none.ini"));
        let nowhere = folder.path().join("no").join("none.ini");
        assert_eq!(absolute(&nowhere), nowhere);
        assert!(absolute(Path::new("none.ini")).is_absolute());
    }

    #[test]
    fn file_identity_is_independent_of_spelling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ini");
        fs::write(&path, "").unwrap();
        fs::write(folder.path().join("b.ini"), "").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let winding = folder.path().join("sub").join("..");
        assert_eq!(identity(&path), identity(&winding.join("a.ini")));
        assert_ne!(identity(&path), identity(&winding.join("b.ini")));
        let missing = folder.path().join("none.ini");
        assert_eq!(identity(&missing), identity(&winding.join("none.ini")));
        fs::hard_link(&path, folder.path().join("c.ini")).unwrap();
        assert_eq!(identity(&path), identity(&winding.join("c.ini")));
        assert_eq!(identity(&path), identity(&winding.join("a.ini")));
    }

    #[cfg(unix)]
    #[test]
    fn readability_by_others_depends_on_file_and_folder_modes() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let path = inner.join("a.ini");
        fs::write(&path, "").unwrap();
        let found = fs::metadata(&path).unwrap();
        let is_own_group = found.uid() == found.gid();
        let elsewhere = tempfile::tempdir().unwrap();
        let link = elsewhere.path().join("link.ini");
        std::os::unix::fs::symlink(dunce::canonicalize(&path).unwrap(), &link).unwrap();
        let check = |outer: u32, above: u32, mode: u32, expected: bool| {
            let set = |path: &Path, mode| {
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
            };
            set(&path, mode);
            set(&inner, above);
            set(folder.path(), outer);
            assert_eq!(readable_by_others(&path), Some(expected), "{outer:o} {above:o} {mode:o}");
            // Each thread checks a folder once.
            let seen = |path: &Path| {
                let seen =
                    || crate::store::read(path).unwrap().into_status().1.readable_by_others();
                std::thread::scope(|scope| scope.spawn(seen).join().unwrap())
            };
            assert_eq!(seen(&path), Some(expected), "{outer:o} {above:o} {mode:o}");
            assert_eq!(seen(&link), Some(expected), "{outer:o} {above:o} {mode:o}");
        };
        check(0o755, 0o755, 0o644, true);
        check(0o755, 0o711, 0o604, true);
        check(0o755, 0o755, 0o600, false);
        check(0o755, 0o755, 0o622, false);
        check(0o755, 0o700, 0o644, false);
        check(0o700, 0o755, 0o644, false);
        check(0o755, 0o755, 0o640, !is_own_group);
        check(0o755, 0o710, 0o640, !is_own_group);
        assert_eq!(readable_by_others(&inner.join("none")), None);
    }
}
