//! `template check`: what is wrong with a template of one's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::find::missing;
use super::flags::TemplateFlags;
use super::parameters::parameters;
use super::source_name::source_name;
use crate::command::each::Failures;
use crate::error::CliError;
use crate::exit::Exit;
use crate::output::{CheckedFile, FindingsReport, Output};
use msipctl_core::diagnostic::Severity;
use msipctl_core::hook::{self, Catalogue, Source, Template};
use msipctl_core::store::{self, Input};

const EXAMPLES: &str = "\
Examples:
  msipctl template check
  msipctl template check call-note
  msipctl template check ./our-templates/pager.ini --with address=pager.example.com:5005
  msipctl template check --format json";

/// Find what is wrong with hook templates of your own
///
/// Each is put on every event that it names, with its examples and defaults, with values of --with, and with values
/// that try to be more than values: a comma, a quote, a blank, a per cent sign. Exits with 1 when there is a finding.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Check {
    /// Names, or paths of .ini files; without one, all templates of your own
    #[arg(value_name = "TEMPLATE")]
    templates: Vec<String>,

    /// A value for a parameter
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    #[command(flatten)]
    folders: TemplateFlags,
}

/// A template to check.
struct Checked {
    name: String,
    /// Where it stands, as people are told.
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
                out.note(
                    "there are no templates of your own; `msipctl template new NAME` starts one",
                );
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

/// Lists the templates that are no shipped ones.
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
    let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ini"));
    if ending || given.contains(['/', '\\']) {
        let text = store::read_text_as(path, Input::Template)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(Checked { name, place: path.to_owned(), text });
    }
    let text = catalogue.text(given).ok_or_else(|| missing(catalogue, given))?;
    let source = catalogue.names().find(|(name, _)| *name == given).map(|(_, source)| source);
    let place = match source {
        Some(Source::File(path)) => path.clone(),
        _ => format!("{given}.ini ({})", source_name(&Source::Shipped)).into(),
    };
    Ok(Checked { name: given.to_owned(), place, text: text.to_owned() })
}

/// Refuses a value for a parameter that none of the templates has.
fn check_known(found: &[Checked], with: &BTreeMap<String, String>) -> Result<(), CliError> {
    let parsed: Result<Vec<_>, _> =
        found.iter().map(|checked| Template::parse(&checked.name, &checked.text)).collect();
    // Of one that cannot be read it is not known.
    let Ok(parsed) = parsed else { return Ok(()) };
    let known =
        |name: &str| parsed.iter().any(|it| it.parameters().iter().any(|it| it.name == name));
    match with.keys().find(|name| !known(name)) {
        Some(name) if !found.is_empty() => {
            let message = format!("no template that is checked has a parameter `{name}`");
            Err(CliError::usage(message).hint("`msipctl template show NAME` lists a template's"))
        }
        _ => Ok(()),
    }
}
