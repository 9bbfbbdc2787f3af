//! The implementation for other systems, which have no registry and no running MicroSIP.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desktop::{Desktop, Received, Started, Window, WindowName};
use super::request::{HttpRequest, HttpResponse};
use super::system::{Folder, Hive, Process, System};

/// A system that doesn't support any of the methods.
pub(super) struct Here;

impl System for Here {
    fn processes(&self) -> io::Result<Vec<Process>> {
        unsupported()
    }

    fn user(&self, _process: u32) -> io::Result<String> {
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

impl Desktop for Here {
    fn find_windows(&self, _name: WindowName<'_>) -> io::Result<Vec<Window>> {
        unsupported()
    }

    fn send_message(
        &self,
        _window: Window,
        _message: u32,
        _wparam: u64,
        _text: &str,
        _at_most: Duration,
    ) -> io::Result<u64> {
        unsupported()
    }

    fn post_message(&self, _: Window, _: u32, _: u64, _: &str) -> io::Result<()> {
        unsupported()
    }

    fn copy_data(&self, _: Window, _: u32, _: &str, _: Duration) -> io::Result<u64> {
        unsupported()
    }

    fn open(&self, _address: &str) -> io::Result<()> {
        unsupported()
    }

    fn start_hidden(&self, _: &str, _: &str, _: Duration) -> io::Result<Started> {
        unsupported()
    }

    fn listen(
        &self,
        _title: &str,
        _class: Option<&str>,
        _at_most: Option<Duration>,
        _take: &mut dyn FnMut(Received) -> ControlFlow<()>,
    ) -> io::Result<()> {
        unsupported()
    }
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "only Windows can do that"))
}

/// Sends a request to an HTTP server, on Windows only.
///
/// # Errors
///
/// Always [`io::ErrorKind::Unsupported`].
pub fn send_request(_request: HttpRequest) -> io::Result<HttpResponse> {
    unsupported()
}
