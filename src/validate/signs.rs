//! What a quick look at a file can see of it, so that a rule runs only where it may find something.

/// Signs that stand in a file, or those without which a rule finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs(u32);

impl Signs {
    pub(super) const NONE: Self = Self(0);
    /// In every file, as a rule that asks for it looks at something else.
    pub(super) const ANY: Self = Self(1);
    /// Another encoding than MicroSIP's own.
    pub(super) const ENCODING: Self = Self(1 << 1);
    /// Letters beyond ASCII, zeros, tabs and other control letters, or half a letter.
    pub(super) const LETTERS: Self = Self(1 << 2);
    /// A quote, single or double.
    pub(super) const QUOTE: Self = Self(1 << 3);
    /// A question mark.
    pub(super) const QUESTION: Self = Self(1 << 4);
    /// A closing bracket elsewhere than at the end of a header's name.
    pub(super) const BRACKET: Self = Self(1 << 5);
    /// A comment.
    pub(super) const COMMENT: Self = Self(1 << 6);
    /// A line that is neither blank, comment, header nor entry.
    pub(super) const TEXT: Self = Self(1 << 7);
    /// An entry or a text above the first header.
    pub(super) const ABOVE: Self = Self(1 << 8);
    /// A header without closing bracket.
    pub(super) const OPEN_HEADER: Self = Self(1 << 9);
    /// More than blanks behind a header's name.
    pub(super) const BEHIND_HEADER: Self = Self(1 << 10);
    /// A section that MicroSIP does not read.
    pub(super) const FOREIGN: Self = Self(1 << 11);
    /// A section or key that may stand twice.
    pub(super) const TWICE: Self = Self(1 << 12);
    /// A numbered list that does not count 0, 1, 2 and so on.
    pub(super) const GAP: Self = Self(1 << 13);
    /// A blank in front of a value or at the end of an entry.
    pub(super) const BLANK: Self = Self(1 << 14);
    /// A key that is empty, or has other letters than those of names.
    pub(super) const ODD_KEY: Self = Self(1 << 15);
    /// A key that is none of its section, in a section that MicroSIP reads.
    pub(super) const UNKNOWN_KEY: Self = Self(1 << 16);
    /// A key that the version aimed at does not read.
    pub(super) const UNAVAILABLE: Self = Self(1 << 17);
    /// A switch that is neither 0 nor 1.
    pub(super) const SWITCH: Self = Self(1 << 18);
    /// A list of codecs of another form than MicroSIP's own.
    pub(super) const CODECS: Self = Self(1 << 19);
    /// A value that is longer than the least that a version reads.
    pub(super) const LONG: Self = Self(1 << 20);
    /// A command.
    pub(super) const HOOK: Self = Self(1 << 21);
    /// A path, command or address with what may be an escape.
    pub(super) const ESCAPE: Self = Self(1 << 22);
    /// A setting that counts together with another one, and is set.
    pub(super) const LINKED: Self = Self(1 << 23);
    /// A host, address or user with more than a name.
    pub(super) const ADDRESS: Self = Self(1 << 24);
    /// A password that does not look as MicroSIP encrypts it.
    pub(super) const PASSWORD: Self = Self(1 << 25);
    /// Accounts other than 1, 2, 3 and so on, whole, of different users, one of which is in use.
    pub(super) const ACCOUNTS: Self = Self(1 << 26);
    /// A number that is none, or that its key cannot have.
    pub(super) const NUMBER: Self = Self(1 << 27);
    /// A word that the version aimed at does not know.
    pub(super) const WORD: Self = Self(1 << 28);
    /// A list of ports with something else in it.
    pub(super) const PORTS: Self = Self(1 << 29);
    /// A value that may hold a placeholder which nothing filled in.
    pub(super) const PLACEHOLDER: Self = Self(1 << 30);
    /// All of them.
    pub(super) const ALL: Self = Self(u32::MAX);

    /// Returns these and others.
    #[must_use]
    pub(super) const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Adds others.
    pub(super) fn add(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Adds others if something is so.
    pub(super) fn add_if(&mut self, is_so: bool, others: Self) {
        self.0 |= if is_so { others.0 } else { 0 };
    }

    /// Says whether they have one of others.
    pub(super) const fn has(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}
