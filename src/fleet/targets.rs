//! The files of a run, each once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::policy::Row;

/// One file to work on, or a place where one was expected and why there is none.
#[derive(Debug, Clone)]
pub struct Target<E> {
    path: PathBuf,
    base: Option<Arc<Path>>,
    row: Option<Arc<Row>>,
    error: Option<Box<E>>,
}

impl<E> Target<E> {
    /// Makes one of a file, with what an inventory says of it.
    pub fn file(path: PathBuf, row: Option<Arc<Row>>) -> Self {
        Self { path, base: None, row, error: None }
    }

    /// Makes one of a file that was found in a folder or below it, with what an inventory says of the folder.
    pub fn found(path: PathBuf, base: Arc<Path>, row: Option<Arc<Row>>) -> Self {
        Self { base: Some(base), ..Self::file(path, row) }
    }

    /// Makes one of a file that nobody named in this run, such as one of a saved plan.
    pub fn unnamed(path: PathBuf) -> Self {
        let base = path.ancestors().last().unwrap_or(Path::new("")).into();
        Self::found(path, base, None)
    }

    /// Makes one of a place where no file is to be had.
    pub fn failed(path: PathBuf, error: E) -> Self {
        Self { path, base: None, row: None, error: Some(Box::new(error)) }
    }

    /// Returns the path, spelled as it was named or found.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the folder in which the file was found, or below which it was; `None` if the path itself was named.
    pub fn base(&self) -> Option<&Path> {
        self.base.as_deref()
    }

    /// Returns what the inventory says of it, if one named it.
    pub fn row(&self) -> Option<&Row> {
        self.row.as_deref()
    }

    /// Returns why there is no file, if so.
    pub fn error(&self) -> Option<&E> {
        self.error.as_deref()
    }

    /// Says in words that another path leads to this file again, and where it was named.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl::fleet::Target;
    ///
    /// let [first, link] = ["a.ini", "link.ini"].map(|path| Target::<String>::file(path.into(), None));
    /// assert_eq!(first.repeated_by(&link), "`link.ini` is `a.ini`, which is named already");
    /// ```
    pub fn repeated_by(&self, again: &Self) -> String {
        let at = again.row().map(Row::origin).map(|place| format!("{place}: ")).unwrap_or_default();
        let whose = self.row().map(Row::origin);
        let whose = whose.map(|place| format!(" by {place}, whose row counts"));
        // On Windows slashes of both kinds spell one path.
        let is_spelled_so = self.path == again.path;
        let (first, again) = (self.path.display(), again.path.display());
        let whose = whose.unwrap_or_default();
        match is_spelled_so {
            true => format!("{at}`{again}` is named already{whose}"),
            false => format!("{at}`{again}` is `{first}`, which is named already{whose}"),
        }
    }
}

impl<E> AsRef<Path> for Target<E> {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// The files of a run in the order in which they were named, each once.
#[derive(Debug)]
pub struct Targets<E> {
    targets: Vec<Target<E>>,
    repeated: Vec<String>,
}

impl<E> Targets<E> {
    /// Takes what was named and found. Of files with one identity the first is taken; of the others is told.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl::fleet::{Target, Targets};
    ///
    /// let named = ["a.ini", "./a.ini", "b.ini"].map(|path| Target::<String>::file(path.into(), None));
    /// let targets = Targets::new(named.into(), |path| path.strip_prefix(".").unwrap_or(path).to_owned());
    /// assert_eq!(targets.list().len(), 2);
    /// assert_eq!(targets.repeated(), ["`./a.ini` is `a.ini`, which is named already"]);
    /// ```
    pub fn new<I: Eq + Hash>(named: Vec<Target<E>>, identity: impl Fn(&Path) -> I) -> Self {
        if named.len() < 2 {
            return Self { targets: named, repeated: Vec::new() };
        }
        let mut first: HashMap<I, usize> = HashMap::with_capacity(named.len());
        let mut targets: Vec<Target<E>> = Vec::with_capacity(named.len());
        let mut repeated = Vec::new();
        for target in named {
            if target.error.is_none() {
                match first.entry(identity(&target.path)) {
                    Entry::Vacant(place) => {
                        place.insert(targets.len());
                    }
                    Entry::Occupied(place) => {
                        repeated.push(targets[*place.get()].repeated_by(&target));
                        continue;
                    }
                }
            }
            targets.push(target);
        }
        Self { targets, repeated }
    }

    /// Takes what was found in a way that finds no file twice.
    pub fn of_distinct(targets: Vec<Target<E>>) -> Self {
        Self { targets, repeated: Vec::new() }
    }

    /// Returns the files.
    pub fn list(&self) -> &[Target<E>] {
        &self.targets
    }

    /// Says of each file that was named again where, and which one it is.
    pub fn repeated(&self) -> &[String] {
        &self.repeated
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fleet::inventory;

    fn file(path: &str) -> Target<String> {
        Target::file(path.into(), None)
    }

    fn by_case(path: &Path) -> String {
        path.to_string_lossy().to_lowercase()
    }

    #[test]
    fn a_file_is_taken_once_and_a_failure_each_time() {
        let failed = || Target::failed("none*".into(), "no file fits".to_owned());
        let named = vec![file("a"), failed(), file("B"), file("A"), failed(), file("b"), file("a")];
        let targets = Targets::new(named, by_case);
        let paths: Vec<_> = targets.list().iter().map(|it| it.path().to_str().unwrap()).collect();
        assert_eq!(paths, ["a", "none*", "B", "none*"]);
        assert_eq!(targets.list()[1].error().unwrap(), "no file fits");
        let expected = [
            "`A` is `a`, which is named already",
            "`b` is `B`, which is named already",
            "`a` is named already",
        ];
        assert_eq!(targets.repeated(), expected);
    }

    #[test]
    fn a_row_that_does_not_count_is_told_with_both_places() {
        let lines = inventory("i.csv", "ini\na\nA\n").unwrap();
        let named = lines.into_iter().map(|line| {
            let (ini, row) = line.unwrap();
            Target::<String>::file(ini.into(), Some(row))
        });
        let targets = Targets::new(named.collect(), by_case);
        assert_eq!(targets.list()[0].row().unwrap().origin(), "i.csv:2");
        let expected = "i.csv:3: `A` is `a`, which is named already by i.csv:2, whose row counts";
        assert_eq!(targets.repeated(), [expected]);
    }

    proptest! {
        #[test]
        fn everything_named_is_accounted_for(names in prop::collection::vec("[abAB]{1,2}", 0..30)) {
            let named: Vec<_> = names.iter().map(|name| file(name)).collect();
            let targets = Targets::new(named, by_case);
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
