//! `hook explain`: what MicroSIP will start, and what is wrong with it.

use std::path::Path;

use clap::Args;

use crate::command::each::{Many, READ_AGAIN};
use crate::command::load::each_file;
use crate::error::CliError;
use crate::exit::Exit;
use crate::flags::{FileFlags, VersionFlags};
use crate::machine::Machine;
use crate::output::{ExplainReport, ExplainedRow, Output};
use crate::process;
use microsip_schema::Version;
use msipctl_core::diagnostic::Code;
use msipctl_core::diff::Secrets;
use msipctl_core::event::{Call, Command, Event, Explanation, Hazard, Hooks, SETTINGS};
use msipctl_core::event::{explain, launch_hazards};
use winini::profile::{Entry, Profile};
use winini::{Document, Encoding};

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  msipctl hook explain -i MicroSIP.ini
  msipctl hook explain incoming-call --caller \"+49 30 & calc\" -i MicroSIP.ini
  msipctl hook explain call-end --line \"C:\\My Hooks\\a.bat\" --microsip 3.20.1
  msipctl hook explain call-end --line - < line.txt";

/// Tell what MicroSIP would start on an event, and what is wrong with it
///
/// Nothing is started. Shows the program, each argument as it would see it, and dangers: a torn path, a shell
/// that acts on the caller's text, a program that is not there. Exits with 0 whatever it finds, as it answers a
/// question; with `--check`, 1 when there is a danger.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub(crate) struct Explain {
    /// The event; all that have a command or directive without it
    #[arg(value_name = "EVENT")]
    event: Option<Event>,

    /// The caller's text, as it comes from the network
    #[arg(long, value_name = "TEXT", default_value = "+493012345678", allow_hyphen_values = true)]
    caller: String,

    /// Explain this command instead of a file's, written as behind `cmdCallEnd=`; `-` reads it from standard
    /// input, where no shell takes its quotes. The event is incoming-call unless one is named
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["ini", "inventory", "root", "all_users"], allow_hyphen_values = true)]
    line: Option<String>,

    /// Exit with 1 when there is a danger
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    files: FileFlags,

    #[command(flatten)]
    version: VersionFlags,
}

impl Explain {
    pub(super) fn run(&self, out: &mut Output) -> Result<Exit, CliError> {
        let Some(line) = &self.line else { return self.explain_files(out) };
        let line = match line.as_str() {
            "-" => &self.read_line()?,
            line => line,
        };
        let event = self.event.unwrap_or(Event::IncomingCall);
        let mut report = ExplainReport::default();
        out.row(&mut report, self.row(None, event, self.version.asked(), None, Some(line), None));
        out.end(&report);
        Ok(self.exit(&report))
    }

    /// Reads a line from standard input, without its end.
    fn read_line(&self) -> Result<String, CliError> {
        let failed = |reason: String| CliError::usage(format!("standard input {reason}"));
        let bytes = process::standard_input()
            .map_err(|error| failed(format!("cannot be read: {error}, expected a line")))?;
        let encoding = Encoding::detect(&bytes, self.files.code_page());
        let text = encoding.decode(&bytes[encoding.byte_order_mark().len()..]);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        let line = line.strip_suffix('\r').unwrap_or(line);
        match line.split('\n').count() {
            _ if line.is_empty() => Err(failed("is empty, expected a line".to_owned())),
            1 => Ok(line.to_owned()),
            several => Err(failed(format!("has {several} lines, expected one"))),
        }
    }

    fn explain_files(&self, out: &mut Output) -> Result<Exit, CliError> {
        let targets = self.files.targets()?;
        let many = Many::new(&self.files, &targets);
        let mut report = ExplainReport::default();
        let look = |path: &Path, document: &Document| self.rows(path, document);
        let done = each_file(out, &self.files, &many, &mut report, look);
        let mut exit = self.exit(&report);
        if report.is_empty() && !done.is_total() {
            match self.event {
                Some(event) => {
                    out.note(&format!("no command and no directive for {event}"));
                    exit = Exit::Found;
                }
                None => out.note("no hooks"),
            }
        }
        done.end(out, &report);
        Ok(done.exit(out, exit, READ_AGAIN))
    }

    /// Explains the events of a file that have anything.
    fn rows(&self, path: &Path, document: &Document) -> Vec<ExplainedRow> {
        let microsip = self.version.target_version(path, document).microsip;
        let hooks = Hooks::new(Profile::new(document));
        let wanted = |event: &Event| self.event.is_none_or(|wanted| wanted == *event);
        let mut rows = Vec::new();
        for event in Event::ALL.into_iter().filter(wanted) {
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

    /// Explains one event, secrets masked before anything else sees them.
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

fn masked(key: &str, text: &str) -> String {
    Secrets::Masked.shown(SETTINGS, key, text).into_owned()
}

/// Judges the length by the text itself: a mask is as long as it is.
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
