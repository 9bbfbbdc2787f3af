//! Where templates are.

use std::path::PathBuf;

use clap::Args;

use crate::error::CliError;
use crate::process;
use msipctl_core::hook::Catalogue;
use msipctl_core::store::{self, Input};

/// Where templates are.
#[derive(Debug, Default, Args)]
pub(crate) struct TemplateFlags {
    /// Folder with templates of your own; they win over shipped ones
    ///
    /// Folders in MSIPCTL_TEMPLATES and the folder msipctl/templates of your configuration are
    /// looked at, too.
    #[arg(long, value_name = "DIR")]
    template_dir: Vec<PathBuf>,
}

impl TemplateFlags {
    /// Reads the catalogue: shipped templates, then the user's, the nearest last.
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
