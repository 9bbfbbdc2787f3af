//! Compares paths as Windows does: in any capitalization, with both slashes, and with or without `\\?\`.

use std::path::Path;

use crate::store;

/// A path in a normalized spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Spelling(String);

impl Spelling {
    /// Returns the normalized spelling of a path without using the disk. The path can belong to another PC.
    pub(super) fn of(path: &Path) -> Self {
        let text = path.to_string_lossy().replace('\\', "/").to_lowercase();
        let plain = match (text.strip_prefix("//?/unc/"), text.strip_prefix("//?/")) {
            (Some(share), _) => format!("//{share}"),
            (None, Some(drive)) => drive.to_owned(),
            (None, None) => text,
        };
        Self(plain.trim_end_matches('/').to_owned())
    }

    /// Returns the spelling of the file or folder that a path leads to. Resolves links and short names if the path exists.
    /// On other systems, a Windows path isn't resolved.
    pub(super) fn resolved(path: &Path) -> Self {
        if cfg!(not(windows)) && path.to_string_lossy().contains('\\') {
            return Self::of(path);
        }
        Self::of(&store::absolute(path))
    }

    /// Returns whether the path belongs to a share or a device, so that Windows might connect to another computer.
    pub(super) fn is_remote(&self) -> bool {
        self.0.starts_with("//")
    }

    /// Returns the parent folder, or `None` for a root or a name without a folder.
    pub(super) fn folder(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(folder, _)| Self(folder.to_owned()))
    }

    /// Returns the last component.
    pub(super) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the last component without its extension.
    pub(super) fn stem(&self) -> &str {
        stem(self.name())
    }

    /// Returns the path of `name` in this folder.
    pub(super) fn join(&self, name: &str) -> Self {
        Self(format!("{}/{}", self.0, name.to_lowercase()))
    }

    /// Returns the path without a suffix, or `None` if it doesn't have the suffix.
    pub(super) fn without(&self, end: &str) -> Option<Self> {
        self.0.strip_suffix(end).map(|rest| Self(rest.to_owned()))
    }

    /// Returns whether this path is in a folder or in one of its subfolders.
    pub(super) fn is_below(&self, folder: &Self) -> bool {
        self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Returns whether two paths are equal as text, as Windows compares them. Doesn't use the disk, so the paths can belong to
/// another PC.
pub fn is_same_path(one: &str, other: &str) -> bool {
    Spelling::of(Path::new(one)) == Spelling::of(Path::new(other))
}

/// Returns the name of a file without its extension.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str) {
        assert_eq!(Spelling::of(Path::new(one)), Spelling::of(Path::new(other)));
    }

    #[test]
    fn spellings_of_the_same_path_are_equal() {
        check(r"C:\Program Files\MicroSIP\", "c:/program files/MICROSIP");
        check(r"\\?\C:\x\MicroSIP.ini", r"C:\X\microsip.INI");
        check(r"\\?\UNC\server\share\a.ini", r"\\Server\share\a.ini");
        check(r"C:\Büro\Ä.ini", r"C:\BÜRO\ä.ini");
    }

    #[test]
    fn path_spelling_has_name_stem_and_folder() {
        let ini = Spelling::of(Path::new(r"C:\Users\X\Reception.2.ini"));
        assert_eq!((ini.name(), ini.stem()), ("reception.2.ini", "reception.2"));
        let folder = ini.folder().unwrap();
        assert_eq!(folder, Spelling::of(Path::new(r"C:\Users\X")));
        assert_eq!(folder.join("Reception.2.ini"), ini);
        assert!(ini.is_below(&folder));
        assert!(!Spelling::of(Path::new(r"C:\Users\X2\a.ini")).is_below(&folder));
        assert!(Spelling::of(Path::new("MicroSIP.ini")).folder().is_none());
    }
}
