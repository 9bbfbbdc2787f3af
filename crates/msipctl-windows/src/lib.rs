//! What only Windows can do: registry, processes, known folders, programs' versions, replacing a file;
//! windows, messages, and starting things as the desktop does; requests and datagrams.
//!
//! Everything that other crates ask of the running system goes through [`System`] and [`Desktop`], so that they
//! can be tested with an answer made up; [`system()`] and [`desktop()`] are the real ones. What works on single
//! files stands beside them, as functions that exist on Windows only.
//!
//! # Invariants
//!
//! - This is the only crate with unsafe code, and each block says why it is sound.
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
mod here;
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
mod system;
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
pub use process::{command_line, parent_process};
pub use request::HttpRequest;
#[cfg(windows)]
pub use streams::keep_streams;
#[cfg(not(windows))]
pub use stub::send_request;
pub use system::{Folder, Hive, Process, System};

#[cfg(windows)]
use here::Here;
#[cfg(not(windows))]
use stub::Here;

/// Returns the system this program runs on.
pub fn system() -> &'static dyn System {
    &Here
}

/// Returns the desktop this program runs on.
pub fn desktop() -> &'static dyn Desktop {
    &Here
}
