//! The interface to the running system: processes, registry, and folders.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The system that this process runs on.
pub trait System: Sync {
    /// Returns all running processes.
    ///
    /// # Errors
    ///
    /// If the system call fails, or the system isn't Windows.
    fn processes(&self) -> io::Result<Vec<Process>>;

    /// Returns the user of a process, as the text of a security identifier (SID) such as `S-1-5-18`.
    ///
    /// # Errors
    ///
    /// If this user doesn't have the right to see it, the process no longer exists, or the system isn't Windows.
    fn user(&self, process: u32) -> io::Result<String>;

    /// Waits for a process to exit, and returns whether it did. Returns `true` for a process that no longer exists.
    ///
    /// # Errors
    ///
    /// If this user doesn't have the right to wait for the process, or the system isn't Windows.
    fn wait(&self, process: u32, at_most: Duration) -> io::Result<bool>;

    /// Returns a text value from the registry, or `None` if the key or value doesn't exist or isn't text.
    ///
    /// If `name` is `None`, returns the default value of the key. Expands variables such as `%SystemDrive%`. Searches both
    /// registry views, that of 64-bit programs first.
    ///
    /// # Errors
    ///
    /// If this user doesn't have the right to read the key, or the system isn't Windows.
    fn registry_text(
        &self,
        hive: Hive,
        key: &str,
        name: Option<&str>,
    ) -> io::Result<Option<OsString>>;

    /// Returns the names of the subkeys of a registry key. Empty if the key doesn't exist.
    ///
    /// # Errors
    ///
    /// As [`System::registry_text`].
    fn registry_keys(&self, hive: Hive, key: &str) -> io::Result<Vec<OsString>>;

    /// Returns the path of a known folder of the current user.
    ///
    /// # Errors
    ///
    /// If the user doesn't have this folder, or the system isn't Windows.
    fn folder(&self, folder: Folder) -> io::Result<PathBuf>;

    /// Returns the four numbers in the version resource of a program, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// If the file can't be read, or the system isn't Windows.
    fn program_version(&self, program: &Path) -> io::Result<Option<[u16; 4]>>;
}

/// A running process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The process ID.
    pub id: u32,
    /// The full path of the program, or `None` if this user doesn't have the right to see it.
    pub program: Option<PathBuf>,
    /// The file name of the program, which every user can see.
    pub name: OsString,
}

/// A root key of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hive {
    /// `HKEY_CURRENT_USER`.
    CurrentUser,
    /// `HKEY_LOCAL_MACHINE`.
    LocalMachine,
}

/// A known folder of Windows.
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
