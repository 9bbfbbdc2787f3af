//! What every reading command does with its files: one that cannot be read does not stop the others.

use std::path::{Path, PathBuf};

use crate::apply;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::FileFlags;
use crate::cli::output::Output;
use crate::fleet::{self, Stop};
use crate::ini::Document;
use crate::plan::misreading;

/// What could not be read.
pub(super) struct Failures {
    files: usize,
    errors: Vec<CliError>,
}

/// Reads the files and hands each to `look`, several at a time; what that returns is handed to `take` in the order
/// of the files. Warns of a file that MicroSIP would not read as its author meant it.
pub(super) fn each_file<R: Send>(
    out: &mut Output,
    flags: &FileFlags,
    look: impl Fn(&Path, &Document) -> R + Sync,
    mut take: impl FnMut(&mut Output, R),
) -> Result<Failures, CliError> {
    let look = |path: &Path, document: &Document| (misread(path, document), look(path, document));
    each_file_unwarned(out, flags, look, |out, (warning, result)| {
        warning.iter().for_each(|warning| out.warning(warning));
        take(out, result);
    })
}

/// The same without a warning, for who looks for such files.
pub(super) fn each_file_unwarned<R: Send>(
    out: &mut Output,
    flags: &FileFlags,
    look: impl Fn(&Path, &Document) -> R + Sync,
    mut take: impl FnMut(&mut Output, R),
) -> Result<Failures, CliError> {
    let files = flags.files()?;
    let code_page = flags.code_page();
    let mut errors = Vec::new();
    let work = |path: &PathBuf| {
        apply::load(path, code_page).map(|document| look(path, &document)).map_err(CliError::from)
    };
    fleet::in_order(
        &files,
        flags.jobs(files.len()),
        &Stop::new(),
        work,
        |_, looked| match looked {
            Ok(result) => take(out, result),
            Err(error) => errors.push(error),
        },
    );
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
    misread(path, document).iter().for_each(|warning| out.warning(warning));
}

/// Says why MicroSIP would not read a file as its author meant it, if so.
pub(super) fn misread(path: &Path, document: &Document) -> Option<String> {
    let why = misreading(document.encoding())?;
    Some(format!("{} is {}: {why}", path.display(), document.encoding()))
}
