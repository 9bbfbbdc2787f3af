//! The folders with templates.

use std::path::PathBuf;

use crate::error::HostError;
use crate::process;
use msipctl_core::hook::Catalogue;
use msipctl_core::store::{self, Input};

/// Returns the built-in templates, then those in the folders of the environment and the configuration, and last those in
/// `folders`. A later template overrides an earlier one with the same name.
///
/// # Errors
///
/// When a folder in `folders`, or a template, can't be read. The other folders needn't exist.
pub fn catalogue(folders: &[PathBuf]) -> Result<Catalogue, HostError> {
    let mut catalogue = Catalogue::shipped();
    let optional = process::template_folders();
    let optional = optional.iter().rev().map(|folder| (folder, false));
    for (folder, required) in optional.chain(folders.iter().rev().map(|folder| (folder, true))) {
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
