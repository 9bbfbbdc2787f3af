//! Templates and integrations by name.

use std::path::PathBuf;

use super::source_name::source_name;
use crate::error::CliError;
use msipctl_core::hook::{Catalogue, Integration, Source, Template};

/// Finds a hook template by name. Its errors are all reported at once.
pub(crate) fn find(catalogue: &Catalogue, name: &str) -> Result<Template, CliError> {
    let template = catalogue.template(name).ok_or_else(|| missing(catalogue, name))?;
    template.map_err(|error| CliError::of_template(&location(catalogue, name), &error))
}

/// Returns the location of a template, as users see it: a file, or the name of a built-in one.
pub(super) fn location(catalogue: &Catalogue, name: &str) -> PathBuf {
    match catalogue.source(name) {
        Some(Source::File(path)) => path.clone(),
        _ => format!("{name}.ini ({})", source_name(&Source::Shipped)).into(),
    }
}

/// Returns whether a name is that of a template or an integration.
pub(crate) fn is_template(catalogue: &Catalogue, name: &str) -> bool {
    catalogue.text(name).is_some() || Integration::names().any(|known| known == name)
}

/// Returns the error for an unknown hook template.
pub(super) fn missing(catalogue: &Catalogue, name: &str) -> CliError {
    if Integration::names().any(|other| other == name) {
        return CliError::usage(format!("`{name}` is an integration: expected a hook template"))
            .hint(format!("run `msipctl template copy {name} DIR` to copy its files"));
    }
    let hint = match catalogue.suggest(name) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "run `msipctl template list` to list the templates".to_owned(),
    };
    CliError::usage(format!("unknown template `{name}`")).hint(hint)
}

/// Finds an integration by name; `None` if there is none, or if a custom template has the name.
pub(super) fn integration(
    catalogue: &Catalogue,
    name: &str,
) -> Result<Option<Integration>, CliError> {
    let found = Integration::find(name).filter(|_| catalogue.text(name).is_none());
    found.transpose().map_err(|error| CliError::usage(error.to_string()))
}
