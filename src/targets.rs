//! The files that a command processes: selected by arguments and flags, or the one file that `locate` finds.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::error::CliError;
use msipctl_core::fleet::{Sources, Target, Targets};
use msipctl_core::locate::{self, Found, MAX_ENTRIES, Search};
use msipctl_core::store;

/// The account of the system, as which management tools run programs.
const LOCAL_SYSTEM: &str = "S-1-5-18";

/// Which files.
///
/// Commands that take names, too, rename `paths` with `mut_arg`, and split it with [`TargetFlags::split`].
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Files")]
pub(super) struct TargetFlags {
    /// Files, folders, or glob patterns to process
    ///
    /// The same as `-i`.
    #[arg(value_name = "FILE", help_heading = None)]
    paths: Vec<PathBuf>,

    /// File, folder, or glob pattern to process (repeatable)
    ///
    /// For a folder, msipctl uses the MicroSIP.ini in it. If it has none, msipctl uses every MicroSIP.ini below it. `*` and `?`
    /// match within a name; `**` matches any folders. By default, msipctl uses the file that `msipctl locate` finds.
    #[arg(short, long, value_name = "PATH")]
    ini: Vec<PathBuf>,

    /// CSV file that lists the files to process (repeatable)
    ///
    /// The first line names the columns. The column `ini` has a path or a glob pattern, relative to the folder of the
    /// inventory.
    #[arg(long, value_name = "FILE")]
    inventory: Vec<PathBuf>,

    /// Folder or mounted disk to search for files (repeatable)
    ///
    /// Processes the files that `msipctl locate --root` finds in it, for example in a disk image or on a share with user
    /// profiles.
    #[arg(long, value_name = "DIR")]
    root: Vec<PathBuf>,

    /// Process the files of all users of this computer
    ///
    /// Processes the files that `msipctl locate --all-users` finds.
    #[arg(long)]
    all_users: bool,

    /// Maximum number of files and folders to search with --root
    #[arg(long, value_name = "N", default_value_t = MAX_ENTRIES, requires = "root", hide_short_help = true)]
    max_entries: usize,
}

impl TargetFlags {
    /// Returns whether any file is selected.
    pub(super) fn are_named(&self) -> bool {
        !self.sources().is_empty()
    }

    /// Returns the inventories.
    pub(super) fn inventories(&self) -> &[PathBuf] {
        &self.inventory
    }

    fn sources(&self) -> Sources {
        let Self { paths, ini, inventory, root, max_entries, all_users } = self.clone();
        let paths = [paths, ini].concat();
        Sources { paths, inventories: inventory, roots: root, max_entries, all_users }
    }

    /// Splits the arguments that aren't flags into names and files, and passes a note about an ambiguous one to `note`. An argument is a name if `is_name` returns `true`, or
    /// if it isn't clearly a path.
    pub(super) fn split(
        &self,
        note: &mut dyn FnMut(&str),
        is_name: impl Fn(&str) -> bool,
    ) -> Result<(Vec<String>, Self), CliError> {
        let (mut names, mut paths) = (Vec::new(), Vec::new());
        for path in &self.paths {
            match path.to_str() {
                Some(text) if is_name(text) => {
                    if store::is_file(path) {
                        let text = format!("`{text}` is also a file; did you mean `-i {text}`?");
                        note(&text);
                    }
                    names.push(text.to_owned());
                }
                _ if is_path(path) => paths.push(path.clone()),
                Some(text) => names.push(text.to_owned()),
                None => {
                    let error = CliError::usage("an argument isn't valid Unicode");
                    return Err(error.hint("to select a file, pass `-i FILE`"));
                }
            }
        }
        Ok((names, Self { paths, ..self.clone() }))
    }

    /// Returns the files, at least one, each once. If none is selected, returns the one that `locate` finds.
    ///
    /// # Errors
    ///
    /// When no file is selected and none or several are found, or an inventory or the system can't be read. A problem with
    /// one of several files is a target with an error.
    pub(super) fn targets(&self) -> Result<Targets, CliError> {
        let sources = self.sources();
        match sources.is_empty() {
            true => Ok(Targets::new(vec![Target::file(default_file()?, None)])),
            false => Ok(sources.find(msipctl_windows::system())?),
        }
    }

    /// Returns the files, each once. If none is selected, returns all that `locate` finds, which may be none. LocalSystem has no
    /// MicroSIP, so it gets the files of all users.
    ///
    /// # Errors
    ///
    /// When an inventory or the system can't be read.
    pub(super) fn present_targets(&self) -> Result<Targets, CliError> {
        let sources = self.sources();
        let system = msipctl_windows::system();
        if !sources.is_empty() {
            return Ok(sources.find(system)?);
        }
        if system.user(std::process::id()).is_ok_and(|sid| sid == LOCAL_SYSTEM) {
            return Ok(Sources { all_users: true, ..sources }.find(system)?);
        }
        let found = match locate::find(system, &Search::default()) {
            // Only on Windows can MicroSIP be present.
            Err(error) if error.is_unsupported() => Vec::new(),
            found => found?,
        };
        let targets = found.into_iter().map(|found| Target::file(found.path, None));
        Ok(Targets::new(targets.collect()))
    }
}

/// Returns whether an argument clearly is a path: it ends in `.ini`, has a separator, or exists.
pub(super) fn is_path(path: &Path) -> bool {
    let is_ini = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("ini"));
    is_ini || has_separator(path.as_os_str()) || store::exists(path)
}

/// Returns whether a path has a separator. `\` is a separator only on Windows, but a Windows path that is pasted on
/// another system isn't a name either.
fn has_separator(path: &OsStr) -> bool {
    path.as_encoded_bytes().iter().any(|byte| matches!(byte, b'/' | b'\\'))
}

/// Returns the file to use when none is selected: the one that `locate` finds.
fn default_file() -> Result<PathBuf, CliError> {
    only(locate::find(msipctl_windows::system(), &Search::default()))
}

/// Returns the file whose directives an event runs when its launcher names none: the one that `locate` finds. If there are
/// several, returns the one that the process of the event uses.
pub(super) fn file_of_event(parent_process: Option<u32>) -> Result<PathBuf, CliError> {
    let system = msipctl_windows::system();
    let mut found = locate::find(system, &Search::default());
    if let (Ok([_, _, ..]), Some(parent_process)) = (found.as_deref(), parent_process) {
        // If that can't be determined, the file counts as used, and is then one of several.
        let is_used = |found: &Found| locate::is_used_by(system, &found.path, parent_process);
        found = found.map(|found| {
            found.into_iter().filter(|found| is_used(found).unwrap_or(true)).collect()
        });
    }
    let hint =
        "run `msipctl hook add` again; it adds `--ini` to the command if there are several files";
    only(found).map_err(|error| error.hint(hint))
}

/// Returns the only file that was found. If there are several, the user has to choose one.
fn only(found: Result<Vec<Found>, locate::Error>) -> Result<PathBuf, CliError> {
    let found = match found {
        Err(error) if !error.is_unsupported() => return Err(CliError::runtime(error.to_string())),
        found => found.unwrap_or_default(),
    };
    match found.as_slice() {
        [] => Err(CliError::usage(
            "MicroSIP.ini not found: no file is selected, and `locate` finds none",
        )
        .hint("select a file with `-i PATH`, for example `-i \"$APPDATA/MicroSIP/MicroSIP.ini\"`")),
        [only] => Ok(only.path.clone()),
        several => {
            let listed: Vec<_> = several
                .iter()
                .map(|found| format!("{} ({})", found.path.display(), found.kind))
                .collect();
            let listed = listed.join(", ");
            let message =
                format!("no file is selected, and `locate` finds {}: {listed}", several.len());
            Err(CliError::usage(message).hint("select one with `-i PATH`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use msipctl_core::locate::Kind;

    fn found(path: &str, kind: Kind) -> Found {
        Found {
            path: path.into(),
            kind,
            product: "MicroSIP".to_owned(),
            reason: String::new(),
            program: None,
            version: None,
            encoding: None,
            writable: true,
            is_read_only: false,
            is_redirected: false,
            process: None,
        }
    }

    #[test]
    fn only_file_found_is_used_and_several_are_an_error() {
        let one = found("a.ini", Kind::Installed);
        assert_eq!(only(Ok(vec![one.clone()])).unwrap(), Path::new("a.ini"));
        let error = only(Ok(vec![one, found("b.ini", Kind::Portable)])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no file is selected, and `locate` finds 2: a.ini (installed), b.ini (portable)"
        );
        assert_eq!(error.exit(), crate::Exit::Error);
        let none = only(Ok(Vec::new())).unwrap_err().to_string();
        assert!(none.starts_with("MicroSIP.ini not found"), "{none}");
    }

    #[test]
    fn arguments_that_end_in_ini_or_have_a_separator_are_paths() {
        for path in ["MicroSIP.ini", "a.INI", "pcs/desk", r"C:\pcs", "*.ini", "./x", "src"] {
            assert!(is_path(Path::new(path)), "{path}");
        }
        for name in ["Settings", "Settings.AA", "incoming-call", "MicroSIP", "no.txt"] {
            assert!(!is_path(Path::new(name)), "{name}");
        }
    }
}
