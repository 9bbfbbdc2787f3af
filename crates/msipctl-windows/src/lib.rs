//! The Windows functions of msipctl.
//!
//! They cover the registry, processes, known folders, program versions, replacing files, windows and messages, starting
//! programs, the event log, HTTP requests, datagrams, and TCP connections.
//!
//! Other crates access the running system through the traits [`System`] and [`Desktop`], so that tests can use fake
//! implementations. [`system()`] and [`desktop()`] return the real ones. Functions for single files exist only on Windows.
//!
//! # Invariants
//!
//! - This is the only crate with unsafe code. Each unsafe block has a comment that explains why it is sound.
//! - On other systems, all methods return [`std::io::ErrorKind::Unsupported`].
//! - No function terminates or changes a process, and only [`Desktop`] starts one.
//! - Libraries that load slowly, such as `user32.dll` and `shell32.dll`, are loaded on first use.

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
mod event_log;
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
mod sockets;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod streams;
#[cfg(not(windows))]
mod stub;
mod system;
#[cfg(windows)]
#[expect(unsafe_code, reason = "this crate calls Windows")]
mod tcp;
#[cfg(windows)]
mod text;

#[cfg(windows)]
pub use access::{readable_by_others, writable_by_others};
#[cfg(windows)]
pub use datagram::send_datagram;
/// The manifest of each program of msipctl, in which `VERSION` is to be replaced: paths can be long, its text is UTF-8, it
/// asks for no further rights, and it lists the Windows versions that it knows, so that Windows reports them truthfully.
pub const MANIFEST: &str = include_str!("../manifest.xml");

pub use desktop::{Desktop, Received, Started, Window, WindowName};
#[cfg(windows)]
pub use event_log::{LogEvent, LogKind, report_events};
#[cfg(windows)]
pub use file::{FileId, final_path, identify, identify_at, names, replace_file, set_attributes};
#[cfg(windows)]
pub use http::send_request;
#[cfg(windows)]
pub use process::{command_line, parent_process};
pub use request::{HttpRequest, HttpResponse};
#[cfg(windows)]
pub use streams::keep_streams;
#[cfg(not(windows))]
pub use stub::send_request;
pub use system::{Folder, Hive, Process, System};
#[cfg(windows)]
pub use tcp::send_stream;

#[cfg(windows)]
use here::Here;
#[cfg(not(windows))]
use stub::Here;

/// Returns the system that this program runs on.
pub fn system() -> &'static dyn System {
    &Here
}

/// Returns the desktop that this program runs on.
pub fn desktop() -> &'static dyn Desktop {
    &Here
}
