//! Loads the files of a policy, each after the files that it extends.

use std::path::{Component, Path, PathBuf};

use super::error::{Error, Errors};
use super::golden;
use super::layer::{Layer, read_layer};
use super::location::Location;
use super::source::Read;
use crate::hook::{Catalogue, TextEngine};
use winini::{CodePage, Encoding};

/// The maximum number of policies that extend each other.
const MAX_LAYERS: usize = 64;

/// The maximum number of files of a policy. Through links, one file can have many names.
const MAX_FILES: usize = 256;

/// The maximum length of all files of a policy, in bytes.
const MAX_LENGTH: usize = 16 * 1024 * 1024;

/// The inputs of loading a policy.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Reads a file.
    pub read: Read<'a>,
    /// The code page of golden files without BOM.
    pub ansi: CodePage,
    /// The templates for hooks.
    pub templates: &'a Catalogue,
}

/// A policy that is being loaded, layer by layer.
pub(super) struct Loader<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) engine: TextEngine,
    pub(super) layers: Vec<Layer>,
    /// The files of the layers.
    pub(super) done: Vec<PathBuf>,
    /// The files that are being read, each extended by the one before it.
    pub(super) open: Vec<PathBuf>,
    /// The length of all files so far.
    pub(super) length: usize,
    /// All errors so far.
    pub(super) errors: Errors,
}

impl Loader<'_> {
    /// Loads a file after all files that it extends. `from` is where it is named. Errors in the file are collected.
    ///
    /// # Errors
    ///
    /// Returns why the file can't be read.
    pub(super) fn load(&mut self, path: &Path, from: &Location) -> Result<(), Error> {
        let is_same = |other: &PathBuf| same(other, path);
        if let Some(first) = self.open.iter().position(is_same) {
            let cycle = self.open[first..].iter().map(PathBuf::as_path).chain([path]);
            let cycle: Vec<_> = cycle.map(|path| path.display().to_string()).collect();
            let message = format!("policies extend each other in a cycle: {}", cycle.join(" -> "));
            return Err(Error::new(from, message).with_hint("remove one of these `extends`"));
        }
        // A file that is extended more than once counts at its lowest position.
        if self.done.iter().any(is_same) {
            return Ok(());
        }
        if self.open.len() == MAX_LAYERS {
            let message = format!("more than {MAX_LAYERS} policies extend each other");
            return Err(Error::new(from, message));
        }
        if self.open.len() + self.done.len() == MAX_FILES {
            let message = format!("the policy consists of more than {MAX_FILES} files");
            return Err(Error::new(from, message));
        }
        let bytes = (self.inputs.read)(path).map_err(|error| match self.open.is_empty() {
            true => Error::new(from, format!("can't read the policy: {error}")),
            false => Error::new(from, format!("can't read {}: {error}", path.display())),
        })?;
        self.length += bytes.len();
        if self.length > MAX_LENGTH {
            let message =
                format!("the files of the policy have more than {MAX_LENGTH} bytes in total");
            return Err(Error::new(from, message));
        }
        self.open.push(path.to_owned());
        let layer = self.layer(path, bytes);
        for (below, location, excerpt) in &layer.extends {
            // A hostile policy can name very many files that fail.
            if self.errors.is_full() {
                break;
            }
            if let Err(error) = self.load(below, location) {
                self.errors.push(error.with_excerpt(excerpt.clone()));
            }
        }
        self.open.pop();
        self.layers.push(layer);
        self.done.push(path.to_owned());
        Ok(())
    }

    /// Reads a file, and collects its errors.
    fn layer(&mut self, path: &Path, bytes: Vec<u8>) -> Layer {
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ini")) {
            let layer = golden::layer(&path.into(), bytes, self.inputs.ansi, &self.engine);
            return layer.unwrap_or_else(|errors| {
                self.errors.extend(errors);
                Layer::default()
            });
        }
        let text = match decoded(bytes) {
            Ok(text) => text,
            Err((before, offset)) => {
                let location = Location::of(path.into(), &before, offset);
                let error = Error::new(&location, "invalid UTF-8: expected a policy in TOML");
                let hint = "the name of a golden MicroSIP.ini must end in `.ini`";
                self.errors.push(error.with_hint(hint));
                return Layer::default();
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let (layer, errors) = read_layer(path, text, &self.engine, self.inputs.templates);
        self.errors.extend(errors);
        layer
    }
}

/// Returns the text of a policy, in UTF-8 or in UTF-16 with a BOM. Otherwise, returns the text up to the first invalid
/// byte, and its length.
fn decoded(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    if let encoding @ (Encoding::Utf16Le { bom: true } | Encoding::Utf16Be { bom: true }) =
        Encoding::detect(&bytes, CodePage::WESTERN)
    {
        return Ok(encoding.decode(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let mut bytes = error.into_bytes();
        bytes.truncate(valid);
        (String::from_utf8_lossy(&bytes).into_owned(), valid)
    })
}

/// Returns whether two paths have the spelling of the same file.
fn same(one: &Path, other: &Path) -> bool {
    let (one, other) = (normal(one), normal(other));
    match cfg!(windows) {
        true => one.to_string_lossy().to_lowercase() == other.to_string_lossy().to_lowercase(),
        false => one == other,
    }
}

/// Returns a path without `.` and without `..` that can be removed.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
