//! Values in a policy: a fixed text, a template over a row of the inventory, or the source of a secret.
//!
//! The name of the variable or file of a secret can contain values of a row. A row can come from somebody else, so it can
//! neither select a file outside of the folder that the policy names, nor a variable without the prefix that the policy names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::context;

use super::error::Error;
use super::location::Location;
use super::source::Source;
use super::written::{Scalar, SecretTable};
use crate::hook::{TextEngine, nearest};

/// A value, which may depend on the file it is for.
pub(super) enum Text {
    /// The same for all files.
    Fixed(String),
    /// Rendered for each file.
    Template {
        /// The text of the template.
        text: String,
        /// The columns that it uses by name.
        columns: Vec<String>,
        /// Whether it uses the user or the host, which come from the columns of these names if there are any.
        names_file: [bool; 2],
        /// Whether it can use any column, by a name that it computes.
        any_column: bool,
    },
    /// From outside of the policy.
    Secret(Secret),
}

/// What begins a tag of a template.
const TAGS: [&str; 3] = ["{{", "{%", "{#"];

/// Returns whether a text is a template.
pub(super) fn has_tag(text: &str) -> bool {
    TAGS.iter().any(|tag| text.contains(tag))
}

/// The names in templates other than the row.
const NAMES: [&str; 3] = ["host", "microsip", "user"];

impl Text {
    /// Reads a value. One that contains `{{`, `{%`, or `{#` is a template.
    pub(super) fn new(
        Scalar(text): Scalar,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<Self, Error> {
        if !has_tag(&text) {
            return Ok(Self::Fixed(text));
        }
        let names = match engine.names(&text, true) {
            Ok(names) => names,
            Err(error) => {
                let message = format!("invalid template: {error}");
                let hint = "to write the text `{{` itself, use `{{ '{{' }}`";
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
                        "unknown name `{name}` in a template: expected `row.COLUMN`, `host`, `microsip`, or `user`"
                    );
                    let hint =
                        format!("for the column `{name}` of the inventory, write `row.{name}`");
                    return Err(Error::new(location, message).with_hint(hint));
                }
            }
        }
        columns.sort();
        Ok(Self::Template { text, columns, names_file, any_column })
    }

    /// Returns whether the value is secret in any key: it comes from the source of a secret, or uses a secret column.
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

    /// Returns the column that is used as a secret.
    pub(super) fn secret_column(&self) -> Option<&str> {
        match self {
            Self::Secret(Secret::Row(column)) => Some(column),
            _ => None,
        }
    }

    /// Returns the first empty column that the value uses. A template with `or`, `if`, or `default` handles empty columns
    /// itself.
    pub(super) fn empty_column<'t>(&'t self, source: &Source<'_>) -> Option<&'t str> {
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

    /// Checks a value without which an account is incomplete.
    pub(super) fn check_complete(
        &self,
        name: &str,
        value: &str,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<(), Error> {
        let message = match (self, self.empty_column(source)) {
            (_, Some(column)) => format!(
                "column `{column}` is empty{}: expected a value for `{name}`",
                of_row(source)
            ),
            (Self::Fixed(_), _) => return Ok(()),
            _ if !value.is_empty() => return Ok(()),
            (Self::Secret(Secret::Env(variable)), _) => {
                let variable = Secret::variable(variable, source, location, engine)?;
                format!("environment variable `{variable}` is empty: expected a value for `{name}`")
            }
            (Self::Secret(Secret::File { folder, name: file }), _) => {
                let path = Secret::path(folder, file, source, location, engine)?;
                format!("secret file {} is empty: expected a value for `{name}`", path.display())
            }
            _ => format!("the value for `{name}` is empty{}", of_row(source)),
        };
        let hint = "fill it in, because an account without it is incomplete; to write it empty anyway, use `force = true`";
        let error = Error::new(location, message).with_hint(hint);
        Err(if matches!(self, Self::Secret(_)) { error.of_missing_secret() } else { error })
    }

    /// Checks that the row has all columns that the value uses.
    pub(super) fn check_columns(
        &self,
        source: &Source<'_>,
        location: &Location,
    ) -> Result<(), Error> {
        let mut columns = self.columns();
        columns.try_for_each(|name| match self {
            Self::Secret(_) => column_of_secret(name, source, location).map(drop),
            _ => column(name, source, location).map(drop),
        })
    }

    /// Returns the columns that the value uses by name.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        let named = match self.name().unwrap_or(self) {
            Self::Template { columns, .. } => columns.as_slice(),
            _ => &[],
        };
        named.iter().map(String::as_str).chain(self.secret_column())
    }

    /// Returns the name of the variable or file that contains the value.
    fn name(&self) -> Option<&Self> {
        match self {
            Self::Secret(secret) => secret.name(),
            _ => None,
        }
    }

    /// Returns a secret column that is used in the name of a variable or a file. Messages show these names.
    pub(super) fn secret_in_name(&self, secret_columns: &SecretColumns) -> Option<&str> {
        let name = self.name().filter(|name| name.is_secret(secret_columns))?;
        Some(name.columns().find(|column| secret_columns.contain(column)).unwrap_or("user"))
    }

    /// Returns whether the value contains values of a row and nothing that depends on the version.
    pub(super) fn depends_only_on_row(&self) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Template { text, columns, any_column, .. } => {
                (*any_column || !columns.is_empty()) && !text.contains("microsip")
            }
            Self::Secret(secret) => matches!(secret, Secret::Row(_)),
        }
    }

    /// Returns whether the value is a secret that is the same for all files.
    pub(super) fn is_same_secret(&self) -> bool {
        matches!(self.name(), Some(Self::Fixed(_)))
    }

    /// Returns the environment variable that contains the value.
    pub(super) fn variable(
        &self,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<Option<Arc<str>>, Error> {
        match self {
            Self::Secret(Secret::Env(name)) => {
                Ok(Some(Secret::variable(name, source, location, engine)?.into()))
            }
            _ => Ok(None),
        }
    }

    /// Returns the value for a file. It is one line.
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
                    Error::new(
                        location,
                        format!("can't render the template{}: {error}", of_row(source)),
                    )
                })?
            }
            Self::Secret(Secret::Env(name)) => {
                let name = Secret::variable(name, source, location, engine)?;
                (source.env)(&name).ok_or_else(|| {
                    Error::new(location, format!("environment variable `{name}` isn't set"))
                        .with_hint("set it before you run msipctl")
                        .of_missing_secret()
                })?
            }
            Self::Secret(Secret::File { folder, name }) => {
                let path = Secret::path(folder, name, source, location, engine)?;
                let error = |what: String| {
                    let message = format!("can't read the secret in {}: {what}", path.display());
                    Error::new(location, message).of_missing_secret()
                };
                let bytes = (source.read)(&path).map_err(|it| error(it.to_string()))?;
                secret_line(bytes)
                    .ok_or_else(|| error("expected one line of UTF-8 text".to_owned()))?
            }
            Self::Secret(Secret::Row(name)) => column_of_secret(name, source, location)?.to_owned(),
        };
        match value.contains(['\r', '\n', '\0']) {
            false => Ok(value),
            true => {
                let what =
                    format!("the value{} contains a line break or a NUL character", of_row(source));
                Err(Error::new(location, format!("{what}: expected one line")))
            }
        }
    }
}

/// Returns the secret in a file or a stream: its text without BOM and final line ending. `None` if it isn't UTF-8.
pub fn secret_line(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    let line = text.strip_suffix('\n').unwrap_or(text);
    Some(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The columns of an inventory with secret values: those that a policy uses as secrets, and those whose names suggest it.
#[derive(Default)]
pub(super) struct SecretColumns(BTreeSet<String>);

impl SecretColumns {
    /// Adds a column that is used as a secret.
    pub(super) fn add(&mut self, column: &str) {
        self.0.insert(column.to_owned());
    }

    /// Returns whether a column is one of them.
    pub(super) fn contain(&self, column: &str) -> bool {
        self.0.contains(column) || microsip_schema::is_secret_name(column)
    }
}

/// Returns the value of a column of the row.
pub(super) fn column<'s>(
    name: &str,
    source: &'s Source<'_>,
    location: &Location,
) -> Result<&'s str, Error> {
    source.row.get(name).ok_or_else(|| {
        let Some(file) = source.row.file() else {
            let message = format!("column `{name}` needs an inventory");
            let hint =
                format!("pass `--inventory FILE` with a CSV file that has a column `{name}`");
            return Error::new(location, message).with_hint(hint);
        };
        let message = format!("column `{name}` not found in {file}");
        let hint = match nearest(name, source.row.names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let names: Vec<_> = source.row.names().collect();
                format!("its columns: {}", names.join(", "))
            }
        };
        Error::new(location, message).with_hint(hint)
    })
}

/// Returns the value of a column that a secret needs. Without an inventory, the secret isn't available.
fn column_of_secret<'s>(
    name: &str,
    source: &'s Source<'_>,
    location: &Location,
) -> Result<&'s str, Error> {
    column(name, source, location).map_err(|error| match source.row.file() {
        None => error.of_missing_secret(),
        Some(_) => error,
    })
}

/// Returns which row it is, for people.
pub(super) fn of_row(source: &Source<'_>) -> String {
    match source.row.origin() {
        "" => String::new(),
        origin => format!(" in the row at {origin}"),
    }
}

/// The source of a secret.
pub(super) enum Secret {
    Env(Name),
    File { folder: PathBuf, name: Name },
    Row(String),
}

/// The name of a variable or a file. It isn't secret itself.
pub(super) struct Name {
    text: Box<Text>,
    /// What a rendered name must begin with.
    prefix: String,
}

impl Secret {
    /// Returns the source of a secret if the table has exactly one.
    ///
    /// # Errors
    ///
    /// Returns why a name can't be used.
    pub(super) fn new(
        table: SecretTable,
        folder: &Path,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<Option<Self>, Error> {
        Ok(match table {
            SecretTable { env: Some(name), file: None, row: None } => {
                Some(Self::Env(Name::of_variable(name, location, engine)?))
            }
            SecretTable { env: None, file: Some(path), row: None } => {
                let name = Name::of_file(path, location, engine)?;
                Some(Self::File { folder: folder.to_owned(), name })
            }
            SecretTable { env: None, file: None, row: Some(column) } => Some(Self::Row(column)),
            _ => None,
        })
    }

    /// Returns the text of the name, which can use columns.
    pub(super) fn name(&self) -> Option<&Text> {
        match self {
            Self::Env(name) | Self::File { name, .. } => Some(&name.text),
            Self::Row(_) => None,
        }
    }

    /// Returns the name of the variable, as rendered for a file.
    pub(super) fn variable(
        name: &Name,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<String, Error> {
        let variable = name.rendered(source, location, engine)?;
        let is_invalid = |character: char| character == '=' || character.is_control();
        match variable.contains(is_invalid) {
            false => Ok(variable),
            true => {
                let message =
                    format!("the name of the environment variable{} is invalid", of_row(source));
                Err(Error::new(location, message).with_hint("use letters, digits, and `_`"))
            }
        }
    }

    /// Returns the path of the file, as rendered for a file.
    pub(super) fn path(
        folder: &Path,
        name: &Name,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<PathBuf, Error> {
        let rendered = name.rendered(source, location, engine)?;
        if matches!(*name.text, Text::Fixed(_)) || name.is_below_prefix(&rendered, source) {
            return Ok(folder.join(rendered));
        }
        let message = format!(
            "the path of the secret file{} is invalid: a value of the inventory can only be a part of a file name",
            of_row(source)
        );
        let hint = "remove `/`, `\\`, `:`, `..`, and trailing dots and spaces from the value";
        Err(Error::new(location, message).with_hint(hint))
    }
}

impl Name {
    fn of_variable(name: String, location: &Location, engine: &TextEngine) -> Result<Self, Error> {
        let name = Self::new(name, location, engine)?;
        if matches!(*name.text, Text::Template { .. }) && name.prefix.is_empty() {
            let message = "the name of the environment variable begins with a template: expected a prefix, so that a row can't select any other variable";
            let hint = "for example: `env = \"SIP_PASSWORD_{{ row.extension }}\"`";
            return Err(Error::new(location, message).with_hint(hint));
        }
        Ok(name)
    }

    fn of_file(path: String, location: &Location, engine: &TextEngine) -> Result<Self, Error> {
        let name = Self::new(path, location, engine)?;
        let folder = name.prefix.rfind(['/', '\\']).map_or(0, |at| at + 1);
        Ok(Self { prefix: name.prefix[..folder].to_owned(), ..name })
    }

    fn new(name: String, location: &Location, engine: &TextEngine) -> Result<Self, Error> {
        let tags = TAGS.iter().filter_map(|tag| name.find(tag));
        let prefix = name[..tags.min().unwrap_or(name.len())].to_owned();
        let text = Box::new(Text::new(Scalar(name), location, engine)?);
        if matches!(*text, Text::Template { any_column: true, .. }) {
            let message = "the name of a secret can use columns only as `row.COLUMN`";
            return Err(Error::new(location, message));
        }
        Ok(Self { text, prefix })
    }

    /// Renders the name. An empty value would select no secret, or that of another user.
    fn rendered(
        &self,
        source: &Source<'_>,
        location: &Location,
        engine: &TextEngine,
    ) -> Result<String, Error> {
        if let Some(column) = self.text.empty_column(source) {
            let message = format!(
                "column `{column}` is empty{}: expected a value for the name of the secret",
                of_row(source)
            );
            let error = Error::new(location, message).with_hint("fill in the column");
            return Err(error.of_missing_secret());
        }
        let mut columns = self.text.columns();
        columns.try_for_each(|name| column_of_secret(name, source, location).map(drop))?;
        self.text.get(source, location, engine)
    }

    /// Returns whether a rendered path is a file below the folder that the policy names.
    fn is_below_prefix(&self, rendered: &str, source: &Source<'_>) -> bool {
        const SEPARATORS: [char; 3] = ['/', '\\', ':'];
        let mut values = self.text.columns().filter_map(|column| source.row.get(column));
        if values.any(|value| value.contains(SEPARATORS)) {
            return false;
        }
        let Some(rest) = rendered.strip_prefix(&self.prefix) else { return false };
        !rest.contains(':') && rest.split(['/', '\\']).all(is_file_name)
    }
}

/// Returns whether a text is a file name on every system, and no device of Windows.
fn is_file_name(name: &str) -> bool {
    const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let is_numbered =
        |device: &str| stem.strip_prefix(device).is_some_and(|number| number.chars().count() == 1);
    let is_device = DEVICES.contains(&stem.as_str()) || is_numbered("com") || is_numbered("lpt");
    !name.is_empty()
        && !name.ends_with(['.', ' '])
        && !name.contains(|character: char| character.is_control() || "<>\"|?*".contains(character))
        && !is_device
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_exclude_parents_devices_and_trailing_dots() {
        for name in ["204", "a.b", "pin-204.txt", "com10", "console", "..a"] {
            assert!(is_file_name(name), "{name}");
        }
        for name in [
            "", ".", "..", "a.", "a ", "CON", "nul.txt", "com1", "LPT9.log", "a\0", "a*b",
            "aux .txt",
        ] {
            assert!(!is_file_name(name), "{name}");
        }
    }
}
