//! Where something stands in a file that people write.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A place in a file that people write: line and column counted from 1, the column in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    path: Arc<Path>,
    line: usize,
    column: usize,
}

impl Place {
    /// Finds the place of a byte in the text of a file.
    ///
    /// # Example
    ///
    /// ```
    /// use msipctl::policy::Place;
    /// use std::path::Path;
    ///
    /// let text = "[Settings]\nAA = 1\n";
    /// let place = Place::of(Path::new("desk.toml").into(), text, text.find('1').unwrap());
    /// assert_eq!(place.to_string(), "desk.toml:2:6");
    /// ```
    pub fn of(path: Arc<Path>, text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        Self { path, line, column }
    }

    /// Makes the place at the beginning of a file.
    pub fn at_start(path: &Path) -> Self {
        Self::at(path.into(), 1, 1)
    }

    pub(super) fn at(path: Arc<Path>, line: usize, column: usize) -> Self {
        Self { path, line, column }
    }

    /// Returns the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of the line.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Returns the number of the character in its line.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}
