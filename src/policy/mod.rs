//! Desired state as people write it: TOML in layers, or a golden MicroSIP.ini.
//!
//! A [`Policy`] is loaded once and asked for each file, with what is known about that file. Bytes are
//! handed in; nothing here touches a disk.

mod error;
mod place;
mod source;
mod wanted;

pub use error::Error;
pub use place::Place;
pub use source::{Read, Row, Source};
pub use wanted::{Drift, Expect, Item, Wanted};

use std::path::Path;

use crate::ini::CodePage;

/// A desired state for many files, as loaded.
#[derive(Debug, Clone)]
pub struct Policy {}

impl Policy {
    /// Loads a policy and all that it extends: a file that ends in `.ini` is a golden MicroSIP.ini, in which
    /// `ansi` is the code page of bytes that do not say what they are; any other one is TOML.
    ///
    /// # Errors
    ///
    /// [`Error`] says what is wrong at which place of which file.
    pub fn load(path: &Path, ansi: CodePage, read: Read<'_>) -> Result<Self, Error> {
        let _ = (path, ansi, read);
        Ok(Self {})
    }

    /// Finds what the policy wants of one file.
    ///
    /// # Errors
    ///
    /// [`Error`] when a column or a secret is missing, or a value is none that MicroSIP takes.
    pub fn wanted(&self, source: &Source<'_>) -> Result<Wanted, Error> {
        let _ = source;
        Ok(Wanted::default())
    }
}
