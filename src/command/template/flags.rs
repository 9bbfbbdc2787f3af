//! The folders with templates.

use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;
use crate::process;
use msipctl_core::hook::Catalogue;
use msipctl_core::store::{self, Input};

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
        let mut catalogue = Catalogue::shipped();
        let optional = process::template_folders();
        for (folder, required) in optional
            .iter()
            .rev()
            .map(|folder| (folder, false))
            .chain(self.template_dir.iter().rev().map(|folder| (folder, true)))
        {
            let files = match store::list(folder, "ini") {
                Err(error) if !required && error.kind() == store::Kind::NotFound => continue,
                files => files?,
            };
            for file in files {
                let text = store::read_text_as(&file, Input::Template)?;
                catalogue.insert(&file, text);
            }
        }
        Ok(catalogue)
    }
}
