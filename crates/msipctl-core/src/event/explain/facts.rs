//! What is asked of the machine on which MicroSIP runs.

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Nothing.
    Missing,
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Whether other users may change it, if that can be told.
        writable_by_others: Option<bool>,
    },
}

/// What the machine on which MicroSIP runs has on its disks.
pub trait Facts {
    /// Tells what stands at a full Windows path; `None` if this system cannot know.
    fn target(&self, path: &str) -> Option<Target>;

    /// Tells whether addresses of a scheme other than http and https are opened; `None` if this system cannot know.
    fn may_open(&self, _scheme: &str) -> Option<bool> {
        None
    }

    /// Tells whether a full Windows path leads to the ini that is explained; `None` if this system cannot know.
    fn is_own_ini(&self, _path: &str) -> Option<bool> {
        None
    }
}
