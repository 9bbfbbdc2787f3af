//! Finds the files of a run: by path, folder, pattern, inventory, or search.

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use super::inventory::inventory;
use super::targets::{NAME, Target, TargetError, Targets};
use super::workers::{Stop, in_order};
use crate::locate::{self, MAX_ENTRIES, Search};
use crate::policy::{Errors, Row};
use crate::store::{self, Input, Matches, SkipReason};
use msipctl_windows::System;
use winini::{CodePage, Encoding};

/// Where the files of a run come from.
///
/// # Example
///
/// ```
/// use msipctl_core::fleet::Sources;
/// use msipctl_windows as windows;
///
/// let folder = tempfile::tempdir()?;
/// for name in ["a", "b"] {
///     std::fs::create_dir(folder.path().join(name))?;
///     std::fs::write(folder.path().join(name).join("MicroSIP.ini"), "[Settings]")?;
/// }
/// let sources = Sources { paths: vec![folder.path().to_owned()], ..Sources::default() };
/// let targets = sources.find(msipctl_windows::system()).unwrap();
/// assert_eq!(targets.list()[1].path(), folder.path().join("b").join("MicroSIP.ini"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sources {
    /// Files, folders, and patterns. A folder means the MicroSIP.ini in it, or if there is none, all below it.
    pub paths: Vec<PathBuf>,
    /// Inventories. Their paths are relative to the folder of the inventory.
    pub inventories: Vec<PathBuf>,
    /// Folders to search, such as mounted disks.
    pub roots: Vec<PathBuf>,
    /// The maximum number of files and folders that each search reads.
    pub max_entries: usize,
    /// Whether to search the profiles of all users of this computer.
    pub all_users: bool,
}

/// Has no files.
impl Default for Sources {
    fn default() -> Self {
        Self {
            paths: Vec::new(),
            inventories: Vec::new(),
            roots: Vec::new(),
            max_entries: MAX_ENTRIES,
            all_users: false,
        }
    }
}

/// Why the files of a run can't be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// An inventory can't be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An inventory is invalid.
    #[error(transparent)]
    Inventory(#[from] Errors),
    /// An inventory has no rows.
    #[error("{}: the inventory has no rows", .0.display())]
    EmptyInventory(PathBuf),
    /// The system can't be searched.
    #[error(transparent)]
    Locate(#[from] locate::Error),
}

impl Sources {
    /// Returns whether there is no source.
    pub fn is_empty(&self) -> bool {
        let Self { paths, inventories, roots, all_users, max_entries: _ } = self;
        paths.is_empty() && inventories.is_empty() && roots.is_empty() && !all_users
    }

    /// Finds the files, each once, in the order of the sources. A source without a file is a target with an error.
    ///
    /// # Errors
    ///
    /// When an inventory or the system can't be read.
    pub fn find(&self, system: &dyn System) -> Result<Targets, FindError> {
        let mut found = Found::new();
        self.paths.iter().for_each(|path| found.find_named(Path::new(""), path, None));
        found.inventories(&self.inventories)?;
        for root in &self.roots {
            let (root, max_entries) = (Some(root.clone()), self.max_entries);
            found.search(system, &Search { root, max_entries, ..Search::default() })?;
        }
        if self.all_users {
            found.search(system, &Search { all_users: true, ..Search::default() })?;
        }
        Ok(found.targets())
    }
}

/// Returns the targets that inventories name, with duplicates.
///
/// # Errors
///
/// When an inventory can't be read.
pub fn inventory_targets(inventories: &[PathBuf]) -> Result<Vec<Target>, FindError> {
    let mut found = Found::new();
    found.inventories(inventories)?;
    Ok(found.targets)
}

/// The files found so far, in order, with duplicates.
struct Found {
    targets: Vec<Target>,
    /// The number of sources that were searched.
    places: usize,
    /// Whether all files that were found in the same source are different.
    is_apart: bool,
}

impl Found {
    fn new() -> Self {
        Self { targets: Vec::new(), places: 0, is_apart: true }
    }

    /// Removes duplicates.
    fn targets(self) -> Targets {
        // The search already determined that the files of one source are different.
        match self.places == 1 && self.is_apart {
            true => Targets::of_distinct(self.targets),
            false => Targets::new(self.targets),
        }
    }

    fn file(&mut self, path: PathBuf, row: Option<&Arc<Row>>) {
        self.targets.push(Target::file(path, row.cloned()));
    }

    fn found(&mut self, path: PathBuf, base: &Arc<Path>, row: Option<&Arc<Row>>) {
        self.targets.push(Target::found(path, Arc::clone(base), row.cloned()));
    }

    fn failed(&mut self, path: &Path, error: TargetError) {
        self.targets.push(Target::failed(path.to_owned(), error));
    }

    /// Adds the files of a path, folder, or pattern, relative to a folder.
    fn find_named(&mut self, folder: &Path, named: &Path, row: Option<&Arc<Row>>) {
        self.places += 1;
        let path = &folder.join(named);
        if !store::is_pattern(folder, named) {
            return self.path(path, None, row);
        }
        let base: Arc<Path> = folder.join(store::pattern_base(named)).into();
        let mut is_any = false;
        // At the end of a pattern, `**` would match every folder below.
        let ends_deep = named.file_name().is_some_and(|name| name == "**");
        let pattern = if ends_deep { named.join(NAME) } else { named.to_owned() };
        let is_apart = store::glob(folder, &pattern, &on_all_cpus, &mut |found| {
            is_any = true;
            match found {
                Ok(found) if is_ini(&found) => self.found(found, &base, row),
                // A path without the extension `.ini` may be a folder.
                Ok(found) => self.path(&found, Some(&base), row),
                Err(error) => self.unlisted(error),
            }
        });
        self.is_apart &= is_apart;
        if !is_any {
            let origin = row.map(|row| row.origin().to_owned());
            self.failed(path, TargetError::NoMatch { origin });
        }
    }

    /// Adds a file, or the files of a folder; `base` is the named folder if this path was found in it. The disk isn't
    /// checked for a path that ends in `.ini`.
    fn path(&mut self, path: &Path, base: Option<&Arc<Path>>, row: Option<&Arc<Row>>) {
        let own = named_file(path);
        if own == path && base.is_none() {
            return self.file(own, row);
        }
        let base = base.cloned().unwrap_or_else(|| path.into());
        if own == path || store::is_file(&own) {
            return self.found(own, &base, row);
        }
        let mut is_any = false;
        let is_apart = store::walk(path, NAME, &on_all_cpus, &mut |found| {
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

    /// Adds the files of inventories. Returns the errors of all of them.
    fn inventories(&mut self, paths: &[PathBuf]) -> Result<(), FindError> {
        let mut errors = Errors::default();
        for path in paths {
            match self.inventory(path) {
                Err(FindError::Inventory(others)) => errors.extend(others),
                read => read?,
            }
        }
        Ok(errors.or_ok(())?)
    }

    /// Adds the files of the rows of an inventory.
    fn inventory(&mut self, path: &Path) -> Result<(), FindError> {
        let bytes = store::read_as(path, Input::Inventory)?.into_bytes();
        let encoding = Encoding::detect(&bytes, CodePage::WESTERN);
        let shown = path.display().to_string();
        let lines = inventory(&shown, &encoding.decode(&bytes))?;
        if lines.is_empty() {
            return Err(FindError::EmptyInventory(path.to_owned()));
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        for (ini, row) in lines {
            self.find_named(folder, Path::new(&ini), Some(&row));
        }
        Ok(())
    }

    /// Adds the files that are found in a tree or in the profiles of all users.
    fn search(&mut self, system: &dyn System, search: &Search) -> Result<(), FindError> {
        self.is_apart = false;
        let (found, skipped) = locate::paths(system, search)?;
        // Links to folders and other file systems aren't errors: `locate` lists them.
        let failures = skipped.into_iter().filter_map(|skipped| match skipped.reason {
            SkipReason::Unlisted(error) => Some((skipped.path, TargetError::Unlisted(error))),
            SkipReason::Limit(limit) => Some((skipped.path, TargetError::MaxEntries(limit))),
            _ => None,
        });
        let failures: Vec<(PathBuf, TargetError)> = failures.collect();
        if found.is_empty() && failures.is_empty() {
            let root = search.root.clone();
            let path = root.as_deref().unwrap_or(Path::new(".")).to_owned();
            self.failed(&path, TargetError::NotFound { root });
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

    /// Adds a folder that can't be listed.
    fn unlisted(&mut self, error: store::Error) {
        let path = error.path().to_owned();
        self.failed(&path, TargetError::Unlisted(error));
    }
}

/// Searches many folders, with one thread for each CPU.
fn on_all_cpus(
    folders: &[PathBuf],
    search: &(dyn Fn(&PathBuf) -> Matches + Sync),
    take: &mut dyn FnMut(Matches),
) {
    let jobs = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    in_order(folders, jobs, &Stop::new(), search, |_, matches| take(matches));
}

/// Returns whether a file name ends in `.ini`.
fn is_ini(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("ini"))
}

/// Returns the file of a path; for a folder, the MicroSIP.ini in it. The disk isn't checked for a path that ends in
/// `.ini`.
pub fn named_file(path: &Path) -> PathBuf {
    if !is_ini(path) && store::is_folder(path) { path.join(NAME) } else { path.to_owned() }
}
