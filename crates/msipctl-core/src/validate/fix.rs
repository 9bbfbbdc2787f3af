//! The fix of a finding.

use std::fmt;

use winini::{Document, Edit, Encoding};

/// Whether `--fix` applies a fix, or only `--unsafe-fixes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// The fix changes no value that MicroSIP reads today. If MicroSIP then reads more, it is what the author certainly
    /// intended.
    Safe,
    /// The fix changes a value that MicroSIP reads today, may not be what the author intended, or removes text that MicroSIP
    /// doesn't read.
    Unsafe,
}

impl Safety {
    /// Returns its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// The fix of a finding. Line numbers refer to the document that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Fix {
    safety: Safety,
    title: String,
    change: Change,
}

/// The change that a fix makes to a document.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Edits of lines.
    Edits(Vec<Edit>),
    /// A conversion to another encoding.
    Encoding(Encoding),
    /// A replacement for the complete document.
    Document(Document),
}

// The new text may be secret, so it isn't shown.
impl fmt::Debug for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fix({}, {:?})", self.safety.name(), self.title)
    }
}

impl Fix {
    /// Creates a fix from edits. `title` states what it does, without secrets.
    pub(super) fn edits(safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { safety, title: title.into(), change: Change::Edits(edits) }
    }

    /// Creates the fix that converts the file to the encoding of MicroSIP: UTF-16LE with BOM.
    pub(super) fn as_microsip_writes() -> Self {
        let title = "convert the file to UTF-16LE with BOM".to_owned();
        Self { safety: Safety::Safe, title, change: Change::Encoding(Encoding::MICROSIP) }
    }

    /// Creates the fix for a file with corrupt bytes, which replaces the complete document.
    pub(super) fn whole(safety: Safety, title: impl Into<String>, document: Document) -> Self {
        Self { safety, title: title.into(), change: Change::Document(document) }
    }

    /// Returns whether it is safe.
    pub fn safety(&self) -> Safety {
        self.safety
    }

    /// Marks it as unsafe.
    pub(super) fn make_unsafe(&mut self) {
        self.safety = Safety::Unsafe;
    }

    /// Returns the change that it makes to a document.
    pub(super) fn change(&self) -> &Change {
        &self.change
    }

    /// Returns whether it replaces all bytes of the file, and not only the lines of its finding.
    pub fn replaces_file(&self) -> bool {
        !matches!(self.change, Change::Edits(_))
    }

    /// Returns its title, which states what it does.
    pub fn title(&self) -> &str {
        &self.title
    }
}
