//! `hook list`: lists the hooks of files.

use std::path::Path;

use clap::Args;

use crate::command::each::{Many, READ_AGAIN};
use crate::command::load::each_file;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::FileFlags;
use crate::output::{HookRow, HooksReport, Output};
use msipctl_core::diff::Secrets;
use msipctl_core::event::{Event, Hooks, SETTINGS};
use winini::Document;
use winini::profile::{Entry, Profile};

const LIST_EXAMPLES: &str = "\
Examples:
  # List the hooks of a file
  msipctl hook list MicroSIP.ini
  # List them as JSON
  msipctl hook list MicroSIP.ini --format json";

/// List hooks
///
/// Lists directives, native hooks, and launchers.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    files: FileFlags,
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let rows = |path: &Path, document: &Document| rows(&path.display().to_string(), document);
        let targets = self.files.targets()?;
        let many = Many::new(&self.files, &targets);
        let mut report = HooksReport::new(many.is_several());
        let done = each_file(out, &self.files, &many, &mut report, rows);
        if report.is_empty() && !done.is_total() {
            out.note("no hooks");
        }
        done.end(out, &report);
        Ok(done.exit(out, Exit::Success, READ_AGAIN))
    }
}

/// Returns every directive, and every command that isn't a launcher. Masks secrets.
fn rows(path: &str, document: &Document) -> Vec<HookRow> {
    let hooks = Hooks::new(Profile::new(document));
    let template = |key: &str| hooks.record(key).map(|record| record.by);
    let shown = |entry: Entry<'_>| {
        Secrets::Masked.shown(SETTINGS, &entry.key(), &entry.value()).into_owned()
    };
    let mut rows = Vec::new();
    for event in Event::ALL {
        let command = hooks.command(event);
        let has_launcher = command.is_some_and(|command| command.launcher(event).is_some());
        let text = command.map(|command| shown(command.entry()));
        for placed in hooks.directives(event) {
            let key = placed.entry.key().into_owned();
            rows.push(HookRow {
                path: path.to_owned(),
                event: event.name(),
                template: template(&key),
                key,
                directive: Some(shown(placed.entry)),
                command: text.clone(),
                has_launcher,
            });
        }
        if !has_launcher && text.is_some() {
            rows.push(HookRow {
                path: path.to_owned(),
                event: event.name(),
                template: template(event.key()),
                key: event.key().to_owned(),
                directive: None,
                command: text,
                has_launcher,
            });
        }
    }
    rows
}
