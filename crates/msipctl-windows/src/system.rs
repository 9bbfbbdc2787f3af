//! What is asked of the running system: its processes, its registry, its folders.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The questions that other rooms ask of the system they run on.
pub trait System: Sync {
    /// Lists the processes that run, each with its program where that may be known.
    ///
    /// # Errors
    ///
    /// When the system refuses, or is not Windows.
    fn processes(&self) -> io::Result<Vec<Process>>;

    /// Waits for a process to end; returns whether it did. One that is gone already has ended.
    ///
    /// # Errors
    ///
    /// When it may not be waited for, or the system is not Windows.
    fn wait(&self, process: u32, at_most: Duration) -> io::Result<bool>;

    /// Reads a text from the registry; `None` if there is no such key or value, or it is no text.
    ///
    /// `name` is `None` for the default value of the key. Variables such as `%SystemDrive%` are expanded.
    /// Both views are looked at, that of 64-bit programs first.
    ///
    /// # Errors
    ///
    /// When the key may not be read, or the system is not Windows.
    fn registry_text(
        &self,
        hive: Hive,
        key: &str,
        name: Option<&str>,
    ) -> io::Result<Option<OsString>>;

    /// Lists the names of the keys below a key; none if there is no such key.
    ///
    /// # Errors
    ///
    /// As [`System::registry_text`].
    fn registry_keys(&self, hive: Hive, key: &str) -> io::Result<Vec<OsString>>;

    /// Returns where a folder of the current user is.
    ///
    /// # Errors
    ///
    /// When the user has none, or the system is not Windows.
    fn folder(&self, folder: Folder) -> io::Result<PathBuf>;

    /// Returns the four numbers of a program's version resource; `None` if it has none.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, or the system is not Windows.
    fn program_version(&self, program: &Path) -> io::Result<Option<[u16; 4]>>;
}

/// A process that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// The whole path of its program; `None` if this user may not know it.
    pub program: Option<PathBuf>,
    /// The name of its program's file, which every user may know.
    pub name: OsString,
}

/// A root of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hive {
    /// `HKEY_CURRENT_USER`.
    CurrentUser,
    /// `HKEY_LOCAL_MACHINE`.
    LocalMachine,
}

/// A folder that Windows knows by its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Folder {
    /// `%APPDATA%`.
    RoamingAppData,
    /// `%LOCALAPPDATA%`.
    LocalAppData,
    /// `%ProgramFiles%`.
    ProgramFiles,
    /// `%ProgramFiles(x86)%`.
    ProgramFilesX86,
}
