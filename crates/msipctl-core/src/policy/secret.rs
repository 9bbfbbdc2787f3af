//! The source of a secret: an environment variable, a file, or a column of the inventory.
//!
//! The name of a variable or of a file can contain values of a row. A row can come from somebody else, so it can neither
//! select a file outside of the folder that the policy names, nor a variable without the prefix that the policy names.

use std::path::{Path, PathBuf};

use super::error::Error;
use super::location::Location;
use super::source::Source;
use super::text::{Text, of_row};
use super::written::{Scalar, SecretTable};
use crate::hook::TextEngine;

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
        let tags = ["{{", "{%", "{#"].iter().filter_map(|tag| name.find(tag));
        let prefix = name[..tags.min().unwrap_or(name.len())].to_owned();
        let text = Box::new(Text::new(Scalar(name), location, engine)?);
        if matches!(*text, Text::Template { any_column: true, .. }) {
            let message = "the name of a secret can use columns only as `row.COLUMN`";
            return Err(Error::new(location, message));
        }
        Ok(Self { text, prefix })
    }

    /// Renders the name. An empty value would select the secret of nobody, or of somebody else.
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
            return Err(Error::new(location, message).with_hint("fill in the column"));
        }
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
