//! What is known of a code: its severity, its group, and where it can be found.

use std::fmt;
use std::str::FromStr;

use super::{CATALOG, Code};

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

/// What the catalog says of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The code.
    pub code: Code,
    /// Its name in kebab case, after the problem that it stands for.
    pub name: &'static str,
    /// The problem, in a line.
    pub summary: &'static str,
    /// Where it can be found.
    pub scope: Scope,
    /// How bad the problem is, as a rule.
    pub severity: Severity,
    /// What the problem is about.
    pub group: Group,
    /// The msipctl version that brought it.
    pub since: &'static str,
}

impl Code {
    /// Returns what the catalog says of it.
    pub const fn descriptor(self) -> &'static Descriptor {
        &CATALOG[self as usize]
    }

    /// Returns its name in kebab case.
    pub const fn name(self) -> &'static str {
        self.descriptor().name
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no code has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown code `{0}`")]
pub struct UnknownCode(String);

/// Reads a name, in any case.
impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        let found = CATALOG.iter().find(|row| row.name.eq_ignore_ascii_case(name));
        found.map(|row| row.code).ok_or_else(|| UnknownCode(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalog_is_in_order_and_well_formed() {
        assert!(CATALOG.is_sorted_by(|one, other| one.name < other.name));
        for (index, row) in CATALOG.iter().enumerate() {
            assert_eq!(row.code as usize, index, "{}", row.name);
            let is_name =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            assert!(row.name.bytes().all(is_name), "{}", row.name);
            let is_of_template = row.name.starts_with("template-");
            assert_eq!(is_of_template, row.scope == Scope::Template, "{}", row.name);
            assert!(!row.summary.is_empty() && !row.summary.ends_with('.'), "{}", row.name);
        }
    }

    #[test]
    fn names_of_codes_are_read_back() {
        for row in &CATALOG {
            assert_eq!(row.name.parse(), Ok(row.code));
            assert_eq!(row.name.to_ascii_uppercase().parse(), Ok(row.code));
            // The variant is the name in camel case.
            let plain = row.name.replace('-', "");
            assert_eq!(format!("{:?}", row.code).to_ascii_lowercase(), plain);
            assert_eq!(row.code.to_string(), row.name);
        }
        let error = "torn".parse::<Code>().unwrap_err();
        assert_eq!(error.to_string(), "unknown code `torn`");
    }
}
