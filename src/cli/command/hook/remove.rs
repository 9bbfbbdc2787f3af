//! `hook remove`: taking hooks out.

use clap::{ArgGroup, Args};

use super::names;
use crate::cli::command::edit::edit_files;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, WriteFlags};
use crate::cli::output::Output;
use crate::event::{Event, Hooks};
use crate::hook::{self, Removal};
use crate::profile::Profile;

const REMOVE_EXAMPLES: &str = "\
Examples:
  msipctl hook remove --all -i MicroSIP.ini
  msipctl hook remove send-message --on incoming-call -i MicroSIP.ini --diff";

/// Take out what `hook add` put in, and bring back what stood there before
#[derive(Debug, Args)]
#[command(after_help = REMOVE_EXAMPLES, group = ArgGroup::new("which").required(true).multiple(true))]
pub(in crate::cli) struct Remove {
    /// Only hooks of these templates
    #[arg(value_name = "TEMPLATE", group = "which")]
    templates: Vec<String>,

    /// Only hooks on these events
    #[arg(long, value_name = "EVENT", value_delimiter = ',', group = "which")]
    on: Vec<Event>,

    /// All hooks that msipctl put in
    #[arg(long, group = "which", conflicts_with_all = ["templates", "on"])]
    all: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Remove {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let events = if self.on.is_empty() { Event::ALL.to_vec() } else { self.on.clone() };
        let removal = Removal { events, templates: self.templates.clone() };
        let mut command = "hook remove".to_owned();
        self.templates.iter().for_each(|template| command.push_str(&format!(" {template}")));
        if !self.on.is_empty() {
            command.push_str(&format!(" --on {}", names(&self.on)));
        }
        let options = self.write.options(&self.files, command);
        let files = self.files.files()?;
        let mut notes = Vec::new();
        let exit = edit_files(out, &files, &options, self.write.diff, |_, document| {
            let removed = hook::remove(Hooks::new(Profile::new(document)), &removal);
            notes.extend(removed.notes);
            Ok(removed.desired)
        })?;
        notes.dedup();
        notes.iter().for_each(|note| out.note(note));
        Ok(exit)
    }
}
