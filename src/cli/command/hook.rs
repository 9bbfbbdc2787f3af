//! `hook`: putting hooks in, listing them, taking them out.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::edit::edit_files;
use super::load::{each_file, warn_misread};
use super::template::{TemplateFlags, find};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::flags::{FileFlags, VersionFlags, WriteFlags};
use crate::cli::output::{HookRow, HooksReport, Output};
use crate::cli::process;
use crate::diff::Secrets;
use crate::event::{Event, Hooks, SETTINGS};
use crate::hook::{self, AddOptions, Occupied, Removal};
use crate::ini::Document;
use crate::profile::{Entry, Profile};

/// Put event hooks in, list them, take them out
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Hook {
    Add(Add),
    List(List),
    Remove(Remove),
    Run(Run),
}

impl Hook {
    pub(super) fn run(self, out: &mut Output) -> Result<Exit, CliError> {
        match self {
            Self::Add(command) => command.run(out),
            Self::List(command) => command.run(out),
            Self::Remove(command) => command.run(out),
            Self::Run(command) => command.run(),
        }
    }
}

const ADD_EXAMPLES: &str = "\
Examples:
  msipctl hook add send-message --on incoming-call --with window=MyAppWindow -i MicroSIP.ini --diff
  msipctl hook add http-event --on call-start,call-end --with url=http://localhost:8080/call -i MicroSIP.ini
  msipctl template list";

/// Put a hook in from a template
///
/// Writes the directive, which says what shall happen, and the bridge, which makes MicroSIP start
/// msipctl. Done again, it changes nothing; with other parameters, it changes the directive.
#[derive(Debug, Args)]
#[command(after_help = ADD_EXAMPLES)]
pub(in crate::cli) struct Add {
    /// The template; `msipctl template list` names them
    #[arg(value_name = "TEMPLATE")]
    template: String,

    /// Events to put it on, such as incoming-call or call-end
    #[arg(long, value_name = "EVENT", required = true, value_delimiter = ',')]
    on: Vec<Event>,

    /// A parameter of the template
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,

    /// Take the place of a command that is there; `hook remove` brings it back
    #[arg(long, conflicts_with = "chain")]
    replace: bool,

    /// Run a command that is there as the first directive
    #[arg(long)]
    chain: bool,

    /// Put the directive beside one of the same template
    #[arg(long)]
    another: bool,

    /// Allow a message below 0x400, which belongs to Windows
    #[arg(long)]
    allow_system_message: bool,

    /// Full Windows path of msipctl.exe on the machine where MicroSIP runs
    #[arg(long = "msipctl", value_name = "PATH")]
    program: Option<String>,

    #[command(flatten)]
    templates: TemplateFlags,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,

    #[command(flatten)]
    write: WriteFlags,
}

impl Add {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let with = self.parameters()?;
        let template = find(&self.templates.catalogue()?, &self.template)?;
        let rendered = template.render(&self.on, &with)?;
        let add_options = AddOptions {
            program: self.program.clone(),
            default_program: process::default_program(),
            occupied: match (self.replace, self.chain) {
                (true, _) => Occupied::Replace,
                (_, true) => Occupied::Chain,
                _ => Occupied::Refuse,
            },
            another: self.another,
            allow_system_message: self.allow_system_message,
            microsip: self.version.microsip,
        };
        let command = format!("hook add {} --on {}", self.template, names(&self.on));
        let options = self.write.options(&self.files, command);
        let files = self.files.files()?;
        edit_files(out, &files, &options, self.write.diff, |document| {
            let hooks = Hooks::new(Profile::new(document));
            Ok(hook::add(hooks, &rendered, &add_options)?)
        })
    }

    fn parameters(&self) -> Result<BTreeMap<String, String>, CliError> {
        let mut with = BTreeMap::new();
        for text in &self.with {
            let Some((name, value)) = text.split_once('=') else {
                return Err(CliError::usage("`--with` has no `=`, expected NAME=VALUE"));
            };
            if with.insert(name.to_owned(), value.to_owned()).is_some() {
                return Err(CliError::usage(format!("parameter `{name}` is given twice")));
            }
        }
        Ok(with)
    }
}

const LIST_EXAMPLES: &str = "\
Examples:
  msipctl hook list -i MicroSIP.ini
  msipctl hook list -i MicroSIP.ini --format json";

/// List the hooks of a file
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    files: FileFlags,
}

impl List {
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let mut hooks = Vec::new();
        let failures = each_file(&self.files, |path, document| {
            warn_misread(out, path, document);
            hooks.extend(rows(&path.display().to_string(), document));
        })?;
        if failures.is_total() {
            return failures.finish(out, Exit::Error);
        }
        if hooks.is_empty() {
            out.note("no hooks");
        }
        out.report(&HooksReport { hooks, with_paths: failures.of_several() });
        failures.finish(out, Exit::Success)
    }
}

/// Every directive, and every command that is no bridge, secrets masked.
fn rows(path: &str, document: &Document) -> Vec<HookRow> {
    let hooks = Hooks::new(Profile::new(document));
    let template = |key: &str| hooks.record(key).map(|record| record.by);
    let shown = |entry: Entry<'_>| {
        Secrets::Masked.shown(SETTINGS, &entry.key(), &entry.value()).into_owned()
    };
    let mut rows = Vec::new();
    for event in Event::ALL {
        let command = hooks.command(event);
        let bridged = command.is_some_and(|command| command.bridge(event).is_some());
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
                bridged,
            });
        }
        if !bridged && text.is_some() {
            rows.push(HookRow {
                path: path.to_owned(),
                event: event.name(),
                template: template(event.key()),
                key: event.key().to_owned(),
                directive: None,
                command: text,
                bridged,
            });
        }
    }
    rows
}

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
    fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
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
        let exit = edit_files(out, &files, &options, self.write.diff, |document| {
            let removed = hook::remove(Hooks::new(Profile::new(document)), &removal);
            notes.extend(removed.notes);
            Ok(removed.desired)
        })?;
        notes.dedup();
        notes.iter().for_each(|note| out.note(note));
        Ok(exit)
    }
}

/// Run the directives of an event (what MicroSIP calls through the bridge)
///
/// Everything behind the event's name is the caller's text, whatever it looks like.
#[derive(Debug, Args)]
pub(in crate::cli) struct Run {
    /// MicroSIP.ini with the directives, when there is more than one
    #[arg(long, value_name = "PATH")]
    ini: Option<PathBuf>,

    /// The event, then the caller's text
    #[arg(value_name = "EVENT", required = true, num_args = 1.., trailing_var_arg = true, allow_hyphen_values = true)]
    event: Vec<OsString>,
}

impl Run {
    fn run(&self) -> Result<Exit, CliError> {
        Err(CliError::runtime("`hook run` is not built yet, so directives are not run")
            .hint("the template `native-command` starts a program without msipctl"))
    }
}

fn names(events: &[Event]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(",")
}
