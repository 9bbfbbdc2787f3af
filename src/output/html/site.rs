//! Groups files by their paths.

/// The first folder, or host, in which paths differ.
#[derive(Debug)]
pub(super) struct Grouping {
    /// The number of bytes that all paths share, up to a separator.
    common: usize,
    /// The only group, if almost every file is in a separate folder.
    only: Option<String>,
}

impl Grouping {
    /// Finds the groups of these paths.
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> Self {
        let common = paths.clone().map(folder).reduce(shared).unwrap_or_default().len();
        let grouping = Self { common, only: None };
        let mut groups: Vec<&str> = paths.clone().map(|path| grouping.next(path)).collect();
        let files = groups.len();
        groups.sort_unstable();
        groups.dedup();
        if groups.len() * 2 <= files {
            return grouping;
        }
        let all = paths.map(|path| path[..common].trim_end_matches(is_separator)).next();
        let all = all.filter(|all| !all.is_empty()).unwrap_or("all files");
        Self { common, only: Some(all.to_owned()) }
    }

    /// Returns the group of one of these paths.
    pub(super) fn site<'g>(&'g self, path: &'g str) -> &'g str {
        self.only.as_deref().unwrap_or_else(|| self.next(path))
    }

    /// Returns the folder after the shared part; for a file without one, the shared part.
    fn next<'p>(&self, path: &'p str) -> &'p str {
        let (common, rest) = path.split_at(self.common);
        match rest.split_once(is_separator) {
            Some((next, _)) => next,
            None if common.is_empty() => rest,
            None => common.trim_end_matches(is_separator),
        }
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, '/' | '\\')
}

/// Returns the folder of a file, including the final separator.
fn folder(path: &str) -> &str {
    &path[..path.rfind(is_separator).map_or(0, |end| end + 1)]
}

/// Returns the part that two folders share, up to a separator.
fn shared<'p>(one: &'p str, other: &str) -> &'p str {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let end = one.as_bytes()[..same].iter().rposition(|byte| matches!(byte, b'/' | b'\\'));
    &one[..end.map_or(0, |end| end + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paths: &[&str], expected: &[&str]) {
        let grouping = Grouping::of(paths.iter().copied());
        let sites: Vec<_> = paths.iter().map(|path| grouping.site(path)).collect();
        assert_eq!(sites, expected);
    }

    #[test]
    fn files_are_grouped_by_the_first_folder_or_host_that_differs() {
        check(
            &["/srv/muc/a/x.ini", "/srv/muc/b/x.ini", "/srv/ber/a/x.ini", "/srv/ber/b/x.ini"],
            &["muc", "muc", "ber", "ber"],
        );
        check(
            &[r"\\fs1\p$\a\x.ini", r"\\fs1\p$\b\x.ini", r"\\fs2\p$\a\x.ini", r"\\fs2\q$\a\x.ini"],
            &["fs1", "fs1", "fs2", "fs2"],
        );
        check(
            &[r"C:\u\a\x.ini", r"C:\u\b\x.ini", r"D:\u\a\x.ini", r"D:\u\b\x.ini"],
            &["C:", "C:", "D:", "D:"],
        );
        check(&["/é/x.ini", "/é/a/x.ini", "/é/a/y.ini", "/é/a/z.ini"], &["/é", "a", "a", "a"]);
    }

    #[test]
    fn folders_with_one_file_each_form_no_groups() {
        check(&[r"C:\Users\a\x.ini", r"C:\Users\b\x.ini"], &[r"C:\Users", r"C:\Users"]);
        check(&["/srv/a.ini"], &["/srv"]);
        check(&["a.ini", "b.ini", "c.ini"], &["all files", "all files", "all files"]);
        check(&[r"\\pc1\c$\x.ini", r"\\pc2\c$\x.ini"], &["all files", "all files"]);
        check(&[], &[]);
    }
}
