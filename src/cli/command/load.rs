//! What every reading command does with its files: one that cannot be read does not stop the others.

use std::path::Path;

use crate::apply;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::FileFlags;
use crate::cli::output::Output;
use crate::ini::Document;
use crate::plan::misreading;

/// What could not be read.
pub(super) struct Failures {
    files: usize,
    errors: Vec<CliError>,
}

/// Reads each file and hands it to `look`.
pub(super) fn each_file(
    flags: &FileFlags,
    mut look: impl FnMut(&Path, &Document),
) -> Result<Failures, CliError> {
    let files = flags.files()?;
    let mut errors = Vec::new();
    for path in &files {
        match apply::load(path, flags.code_page()) {
            Ok(document) => look(path, &document),
            Err(error) => errors.push(CliError::from(error)),
        }
    }
    Ok(Failures { files: files.len(), errors })
}

impl Failures {
    /// Takes the failures among as many files.
    pub(super) fn new(files: usize, errors: Vec<CliError>) -> Self {
        Self { files, errors }
    }

    /// Says whether the command works on several files.
    pub(super) fn of_several(&self) -> bool {
        self.files > 1
    }

    /// Returns what could not be read, and why.
    pub(super) fn errors(&self) -> &[CliError] {
        &self.errors
    }

    /// Says whether no file at all could be read.
    pub(super) fn is_total(&self) -> bool {
        self.errors.len() == self.files
    }

    /// Prints the failures, and finds the exit code: `exit` if there are none.
    pub(super) fn finish(mut self, out: &mut Output, exit: Exit) -> Result<Exit, CliError> {
        let is_total = self.is_total();
        let Some(last) = self.errors.pop() else { return Ok(exit) };
        self.errors.iter().for_each(|error| out.error(error));
        if is_total {
            return Err(last);
        }
        out.error(&last);
        Ok(Exit::Partial)
    }
}

/// Warns when MicroSIP would not read a file as its author meant it.
pub(super) fn warn_misread(out: &mut Output, path: &Path, document: &Document) {
    if let Some(why) = misreading(document.encoding()) {
        out.warning(&format!("{} is {}: {why}", path.display(), document.encoding()));
    }
}
