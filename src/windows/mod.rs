//! What only Windows can answer: registry, processes, known folders, programs' versions, replacing a file.
//!
//! Everything other rooms ask of the running system goes through [`System`], so that they can be tested
//! with an answer made up; [`system`] is the real one. What works on single files stands beside it, as
//! functions that exist on Windows only.
//!
//! # Invariants
//!
//! - This is the only room with unsafe code, and each block says why it is sound.
//! - Elsewhere, every question is answered with [`std::io::ErrorKind::Unsupported`]; nothing is guessed.
//! - No call here ends, changes or starts a process.

#[cfg(windows)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
mod file;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
mod process;
#[cfg(windows)]
#[doc(hidden)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
pub mod profile_calls;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
mod registry;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
mod shell;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this is the room that calls Windows")]
mod streams;
#[cfg(not(windows))]
mod stub;
#[cfg(windows)]
mod text;

#[cfg(windows)]
pub use file::{FileId, identify, identify_at, replace_file, set_attributes};
#[cfg(windows)]
pub use streams::keep_streams;
#[cfg(not(windows))]
use stub::Here;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The questions that other rooms ask of the system they run on.
pub trait System {
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

/// Returns the system this program runs on.
pub fn system() -> &'static dyn System {
    &Here
}

/// Windows.
#[cfg(windows)]
struct Here;

#[cfg(windows)]
impl System for Here {
    fn processes(&self) -> io::Result<Vec<Process>> {
        process::list()
    }

    fn wait(&self, process: u32, at_most: Duration) -> io::Result<bool> {
        process::wait(process, at_most)
    }

    fn registry_text(
        &self,
        hive: Hive,
        key: &str,
        name: Option<&str>,
    ) -> io::Result<Option<OsString>> {
        registry::text(hive, key, name)
    }

    fn registry_keys(&self, hive: Hive, key: &str) -> io::Result<Vec<OsString>> {
        registry::keys(hive, key)
    }

    fn folder(&self, folder: Folder) -> io::Result<PathBuf> {
        shell::folder(folder)
    }

    fn program_version(&self, program: &Path) -> io::Result<Option<[u16; 4]>> {
        shell::program_version(program)
    }
}
