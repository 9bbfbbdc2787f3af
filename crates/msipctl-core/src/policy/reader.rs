//! Reads a policy in TOML. Other files of this folder add what they read.

use std::ops::Range;
use std::path::Path;

use super::error::Error;
use super::text::Text;
use super::toml_file::TomlFile;
use super::written::Scalar;
use crate::hook::{Catalogue, TextEngine};

/// Reads a file of TOML.
pub(super) struct Reader<'a> {
    pub(super) file: TomlFile<'a>,
    pub(super) engine: &'a TextEngine,
    pub(super) templates: &'a Catalogue,
}

impl<'a> Reader<'a> {
    pub(super) fn report(&self, error: Error) {
        self.file.report(error);
    }

    pub(super) fn folder(&self) -> &Path {
        self.file.path().parent().unwrap_or(Path::new(""))
    }

    pub(super) fn text(&self, value: Scalar, span: &Range<usize>) -> Option<Text> {
        let text = Text::new(value, &self.file.location(span.start), self.engine);
        text.map_err(|error| self.report(error.with_excerpt(self.file.excerpt(span.clone())))).ok()
    }
}

/// Sets an option to a value that was read, and returns whether there is one.
pub(super) fn set<T>(option: &mut Option<T>, read: Option<T>) -> bool {
    *option = read;
    option.is_some()
}
