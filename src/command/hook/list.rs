//! `hook list`: lists the hooks of files.

use std::path::Path;

use clap::Args;

use crate::command::each::{Many, READ_AGAIN};
use crate::command::load::each_file;
use crate::command::template::TemplateFlags;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::FileFlags;
use crate::output::{HookRow, HooksReport, MissingReport, MissingRow, Output};
use msipctl_core::diff::Secrets;
use msipctl_core::event::{Event, Hooks, SETTINGS};
use msipctl_core::hook::nearest;
use winini::Document;
use winini::profile::{Entry, Profile};

const LIST_EXAMPLES: &str = "\
Examples:
  # List the hooks of a file
  msipctl hook list MicroSIP.ini
  # List them as JSON
  msipctl hook list MicroSIP.ini --format json
  # List the PCs on which an event has no hook
  msipctl hook list --missing incoming-call --inventory pcs.csv
  # List the PCs that lack the hooks of a template
  msipctl hook list --missing call-log --inventory pcs.csv";

/// List hooks
///
/// Lists directives, native hooks, and launchers. With `--missing`, exits with 1 if any file lacks the hook.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    /// List files without a hook on an event or from a template
    ///
    /// Prints one path per line.
    #[arg(long, value_name = "EVENT|TEMPLATE")]
    missing: Option<String>,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,
}

impl List {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        if let Some(missing) = &self.missing {
            return self.list_missing(out, missing);
        }
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

    /// Lists the files without a hook on an event, or from a template.
    fn list_missing(&self, out: &mut Output, name: &str) -> Result<Exit, CliError> {
        let event: Option<Event> = name.parse().ok();
        let catalogue = self.templates.catalogue()?;
        if event.is_none() && catalogue.text(name).is_none() {
            let error = CliError::usage(format!("unknown event or template `{name}`"));
            let names = Event::ALL.map(Event::name).into_iter();
            let near = nearest(name, names.chain(catalogue.names().map(|(name, _)| name)));
            return Err(error.hint(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "run `msipctl template list` to list templates".to_owned(),
            }));
        }
        let row = |path: &Path, document: &Document| {
            let hooks = Hooks::new(Profile::new(document));
            let is_there = match event {
                Some(event) => runs(hooks, event),
                None => Event::ALL.into_iter().any(|event| has_template(hooks, event, name)),
            };
            let path = path.display().to_string();
            (!is_there).then(|| MissingRow { path, missing: name.to_owned() })
        };
        let targets = self.files.targets()?;
        let many = Many::new(&self.files, &targets);
        let mut report = MissingReport::default();
        let done = each_file(out, &self.files, &many, &mut report, row);
        done.end(out, &report);
        let exit = if report.is_empty() { Exit::Success } else { Exit::Found };
        Ok(done.exit(out, exit, READ_AGAIN))
    }
}

/// Returns whether MicroSIP runs anything on an event: a command of another program, or directives by their launcher.
fn runs(hooks: Hooks<'_>, event: Event) -> bool {
    hooks.command(event).is_some_and(|command| {
        command.launcher(event).is_none() || !hooks.directives(event).is_empty()
    })
}

/// Returns whether MicroSIP runs a hook of a template on an event.
fn has_template(hooks: Hooks<'_>, event: Event, template: &str) -> bool {
    let is_set = |key: &str| hooks.profile().get(SETTINGS, key).is_some();
    let mut records = hooks.records(event).into_iter();
    runs(hooks, event) && records.any(|record| record.by == template && is_set(&record.key))
}

/// Returns every directive, and every command that isn't a launcher, with secrets masked.
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
