//! The classification of codes: severity, group, and scope.

use std::fmt;

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A fact that is worth knowing.
    Info,
    /// The setting probably doesn't do what you intend.
    Warning,
    /// MicroSIP doesn't do what the line says.
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

/// The topic of a code. Rules can also be selected by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Encodings: how bytes represent characters.
    Encoding,
    /// Lines, sections, and keys.
    Structure,
    /// Keys and the values that MicroSIP reads.
    Schema,
    /// Accounts.
    Accounts,
    /// Commands and directives.
    Hooks,
    /// Permissions, secrets, and code execution.
    Security,
    /// Machine-specific and personal data in a file for many PCs. Checked only on request.
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

/// Where a code can occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// In a file. A rule of `check` finds it.
    File,
    /// In the hooks of a file. A rule of `check` and `hook explain` find it.
    Hook,
    /// Only in a call, because it depends on the caller ID. `hook explain` finds it.
    Call,
    /// In a template. `template check` finds it.
    Template,
}
