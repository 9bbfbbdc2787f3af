//! `unset`: keys and sections out of the file.

use clap::Args;

use super::edit::edit_files;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, WriteFlags};
use crate::cli::name::name;
use crate::cli::output::Output;
use crate::plan::Desired;

const EXAMPLES: &str = "\
Examples:
  msipctl unset Settings.userAgent -i MicroSIP.ini
  msipctl unset Calls Dialed -i MicroSIP.ini --dry-run";

/// Take keys or whole sections out; several are one write
///
/// All lines of a key go, so that no shadowed double comes to light. Comments in a section stay. The output lists each
/// removed line, duplicates with their line numbers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Unset {
    /// What to take out; a name with a dot stands in double quotes
    #[arg(value_name = "SECTION[.KEY]", required = true)]
    names: Vec<String>,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Unset {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut desired = Desired::new();
        for text in &self.names {
            let name = name(text)?;
            desired = match &name.key {
                Some(key) => desired.unset(&name.section, key, "asked for"),
                None => desired.unset_section(&name.section, "asked for"),
            };
        }
        let targets = self.files.targets()?;
        let command = format!("unset {}", self.names.join(" "));
        edit_files(out, &self.files, &targets, &self.write, command, |_, _| Ok(desired.clone()))
    }
}
