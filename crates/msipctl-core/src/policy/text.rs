//! A value as a policy has it: as it is, a template over a row of the inventory, or where to get a secret.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use minijinja::context;

use super::error::Error;
use super::location::Location;
use super::source::Source;
use super::written::{Scalar, SecretTable};
use crate::hook::{TextEngine, nearest};

/// A value that may depend on the file it is for.
pub(super) enum Text {
    /// The same for all.
    Fixed(String),
    /// Rendered for each.
    Template {
        /// The text of the template.
        text: String,
        /// The columns that it names.
        columns: Vec<String>,
        /// Whether it names the user or the host, which the columns of these names tell where they are.
        names_file: [bool; 2],
        /// Whether it takes any column, by a name that it finds out.
        any_column: bool,
    },
    /// Got from somewhere else.
    Secret(Secret),
}

/// Where a secret is found.
pub(super) enum Secret {
    Env(String),
    File(PathBuf),
    Row(String),
}

/// What templates know beside the row.
const NAMES: [&str; 3] = ["host", "microsip", "user"];

impl Text {
    /// Reads a value; one with `{{`, `{%` or `{#` in it is a template.
    pub(super) fn new(
        Scalar(text): Scalar,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<Self, Error> {
        if !["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)) {
            return Ok(Self::Fixed(text));
        }
        let names = match engine.names(&text, true) {
            Ok(names) => names,
            Err(error) => {
                let message = format!("no template: {error}");
                let hint = "`{{ '{{' }}` stands for `{{` itself";
                return Err(Error::new(location, message).with_hint(hint));
            }
        };
        let names_file = ["user", "host"].map(|name| names.contains(name));
        let (mut columns, mut any_column) = (Vec::new(), false);
        for name in names {
            match name.strip_prefix("row.") {
                Some(column) => columns.push(column.to_owned()),
                None if name == "row" => any_column = true,
                None if NAMES.contains(&name.as_str()) => {}
                None => {
                    let message = format!(
                        "`{name}` is unknown in a template, expected row.COLUMN, host, microsip or user"
                    );
                    return Err(Error::new(location, message)
                        .with_hint(format!("`row.{name}` is the inventory's column `{name}`")));
                }
            }
        }
        columns.sort();
        Ok(Self::Template { text, columns, names_file, any_column })
    }

    /// Says whether the value is a secret wherever it is put: it comes from where secrets are kept, or is made of a column
    /// that holds one.
    pub(super) fn is_secret(&self, secret_columns: &SecretColumns) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Template { columns, names_file: [user, host], any_column, .. } => {
                *any_column
                    || columns.iter().any(|column| secret_columns.contain(column))
                    || (*user && secret_columns.contain("user"))
                    || (*host && secret_columns.contain("host"))
            }
            Self::Secret(_) => true,
        }
    }

    /// Returns the column that is a secret, if the value is one.
    pub(super) fn secret_column(&self) -> Option<&str> {
        match self {
            Self::Secret(Secret::Row(column)) => Some(column),
            _ => None,
        }
    }

    /// Returns the first empty column of which the value is made. A template that decides about columns itself, as with
    /// `or`, `if`, or `default`, may have one.
    fn empty_column<'t>(&'t self, source: &Source<'_>) -> Option<&'t str> {
        let is_empty = |name: &&str| source.row.get(name) == Some("");
        match self {
            Self::Fixed(_) => None,
            Self::Template { text, columns, .. } => {
                const DECIDES: [&str; 5] = ["{%", " or ", " if ", "default", "|d("];
                let decides = DECIDES.iter().any(|part| text.contains(part));
                let mut columns = columns.iter().map(String::as_str).filter(|_| !decides);
                columns.find(is_empty)
            }
            Self::Secret(_) => self.secret_column().filter(is_empty),
        }
    }

    /// Checks that a value without which an account is incomplete is there.
    pub(super) fn check_complete(
        &self,
        name: &str,
        value: &str,
        source: &Source<'_>,
        location: &Location,
    ) -> Result<(), Error> {
        let message = match (self, self.empty_column(source)) {
            (_, Some(column)) => format!(
                "column `{column}` is empty{}: expected a value for `{name}`",
                of_row(source)
            ),
            (Self::Fixed(_), _) => return Ok(()),
            _ if !value.is_empty() => return Ok(()),
            (Self::Secret(Secret::Env(variable)), _) => {
                format!(
                    "the environment variable `{variable}` is empty: expected a value for `{name}`"
                )
            }
            (Self::Secret(Secret::File(path)), _) => {
                format!("{} is empty: expected a value for `{name}`", path.display())
            }
            _ => format!("the value for `{name}` is empty{}", of_row(source)),
        };
        let hint = "an account without it is incomplete; to write it empty, use `force = true`";
        Err(Error::new(location, message).with_hint(hint))
    }

    /// Finds the value for a file. It is one line.
    pub(super) fn get(
        &self,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<String, Error> {
        let value = match self {
            Self::Fixed(text) => text.clone(),
            Self::Template { text, columns, .. } => {
                columns.iter().try_for_each(|name| column(name, source, location).map(drop))?;
                let (row, host, user) = (source.row.value(), source.host, source.user);
                let microsip = source.microsip.to_string();
                let rendered = engine.render(text, context! { row, host, microsip, user });
                rendered.map_err(|error| {
                    Error::new(location, format!("the template fails{}: {error}", of_row(source)))
                })?
            }
            Self::Secret(Secret::Env(name)) => (source.env)(name).ok_or_else(|| {
                Error::new(location, format!("the environment has no variable `{name}`"))
                    .with_hint("set it where msipctl runs")
            })?,
            Self::Secret(Secret::File(path)) => {
                let error = |what: String| {
                    Error::new(location, format!("the secret in {}: {what}", path.display()))
                };
                let bytes = (source.read)(path).map_err(|it| error(it.to_string()))?;
                secret_line(bytes)
                    .ok_or_else(|| error("no UTF-8 text, expected one line".to_owned()))?
            }
            Self::Secret(Secret::Row(name)) => column(name, source, location)?.to_owned(),
        };
        match value.contains(['\r', '\n', '\0']) {
            false => Ok(value),
            true => {
                let what = format!("the value{} has a line break or a NUL", of_row(source));
                Err(Error::new(location, format!("{what}, expected one line")))
            }
        }
    }
}

/// Returns the secret that a file or another stream of bytes holds: its text without a byte order mark, and without the
/// line ending at its end. `None` if it is no UTF-8 text.
pub fn secret_line(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    let line = text.strip_suffix('\n').unwrap_or(text);
    Some(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The columns of an inventory whose values are secrets: those that a policy uses as one, and those whose names say so.
#[derive(Default)]
pub(super) struct SecretColumns(BTreeSet<String>);

impl SecretColumns {
    /// Adds a column that is used as a secret.
    pub(super) fn add(&mut self, column: &str) {
        self.0.insert(column.to_owned());
    }

    /// Says whether a column is one of them.
    pub(super) fn contain(&self, column: &str) -> bool {
        self.0.contains(column) || microsip_schema::is_secret_name(column)
    }
}

impl Secret {
    /// Reads where a secret is found, if the table names just one place.
    pub(super) fn new(table: SecretTable, folder: &Path) -> Option<Self> {
        match table {
            SecretTable { env: Some(name), file: None, row: None } => Some(Self::Env(name)),
            SecretTable { env: None, file: Some(path), row: None } => {
                Some(Self::File(folder.join(path)))
            }
            SecretTable { env: None, file: None, row: Some(column) } => Some(Self::Row(column)),
            _ => None,
        }
    }
}

/// Returns what a column of the row holds.
fn column<'s>(name: &str, source: &'s Source<'_>, location: &Location) -> Result<&'s str, Error> {
    source.row.get(name).ok_or_else(|| {
        let message = format!("there is no column `{name}`{}", of_row(source));
        let hint = match nearest(name, source.row.names()) {
            _ if source.row.names().next().is_none() => {
                "`--inventory` names a file with columns".to_owned()
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let names: Vec<_> = source.row.names().collect();
                format!("its columns are {}", names.join(", "))
            }
        };
        Error::new(location, message).with_hint(hint)
    })
}

/// Says for people which row it is.
fn of_row(source: &Source<'_>) -> String {
    match source.row.origin() {
        "" => String::new(),
        origin => format!(" in the row at {origin}"),
    }
}
