//! The implementation for Windows, which delegates to the other modules.

use std::ffi::OsString;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desktop::{Desktop, Received, Started, Window, WindowName};
use super::system::{Folder, Hive, Process, System};
use super::{execute, listener, messages, process, registry, shell};

/// The running Windows system.
pub(super) struct Here;

impl System for Here {
    fn processes(&self) -> io::Result<Vec<Process>> {
        process::list()
    }

    fn user(&self, process: u32) -> io::Result<String> {
        process::user(process)
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
