//! `template check`: checks custom templates.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::find::{is_template, location, missing};
use super::flags::TemplateFlags;
use super::parameters::parameters;
use crate::command::each::Failures;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{CheckedFile, FindingsReport, Output};
use crate::targets::is_path;
use msipctl_core::diagnostic::Severity;
use msipctl_core::hook::{self, Catalogue, Source, Template};
use msipctl_core::store::{self, Input};

const EXAMPLES: &str = "\
Examples:
  # Check all custom templates
  msipctl template check
  # Check one template
  msipctl template check call-note
  # Check a file with a value for a parameter
  msipctl template check ./our-templates/pager.ini --with address=pager.example.com:5005
  # Print the findings as JSON
  msipctl template check --format json";

/// Check custom hook templates
///
/// Tests each template on every event it supports, with defaults, examples, the values of --with, and hostile values such as
/// commas, quotes, spaces, and percent signs. Exits with 1 if there is a finding.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Names or .ini files [default: all custom templates]
    #[arg(value_name = "TEMPLATE")]
    templates: Vec<String>,

    /// Value of a parameter (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    #[command(flatten)]
    folders: TemplateFlags,
}

/// A template to check.
struct Checked {
    name: String,
    /// The location, as users see it.
    place: PathBuf,
    text: String,
}

impl Check {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let with = parameters(&self.with)?;
        let catalogue = self.folders.catalogue()?;
        let (mut found, mut errors) = (Vec::new(), Vec::new());
        if self.templates.is_empty() {
            found = own(&catalogue);
            if found.is_empty() {
                out.note("no custom templates; to create one, run `msipctl template new NAME`");
            }
        }
        for given in &self.templates {
            match find_template(&catalogue, given) {
                Ok(checked) => found.push(checked),
                Err(error) => errors.push(error),
            }
        }
        check_known(&found, &with)?;
        let mut report =
            FindingsReport::new(Vec::new(), Severity::Warning, false, found.len() != 1, true);
        for Checked { name, place, text } in &found {
            out.row(&mut report, CheckedFile::of_template(place, &hook::check(name, text, &with)));
        }
        let mut failures = Failures::among(found.len() + errors.len(), false);
        errors.iter().for_each(|error| failures.add(out, error));
        if failures.is_total() && !self.templates.is_empty() {
            return Ok(failures.exit(Exit::Error));
        }
        out.end(&report);
        Ok(failures.exit(if report.is_failure() { Exit::Found } else { Exit::Success }))
    }
}

/// Returns the custom templates.
fn own(catalogue: &Catalogue) -> Vec<Checked> {
    let own = |(name, source): (&str, &Source)| match source {
        Source::Shipped => None,
        Source::File(path) => Some(Checked {
            name: name.to_owned(),
            place: path.clone(),
            text: catalogue.text(name)?.to_owned(),
        }),
    };
    catalogue.names().filter_map(own).collect()
}

/// Finds a template by name or path.
fn find_template(catalogue: &Catalogue, given: &str) -> Result<Checked, CliError> {
    let path = Path::new(given);
    if !is_template(catalogue, given) && is_path(path) {
        let text = store::read_text_as(path, Input::Template)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Checked { name, place: path.to_owned(), text });
    }
    let text = catalogue.text(given).ok_or_else(|| missing(catalogue, given))?;
    let place = location(catalogue, given);
    Ok(Checked { name: given.to_owned(), place, text: text.to_owned() })
}

/// Rejects a value for a parameter that none of the templates has.
fn check_known(found: &[Checked], with: &BTreeMap<String, String>) -> Result<(), CliError> {
    let parsed: Result<Vec<_>, _> =
        found.iter().map(|checked| Template::parse(&checked.name, &checked.text)).collect();
    // The parameters of an invalid template are unknown.
    let Ok(parsed) = parsed else { return Ok(()) };
    let known =
        |name: &str| parsed.iter().any(|it| it.parameters().iter().any(|it| it.name == name));
    match with.keys().find(|name| !known(name)) {
        Some(name) if !found.is_empty() => {
            let message = format!("unknown parameter `{name}`: no checked template has it");
            let hint = "run `msipctl template show NAME` to list the parameters of a template";
            Err(CliError::usage(message).hint(hint))
        }
        _ => Ok(()),
    }
}
