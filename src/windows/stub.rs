//! Any system but Windows: there is no registry to ask and no MicroSIP that runs.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Folder, Hive, Process, System};

/// A system that cannot tell.
pub(super) struct Here;

impl System for Here {
    fn processes(&self) -> io::Result<Vec<Process>> {
        unsupported()
    }

    fn wait(&self, _process: u32, _at_most: Duration) -> io::Result<bool> {
        unsupported()
    }

    fn registry_text(
        &self,
        _hive: Hive,
        _key: &str,
        _name: Option<&str>,
    ) -> io::Result<Option<OsString>> {
        unsupported()
    }

    fn registry_keys(&self, _hive: Hive, _key: &str) -> io::Result<Vec<OsString>> {
        unsupported()
    }

    fn folder(&self, _folder: Folder) -> io::Result<PathBuf> {
        unsupported()
    }

    fn program_version(&self, _program: &Path) -> io::Result<Option<[u16; 4]>> {
        unsupported()
    }
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Windows can tell"))
}
