//! Reads files for every command that only reads.

use std::path::Path;

use super::each::{Done, Many};
use crate::error::CliError;
use crate::flags::FileFlags;
use crate::output::{Output, Rendered, Report};
use microsip_schema::Version;
use msipctl_core::apply;
use msipctl_core::fleet::Target;
use msipctl_core::plan::ReadProblem;
use winini::Document;

/// Reads the files in parallel, passes each to `look`, and prints the rows that it returns, in the order of the files. Warns
/// about a file that MicroSIP reads differently than its author intended.
pub(super) fn each_file<'r, G: Report<Row: Send>, R: IntoIterator<Item = G::Row>>(
    out: &mut Output,
    flags: &FileFlags,
    many: &Many<'r>,
    report: &mut G,
    look: impl Fn(&Path, &Document) -> R + Sync,
) -> Done<'r> {
    let format = out.format();
    let look = |path: &Path, document: &Document| {
        let rows = look(path, document).into_iter();
        let rows = rows.map(|row| Rendered::counted::<G>(row, format));
        (read_warning(path, document), rows.collect::<Vec<_>>())
    };
    let work = |target: &Target| read(target, flags, look);
    many.each(out, work, |out, target, looked| match looked {
        Ok((warning, rows)) => {
            warning.iter().for_each(|warning| out.warning(warning));
            rows.into_iter().for_each(|row| out.rendered_row(report, row));
        }
        Err(error) if many.is_several() => out.failed_row(report, target.path(), error),
        Err(_) => {}
    })
}

/// Reads a file, and passes it to `look`.
pub(super) fn read<R>(
    target: &Target,
    flags: &FileFlags,
    look: impl Fn(&Path, &Document) -> R,
) -> Result<R, CliError> {
    Ok(look(target.path(), &apply::load(target, flags.code_page())?))
}

/// Warns if MicroSIP reads a file differently than its author intended.
pub(super) fn warn_read_problem(out: &mut Output, path: &Path, document: &Document) {
    read_warning(path, document).iter().for_each(|warning| out.warning(warning));
}

/// Returns the reason if MicroSIP reads a file differently than its author intended.
pub(super) fn read_warning(path: &Path, document: &Document) -> Option<String> {
    read_problem(document).map(|problem| format!("{}: {problem}", path.display()))
}

/// Returns why MicroSIP doesn't read a file as its author intended, without its path.
pub(super) fn read_problem(document: &Document) -> Option<String> {
    Some(ReadProblem::of(document, Version::NEWEST)?.about(document))
}

/// Fails if a version of MicroSIP reads other values from a file than msipctl.
pub(super) fn readable(
    path: &Path,
    document: &Document,
    microsip: impl Fn() -> Version,
) -> Result<(), CliError> {
    // The version is rarely needed, and detecting it takes time.
    let read_warning = ReadProblem::of(document, Version::NEWEST);
    let read_warning = read_warning.and_then(|_| ReadProblem::of(document, microsip()));
    match read_warning.filter(|reason| reason.changes_values()) {
        Some(reason) => Err(CliError::runtime(reason.to_string()).at(path).hint(reason.hint())),
        None => Ok(()),
    }
}
