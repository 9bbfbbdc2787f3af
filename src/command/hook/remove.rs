//! `hook remove`: removes hooks.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use clap::Args;

use super::event_names::{EventPattern, event_names, selected};
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
  # Remove all hooks that msipctl added
  msipctl hook remove --all MicroSIP.ini
  # Remove the hooks of one template on one event
  msipctl hook remove send-message --on incoming-call MicroSIP.ini --diff";

/// Remove hooks that msipctl added
///
/// Restores the commands that `hook add` replaced. Select hooks by template, by --on, or by both, or all hooks with --all.
#[derive(Debug, Args)]
#[command(
    after_help = REMOVE_EXAMPLES,
    override_usage = "msipctl hook remove [OPTIONS] <TEMPLATE|--on <EVENT>|--all> [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("TEMPLATE|FILE")
        .help("Templates whose hooks to remove, and files to process")
        .long_help("\
Templates whose hooks to remove, and files to process

An argument is a file if it ends in .ini, has a path separator, or exists and can't be the name of a template."))
)]
pub(crate) struct Remove {
    /// Events, patterns such as 'call-*', or all (repeatable)
    #[arg(long, value_name = "EVENT", value_delimiter = ',')]
    on: Vec<EventPattern>,

    /// Remove all hooks that msipctl added
    #[arg(long, conflicts_with = "on")]
    all: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Remove {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        // Files record the names of templates that no longer exist, so every valid name is one.
        let (templates, files) =
            self.files.split(&mut |note| out.note(note), |text| hook::check_name(text).is_ok())?;
        if templates.is_empty() && self.on.is_empty() && !self.all {
            let error =
                CliError::usage("missing hooks to remove: expected a template, `--on`, or `--all`");
            return Err(error.hint("to remove all hooks that msipctl added, pass `--all`"));
        }
        if self.all && !templates.is_empty() {
            let error = CliError::usage("`--all` can't be combined with a template");
            return Err(error.hint("remove the template or `--all`"));
        }
        let on = selected(&self.on, |_| true);
        let events = if on.is_empty() { Event::ALL.to_vec() } else { on.clone() };
        let removal = Removal { events, templates: templates.clone() };
        let mut command = "hook remove".to_owned();
        templates.iter().for_each(|template| command.push_str(&format!(" {template}")));
        if !on.is_empty() {
            command.push_str(&format!(" --on {}", event_names(&on)));
        }
        let targets = files.targets()?;
        self.check_names(&templates, &targets)?;
        let notes = Mutex::new(BTreeSet::new());
        let exit = edit_files(out, &files, &targets, &self.write, command, |_, document| {
            let removed = hook::remove(Hooks::new(Profile::new(document)), &removal);
            notes.lock().unwrap_or_else(PoisonError::into_inner).extend(removed.notes);
            Ok(removed.desired)
        })?;
        let notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        notes.iter().for_each(|note| out.note(note));
        Ok(exit)
    }

    /// Rejects a name that is neither a template nor recorded in a file, because it would remove nothing. A file that can't
    /// be read records none; the edit reports its error.
    fn check_names(&self, templates: &[String], targets: &Targets) -> Result<(), CliError> {
        let shipped = Catalogue::shipped();
        let mut unknown = templates.to_vec();
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
            None => "run `msipctl hook list` to list hooks and their templates".to_owned(),
        };
        let what = format!("unknown template `{name}`: no hook of it is in a file");
        Err(CliError::usage(what).hint(hint))
    }
}
