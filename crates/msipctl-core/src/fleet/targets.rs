//! The files of a run, each once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::policy::Row;
use crate::store::{self, AsLocation, Location};

/// The column of an inventory that names the sites of its files.
pub(super) const SITE: &str = "site";

/// The name of the file that a folder means.
pub(super) const NAME: &str = "MicroSIP.ini";

/// A file to process, or a path without a file and the reason.
#[derive(Debug, Clone)]
pub struct Target {
    path: PathBuf,
    base: Option<Arc<Path>>,
    rows: Vec<Arc<Row>>,
    error: Option<Arc<TargetError>>,
}

/// Why there is no file at a path.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// No file matches a pattern, which may be in a row of an inventory.
    #[error("no file matches the pattern")]
    NoMatch {
        /// The row, as `FILE:LINE`.
        origin: Option<String>,
    },
    /// A folder can't be listed.
    #[error(transparent)]
    Unlisted(store::Error),
    /// The search of a tree reached the maximum number of files and folders here.
    #[error("the search ended here after {0} files and folders")]
    MaxEntries(usize),
    /// No file is found in a tree, or, without a tree, for any user.
    #[error("no {NAME} found {}", location(.root.as_deref()))]
    NotFound {
        /// The root of the tree.
        root: Option<PathBuf>,
    },
    /// A saved plan has no edits for the file, for this reason.
    #[error("{0} (when the plan was created)")]
    NotPlanned(String),
}

fn location(root: Option<&Path>) -> String {
    root.map_or("for any user".to_owned(), |root| format!("in {}", root.display()))
}

impl Target {
    /// Creates a target from a file that the user named, with its row of an inventory.
    pub fn file(path: PathBuf, row: Option<Arc<Row>>) -> Self {
        Self { path, base: None, rows: row.into_iter().collect(), error: None }
    }

    /// Creates a target from a file that was found in a folder or below it, with the row of the inventory that contains
    /// the folder.
    pub fn found(path: PathBuf, base: Arc<Path>, row: Option<Arc<Row>>) -> Self {
        Self { base: Some(base), ..Self::file(path, row) }
    }

    /// Creates a target from a file that the user didn't name in this run, such as one of a saved plan.
    pub fn unnamed(path: PathBuf) -> Self {
        let base = path.ancestors().last().unwrap_or(Path::new("")).into();
        Self::found(path, base, None)
    }

    /// Creates a target from a path without a file.
    pub fn failed(path: PathBuf, error: TargetError) -> Self {
        Self { error: Some(Arc::new(error)), ..Self::file(path, None) }
    }

    /// Returns the path, as it was named or found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder in which, or below which, the file was found; `None` if the user named the path itself.
    pub fn base(&self) -> Option<&Path> {
        self.base.as_deref()
    }

    /// Returns the first row of the inventory that contains the file.
    pub fn row(&self) -> Option<&Row> {
        self.rows().next()
    }

    /// Returns the site of the file in the inventory, unless it's empty.
    pub fn site(&self) -> Option<&str> {
        self.row()?.get(SITE).filter(|site| !site.is_empty())
    }

    /// Returns the rows of the inventory that contain the file, for example one for each account.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Row> {
        self.rows.iter().map(|row| &**row)
    }

    /// Returns why there is no file.
    pub fn error(&self) -> Option<&TargetError> {
        self.error.as_deref()
    }
}

/// A file that was found is opened with restrictions on links; for one that the user named, all links are followed.
impl AsLocation for Target {
    fn location(&self) -> Location<'_> {
        match self.base() {
            Some(base) => Location::found(self.path(), base),
            None => Location::named(self.path()),
        }
    }
}

/// A file that was selected again, maybe by another path. Its display text is a note for users.
#[derive(Debug, Clone, Copy)]
pub struct Repeated<'t> {
    /// The target that the run works on.
    pub first: &'t Target,
    /// The target that it skips.
    pub again: &'t Target,
}

impl fmt::Display for Repeated<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, again } = self;
        if let Some(row) = again.row() {
            write!(f, "{}: ", row.origin())?;
        }
        let (path, known) = (again.path.display(), first.path.display());
        // On Windows, slashes and backslashes are equivalent in a path.
        match again.path == first.path {
            true => write!(f, "`{path}` is already selected")?,
            false => {
                write!(f, "`{path}` is the same file as `{known}`, which is already selected")?;
            }
        }
        match (first.row(), again.row()) {
            (Some(row), Some(_)) => write!(f, " by {}; both rows apply", row.origin()),
            (Some(row), None) => write!(f, " by {}, whose row applies", row.origin()),
            (None, _) => Ok(()),
        }
    }
}

/// The files of a run in the order in which they were selected, without duplicates.
#[derive(Debug)]
pub struct Targets {
    targets: Vec<Target>,
    /// The index of each file that was selected again, and the skipped target.
    repeated: Vec<(usize, Target)>,
}

impl Targets {
    /// Keeps the first target for each file, independent of how paths are spelled and which links lead to it. If several rows
    /// of inventories name a file, its target has all of them.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl_core::fleet::{Target, Targets};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let [first, again] = ["a.ini", "./a.ini"].map(|name| folder.path().join(name));
    /// std::fs::write(&first, "[Settings]")?;
    /// let targets = Targets::new([&first, &again].map(|path| Target::file(path.clone(), None)).into());
    /// assert_eq!(targets.list().len(), 1);
    /// assert_eq!(targets.repeated().next().unwrap().first.path(), first);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(named: Vec<Target>) -> Self {
        if named.len() < 2 {
            return Self::of_distinct(named);
        }
        Self::by_identity(named, store::identity)
    }

    /// Creates a list from targets that are all different files.
    pub(super) fn of_distinct(targets: Vec<Target>) -> Self {
        Self { targets, repeated: Vec::new() }
    }

    fn by_identity<I: Eq + Hash>(named: Vec<Target>, identity: impl Fn(&Path) -> I) -> Self {
        let mut first: HashMap<I, usize> = HashMap::with_capacity(named.len());
        let mut targets: Vec<Target> = Vec::with_capacity(named.len());
        let mut repeated = Vec::new();
        for target in named {
            if target.error.is_none() {
                match first.entry(identity(&target.path)) {
                    Entry::Vacant(place) => {
                        place.insert(targets.len());
                    }
                    Entry::Occupied(place) => {
                        let first = &mut targets[*place.get()];
                        let adds_row = !first.rows.is_empty() && !target.rows.is_empty();
                        if adds_row {
                            first.rows.extend(target.rows.iter().cloned());
                        }
                        // Several rows for the accounts of one file are intended.
                        if !adds_row || (&first.path, &first.base) != (&target.path, &target.base) {
                            repeated.push((*place.get(), target));
                        }
                        continue;
                    }
                }
            }
            targets.push(target);
        }
        Self { targets, repeated }
    }

    /// Returns the targets.
    pub fn list(&self) -> &[Target] {
        &self.targets
    }

    /// Returns each file that was selected again, except by another row that names it in the same way.
    pub fn repeated(&self) -> impl ExactSizeIterator<Item = Repeated<'_>> {
        self.repeated.iter().map(|(index, again)| Repeated { first: &self.targets[*index], again })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::inventory;

    fn file(path: &str) -> Target {
        Target::file(path.into(), None)
    }

    fn repeated(targets: &Targets) -> Vec<String> {
        targets.repeated().map(|it| it.to_string()).collect()
    }

    fn by_case(path: &Path) -> String {
        path.to_string_lossy().to_lowercase()
    }

    #[test]
    fn duplicate_files_are_merged_and_failures_are_kept() {
        let failed = || Target::failed("none*".into(), TargetError::NoMatch { origin: None });
        let named = vec![file("a"), failed(), file("B"), file("A"), failed(), file("b"), file("a")];
        let targets = Targets::by_identity(named, by_case);
        let paths: Vec<_> = targets.list().iter().map(|it| it.path().to_str().unwrap()).collect();
        assert_eq!(paths, ["a", "none*", "B", "none*"]);
        assert_eq!(targets.list()[1].error().unwrap().to_string(), "no file matches the pattern");
        let expected = [
            "`A` is the same file as `a`, which is already selected",
            "`b` is the same file as `B`, which is already selected",
            "`a` is already selected",
        ];
        assert_eq!(repeated(&targets), expected);
    }

    #[test]
    fn row_with_another_path_of_a_file_is_reported_with_both_origins() {
        let lines = inventory("i.csv", "ini\na\nA\n").unwrap();
        let named = lines.into_iter().map(|(ini, row)| Target::file(ini.into(), Some(row)));
        let targets = Targets::by_identity(named.collect(), by_case);
        assert_eq!(targets.list()[0].row().unwrap().origin(), "i.csv:2");
        let expected = "i.csv:3: `A` is the same file as `a`, which is already selected by i.csv:2; both rows apply";
        assert_eq!(repeated(&targets), [expected]);
    }

    #[test]
    fn rows_that_name_one_file_belong_to_one_target() {
        let lines = inventory("i.csv", "ini,account\na,1\nb,1\na,2\n").unwrap();
        let named = lines.into_iter().map(|(ini, row)| Target::file(ini.into(), Some(row)));
        let named: Vec<_> = named.chain([file("b")]).collect();
        let targets = Targets::by_identity(named, by_case);
        let rows = |target: &Target| target.rows().map(|it| it.origin().to_owned()).collect();
        let rows: Vec<Vec<_>> = targets.list().iter().map(rows).collect();
        assert_eq!(rows, [vec!["i.csv:2", "i.csv:4"], vec!["i.csv:3"]]);
        let expected = "`b` is already selected by i.csv:3, whose row applies";
        assert_eq!(repeated(&targets), [expected]);
    }

    proptest! {
        #[test]
        fn every_selected_file_is_a_target_or_a_duplicate(names in prop::collection::vec("[abAB]{1,2}", 0..30)) {
            let named: Vec<_> = names.iter().map(|name| file(name)).collect();
            let targets = Targets::by_identity(named, by_case);
            prop_assert_eq!(targets.list().len() + targets.repeated().len(), names.len());
            let mut known: Vec<_> = targets.list().iter().map(|it| by_case(it.path())).collect();
            known.sort();
            known.dedup();
            prop_assert_eq!(known.len(), targets.list().len());
            for name in &names {
                prop_assert!(known.contains(&name.to_lowercase()));
            }
        }
    }
}
