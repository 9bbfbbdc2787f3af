//! What a policy is asked for: one file, and what is known about it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::Path;

use minijinja::Value;

use microsip_schema::Version;

/// One file that a policy is asked for, and where its secrets are found.
#[derive(Clone)]
pub struct Source<'a> {
    /// What the inventory knows about it.
    pub row: &'a Row,
    /// The MicroSIP version aimed at.
    pub microsip: Version,
    /// The user whose file it is; empty where it is not known.
    pub user: &'a str,
    /// The computer that it is for; empty where it is not known.
    pub host: &'a str,
    /// Returns a variable of the environment, for secrets.
    pub env: &'a (dyn Fn(&str) -> Option<String> + Sync),
    /// Reads a file, for secrets.
    pub read: Read<'a>,
    /// The program of a new launcher when the policy names none.
    pub program: &'a str,
    /// The full Windows path of the ini that a launcher names, where it has to name one.
    pub launcher_ini: Option<&'a str>,
}

/// Reads a file. The module itself touches no disk.
pub type Read<'a> = &'a (dyn Fn(&Path) -> io::Result<Vec<u8>> + Sync);

/// One row of the inventory: named columns, which templates name as `row.*`.
#[derive(Clone)]
pub struct Row {
    origin: String,
    columns: BTreeMap<String, String>,
    /// The same for templates.
    value: Value,
}

impl Row {
    /// Makes the row that stands at `origin`, for example `inventory.csv:12`; empty when there is no inventory.
    pub fn new(
        origin: impl Into<String>,
        columns: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        let value = Value::from(columns.clone());
        Self { origin: origin.into(), columns, value }
    }

    /// Returns where it stands.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Returns what a column holds.
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

// A column may hold a password.
impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Row").field(&self.origin).field(&self.columns.keys()).finish()
    }
}
