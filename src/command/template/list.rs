//! `template list`: lists templates and integrations.

use clap::Args;

use super::flags::TemplateFlags;
use super::source_name::source_name;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{Output, TemplateRow, TemplatesReport};
use msipctl_core::hook::{Integration, Source};

const EXAMPLES: &str = "\
Examples:
  # List all templates
  msipctl template list
  # Include the templates of a folder
  msipctl template list --template-dir ./our-templates";

/// List hook templates and integrations
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    templates: TemplateFlags,
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let catalogue = self.templates.catalogue()?;
        let hook = |(name, source): (&str, &Source)| {
            let template = catalogue.template(name).transpose();
            let error = template.as_ref().err().map(ToString::to_string);
            let summary = template.ok().flatten().map(|template| template.summary().to_owned());
            let (name, source) = (name.to_owned(), source_name(source));
            TemplateRow { kind: "hook", name, summary, source, error }
        };
        let integration = |name: &str| {
            let found = Integration::find(name).transpose();
            let error = found.as_ref().err().map(ToString::to_string);
            let summary = found.ok().flatten().map(|found| found.summary().to_owned());
            let (name, source) = (name.to_owned(), source_name(&Source::Shipped));
            TemplateRow { kind: "integration", name, summary, source, error }
        };
        let hooks = catalogue.names().map(hook);
        let templates = hooks.chain(Integration::names().map(integration)).collect();
        out.report(&TemplatesReport { templates });
        Ok(Exit::Success)
    }
}
