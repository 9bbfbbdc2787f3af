//! Which files a command works on: those that are named, in any of the ways there are, or else the one that is found.

use std::path::PathBuf;

use clap::Args;

use super::error::CliError;
use msipctl_core::fleet::{Sources, Target, Targets};
use msipctl_core::locate::{self, Found, MAX_ENTRIES, Search};

/// Which files.
#[derive(Debug, Clone, Args)]
pub(super) struct TargetFlags {
    /// MicroSIP.ini to work on; may be given several times. A folder stands for the MicroSIP.ini in it, or else for
    /// all in the folders below. In a pattern, * and ? stand for letters of one name and ** for any folders. Without
    /// any, the one file that `msipctl locate` finds
    #[arg(short, long, value_name = "PATH")]
    ini: Vec<PathBuf>,

    /// Files that an inventory names: a table in CSV with a column `ini`, each a path or pattern seen from the
    /// folder of the inventory
    #[arg(long, value_name = "FILE")]
    inventory: Vec<PathBuf>,

    /// Files that `msipctl locate --root` finds in a tree, such as a mounted image or a share with profiles
    #[arg(long, value_name = "DIR")]
    root: Vec<PathBuf>,

    /// Maximum number of files and folders to look at with --root
    #[arg(long, value_name = "N", default_value_t = MAX_ENTRIES, requires = "root")]
    max_entries: usize,

    /// Files of all users of this computer, as `msipctl locate --all-users` finds them
    #[arg(long)]
    all_users: bool,
}

impl TargetFlags {
    /// Says whether any file is named.
    pub(super) fn are_named(&self) -> bool {
        !self.sources().is_empty()
    }

    /// Returns the inventories.
    pub(super) fn inventories(&self) -> &[PathBuf] {
        &self.inventory
    }

    fn sources(&self) -> Sources {
        let Self { ini, inventory, root, max_entries, all_users } = self.clone();
        Sources { paths: ini, inventories: inventory, roots: root, max_entries, all_users }
    }

    /// Returns the files, at least one, each once. If none is named, it is the one that is found; nothing is looked
    /// for otherwise.
    ///
    /// # Errors
    ///
    /// When none is named and none or several are found, or an inventory or the system cannot be asked. What is wrong
    /// with one of many is a target that tells so.
    pub(super) fn targets(&self) -> Result<Targets, CliError> {
        let sources = self.sources();
        match sources.is_empty() {
            true => Ok(Targets::new(vec![Target::file(default_file()?, None)])),
            false => Ok(sources.find(msipctl_windows::system())?),
        }
    }
}

/// Returns the file that is meant when none is named: the one that is found.
fn default_file() -> Result<PathBuf, CliError> {
    only(locate::find(msipctl_windows::system(), &Search::default()))
}

/// Returns the file whose directives an event runs when its launcher names none: the one that is found, and of several
/// the one that the process uses whose event it is.
pub(super) fn file_of_event(parent_process: Option<u32>) -> Result<PathBuf, CliError> {
    let system = msipctl_windows::system();
    let mut found = locate::find(system, &Search::default());
    if let (Ok([_, _, ..]), Some(parent_process)) = (found.as_deref(), parent_process) {
        // In doubt it counts as one that is used, and is then one of several.
        let is_used = |found: &Found| locate::is_used_by(system, &found.path, parent_process);
        found = found.map(|found| {
            found.into_iter().filter(|found| is_used(found).unwrap_or(true)).collect()
        });
    }
    let hint = "`msipctl hook add` puts `--ini` into the command where there are several";
    only(found).map_err(|error| error.hint(hint))
}

/// Returns the only file that was found. Of several none is taken, to read or to write: which one is meant
/// is for the user to say.
fn only(found: Result<Vec<Found>, locate::Error>) -> Result<PathBuf, CliError> {
    let found = match found {
        Err(error) if !error.is_unsupported() => return Err(CliError::runtime(error.to_string())),
        found => found.unwrap_or_default(),
    };
    match found.as_slice() {
        [] => Err(CliError::usage("no file is named, expected a MicroSIP.ini")
            .hint("name one with `-i PATH`, for example -i \"$APPDATA/MicroSIP/MicroSIP.ini\"")),
        [only] => Ok(only.path.clone()),
        several => {
            let listed: Vec<_> = several
                .iter()
                .map(|found| format!("{} ({})", found.path.display(), found.kind))
                .collect();
            let message =
                format!("no file is named, and {} are found: {}", several.len(), listed.join(", "));
            Err(CliError::usage(message).hint("name one with `-i PATH`"))
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
            "no file is named, and 2 are found: a.ini (installed), b.ini (portable)"
        );
        assert_eq!(error.exit(), crate::Exit::Error);
        assert!(only(Ok(Vec::new())).unwrap_err().to_string().starts_with("no file is named"));
    }
}
