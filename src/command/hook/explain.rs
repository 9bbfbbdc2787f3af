//! `hook explain`: shows what MicroSIP would run, and its findings.

use std::path::Path;

use clap::Args;

use crate::command::each::{Many, READ_AGAIN};
use crate::command::load::each_file;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags};
use crate::machine::Machine;
use crate::output::{ExplainReport, ExplainedRow, Output};
use microsip_schema::Version;
use msipctl_core::diagnostic::Code;
use msipctl_core::diff::Secrets;
use msipctl_core::event::{Call, Command, Event, EventError, Explanation, Hazard, Hooks, SETTINGS};
use msipctl_core::event::{explain, launch_hazards};
use msipctl_host::process;
use winini::profile::{Entry, Profile};
use winini::{Document, Encoding};

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  # Show what MicroSIP would run for each event
  msipctl hook explain MicroSIP.ini
  # Show an event with a hostile caller ID
  msipctl hook explain incoming-call --caller \"+49 30 & calc\" MicroSIP.ini
  # Show what MicroSIP 3.20.1 would run for a command
  msipctl hook explain call-end --line \"C:\\My Hooks\\a.bat\" --microsip 3.20.1
  # Read the command from a file
  msipctl hook explain call-end --line - < line.txt";

/// Show what MicroSIP would run for an event
///
/// Starts nothing. Shows the program, each argument as the program receives it, and findings, such as a split path, a shell that
/// interprets the caller ID, or a missing program. Exits with 0 even if there are findings. With --check, exits with 1 if there is
/// a finding.
#[derive(Debug, Args)]
#[command(
    after_help = EXPLAIN_EXAMPLES,
    override_usage = "msipctl hook explain [OPTIONS] [EVENT] [FILE]...",
    mut_arg("paths", |arg| arg
        .value_name("EVENT|FILE")
        .help("Event to explain, and files to process")
        .long_help("\
Event to explain, and files to process

By default, explains all events that have a command or a directive. An argument is a file if it exists, ends in .ini, or has \
a path separator."))
)]
pub(crate) struct Explain {
    /// Caller ID, as it arrives from the network
    #[arg(long, value_name = "TEXT", default_value = "+493012345678", allow_hyphen_values = true)]
    caller: String,

    /// Command to explain, instead of those of a file
    ///
    /// Write it as after `cmdCallEnd=`. `-` reads it from standard input, where no shell strips its quotes. The default event is
    /// incoming-call.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["ini", "inventory", "root", "all_users"], allow_hyphen_values = true)]
    line: Option<String>,

    /// Exit with 1 if there is a finding
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,
}

impl Explain {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let (names, files) =
            self.files.split(&mut |note| out.note(note), |text| text.parse::<Event>().is_ok())?;
        let event = match &names[..] {
            [] => None,
            [name] => Some(event(name)?),
            _ => return Err(CliError::usage(format!("expected one event, found {}", names.len()))),
        };
        let Some(line) = &self.line else { return self.explain_files(out, event, &files) };
        if files.are_named() {
            let error = CliError::usage("`--line` can't be combined with a file");
            return Err(error.hint("remove the file or `--line`"));
        }
        let line = match line.as_str() {
            "-" => &self.read_line()?,
            line => line,
        };
        let event = event.unwrap_or(Event::IncomingCall);
        let mut report = ExplainReport::default();
        out.row(&mut report, self.row(None, event, self.version.asked(), None, Some(line), None));
        out.end(&report);
        Ok(self.exit(&report))
    }

    /// Reads a line from standard input, without its line ending.
    fn read_line(&self) -> Result<String, CliError> {
        let failed =
            |reason: String| CliError::usage(format!("{reason} standard input: expected one line"));
        let bytes = process::standard_input()
            .map_err(|error| CliError::runtime(format!("can't read standard input: {error}")))?;
        let encoding = Encoding::detect(&bytes, self.files.code_page());
        let text = encoding.decode(&bytes[encoding.byte_order_mark().len()..]);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match line.split('\n').count() {
            _ if line.is_empty() => Err(failed("empty".to_owned())),
            1 => Ok(line.to_owned()),
            several => Err(failed(format!("{several} lines in"))),
        }
    }

    fn explain_files(
        &self,
        out: &mut Output,
        event: Option<Event>,
        files: &FileFlags,
    ) -> Result<Exit, CliError> {
        let targets = files.targets()?;
        let many = Many::new(files, &targets);
        let mut report = ExplainReport::default();
        let look = |path: &Path, document: &Document| self.rows(path, document, event);
        let done = each_file(out, files, &many, &mut report, look);
        let mut exit = self.exit(&report);
        if report.is_empty() && !done.is_total() {
            match event {
                Some(event) => {
                    out.note(&format!("{event} has no command and no directive"));
                    exit = Exit::Found;
                }
                None => out.note("no hooks"),
            }
        }
        done.end(out, &report);
        Ok(done.exit(out, exit, READ_AGAIN))
    }

    /// Explains the events of a file that have a command or a directive.
    fn rows(&self, path: &Path, document: &Document, only: Option<Event>) -> Vec<ExplainedRow> {
        let microsip = self.version.target_version(path, document).microsip;
        let hooks = Hooks::new(Profile::new(document));
        let is_selected = |event: &Event| only.is_none_or(|only| only == *event);
        let mut rows = Vec::new();
        for event in Event::ALL.into_iter().filter(is_selected) {
            let command = hooks.command(event).map(Command::entry);
            let directives: Vec<_> = hooks
                .directives(event)
                .iter()
                .map(|placed| {
                    let entry = placed.entry;
                    (entry.key().into_owned(), entry.value().into_owned())
                })
                .collect();
            if command.is_none() && directives.is_empty() {
                continue;
            }
            let line = command.map(|command| command.line() + 1);
            let written = command.map(Entry::written);
            let written = written.as_deref();
            rows.push(self.row(Some(path), event, microsip, line, written, Some(&directives)));
        }
        rows
    }

    /// Explains one event. Masks secrets first.
    fn row(
        &self,
        path: Option<&Path>,
        event: Event,
        microsip: Version,
        line: Option<usize>,
        command: Option<&str>,
        directives: Option<&[(String, String)]>,
    ) -> ExplainedRow {
        let written = command.unwrap_or_default();
        let shown = masked(event.key(), written);
        let directives = directives.map(|directives| {
            let pair = |(key, text): &(String, String)| (key.clone(), masked(key, text));
            directives.iter().map(pair).collect::<Vec<_>>()
        });
        let call = Call {
            event,
            written: &shown,
            directives: directives.as_deref(),
            caller: &self.caller,
            microsip,
        };
        let mut explained = explain(&call, &Machine::with(path));
        if shown != written {
            restore_length(&mut explained, written, &call);
        }
        ExplainedRow::new(path, line, command.is_some(), &call, &explained)
    }

    fn exit(&self, report: &ExplainReport) -> Exit {
        if self.check && report.has_findings() { Exit::Found } else { Exit::Success }
    }
}

/// Parses the name of an event.
pub(super) fn event(name: &str) -> Result<Event, CliError> {
    let error = |error: EventError| {
        CliError::usage(error.to_string()).hint(format!("to select a file, pass `-i {name}`"))
    };
    name.parse().map_err(error)
}

fn masked(key: &str, text: &str) -> String {
    Secrets::Masked.shown(SETTINGS, key, text).into_owned()
}

/// Checks the length of the text itself, because a mask has another length.
fn restore_length(explained: &mut Explanation, written: &str, call: &Call<'_>) {
    let of_length = |hazard: &Hazard| {
        matches!(hazard.code(), Code::CommandTooLong | Code::CommandTooLongWhenSaved)
    };
    explained.hazards.retain(|hazard| !of_length(hazard));
    if explained.max_wait_ms > 0 {
        let found = launch_hazards(written, call.microsip).into_iter();
        explained.hazards.extend(found.filter(of_length));
    }
}
