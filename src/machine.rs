//! What this machine tells of its disks, for explaining and checking.

use std::path::Path;

use super::config::Config;
use msipctl_core::event::{Facts, Target};
use msipctl_core::locate;
#[cfg(windows)]
use msipctl_core::store;

/// The machine that msipctl runs on. A Windows path leads nowhere on another system, which says nothing of the
/// machine it is meant for.
pub(super) struct Machine<'p> {
    /// The file that is looked at.
    ini: Option<&'p Path>,
}

impl<'p> Machine<'p> {
    /// Makes this machine, on which a file is looked at.
    pub(super) fn with(ini: Option<&'p Path>) -> Self {
        Self { ini }
    }
}

impl Facts for Machine<'_> {
    fn target(&self, path: &str) -> Option<Target> {
        target(Path::new(path))
    }

    fn may_open(&self, scheme: &str) -> Option<bool> {
        let config = Config::load().ok().filter(|_| cfg!(windows))?;
        Some(config.may_open(scheme))
    }

    fn is_own_ini(&self, path: &str) -> Option<bool> {
        let ini = self.ini.filter(|_| cfg!(windows))?;
        Some(locate::same_file(ini, Path::new(path)))
    }
}

#[cfg(windows)]
fn target(path: &Path) -> Option<Target> {
    Some(if store::is_folder(path) {
        Target::Folder
    } else if store::is_file(path) {
        Target::File { writable_by_others: msipctl_windows::writable_by_others(path).ok() }
    } else {
        Target::Missing
    })
}

#[cfg(not(windows))]
fn target(_: &Path) -> Option<Target> {
    None
}
