//! A fake system for tests.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::DirBuilder;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::store::{self, BackupPolicy, LockOptions, Record, RunId};
use msipctl_windows::{Folder, Hive, Process, System};

/// Writes a file and creates its parent folders.
pub(crate) fn write(path: &Path, text: impl AsRef<[u8]>) {
    DirBuilder::new().recursive(true).create(path.parent().unwrap()).unwrap();
    let locked =
        store::lock(path, &LockOptions { create: true, ..LockOptions::default() }).unwrap();
    let record = Record { run: RunId::new(), command: "test".to_owned() };
    locked.replace(text.as_ref(), &record, &BackupPolicy::None).unwrap();
}

/// A system that returns configured values.
#[derive(Debug, Default)]
pub(crate) struct Fake {
    texts: HashMap<(Hive, String, Option<String>), OsString>,
    processes: Vec<Process>,
    users: HashMap<u32, String>,
    roaming: Option<PathBuf>,
    versions: Vec<(PathBuf, [u16; 4])>,
}

impl Fake {
    pub(crate) fn text(mut self, hive: Hive, key: &str, name: Option<&str>, text: &str) -> Self {
        let name = name.map(str::to_lowercase);
        self.texts.insert((hive, key.to_lowercase(), name), text.into());
        self
    }

    pub(crate) fn process(mut self, id: u32, program: &str) -> Self {
        let name = program.rsplit(['\\', '/']).next().unwrap_or_default().into();
        self.processes.push(Process { id, program: Some(program.into()), name });
        self
    }

    pub(crate) fn unknown(mut self, id: u32, name: &str) -> Self {
        self.processes.push(Process { id, program: None, name: name.into() });
        self
    }

    /// Makes a user the owner of a process. Those of other processes are unknown.
    pub(crate) fn user(mut self, process: u32, user: &str) -> Self {
        self.users.insert(process, user.to_owned());
        self
    }

    pub(crate) fn version(mut self, program: &Path, version: [u16; 4]) -> Self {
        self.versions.push((program.to_owned(), version));
        self
    }

    pub(crate) fn roaming(mut self, folder: impl Into<PathBuf>) -> Self {
        self.roaming = Some(folder.into());
        self
    }
}

impl System for Fake {
    fn processes(&self) -> io::Result<Vec<Process>> {
        Ok(self.processes.clone())
    }

    fn user(&self, process: u32) -> io::Result<String> {
        self.users.get(&process).cloned().ok_or_else(|| io::ErrorKind::PermissionDenied.into())
    }

    fn wait(&self, _process: u32, _at_most: Duration) -> io::Result<bool> {
        Ok(false)
    }

    fn registry_text(
        &self,
        hive: Hive,
        key: &str,
        name: Option<&str>,
    ) -> io::Result<Option<OsString>> {
        let name = name.map(str::to_lowercase);
        Ok(self.texts.get(&(hive, key.to_lowercase(), name)).cloned())
    }

    fn registry_keys(&self, hive: Hive, key: &str) -> io::Result<Vec<OsString>> {
        let key = format!("{}\\", key.to_lowercase());
        let below = self.texts.keys().filter(|(other, ..)| *other == hive);
        let below = below.filter_map(|(_, other, _)| other.strip_prefix(&key));
        let mut names: Vec<OsString> =
            below.map(|rest| rest.split('\\').next().unwrap_or_default().into()).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn folder(&self, folder: Folder) -> io::Result<PathBuf> {
        let roaming = self.roaming.clone().filter(|_| folder == Folder::RoamingAppData);
        roaming.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn program_version(&self, program: &Path) -> io::Result<Option<[u16; 4]>> {
        let known = self.versions.iter().find(|(known, _)| known == program);
        Ok(known.map(|(_, version)| *version))
    }
}
