//! `template`: the catalogue.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::{Output, ParameterRow, TemplateReport, TemplateRow, TemplatesReport};
use crate::cli::process;
use crate::hook::{Catalogue, Source, Template as Parsed};
use crate::store;

/// List and show hook templates
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Template {
    List(List),
    Show(Show),
}

impl Template {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::List(command) => command.run(out),
            Self::Show(command) => command.run(out),
        }
    }
}

/// Where templates are.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct TemplateFlags {
    /// Folder with templates of your own; they win over shipped ones
    ///
    /// Folders in MSIPCTL_TEMPLATES and the folder msipctl/templates of your configuration are
    /// looked at, too.
    #[arg(long, value_name = "DIR")]
    template_dir: Vec<PathBuf>,
}

impl TemplateFlags {
    /// Reads the catalogue: shipped templates, then the user's, the nearest last.
    pub(in crate::cli) fn catalogue(&self) -> Result<Catalogue, CliError> {
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
                let text = store::read_text(&file)?;
                catalogue.insert(&file, text);
            }
        }
        Ok(catalogue)
    }
}

/// Finds a template by name.
pub(in crate::cli) fn find(catalogue: &Catalogue, name: &str) -> Result<Parsed, CliError> {
    match catalogue.template(name) {
        Some(template) => template.map_err(|error| CliError::usage(error.to_string())),
        None => {
            let hint = match catalogue.suggest(name) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`msipctl template list` names them".to_owned(),
            };
            Err(CliError::usage(format!("there is no template `{name}`")).hint(hint))
        }
    }
}

fn source_name(source: &Source) -> String {
    match source {
        Source::Shipped => "shipped".to_owned(),
        Source::File(path) => path.display().to_string(),
    }
}

const LIST_EXAMPLES: &str = "\
Examples:
  msipctl template list
  msipctl template list --template-dir ./our-templates";

/// List the templates
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    templates: TemplateFlags,
}

impl List {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let catalogue = self.templates.catalogue()?;
        let row = |(name, source): (&str, &Source)| {
            let template = catalogue.template(name).transpose();
            let error = template.as_ref().err().map(ToString::to_string);
            let summary = template.ok().flatten().map(|template| template.summary().to_owned());
            TemplateRow { name: name.to_owned(), summary, source: source_name(source), error }
        };
        let templates = catalogue.names().map(row).collect();
        out.report(&TemplatesReport { templates });
        Ok(Exit::Success)
    }
}

const SHOW_EXAMPLES: &str = "\
Examples:
  msipctl template show send-message
  msipctl template show send-message --format json";

/// Show a template and its parameters
#[derive(Debug, Args)]
#[command(after_help = SHOW_EXAMPLES)]
pub(in crate::cli) struct Show {
    /// The template
    #[arg(value_name = "TEMPLATE")]
    name: String,

    #[command(flatten)]
    templates: TemplateFlags,
}

impl Show {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let catalogue = self.templates.catalogue()?;
        let template = find(&catalogue, &self.name)?;
        let source = catalogue.names().find(|(name, _)| *name == self.name);
        let parameter = |parameter: &crate::hook::Parameter| ParameterRow {
            name: parameter.name.clone(),
            summary: parameter.summary.clone(),
            required: parameter.required,
            default: parameter.default.clone(),
            pattern: parameter.pattern.as_ref().map(ToString::to_string),
        };
        out.report(&TemplateReport {
            name: template.name().to_owned(),
            summary: template.summary().to_owned(),
            source: source.map(|(_, source)| source_name(source)).unwrap_or_default(),
            events: template.events().iter().map(|event| event.name()).collect(),
            parameters: template.parameters().iter().map(parameter).collect(),
            text: catalogue.text(&self.name).unwrap_or_default().to_owned(),
        });
        Ok(Exit::Success)
    }
}
