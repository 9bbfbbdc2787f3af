//! A path, and the part of it that msipctl found instead of the user naming it.
//!
//! A link in the part that the user named is followed. A link in the part that was found may have been planted. It's
//! followed only if it belongs to the owner of its target, or if the link and its folder belong to the caller.

use std::path::{Path, PathBuf};

/// A path to open, and where its part begins that the user didn't name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location<'p> {
    path: &'p Path,
    base: Option<&'p Path>,
}

impl<'p> Location<'p> {
    /// Creates a location from a path that the user named, so each link in it is followed.
    pub fn named(path: &'p Path) -> Self {
        Self { path, base: None }
    }

    /// Creates a location from a path that was found in the folder `base`, or below it. If the path isn't below it, the
    /// complete path counts as found.
    pub fn found(path: &'p Path, base: &'p Path) -> Self {
        let base = if path.starts_with(base) { base } else { root(path) };
        Self { path, base: Some(base) }
    }

    /// Creates a location from a path that the user didn't name, such as one from a file that others may have written.
    pub fn unnamed(path: &'p Path) -> Self {
        Self { path, base: Some(root(path)) }
    }

    /// Returns the path.
    pub fn path(&self) -> &'p Path {
        self.path
    }

    /// Returns the named folder and the part of the path below it, if there is such a part.
    pub(in crate::store) fn parts(&self) -> Option<(&'p Path, &'p Path)> {
        let base = self.base?;
        Some((base, self.path.strip_prefix(base).ok()?))
    }
}

/// Returns the root of an absolute path, or the empty path.
fn root(path: &Path) -> &Path {
    path.ancestors().last().unwrap_or(Path::new(""))
}

/// A type that states where a file is.
pub trait AsLocation {
    /// Returns the location.
    fn location(&self) -> Location<'_>;
}

/// A path without a base is one that the user named.
impl AsLocation for Path {
    fn location(&self) -> Location<'_> {
        Location::named(self)
    }
}

impl AsLocation for PathBuf {
    fn location(&self) -> Location<'_> {
        Location::named(self)
    }
}

impl AsLocation for Location<'_> {
    fn location(&self) -> Location<'_> {
        *self
    }
}

impl<T: AsLocation + ?Sized> AsLocation for &T {
    fn location(&self) -> Location<'_> {
        (**self).location()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_split_into_base_and_relative_path() {
        let parts = |path, base| Location::found(Path::new(path), Path::new(base)).parts();
        assert_eq!(parts("a/b/c.ini", "a"), Some((Path::new("a"), Path::new("b/c.ini"))));
        assert_eq!(parts("b/c.ini", ""), Some((Path::new(""), Path::new("b/c.ini"))));
        assert_eq!(parts("/x/c.ini", "a"), Some((Path::new("/"), Path::new("x/c.ini"))));
        assert_eq!(Location::named(Path::new("a")).parts(), None);
        let unnamed = Location::unnamed(Path::new("/x/c.ini"));
        assert_eq!(unnamed, Location::found(Path::new("/x/c.ini"), Path::new("/")));
    }
}
