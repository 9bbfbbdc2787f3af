//! The MicroSIP.ini files of a target, for modules that read them.

use std::path::PathBuf;

use msipctl_core::engine::Error;
use msipctl_core::locate::{Found, Search, find};
use msipctl_core::store;

use super::arguments::Arguments;
use super::option::{Kind, ModuleOption, option};

/// Returns the options that select the files.
pub(super) fn options() -> [ModuleOption; 4] {
    [
        option("path", Kind::Path, "Absolute path of a MicroSIP.ini on the target."),
        option(
            "paths",
            Kind::Paths,
            "Absolute paths of several MicroSIP.ini files on the target. Without `path` and `paths`, msipctl uses the files that \
             it finds, which works only on Windows.",
        ),
        option(
            "all_users",
            Kind::Bool,
            "Whether msipctl also searches the profiles of other users, if neither `path` nor `paths` is set.",
        )
        .default_is("false"),
        option(
            "require",
            Kind::Bool,
            "Whether a target without any of these files is an error. By default, the task is skipped there.",
        )
        .default_is("false"),
    ]
}

/// A file, and what a search found out about it.
pub(super) struct PresentFile {
    pub(super) path: PathBuf,
    pub(super) found: Option<Found>,
}

/// Returns the files that exist on the target.
///
/// # Errors
///
/// If a path isn't absolute, or the search fails. A system that isn't Windows has no files that a search can find.
pub(super) fn files(arguments: &mut Arguments) -> Result<Vec<PresentFile>, Error> {
    let mut paths = arguments.take_texts("paths");
    paths.extend(arguments.take_text("path"));
    let all_users = arguments.take_flag("all_users");
    if paths.is_empty() {
        let search = Search { all_users, ..Search::default() };
        let found = match find(msipctl_windows::system(), &search) {
            Ok(found) => found,
            Err(error) if error.is_unsupported() => Vec::new(),
            Err(error) => return Err(Error::runtime(error.to_string())),
        };
        let file = |found: Found| PresentFile { path: found.path.clone(), found: Some(found) };
        return Ok(found.into_iter().map(file).collect());
    }
    let mut files = Vec::new();
    for path in paths.into_iter().map(PathBuf::from) {
        if !path.is_absolute() {
            let message = format!("invalid path `{}`: expected an absolute path", path.display());
            let hint = "write the full path of MicroSIP.ini on the target";
            return Err(Error::usage(message).with_hint(hint));
        }
        if store::is_file(&path) {
            files.push(PresentFile { path, found: None });
        }
    }
    Ok(files)
}
