//! What this machine knows about its disks, for `hook explain` and `check`.

use std::path::Path;

use super::config::Config;
use msipctl_core::event::{Facts, Target};
use msipctl_core::locate;
#[cfg(windows)]
use msipctl_core::store;

/// The machine that msipctl runs on. On another system, a Windows path leads nowhere, which means nothing for the
/// target machine.
pub(super) struct Machine<'p> {
    /// The file to examine.
    ini: Option<&'p Path>,
}

impl<'p> Machine<'p> {
    /// Creates this machine for a file to examine.
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
        let path = Path::new(path);
        // A relative path depends on the folder that MicroSIP runs in.
        path.is_absolute().then(|| locate::leads_to(path, ini))
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
