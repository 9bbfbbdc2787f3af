//! Parameters of templates.

use std::collections::BTreeMap;

use crate::error::CliError;

/// Parses `--with NAME=VALUE`.
pub(crate) fn parameters(with: &[String]) -> Result<BTreeMap<String, String>, CliError> {
    let mut values = BTreeMap::new();
    for text in with {
        let Some((name, value)) = text.split_once('=') else {
            return Err(CliError::usage("`--with` has no `=`: expected `NAME=VALUE`"));
        };
        if values.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(CliError::usage(format!("duplicate parameter `{name}`")));
        }
    }
    Ok(values)
}
