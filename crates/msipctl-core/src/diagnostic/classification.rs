//! By what codes are classified: severity, group, and where a problem can be found.

use std::fmt;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not what was meant.
    Warning,
    /// MicroSIP does not do what the line says.
    Error,
}

impl Severity {
    /// Returns the name used in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a code is about. Rules are chosen by this name, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// How characters become bytes.
    Encoding,
    /// Lines, sections and keys.
    Structure,
    /// What MicroSIP reads of a key.
    Schema,
    /// Accounts.
    Accounts,
    /// Commands and directives.
    Hooks,
    /// Who can read, change or run what.
    Security,
    /// What belongs to one computer, in a file that is meant for many. Checked on request only.
    Hygiene,
}

impl Group {
    /// All groups, in the order of the pages.
    pub const ALL: [Self; 7] = [
        Self::Encoding,
        Self::Structure,
        Self::Schema,
        Self::Accounts,
        Self::Hooks,
        Self::Security,
        Self::Hygiene,
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoding => "encoding",
            Self::Structure => "structure",
            Self::Schema => "schema",
            Self::Accounts => "accounts",
            Self::Hooks => "hooks",
            Self::Security => "security",
            Self::Hygiene => "hygiene",
        }
    }
}

/// Where a code can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In a file: a rule of `check` finds it.
    File,
    /// In the hooks of a file: a rule of `check` finds it, and so does `hook explain`.
    Hook,
    /// In a call only, as it depends on the caller ID: `hook explain` finds it.
    Call,
    /// In a template: `template check` finds it.
    Template,
}
