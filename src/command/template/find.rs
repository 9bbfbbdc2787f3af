//! Templates and integrations by name.

use crate::error::CliError;
use msipctl_core::hook::{Catalogue, Integration, Template};

/// Finds a hook template by name.
pub(crate) fn find(catalogue: &Catalogue, name: &str) -> Result<Template, CliError> {
    let template = catalogue.template(name).ok_or_else(|| missing(catalogue, name))?;
    template.map_err(|error| {
        CliError::usage(error.to_string())
            .hint(format!("`msipctl template check {name}` tells more"))
    })
}

/// Says that there is no hook template of this name.
pub(super) fn missing(catalogue: &Catalogue, name: &str) -> CliError {
    if Integration::names().any(|other| other == name) {
        return CliError::usage(format!("`{name}` is an integration, expected a hook template"))
            .hint(format!("`msipctl template copy {name} DIR` writes its files"));
    }
    let hint = match catalogue.suggest(name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`msipctl template list` names them".to_owned(),
    };
    CliError::usage(format!("there is no template `{name}`")).hint(hint)
}

/// Finds an integration by name; `None` when there is none, or a template of the user's has the name.
pub(super) fn integration(
    catalogue: &Catalogue,
    name: &str,
) -> Result<Option<Integration>, CliError> {
    let found = Integration::find(name).filter(|_| catalogue.text(name).is_none());
    found.transpose().map_err(|error| CliError::usage(error.to_string()))
}
