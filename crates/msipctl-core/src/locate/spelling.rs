//! Paths as Windows compares them: any case, both slashes, with or without `\\?\`.

use std::path::Path;

use crate::store;

/// A path in the one spelling that all spellings of it share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Spelling(String);

impl Spelling {
    /// Returns the spelling of a path as it is given, which may be that of another computer.
    pub(super) fn of(path: &Path) -> Self {
        let text = path.to_string_lossy().replace('\\', "/").to_lowercase();
        let plain = match (text.strip_prefix("//?/unc/"), text.strip_prefix("//?/")) {
            (Some(share), _) => format!("//{share}"),
            (None, Some(drive)) => drive.to_owned(),
            (None, None) => text,
        };
        Self(plain.trim_end_matches('/').to_owned())
    }

    /// Returns the spelling of the file or folder that a path leads to: links followed, short names
    /// written out, as far as the path exists. A path of Windows leads nowhere on any other system.
    pub(super) fn resolved(path: &Path) -> Self {
        if cfg!(not(windows)) && path.to_string_lossy().contains('\\') {
            return Self::of(path);
        }
        Self::of(&store::absolute(path))
    }

    /// Returns the folder; `None` for a root or a bare name.
    pub(super) fn folder(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(folder, _)| Self(folder.to_owned()))
    }

    /// Returns the last part.
    pub(super) fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the last part without its ending.
    pub(super) fn stem(&self) -> &str {
        stem(self.name())
    }

    /// Returns what is called `name` in this folder.
    pub(super) fn join(&self, name: &str) -> Self {
        Self(format!("{}/{}", self.0, name.to_lowercase()))
    }

    /// Returns this without what it ends with; `None` if it ends otherwise.
    pub(super) fn without(&self, end: &str) -> Option<Self> {
        self.0.strip_suffix(end).map(|rest| Self(rest.to_owned()))
    }

    /// Tells whether this is in that folder, or in one below it.
    pub(super) fn is_below(&self, folder: &Self) -> bool {
        self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Returns a file's name without its ending.
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
