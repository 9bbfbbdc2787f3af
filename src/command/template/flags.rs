//! The folders with templates.

use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;
use msipctl_core::hook::Catalogue;

/// The folders with templates.
#[derive(Debug, Default, Args)]
pub(crate) struct TemplateFlags {
    /// Folder with custom templates (repeatable)
    ///
    /// A custom template overrides the built-in template with the same name. msipctl also reads the folders in
    /// MSIPCTL_TEMPLATES and the folder msipctl/templates of your configuration.
    #[arg(long, value_name = "DIR")]
    template_dir: Vec<PathBuf>,
}

impl TemplateFlags {
    /// Returns the built-in templates, and then the custom templates, the nearest last.
    pub(crate) fn catalogue(&self) -> Result<Catalogue, CliError> {
        Ok(msipctl_host::catalogue(&self.template_dir)?)
    }
}
