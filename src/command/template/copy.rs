//! `template copy`: copies an integration or a template to a folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::find::{find, integration};
use super::flags::TemplateFlags;
use super::parameters::parameters;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{FilesReport, Output};
use msipctl_core::apply::{self, FilesError};
use msipctl_core::hook::Integration;

const EXAMPLES: &str = "\
Examples:
  # Copy the files of an integration
  msipctl template copy home-assistant C:\\HomeAssistant --with number=+4930123456
  # Copy a script into the folder of msipctl
  msipctl template copy toast-script \"C:\\Program Files\\msipctl\"
  # Copy a receiver for window messages, for your window title
  msipctl template copy python-receiver . --with \"window=Front desk\"
  # Copy a built-in template, to customize it
  msipctl template copy send-message ./our-templates";

/// Values of parameters, by name.
type Values = BTreeMap<String, String>;

/// Copy a template or integration to a folder
///
/// Copies the files of an integration, or a hook template that you can customize. If a file with other content exists, writes
/// nothing.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Copy {
    /// Integration or template
    ///
    /// `msipctl template list` lists them.
    #[arg(value_name = "TEMPLATE")]
    name: String,

    /// Folder to write to, created if it is missing
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Parameter of the integration (repeatable)
    ///
    /// `msipctl template show` lists them.
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    /// Replace existing files, after a backup
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    templates: TemplateFlags,
}

impl Copy {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let with = parameters(&self.with)?;
        let catalogue = self.templates.catalogue()?;
        let (files, next) = match integration(&catalogue, &self.name)? {
            Some(found) => {
                let rendered = found.render(&self.settled(with, &found))?;
                let files = rendered.files.into_iter();
                (files.map(|file| (file.name, file.text.into_bytes())).collect(), rendered.next)
            }
            None => {
                let template = find(&catalogue, &self.name)?;
                if !with.is_empty() {
                    return Err(CliError::usage("`--with` doesn't apply to a hook template")
                        .hint("pass its parameters to `msipctl hook add`"));
                }
                let text = catalogue.text(template.name()).unwrap_or_default();
                let file = (format!("{}.ini", template.name()), text.as_bytes().to_vec());
                let next = "rename and edit it, then run `msipctl template check PATH`";
                (vec![file], next.to_owned())
            }
        };
        let command = format!("template copy {}", self.name);
        let written = apply::write_files(&self.dir, &files, self.force, &command)?;
        out.report(&FilesReport::new(written, next.clone()));
        out.note(&format!("next: {next}"));
        Ok(Exit::Success)
    }
}

impl Copy {
    /// Adds the target folder as the parameter `folder`, if the integration has one. Only Windows knows its Windows path.
    fn settled(&self, mut with: Values, integration: &Integration) -> Values {
        let mut parameters = integration.parameters().iter();
        let asked = parameters.find(|it| it.name == "folder" && !with.contains_key("folder"));
        let folder = std::path::absolute(&self.dir).ok().filter(|_| cfg!(windows));
        let folder = folder.and_then(|folder| folder.to_str().map(str::to_owned));
        if let (Some(asked), Some(folder)) = (asked, folder)
            && asked.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&folder))
        {
            with.insert("folder".to_owned(), folder);
        }
        with
    }
}

impl From<FilesError> for CliError {
    fn from(error: FilesError) -> Self {
        match error {
            FilesError::Store(error) => error.into(),
            FilesError::Occupied(ref path) => Self::usage(error.to_string())
                .at(path)
                .hint("nothing was written; to replace it after a backup, pass `--force`"),
        }
    }
}
