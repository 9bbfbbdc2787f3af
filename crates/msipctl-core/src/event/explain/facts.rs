//! The facts to look up on the PC on which MicroSIP runs.

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Neither a file nor a folder.
    Missing,
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether other users can change the file, if known.
        writable_by_others: Option<bool>,
    },
}

/// Facts about the PC on which MicroSIP runs.
pub trait Facts {
    /// Returns what is at a full Windows path, or `None` if this system can't determine it.
    fn target(&self, path: &str) -> Option<Target>;

    /// Returns whether URLs with a scheme other than http and https are opened, or `None` if this system can't determine it.
    fn may_open(&self, _scheme: &str) -> Option<bool> {
        None
    }

    /// Returns whether a full Windows path leads to the explained MicroSIP.ini, or `None` if this system can't determine it.
    fn is_own_ini(&self, _path: &str) -> Option<bool> {
        None
    }
}
