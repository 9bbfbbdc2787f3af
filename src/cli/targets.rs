//! Which files a command works on: those that are named, in any of the ways there are, or else the one that is found.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::error::CliError;
use crate::fleet::{self, Targets};
use crate::ini::{CodePage, Encoding};
use crate::locate::{self, Found, MAX_ENTRIES, Search};
use crate::policy::Row;
use crate::store::{self, AsLocation, Input, Location, SkipReason};
use crate::windows;

/// One file to work on, or a place where one was expected and why there is none.
pub(super) type Target = fleet::Target<CliError>;

/// What was found is opened with care for links; what was named leads wherever the user's links lead.
impl AsLocation for Target {
    fn location(&self) -> Location<'_> {
        match self.base() {
            Some(base) => Location::found(self.path(), base),
            None => Location::named(self.path()),
        }
    }
}

/// The name of the file that a folder stands for.
const NAME: &str = "MicroSIP.ini";

/// Which files.
#[derive(Debug, Args)]
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
        let Self { ini, inventory, root, all_users, max_entries: _ } = self;
        !ini.is_empty() || !inventory.is_empty() || !root.is_empty() || *all_users
    }

    /// Returns the inventories.
    pub(super) fn inventories(&self) -> &[PathBuf] {
        &self.inventory
    }

    /// Returns the files, at least one, each once. If none is named, it is the one that is found; nothing is looked
    /// for otherwise.
    ///
    /// # Errors
    ///
    /// When none is named and none or several are found, or an inventory or the system cannot be asked. What is wrong
    /// with one of many is a target that tells so.
    pub(super) fn targets(&self) -> Result<Targets<CliError>, CliError> {
        let mut named = Named::new();
        if !self.are_named() {
            named.file(default_file()?, None);
        }
        self.ini.iter().for_each(|path| named.place(Path::new(""), path, None));
        self.inventory.iter().try_for_each(|path| named.inventory(path))?;
        for root in &self.root {
            let (root, max_entries) = (Some(root.clone()), self.max_entries);
            named.search(&Search { root, max_entries, ..Search::default() })?;
        }
        if self.all_users {
            named.search(&Search { all_users: true, ..Search::default() })?;
        }
        Ok(named.targets())
    }
}

/// Returns what inventories name, also what is named twice.
pub(super) fn inventory_targets(inventories: &[PathBuf]) -> Result<Vec<Target>, CliError> {
    let mut named = Named::new();
    inventories.iter().try_for_each(|path| named.inventory(path))?;
    Ok(named.targets)
}

/// The files that were named, in order, also twice.
struct Named {
    targets: Vec<Target>,
    /// In how many places.
    places: usize,
    /// Whether no two that were found in one place can be one.
    is_apart: bool,
}

impl Named {
    fn new() -> Self {
        Self { targets: Vec::new(), places: 0, is_apart: true }
    }

    /// Takes each file once.
    fn targets(self) -> Targets<CliError> {
        // Of what was found in one place, the system told already that no two are one.
        match self.places == 1 && self.is_apart {
            true => Targets::of_distinct(self.targets),
            false => Targets::new(self.targets, store::identity),
        }
    }

    fn file(&mut self, path: PathBuf, row: Option<&Arc<Row>>) {
        self.targets.push(Target::file(path, row.cloned()));
    }

    fn found(&mut self, path: PathBuf, base: &Arc<Path>, row: Option<&Arc<Row>>) {
        self.targets.push(Target::found(path, Arc::clone(base), row.cloned()));
    }

    fn failed(&mut self, path: &Path, error: CliError) {
        self.targets.push(Target::failed(path.to_owned(), error));
    }

    /// Takes what a path, folder or pattern stands for, seen from a folder.
    fn place(&mut self, folder: &Path, named: &Path, row: Option<&Arc<Row>>) {
        self.places += 1;
        let path = &folder.join(named);
        if !store::is_pattern(folder, named) {
            return self.path(path, None, row);
        }
        let base: Arc<Path> = folder.join(store::pattern_base(named)).into();
        let mut is_any = false;
        // At the end of a pattern, `**` would stand for every folder below.
        let ends_deep = named.file_name().is_some_and(|name| name == "**");
        let pattern = if ends_deep { named.join(NAME) } else { named.to_owned() };
        let is_apart = store::glob(folder, &pattern, &mut |found| {
            is_any = true;
            match found {
                Ok(found) if is_ini(&found) => self.found(found, &base, row),
                // What is not named `.ini` may be a folder.
                Ok(found) => self.path(&found, Some(&base), row),
                Err(error) => self.unlisted(error),
            }
        });
        self.is_apart &= is_apart;
        if !is_any {
            let error = CliError::runtime("nothing fits the pattern").at(path);
            self.failed(path, error.named_by(row.map(Arc::as_ref)));
        }
    }

    /// Takes a file, or what a folder stands for; `base` is the folder that was named, if this path was found in it. What is
    /// named `.ini` is not asked about.
    fn path(&mut self, path: &Path, base: Option<&Arc<Path>>, row: Option<&Arc<Row>>) {
        let own = file(path);
        if own == path && base.is_none() {
            return self.file(own, row);
        }
        let base = base.cloned().unwrap_or_else(|| path.into());
        if own == path || store::is_file(&own) {
            return self.found(own, &base, row);
        }
        let mut is_any = false;
        let is_apart = store::walk(path, NAME, &mut |found| {
            is_any = true;
            match found {
                Ok(found) => self.found(found, &base, row),
                Err(error) => self.unlisted(error),
            }
        });
        self.is_apart &= is_apart;
        if !is_any {
            self.found(own, &base, row);
        }
    }

    /// Takes what the lines of an inventory stand for.
    fn inventory(&mut self, path: &Path) -> Result<(), CliError> {
        let bytes = store::read_as(path, Input::Inventory)?.into_bytes();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let shown = path.display().to_string();
        let lines = fleet::inventory(&shown, &encoding.decode(&bytes)).map_err(|error| {
            CliError::usage(error.to_string())
                .hint("the first line names the columns, for example: ini,site,extension")
        })?;
        if lines.is_empty() {
            return Err(CliError::usage(format!("{shown}: the inventory has no lines")));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for line in lines {
            match line {
                Ok((ini, row)) => self.place(folder, Path::new(&ini), Some(&row)),
                Err(why) => self.failed(path, CliError::runtime(why).about(path)),
            }
        }
        Ok(())
    }

    /// Takes what is found in a tree or in the profiles of all users.
    fn search(&mut self, search: &Search) -> Result<(), CliError> {
        self.is_apart = false;
        let (found, skipped) = locate::paths(windows::system(), search)?;
        // Links to folders and other file systems are no failures: `locate` lists them.
        let failures = skipped.into_iter().filter_map(|skipped| match skipped.reason {
            SkipReason::Unlisted(error) => Some((skipped.path, error.into())),
            SkipReason::Limit(limit) => {
                let what = format!("the search ended here after {limit} files and folders");
                let error = CliError::runtime(what).at(&skipped.path);
                let hint = "pass a larger `--max-entries`, or a folder below with `--root`";
                Some((skipped.path, error.hint(hint)))
            }
            _ => None,
        });
        let failures: Vec<(PathBuf, CliError)> = failures.collect();
        if found.is_empty() && failures.is_empty() {
            let root = search.root.as_deref().unwrap_or(Path::new("."));
            let place = match &search.root {
                Some(root) => format!("in {}", root.display()),
                None => "of any user".to_owned(),
            };
            let error = CliError::runtime(format!("no {NAME} {place} is found"));
            self.failed(root, error.hint("`msipctl locate` tells where one is looked for"));
        }
        for candidate in found {
            match candidate.base {
                Some(base) => self.found(candidate.path, &base.into(), None),
                None => self.file(candidate.path, None),
            }
        }
        failures.into_iter().for_each(|(path, error)| self.failed(&path, error));
        Ok(())
    }

    /// Takes a folder that could not be looked into.
    fn unlisted(&mut self, error: store::Error) {
        let path = error.path().to_owned();
        self.failed(&path, error.into());
    }
}

/// Says whether a file is named `.ini`.
fn is_ini(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ini"))
}

/// A folder stands for the MicroSIP.ini in it. What is named `.ini` is not asked about.
pub(super) fn file(path: &Path) -> PathBuf {
    if !is_ini(path) && store::is_folder(path) { path.join(NAME) } else { path.to_owned() }
}

/// Returns the file that is meant when none is named: the one that is found.
fn default_file() -> Result<PathBuf, CliError> {
    only(locate::find(windows::system(), &Search::default()))
}

/// Returns the file whose directives an event runs when its bridge names none: the one that is found, and of several
/// the one that the process uses whose event it is.
pub(super) fn file_of_event(starter: Option<u32>) -> Result<PathBuf, CliError> {
    let system = windows::system();
    let mut found = locate::find(system, &Search::default());
    if let (Ok([_, _, ..]), Some(starter)) = (found.as_deref(), starter) {
        // In doubt it counts as one that is used, and is then one of several.
        let is_used = |found: &Found| locate::is_used_by(system, &found.path, starter);
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
    use super::*;
    use crate::locate::Kind;

    fn found(path: &str, kind: Kind) -> Found {
        Found {
            path: path.into(),
            kind,
            product: "MicroSIP".to_owned(),
            why: String::new(),
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
    fn the_only_file_that_is_found_is_taken_and_of_several_none() {
        let one = found("a.ini", Kind::Installed);
        assert_eq!(only(Ok(vec![one.clone()])).unwrap(), Path::new("a.ini"));
        let error = only(Ok(vec![one, found("b.ini", Kind::Portable)])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no file is named, and 2 are found: a.ini (installed), b.ini (portable)"
        );
        assert_eq!(error.exit(), crate::cli::Exit::Error);
        assert!(only(Ok(Vec::new())).unwrap_err().to_string().starts_with("no file is named"));
    }
}
