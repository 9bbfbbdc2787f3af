//! The input of a policy: one file, and what is known about it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use minijinja::Value;

use crate::hook::NamedIni;
use microsip_schema::Version;

/// One file that a policy is resolved for, and the sources of its secrets.
#[derive(Clone)]
pub struct Source<'a> {
    /// Its row of the inventory.
    pub row: &'a Row,
    /// The target version.
    pub microsip: Version,
    /// The user whose file it is; empty if unknown.
    pub user: &'a str,
    /// The computer that it is for; empty if unknown.
    pub host: &'a str,
    /// Returns an environment variable, for secrets.
    pub env: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Reads a file, for secrets.
    pub read: Read<'a>,
    /// Whether a missing secret is an error. Otherwise, its key can't be verified.
    pub requires_secrets: bool,
    /// The program of a new launcher if the policy doesn't name one.
    pub program: &'a str,
    /// The file itself, if a launcher must name it.
    pub launcher_ini: Option<&'a NamedIni>,
}

/// Reads a file. The module itself doesn't access disks.
pub type Read<'a> = &'a (dyn Fn(&Path) -> io::Result<Vec<u8>> + Sync);

/// One row of the inventory: values by column, which templates use as `row.*`.
#[derive(Clone)]
pub struct Row {
    origin: String,
    columns: BTreeMap<String, String>,
    /// The same for templates.
    value: Value,
}

impl Row {
    /// Creates the row at `origin`, for example `inventory.csv:12`. The origin is empty if there is no inventory.
    pub fn new(
        origin: impl Into<String>,
        columns: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        let value = Value::from(columns.clone());
        Self { origin: origin.into(), columns, value }
    }

    /// Returns the inventory and the line.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns the inventory; `None` if the row isn't from one.
    pub fn file(&self) -> Option<&str> {
        let (file, line) = self.origin.rsplit_once(':')?;
        line.bytes().all(|byte| byte.is_ascii_digit()).then_some(file)
    }

    /// Returns the value of a column.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.columns.get(column).map(String::as_str)
    }

    /// Returns the names of the columns, in order of name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    pub(super) fn value(&self) -> &Value {
        &self.value
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        (&self.origin, &self.columns) == (&other.origin, &other.columns)
    }
}

impl Eq for Row {}

impl Default for Row {
    fn default() -> Self {
        Self::new("", [])
    }
}

// A column can contain a password.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.origin).field(&self.columns.keys()).finish()
    }
}
