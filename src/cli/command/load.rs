//! What every reading command does with its files.

use std::path::Path;

use super::each::{Done, Many};
use crate::apply;
use crate::cli::error::CliError;
use crate::cli::flags::FileFlags;
use crate::cli::output::{Growing, Output};
use crate::cli::targets::Target;
use crate::ini::Document;
use crate::plan::misreading;

/// Reads the files and hands each to `look`, several at a time; the rows that it returns are printed in the order of
/// the files. Warns of a file that MicroSIP would not read as its author meant it.
pub(super) fn each_file<'r, G: Growing<Row: Send>, R: IntoIterator<Item = G::Row> + Send>(
    out: &mut Output,
    flags: &FileFlags,
    many: &Many<'r>,
    report: &mut G,
    look: impl Fn(&Path, &Document) -> R + Sync,
) -> Done<'r> {
    let look = |path: &Path, document: &Document| (misread(path, document), look(path, document));
    let work = |target: &Target| read(target, flags, look);
    many.each(out, work, |out, target, looked| match looked {
        Ok((warning, rows)) => {
            warning.iter().for_each(|warning| out.warning(warning));
            rows.into_iter().for_each(|row| out.row(report, row));
        }
        Err(error) if many.is_several() => out.failed_row(report, target.path(), error),
        Err(_) => {}
    })
}

/// Reads a file and looks at it.
pub(super) fn read<R>(
    target: &Target,
    flags: &FileFlags,
    look: impl Fn(&Path, &Document) -> R,
) -> Result<R, CliError> {
    Ok(look(target.path(), &apply::load(target, flags.code_page())?))
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
