//! What only Windows can do: registry, processes, known folders, programs' versions, replacing a file;
//! windows, messages, and starting things as the desktop does; requests and datagrams.
//!
//! Everything other rooms ask of the running system goes through [`System`] and [`Desktop`], so that they
//! can be tested with an answer made up; [`system`] and [`desktop`] are the real ones. What works on single
//! files stands beside them, as functions that exist on Windows only.
//!
//! # Invariants
//!
//! - This is the only room with unsafe code, and each block says why it is sound.
//! - Elsewhere, every question is answered with [`std::io::ErrorKind::Unsupported`]; nothing is guessed.
//! - No call here ends or changes a process, and only [`Desktop`] starts one.
//! - `user32.dll`, `shell32.dll` and other libraries that are slow to load are loaded when they are needed.

#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod access;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod atom;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod datagram;
mod desktop;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod execute;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod file;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod http;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod library;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod listener;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod messages;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod process;
#[cfg(windows)]
#[doc(hidden)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
pub mod profile_calls;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod registry;
mod request;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod shell;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod streams;
#[cfg(not(windows))]
mod stub;
#[cfg(windows)]
mod text;

#[cfg(windows)]
pub use access::{readable_by_others, writable_by_others};
#[cfg(windows)]
pub use datagram::send_datagram;
pub use desktop::{Desktop, Received, Started, Window, WindowName};
#[cfg(windows)]
pub use file::{FileId, final_path, identify, identify_at, names, replace_file, set_attributes};
#[cfg(windows)]
pub use http::send_request;
#[cfg(windows)]
pub use process::{command_line, starter};
pub use request::HttpRequest;
#[cfg(windows)]
pub use streams::keep_streams;
#[cfg(not(windows))]
use stub::Here;
#[cfg(not(windows))]
pub use stub::send_request;

use std::ffi::OsString;
use std::io;
#[cfg(windows)]
use std::ops::ControlFlow;
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

/// Returns the system this program runs on.
pub fn system() -> &'static dyn System {
    &Here
}

/// Returns the desktop this program runs on.
pub fn desktop() -> &'static dyn Desktop {
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

#[cfg(windows)]
impl Desktop for Here {
    fn find_windows(&self, name: WindowName<'_>) -> io::Result<Vec<Window>> {
        messages::find(name)
    }

    fn send_message(
        &self,
        window: Window,
        message: u32,
        wparam: u64,
        text: &str,
        at_most: Duration,
    ) -> io::Result<u64> {
        messages::send(window, message, wparam, text, at_most)
    }

    fn post_message(
        &self,
        window: Window,
        message: u32,
        wparam: u64,
        text: &str,
    ) -> io::Result<()> {
        messages::post(window, message, wparam, text)
    }

    fn copy_data(&self, window: Window, id: u32, text: &str, at_most: Duration) -> io::Result<u64> {
        messages::copy_data(window, id, text, at_most)
    }

    fn open(&self, address: &str) -> io::Result<()> {
        execute::open(address)
    }

    fn start_hidden(&self, file: &str, parameters: &str, at_most: Duration) -> io::Result<Started> {
        execute::start_hidden(file, parameters, at_most)
    }

    fn listen(
        &self,
        title: &str,
        class: Option<&str>,
        at_most: Option<Duration>,
        take: &mut dyn FnMut(Received) -> ControlFlow<()>,
    ) -> io::Result<()> {
        listener::listen(title, class, at_most, take)
    }
}
