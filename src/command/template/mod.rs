//! `template`: the catalogue, and templates of one's own.

mod check;
mod copy;
mod list;
mod new;
mod show;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, ParameterRow};
use crate::process;
use msipctl_core::hook::{Catalogue, Integration, Parameter, Source, Template as Parsed};
use msipctl_core::store::{self, Input};

const EXAMPLES: &str = "\
Examples:
  msipctl template list
  msipctl template show send-message
  msipctl template copy home-assistant C:\\HomeAssistant --with number=+4930123456
  msipctl template new crm-popup --action open
  msipctl template check crm-popup";

/// Hook templates and integrations: list, show, write out; start and check one of your own
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Template {
    List(list::List),
    Show(show::Show),
    Copy(copy::Copy),
    New(new::New),
    Check(check::Check),
}

impl Template {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(out),
            Self::Show(command) => command.run(out),
            Self::Copy(command) => command.run(out),
            Self::New(command) => command.run(out),
            Self::Check(command) => command.run(out),
        }
    }
}

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

/// Finds a hook template by name.
pub(crate) fn find(catalogue: &Catalogue, name: &str) -> Result<Parsed, CliError> {
    let template = catalogue.template(name).ok_or_else(|| missing(catalogue, name))?;
    template.map_err(|error| {
        CliError::usage(error.to_string())
            .hint(format!("`msipctl template check {name}` tells more"))
    })
}

/// Says that there is no hook template of this name.
fn missing(catalogue: &Catalogue, name: &str) -> CliError {
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
fn integration(catalogue: &Catalogue, name: &str) -> Result<Option<Integration>, CliError> {
    let found = Integration::find(name).filter(|_| catalogue.text(name).is_none());
    found.transpose().map_err(|error| CliError::usage(error.to_string()))
}

/// Reads `--with NAME=VALUE`.
pub(crate) fn parameters(with: &[String]) -> Result<BTreeMap<String, String>, CliError> {
    let mut values = BTreeMap::new();
    for text in with {
        let Some((name, value)) = text.split_once('=') else {
            return Err(CliError::usage("`--with` has no `=`, expected NAME=VALUE"));
        };
        if values.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(CliError::usage(format!("parameter `{name}` is given twice")));
        }
    }
    Ok(values)
}

fn source_name(source: &Source) -> String {
    match source {
        Source::Shipped => "shipped".to_owned(),
        Source::File(path) => path.display().to_string(),
    }
}

fn parameter_row(parameter: &Parameter) -> ParameterRow {
    ParameterRow {
        name: parameter.name.clone(),
        summary: parameter.summary.clone(),
        required: parameter.required,
        default: parameter.default.clone(),
        example: parameter.example.clone(),
        pattern: parameter.pattern.as_ref().map(ToString::to_string),
    }
}
