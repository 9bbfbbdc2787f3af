//! How a finding is mended.

use std::fmt;

use winini::{Document, Edit, Encoding};

/// Whether a fix needs somebody's agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// It changes no value that MicroSIP reads today, and what MicroSIP then also reads is what the file's author can only
    /// have meant.
    Safe,
    /// It changes a value that MicroSIP reads today, is only likely what was meant, or takes away what nobody reads.
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

/// How a finding is mended. Line numbers are those of the document that was checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Fix {
    safety: Safety,
    title: String,
    change: Change,
}

/// What a fix does to a document.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Edits of its lines.
    Edits(Vec<Edit>),
    /// Another encoding.
    Encoding(Encoding),
    /// Another document in its place.
    Document(Document),
}

// The new text may be secret, so it is not shown.
impl fmt::Debug for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fix({}, {:?})", self.safety.name(), self.title)
    }
}

impl Fix {
    /// Makes a fix of edits; `title` says what it does, without secret values.
    pub(super) fn edits(safety: Safety, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { safety, title: title.into(), change: Change::Edits(edits) }
    }

    /// Makes the fix that writes the file as MicroSIP itself does: UTF-16LE with byte order mark.
    pub(super) fn as_microsip_writes() -> Self {
        let title = "write the file as UTF-16LE with byte order mark".to_owned();
        Self { safety: Safety::Safe, title, change: Change::Encoding(Encoding::MICROSIP) }
    }

    /// Makes the fix of a file whose bytes are torn: another document in its place.
    pub(super) fn whole(safety: Safety, title: impl Into<String>, document: Document) -> Self {
        Self { safety, title: title.into(), change: Change::Document(document) }
    }

    /// Says whether it needs somebody's agreement.
    pub fn safety(&self) -> Safety {
        self.safety
    }

    /// Makes it unsafe.
    pub(super) fn make_unsafe(&mut self) {
        self.safety = Safety::Unsafe;
    }

    /// Returns what it does to a document.
    pub(super) fn change(&self) -> &Change {
        &self.change
    }

    /// Says whether it gives the whole file other bytes, and not only the lines of its finding.
    pub fn replaces_file(&self) -> bool {
        !matches!(self.change, Change::Edits(_))
    }

    /// Returns what it does.
    pub fn title(&self) -> &str {
        &self.title
    }
}
