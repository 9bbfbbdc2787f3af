//! `template show`: shows a template or integration.

use clap::Args;

use super::find::{find, integration};
use super::flags::TemplateFlags;
use super::source_name::source_name;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{IntegrationReport, Output, ParameterRow, TemplateReport};
use msipctl_core::hook::Parameter;

const EXAMPLES: &str = "\
Examples:
  # Show a template and its parameters
  msipctl template show send-message
  # Show an integration
  msipctl template show home-assistant
  # Print a template as JSON
  msipctl template show send-message --format json";

/// Show a template or integration and its parameters
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Show {
    /// Template or integration
    ///
    /// `msipctl template list` lists them.
    #[arg(value_name = "TEMPLATE")]
    name: String,

    #[command(flatten)]
    templates: TemplateFlags,
}

impl Show {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let catalogue = self.templates.catalogue()?;
        if let Some(found) = integration(&catalogue, &self.name)? {
            out.report(&IntegrationReport {
                name: found.name().to_owned(),
                summary: found.summary().to_owned(),
                parameters: found.parameters().iter().map(parameter_row).collect(),
                files: found.files().to_vec(),
            });
            return Ok(Exit::Success);
        }
        let template = find(&catalogue, &self.name)?;
        out.report(&TemplateReport {
            name: template.name().to_owned(),
            summary: template.summary().to_owned(),
            source: catalogue.source(&self.name).map(source_name).unwrap_or_default(),
            events: template.events().iter().map(|event| event.name()).collect(),
            parameters: template.parameters().iter().map(parameter_row).collect(),
            text: catalogue.text(&self.name).unwrap_or_default().to_owned(),
        });
        Ok(Exit::Success)
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
