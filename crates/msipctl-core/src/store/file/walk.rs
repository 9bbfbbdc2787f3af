//! Finds files of a tree, and files that match a pattern, without reading any. Reports what can't be accessed, and
//! continues with the rest.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, FileType};
use std::path::{Component, Path, PathBuf};

use wildmatch::WildMatch;

use super::folder::is_nowhere;
use super::location::Location;
use crate::store::error::{Error, Operation, Reason};
use crate::store::system;

/// What a search finds: a path, or a folder that it can't list.
type Found = Result<PathBuf, Error>;

/// What a search finds in one folder.
#[derive(Debug)]
pub struct Matches {
    found: Vec<Found>,
    /// Whether all of it is different.
    is_apart: bool,
}

/// Searches each of many folders, and passes on the results in the order of the folders. The caller of a search provides it,
/// because it decides how many threads to use.
pub type SearchEach<'s> =
    &'s dyn Fn(&[PathBuf], &(dyn Fn(&PathBuf) -> Matches + Sync), &mut dyn FnMut(Matches));

/// From this number of folders on, a search calls its [`SearchEach`]. For fewer, starting threads takes longer than it saves.
const MANY: usize = 256;

impl Matches {
    /// Collects what `search` finds. It returns whether all of it is different.
    fn of(search: impl FnOnce(&mut dyn FnMut(Found)) -> bool) -> Self {
        let mut found = Vec::new();
        let is_apart = search(&mut |it| found.push(it));
        Self { found, is_apart }
    }
}

/// Finds everything with this name (in any case) in a folder and the folders below it. Calls `found` in the order of
/// the paths, with each folder that can't be listed in its place. Doesn't follow links to folders, so there are no
/// cycles. Returns whether all are files that weren't reached through a link, so all of them are different.
pub fn walk(folder: &Path, name: &str, each: SearchEach<'_>, found: &mut dyn FnMut(Found)) -> bool {
    walk_in(folder, name, Some(each), found)
}

fn walk_in(
    folder: &Path,
    name: &str,
    each: Option<SearchEach<'_>>,
    found: &mut dyn FnMut(Found),
) -> bool {
    let mut is_apart = true;
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let mut entries: Vec<_> = match fs::read_dir(&folder) {
            Ok(entries) => entries.collect(),
            Err(error) => {
                found(Err(Error::io(&folder, Operation::List, error)));
                continue;
            }
        };
        entries.sort_by_cached_key(|entry| entry.as_ref().map(fs::DirEntry::file_name).ok());
        let mut folders = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_name().eq_ignore_ascii_case(name) => {
                    is_apart &= entry.file_type().is_ok_and(|kind| kind.is_file());
                    found(Ok(entry.path()));
                }
                Ok(entry) if entry.file_type().is_ok_and(|kind| kind.is_dir()) => {
                    folders.push(entry.path());
                }
                Ok(_) => {}
                Err(error) => found(Err(Error::io(&folder, Operation::List, error))),
            }
        }
        match each.filter(|_| folders.len() >= MANY) {
            Some(each) => {
                let search =
                    |folder: &PathBuf| Matches::of(|found| walk_in(folder, name, None, found));
                is_apart &= search_each(each, &folders, &search, found);
            }
            None => waiting.extend(folders.into_iter().rev()),
        }
    }
    is_apart
}

/// Searches each folder, passes on what it finds, and returns whether all of it is different.
fn search_each(
    each: SearchEach<'_>,
    folders: &[PathBuf],
    search: &(dyn Fn(&PathBuf) -> Matches + Sync),
    found: &mut dyn FnMut(Found),
) -> bool {
    let mut is_apart = true;
    each(folders, search, &mut |matches| {
        is_apart &= matches.is_apart;
        matches.found.into_iter().for_each(&mut *found);
    });
    is_apart
}

/// Something that a search of a tree skipped, and the reason.
#[derive(Debug)]
pub struct Skipped {
    /// Its path.
    pub path: PathBuf,
    /// Why it was skipped.
    pub reason: SkipReason,
}

/// Why a search of a tree skipped something.
#[derive(Debug)]
pub enum SkipReason {
    /// It can't be listed.
    Unlisted(Error),
    /// It is a link to a folder.
    Link,
    /// It is a link to a file, which another user may have planted.
    ForeignLink,
    /// It is on another file system than the root.
    FileSystem,
    /// It was already listed by another path.
    Again,
    /// The search reached its maximum of this many entries, and ended here.
    Limit(usize),
}

/// Lists a folder and all folders below it in the order of their paths, and calls `found` with the names of the files
/// and links to files in each. Follows neither links nor mounts of other file systems, and reads at most `max_entries`
/// entries. Returns what it skipped.
///
/// # Errors
///
/// When the folder itself can't be listed.
pub fn search_tree(
    root: &Path,
    max_entries: usize,
    found: &mut dyn FnMut(&Path, &[OsString]),
) -> Result<Vec<Skipped>, Error> {
    let fail = |error| Error::io(root, Operation::List, error);
    let device = system::folder_number(&fs::metadata(root).map_err(fail)?).map(|it| it.0);
    let mut left = max_entries;
    let mut skipped = Vec::new();
    let mut known = HashSet::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        let listed = fs::metadata(&folder).and_then(|it| Ok((it, fs::read_dir(&folder)?)));
        let (metadata, entries) = match listed {
            Ok(listed) => listed,
            Err(error) if folder == root => return Err(fail(error)),
            Err(error) => {
                let reason = SkipReason::Unlisted(Error::io(&folder, Operation::List, error));
                skipped.push(Skipped { path: folder, reason });
                continue;
            }
        };
        let mut skip = |path: PathBuf, reason| skipped.push(Skipped { path, reason });
        if let Some(number) = system::folder_number(&metadata) {
            if Some(number.0) != device {
                skip(folder, SkipReason::FileSystem);
                continue;
            }
            if !known.insert(number) {
                skip(folder, SkipReason::Again);
                continue;
            }
        }
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in entries {
            if left == 0 {
                skip(folder, SkipReason::Limit(max_entries));
                return Ok(skipped);
            }
            left -= 1;
            let entry = entry.and_then(|it| Ok((it.file_name(), it.file_type()?)));
            match entry {
                Ok((name, kind)) if kind.is_dir() => folders.push(folder.join(name)),
                Ok((name, kind)) if kind.is_symlink() => match fs::metadata(folder.join(&name)) {
                    Ok(leads_to) if leads_to.is_dir() => {
                        skip(folder.join(name), SkipReason::Link);
                    }
                    Ok(_) => files.push(name),
                    Err(_) => {}
                },
                Ok((name, _)) => files.push(name),
                Err(error) => {
                    let error = Error::io(&folder, Operation::List, error);
                    skip(folder.clone(), SkipReason::Unlisted(error));
                }
            }
        }
        files.sort();
        found(&folder, &files);
        folders.sort_by(|one, other| other.cmp(one));
        waiting.extend(folders);
    }
    Ok(skipped)
}

/// Returns the part of a pattern before the first name with a wildcard, which the user named.
pub fn pattern_base(pattern: &Path) -> PathBuf {
    pattern.components().take_while(|part| !is_wild(*part)).collect()
}

/// Returns whether a name, relative to a folder, is a pattern: it contains `*` or `?`, and nothing on disk has this
/// exact name.
pub fn is_pattern(folder: &Path, name: &Path) -> bool {
    name.components().any(is_wild) && fs::symlink_metadata(folder.join(name)).is_err()
}

/// A name that represents any file of a folder, to check whether the folder can be accessed.
const INSIDE: &str = "MicroSIP.ini";

/// Finds what matches a pattern, relative to a folder. Calls `found` in the order of the paths, with each folder that
/// can't be listed in its place.
///
/// `*` and `?` match characters of one name, but not a dot at its start. The name `**` matches any number of folders,
/// including none, and doesn't follow links. On Windows, case doesn't matter.
///
/// Returns, like [`walk`], whether all of them are different.
pub fn glob(
    folder: &Path,
    pattern: &Path,
    each: SearchEach<'_>,
    found: &mut dyn FnMut(Found),
) -> bool {
    let mut parts: Vec<_> = pattern.components().collect();
    // Two in a row match the same as one, but in many ways.
    parts.dedup_by(|one, other| one == other && one.as_os_str() == "**");
    let deep = parts.iter().filter(|part| part.as_os_str() == "**").count();
    // With two `**`, the same path is found in several ways.
    let is_apart = deep < 2;
    let base = folder.join(pattern_base(pattern));
    let mut search = Search { found, is_apart, base: &base, each: Some(each) };
    search.fit(folder, &parts);
    search.is_apart
}

/// The matches of a pattern, and whether all of them are different.
struct Search<'f> {
    found: &'f mut dyn FnMut(Found),
    is_apart: bool,
    /// The folder that the user named; links below it may be planted.
    base: &'f Path,
    /// `None` in the search of one of many folders.
    each: Option<SearchEach<'f>>,
}

/// Returns whether a part of a path matches several names.
fn is_wild(part: Component<'_>) -> bool {
    let Component::Normal(name) = part else { return false };
    name.as_encoded_bytes().iter().any(|byte| matches!(byte, b'*' | b'?'))
}

impl Search<'_> {
    /// Finds the matches of the rest of a pattern in a folder.
    fn fit(&mut self, folder: &Path, parts: &[Component<'_>]) {
        let Some((first, rest)) = parts.split_first() else {
            return (self.found)(Ok(folder.to_owned()));
        };
        if !is_wild(*first) {
            return self.fit_name(folder, *first, rest);
        }
        let name = first.as_os_str().to_string_lossy();
        let is_deep = name == "**";
        if is_deep {
            self.fit(folder, rest);
        }
        let wild = match cfg!(windows) {
            true => WildMatch::new_case_insensitive(&name),
            false => WildMatch::new(&name),
        };
        let mut paths = Vec::new();
        for (own, kind) in self.listed(folder) {
            let shown = own.to_string_lossy();
            let is_hidden = shown.starts_with('.') && !name.starts_with('.');
            let is_searched = match is_deep {
                true => kind.is_dir(),
                false => !kind.is_file() || rest.is_empty(),
            };
            if is_hidden || !is_searched || !wild.matches(&shown) {
                continue;
            }
            // A link may lead to the target of another path.
            self.is_apart &= is_deep || kind.is_file() || (kind.is_dir() && !rest.is_empty());
            paths.push(folder.join(&own));
        }
        self.fit_each(&paths, if is_deep { parts } else { rest });
    }

    /// Finds the matches of the rest of a pattern in each of several folders.
    fn fit_each(&mut self, folders: &[PathBuf], parts: &[Component<'_>]) {
        let is_large = folders.len() >= MANY && !parts.is_empty();
        let Some(each) = self.each.filter(|_| is_large) else {
            return folders.iter().for_each(|folder| self.fit(folder, parts));
        };
        let base = self.base;
        let search = |folder: &PathBuf| {
            Matches::of(|found| {
                let mut search = Search { found, is_apart: true, base, each: None };
                search.fit(folder, parts);
                search.is_apart
            })
        };
        self.is_apart &= search_each(each, folders, &search, self.found);
    }

    /// Finds a name without wildcards, and the matches of the rest of a pattern below it.
    fn fit_name(&mut self, folder: &Path, name: Component<'_>, rest: &[Component<'_>]) {
        let path = folder.join(name);
        match fs::symlink_metadata(&path) {
            // A file in the middle of a path has no matches.
            Ok(there) if there.is_file() && !rest.is_empty() => {}
            Ok(there) => {
                self.is_apart &= !there.is_symlink() && (!rest.is_empty() || there.is_file());
                self.fit(&path, rest);
            }
            Err(error) if is_nowhere(&error) => {}
            // Opening it reports the reason.
            Err(_) => self.fit(&path, rest),
        }
    }

    /// Lists a folder by name.
    fn listed(&mut self, folder: &Path) -> Vec<(OsString, FileType)> {
        let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        if let Some((base, rest)) = Location::found(folder, self.base).parts()
            && !rest.as_os_str().is_empty()
            && let Err(system::Unreached::Link(link)) = system::reach(base, &rest.join(INSIDE))
        {
            (self.found)(Err(Error::new(folder, Reason::ForeignLink { link })));
            return Vec::new();
        }
        let entries = fs::read_dir(place).and_then(|entries| {
            let listed = |entry: fs::DirEntry| Ok((entry.file_name(), entry.file_type()?));
            entries.map(|entry| entry.and_then(listed)).collect::<Result<Vec<_>, _>>()
        });
        match entries {
            Ok(mut entries) => {
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                entries
            }
            // A missing folder has no matches.
            Err(error) if is_nowhere(&error) => Vec::new(),
            Err(error) => {
                (self.found)(Err(Error::io(folder, Operation::List, error)));
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_by_one(
        folders: &[PathBuf],
        search: &(dyn Fn(&PathBuf) -> Matches + Sync),
        take: &mut dyn FnMut(Matches),
    ) {
        folders.iter().for_each(|folder| take(search(folder)));
    }

    struct Tree(tempfile::TempDir);

    impl Tree {
        fn new(files: &[&str]) -> Self {
            let tree = Self(tempfile::tempdir().unwrap());
            for file in files {
                let path = tree.0.path().join(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            tree
        }

        fn shown(&self, found: Result<PathBuf, Error>) -> String {
            match found {
                Ok(path) => {
                    let path = path.strip_prefix(self.0.path()).unwrap();
                    path.display().to_string().replace('\\', "/")
                }
                Err(error) => format!("error {:?}", error.kind()),
            }
        }

        fn walked(&self, below: &str) -> Vec<String> {
            let mut found = Vec::new();
            walk(&self.0.path().join(below), "MicroSIP.ini", &one_by_one, &mut |it| {
                found.push(self.shown(it));
            });
            found
        }

        fn globbed(&self, pattern: &str) -> Vec<String> {
            let mut found = Vec::new();
            glob(self.0.path(), Path::new(pattern), &one_by_one, &mut |it| {
                found.push(self.shown(it));
            });
            found
        }
    }

    #[test]
    fn folders_are_walked_in_sorted_order() {
        let tree = Tree::new(&[
            "b/MicroSIP.ini",
            "a/z/microsip.INI",
            "a/MicroSIP.ini.bak",
            "MicroSIP.ini",
            ".hidden/MicroSIP.ini",
            "c/MicroSIP.ini/inner/MicroSIP.ini",
        ]);
        let expected = [
            "MicroSIP.ini",
            ".hidden/MicroSIP.ini",
            "a/z/microsip.INI",
            "b/MicroSIP.ini",
            "c/MicroSIP.ini",
        ];
        assert_eq!(tree.walked(""), expected);
        assert_eq!(tree.walked("none"), ["error NotFound"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_listed_but_not_followed() {
        use std::os::unix::fs::symlink;

        let tree = Tree::new(&["a/MicroSIP.ini"]);
        symlink("..", tree.0.path().join("a").join("up")).unwrap();
        fs::create_dir(tree.0.path().join("b")).unwrap();
        symlink("MicroSIP.ini", tree.0.path().join("b").join("MicroSIP.ini")).unwrap();
        assert_eq!(tree.walked(""), ["a/MicroSIP.ini", "b/MicroSIP.ini"]);
        assert_eq!(tree.globbed("**/MicroSIP.ini"), ["a/MicroSIP.ini", "b/MicroSIP.ini"]);
        assert_eq!(tree.globbed("a/*/a/*"), ["a/up/a/MicroSIP.ini", "a/up/a/up"]);
    }

    #[test]
    fn many_folders_are_searched_in_sorted_order() {
        let mut names: Vec<_> =
            (0..2 * MANY).map(|n| format!("f{n:04}/sub/MicroSIP.ini")).collect();
        names.push("f0002/MicroSIP.ini".to_owned());
        names.push("MicroSIP.ini".to_owned());
        let tree = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
        // A folder's own files come before those of the folders in it.
        names.sort_by_key(|name| name.replace("MicroSIP.ini", ""));
        assert_eq!(tree.walked(""), names);
        let deep = |name: &&String| name.contains("sub/");
        assert_eq!(tree.globbed("**/MicroSIP.ini"), names);
        assert_eq!(
            tree.globbed("f*/sub/*.ini"),
            names.iter().filter(deep).cloned().collect::<Vec<_>>()
        );
    }

    #[cfg(unix)]
    #[test]
    fn link_among_many_folders_can_be_a_duplicate() {
        use std::os::unix::fs::symlink;

        let names: Vec<_> = (0..2 * MANY).map(|n| format!("f{n:04}/x.ini")).collect();
        let tree = Tree::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let root = tree.0.path();
        let searches = || {
            let globbed = glob(root, Path::new("*/*.ini"), &one_by_one, &mut |_| {});
            (walk(root, "x.ini", &one_by_one, &mut |_| {}), globbed)
        };
        assert_eq!(searches(), (true, true));
        fs::remove_file(root.join("f0300/x.ini")).unwrap();
        symlink(root.join("f0001/x.ini"), root.join("f0300/x.ini")).unwrap();
        assert_eq!(searches(), (false, false));
    }

    #[test]
    fn glob_patterns_match_names_and_folders() {
        let tree = Tree::new(&["a/x.ini", "a/b/x.ini", "a/b/y.ini", "a/.x.ini", "x[1].ini"]);
        for (pattern, expected) in [
            ("a/*.ini", &["a/x.ini"][..]),
            ("**/x.ini", &["a/x.ini", "a/b/x.ini"]),
            ("**/**/**/?.ini", &["a/x.ini", "a/b/x.ini", "a/b/y.ini"]),
            ("a/.*", &["a/.x.ini"]),
            ("a/*/?.ini", &["a/b/x.ini", "a/b/y.ini"]),
            ("a/x.ini/*", &[]),
            ("*[1].ini", &["x[1].ini"]),
            ("none/*.ini", &[]),
        ] {
            assert_eq!(tree.globbed(pattern), expected, "{pattern}");
        }
        let is_pattern = |name: &str| is_pattern(tree.0.path(), Path::new(name));
        assert!(is_pattern("a/*.ini") && !is_pattern("none.ini"));
        // On Windows, no name contains a wildcard.
        if cfg!(unix) {
            fs::write(tree.0.path().join("*.ini"), "").unwrap();
            assert!(!is_pattern("*.ini") && is_pattern("?.ini"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn unreadable_entries_are_returned_as_matches() {
        use std::os::unix::fs::symlink;

        let tree = Tree::new(&["a/x.ini"]);
        symlink("loop", tree.0.path().join("loop")).unwrap();
        symlink("none", tree.0.path().join("lost")).unwrap();
        assert_eq!(tree.globbed("*/x.ini"), ["a/x.ini", "loop/x.ini"]);
        assert_eq!(tree.globbed("loop/x/x.ini"), ["loop/x/x.ini"]);
        let [listed] = &tree.globbed("loop/x/*")[..] else { panic!("expected one") };
        assert!(listed.starts_with("error "), "{listed}");
    }

    #[cfg(unix)]
    #[test]
    fn base_folder_is_not_treated_as_a_pattern() {
        let tree = Tree::new(&["*/x.ini", "a/x.ini"]);
        let mut found = Vec::new();
        let folder = tree.0.path().join("*");
        glob(&folder, Path::new("*.ini"), &one_by_one, &mut |it| found.push(it.unwrap()));
        assert_eq!(found, [folder.join("x.ini")]);
    }

    #[cfg(unix)]
    #[test]
    fn walk_reports_whether_paths_can_be_duplicates() {
        use std::os::unix::fs::symlink;

        let tree = Tree::new(&["a/x.ini", "b/x.ini"]);
        let root = tree.0.path();
        let walks = || walk(root, "x.ini", &one_by_one, &mut |_| {});
        let globs = |pattern: &str| glob(root, Path::new(pattern), &one_by_one, &mut |_| {});
        assert!(walks() && globs("*/*.ini") && globs("**/x.ini") && globs("a/x.ini"));
        assert!(!globs("**/a/**/x.ini") && !globs("*"));
        symlink(root.join("a/x.ini"), root.join("b/y.ini")).unwrap();
        assert!(walks() && globs("*/x.ini") && !globs("*/*.ini") && !globs("b/y.ini"));
        symlink(root.join("b/x.ini"), root.join("x.ini")).unwrap();
        assert!(!walks());
        symlink(root.join("a"), root.join("c")).unwrap();
        assert!(!globs("*/x.ini") && !globs("c/*.ini"));
    }
}
