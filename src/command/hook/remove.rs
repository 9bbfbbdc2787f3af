//! `hook remove`: taking hooks out.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use clap::{ArgGroup, Args};

use super::event_names::event_names;
use crate::command::edit::edit_files;
use crate::command::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, WriteFlags};
use crate::output::Output;
use msipctl_core::apply;
use msipctl_core::event::{Event, Hooks};
use msipctl_core::fleet::Targets;
use msipctl_core::hook::{self, Catalogue, Removal};
use winini::profile::Profile;

const REMOVE_EXAMPLES: &str = "\
Examples:
  msipctl hook remove --all -i MicroSIP.ini
  msipctl hook remove send-message --on incoming-call -i MicroSIP.ini --diff";

/// Take out what `hook add` put in, and bring back what stood there before
#[derive(Debug, Args)]
#[command(after_help = REMOVE_EXAMPLES, group = ArgGroup::new("which").required(true).multiple(true))]
pub(crate) struct Remove {
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
            command.push_str(&format!(" --on {}", event_names(&self.on)));
        }
        let targets = self.files.targets()?;
        self.check_names(&targets)?;
        let notes = Mutex::new(BTreeSet::new());
        let exit = edit_files(out, &self.files, &targets, &self.write, command, |_, document| {
            let removed = hook::remove(Hooks::new(Profile::new(document)), &removal);
            notes.lock().unwrap_or_else(PoisonError::into_inner).extend(removed.notes);
            Ok(removed.desired)
        })?;
        let notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        notes.iter().for_each(|note| out.note(note));
        Ok(exit)
    }

    /// Refuses a name that is neither a template's nor recorded in a file: nothing would be taken out, without a
    /// word. A file that cannot be read has none; that is told when it is to be edited.
    fn check_names(&self, targets: &Targets) -> Result<(), CliError> {
        let shipped = Catalogue::shipped();
        let mut unknown = self.templates.clone();
        unknown.retain(|name| shipped.text(name).is_none());
        if unknown.is_empty() {
            return Ok(());
        }
        let mut recorded = BTreeSet::new();
        for target in targets.list() {
            if let Ok(document) = apply::load(target, self.files.code_page()) {
                recorded.extend(hook::recorded(Hooks::new(Profile::new(&document))));
            }
        }
        unknown.retain(|name| !recorded.contains(name));
        if unknown.is_empty() {
            return Ok(());
        }
        let catalogue = TemplateFlags::default().catalogue()?;
        let Some(name) = unknown.iter().find(|name| catalogue.text(name).is_none()) else {
            return Ok(());
        };
        let known = recorded.iter().map(String::as_str);
        let known = known.chain(catalogue.names().map(|(name, _)| name));
        let hint = match hook::nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`msipctl hook list` names the hooks of a file and their templates".to_owned(),
        };
        let what = format!("there is no template `{name}`, and no hook is of one of that name");
        Err(CliError::usage(what).hint(hint))
    }
}
