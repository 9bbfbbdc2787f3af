//! `template copy`: writing an integration or a template out.

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
  msipctl template copy home-assistant C:\\HomeAssistant --with number=+4930123456
  msipctl template copy toast-script \"C:\\Program Files\\msipctl\"
  msipctl template copy python-receiver . --with \"window=Front desk\"
  msipctl template copy send-message ./our-templates";

/// Values of parameters, by name.
type Values = BTreeMap<String, String>;

/// Write an integration's files into a folder, or a hook template as a start for one of your own
///
/// Files that are there and hold something else are left alone, and then none is written.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Copy {
    /// The integration or template; `msipctl template list` names them
    #[arg(value_name = "TEMPLATE")]
    name: String,

    /// Folder to write to; it is made if it is missing
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// A parameter of the integration; `msipctl template show` names them
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    /// Replace files that hold something else; they are backed up
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
                    return Err(CliError::usage("a hook template is copied as it is")
                        .hint("its parameters are given to `msipctl hook add`"));
                }
                let text = catalogue.text(template.name()).unwrap_or_default();
                let file = (format!("{}.ini", template.name()), text.as_bytes().to_vec());
                let next =
                    "change it, give it a name of its own, then `msipctl template check PATH`";
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
    /// Adds the folder written to, for an integration that asks where its files will stand. Elsewhere than on
    /// Windows that is not known.
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
                .hint("nothing was written; `--force` replaces it, after a backup"),
        }
    }
}
