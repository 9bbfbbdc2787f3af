//! The differences between systems in one place: identity, attributes, private files, and locks.
//!
//! Both halves have the same items. All work in a folder goes through an [`OpenFolder`], so replacing the folder after
//! it was opened has no effect. `unix` copies owner, mode, extended attributes, and ACLs itself, and renames; `windows`
//! uses ReplaceFileW for that.

mod common;
mod flushes;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
mod unix_folder;
#[cfg(unix)]
mod unix_reach;
#[cfg(unix)]
mod unix_replace;
#[cfg(windows)]
mod windows;
#[cfg(windows)]
mod windows_folder;
#[cfg(windows)]
mod windows_reach;
#[cfg(windows)]
mod windows_replace;

pub(super) use common::{Opened, Trust, Unreached};
pub(super) use flushes::Flushes;
#[cfg(unix)]
pub(super) use unix::*;
#[cfg(unix)]
pub(super) use unix_folder::{OpenFolder, resolve_trusted};
#[cfg(unix)]
pub(super) use unix_reach::{Reached, open_found, reach};
#[cfg(unix)]
pub(super) use unix_replace::{flush_together, replace_target, take_back};
#[cfg(windows)]
pub(super) use windows::*;
#[cfg(windows)]
pub(super) use windows_folder::{OpenFolder, resolve_trusted};
#[cfg(windows)]
pub(super) use windows_reach::{Reached, open_found, reach};
#[cfg(windows)]
pub(super) use windows_replace::{flush_together, replace_target, take_back};
